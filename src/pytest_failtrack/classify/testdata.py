"""Whether a test failed on data of its own: a file beside it, or a value that it is given.

The type says that something could not be read, the place that the test did it; only the line that
was being run says what. pytest prints it, and here it is read; assessment.py asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_failtrack.classify.changes import is_test_file
from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.classify.shown import brief, source_of
from pytest_failtrack.classify.taxonomy import RecoveryMode, Subcategory
from pytest_failtrack.classify.weighing import is_open, moved_to
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.observation import Observation

OWN_DATA = 0.55
"""How sure it is that the data of the test is wrong when the test could not read it."""
SUGGESTION = "Correct the test data, or what the test expects of it."
NAMES_MAX = 20

UNREADABLE = frozenset(
    {
        *("FileNotFoundError", "IsADirectoryError", "JSONDecodeError", "UnicodeDecodeError"),
        *("TOMLDecodeError", "ScannerError", "ParserError", "ParseError", "BadZipFile"),
        *("UnpicklingError", "ParsingError", "MissingSectionHeaderError", "EmptyDataError"),
    }
)
"""Last parts of types that say that a file is missing, or not what it should be."""
MALFORMED = UNREADABLE - {"FileNotFoundError", "IsADirectoryError"}
"""Those that say it of what was read, wherever that was done."""
LACKING = frozenset({"KeyError", "IndexError"})
"""Types that say that something read from it is not there."""

_READS = lazily(
    r"\bopen\(|\.read_(?:text|bytes)\(|\b(?:json|yaml|toml|tomllib|pickle|csv)\.\w+\(|\bread_\w+\("
    r"|\b(?:load|fixture)\w{0,30}\("
)
_LOOKS = lazily(r"\.(?:exists|is_file|is_dir)\(\)|\bos\.path\.(?:exists|isfile|isdir)\(")
_DATA = lazily(
    r"\b__file__\b|\b(?:HERE|[A-Z_]{0,30}DATA[A-Z_]{0,30}|FIXTURES?[A-Z_]{0,30}|SAMPLES?[A-Z_]{0,30}"
    r"|RESOURCES?[A-Z_]{0,30}|GOLDEN[A-Z_]{0,30})\b|\b(?:shared_|lazy_)?datadir\b"
    r"|[\"'][\w./\\-]{0,120}\b(?:tests?|testdata|test_data|fixtures?|data|samples?|golden|expected"
    r"|resources)[/\\]"
    r"|\b(?:load|fixture)\w{0,30}\([\"'][\w./-]{1,120}\.\w{1,8}[\"']"
)
_MADE = lazily(
    r"\btmp|\btemp|\bcap(?:sys|fd|log|tured)|\bstd(?:out|err)\b|\bout(?:put)?\b|\bresponse\b"
    r"|\bresult\b|\bsubprocess\b|\bgetvalue\(|\.text\b"
)
_NAME = lazily(r"(?<![.\w])([A-Za-z_]\w{0,60})\b(?!\s{0,4}\()")
_INDEXED = lazily(r"(?<![.\w])([A-Za-z_]\w{0,60})\[")


def weighed_by_data(classification: Classification, observation: Observation) -> Classification:
    """Return a classification that blames the test's own data where the test failed to read it.

    Args:
        classification: What the catalog says.
        observation: The failure.
    """
    if not observation.exceptions or not is_open(classification, observation):
        return classification
    raised = observation.exceptions[0]
    name = raised.type.rpartition(".")[2]
    if name not in UNREADABLE and name not in LACKING and name != "AssertionError":
        return classification
    own = [one for one in reversed(raised.frames) if one.is_test or one.is_project]
    frame = next((one for one in own if one.is_test or is_test_file(one.file)), None)
    is_handed_over = frame is not None and frame is not own[0]
    if frame is None or frame.line < 1:
        return classification
    if is_handed_over and (name not in MALFORMED or raised.frames[-1].is_project):
        return classification  # a parser of the project's own may as well be what is wrong
    statement, above = source_of(observation.text, frame)
    if not statement:
        return classification
    if name == "KeyError" and raised.message.strip("'\"") not in statement:
        return classification  # the key came from elsewhere: who lacks it is open
    before = [one.strip() for one in above]
    if is_handed_over:
        what = _handed_over(statement, before)
    else:
        what = _own_data(name, statement, before, observation.nodeid)
    if not what:
        return classification
    is_missing = name == "FileNotFoundError"
    kind = Subcategory.QA_FALSE_NEGATIVE if is_missing else Subcategory.QA_ASSERTION_INCORRECT
    reason = f"The test failed on {what}: `{brief(statement)}` ({frame.file}:{frame.line})."
    return _blames_data(classification, kind, reason)


def _own_data(name: str, statement: str, before: Sequence[str], nodeid: str) -> str:
    """Return what the test was reading, in words; `` for anything but data of its own."""
    indexed = {found[1] for found in _INDEXED.finditer(statement)} if name in LACKING else set()
    if any(_is_parameter(one, nodeid) for one in indexed):
        return "the value that it is parametrized with"
    if len(indexed) > 1:
        return ""
    asks = _LOOKS if name == "AssertionError" else _READS
    return "its own data" if asks.search(_about_data(statement, before)) else ""


def _handed_over(statement: str, before: Sequence[str]) -> str:
    """Return what the test gave to the project, in words; `` for anything but data of its own."""
    return "its own data" if _about_data(statement, before) else ""


def _about_data(statement: str, before: Sequence[str]) -> str:
    """Return the statement with the lines that gave its names their values; `` without own data."""
    if not _DATA.search(" ".join([statement, *before])):
        return ""
    together = " ".join([statement, *_bindings(statement, before)])
    return together if _DATA.search(together) and not _MADE.search(together) else ""


def _is_parameter(name: str, nodeid: str) -> bool:
    """Whether pytest made an id of a parameter's name, as it does for what is no plain value."""
    values = nodeid.partition("[")[2].removesuffix("]").split("-")
    return any(one[: len(name)] == name and one[len(name) :].isdigit() for one in values)


def _bindings(statement: str, before: Sequence[str]) -> Iterator[str]:
    """Yield the lines above that gave a value to a name of the statement, and to theirs."""
    names = {found[1] for found in _NAME.finditer(statement)}
    for line in reversed(before):
        target, equals, value = line.partition("=")
        words = target.replace(",", " ").split()
        is_bound = bool(equals) and not value.startswith("=") and names.intersection(words)
        opened = line.rpartition(" as ")[2].rstrip(": ") if " as " in line else ""
        if is_bound or opened in names:
            yield line
            if len(names) < NAMES_MAX:
                names.update(found[1] for found in _NAME.finditer(value or line))


def _blames_data(classification: Classification, kind: Subcategory, reason: str) -> Classification:
    confidence = OWN_DATA
    if classification.subcategory == kind.value:
        confidence = max(OWN_DATA, classification.confidence)
    mode = RecoveryMode.FIX_TEST
    return moved_to(kind, classification, mode, confidence, reason, SUGGESTION)
