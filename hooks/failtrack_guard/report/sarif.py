"""The report as SARIF 2.1.0, for code scanning and other tools.

Standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import os
from urllib.parse import quote

from failtrack_guard import __version__
from failtrack_guard.about import BYPASSED, about
from failtrack_guard.baseline import mark
from failtrack_guard.report.replacing import Fixes
from failtrack_guard.report.report import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from failtrack_guard.about import About
    from failtrack_guard.finding import Finding
    from failtrack_guard.report.replacing import Replacement
    from failtrack_guard.report.report import Report

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {"CRITICAL": "error", "HIGH": "error", "MEDIUM": "warning", "LOW": "note"}
# The words of code scanning.
SEVERITIES = {
    "CRITICAL": "error",
    "HIGH": "error",
    "MEDIUM": "warning",
    "LOW": "recommendation",
}
# Name under which the folder of the project is known to readers.
ROOT = "SRCROOT"
FINGERPRINT = "failtrackGuard/v1"


def render(report: Report, environ: Mapping[str, str] | None = None) -> str:
    """Return the report as SARIF text.

    Args:
        report: What is told.
        environ: Environment of the job, which says where the checkout lies.
    """
    document = document_of(report, os.environ if environ is None else environ)
    return json.dumps(document, indent=1) + "\n"


def document_of(report: Report, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the report as the plain values of a SARIF log."""
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [_Run(report, environ).values()]}


class _Run:
    """The one run of the log."""

    def __init__(self, report: Report, environ: Mapping[str, str]) -> None:
        self._report = report
        self._prefix = report.path_in(environ)
        self._findings = report.everything
        mark(self._findings, report.sources)
        self._allowed = {id(finding): by for finding, by in report.suppressed}
        self._known = {id(finding) for finding in report.known}
        self._fixes = Fixes(report)
        ids = {*report.rules, *(one.rule for one in self._findings)}
        if report.bypassed:
            ids.add(BYPASSED)
        self._rules = {one: about(one) for one in sorted(ids)}
        self._index = {one: at for at, one in enumerate(self._rules)}

    def values(self) -> dict[str, Any]:
        """Return the run."""
        report = self._report
        return {
            "tool": {
                "driver": {
                    "name": "failtrack-guard",
                    "version": __version__,
                    "semanticVersion": __version__,
                    "rules": [_rule(one) for one in self._rules.values()],
                }
            },
            "automationDetails": {"id": "failtrack-guard/"},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {
                ROOT: {"description": {"text": "The folder that the paths begin at."}}
            },
            "invocations": [self._invocation()],
            "results": [self._result(one) for one in self._findings],
            "properties": {"files": report.files, "goneFromBaseline": len(report.gone)},
        }

    def _invocation(self) -> dict[str, Any]:
        report = self._report
        notes: list[dict[str, Any]] = [
            {
                "level": "error",
                "message": {"text": one.reason},
                "descriptor": {"id": "unreadable"},
                "locations": [{"physicalLocation": self._place(one.path, one.line)}],
            }
            for one in report.unreadable
        ]
        notes += [
            {
                "level": LEVELS[self._rules[BYPASSED].severity],
                "message": {"text": words_of(one)},
                "associatedRule": {"id": BYPASSED, "index": self._index[BYPASSED]},
            }
            for one in report.bypassed
        ]
        return {
            "executionSuccessful": not (report.unreadable or report.errors),
            "endTimeUtc": report.created_at,
            "toolExecutionNotifications": notes,
            "toolConfigurationNotifications": [
                {
                    "level": "error",
                    "message": {"text": str(one)},
                    "descriptor": {"id": one.slug},
                }
                for one in report.errors
            ],
        }

    def _result(self, one: Finding) -> dict[str, Any]:
        place = {**self._place(one.path), "region": _region(one.span)}
        location: dict[str, Any] = {"physicalLocation": place}
        if one.symbol:
            location["logicalLocations"] = [{"fullyQualifiedName": one.symbol}]
        result: dict[str, Any] = {
            "ruleId": one.rule,
            "ruleIndex": self._index[one.rule],
            "level": LEVELS[self._rules[one.rule].severity],
            "message": {"text": one.message},
            "locations": [location],
            "partialFingerprints": {FINGERPRINT: one.fingerprint},
            "suppressions": self._suppressions(one),
        }
        if self._report.has_baseline:
            result["baselineState"] = "unchanged" if id(one) in self._known else "new"
        replacements = self._fixes.of(one)
        if replacements:
            result["fixes"] = [self._fix(one, replacements)]
        return result

    def _suppressions(self, one: Finding) -> list[dict[str, Any]]:
        by = self._allowed.get(id(one))
        if by is not None:
            place = {**self._place(by.path), "region": _region(by.span)}
            return [
                {
                    "kind": "inSource",
                    "status": "accepted",
                    "justification": by.justification,
                    "location": {"physicalLocation": place},
                }
            ]
        if id(one) in self._known:
            told = "Known to the baseline."
            return [{"kind": "external", "status": "accepted", "justification": told}]
        return []

    def _fix(self, one: Finding, replacements: list[Replacement]) -> dict[str, Any]:
        assert one.fix is not None
        remedy = self._rules[one.rule].remedy
        text = remedy if one.fix.is_safe else f"{remedy} (unsafe: look at what it changes)"
        pieces = [
            {"deletedRegion": _region(span), "insertedContent": {"text": code}}
            for span, code in replacements
        ]
        change = {**self._place(one.path), "replacements": pieces}
        return {"description": {"text": text}, "artifactChanges": [change]}

    def _place(self, path: str, line: int = 0) -> dict[str, Any]:
        if os.path.isabs(path):
            place: dict[str, Any] = {"artifactLocation": {"uri": f"file://{_quoted(path)}"}}
        else:
            uri = _quoted(self._prefix + path)
            place = {"artifactLocation": {"uri": uri, "uriBaseId": ROOT}}
        return {**place, "region": {"startLine": line}} if line else place


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"))


def _region(span: tuple[int, int, int, int]) -> dict[str, int]:
    line, column, end_line, end_column = span
    return {
        "startLine": line,
        "startColumn": column + 1,
        "endLine": end_line,
        "endColumn": end_column + 1,
    }


def _rule(told: About) -> dict[str, Any]:
    return {
        "id": told.id,
        "name": told.name,
        "shortDescription": {"text": told.summary},
        "fullDescription": {"text": told.text.partition("\n\nUse instead:")[0]},
        "help": {"text": told.text},
        "defaultConfiguration": {"level": LEVELS[told.severity]},
        "properties": {
            "tags": [told.category, told.subcategory],
            "problem.severity": SEVERITIES[told.severity],
            "precision": "high",
        },
    }
