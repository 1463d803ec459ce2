"""The baseline: findings that were there before the rules came; their number may only fall.

    .failtrack-guard-baseline.json    {"version": 1, "findings": [one entry a line, sorted, null]}

An entry knows its finding by rule, path, symbol and the text of the statement, not by its line, so
that it survives code that moves. The last element is null: then no line ever changes its comma,
and git merges two branches that each remove entries.
"""

from __future__ import annotations

import os
from _blake2 import blake2b

from failtrack_guard.about import OWN
from failtrack_guard.errors import GuardError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any

    from failtrack_guard.finding import Finding
    from failtrack_guard.texts import Texts

VERSION = 1
DIGEST_BYTES = 8
RULES_SHOWN = 8
UPDATE = "`failtrack-guard baseline --update`"


class Entry:
    """One known finding.

    Args:
        rule: Id of its rule.
        path: Path as it is shown.
        symbol: Qualified name of the function or class around it.
        code: Digest of the statement's first line, white space and suppressions left out.
        number: Its place among equals of the file, from 0.
    """

    __slots__ = ("code", "number", "path", "rule", "symbol")

    def __init__(self, rule: str, path: str, symbol: str, code: str, number: int) -> None:
        self.rule = rule
        self.path = path
        self.symbol = symbol
        self.code = code
        self.number = number

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What tells it from others; the order in the file."""
        return self.path, self.rule, self.symbol, self.code, self.number

    @property
    def moved_key(self) -> tuple[str, str, str]:
        """What stays of it in another file, or at another place among equals."""
        return self.rule, self.symbol, self.code

    @property
    def fingerprint(self) -> str:
        """The key as 16 hex digits."""
        told = "\0".join((*map(str, self.key), str(VERSION)))
        return _digest(told)


class Scope:
    """What a run has looked at: only there can an entry be gone.

    Args:
        root: Folder that paths are relative to.
        rules: Ids of the rules that ran.
        paths: Files that were judged, None for all.
        unreadable: Files that should have been judged and could not be.
    """

    def __init__(
        self,
        root: str,
        rules: Collection[str],
        paths: Collection[str] | None = None,
        unreadable: Collection[str] = (),
    ) -> None:
        self.root = root
        self.rules = frozenset(rules)
        self.paths = None if paths is None else frozenset(paths)
        self.unreadable = frozenset(unreadable)

    def covers(self, entry: Entry) -> bool:
        """Return whether the finding of an entry would have been seen if it were still there."""
        if entry.rule not in self.rules or entry.path in self.unreadable:
            return False
        if self.paths is None or entry.path in self.paths:
            return True
        return not os.path.lexists(os.path.join(self.root, entry.path))


class GrowthError(GuardError):
    """There are findings that the baseline does not know, and may not take in.

    Args:
        message: How many, and what to do next.
        entries: The baseline without them, and without what is gone.
    """

    def __init__(self, message: str, entries: list[Entry]) -> None:
        super().__init__(message, slug="baseline-growth")
        self.entries = entries


class Comparison:
    """Findings against a baseline.

    Args:
        new: Findings that it does not know.
        known: Findings that it knows.
        gone: Its entries whose findings are no more.
    """

    __slots__ = ("gone", "known", "new")

    def __init__(self, new: list[Finding], known: list[Finding], gone: list[Entry]) -> None:
        self.new = new
        self.known = known
        self.gone = gone


def entries_of(findings: Iterable[Finding], sources: Texts) -> list[Entry]:
    """Return the entry of each finding, in their order.

    Args:
        findings: All findings of their files that may be equal.
        sources: Where their code is read.
    """
    given = [*findings]
    entries: dict[int, Entry] = {}
    counts: dict[tuple[str, str, str, str], int] = {}
    for at in sorted(range(len(given)), key=lambda at: given[at].sort_key()):
        one = given[at]
        code = _digest(_code(sources.line(one.path, one.statement[0])))
        equals = (one.rule, one.path, one.symbol, code)
        entries[at] = Entry(*equals, counts.get(equals, 0))
        counts[equals] = entries[at].number + 1
    return [entries[at] for at in range(len(given))]


def mark(findings: Iterable[Finding], sources: Texts) -> None:
    """Write its fingerprint to each finding that has none.

    Args:
        findings: All findings of a run, also those that are suppressed or known: which of several
            equal ones is the second must not depend on that.
        sources: Where their code is read.
    """
    bare = [one for one in findings if not one.fingerprint]
    for finding, entry in zip(bare, entries_of(bare, sources), strict=True):
        finding.fingerprint = entry.fingerprint


def compare(
    findings: Iterable[Finding], entries: Iterable[Entry], sources: Texts, scope: Scope
) -> Comparison:
    """Part the findings into new and known ones, and name the entries that are gone.

    What vanishes in one file and appears in another, as when a file is renamed, stays known: one
    there for one here, of the same rule, function and text.
    Findings about suppressions are always new: no baseline makes an expired exception valid.

    Args:
        findings: What was found, without what is suppressed.
        entries: The baseline.
        sources: Where the code of findings is read.
        scope: What the run has looked at.
    """
    given = [*findings]
    unmatched = {one.key: one for one in entries}
    own = entries_of(given, sources)
    is_known = [unmatched.pop(one.key, None) is not None for one in own]
    gone = {key: one for key, one in unmatched.items() if scope.covers(one)}
    moved: dict[tuple[str, str, str], list[Entry]] = {}
    for one in reversed(gone.values()):
        moved.setdefault(one.moved_key, []).append(one)
    for at, one in enumerate(own):
        candidates = moved.get(one.moved_key)
        if not is_known[at] and candidates:
            del gone[candidates.pop().key]
            is_known[at] = True
    return Comparison(
        [one for one, known in zip(given, is_known, strict=True) if not known],
        [one for one, known in zip(given, is_known, strict=True) if known],
        sorted(gone.values(), key=lambda one: one.key),
    )


def updated(
    findings: Iterable[Finding],
    entries: Iterable[Entry],
    sources: Texts,
    scope: Scope,
    *,
    allow_growth: bool = False,
) -> list[Entry]:
    """Return the baseline as it is after what was found now.

    Args:
        findings: What was found, without what is suppressed.
        entries: The baseline as it is.
        sources: Where the code of findings is read.
        scope: What the run has looked at; entries of the rest are kept.
        allow_growth: Whether it takes in what it does not know.

    Raises:
        GrowthError: There is something that it does not know.
    """
    old = [*entries]
    ours = [one for one in findings if one.rule not in OWN]
    new = {id(one) for one in compare(ours, old, sources, scope).new}
    rest = [one for one in old if not scope.covers(one)]
    now = [*zip(ours, entries_of(ours, sources), strict=True)]
    kept = _together(rest, (entry for one, entry in now if id(one) not in new))
    if not new:
        return kept
    grown = _together(rest, (entry for _, entry in now))
    if allow_growth:
        return grown
    raise GrowthError(_growth(len(new), old, kept, grown), kept)


def load(path: str) -> list[Entry]:
    """Read a baseline; none is as good as an empty one.

    Raises:
        GuardError: The file cannot be read, or is of a version that this guard does not know.
    """
    import json

    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise GuardError(
            f"the baseline {path} cannot be read ({error.strerror}); check its permissions, or "
            "name another file by `baseline` in [tool.failtrack.guard]",
            slug="baseline",
        ) from None
    except (ValueError, RecursionError) as error:
        raise GuardError(
            f"the baseline {path} is no JSON ({error}); if a merge left its marks in it, take "
            f"either side and run {UPDATE}",
            slug="baseline",
        ) from None
    version = document.get("version") if isinstance(document, dict) else None
    if version != VERSION:
        raise GuardError(
            f"the baseline {path} has version {version!r}, and this failtrack-guard reads version "
            f"{VERSION}; use the failtrack-guard that wrote it, or delete the file and run "
            f"{UPDATE[:-1]} --allow-growth`",
            slug="baseline-version",
        )
    try:
        return [_entry(one) for one in document["findings"] if one is not None]
    except (KeyError, TypeError, ValueError):
        raise GuardError(
            f"the baseline {path} holds entries that are none; restore it from git, or delete it "
            f"and run {UPDATE[:-1]} --allow-growth`",
            slug="baseline",
        ) from None


def write(path: str, entries: Iterable[Entry]) -> None:
    """Write a baseline beside its place and rename it.

    Raises:
        GuardError: It cannot be written.
    """
    path = os.path.realpath(path)
    beside = f"{path}.{os.getpid()}.tmp"
    try:
        try:
            with open(beside, "w", encoding="utf-8", newline="\n") as file:
                file.write(text_of(entries))
            if os.path.exists(path):
                os.chmod(beside, os.stat(path).st_mode & 0o7777)
            os.replace(beside, path)
        except BaseException:
            if os.path.exists(beside):
                os.unlink(beside)
            raise
    except OSError as error:
        raise GuardError(
            f"the baseline {path} cannot be written ({error.strerror}); check folder and "
            "permissions, or name another file by `baseline` in [tool.failtrack.guard]",
            slug="baseline",
        ) from None


def text_of(entries: Iterable[Entry]) -> str:
    """Return the text of a baseline's file."""
    import json

    lines = []
    for one in sorted(entries, key=lambda one: one.key):
        values = {"path": one.path, "rule": one.rule, "symbol": one.symbol, "code": one.code}
        lines.append(json.dumps({**values, "number": one.number}, ensure_ascii=False) + ",\n")
    return f'{{"version": {VERSION}, "findings": [\n{"".join(lines)}null\n]}}\n'


def _entry(value: Any) -> Entry:
    texts = [value[name] for name in ("rule", "path", "symbol", "code")]
    number = value["number"]
    if not all(isinstance(one, str) for one in texts) or type(number) is not int:
        raise ValueError
    rule, path, symbol, code = texts
    return Entry(rule, path, symbol, code, number)


def _together(*parts: Iterable[Entry]) -> list[Entry]:
    """Return entries in the order of the file, each once."""
    entries = {one.key: one for part in parts for one in part}
    return [entries[key] for key in sorted(entries)]


def _growth(count: int, old: list[Entry], kept: list[Entry], grown: list[Entry]) -> str:
    """Return what is told of findings that a baseline does not take in."""
    before, after = _counted(kept), _counted(grown)
    rules = [rule for rule in sorted(after) if after[rule] > before.get(rule, 0)]
    told = [f"{rule} from {before.get(rule, 0)} to {after[rule]}" for rule in rules]
    if len(told) > RULES_SHOWN:
        told[RULES_SHOWN:] = [f"{len(told) - RULES_SHOWN} more rules"]
    what, them = (
        ("1 new finding was", "it") if count == 1 else (f"{count:,} new findings were", "them")
    )
    start = "the baseline" if old else "there is no baseline yet, and it"
    return (
        f"{what} not taken in: {start} would grow: {', '.join(told)}. Put {them} right or suppress "
        f"{them} with a reason; --allow-growth takes {them} in"
    )


def _counted(entries: Iterable[Entry]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in entries:
        counts[one.rule] = counts.get(one.rule, 0) + 1
    return counts


def _code(line: str) -> str:
    """Return a line of code without its suppression, and with single spaces."""
    return " ".join(line.partition("# failtrack:")[0].split())


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).hexdigest()
