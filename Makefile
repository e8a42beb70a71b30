# Two commands do everything on a fresh machine: `make demo` and `make test`. Tracks are asked for by the command
# `segue`, which `make setup` installs into the environment.

PYTHON ?= python3
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
BIN := .venv/bin
INSTALLED := .venv/.installed
DEVELOPING := .venv/.developing
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --no-compile
# On all cores, where pip takes one. That fails for a few files of other Pythons, which nothing imports.
COMPILE = $(BIN)/python -m compileall -q -j 0 .venv/lib > .venv/compiled.log 2>&1 || true

# Another run: the file of its settings. A recipe asks the configuration for its results folder, once `setup` has made
# the Python that answers.
CONFIG ?=
CONFIGFILE := $(if $(CONFIG),--configfile "$(CONFIG)")
RESULTS = $(shell $(BIN)/python -m segue.run.folder $(if $(CONFIG),"$(CONFIG)"))

.DELETE_ON_ERROR:
.PHONY: demo report test test-all test-cluster torture fuzz setup setup-dev lint bench bench-data bench-tasks clean

## demo: set up, then all models, metrics, figures and recommendations of the built-in sample, and the report
demo: report
	@echo
	@echo "Open $(RESULTS)/report.html. The tables and pictures in it are files beside it too."

## report: everything that is stale, and one HTML page of it; CONFIG=config/mpd50.yaml for another run
report: setup
	@test -n "$(RESULTS)" # else the configuration is wrong, which it has said
	PYTHONPATH=workflow/scripts $(BIN)/snakemake --logger segue --cores $(CORES) $(CONFIGFILE)

## test: set up, then the checks, in WORKERS=2 processes; but for test-cluster
## test-all: the same with all that test leaves out: more kills, damaged files, models, resumed trainings, a cluster
WORKERS ?= 2
test: LEFT_OUT := --ignore=tests/cluster
test-all: export LONG := 1
test-all: export FUZZ ?= 50000
test test-all: lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(LEFT_OUT)

## test-cluster: a tiny workflow on a throw-away SLURM; as root, where SLURM's packages are installed
test-cluster: setup-dev
	$(BIN)/python -m pytest tests/cluster

## torture: kill KILLS runs of a tiny workflow at random moments, finish and compare them; `make test` kills one, four times
KILLS ?= 100
torture: export PYTHONPATH := tests
torture: export LONG := 1
torture: setup-dev
	$(BIN)/python tests/workflow/torture.py --kills $(KILLS) --json results/torture.json

## fuzz: read FUZZ mutated slices, and single lines of 100 MB; `make test` tries 1,200
fuzz: export FUZZ ?= 50000
fuzz: setup-dev
	$(BIN)/python -m pytest -s tests/unit/test_fuzz_slices.py

## setup: a virtual environment with the locked packages and `segue`; installs nothing when it is up to date
setup: $(INSTALLED)

## setup-dev: what tests and linters want on top
setup-dev: $(DEVELOPING)

$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Segue needs Python 3.11 or newer, found " + sys.version.split()[0] + ": run make PYTHON=/path/to/python3.11")'
	@echo "Installing Segue and $$(wc -l < requirements.txt) packages into .venv, torch for one: 0.5 GB to download, 2 GB on disk"
	@echo "with torch for CPUs, several GB more where pip takes the one with CUDA. Takes 1 to 3 minutes, once."
	$(PYTHON) -m venv .venv
	$(PIP) --requirement requirements.txt
	$(PIP) --no-deps --editable .
	$(COMPILE)
	@touch $@

$(DEVELOPING): $(INSTALLED) requirements-dev.txt
	@echo "Installing $$(wc -l < requirements-dev.txt) packages more for tests and linters."
	$(PIP) --requirement requirements.txt --requirement requirements-dev.txt
	$(COMPILE)
	@touch $@

## lint: formatters and linters, checking only
lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

## bench: time all stages against what others use; 24 GiB of memory, 6 GB of disk, and nothing else running
bench: export PYTHONPATH := workflow/scripts
bench: bench-data bench-tasks
	$(BIN)/python benchmarks/epoch.py --json results/bench/epoch.json
	$(BIN)/python benchmarks/softmax.py --json results/bench/softmax.json
	$(BIN)/python benchmarks/hetero.py --json results/bench/hetero.json
	$(BIN)/python benchmarks/scale.py --json results/bench/scale.json
	$(BIN)/python benchmarks/report.py results/bench > benchmarks/RESULTS.md

## bench-tasks: serving, the challenge and artists on the sample, and Last.fm, whose files config/lastfm.yaml describes
bench-tasks: export PYTHONPATH := workflow/scripts
bench-tasks: setup
	@mkdir -p results/bench
	$(BIN)/python benchmarks/serving.py --json results/bench/serving.json
	$(BIN)/python benchmarks/searching.py --json results/bench/searching.json
	$(BIN)/snakemake --cores $(CORES)
	$(BIN)/python benchmarks/serve_load.py . --json results/bench/serve.json
	$(BIN)/snakemake --cores $(CORES) --configfile config/challenge.yaml
	$(BIN)/snakemake --cores $(CORES) --configfile config/hetero.yaml
	$(BIN)/snakemake --cores $(CORES) --configfile config/lastfm.yaml -- results/lastfm/metrics/summary.parquet
	$(BIN)/python benchmarks/baselines.py results/lastfm --json results/bench/baselines.json
	$(BIN)/python benchmarks/time_to_accuracy.py results/lastfm --json results/bench/accuracy.json
	$(BIN)/python benchmarks/titles.py results/challenge --json results/bench/titles.json
	$(BIN)/python benchmarks/channels.py results/challenge --json results/bench/channels.json
	$(BIN)/python benchmarks/reranking.py results/challenge --json results/bench/reranking.json
	cp results/challenge/challenge/summary.parquet results/bench/challenge.parquet
	cp results/challenge/challenge/errors.parquet results/challenge/challenge/paired.parquet \
		results/challenge/challenge/ablation.parquet results/bench
	cp results/hetero/hetero/popularity.parquet results/hetero/hetero/cold.parquet results/bench
	cp results/lastfm/metrics/summary.parquet results/bench/lastfm.parquet

## bench-data: the part of bench that comes before the training
bench-data: export PYTHONPATH := workflow/scripts
bench-data: setup
	@mkdir -p results/bench
	$(BIN)/python benchmarks/workflow_data.py results/bench/data --json results/bench/workflow.json
	POLARS_MAX_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python benchmarks/ingest.py results/bench/data/results/sample \
		--slices 20 --json results/bench/ingest.json
	$(BIN)/python benchmarks/kcore.py results/bench/kcore --json results/bench/kcore.json
	$(BIN)/python benchmarks/catalogue.py results/bench/kcore --json results/bench/catalogue.json
	$(BIN)/python benchmarks/sample_statistics.py --json results/bench/sample.json

## clean: remove what runs have made, but not the environment
clean:
	rm -rf results .snakemake
