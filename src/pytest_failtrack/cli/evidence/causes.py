"""Causes made of records, and causes of several runs made one; for `list`, `show` and `rerun`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pytest_failtrack.classify.blame import blame_of_record
from pytest_failtrack.frozen import replaced
from pytest_failtrack.policy.digest import Cause, count_tests
from pytest_failtrack.policy.matrix import SEVERITIES
from pytest_failtrack.record.times import parse_time
from pytest_failtrack.signature.cluster import gathered

NOVELTIES = ("NEW", "FIRST", "REPEAT", "KNOWN")
DEBT_OUTCOMES = {"debt", "expired"}
FLAKY_OUTCOMES = {"flaky", "rerun"}
# Failures of a command and of the session as a whole.
NOT_TESTS = {"command", "session"}


def merged(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Return causes of which no two share an id or a signature, the most important first.

    The same cause in two legs of a matrix is one cause with the failures of both.
    """
    together = [_together(parts) for parts in gathered(causes, _names)]
    return tuple(sorted(together, key=importance))


def _names(cause: Cause) -> Iterable[tuple[str, str, bool, bool]]:
    workflow, _, digits = cause.key.rpartition("|")
    for name in (digits, *cause.signatures):
        yield (workflow, name, cause.is_debt, cause.is_flaky)


def importance(cause: Cause) -> tuple[int, ...]:
    """Return the sort key of a cause: failures before flaky tests before debt, ours before
    the infrastructure's, new before repeated before known, severe and frequent ones first."""
    return (
        cause.is_debt,
        cause.is_flaky,
        cause.is_infra,
        _rank(NOVELTIES, cause.novelty),
        _rank(SEVERITIES, cause.severity),
        -cause.failures,
    )


def cause_of_record(record: Mapping[str, Any]) -> Cause:
    """Return the cause of one record alone, for records that no run document names."""
    classification, escalation = record["classification"], record["escalation"]
    description = record["failure_description"]
    repetition, metadata, test = (
        record["repetition_tracking"],
        record["metadata"],
        record["test"],
    )
    nodeid = test["nodeid"]
    is_open = record["status"] in ("OPEN", "INVESTIGATING")
    signature = record["signature"]
    return Cause(
        cause_id=test["cause_id"],
        key=f"{signature['workflow']}|{test['cause_id']}",
        signatures=(signature["hash"],),
        headline=description["error_message"] or description["summary"],
        novelty=escalation["novelty"],
        occurrence=escalation["occurrence"],
        days_since_last=repetition["days_since_last_occurrence"],
        category=record["category"],
        subcategory=record["subcategory"],
        failure_type=classification["failure_type"],
        severity=record["severity"],
        phase=record["context"]["phase"],
        is_retryable=classification["is_retryable"],
        recovery=classification["recovery_suggestion"] or "",
        owner=metadata["owner"] or "",
        file=record["context"]["file_path"] or "",
        line=record["context"]["line_number"],
        due=_time(metadata["sla_resolution_target"]) if is_open else None,
        sla_source=escalation["sla_source"] or "",
        tier=escalation["tier"],
        notify=tuple(escalation["notify"]),
        failures=1,
        tests=count_tests([nodeid]),
        nodeids=(nodeid,) if nodeid else (),
        record_ids=(record["failure_id"],),
        blame=blame_of_record(record),
        is_flaky=test["outcome"] in FLAKY_OUTCOMES,
        is_debt=test["outcome"] in DEBT_OUTCOMES,
    )


def is_test(record: Mapping[str, Any]) -> bool:
    """Return whether a record is of a test or collector, which pytest can select."""
    return bool(record["test"]["nodeid"]) and record["test"]["when"] not in NOT_TESTS


def _together(parts: Sequence[Cause]) -> Cause:
    if len(parts) == 1:
        return parts[0]
    nodeids = tuple(dict.fromkeys(name for one in parts for name in one.nodeids))
    return replaced(
        parts[0],
        signatures=tuple(sorted({name for one in parts for name in one.signatures})),
        why=next((one.why for one in parts if one.why), ""),
        severity=min((one.severity for one in parts), key=lambda word: _rank(SEVERITIES, word)),
        signed=tuple(sorted({name for one in parts for name in one.signed})),
        occurrence=max(one.occurrence for one in parts),
        tier=max(one.tier for one in parts),
        notify=tuple(dict.fromkeys(role for one in parts for role in one.notify)),
        due=min((one.due for one in parts if one.due), default=None),
        failures=sum(one.failures for one in parts),
        tests=max(count_tests(nodeids), *(one.tests for one in parts)),
        nodeids=nodeids,
        record_ids=tuple(dict.fromkeys(name for one in parts for name in one.record_ids)),
    )


def _rank(words: Sequence[str], word: str) -> int:
    return words.index(word) if word in words else len(words)


def _time(text: str | None) -> datetime | None:
    return parse_time(text) if text else None
