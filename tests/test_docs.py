"""Everything that a user can type is documented, and everything that is documented exists."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pytest_failtrack import config
from pytest_failtrack.cli import main
from pytest_failtrack.policy.rules import ALLOWED_COUNTS
from pytest_failtrack.record.digest import CAPTURE_BLOCKS, LIFECYCLE_BLOCKS

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *ROOT.glob("examples/*/*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command with the words that call it, groups and their members alike."""
    for name in main.COMMANDS:
        command = importlib.import_module(f"pytest_failtrack.cli.{name}").command
        yield name, command
        arguments = (one for one in command.params if isinstance(one, click.Argument))
        given = [one.metavar for one in arguments if one.metavar]
        for inner in getattr(command, "commands", {}).values():
            yield " ".join([name, *given, inner.name]), inner


def check_by(script: str) -> subprocess.CompletedProcess[str]:
    """Run a script of `scripts/` that compares a page with what it would write."""
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), "--check"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
    )


class TestPytestOptions:
    def names(self) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "--help"], capture_output=True, text=True, cwd=ROOT
        )
        return sorted(set(re.findall(r"--failtrack[\w-]*", done.stdout)))

    def test_are_all_in_the_readme(self) -> None:
        names = self.names()

        assert "--failtrack-dir" in names
        assert [one for one in names if f"`{one}`" not in README] == []

    def test_in_the_readme_all_exist(self) -> None:
        documented = set(re.findall(r"`(--failtrack[\w-]*)`", README))

        assert documented - set(self.names()) == set()

    def test_have_their_variable_and_key(self) -> None:
        for option in self.names():
            word = option.removeprefix("--failtrack").lstrip("-")
            if word:
                assert word in config.NAMED
                assert f"`FAILTRACK_{word.upper()}`" in README
                assert re.search(rf"^\| `{word}` \* ", page("configuration.md"), re.MULTILINE)


class TestCommands:
    @pytest.mark.parametrize("name", main.COMMANDS)
    def test_is_in_the_table_of_the_readme(self, name: str) -> None:
        assert re.search(rf"^\| `failtrack {name}\b", README, re.MULTILINE)

    def test_in_the_table_all_exist(self) -> None:
        documented = re.findall(r"^\| `failtrack ([a-z]+)\b", README, re.MULTILINE)

        assert sorted(documented) == sorted(main.COMMANDS)

    def test_each_option_has_help(self) -> None:
        silent = [
            f"failtrack {name} {parameter.name}"
            for name, command in commands()
            for parameter in command.params
            if isinstance(parameter, click.Option) and not parameter.help
        ]

        assert silent == []

    def test_the_reference_is_what_help_says(self) -> None:
        done = check_by("commands-page")

        assert done.returncode == 0, f"run scripts/commands-page\n{done.stdout}{done.stderr}"

    def test_each_shows_a_real_example(self) -> None:
        """style: help shows one real example."""
        without = []
        for name, command in commands():
            with click.Context(command, info_name=name) as context:
                text = command.get_help(context)
            # `record ID show` is shown with an id.
            words = re.sub(r"\b[A-Z]+\b", r"\\S+", f"failtrack {name}")
            if not re.search(words, text.partition("\n")[2]):
                without.append(name)
        assert without == []

    def test_words_after_failtrack_in_any_page_are_commands(self) -> None:
        called = {
            (path.name, word)
            for path in PAGES
            for word in re.findall(r"(?:`|\$ |^)failtrack ([a-z]+)\b", path.read_text("utf-8"))
        }

        assert {one for one in called if one[1] not in main.COMMANDS} == set()


class TestSettings:
    @pytest.mark.parametrize("key", [*config.NAMED, *config.SUBTABLES])
    def test_is_in_the_reference(self, key: str) -> None:
        text = page("configuration.md")

        assert f"`{key}`" in text or f"[tool.failtrack.{key}" in text

    @pytest.mark.parametrize("name", [*config.BARE_VARIABLES, *config.DEPRECATED_VARIABLES])
    def test_bare_variable_is_in_the_reference(self, name: str) -> None:
        """S4-11..15, C-15."""
        assert f"`{name}`" in page("configuration.md")

    def test_the_reference_invents_no_key(self) -> None:
        table = page("configuration.md").partition("## Values")[2].partition("## Tables")[0]
        keys = re.findall(r"^\| (`.*?`) (?:\* )?\|", table, re.MULTILINE)
        documented = {one for cell in keys for one in re.findall(r"`(\w+)`", cell)}

        assert documented - {*config.NAMED, *config.SUBTABLES} == set()

    def test_every_block_of_toml_can_be_used(self, tmp_path: Path) -> None:
        for path in PAGES:
            for block in re.findall(r"^```toml\n(.*?)^```", path.read_text("utf-8"), re.M | re.S):
                # A page may show several policies in one block, each with the same heading.
                for text in re.split(r"\n(?=# )", block):
                    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
                    config.read_table(tmp_path / "pyproject.toml")


class TestTheGate:
    def test_every_key_is_in_the_reference(self) -> None:
        more = ("max_severity", "max_debt", "debt_baseline", "required_runs", "allow_infra")

        text = page("gate.md")
        assert [key for key in (*ALLOWED_COUNTS, *more) if f"`{key}`" not in text] == []

    @pytest.mark.parametrize(("key", "default"), ALLOWED_COUNTS.items())
    def test_default_is_what_the_reference_says(self, key: str, default: int | None) -> None:
        shown = r'`"any"`' if default is None else str(default)

        assert re.search(rf"\| `{key}` \| {re.escape(shown)} \|", page("gate.md"))

    def test_every_rule_is_in_the_reference(self) -> None:
        from pytest_failtrack.policy.rulings import RULES

        documented = re.findall(r"^\| (\w+) \| [^|]*\| ", page("gate.md"), re.MULTILINE)

        names = [rule.__name__.lstrip("_") for rule in RULES]
        assert [one for one in documented if one in names] == names

    def test_every_exit_code_is_in_the_reference(self) -> None:
        codes = [value for name, value in vars(main).items() if re.match(r"EXIT_[A-Z_]+$", name)]
        numbers = {one for one in codes if isinstance(one, int)}

        documented = re.findall(r"^\| (\d+) \|", page("gate.md"), re.MULTILINE)

        assert {int(one) for one in documented} == numbers


@pytest.mark.parametrize("block", [*CAPTURE_BLOCKS, *LIFECYCLE_BLOCKS])
def test_block_of_a_record_is_in_the_reference(block: str) -> None:
    row = re.search(rf"^\|[^|\n]*`{block}`[^\n]*\| (yes|no) \|$", page("records.md"), re.MULTILINE)

    assert row is not None
    assert row[1] == ("yes" if block in LIFECYCLE_BLOCKS else "no")


class TestPages:
    @pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
    def test_links_lead_somewhere(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")

        links = re.findall(r"\]\((?!https?://)([^)#\s]*)(?:#([^)]*))?\)", text)
        broken = [
            f"{target}#{anchor}"
            for target, anchor in links
            if not (path.parent / target).exists()
            or (anchor and anchor not in anchors((path.parent / target) if target else path))
        ]
        assert broken == []

    @pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
    def test_files_that_are_named_exist(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        named = re.findall(r"`((?:src|tests|examples|docs|scripts)/[\w./-]+)`", text)
        local = [one for one in named if not one.startswith(("src/shop", "tests/test_"))]

        assert [one for one in local if not (ROOT / one).exists()] == []

    def test_the_map_names_every_stage(self) -> None:
        package = ROOT / "src/pytest_failtrack"
        stages = [one.name for one in package.iterdir() if (one / "__init__.py").exists()]

        assert [one for one in stages if f"| `{one}/` |" not in README] == []


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as its viewer makes them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one).strip().lower().replace(" ", "-") for one in headings}


@pytest.mark.skipif(sys.platform != "linux", reason="numbers of errors are those of Linux")
def test_the_output_in_the_readme_is_what_the_quickstart_prints() -> None:
    done = check_by("readme-output")

    assert done.returncode == 0, f"run scripts/readme-output\n{done.stdout}{done.stderr}"
