"""The Batch page: a list in, the rows that want a look first, and the ways on."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.pages import LSTM, code, labelled, opened, press, rerun, said, visit

LIST = "The cat sleeps.\tLe chat dort.\nWHERE IS THE STATION?\nI have 7 dogs.\tJ'ai 7 chiens."


def finish(page):
    """Every run of the page judges one more block."""
    for _ in range(20):
        if not any(b.label == "Stop" for b in page.button):
            return page
        page.run()
        assert not page.exception
    raise AssertionError("the list does not end")


def test_a_list_is_judged_sorted_and_taken_away():
    page = opened("batch", rows=LIST, model=LSTM)
    finish(press(page, "Go through 3 rows"))
    table = page.dataframe[0].value
    assert len(table) == 3
    assert list(table["score"]) == sorted(table["score"])
    assert table["chrF"].notna().sum() == 2
    assert "least attended" not in table  # this model has no attention
    assert "chrF" in said(page)
    labelled(page.segmented_control, "First").set_value("row").run()
    assert list(page.dataframe[0].value["row"]) == [1, 2, 3]
    assert code(page, "order") == "row"
    assert code(page, "model") == LSTM
    assert {b.proto.label for b in page.get("download_button")} == {
        "Results (TSV)",
        "Results (JSONL)",
    }


def test_stop_keeps_what_is_done_and_goes_on():
    page = opened("batch", rows="The cat.\n" * 20, model=LSTM)
    press(page, "Go through 20 rows")
    assert not page.dataframe  # the page stands, and Stop on it, before any row is decoded
    page.run()
    press(page, "Stop")
    done = len(page.dataframe[0].value)
    assert 0 < done < 20
    page.run()
    assert len(page.dataframe[0].value) == done
    finish(press(page, f"Go on with the other {20 - done}"))
    assert len(page.dataframe[0].value) == 20


def test_more_rows_than_the_page_takes_are_left_out_and_said():
    page = opened("batch")
    page.text_area[0].set_value("A cat.\n" * 501).run()
    assert "The list has 501 rows; the first 500 are read here" in said(page)
    assert labelled(page.button, "Go through 500 rows")


@pytest.mark.parametrize("rows", ["\t\n \n", "src\ttgt\n"])
def test_a_list_without_rows_is_one_sentence(rows):
    page = opened("batch")
    page.text_area[0].set_value(rows).run()
    assert not page.exception
    assert not page.dataframe


def test_another_option_begins_anew():
    page = opened("batch", rows="A cat.", model=LSTM)
    finish(press(page, "Go through 1 row"))
    page.slider[0].set_value(2).run()
    assert not page.dataframe
    assert labelled(page.button, "Go through 1 row")


def test_a_row_opens_in_the_labs(page, url):
    visit(page, f"{url}/batch?model={LSTM}&beam=3")
    page.get_by_label("One row a line; a reference behind a tab").fill(LIST)
    with rerun(page):
        page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Go through 3 rows").click()
    expect(page.get_by_text("greedy search says something else for")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    expect(page.get_by_text("3 rows", exact=True)).to_be_visible()
    place = page.get_by_test_id("stDataFrame").bounding_box()
    with rerun(page):
        page.mouse.click(place["x"] + 17, place["y"] + 52)  # the tick of the first row
    way = page.get_by_role("link", name="Open in Beam lab")
    expect(way).to_be_visible()
    query = parse_qs(urlsplit(way.get_attribute("href")).query)
    assert query["model"] == [LSTM]
    assert query["beam"] == ["3"]
    assert query["text"][0] in LIST
    way.click()
    expect(page).to_have_url(re.compile("beam_lab"))
    expect(page.get_by_label("Source text")).to_have_value(query["text"][0])
