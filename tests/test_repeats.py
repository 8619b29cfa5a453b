"""What a chat never says, and what it does not say again as long as the search has found something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s2s.config import SearchOptions
from s2s.pipeline import Pipeline
from s2s.search.wording import worded
from s2s.tasks.dialogue import DIALOGUE, repeats, usable
from s2s.text.source import Source
from s2s.text.unit import Unit


def test_what_was_said_comes_behind_what_was_not(tiny_chat):
    chat = Pipeline(tiny_chat)
    found = chat(Source(("hello",)), SearchOptions(beam=4)).sentences[0]
    first, *others = [*zip(found.hypotheses, found.outputs, found.tgt_pieces, strict=True)]
    assert others
    task = replace(
        DIALOGUE, repeats=lambda source, text: source.parts == ("x",) and text == first[1]
    )
    unit = Unit(Source(("x",)), "", list(found.trace.source), 0)
    again = worded(unit, found.trace, chat.tokenizer, task)
    order = sorted([first, *others], key=lambda one: one[1] == first[1])
    assert [*zip(again.hypotheses, again.outputs, again.tgt_pieces, strict=True)] == order
    plain = worded(replace(unit, source=found.source), found.trace, chat.tokenizer, task)
    assert plain.outputs == found.outputs


@pytest.mark.parametrize(
    ("turns", "reply", "repeated"),
    [
        (("a", "I'm sorry to hear that.", "b"), "I'm sorry to hear that! Why?", True),
        (("a", "I am sorry. WHAT did you do?", "b"), "what did you do", True),
        (("a", "Bye!", "bye"), "Bye!", False),  # a short one may come again
        (("what did you do?", "I slept.", "b"), "What did you do?", False),  # the other one said it
        (("What did you do?",), "What did you do?", False),
        (("你好吗", "我 很 好。", "b"), "我 很 好。", True),
        ((), "What did you do?", False),
        (("", "", ""), "", False),
    ],
)
def test_what_counts_as_said_again(turns, reply, repeated):
    assert repeats(Source(turns), reply) == repeated


@pytest.mark.parametrize(
    ("reply", "learned"),
    [
        ("My name is [user 2's name].", False),
        ("Hi <your name>, how are you?", False),
        ("I am {insert hobby here}.", False),
        ("My name is Anna.", True),
        ("I like it [laughs].", True),
        ("", False),
    ],
)
def test_a_reply_with_a_placeholder_is_not_learned(reply, learned):
    assert usable(reply) == learned
