"""How long a run lasts, and which shares of the data it sees."""

from __future__ import annotations

import itertools

import pytest

from s2s import checkpoint
from s2s.config import override
from s2s.data.corpus import write_pairs
from s2s.errors import S2SError
from s2s.training import loop
from s2s.training.device import accelerator_of
from s2s.training.folder import STATE, claimed
from s2s.training.run import begin
from tests.conftest import sourced
from tests.test_train import CONFIG, run


def test_an_epoch_without_a_batch_is_refused(tmp_path):
    pairs = [(f"word {n}", f"WORD {n}") for n in range(300)]
    write_pairs(tmp_path / "train.tsv", sourced(pairs), ("src", "tgt"))
    for assignment, says in (
        ("data.share=[0.001]", "no batch"),
        ("data.finish=[0.0]", "no batch"),
        ("data.share=[0.0]", "no text"),
    ):
        config = override(CONFIG, [assignment, "data.finish_from=0.2"])
        with pytest.raises(S2SError, match=says):
            run(config, tmp_path, tmp_path / assignment)


def test_a_run_ends_by_the_clock(folder, tmp_path, monkeypatch):
    now = iter(range(10**6))
    monkeypatch.setattr(loop.time, "monotonic", lambda: 0.5 * next(now))
    config = override(CONFIG, ["train.steps=1000000", "train.minutes=0.5", "train.log_every=1"])
    progress = run(config, folder, tmp_path)
    assert 5 < progress[-1].step < 60
    assert progress[-1].metric is not None  # validated and saved, as at any end
    assert checkpoint.load(tmp_path).parameters
    rates = [p.lr for p in progress[CONFIG.train.warmup :]]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.1 * CONFIG.train.lr  # the schedule follows the clock
    assert progress[-1].seconds_left == pytest.approx(0, abs=1)
    with pytest.raises(S2SError, match=r"finished \(.*0\.5 minutes"):
        run(config, folder, tmp_path, resume=True)
    longer = override(config, ["train.minutes=0.6"])
    assert run(longer, folder, tmp_path, resume=True)[-1].step > progress[-1].step


def test_the_last_part_takes_other_shares_once(tmp_path):
    """Two files that can be told apart: the second is seen only at the end."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name, mark in (("a", "one"), ("b", "two")):
        pairs = [(f"{mark} {' '.join(t)}", mark) for t in itertools.permutations("abcde", 3)]
        write_pairs(folder / f"{name}.tsv", sourced(pairs), ("src", "tgt"))
    config = override(
        CONFIG,
        [
            'data.train=["a.tsv","b.tsv"]', "data.share=[1.0,0.0]", "data.finish=[0.0,1.0]",
            "data.finish_from=0.5", "train.steps=40", "data.augment.casual=0.0", "data.split=0.2",
        ],
    )  # fmt: skip
    seen = [kinds for kinds, _ in watched(config, folder, tmp_path / "run")]
    assert seen == [{0}] * 20 + [{1}] * 20


def watched(config, folder, out, resume=False, until=10**9):
    """For each step which files its pairs are from, and its epoch."""
    steps = []
    with claimed(out):
        begun = begin(config, folder, out, accelerator_of(config.train), resume)
        border = begun.corpus.groups[0]
        for rows in loop._stream(begun):
            kinds = {int(r >= border) for part in rows for r in part}
            steps.append((kinds, begun.state.epoch))
            begun.state.advance(0.9, 1)
            if begun.state.done(config.train) >= 1 or begun.state.step >= until:
                break
        begun.state.save(out / STATE, config)
    return steps


@pytest.mark.parametrize("killed", [1, 5, 13, 19, 20, 21, 33])
def test_the_switch_is_where_it_was_after_a_kill(tmp_path, killed):
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("a", "b"):
        pairs = [(f"{name} {' '.join(t)}", name) for t in itertools.permutations("abcde", 3)]
        write_pairs(folder / f"{name}.tsv", sourced(pairs), ("src", "tgt"))
    config = override(
        CONFIG,
        [
            'data.train=["a.tsv","b.tsv"]', "data.share=[1.0,0.3]", "data.finish=[0.5,2.0]",
            "data.finish_from=0.5", "train.steps=40", "data.augment.casual=0.0", "data.split=0.2",
        ],
    )  # fmt: skip
    whole = watched(config, folder, tmp_path / "whole")
    first = watched(config, folder, tmp_path / "run", until=killed)
    rest = watched(config, folder, tmp_path / "run", resume=True)
    assert len(first) == killed
    assert first + rest == whole
    assert whole[20][1] == whole[19][1] + 1  # with a new epoch
