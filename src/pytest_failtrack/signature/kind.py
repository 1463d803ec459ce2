"""A failure and its signature taken apart, as far as its cause is asked for; links.py compares."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.asserted import with_shown
from pytest_failtrack.observe.observation import Frame, Observation
from pytest_failtrack.signature.cause import chosen_of, short_name
from pytest_failtrack.signature.signature import Signature

WORDS_MAX = 48

# The module that an import came back to.
_CIRCULAR = lazily(r"partially initialized module '(?P<name>[\w.]{1,200})'")

# What a message is about: what it quotes, and what was called.
_NAMED = lazily(r"'([^'\n]{1,200})'|([A-Za-z_][\w.]{0,200}\(\))")
# What many classes lack alike was renamed or taken away where they have it from.
_LACKED = lazily(r"'[\w.]{1,200}' object has no attribute (?='\w)")
_WORD = lazily(r"[^\W_]\w*")
_PLACEHOLDER = lazily(r"<(?P<name>num|path|time|addr|hash|uuid|id|tmp|port|ip|line|duration)>")
_CODE = lazily(
    r"\[(?:Errno|WinError) -?(?P<errno>[0-9]{1,5})\]"
    r"|\b[Ss]tatus(?:[_ ]?[Cc]ode)?[^0-9\n]{0,8}(?P<status>[1-5][0-9]{2})\b"
    r"|\b(?P<http>[1-5][0-9]{2}) (?=[A-Z][a-z]+)"
    r"|\bHTTP(?:/[0-9.]{1,3}|[ _]?[Ee]rror|Status)?[ :=]{1,3}(?P<said>[1-5][0-9]{2})\b"
    r"|\breturned error: (?P<answer>[1-5][0-9]{2})\b"
    r"|\bexit(?: (?:code|status))?[ =:(]{1,2}(?P<exit>-?[0-9]{1,10})\b"
    r"|\b(?P<signal>SIG[A-Z]{2,6}[0-9]?)\b"
    r"|\bSQL(?:STATE|State|CODE)[ =:\[('\"]{1,3}-?(?P<sql>[0-9A-Z]{5})\b"
    r"|\b(?P<tool>(?:E|F|W|C|D|R|CS|TS|CA|SC|NU|BC|LNK|MSB|ORA-|CVE-)[0-9][0-9-]{2,11})\b"
    r"|\b(?P<npm>ERESOLVE|E[A-Z]{4,12})\b"
)
_AT = " @ "
_SIGNS = (" != ", " == ", " not in ", " in ", " is not ", " is ")


@frozen
class Failure:
    """One failure, as far as its cause is asked for.

    Args:
        hash: The 12 hex digits of its signature.
        token: Its token: `<line> @ <file>:<function>`.
        chain: Types of the exceptions, without modules, the outermost first.
        frames: Frames in the project, `file:function`, the innermost last.
        fixture: `file:function` of the fixture that failed, `` when none did.
        nodeid: Node id of the test, or the command.
        is_line: Its token is a line that was printed, without a place in any code.
    """

    hash: str
    token: str
    chain: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    fixture: str = ""
    nodeid: str = ""
    is_line: bool = False


def failure_of(observation: Observation, signature: Signature) -> Failure:
    """Return what is asked of one failure.

    Args:
        observation: The failure.
        signature: Its signature.
    """
    chosen = chosen_of(observation)
    frames = [frame for frame in chosen.raised.frames if frame.is_project] if chosen else []
    return Failure(
        hash=signature.hash,
        token=signature.token,
        chain=tuple(short_name(one.type) for one in with_shown(observation.exceptions)),
        frames=tuple(map(_at, frames)),
        fixture=_at(frames[0]) if frames and observation.when in ("setup", "teardown") else "",
        nodeid=observation.nodeid,
        is_line=chosen is None and observation.when == "command",
    )


@frozen
class Kind:
    """A signature taken apart.

    Args:
        hash: The signature.
        type: Root exception type, or the first word of an error line.
        codes: Protected codes.
        words: Words of the message, with names in quotes.
        names: Who the message is about: what it puts in quotes or calls; of one without a place.
        file: File of its place, ``.
        function: Function there, ``.
        fixtures: Fixtures that failed.
        helper: What the tests call that failed without a word, ``.
        is_line: It is a line that was printed.
        quoted: What its message puts in quotes; of an assertion nothing, for there it is values.
        circle: The modules at both ends of an import that led back to where it began.
        sign: How an assertion compares.
    """

    hash: str
    type: str
    codes: frozenset[str]
    words: frozenset[str]
    names: frozenset[str]
    file: str
    function: str
    fixtures: frozenset[str]
    helper: str
    is_line: bool
    quoted: frozenset[str]
    circle: frozenset[str]
    sign: str


def codes_of(line: str) -> frozenset[str]:
    """Return the codes in a normalized line that carry meaning, such as `errno 111`."""
    if not any(map(str.isupper, line)) and not any(map(str.isdigit, line)):
        return frozenset()
    found = _CODE.finditer(line)
    return frozenset(f"{one.lastgroup} {one[one.lastgroup or 0]}" for one in found)


def kind_of(members: Sequence[Failure]) -> Kind:
    """Return a signature taken apart.

    Args:
        members: The failures that have it, at least one.
    """
    first = min(members, key=lambda one: (one.token, one.nodeid))
    line, at, place = first.token.rpartition(_AT)
    if not at:
        line, place = first.token, ""
    type_, rest = _split(line)
    words = frozenset(_WORD.findall(_PLACEHOLDER.sub(" ", rest).casefold())[:WORDS_MAX])
    file, _, function = place.rpartition(":") if ":" in place else (place, "", "")
    fixtures = frozenset(one.fixture for one in members if one.fixture)
    found = () if place else _NAMED.finditer(_LACKED.sub("", rest))
    names = frozenset(one[1] or one[2] for one in found)
    quotes = _NAMED.finditer("" if type_ == "AssertionError" else rest)
    quoted = frozenset(one[1] for one in quotes if one[1])
    innermost = first.frames[-1] if first.frames and file and line == "AssertionError" else ""
    helper = innermost if innermost != place and not first.fixture else ""
    return Kind(
        hash=first.hash,
        type=type_,
        codes=codes_of(line),
        words=words,
        names=names,
        file=file,
        function=function,
        fixtures=fixtures,
        helper=helper,
        is_line=first.is_line,
        quoted=quoted,
        sign=next((one for one in _SIGNS if one in rest), "") if type_ == "AssertionError" else "",
        circle=_circle(rest, file or "".join(first.frames[-1:]).rpartition(":")[0]),
    )


def _circle(message: str, file: str) -> frozenset[str]:
    """Return the module that an import came back to, and the one that imported it."""
    found = _CIRCULAR.search(message) if "partially " in message else None
    if not found:
        return frozenset()
    name = found["name"].split(".")
    path = file.removesuffix(".py").removesuffix("/__init__").split("/")
    # The project says nowhere where its packages begin; most circles stay within one.
    begin = path.index(name[0]) if name[0] in path else max(0, len(path) - len(name))
    return frozenset({found["name"], ".".join(path[begin:])} - {""})


def _split(line: str) -> tuple[str, str]:
    """Return the type and the message of a line; of an assertion its operands."""
    head, colon, rest = line.partition(":")
    if colon and head and " " not in head:
        return head, rest
    head, _, rest = line.partition(" ")
    return ("AssertionError", rest) if head == "assert" else (head, rest)


def _at(frame: Frame) -> str:
    return f"{frame.file}:{frame.function}"
