"""Suppressions: `# failtrack: allow PV-001 until 2026-12-31 (TICKET-1) reason`.

One holds for the statement on whose lines it stands, or for the one directly below when it stands
on lines of its own. The day, the ticket and, where the project allows it, the reason may be left
out; several rules are separated by commas.
"""

from __future__ import annotations

import os

from failtrack_guard.about import EXPIRED, MALFORMED, OWN, UNUSED
from failtrack_guard.finding import Finding
from failtrack_guard.rules import Known

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from failtrack_guard.active import Settings
    from failtrack_guard.texts import Texts

MARK = b"failtrack:"
# Words of other tools for the same wish; any other word makes the comment prose.
OTHER_WORDS = frozenset(
    {"allowed", "allows", "disable", "exclude", "ignore", "noqa", "off", "permit", "skip"}
    | {"suppress", "waive"}
)


class Suppression:
    """One comment that allows what rules forbid.

    Args:
        path: Path of its file as it is shown.
        span: (line, column, end line, end column) of the comment, as those of findings.
        rules: Ids of the rules that it names.
        until: Last day on which it holds, ISO date, empty for no end.
        ticket: What stands in parentheses, without them.
        reason: The rest, in words.
        problem: Why it suppresses nothing, empty when it is well-formed.
    """

    __slots__ = (
        *("is_expired", "path", "problem", "reason", "rules", "span", "ticket", "until"),
        *("unused", "used"),
    )

    def __init__(
        self,
        path: str,
        span: tuple[int, int, int, int],
        rules: tuple[str, ...] = (),
        *,
        until: str = "",
        ticket: str = "",
        reason: str = "",
        problem: str = "",
    ) -> None:
        self.path = path
        self.span = span
        self.rules = rules
        self.until = until
        self.ticket = ticket
        self.reason = reason
        self.problem = problem
        # What `apply` finds out.
        self.is_expired = False
        self.used: set[str] = set()
        self.unused: tuple[str, ...] = ()

    @property
    def line(self) -> int:
        """Line of the comment, from 1."""
        return self.span[0]

    @property
    def state(self) -> str:
        """One of `malformed`, `expired`, `unused`, `used` and `idle` (its rules did not run)."""
        if self.problem:
            return "malformed"
        if self.is_expired:
            return "expired"
        if self.unused:
            return "unused"
        return "used" if self.used else "idle"

    @property
    def justification(self) -> str:
        """Ticket and reason as one text."""
        return " ".join(part for part in (self.ticket and f"({self.ticket})", self.reason) if part)


class Applied:
    """Findings after suppressions.

    Args:
        kept: Findings that nothing suppresses.
        suppressed: Each suppressed finding with the comment that does it.
        about: Findings about suppressions: expired, malformed, unused.
        suppressions: All of them, for `check --suppressions`.
    """

    __slots__ = ("about", "kept", "suppressed", "suppressions")

    def __init__(
        self,
        kept: list[Finding],
        suppressed: list[tuple[Finding, Suppression]],
        about: list[Finding],
        suppressions: list[Suppression],
    ) -> None:
        self.kept = kept
        self.suppressed = suppressed
        self.about = about
        self.suppressions = suppressions


def apply(findings: Iterable[Finding], sources: Texts, settings: Settings, today: str) -> Applied:
    """Part the findings into those that stay and those that a comment allows.

    Args:
        findings: What was found.
        sources: Where suppressions are looked for: in its `allowing` files.
        settings: Which rules ran, and what a suppression must say.
        today: ISO date in UTC, such as `2026-11-21`.
    """
    ran = frozenset(one.id for one in settings.active)
    found: dict[str, list[Suppression]] = {}
    for path in sources.allowing:
        for one in suppressions_in(path, sources, Known(ran)):
            check(one, settings, today)
            found.setdefault(path, []).append(one)
    kept: list[Finding] = []
    suppressed: list[tuple[Finding, Suppression]] = []
    for finding in findings:
        by = _suppressing(finding, found.get(finding.path, ()), sources)
        if by is None:
            kept.append(finding)
        else:
            suppressed.append((finding, by))
    everything = [one for path in found for one in found[path]]
    # What a rule sees beside single files, such as what a commit changes, is there and gone again.
    steady = frozenset(one.id for one in settings.active if not one.looks_over)
    for one in everything:
        if not one.problem and not one.is_expired:
            expected = steady - one.used - _ignored_in(one.path, settings)
            one.unused = tuple(rule for rule in one.rules if rule in expected)
    about = [each for one in everything for each in _findings_about(one, ran)]
    return Applied(kept, suppressed, sorted(about, key=Finding.sort_key), everything)


def suppressions_in(path: str, sources: Texts, rules: Collection[str]) -> Iterator[Suppression]:
    """Yield the suppressions of a file; texts that merely look like one are none.

    Args:
        path: Path of the file.
        sources: Its lines.
        rules: Ids that exist.
    """
    if MARK not in sources.content(path):
        return
    for line, column, comment in _comments(sources.lines(path)):
        for start, body in _bodies(comment):
            span = (line, column + start, line, column + len(comment))
            one = _read(path, span, body, rules)
            if one is not None:
                yield one


def check(suppression: Suppression, settings: Settings, today: str) -> None:
    """Note what a project finds wrong about a suppression, and whether it is past its day."""
    one = suppression
    if one.problem:
        return
    if one.until and not _is_day(one.until):
        one.problem = f"ends on {one.until!r}, which is no day of the form YYYY-MM-DD"
    elif settings.values["require-reason"] and not any(char.isalnum() for char in one.reason):
        one.problem = "gives no reason"
    elif settings.values["require-until"] and not one.until:
        one.problem = "has no end; add `until YYYY-MM-DD` after the rule"
    else:
        one.is_expired = bool(one.until) and one.until < today


def _suppressing(
    finding: Finding, candidates: Iterable[Suppression], sources: Texts
) -> Suppression | None:
    """Return the suppression that a finding is allowed by, and note that it is used."""
    first, last = finding.statement
    above: list[int] | None = None
    chosen = None
    for one in candidates:
        if finding.rule not in one.rules or one.problem or one.is_expired:
            continue
        if not first <= one.line <= last:
            if above is None:
                above = _comment_lines_above(first, sources.lines(finding.path))
            if one.line not in above:
                continue
        one.used.add(finding.rule)
        chosen = chosen or one
    return chosen


def _comment_lines_above(first: int, lines: list[str]) -> list[int]:
    """Return the numbers of the lines directly above a line that hold nothing but a comment."""
    found = []
    number = first - 1
    while number > 0 and lines[number - 1].lstrip().startswith("#"):
        found.append(number)
        number -= 1
    return found


def _ignored_in(path: str, settings: Settings) -> set[str]:
    """Return the rules that `per-file-ignores` keeps away from a file."""
    table = settings.values["per-file-ignores"]
    if not table:
        return set()
    from failtrack_guard.discover import Patterns

    file = os.path.join(settings.root, path)
    matching = [one for one in table if Patterns((one,), settings.root).match(file)]
    return {rule for one in matching for rule in table[one]}


def _findings_about(one: Suppression, ran: frozenset[str]) -> Iterator[Finding]:
    # A hook that runs one rule is silent about what only concerns others.
    if one.rules and ran.isdisjoint(one.rules):
        return
    names = ", ".join(one.rules)
    if one.problem:
        yield Finding(MALFORMED, one.path, one.span, f"this suppression {one.problem}")
    elif one.is_expired:
        told = f": {one.justification}" if one.justification else ""
        message = f"the suppression of {names} ended on {one.until}{told}"
        yield Finding(EXPIRED, one.path, one.span, message)
    elif one.unused:
        message = f"nothing here breaks {', '.join(one.unused)}: the suppression is not needed"
        yield Finding(UNUSED, one.path, one.span, message)


# -- reading comments --------------------------------------------------------------------------


def _comments(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """Yield line, column and text of each comment that may hold a suppression."""
    import re

    looks_right = re.compile(r"#\s*failtrack:").search
    if not any("failtrack:" in line and looks_right(line) for line in lines):
        return
    import tokenize

    ended = iter([f"{line}\n" for line in lines])
    try:
        for token in tokenize.generate_tokens(lambda: next(ended, "")):
            if token.type == tokenize.COMMENT and "failtrack:" in token.string:
                yield token.start[0], token.start[1], token.string
    except (tokenize.TokenError, SyntaxError, RecursionError):
        return  # what comes before the place that it stumbles on has been read


def _bodies(comment: str) -> Iterator[tuple[int, str]]:
    """Yield where each suppression of a comment begins, and what follows its `failtrack:`.

    Other tools' comments may stand before and behind: `# noqa  # failtrack: allow ...  # type: ...`
    """
    import re

    for match in re.finditer(r"(?<!\S)#+\s*failtrack:(.*?)(?=\s#+(?:\s|[a-z])|\Z)", comment):
        yield match.start(), match[1].strip()


def _read(
    path: str, span: tuple[int, int, int, int], body: str, known: Collection[str]
) -> Suppression | None:
    """Return the suppression that a comment says, None for prose."""
    import re

    word = re.match(r"\w*", body)
    said = word[0] if word else ""
    if said.lower() in OTHER_WORDS:
        return Suppression(path, span, problem=f"says {said!r}; the word is `allow`")
    if said.lower() != "allow":
        return None
    named, rest = _rules_and_rest(body[len(said) :].lstrip(" \t:="))
    if not named:
        return Suppression(path, span, problem="names no rule")
    rules = tuple(dict.fromkeys(one.upper() for one in named))
    problem = _problem_of(named, rest, known)
    if problem:
        rules = tuple(one for one in rules if one in known)
        return Suppression(path, span, rules, problem=problem)
    until = ticket = ""
    while match := re.match(r"until\b[:=\s]*(\S*)\s*|\(([^()\s]+)\)\s*", rest):
        if match[2]:
            ticket = ticket or match[2]
        else:
            day = match[1].rstrip(".,;:")
            if not day:
                return Suppression(path, span, rules, problem="says `until` and no day")
            until = until or day
        rest = rest[match.end() :]
    return Suppression(
        *(path, span, rules),
        until=until,
        ticket=ticket,
        reason=rest.strip().lstrip(":-–— ").strip(),
    )


def _rules_and_rest(text: str) -> tuple[list[str], str]:
    import re

    match = re.match(r"([\w.*-]+(?:\s*,\s*[\w.*-]+)*)\s*,?\s*", text)
    if not match or re.match(r"until\b", text):
        return [], text
    return re.split(r"\s*,\s*", match[1]), text[match.end() :]


def _problem_of(named: list[str], rest: str, known: Collection[str]) -> str:
    """Return what is wrong with the rules of a suppression, empty for nothing."""
    for one in named:
        if one.upper() in OWN:
            return f"names {one}, which cannot be allowed"
        if one.upper() not in known:
            return f"names {one!r}, which is no rule"
    following = rest.split(maxsplit=1)[0].rstrip(",") if rest.strip() else ""
    if following in known:
        return f"names {following} after a space; separate rules by commas"
    return ""


def _is_day(text: str) -> bool:
    import re

    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return False
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
