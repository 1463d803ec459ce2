"""The project's own entries of the catalog: where they lie, and how one is added.

They are tables of `[[tool.failtrack.catalog]]`, files that `catalog = ["..."]` names, and the file
`governance/catalog.toml` where there is one.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_failtrack.errors import ConfigError

OWN_FILE = "governance/catalog.toml"
HEAD = """\
# Entries of this project for the failure catalog of failtrack: `failtrack catalog --help`.
"""
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def own_documents(configured: Sequence[Any], root: Path) -> list[Any]:
    """Return the project's own entries as `load_catalog` takes them.

    Args:
        configured: The value of `[tool.failtrack] catalog`: tables, or names of TOML files.
        root: Folder that names of files are relative to.

    Raises:
        ConfigError: A file that is named is missing, cannot be read, or is no catalog.
    """
    documents = [read_file(root / one) if isinstance(one, str) else one for one in configured]
    default = root / OWN_FILE
    if default.is_file() and OWN_FILE not in configured:
        documents.append(read_file(default))
    return documents


def own_file(configured: Sequence[Any], root: Path) -> Path:
    """Return the file that entries are added to: the first that is configured, else `OWN_FILE`."""
    return root / next((one for one in configured if isinstance(one, str)), OWN_FILE)


def read_file(file: Path) -> dict[str, Any]:
    """Return a file of the catalog as a document `{"entry": [tables]}`.

    Raises:
        ConfigError: It cannot be read, is no TOML, or holds something else than entries.
    """
    try:
        return _parsed(file.read_text(encoding="utf-8-sig"), file)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigError(
            f"{file}: the catalog cannot be read ({reason}); correct `catalog` in"
            " [tool.failtrack], or create the file with `failtrack catalog add`",
            slug="config-catalog",
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file}: not UTF-8; save it as UTF-8", slug="config-catalog") from None


def add_to_file(file: Path, table: Mapping[str, Any]) -> None:
    """Append an entry to a file of the catalog: all of it, or nothing.

    Raises:
        ConfigError: The file is no catalog, or cannot be written.
    """
    import tempfile

    try:
        text = file.read_text(encoding="utf-8") if file.exists() else HEAD
        text = f"{text.rstrip()}\n\n{toml_of(table)}"
        _parsed(text, file)
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
            os.chmod(beside, file.stat().st_mode & 0o777 if file.exists() else 0o644)
            os.replace(beside, file)
        except BaseException:
            os.unlink(beside)
            raise
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ConfigError(
            f"{file}: the entry was not added ({reason}); nothing was written",
            slug="config-catalog",
        ) from None


def toml_of(table: Mapping[str, Any]) -> str:
    """Return one entry as TOML."""
    lines = [f"{_key(key)} = {_value(value)}" for key, value in table.items()]
    return "\n".join(["[[entry]]", *lines, ""])


def _parsed(text: str, file: Path) -> dict[str, Any]:
    from pytest_failtrack.toml import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not TOML ({error})", slug="config-catalog") from None
    entries = document.get("entry", [])
    if set(document) - {"entry"} or not isinstance(entries, list):
        raise ConfigError(
            f"{file}: holds {', '.join(map(repr, document))}; allowed are tables [[entry]]",
            slug="config-catalog",
        )
    return {"entry": entries}


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _text(str(value))


def _text(text: str) -> str:
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"  # a regex reads better without doubled backslashes
    # JSON's escapes are TOML's, but for DEL and what lies beyond 16 bits.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)
