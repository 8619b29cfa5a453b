"""The second language: every string that is wrapped has a translation, and no other is kept."""

from __future__ import annotations

import gettext
import io
import re
from string import Formatter

import pytest
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from docs import words
from s2s import locale
from s2s.locale import LANGUAGES, SOURCE, _, catalogue, compiled, listen, path, plural, read

SAID = words.said()
OTHERS = [code for code in LANGUAGES if code != SOURCE]
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("code", OTHERS)
def test_catalogue_and_sources_agree(code):
    """What is new has no translation yet; what is gone has one still: make words."""
    assert path(code).read_text(encoding="utf-8") == words.updated(code)
    known = read(path(code))
    assert [text for text in SAID if text not in known or not known[text]] == []


def test_whatever_babel_finds_is_found():
    """Ours reads the syntax tree and so looks into f-strings as well."""
    keywords = {"_": None, "later": None, "plural": (1, 2)}
    for file in words.sources():
        with file.open("rb") as opened:
            found = extract("python", opened, keywords)
            theirs = {"\0".join(m) if isinstance(m, tuple) else m for _line, m, *_rest in found}
        assert theirs <= words.wrapped(file), file


def test_what_is_wrapped_is_a_literal(tmp_path):
    file = tmp_path / "page.py"
    file.write_text("_(f'{n} cats')", encoding="utf-8")
    with pytest.raises(ValueError, match="no literal"):
        words.wrapped(file)


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_places_of_what_it_translates(code):
    def places(text: str) -> set[str]:
        return {name for _text, name, *_rest in Formatter().parse(text) if name is not None}

    for english, other in read(path(code)).items():
        if english:
            wanted = places(english.split("\0")[-1])
            assert all(places(form) == wanted for form in other.split("\0")), english


def test_chinese_is_chinese():
    for english, other in read(path("zh")).items():
        if english and other == english:
            assert not re.search(r"[a-z]{3}", english), english
        elif english:
            assert HAN.search(other), english
            assert not re.search(r"[\u4e00-\u9fff][,;:!?](?!\d)", other), (
                f"half-width marks: {other}"
            )


@pytest.mark.parametrize("code", OTHERS)
def test_what_is_compiled_is_what_a_compiler_makes(code):
    """Ours and Babel's, of the same file."""
    with path(code).open("rb") as file:
        theirs = read_po(file, locale=code)
    out = io.BytesIO()
    write_mo(out, theirs)
    expected = gettext.GNUTranslations(io.BytesIO(out.getvalue()))
    ours = gettext.GNUTranslations(io.BytesIO(compiled(read(path(code)))))
    for text in SAID:
        one, _nul, many = text.partition("\0")
        if many:
            for n in (0, 1, 2, 5):
                assert ours.ngettext(one, many, n) == expected.ngettext(one, many, n)
        else:
            assert ours.gettext(one) == expected.gettext(one)


def test_a_catalogue_of_every_shape(tmp_path):
    file = tmp_path / "xx.po"
    file.write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
        '#: a.py:1\nmsgid "two\\n"\n"lines"\nmsgstr "zwei "\n"“Zeilen”"\n\n'
        '#, fuzzy\nmsgid "guess"\nmsgstr "geraten"\n\nmsgid "empty"\nmsgstr ""\n\n'
        'msgid "{n} cat"\nmsgid_plural "{n} cats"\nmsgstr[0] "{n} Katze"\nmsgstr[1] "{n} Katzen"\n\n'
        '#~ msgid "gone"\n#~ msgstr "fort"\n',
        encoding="utf-8",
    )
    found = gettext.GNUTranslations(io.BytesIO(compiled(read(file))))
    assert found.gettext("two\nlines") == "zwei “Zeilen”"
    assert found.gettext("guess") == "guess"
    assert found.gettext("empty") == "empty"
    assert found.gettext("gone") == "gone"
    assert [found.ngettext("{n} cat", "{n} cats", n) for n in (1, 2)] == ["{n} Katze", "{n} Katzen"]


@pytest.fixture
def speaking():
    before = locale._ask[0]
    yield lambda code: listen(lambda: code)
    listen(before)


def test_what_is_spoken_is_asked_each_time(speaking):
    speaking("zh")
    assert HAN.search(_("Papers"))
    speaking("xx")  # no such language: the sources' own
    assert _("Papers") == "Papers"
    speaking(SOURCE)
    assert _("Papers") == "Papers"
    assert plural("one", "many", 2) == "many"
    assert catalogue("zh").gettext("never said") == "never said"


@pytest.mark.parametrize("code", OTHERS)
def test_emphasis_is_read_as_such(code):
    """Marks beside punctuation are Markdown's only where a space or another mark is on their other side;
    whatever is put in may be punctuation."""

    def firm(inner: str, outer: str) -> bool:
        return inner.isalnum() or not outer or not outer.isalnum()

    for other in read(path(code)).values():
        parts = re.sub(r"{[^}]*}", "-", other).split("**")
        assert len(parts) % 2, other
        for before, inside, after in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
            assert inside == inside.strip(), other
            assert firm(inside[0], before[-1:]), other
            assert firm(inside[-1], after[:1]), other
