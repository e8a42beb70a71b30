# Two commands do everything on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)
BIN := .venv/bin
INSTALLED := .venv/.installed

# Another run: the file of its settings, and where its report goes.
CONFIG ?=
CONFIGFILE := $(if $(CONFIG),--configfile "$(CONFIG)")
REPORT ?= results/$(if $(CONFIG),$(basename $(notdir $(CONFIG)))/)report.html

.DELETE_ON_ERROR:
.PHONY: demo report recommend continue check-submission test test-cluster torture fuzz setup lint bench bench-data bench-tasks clean

## demo: set up, then all models, metrics, figures and recommendations of the built-in sample, and the report
demo: report
	@echo
	@echo "Open $(REPORT). The tables and pictures in it are files in results/ too."

## report: everything that is stale, then one HTML page of it; CONFIG=config/mpd50.yaml for another run
report: setup
	$(BIN)/snakemake --cores $(CORES) $(CONFIGFILE)
	$(BIN)/snakemake --report "$(REPORT)" $(CONFIGFILE)

## recommend: what a model would add to PLAYLIST="title words or pid"; whatever that takes is made first.
##   MODEL=lgc-hard-fixed for another than the best, N=20 tracks, CONFIG=config/mpd50.yaml
## continue: the same for playlists that nobody trained on, in the file PLAYLIST=my.txt: lines of track uris or
##   "artist - title", an MPD slice or a challenge set; OUT=submission.csv.gz, .parquet or .html for a file
ASK := PYTHONPATH=workflow/scripts $(BIN)/python -m segue.cli.main
# A title may hold anything, `$(shell ...)` included: neither make nor a shell may read it. Nor may make pass
# these variables on under their own names, since it would expand them.
recommend continue: export SEGUE_PLAYLIST := $(value PLAYLIST)
recommend continue: export SEGUE_MODEL := $(value MODEL)
recommend continue: export SEGUE_N := $(value N)
recommend continue: export SEGUE_OUT := $(value OUT)
recommend continue: export SEGUE_ALLOW_LEAK := $(value ALLOW_LEAK)
recommend continue: export SEGUE_CONFIG := $(CONFIG)
unexport PLAYLIST MODEL N OUT ALLOW_LEAK SET SUBMISSION
recommend continue: setup
	@needed=$$($(ASK) $@ --check) && printf '%s\n' "$$needed" | tr '\n' '\0' | \
		xargs -0 $(BIN)/snakemake --cores $(CORES) --quiet host reason progress $(CONFIGFILE) --
	@$(ASK) $@

## check-submission: whether SUBMISSION=submission.csv.gz keeps the RecSys Challenge's rules, for SET=challenge_set.json
check-submission: export SEGUE_SET := $(value SET)
check-submission: export SEGUE_SUBMISSION := $(value SUBMISSION)
check-submission: setup
	@PYTHONPATH=workflow/scripts $(BIN)/python -m segue.cli.check_submission "$$SEGUE_SET" "$$SEGUE_SUBMISSION"

## test: set up, then every check
test: setup lint
	$(BIN)/python -m pytest

## test-cluster: a tiny workflow on a throw-away SLURM; as root, where SLURM's packages are installed
test-cluster: setup
	$(BIN)/python -m pytest tests/cluster

## torture: kill KILLS runs of a tiny workflow at random moments, finish and compare them; `make test` kills 10
KILLS ?= 100
torture: export PYTHONPATH := tests
torture: setup
	$(BIN)/python tests/workflow/torture.py --kills $(KILLS) --json results/torture.json

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

## bench: time all stages against what others use; 24 GiB of memory, 6 GB of disk, and nothing else running
bench: export PYTHONPATH := workflow/scripts
bench: bench-data bench-tasks
	$(BIN)/python benchmarks/epoch.py --json results/bench/epoch.json
	$(BIN)/python benchmarks/scale.py --json results/bench/scale.json
	$(BIN)/python benchmarks/report.py results/bench > benchmarks/RESULTS.md

## bench-tasks: serving, the challenge on the sample, and Last.fm, whose files config/lastfm.yaml describes
bench-tasks: export PYTHONPATH := workflow/scripts
bench-tasks: setup
	@mkdir -p results/bench
	$(BIN)/python benchmarks/serving.py --json results/bench/serving.json
	$(BIN)/snakemake --cores $(CORES) --configfile config/challenge.yaml
	$(BIN)/snakemake --cores $(CORES) --configfile config/lastfm.yaml -- results/lastfm/metrics/summary.parquet
	$(BIN)/python benchmarks/baselines.py results/lastfm --json results/bench/baselines.json
	cp results/challenge/challenge/summary.parquet results/bench/challenge.parquet
	cp results/lastfm/metrics/summary.parquet results/bench/lastfm.parquet

## bench-data: the part of bench that comes before the training
bench-data: export PYTHONPATH := workflow/scripts
bench-data: setup
	@mkdir -p results/bench
	$(BIN)/python benchmarks/workflow_data.py results/bench/data --json results/bench/workflow.json
	POLARS_MAX_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python benchmarks/ingest.py results/bench/data/results/sample \
		--slices 20 --json results/bench/ingest.json
	$(BIN)/python benchmarks/kcore.py results/bench/kcore --json results/bench/kcore.json
	$(BIN)/python benchmarks/sample_statistics.py --json results/bench/sample.json

## clean: remove what runs have made, but not the environment
clean:
	rm -rf results .snakemake
