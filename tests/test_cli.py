"""The command line as other programs call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def s2s(*arguments, stdin: str | bytes = "", checkpoints: Path | None = None):
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    if checkpoints:
        environment["S2S_CHECKPOINTS"] = str(checkpoints)
    return subprocess.run(
        [sys.executable, "-m", "s2s", *map(str, arguments)],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        timeout=120,
        check=False,
    )


def test_one_line_out_for_each_line_in(tiny_checkpoint):
    lines = ["The cat sees a dog.", "", "  ", "The house. The dog!", "a\tb", "漢字", "last"]
    done = s2s("generate", "-c", tiny_checkpoint, "--beam", 2, stdin="\n".join(lines))
    assert done.returncode == 0, done.stderr
    out = done.stdout.decode().split("\n")
    assert out[-1] == ""
    assert len(out) - 1 == len(lines)
    assert out[1] == out[2] == ""
    assert all("\t" not in line for line in out)


def test_no_input_gives_no_output(tiny_checkpoint):
    done = s2s("generate", "-c", tiny_checkpoint)
    assert (done.returncode, done.stdout) == (0, b"")


def test_bytes_that_are_no_text_are_survived(tiny_checkpoint):
    done = s2s("generate", "-c", tiny_checkpoint, stdin=b"the dog\nd\xe9j\xe0 vu\r\nthe cat\n")
    assert done.returncode == 2
    assert done.stdout.count(b"\n") == 3
    assert b"warning: line 2 is not UTF-8 (byte 2 is 0xE9)" in done.stderr


def test_nbest_are_columns(tiny_checkpoint):
    done = s2s("generate", "-c", tiny_checkpoint, "--beam", 4, "--nbest", 3, stdin="the cat\n\n")
    first, second, _ = done.stdout.decode().split("\n")
    assert len(first.split("\t")) == 3
    assert second == ""


def test_json_tells_everything(tiny_checkpoint):
    done = s2s(
        "generate",
        "-c",
        tiny_checkpoint,
        "--beam",
        3,
        "--nbest",
        3,
        "--json",
        "--attention",
        stdin="the cat\n\n",
    )
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    hypotheses = first["sentences"][0]["hypotheses"]
    assert first["text"] == hypotheses[0]["text"]
    assert len(hypotheses) == 3
    assert hypotheses[0]["score"] >= hypotheses[1]["score"] or not hypotheses[1]["finished"]
    for h in hypotheses:
        assert sum(h["token_logprobs"]) == pytest.approx(h["total"], abs=1e-3)
        assert all(sum(row) == pytest.approx(1, abs=0.02) for row in h["attention"])
    assert (second["text"], second["warnings"], second["sentences"]) == ("", [], [])


def test_a_very_long_line_warns_on_stderr(tiny_checkpoint):
    done = s2s("generate", "-c", tiny_checkpoint, "--beam", 1, stdin="x" * 120_000)
    assert done.returncode == 0
    assert done.stdout.count(b"\n") == 1
    assert b"only the first 100,000" in done.stderr


def test_evaluate_prints_one_json_object(tiny_checkpoint, tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("en\tfr\nthe cat\tTHE CAT\nthe cat\tCAT\nthe dog\tDOG\n", encoding="utf-8")
    done = s2s(
        "evaluate",
        "-c",
        tiny_checkpoint,
        "--data",
        path,
        "--src",
        "en",
        "--tgt",
        "fr",
        "--beam",
        2,
        "--set",
        "alpha=0.5",
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["sentences"] == 2
    assert report["references"] == 3
    assert report["search"]["beam"] == 2
    assert report["search"]["alpha"] == 0.5
    assert {"bleu", "bleu_signature", "chrf", "chrf_signature", "tokens_per_second"} <= set(report)


def test_list_names_checkpoints_and_recipes(tiny_checkpoint):
    done = s2s("list", checkpoints=tiny_checkpoint.parent)
    text = done.stdout.decode()
    assert "tiny" in text
    assert "translate-en-fr-bahdanau" in text


BAD = [
    ["frobnicate"],
    ["generate"],
    ["generate", "-c", "nope"],
    ["generate", "-c", "TINY", "--beam", "0"],
    ["generate", "-c", "TINY", "--beam", "many"],
    ["generate", "-c", "TINY", "--beam", "2", "--nbest", "3"],
    ["generate", "-c", "TINY", "--attention"],
    ["generate", "-c", "TINY", "--set", "nothing=1"],
    ["generate", "-c", "TINY", "--frob"],
    ["generate", "-c", "TINY", "--device", "abacus"],
    ["evaluate", "-c", "TINY"],
    ["evaluate", "-c", "TINY", "--data", "nope.tsv"],
    ["evaluate", "-c", "TINY", "--data", "README.md"],
    ["train", "nope"],
    ["train", "translate-own", "--data", "nope"],
    ["train", "translate-own", "--set", "train.steps=x"],
    ["train", "translate-own", "--resume", "--data", "EMPTY"],
]


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_bad_input_is_one_sentence_and_code_2(arguments, tiny_checkpoint, tmp_path):
    places = {"TINY": tiny_checkpoint, "EMPTY": tmp_path}
    done = s2s(*(places.get(a, a) for a in arguments), stdin="the cat\n")
    assert done.returncode == 2
    assert done.stdout == b""
    lines = done.stderr.decode().strip().splitlines()
    assert len(lines) == 1
    assert "Traceback" not in lines[0]


def test_a_conversation_is_a_line_of_turns(tiny_chat):
    lines = "the cat\ta dog\n\nmy house\n"
    done = s2s("generate", "-c", tiny_chat, "--beam", 2, "--json", stdin=lines)
    assert done.returncode == 0, done.stderr
    first, empty, _ = (json.loads(line) for line in done.stdout.decode().splitlines())
    assert first["sentences"][0]["source"]["parts"] == ["the cat", "a dog"]
    assert empty["sentences"] == []


def test_replies_are_reranked_on_demand(tiny_chat):
    done = s2s(
        "generate",
        "-c",
        tiny_chat,
        "--beam",
        4,
        "--json",
        "--set",
        "mutual=0.5",
        "--set",
        "groups=2",
        stdin="the cat\n",
    )
    assert done.returncode == 0, done.stderr
    for h in json.loads(done.stdout)["sentences"][0]["hypotheses"]:
        assert h["alone"] < 0


def test_a_summary_of_a_kind(tiny_summarizer):
    lines = "the old cat sees a dog\n\n"
    done = s2s(
        "generate",
        "-c",
        tiny_summarizer,
        "--kind",
        "headline",
        "--json",
        "--attention",
        stdin=lines,
    )
    assert done.returncode == 0, done.stderr
    sentence = json.loads(done.stdout.decode().splitlines()[0])["sentences"][0]
    assert sentence["source"]["pieces"][0] == "<headline>"
    best = sentence["hypotheses"][0]
    assert len(best["extras"]["generate"]) == len(best["tokens"])


def test_an_unknown_kind_is_refused(tiny_summarizer, tiny_checkpoint):
    for folder, kind in ((tiny_summarizer, "poem"), (tiny_checkpoint, "headline")):
        done = s2s("generate", "-c", folder, "--kind", kind, stdin="x\n")
        assert done.returncode == 2
        assert b"kind" in done.stderr
        assert done.stderr.count(b"\n") == 1


def test_evaluate_works_for_every_task(tiny_chat, tiny_summarizer, tmp_path):
    chat, news = tmp_path / "chat.jsonl", tmp_path / "news.jsonl"
    chat.write_text(json.dumps({"context": ["the cat"], "response": "A DOG"}) + "\n")
    news.write_text(json.dumps({"text": "the old cat sees", "summary": "old cat"}) + "\n")
    for folder, path, key in ((tiny_chat, chat, "perplexity"), (tiny_summarizer, news, "rouge1")):
        done = s2s("evaluate", "-c", folder, "--data", path)
        assert done.returncode == 0, done.stderr
        assert key in json.loads(done.stdout)
