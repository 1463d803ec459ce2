"""`examples/hexagonal-shop` has one violation of each rule, where its comments say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from failtrack_guard.rules import IDS
from inner import HANGS_AFTER_SECONDS

SHOP = Path(__file__).resolve().parents[2] / "examples/hexagonal-shop"


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS_AFTER_SECONDS,
    )


def checked(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """Return the findings of `failtrack-guard check`."""
    command = (sys.executable, "-m", "failtrack_guard", "check", "--output", "json", *arguments)
    found: list[dict[str, Any]] = json.loads(run(folder, *command).stdout)["findings"]
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    copy = tmp_path / "shop"
    shutil.copytree(SHOP, copy, ignore=shutil.ignore_patterns(".failtrack", "__pycache__"))
    return copy


def test_each_rule_finds_its_violation(shop: Path) -> None:
    findings = checked(shop)
    assert sorted({one["rule"] for one in findings} | {"FT-S1"}) == sorted(IDS)
    for one in findings:
        text = (shop / one["path"]).read_text(encoding="utf-8")
        if one["rule"] not in ("FT-R1", "FT-G1"):
            assert one["rule"] in text.splitlines()[one["line"] - 1], one
        else:
            assert one["rule"] in text, one


def test_every_comment_names_what_is_found(shop: Path) -> None:
    named = {
        (path.relative_to(shop).as_posix(), rule)
        for path in shop.rglob("*.py")
        for rule in re.findall(r"\b((?:PV|VAL|FT)-\w+):", path.read_text(encoding="utf-8"))
    }
    assert named == {(one["path"], one["rule"]) for one in checked(shop)}


def test_the_signature_pair_that_changes_alone_is_found(shop: Path) -> None:
    git = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "start")):
        assert run(shop, *git, *command).returncode == 0
    jobs = shop / ".github/signature-fixtures/basic_jobs.json"
    jobs.write_text(jobs.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert run(shop, *git, "commit", "-qam", "jobs").returncode == 0
    findings = checked(shop, "--commit-range", "HEAD~1..HEAD", "--select", "FT-S1")
    assert [one["rule"] for one in findings] == ["FT-S1"]


def test_its_preset_and_hooks_are_those_of_the_documentation(shop: Path) -> None:
    assert 'preset = "hexagonal"' in (shop / "pyproject.toml").read_text(encoding="utf-8")
    assert "id: failtrack-guard" in (shop / ".pre-commit-config.yaml").read_text(encoding="utf-8")


def test_the_safe_fix_leaves_a_shop_that_still_runs(shop: Path) -> None:
    pytest.importorskip("libcst", reason="needs the extra guard")
    done = run(shop, sys.executable, "-m", "failtrack_guard", "fix")
    assert "1 finding put right in 1 file" in done.stdout
    assert [one for one in checked(shop) if one["rule"] == "PV-001"] == []
    code = "from shop.domain.orders import Order; print(Order(1, 2).pay().type.value)"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=shop / "src", capture_output=True, text=True, check=False
    )
    assert ran.stdout == "order.paid\n", ran.stderr
