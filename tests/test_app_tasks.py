"""Dialogue and Summarize through AppTest, with the shipped checkpoints."""

from __future__ import annotations

import json

import pytest

from pages.parts.document import decoded
from s2s.tasks import TASKS
from tests.pages import (
    answer,
    box,
    code,
    labelled,
    opened,
    part,
    parts,
    press,
    said,
    settings,
    type_into,
    unfold,
)

NEWS = next(e.text for e in TASKS["summarization"].examples if e.kind == "headline")


def turns(page) -> list[str]:
    return [turn["text"] for turn in page.session_state["kept"].turns]


# ---------------------------------------------------------------------------------------- dialogue
@pytest.fixture
def chat():
    page = opened("dialogue")
    return press(page, "Clear the conversation")


def say(page, text):
    page.chat_input[0].set_value(text).run()
    assert not page.exception
    return page


def test_a_first_visit_opens_with_an_example_answered():
    page = opened("dialogue")
    assert len(turns(page)) == 2
    assert parts(page) == ["lines", "step"]
    assert not page.query_params


def test_an_empty_conversation_invites(chat):
    assert len(chat.chat_message) == 0
    labels = [b.label.replace("\\", "") for b in chat.button]
    assert all(example.text in labels for example in TASKS["dialogue"].examples)


def test_a_turn_gets_a_reply_and_history_is_kept(chat):
    say(chat, "Hi! How are you?")
    say(chat, "I am fine too, thanks.")
    assert [m.name for m in chat.chat_message] == ["user", "assistant"] * 2
    assert all(turns(chat))


def test_looking_inside_opens_and_closes(chat):
    say(chat, "What do you do on weekends?")
    assert parts(chat) == []
    press(chat, "Look inside")
    assert parts(chat) == ["lines", "step"]
    assert part(chat, "lines")["src"][0] == "you ▸"
    say(chat, "I like to read books.")
    assert "Attention by turn" in said(chat)  # the panel goes along with the newest reply
    press(chat, "Close")
    assert parts(chat) == []


def test_both_scores_of_a_reply_are_shown_and_can_be_switched_off(chat):
    say(chat, "What do you do on weekends?")
    press(chat, "Look inside")
    unfold(chat, "candidates")
    assert chat.dataframe[0].value["by itself"].notna().all()
    settings(chat, "dialogue")
    labelled(chat.slider, "Mutual information λ").set_value(0.0).run()
    assert code(chat, "mutual") == "0"
    press(chat, "Clear the conversation")
    say(chat, "What do you do on weekends?")
    press(chat, "Look inside")
    unfold(chat, "candidates")
    assert "by itself" not in chat.dataframe[0].value


def test_another_reply_is_the_next_candidate(chat):
    say(chat, "What do you do on weekends?")
    first = turns(chat)[1]
    press(chat, "Another reply")
    assert turns(chat)[1] != first
    assert len(turns(chat)) == 2


def test_editing_a_turn_answers_it_anew_and_forgets_what_followed(chat):
    say(chat, "Hello!")
    say(chat, "I have a dog.")
    labelled(chat.text_input, "Say instead").set_value("Good morning.").run()
    assert not chat.exception
    assert turns(chat)[0] == "Good morning."
    assert len(turns(chat)) == 2


def test_the_address_restores_a_conversation():
    page = opened("dialogue", turn=["Hello!", "Hi.", "How are you?"])
    assert turns(page)[:3] == ["Hello!", "Hi.", "How are you?"]
    assert len(turns(page)) == 4


def test_the_lab_reads_the_very_turns_of_a_reply(chat):
    say(chat, "Do you like music?")
    reply = turns(chat)[1]
    press(chat, "Look inside")
    labelled(chat.button, "See the whole search in the Beam lab").click().run()
    chat.switch_page("pages/beam_lab.py").run()
    assert not chat.exception
    assert box(chat).value == "Do you like music?"
    shown = said(chat).replace("&#x27;", "'").replace("\\", "")
    assert reply in shown  # as the lab found it, or as the lab says that the page did


@pytest.mark.parametrize(
    "text", ["\x00 hm", "🙂" * 20, "مرحبا بك", "<img src=x onerror=alert(1)>", "a\tb", "<you>"]
)
def test_hostile_turns_are_only_text(chat, text):
    say(chat, text)
    assert len(turns(chat)) == 2


def test_two_hundred_turns_are_survived():
    page = opened("dialogue", turn=[f"turn {n}" for n in range(201)])
    assert len(turns(page)) == 202
    assert "earlier turns are not drawn" in said(page)


# ----------------------------------------------------------------------------------- summarization
@pytest.fixture
def summarize():
    return opened("summarize")


def test_a_first_visit_opens_with_a_text_summarized(summarize):
    assert parts(summarize) == ["answer", "lines", "step"]
    assert "Copied or written" in said(summarize)
    assert not summarize.query_params


def test_an_emptied_box_invites(summarize):
    type_into(summarize, "")
    assert parts(summarize) == []
    assert "Nothing to summarize yet" in said(summarize)


def test_it_says_what_it_makes(summarize):
    type_into(summarize, NEWS)
    labelled(summarize.selectbox, "Make of it").set_value("headline").run()
    assert "It makes one headline" in part(summarize, "answer")["about"]
    labels = [m.label for m in summarize.metric]
    assert labels == ["Copied", "New words", "New word pairs", "Text covered"]
    assert all(0 <= float(m.value.rstrip("%")) <= 100 for m in summarize.metric)


@pytest.mark.parametrize("kind", list(TASKS["summarization"].kinds))
def test_every_kind_can_be_asked_for(kind):
    page = opened("summarize", document=NEWS, kind=kind)
    assert answer(page)


def test_the_length_can_be_chosen(summarize):
    type_into(summarize, NEWS)
    length = labelled(summarize.slider, "Length, in tokens")
    length.set_value((20, 30)).run()
    assert 20 <= len(part(summarize, "step")["steps"]) <= 30
    labelled(summarize.slider, "Length, in tokens").set_value((0, 8)).run()
    assert len(part(summarize, "step")["steps"]) <= 8
    assert code(summarize, "longest") == "8"


def test_an_example_replaces_a_text_that_can_be_brought_back(summarize):
    type_into(summarize, "A text of my own.")
    press(summarize, "Example: an e-mail")
    assert "budget" in box(summarize).value
    assert labelled(summarize.selectbox, "Make of it").value == "subject"
    press(summarize, "Undo")
    assert box(summarize).value == "A text of my own."


def test_a_long_article_says_what_was_read(summarize):
    type_into(summarize, NEWS * 40)
    assert "the model reads" in said(summarize)
    assert "were not" in said(summarize)
    assert len(part(summarize, "lines")["src"]) > 200


@pytest.mark.parametrize("text", ["\x00", "🙂" * 20, "مرحبا بك", "<b>x</b>", "a\tb", "x" * 100_001])
def test_hostile_texts_are_only_text(summarize, text):
    type_into(summarize, text)
    assert box(summarize).value == text


@pytest.mark.parametrize(
    "query",
    [
        {"shortest": "60", "longest": "0"},
        {"shortest": "1e9"},
        {"longest": ["3", "4"]},
        {"kind": "x"},
    ],
)
def test_any_length_in_the_address_is_survived(query):
    page = opened("summarize", document=NEWS, **query)
    assert answer(page)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_files_are_decoded(encoding):
    assert decoded("Café, naïve.".encode(encoding)) == "Café, naïve."


@pytest.mark.parametrize("data", [b"\x00\x01\x02", b"\x81\x8d\x00", "text".encode("utf-32-le")])
def test_files_that_are_no_text_are_refused(data):
    with pytest.raises(ValueError, match="no text"):
        decoded(data)


def test_a_bare_model_cannot_copy_and_says_so(monkeypatch, tiny_summarizer, tmp_path):
    from s2s import checkpoint
    from s2s.config import from_dict, to_dict
    from s2s.models import build
    from s2s.text.tokenizer import Tokenizer

    tokenizer = Tokenizer.load(tiny_summarizer / "tokenizer.model")
    config = json.loads((tiny_summarizer / "config.json").read_text())
    old = checkpoint.read_config(tiny_summarizer)
    plain = from_dict(type(old), to_dict(old) | {"model": config["model"] | {"copy": False}})
    model = build(plain.architecture, tokenizer.vocabulary, plain.model)
    checkpoint.save(tmp_path / "plain", plain, model.state_dict(), tokenizer)
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tmp_path))
    page = opened("summarize", document="the old cat sees a dog")
    assert "no way to copy" in said(page)
