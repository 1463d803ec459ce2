"""The one door for files of other tools: any report or log in, observations out.

The kind is told by content, never by a name alone: artifacts of CI are called anything. Each kind
has one reader (`from_junit.py`, `from_ci_log.py`, ...), imported when its kind turns up.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.named_file import STDIN, called
from pytest_failtrack.observe.observation import Observation

REPORT_MAX_BYTES = 64 * 1024 * 1024
LOG_HEAD_BYTES = 48 * 1024 * 1024
LOG_TAIL_BYTES = 16 * 1024 * 1024
KEYS_SHOWN = 6

_ROOT = lazily(
    r"(?:<\?[^>]{0,500}\?>|<!--.{0,2000}?-->|<!DOCTYPE[^>\[]{0,500}(?:\[.*?\]\s*)?>|\s)*<(?P<tag>[\w:.-]{1,100})",
    16,
)
_LOOKS_XML = lazily(
    r"\s*<(?:\?xml|!DOCTYPE|!--|[A-Za-z][\w:.-]*(?:\s+[\w:.-]+\s*=|\s*/?>\s*(?:<|\Z)))"
)
_LOOKS_JSON = lazily(r"\s*(?:\{\s*(?:\"|\}\s*$)|\[\s*(?:\{|\]\s*$))")
_ARCHIVES = ((b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"))
# What other tools call their XML, and how it becomes JUnit XML.
_FOREIGN = {
    "TestRun": "Visual Studio's .trx: convert it with `trx2junit FILE.trx`",
    "assemblies": "xUnit.net's own format: run `dotnet test --logger junit`",
    "test-run": "NUnit's own format: run `dotnet test --logger junit`",
    "testng-results": "TestNG's own format: take the files of its `junitreports` folder",
    "html": "a web page: is it the log-in page of the CI instead of the artifact?",
    "checkstyle": "Checkstyle's format: let the linter write SARIF",
}


@frozen
class Wanted:
    """What a reader is told besides the file.

    Args:
        root: The project's root, absolute; paths of other machines are found again below it.
        redact: The redactor; nothing that is read goes past it.
        coverage_min_percent: Least coverage, 0 to 100; None when nobody named one.
        exit_status: How the command of a log ended; None when nobody knows.
        saw_passed: Receives node id and time (ISO 8601, `` where it is not told) of each test that
            a report says to have passed; None for nobody.
        saw_no_end: Called for a log that shows no failure and does not say how its command ended;
            None for nobody.
        saw_gap: Receives the sentence on a report that shows less than there was: it ends too
            early, or counts more than it lists. What it does show is returned all the same.
        saw_open: Receives the sentence on what a report says to be under way still.
        saw_tests: Receives whether a report of pytest shows a test, skipped ones too. Of other
            runners called only where one does: some write a report of what is clean.
    """

    root: str
    redact: Callable[[str], str]
    coverage_min_percent: float | None = None
    exit_status: int | None = None
    saw_passed: Callable[[str, str], None] | None = None
    saw_no_end: Callable[[], None] | None = None
    saw_gap: Callable[[str], None] | None = None
    saw_open: Callable[[str], None] | None = None
    saw_tests: Callable[[bool], None] | None = None

    def tell_gap(self, sentence: str) -> None:
        """Say that a report shows less than there was, to who asks."""
        if self.saw_gap is not None:
            self.saw_gap(sentence)


def read(
    what: str | os.PathLike[str] | bytes, wanted: Wanted, *, source: str = ""
) -> list[Observation]:
    """Return the failures that a file of any known kind holds.

    Args:
        what: A path, or the content itself.
        wanted: What the readers are told.
        source: What the content is called in messages; the path by default.

    Returns:
        One observation a failure, in the order of the file; none when it says that all went well.

    Raises:
        InputError: The file cannot be read, is of no known kind, broken or too large. The message
            says what, where and what to do next.
    """
    if isinstance(what, bytes):
        return read_content(what, source or called(STDIN), wanted)
    path = os.fspath(what)
    return read_content(_content_of(path), source or path, wanted)


def kind_of(data: bytes) -> str:
    """Return the kind of a file: `junit`, `cobertura`, `json`, `json-lines` or `log`.

    Args:
        data: Its content, or the beginning of it.
    """
    beginning = _text_of(data[:65_536])
    if _LOOKS_XML.match(beginning):
        return "cobertura" if _root(beginning) == "coverage" else "junit"
    if not _LOOKS_JSON.match(beginning):
        return "log"
    first = beginning.lstrip().partition("\n")[0]
    return "json-lines" if _parsed(first) is not None and "\n" in beginning.strip() else "json"


def read_content(data: bytes, source: str, wanted: Wanted) -> list[Observation]:
    """Return the failures that some content holds; see `read`."""
    _refuse_unreadable(data, source)
    kind = kind_of(data)
    if kind != "log" and len(data) > REPORT_MAX_BYTES:
        raise InputError(
            f"{source}: {len(data):,} bytes, and at most {REPORT_MAX_BYTES:,} of a report are "
            "read; split it, or hand in the log instead",
            slug="too-large",
        )
    if kind in ("junit", "cobertura"):
        return _read_xml(data, source, wanted, kind)
    text = _text_of(data)
    if kind == "json-lines":
        lines = _read_json_lines(text, source, wanted)
        if lines is not None:
            return lines
    elif kind == "json":
        return _read_json(text, source, wanted)
    from pytest_failtrack.observe.from_ci_log import observe_log

    return observe_log(
        text,
        source,
        root=wanted.root,
        redact=wanted.redact,
        exit_status=wanted.exit_status,
        saw_passed=wanted.saw_passed,
        saw_no_end=wanted.saw_no_end,
    )


def _read_xml(data: bytes, source: str, wanted: Wanted, kind: str) -> list[Observation]:
    if kind == "cobertura":
        from pytest_failtrack.observe.from_coverage import observe_coverage, read_cobertura

        return observe_coverage(
            read_cobertura(data, source),
            source,
            root=wanted.root,
            redact=wanted.redact,
            threshold_percent=wanted.coverage_min_percent,
        )
    root = _root(_text_of(data[:65_536]))
    for tag, meaning in _FOREIGN.items():
        if root.lower() == tag.lower():
            raise InputError(f"{source}: {meaning}", slug="unknown-kind")
    from pytest_failtrack.observe.from_junit import observe_junit

    return observe_junit(
        data,
        source,
        root=wanted.root,
        redact=wanted.redact,
        saw_passed=wanted.saw_passed,
        saw_gap=wanted.saw_gap,
        saw_tests=wanted.saw_tests,
    )


def _read_json(text: str, source: str, wanted: Wanted) -> list[Observation]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        pages = _read_pages(text, source, wanted)
        if pages is not None:
            return pages
        # Of lines, the first one may be longer than what the kind was told by.
        is_first_whole = _parsed(text.lstrip().partition("\n")[0]) is not None
        lines = _read_json_lines(text, source, wanted) if is_first_whole else None
        if lines is not None:
            return lines
        raise InputError(
            f"{source}: begins like JSON and is none ({error}); was its writer killed?",
            slug="not-json",
        ) from None
    return _shaped(lambda: _of_document(document, source, wanted), source)


def _shaped(make: Callable[[], list[Observation]], source: str) -> list[Observation]:
    """Return what a reader makes of a parsed document, or say that its shape is not as promised."""
    try:
        return make()
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError(
            f"{source}: lacks what its format promises ({type(error).__name__}: {error}); write "
            "it again with the tool that it comes from",
            slug="shape",
        ) from None


def _of_document(document: Any, source: str, wanted: Wanted) -> list[Observation]:
    from pytest_failtrack.observe import (
        from_coverage,
        from_go,
        from_guard,
        from_jobs,
        from_json_report,
        from_observations,
        from_sarif,
    )

    places: dict[str, Any] = {"root": wanted.root, "redact": wanted.redact}
    is_object = isinstance(document, dict)
    if is_object and document.get("kind") == from_guard.KIND:
        text = json.dumps(document)
        return list(from_guard.observe_report(text, source, redact=wanted.redact).observations)
    if from_sarif.is_sarif(document):
        return from_sarif.observe_sarif(document, source, **places, saw_gap=wanted.saw_gap)
    if from_json_report.is_json_report(document):
        return from_json_report.observe_json_report(
            document, source, **places, saw_tests=wanted.saw_tests
        )
    if from_coverage.is_coverage(document):
        covered = from_coverage.read_json(document)
        return from_coverage.observe_coverage(
            covered, source, **places, threshold_percent=wanted.coverage_min_percent
        )
    if from_jobs.is_job_list(document):
        return from_jobs.observe_jobs(
            document, source, **places, saw_gap=wanted.saw_gap, saw_open=wanted.saw_open
        )
    if from_go.is_event(document):
        return _go((document,), source, wanted)
    if is_object and document.get("$report_type"):
        return _reportlog(json.dumps(document), source, wanted)
    documents = document if isinstance(document, list) else [document]
    if all(from_observations.is_observation(one) for one in documents):
        return from_observations.observe_observations(documents, source, redact=wanted.redact)
    raise InputError(f"{source}: {_unknown(document)}", slug="unknown-kind")


def _read_pages(text: str, source: str, wanted: Wanted) -> list[Observation] | None:
    """Return what pages of GitHub's job list hold that stand one after another, else None.

    `gh api --paginate` writes them so, with or without a line between them.
    """
    from pytest_failtrack.observe.from_jobs import is_job_list

    pages: list[Any] = []
    decoder, text, at = json.JSONDecoder(), text.strip(), 0
    while at < len(text):
        try:
            page, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        if not is_job_list(page):
            return None
        pages += page if isinstance(page, list) else [page]
        while text[at : at + 1].isspace():
            at += 1
    if not pages:
        return None
    if at < len(text):
        wanted.tell_gap(f"{source}: its last page is cut: was its writer killed? Write it again")
    return _shaped(lambda: _of_document(pages, source, wanted), source)


def _read_json_lines(text: str, source: str, wanted: Wanted) -> list[Observation] | None:
    """Return what JSON lines hold, None when they are the log of a program that logs in JSON."""
    from pytest_failtrack.observe import from_go, from_observations

    lines = [line for line in text.splitlines() if line.strip()]
    documents = [_parsed(line) for line in lines]
    heads = [one for one in documents[:200] if isinstance(one, dict)]
    if any("$report_type" in one or "pytest_version" in one for one in heads):
        return _reportlog(text, source, wanted)
    if any(from_go.is_event(one) for one in heads):
        if documents[-1] is None and lines[-1].startswith("{") and not text.endswith("\n"):
            wanted.tell_gap(_cut(source))
        told = zip(lines, documents, strict=True)
        return _go((one if from_go.is_event(one) else line for line, one in told), source, wanted)
    if not any(from_observations.is_observation(one) for one in heads):
        pages = _read_pages(text, source, wanted)
        if pages is not None:
            return pages
        return None if len(documents) > 1 and None not in documents[:-1] else _broken(text, source)
    if documents and documents[-1] is None:
        documents.pop()
        wanted.tell_gap(_cut(source))
    if None in documents:
        number = documents.index(None) + 1
        raise InputError(f"{source}: line {number} is no JSON; write one a line", slug="not-json")
    return from_observations.observe_observations(documents, source, redact=wanted.redact)


def _cut(source: str) -> str:
    return f"{source}: its last line is cut: was its writer killed? Write it again"


def _go(lines: Iterable[str | dict[str, Any]], source: str, wanted: Wanted) -> list[Observation]:
    from pytest_failtrack.observe.from_go import observe_go

    return observe_go(
        lines,
        source,
        root=wanted.root,
        redact=wanted.redact,
        saw_passed=wanted.saw_passed,
        saw_gap=wanted.saw_gap,
    )


def _broken(text: str, source: str) -> list[Observation] | None:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    raise AssertionError(f"{source}: one document was taken for lines")


def _reportlog(text: str, source: str, wanted: Wanted) -> list[Observation]:
    from pytest_failtrack.observe.from_reportlog import observe_reportlog

    return _shaped(
        lambda: observe_reportlog(
            text,
            source,
            root=wanted.root,
            redact=wanted.redact,
            saw_gap=wanted.saw_gap,
            saw_tests=wanted.saw_tests,
        ),
        source,
    )


def _unknown(document: Any) -> str:
    known = (
        "known are reports of pytest-json-report and pytest-reportlog, events of `go test -json`, "
        "GitHub's job lists, SARIF, coverage.py, failtrack-guard, and observations "
        "(`failtrack schema observation`)"
    )
    if isinstance(document, dict) and "failure_id" in document:
        return "a record of failtrack: `failtrack show` shows it"
    if isinstance(document, dict) and document.keys() >= {"run_id", "causes"}:
        return "a run document of failtrack: `failtrack list` shows its causes"
    if isinstance(document, dict):
        keys = ", ".join(list(map(repr, document))[:KEYS_SHOWN])
        return f"JSON of no known kind, with the keys {keys or 'of nothing'}; {known}"
    return f"JSON of no known kind, a {type(document).__name__}; {known}"


def _refuse_unreadable(data: bytes, source: str) -> None:
    if not data.strip():
        raise InputError(
            f"{source}: the file is empty; did the step that writes it run?", slug="empty"
        )
    for mark, name in _ARCHIVES:
        if data.startswith(mark):
            raise InputError(
                f"{source}: a {name} archive; unpack it and hand in its files", slug="archive"
            )
    head = data[:65_536]
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not is_wide and head.count(0) > len(head) // 20 + 16:
        raise InputError(f"{source}: not a text; hand in a report or a log", slug="binary")


def _content_of(path: str) -> bytes:
    """Return the content of a file; of a very long one its two ends.

    Raises:
        InputError: It cannot be read.
    """
    try:
        if os.path.isdir(path):
            raise InputError(
                f"{path}: a folder; name its files, such as {Path(path) / '*.xml'}", slug="folder"
            )
        with open(path, "rb") as file:
            data = file.read(REPORT_MAX_BYTES + 1)
            if len(data) <= REPORT_MAX_BYTES:
                return data
            size = os.fstat(file.fileno()).st_size
            if kind_of(data) != "log":
                return data
            file.seek(max(size - LOG_TAIL_BYTES, LOG_HEAD_BYTES))
            return data[:LOG_HEAD_BYTES] + b"\n" + file.read(LOG_TAIL_BYTES)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"{path}: cannot be read ({reason}); name an existing file") from None


def _text_of(data: bytes) -> str:
    from pytest_failtrack.observe.xml_events import decoded

    return decoded(data).lstrip("\ufeff")


def _root(text: str) -> str:
    found = _ROOT.match(text)
    return found["tag"].rpartition(":")[2] if found else ""


def _parsed(line: str) -> Any:
    """Return the JSON of one line, None when it is none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
