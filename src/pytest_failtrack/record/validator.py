"""The check that every document passes, before it is written and whenever it is read.

The shipped JSON Schemas, which are made of the models (schema.py), become validators of
pydantic-core. They refuse what the models refuse, in the same words, and are there in a third of
the time: neither pydantic itself nor the models have to be imported for a run with failures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator

# The shipped files, by kind of document.
SCHEMA_FILES = {
    "record": "failure-record.schema.json",
    "run": "run-document.schema.json",
    "match": "failure-match.schema.json",
}

# What a part of a schema may say; all of it is understood, or says nothing about values.
_WORDS = frozenset(
    {
        *("$ref", "anyOf", "enum", "const", "type", "pattern", "minLength", "minimum", "maximum"),
        *("items", "properties", "required", "additionalProperties"),
        *("$schema", "$id", "$defs", "title", "description", "allOf"),
    }
)


@cache
def validator(kind: str) -> SchemaValidator:
    """Return the validator of a kind of document, made when it is asked for the first time.

    Args:
        kind: `record`, `run` or `match`.
    """
    from pydantic_core import SchemaValidator

    schema = json.loads(shipped_text(kind))
    return SchemaValidator(core_schema(schema, schema.get("$defs", {})))


def shipped_text(kind: str) -> str:
    """Return the JSON Schema of a kind of document, as it is shipped."""
    return Path(__file__).with_name(SCHEMA_FILES[kind]).read_text(encoding="utf-8")


def core_schema(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    """Return the core schema of what a JSON Schema allows, strictly.

    Understood is what the models lead to: references, texts, numbers, enumerations, lists,
    objects, and alternatives with null. What stands above that (`allOf` with `if`) is a rule over
    several fields; `contradiction` in rules.py knows those.

    Args:
        schema: A part of a JSON Schema.
        definitions: Its `$defs`.

    Raises:
        ValueError: The part says something else.
    """
    from pydantic_core import core_schema as core

    if not schema.keys() <= _WORDS:
        raise ValueError(f"words that are not understood: {sorted(schema.keys() - _WORDS)}")
    if "$ref" in schema:
        return core_schema(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "anyOf" in schema:
        alternatives = [one for one in schema["anyOf"] if one != {"type": "null"}]
        if len(alternatives) != 1:
            raise ValueError(f"a choice between {len(alternatives)} kinds of value: {schema}")
        return core.nullable_schema(core_schema(alternatives[0], definitions))
    if "enum" in schema or "const" in schema:
        return core.literal_schema(schema.get("enum") or [schema["const"]])
    make = _MAKERS.get(schema.get("type", "any"))
    if make is None:
        raise ValueError(f"a type that no document has: {schema}")
    return make(core, schema, definitions)


def _object(core: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    if "properties" not in schema:
        held = schema.get("additionalProperties", {})
        return core.dict_schema(core.str_schema(strict=True), core_schema(held, definitions))
    required = schema.get("required", ())
    fields = {
        name: core.typed_dict_field(core_schema(held, definitions), required=name in required)
        for name, held in schema["properties"].items()
    }
    # The fields of a newer minor version are kept.
    return core.typed_dict_schema(fields, extra_behavior="allow")


_MAKERS = {
    "any": lambda core, _schema, _definitions: core.any_schema(),
    "boolean": lambda core, _schema, _definitions: core.bool_schema(strict=True),
    "string": lambda core, schema, _definitions: core.str_schema(
        pattern=schema.get("pattern"), min_length=schema.get("minLength"), strict=True
    ),
    "integer": lambda core, schema, _definitions: core.int_schema(
        ge=schema.get("minimum"), le=schema.get("maximum"), strict=True
    ),
    "number": lambda core, schema, _definitions: core.float_schema(
        ge=schema.get("minimum"), le=schema.get("maximum"), strict=True, allow_inf_nan=False
    ),
    "array": lambda core, schema, definitions: core.list_schema(
        core_schema(schema.get("items", {}), definitions), strict=True
    ),
    "object": _object,
}
