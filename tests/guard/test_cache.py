"""The cache never changes what is found: not when files, configuration or neighbours change."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from guard_project import HALT, SERVICE, GuardProject

from failtrack_guard.arguments import parse
from failtrack_guard.judging import judge, report_on
from failtrack_guard.surgery import promises, surgeon


def found(project: GuardProject, *arguments: str) -> list[str]:
    done = project.run("check", *arguments)
    assert done.returncode in (0, 1), done.stderr
    return [line for line in done.stdout.splitlines() if ": PV-" in line]


def test_a_second_run_finds_the_same(tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    project.write("shop/orders.py", SERVICE)
    first = found(project)
    assert len(first) == 1
    assert found(project) == first
    assert found(project, "--no-cache") == first
    assert (tmp_path / ".failtrack" / ".gitignore").read_text().endswith("*\n")


def test_a_change_of_the_same_size_and_time_is_seen(tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    file = project.write("orders.py", SERVICE)
    status = file.stat()
    assert found(project)
    file.write_text(SERVICE.replace("Service", "Servant"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert found(project) == []


def test_an_old_file_is_believed_by_its_time_and_size(tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    file = project.write("orders.py", SERVICE)
    os.utime(file, (1_000_000_000, 1_000_000_000))
    assert found(project)
    file.chmod(0o200)  # were it read, it would be told
    if os.name == "posix" and os.geteuid() != 0:
        assert found(project)


def test_a_change_in_a_base_class_is_seen(tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    project.write("shop/halt.py", "class HaltGuard: ...\n")
    project.write("shop/base.py", "from shop.halt import HaltGuard\nclass Base(HaltGuard): ...\n")
    project.write("shop/orders.py", "from shop.base import Base\nclass OrderService(Base): ...\n")
    assert found(project, "shop/orders.py") == []
    project.write("shop/base.py", "class Base: ...\n")
    assert len(found(project, "shop/orders.py")) == 1
    project.write("shop/base.py", "from shop.halt import HaltGuard as Base\n")
    assert found(project, "shop/orders.py") == []


def test_a_change_of_the_configuration_is_seen(tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    project.write("orders.py", SERVICE + "class OrderWorker: ...\n")
    assert len(found(project)) == 1
    project.write("pyproject.toml", HALT + 'services = "Worker$"\n')
    assert [line.split(":")[1] for line in found(project)] == ["3"]
    project.write("pyproject.toml", HALT)
    assert [line.split(":")[1] for line in found(project)] == ["1"]
    assert found(project, "--ignore", "PV-003") == []


def test_a_broken_cache_is_as_good_as_none(tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    project.write("orders.py", SERVICE)
    first = found(project)
    for file in (tmp_path / ".failtrack" / "guard").rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[:-3])
    assert found(project) == first


def test_a_project_that_cannot_be_written_is_judged(tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    project.write("orders.py", SERVICE)
    project.write(".failtrack", "a file where the folder would be")
    assert len(found(project)) == 1


def test_nothing_is_imported_for_a_file_that_holds_no_needle(tmp_path: Path) -> None:
    import subprocess
    import sys

    project = GuardProject(tmp_path)
    project.write("plain.py", "x = 1\n")
    code = (
        "import sys\nfrom failtrack_guard.main import main\nstatus = main(['check', 'plain.py'])\n"
        "heavy = {'libcst', 're', 'typing', 'tomllib', 'tomli', 'json', 'ast', '_ast',"
        " 'dataclasses', 'argparse', 'pathlib', 'subprocess', 'click', 'pydantic', 'pytest'}\n"
        "print(status, sorted(heavy & set(sys.modules)))\n"
    )
    folders = [str(Path(__file__).parents[2] / "hooks")]
    if sys.version_info < (3, 11):  # what reads TOML there is installed
        import tomli

        folders.append(str(Path(tomli.__file__).parents[1]))
    for _ in range(2):  # the first time, the settings are read
        done = subprocess.run(
            [sys.executable, "-S", "-c", code],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(folders)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stdout.splitlines()[-1] == "0 []", done.stderr


def test_a_result_is_recalled_only_when_no_file_changed(tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    project.write("shop/halt.py", "class HaltGuard: ...\n")
    base = project.write("lib/base.py", "class Base: ...\n")
    project.write("shop/orders.py", "from lib.base import Base\nclass OrderService(Base): ...\n")
    for number in range(60):
        project.write(f"shop/plain_{number}.py", "x = 1\n")

    def settled() -> list[str]:
        for path in tmp_path.rglob("*.py"):
            if path.stat().st_mtime > 1_500_000_000:
                os.utime(path, (1_400_000_000, 1_400_000_000 + path.stat().st_size))
        return found(project, "shop")

    first = settled()
    assert len(first) == 1
    (results,) = (tmp_path / ".failtrack" / "guard").glob("*/result")
    written = results.stat().st_mtime_ns
    assert settled() == first
    assert results.stat().st_mtime_ns == written, "the second run recalled the first"
    # lib is not judged, and what it says counts all the same.
    base.write_text("from shop.halt import HaltGuard\nclass Base(HaltGuard): ...\n")
    assert settled() == []
    base.unlink()
    assert len(settled()) == 1
    project.write("lib/base/__init__.py", "from shop.halt import HaltGuard as Base\n")
    assert settled() == []
    (tmp_path / "shop" / "plain_1.py").write_text("class CartService: ...\n")
    assert len(settled()) == 1


def test_fixes_that_would_be_refused_are_recalled_with_the_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = GuardProject(tmp_path)
    project.write("shop/halt.py", "class HaltGuard: ...\n")
    project.write("shop/orders.py", "import enum\nclass OrderService(enum.Enum):\n    A = 1\n")
    for number in range(60):
        project.write(f"shop/plain_{number}.py", "x = 1\n")
    for path in tmp_path.rglob("*.py"):
        os.utime(path, (1_400_000_000, 1_400_000_000))
    monkeypatch.chdir(tmp_path)

    def promised() -> list[bool]:
        judged = judge(parse(["check"]))
        return [one.fix is not None for one in report_on(judged).findings]

    asked: list[str] = []

    def unkept(content: bytes, path: str, *rest: Any, **named: Any) -> Any:
        asked.append(path)
        return surgeon.unkept(content, path, *rest, **named)

    monkeypatch.setattr(promises, "unkept", unkept)
    assert promised() == promised() == [False]
    assert asked == ["shop/orders.py"]
