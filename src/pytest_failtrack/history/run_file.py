"""The file of a run document: its name and its writing; a green run needs no more of evidence."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_failtrack.history.files import write_beside
from pytest_failtrack.lazily import lazily

_SUFFIX = ".json"
_SLUG = lazily(r"[^A-Za-z0-9_-]+")
_SURROGATES = lazily("[\ud800-\udfff]")
_RUN_NAME = lazily(r"[A-Za-z0-9_-]+\.[0-9a-f]{8}")


def write_run(directory: str | os.PathLike[str], document: Mapping[str, Any]) -> Path:
    """Write a run document, in place of an earlier one of the same run; return its path.

    Raises:
        EvidenceError: The file cannot be written.
    """
    folder, name = os.fspath(directory), file_name(document)
    write_beside(folder, name, _json(document) + b"\n")
    return Path(folder, name)


def file_name(document: Mapping[str, Any]) -> str:
    """Return the name of the file of a run document."""
    return run_name(str(document["build_id"]), str(document["document_id"])) + _SUFFIX


def run_name(build_id: str, document_id: str) -> str:
    """Return the name of a run's file: `<slug of the build>.<8 hex>`, without the suffix.

    Args:
        build_id: Build of the run.
        document_id: What tells the runs of a build apart; one that has this form already is
            the name.
    """
    if "." in document_id and _RUN_NAME.fullmatch(document_id):
        return document_id
    digits = hashlib.sha256(document_id.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"{slug_of(build_id)}.{digits}"


def slug_of(text: str) -> str:
    """Return text as a part of a file name; two different texts may have one slug."""
    if not (text.isascii() and text.replace("-", "0").replace("_", "0").isalnum()):
        text = _SLUG.sub("-", text)
    return text.strip("-")[:80] or "run"


def _json(document: Mapping[str, Any]) -> bytes:
    """Return a run document as JSON; pydantic-core, where it is loaded, is thirty times faster."""
    fast = sys.modules.get("pydantic_core")
    if fast is not None:
        try:
            return bytes(fast.to_json(document, indent=1))
        except ValueError:
            pass  # it takes no half of a surrogate pair
    text = json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        # Half a surrogate pair, as in a file name that is no UTF-8, is written as in records.
        return _SURROGATES.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text).encode("utf-8")
