# The engine: which notebook runs when, and when the report is rendered. Called by the Makefile:
#     make report [PROFILE=quick] [ONLY=csc411/04_gradient_descent]
# On a cluster the same file runs with one of Snakemake's executor plugins (README, "On a cluster").
from snakemake.exceptions import WorkflowError

from lib.report import dependencies, parameters, paths

PROFILE = config.get("profile", "quick")
TOC = paths.table_of_contents()

try:
    SELECTED = paths.parts(TOC, config.get("only", ""))
    for part in SELECTED:  # every parameter of every part, before the first of them runs
        parameters.of_profile(part, PROFILE)
except ValueError as error:
    raise WorkflowError(str(error))

# With ONLY, pages made earlier stay in the report.
SHOWN = [
    part for part in paths.parts(TOC) if part in SELECTED or (paths.report_dir(PROFILE) / "notebooks" / f"{part}.ipynb").exists()
]


def needs(wildcards):
    """Files a notebook depends on: itself, its parameters, the claims it is compared with, the modules it imports."""
    part = wildcards.part
    files = [paths.notebook(part), paths.profile_parameters(PROFILE, part)]
    if part == "overview":
        files += [paths.report_dir(PROFILE) / "results" / f"{p}.json" for p in SHOWN]
        files += [paths.published(a["id"]) for a in TOC["assignments"]] + [paths.ROOT / "params/report.yml"]
        files += sorted((paths.report_dir("full") / "results").rglob("*/*.json")) if PROFILE != "full" else []
        files = [f for f in files if "results" in f.parts or f.exists()]
    else:
        files += [paths.published(part.split("/")[0])]
        files = [f for f in files if f.exists()]
    return [str(f.relative_to(paths.ROOT)) for f in [*files, *dependencies.of_notebook(paths.notebook(part))]]


localrules:
    all,
    render,


rule all:
    input:
        expand(f"reports/{PROFILE}/results/{{part}}.json", part=[*SHOWN, "overview"]),
        f"reports/{PROFILE}/index.html",
        f"reports/{PROFILE}/report.pdf",


rule execute:
    input:
        needs,
    output:
        notebook=f"reports/{PROFILE}/notebooks/{{part}}.ipynb",
        results=f"reports/{PROFILE}/results/{{part}}.json",
    message:
        "notebook {wildcards.part}"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=240,
    shell:
        f"python -m lib.report.execute {{wildcards.part}} --profile {PROFILE}"


rule render:
    input:
        expand(f"reports/{PROFILE}/notebooks/{{part}}.ipynb", part=[*SHOWN, "overview"]),
        "params/report.yml",
        [str(f.relative_to(paths.ROOT)) for f in sorted((paths.ROOT / "lib/report/render").rglob("*")) if f.is_file() and "__pycache__" not in f.parts],
    output:
        f"reports/{PROFILE}/index.html",
        f"reports/{PROFILE}/report.pdf",
    message:
        f"HTML and PDF of {len(SHOWN)} parts"
    shell:
        f"python -m lib.report.render reports/{PROFILE} --toc params/report.yml"
