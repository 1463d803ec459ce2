"""The sentences that sinks say about a digest, in one place, so that all say the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone

from pytest_failtrack.policy.digest import MEND_FIRST, Cause, DebtSummary, Digest

# kinds of debt as people call them: one, many; the three kinds of skip are one word
DEBT_WORDS = {
    "skip": ("skip", "skips"),
    "skipif": ("skip", "skips"),
    "importorskip": ("skip", "skips"),
    "xfail": ("xfail", "xfail"),
    "xpass": ("xpass", "xpass"),
    "deselected": ("deselected", "deselected"),
    "ignored": ("ignored path", "ignored paths"),
    "empty_parametrize": ("empty parametrize", "empty parametrizes"),
    "unmapped": ("unmapped test", "unmapped tests"),
}
# novelty in the headline: one, many
NOVELTY_WORDS = {
    "NEW": ("new", "new"),
    "FIRST": ("first seen", "first seen"),
    "REPEAT": ("repeat", "repeats"),
    "KNOWN": ("known", "known"),
    "INFRA": ("infra", "infra"),
}
# Totals that count no test that ran.
NOT_OUTCOMES = ("collected", "deselected")
COUNTED = "to be mended in the project: the gate counts it"
# Their names alone are commonly used for the reverse (decision C-12).
EXPLAINED = ("QA_FALSE_POSITIVE", "QA_FALSE_NEGATIVE")


def count(number: int, one: str, many: str = "") -> str:
    """Return `1 failure`, `57 failures`, `5,000 failures`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def ordinal(number: int) -> str:
    """Return `1st`, `2nd`, `3rd`, `11th`."""
    last = number % 10 if number % 100 not in (11, 12, 13) else 0
    ending = {1: "st", 2: "nd", 3: "rd"}.get(last, "th")
    return f"{number:,}{ending}"


def tag(cause: Cause) -> str:
    """Return the first word of a cause's line: what people should think of it first."""
    if cause.is_debt:
        return "DEBT"
    if cause.is_flaky:
        return "FLAKY"
    return "INFRA" if cause.is_infra else cause.novelty


def headline(digest: Digest) -> str:
    """Return the first sentence, such as `57 failures, 3 root causes: 1 new, 2 infra`."""
    causes = digest.failure_causes
    if not causes:
        return quiet(digest)
    by_tag: dict[str, list[Cause]] = {word: [] for word in NOVELTY_WORDS}
    for cause in causes:
        by_tag.setdefault(tag(cause), []).append(cause)
    parts = [_part(word, found) for word, found in by_tag.items() if found]
    return f"{count(digest.failures, 'failure')}, {count(len(causes), 'root cause')}: " + ", ".join(
        parts
    )


def quiet(digest: Digest) -> str:
    """Return the sentence of a run without failures, such as `120 passed, no failures`."""
    totals = digest.totals
    if has_run_nothing(digest):
        parts = ["no test ran"]
    else:
        parts = [f"{totals['passed']:,} passed"] if "passed" in totals else []
        if totals.get("flaky"):
            parts.append(f"{totals['flaky']:,} flaky")
        parts.append("no failures")
    if digest.stopped:
        parts.append(f"but the run was {digest.stopped}")
    if not digest.is_complete:
        parts.append("but the run did not come to its own end")
    elif digest.exit_status not in (None, 0, 5):
        parts.append(f"but it ended with exit status {digest.exit_status}")
    return ", ".join(parts)


def has_run_nothing(digest: Digest) -> bool:
    """Whether a test run ran no test at all; a command that is none has run no test either."""
    totals = digest.totals
    is_of_tests = digest.exit_status in (None, 5) or any(map(totals.get, NOT_OUTCOMES))
    counts = (number for name, number in totals.items() if name not in NOT_OUTCOMES)
    return bool(totals) and is_of_tests and not any(counts)


def since(cause: Cause) -> str:
    """Return `2nd in 12 days, was RESOLVED -> OPEN`; `` for a first occurrence."""
    if cause.occurrence < 2:
        return ""
    text = ordinal(cause.occurrence)
    if cause.days_since_last is not None:
        days = cause.days_since_last
        text += f" in {count(days, 'day')}" if days else " in less than a day"
    return f"{text}, was {cause.reopened_from} -> OPEN" if cause.reopened_from else text


def escalation(cause: Cause) -> str:
    """Return what a recurrence sets off (S0-125 to S0-127); `` in tier 0."""
    if cause.tier < 1 or cause.occurrence < 2:
        return ""
    told = ", ".join(cause.notify)
    nth = ordinal(cause.occurrence)
    if cause.tier == 1:
        return f"{nth} occurrence: escalated to {told or 'build_owner'}; why did prevention fail?"
    from pytest_failtrack.record.reviews import ITEMS

    escalated = f"{nth} occurrence: escalated to {told or 'authority'}"
    due = {name: item for item, name in ITEMS.items() if name not in cause.signed}
    if not due:
        return f"{escalated}; its reviews are signed"
    how = ""
    if cause.record_ids:
        how = f": failtrack record {cause.record_ids[0]} sign {' '.join(due.values())}"
    return f"{escalated}; {', '.join(due)} {'is' if len(due) == 1 else 'are'} due{how}"


def meaning(cause: Cause) -> str:
    """Return the long text of a subcategory whose name misleads (C-12), else ``."""
    if cause.subcategory not in EXPLAINED:
        return ""
    # Here, so that a green run does not build the enums.
    from pytest_failtrack.classify.taxonomy import MEANINGS, Subcategory

    return f"{cause.subcategory}: {MEANINGS[Subcategory(cause.subcategory)]}"


def place(cause: Cause) -> str:
    """Return `src/shop/orders.py:88 in build_order`, as far as it is known.

    Where no more than the file is known, as after a crash, the test in it is named.
    """
    text = cause.file
    if cause.file and not cause.line and not cause.function:
        return _tests_in(cause) or cause.file
    if cause.file and cause.line:
        text += f":{cause.line}"
    if cause.function:
        text += f" in {cause.function}" if text else cause.function
    return text


def _tests_in(cause: Cause) -> str:
    """Return the first test of a cause that its file holds, and how many follow."""
    tests = _distinct(one for one in cause.nodeids if one.startswith(f"{cause.file}::"))
    if not tests:
        return ""
    return tests[0] if len(tests) == 1 else f"{tests[0]} and {len(tests) - 1:,} more"


def together(cause: Cause) -> str:
    """Return why the signatures of a cause belong together, `` when it has only one."""
    return f"one cause: {cause.why}" if cause.why else ""


def owner(cause: Cause) -> str:
    """Return the owner in words."""
    return f"owner {cause.owner}" if cause.owner else "owner unknown"


def size(cause: Cause) -> str:
    """Return `41 tests`, with the files that broke beside them, or the number of failures."""
    if not cause.tests:
        return count(cause.failures, "failure")
    files = len({one for one in cause.nodeids if one and "::" not in one})
    return count(cause.tests, "test") + (f", {count(files, 'file')}" if files else "")


def retry(cause: Cause) -> str:
    """Return whether another attempt may help: for infrastructure alone, `` otherwise.

    A tool that somebody called or configured wrongly is of the category INFRA, too, and what it
    refuses is counted as a fault of the code is.
    """
    if cause.category == "INFRA" and not (cause.is_infra or cause.is_flaky or cause.is_debt):
        return COUNTED
    if not cause.is_infra:
        return ""
    detail = f" ({cause.retry})" if cause.retry else ""
    can = f"retryable{detail}" if cause.is_retryable else MEND_FIRST
    return f"{can}; by itself it ends the gate with 75"


def moment(at: datetime) -> str:
    """Return a time as `2026-11-22 14:10Z`."""
    return at.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%MZ")


def kind(cause: Cause) -> str:
    """Return `CATEGORY / SUBCATEGORY`."""
    return f"{cause.category} / {cause.subcategory}"


def blame(cause: Cause) -> str:
    """Return where a cause lies in one word; `` where its tag or its category says so."""
    # Here, so that a green run does not build the enums.
    from pytest_failtrack.classify.blame import BY_CATEGORY

    if cause.is_debt or cause.is_flaky or cause.blame == "unknown":
        return ""
    return "" if cause.blame == BY_CATEGORY.get(cause.category) else cause.blame


def scope(digest: Digest) -> str:
    """Return what changed under a frozen path, `` when nothing did."""
    if not digest.scope:
        return ""
    first, *others = digest.scope
    more = f"; {len(others):,} more: failtrack doctor" if others else ""
    return f"{first}{more}"


def debt(summary: DebtSummary) -> str:
    """Return `14 skips, 3 xfail (2 without a reason, 1 expired)`; `` without any debt."""
    merged: dict[tuple[str, str], int] = {}
    for name, number in summary.counts.items():
        words = DEBT_WORDS.get(name, (name, name))
        merged[words] = merged.get(words, 0) + number
    text = ", ".join(count(number, *words) for words, number in merged.items() if number)
    faults = []
    if summary.without_reason:
        faults.append(f"{summary.without_reason:,} without a reason")
    if summary.expired:
        faults.append(f"{summary.expired:,} expired")
    return f"{text} ({', '.join(faults)})" if text and faults else text or ", ".join(faults)


def flaky(digest: Digest, *, max_names: int = 3) -> str:
    """Return `2 tests failed, then passed: a, b`; `` when none was flaky."""
    names = _distinct(one for cause in digest.causes if cause.is_flaky for one in cause.nodeids)
    if not names:
        return ""
    more = f", {len(names) - max_names:,} more" if len(names) > max_names else ""
    return f"{count(len(names), 'test')} failed, then passed: {', '.join(names[:max_names])}{more}"


def _part(word: str, causes: list[Cause]) -> str:
    text = count(len(causes), *NOVELTY_WORDS.get(word, (word.lower(), word.lower())))
    if word != "REPEAT":
        return text
    if len(causes) == 1:
        only = since(causes[0]).partition(",")[0]
        return f"{text} ({only})" if only else text
    return f"{text} (up to the {ordinal(max(one.occurrence for one in causes))} time)"


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
