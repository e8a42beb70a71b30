"""What a run prints with `--logger segue`, by the records that Snakemake logs."""

import logging
import sys
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

import snakemake_logger_plugin_segue as plugin

SETTINGS = {
    "quiet": set(),
    "debug_dag": False,
    "verbose": False,
    "dryrun": False,
    "printshellcmds": False,
    "stdout": False,
    "nocolor": False,
    "show_failed_logs": True,
}


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass between two looks at it."""
    clock = SimpleNamespace(now=0.0, step=0.0)

    def monotonic():
        clock.now += clock.step
        return clock.now

    monkeypatch.setattr(plugin.time, "monotonic", monotonic)
    return clock


def handler_of(**settings):
    return plugin.LogHandler(SimpleNamespace(**SETTINGS | settings), None)


def say(handler, event, message="", level=logging.INFO, **facts):
    record = logging.LogRecord("snakemake", level, "", 0, message, None, None)
    vars(record).update(facts, **({"event": event} if event else {}))
    handler.emit(record)


def start(handler, number, rule, message, output=("a",), **wildcards):
    say(
        handler,
        LogEvent.JOB_INFO,
        jobid=number,
        rule_name=rule,
        rule_msg=message,
        output=output,
        threads=1,
        wildcards=wildcards,
        reason="Missing output files: " + "a " * 900,
    )


def begin(handler, **jobs):
    say(handler, LogEvent.RESOURCES_INFO, cores=2)
    say(handler, LogEvent.RUN_INFO, "Job stats: ...", stats=jobs | {"total": sum(jobs.values())})


def test_a_line_a_finished_job_and_no_more(clock, capsys):
    handler = handler_of()
    begin(handler, split_edges=1, train_model=10, all=1)
    say(handler, None, "Building DAG of jobs...")
    start(handler, 1, "split_edges", "Splitting the edges")
    clock.now += 3
    say(handler, LogEvent.JOB_FINISHED, "Finished jobid: 1", job_id=1)
    start(handler, 2, "train_model", "Training [lgc]-hard-fixed")
    clock.now += 100
    say(handler, LogEvent.JOB_FINISHED, "Finished jobid: 2", job_id=2)
    start(handler, 0, "all", None, output=())
    say(handler, LogEvent.JOB_FINISHED, "Finished jobid: 0", job_id=0)
    handler.close()
    handler.close()
    # 9 trainings at 100 s, and the target, which takes part of a second.
    assert capsys.readouterr().err == (
        "[ 1/12]     3 s  Splitting the edges\n"
        "[ 2/12]   2 min  Training [lgc]-hard-fixed  (about 8 min left)\n"
        "3 of 12 jobs in 2 min.\n"
    )


def test_a_failed_job_is_shown_with_its_whole_log(clock, capsys, tmp_path):
    handler = handler_of()
    (tmp_path / "kcore.log").write_text("14:10:54 Error: The core is empty.\n  where: graph.k_core\n")
    begin(handler, build_kcore=1, split_edges=1)
    start(handler, 1, "build_kcore", "Building the 99-core")
    clock.now += 2
    of_script = (
        'RuleException:\nCalledProcessError in file "a.smk", line 3:\nCommand returned non-zero exit status'
    )
    say(handler, None, f"{of_script} 1.", logging.CRITICAL)
    say(
        handler,
        LogEvent.JOB_ERROR,
        level=logging.ERROR,
        jobid=1,
        rule_name="build_kcore",
        rule_msg=None,
        log=[str(tmp_path / "kcore.log")],
        aux={"external_jobid": "42"},
    )
    say(handler, None, "Exiting because a job execution failed. Look above", logging.ERROR)
    say(handler, None, "WorkflowError:\nAt least one job did not complete successfully.", logging.CRITICAL)
    say(handler, None, "Complete log(s): /run.log")
    handler.close()
    assert capsys.readouterr().err == (
        "Building the 99-core: failed after 2 s\n"
        "  rule: build_kcore\n"
        "  external_jobid: 42\n"
        f"  log: {tmp_path}/kcore.log\n"
        "    14:10:54 Error: The core is empty.\n"
        "      where: graph.k_core\n"
        "0 of 2 jobs in 2 s, 1 failed; all that Snakemake says: /run.log.\n"
    )


def test_a_job_that_went_well_when_tried_again_has_not_failed(clock, capsys):
    handler = handler_of()
    begin(handler, train_model=1)
    start(handler, 1, "train_model", "Training")
    say(handler, LogEvent.JOB_ERROR, jobid=1, rule_name="train_model", rule_msg=None, log=[], aux={})
    start(handler, 1, "train_model", "Training")
    say(handler, LogEvent.JOB_FINISHED, job_id=1)
    handler.close()
    assert capsys.readouterr().err == (
        "Training: failed after 0 s\n  rule: train_model\n[1/1]     0 s  Training\n1 of 1 jobs in 0 s.\n"
    )


def test_what_ended_a_job_from_outside_is_said(clock, capsys):
    handler = handler_of()
    begin(handler, train_model=1)
    killed = (
        "RuleException:\nCalledProcessError in file a, line 3:\nCommand returned non-zero exit status 137."
    )
    say(handler, None, killed, logging.CRITICAL)
    say(handler, None, "Nothing to be done (all requested files are present and up to date).")
    say(handler, None, "Job rate limit reached.", logging.WARNING)
    assert capsys.readouterr().err == (
        f"{killed}\nNothing to be done (all requested files are present and up to date).\n"
        "Job rate limit reached.\n"
    )


def test_a_log_that_is_not_there_hides_no_failure(clock, capsys):
    handler = handler_of()
    begin(handler, build_kcore=1)
    start(handler, 1, "build_kcore", "Building")
    say(
        handler,
        LogEvent.JOB_ERROR,
        jobid=1,
        rule_name="build_kcore",
        rule_msg="killed",
        log=["no/where"],
        aux={},
    )
    said = capsys.readouterr().err
    assert "  message: killed\n  log: no/where\n    cannot be read: No such file or directory\n" in said


@pytest.mark.parametrize(
    ("message", "wildcards", "said"),
    [
        (
            "Training lgc-hard-fixed-seed2",
            {"conv": "lgc", "sampler": "hard", "alpha": "fixed", "seed": "-seed2"},
            "Training LightGCN hard, fixed α, seed 2",
        ),
        ("Fitting rp3b", {"baseline": "rp3b"}, "Fitting RP3β"),
        ("Continuing with joint", {"ranker": "joint"}, "Continuing with Joint neighbours"),
        ("Trying setting 3 of als", {"baseline": "als", "slot": "3"}, "Trying setting 3 of ALS"),
        ("Choosing the weights of both", {"blend": "both"}, "Choosing the weights of both"),
    ],
)
def test_models_have_their_labels(clock, capsys, message, wildcards, said):
    handler = handler_of()
    begin(handler, some=1)
    start(handler, 1, "some", message, **wildcards)
    say(handler, LogEvent.JOB_FINISHED, job_id=1)
    assert capsys.readouterr().err == f"[1/1]     0 s  {said}\n1 of 1 jobs in 0 s.\n"


def test_quiet_is_quiet(clock, capsys):
    from snakemake.settings.enums import Quietness

    handler = handler_of(quiet={Quietness.ALL})
    begin(handler, split_edges=1)
    start(handler, 1, "split_edges", "Splitting the edges")
    say(handler, LogEvent.JOB_FINISHED, job_id=1)
    handler.close()
    assert capsys.readouterr().err == ""


def test_a_terminal_has_one_line_of_progress(clock, capsys, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    handler = handler_of()
    begin(handler, split_edges=3)
    for number in (1, 2):
        start(handler, number, "split_edges", f"Splitting [{number}]")
    clock.now += 4
    say(handler, LogEvent.JOB_FINISHED, job_id=1)
    handler.bar.refresh()
    last = capsys.readouterr().err.rsplit("\x1b[2K", 1)[1]
    assert all(part in last for part in ("1/3", "about 2 s left", "Splitting [2]"))
    assert "\n" not in last
    handler.close()
    assert handler.bar is None


def test_a_dry_run_says_why_as_snakemake_does(clock, capsys):
    handler = handler_of(dryrun=True)
    say(handler, LogEvent.JOB_INFO, jobid=1, rule_msg="Splitting the edges", reason="Code has changed")
    handler.close()
    said = capsys.readouterr().err
    assert "Job 1: Splitting the edges\nReason: Code has changed\n" in said
