"""The Train page through AppTest: orders, refusals, a training, and the way into the labs."""

from __future__ import annotations

import sys
import time

import pytest
import streamlit as st

from pages.parts import toys
from pages.training import order
from s2s.training import jobs as room
from tests.pages import box, code, labelled, opened, press, said

IDLE = [sys.executable, "-c", "import sys; sys.stdin.read()"]


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """A server of its own for each test."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    toys.jobs.clear()
    yield
    toys.jobs.clear()
    st.cache_resource.clear()
    assert list(tmp_path.glob("s2s-toys-*")) == []


@pytest.fixture
def idle(monkeypatch):
    monkeypatch.setattr(room, "command", lambda *_: IDLE)


def train(**query):
    return opened("train", **query)


def labels(page) -> list[str]:
    return [button.label for button in page.button]


def test_a_first_visit_says_what_will_happen():
    page = train()
    assert "Two small networks learn" in said(page)
    assert {"Start"} <= set(labels(page))
    assert not page.query_params
    for slider in page.slider:
        assert slider.min <= slider.value <= slider.max


def test_choices_stand_in_the_address_and_come_back():
    page = train()
    labelled(page.selectbox, "Learn to").set_value("dates").run()
    labelled(page.slider, "Own predictions fed back").set_value(0.5).run()
    labelled(page.slider, "Steps").set_value(100).run()
    assert [code(page, n) for n in ("toy", "sampled", "steps")] == ["dates", "0.5", "100"]
    page = train(toy="dates", sampled="0.5", steps="100")
    assert labelled(page.selectbox, "Learn to").value == "dates"
    assert labelled(page.slider, "Own predictions fed back").value == 0.5
    assert labelled(page.slider, "Steps").value == 100


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("toy", "juggle"), ("steps", "99999"), ("steps", "1e3"), ("sampled", "nan")),
        *(("rate", "-1"), ("run", "x" * 65), ("probe", "77")),
    ],
)
def test_an_address_beyond_the_ranges_is_left_out_and_said(name, value):
    page = train(**{name: value})
    assert "it was left out" in said(page)
    assert "Start" in labels(page)


def test_a_training_that_is_gone_is_said():
    page = train(run="0" * 32)
    assert "no longer kept here" in said(page)
    page.run()
    assert "no longer kept here" not in said(page)


def test_own_lines_are_refused_in_a_sentence_and_nothing_is_lost(idle):
    page = train(toy="own")
    box(page).set_value("one => 1\n[two](http://x) <b>").run()
    press(page, "Start")
    assert len(page.error) == 1
    assert "Line 2 must be" in page.error[0].value
    assert box(page).value.startswith("one => 1")
    good = "\n".join(f"word {chr(97 + n)} => {n}" for n in range(22))
    box(page).set_value(good).run()
    press(page, "Start")
    assert not page.error
    assert "Stop" in labels(page)


def test_another_visitor_waits_in_line_and_sees_nothing_of_it(idle, monkeypatch):
    page = train()
    press(page, "Start")
    for module in (toys, order):  # AppTest has one session for all
        monkeypatch.setattr(module, "visit", lambda: toys.Visit("bob", toys.jobs()))
    other = train()
    assert "Stop" not in labels(other)
    press(other, "Start")
    assert "1 training of other visitors before yours" in said(other)
    assert code(page, "run") != code(other, "run")
    reload = train(run=code(page, "run"))  # who has the address
    assert "Stop" in labels(reload)
    press(reload, "Stop")
    for _ in range(100):
        time.sleep(0.1)
        reload.run()
        if "Resume" in labels(reload):
            break
    assert "Stopped." in said(reload)


def test_a_training_that_fails_says_why(monkeypatch):
    real = room.command
    monkeypatch.setattr(room, "command", lambda *given: [*real(*given), "--set=train.nothing=1"])
    page = train()
    press(page, "Start")
    for _ in range(600):
        time.sleep(0.2)
        page.run()
        if page.error:
            break
    assert "Unknown option train" in page.error[0].value
    assert "Resume" in labels(page)


def test_a_trained_toy_opens_in_both_labs_and_only_here():
    page = train(steps="50", toy="copy")
    press(page, "Start")
    for _ in range(600):
        time.sleep(0.2)
        page.run()
        assert not page.exception
        assert not page.error
        if "Done." in said(page):
            break
    bars = [bar.proto.text for bar in page.get("progress")]
    assert all("step 50 of 50" in bar for bar in bars)
    assert len(page.get("plotly_chart")) == 3  # loss, gradient norm, attention
    slider = labelled(page.select_slider, "Attention and outputs after step")
    assert next(iter(slider.options)) == "0"
    slider.set_value(10).run()
    assert "step 10, epoch 1" in said(page)
    assert len(page.dataframe) == 2
    run = code(page, "run")
    labelled(page.button, "Open in the Attention lab").click().run()
    for lab in ("attention_lab", "beam_lab"):
        for network in ("attention", "plain"):
            there = opened(lab, model=f"toy-{run}-{network}", line="a b c")
            assert not there.error
            assert box(there).value == "a b c"
            names = labelled(there.radio, "Model").options
            assert sum("Copy · with" in name for name in names) == 2
            assert code(there, "model") == f"toy-{run}-{network}"
    both = opened("attention_lab", model=f"toy-{run}-plain", line="a b c", look="networks")
    assert len(both.get("plotly_chart")) == 2
    # who does not know the code is offered nothing, and told so
    stranger = opened("attention_lab", model=f"toy-{'0' * 32}-attention")
    assert "is no checkpoint here" in said(stranger)
    assert not any("Copy" in name for name in labelled(stranger.radio, "Model").options)
    # and nobody's translation is touched
    assert not any("Copy" in str(r.options) for r in opened("translate").radio)
