"""Panels of the Beam lab through AppTest: what each of them tells."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pytest

from pages.lab.exact import BUDGETS
from pages.lab.tree import what_if_from
from tests.pages import BAHDANAU, LSTM, box, code, labelled, opened, part, press, said
from tests.sentences import parted

SENTENCE = "There is nothing that can be done about it now."


def lab(**query):
    """The page with these values in its address."""
    return opened("beam_lab", **query)


def test_the_tree_has_every_node_with_its_sentence_so_far():
    page = lab(text=SENTENCE)
    nodes = part(page, "tree")["nodes"]
    by_id = {n["id"]: n for n in nodes}
    for n in nodes[1:]:
        before = by_id[n["parent"]]
        assert n["depth"] == before["depth"] + 1
        assert n["text"].startswith(before["text"][:3])
    assert {"#1", "#5"} <= {n["ends"].partition(" ")[0] for n in nodes}
    best = [n for n in nodes if n["kind"] == "chosen output"]
    assert {n["lane"] for n in best} == {0}  # straight down on the left
    labelled(page.get("button_group"), "Pruned candidates").set_value(2).run()
    assert len(part(page, "tree")["nodes"]) > len(nodes)
    assert code(page, "pruned") == "2"


def test_a_node_leads_to_what_if(monkeypatch):
    from pages.parts import state

    kept = state.Kept()
    monkeypatch.setattr(state, "kept", lambda: kept)
    tree = SimpleNamespace(nodes=range(9), tokens=lambda node: (5, 6, node))
    place = SimpleNamespace(trace=SimpleNamespace(best=SimpleNamespace(tokens=(5, 9, 3))))
    what_if_from(place, tree, 7)
    assert (kept.edits, kept.panel) == ("1-6-7", "whatif")
    place.trace.best.tokens = (5, 6, 7, 8, 3)  # the node stands on the output itself
    what_if_from(place, tree, 7)
    assert kept.edits == "2-7"


def test_a_step_can_be_walked():
    page = lab(text=SENTENCE, panel="steps")
    assert "Step 1 of" in said(page)
    labelled(page.slider, "Step").set_value(4).run()
    assert "Step 4 of" in said(page)
    press(page, "Next")
    assert labelled(page.slider, "Step").value == 5
    assert code(page, "at") == "5"
    press(page, "Back")
    assert "Step 4 of" in said(page)


def test_a_step_from_a_longer_search_is_mended():
    page = lab(text=SENTENCE, panel="steps", at="12")
    assert labelled(page.slider, "Step").value == 12
    box(page).set_value("Yes.").run()
    assert labelled(page.slider, "Step").value <= 12
    assert "alive" in said(page)


def test_the_autopsy_tells_a_story():
    words = said(lab(model=BAHDANAU, text=parted(), panel="greedy"))
    assert "They part at step" in words
    assert "The beam" in words
    assert "*is* greedy" in said(lab(model=BAHDANAU, text=parted(), panel="greedy", beam="1"))


def test_a_reference_brings_chrf():
    page = lab(text=SENTENCE, panel="widths", reference="Il n'y a rien à faire.")
    assert "chrF" in page.dataframe[0].value.columns
    assert len(page.dataframe[0].value) == 16


def test_reranking_changes_the_order_only_and_is_in_the_address():
    page = lab(text=SENTENCE, panel="rerank")
    before = page.dataframe[0].value
    labelled(page.get("button_group"), "Normalisation").set_value("none").run()
    after = page.dataframe[0].value
    assert sorted(before["output"]) == sorted(after["output"])
    assert list(after["log-probability"]) == sorted(after["log-probability"], reverse=True)
    assert list(after["score"]) == pytest.approx(list(after["log-probability"]), abs=1e-4)
    assert code(page, "norm") == "none"
    page = lab(text=SENTENCE, panel="rerank", alpha_now="0.25", beta_now="0.5")
    assert labelled(page.slider, "α").value == 0.25
    assert labelled(page.slider, "Coverage β").value == 0.5


def test_ones_own_output_is_judged_token_by_token():
    page = lab(text=SENTENCE, panel="own")
    own = labelled(page.text_area, "Your own output")
    own.set_value("Il n'y a rien à faire <b>maintenant</b>.").run()
    assert "data-rank=" in said(page)
    assert "<b>maintenant" not in said(page)
    labelled(page.text_area, "Your own output").set_value("x " * 3000).run()
    assert "limit is" in said(page)
    assert labelled(page.text_area, "Your own output").value == "x " * 3000


def test_the_models_own_output_is_recognised():
    page = lab(text="Good morning.", panel="tree")
    nodes = [n for n in part(page, "tree")["nodes"] if n["ends"].startswith("#1 ")]
    output = nodes[0]["text"].removesuffix(" (end)")
    again = lab(text="Good morning.", panel="own", target=output)
    assert "the model's own output" in said(again)


def test_what_if_goes_on_and_is_undone():
    page = lab(text=SENTENCE, panel="whatif")
    assert len(page.dataframe[0].value) == 1
    next(g for g in page.get("button_group") if g.key.startswith("at-")).set_value(2).run()
    next(g for g in page.get("button_group") if g.key.startswith("other-")).set_value(0).run()
    assert not page.exception
    assert len(page.dataframe[0].value) == 2
    again = lab(text=SENTENCE, panel="whatif", edits=code(page, "edits"))
    assert list(again.dataframe[0].value["output"]) == list(page.dataframe[0].value["output"])
    press(again, "Undo")
    assert len(again.dataframe[0].value) == 1
    assert code(again, "edits") is None


@pytest.mark.parametrize("edits", ["nonsense", "999-5", "0-99999999", "0-0", "0-7999-7999~500-1"])
def test_a_broken_path_is_told(edits):
    page = lab(text=SENTENCE, panel="whatif", edits=edits)
    assert "begins anew" in said(page)
    assert len(page.dataframe[0].value) == 1


def test_the_path_ends_with_its_sentence():
    page = lab(text=SENTENCE, panel="whatif", edits="0-500")
    assert len(page.dataframe[0].value) == 2
    box(page).set_value("Good morning.").run()
    assert len(page.dataframe[0].value) == 1


def test_exact_search_comes_to_a_verdict():
    page = lab(text="Good morning.", panel="exact")
    press(page, "Search exactly")
    for _ in range(50):
        if any(b.label == "Again" for b in page.button):
            break
        page.run()
    assert "Proven best" in said(page) or "the best there is" in said(page)


def test_exact_search_stops_at_its_budget():
    page = lab(text="Good morning.", panel="exact", goal="same", alpha="2", model=LSTM, budget="5k")
    press(page, "Search exactly")
    for _ in range(100):
        if any(b.label in ("Go on", "Again") for b in page.button):
            break
        page.run()
    assert any(b.label == "Go on" for b in page.button)
    assert "at most" in said(page)
    press(page, "Go on")


def test_exact_search_stops_in_time(monkeypatch):
    monkeypatch.setitem(BUDGETS, "10s", (math.inf, 1.0))
    page = lab(text=SENTENCE, panel="exact", goal="same", budget="10s", model=LSTM)
    press(page, "Search exactly")
    ticks = 0
    while ticks < 20 and not any(b.label == "Go on" for b in page.button):
        page.run()
        ticks += 1
    assert 1 <= ticks <= 4  # a second of searching in slices of a third


def test_the_python_is_there():
    page = lab(text=SENTENCE, panel="take", edits="0-500")
    assert repr(SENTENCE) in page.code[0].value
    assert "Edit(0, (500,))" in page.code[0].value
