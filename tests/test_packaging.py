"""What is built, what it is pinned by, and what must never be in a file of the project."""

from __future__ import annotations

import configparser
import email
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

import pytest_failtrack

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src/pytest_failtrack"
PACKAGES = (PACKAGE, ROOT / "hooks/failtrack_guard")
POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="the scripts are for bash")

# What a lock file or a careless command leaves behind.
REGISTRY_URLS = re.compile(
    r"files\.pythonhosted\.org/|registry\.npmjs\.org|https?://[^\s\"'<>]+/simple\b"
    r"|(?:^|\s)--(?:extra-)?index-url|^\s*(?:extra-)?index-url\s*=",
    re.MULTILINE,
)


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist, built from this checkout without a network."""
    pytest.importorskip("build", reason="needs the test group of pyproject.toml")
    pytest.importorskip("hatchling", reason="needs the test group of pyproject.toml")
    folder = tmp_path_factory.mktemp("dist")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(distributions: Path) -> Iterator[zipfile.ZipFile]:
    (path,) = distributions.glob("*.whl")
    with zipfile.ZipFile(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    return email.message_from_bytes(read(wheel, "METADATA"))


def read(wheel: zipfile.ZipFile, name: str) -> bytes:
    (path,) = (one for one in wheel.namelist() if one.endswith(f".dist-info/{name}"))
    return wheel.read(path)


def tracked_files() -> list[Path]:
    """Return every file that git would commit; needs a checkout."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: nothing says which files are the project's")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def said_by_ci(pattern: str) -> str:
    """Return what the first group of a pattern finds in `.ci/run`."""
    match = re.search(pattern, (ROOT / ".ci/run").read_text(encoding="utf-8"), re.MULTILINE)
    assert match is not None, pattern
    return match[1]


def requirement_names(requirements: list[Any]) -> set[str]:
    """Return the normalized names of requirement texts; groups inside groups are left out."""
    texts = [one for one in requirements if isinstance(one, str)]
    found = (re.match(r"[A-Za-z0-9._-]+", text) for text in texts)
    return {re.sub(r"[-_.]+", "-", one.group()).lower() for one in found if one}


class TestTheWheel:
    def test_holds_every_file_of_the_packages_and_no_other(self, wheel: zipfile.ZipFile) -> None:
        in_wheel = {name for name in wheel.namelist() if ".dist-info/" not in name}

        in_source = {
            path.relative_to(package.parent).as_posix()
            for package in PACKAGES
            for path in package.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert in_wheel == in_source

    @pytest.mark.parametrize(
        "pattern",
        ["py.typed", "**/*.toml", "**/*.sql", "**/*.json", "cli/templates/*.yml"],
    )
    def test_brings_what_is_not_python(self, wheel: zipfile.ZipFile, pattern: str) -> None:
        wanted = {path.relative_to(PACKAGE.parent).as_posix() for path in PACKAGE.glob(pattern)}

        assert wanted, f"nothing in the source fits {pattern}"
        assert wanted <= set(wheel.namelist())

    def test_brings_the_schema_of_the_guards_report(self, wheel: zipfile.ZipFile) -> None:
        assert "failtrack_guard/report/guard-report.schema.json" in wheel.namelist()

    def test_carries_the_licence(self, wheel: zipfile.ZipFile, metadata: Message) -> None:
        assert metadata["License-Expression"] == "MIT"
        assert metadata.get_all("License-File") == ["LICENSE"]
        assert b"Permission is hereby granted" in read(wheel, "licenses/LICENSE")

    def test_is_found_as_a_pytest_plugin_that_brings_types(self, metadata: Message) -> None:
        classifiers = metadata.get_all("Classifier", [])

        assert "Framework :: Pytest" in classifiers
        assert "Typing :: Typed" in classifiers

    def test_registers_the_plugin_and_the_command(self, wheel: zipfile.ZipFile) -> None:
        entry_points = configparser.ConfigParser()
        entry_points.read_string(read(wheel, "entry_points.txt").decode())

        assert dict(entry_points["pytest11"]) == {"failtrack": "pytest_failtrack.plugin"}
        assert dict(entry_points["console_scripts"]) == {
            "failtrack": "pytest_failtrack.cli.main:main",
            "failtrack-guard": "failtrack_guard.main:main",
        }

    def test_shows_the_readme(self, metadata: Message) -> None:
        assert metadata["Description-Content-Type"] == "text/markdown"
        shown = metadata.get_payload(decode=True)
        assert shown == (ROOT / "README.md").read_bytes()


def test_the_sdist_can_be_tested_and_brings_nothing_of_this_machine(distributions: Path) -> None:
    (path,) = distributions.glob("*.tar.gz")
    with tarfile.open(path) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}

    wanted = {"LICENSE", "README.md", "CHANGELOG.md", "constraints.txt", "scripts/test"}
    wanted |= {"tests/test_packaging.py", "examples/quickstart/pyproject.toml", "docs/ci.md"}
    assert wanted <= names
    local = re.compile(r"(^|/)(\.venv|\.failtrack/|__pycache__|governance/|\.git/)")
    assert {name for name in names if local.search(name)} == set()


class TestTheVersion:
    def test_is_written_in_one_place(self, pyproject: dict[str, Any]) -> None:
        """pyproject.toml reads it from the package; the package needs no metadata to say it."""
        quoted = f'"{pytest_failtrack.__version__}"'

        holders = [
            path.relative_to(ROOT).as_posix()
            for package in PACKAGES
            for path in package.rglob("*.py")
            if quoted in path.read_text(encoding="utf-8")
        ]
        assert holders == [pyproject["tool"]["hatch"]["version"]["path"]]
        assert pyproject["project"]["dynamic"] == ["version"]

    def test_is_that_of_the_wheel(self, metadata: Message) -> None:
        assert metadata["Version"] == pytest_failtrack.__version__

    def test_is_that_of_what_is_installed(self) -> None:
        assert importlib.metadata.version("pytest-failtrack") == pytest_failtrack.__version__

    def test_has_its_paragraph_in_the_changelog(self) -> None:
        changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

        version = re.escape(pytest_failtrack.__version__)
        assert re.search(rf"^## \[(Unreleased|{version})\]", changelog, re.MULTILINE)


class TestThePythons:
    def test_are_the_same_in_metadata_and_ci(self, pyproject: dict[str, Any]) -> None:
        project = pyproject["project"]
        named = re.findall(r"Python :: (3\.\d+)$", "\n".join(project["classifiers"]), re.MULTILINE)

        assert said_by_ci(r"PYTHONS:-([^}]*)\}").split() == named
        assert project["requires-python"] == f">={named[0]}"

    def test_the_oldest_is_what_tools_check_for(self, pyproject: dict[str, Any]) -> None:
        oldest = pyproject["project"]["requires-python"].removeprefix(">=")

        assert pyproject["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
        assert pyproject["tool"]["mypy"]["python_version"] == oldest
        assert f"OLDEST_PYTHON={oldest}\n" in (ROOT / "scripts/pythons.sh").read_text()

    def test_ci_installs_the_floor_that_the_metadata_promises(
        self, pyproject: dict[str, Any]
    ) -> None:
        pins = dict(re.findall(r"(\S+)==(\S+)", said_by_ci(r"^lowest=\((.*)\)$")))

        for requirement in pyproject["project"]["dependencies"]:
            name, _, floor = requirement.partition(";")[0].partition(">=")
            if name != "tomli":
                assert (pins[name] + ".").startswith(f"{floor}."), requirement


class TestThePins:
    def lines(self) -> list[str]:
        return (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()

    def test_are_exact_and_name_no_place(self) -> None:
        odd = [one for one in self.lines() if not re.match(r"[a-z0-9-]+==[\w.]+( ; [^@/]+)?$", one)]

        assert odd == []

    def test_cover_everything_that_pyproject_asks_for(self, pyproject: dict[str, Any]) -> None:
        groups = pyproject["dependency-groups"]
        wanted = requirement_names(pyproject["project"]["dependencies"])
        for group in (*groups.values(), *pyproject["project"]["optional-dependencies"].values()):
            wanted |= requirement_names(group)

        assert wanted - requirement_names(self.lines()) == set()


class TestEveryFile:
    def test_names_no_package_registry(self) -> None:
        found = [
            f"{path.relative_to(ROOT)}: {match.group().strip()}"
            for path in tracked_files()
            if path != Path(__file__).resolve()
            for match in REGISTRY_URLS.finditer(path.read_text(encoding="utf-8", errors="replace"))
        ]

        assert found == []

    def test_names_no_path_of_this_machine(self) -> None:
        # A folder of one name, such as /root or /app, may stand in made-up data as well.
        folders = [one for one in (ROOT, Path.home()) if len(one.parts) > 2]

        found = [
            f"{path.relative_to(ROOT)}: {folder}"
            for path in tracked_files()
            for folder in folders
            if f"{folder}{os.sep}" in path.read_text(encoding="utf-8", errors="replace")
        ]
        assert found == []

    def test_the_patterns_can_find_something(self) -> None:
        assert REGISTRY_URLS.search('url = "https://host.example/api/simple/"')
        assert REGISTRY_URLS.search("pip install --index-url x")
        assert not REGISTRY_URLS.search("https://docs.pytest.org/en/stable/how-to/")


class TestTheScripts:
    @POSIX_ONLY
    def test_can_be_executed(self) -> None:
        scripts = [ROOT / ".ci/run", *(ROOT / "scripts").iterdir()]
        sourced = {"pythons.sh"}

        plain = [one.name for one in scripts if not os.access(one, os.X_OK)]

        assert set(plain) == sourced

    def test_hooks_are_local_and_need_no_network(self) -> None:
        yaml = pytest.importorskip("yaml", reason="needs the test group of pyproject.toml")

        config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))

        assert {repo["repo"] for repo in config["repos"]} == {"local"}
        hooks = [hook for repo in config["repos"] for hook in repo["hooks"]]
        assert {hook["language"] for hook in hooks} == {"system"}
        assert {"format", "lint", "types"} <= {hook["id"] for hook in hooks}


@POSIX_ONLY
class TestSetup:
    """`scripts/setup`, with a Python that only writes down what it was asked."""

    FAKE = """#!/bin/sh
echo "$*" >> "$SETUP_LOG"
[ "$1" = -c ] && exit 0
if [ "$2" = venv ]; then
    for folder; do :; done
    mkdir -p "$folder/bin" && cp "$0" "$folder/bin/python"
fi
"""

    @pytest.fixture
    def checkout(self, tmp_path: Path) -> Path:
        copy = tmp_path / "checkout"
        shutil.copytree(ROOT / "scripts", copy / "scripts")
        for name in ("pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, copy / name)
        (tmp_path / "python").write_text(self.FAKE)
        (tmp_path / "python").chmod(0o755)
        return copy

    def set_up(self, checkout: Path, *arguments: str) -> list[str]:
        """Run the script; return what its Python was asked for."""
        log = checkout.parent / "log"
        log.write_text("")
        environ = {"PATH": os.environ["PATH"], "SETUP_LOG": str(log)}
        environ["PYTHON"] = str(checkout.parent / "python")
        done = subprocess.run(
            [str(checkout / "scripts/setup"), *arguments],
            env=environ,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return log.read_text().splitlines()

    def test_teaches_pip_groups_before_it_asks_for_one(self, checkout: Path) -> None:
        """A pip of 2023 knows no `--group`."""
        asked = [one for one in self.set_up(checkout) if one.startswith("-m pip")]

        assert asked == [
            "-m pip install --quiet --upgrade pip>=25.1",
            "-m pip install --quiet --constraint constraints.txt --editable . --group test",
        ]

    def test_does_nothing_the_second_time(self, checkout: Path) -> None:
        self.set_up(checkout)

        assert self.set_up(checkout) == []

    @pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
    def test_starts_again_when_a_file_that_it_reads_has_changed(
        self, checkout: Path, name: str
    ) -> None:
        self.set_up(checkout)
        (checkout / name).write_text((checkout / name).read_text() + "\n")

        assert "-m venv --clear .venv" in self.set_up(checkout)

    def test_whoever_has_the_development_tools_has_the_test_tools(self, checkout: Path) -> None:
        self.set_up(checkout, "dev")

        assert self.set_up(checkout, "test") == []

    def test_throws_away_no_environment_that_it_did_not_make(self, checkout: Path) -> None:
        (checkout / ".venv").mkdir()

        assert "-m venv .venv" in self.set_up(checkout)
