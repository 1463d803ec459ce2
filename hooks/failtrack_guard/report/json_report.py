"""The report for programs: one JSON document, versioned; `failtrack guard record` reads it."""

from __future__ import annotations

import json

from failtrack_guard import __version__
from failtrack_guard.about import BYPASSED, about
from failtrack_guard.baseline import mark
from failtrack_guard.report.report import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from failtrack_guard.about import About
    from failtrack_guard.errors import GuardError
    from failtrack_guard.finding import Finding
    from failtrack_guard.git import Bypass
    from failtrack_guard.reading import Unreadable
    from failtrack_guard.report.report import Report
    from failtrack_guard.suppress import Suppression

KIND = "failtrack-guard-report"
SCHEMA_VERSION = "1.0"
# Slug of the error that two boundary rules contradict (S0-11), and its subcategory.
CONFLICT = "architecture-conflict"
CONFLICT_OF_RULES = "ARCHITECTURE_CONFLICT"


def render(report: Report) -> str:
    """Return the report as JSON text."""
    return json.dumps(document_of(report), indent=1) + "\n"


def document_of(report: Report) -> dict[str, Any]:
    """Return the report as plain JSON values; every key of it is always there."""
    everything = report.everything
    mark(everything, report.sources)
    allowed = {id(finding): by for finding, by in report.suppressed}
    known = {id(finding) for finding in report.known}
    findings = []
    for one in everything:
        state = "known" if id(one) in known else "new"
        by = allowed.get(id(one))
        findings.append(
            {
                **_finding(one, about(one.rule)),
                "suppressed": _suppression(by) if by else None,
                "baseline": state if report.has_baseline else None,
            }
        )
    return {
        "kind": KIND,
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "failtrack-guard", "version": __version__},
        "created_at": report.created_at,
        "rules": list(report.rules),
        "findings": findings,
        "gone": [
            {"rule": one.rule, "path": one.path, "symbol": one.symbol, "id": one.fingerprint}
            for one in report.gone
        ],
        "suppressions": [_suppression(one) for one in report.suppressions],
        "bypassed": [_bypass(one, report) for one in report.bypassed],
        "errors": [
            *(_unreadable(one) for one in report.unreadable),
            *(_error(one) for one in report.errors),
        ],
        "totals": {
            "files": report.files,
            "findings": len(report.findings),
            "suppressed": len(report.suppressed),
            "known": len(report.known),
            "gone": len(report.gone),
            "unreadable": len(report.unreadable),
            "fixable": sum(1 for one in report.findings if one.fix is not None),
            "by_rule": report.counts(),
        },
    }


def _finding(one: Finding, told: About) -> dict[str, Any]:
    return {
        "id": f"{one.rule}-{one.fingerprint}",
        "rule": one.rule,
        "name": told.name,
        "severity": told.severity,
        "category": told.category,
        "subcategory": told.subcategory,
        "path": one.path,
        "line": one.line,
        "column": one.column,
        "end_line": one.span[2],
        "end_column": one.span[3] + 1,
        "symbol": one.symbol,
        "message": one.message,
        "remedy": told.remedy,
        "about": told.summary,
        "fingerprint": one.fingerprint,
        "fixable": ("safe" if one.fix.is_safe else "unsafe") if one.fix else None,
    }


def _suppression(one: Suppression) -> dict[str, Any]:
    return {
        "path": one.path,
        "line": one.line,
        "rules": list(one.rules),
        "until": one.until or None,
        "ticket": one.ticket or None,
        "reason": one.reason or None,
        "state": one.state,
        "problem": one.problem or None,
    }


def _bypass(one: Bypass, report: Report) -> dict[str, Any]:
    told = about(BYPASSED)
    mark(one.findings, report.sources)
    return {
        "rule": told.id,
        "name": told.name,
        "severity": told.severity,
        "category": told.category,
        "subcategory": told.subcategory,
        "commit": one.commit,
        "author": one.author,
        "subject": one.subject,
        "mended": one.is_mended,
        "message": words_of(one),
        "remedy": told.remedy,
        "about": told.summary,
        "findings": [f"{each.rule}-{each.fingerprint}" for each in one.findings],
    }


def _unreadable(one: Unreadable) -> dict[str, Any]:
    is_code = "parsed" in one.reason
    return {
        "kind": "unreadable",
        "category": "ARCHITECTURE" if is_code else "INFRA",
        "subcategory": "ARCHITECTURE_INCORRECT" if is_code else "INFRA_ENVIRONMENT",
        "path": one.path,
        "line": one.line or None,
        "message": one.reason,
    }


def _error(error: GuardError) -> dict[str, Any]:
    is_conflict = error.slug == CONFLICT
    return {
        "kind": error.slug,
        "category": "ARCHITECTURE" if is_conflict else "GOVERNANCE",
        # Settings that cannot be used leave every rule of theirs unenforced.
        "subcategory": CONFLICT_OF_RULES if is_conflict else "GOVERNANCE_ENFORCEMENT_GAP",
        "path": None,
        "line": None,
        "message": str(error),
    }
