"""What nobody could classify, grouped, with what it could be: a draft for the catalog (S2-56..58).

Errors of one signature are one pattern, and so are those that are alike, as everywhere
(signature/cluster.py). What is suggested is a start for the person who reviews it.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pytest_failtrack.classify.candidate import proved_pattern, typed_lines
from pytest_failtrack.classify.taxonomy import FailureType, RecoveryMode, Subcategory
from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.observation import Raised
from pytest_failtrack.record.error_code import UNKNOWN
from pytest_failtrack.record.match import observation_of
from pytest_failtrack.signature.cluster import Cluster, clusters, known_clusters
from pytest_failtrack.signature.kind import Failure, failure_of
from pytest_failtrack.signature.normalize import normalize
from pytest_failtrack.signature.signature import sign

TRANSIENT = "TRANSIENT"
EXAMPLES_SHOWN = 3
LINES_PROVED = 2_000
TITLE_MAX_CHARS = 80
ID_MAX_CHARS = 48
ID_WORDS = 5
CONFIDENCE = 0.5
"""Of an entry that nobody has reviewed."""
HELPED_SHARE = 0.5
"""Where trying again helped so often, the error is taken for a transient one."""

_PLACEHOLDER = lazily(r"<[a-z][a-z -]{0,20}>")
_NO_WORD = lazily(r"[^a-z0-9]+")


class Unknown(NamedTuple):
    """One text of an error that no entry knows, and how often it came."""

    error_code: str
    error_message: str
    cause_id: str
    """Cause of the records, `` where a program told of it."""
    hash: str
    """Signature of the records, ``."""
    times: int
    recoveries: int
    """How many of them somebody tried to recover from."""
    recovered: int
    """How often that helped."""
    last_at: float
    """When it came last, seconds since 1970."""
    match_id: str
    """Id of one of them."""
    run_id: str

    @property
    def line(self) -> str:
        """What it says, on one line."""
        text = observation_of(self.error_code, self.error_message).text
        first = text.partition("\n")[0].strip()
        return first.removeprefix(f"{UNKNOWN}: ") if self.error_code == UNKNOWN else first


class Suggestion(NamedTuple):
    """What an error could be."""

    category: str
    """`TRANSIENT` (C-5), or one of the seven categories."""
    recovery: RecoveryMode
    subcategory: Subcategory
    failure_type: FailureType
    words: re.Pattern[str] | None = None
    """What its text says."""

    @property
    def is_retryable(self) -> bool:
        """Whether another attempt could succeed."""
        return self.recovery is RecoveryMode.RETRY_EXPONENTIAL


_I = re.IGNORECASE
AGAIN = Suggestion(
    TRANSIENT,
    RecoveryMode.RETRY_EXPONENTIAL,
    Subcategory.OTHER_TRANSIENT,
    FailureType.INFRASTRUCTURE,
    lazily(
        r"\btime[ds]? ?out\b|\btemporar|\bunavailable\b|\brate.?limit|\bthrottl|\btoo many req"
        r"|\btry again\b|\bretry\b|\b(?:connection|socket)\b.{0,40}\b(?:reset|refused|closed|lost)"
        r"|(?<!\d)(?:408|425|429|502|503|504)(?!\d)|\bTRANSIENT\b|\bdeadlock\b|\boverloaded\b",
        _I,
    ),
)
# The first row whose words stand in a text is what is suggested.
SUGGESTIONS = (
    AGAIN,
    Suggestion(
        "INFRA",
        RecoveryMode.ROTATE_CREDENTIALS,
        Subcategory.INFRA_CREDENTIALS,
        FailureType.INFRASTRUCTURE,
        lazily(
            r"\bunauthori[sz]ed\b|\bforbidden\b|\bpermission\b|\bcredential|\bauthenticat"
            r"|\b(?:token|certificate|key).{0,20}\bexpired\b|(?<!\d)(?:401|403)(?!\d)",
            _I,
        ),
    ),
    Suggestion(
        "INFRA",
        RecoveryMode.FIX_ENVIRONMENT,
        Subcategory.INFRA_RESOURCE,
        FailureType.INFRASTRUCTURE,
        lazily(
            r"\bquota\b|\bbudget\b|\bout of (?:memory|space|disk)\b|\bno space\b|\bexhausted\b"
            r"|\btoo many open\b|\blimit exceeded\b",
            _I,
        ),
    ),
    Suggestion(
        "INFRA",
        RecoveryMode.INSTALL_DEPENDENCY,
        Subcategory.INFRA_DEPENDENCY,
        FailureType.INFRASTRUCTURE,
        lazily(
            r"\b(?:module|package|library|command|plugin)\b.{0,60}\b(?:missing|not found)\b", _I
        ),
    ),
    Suggestion(
        "INFRA",
        RecoveryMode.FIX_CONFIGURATION,
        Subcategory.INFRA_ENVIRONMENT,
        FailureType.INFRASTRUCTURE,
        lazily(r"\b(?:config|setting|option|environment variable)", _I),
    ),
    Suggestion(
        "INTEGRATION",
        RecoveryMode.FIX_CODE,
        Subcategory.INTEGRATION_DATA_MISMATCH,
        FailureType.INTEGRATION_TEST_FAILURE,
        lazily(r"\bschema\b|\bvalidation\b|\bunexpected (?:field|key|type)|\bmalformed\b", _I),
    ),
)
NOVEL = Suggestion(
    "UNKNOWN", RecoveryMode.INVESTIGATE, Subcategory.OTHER_NOVEL, FailureType.UNKNOWN
)


@frozen
class Pattern:
    """What came again and again and no entry knows (S2-57).

    Args:
        signature: 12 hex digits: the cause that its errors belong to.
        primary_error_code: The code that most of them have.
        total_occurrences: How often they came.
        suggestion: What it could be.
        examples: Its texts, the newest first.
        entry: A table for the catalog, empty where no pattern could be proved.
        command: The command that adds it after review, ``.
    """

    signature: str
    primary_error_code: str
    total_occurrences: int
    suggestion: Suggestion
    examples: tuple[Unknown, ...]
    entry: Mapping[str, Any]
    command: str = ""


def patterns_of(
    unknown: Iterable[Unknown],
    tokens: Mapping[str, str],
    *,
    least: int,
    known_texts: Sequence[str] = (),
    taken_ids: Collection[str] = (),
    is_known: Callable[[Unknown], bool] = lambda one: False,
) -> list[Pattern]:
    """Return the patterns in what nobody could classify, the most frequent first.

    Args:
        unknown: Errors with their number.
        tokens: Token of each signature of records, by hash.
        least: How often a pattern must have come.
        known_texts: What the entries of the catalog are there for: no pattern may match it.
        taken_ids: Ids of the entries that there are.
        is_known: Whether an entry knows an error by now: its pattern is left out.
    """
    groups = _with_codes(_grouped(list(unknown), tokens), least)
    taken = set(taken_ids)
    found = []
    for signature, members in sorted(groups.items(), key=lambda one: (-_times(one[1]), one[0])):
        ordered = sorted(members, key=lambda one: (-one.last_at, one.match_id))
        if _times(members) >= least and not is_known(ordered[0]):
            found.append(_pattern(signature, ordered, known_texts, taken))
    return found


def suggestion_for(members: Sequence[Unknown]) -> Suggestion:
    """Return what errors could be: what helped before any word of theirs."""
    tried = sum(one.recoveries for one in members)
    if tried and sum(one.recovered for one in members) >= HELPED_SHARE * tried:
        return AGAIN
    texts = [f"{one.error_code.replace('_', ' ')}\n{one.error_message}" for one in members]
    for row in SUGGESTIONS:
        assert row.words is not None
        matched = sum(
            one.times
            for one, text in zip(members, texts, strict=True)
            if row.words.search(text) is not None
        )
        if matched * 2 > _times(members):
            return row
    return NOVEL


def _grouped(unknown: Sequence[Unknown], tokens: Mapping[str, str]) -> dict[str, list[Unknown]]:
    """Return errors by cause: records know theirs, what a program told of joins what it is like."""
    known: list[Cluster] = known_clusters(
        (one.cause_id, one.hash, tokens.get(one.hash, "")) for one in unknown if one.cause_id
    )
    home = {hash_: each.id for each in known for hash_ in each.hashes}
    # Texts that differ in numbers alone are signed once.
    signed: dict[tuple[str, str], Failure] = {}
    keys = [("", "") if one.cause_id else (one.error_code, normalize(one.line)) for one in unknown]
    for one, key in zip(unknown, keys, strict=True):
        if not one.cause_id and key not in signed:
            signed[key] = _signed(one)
    for each in clusters(signed.values(), known):
        home.update(dict.fromkeys(each.hashes, each.id))
    groups: dict[str, list[Unknown]] = {}
    for one, key in zip(unknown, keys, strict=True):
        hash_ = one.hash if one.cause_id else signed[key].hash
        groups.setdefault(home.get(hash_, hash_), []).append(one)
    return groups


def _signed(one: Unknown) -> Failure:
    """Return an error that a program told of as one whose cause is asked for.

    Signed as an exception of its code: of a bare text only what looks like an error line would be
    part of a signature.
    """
    seen = observation_of(one.error_code, one.error_message)
    if not seen.exceptions:
        said = one.line.removeprefix(one.error_code).removeprefix(": ")
        seen = replaced(seen, exceptions=(Raised(one.error_code, said),))
    return failure_of(seen, sign(seen, workflow="", job="", step=""))


def _with_codes(groups: dict[str, list[Unknown]], least: int) -> dict[str, list[Unknown]]:
    """Return groups, with those that are too small laid together by the code of a program's errors.

    A code that a program gives is a kind of error, whatever its texts say; a type of exception is
    not.
    """
    kept: dict[str, list[Unknown]] = {}
    for signature, members in groups.items():
        if _times(members) < least:
            codes = {one.error_code for one in members}
            if len(codes) == 1 and not members[0].cause_id and _is_own_code(members[0].error_code):
                code = members[0]._replace(error_message="")
                signature = _signed(code).hash
        kept.setdefault(signature, []).extend(members)
    return kept


def _is_own_code(code: str) -> bool:
    return code != UNKNOWN and code.isupper()


def _times(members: Iterable[Unknown]) -> int:
    return sum(one.times for one in members)


def _pattern(
    signature: str, ordered: Sequence[Unknown], known_texts: Sequence[str], taken: set[str]
) -> Pattern:
    codes: Counter[str] = Counter()
    for one in ordered:
        codes[one.error_code] += one.times
    code = min(codes, key=lambda name: (-codes[name], name))
    suggestion = suggestion_for(ordered)
    entry = _entry(signature, code, ordered, suggestion, known_texts, taken)
    return Pattern(
        signature=signature,
        primary_error_code=code,
        total_occurrences=_times(ordered),
        suggestion=suggestion,
        examples=tuple(ordered[:EXAMPLES_SHOWN]),
        entry=entry,
        command=_command(entry) if entry else "",
    )


def _entry(
    signature: str,
    code: str,
    ordered: Sequence[Unknown],
    suggestion: Suggestion,
    known_texts: Sequence[str],
    taken: set[str],
) -> dict[str, Any]:
    """Return a table for the catalog, empty where nothing matches all of it and nothing else."""
    lines = list(dict.fromkeys(one.line for one in reversed(ordered[:LINES_PROVED])))
    newest = lines[-1]
    _, bare = typed_lines(lines)
    regex = proved_pattern(bare, known_texts)
    if not regex and code != UNKNOWN and all(code in one for one in lines):
        # What the errors say differs too much; their code is what they have in common.
        regex = proved_pattern([code], known_texts) if _is_own_code(code) else ""
    if not regex:
        return {}
    return {
        "id": _id_of(code, newest, signature, taken),
        "title": _title_of(newest),
        "patterns": [regex],
        "subcategory": suggestion.subcategory.value,
        "failure_type": suggestion.failure_type.value,
        "confidence": CONFIDENCE,
        **({"retryable": True} if suggestion.is_retryable else {}),
        "recovery_mode": suggestion.recovery.value,
        "example": newest,
    }


def _command(entry: Mapping[str, Any]) -> str:
    """Return the command that adds an entry."""
    words = ["failtrack", "catalog", "add"]
    for name, option in (
        ("id", "--id"),
        ("title", "--title"),
        ("subcategory", "--subcategory"),
        ("failure_type", "--failure-type"),
        ("confidence", "--confidence"),
        ("recovery_mode", "--recovery-mode"),
    ):
        words += [option, str(entry[name])]
    words += ["--retryable"] if entry.get("retryable") else []
    for regex in entry["patterns"]:
        words.append(f"--pattern={regex}")
    words.append(f"--example={entry['example']}")
    return shlex.join(words)


def _id_of(code: str, line: str, signature: str, taken: set[str]) -> str:
    """Return a name that no entry has: of the code, or of what the error says."""
    said = code.rpartition(".")[2]
    if code == UNKNOWN:
        said = " ".join(_PLACEHOLDER.sub(" ", normalize(line)).split()[:ID_WORDS])
    name = _NO_WORD.sub("-", said.lower()).strip("-")[:ID_MAX_CHARS].strip("-")
    name = name if name[:1].isalpha() else f"error-{name}".strip("-")
    if name in taken:
        name = f"{name}-{signature[:6]}"
    taken.add(name)
    return name


def _title_of(line: str) -> str:
    text = " ".join(normalize(line).split())
    return text if len(text) <= TITLE_MAX_CHARS else f"{text[: TITLE_MAX_CHARS - 3]}..."
