"""Trainings that are interrupted and go on from what is on disk."""

import itertools
import logging
from dataclasses import replace

import pytest
import torch
import training_cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sizes import LONG, quick_or_long
from training_cases import contents

from segue.errors import SegueError
from segue.graph.split import split_edges
from segue.run.registry import CONVOLUTIONS as CONVS
from segue.train import checkpoints
from segue.train.checkpoints import Checkpoints

EPOCHS = 6
MODELS = list(itertools.product(CONVS, ("random", "hard"), ("fixed", "learnable")))
# Hard negatives of epochs 1 to 3 are drawn in epoch 1, those of 4 to 6 in epoch 4.
NEGATIVES = {"random": {"avoid_known": True}, "hard": {"min_fraction": 0.2, "refresh_every": 3}}
KEY = {"conv": "lgc", "settings": {"train": {"lr": 0.05, "epochs": EPOCHS}}, "code": "code:1"}


class KilledError(Exception):
    """What the hook raises in place of a kill."""


@pytest.fixture(scope="module")
def split():
    generator = torch.Generator().manual_seed(0)
    return split_edges((torch.rand(15, 20, generator=generator) < 0.4).nonzero().T.contiguous(), seed=1)


def run(split, model, resume=None, store=lambda state: None):
    pairs = model[1] != "softmax"
    return training_cases.run(
        split,
        *model,
        dim=4,
        **({"negatives": NEGATIVES[model[1]], "l2": 0.01} if pairs else {}),
        epochs=EPOCHS,
        recall_k=5,
        snapshot_every=2,
        resume=resume,
        store=store,
    )


@pytest.fixture(scope="module")
def undisturbed(split):
    return {model: contents(run(split, model)) for model in MODELS}


@pytest.fixture
def keep(tmp_path):
    """Makes the checkpoints of a test's folder, with KEY unless told otherwise."""

    def make(key=KEY, epochs=1, seconds=None, **options):
        return Checkpoints(tmp_path / "checkpoints", key, epochs=epochs, seconds=seconds, **options)

    return make


@pytest.fixture(scope="module")
def states(split):
    """What a training hands out after each epoch, copied."""
    kept = []

    def copy(state):
        tensors = {name: tensor.clone() for name, tensor in state.tensors.items()}
        kept.append(replace(state, tensors=tensors))

    run(split, ("sage", "hard", "learnable"), store=copy)
    return kept


def same(first, second):
    return (
        first.history == second.history
        and first.tensors.keys() == second.tensors.keys()
        and all(torch.equal(first.tensors[name], second.tensors[name]) for name in first.tensors)
    )


# Each model, and each epoch with each convolution, random and hard; `make test-all` has all pairs.
RESUMES = [
    pytest.param(model, at, id=f"{'-'.join(model)}-{at}")
    for number, model in enumerate(MODELS)
    for at in range(1, EPOCHS + 1)
    if LONG or (number + number // 4 + at) % 4 == 0
]


@pytest.mark.parametrize(("model", "at"), RESUMES)
def test_resumed_after_any_epoch_every_model_ends_with_the_same_bytes(split, undisturbed, keep, model, at):
    def interrupt(state):
        if state.epoch == at:
            keep().store(state)
            raise KilledError

    with pytest.raises(KilledError):
        run(split, model, store=interrupt)
    resume = keep().load()
    assert resume.epoch == at
    epochs = []
    resumed = run(split, model, resume, store=lambda state: epochs.append(state.epoch))
    assert epochs == list(range(at + 1, EPOCHS + 1))
    assert contents(resumed) == undisturbed[model]


@pytest.mark.parametrize("conv", CONVS)
def test_a_training_with_a_refit_goes_on_from_any_epoch_of_both(split, keep, conv):
    model = conv, "softmax", "fixed"
    states = []

    def copy(state):
        states.append(replace(state, tensors={name: value.clone() for name, value in state.tensors.items()}))

    whole = run(split, model, store=copy)
    assert len(states) == whole.epochs == EPOCHS + whole.epoch
    assert [state.last for state in states] == [*[False] * (whole.epochs - 1), True]
    for state in states:
        keep().store(state)
        assert contents(run(split, model, keep().load())) == contents(whole)


@given(
    model=st.sampled_from(MODELS),
    kills=st.lists(st.integers(1, EPOCHS), max_size=5),
    every=st.integers(1, EPOCHS + 1),
)
@settings(max_examples=quick_or_long(25, 60), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_number_of_kills_costs_less_than_the_interval_each(
    split, undisturbed, tmp_path_factory, model, kills, every
):
    """A kill comes in the middle of an epoch: after ``kill`` epochs done in that attempt, one is lost."""
    folder = tmp_path_factory.mktemp("kills") / "checkpoints"

    def attempt(kill):
        saved = Checkpoints(folder, KEY, epochs=every, seconds=None)
        resume = saved.load()
        done = resume.epoch if resume else 0

        def hook(state):
            nonlocal done
            done = state.epoch
            if saved.due(done):
                saved.store(state)
            if state.epoch == kill:
                raise KilledError

        return run(split, model, resume, hook), done

    reached = 0
    for kill in kills:
        try:
            trained, _ = attempt(kill)
            assert contents(trained) == undisturbed[model]
        except KilledError:
            reached = kill
            resume = Checkpoints(folder, KEY, epochs=every, seconds=None).load()
            assert reached - (resume.epoch if resume else 0) < every
    trained, _ = attempt(None)
    assert contents(trained) == undisturbed[model]


def test_a_state_comes_back_as_it_was_saved(states, keep):
    for state in states:
        keep().store(state)
        assert same(keep().load(), state)


def test_the_latest_two_are_kept_and_no_other_file(states, keep, tmp_path):
    first, second, third = states[:3]
    saved = keep()
    for state in (first, second, third):
        saved.store(state)
    names = {"latest.safetensors", "previous.safetensors"}
    assert {path.name for path in saved.folder.iterdir()} == names
    saved.latest.unlink()
    assert same(keep().load(), second)
    saved.remove()
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_go_on_from_is_no_warning(keep, caplog):
    assert keep().load() is None
    assert not caplog.records


DAMAGES = {
    "empty": lambda data: b"",
    "cut in its header": lambda data: data[:100],
    "cut in its tensors": lambda data: data[:-1],
    "longer": lambda data: data + b"\0",
    "one bit of a weight": lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
    "other digit in the history": lambda data: data.replace(b'\\"epoch\\": 2', b'\\"epoch\\": 3'),
    "other key": lambda data: data.replace(b"code:1", b"code:2"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_latest_falls_back_to_the_one_before_and_says_so(states, keep, caplog, damage):
    first, second, third = states[:3]
    saved = keep()
    saved.store(first)
    saved.store(second)
    whole = saved.latest.read_bytes()
    assert damage(whole) != whole
    saved.latest.write_bytes(damage(whole))
    with caplog.at_level(logging.INFO, "segue"):
        assert same(keep().load(), first)
    assert "latest.safetensors is not used: it is damaged (" in caplog.text
    assert "going on after epoch 1, from" in caplog.text
    # The damaged one is set aside, and does not take the place of the whole one at the next save.
    assert saved.latest.with_name("damaged-latest.safetensors").read_bytes() == damage(whole)
    saved.store(third)
    saved.latest.write_bytes(b"")
    assert same(keep().load(), first)


def test_two_damaged_ones_start_anew_and_say_so(states, keep, caplog):
    saved = keep()
    for state in states[:2]:
        saved.store(state)
    saved.latest.write_bytes(saved.latest.read_bytes()[:-5])
    saved.previous.write_bytes(b"\xff" * 40)
    assert keep().load() is None
    assert "latest.safetensors is not used" in caplog.text
    assert "previous.safetensors is not used" in caplog.text
    assert "no checkpoint can be used: starting from the first epoch" in caplog.text
    assert {path.name for path in saved.folder.iterdir()} == {
        "damaged-latest.safetensors",
        "damaged-previous.safetensors",
    }


@given(place=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
@settings(max_examples=300)
def test_no_changed_byte_is_read_as_something_else(saved_bytes, place, mask):
    saved, data, state = saved_bytes
    changed = bytearray(data)
    changed[int(place * len(data))] ^= mask
    saved.latest.write_bytes(changed)
    found = saved.load()
    # White space of the header may differ.
    assert found is None or same(found, state)


@pytest.fixture(scope="module")
def saved_bytes(states, tmp_path_factory):
    state = states[0]
    saved = Checkpoints(tmp_path_factory.mktemp("bytes"), KEY, epochs=1, seconds=None)
    saved.store(state)
    return saved, saved.latest.read_bytes(), state


@pytest.mark.parametrize(
    ("key", "named"),
    [
        (KEY | {"code": "code:2"}, "code"),
        (KEY | {"settings": {"train": {"lr": 0.06, "epochs": EPOCHS}}}, "settings.train.lr"),
        (KEY | {"settings": {"train": {"lr": 0.05}}, "threads": 2}, "settings.train.epochs, threads"),
    ],
)
def test_a_checkpoint_of_another_training_is_named_never_read_and_kept(states, keep, caplog, key, named):
    saved = keep()
    for state in states[:2]:
        saved.store(state)
    before = files(saved.folder)
    with caplog.at_level(logging.INFO, "segue"):
        other = keep(key)
        assert other.load() is None
    assert (
        f"kept, and not used: {saved.folder} ({sum(map(len, before.values())) / 1e6:.3g} MB), after epoch 2 "
        f"of a training with another {named}; remove it when it is of no use\n"
    ) in caplog.text
    # Nor does the other one's success touch it.
    other.store(states[0])
    other.remove()
    assert not other.folder.exists()
    assert files(saved.folder) == before
    assert same(keep().load(), states[1])


def test_checkpoints_of_an_earlier_version_in_the_model_s_folder_are_named_and_kept(states, keep, caplog):
    saved = keep()
    saved.store(states[0])
    for name, data in (("latest", saved.latest.read_bytes()), ("previous", b"half")):
        (saved.folder.parent / f"{name}.safetensors").write_bytes(data)
    before = files(saved.folder.parent)
    with caplog.at_level(logging.INFO, "segue"):
        other = keep(KEY | {"code": "code:2"})
        assert other.load() is None
    assert f"kept, and not used: {saved.folder.parent} (" in caplog.text
    other.remove()
    assert files(saved.folder.parent) == before


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_other_conditions_are_refused_with_the_ways_back_and_nothing_is_lost(states, keep):
    saved = keep(conditions={"threads": 8, "score_block_mb": 16})
    for state in states[:3]:
        saved.store(state)
    before = files(saved.folder)
    now = {"threads": 4, "score_block_mb": 16}
    with pytest.raises(SegueError) as refused:
        keep(conditions=now).load()
    assert str(refused.value) == (
        "A training that was interrupted would not end with the same bits.\n"
        f"  where: {saved.latest}\n"
        "  found: threads: 8, score_block_mb: 16 up to epoch 3, and threads: 4, score_block_mb: 16 now\n"
        "  expected: the same as before, or checkpoints.resume: any\n"
        "  next step: nothing was removed. Set threads: 8, score_block_mb: 16 to go on as before (--cores "
        "lowers threads); or checkpoints.resume: any, and the history's metadata say which epochs had what; "
        f"or remove {saved.folder} to start anew"
    )
    assert files(saved.folder) == before
    assert same(keep(conditions=saved.conditions).load(), states[2])
    assert same(keep(conditions=now, resume="any").load(), states[2])
    assert files(saved.folder) == before


def test_spans_say_which_epochs_had_which_conditions(states, keep):
    """8 threads for two epochs, 4 for one in two attempts, 8 again for the rest."""
    for threads, attempts in ((8, [states[0], states[1]]), (4, [states[2]]), (4, []), (8, [states[3]])):
        saved = keep(conditions={"threads": threads}, resume="any")
        saved.load()
        for state in attempts:
            saved.store(state)
    assert saved.spans(EPOCHS) == [
        {"first": 1, "last": 2, "threads": 8},
        {"first": 3, "last": 3, "threads": 4},
        {"first": 4, "last": EPOCHS, "threads": 8},
    ]
    assert keep(conditions={"threads": 8}).spans(EPOCHS) == [{"first": 1, "last": EPOCHS, "threads": 8}]
    done = keep(conditions={"threads": 1}, resume="any")
    assert done.load().epoch == 4
    assert done.spans(4) == saved.spans(4)  # not one epoch with 1 thread


def test_a_crash_while_saving_leaves_the_one_before(states, keep, monkeypatch):
    first, second, third = states[:3]
    saved = keep()
    saved.store(first)

    def half(tensors, path, metadata):
        path.write_bytes(b"half")
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "save_file", half)
        with pytest.raises(KilledError):
            saved.store(second)
    assert same(keep().load(), first)

    rename = type(saved.folder).replace

    def replace_previous_alone(path, target):
        if target == saved.latest:
            raise KilledError
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(type(saved.folder), "replace", replace_previous_alone)
        with pytest.raises(KilledError):
            saved.store(third)
    assert same(keep().load(), first)


@pytest.mark.parametrize(
    ("epochs", "seconds", "due"),
    [
        (None, None, []),
        (3, None, [3, 6, 9]),
        (None, 20, [2, 4, 6, 8, 10]),
        (None, 25, [3, 6, 9]),
        (4, 30, [3, 4, 7, 8]),
        (None, 0, list(range(1, 11))),
    ],
)
def test_what_is_due_by_epochs_or_seconds_whichever_comes_first(
    states, keep, monkeypatch, epochs, seconds, due
):
    """Ten seconds an epoch."""
    state, now = states[0], 1000.0
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: now)
    saved, found = keep(epochs=epochs, seconds=seconds), []
    for epoch in range(1, 11):
        now += 10
        if saved.due(epoch):
            saved.store(state)
            found.append(epoch)
    assert found == due


def test_a_folder_that_cannot_be_written_is_an_error_before_anything_else(keep, tmp_path):
    (tmp_path / "checkpoints").write_text("a file")
    with pytest.raises(
        SegueError, match=r"cannot be written\.\n  where: .*/checkpoints/\w+\n  found: Not a directory"
    ):
        keep()
    with pytest.raises(SegueError, match="cannot be written"):
        Checkpoints("/proc/self", KEY, epochs=1, seconds=None)  # there, and nobody may write to it
