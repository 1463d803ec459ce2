"""S0-26: what changed under a frozen path after its day or tag, as git tells it."""

from __future__ import annotations

import os
import subprocess
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.policy.scope import ScopeReport, frozen_paths, scope_report

NOW = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)


class Repository:
    """A repository in a folder, whose commits have the day that a test wants."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str, day: str = "2026-09-01") -> str:
        """Run git, with everything on one day."""
        moment = f"{day}T12:00:00+00:00"
        identity = ("-c", "user.name=ann", "-c", "user.email=ann@example.com")
        done = subprocess.run(
            ["git", "-C", str(self.folder), *identity, *words],
            check=True,
            capture_output=True,
            env={**os.environ, "GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment},
        )
        return done.stdout.decode().strip()

    def write(self, path: str, text: str = "") -> None:
        """Write a file."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text or os.urandom(4).hex(), encoding="utf-8")

    def commit(self, day: str, *paths: str, text: str = "") -> str:
        """Commit files on a day and return the commit."""
        for path in paths:
            self.write(path, text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change", day=day)
        return self.git("rev-parse", "--short", "HEAD")

    def report(self, **entry: Any) -> ScopeReport:
        """Return the report about one frozen path, `src/api/**` unless the test says another."""
        return scope_report(self.folder, frozen_paths([{"path": "src/api/**", **entry}]), NOW)

    def changed(self, **entry: Any) -> list[str]:
        """Return the files of that report; everything could be checked."""
        report = self.report(**entry)
        assert report.unchecked == ()
        return [one.file for one in report.changes]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with two files that are older than any freeze."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    made = Repository(tmp_path)
    made.commit("2026-09-01", "src/api/orders.py", "src/tax.py")
    return made


class TestSinceADay:
    def test_a_commit_after_it_is_a_change_and_names_its_author(
        self, repository: Repository
    ) -> None:
        repository.commit("2026-09-30", "src/api/orders.py")
        commit = repository.commit("2026-10-01", "src/api/orders.py", "src/tax.py")

        report = repository.report(since=date(2026, 10, 1), reason="contract of the partners")

        (change,) = report.changes
        assert (change.file, change.commit, change.author) == (
            "src/api/orders.py",
            commit,
            "ann@example.com",
        )
        assert change.sentence == (
            f"src/api/orders.py changed in {commit} by ann@example.com; src/api/** is frozen since "
            "2026-10-01 (contract of the partners)"
        )

    def test_a_commit_before_it_is_none(self, repository: Repository) -> None:
        repository.commit("2026-09-30", "src/api/orders.py")

        assert repository.changed(since="2026-10-01") == []

    @pytest.mark.parametrize("path", ["src/api/orders.py", "src/api/new.py"], ids=["old", "new"])
    def test_an_edit_that_is_not_committed_is_a_change(
        self, repository: Repository, path: str
    ) -> None:
        repository.write(path)

        (change,) = repository.report(since="2026-10-01").changes

        assert (change.file, change.is_committed) == (path, False)
        assert f"{path} changed, not committed; " in change.sentence

    def test_a_file_that_was_removed_is_a_change(self, repository: Repository) -> None:
        repository.git("rm", "-q", "src/api/orders.py")
        repository.commit("2026-10-02")

        assert repository.changed(since="2026-10-01") == ["src/api/orders.py"]

    def test_what_was_taken_back_is_none(self, repository: Repository) -> None:
        repository.commit("2026-09-20", "src/api/orders.py", text="frozen")
        repository.commit("2026-10-02", "src/api/orders.py", text="changed")
        repository.commit("2026-10-03", "src/api/orders.py", text="frozen")

        assert repository.changed(since="2026-10-01") == []

    def test_what_was_written_before_and_merged_after_is_a_change(
        self, repository: Repository
    ) -> None:
        repository.git("checkout", "-q", "-b", "feature")
        repository.commit("2026-09-20", "src/api/orders.py")
        repository.git("checkout", "-q", "main")
        repository.git("merge", "-q", "--no-ff", "-m", "merge", "feature", day="2026-10-05")

        assert repository.changed(since="2026-10-01") == ["src/api/orders.py"]

    def test_a_branch_that_takes_over_what_was_frozen_changes_nothing(
        self, repository: Repository
    ) -> None:
        repository.git("checkout", "-q", "-b", "feature")
        repository.commit("2026-09-10", "src/tax.py")
        repository.git("checkout", "-q", "main")
        repository.commit("2026-09-20", "src/api/orders.py")
        repository.git("checkout", "-q", "feature")
        repository.git("merge", "-q", "-m", "merge", "main", day="2026-10-05")

        assert repository.changed(since="2026-10-01") == []

    def test_a_branch_that_is_behind_changes_nothing(self, repository: Repository) -> None:
        repository.git("branch", "feature")
        repository.commit("2026-09-20", "src/api/orders.py")
        repository.git("checkout", "-q", "feature")
        repository.commit("2026-10-05", "src/tax.py")

        assert repository.changed(since="2026-10-01") == []

    def test_it_holds_from_its_beginning_to_its_end(self, repository: Repository) -> None:
        repository.commit("2026-10-02", "src/api/orders.py")

        assert repository.changed(since="2026-10-01", until="2026-11-20") != []
        assert repository.changed(since="2026-10-01", until="2026-11-19") == []
        assert repository.changed(since="2026-11-21") == []

    def test_some_of_it_may_change(self, repository: Repository) -> None:
        repository.commit("2026-10-02", "src/api/orders.py", "src/api/docs/readme.md")

        assert repository.changed(since="2026-10-01", **{"except": ["src/api/docs/"]}) == [
            "src/api/orders.py"
        ]

    def test_a_pattern_without_a_folder_holds_anywhere(self, repository: Repository) -> None:
        repository.commit("2026-10-02", "deep/down/shop.proto", "src/api/orders.py")

        assert repository.changed(since="2026-10-01", path="*.proto") == ["deep/down/shop.proto"]

    def test_paths_are_those_of_the_project_in_its_repository(self, repository: Repository) -> None:
        repository.commit("2026-10-02", "shop/src/api/a.py", "src/api/orders.py")
        entries = frozen_paths([{"path": "src/api/**", "since": "2026-10-01"}])

        report = scope_report(repository.folder / "shop", entries, NOW)

        assert [one.file for one in report.changes] == ["src/api/a.py"]


class TestSinceATag:
    def test_a_commit_after_it_is_a_change(self, repository: Repository) -> None:
        repository.git("tag", "v1.2")
        repository.commit("2026-09-02", "src/api/orders.py")

        assert repository.changed(since="v1.2") == ["src/api/orders.py"]

    def test_at_the_tag_nothing_changed(self, repository: Repository) -> None:
        repository.git("tag", "-a", "v1.2", "-m", "release")
        repository.commit("2026-09-02", "src/tax.py")

        assert repository.changed(since="v1.2") == []

    def test_a_tag_that_is_not_there_is_said_and_is_no_change(self, repository: Repository) -> None:
        report = repository.report(since="v9")

        assert report.changes == ()
        assert report.unchecked == (
            "src/api/** could not be checked: git knows no tag or commit 'v9'; fetch the tags, or "
            "correct it",
        )


class TestWhereGitCannotSay:
    def test_a_shallow_clone(self, repository: Repository, tmp_path: Path) -> None:
        repository.commit("2026-10-02", "src/api/orders.py")
        url = f"file://{repository.folder}"
        repository.git("clone", "-q", "--depth=1", url, str(tmp_path / "shallow"))
        entries = frozen_paths([{"path": "src/api/**", "since": "2026-10-01"}])

        report = scope_report(tmp_path / "shallow", entries, NOW)

        assert report.changes == ()
        assert "this clone is shallow" in report.unchecked[0]

    def test_a_history_that_is_younger(self, repository: Repository) -> None:
        assert "no commit here is older" in repository.report(since="2026-08-01").unchecked[0]

    def test_no_git(self, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")

        report = repository.report(since="2026-10-01")

        assert report.changes == ()
        assert len(report.unchecked) == 1

    def test_nothing_is_asked_when_nothing_is_frozen(self, tmp_path: Path) -> None:
        assert scope_report(tmp_path, (), NOW) == ScopeReport()


class TestConfiguration:
    @pytest.mark.parametrize(
        "entry",
        [
            pytest.param({"since": "v1"}, id="no-path"),
            pytest.param({"path": "src"}, id="no-since"),
            pytest.param({"path": "src", "since": 5}, id="since-a-number"),
            pytest.param({"path": "src", "since": "--output=x"}, id="since-an-option"),
            pytest.param({"path": "src", "since": "v1", "until": "v2"}, id="until-a-tag"),
            pytest.param({"path": "src", "since": "v1", "sinse": "v2"}, id="unknown-key"),
            pytest.param("src", id="no-table"),
        ],
    )
    def test_what_is_not_allowed_is_refused_by_name(self, entry: Any) -> None:
        with pytest.raises(ConfigError, match=r"tool\.failtrack\.frozen\[0\]"):
            frozen_paths([entry])
