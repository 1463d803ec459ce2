"""The JSON Schemas of records, run documents and matches, made from the models; printed by the CLI.

The shipped files `*.schema.json` are what these functions return; a test holds them together. To
write them anew: `python -m pytest_failtrack.record.schema`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from pytest_failtrack.classify.taxonomy import SUBCATEGORIES
from pytest_failtrack.record.loading import models
from pytest_failtrack.record.profile import DEMANDS, Demand
from pytest_failtrack.record.validator import SCHEMA_FILES
from pytest_failtrack.toml import tomllib

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID_BASE = "https://pytest-failtrack.readthedocs.io/schema/1/"


def schema_of(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a kind of document.

    Args:
        kind: `record`, `run` or `match`.
    """
    schema = getattr(models(), kind).model_json_schema(by_alias=True)
    _describe(schema, fields()[kind])
    if kind == "record":
        schema["allOf"] = [*_subcategory_rules(), *_status_rules()]
    head = {"$schema": DIALECT, "$id": ID_BASE + SCHEMA_FILES[kind]}
    return head | _without_noise(schema)


def schema_text(kind: str) -> str:
    """Return the text of a schema file, as it is shipped."""
    return json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n"


def fields() -> dict[str, dict[str, Any]]:
    """Return what each field means, by kind of document and block."""
    text = resources.files(__package__).joinpath("fields.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _describe(schema: dict[str, Any], meanings: Mapping[str, Any]) -> None:
    """Put the meaning of each field beside it."""
    for name, definition in schema["properties"].items():
        said = meanings.get(name, "")
        if isinstance(said, str):
            _say(definition, said)
            continue
        _say(definition, said.get("about", ""))
        block = schema["$defs"][_reference(definition).rpartition("/")[2]]
        for field, held in block["properties"].items():
            _say(held, said.get(field, ""))


def _reference(definition: Mapping[str, Any]) -> str:
    """Return what a field refers to; one that may be null has its block among alternatives."""
    alternatives = [definition, *definition.get("anyOf", ())]
    return next(str(one["$ref"]) for one in alternatives if "$ref" in one)


def _say(definition: dict[str, Any], meaning: str) -> None:
    if meaning:
        definition["description"] = meaning


def _subcategory_rules() -> Iterator[dict[str, Any]]:
    """Yield a rule for each category: which subcategories belong to it (S0-59)."""
    for category, members in SUBCATEGORIES.items():
        yield {
            "if": {"properties": {"category": {"const": category.value}}, "required": ["category"]},
            "then": {"properties": {"subcategory": {"enum": [one.value for one in members]}}},
        }


def _status_rules() -> Iterator[dict[str, Any]]:
    """Yield a rule for each status that demands something (C-9)."""
    for status, demands in DEMANDS.items():
        if not demands:
            continue
        blocks: dict[str, dict[str, Any]] = {}
        for demand in demands:
            block = blocks.setdefault(demand.block, {"properties": {}})
            block["properties"][demand.field] = _demanded(demand)
        yield {
            "if": {"properties": {"status": {"const": status}}, "required": ["status"]},
            "then": {"properties": blocks},
        }


def _demanded(demand: Demand) -> dict[str, Any]:
    if demand.allowed:
        return {"enum": list(demand.allowed)}
    # Neither null, nor an empty list, nor a text without a letter.
    return {"not": {"type": "null"}, "minItems": 1, "pattern": r"\S"}


def _without_noise(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema without what says nothing, or depends on the version of pydantic.

    A field's title repeats its name in other letters; that more properties are allowed is the
    default.
    """
    cleaned = {}
    for key, value in schema.items():
        if key == "additionalProperties" and value is True:
            continue
        if key in ("properties", "$defs"):
            cleaned[key] = {
                name: _without_title(_without_noise(held), key) for name, held in value.items()
            }
        elif isinstance(value, dict):
            cleaned[key] = _without_noise(value)
        else:
            cleaned[key] = value
    return cleaned


def _without_title(schema: dict[str, Any], key: str) -> dict[str, Any]:
    if key == "properties":
        schema.pop("title", None)
    return schema


def write_files() -> None:
    """Write the shipped files anew."""
    folder = Path(__file__).parent
    for kind, name in SCHEMA_FILES.items():
        (folder / name).write_text(schema_text(kind), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_files()
