"""The pane in which a document is pasted: its kind, its examples, a file; nothing of it is ever lost."""

from __future__ import annotations

import streamlit as st

from pages.parts import state
from pages.parts.text import fail
from pages.parts.words import TOO_LONG, all_of
from s2s.locale import _, later, translated
from s2s.tasks.base import Task

ANY = 60  # tokens: the end of the length scale stands for "as learned"
MAKES = {
    "headline": later("It makes one headline"),
    "compression": later("It makes one shorter sentence"),
    "dialogue": later("It makes one sentence or two"),
    "software": later("It makes one line"),
    "subject": later("It makes one subject line"),
}
NAMES = {
    "dialogue": later("Example: a chat"),
    "headline": later("Example: a piece of news"),
    "compression": later("Example: a long sentence"),
    "software": later("Example: a program's description"),
    "subject": later("Example: an e-mail"),
}
ENCODINGS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


def makes(kind: str) -> str:
    """What comes out of a kind, in a few words."""
    return translated(MAKES.get(kind, MAKES["software"]))


def document_pane(task: Task) -> None:
    """The text, what to make of it, and where a text may come from."""
    k = state.kept()
    examples = [(example.kind or "", example.text) for example in task.examples]
    if not k.shown and not k.document and examples:
        k.kind, k.document = examples[0]
        k.seeds |= {"document": k.document, "kind": k.kind}
    k.shown = True
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="head"
    ):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.markdown(_("**Text**"))
            with st.popover(_("Examples"), icon=":material/lightbulb:", type="tertiary"):
                for kind, text in examples:
                    st.button(
                        translated(NAMES[kind]),
                        key=f"example-{kind}",
                        on_click=take,
                        args=(text, kind),
                        type="tertiary",
                    )
            with st.popover(_("From a file"), icon=":material/upload_file:", type="tertiary"):
                _file()
            if k.before:
                st.button(
                    _("Undo"),
                    icon=":material/undo:",
                    type="tertiary",
                    help=_("Bring back the text that was here before"),
                    on_click=undo,
                )
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.caption("Ctrl+Enter", width="content")
            st.button(_("Summarize"), type="primary", icon=":material/short_text:")
    st.text_area(
        _("Text to summarize"),
        k.document,
        height=146 if len(k.document) < 160 else 212,
        placeholder=_(
            "Paste a news lead, a chat, a mail or a program's description, then Ctrl+Enter"
        ),
        label_visibility="collapsed",
        **state.widget("document"),
    )
    if not state.short(k.document):
        st.caption(translated(TOO_LONG))


def kind_pane(task: Task) -> None:
    """What is made of the text."""
    k = state.kept()
    kinds = list(task.kinds)
    with st.container(horizontal=True, vertical_alignment="center", key="head-right"):
        st.markdown(_("**Summary**"), width="content")
        if not kinds:  # a model of another library makes one kind
            return
        k.kind = k.kind if k.kind in kinds else kinds[0]
        st.selectbox(
            _("Make of it"),
            kinds,
            kinds.index(k.kind),
            format_func=all_of(task.kinds).get,
            label_visibility="collapsed",
            width=230,
            **state.widget("kind"),
        )


def take(text: str, kind: str = "") -> None:
    """Put another text into the box; what was there can be brought back."""
    k = state.kept()
    if k.document.strip() and k.document != text:
        k.before = k.document
    state.reseed(document=text, kind=kind or k.kind)


def undo() -> None:
    """The text before, and with a second click the one after it."""
    k = state.kept()
    k.before, text = k.document, k.before
    state.reseed(document=text)


def _file() -> None:
    st.file_uploader(
        _("A .txt or .md file"),
        type=["txt", "md"],
        key="file",
        on_change=_take_file,
        max_upload_size=1,
    )
    if problem := st.session_state.get("file-problem"):
        fail(problem)


def _take_file() -> None:
    file = st.session_state.file
    st.session_state["file-problem"] = ""
    if file is None:
        return
    try:
        take(decoded(file.getvalue()))
    except ValueError as error:
        st.session_state["file-problem"] = str(error)


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or Windows-1252. Raises ValueError."""
    for mark, encoding in ENCODINGS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            text = "\0"
    if "\0" in text:
        raise ValueError(
            _("This file is no text in UTF-8, UTF-16 or Windows-1252, so it was left out.")
        )
    return text


def length() -> dict[str, int]:
    """The wanted length, as options; nothing if it is as learned."""
    k = state.kept()
    key = f"length.{k.epoch}"
    now = (min(k.shortest, ANY), min(k.longest or ANY, ANY))

    def keep() -> None:
        low, high = st.session_state[key]
        state.put(shortest=low, longest=high if high < ANY else 0)
        state.forget_picks()

    with st.sidebar:
        st.slider(
            _("Length, in tokens"),
            0,
            ANY,
            (min(now), max(now)),
            key=key,
            on_change=keep,
            help=_(
                "No end before the lower bound, a cut at the upper one. As it stands: as learned."
            ),
        )
    if not k.shortest and not k.longest:
        return {}
    longest = max(1, k.longest) if k.longest else 0
    return {"min_length": min(k.shortest, longest or k.shortest), "max_length": longest}
