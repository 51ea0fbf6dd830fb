# The engine: which notebook runs when, and when the report is rendered. Called by the Makefile:
#     make report [PROFILE=quick] [ONLY=csc411/04_gradient_descent]
# On a cluster the same file runs with one of Snakemake's executor plugins (README, "On a cluster").
from pathlib import Path

from snakemake.exceptions import WorkflowError

from lib.report import dependencies, parameters, paths, progress

PROFILE = str(config.get("profile", "quick") or "")  # 2024 comes as a number, nothing as None
ONLY = str(config.get("only") or "")

try:
    TOC = paths.table_of_contents()
    paths.check_profile(PROFILE, TOC)
    SELECTED = paths.parts(TOC, ONLY)
    for part in [*SELECTED, "overview"]:  # every parameter of every part, before the first of them runs
        parameters.of_profile(part, PROFILE)
except ValueError as error:
    raise WorkflowError(str(error))

REPORT = f"reports/{PROFILE}"


def made(part):
    """What stands for a part, or for the "report", being made.

    Declared to Snakemake in place of the files themselves, as it removes what a job declares before the job begins;
    so an earlier page stays when its part fails.
    """
    return f"{REPORT}/.made/{part}"


def files_of(part):
    if part == "report":
        return [f"{REPORT}/index.html", f"{REPORT}/report.pdf"]
    return [f"{REPORT}/notebooks/{part}.ipynb", f"{REPORT}/results/{part}.json"]


for part in [*paths.parts(TOC), "overview", "report"]:  # a lost file is made again
    if not all(Path(file).exists() for file in files_of(part)):
        Path(made(part)).unlink(missing_ok=True)

# What verdicts are made of; no notebook runs again for it.
JUDGED = [path for part in paths.parts(TOC) if (path := paths.published(part)).exists()]
JUDGED += [*sorted((paths.ROOT / "lib/claims").glob("*.py")), paths.ROOT / "lib/report/overview.py"]
for folder in {paths.published_report("full"), *([paths.report_dir("full")] if PROFILE != "full" else [])}:
    JUDGED += sorted((folder / "results").rglob("*/*.json"))

RENDERING = sorted(
    str(file) for file in Path("lib/report/render").rglob("*") if file.is_file() and "__pycache__" not in file.parts
)

# With ONLY, pages made earlier stay in the report, as they are.
SHOWN = [part for part in paths.parts(TOC) if part in SELECTED or Path(made(part)).exists()]


def needs(wildcards):
    """Files a notebook depends on: itself, its parameters, the modules it imports. Claims are judged at rendering."""
    part = wildcards.part
    files = [paths.notebook(part), paths.profile_parameters(PROFILE, part)]
    files = [f for f in files if f.exists()] + dependencies.of_notebook(paths.notebook(part))
    return [str(f.relative_to(paths.ROOT)) for f in files] + [made(p) for p in SHOWN if part == "overview"]


onstart:
    # A few dozen jobs need no limit of submissions. Under Snakemake's own, 100 a second, each job that ends has it look
    # at every input of every waiting job once more a second, until the end.
    workflow.scheduler.job_rate_limiter = None
    todo = {job.wildcards.part for job in workflow.dag.needrun_jobs() if job.rule.name == "execute"}
    if todo:
        print(progress.plan([part for part in SELECTED if part in todo], PROFILE, workflow.nodes or workflow.cores))


localrules:
    all,
    render,


rule all:
    input:
        [made(part) for part in [*SHOWN, "overview", "report"]],


rule execute:
    input:
        needs,
    output:
        made("{part}"),
    wildcard_constraints:
        part="|".join(["overview", *SELECTED]),
    message:
        "notebook {wildcards.part}"
    threads: 1
    resources:
        mem_mb=6000,
        runtime=240,  # minutes
    shell:
        f"python -m lib.report.job {{wildcards.part}} --profile {PROFILE} && date > {{output}}"


rule render:
    input:
        [made(part) for part in [*SHOWN, "overview"]],
        "params/report.yml",
        [str(f.relative_to(paths.ROOT)) for f in JUDGED],
        RENDERING,
    output:
        made("report"),
    message:
        f"HTML and PDF of {len(SHOWN)} parts"
    shell:
        f"python -m lib.report.render {REPORT} && date > {{output}}"
