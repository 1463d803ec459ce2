"""Whatever lies in a file: a clear line, exit status 2, and the other files are still judged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from guard_project import HALT, SERVICE, GuardProject

BROKEN = {
    "syntax": (b"class OrderService:\n    def run(:\n", "bad.py:2", "cannot be parsed by Python"),
    "nul": (b"x = 1\ny = '\0'\nclass OrderService: ...\n", "bad.py:2", "NUL byte"),
    "not-utf8": (b"# caf\xe9\nclass OrderService: ...\n", "bad.py:1", "is not utf-8"),
    "unknown-encoding": (b"# coding: klingon\nclass OrderService: ...\n", "bad.py:1", "klingon"),
    "deep": (b"class OrderService: ...\nx = " + b"(" * 5_000 + b")" * 5_000, "bad.py", "pars"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_told_and_the_others_are_judged(kind: str, tmp_path: Path) -> None:
    content, place, words = BROKEN[kind]
    project = GuardProject(tmp_path)
    project.write("bad.py", content)
    project.write("good.py", SERVICE)
    done = project.run("check")
    assert done.returncode == 2
    assert "good.py:1:7: PV-003" in done.stdout
    assert place in done.stdout + done.stderr
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


READ_ANYWAY = {
    "bom": b"\xef\xbb\xbf" + SERVICE.encode(),
    "crlf": SERVICE.replace("\n", "\r\n").encode(),
    "cr": SERVICE.replace("\n", "\r").encode(),
    "form-feed": b"\x0c\n" + SERVICE.encode(),
    "latin-1": b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + SERVICE.encode(),
    "no-final-newline": b"class OrderService: ...",
    "disguised-name": "class Orderｓervice: ...\nclass OrderＳervice: ...\n".encode(),
    "escapes-that-warn": b"x = '\\d'\n" + SERVICE.encode(),
}


@pytest.mark.parametrize("kind", READ_ANYWAY)
def test_an_odd_file_is_judged(kind: str, tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    project.write("odd.py", READ_ANYWAY[kind])
    done = project.run("check", "odd.py")
    assert done.returncode == 1, done.stderr
    assert "PV-003" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_comment_above_is_found_whatever_ends_the_lines(end: str, tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    code = (
        'x = """\n"""\nif x:\n    # what follows\n'
        "    # failtrack: allow PV-003 its coding: is old\n"
        "    @x\n    class OrderService:\n        pass\n"
    )
    project.write("within.py", code.replace("\n", end))
    first = "# failtrack: allow PV-003 its coding: is old\n" + SERVICE
    project.write("first.py", f"# about it\n\n{first}".replace("\n", end))
    done = project.run("check", "--suppressions")
    assert "no findings, 2 files checked, 2 suppressed" in done.stdout.replace("\n", ", ")
    assert "within.py:5: used: PV-003" in done.stdout


def test_columns_count_characters(tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    project.write("shop.py", "é = 'ü'; x = 1\nif x:\n    'ß'; (lambda: 1); class_ = 2\n" + SERVICE)
    assert "shop.py:4:7: PV-003" in project.run("check").stdout


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions and links")
def test_links_that_lead_nowhere_or_round_are_left_alone(tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    project.write("pkg/shop.py", SERVICE)
    (tmp_path / "pkg" / "loop").symlink_to(tmp_path / "pkg", target_is_directory=True)
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere.py")
    (tmp_path / "self.py").symlink_to(tmp_path / "self.py")
    done = project.run("check")
    assert done.returncode == 1, done.stderr
    assert "1 finding in 1 file" in done.stdout
    named = project.run("check", "gone.py")
    assert named.returncode == 2
    assert "gone.py" in named.stdout + named.stderr


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs a user whom permissions stop"
)
def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    project.write("shop.py", SERVICE).chmod(0)
    done = project.run("check")
    assert done.returncode == 2
    assert "shop.py: cannot be read" in done.stdout + done.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    os.mkfifo(tmp_path / "pipe.py")
    done = project.run("check", "pipe.py")
    assert done.returncode == 2
    assert "is not a regular file" in done.stdout + done.stderr


def test_a_missing_path_is_told(tmp_path: Path) -> None:
    done = GuardProject(tmp_path).run("check", "nowhere.py")
    assert done.returncode == 2
    assert "nowhere.py: no such file or folder" in done.stderr


def test_a_long_file_is_judged(tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    project.write("long.py", "x = [1, 2, 3]\n" * 100_000 + SERVICE)
    assert "long.py:100001:7: PV-003" in project.run("check").stdout


DEEP = {
    "links": "make" + ".one" * 1_400,
    "calls": "make" + ".one()" * 1_000,
    "terms": "make" + " + 'one'" * 1_400,
    "branches": "make" + " if make else make" * 1_400,
}


@pytest.mark.parametrize("kind", DEEP)
def test_a_deep_expression_is_judged(kind: str, tmp_path: Path) -> None:
    project = GuardProject(tmp_path, f'{HALT}[tool.failtrack.guard.PV-002]\ntype = "shop.Ref"\n')
    project.write("deep.py", f"emit = make\nemit({DEEP[kind]})\nbody_hash: str = 1\n{SERVICE}")
    done = project.run("check")
    assert "deep.py:3:1: PV-002" in done.stdout
    assert "deep.py:4:7: PV-003" in done.stdout
    assert done.stderr == ""


EVENTS = """
[tool.failtrack.guard.PV-001]
enum = "shop.events.EventType"
emitters = ["shop.events.emit"]
"""


@pytest.mark.parametrize("links", [1_400, 40_000])
def test_what_is_too_deep_even_so_is_told(links: int, tmp_path: Path) -> None:
    project = GuardProject(tmp_path, EVENTS)
    project.write("deep.py", f"from shop.events import emit\nemit('a' + make{'.one' * links})\n")
    project.write("plain.py", "from shop.events import emit\nemit('a')\n")
    for command in ("check", "fix"):
        done = project.run(command, "--no-cache")
        told = done.stdout + done.stderr
        assert "plain.py:2:6: PV-001" in done.stdout
        assert "deep.py:2:6: PV-001" in done.stdout or "deep.py: is nested too deeply" in told
        assert "Traceback" not in told
        assert done.returncode in (1, 2)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("[tool.failtrack.guard]\nselct = []\n", "selct is no key"),
        ("[tool.failtrack.guard]\nselect = ['PV-9']\n", "'PV-9' is no rule"),
        ("[tool.failtrack.guard]\nselect = ['PV-003']\n", "does not say its guard"),
        ("[tool.failtrack.guard.PV-003]\nguard = 'a b'\n", "it must be a dotted name"),
        ("[tool.failtrack.guard.PV-003]\nguard = 'a'\nservices = '('\n", "regular expression"),
        ("[tool.failtrack.guard.PV-003]\ngard = 'a'\n", "PV-003.gard is no option"),
        ("[tool.failtrack.guard]\npreset = 'onion'\n", "preset 'onion' is unknown"),
        ("[tool.failtrack.guard]\npreset = 'hexagonal'\n", 'package = "shop"'),
        ("[tool.failtrack\n", "is no TOML"),
        ("tool = 3\n", ""),
    ],
)
def test_a_bad_configuration_says_what_and_where(table: str, words: str, tmp_path: Path) -> None:
    project = GuardProject(tmp_path, table)
    done = project.run("check")
    assert "Traceback" not in done.stderr
    if words:
        assert done.returncode == 2
        assert words in done.stderr
        assert "pyproject.toml" in done.stderr
