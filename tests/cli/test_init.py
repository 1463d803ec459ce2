"""`failtrack init`: what it writes, what it leaves alone, and when it asks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner

from pytest_failtrack.cli.init import (
    EXIT_DECLINED,
    EXIT_UNASKED,
    EXIT_WRITTEN,
    Change,
    command,
    planned,
    template,
    write,
)
from pytest_failtrack.errors import InputError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PYPROJECT = dedent(
    """\
    [project]
    name = 'shop'    # single quotes, and two spaces too many


    [tool.ruff]
    line-length = 88
    """
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project as it is found, with formatting of its own."""
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / ".gitignore").write_text("*.pyc")
    return tmp_path


def run(project: Path, *arguments: str) -> tuple[int, str]:
    """Run the command without a terminal; return its exit status and all that it said."""
    result = CliRunner().invoke(command, [*arguments, str(project)], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.return_value, result.output


def snapshot(project: Path) -> dict[str, bytes]:
    """Return every file of the project by its path."""
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in sorted(project.rglob("*"))
        if path.is_file()
    }


class TestTheBlock:
    def test_is_added_after_what_was_there_and_changes_nothing_of_it(self, project: Path) -> None:
        run(project, "--yes")

        text = (project / "pyproject.toml").read_text()
        assert text == PYPROJECT + "\n" + template("tool-failtrack.toml")

    def test_is_accepted_by_the_settings(self, project: Path) -> None:
        from pytest_failtrack.config import load

        run(project, "--yes")

        settings = load(environ={}, root=project, cwd=project)
        assert (settings.workflow, settings.job, settings.step) == ("tests", "tests", "pytest")

    def test_comes_in_the_line_ends_of_the_file(self, project: Path) -> None:
        (project / "pyproject.toml").write_bytes(PYPROJECT.replace("\n", "\r\n").encode())

        run(project, "--yes")

        data = (project / "pyproject.toml").read_bytes()
        assert data.count(b"\n") == data.count(b"\r\n")

    def test_makes_the_file_where_there_is_none(self, tmp_path: Path) -> None:
        run(tmp_path, "--yes")

        table = tomllib.loads((tmp_path / "pyproject.toml").read_text())
        assert list(table["tool"]) == ["failtrack"]

    def test_is_never_written_twice(self, project: Path) -> None:
        mine = PYPROJECT + '[tool.failtrack]\nworkflow = "mine"\n'
        (project / "pyproject.toml").write_text(mine)

        run(project, "--yes", "--force")

        assert (project / "pyproject.toml").read_text() == mine

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("[project\nname = 1", id="not TOML"),
            pytest.param("tool = {ruff = {}}\n", id="an inline table cannot be extended"),
        ],
    )
    def test_is_refused_where_the_result_could_not_be_read(self, project: Path, text: str) -> None:
        (project / "pyproject.toml").write_text(text)

        with pytest.raises(InputError, match=r"pyproject\.toml"):
            run(project, "--yes")

        assert (project / "pyproject.toml").read_text() == text

    def test_a_file_of_another_encoding_is_named(self, project: Path) -> None:
        (project / "pyproject.toml").write_bytes(b'[project]\nname = "\xff\xfe"\n')

        with pytest.raises(InputError, match=r"pyproject\.toml cannot be read"):
            run(project, "--yes")


class TestTheOtherFiles:
    def test_github_gets_a_workflow_and_the_signature_fixtures(self, project: Path) -> None:
        """S4-31."""
        run(project, "--yes", "--ci", "github")

        assert set(snapshot(project)) == {
            ".github/signature-fixtures/basic_hash.txt",
            ".github/signature-fixtures/basic_jobs.json",
            ".github/workflows/failtrack.yml",
            ".gitignore",
            "pyproject.toml",
        }

    def test_the_fixture_pair_holds_the_vector_of_the_requirement(self, project: Path) -> None:
        """S4-28, S4-31, C-6: SHA-256 of `Tests::pytest::ValueError: boom`."""
        run(project, "--yes", "--ci", "github")

        fixtures = project / ".github/signature-fixtures"
        jobs = json.loads((fixtures / "basic_jobs.json").read_text())
        assert jobs == [{"name": "Tests", "step": "pytest", "stack": "ValueError: boom"}]
        assert (fixtures / "basic_hash.txt").read_text() == "710948db01ff\n"

    def test_gitlab_gets_a_file_to_include(self, project: Path) -> None:
        _, said = run(project, "--yes", "--ci", "gitlab")

        assert (project / ".gitlab-ci.failtrack.yml").read_text() == template("gitlab.yml")
        assert "include" in said

    @pytest.mark.parametrize(
        ("there", "written"),
        [
            pytest.param(".github/dependabot.yml", ".github/workflows/failtrack.yml", id="github"),
            pytest.param(".gitlab-ci.yml", ".gitlab-ci.failtrack.yml", id="gitlab"),
        ],
    )
    def test_the_ci_is_the_one_whose_files_are_there(
        self, project: Path, there: str, written: str
    ) -> None:
        (project / there).parent.mkdir(exist_ok=True)
        (project / there).write_text("")

        run(project, "--yes")

        assert (project / written).exists()

    def test_no_ci_is_guessed_from_nothing(self, project: Path) -> None:
        run(project, "--yes")

        assert set(snapshot(project)) == {".gitignore", "pyproject.toml"}

    def test_the_local_state_is_ignored_on_a_line_of_its_own(self, project: Path) -> None:
        run(project, "--yes")

        assert (project / ".gitignore").read_text() == "*.pyc\n.failtrack/\n"

    @pytest.mark.parametrize("line", [".failtrack", ".failtrack/", "/.failtrack/"])
    def test_what_is_ignored_already_is_not_ignored_again(self, project: Path, line: str) -> None:
        (project / ".gitignore").write_text(f"{line}\n")

        run(project, "--yes")

        assert (project / ".gitignore").read_text() == f"{line}\n"

    def test_a_workflow_that_was_changed_by_hand_is_kept(self, project: Path) -> None:
        workflow = project / ".github/workflows/failtrack.yml"
        workflow.parent.mkdir(parents=True)
        workflow.write_text("name: mine\n")
        before = snapshot(project)

        with pytest.raises(InputError, match="--force"):
            run(project, "--yes", "--ci", "github")

        assert snapshot(project) == before

    def test_force_replaces_it(self, project: Path) -> None:
        workflow = project / ".github/workflows/failtrack.yml"
        workflow.parent.mkdir(parents=True)
        workflow.write_text("name: mine\n")

        run(project, "--yes", "--ci", "github", "--force")

        assert workflow.read_text() == template("github.yml")

    def test_the_second_time_there_is_nothing_to_do(self, project: Path) -> None:
        run(project, "--yes", "--ci", "github")
        before = snapshot(project)

        status, said = run(project, "--ci", "github")

        assert (status, said) == (EXIT_WRITTEN, "Everything is in place: nothing to write.\n")
        assert snapshot(project) == before


class TestTheQuestion:
    def test_without_a_terminal_nothing_is_written(self, project: Path) -> None:
        before = snapshot(project)

        status, said = run(project, "--ci", "github")

        assert status == EXIT_UNASKED
        assert "+[tool.failtrack]" in said
        assert "--yes" in said
        assert snapshot(project) == before

    def test_diff_shows_and_writes_nothing(self, project: Path) -> None:
        before = snapshot(project)

        status, said = run(project, "--ci", "github", "--diff")

        assert status == EXIT_WRITTEN
        assert "+++ b/.github/workflows/failtrack.yml" in said
        assert snapshot(project) == before

    @pytest.mark.parametrize(
        ("answer", "status"),
        [("y\n", EXIT_WRITTEN), ("n\n", EXIT_DECLINED), ("\n", EXIT_DECLINED)],
        ids=["yes", "no", "enter means no"],
    )
    def test_a_person_is_asked_after_the_diff(
        self, project: Path, answer: str, status: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = snapshot(project)
        monkeypatch.setattr("pytest_failtrack.cli.init.is_asked_by_a_person", lambda: True)

        result = CliRunner().invoke(command, [str(project)], input=answer, standalone_mode=False)

        assert result.return_value == status
        assert result.output.index("+[tool.failtrack]") < result.output.index("Write 2 files?")
        assert (snapshot(project) != before) == (status == EXIT_WRITTEN)

    def test_the_diff_can_be_applied_by_git(
        self, project: Path, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """A diff that is shown is a diff: applied, it gives what would have been written."""
        other = tmp_path_factory.mktemp("other")
        for path, data in snapshot(project).items():
            (other / path).write_bytes(data)
        _, said = run(project, "--ci", "github", "--diff")

        applied = subprocess.run(
            ["git", "apply", "-p1", "-"], cwd=other, input=said, text=True, capture_output=True
        )

        assert applied.returncode == 0, applied.stderr
        run(project, "--ci", "github", "--yes")
        assert snapshot(other) == snapshot(project)


def test_what_is_planned_is_what_is_written(project: Path) -> None:
    changes = planned(project, "github")

    for change in changes:
        write(project, change)

    written = snapshot(project)
    assert written == {change.path: change.after.encode() for change in changes}


def test_a_diff_says_where_a_last_line_has_no_end() -> None:
    change = Change(".gitignore", "*.pyc", "*.pyc\n.failtrack/\n")

    assert "-*.pyc\n\\ No newline at end of file\n+*.pyc\n" in change.diff


def test_help_shows_an_example() -> None:
    result = CliRunner().invoke(command, ["--help"])

    assert "failtrack init --ci github --yes" in result.output


class TestThePreCommitEntry:
    HOOKS = dedent(
        """\
        # ours
        default_language_version: {python: python3}
        repos:
          - repo: local
            hooks:
              - id: format
                name: format
                entry: fmt
                language: system
        """
    )

    def written(self, project: Path, before: str) -> str:
        (project / ".pre-commit-config.yaml").write_bytes(before.encode())
        run(project, "--yes")
        return (project / ".pre-commit-config.yaml").read_bytes().decode()

    @pytest.mark.parametrize("indent", ["  ", ""], ids=["indented", "flush"])
    def test_is_added_after_the_other_hooks(self, project: Path, indent: str) -> None:
        yaml = pytest.importorskip("yaml", reason="needs the test group of pyproject.toml")
        before = self.HOOKS if indent else self.HOOKS.replace("\n  ", "\n")

        after = self.written(project, before)

        assert after.startswith(before)
        ids = [hook["id"] for repo in yaml.safe_load(after)["repos"] for hook in repo["hooks"]]
        assert ids == ["format", "failtrack-guard"]
        (entry,) = yaml.safe_load(after)["repos"][1]["hooks"]
        assert entry["entry"] == "failtrack-guard check"

    def test_comes_once_and_in_the_line_ends_of_the_file(self, project: Path) -> None:
        after = self.written(project, self.HOOKS.replace("\n", "\r\n"))

        assert after.count("failtrack-guard check") == 1
        assert "\n" not in after.replace("\r\n", "")
        assert self.written(project, after) == after

    @pytest.mark.parametrize(
        "before",
        ["repos: []\n", "fail_fast: true\n", "repos:\n  - repo: local\n    hooks: []\nci: {}\n"],
        ids=["inline", "none", "not last"],
    )
    def test_is_left_out_where_its_place_is_not_plain(self, project: Path, before: str) -> None:
        assert self.written(project, before) == before

    def test_is_no_reason_to_start_using_pre_commit(self, project: Path) -> None:
        run(project, "--yes")

        assert not (project / ".pre-commit-config.yaml").exists()
