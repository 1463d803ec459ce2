"""The JSON report of failtrack-guard as observations; `failtrack guard record` asks.

Each finding becomes an observation of its own, and so do commits that were made past the hook and
files that could not be judged. What a comment allows and what the baseline knows are no failures.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.observe.bounds import MESSAGE_MAX_CHARS, TEXT_MAX_CHARS
from pytest_failtrack.observe.observation import Frame, Observation, Raised
from pytest_failtrack.observe.redact import redact_and_cut

KIND = "failtrack-guard-report"
SCHEMA_MAJOR = "1"
SUGGESTION_MAX_CHARS = 400
NODEID_MAX_CHARS = 500

# S1-34: what a linter finds fails the build. Debt has its own deadline, whoever finds it (S0-107).
FAILURE_TYPE = "build_error"
FAILURE_TYPES = {"QA_TEST_DEBT": "test_debt"}
RECOVERY_MODES = {"QA": "FIX_TEST", "GOVERNANCE": "FIX_CONFIGURATION", "INFRA": "FIX_ENVIRONMENT"}


@frozen
class GuardReport:
    """What a report of the guard says.

    Args:
        observations: What fails, in the order of the report.
        created_at: When the guard ran, ISO 8601, UTC.
        rules: Ids of the rules that ran.
        files: Number of files that were looked at.
    """

    observations: tuple[Observation, ...]
    created_at: str = ""
    rules: tuple[str, ...] = ()
    files: int = 0


@frozen
class Said:
    """One thing that a report says, checked.

    Args:
        rule: Id of the rule, or the kind of an error.
        message: What is wrong.
        command: Arguments of failtrack-guard that show it again.
        subcategory: Its kind.
        category: The category of that.
        severity: CRITICAL, HIGH, MEDIUM or LOW, `` for what follows from the kind.
        path: File, ``.
        line: Line there, None when it is not known.
        symbol: Function or class around it, ``.
        remedy: What to do instead, ``.
        about: What the rule is for, ``.
    """

    rule: str
    message: str
    command: tuple[str, ...]
    subcategory: str
    category: str
    severity: str = ""
    path: str = ""
    line: int | None = None
    symbol: str = ""
    remedy: str = ""
    about: str = ""


def observe_report(text: str, source: str, *, redact: Callable[[str], str]) -> GuardReport:
    """Return what a report says.

    Args:
        text: The JSON that `failtrack-guard check --output json` wrote.
        source: Where it comes from, for messages.
        redact: The redactor; findings quote code, and code can hold secrets.

    Raises:
        InputError: It is no such report, or one of another version.
    """
    document = _document(text, source)
    try:
        created_at = _text(document, "created_at")
        datetime.fromisoformat(created_at.removesuffix("Z"))
        said = [*_findings(document), *_bypasses(document), *_errors(document)]
        rules = tuple(str(one) for one in document["rules"])
        files = int(document["totals"]["files"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{source}: the report lacks what its version promises ({type(error).__name__}: "
            f"{error}); write it again with `failtrack-guard check --output json`"
        ) from None
    return GuardReport(
        tuple(_observation(one, created_at, redact) for one in said), created_at, rules, files
    )


def _document(text: str, source: str) -> Mapping[str, Any]:
    how = "write one with `failtrack-guard check --output json --output-file FILE`"
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{source}: not JSON ({error}); {how}") from None
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise InputError(f"{source}: no report of failtrack-guard; {how}")
    version = str(document.get("schema_version"))
    if version.partition(".")[0] != SCHEMA_MAJOR:
        raise InputError(
            f"{source}: a report of version {version}, and this failtrack reads version "
            f"{SCHEMA_MAJOR}; use a failtrack and a failtrack-guard of one release"
        )
    return document


def _findings(document: Mapping[str, Any]) -> Iterator[Said]:
    rules = set(document["rules"])
    for one in document["findings"]:
        if one["suppressed"] is not None or one["baseline"] == "known":
            continue
        rule, path = _text(one, "rule"), _text(one, "path")
        selected = ("--select", rule) if rule in rules else ()
        yield _said(
            one,
            rule,
            ("check", *selected, path),
            path=path,
            line=_line(one),
            symbol=_text(one, "symbol"),
        )


def _bypasses(document: Mapping[str, Any]) -> Iterator[Said]:
    for one in document["bypassed"]:
        commit = _text(one, "commit")
        command = ("check", "--commit-range", f"{commit}^..{commit}")
        yield _said(one, _text(one, "rule"), command)


def _errors(document: Mapping[str, Any]) -> Iterator[Said]:
    for one in document["errors"]:
        path = one["path"] or ""
        command = ("check", path) if path else ("check",)
        yield _said(one, _text(one, "kind"), command, path=path, line=_line(one))


def _said(one: Mapping[str, Any], rule: str, command: tuple[str, ...], **place: Any) -> Said:
    return Said(
        rule=rule,
        message=_text(one, "message"),
        command=command,
        subcategory=_text(one, "subcategory"),
        category=_text(one, "category"),
        severity=str(one.get("severity") or ""),
        remedy=str(one.get("remedy") or ""),
        about=str(one.get("about") or ""),
        **place,
    )


def _observation(said: Said, created_at: str, redact: Callable[[str], str]) -> Observation:
    message, is_cut = redact_and_cut(redact, said.message, MESSAGE_MAX_CHARS, "head")
    place = f"{said.path}:{said.line}: " if said.line else f"{said.path}: " if said.path else ""
    printed = [f"{place}{said.rule} {said.message}", said.remedy and f"help: {said.remedy}"]
    text, text_is_cut = redact_and_cut(
        redact, "\n".join(one for one in (*printed, said.about) if one), TEXT_MAX_CHARS, "head"
    )
    path, symbol = redact(said.path), redact(said.symbol)
    frame = Frame(path, said.line or 0, symbol or "<module>", is_project=True)
    command = redact(shlex.join(("failtrack-guard", *said.command)))
    return Observation(
        source="guard",
        when="command",
        nodeid=command[:NODEID_MAX_CHARS],
        outcome="failed",
        # A rule that is broken is told as what it would raise: `PV-001: 'x' is a raw string`.
        exceptions=(Raised(said.rule, message, (frame,) if path else ()),),
        file=path,
        line=said.line,
        text=text,
        timestamp=created_at,
        markers=("guard", said.rule),
        is_truncated=is_cut or text_is_cut,
        told=_told(said, redact),
    )


def _told(said: Said, redact: Callable[[str], str]) -> dict[str, Any]:
    """Return what the guard says of the kind of a finding."""
    reasons = [f"failtrack-guard found it: {said.rule}.", said.about]
    told: dict[str, Any] = {
        "category": said.category,
        "subcategory": said.subcategory,
        "failure_type": FAILURE_TYPES.get(said.subcategory, FAILURE_TYPE),
        "recovery_mode": RECOVERY_MODES.get(said.category, "FIX_CODE"),
        "reasons": [_sentence(redact(one)) for one in reasons if one],
    }
    if said.severity:
        told["severity"] = said.severity
    if said.remedy:
        told["recovery_suggestion"] = _sentence(said.remedy)
    return told


def _sentence(text: str) -> str:
    line = " ".join(text.split())[:SUGGESTION_MAX_CHARS].rstrip(".")
    return f"{line[:1].upper()}{line[1:]}."


def _text(one: Mapping[str, Any], key: str) -> str:
    value = one[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is {value!r}")
    return value


def _line(one: Mapping[str, Any]) -> int | None:
    value = one["line"]
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError(f"line is {value!r}")
    return value
