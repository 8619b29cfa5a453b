"""What the lessons compute is what the models compute."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from s2s.analysis.lessons.cells import busiest, gated
from s2s.analysis.lessons.chain import chain
from s2s.analysis.lessons.decoder import lengthened, sizes, written
from s2s.analysis.lessons.embeddings import cosines, matrix_of, neighbours, plane
from s2s.analysis.lessons.encoder import directions, influence, liveliest
from s2s.analysis.lessons.text import changes, joined, padded
from s2s.errors import S2SError
from s2s.pipeline import Pipeline
from s2s.text.cleaning import clean
from s2s.text.words import SPACE
from tests.conftest import ARCHITECTURES, make_model
from tests.pages import BAHDANAU, LSTM

SOURCE = [5, 9, 4, 17, 3]


# ------------------------------------------------------------------------------------------- cells
@pytest.mark.parametrize("name", ["bahdanau", "luong-general", "sutskever", "scaled-reversed"])
def test_gates_by_hand_give_the_states_of_the_network(name):
    """The forward direction of the first layer, against PyTorch's own GRU and LSTM."""
    model = make_model(name)
    found = gated(model, SOURCE)
    ids = [SOURCE[i] for i in found.order]
    assert ids == (SOURCE[::-1] if model.config.reverse_source else SOURCE)
    with torch.inference_mode():
        layer = type(model.encoder)(
            model.encoder.input_size, model.encoder.hidden_size, batch_first=True
        )
        layer.load_state_dict(
            {n: w for n, w in model.encoder.state_dict().items() if n.endswith("_l0")}
        )
        states, _ = layer(model.embedding(torch.tensor([ids])))
    np.testing.assert_allclose(found.values["h"], states[0], atol=1e-5)


def test_gates_of_one_layer_are_the_models_own_memory():
    model = make_model("bahdanau")
    d = model.encoder.hidden_size
    memory = model.encode(torch.tensor([SOURCE]))
    np.testing.assert_allclose(
        gated(model, SOURCE).values["h"], memory["states"][0, :, :d].detach(), atol=1e-5
    )


@pytest.mark.parametrize("name", ["bahdanau", "sutskever"])
def test_the_equations_that_are_shown_hold(name):
    v = gated(make_model(name), SOURCE).values
    if "z" in v:
        np.testing.assert_allclose(v["h"], (1 - v["z"]) * v["n"] + v["z"] * v["before"], atol=1e-6)
        np.testing.assert_allclose(v["before"][1:], v["h"][:-1])
    else:
        np.testing.assert_allclose(v["c"], v["f"] * v["before"] + v["i"] * v["g"], atol=1e-6)
        np.testing.assert_allclose(v["h"], v["o"] * np.tanh(v["c"]), atol=1e-6)
        np.testing.assert_allclose(v["before"][1:], v["c"][:-1])
    assert (np.abs(v["plain"]) <= 1).all()


def test_the_busiest_unit_moves_most():
    found = gated(make_model("bahdanau"), SOURCE)
    h = found.values["h"]
    path = np.abs(np.diff(np.vstack([np.zeros_like(h[:1]), h]), axis=0)).sum(0)
    assert path[busiest(found)] == path.max()


def test_a_network_without_cells_is_refused():
    with pytest.raises(S2SError, match="no recurrent cells"):
        gated(make_model("transformer"), SOURCE)


# -------------------------------------------------------------------------------------------- text
SENTENCES = [
    "She told me that she had never been to Paris.",
    "Room 214, at 10:30 (or later)?",
    "l'été dernier — naïve façade",
    "I",
]


@pytest.mark.parametrize("text", SENTENCES)
def test_joining_in_the_order_of_learning_gives_the_tokenizers_pieces(text):
    tokenizer = Pipeline(BAHDANAU).tokenizer
    learned = tokenizer.learned()
    ids = tokenizer.encode(text)
    if not tokenizer.spelled(ids):
        assert joined(clean(text), learned, len(learned)) == tokenizer.pieces(ids)
    before = None
    for most in (0, 50, 500, len(learned)):
        pieces = joined(clean(text), learned, most)
        assert "".join(pieces) == SPACE + clean(text).replace(" ", SPACE)
        assert before is None or len(pieces) <= before  # more joins, fewer pieces
        before = len(pieces)
    assert joined(clean(text), learned, 0) == [*SPACE, *clean(text).replace(" ", SPACE)]


def test_what_cleaning_changes_is_named():
    assert changes("a b") == []
    found = changes("a\u00a0 b\u2019\u200b")
    assert any("NO-BREAK SPACE U+00A0" in before for before, _after in found)
    assert any("’ U+2019" in before and "' U+0027" in after for before, after in found)
    assert any("U+200B" in before for before, _after in found)


@given(st.text(max_size=40))
def test_changes_lead_from_a_text_to_its_clean_form(text):
    assert (changes(text) == []) == (clean(text) == text)


def test_a_batch_has_rows_of_one_length_that_end_with_the_end():
    tokenizer = Pipeline(BAHDANAU).tokenizer
    for most in (2, 5, 40):
        found = padded(SENTENCES, tokenizer, most)
        assert found.ids.shape[1] <= most
        for text, row, real, cut in zip(SENTENCES, found.ids, found.real, found.cut, strict=True):
            assert row[real][-1] == tokenizer.vocabulary.eos
            assert (row[~real] == tokenizer.vocabulary.pad).all()
            assert real.sum() + cut == len(tokenizer.encode(text)) + 1
        assert found.wasted == found.ids.size - sum(found.real.sum(1))


# -------------------------------------------------------------------------------------- embeddings
def test_looking_up_is_a_product_with_a_row_of_zeros_and_a_one():
    model = make_model("bahdanau")
    matrix = matrix_of(model)
    one_hot = np.eye(len(matrix), dtype=np.float32)[7]
    np.testing.assert_allclose(
        matrix.T @ one_hot, model.embed_source(torch.tensor([[7]]))[0, 0].detach(), atol=1e-6
    )


def test_neighbours_are_the_nearest_and_no_special_pieces(tokenizer):
    matrix = np.random.default_rng(0).normal(size=(tokenizer.size, 6))
    matrix[0] = 0
    row = max(tokenizer.spellings())
    found = neighbours(matrix, row, tokenizer, 5)
    cosine = cosines(matrix, row)
    assert cosine[row] == pytest.approx(1)
    assert cosine[0] == 0
    assert [c for _i, c in found] == sorted((c for _i, c in found), reverse=True)
    others = [cosine[i] for i in tokenizer.spellings() if i not in {row, *(i for i, _c in found)}]
    assert found[-1][1] >= max(others)
    assert {i for i, _c in found} <= set(tokenizer.spellings()) - {row}
    assert not any(p.startswith("<") for p in tokenizer.pieces([i for i, _c in found]))


def test_the_plane_holds_most_of_the_variance():
    vectors = np.random.default_rng(1).normal(size=(20, 7))
    seen = plane(vectors)
    centred = vectors - vectors.mean(0)
    whole = (centred**2).sum()
    assert (seen.points**2).sum() / whole == pytest.approx(seen.share)
    for axes in np.random.default_rng(2).normal(size=(50, 7, 2)):  # no other plane holds more
        q, _r = np.linalg.qr(axes)
        assert ((centred @ q) ** 2).sum() / whole <= seen.share + 1e-9
    assert plane(np.ones((1, 4))).points.tolist() == [[0, 0]]
    assert plane(np.eye(2)).share == pytest.approx(1)


# ----------------------------------------------------------------------------------------- encoder
def test_each_direction_knows_only_what_it_has_read():
    model = make_model("bahdanau")
    whole = directions(model, SOURCE)
    for t in range(1, len(SOURCE)):
        np.testing.assert_allclose(
            directions(model, SOURCE[:t]).forward, whole.forward[:t], atol=1e-6
        )
        np.testing.assert_allclose(
            directions(model, SOURCE[t:]).backward, whole.backward[t:], atol=1e-6
        )


def test_the_forward_states_are_those_of_the_cells():
    model = make_model("bahdanau")
    np.testing.assert_allclose(
        directions(model, SOURCE).forward, gated(model, SOURCE).values["h"], atol=1e-5
    )


def test_the_decoder_starts_from_both_ends():
    """Bahdanau et al. 2015, section A.2.2, by hand."""
    model = make_model("bahdanau")
    found = directions(model, SOURCE)
    ends = torch.from_numpy(np.concatenate([found.forward[-1], found.backward[0]]))
    with torch.inference_mode():
        start = torch.tanh(model.bridge[0](ends))
    np.testing.assert_allclose(found.start, start, atol=1e-5)


def test_a_word_is_felt_where_it_was_read_and_nowhere_else():
    model = make_model("bahdanau")
    for at in range(len(SOURCE)):
        forward, backward = influence(model, SOURCE, at)
        assert (forward[:at] == 0).all()
        assert (forward[at:] > 0).all()
        assert (backward[at + 1 :] == 0).all()
        assert (backward[: at + 1] > 0).all()


@pytest.mark.parametrize("name", ["sutskever", "transformer"])
def test_an_encoder_of_one_direction_is_refused(name):
    with pytest.raises(S2SError, match="two directions"):
        directions(make_model(name), SOURCE)


def test_the_liveliest_units_differ_most():
    states = np.array([[0.0, 1, 5], [0, 2, -5], [0, 3, 5]])
    assert liveliest(states, 2).tolist() == [2, 1]


# ----------------------------------------------------------------------------------------- decoder
@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_writing_step_by_step_is_teacher_forcing(name):
    model, target = make_model(name), [6, 11, 8, 3]
    steps = written(model, SOURCE, target, most=3)
    with torch.inference_mode():
        logp = model(torch.tensor([SOURCE]), model.forced_input(target))[0]
    np.testing.assert_allclose(
        [s.logprob for s in steps], [logp[t, y] for t, y in enumerate(target)], atol=1e-4
    )
    assert [s.read for s in steps] == [model.vocabulary.bos, *target[:-1]]
    for step, row in zip(steps, logp, strict=True):
        chances = [p for _i, p in step.best]
        assert chances == sorted(chances, reverse=True)
        assert chances[0] == pytest.approx(float(row.exp().max()), abs=1e-4)


def test_without_attention_the_memory_does_not_grow():
    fixed, attends = make_model("sutskever"), make_model("bahdanau")
    for source in (SOURCE, SOURCE * 3):
        start, looked = sizes(fixed, source)
        assert (start, looked) == (2 * 2 * fixed.config.hidden, 0)  # h and c of two layers
        start, looked = sizes(attends, source)
        assert (start, looked) == (attends.config.hidden, len(source) * attends.config.hidden)


def test_a_single_sentence_is_its_own_measure():
    """Of one sentence nothing can be lost; each longer one holds one more."""
    rows = list(lengthened(Pipeline(LSTM), ["I like cats.", "I am here."]))
    assert [r.sentences for r in rows] == [1, 2]
    assert rows[0].score == pytest.approx(100)
    assert 0 <= rows[1].score <= 100
    assert rows[1].tokens > rows[0].tokens


# ------------------------------------------------------------------------------------------- chain
def test_the_chain_multiplies_to_the_score():
    best = Pipeline(BAHDANAU)("I have two cats and a dog.").sentences[0].trace.best
    found = chain(best.logprobs)
    assert np.log(found.so_far[-1]) == pytest.approx(best.total, abs=1e-4)
    np.testing.assert_allclose(found.so_far, np.cumprod(found.each))
    assert found.perplexity ** -len(found.each) == pytest.approx(found.so_far[-1])
    assert chain([np.log(1 / 7)] * 4).perplexity == pytest.approx(7)
