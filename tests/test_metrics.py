"""Scores by script: what is perfect scores 100, and what is wrong does not."""

from __future__ import annotations

import pytest

from s2s.metrics import bleu, bleu_tokenizer, distinct, rouges, sentence_bleu, words
from s2s.tasks import TASKS
from s2s.tasks.base import Likelihood, Outcome
from s2s.text.source import Source
from s2s.text.words import first_words, script_of, split_words

TEXTS = {
    "en": "The train to the coast leaves at nine every morning.",
    "ru": "Поезд на побережье отправляется каждое утро в девять часов.",
    "zh": "开往海边的火车每天早上九点出发。",
    "ja": "海岸行きの電車は毎朝九時に出発します。",
    "ko": "해안으로 가는 기차는 매일 아침 아홉 시에 출발합니다.",
    "th": "รถไฟไปชายฝั่งออกเดินทางทุกเช้าเวลาเก้าโมง",
}
UNSPACED = ("zh", "ja", "th")


@pytest.mark.parametrize("language", list(TEXTS))
@pytest.mark.parametrize("said", [True, False])
def test_a_perfect_output_scores_100_in_every_script(language, said):
    text = TEXTS[language]
    code = language if said else ""
    assert bleu([text], [[text]], code)[0] == pytest.approx(100)
    assert sentence_bleu(text, [text]) == pytest.approx(100)
    assert TASKS["translation"].score([text] * 3, [[text]] * 3, code) == pytest.approx(100)
    assert TASKS["summarization"].score([text], [[text]], code) == pytest.approx(100)
    assert "tok:" in bleu([text], [[text]], code)[1]


@pytest.mark.parametrize("language", UNSPACED)
def test_half_a_sentence_scores_between(language):
    text = TEXTS[language]
    half = text[: len(text) * 2 // 3] + TEXTS["en"]
    for score in (bleu([half], [[text]])[0], rouges([half], [[text]])["rougeL"]):
        assert 5 < score < 95


def test_unspaced_scripts_never_go_by_13a():
    for language in UNSPACED:
        assert bleu_tokenizer("", [TEXTS[language]]) != "13a"
        assert bleu_tokenizer(language, []) != "13a"
    assert bleu_tokenizer("zh-TW", []) == "zh"
    for language in ("en", "ru"):
        assert bleu_tokenizer(language, []) == bleu_tokenizer("", [TEXTS[language]]) == "13a"
    assert bleu_tokenizer("", []) == "13a"


def test_targets_of_one_word_are_told_apart():
    score = TASKS["translation"].score
    right, wrong = ["chat", "chien", "maison"], ["chat", "chat", "chat"]
    references = [[r] for r in right]
    assert score(right, references, "fr") == pytest.approx(100)
    assert 0 < score(wrong, references, "fr") < 100


def test_words_of_every_script_are_counted():
    assert script_of([TEXTS["ja"]]) == "kana"
    assert script_of([]) == "latin"
    assert len(words(TEXTS["zh"])) >= 15
    assert words("Don't stop, now!") == ["Don't", "stop", ",", "now", "!"]
    assert split_words("ab 漢字 c") == ["ab", "漢", "字", "c"]
    assert first_words("a  b c", 2) == "a b"
    assert first_words("漢字 かな", 3) == "漢字 か"
    assert 0 < distinct([TEXTS["zh"]] * 2, 1) <= 0.5


@pytest.mark.parametrize("task", list(TASKS.values()), ids=lambda t: t.name)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_report_is_made_of_plain_values(task, language):
    text = TEXTS[language]
    source = task.read(Source((text,)))
    told = Outcome([source], [[text]], [text], lambda: Likelihood(3.0, 9, (text,), 0), language)
    report = task.report(told)
    assert {task.metric, task.headline[0]} <= set(report)
    assert report[task.metric] > 10


def test_every_task_has_only_known_kinds():
    for name, task in TASKS.items():
        assert task.name == name
        for example in task.examples:
            assert task.read(example)
            assert example.kind is None or example.kind in task.kinds
        opened = task.leave_open(task.read(task.examples[0]))
        assert opened.kind == ("any" if task.kinds else None)
