"""What the site takes from the code while it is built: scores, the trace's schema, a page a room."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs import rooms, scores

SCHEMA = rooms.ROOT / "s2s" / "export" / "trace.schema.json"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """One page of reference a room, in the order of the floors."""
    for room, text in reference().items():
        files.append(File.generated(config, f"api/{room}.md", content=text))
    return files


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The rooms in the navigation, without naming them twice."""
    for entry in config.nav or []:
        if "API" in entry:
            entry["API"] = [{room: f"api/{room}.md"} for room in reference()]
    return config


def on_page_markdown(markdown: str, page, **_) -> str:
    """Tables where a page asks for them."""
    if page.file.src_uri == "scores.md":
        cards = "\n".join(f"### {f.name}\n\n{scores.of_one(f)}" for f in scores.folders())
        return scores.fill(markdown, {"scores": cards})
    return markdown.replace("<!-- schema -->", schema_tables())


def reference() -> dict[str, str]:
    """Room → its page, which mkdocstrings fills."""
    files = rooms.rooms()
    level = rooms.floors(rooms.graph(files))
    del level[rooms.APP]
    pages = {}
    for room in sorted(level, key=lambda name: (level[name], name)):
        names = [
            str(p.relative_to(rooms.ROOT).with_suffix("")).replace("/", ".") for p in files[room]
        ]
        parts = [f"# {room}\n"]
        for name in sorted(n.removesuffix(".__init__") for n in names):
            title = "" if len(names) == 1 else f"## `{name}`\n\n"
            parts.append(f"{title}::: {name}\n")
        pages[room] = "\n".join(parts)
    return pages


def schema_tables() -> str:
    """The trace's JSON schema as tables: one for the whole, one for each kind of object in it."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    parts = [f"{about(schema)}\n", *tables("", schema)]
    for name, definition in schema.get("$defs", {}).items():
        whole = fields(definition) or f"{kind(definition)}\n"
        parts.append(f"### {name}\n\n{about(definition)}\n\n{whole}")
    return "\n".join(parts)


def tables(path: str, schema: dict) -> list[str]:
    """The table of an object, then those of the objects inside it."""
    parts = [f"### `{path}`\n" if path else "", fields(schema)]
    for name, field in schema.get("properties", {}).items():
        inner = field if "properties" in field else field.get("items", {})
        if "properties" in inner:
            below = name if inner is field else f"{name}[]"
            parts += tables(f"{path}.{below}" if path else below, inner)
    return parts


def fields(schema: dict) -> str:
    """The fields of an object as a table."""
    required = set(schema.get("required", ()))
    rows = [
        [f"`{name}`", kind(field), "" if name in required else "optional", about(field)]
        for name, field in schema.get("properties", {}).items()
    ]
    return scores.table(["field", "type", "", "what"], rows) if rows else ""


def about(field: dict) -> str:
    """What the schema says of a field, on one line."""
    text = field.get("description") or field.get("items", {}).get("description", "")
    return " ".join(text.split()).replace("|", "\\|")


def kind(field: dict) -> str:
    """A type in words."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in field:
        return " or ".join(f"`{json.dumps(value)}`" for value in field["enum"])
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    for union in ("anyOf", "oneOf"):
        if union in field:
            return " or ".join(map(kind, field[union]))
    types = field.get("type", "anything")
    named = types if isinstance(types, str) else " or ".join(types)
    if "items" in field:
        named = named.replace("array", f"list of {kind(field['items'])}")
    return named
