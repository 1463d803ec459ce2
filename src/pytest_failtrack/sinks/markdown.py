"""Markdown for GitHub: escapes for untrusted text, and a digest as a document (job summary)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pytest_failtrack.lazily import lazily
from pytest_failtrack.policy.digest import Cause, Digest
from pytest_failtrack.sinks import wording
from pytest_failtrack.sinks.plain import plain

MAX_CAUSES = 50
MAX_DETAILED = 10
MAX_TESTS = 20
HEADLINE_MAX_CHARS = 300
NAME_MAX_CHARS = 500

# What Markdown, its tables, HTML, math or an autolink could take for structure. An underscore
# inside of a word, and most punctuation, is none, and stays readable.
_SPECIAL = lazily(r"[\\`*\[\]<>&|~$#@]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.")
# Emoji names, and what at the start of a block would make a list, a heading or a table of it.
_SPECIAL_IN_TEXT = lazily(
    r":(?!(?!100:|1234:)\d+:)(?=[\w+-]+:)|^[-+=]|(?:(?<=^\d)|(?<=^\d\d)|(?<=^\d\d\d))[.)](?=\s|$)"
)
# An entity alone does not stop a mention, an issue reference or a link: GitHub looks for these in
# the text that Markdown came to. A zero-width space does.
_REFERENCE = lazily(r"(?i)(&#(?:64|35);|https?|ftp|www)(?=\w|&#(?:58|46);)")
_URL = lazily(r"https?://[^\s<>()\"'`\\|]+\Z")


def escape(text: str) -> str:
    """Return untrusted text for a paragraph, a list item or a table cell.

    One line; Markdown, HTML, links, mentions and issue references in it have no effect.
    """
    shown = _entities(_SPECIAL_IN_TEXT, _entities(_SPECIAL, plain(text)))
    return _REFERENCE.sub(r"\1&#8203;", shown)


def code(text: str) -> str:
    """Return untrusted text as inline code that is safe in table cells too, `` for nothing.

    HTML is used for it: inside of backticks a `|` would still end the cell.
    """
    shown = plain(text)
    return f"<code>{_entities(_SPECIAL, shown)}</code>" if shown else ""


def code_block(text: str) -> str:
    """Return untrusted lines as a fenced block; its fence is longer than any inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def link(text: str, url: str) -> str:
    """Return a link; the text alone when the address is no plain http(s) address."""
    return f"[{escape(text)}]({url})" if _URL.match(url) else escape(text)


def table_row(cells: Sequence[str]) -> str:
    """Return one row of a table; the cells are Markdown already."""
    return f"| {' | '.join(cells)} |"


def render(digest: Digest, *, max_causes: int = MAX_CAUSES, max_bytes: int | None = None) -> str:
    """Return the digest as a Markdown document that ends with a line end.

    Args:
        digest: What the run comes to.
        max_causes: Rows in the table; the others are counted.
        max_bytes: Room at the destination in UTF-8; fewer causes are shown until it fits.

    Returns:
        The document; `` when not even its headline fits into `max_bytes`.
    """
    shown = min(max_causes, len(digest.failure_causes))
    while True:
        text = "\n\n".join(_blocks(digest, shown)) + "\n"
        if max_bytes is None or len(text.encode()) <= max_bytes:
            return text
        if not shown:
            return ""
        shown //= 2


def _blocks(digest: Digest, shown: int) -> Iterator[str]:
    causes = digest.failure_causes
    yield f"### failtrack: {escape(wording.headline(digest))}"
    if causes:
        if shown:
            yield "\n".join(_table(causes[:shown]))
        if len(causes) > shown:
            yield f"{len(causes) - shown:,} more: <code>failtrack list</code>"
        for cause in causes[: min(shown, MAX_DETAILED)]:
            yield _details(cause)
    for label, text in (
        ("Flaky", wording.flaky(digest)),
        ("Debt", wording.debt(digest.debt)),
        ("Scope", wording.scope(digest)),
    ):
        if text:
            yield f"**{label}:** {escape(text)}"
    if digest.records:
        yield f"{wording.count(digest.records, 'record')} in {code(digest.evidence_dir)}"
    origin = _origin(digest)
    if origin:
        yield origin
    for problem in dict.fromkeys(digest.problems):
        yield f"failtrack itself: {escape(problem)}"


def _table(causes: Sequence[Cause]) -> Iterator[str]:
    yield table_row(("", "Cause", "Tests", "Where", "Owner", "Severity", "Due"))
    yield table_row(("---", "---", "---:", "---", "---", "---", "---"))
    for cause in causes:
        yield table_row(
            (
                f"**{escape(wording.tag(cause))}**",
                f"{code(cause.headline[:HEADLINE_MAX_CHARS])}<br>{code(cause.cause_id)}",
                f"{cause.tests or cause.failures:,}",
                code(wording.place(cause)[:NAME_MAX_CHARS]),
                code(cause.owner) or "unknown",
                escape(cause.severity),
                wording.moment(cause.due) if cause.due else "",
            )
        )


def _details(cause: Cause) -> str:
    facts = [
        " ".join(filter(None, (escape(wording.blame(cause)), code(wording.kind(cause))))),
        escape(cause.evidence),
        escape(wording.meaning(cause)),
        escape(wording.together(cause)),
        escape(wording.since(cause)),
        escape(wording.escalation(cause)),
        escape(wording.retry(cause)),
        f"What to do: {escape(cause.recovery)}" if cause.recovery else "",
        f"Again: {code(f'failtrack rerun {cause.cause_id}')}" if cause.nodeids else "",
        *(code(name[:NAME_MAX_CHARS]) for name in cause.nodeids[:MAX_TESTS]),
    ]
    if len(cause.nodeids) > MAX_TESTS:
        more = f"{len(cause.nodeids) - MAX_TESTS:,} more tests"
        facts.append(f"{more}: {code(f'failtrack show {cause.cause_id}')}")
    title = code(cause.headline[:HEADLINE_MAX_CHARS])
    items = "\n".join(f"- {fact}" for fact in facts if fact)
    return f"<details><summary>{title} ({wording.size(cause)})</summary>\n\n{items}\n\n</details>"


def _origin(digest: Digest) -> str:
    name = " / ".join(filter(None, (digest.workflow, digest.job, digest.leg)))
    build = f"build {digest.build_id}" + (f" of {name}" if name else "")
    return link(build, digest.run_url)


def _entities(special: re.Pattern[str], text: str) -> str:
    return special.sub(lambda found: f"&#{ord(found[0])};", text)
