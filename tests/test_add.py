"""``s2s add``: from a folder of the hub to a checkpoint, and everything that may be wrong with it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

pytest.importorskip("transformers")

from s2s.checkpoint import available, load, read_config, survey
from s2s.config import SearchOptions
from s2s.errors import S2SError
from s2s.models.huggingface.defaults import config_of, left_out, search_of
from s2s.models.huggingface.folder import Folder
from s2s.pipeline import Pipeline
from s2s.text.opening import Opening
from tests.hub import folder_of
from tests.opened import folder
from tests.test_cli import ROOT, s2s


@pytest.fixture
def home(tmp_path):
    """A home of checkpoints."""
    found = tmp_path / "home"
    found.mkdir()
    return found


def test_a_folder_becomes_a_checkpoint(home):
    done = s2s("add", folder("marian"), "--name", "opus-mt-en-fr", checkpoints=home)
    assert done.returncode == 0, done.stderr
    assert not (home / "opus-mt-en-fr" / "model.safetensors").exists()  # it refers to the folder
    config = read_config(home / "opus-mt-en-fr")
    assert (config.src_language, config.tgt_language) == ("en", "fr")
    assert b"opus-mt-en-fr" in s2s("list", checkpoints=home).stdout
    lines = "Good morning.\nA cat\tand a dog."
    done = s2s(
        "generate", "-c", "opus-mt-en-fr", "--set", "max_length=5", stdin=lines, checkpoints=home
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.decode().splitlines()) == 2


def test_a_copy_stands_alone(home, tmp_path):
    there = tmp_path / "there"
    shutil.copytree(folder("t5"), there)
    done = s2s("add", there, "--copy", "--src", "en", "--tgt", "fr", checkpoints=home)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(there)
    found = load(home / "there")
    assert found.config.model["prefix"] == "translate English to French: "
    assert found.foreign
    # what is read begins with the prefix
    ids, _ = found.task.encode(found.task.read(_source("Good morning.")), found.tokenizer, 50)
    assert found.tokenizer.decode(ids).startswith("translate English to French")


def _source(text):
    from s2s.text.source import Source

    return Source((text,))


def test_languages_are_named_as_the_tokenizer_names_them():
    for family, source, first in (
        ("nllb", "eng_Latn", "fra_Latn"),
        ("mbart", "en_XX", "fr_XX"),
        ("m2m_100", "en", "__fr__"),
    ):
        config = config_of(Folder(folder(family)), ".", src="en", tgt="fr")
        assert (config.model["source"], config.model["first"]) == (source, first)
        assert (config.src_language, config.tgt_language) == ("en", "fr")
        assert config_of(Folder(folder(family)), ".", src=source, tgt=first.strip("_")) is not None
    with pytest.raises(S2SError, match="no language"):
        config_of(Folder(folder("nllb")), ".", src="en", tgt="xx")


def test_a_generation_config_in_our_words():
    said = {
        "num_beams": 6,
        "length_penalty": 2.0,
        "max_length": 142,
        "min_length": 56,
        "no_repeat_ngram_size": 3,
        "early_stopping": True,
        "encoder_no_repeat_ngram_size": 3,
        "bad_words_ids": [[4], [5, 6]],
    }
    found = search_of(said)
    assert found == SearchOptions(
        beam=6, alpha=2.0, max_length=141, min_length=56, block_ngram=3, stop="early"
    )
    assert left_out(said) == ["encoder_no_repeat_ngram_size = 3", "1 forbidden sequences"]
    assert search_of({}).stop == "hopeful"
    wild = {"num_beams": 10**9, "max_length": "x", "length_penalty": None, "min_length": -1}
    assert search_of(wild).beam == 64  # clipped, or left at our own


def test_what_a_task_says_of_itself_goes_first(tmp_path):
    there = folder_of(tmp_path, "t5")
    config = json.loads((there / "config.json").read_text())
    config["task_specific_params"] = {
        "translation_en_to_fr": {"num_beams": 4, "max_length": 300, "prefix": "say in French: "}
    }
    (there / "config.json").write_text(json.dumps(config))
    found = config_of(Folder(there), ".", src="en", tgt="fr")
    assert (found.search.beam, found.search.max_length) == (4, 299)
    assert found.model["prefix"] == "say in French: "


def test_a_folder_itself_can_be_asked(home):
    """Also one that somebody put among the checkpoints."""
    shutil.copytree(folder("bart"), home / "bart")
    assert [p.name for p in available(home)] == ["bart"]
    [entry] = survey(home)
    assert entry.config.task == "summarization"
    assert not entry.problem
    assert Pipeline(folder("bart"))("Good morning.").sentences


def test_outputs_end_at_the_length_that_a_folder_forces(tmp_path):
    there = folder_of(tmp_path, "bart", forced_eos_token_id=2, max_length=9, num_beams=3)
    pipeline = Pipeline(there)
    assert pipeline.config.model["end_at"] == 8
    for h in pipeline("Good morning, all of you.").sentences[0].hypotheses:
        assert h.finished
        assert len(h.tokens) <= 8
        assert h.logprobs[-1] == 0 or len(h.tokens) < 8


def test_a_prefix_stands_behind_the_forced_token(home):
    done = s2s("add", folder("nllb"), "--src", "en", "--tgt", "fr", checkpoints=home)
    assert done.returncode == 0, done.stderr
    pipeline = Pipeline(home / "nllb")
    result = pipeline("Good morning.", prefix="Bonjour ")
    assert result.text.startswith("Bonjour")
    first = pipeline.checkpoint.model.rules.first
    for h in result.sentences[0].hypotheses:
        assert h.tokens[0] == first
    assert pipeline.tokenizer.opening("") == Opening()
    scored = pipeline.score("Good morning.", "Bonjour.").best
    assert scored.tokens[0] == first
    assert scored.logprobs[0] == 0


REFUSED = {
    "pickles": (
        lambda f: (f / "model.safetensors").rename(f / "pytorch_model.bin"),
        "convert them",
    ),
    "no weights": (lambda f: (f / "model.safetensors").unlink(), "holds no weights"),
    "broken weights": (
        lambda f: (f / "model.safetensors").write_bytes(b"x" * 99),
        "cannot be read",
    ),
    "no config": (lambda f: (f / "config.json").unlink(), "cannot be read"),
    "a list": (lambda f: (f / "config.json").write_text("[]"), "set of options"),
    "another type": (
        lambda f: (f / "config.json").write_text('{"model_type": "gpt2"}'),
        "what can be opened",
    ),
    "a type that is none": (
        lambda f: (f / "config.json").write_text('{"model_type": []}'),
        "what can be opened",
    ),
    "code": (
        lambda f: (f / "config.json").write_text('{"model_type": "bart", "auto_map": {}}'),
        "no plain encoder-decoder",
    ),
    "no tokenizer": (lambda f: [p.unlink() for p in f.glob("tokenizer*")], "holds no tokenizer"),
    "other sizes": (
        lambda f: (f / "config.json").write_text(
            json.dumps(json.loads((f / "config.json").read_text()) | {"d_model": 64})
        ),
        "cannot be read",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_opened_is_refused_in_a_sentence(case, home, tmp_path):
    there = tmp_path / "there"
    shutil.copytree(folder("bart"), there)
    change, why = REFUSED[case]
    change(there)
    done = s2s("add", there, checkpoints=home)
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert why in said
    assert len(said.splitlines()) == 1
    assert not [*home.iterdir()]  # nothing is left behind


def test_a_folder_that_went_away_disturbs_no_neighbour(home, tmp_path):
    there = tmp_path / "there"
    shutil.copytree(folder("bart"), there)
    assert s2s("add", there, checkpoints=home).returncode == 0
    assert s2s("add", folder("pegasus"), checkpoints=home).returncode == 0
    shutil.rmtree(there)
    done = s2s("list", checkpoints=home)
    assert done.returncode == 0
    assert b"pegasus" in done.stdout
    done = s2s("generate", "-c", "there", stdin="Good morning.", checkpoints=home)
    assert done.returncode == 2
    assert len(done.stderr.decode().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nobody/nothing"], "--download"),
        (["no such folder"], "no folder"),
        (["a" * 5000], "no folder"),
        (["FOLDER", "--task", "poetry"], "--task must be"),
        (["FOLDER", "--name", "../x"], "A name is made of"),
        (["FOLDER", "--name", "taken"], "there already"),
        (["FOLDER", "--src", "!!"], "src_language"),
    ],
)
def test_wrong_questions_get_a_sentence(arguments, why, home):
    (home / "taken").mkdir()
    given = [folder("bart") if a == "FOLDER" else a for a in arguments]
    done = s2s("add", *given, checkpoints=home)
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert why in said
    assert len(said.splitlines()) == 1


def test_without_a_network_a_name_gets_a_sentence(home, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    done = s2s("add", "nobody/nothing", "--download", checkpoints=home)
    assert done.returncode == 2
    assert b"folders need no network" in done.stderr


def test_without_transformers_a_sentence_says_how_to_get_it(home):
    assert s2s("add", folder("marian"), checkpoints=home).returncode == 0
    blocked = (
        "import sys; sys.modules['transformers'] = None; from s2s.cli import main; "
        "sys.argv = ['s2s', *sys.argv[1:]]; main()"
    )

    def without(*arguments):
        return subprocess.run(
            [sys.executable, "-c", blocked, *map(str, arguments)],
            cwd=ROOT,
            env={"S2S_CHECKPOINTS": str(home), "PATH": ""},
            input=b"Good morning.\n",
            capture_output=True,
            timeout=120,
            check=False,
        )

    for arguments in (("generate", "-c", "marian"), ("add", folder("t5"))):
        done = without(*arguments)
        assert done.returncode == 2, done.stderr
        assert b'pip install "s2s[huggingface]"' in done.stderr
        assert len(done.stderr.decode().splitlines()) == 1
    assert without("list").returncode == 0  # what needs no network of theirs goes on


def test_it_is_not_trained():
    from s2s.models import build
    from s2s.text.vocabulary import Vocabulary

    with pytest.raises(S2SError, match="opened, not trained"):
        build("huggingface", Vocabulary(9), {"path": "."})
