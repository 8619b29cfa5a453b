"""The one file that knows Streamlit's private parts: its markup, and its older kind of navigation."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import get_run_yield_check

# Wide pages waste a fifth of a laptop's width and height on empty bands; greys are too pale to read.
STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding: 4rem 2rem 2rem; max-width: 1500px; }
[data-testid="stMain"] [data-testid="stVerticalBlock"] { gap: .6rem; }
[data-testid="stSidebarHeader"] { height: 3.2rem; margin-bottom: 0; }
[data-testid="stSidebarUserContent"] { padding-top: 0; }
[data-testid="stSidebar"] [data-testid="stVerticalBlock"] { gap: .7rem; }
[data-testid="stCaptionContainer"], [data-testid="stWidgetLabel"], [data-testid="InputInstructions"] {
  color: color-mix(in srgb, currentColor 78%, transparent) !important; opacity: 1 !important; }
:is([data-testid="stCaptionContainer"], [data-testid="stWidgetLabel"]) p {
  color: inherit !important; opacity: 1 !important; }
[data-testid="stTextArea"] textarea { font-size: 1.15rem; line-height: 1.5; }
[data-testid="stChatInput"] textarea { font-size: 1.05rem; }
[data-testid="stPlotlyChart"] :is(.xtick, .ytick, .cbaxis) text, [data-testid="stPlotlyChart"] .legendtext,
[data-testid="stPlotlyChart"] :is(.xtitle, .ytitle, .cbtitle, .cbcoloraxistitle),
[data-testid="stPlotlyChart"] :is(.bartext-outside, .textpoint text, .annotation-text, .colorbar text) {
  fill: currentColor !important; }
button[data-testid*="-primary"] { background: #0f766e !important; border-color: #0f766e !important; }
.st-key-head, .st-key-head-right { min-height: 2.6rem; }
[data-testid="stMetricLabel"] p { white-space: normal; }
.st-key-phone-nav, .st-key-drafts, .st-key-drafts-top { display: none; }
:is([data-testid="stLayoutWrapper"]:has(> .st-key-talk), .st-key-talk) {
  height: calc(100vh - 11.5rem) !important; }
:is([data-testid="stLayoutWrapper"]:has(> .st-key-inside), .st-key-inside) {
  height: calc(100vh - 6.5rem) !important; }
:is([class*="st-key-again-"], [class*="st-key-editing-"], .st-key-swap) button p {
  position: absolute; clip-path: inset(50%); width: 1px; height: 1px; }
kbd { color: inherit !important; opacity: 1 !important; background: transparent !important; }
[data-testid="stCode"] .token.keyword { color: light-dark(#0b5cad, #7ab8f5) !important; }
[data-testid="stCode"] .token:is(.string, .number) { color: light-dark(#0a6b2b, #4fc972) !important; }
[data-testid="stCode"] .token.operator { color: light-dark(#9a4a06, #f0a060) !important; }
[data-testid="stCode"] .token.punctuation { color: light-dark(#5a6070, #a6abb8) !important; }
[data-testid="stStatusWidget"] { margin-right: 6rem; }
[data-testid="stToolbar"] { padding-right: 6rem; }
[data-testid="stLayoutWrapper"]:has(> .st-key-language) { position: absolute; }
.st-key-language { position: fixed; top: .45rem; right: .9rem; width: auto; z-index: 999991; }
.st-key-lesson { max-width: 920px; }
.st-key-lesson [data-testid="stPlotlyChart"] :is(.x2tick text, .y2title) {
  fill: currentColor !important; }
.st-key-lesson .katex-display { overflow-x: auto; overflow-y: hidden; padding: .2rem 0; }
.st-key-alone { max-width: 820px; margin: 0 auto; }
@media (max-width: 640px) {
  .st-key-phone-nav { display: flex; gap: 0; justify-content: space-between; }
  .st-key-phone-nav { flex-wrap: nowrap; overflow-x: auto; scrollbar-width: none; }
  .st-key-phone-nav [data-testid="stPageLink-NavLink"] { padding: .3rem .36rem; gap: 0; }
  .st-key-phone-nav span:has(> [data-testid="stIconMaterial"]) { display: none; }
  .st-key-phone-nav > * { width: auto !important; flex: none !important; min-width: 0 !important; }
  .st-key-phone-nav [data-testid="stIconMaterial"] { display: none; }
  :is([data-testid="stLayoutWrapper"]:has(> .st-key-talk), .st-key-talk) {
    height: calc(100vh - 16.5rem) !important; }
  .st-key-talk button p { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; }
  .st-key-head [data-testid="stCaptionContainer"] { display: none; }
  :is([data-testid="stLayoutWrapper"]:has(> .st-key-inside), .st-key-inside) {
    height: auto !important; overflow: visible !important; }
  [data-testid="stMainBlockContainer"] { padding: 4.2rem 1rem 5rem; }
}
</style>"""


class Ended(Exception):
    """A page has said what it can say."""


def stop() -> NoReturn:
    """End the page, or the part of it that ``carry_out`` runs, here.

    Not ``st.stop``, after which a run can send nothing more, not even the address.
    """
    raise Ended


def carry_out(page: Callable[[], None], afterwards: Callable[[], None]) -> None:
    """Run a page and what comes after it, also if the page ends early; not if it is overtaken: another
    page may be on the way then, and the address is no longer this one's."""
    with suppress(Ended):
        page()
    afterwards()


@st.cache_resource(show_spinner=False)
def settled() -> None:
    """Once a server, behind its first page: what is loaded by now stays, and no search for garbage looks
    through it again, which took a tenth of a second of every page."""
    gc.collect()
    gc.freeze()


def styled() -> None:
    """What the theme cannot say."""
    st.html(STYLE)


def framed() -> None:
    """Let app.py run first, also if a page's own address is what a fresh server is asked for.

    Streamlit takes a folder ``pages/`` for its older kind of navigation until ``st.navigation`` has
    run once, and would show the page without its frame. AppTest forgets that it has run at each of its runs,
    so every page asks for itself: ``pages.parts`` is imported once only.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


def running() -> bool:
    """Whether a page is being made: only then there is a visitor."""
    return get_script_run_ctx(suppress_warning=True) is not None


def alive() -> None:
    """End this run here if its visitor pressed Stop, closed the tab, or asked for something else."""
    look = get_run_yield_check()
    if look is not None:
        look()
