"""Where a failure lies in the project's own code: file and function, never the line number.

Asked by `token.py` for the token, and by the pipeline for the place that people are shown.
"""

from __future__ import annotations

import builtins
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from pytest_failtrack.frozen import kept
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.observation import Frame, Observation, Raised
from pytest_failtrack.signature.cause import Matter, chosen_of, short_name
from pytest_failtrack.signature.normalize import normalize

# From Python 3.12 on these have no frame of their own: the function around them stands for them.
INLINED = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>"})
# Whatever runs when the time is over is hit by chance; the first step into the product is not.
INTERRUPTED = frozenset({"KeyboardInterrupt", "Timeout"})
# They lie in a file that could not be run; who imported it does not matter.
UNPARSED = frozenset({"SyntaxError", "IndentationError", "TabError"})
# Asked for by many tests, belongs to none of them.
PLACELESS = frozenset({"FixtureLookupError", "UsageError"})
# What is missing or was called wrongly, by its full name: who asked for it does not matter.
_NAMED = {
    "ModuleNotFoundError": lazily(r"No module named '"),
    "ImportError": lazily(r"cannot import name '[^'\n]{1,200}' from "),
    "AttributeError": lazily(
        r"(?:partially initialized )?module '[^'\n]{1,200}' has no attribute '"
        r"|(?:type object )?'(?!NoneType'|\w{0,20}Mock')[A-Z]\w{0,100}'(?: object)? "
        r"has no attribute '"
    ),
    "TypeError": lazily(
        r"(?P<callee>[A-Za-z_][\w.]{0,200})\(\) "
        r"(?:got an unexpected keyword argument|got multiple values for argument|"
        r"missing [0-9]{1,3} required|takes (?:from )?[0-9]{1,3} )"
    ),
}


@kept
def place_of(observation: Observation) -> Frame | None:
    """Return the frame where the project's own code failed.

    That is the deepest frame of product code (in the project, no test), else the deepest of the
    project, of the exception that matters; else of the others of the chain. For a timeout it is
    the first frame of product code, and for endless recursion a member of the cycle which does
    not depend on where the stack ended.

    Returns:
        None when no frame lies in the project, and for source that cannot be parsed: its frames
        are those of who imports it.
    """
    chosen = chosen_of(observation)
    if chosen is None or (observation.file and short_name(chosen.raised.type) in UNPARSED):
        return None
    return _frame_in(chosen, observation.exceptions)


def place_text(observation: Observation) -> str:
    """Return `file:function` for the token, `file` alone without a function, `` for nowhere.

    A message that names in full what is missing (`No module named 'x'`, `f() missing 1 required
    argument`) has no place: each of its callers would be a cause of its own. A name that is not
    defined is missing in a module, whichever of its functions asks for it. A bare `assert` in a
    helper that tests share says nothing of what was tested: its place is the test.
    """
    chosen = chosen_of(observation)
    if chosen is not None:
        name = short_name(chosen.raised.type)
        if observation.file and name in UNPARSED:
            return _text(observation.file, "")
        if not chosen.members and _is_named(chosen.raised):
            return ""
        frame = _frame_in(chosen, observation.exceptions)
        if frame is not None:
            if frame.is_test and name == "AssertionError" and not chosen.raised.message.strip():
                frame = _test_frame(chosen.raised, observation) or frame
            return _text(frame.file, "" if name == "NameError" else frame.function)
        if short_name(observation.exceptions[0].type) in PLACELESS:
            return ""
    return _text(observation.file, _test_name(observation)) if observation.file else ""


def _test_frame(raised: Raised, observation: Observation) -> Frame | None:
    """Return the frame of the test itself, None when the exception did not go through it."""
    name = _test_name(observation)
    frames = (one for one in raised.frames if one.is_test)
    return next((one for one in frames if one.function.rpartition(".")[2] == name), None)


def _is_named(raised: Raised) -> bool:
    """Whether the message names in full what is wrong, wherever that was met."""
    pattern = _NAMED.get(short_name(raised.type))
    found = pattern.match(raised.message) if pattern is not None else None
    if found is None:
        return False
    callee = found.groupdict().get("callee")
    return callee is None or not hasattr(builtins, callee)


def _frame_in(chosen: Matter, chain: Sequence[Raised]) -> Frame | None:
    """Return the frame of the first exception that has one, None when none has."""
    for raised in _by_relevance(chosen, chain):
        frame = _frame_of(raised)
        if frame is not None:
            return frame
    return None


def _by_relevance(chosen: Matter, chain: Sequence[Raised]) -> Iterator[Raised]:
    """Yield the exceptions, those that matter first; members of a group in a stable order."""
    if chosen.members:
        yield from sorted(chosen.members, key=lambda one: normalize(f"{one.type}: {one.message}"))
    yield chosen.raised
    yield from (one for one in reversed(chain) if one is not chosen.raised)


def _frame_of(raised: Raised) -> Frame | None:
    own = [frame for frame in raised.frames if frame.is_project]
    product = [frame for frame in own if not frame.is_test]
    frames = _without_inlined(product or own)
    if not frames:
        return None
    name = short_name(raised.type)
    if name == "RecursionError":
        return _of_cycle(frames)
    if product and (name in INTERRUPTED or raised.message.startswith("Timeout ")):
        return frames[0]
    return frames[-1]


def _without_inlined(frames: Sequence[Frame]) -> list[Frame]:
    named = [frame for frame in frames if frame.function not in INLINED]
    return named or list(frames)


def _of_cycle(frames: Sequence[Frame]) -> Frame:
    """Return the first by name of the frames that recur."""
    counts = Counter((frame.file, frame.function) for frame in frames)
    recurring = [frame for frame in frames if counts[frame.file, frame.function] > 1]
    return min(recurring or frames[-1:], key=lambda frame: (frame.file, frame.function, frame.line))


def _text(file: str, function: str) -> str:
    path = _printable(file.replace("\\", "/"))
    name = _printable(function).rsplit("<locals>.", 1)[-1]
    return f"{path}:{name}" if name else path


def _printable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", "", text)


def _test_name(observation: Observation) -> str:
    """Return the name of the test without its parameters, `` for a file or a command."""
    if observation.source == "command":
        return ""
    head = observation.nodeid.partition("[")[0]
    return head.rpartition("::")[2] if "::" in head else ""
