"""What the other failures of a run say about one that says little itself.

judging/ asks, once all failures of a run have their class. Two things tell that a test failed for
what another test says in full:

- What it got holds the message of the other's exception: a command printed it, a server answered
  it, a job kept it. `assert 'no station' in 'tides: TIDES_KEY is not set'` fails for the key.
- It got nothing (`assert None == 13.3`), and in its file another test meets a network, a credential
  or another system that fails. Code that gets along without an answer hides why there is none.

The kind follows; failure type and retry stay, for an assertion is never excused.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.classify.taxonomy import RecoveryMode, Subcategory
from pytest_failtrack.classify.weighing import because, is_failed_test, is_open, moved_to
from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.observation import Observation, Raised
from pytest_failtrack.signature.cause import chosen_of, short_name

Judged = tuple[Observation, Classification]

SHOWN = 0.6
"""How sure it is that a message which is shown is the cause."""
NOTHING = 0.45
"""How sure it is where nothing was got, and the surroundings failed beside it."""

SUGGESTION = "Look at that failure first: this one may go with it."

MESSAGE_MIN_CHARS = 12
MESSAGE_MAX_CHARS = 300
SOURCES_PER_WORD_MAX = 8
READ_MAX_CHARS = 4_000
# So many words are looked for one by one, which is faster than taking a text apart.
FEW_WORDS = 64

_ASSERTIONS = frozenset({"AssertionError", "Failed"})
_WORD = lazily(r"[A-Za-z_]\w{3,}")
_COMPARED = lazily(r" (?:==|!=|<=?|>=?) ")
_WANTED = ("- ", "Expected", "? ")
_NOTHING = lazily(
    r"assert (?:None|False|\[\]|\{\}|\(\)|''|set\(\)|5\d\d"
    r"|\{(?:[^{}:\n]{1,80}: None(?:, )?){1,40}\}) (?:==|is|is not|!=|>=?|in) "
    r"|assert (?:None|False|\[\]|\{\}|\(\)|'')(?:\n|$)"
)
_SURROUNDINGS = frozenset(
    one.value
    for one in (
        Subcategory.INFRA_NETWORK,
        Subcategory.INFRA_CREDENTIALS,
        Subcategory.INFRA_RESOURCE,
        Subcategory.OTHER_EXTERNAL,
        Subcategory.OTHER_TRANSIENT,
    )
)
_REFUSALS = frozenset({"remote-request-refused"})


@frozen
class _Source:
    """A failure that says what it is.

    Args:
        name: Type of its exception.
        message: First line of its message.
        kind: Its class.
    """

    name: str
    message: str
    kind: Classification


def weighed_by_others(run: Sequence[Judged], *, is_one_run: bool = True) -> list[Classification]:
    """Return the classes of failures, of some after what others say.

    Args:
        run: Failures with their classes.
        is_one_run: They are of one run. Of several, only messages that are shown tell anything.
    """
    by_word: dict[str, list[_Source]] = {}
    by_file: dict[str, list[_Source]] = {}
    for observation, kind in run:
        source = _source(observation, kind)
        if source is None:
            continue
        words = _WORD.findall(source.message)
        if len(source.message) >= MESSAGE_MIN_CHARS and words:
            known = by_word.setdefault(max(words, key=len), [])
            is_new = all(one.message != source.message for one in known)
            if is_new and len(known) < SOURCES_PER_WORD_MAX:
                known.append(source)
        if kind.subcategory in _SURROUNDINGS or kind.catalog_entry_id in _REFUSALS:
            by_file.setdefault(_file_of(observation), []).append(source)
    if not by_word and not by_file:
        return [kind for _, kind in run]
    return [
        _weighed(observation, kind, by_word, by_file if is_one_run else {})
        for observation, kind in run
    ]


def _source(observation: Observation, kind: Classification) -> _Source | None:
    """Return a failure that may tell about others, None where it is an assertion itself."""
    chosen = chosen_of(observation) if is_failed_test(observation) else None
    if chosen is None or chosen.members or short_name(chosen.raised.type) in _ASSERTIONS:
        return None
    message = chosen.raised.message.strip().partition("\n")[0].strip()
    return _Source(short_name(chosen.raised.type), message[:MESSAGE_MAX_CHARS], kind)


def _weighed(
    observation: Observation,
    kind: Classification,
    by_word: dict[str, list[_Source]],
    by_file: dict[str, list[_Source]],
) -> Classification:
    raised = _of_test(observation)
    if raised is None or not is_open(kind, observation):
        return kind
    source = _shown(observation, raised, by_word)
    if source is not None:
        reason = f"What it got shows the message of another failure: {_brief(source)}."
        return _moved(kind, source, SHOWN, reason)
    beside = by_file.get(_file_of(observation), [])
    kinds = {one.kind.subcategory for one in beside}
    if len(kinds) == 1 and _NOTHING.match(raised.message):
        reason = f"It got nothing, and beside it in the file a test met {_brief(beside[0])}."
        return _moved(kind, beside[0], NOTHING, reason)
    return kind


def _of_test(observation: Observation) -> Raised | None:
    """Return the exception of a failure that was raised in a test's own code, None for others."""
    chosen = chosen_of(observation)
    if chosen is None or chosen.members:
        return None
    own = tuple(frame for frame in chosen.raised.frames if frame.is_project)
    return chosen.raised if own and own[-1].is_test else None


def _shown(
    observation: Observation, raised: Raised, by_word: dict[str, list[_Source]]
) -> _Source | None:
    """Return the failure whose message stands in what a test got or printed, None for none."""
    own = raised.message.strip().partition("\n")[0].strip()[:MESSAGE_MAX_CHARS]
    texts = [_got(raised.message), *observation.captured.values()]
    for text in texts:
        text = text[:READ_MAX_CHARS]
        is_few = len(by_word) <= FEW_WORDS
        for word in by_word if is_few else dict.fromkeys(_WORD.findall(text)):
            for source in by_word.get(word, ()) if word in text else ():
                if source.message != own and source.message in text:
                    return source
    return None


def _got(message: str) -> str:
    """Return an assertion's message without what the test wanted."""
    first, *others = message[:READ_MAX_CHARS].split("\n")
    compared = list(_COMPARED.finditer(first)) if first.startswith("assert ") else []
    if compared:
        first = first[: compared[-1].start()]
    kept = (line for line in others if not line.strip().startswith(_WANTED))
    return "\n".join((first, *kept))


def _moved(kind: Classification, source: _Source, confidence: float, reason: str) -> Classification:
    if kind.subcategory == source.kind.subcategory:
        return because(kind, reason)
    return moved_to(
        Subcategory(source.kind.subcategory),
        kind,
        RecoveryMode.INVESTIGATE,
        min(confidence, source.kind.confidence),
        reason,
        SUGGESTION,
    )


def _brief(source: _Source) -> str:
    text = f"{source.name}: {source.message}" if source.message else source.name
    return text if len(text) <= 100 else text[:97] + "..."


def _file_of(observation: Observation) -> str:
    return observation.nodeid.partition("::")[0]
