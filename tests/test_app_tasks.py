"""Dialogue and Summarize through AppTest, with the shipped checkpoints."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from s2s.tasks import TASKS

ROOT = Path(__file__).resolve().parent.parent
CHAT_PANELS = ["Candidates", "Attention", "One step", "Greedy beside beam"]
NEWS = TASKS["summarization"].examples[1].text


def open_page(name: str, **query) -> AppTest:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    return page.switch_page(f"pages/{name}.py").run()


def button(page, label):
    return next(b for b in page.button if b.label == label)


def headings(page) -> list[str]:
    return [h.value for h in page.subheader]


def turns(page) -> list[str]:
    return [turn["text"] for turn in page.session_state.turns]


# ---------------------------------------------------------------------------------------- dialogue
@pytest.fixture
def chat():
    page = open_page("dialogue")
    assert not page.exception
    return page


def say(page, text):
    page.chat_input[0].set_value(text).run()
    assert not page.exception
    return page


def test_an_empty_conversation_invites(chat):
    assert len(chat.chat_message) == 0
    labels = [b.label for b in chat.button]
    assert all(example.text in labels for example in TASKS["dialogue"].examples)


def test_a_turn_gets_a_reply_and_history_is_kept(chat):
    say(chat, "Hi! How are you?")
    say(chat, "I am fine too, thanks.")
    assert [m.name for m in chat.chat_message] == ["user", "assistant"] * 2
    assert all(turns(chat))


def test_looking_inside_shows_the_inspector(chat):
    say(chat, "What do you do on weekends?")
    assert headings(chat) == []
    button(chat, "Look inside").click().run()
    assert not chat.exception
    assert headings(chat) == CHAT_PANELS
    say(chat, "I like to read books.")
    chat.button(key="inside-3").click().run()
    assert not chat.exception
    assert headings(chat) == [CHAT_PANELS[0], "Attention by turn", *CHAT_PANELS[1:]]


def test_both_scores_of_a_reply_are_shown_and_can_be_switched_off(chat):
    say(chat, "What do you do on weekends?")
    button(chat, "Look inside").click().run()
    table = chat.dataframe[0].value
    assert table["by itself"].notna().all()
    button(chat, "Clear").click().run()
    chat.slider(key="chat_mutual").set_value(0.0).run()
    say(chat, "What do you do on weekends?")
    button(chat, "Look inside").click().run()
    assert chat.dataframe[0].value["by itself"].isna().all()


def test_another_reply_is_the_next_candidate(chat):
    say(chat, "What do you do on weekends?")
    first = turns(chat)[1]
    button(chat, "Another reply").click().run()
    assert not chat.exception
    assert turns(chat)[1] != first
    assert len(turns(chat)) == 2


def test_editing_a_turn_answers_it_anew_and_forgets_what_followed(chat):
    say(chat, "Hello!")
    say(chat, "I have a dog.")
    chat.text_input(key="edit-0").set_value("Good morning.").run()
    assert not chat.exception
    assert turns(chat)[0] == "Good morning."
    assert len(turns(chat)) == 2


def test_clearing_forgets_everything(chat):
    say(chat, "Hello!")
    button(chat, "Clear").click().run()
    assert not chat.exception
    assert len(chat.chat_message) == 0


def test_the_url_restores_a_conversation():
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    page.query_params["turn"] = ["Hello!", "Hi.", "How are you?"]
    page.switch_page("pages/dialogue.py").run()
    assert not page.exception
    assert turns(page)[:3] == ["Hello!", "Hi.", "How are you?"]
    assert len(turns(page)) == 4


@pytest.mark.parametrize(
    "text", ["\x00 hm", "🙂" * 20, "مرحبا بك", "<img src=x onerror=alert(1)>", "a\tb", "<you>"]
)
def test_hostile_turns_are_only_text(chat, text):
    say(chat, text)
    assert len(turns(chat)) == 2


def test_two_hundred_turns_are_survived():
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120).run()
    page.session_state["turns"] = [{"text": f"turn {n}"} for n in range(201)]
    page.switch_page("pages/dialogue.py").run()
    assert not page.exception
    assert len(turns(page)) == 202


# ----------------------------------------------------------------------------------- summarization
@pytest.fixture
def summarize():
    page = open_page("summarize")
    assert not page.exception
    return page


def submit(page, text):
    page.text_area(key="document").set_value(text)
    button(page, "Summarize").click().run()
    assert not page.exception
    return page


def test_an_empty_text_invites(summarize):
    assert headings(summarize) == []
    assert any("Nothing to summarize yet" in c.value for c in summarize.caption)


def test_summary_first_then_copies_then_the_inspector(summarize):
    submit(summarize, NEWS)
    assert headings(summarize) == [
        "Candidates",
        "Copied or written",
        "Attention",
        "One step",
        "Greedy beside beam",
    ]
    labels = [m.label for m in summarize.metric]
    assert labels == ["Copied", "New words", "New word pairs", "Text covered"]
    assert all(0 <= float(m.value.rstrip("%")) <= 100 for m in summarize.metric)


@pytest.mark.parametrize("kind", list(TASKS["summarization"].kinds))
def test_every_kind_can_be_asked_for(summarize, kind):
    summarize.selectbox(key="kind").set_value(kind)
    submit(summarize, NEWS)
    assert summarize.dataframe[0].value["text"].iloc[0]


def test_the_length_can_be_chosen(summarize):
    summarize.slider(key="length").set_value((20, 30))
    submit(summarize, NEWS)
    assert all(20 <= n <= 30 for n in summarize.dataframe[0].value["tokens"])
    summarize.slider(key="length").set_value((0, 8))
    submit(summarize, NEWS)
    assert all(n <= 8 for n in summarize.dataframe[0].value["tokens"])


def test_an_example_sets_text_and_kind(summarize):
    example = summarize.button_group(key="example")
    example.set_value(example.options[0]).run()
    assert not summarize.exception
    assert summarize.selectbox(key="kind").value == "dialogue"
    assert "picnic" in summarize.text_area(key="document").value
    assert "Copied or written" in headings(summarize)


def test_a_long_article_says_what_was_read(summarize):
    submit(summarize, NEWS * 40)
    assert any("the model reads" in w.value for w in summarize.warning)
    assert any("were not" in c.value for c in summarize.caption)
    assert any("the strip shows all of it" in c.value for c in summarize.caption)


@pytest.mark.parametrize("text", ["\x00", "🙂" * 20, "مرحبا بك", "<b>x</b>", "a\tb", "x" * 100_001])
def test_hostile_texts_are_only_text(summarize, text):
    submit(summarize, text)
    assert summarize.text_area(key="document").value == text


def test_a_bare_model_cannot_copy_and_says_so(monkeypatch, tiny_summarizer, tmp_path):
    from s2s import checkpoint
    from s2s.models import build
    from s2s.text.tokenizer import Tokenizer

    tokenizer = Tokenizer.load(tiny_summarizer / "tokenizer.model")
    config = checkpoint.read_config(tiny_summarizer)
    config = replace(config, model=config.model | {"copy": False})
    model = build("rnn", tokenizer.vocabulary, config.model)
    checkpoint.save(tmp_path / "plain", config, model.state_dict(), tokenizer)
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tmp_path))
    from pages.shared import cache

    cache.checkpoints.clear()
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    page.switch_page("pages/summarize.py").run()
    submit(page, "the old cat sees a dog")
    assert any("no way to copy" in i.value for i in page.info)
    cache.checkpoints.clear()
