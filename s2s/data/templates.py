"""Templates: ``See you on {weekday}.`` becomes many sentences, with the same values on both sides."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence

from s2s.data.reading import Pair
from s2s.text.source import Source

_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")
ENGLISH = (
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
)  # fmt: skip
CALENDARS: dict[str, tuple[tuple[str, ...], ...]] = {
    "en": ENGLISH,
    "fr": (
        ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        (
            "janvier", "février", "mars", "avril", "mai", "juin",
            "juillet", "août", "septembre", "octobre", "novembre", "décembre",
        ),
    ),
    "zh": (
        ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
        tuple(f"{n}月" for n in range(1, 13)),
    ),
}  # fmt: skip
"""Weekdays from Monday, months from January, by language."""


def is_template(source: Source) -> bool:
    """Whether a source holds a placeholder such as ``{weekday}``."""
    return bool(_PLACEHOLDER.search(source.text))


def fill(pair: Pair, languages: tuple[str, str], names: Sequence[str], rng: random.Random) -> Pair:
    """A pair of templates with its placeholders filled.

    Both sides receive the same value, a weekday, a month and a country each in its own language.
    """
    draws = [_values(languages, names, rng) for _ in range(3)]

    def filled(text: str, side: int) -> str:
        met: Counter[str] = Counter()  # the second {name} of a template is another person

        def value(match: re.Match[str]) -> str:
            name = match[1]
            met[name] += 1
            both = draws[(met[name] - 1) % len(draws)].get(name)
            return both[side] if both else match[0]

        return _PLACEHOLDER.sub(value, text)

    return pair[0].map(lambda text: filled(text, 0)), filled(pair[1], 1)


def _values(
    languages: tuple[str, str], names: Sequence[str], rng: random.Random
) -> dict[str, tuple[str, str]]:
    day, hour, minute = rng.randint(1, 31), rng.randrange(24), rng.randrange(60)
    weekday, month = rng.randrange(7), rng.randrange(12)
    calendars = [CALENDARS[language] for language in languages]
    ending = "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    english, other = f"{day}{ending}", "1er" if day == 1 and "fr" in languages else str(day)
    ordinal = [english if language == "en" else other for language in languages]
    country = rng.choice(COUNTRIES)
    countries = [country[("en", "fr", "zh").index(language)] for language in languages]
    dollars = rng.choice((rng.randint(1, 99), rng.randint(100, 9_999), rng.randint(1000, 999_999)))
    money = f"{dollars:,}" + (f".{rng.randrange(100):02}" if rng.random() < 0.5 else "")
    sums = [_amount(money, language) for language in languages]
    either = [rng.choice(names) if rng.random() < 0.6 else invented_name(rng) for _ in range(4)]
    same = {
        "name": either[0],
        "surname": either[1],
        "city": either[2],
        "int": str(rng.choice((rng.randint(2, 99), rng.randint(2, 999)))),
        "year": str(rng.randint(1700, 2060)),
        "time": f"{hour}:{minute:02}",
        "percent": rng.choice(
            (f"{rng.randint(1, 100)}", f"{rng.randint(1, 99)}.{rng.randint(1, 9)}")
        ),
        "phone": _phone(rng),
        "email": _address(rng, either[0], at=True),
        "url": _address(rng, either[3], at=False),
    }
    return {
        **{name: (value, value) for name, value in same.items()},
        "weekday": (calendars[0][0][weekday], calendars[1][0][weekday]),
        "month": (calendars[0][1][month], calendars[1][1][month]),
        "day": (str(day), str(day)) if "fr" not in languages else (str(day), other),
        "money": (sums[0], sums[1]),
        "ordinal": (ordinal[0], ordinal[1]),
        "country": (countries[0], countries[1]),
    }


def _amount(amount: str, language: str) -> str:
    """1,299.99 as it is written in a language; the French write 1 299,99."""
    return amount.replace(",", " ").replace(".", ",") if language == "fr" else amount


def _phone(rng: random.Random) -> str:
    pairs = [f"{rng.randrange(100):02}" for _ in range(5)]
    return rng.choice(
        (
            " ".join(["0" + pairs[0][1], *pairs[1:]]),
            f"+{rng.randint(1, 99)} " + " ".join(pairs[:4]),
            f"{rng.randint(200, 999)}-{rng.randrange(1000):03}-{rng.randrange(10_000):04}",
            f"555-{rng.randrange(10_000):04}",
        )
    )


def _address(rng: random.Random, name: str, at: bool) -> str:
    host = rng.choice(
        ("example", "mail", "post", "museum", "city", "school", invented_name(rng).lower())
    )
    host += rng.choice((".com", ".org", ".net", ".fr", ".eu", ".co.uk", ".info"))
    plain = re.sub(r"[^a-z]", "", name.lower()) or "info"
    if at:
        user = rng.choice(
            (plain, f"{plain}.{invented_name(rng).lower()}", f"{plain}{rng.randrange(100)}", "info")
        )
        return f"{user}@{host}"
    path = rng.choice(("", "", f"/{plain}", f"/{plain}/{rng.randrange(1000)}"))
    return rng.choice(("www.", "https://", "https://www.", "http://")) + host + path


COUNTRIES: tuple[tuple[str, str, str], ...] = (
    ("France", "France", "法国"), ("Germany", "Allemagne", "德国"), ("Spain", "Espagne", "西班牙"),
    ("Italy", "Italie", "意大利"), ("England", "Angleterre", "英格兰"), ("Ireland", "Irlande", "爱尔兰"),
    ("Japan", "Japon", "日本"), ("China", "Chine", "中国"), ("India", "Inde", "印度"),
    ("Russia", "Russie", "俄罗斯"), ("Brazil", "Brésil", "巴西"), ("Canada", "Canada", "加拿大"),
    ("Mexico", "Mexique", "墨西哥"), ("Egypt", "Égypte", "埃及"), ("Morocco", "Maroc", "摩洛哥"),
    ("Turkey", "Turquie", "土耳其"), ("Greece", "Grèce", "希腊"), ("Sweden", "Suède", "瑞典"),
    ("Norway", "Norvège", "挪威"), ("Poland", "Pologne", "波兰"), ("Belgium", "Belgique", "比利时"),
    ("Switzerland", "Suisse", "瑞士"), ("Austria", "Autriche", "奥地利"), ("Portugal", "Portugal", "葡萄牙"),
    ("Denmark", "Danemark", "丹麦"), ("Finland", "Finlande", "芬兰"), ("Hungary", "Hongrie", "匈牙利"),
    ("Algeria", "Algérie", "阿尔及利亚"), ("Kenya", "Kenya", "肯尼亚"), ("Peru", "Pérou", "秘鲁"),
    ("Chile", "Chili", "智利"), ("Argentina", "Argentine", "阿根廷"), ("Australia", "Australie", "澳大利亚"),
    ("South Africa", "Afrique du Sud", "南非"), ("South Korea", "Corée du Sud", "韩国"),
    ("New Zealand", "Nouvelle-Zélande", "新西兰"), ("Vietnam", "Vietnam", "越南"),
    ("Thailand", "Thaïlande", "泰国"), ("Ukraine", "Ukraine", "乌克兰"), ("Iran", "Iran", "伊朗"),
    ("Israel", "Israël", "以色列"), ("Nigeria", "Nigeria", "尼日利亚"), ("Ethiopia", "Éthiopie", "埃塞俄比亚"),
    ("Cuba", "Cuba", "古巴"), ("Romania", "Roumanie", "罗马尼亚"), ("Bulgaria", "Bulgarie", "保加利亚"),
)  # fmt: skip
"""Countries in English, French and Chinese."""


def invented_name(rng: random.Random) -> str:
    """A name that no corpus has: copying must not hang on having seen it."""
    parts = rng.choice("bcdfghjklmnprstvwz") + rng.choice(("a", "e", "i", "o", "u", "ei", "ou"))
    for _ in range(rng.randrange(1, 4)):
        parts += rng.choice(("n", "r", "l", "k", "s", "t", "m", "d", "v", "nd", "rk", "kw", "st"))
        parts += rng.choice(("a", "e", "i", "o", "u", "ia", "en", "ov", "is", "an"))
    return parts.capitalize()
