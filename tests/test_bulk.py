"""Many lines by other engines: the same lines out, in the same order, whatever happens to a worker."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
from pathlib import Path

import pytest

from s2s.bulk import ctranslate2
from s2s.bulk.engines import answers, default
from s2s.bulk.job import Job
from s2s.config import RerankOptions, SearchOptions
from s2s.errors import S2SError
from s2s.export.ctranslate2 import export
from s2s.pipeline import Pipeline
from s2s.terminal import Asked
from tests.conftest import save_tiny, toy_pairs
from tests.test_cli import s2s

ROOT = Path(__file__).resolve().parent.parent
NAME = "translate-en-fr-transformer"
ODD = [
    "",
    "  ",
    "HELLO MY OLD FRIEND. HOW ARE YOU?",
    "One. Two! And three?",
    "a\tb",
    "漢字",
    "7 of 12",
]


def phrases(n: int) -> list[str]:
    with (ROOT / "s2s/data/own/phrases.en-fr.tsv").open(encoding="utf-8") as file:
        rows = [row["en"] for row in csv.DictReader(file, delimiter="\t")]
    return random.Random(2).sample(sorted(set(rows)), n)


def asked(name, nbest: int = 1, beam: int | None = None, given: list[str] | None = None, **others):
    return Job(str(name), Asked.of(beam, nbest, given), precision="fp32", **others)


# ------------------------------------------------------------------------------------- CTranslate2
@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "model"
    export(Pipeline(NAME).checkpoint, folder)
    return folder


@pytest.mark.parametrize(("nbest", "given"), [(1, None), (3, None), (1, ["alpha=0"])])
def test_ctranslate2_says_what_our_search_says(folder, nbest, given):
    blocks = [[*ODD, *phrases(20)]]
    ours = list(answers("default", asked(NAME, nbest, 5, given), blocks))
    theirs = list(answers("ctranslate2", asked(NAME, nbest, 5, given, exported=folder), blocks))
    assert theirs == ours


def test_ctranslate2_keeps_to_a_limit(folder):
    """Ours prefers an output that has ended to one that the limit cuts; there both compete alike."""
    [block] = answers("ctranslate2", asked(NAME, 1, 5, ["max_length=4"], exported=folder), [ODD])
    tokenizer = Pipeline(NAME).tokenizer
    lengths = [len(tokenizer.encode(line)) for line in block.lines]
    assert lengths[:3] == [0, 0, 8]  # two sentences of four
    assert max(lengths[4:]) <= 4
    assert sum("limit" in str(warning) for warning in block.warnings) >= 2


def test_an_export_is_made_once(monkeypatch, tmp_path, tokenizer):
    monkeypatch.setenv("S2S_CACHE", str(tmp_path / "cache" / "corpora"))
    tiny = save_tiny(tmp_path, "tiny", "transformer", tokenizer)
    first = ctranslate2.cached(tiny)
    at = (first / "model.bin").stat().st_mtime_ns
    assert ctranslate2.cached(tiny) == first
    assert (first / "model.bin").stat().st_mtime_ns == at
    assert [p.name for p in first.parent.iterdir()] == [first.name]


def test_what_ctranslate2_cannot_do_is_refused(tmp_path, tokenizer, folder):
    for given in (
        "method=sample",
        "length_norm=gnmt",
        "coverage=0.2",
        "block_ngram=3",
        "min_length=5",
    ):
        with pytest.raises(S2SError, match=given.partition("=")[0]):
            answers("ctranslate2", asked(NAME, 1, None, [given], exported=folder), [])
    with pytest.raises(S2SError, match="mutual"):
        ctranslate2.check(SearchOptions(), RerankOptions(mutual=0.3))
    tiny = save_tiny(tmp_path, "tiny", "transformer", tokenizer)
    with pytest.raises(S2SError, match="other weights"):
        answers("ctranslate2", asked(tiny, exported=folder), [])
    with pytest.raises(S2SError, match="no export"):
        answers("ctranslate2", asked(tiny, exported=tmp_path), [])
    with pytest.raises(S2SError, match="engine"):
        answers("cuda", asked(tiny), [])
    with pytest.raises(S2SError, match="wants --engine"):
        answers("default", asked(tiny, exported=folder), [])


def test_no_trace_is_one_sentence_on_the_command_line(tmp_path, tokenizer):
    tiny = save_tiny(tmp_path, "tiny", "transformer", tokenizer)
    for more in (("--json",), ("--json", "--attention")):
        done = s2s("generate", "-c", tiny, "--engine", "ctranslate2", *more, stdin="the cat\n")
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"leaves no trace" in done.stderr
        assert done.stderr.count(b"\n") == 1


# --------------------------------------------------------------------------------------------- Ray
@pytest.fixture(scope="module")
def cluster():
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    yield ray
    ray.shutdown()


@pytest.fixture(scope="module")
def blocks():
    """Twelve blocks; the lines of each tell it from all others."""
    texts = [source for source, _ in toy_pairs(120)] + [*ODD, "last"]
    return [texts[i : i + 11] for i in range(0, len(texts), 11)]


def test_ray_gives_the_same_lines_in_order_though_a_worker_dies(cluster, tiny_checkpoint, blocks):
    wanted = list(default(asked(tiny_checkpoint), blocks))
    found, killed = [], []
    for answered in answers("ray", asked(tiny_checkpoint), blocks * 20):
        found.append(answered)
        if not killed:
            killed = [
                actor["Pid"]
                for actor in cluster._private.state.actors().values()
                if actor["State"] == "ALIVE" and "MapWorker" in actor["ActorClassName"]
            ][:1]
            assert killed
            os.kill(killed[0], signal.SIGKILL)
    assert found == wanted * 20


def test_ray_gives_traces_too(cluster, tiny_checkpoint, blocks):
    wanted = asked(tiny_checkpoint, 2, 2, json=True, attention=True)
    [ours], [theirs] = (list(answers(e, wanted, blocks[:1])) for e in ("default", "ray"))
    assert [drop(line) for line in theirs.lines] == [drop(line) for line in ours.lines]


def drop(line: str) -> dict:
    """All but how long it took."""
    return {k: v for k, v in json.loads(line).items() if k != "seconds"}


def test_what_a_worker_refuses_is_one_sentence(cluster, tiny_checkpoint, blocks):
    with pytest.raises(S2SError, match="cannot rank by mutual information"):
        list(answers("ray", asked(tiny_checkpoint, 1, None, ["mutual=0.5"]), blocks[:2]))
