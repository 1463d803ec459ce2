"""Rules that other distributions bring by entry points."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from guard_project import GuardProject

RULE = '''
import _ast
from failtrack_guard.rule import Option, Rule


class NoPrint(Rule):
    """A call of print. Use instead: logging. Limits: aliases."""

    id = "SHOP-1"
    name = "no-print"
    remedy = "use the logger"
    OPTIONS = {"allowed": Option("flag", False, "Whether it is allowed.")}

    def needles(self):
        return (b"print",)

    def look(self, module):
        for node, place in module.seen.all(_ast.Call):
            if "builtins.print" in module.names(node.func, place):
                yield self.at(module, node, place, "print is called")
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GuardProject:
    site = tmp_path / "site-packages"
    install(site, RULE)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]))
    project = GuardProject(tmp_path / "project", "")
    project.write("shop.py", "print('sold')\n")
    return project


def install(site: Path, text: str, entry_point: str = "SHOP-1 = shop_rules:NoPrint") -> None:
    info = site / "shop_rules-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shop-rules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[failtrack_guard.rules]\n{entry_point}\n")
    (site / "shop_rules.py").write_text(text)


def test_it_runs_is_listed_explained_and_suppressed(project: GuardProject) -> None:
    for _ in range(2):
        assert "shop.py:1:1: SHOP-1 print is called" in project.run("check").stdout
    assert "SHOP-1" in project.run("rules").stdout
    assert "no-print" in project.run("explain", "SHOP-1").stdout
    project.write("shop.py", "print('sold')  # failtrack: allow SHOP-1 (SHOP-7) a till has none\n")
    assert project.run("check").returncode == 0
    assert project.run("check", "--ignore", "SHOP-1").returncode == 0
    project.write("pyproject.toml", "[tool.failtrack.guard.SHOP-1]\nallowed = 3\n")
    assert "must be true or false" in project.run("check").stderr


def test_a_change_of_its_code_is_seen(project: GuardProject, tmp_path: Path) -> None:
    assert "print is called" in project.run("check").stdout
    install(tmp_path / "site-packages", RULE.replace("print is called", "a print"))
    later = time.time() + 5
    os.utime(tmp_path / "site-packages" / "shop_rules.py", (later, later))
    assert "a print" in project.run("check").stdout


@pytest.mark.parametrize(
    ("entry_point", "words"),
    [
        ("SHOP-1 = shop_rules:Missing", "cannot be loaded (AttributeError"),
        ("SHOP-1 = nowhere:NoPrint", "cannot be loaded (ModuleNotFoundError"),
        ("SHOP-2 = shop_rules:NoPrint", "has the id 'SHOP-1'"),
        ("PV-001 = shop_rules:NoPrint", "takes the id of a shipped rule"),
        ("SHOP-1 = shop_rules:Option", "is no subclass of failtrack_guard.rule.Rule"),
    ],
)
def test_one_that_cannot_be_used_is_told(
    project: GuardProject, tmp_path: Path, entry_point: str, words: str
) -> None:
    install(tmp_path / "site-packages", RULE, entry_point)
    done = project.run("check")
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
