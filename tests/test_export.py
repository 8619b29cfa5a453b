"""Models in other people's runtimes say what they say here, token by token."""

from __future__ import annotations

import csv
import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s import checkpoint, errors
from s2s.checkpoint import Checkpoint
from s2s.config import Config, DataConfig
from s2s.errors import S2SError
from s2s.export import ctranslate2, huggingface, onnx
from s2s.search.beam import search
from s2s.text.tokenizer import Tokenizer
from tests.conftest import ARCHITECTURES, make_model, save_tiny
from tests.test_cli import s2s

ROOT = Path(__file__).resolve().parent.parent
NAME = "translate-en-fr-transformer"


def phrases(n: int) -> list[str]:
    with (ROOT / "s2s/data/own/phrases.en-fr.tsv").open(encoding="utf-8") as file:
        rows = [row["en"] for row in csv.DictReader(file, delimiter="\t")]
    return random.Random(0).sample(sorted(set(rows)), n)


@pytest.fixture(scope="module")
def shipped() -> Checkpoint:
    return checkpoint.load(NAME)


@pytest.fixture(scope="module")
def ours(shipped):
    """Sources as ids, and what greedy search and a beam of 5 say of each."""
    eos = shipped.tokenizer.vocabulary.eos
    sources = [[*shipped.tokenizer.encode(text), eos] for text in phrases(40)]
    found = {}
    for beam in (1, 5):
        options = replace(shipped.config.search, beam=beam)
        traces = [
            search(shipped.model, torch.tensor([ids]), options, record=False)[0] for ids in sources
        ]
        found[beam] = [trace.best for trace in traces]
    return sources, found


# ------------------------------------------------------------------------------------ transformers
@pytest.fixture(scope="module")
def hugging(shipped, tmp_path_factory):
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    folder = tmp_path_factory.mktemp("hf") / "model"
    huggingface.export(shipped, folder)
    return (
        AutoModelForSeq2SeqLM.from_pretrained(folder).eval(),
        AutoTokenizer.from_pretrained(folder),
    )


@pytest.mark.parametrize("beam", [1, 5])
def test_transformers_writes_our_tokens(hugging, ours, beam):
    model, _ = hugging
    sources, found = ours
    for ids, best in zip(sources, found[beam], strict=True):
        got = model.generate(
            torch.tensor([ids]),
            num_beams=beam,
            early_stopping=beam > 1,
            max_new_tokens=2 * len(ids) + 10,
            return_dict_in_generate=True,
            output_scores=True,
        )
        assert tuple(got.sequences[0].tolist()[1:]) == best.tokens
        if beam > 1:
            assert float(got.sequences_scores[0]) == pytest.approx(best.score, abs=1e-4)


def test_a_batch_as_a_reader_would_write_it(hugging, ours, shipped):
    """The model's own options, padding, text in and text out."""
    model, tokenizer = hugging
    batch = tokenizer(phrases(40)[:8], return_tensors="pt", padding=True)
    texts = tokenizer.batch_decode(model.generate(**batch), skip_special_tokens=True)
    assert texts == [shipped.tokenizer.decode(best.tokens) for best in ours[1][5][:8]]


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_their_tokenizer_gives_our_ids(text):
    ours, theirs = _tokenizers()
    assert theirs(text)["input_ids"] == [*ours.encode(text), ours.vocabulary.eos]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["</s>", "<s>", "<0x41>", " ", "\t", "’", "é", "\u200d", "\u00ad", "▁", "漢", "ab", "9"]
        ),
        max_size=12,
    )
)
def test_marks_written_in_a_text_stay_text(parts):
    ours, theirs = _tokenizers()
    text = "".join(parts)
    assert theirs(text)["input_ids"] == [*ours.encode(text), ours.vocabulary.eos]


_KNOWN: list = []


def _tokenizers():
    if not _KNOWN:
        ours = Tokenizer.load(ROOT / "checkpoints" / NAME / "tokenizer.model")
        _KNOWN.extend((ours, huggingface.fast_tokenizer(ours, 10_000)))
    return _KNOWN


def test_a_source_that_is_too_long_is_cut_as_ours(hugging, shipped):
    _, tokenizer = hugging
    text = "very " * 300
    ours, cut = shipped_ids(shipped, text)
    assert cut
    assert tokenizer(text, truncation=True)["input_ids"] == ours


def shipped_ids(shipped, text):
    from s2s.tasks import TASKS
    from s2s.text.source import Source

    limit = shipped.config.data.max_src
    return TASKS["translation"].encode(Source((text,)), shipped.tokenizer, limit)


# ------------------------------------------------------------------------------------- CTranslate2
@pytest.mark.parametrize("quantization", ["float32", "int8"])
def test_ctranslate2_writes_our_tokens(shipped, ours, tmp_path, quantization):
    from ctranslate2 import Translator

    before = shipped.model.embedding.weight.clone()
    ctranslate2.export(shipped, tmp_path / "ct2", quantization)
    assert torch.equal(before, shipped.model.embedding.weight)  # what is exported stays as it was
    model = Translator(str(tmp_path / "ct2"), compute_type=quantization, intra_threads=1)
    sources, found = ours
    pieces, eos = shipped.tokenizer.pieces, shipped.tokenizer.vocabulary.eos
    for beam in (1, 5):
        same = 0
        for ids, best in zip(sources, found[beam], strict=True):
            [got] = model.translate_batch(
                [pieces(ids[:-1])],
                beam_size=beam,
                length_penalty=shipped.config.search.alpha,
                max_decoding_length=2 * len(ids) + 10,
                suppress_sequences=ctranslate2.never(shipped.tokenizer),
                return_scores=True,
            )
            same += got.hypotheses[0] == pieces([i for i in best.tokens if i != eos])
            if quantization == "float32":
                assert got.scores[0] == pytest.approx(best.score, abs=2e-3)
        # rounding to 8 bits may turn a near tie; single precision may not
        assert same == len(sources) if quantization == "float32" else same >= 0.9 * len(sources)


# -------------------------------------------------------------------------------------------- ONNX
def sessions(folder: Path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return [
        onnxruntime.InferenceSession(folder / f"{name}.onnx", options)
        for name in ("encoder", "step")
    ]


def named(session, values) -> dict[str, np.ndarray]:
    return dict(zip([o.name for o in session.get_outputs()], values, strict=True))


@pytest.fixture(scope="module", params=list(ARCHITECTURES))
def exported(request, tokenizer, tmp_path_factory):
    """A small model of each kind, and its two graphs."""
    architecture, options = ARCHITECTURES[request.param]
    model = make_model(request.param, tokenizer.size)
    config = Config(name="x", architecture=architecture, model=options, data=DataConfig())
    folder = tmp_path_factory.mktemp("onnx") / "model"
    onnx.export(Checkpoint(config, model, tokenizer, folder, "0" * 12, {}), folder)
    return model, sessions(folder), folder


@pytest.mark.parametrize("lengths", [[1], [4], [5, 2, 7], [3, 3]])
@pytest.mark.parametrize("k", [1, 3])
def test_onnx_steps_as_the_model_does(exported, lengths, k):
    """Any number of sources, hypotheses, tokens read and tokens written; padding too."""
    model, (encoder, step), _ = exported
    rng = random.Random(1)
    rows = [[rng.randrange(4, model.vocabulary.size) for _ in range(n - 1)] + [3] for n in lengths]
    source = torch.tensor([row + [0] * (max(lengths) - len(row)) for row in rows])
    memory = model.encode(source)
    carry = model.start(memory, k)
    state = named(encoder, encoder.run(None, {"source": source.numpy()}))
    state = {n: v.repeat(k, 1) if n.startswith("carry.") else v for n, v in state.items()}
    asked = [given.name for given in step.get_inputs() if given.name != "token"]
    token = torch.full((len(lengths), k), model.vocabulary.bos)
    for _ in range(4):
        with torch.inference_mode():
            ours = model.step(token, carry, memory)
        theirs = named(
            step, step.run(None, {"token": token.numpy()} | {n: state[n] for n in asked})
        )
        wanted = {"logp": ours.logp, "attention": ours.attention} | ours.extras
        for name, value in wanted.items():
            if value is not None:
                np.testing.assert_allclose(theirs[name], value.numpy(), atol=1e-4)
        carry = ours.carry
        state |= {n.replace("next.", "carry."): v for n, v in theirs.items() if n[:5] == "next."}
        token = torch.randint(4, model.vocabulary.size, token.shape)


def test_an_export_says_what_its_ids_mean(exported):
    model, _, folder = exported
    facts, v = json.loads((folder / "model.json").read_text()), model.vocabulary
    assert (facts["pad"], facts["bos"], facts["eos"]) == (v.pad, v.bos, v.eos)
    assert tuple(facts["never"]) == v.never
    assert (folder / "tokenizer.model").is_file()


# ------------------------------------------------------------------------------------ the command
def test_the_command_and_what_it_refuses(tmp_path, tokenizer):
    tiny = save_tiny(tmp_path, "tiny", "transformer", tokenizer)
    rnn = save_tiny(tmp_path, "rnn", "bahdanau", tokenizer)
    done = s2s("export", "-c", tiny, "--to", "ctranslate2", "--out", tmp_path / "new" / "ct2")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "new" / "ct2" / "model.bin").is_file()
    assert "weights" in (tmp_path / "new" / "ct2" / "README.md").read_text()
    for arguments, said in (
        (
            ("-c", rnn, "--to", "huggingface", "--out", tmp_path / "a"),
            b"--to onnx takes every model",
        ),
        (("-c", tiny, "--to", "tflite", "--out", tmp_path / "a"), b"huggingface or ctranslate2 or"),
        (("-c", tiny, "--to", "ctranslate2", "--out", tmp_path / "new"), b"is not empty"),
        (("-c", tiny, "--to", "ctranslate2", "--out", tiny / "config.json"), b"cannot be used"),
    ):
        done = s2s("export", *arguments)
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stderr.count(b"\n") == 1
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("module", "target", "extra"),
    [
        ("transformers", huggingface, "huggingface"),
        ("ctranslate2", ctranslate2, "export"),
        ("onnx", onnx, "export"),
    ],
)
def test_without_its_packages_one_sentence_names_them(
    shipped, tmp_path, monkeypatch, module, target, extra
):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(S2SError, match=rf"s2s\[{extra}\]"):
        target.export(shipped, tmp_path / "x")
    assert not (tmp_path / "x").exists()
    assert issubclass(errors.S2SError, ValueError)
