"""Write score tables into README.md and the model cards, from the checkpoints' metrics.json.

``python docs/scores.py``. A table stands between ``<!-- scores -->`` and ``<!-- /scores -->``; the site's page
of scores takes the same tables. What ``s2s align`` found stands between ``<!-- alignment -->`` and its end. Standard
library only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARKS = re.compile(r"(<!-- (scores|alignment) -->\n).*?(<!-- /\2 -->)", re.DOTALL)
METHODS = {"argmax": "strongest", "both": "both directions", "grow": "both, grown"}
Report = dict


def number(key: str, digits: int = 1) -> Callable[[Report], str]:
    """A number of a report; nothing if it has none."""
    return lambda r: f"{r[key]:,.{digits}f}" if key in r else ""


def rouge(r: Report) -> str:
    """ROUGE-1, -2 and -L."""
    names = ("rouge1", "rouge2", "rougeL")
    return "\u00a0/\u00a0".join(f"{r[name]:.1f}" for name in names) if "rouge1" in r else ""


def baseline(name: str) -> Callable[[Report], str]:
    """The same of a baseline."""
    return lambda r: rouge(r.get("baselines", {}).get(name, {}))


def beside(show: Callable[[Report], str], key: str, digits: int) -> Callable[[Report], str]:
    """A score, and in brackets that of the references."""
    reference = number(key, digits)
    return lambda r: f"{show(r)} ({reference(r)})" if reference(r) else show(r)


def share(key: str) -> Callable[[Report], str]:
    """A share, in per cent."""
    return lambda r: f"{100 * r[key]:.0f} %" if key in r else ""


def frequent(r: Report) -> str:
    """Share of outputs among the twenty most frequent, and of the references."""
    return f"{share('frequent')(r)} ({share('frequent_references')(r)})" if "frequent" in r else ""


# A column is shown where a test of the checkpoint has it. In brackets: of the references.
COLUMNS: dict[str, Callable[[Report], str]] = {
    "texts": number("sentences", 0),
    "BLEU": number("bleu"),
    "BLEU, first reference only": number("bleu_single"),
    "chrF": number("chrf"),
    "ROUGE-1 / 2 / L": rouge,
    "of the first words": baseline("first_words"),
    "of the first sentence": baseline("first_sentence"),
    "new word pairs": share("novel_bigrams"),
    "perplexity a word": number("perplexity"),
    "perplexity a token": number("perplexity_token"),
    "distinct-1": beside(number("distinct_1", 4), "distinct_1_references", 4),
    "distinct-2": beside(number("distinct_2", 4), "distinct_2_references", 4),
    "among the 20 most frequent": frequent,
    "words an output": beside(number("output_words"), "reference_words", 0),
}


def table(head: list[str], rows: list[list[str]]) -> str:
    """Markdown; columns in which no row has anything are left out."""
    keep = [n for n in range(len(head)) if n == 0 or any(row[n] for row in rows)]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line[n] for n in keep) + " |" for line in lines) + "\n"


def reports(folder: Path) -> dict[str, Report]:
    """Test → report of a checkpoint."""
    return json.loads((folder / "metrics.json").read_text(encoding="utf-8")).get("tests", {})


def folders() -> list[Path]:
    """The shipped checkpoints that have scores."""
    return [path.parent for path in sorted((ROOT / "checkpoints").glob("*/metrics.json"))]


def of_one(folder: Path) -> str:
    """All tests of a checkpoint and all that they measured."""
    rows = [[name, *(show(r) for show in COLUMNS.values())] for name, r in reports(folder).items()]
    return table(["test", *COLUMNS], rows)


def headline(r: Report) -> str:
    """What a test is known by, in one cell."""
    known = (
        ("BLEU", number("bleu")),
        ("chrF", number("chrf")),
        ("ROUGE-1 / 2 / L", rouge),
        ("perplexity a word", number("perplexity")),
        ("distinct-2", number("distinct_2", 4)),
    )
    return " · ".join(f"{show(r)} {title}" for title, show in known if show(r))


def of_all() -> str:
    """One row a checkpoint and test, with its own search options; greedy stands in the cards."""
    rows = [
        [f"`{folder.name}`" if first else "", name, number("sentences", 0)(r), headline(r)]
        for folder in folders()
        for first, (name, r) in with_first(searched(reports(folder)))
    ]
    return table(["checkpoint", "test", "texts", "score"], rows)


def searched(tests: dict[str, Report]) -> dict[str, Report]:
    """Without what was decoded greedily for comparison."""
    return {name: r for name, r in tests.items() if r.get("search", {}).get("beam", 2) > 1}


def with_first(tests: dict[str, Report]) -> list[tuple[bool, tuple[str, Report]]]:
    """Each test, and whether it is the first."""
    return [(n == 0, item) for n, item in enumerate(tests.items())]


def alignment(folder: Path) -> str:
    """Error rates of the best head and the best mean of heads, beside aligners without a network."""
    found = json.loads((folder / "metrics.json").read_text(encoding="utf-8")).get("alignment", {})
    heads = [row for row in found.get("heads", []) if not row["ends"]]  # best first
    rows = []
    for method, title in METHODS.items():
        own = [row for row in heads if row["method"] == method]
        if own:
            one = next(row for row in own if row["head"])
            mean = next((row for row in own if not row["head"]), None)
            others = [found.get(name, {}).get(method) for name in ("model1", "diagonal")]
            rows.append([title, error(one), error(mean), *(error(other) for other in others)])
    head = ["links", "best head", "best mean of heads", "IBM model 1", "with a diagonal prior"]
    return table(head, rows)


def error(row: dict | None) -> str:
    """An alignment error rate in per cent, and whose it is if there are several."""
    if row is None:
        return ""
    layer, head = row.get("layer"), row.get("head")
    whose = f" (layer {layer}, head {head})" if head else f" (layer {layer})" if layer else " (all)"
    return f"{100 * row['aer']:.1f}" + (whose if layer is not None else "")


def fill(text: str, tables: dict[str, str]) -> str:
    """The text with the tables between their marks."""
    return MARKS.sub(lambda m: m[1] + tables[m[2]] + m[3], text)


def files() -> dict[Path, str]:
    """Every file that holds a table → what it should hold."""
    wanted = {ROOT / "README.md": {"scores": of_all()}}
    for folder in folders():
        wanted[folder / "README.md"] = {"scores": of_one(folder), "alignment": alignment(folder)}
    return {path: fill(path.read_text(encoding="utf-8"), text) for path, text in wanted.items()}


if __name__ == "__main__":
    for file, content in files().items():
        file.write_text(content, encoding="utf-8")
