"""Root cause analysis: the five questions of S0-115..119 as a Markdown page, out and in again.

The page is made from a record, edited by a person, and read back into `root_cause`, `prevention`
and `learning`. `failtrack record ID rca` is its only caller.
"""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.record.lifecycle import require_allowed
from pytest_failtrack.record.profile import unmet
from pytest_failtrack.record.text import clean

ENVIRONMENT = "environment: "
WHAT_HAPPENED = "\n\nWhat happened: "
IMPACT = "\n\nImpact: "
ERROR_LINES_SHOWN = 5
EARLIER_SHOWN = 3
ENVIRONMENT_FIELDS = ("python", "platform", "pytest", "branch", "commit", "leg", "run_url")


@frozen
class Section:
    """One part of the page.

    Args:
        key: Its name in the answers.
        question: Number of the question that it belongs to, from 1.
        title: Its heading.
        hint: What belongs there; it stands in a comment.
        is_list: Each `- ` is one entry.
        is_required: The analysis is not complete without it.
    """

    key: str
    question: int
    title: str
    hint: str
    is_list: bool = False
    is_required: bool = False


QUESTIONS = (
    "What happened",
    "Why did it happen",
    "Why was it not prevented",
    "How is it prevented from happening again",
    "What do we learn",
)
SECTIONS = (
    Section(
        "what_happened",
        1,
        "Sequence and symptoms",
        "The exact sequence of the failure, error messages, symptoms.",
        is_required=True,
    ),
    Section(
        "impact", 1, "Impact and consequences", "Who was held up, and by what?", is_required=True
    ),
    Section(
        "root_cause",
        2,
        "Root cause",
        "The root cause, not only the proximate one. The first line is shown in lists.",
        is_required=True,
    ),
    Section("factors", 2, "Contributing factors", "One a line.", is_list=True),
    Section("environment", 2, "Environmental factors", "Keep those that mattered.", is_list=True),
    Section(
        "why_not_prevented",
        3,
        "The gap",
        "Which precondition should have caught it, why did it pass,\n"
        "and which gap is that: architecture, QA or governance?",
        is_required=True,
    ),
    Section(
        "prevention_measures",
        4,
        "Measures",
        "The immediate fix first.",
        is_list=True,
    ),
    Section(
        "precondition_updates",
        4,
        "Preconditions strengthened",
        "What catches it now: guard:FT012, test:tests/test_tax.py::test_total, command:NAME.",
        is_list=True,
    ),
    Section(
        "governance_updates", 4, "Governance updates", "Files that were changed.", is_list=True
    ),
    Section(
        "test_additions",
        4,
        "Tests added",
        "Node ids, such as tests/test_tax.py::test_total.",
        is_list=True,
    ),
    Section(
        "documentation_updates",
        4,
        "Documentation updates",
        "Files that were changed.",
        is_list=True,
    ),
    Section("lessons_learned", 5, "Lessons", "One a line.", is_list=True, is_required=True),
    Section("governance_implications", 5, "Governance implications", "Rules to add or clear up."),
    Section(
        "fm_evolution_implications",
        5,
        "FM evolution needs",
        "What the way of working itself needs; may stay empty.",
    ),
)
_PREVENTION = tuple(one.key for one in SECTIONS if one.question == 4)
_LEARNING = tuple(one.key for one in SECTIONS if one.question == 5)

_HEADING = re.compile(r"(#{1,2})[ \t]+(.*\S)")
_NUMBER = re.compile(r"^\d+[.)]?\s*")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_BULLET = re.compile(r"[-*+][ \t]+(.*)")
# What the page itself would take for a heading or a fence, and for a comment.
_MARKUP = re.compile(r"^(\s*\\*)(?=#{1,2}[ \t]|[`~]{3})")
_ESCAPED_MARKUP = re.compile(r"^(\s*\\*)\\(?=#{1,2}[ \t]|[`~]{3})")
COMMENT_ESCAPED = "\\<!--"

Answers = Mapping[str, "str | list[str]"]


def page(
    record: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]] = (), *, impact: str = ""
) -> str:
    """Return the page of a record, filled in with what is known.

    Args:
        record: The whole record.
        earlier: Records of earlier occurrences, the newest first.
        impact: What was assessed of the impact so far, ``.
    """
    known = _known(record)
    known["impact"] = known["impact"] or impact.strip()
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


def analysed(record: Mapping[str, Any], answers: Answers) -> dict[str, Any]:
    """Return a copy of a record with the answers in it.

    The analysis is COMPLETE once all five questions are answered, else IN_PROGRESS.

    Args:
        record: The whole record, not OPEN.
        answers: Answers by section; what is left out stays as it is.

    Raises:
        InputError: The record is OPEN, or its status demands an answer that is taken away.
    """
    status, failure_id = str(record.get("status")), str(record.get("failure_id", ""))
    if status == "OPEN":
        require_allowed(status, "RESOLVED", failure_id)
    values = {**_known(record, stored=True), **answers}
    copied = copy.deepcopy(dict(record))
    cause, learning = copied["root_cause"], copied["learning"]
    cause["root_cause_summary"] = _summary(values) or None
    environment = [ENVIRONMENT + one for one in values["environment"]]
    cause["contributing_factors"] = [*values["factors"], *environment]
    cause["why_not_prevented"] = values["why_not_prevented"] or None
    for key in _PREVENTION:
        copied["prevention"][key] = list(values[key])
    for key in _LEARNING:
        value = values[key]
        learning[key] = list(value) if isinstance(value, list) else value or None
    cause["analysis_status"] = "IN_PROGRESS" if unanswered(copied) else "COMPLETE"
    missing = unmet(copied, status)
    if missing:
        names = ", ".join(map(str, missing))
        raise InputError(
            f"record {failure_id} is {status}, which demands {names}; unanswered: "
            f"{'; '.join(unanswered(copied)) or 'nothing'}",
            slug="rca",
        )
    return copied


def unanswered(record: Mapping[str, Any]) -> list[str]:
    """Return what a complete analysis still lacks, in the words of the page."""
    known = _known(record, stored=True)
    missing = [
        f"{one.question}. {one.title}" for one in SECTIONS if one.is_required and not known[one.key]
    ]
    if not any(known[key] for key in _PREVENTION):
        missing.append("4. Measures, preconditions, governance, tests or documentation")
    return sorted(missing)


def impact_of(record: Mapping[str, Any]) -> str:
    """Return the impact that an analysis tells, ``."""
    return str(_known(record, stored=True)["impact"])


# -- from a record to the page ---------------------------------------------------------------


def _known(record: Mapping[str, Any], *, stored: bool = False) -> dict[str, Any]:
    """Return the answer of each section as far as it is known.

    Args:
        record: The whole record.
        stored: Leave out what is only suggested.
    """
    cause = record["root_cause"]
    root, happened, impact = _parts(cause["root_cause_summary"] or "")
    factors = cause["contributing_factors"]
    environment = [one.removeprefix(ENVIRONMENT) for one in factors if one.startswith(ENVIRONMENT)]
    suggests = not stored
    known: dict[str, Any] = {
        "what_happened": happened or (_sequence(record) if suggests else ""),
        "impact": impact,
        "root_cause": root,
        "factors": [one for one in factors if not one.startswith(ENVIRONMENT)],
        "environment": environment or (_environment(record) if suggests and not root else []),
        "why_not_prevented": cause["why_not_prevented"] or "",
    }
    known |= {key: list(record["prevention"][key]) for key in _PREVENTION}
    for key in _LEARNING:
        value = record["learning"][key]
        known[key] = list(value) if isinstance(value, list) else value or ""
    return known


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
    since = f", the last one {days} days before" if days is not None else ""
    lines = [f"Occurrence {occurrence}{since}: why did prevention fail?"]
    told = {one["failure_id"]: one for one in earlier}
    for failure_id in ids[:EARLIER_SHOWN]:
        one = told.get(failure_id)
        lines.append(f"earlier: {failure_id}" + (f" ({one['status']})" if one else ""))
        if one is None:
            continue
        said = (
            ("cause", _parts(one["root_cause"]["root_cause_summary"] or "")[0]),
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
        if not line.strip() or line.strip() in ("-", "*", "+"):
            continue
        if bullet is not None:
            entries.append([bullet[1].replace(COMMENT_ESCAPED, "<!--")])
        elif entries and (is_verbatim or line[0] in " \t"):
            rest = line[2:] if line.startswith("  ") else line.strip()
            entries[-1].append(rest if is_verbatim else _unescaped(rest))
        else:
            entries.append([_unescaped(line.strip())])
    joined = (clean("\n".join(one).strip()) for one in entries)
    return [one for one in joined if one]


def _split(text: str) -> list[str]:
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _parts(summary: str) -> tuple[str, str, str]:
    """Return root cause, what happened and impact, which one field of the record holds."""
    rest, _, impact = f"\n\n{summary}".partition(IMPACT)
    root, _, happened = rest.partition(WHAT_HAPPENED)
    return root.strip(), happened.strip(), impact.strip()


def _summary(values: Mapping[str, Any]) -> str:
    text = values["root_cause"]
    if values["what_happened"]:
        text += WHAT_HAPPENED + values["what_happened"]
    if values["impact"]:
        text += IMPACT + values["impact"]
    return str(text).strip()
