"""How much a line of a log says about what went wrong: the table `error_lines.toml`, and its use.

`from_log.py` asks for the rank of each line that holds one of the needles.
"""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Any

from pytest_failtrack.lazily import lazily

# Words of which a line must hold one, lowered; what has none is not looked at.
NEEDLES = (
    *("err", "fail", "fatal", "fault", "exception", "traceback", "panic", "found", "cannot"),
    *("such", "denied", "***", "undef", "unable", "could", "can't", "refused", "timed out"),
    *("recogni", "kill", "abort", "not ok", "unbound", "critical", "severe", "exit", "timeout"),
    *("\ne   ", "\ne: ", "✖", "×", ".go:", ".py:", "multiple def", "build stop", "curl: ("),
    *("went wrong", "no space", "illegal", "because ", "missing", "-->", "conflict", "coverage"),
    *("no solution", "invalid", "unknown", "unsupported", "unexpected", "unauthor", "forbidden"),
    *("reject", "mismatch", "warning", "requir", "changed", "out of ", "not ", "would reformat"),
    *("vulnerab", "issue", "problem", "unmet", "does", "toomany", "expect(", "identity", "cancel"),
    *(
        "corrupt",
        "definitely",
        "permission",
        "expire",
        "duplicate",
        "incompatible",
        "must be",
        "exceed",
    ),
    *("already", "unhealthy", "skipped because", "yn00", "tar: ", "version", "diff in ", "race"),
    *("warn] ", "total: ", ": line ", "ssh", "yaml", "undefined", "! ", "audit", "migrations for"),
    *("connect", "unreach", "violat", " line ", ":in ", ": c: ", " sc", " dl", "md0", "yml:"),
    *("no ", "x509", "tls: ", "ssl: ", "free(", "malloc", "wait", "too ", "at ", "gh: "),
    *("stale", "differ", "complex", "finding", "i/o ", "breaking", "❌", "✘", "✗"),
    *("lookup", "result", "host", ".md:", ".kt:", "outdated", "floating", "trap", "leak"),
    *("grep: ", "nil value", "crash", "terminat", "empty", "http", "non-zero", "quota", " | p: "),
    *("❱", "uninitialised", "conditional jump", "mismatched", "central-directory", "emerg]"),
    *("alert]", "crit]", "fata[", "pani[", "%error", " ftl ", " pnc ", "exiting", "aborting"),
    *("giving up", "stopping", "bailing out", "there is no", "there are no", "there was no"),
    *("cve: ", "ghsa: ", "advisory: ", "needs ", "need to", "formatted", "sorted", "gofmt"),
    *("diff --git", "lint/", "→", "please", "you must", "you should", "you have to", "expected: "),
    *("actual: ", "deselected", "merge: ", "failed example", "console.", "stderr |", "stdout |"),
    *("=== run", "--- pass", " than the ", "bad crc", " allow", "needed by", "ambiguous"),
    *("running ", ".py::", " passed", " skipped", "> task :", "standard_out", "... ok"),
    *(" to be ", " to equal ", " to have ", " to contain ", " to match ", " to throw "),
    *(" to exist", " e     ", "●", "=== cont", "=== name", "received:", "but was", "got:"),
    *(".proto:", ".exs:", ".ex:", "no output ", "max virtual", "max file", "max number"),
    *("max size", "discovery settings", "memory locking", "system call"),
    *("xpass(", "node down", "disappeared", "never started"),
)
# The same for what follows the first of a very long log: what names most errors, for a tenth.
FEW_NEEDLES = ("error", "traceback", "fatal", "failed", "***", "\ne   ")
LONG_LOG_CHARS = 16_000_000

# Logs repeat themselves: so many different lines are judged once.
REMEMBERED_LINES = 2_048

# Whose line it is, said before the line.
_TAG = lazily(r"\[[\w./@:-][\w ./@:-]{0,40}\] {1,12}(?=\S)")
# A line that only sets off others, also behind its level.
_RULER = lazily(r"(?:\[?[A-Z]{4,8}\]?:? {0,4})?[\W_]{4,400}$")
# It is tried again, so that it is not yet what the build failed on.
_AGAIN = lazily(
    r"(?i:.{0,300}\b(?:re-?try(?:ing)?\b|will (?:be retried|try again)|trying again|retries left"
    r"|attempt #?\d{1,4} ?(?:of|/)))"
)
_NEVER_AGAIN = lazily(
    r"(?i:.{0,300}\b(?:giving up|exhausted|no more|exceeded|limit|after \d{1,4} (?:re)?tr"
    r"|timed out retrying))"
)


@functools.lru_cache(REMEMBERED_LINES)
def rank_of(line: str, *, is_marked: bool = False, above: int = 0) -> int:
    """Return 3 for an error of its own, 2 for a general one, 1 for a consequence, 0 for none.

    Args:
        line: One line, without escapes and prefixes.
        is_marked: The CI marked it as an error.
        above: A rank that is no better is not asked for: the answer is this or less.
    """
    if above >= 3:
        return 0
    known = _kinds()
    if known["certain"].says(line):
        return 3
    if _RULER.match(line):
        return 0
    if known["consequence"].says(line):
        return 1
    if _harmless().says(line):
        return 0
    for rank, name in ((3, "specific"), (2, "general"), (1, "hint")):
        if rank > above and known[name].says(line):
            is_tried_again = _AGAIN.match(line) and not _NEVER_AGAIN.match(line)
            return int(rank == 3) if is_tried_again else rank
    tag = _TAG.match(line)
    if tag:
        return rank_of(line[tag.end() :], is_marked=is_marked, above=above)
    return 2 if is_marked else 0


def is_harmless(line: str) -> bool:
    """Whether a line warns, or tells what is being done, and is no error for certain."""
    return _harmless().says(line) and not _kinds()["certain"].says(line)


def is_hint(line: str) -> bool:
    """Whether a line says in general words that something is wrong, and may be no error."""
    known = _kinds()
    return known["hint"].says(line) and not any(known[name].says(line) for name in _RANKS)


_RANKS = ("certain", "specific", "general", "consequence")


class _Kind:
    """The patterns of one table; those with words are tried where a line holds one of them."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        plain = [f"(?:{one['pattern']})" for one in rows if "words" not in one]
        self._plain = re.compile("|".join(plain) or r"(?!)")
        self._by_word = [
            (word, lazily(one["pattern"])) for one in rows for word in one.get("words", ())
        ]

    def says(self, line: str) -> bool:
        """Whether one of the patterns matches a line."""
        if self._plain.match(line):
            return True
        lowered = line.lower()
        tried = [pattern for word, pattern in self._by_word if word in lowered]
        return any(pattern.match(line) for pattern in dict.fromkeys(tried))


@functools.cache
def read_table() -> dict[str, Any]:
    """Return the table of error lines, `error_lines.toml`."""
    from pytest_failtrack.toml import tomllib

    file = resources.files("pytest_failtrack.observe.logs").joinpath("error_lines.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


@functools.cache
def _kinds() -> dict[str, _Kind]:
    return {name: _Kind(read_table()[name]) for name in (*_RANKS, "hint")}


@functools.cache
def _harmless() -> _Kind:
    rows = read_table()["harmless"]
    return _Kind([one if isinstance(one, dict) else {"pattern": one} for one in rows])
