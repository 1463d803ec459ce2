"""What can be read off an observation before the catalog is asked; `match` and `classify` use it.

Nothing here is an opinion about the kind of failure: where an exception left the code, whose
module is missing, which signal ended the process, whether an exception was only simulated.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection

from pytest_failtrack.classify.origin import remark_on
from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.observation import Frame, Observation, Raised
from pytest_failtrack.observe.source import STANDARD_LIBRARY

SIGNALS_BY_NUMBER = {
    1: "SIGHUP",
    2: "SIGINT",
    3: "SIGQUIT",
    4: "SIGILL",
    6: "SIGABRT",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV",
    13: "SIGPIPE",
    15: "SIGTERM",
    24: "SIGXCPU",
    25: "SIGXFSZ",
}
"""Numbers that are the same on Linux and macOS but for SIGBUS, which is 10 on macOS."""

WINDOWS_STATUSES = {
    0xC0000005: "SIGSEGV",
    0xC000001D: "SIGILL",
    0xC0000094: "SIGFPE",
    0xC00000FD: "SIGSEGV",
    0xC000013A: "SIGINT",
    0xC0000409: "SIGABRT",
}
"""Exit statuses of Windows, and the signal that the same end is called elsewhere."""

SIMULATORS = (
    "unittest/mock.py",
    "mock/mock.py",
    "mock/backports.py",
    "pytest_mock/plugin.py",
    "responses/__init__.py",
    "requests_mock/response.py",
    "requests_mock/adapter.py",
    "respx/models.py",
    "pytest_httpx/_httpx_mock.py",
    "aioresponses/core.py",
    "httpretty/core.py",
    "moto/core/responses.py",
)
"""Files that raise what a test told them to: the exception says nothing about the network."""

SYSTEM_TYPES = frozenset(
    {
        "OSError",
        "ConnectionError",
        "ConnectionRefusedError",
        "ConnectionResetError",
        "ConnectionAbortedError",
        "BrokenPipeError",
        "PermissionError",
        "TimeoutError",
        "BlockingIOError",
    }
)
"""Types whose message carries an error number when the operating system raised them."""

CLIENTS = frozenset(
    {
        *("aiohttp", "azure", "botocore", "docker", "elastic_transport", "elasticsearch", "google"),
        *("http", "httpcore", "httpx", "kafka", "paramiko", "pika", "pymongo", "redis"),
        *("requests", "smtplib", "socket", "ssl", "urllib", "urllib3"),
    }
)
"""Packages written in Python: their own errors come out of their own files, never out of ours."""

NAMESPACES = frozenset(
    {"google", "azure", "zope", "ruamel", "opentelemetry", "jaraco", "backports"}
)
"""Packages that many distributions share: a missing module of theirs is a missing distribution."""

_MISSING_MODULE = lazily(
    r"No module named '?([\w.]{1,200})"
    r"|cannot import name '[^']{1,200}' from (?:partially initialized module )?'([\w.]{1,200})'"
    r"(?: \(([^)]{1,300})\))?"
    r"|(?:partially initialized )?module '([\w.]{1,200})'"
    r"(?: from '([^']{1,300})')? has no attribute"
)
_RAISED_HINTS = (
    *("Error", "Exception", "Interrupt", "Exit", "Timeout", "Failure", "Expired", "Violation"),
)
_RAISED_LINE = lazily(
    r"^(?:E[ ]{1,8})?((?:(?:[A-Za-z_]\w{0,60}\.){1,8}\w{0,60}|[A-Z]\w{0,60})"
    rf"(?:{'|'.join(_RAISED_HINTS)}))"
    r"(?::[ ](.{0,600}))?$",
    re.MULTILINE,
)
TRACEBACK = "Traceback (most recent call last)"
_PRINTED_FRAME = lazily(
    r'^[ |+]{0,40}File "([^"\n]{1,300})", line (\d{1,7})(?:, in (\S{1,120}))?', re.MULTILINE
)
_FOREIGN = ("/site-packages/", "/dist-packages/", "/lib/python3", "/python3.zip/")
_STDLIB_FILE = lazily(STANDARD_LIBRARY)
_TEST_FILE = lazily(r"(?:^|/)(?:test_[^/]{1,120}|[^/]{1,120}_test|conftest)\.py$")
NEAR_LINES = 6
"""So many lines around an error line belong to it, whatever they look like."""
FRAMES_MAX = 50
"""Of a printed traceback at most this many frames are read, the innermost."""


@frozen
class Subject:
    """One exception, as the catalog is asked about it.

    Args:
        raised: The exception.
        position: Its place in the chain, 0 for the one raised last.
        said: Its message; of an assertion that only compares also its source and its test, and
            what `origin.py` remarks on it.
        lowered: The same in lower case.
        place: Where it left the code: `project`, `test`, `third_party`, `stdlib`, `none`.
        innermost: Path of the innermost frame, ``.
        is_simulated: It was raised by a mock or by hand in place of the system or a client.
        is_callback: It was raised by code of the test that the project had been given to call.
        remark: What `origin.py` remarks on it, ``.
    """

    raised: Raised
    position: int
    said: str
    lowered: str
    place: str
    innermost: str
    is_simulated: bool
    is_callback: bool = False
    remark: str = ""

    def passes_through(self, packages: tuple[str, ...]) -> bool:
        """Whether a frame of the exception lies in one of some packages or modules."""
        paths = [f"/{frame.file}/".replace("\\", "/") for frame in self.raised.frames]
        return any(f"/{package}/" in path for package in packages for path in paths)


def subject_of(raised: Raised, position: int, observation: Observation | None = None) -> Subject:
    """Return what the catalog wants to know about an exception, of an observation if it has one."""
    frames = raised.frames
    said = raised.message
    is_bare = raised.type == "AssertionError" and said.startswith("assert ")
    if observation is not None and position == 0 and is_bare:
        said = f"{said}\n{_asserted(observation.text)}\n@ {observation.nodeid}"
    remark = remark_on(raised, position, observation) if observation is not None else ""
    if remark:
        said = f"{said}\n{remark}"
    innermost = frames[-1].file.replace("\\", "/") if frames else ""
    return Subject(
        raised,
        position,
        said,
        said.lower(),
        place_of_frames(frames),
        innermost,
        _is_simulated(raised, innermost),
        _is_callback(frames),
        remark,
    )


def _asserted(text: str) -> str:
    """Return the line of source that pytest shows above an assertion, `` when it shows none."""
    end = text.find("\nE  ")
    line = text[text.rfind("\n", 0, end) + 1 : end] if end > 0 else ""
    line = line.removeprefix(">").strip()
    return line if line.startswith("assert ") else ""


def place_of_frames(frames: tuple[Frame, ...]) -> str:
    """Return where an exception left the code.

    The deepest frame of the project decides, however much library code lies below it; without one
    the innermost frame does.
    """
    for frame in reversed(frames):
        if frame.is_test:
            return "test"
        if frame.is_project:
            return "project"
    if not frames:
        return "none"
    path = frames[-1].file.replace("\\", "/")
    if "site-packages/" in path or "dist-packages/" in path:
        return "third_party"
    if path.startswith(("<frozen", "python/")) or "/lib/python3" in f"/{path}".lower():
        return "stdlib"
    return "stdlib" if _top_of_path(path) in sys.stdlib_module_names else "third_party"


def _is_callback(frames: tuple[Frame, ...]) -> bool:
    """Whether a test called the project, and the project called the test's code that raised."""
    own = [frame.is_test for frame in frames if frame.is_test or frame.is_project]
    return len(own) > 2 and own[-1] and False in own and True in own[: own.index(False)]


def is_own_judgement(subject: Subject, observation: Observation, packages: Collection[str]) -> bool:
    """Whether the project raised a type of its own by hand.

    Then the type's name says what the project thinks of what it was given, and nothing about
    libraries whose types are called the same.
    """
    raised = subject.raised
    package, _, rest = raised.type.partition(".")
    if not rest or not raised.frames:
        return False
    innermost = raised.frames[-1]
    if not innermost.is_project or innermost.is_test:
        return False
    return package in packages or package in _packages_seen(raised, observation)


def _top_of_path(path: str) -> str:
    return path.lstrip("./").partition("/")[0].removesuffix(".py")


def _is_simulated(raised: Raised, innermost: str) -> bool:
    if not innermost:
        return False
    if innermost.endswith(SIMULATORS):
        return True
    # Frames of unittest.mock are not kept, so what a mock raises shows at the line that called it.
    frame = raised.frames[-1]
    if not (frame.is_test or frame.is_project):
        return False
    if raised.type in SYSTEM_TYPES:
        return "[Errno" not in raised.message and "[WinError" not in raised.message
    package = raised.type.partition(".")[0]
    if package in ("socket", "ssl") and raised.message.startswith("["):
        return False  # the system raised it where the socket was used
    return package in CLIENTS


def owner_of_missing_module(
    raised: Raised, observation: Observation, project_packages: Collection[str]
) -> str:
    """Return whose module an import misses: `project`, `third_party`, `stdlib`, `` for none."""
    found = _MISSING_MODULE.search(raised.message)
    if found is None:
        return ""
    name = found[1] or found[2] or found[4]
    path = found[3] or found[5] or ""
    package, _, rest = name.partition(".")
    if package in project_packages:
        return "project"
    if "site-packages" in path or "dist-packages" in path:
        return "third_party"
    if package in sys.stdlib_module_names:
        return "stdlib"
    if package in _packages_seen(raised, observation):
        return "project"
    if path and path != "unknown location":
        return "project"
    if rest and package not in NAMESPACES and not (found[4] and project_packages):
        # Python names the first part that is missing: of `a.b` it found `a`. A module that lacks
        # an attribute was found as a whole: where ours are known, it is none of them.
        return "project"
    return "third_party"


def _packages_seen(raised: Raised, observation: Observation) -> set[str]:
    """Return top-level packages which the project's own frames lie in."""
    paths = [frame.file for frame in raised.frames if frame.is_project]
    paths.append(observation.file)
    packages = set()
    for path in paths:
        parts = path.replace("\\", "/").removesuffix(".py").split("/")
        packages.add(parts[0])
        if parts[0] in ("src", "lib", "python") and len(parts) > 1:
            packages.add(parts[1])
    return packages - {""}


def signal_of(observation: Observation) -> str:
    """Return the name of the signal that ended the process, `` when none did."""
    if observation.signal:
        return observation.signal
    status = observation.exit_status
    if status is None:
        return ""
    if status in WINDOWS_STATUSES or status + 2**32 in WINDOWS_STATUSES:
        return WINDOWS_STATUSES.get(status) or WINDOWS_STATUSES[status + 2**32]
    if status < 0:
        return SIGNALS_BY_NUMBER.get(-status, "")
    return SIGNALS_BY_NUMBER.get(status - 128, "")


def printed_text(observation: Observation) -> str:
    """Return what speaks for an observation that carries no exception."""
    if observation.source not in ("command", "log"):
        return observation.text
    line = error_line_of(observation)
    printed = (_that_tell(text, line) for text in observation.captured.values())
    return "\n".join([observation.text, *printed])


def _that_tell(output: str, line: str) -> str:
    """Return the lines of an output that may say why it failed.

    Far from its error line, and without one far from its end, what warns or only tells what is
    being done says nothing of the failure, whatever words it holds.
    """
    from pytest_failtrack.observe.logs.error_lines import is_harmless, rank_of

    lines = output.split("\n")
    found = next((at for at, one in enumerate(lines) if line and line in one), len(lines))
    kept = []
    for at, one in enumerate(lines):
        if at < found - NEAR_LINES:
            is_kept = rank_of(one.strip()) > 1
        else:
            is_kept = at <= found + NEAR_LINES or not is_harmless(one.strip())
        if is_kept:
            kept.append(one)
    return "\n".join(kept)


def error_line_of(observation: Observation) -> str:
    """Return the error line that a reader of output found in it, `` where there is none."""
    if observation.source not in ("command", "log"):
        return ""
    return observation.text.strip().partition("\n")[0]


def with_printed_frames(raised: Raised, text: str) -> Raised:
    """Return a printed exception with the frames of the traceback that it ends, if there is one."""
    end = text.rfind(f"\n{raised.type}")
    start = text.rfind(TRACEBACK, 0, max(end, 0))
    if start < 0:
        return raised
    found = _PRINTED_FRAME.findall(text, start, end)[-FRAMES_MAX:]
    frames = tuple(_printed_frame(file, int(line), name) for file, line, name in found)
    return Raised(raised.type, raised.message, frames, raised.link)


def _printed_frame(file: str, line: int, name: str) -> Frame:
    path = file.replace("\\", "/")
    is_foreign = path.startswith("<frozen") or any(one in f"/{path}".lower() for one in _FOREIGN)
    is_foreign = is_foreign or _STDLIB_FILE.search(path) is not None
    is_test = not is_foreign and _TEST_FILE.search(path) is not None
    return Frame(path, line, name, is_project=not is_foreign, is_test=is_test)


def raised_in_text(text: str) -> tuple[Raised, ...]:
    """Return the exception that a printed traceback ends with, at most one."""
    if not any(hint in text for hint in _RAISED_HINTS):
        return ()
    found = _RAISED_LINE.findall(text)
    return (Raised(*found[-1]),) if found else ()
