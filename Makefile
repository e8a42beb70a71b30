# Two commands do everything on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
BIN := .venv/bin
INSTALLED := .venv/.installed

.DELETE_ON_ERROR:
.PHONY: demo test fuzz setup lint bench clean

## demo: set up, then all models, metrics and figures of the built-in sample
demo: setup
	$(BIN)/snakemake --cores $(CORES)
	@echo
	@echo "Test metrics: results/metrics/summary.csv    Figures: results/figures/"

## test: set up, then every check
test: setup lint
	$(BIN)/python -m pytest

## fuzz: read FUZZ mutated slices, and single lines of 100 MB; `make test` tries 2,400
fuzz: export FUZZ ?= 50000
fuzz: setup
	$(BIN)/python -m pytest -s tests/unit/test_fuzz_slices.py

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

## bench: time training and ranking against plain PyG; 24 GiB of memory, and nothing else running
bench: export PYTHONPATH := workflow/scripts
bench: setup
	@mkdir -p results/bench
	$(BIN)/python benchmarks/epoch.py --json results/bench/epoch.json
	$(BIN)/python benchmarks/scale.py --json results/bench/scale.json
	$(BIN)/python benchmarks/report.py results/bench/epoch.json results/bench/scale.json > benchmarks/RESULTS.md

## clean: remove what runs have made, but not the environment
clean:
	rm -rf results .snakemake
