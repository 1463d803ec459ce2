"""Root cause analysis as a Markdown page: written from a record, edited, and read back.

`failtrack record ID rca` is its only caller; the questions and what becomes of the answers are in
analysis.py.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pytest_failtrack.errors import InputError
from pytest_failtrack.record.analysis import (
    QUESTIONS,
    SECTIONS,
    Section,
    answers_of,
    parts_of_summary,
)
from pytest_failtrack.record.text import clean

ERROR_LINES_SHOWN = 5
EARLIER_SHOWN = 3
ENVIRONMENT_FIELDS = ("python", "platform", "pytest", "branch", "commit", "leg", "run_url")

_HEADING = re.compile(r"(#{1,2})[ \t]+(.*\S)")
_NUMBER = re.compile(r"^\d+[.)]?\s*")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_BULLET = re.compile(r"[-*+][ \t]+(.*)")
# What the page itself would take for a heading or a fence, and for a comment.
_MARKUP = re.compile(r"^(\s*\\*)(?=#{1,2}[ \t]|[`~]{3})")
_ESCAPED_MARKUP = re.compile(r"^(\s*\\*)\\(?=#{1,2}[ \t]|[`~]{3})")
COMMENT_ESCAPED = "\\<!--"


def page(
    record: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]] = (), *, impact: str = ""
) -> str:
    """Return the page of a record, filled in with what is known.

    Args:
        record: The whole record.
        earlier: Records of earlier occurrences, the newest first.
        impact: What was assessed of the impact so far, ``.
    """
    known = answers_of(record)
    known["what_happened"] = known["what_happened"] or _sequence(record)
    known["impact"] = known["impact"] or impact.strip()
    if not known["root_cause"]:
        known["environment"] = known["environment"] or _environment(record)
    lines = _comment(
        f"Root cause analysis of record {record['failure_id']}",
        "Answer under the ## headings, save and close the editor. Comments like this one are",
        "not stored. A heading that is removed leaves its answer as it was; an empty page",
        "changes nothing.",
    )
    hints = {2: _hints_of_class(record), 3: _hints_of_repetition(record, earlier)}
    for number, question in enumerate(QUESTIONS, 1):
        lines += ["", f"# {number}. {question}"]
        if hints.get(number):
            lines += ["", *_comment(*hints[number])]
        for section in (one for one in SECTIONS if one.question == number):
            lines += ["", f"## {section.title}", "", *_comment(*section.hint.split("\n"))]
            if known[section.key]:
                lines += ["", *_written(section, known[section.key])]
    return "\n".join(lines) + "\n"


def read_page(text: str) -> dict[str, str | list[str]]:
    """Return the answers of a page by section; a section whose heading is not there is left out.

    Raises:
        InputError: A heading is not of the page, a comment does not end, or text stands before
            the first heading.
    """
    found: dict[str, list[tuple[str, bool]]] = {}
    section: Section | None = None
    for number, line, is_verbatim in _lines(text):
        heading = None if is_verbatim else _HEADING.fullmatch(line.rstrip())
        if heading is not None:
            section = _section_of(heading[2], number)
            found.setdefault(section.key, [])
        elif section is not None:
            found[section.key].append((line, is_verbatim))
        elif line.strip():
            raise InputError(
                f"line {number}: {line.strip()[:40]!r} stands before the first heading",
                slug="rca",
            )
    by_key = {one.key: one for one in SECTIONS}
    return {
        key: _entries(lines) if by_key[key].is_list else _text(lines)
        for key, lines in found.items()
    }


# -- from a record to the page ---------------------------------------------------------------


def _sequence(record: Mapping[str, Any]) -> str:
    test, context = record["test"], record["context"]
    attempt = f", attempt {test['attempt']}" if test["attempt"] > 1 else ""
    what = test["nodeid"] or "the session"
    lines = [
        f"{what} {test['outcome']} in {test['when']}{attempt}, in build {record['build_id']} at "
        f"{record['timestamp']}."
    ]
    place = context["file_path"] or ""
    place += f":{context['line_number']}" if place and context["line_number"] else ""
    where = [
        *([f"at {place}"] if place else []),
        *([f"component {context['component']}"] if context["component"] else []),
        f"phase {context['phase']}",
    ]
    lines.append(f"Where: {', '.join(where)}.")
    error = record["failure_description"]["error_message"].splitlines()
    shown = error[:ERROR_LINES_SHOWN]
    if shown:
        shown[0] = f"Error: {shown[0]}"
        more = len(error) - len(shown)
        lines += [*shown, *([f"... {more} more lines"] if more else [])]
    return "\n".join(lines)


def _environment(record: Mapping[str, Any]) -> list[str]:
    environment = record["environment"]
    return [f"{name} {environment[name]}" for name in ENVIRONMENT_FIELDS if environment.get(name)]


def _hints_of_class(record: Mapping[str, Any]) -> list[str]:
    kind = record["classification"]
    lines = [
        f"Classified as {record['category']} / {record['subcategory']} ({record['severity']}), "
        f"confidence {kind['confidence']:.2f}"
    ]
    lines += [f"because: {one}" for one in kind["reasons"]]
    if kind["best_guess"]:
        lines.append(f"best guess: {kind['best_guess']}")
    if kind["recovery_suggestion"]:
        lines.append(f"suggested: {kind['recovery_suggestion']}")
    return lines


def _hints_of_repetition(
    record: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]
) -> list[str]:
    repetition, occurrence = record["repetition_tracking"], record["escalation"]["occurrence"]
    ids = repetition["previous_occurrence_ids"]
    if not ids:
        return []
    days = repetition["days_since_last_occurrence"]
    since = ""
    if days is not None:
        since = f", the last one {days} {'day' if days == 1 else 'days'} before"
    lines = [f"Occurrence {occurrence}{since}: why did prevention fail?"]
    told = {one["failure_id"]: one for one in earlier}
    for failure_id in ids[:EARLIER_SHOWN]:
        one = told.get(failure_id)
        lines.append(f"earlier: {failure_id}" + (f" ({one['status']})" if one else ""))
        if one is None:
            continue
        said = (
            ("cause", parts_of_summary(one["root_cause"]["root_cause_summary"] or "")[0]),
            ("resolution", one["resolution"]["resolution_description"] or ""),
            ("prevention", "; ".join(one["prevention"]["prevention_measures"])),
        )
        lines += [f"  {name}: {' '.join(text.split())}" for name, text in said if text]
    return lines


def _comment(*lines: str) -> list[str]:
    told = [" ".join(line.split("\n")).replace("-->", "-- >").rstrip() for line in lines]
    return [f"<!-- {told[0]} -->"] if len(told) == 1 else ["<!--", *told, "-->"]


def _written(section: Section, value: Any) -> Iterator[str]:
    if not section.is_list:
        yield from map(_escaped, value.split("\n") if value else [])
        return
    for entry in value:
        first, *rest = entry.split("\n")
        yield f"- {first.replace('<!--', COMMENT_ESCAPED)}"
        yield from (f"  {_escaped(line)}" for line in rest)


def _escaped(line: str) -> str:
    return _MARKUP.sub(r"\1\\", line).replace("<!--", COMMENT_ESCAPED)


def _unescaped(line: str) -> str:
    return _ESCAPED_MARKUP.sub(r"\1", line).replace(COMMENT_ESCAPED, "<!--")


# -- from the page to answers ----------------------------------------------------------------


def _lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield the lines that are no comment: number, text, whether it stands in a fence."""
    fence, comment_from = "", 0
    for number, line in enumerate(_split(text), 1):
        if fence:
            yield number, line, True
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            continue
        kept, had_comment = "", False
        while True:
            if comment_from:
                _, end, rest = line.partition("-->")
                had_comment = True
                if not end:
                    break
                comment_from, line = 0, rest
            start = _comment_start(line)
            if start < 0:
                kept += line
                break
            kept, line, comment_from = kept + line[:start], line[start + 4 :], number
        if had_comment and not kept.strip():
            continue
        opened = _FENCE.match(kept)
        fence = opened[1] if opened else ""
        yield number, kept, bool(fence)
    if comment_from:
        raise InputError(f"the comment that begins in line {comment_from} has no end", slug="rca")


def _comment_start(line: str) -> int:
    start = line.find("<!--")
    while start > 0 and line[start - 1] == "\\":
        start = line.find("<!--", start + 1)
    return start


def _section_of(heading: str, number: int) -> Section:
    name = _plain(heading)
    for section in SECTIONS:
        if name == _plain(section.title):
            return section
    for index, question in enumerate(QUESTIONS, 1):
        if name == _plain(question):
            return next(one for one in SECTIONS if one.question == index)
    titles = [*(one.title for one in SECTIONS), *QUESTIONS]
    near = difflib.get_close_matches(heading, titles, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}?" if near else "`rca --print` shows them all."
    raise InputError(
        f"line {number}: {heading[:60]!r} is no heading of the page; {hint} "
        "Text of your own begins with ### or with \\#",
        slug="rca",
    )


def _plain(heading: str) -> str:
    return _NUMBER.sub("", heading.strip("# \t")).rstrip("?").strip().casefold()


def _text(lines: Iterable[tuple[str, bool]]) -> str:
    told = (line if is_verbatim else _unescaped(line) for line, is_verbatim in lines)
    return clean("\n".join(told).strip())


def _entries(lines: Iterable[tuple[str, bool]]) -> list[str]:
    """Return the entries of a list; a line without a bullet is one too, unless it is indented."""
    entries: list[list[str]] = []
    for line, is_verbatim in lines:
        bullet = None if is_verbatim else _BULLET.match(line)
        goes_on = bool(entries) and (is_verbatim or line[:1] in (" ", "\t"))
        if not line.strip() or (line.strip() in ("-", "*", "+") and not goes_on):
            continue
        if bullet is not None:
            entries.append([bullet[1].replace(COMMENT_ESCAPED, "<!--")])
        elif goes_on:
            rest = line[2:] if line.startswith("  ") else line.strip()
            entries[-1].append(rest if is_verbatim else _unescaped(rest))
        else:
            entries.append([_unescaped(line.strip())])
    joined = (clean("\n".join(one).strip()) for one in entries)
    return [one for one in joined if one]


def _split(text: str) -> list[str]:
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
