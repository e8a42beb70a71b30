# Two commands do everything on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
BIN := .venv/bin
INSTALLED := .venv/.installed

.DELETE_ON_ERROR:
.PHONY: demo test setup lint clean

## demo: set up, then all models, metrics and figures of the built-in sample
demo: setup
	$(BIN)/snakemake --cores $(CORES)
	@echo
	@echo "Test metrics: results/metrics/summary.csv    Figures: results/figures/"

## test: set up, then every check
test: setup lint
	$(BIN)/python -m pytest

## setup: a virtual environment with the locked packages; installs nothing when it is up to date
setup: $(INSTALLED)

$(INSTALLED): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Segue needs Python 3.11 or newer, found " + sys.version.split()[0] + ": run make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --requirement requirements.txt
	@touch $@

## lint: formatters and linters, checking only
lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

## clean: remove what runs have made, but not the environment
clean:
	rm -rf results .snakemake
