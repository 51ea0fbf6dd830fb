# Two commands do everything, set-up included: `make report` and `make test`. `make help` lists the rest.
PROFILE ?= quick
ONLY    ?=
PYTHON  ?= python3
BIN     := .venv/bin
CODE    := lib tests notebooks benchmarks conftest.py

export PATH := $(CURDIR)/$(BIN):$(PATH)
# Snakemake, Jupyter and matplotlib keep files in the home folder; where none can be written, .home serves.
export HOME := $(shell f=$$(mktemp "$$HOME/.XXXXXX" 2>/dev/null) && rm "$$f" && echo "$$HOME" || { mkdir -p .home; echo "$(CURDIR)/.home"; })
# What a terminal's own encoding has no sign for is printed as an escape, and stops nothing.
export PYTHONIOENCODING ?= :backslashreplace
# Handed on as text: recipes quote them, so that a name with a space is refused by name.
export PROFILE ONLY

.PHONY: help report status compare publish check test lab lock clean
.DEFAULT_GOAL := help

help:
	@echo "make report              run every notebook (quick profile), write reports/quick/index.html and report.pdf"
	@echo "     PROFILE=full        with params/full: real data at the documents' own sizes, hours"
	@echo "     PROFILE=mine        with your own params/mine (README, \"A profile of your own\")"
	@echo "     ONLY=csc411         one assignment, or one part: ONLY=csc411/04_gradient_descent"
	@echo "     DATA_DIR=path       where real data lies (default: data/)"
	@echo "make status PROFILE=full which results are of the code that is here now, and what changed since the others"
	@echo "make compare             results of two runs side by side: A=reports/quick/results B=reports/published/quick/results"
	@echo "make publish             put what a run made (PROFILE=…) into reports/published, which git holds"
	@echo "make check               format, lint and types of the code, in seconds"
	@echo "make test                that, every test, and every notebook from top to bottom"
	@echo "make lab                 JupyterLab, on a page that says where to start"
	@echo "make lock                renew requirements.lock from pyproject.toml"
	@echo "make clean               remove the environment and reports/quick, which minutes make again"

report: .venv/ready
	@echo "Report, profile $$PROFILE: what is out of date is run again, for the reason given. Environment: .venv"
	@python -m lib.report.run "$$PROFILE" "$$ONLY"
	@echo "Read it: reports/$$PROFILE/index.html   reports/$$PROFILE/report.pdf"

status: .venv/ready
	@python -m lib.report.status "$$PROFILE"

# Of A and B given on the command line, else the profile's own run and the one that git holds.
compare: export A ?= reports/$(PROFILE)/results
compare: export B ?= reports/published/$(PROFILE)/results
compare: .venv/ready
	@python -m lib.report.compare "$$A" "$$B"

publish: .venv/ready
	@python -m lib.report.publish "$$PROFILE"

check: .venv/ready
	@ruff format --check --quiet $(CODE) || { echo "Not formatted; run: $(BIN)/ruff format $(CODE)"; exit 1; }
	@ruff check --quiet $(CODE)
	@mypy --no-error-summary

test: check
	@echo "Tests of lib, and every notebook from top to bottom, side by side on all cores"
	@python -m lib.report.surroundings pytest -n auto --dist loadfile --nbval-lax --nbval-current-env -q

# .jupyter/ has Markdown open as text to read; its first page says where to start.
lab: .venv/ready
	@JUPYTER_CONFIG_PATH="$(CURDIR)/.jupyter:$$JUPYTER_CONFIG_PATH" python -m lib.report.surroundings jupyter lab --notebook-dir=. --LabApp.default_url=/lab/tree/notebooks/START_HERE.md

# The environment, exactly as locked. A cut leaves no .venv/ready, so the next call goes on.
.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + " (choose one: make PYTHON=python3.12 …)")'
	@echo "Setting up the environment in .venv, once (about a minute, 6 GB)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv
	@# uv takes seconds where pip takes a minute; pip is there for an index that only pip is configured for.
	@# Compiled once here, or each of the 38 kernels compiles torch, pandas and SciPy anew where bytecode is not kept.
	@$(BIN)/uv pip sync -q --compile-bytecode --system-certs --require-hashes requirements.lock || $(BIN)/pip install -q --require-hashes -r requirements.lock
	@$(BIN)/uv pip install -q --offline --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q lib
	@# nbconvert, for one's own LaTeX and PDF, looks for pandoc on the path only
	@ln -sf "$$($(BIN)/python -c 'import pypandoc; print(pypandoc.get_pandoc_path())')" $(BIN)/pandoc
	@# and does not know how this pandoc counts tables
	@mkdir -p .venv/share/jupyter/nbconvert .venv/etc/jupyter
	@cp -R .jupyter/nbconvert/templates .venv/share/jupyter/nbconvert/
	@cp .jupyter/nbconvert/jupyter_nbconvert_config.json .venv/etc/jupyter/
	@# git's own hooks folder again, where an earlier version named another
	@if [ -e .git ]; then git config --unset core.hooksPath '^\.githooks$$' || true; $(BIN)/pre-commit install >/dev/null || true; fi
	@touch .venv/ready

lock:
	@$(PYTHON) -m venv .venv && $(BIN)/python -m pip install -q --disable-pip-version-check uv
	@$(BIN)/uv pip compile pyproject.toml --group report --group development --universal --generate-hashes --python-version 3.11 --no-annotate --upgrade -q -o requirements.lock

clean:
	rm -rf .venv .snakemake .home reports/quick
