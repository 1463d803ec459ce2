"""Stack traces of other languages as exceptions: the JVM, JavaScript, .NET, Go, Rust, Ruby, PHP.

Asked by `from_junit.py`, so that failures of one cause in two tests of Java or Jest have one
signature, with the place where the project's own code failed.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_failtrack.frozen import replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.bounds import EXCEPTIONS_MAX, FRAMES_MAX
from pytest_failtrack.observe.observation import Frame, Raised
from pytest_failtrack.observe.places import Places
from pytest_failtrack.observe.source import Place
from pytest_failtrack.observe.stacks.go import go_exception

_LINES_MAX = 2_000

_JVM = lazily(
    r"at (?:[\w.@$/-]{1,200}/)?(?P<class>[\w.$]{1,300})\.(?P<function>[\w$<>]{1,200})"
    r"\((?P<file>[\w$.-]{1,200}\.(?:java|kt|kts|scala|groovy))(?::(?P<line>\d{1,7}))?\)"
)
_SCRIPT = lazily(
    r"at (?:(?:async )?(?P<function>[^()\n]{1,200}?) \()?"
    r"(?P<file>(?:file://)?(?:[A-Za-z]:)?[^():\n]{1,400}\.[cm]?[jt]sx?):(?P<line>\d{1,7})(?::\d{1,7})?\)?$"
)
_DOTNET = lazily(
    r"at (?P<function>[\w.`<>|+]{1,300})\([^\n]{0,300}?\)"
    r"(?: in (?P<file>[^\n]{1,400}):line (?P<line>\d{1,7}))?$"
)
_DOTNET_SAID = lazily(r"(?P<type>[\w.+]{1,200}(?:Exception|Error)) ?: (?P<message>(?s:.*))$")
_RUST = lazily(
    r"thread '[^'\n]{0,200}' (?:\(\d+\) )?panicked at "
    r"(?P<file>[^\n:]{1,300}):(?P<line>\d{1,7}):\d{1,7}:?$"
)
_RUBY = lazily(
    r"(?:# |from )?(?P<file>[\w./-]{1,300}\.rb|/[^\n:]{1,300}\.php):(?P<line>\d{1,7})"
    r"(?::in [`'](?P<function>[^'\n]{1,200})')?$"
)
# GoogleTest, doctest, Catch2 and others say first where an expectation was not met.
_EXPECTED = lazily(
    r"(?P<file>(?:[A-Za-z]:)?[\w./\\+-]{1,300}\.(?:cc|cpp|cxx|c|hpp|hh|h|mm|m|swift|rs|zig|php|js|ts))"
    r"[:(](?P<line>\d{1,7})(?::\d{1,7})?\)?:?(?: (?:Failure|error:|FAILED:?))?\s*(?P<said>(?s:.*))$"
)
_CAUSED = lazily(r"Caused by: (?P<type>[\w.$]{1,300})(?:: (?P<message>.*))?$")
_HEAD = lazily(
    r"(?:Uncaught )?(?P<type>[A-Za-z_$][\w.$]{0,300})(?: \[\w{1,60}\])?(?:: (?P<message>.*))?$"
)
# What runners write as the type of any failure, and as its message.
_NO_TYPES = frozenset({"failure", "error", "failed", "testcodefailure", "hookfailed"})
_NO_MESSAGES = frozenset({"failed", "failure", "error", "test failed"})
_CAUSE = "cause: "
_TYPE_ENDS = ("Error", "Exception", "Failure", "Fault", "Throwable", "Violation")

JVM_LIBRARIES = (
    *("java.", "javax.", "jdk.", "sun.", "com.sun.", "kotlin.", "kotlinx.", "scala.", "groovy."),
    *("org.junit.", "junit.", "org.testng.", "org.hamcrest.", "org.assertj.", "org.mockito."),
    *("org.apache.maven.", "org.gradle.", "org.opentest4j.", "org.codehaus.groovy.", "io.kotest."),
    *("org.springframework.", "org.hibernate.", "com.google.common.", "net.bytebuddy."),
)
DOTNET_LIBRARIES = ("System.", "Microsoft.", "Xunit.", "NUnit.", "Moq.", "FluentAssertions.")
_SCRIPT_LIBRARIES = ("node_modules/", "node:", "internal/", "jest-", "/.pnpm/")
# Tests of these languages are called by a title, or told by the runner alone.
_NAMELESS = (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".go", ".rs", ".rb")
_TEST_NAMES = ("Test", "Tests", "IT", "Spec", "TestCase", "Specs")


def stack_exceptions(
    text: str, message: str, type_: str, places: Places, test: str = "", package: str = ""
) -> tuple[Raised, ...]:
    """Return the chain of exceptions that a failure of any runner but Python's shows.

    Args:
        text: What the runner printed about it.
        message: Its message attribute, ``.
        type_: Its type attribute, ``.
        places: Answers what the files are.
        test: Name of the test: its functions have none of their own in most languages.
        package: Its package or class as the runner calls it: Go names files without a folder.

    Returns:
        What was raised first is what stands first; its causes follow. Empty when neither type nor
        message nor text says anything.
    """
    lines = [one.strip() for one in text.splitlines()[:_LINES_MAX]]
    special = go_exception(lines, places, package) or _rust(lines, places)
    if special is not None:
        return (_named(special, test),)
    at = next((at for at, one in enumerate(lines) if one.startswith(_CAUSE)), None)
    if at is not None:  # what `node --test` wraps
        lines, message, type_ = [lines[at].removeprefix(_CAUSE), *lines[at + 1 :]], "", ""
    # PHPUnit repeats the name of the test, Jest says that a suite failed: what failed comes next.
    first = next((at for at, one in enumerate(lines) if one), 0)
    if len(lines) > first + 1 and (lines[first].startswith("● ") or _is_name(lines[first], test)):
        lines = lines[first + 1 :]
    head, causes = _parts(lines)
    name, said = _said(head, message, type_)
    if not name and not said:
        return ()
    frames = _frames(head, places)
    expected = _EXPECTED.match(said) if not frames else None
    if expected:
        file = places.place(expected["file"]).file
        frames = (Frame(file, int(expected["line"]), test, True, True),)
        said = expected["said"].strip() or said
    found = [_named(Raised(name or "Failure", said, frames), test)]
    for part in causes[: EXCEPTIONS_MAX - 1]:
        caused = _CAUSED.match(part[0])
        if caused:
            kept = _frames(part[1:], places)
            found.append(Raised(caused["type"], caused["message"] or "", kept, "cause"))
    return tuple(found)


def is_type(type_: str) -> bool:
    """Return whether what a runner writes as the type of a failure is one, and no `failure`."""
    return bool(type_) and type_.lower() not in _NO_TYPES


def _is_name(line: str, test: str) -> bool:
    """Whether a line is no more than the name of the test, with its data as PHPUnit shows it."""
    _, found, rest = line.partition(f"::{test}")
    return bool(test and found) and (not rest or rest.startswith((" (", " with data (")))


def _named(raised: Raised, test: str) -> Raised:
    """Return the exception with frames of a test called after the test."""
    frames = tuple(
        replaced(one, function=test or one.function)
        if one.is_test and one.file.endswith(_NAMELESS)
        else one
        for one in raised.frames
    )
    return replaced(raised, frames=frames)


def _parts(lines: list[str]) -> tuple[list[str], list[list[str]]]:
    """Return the lines before the first `Caused by`, and those from each on."""
    starts = [at for at, line in enumerate(lines) if line.startswith("Caused by: ")]
    if not starts:
        return lines, []
    ends = [*starts[1:], len(lines)]
    return lines[: starts[0]], [lines[a:b] for a, b in zip(starts, ends, strict=True)]


def _said(head: list[str], message: str, type_: str) -> tuple[str, str]:
    """Return type and message, from the attributes where they say something."""
    first = next((one for one in head if one and not _is_frame(one)), "")
    found = _HEAD.match(first)
    is_raised = found is not None and (
        found["type"].endswith(_TYPE_ENDS)
        or (found["type"][:1].isupper() and any(map(_is_frame, head)))
    )
    name = type_ if is_type(type_) else ""
    if not name and found is not None and is_raised:
        name = found["type"]
    said = message
    if not said or said.strip().lower() in _NO_MESSAGES:
        said = _message_lines(head, found["message"] or "" if found and is_raised else "")
    dotnet = _DOTNET_SAID.match(said) if not name else None
    if dotnet:
        return dotnet["type"], dotnet["message"]
    if name and said.startswith(f"{name}: "):
        said = said[len(name) + 2 :]
    elif name and said.startswith(f"{name.rpartition('.')[2]}: "):
        said = said[len(name.rpartition(".")[2]) + 2 :]
    return name, said


def _message_lines(head: list[str], beginning: str) -> str:
    """Return what stands above the first frame."""
    said = [beginning] if beginning else []
    skip = 1 if beginning else 0
    for line in [one for one in head if one][skip:40]:
        if _is_frame(line):
            break
        said.append(line)
    return "\n".join(said)


def _is_frame(line: str) -> bool:
    return line.startswith("at ") and bool(
        _JVM.match(line) or _SCRIPT.match(line) or _DOTNET.match(line)
    )


def _frames(lines: list[str], places: Places) -> tuple[Frame, ...]:
    """Return the frames, innermost last; all of these languages print it first."""
    found = list(_each_frame(lines, places))
    kept = found[:FRAMES_MAX]
    own = next((one for one in found[FRAMES_MAX:] if one.is_project), None)
    if own is not None and not any(one.is_project for one in kept):
        kept.append(own)
    return tuple(reversed(kept))


def _each_frame(lines: list[str], places: Places) -> Iterator[Frame]:
    for line in lines:
        if line.startswith("at "):
            frame = _jvm(line) or _script(line, places) or _dotnet(line, places)
        else:
            frame = _ruby(line, places)
        if frame is not None:
            yield frame


def _jvm(line: str) -> Frame | None:
    found = _JVM.match(line)
    if found is None:
        return None
    package, _, name = found["class"].rpartition(".")
    file = f"{package.replace('.', '/')}/{found['file']}".lstrip("/")
    is_project = not found["class"].startswith(JVM_LIBRARIES)
    outer = name.partition("$")[0]
    is_test = is_project and outer.endswith(_TEST_NAMES)
    return Frame(file, int(found["line"] or 0), found["function"], is_project, is_test)


def _script(line: str, places: Places) -> Frame | None:
    found = _SCRIPT.match(line)
    if found is None:
        return None
    file = found["file"]
    if any(one in file for one in _SCRIPT_LIBRARIES):
        return Frame(places.place(file).file, int(found["line"]), found["function"] or "")
    known = _placed(file, places)
    parts = known.file.split("/")
    is_test = any(f".{one}." in parts[-1] for one in ("test", "spec")) or "__tests__" in parts
    function = (found["function"] or "<anonymous>").removeprefix("Object.").removeprefix("new ")
    return Frame(known.file, int(found["line"]), function, True, is_test or known.is_test)


def _dotnet(line: str, places: Places) -> Frame | None:
    found = _DOTNET.match(line)
    if found is None or "." not in found["function"]:
        return None
    full = found["function"]
    is_project = bool(found["file"]) and not full.startswith(DOTNET_LIBRARIES)
    file = _placed(found["file"], places).file if found["file"] else ""
    owner = full.rpartition(".")[0].rpartition(".")[2]
    is_test = is_project and owner.endswith(_TEST_NAMES)
    return Frame(file, int(found["line"] or 0), full.rpartition(".")[2], is_project, is_test)


def _ruby(line: str, places: Places) -> Frame | None:
    found = _RUBY.match(line)
    if found is None:
        return None
    known = _placed(found["file"], places)
    is_project = "/gems/" not in found["file"] and "/vendor/" not in found["file"]
    name = known.file.rpartition("/")[2]
    is_test = name.endswith(("_spec.rb", "_test.rb", "Test.php")) or known.is_test
    return Frame(known.file, int(found["line"]), found["function"] or "", is_project, is_test)


def _placed(file: str, places: Places) -> Place:
    """Return the place of a file that is no library; of an unknown folder its name alone is kept.

    The folders of a machine that nobody knows differ from run to run.
    """
    known = places.place(file)
    if known.is_project:
        return known
    return Place(known.file.rpartition("/")[2], True, known.is_test)


def _rust(lines: list[str], places: Places) -> Raised | None:
    for at, line in enumerate(lines):
        found = _RUST.match(line)
        if found:
            rest = lines[at + 1 : at + 12]
            end = next((n for n, one in enumerate(rest) if one.startswith("note: ")), len(rest))
            file = places.place(found["file"]).file
            frame = Frame(file, int(found["line"]), "", True, file.startswith("tests/"))
            return Raised("panic", "\n".join(rest[:end]).strip(), (frame,))
    return None
