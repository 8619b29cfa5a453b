"""Toys: their targets are right, they are learned, and looking on changes nothing."""

from __future__ import annotations

import json
import random
import re
from datetime import date

import pytest
from hypothesis import given, strategies

from s2s import checkpoint
from s2s.config import override
from s2s.data import toys
from s2s.data.reading import read_rows
from s2s.data.toys import TOYS, hold_out, lines_of, own_lines
from s2s.errors import S2SError
from s2s.tasks import TASKS
from s2s.training.loop import train
from s2s.training.recipes import RECIPES
from s2s.training.watching import WATCHED
from tests.test_resume import same

MONTHS = "January February March April May June July August September October November December"
MONTHS = {name[:3]: n for n, name in enumerate(MONTHS.split(), 1)}


def day_of(text: str) -> date:
    """A date as people write it, read without the code that wrote it."""
    year = re.search(r"\d{4}", text)[0]
    day, *month = re.findall(r"\d+", text.replace(year, ""))
    named = re.search("[A-Z][a-z]{2}", text)
    return date(int(year), MONTHS[named[0]] if named else int(month[0]), int(day))


RIGHT = {
    "reverse": lambda s, t: s == t[::-1],
    "sort": lambda s, t: sorted(s.split()) == t.split(),
    "copy": lambda s, t: s == t,
    "dates": lambda s, t: day_of(s) == date.fromisoformat(t),
}


@pytest.mark.parametrize("name", list(TOYS))
def test_every_target_is_right(name):
    lines = lines_of(name, 2_000, seed=3)
    assert all(RIGHT[name](*line) for line in lines)
    assert len({source for source, _ in lines}) == 2_000
    assert lines == lines_of(name, 2_000, seed=3) != lines_of(name, 2_000, seed=4)
    assert len({len(source.split()) for source, _ in lines}) > 1


@pytest.mark.parametrize("name", list(TOYS))
def test_what_is_held_out_is_not_learned(name, tmp_path):
    toys.write(tmp_path, lines_of(name, 500), 40)
    parts = {
        part: [(row["src"], row["tgt"]) for row in read_rows(tmp_path / part)]
        for part in (toys.TRAIN, toys.VALID)
    }
    assert len(parts[toys.VALID]) == 40
    assert sorted(parts[toys.TRAIN] + parts[toys.VALID]) == sorted(lines_of(name, 500))
    assert not {s for s, _ in parts[toys.TRAIN]} & {s for s, _ in parts[toys.VALID]}


def test_an_unknown_toy_and_one_of_too_many_lines_are_refused():
    with pytest.raises(S2SError, match="no toy 'juggle'; known: reverse"):
        lines_of("juggle")
    with pytest.raises(S2SError, match="different lines"):
        lines_of("dates", 300_000)


# ---------------------------------------------------------------------------------------- own lines
GOOD = "\n".join(f"word {chr(97 + n)}\tWORT {n}" for n in range(22))


def test_own_lines_are_read_with_tabs_or_arrows():
    assert own_lines(GOOD) == own_lines(GOOD.replace("\t", " => ") + "\n\n  \n")
    assert own_lines(GOOD)[0] == ("word a", "WORT 0")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "at least 20"),
        (GOOD + "\nno pair", "Line 23 must be"),
        (GOOD + "\na\tb\tc", "Line 23 must be"),
        (GOOD + "\n\tb", "Line 23 must be"),
        (GOOD + "\n" + "x" * 61 + "\tb", "61 characters"),
        ("\n".join(f"{n} x\t{n}" for n in range(201)), "201 lines"),
        ("a\tb\n" * 30, "1 different"),
        ("x" * 1_000_000, "1,000,000 characters"),
        (
            "\n".join(f"{chr(0x4E00 + 9 * n)}\t{chr(0x6E00 + n)}" for n in range(150)),
            "different ch",
        ),
        ("\x00\t\x07\n" * 40, "Line 1 must be"),
    ],
)
def test_lines_that_cannot_be_learned_get_one_sentence(text, why):
    with pytest.raises(S2SError, match=why) as error:
        own_lines(text)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 200


@given(strategies.text(max_size=400))
def test_whatever_is_typed_is_read_or_refused(text):
    try:
        lines = own_lines(text)
    except S2SError:
        return
    assert all(source and target for source, target in lines)


@given(strategies.integers(1, 60), strategies.integers(20, 200))
def test_holding_out_keeps_every_line_once(n, size):
    rng = random.Random(size)
    lines = [(f"s{rng.randrange(size)}", f"t{i}") for i in range(size)] + [("a", "b"), ("c", "d")]
    learned, held = hold_out(lines, n)
    assert sorted(learned + held) == sorted(lines)
    assert learned
    assert held
    assert not {s for s, _ in learned} & {s for s, _ in held}


# ------------------------------------------------------------------------------------------ watching
TINY = [
    "train.steps=24", "train.eval_every=6", "train.save_every=5", "train.log_every=3",
    "train.eval_sentences=8", "model.hidden=24", "model.embedding=16", "train.batch_tokens=128",
    "train.scheduled_sampling=0.4",
]  # fmt: skip


def snapshots(out) -> list[dict]:
    return [json.loads(line) for line in (out / WATCHED).read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def reverse(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reverse")
    toys.write(folder, lines_of("reverse", 300), 20)
    return folder


@pytest.mark.parametrize("name", ["toy-attention", "toy-plain"])
def test_snapshots_show_attention_and_outputs(reverse, tmp_path, name):
    config = override(RECIPES[name], TINY)
    list(train(config, reverse, tmp_path / "seen", watch=2))
    list(train(config, reverse, tmp_path / "unseen"))
    same(tmp_path / "seen", tmp_path / "unseen")  # looking on changes nothing
    assert not (tmp_path / "unseen" / WATCHED).exists()
    found = snapshots(tmp_path / "seen")
    assert [s["step"] for s in found] == [0, 6, 12, 18, 24]
    held = [row["src"] for row in read_rows(reverse / toys.VALID)][:2]
    for shot in found:
        assert [line["source"] for line in shot["lines"]] == held
        for line in shot["lines"]:
            assert RIGHT["reverse"](line["source"], line["target"])
            assert len(line["samples"]) == 3
            if name == "toy-plain":
                assert line["alpha"] is None
                continue
            assert len(line["alpha"]) == len(line["tgt"])
            for row in line["alpha"]:
                assert len(row) == len(line["src"])
                assert sum(row) == pytest.approx(1, abs=1e-3)
                assert min(row) >= 0
    assert found[0]["lines"] != found[-1]["lines"]


def test_stopping_and_resuming_is_never_having_stopped(reverse, tmp_path):
    config = override(RECIPES["toy-attention"], TINY)
    list(train(config, reverse, tmp_path / "whole", watch=2))
    for progress in train(config, reverse, tmp_path / "halves", watch=2):
        if progress.step == 15:
            break  # as a kill would: its last state is that of step 15, its last look step 12's
    with open(tmp_path / "halves" / WATCHED, "a") as file:
        file.write('{"step": 18, "half a line')
    list(train(config, reverse, tmp_path / "halves", resume=True, watch=2))
    same(tmp_path / "whole", tmp_path / "halves")
    assert snapshots(tmp_path / "whole") == snapshots(tmp_path / "halves")


def test_more_lines_than_there_are_cannot_be_watched(reverse, tmp_path):
    config = override(RECIPES["toy-attention"], TINY)
    with pytest.raises(S2SError, match="20 validation sources to watch, not 21"):
        list(train(config, reverse, tmp_path, watch=21))


def test_with_attention_a_toy_is_learned_and_without_it_is_not(tmp_path):
    toys.write(tmp_path / "data", lines_of("sort"), 60)
    right = {}
    for name in ("toy-attention", "toy-plain"):
        config = override(RECIPES[name], ["train.steps=600", "train.eval_every=200"])
        progress = list(train(config, tmp_path / "data", tmp_path / name, watch=1))
        right[name] = progress[-1].best
        assert checkpoint.load(tmp_path / name).config == config
    assert right["toy-attention"] > 60 > 30 > right["toy-plain"]
    shot = snapshots(tmp_path / "toy-attention")[-1]["lines"][0]
    looked = [row.index(max(row)) for row in shot["alpha"][:-1]]
    letters = [shot["src"][n] for n in looked]
    hits = sum(a == b for a, b in zip(letters, shot["tgt"], strict=False))
    assert hits > len(looked) / 2  # attention stands where the letter does that is written


def test_exact_lines_count_and_nothing_else():
    score = TASKS["rewriting"].score
    assert score(["a b", "c"], [["a b"], ["d", "c"]], "") == 100
    assert score(["a b", "c d"], [["a b"], ["c  d"]], "") == 50
