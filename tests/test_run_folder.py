"""The folder of a run: one run at a time, nothing of another is used, and sentences for what is broken."""

from __future__ import annotations

import json
import os
import resource
import signal

import pytest
import torch
from safetensors.torch import load_file, save_file

from s2s import checkpoint
from s2s.config import override
from s2s.data.corpus import write_pairs
from s2s.errors import S2SError
from s2s.text.tokenizer import Tokenizer
from s2s.training.folder import HISTORY, STATE
from s2s.training.loop import train
from s2s.training.state import read_state
from tests.conftest import sourced, toy_pairs
from tests.test_resume import forked
from tests.test_train import CONFIG, run

SHORT = override(CONFIG, ["train.steps=6", "train.log_every=1", "train.eval_every=3"])
COLUMNS = ("src", "tgt")


@pytest.fixture
def data(tmp_path):
    """Data that a test may change."""
    (tmp_path / "data").mkdir()
    write_pairs(tmp_path / "data" / "train.tsv", sourced(toy_pairs(300)), COLUMNS)
    return tmp_path / "data"


@pytest.fixture
def out(tmp_path, folder):
    """A run interrupted at step 5, where its state was saved."""
    for progress in train(override(CONFIG, ["train.log_every=1"]), folder, tmp_path / "run"):
        if progress.step == 6:
            break
    return tmp_path / "run"


# --------------------------------------------------------------------------- what is left of others
@pytest.mark.parametrize("left", ["vocabulary", "history", "checkpoint"])
def test_a_fresh_run_uses_nothing_of_a_dead_one(folder, tmp_path, tokenizer, left):
    clean, used = tmp_path / "clean", tmp_path / "used"
    run(SHORT, folder, clean)
    used.mkdir()
    if left == "vocabulary":
        (used / checkpoint.TOKENIZER).write_bytes(
            Tokenizer.train(["another text"] * 9, vocab=300).model
        )
    elif left == "history":
        (used / HISTORY).write_text('{"step": 77}\n')
    else:
        run(override(SHORT, ["data.vocab=300", "train.seed=3"]), folder, used)
        (used / STATE).unlink()
    run(SHORT, folder, used)
    for name in (checkpoint.WEIGHTS, STATE):
        a, b = load_file(clean / name), load_file(used / name)
        assert all(torch.equal(a[key], b[key]) for key in a)
    assert (clean / checkpoint.TOKENIZER).read_bytes() == (used / checkpoint.TOKENIZER).read_bytes()
    assert len((used / HISTORY).read_text().splitlines()) == 6


def test_a_run_is_not_overwritten(out, folder):
    with pytest.raises(S2SError, match="unfinished run; add --resume"):
        run(CONFIG, folder, out)
    with pytest.raises(S2SError, match="other model or data"):
        run(override(CONFIG, ["model.dropout=0.5"]), folder, out, resume=True)
    with pytest.raises(S2SError, match="other model or data"):
        run(override(CONFIG, ["data.max_src=90"]), folder, out, resume=True)


@pytest.mark.parametrize(
    ("more", "longer", "why"),
    [
        ([], ["train.steps=9"], "6 of 6 steps"),
        (["train.patience=1", "train.lr=0.0", "train.steps=900"], ["train.patience=0", "train.steps=9"], "no better validation"),
    ],
)  # fmt: skip
def test_a_finished_run_says_so_and_can_be_made_longer(folder, tmp_path, more, longer, why):
    config = override(SHORT, more)
    last = run(config, folder, tmp_path)[-1].step
    with pytest.raises(S2SError, match=f"holds a finished run.*{why}"):
        run(config, folder, tmp_path)
    with pytest.raises(S2SError, match=f"is finished.*{why}"):
        run(config, folder, tmp_path, resume=True)
    assert run(override(config, longer), folder, tmp_path, resume=True)[-1].step == max(9, last + 1)


def test_a_checkpoint_that_a_run_began_from_may_be_gone(folder, tmp_path, tiny_checkpoint):
    given = checkpoint.load(tiny_checkpoint)
    checkpoint.save(tmp_path / "given", given.config, given.model.state_dict(), given.tokenizer)
    config = override(CONFIG, [f"train.init={tmp_path / 'given'}", "train.log_every=1"])
    for progress in train(config, folder, tmp_path / "run"):
        if progress.step == 6:
            break
    for path in (tmp_path / "given").iterdir():
        path.unlink()
    assert run(config, folder, tmp_path / "run", resume=True)[-1].step == 24


# --------------------------------------------------------------------------------------- other data
@pytest.mark.parametrize(
    "change", ["rows removed", "columns swapped", "one letter", "another order"]
)
def test_changed_data_are_not_gone_on_with(data, tmp_path, change):
    out, config = tmp_path / "run", override(CONFIG, ["train.log_every=1"])
    for progress in train(config, data, out):
        if progress.step == 6:
            break
    text = (data / "train.tsv").read_text()
    lines = text.splitlines(keepends=True)
    changed = {
        "rows removed": "".join(lines[:200]),
        "columns swapped": text.replace("src\ttgt", "tgt\tsrc"),
        "one letter": text.replace("the", "thy", 1),
        "another order": "".join([lines[0], *lines[:0:-1]]),
    }[change]
    (data / "train.tsv").write_text(changed)
    with pytest.raises(S2SError, match="data of the run have changed"):
        run(config, data, out, resume=True)
    before = read_state(out / STATE)
    (data / "train.tsv").write_text(text)
    steps = []
    for progress in train(config, data, out, resume=True):  # as it was: it goes on
        steps.append(progress.step)
        if progress.step == 8:
            break
    assert steps == [6, 7, 8]
    (data / "train.tsv").write_text(changed)
    for progress in train(config, data, out, resume=True, anyway=True):
        if progress.step == 11:
            break
    saved = read_state(out / STATE)
    assert saved.data != before.data
    assert saved.counters["epoch"] > before.counters["epoch"]
    assert saved.tokenizer.model == before.tokenizer.model  # the weights know no other
    assert run(config, data, out, resume=True)[-1].step == 24  # these are now its data
    assert checkpoint.load(out).tokenizer.model == before.tokenizer.model


# ------------------------------------------------------------------------------------------- a lock
def test_a_second_run_in_the_folder_is_refused(folder, tmp_path):
    first = train(SHORT, folder, tmp_path)
    next(first)
    for resume in (False, True):
        with pytest.raises(S2SError, match="Another run is at work"):
            run(SHORT, folder, tmp_path, resume=resume)
    assert [p.step for p in first][-1] == 6
    with pytest.raises(S2SError, match="finished run"):
        run(SHORT, folder, tmp_path)


def test_the_lock_ends_with_its_process(folder, tmp_path):
    def dies() -> None:
        for progress in train(CONFIG, folder, tmp_path):
            if progress.step == 8:
                os.kill(os.getpid(), signal.SIGKILL)

    assert forked(dies) == signal.SIGKILL
    assert run(CONFIG, folder, tmp_path, resume=True)[-1].step == 24


# ------------------------------------------------------------------------- what cannot be written
@pytest.mark.parametrize("name", [STATE + ".new", checkpoint.WEIGHTS + ".new", HISTORY, "test.tsv"])
def test_a_folder_in_the_place_of_a_file(folder, tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(S2SError, match="cannot be written"):
        run(SHORT, folder, tmp_path)


@pytest.mark.parametrize("where", ["file/run", "file"])
def test_an_out_that_cannot_be_a_folder(folder, tmp_path, where):
    (tmp_path / "file").write_text("")
    with pytest.raises(S2SError, match="cannot be written"):
        run(SHORT, folder, tmp_path / where)


@pytest.mark.parametrize("limit", [100, 4000, 40_000, 90_000])
def test_a_full_disk_is_one_sentence_and_the_last_state_survives(folder, tmp_path, limit):
    """A limit on the size of files stands for the disk."""
    for progress in train(CONFIG, folder, tmp_path):
        if progress.step == 8:
            break
    before = (tmp_path / STATE).read_bytes()

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            run(CONFIG, folder, tmp_path, resume=True)
        except S2SError as error:
            os._exit(2 if "cannot be written" in str(error) else 4)

    assert os.waitstatus_to_exitcode(forked(full)) == 2
    assert (tmp_path / STATE).read_bytes() == before
    assert not (tmp_path / (STATE + ".new")).exists()
    assert run(CONFIG, folder, tmp_path, resume=True)[-1].step == 24


# -------------------------------------------------------------------------------- what is broken
def rewritten(path, change_meta=None, change_tensors=None) -> None:
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        meta, tensors = file.metadata(), {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118
    save_file((change_tensors or dict)(tensors), path, (change_meta or dict)(meta))


def without(name):
    return lambda d: {k: v for k, v in d.items() if not k.startswith(name)}


def counters(**values):
    return lambda meta: meta | {"counters": json.dumps(json.loads(meta["counters"]) | values)}


@pytest.mark.parametrize(
    ("meta", "tensors", "says"),
    [
        (lambda _: None, None, "lacks 'counters'"),
        (without("config"), None, "lacks 'config'"),
        (lambda m: m | {"counters": "[]"}, None, "is broken"),
        (lambda m: m | {"config": "{"}, None, "is broken"),
        (counters(step="many"), None, "is broken"),
        (counters(seconds=None), None, "is broken"),
        (None, without("model."), "does not fit"),
        (
            None,
            lambda t: {k: v[..., :1].clone() if v.dim() else v for k, v in t.items()},
            "cannot be read|does not fit",
        ),
        (None, lambda t: t | {"tokenizer": torch.zeros(7, dtype=torch.uint8)}, "tokenizer"),
    ],
)
def test_a_broken_state_is_one_sentence(out, folder, meta, tensors, says):
    rewritten(out / STATE, meta, tensors)
    with pytest.raises(S2SError, match=says):
        run(CONFIG, folder, out, resume=True)


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\xff" * 4000, None])
def test_a_state_that_is_none(out, folder, content):
    whole = (out / STATE).read_bytes()
    (out / STATE).write_bytes(whole[: len(whole) // 2] if content is None else content)
    for resume in (True, False):
        with pytest.raises(S2SError, match="is broken"):
            run(CONFIG, folder, out, resume=resume)


def test_a_state_that_is_a_folder(out, folder):
    (out / STATE).unlink()
    (out / STATE).mkdir()
    with pytest.raises(S2SError, match="is broken"):
        run(CONFIG, folder, out, resume=True)


def test_the_history_of_a_killed_run_has_no_line_twice(folder, tmp_path):
    config = override(CONFIG, ["train.log_every=1"])
    for progress in train(config, folder, tmp_path):
        if progress.step == 9:
            break
    with open(tmp_path / HISTORY, "a") as history:
        history.write('{"step": 1')  # half a line
    run(config, folder, tmp_path, resume=True)
    steps = [json.loads(line)["step"] for line in (tmp_path / HISTORY).read_text().splitlines()]
    assert steps == list(range(1, 25))
