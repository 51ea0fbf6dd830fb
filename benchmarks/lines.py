"""Lines of `lib`, room by room: before its rooms were divided anew, aimed at, and now.

python benchmarks/lines.py prints the table of benchmarks/README.md.
"""

from lib.report.paths import ROOT

TEMPLATES, BESIDE, ALL = "report/render/templates", "*.py", "all, without templates"
# Room: lines before (None where it was not there), what was aimed at, and why it is as it is.
ROOMS = {
    "data": (4302, "1,600",
             "over: drawings went to `embedded`, what one course alone needs to `assignments`; checks "
             "of people's own folders came in"),
    "embedded": (None, "–",
                 "drawn faces, pets and paintings from `data`; AlexNet's weights, and their training, from "
                 "`models`"),
    "models": (2238, "900",
               "over: that training went; more kinds of weight files and a linear readout came in"),
    "training": (969, "650",
                 "missed: formatting added 225; tiled weights and going on after an interrupt came in"),
    "backprop": (869, "stays",
                 "formatting added 84; a step for every digit, descents side by side and going on after an "
                 "interrupt came in"),
    "gradcheck": (533, "stays", "formatting added 87, forward mode 51"),
    "report": (2209, "under 2,000",
               "missed: 1,100 are modules for what was not there: compare, publish, status, progress, "
               "bundles, forked kernels, YAML that cannot harm, numbers as CSV, bibliography, search"),
    TEMPLATES: (641, "600",
                "missed: search, filter, links to all that is shown, print, screen readers, long sheets"),
    "claims": (None, "–", "rules and intervals for every kind of claim; was one module of `report` (185)"),
    "assignments": (None, "–", "the authors' own programs, beside what came from `data`"),
    "attribution": (578, "–", "formatting added 68"),
    "plots": (536, "–", "formatting added 86; names in any script, figures whatever a reader has set"),
    BESIDE: (103, "–", "what several rooms share: cache, checkpoints, histories, digests, random streams"),
    ALL: (12337, "–", "formatting, an argument a line, added 1,000"),
}  # fmt: skip


def counted() -> dict[str, int]:
    """Lines in the Python files of each room; of templates, in whatever lies there."""
    lib = ROOT / "lib"
    patterns = {room: f"{room}/**/*.py" for room in ROOMS} | {TEMPLATES: f"{TEMPLATES}/*", ALL: "**/*.py"}
    patterns[BESIDE] = BESIDE
    return {
        room: sum(len(file.read_text(encoding="utf-8").splitlines()) for file in lib.glob(pattern))
        for room, pattern in patterns.items()
    }


def table(now: dict[str, int]) -> str:
    """In Markdown, a line for each room."""
    lines = ["| room of `lib` | before | aim | now | why |", "|---|---:|---:|---:|---|"]
    for room, (before, aim, why) in ROOMS.items():
        name = f"**{room}**" if room == ALL else f"`{room}`"
        lines.append(f"| {name} | {f'{before:,}' if before else '–'} | {aim} | {now[room]:,} | {why} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(counted()))
