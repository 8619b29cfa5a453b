"""Names of languages, for people; in configurations and data a language is its ISO code."""

from __future__ import annotations

from s2s.locale import later, translated

NAMES = {
    "ar": later("Arabic"),
    "bg": later("Bulgarian"),
    "bn": later("Bengali"),
    "ca": later("Catalan"),
    "cs": later("Czech"),
    "cy": later("Welsh"),
    "da": later("Danish"),
    "de": later("German"),
    "el": later("Greek"),
    "en": later("English"),
    "eo": later("Esperanto"),
    "es": later("Spanish"),
    "et": later("Estonian"),
    "eu": later("Basque"),
    "fa": later("Persian"),
    "fi": later("Finnish"),
    "fr": later("French"),
    "ga": later("Irish"),
    "gl": later("Galician"),
    "he": later("Hebrew"),
    "hi": later("Hindi"),
    "hr": later("Croatian"),
    "hu": later("Hungarian"),
    "hy": later("Armenian"),
    "id": later("Indonesian"),
    "is": later("Icelandic"),
    "it": later("Italian"),
    "ja": later("Japanese"),
    "ka": later("Georgian"),
    "km": later("Khmer"),
    "ko": later("Korean"),
    "la": later("Latin"),
    "lo": later("Lao"),
    "lt": later("Lithuanian"),
    "lv": later("Latvian"),
    "my": later("Burmese"),
    "nb": later("Norwegian"),
    "nl": later("Dutch"),
    "pl": later("Polish"),
    "pt": later("Portuguese"),
    "ro": later("Romanian"),
    "ru": later("Russian"),
    "sk": later("Slovak"),
    "sl": later("Slovenian"),
    "sq": later("Albanian"),
    "sr": later("Serbian"),
    "sv": later("Swedish"),
    "sw": later("Swahili"),
    "ta": later("Tamil"),
    "te": later("Telugu"),
    "th": later("Thai"),
    "tr": later("Turkish"),
    "uk": later("Ukrainian"),
    "ur": later("Urdu"),
    "vi": later("Vietnamese"),
    "zh": later("Chinese"),
}


def name_of(code: str) -> str:
    """What people call a language; a code without a name stays a code: ``pt-BR`` is Portuguese (BR)."""
    return _named(code, NAMES)


def shown_name(code: str) -> str:
    """The same in the language of the interface."""
    return _named(code, {base: translated(name) for base, name in NAMES.items()})


def _named(code: str, names: dict[str, str]) -> str:
    base, _, rest = code.partition("-")
    name = names.get(base, base)
    return f"{name} ({rest})" if rest else name


def code_of(name: str) -> str:
    """The code of a language by its English name; empty if there is none."""
    wanted = name.strip().casefold()
    return next((code for code, known in NAMES.items() if known.casefold() == wanted), "")
