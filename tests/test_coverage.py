"""Coverage: what words receive, what is usual, how true alarms are."""

from __future__ import annotations

import numpy as np
import pytest

from s2s.analysis.coverage import Range, alarms, calibrate, received


def test_all_attention_on_words_adds_up():
    alpha = np.random.default_rng(0).dirichlet(np.ones(6), 5)
    got = received(alpha)
    assert got.shape == (5,)
    assert got.sum() + alpha[:-1, -1].sum() == pytest.approx(4)


def test_nine_of_ten_are_usual():
    values = [np.arange(50.0), np.arange(50.0, 101.0)]
    usual = calibrate(values)
    judged = [usual.judge(v) for v in np.concatenate(values)]
    assert judged.count("little") == judged.count("much") == 5
    assert Range(0.0, 1.0).judge(0.5) == "usual"


def test_alarms_by_hand():
    usual = Range(0.5, 1.5)
    got = [np.array([0.1, 1.0, 2.0, 0.2])]
    found = alarms(got, [np.array([0, 1, 2, 1])], usual)
    assert found["little"] == {"alarms": 2, "true": 0.5, "by_chance": 0.25}
    assert found["much"] == {"alarms": 1, "true": 1.0, "by_chance": 0.25}
    none = alarms([np.ones(3)], [np.ones(3)], usual)
    assert none["little"]["true"] is None
