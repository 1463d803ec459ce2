"""pytest's own exit code, outcomes and output stay as they are, whatever stands beside us.

Each case runs the same mixed suite twice, without and with `--failtrack`. What pytest and the
plugins beside us print and write must be equal; only our section is more.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inner import HANGS_AFTER_SECONDS

PYTEST_INI = "[pytest]\nmarkers =\n    slow: takes its time\n"
CONFTEST = '''
import atexit, os, threading
from pathlib import Path


@atexit.register
def count():
    """Leave behind how many files and threads are open when everything is over."""
    folder = Path("/proc/self/fd")
    files = len(list(folder.iterdir())) if folder.exists() else 0
    Path(f"left-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}.txt").write_text(
        f"{files} files, {[one.name for one in threading.enumerate()]}"
    )
'''
MIXED = """
import logging, sys, warnings
import pytest

def test_pass():
    print("hello")

def test_fail():
    print("said")
    logging.getLogger().warning("logged")
    if [1, 2, 3] != [1, 2, 4]:
        raise AssertionError("lists differ")

def test_compare():
    assert {"a": 1} == {"a": 2}

@pytest.fixture
def broken():
    raise KeyError("x")

def test_error(broken):
    pass

@pytest.fixture
def untidy():
    yield
    raise OSError("teardown")

def test_untidy(untidy):
    raise ValueError("both")

@pytest.mark.skip(reason="later")
def test_skip():
    pass

@pytest.mark.skip
def test_skip_without_reason():
    pass

@pytest.mark.xfail(reason="known")
def test_xfail():
    raise ValueError("known")

@pytest.mark.xfail
def test_xpass():
    pass

@pytest.mark.xfail(strict=True)
def test_strict():
    pass

def test_warns():
    warnings.warn("careful")

@pytest.mark.parametrize("x", [1, 2, 3])
def test_param(x):
    if x == 2:
        raise ValueError("it is two")

@pytest.mark.parametrize("x", [])
def test_empty(x):
    pass

class TestClass:
    def test_method(self):
        raise ValueError("\\u00e9 \\u2713 boom")
"""
FILES = {
    "pytest.ini": PYTEST_INI,
    "conftest.py": CONFTEST,
    "test_mixed.py": MIXED,
    "test_broken.py": "import nosuchmodule\n",
    "test_green.py": "def test_a(): pass\ndef test_b(tmp_path): pass\n",
    "shop.py": "def price(x):\n    if x:\n        return 1\n    return 2\n",
    "test_shop.py": "from shop import price\n\ndef test_price():\n    assert price(1) == 1\n",
}
ALWAYS = ("-p", "pytest_failtrack.plugin", "--continue-on-collection-errors")
NO_CACHE = ("-p", "no:cacheprovider")
TITLE = re.compile(r"(?:\x1b\[[\d;]*m)*=+ failtrack =+(?:\x1b\[0m)?\Z|failtrack: ")

# What differs between any two runs of pytest: durations, and the filling around them.
VARYING = (
    (re.compile(r"in \d+\.\d+s(?: \(\d+:\d\d:\d\d\))?"), "in Ns"),
    (re.compile(r"\d+\.\d\ds (call|setup|teardown)( +)"), r"Ns \1\2"),
    (re.compile(r"0x[0-9a-f]{8,}"), "0xN"),
    (re.compile(r"=+ ((?:\x1b\[[\d;]*m)*\d[^=\n]* in Ns(?:\x1b\[[\d;]*m)*) =+"), r"= \1 ="),
    (re.compile(r"\[gw\d\]"), "[gwN]"),
)


@dataclass
class Ran:
    """What one run of pytest printed and left behind.

    Args:
        exit_status: Of the process.
        stdout: Lines, without what varies.
        stderr: Lines.
        folder: Where it ran.
    """

    exit_status: int
    stdout: list[str]
    stderr: list[str]
    folder: Path

    def read(self, name: str) -> str:
        """Return a file that it left behind, without what varies."""
        return steady((self.folder / name).read_text(encoding="utf-8"), self.folder)


@dataclass
class Pair:
    """The same run without and with us.

    Args:
        bare: Without.
        tracked: With `--failtrack`.
        section: The lines that only the tracked one printed.
    """

    bare: Ran
    tracked: Ran
    section: list[str]


class Suite:
    """The mixed suite, in one folder for each of the two runs.

    Args:
        folder: Where both lie; they have the same name, so that paths look the same.
    """

    def __init__(self, folder: Path) -> None:
        self.folders = {name: folder / name / "suite" for name in ("bare", "tracked")}
        for root in self.folders.values():
            root.mkdir(parents=True)
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        """Write a file into both folders."""
        for root in self.folders.values():
            (root / name).write_text(text, encoding="utf-8")

    def run(
        self,
        *args: str,
        env: dict[str, str] | None = None,
        python: tuple[str, ...] = (),
        plugins: tuple[str, ...] = (),
        always: tuple[str, ...] = (*ALWAYS, *NO_CACHE),
    ) -> Pair:
        """Run pytest in both folders.

        Args:
            args: Arguments of pytest.
            env: Further environment variables.
            python: Options of the interpreter.
            plugins: Modules of plugins to load; nothing else is installed for these runs.
            always: Arguments that come first.
        """
        named = [word for name in plugins for word in ("-p", name)]
        arguments = [*always, *named, *args]
        started = {
            "bare": self._start("bare", arguments, env or {}, python),
            "tracked": self._start("tracked", ["--failtrack", *arguments], env or {}, python),
        }
        bare, tracked = (self._end(name, process) for name, process in started.items())
        return Pair(bare, tracked, ours(bare.stdout, tracked.stdout))

    def _start(
        self, name: str, arguments: list[str], env: dict[str, str], python: tuple[str, ...]
    ) -> subprocess.Popen[bytes]:
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("PYTEST_", "FAILTRACK", "GITHUB_", "CI", "GITLAB_", "COV_"))
        }
        environ = {
            **kept,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_DEBUG_TEMPROOT": str(self.folders[name].parent),
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "80",
            **env,
        }
        return subprocess.Popen(
            [sys.executable, *python, "-m", "pytest", *arguments],
            cwd=self.folders[name],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def _end(self, name: str, process: subprocess.Popen[bytes]) -> Ran:
        folder = self.folders[name]
        stdout, stderr = (
            steady(output.decode("utf-8", "replace"), folder).splitlines()
            for output in process.communicate(timeout=HANGS_AFTER_SECONDS)
        )
        return Ran(process.returncode, stdout, stderr, folder)


def steady(text: str, folder: Path) -> str:
    """Return a text without what differs between any two runs of pytest."""
    text = text.replace(str(folder), "/suite").replace(str(folder.parent), "/")
    for pattern, replacement in VARYING:
        text = pattern.sub(replacement, text)
    return text


def ours(bare: list[str], tracked: list[str]) -> list[str]:
    """Return the lines that the tracked run printed in one piece beside the bare run's.

    Fails when anything else differs, or when that piece does not begin as ours do.
    """
    more = len(tracked) - len(bare)
    start = next((at for at, pair in enumerate(zip(bare, tracked)) if pair[0] != pair[1]), -1)  # noqa: B905
    if start < 0:
        start = min(len(bare), len(tracked))
    assert tracked[:start] + tracked[start + max(more, 0) :] == bare
    section = tracked[start : start + more]
    assert not section or TITLE.match(section[0])
    return section


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """The mixed suite."""
    return Suite(tmp_path)


def needs(module: str) -> None:
    """Skip where a plugin is not installed."""
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed here")


OPTIONS = {
    "default": (),
    "quiet": ("-q",),
    "quieter": ("-qq",),
    "verbose": ("-v",),
    "no capture": ("-s",),
    "no tracebacks": ("--tb=no",),
    "short tracebacks": ("--tb=short",),
    "no logging": ("-p", "no:logging"),
    "warnings are errors": ("-W", "error"),
    "setup show": ("--setup-show",),
    "durations": ("--durations=3", "--durations-min=60"),
    "all reasons": ("-rA",),
    "first failure": ("-x",),
    "nothing selected": ("-k", "nothing_like_it"),
    "green": ("test_green.py",),
    "colours": ("--color=yes",),
}
ENVIRONMENTS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "warnings are errors": ({"PYTHONWARNINGS": "error"}, ()),
    "development mode": ({}, ("-X", "dev")),
    "optimized": ({}, ("-OO",)),
    "C locale": ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, ()),
    "ASCII output": ({"PYTHONIOENCODING": "ascii"}, ()),
    "NO_COLOR": ({"NO_COLOR": "1"}, ()),
    "FORCE_COLOR": ({"FORCE_COLOR": "1"}, ()),
    "dumb terminal": ({"TERM": "dumb"}, ()),
    "40 columns": ({"COLUMNS": "40"}, ()),
    "GitLab": ({"GITLAB_CI": "true", "CI_PIPELINE_ID": "3", "CI_JOB_NAME": "test 1/2"}, ()),
}


class TestOutput:
    """Issue: exit codes, outcomes and output of pytest itself stay as they are."""

    @pytest.mark.parametrize("arguments", OPTIONS.values(), ids=OPTIONS.keys())
    def test_an_option_of_pytest(self, suite: Suite, arguments: tuple[str, ...]) -> None:
        pair = suite.run(*arguments)

        assert pair.tracked.exit_status == pair.bare.exit_status
        assert pair.tracked.stderr == pair.bare.stderr == []
        assert pair.section
        assert not [line for line in pair.section if "failtrack itself" in line]

    @pytest.mark.parametrize(("env", "python"), ENVIRONMENTS.values(), ids=ENVIRONMENTS.keys())
    def test_an_environment(
        self, suite: Suite, env: dict[str, str], python: tuple[str, ...]
    ) -> None:
        """No warning and no ResourceWarning of ours; no file and no thread is left open."""
        pair = suite.run(env=env, python=python)

        assert pair.tracked.exit_status == pair.bare.exit_status == 1
        assert pair.tracked.stderr == pair.bare.stderr == []
        assert pair.tracked.read("left-main.txt") == pair.bare.read("left-main.txt")
        section = "\n".join(pair.section)
        assert "failtrack itself" not in section
        assert ("\x1b[" in section) == ("FORCE_COLOR" in env)
        if env.keys() & {"PYTHONIOENCODING", "LC_ALL"}:
            assert section.isascii()
        if "COLUMNS" in env:
            assert max(map(len, pair.section)) <= int(env["COLUMNS"])

    def test_an_interrupted_collection(self, suite: Suite) -> None:
        """The line of pytest that says why comes after our section, as it came last before."""
        pair = suite.run(always=("-p", "pytest_failtrack.plugin", *NO_CACHE))

        assert pair.tracked.exit_status == pair.bare.exit_status == 2
        assert pair.section

    @pytest.mark.parametrize(
        "arguments",
        [
            ("--collect-only",),
            ("--collect-only", "-q"),
            ("--setup-plan",),
            ("--fixtures",),
            ("--markers",),
            ("--version",),
            ("--help",),
        ],
        ids=" ".join,
    )
    def test_an_option_that_runs_no_test(self, suite: Suite, arguments: tuple[str, ...]) -> None:
        """An editor asks for the tests at every keystroke: nothing is recorded, nothing is said."""
        pair = suite.run(*arguments)

        assert pair.tracked.exit_status == pair.bare.exit_status
        assert pair.tracked.stderr == pair.bare.stderr
        assert pair.section == []
        assert not (pair.tracked.folder / "governance").exists()

    def test_without_a_terminal_plugin(self, suite: Suite) -> None:
        """Nothing is printed, all is recorded."""
        pair = suite.run("-p", "no:terminal")

        assert pair.tracked.exit_status == pair.bare.exit_status == 1
        assert pair.tracked.stdout == pair.bare.stdout == []
        assert pair.tracked.stderr == pair.bare.stderr == []
        assert list(pair.tracked.folder.glob("governance/events/failures/*.json"))

    def test_github_actions(self, suite: Suite) -> None:
        """Annotations stand each at the start of a line; the job summary is written beside."""
        env = {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "5", "GITHUB_STEP_SUMMARY": "job.md"}

        pair = suite.run("-q", env=env)

        assert pair.tracked.exit_status == pair.bare.exit_status == 1
        annotations = [line for line in pair.section if "::error" in line]
        assert annotations
        assert all(line.startswith("::error ") for line in annotations)
        assert "failtrack" in pair.tracked.read("job.md")
        assert not (pair.bare.folder / "job.md").exists()


def _without_times(xml: str) -> str:
    return re.sub(r' (?:time|timestamp|hostname)="[^"]*"', "", xml)


def _events(lines: str) -> list[Any]:
    """Return the events of a report log without what varies."""
    varying = {"duration", "start", "stop"}
    return [
        {key: value for key, value in json.loads(line).items() if key not in varying}
        for line in lines.splitlines()
    ]


def _covered(report: str) -> Any:
    files = json.loads(report)["files"]
    return {name: one["executed_lines"] for name, one in files.items()}


def _json_report(report: str) -> Any:
    found = json.loads(report)
    tests = [(one["nodeid"], one["outcome"], sorted(one)) for one in found["tests"]]
    return found["summary"], tests, sorted(found)


def _html(report: str) -> Any:
    found = re.search(r'data-jsonblob="([^"]*)"', report)
    assert found
    return re.sub(r"\d+ ms|\d\d:\d\d:\d\d", "", found[1])


Reader = Callable[[str], Any]
# plugin: modules, arguments, the file that it writes, how two of them are compared
NEIGHBOURS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str, Reader]] = {
    "junitxml": ((), ("--junitxml=out.xml",), "out.xml", _without_times),
    "reportlog": (("pytest_reportlog.plugin",), ("--report-log=log",), "log", _events),
    "json-report": (
        ("pytest_metadata.plugin", "pytest_jsonreport.plugin"),
        ("--json-report", "--json-report-file=out.json"),
        "out.json",
        _json_report,
    ),
    "html": (
        ("pytest_metadata.plugin", "pytest_html.plugin"),
        ("--html=out.html", "--self-contained-html"),
        "out.html",
        _html,
    ),
    "cov": (
        ("pytest_cov.plugin",),
        ("--cov=shop", "--cov-branch", "--cov-report=json:cov.json"),
        "cov.json",
        _covered,
    ),
}


class TestNeighbours:
    """Issue: junitxml, pytest-cov, pytest-html, pytest-randomly, pytest-xdist beside us."""

    @pytest.mark.parametrize("name", NEIGHBOURS)
    def test_what_another_plugin_writes_is_the_same(self, suite: Suite, name: str) -> None:
        """Nothing of ours (`_failtrack`) rides into the output of others."""
        modules, arguments, file, read = NEIGHBOURS[name]
        for module in modules:
            needs(module.partition(".")[0])

        pair = suite.run(*arguments, plugins=modules)

        assert pair.tracked.exit_status == pair.bare.exit_status == 1
        assert "failtrack" not in pair.tracked.read(file)
        assert read(pair.tracked.read(file)) == read(pair.bare.read(file))
        assert pair.section

    def test_coverage_under_xdist(self, suite: Suite) -> None:
        needs("xdist")
        needs("pytest_cov")

        pair = suite.run(
            "-n2",
            "--dist=loadfile",
            "--cov=shop",
            "--cov-report=json:cov.json",
            "-p",
            "no:terminal",  # what two workers print has no order
            plugins=("xdist.plugin", "pytest_cov.plugin"),
        )

        assert pair.tracked.exit_status == pair.bare.exit_status == 1
        assert _covered(pair.tracked.read("cov.json")) == _covered(pair.bare.read("cov.json"))

    def test_random_order_is_the_same_for_the_same_seed(self, suite: Suite) -> None:
        needs("pytest_randomly")

        pair = suite.run("-v", "--tb=no", "--randomly-seed=4711", plugins=("pytest_randomly",))

        assert pair.tracked.exit_status == pair.bare.exit_status == 1

    def test_xdist(self, suite: Suite) -> None:
        """Worker processes leave nothing open either."""
        needs("xdist")

        pair = suite.run("-n1", "-v", plugins=("xdist.plugin",))

        assert pair.tracked.exit_status == pair.bare.exit_status == 1
        assert pair.tracked.stderr == pair.bare.stderr == []
        for name in ("left-main.txt", "left-gw0.txt"):
            assert pair.tracked.read(name) == pair.bare.read(name)

    @pytest.mark.parametrize("option", ["--lf", "--ff", "--sw"])
    def test_the_cache_of_pytest(self, suite: Suite, option: str) -> None:
        suite.run("-q", "test_mixed.py", "test_green.py", always=ALWAYS)

        pair = suite.run("-v", option, "test_mixed.py", "test_green.py", always=ALWAYS)

        assert pair.tracked.exit_status == pair.bare.exit_status
        cache = ".pytest_cache/v/cache/lastfailed"
        assert pair.tracked.read(cache) == pair.bare.read(cache)
