"""Checks records and run documents whenever they are read; every refusal names file and field."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.lazily import lazily

if TYPE_CHECKING:
    from pydantic_core import ValidationError

MAJOR_VERSION = 1
SHOWN_VALUE_MAX_CHARS = 60

_SURROGATE = lazily(rb"\\u[dD][89a-fA-F]")
_VERSION = lazily(r"(\d{1,4})\.(\d{1,4})")


def parse(content: bytes, source: str) -> dict[str, Any]:
    """Return the JSON object that the bytes of a file hold.

    Args:
        content: The whole file.
        source: Name of the file, for messages.

    Raises:
        EvidenceError: The file is empty, cut off, no UTF-8, no JSON, or no object.
    """
    if not content.strip():
        raise EvidenceError(f"{source} is empty", slug="evidence-truncated")
    try:
        data = json.loads(content.decode("utf-8"), parse_constant=_refused_constant)
    except UnicodeDecodeError as error:
        raise EvidenceError(
            f"{source} is no UTF-8 at byte {error.start}", slug="evidence-unreadable"
        ) from None
    except json.JSONDecodeError as error:
        # A whole document ends with its brace; one that does not was cut off while written.
        is_cut = not content.rstrip().endswith(b"}") or error.pos >= len(error.doc.rstrip())
        if is_cut:
            raise EvidenceError(
                f"{source} is truncated: it ends after {len(content)} bytes, in the middle of "
                "the document",
                slug="evidence-truncated",
            ) from None
        raise EvidenceError(
            f"{source} is no JSON: {error.msg} in line {error.lineno}", slug="evidence-unreadable"
        ) from None
    except (ValueError, RecursionError) as error:
        raise EvidenceError(
            f"{source} cannot be read: {_reason(error)}", slug="evidence-unreadable"
        ) from None
    if _SURROGATE.search(content) and not _is_unicode(data):
        raise EvidenceError(
            f"{source} holds text that is no Unicode (half of a surrogate pair)",
            slug="evidence-unreadable",
        )
    if not isinstance(data, dict):
        raise EvidenceError(
            f"{source} holds {type(data).__name__}, not an object", slug="evidence-unreadable"
        )
    return data


def verify_record(data: Mapping[str, Any] | bytes, source: str) -> dict[str, Any]:
    """Return the record as plain values after every check, unknown fields kept.

    Args:
        data: The parsed record, or the bytes of its file.
        source: Name of the file; where it ends with `.json` it must be named after the record.

    Raises:
        EvidenceError: The record cannot be used; file, field and reason are named.
    """
    record = parse(data, source) if isinstance(data, bytes) else dict(data)
    require_version(record, source)
    validated("record", record, source)
    name = os.path.basename(source)
    if name.endswith(".json") and name != f"{record['failure_id']}.json":
        raise EvidenceError(
            f"{source}: failure_id is {record['failure_id']}, so the file would be named "
            f"{record['failure_id']}.json; it was renamed, or its id was changed",
            slug="evidence-tampered",
        )
    return record


def verify_run(data: Mapping[str, Any] | bytes, source: str) -> dict[str, Any]:
    """Return the run document as plain values after every check, unknown fields kept.

    Raises:
        EvidenceError: The document cannot be used; file, field and reason are named.
    """
    document = parse(data, source) if isinstance(data, bytes) else dict(data)
    require_version(document, source)
    validated("run", document, source)
    return document


def require_version(data: Mapping[str, Any], source: str) -> None:
    """Refuse a document of another major version; a newer minor one is accepted.

    Raises:
        EvidenceError: Both versions are in the sentence.
    """
    version = data.get("schema_version")
    if version is None:
        raise EvidenceError(f"{source}: schema_version is missing", slug="evidence-invalid")
    found = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if found is None:
        raise EvidenceError(
            f"{source}: schema_version is {_shown(version)}, not of the form 1.0",
            slug="evidence-version",
        )
    if int(found[1]) != MAJOR_VERSION:
        raise EvidenceError(
            f"{source} has schema version {version}, and this failtrack reads "
            f"{MAJOR_VERSION}.x; use the version of failtrack that wrote it",
            slug="evidence-version",
        )


def validated(kind: str, data: Mapping[str, Any], source: str = "") -> dict[str, Any]:
    """Return a document as checked plain values.

    Args:
        kind: `record`, `run` or `match`.
        data: The document; it is not changed.
        source: Name of its file, for the message.

    Raises:
        EvidenceError: The first field that is wrong is named, and how many others are.
    """
    from pydantic_core import ValidationError

    from pytest_failtrack.record.rules import contradiction, run_contradiction
    from pytest_failtrack.record.validator import validator

    try:
        document: dict[str, Any] = validator(kind).validate_python(data)
    except ValidationError as error:
        raise EvidenceError(_sentence(error, data, source), slug="evidence-invalid") from None
    except RecursionError:
        raise EvidenceError(
            f"{source or 'document'} is nested too deeply", slug="evidence-unreadable"
        ) from None
    rule = {"record": contradiction, "run": run_contradiction}.get(kind)
    said = rule(document) if rule is not None else ""
    if said:
        raise EvidenceError(f"{_subject(data, source)}: {said}", slug="evidence-invalid")
    return document


def _sentence(error: ValidationError, data: Mapping[str, Any], source: str) -> str:
    errors = error.errors(include_url=False, include_context=False)
    first = errors[0]
    where = ".".join(map(str, first["loc"]))
    if first["type"] == "missing":
        said = f"{where} is missing"
    else:
        said = f"{where} is {_shown(first['input'])}: {first['msg']}"
    others = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{_subject(data, source)}: {said}{others}"


def _subject(data: Mapping[str, Any], source: str) -> str:
    return source or f"record {_shown(data.get('failure_id'))}"


def _shown(value: object) -> str:
    text = ascii(value)
    if len(text) > SHOWN_VALUE_MAX_CHARS:
        return text[: SHOWN_VALUE_MAX_CHARS - 3] + "..."
    return text


def _is_unicode(data: object) -> bool:
    try:
        json.dumps(data, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _reason(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def _refused_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")
