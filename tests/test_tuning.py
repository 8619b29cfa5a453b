"""The search for options: where it looks, that it goes on, what it says, what it refuses."""

from __future__ import annotations

import builtins
import itertools
import json
import re
from xml.etree import ElementTree

import pytest

from s2s import checkpoint
from s2s.cli import main
from s2s.config import Config, bounds, override
from s2s.data.toys import lines_of, write
from s2s.errors import S2SError
from s2s.figures.tuning import history, scatter
from s2s.models import MODELS
from s2s.options import Span, spans
from s2s.training import tuning
from s2s.training.recipes import RECIPES
from s2s.training.tuning import space_of, tune

TINY = override(
    RECIPES["toy-attention"],
    [
        "train.steps=8", "train.eval_every=4", "train.eval_sentences=5", "train.save_every=3",
        "train.batch_tokens=128", "model.hidden=16", "model.embedding=16", "model.attention_size=8",
    ],
)  # fmt: skip
OVER = ["train.lr=1e-3..1e-1", "model.dropout"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    write(folder, lines_of("copy", 120), 10)
    return folder


def run(data, out, trials, over=OVER, config=TINY, **more):
    return list(tune(config, data, out, trials, space_of(config, over), **more))


# ----------------------------------------------------------------------------------------- where
@pytest.mark.parametrize("cls", [Config, *(m.config_class for m in MODELS.values())])
def test_a_search_looks_only_where_an_option_may_be(cls):
    found = spans(cls)
    assert found
    for name, place in found.items():
        low, high, _ = bounds(cls, name)
        assert low <= place.lo < place.hi <= high
        assert not place.log or (place.lo > 0 and place.step is None)


def test_where_is_looked_by_default_and_on_request():
    space = space_of(TINY, [])
    assert {"train.lr", "model.hidden", "train.batch_tokens"} <= set(space)
    assert space_of(TINY, ["train.lr"]) == {"train.lr": space["train.lr"]}
    assert space_of(TINY, ["train.lr=1e-3..1e-2"])["train.lr"] == Span(1e-3, 1e-2, True)
    assert space_of(TINY, ["model.hidden=64..256"])["model.hidden"] == Span(64, 256, False, 64)
    assert space_of(TINY, ["model.attention"])["model.attention"][0] == "none"
    assert space_of(TINY, ["train.seed=1,2"])["train.seed"] == (1, 2)


@pytest.mark.parametrize(
    ("over", "why"),
    [
        ("train.nothing", "no option"),
        ("nothing.at.all=1..2", "no option"),
        ("train.lr=5..1000", "train.lr must be a number from 0 to 100"),
        ("train.lr=1..0.1", "the lower one first"),
        ("train.lr=a..b", "two numbers"),
        ("model.hidden=7..71", "hidden must be even"),
        ("model.attention=additive,none,magic", "attention"),
        ("train.steps", "does not say where"),
        ("train.lr=" + "[" * 9000, "must be"),
        ("", "no option"),
    ],
)
def test_places_that_cannot_be_are_refused_in_a_sentence(over, why):
    with pytest.raises(S2SError, match=re.escape(why)) as error:
        space_of(TINY, [over])
    assert len(str(error.value)) < 250


# ----------------------------------------------------------------------------------------- study
def test_a_study_goes_on_where_it_was_and_keeps_the_best(data, tmp_path):
    first = run(data, tmp_path, 2)[-1]
    assert len(first.trials) == 2
    again = run(data, tmp_path, 3)
    assert again[0].trials == first.trials  # known from before, not trained again
    last = again[-1]
    assert last.trials[:2] == first.trials
    assert len(last.trials) == 3
    assert run(data, tmp_path, 3)[-1].trials == last.trials
    assert len({json.dumps(t.params) for t in last.trials}) == 3
    for trial in last.trials:
        assert 1e-3 <= trial.params["train.lr"] <= 1e-1
        assert trial.steps == 8
    kept = tuning.best_folder(tmp_path, last)
    assert [p.name for p in (tmp_path / "trials").iterdir()] == [kept.name]
    config = checkpoint.load(kept).config
    assert config.train.lr == last.best.params["train.lr"]
    assert config.model["dropout"] == last.best.params["model.dropout"]
    assert last.best.value == max(t.value for t in last.trials if t.state == "complete")


def test_an_interrupted_trial_is_taken_up_again(data, tmp_path, monkeypatch):
    """A signal ends the second trial early; the study ends as one that was never interrupted."""
    whole = run(data, tmp_path / "whole", 2)[-1]
    real, calls = tuning.train, itertools.count(1)

    def interrupted(*given, **named):
        steps = real(*given, **named)
        if next(calls) < 2:
            yield from steps
            return
        yield next(steps)  # its state is saved behind step 3; then, as a signal has it, no more
        yield next(steps)

    monkeypatch.setattr(tuning, "train", interrupted)
    short = override(TINY, ["train.log_every=3"])
    with pytest.raises(KeyboardInterrupt):
        run(data, tmp_path / "halves", 2, config=short)
    monkeypatch.setattr(tuning, "train", real)
    found = run(data, tmp_path / "halves", 2, config=short)[-1]
    assert [t.params for t in found.trials] == [t.params for t in whole.trials]
    assert [t.value for t in found.trials] == [t.value for t in whole.trials]


def test_poor_trials_are_cut_short(data, tmp_path, monkeypatch):
    """Every trial after the first is worse than it by far, from its first validation on."""
    real, calls = tuning.train, itertools.count()

    def graded(*given, **named):
        worse = 50.0 if next(calls) else 0.0
        for p in real(*given, **named):
            metric = None if p.metric is None else 100.0 - worse
            yield type(p)(**{**vars(p), "metric": metric, "best": 100.0 - worse})

    monkeypatch.setattr(tuning, "train", graded)
    monkeypatch.setattr(tuning, "FIRST", 1)
    found = run(data, tmp_path, 3)[-1]
    assert [t.state for t in found.trials] == ["complete", "pruned", "pruned"]
    assert [t.steps for t in found.trials] == [8, 4, 4]
    assert found.best.number == 0
    monkeypatch.setattr(tuning, "train", real)
    whole = run(data, tmp_path / "other", 2, pruner="none")[-1]
    assert [t.state for t in whole.trials] == ["complete"] * 2


def test_a_trial_that_blows_up_is_a_failed_one(data, tmp_path):
    wild = ["train.lr=99.0,99.5", "train.clip=1000000.0,900000.0"]
    config = override(TINY, ["train.steps=60", "train.warmup=1"])
    found = run(data, tmp_path, 1, over=wild, config=config)[-1]
    assert found.trials[0].state == "failed"
    assert "train.lr" in found.trials[0].why
    assert found.best is None
    assert tuning.best_folder(tmp_path, found) is None


def test_another_study_in_the_same_folder_is_refused(data, tmp_path):
    run(data, tmp_path, 1)
    with pytest.raises(S2SError, match="begun with other options"):
        run(data, tmp_path, 2, over=["train.lr"])
    (tmp_path / tuning.STUDY).write_bytes(b"no database at all" * 100)
    with pytest.raises(S2SError, match="cannot be opened"):
        run(data, tmp_path, 2)


def test_without_optuna_one_sentence_says_what_to_install(data, tmp_path, monkeypatch):
    real = builtins.__import__

    def no_optuna(name, *given, **named):
        if name.partition(".")[0] == "optuna":
            raise ImportError(name)
        return real(name, *given, **named)

    monkeypatch.setattr(builtins, "__import__", no_optuna)
    with pytest.raises(S2SError, match=re.escape('pip install "s2s[tune]"')):
        run(data, tmp_path, 1)


# --------------------------------------------------------------------------------- command line
@pytest.fixture
def s2s(monkeypatch, capsys):
    def call(*arguments):
        monkeypatch.setattr("sys.argv", ["s2s", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return call


def test_the_command_writes_a_report_with_pictures(s2s, data, tmp_path):
    sets = [f"--set={a}" for a in ("train.steps=4", "train.eval_every=2", "train.eval_sentences=4")]
    out = tmp_path / "study"
    code, told, err = s2s(
        "tune", "toy-plain", "--data", data, "--trials", 2, "--out", out, *sets,
        "--over", "train.lr", "--over", "model.cell",
    )  # fmt: skip
    assert code == 0, err
    assert checkpoint.load(told.strip()).config.name == "toy-plain"
    assert "trial 0 of 2: complete" in err
    text = (out / "report.md").read_text("utf-8")
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", text):
        ElementTree.parse(out / picture)
    assert "2 trials: " in text
    assert "--set train.lr=" in text
    rows = [line for line in text.splitlines() if re.match(r"\| [01] \|", line)]
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nothing"], "Unknown recipe"),
        (["toy-plain", "--trials", "0"], "trials"),
        (["toy-plain", "--over", "train.lr=1..1000"], "train.lr"),
        (["toy-plain", "--pruner", "axe"], "--pruner must be"),
        (["toy-plain", "--data", "/nowhere"], "no file"),
        (["toy-plain", "--set", "train.lr=-1"], "train.lr"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(s2s, tmp_path, arguments, why):
    code, out, err = s2s("tune", *arguments, "--out", tmp_path / "out")
    assert (code, out) == (2, "")
    assert why in err
    assert len(err.strip().splitlines()) == 1


def test_where_is_told_without_training(s2s):
    code, out, _ = s2s("tune", "toy-attention", "--where", "--over", "train.lr=1e-3..1e-2")
    assert (code, out) == (0, "train.lr  0.001 to 0.01 logarithmic\n")


def test_pictures_hold_every_point_and_escape():
    points = [(1e-3, 5.0, "complete"), (1e-2, 9.0, "pruned"), (1e-1, 7.0, "complete")]
    root = ElementTree.fromstring(scatter(points, "<lr> & co", "exact", log=True))
    groups = root.findall("{http://www.w3.org/2000/svg}g")
    assert len(groups) == 3
    assert "<lr> & co" in "".join(root.itertext())
    line = ElementTree.fromstring(history(points, "exact")).find(
        "{http://www.w3.org/2000/svg}polyline"
    )
    assert len(line.get("points").split()) == 3
    ElementTree.fromstring(history([], "exact"))
