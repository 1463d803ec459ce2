"""A portable bundle: what another repository needs so that a failure does not come to it (S0-155).

`cli/propagate.py` asks. A zip file:

    manifest.json          kind, version, where it comes from, and each file with its SHA-256
    record.json            the record
    guard.toml             the configuration of the guard's rules that it names
    catalog.toml           the entry of the catalog, where it is the project's own
    known-bad/...          the known-bad case
    files/PATH.txt         tests and documentation that the record names

The same record and files make the same bytes. Source files end in `.txt`, so that no tool of the
repository that imports them takes them for its own.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_failtrack.classify.own import own_documents, toml_of
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import EvidenceError, InputError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.redact import Redactor
from pytest_failtrack.prevention.preconditions import GUARD, TEST, preconditions_of
from pytest_failtrack.prevention.verification import known_bad_folder
from pytest_failtrack.record.build import to_json, validate
from pytest_failtrack.record.verify import verify_record

KIND = "failtrack-propagation-bundle"
VERSION = "1.0"
MANIFEST, RECORD = "manifest.json", "record.json"
GUARD_FILE, CATALOG_FILE = "guard.toml", "catalog.toml"
KNOWN_BAD, FILES, TEXT = "known-bad/", "files/", ".txt"
FILES_MAX = 200
FILE_MAX_BYTES = 2 * 1024**2
BUNDLE_MAX_BYTES = 20 * 1024**2
_NAME = lazily(r"[\w][\w .@+,=~#\[\]()-]*\Z")
# Names that Windows keeps for devices, with any ending.
_DEVICE = lazily(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)")
_SHA256 = lazily(r"[0-9a-f]{64}\Z")
_BARE_KEY = lazily(r"[A-Za-z0-9_-]+\Z")


@frozen
class Bundle:
    """What a bundle holds, checked.

    Args:
        manifest: Its manifest.
        record: The record.
        files: Content of each file, the manifest's included, by path.
    """

    manifest: Mapping[str, Any]
    record: Mapping[str, Any]
    files: Mapping[str, bytes]

    @property
    def failure_id(self) -> str:
        """Id of the record."""
        return str(self.record["failure_id"])


def contents(settings: Settings, record: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the files of the bundle of a record, by path, the manifest first.

    Args:
        settings: Settings of the project.
        record: The whole record.

    Raises:
        InputError: There is more than a bundle may hold.
    """
    redact = Redactor.of(settings.table)
    files = {RECORD: to_json(validate(dict(record)))}
    preconditions, _ = preconditions_of(record["prevention"])
    table = settings.table.get("guard", {})
    rules = {one.name for one in preconditions if one.kind == GUARD} & set(table)
    if rules:
        chosen = {name: table[name] for name in sorted(rules)}
        files[GUARD_FILE] = _toml_tables("tool.failtrack.guard", chosen).encode("utf-8")
    entry = _own_entry(settings, record)
    if entry:
        files[CATALOG_FILE] = toml_of(entry).encode("utf-8")
    case = known_bad_folder(settings, str(record["failure_id"]))
    for path in sorted(case.rglob("*")) if case.is_dir() else ():
        if path.is_file() and not path.is_symlink():
            name = path.relative_to(case).as_posix()
            files[f"{KNOWN_BAD}{name}{TEXT}"] = _read(path)
    tests = [one.name.partition("::")[0] for one in preconditions if one.kind == TEST]
    for name in (*tests, *record["prevention"]["documentation_updates"]):
        path = Path(os.path.realpath(settings.root / name.partition(": ")[0].partition("#")[0]))
        if path.is_relative_to(os.path.realpath(settings.root)) and path.is_file():
            inner = path.relative_to(os.path.realpath(settings.root)).as_posix()
            files[f"{FILES}{inner}{TEXT}"] = _read(path)
    # The record is redacted already; what lies beside it was written by people.
    clean = {
        name: content if name == RECORD else redact(_decoded(content)).encode("utf-8")
        for name, content in files.items()
    }
    manifest = {
        "kind": KIND,
        "schema_version": VERSION,
        "failure_id": record["failure_id"],
        "repository": redact(settings.repository),
        "signature": record["signature"]["hash"],
        "catalog_entry_id": record["classification"]["catalog_entry_id"],
        "preconditions": [str(one) for one in preconditions],
        "files": [
            {
                "path": name,
                "bytes": len(content),
                "sha256": _digest(content),
                "redacted": content != files[name],
            }
            for name, content in sorted(clean.items())
        ],
    }
    files = clean
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    found = {MANIFEST: text.encode("utf-8", "backslashreplace"), **dict(sorted(files.items()))}
    _require_size({name: len(content) for name, content in found.items()}, "the bundle")
    for name in found:
        _require_name(name, "the bundle")
    return found


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip, the same bytes for the same files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.external_attr = 0o644 << 16
            member.create_system = 3
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def unpacked(path: Path) -> Bundle:
    """Return what a bundle holds, after every check; nothing is written.

    Args:
        path: The zip file.

    Raises:
        InputError: It is no bundle, is damaged, or holds what a bundle must not hold.
    """
    source = path.name
    try:
        if path.stat().st_size > BUNDLE_MAX_BYTES:
            raise _refused(source, f"is larger than {BUNDLE_MAX_BYTES // 1024**2} MiB")
        with zipfile.ZipFile(path) as archive:
            files = dict(_members(archive, source))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise _refused(source, f"is no zip file that can be read ({error})") from None
    except Exception as error:
        if type(error).__module__ not in ("zlib", "lzma", "_lzma"):
            raise
        raise _refused(source, f"is damaged ({error})") from None
    manifest = _manifest(files, source)
    try:
        record = verify_record(files.get(RECORD, b""), f"{source}: {RECORD[:-5]}")
    except EvidenceError as error:
        raise _refused(source, f"holds no valid record ({error.message})") from None
    if record["failure_id"] != manifest["failure_id"]:
        raise _refused(source, "names another failure than its record does")
    _require_toml(files, source)
    return Bundle(manifest, record, files)


def imported(bundle: Bundle, settings: Settings) -> tuple[Path, bool]:
    """Write what a bundle holds into a folder of its own beside the evidence.

    Args:
        bundle: What it holds.
        settings: Settings of the project that imports it.

    Returns:
        The folder, and whether anything was written: not when the same bundle lies there.

    Raises:
        InputError: Something else lies there, or it cannot be written.
    """
    folder = settings.evidence_dir.parent / "propagated" / bundle.failure_id
    if folder.exists() or folder.is_symlink():
        if _is_same(folder, bundle.files):
            return folder, False
        raise InputError(
            f"{folder} holds another bundle of this failure; nothing was written: compare them,"
            " and move it away to import this one"
        )
    beside = folder.with_name(f".{bundle.failure_id}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        for name, content in bundle.files.items():
            target = beside / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        beside.rename(folder)
    except OSError as error:
        _remove(beside)
        raise InputError(f"{folder} cannot be written: {error.strerror or error}") from None
    return folder, True


def _members(archive: zipfile.ZipFile, source: str) -> Iterator[tuple[str, bytes]]:
    members = archive.infolist()
    _require_size({one.filename: one.file_size for one in members}, source)
    if len({one.filename.lower() for one in members}) < len(members):
        raise _refused(source, "holds two files of one name")
    for one in members:
        # `ZipInfo` cuts names at NUL and turns backslashes on Windows: the name as it was written.
        _require_name(one.orig_filename, source)
        kind = stat.S_IFMT(one.external_attr >> 16)
        if one.is_dir() or kind not in (0, stat.S_IFREG):
            raise _refused(source, f"holds {one.filename!r}, which is no plain file")
        if one.flag_bits & 0x1:
            raise _refused(source, "is encrypted")
        with archive.open(one) as stream:
            content = stream.read(FILE_MAX_BYTES + 1)
        if len(content) != one.file_size:
            raise _refused(source, f"holds {one.filename!r}, whose size is not what it says")
        yield one.filename, content


def _require_size(sizes: Mapping[str, int], source: str) -> None:
    if len(sizes) > FILES_MAX:
        raise _refused(source, f"holds more than {FILES_MAX} files")
    for name, size in sizes.items():
        if size > FILE_MAX_BYTES:
            raise _refused(source, f"holds {name!r}, larger than {FILE_MAX_BYTES // 1024**2} MiB")
    if sum(sizes.values()) > BUNDLE_MAX_BYTES:
        raise _refused(source, f"holds more than {BUNDLE_MAX_BYTES // 1024**2} MiB")


def _require_name(name: str, source: str) -> None:
    parts = name.split("/")
    is_known = name in (MANIFEST, RECORD, GUARD_FILE, CATALOG_FILE) or (
        name.startswith((KNOWN_BAD, FILES)) and name.endswith(TEXT)
    )
    is_safe = len(name) <= 300 and all(
        _NAME.match(part) and not part.endswith((".", " ")) and not _DEVICE.match(part)
        for part in (one.lstrip(".") if one.strip(".") else "" for one in parts)
    )
    if not is_known or not is_safe:
        raise _refused(source, f"holds {name!r}, which is no path that a bundle has")


def _manifest(files: Mapping[str, bytes], source: str) -> dict[str, Any]:
    try:
        manifest = json.loads(files[MANIFEST])
        listed = {one["path"]: (one["sha256"], one["bytes"]) for one in manifest["files"]}
        if manifest["kind"] != KIND:
            raise ValueError(f"kind is {manifest['kind']!r}")
        version = str(manifest["schema_version"])
        if not all(_SHA256.match(digest) for digest, _ in listed.values()):
            raise ValueError("a digest is none")
    except (KeyError, TypeError, ValueError, RecursionError, AttributeError) as error:
        raise _refused(source, f"has no manifest that can be read ({error})") from None
    if version.partition(".")[0] != VERSION.partition(".")[0]:
        raise _refused(source, f"is of version {version}, and this failtrack reads {VERSION}")
    others = set(files) - {MANIFEST}
    if others != set(listed):
        odd = sorted(others ^ set(listed))[0]
        raise _refused(source, f"does not hold what its manifest lists: {odd!r}")
    for name, (digest, size) in listed.items():
        if _digest(files[name]) != digest or len(files[name]) != size:
            raise _refused(source, f"holds {name!r}, which was changed after it was made")
    return dict(manifest)


def _require_toml(files: Mapping[str, bytes], source: str) -> None:
    from pytest_failtrack.toml import tomllib

    for name, keys in ((GUARD_FILE, ("tool", "failtrack", "guard")), (CATALOG_FILE, ("entry",))):
        if name not in files:
            continue
        try:
            document: Any = tomllib.loads(files[name].decode("utf-8"))
            for key in keys:
                if set(document) != {key}:
                    raise ValueError(f"it holds more or less than {key}")
                document = document[key]
        except (ValueError, TypeError, RecursionError) as error:
            raise _refused(source, f"holds {name!r}, which cannot be used ({error})") from None


def _own_entry(settings: Settings, record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the entry of the catalog that the record matched, where it is the project's own."""
    wanted = record["classification"]["catalog_entry_id"]
    for document in own_documents(settings.table.get("catalog", ()), settings.root):
        tables = document["entry"] if set(document) == {"entry"} else [document]
        for one in tables:
            if one.get("id") == wanted:
                return dict(one)
    return None


def _toml_tables(name: str, tables: Mapping[str, Any]) -> str:
    """Return tables as TOML; what is nested in them is written inline."""
    parts = []
    for key, table in tables.items():
        lines = [f"{_key(one)} = {_inline(value)}" for one, value in table.items()]
        parts.append("\n".join([f"[{name}.{_key(key)}]", *lines, ""]))
    return "\n".join(parts)


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = (f"{_key(key)} = {_inline(one)}" for key, one in value.items())
        return "{ " + ", ".join(inner) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_inline, value)) + "]"
    # A string, number or truth value of JSON is one of TOML, but for the character DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _BARE_KEY.match(name) else json.dumps(name)


def _read(path: Path) -> bytes:
    if path.stat().st_size > FILE_MAX_BYTES:
        raise _refused("the bundle", f"would hold {path.name}, which is too large")
    return path.read_bytes()


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _is_same(folder: Path, files: Mapping[str, bytes]) -> bool:
    if folder.is_symlink():
        return False
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    found = {name for name, path in there.items() if not path.is_dir()}
    return found == set(files) and all(
        not there[name].is_symlink() and there[name].read_bytes() == content
        for name, content in files.items()
    )


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _refused(source: str, why: str) -> InputError:
    return InputError(f"{source} {why}; nothing was written", slug="bundle")
