"""profiles/gpu-workstation, with GPUs that are only named: torch has no CUDA here, and claims need none."""

import os
import re

from tiny_workflow import TINY, trained_at_once

MODELS = ["lgc-random-fixed", "lgc-random-learnable", "sage-random-fixed", "sage-random-learnable"]


def test_each_training_claims_one_of_the_gpus(workflow, monkeypatch, tmp_path):
    # As a user would name them; and lock files apart from those of a run that this machine may have.
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    done = workflow.run(
        *("--profile", "profiles/gpu-workstation", "--resources", "gpu=2", "--cores", "8"),
        *("--configfile", workflow.write_config("tiny.yaml", TINY), "--"),
        *(f"results/models/{model}/model.safetensors" for model in MODELS),
    )
    assert done.returncode == 0, done.stderr
    assert trained_at_once(done.stdout + done.stderr, len(MODELS)) == 2
    logs = [(workflow.folder / f"results/logs/train_model/{model}.log").read_text() for model in MODELS]
    claims = [re.findall(r"claimed GPU (\S+), one of 2", log) for log in logs]
    assert [len(claim) for claim in claims] == [1] * 4
    assert {claim[0] for claim in claims} == {"4", "7"}
    locks = tmp_path / f"tmp/segue-gpus-{os.getuid()}"
    assert {path.name for path in locks.iterdir()} == {"4.lock", "7.lock"}
