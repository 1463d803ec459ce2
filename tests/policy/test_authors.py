"""Authors of the commit range: what git says, and what follows when it says nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_failtrack.policy.authors import (
    CommitRange,
    changed_files,
    commit_range,
    edited_files,
    parse_log,
    person_of,
    tracked_files,
)

Commit = Callable[..., None]


@pytest.fixture
def commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commit:
    """Return a function that commits files in a fresh repository on the branch main."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    git(tmp_path, "init", "-q", "-b", "main")

    def make(author: str, *paths: str) -> None:
        for path in paths:
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{author} {os.urandom(4).hex()}", encoding="utf-8")
        git(tmp_path, "add", "-A")
        identity = ("-c", f"user.name={author}", "-c", f"user.email={author}@example.com")
        git(tmp_path, *identity, "commit", "-q", "-m", "change")

    return make


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True)


class TestCommitRange:
    def test_the_newest_commit_of_the_range_that_touched_a_file_names_its_author(
        self, tmp_path: Path, commit: Commit
    ) -> None:
        commit("base", "src/tax.py", "src/old.py")
        git(tmp_path, "checkout", "-q", "-b", "feature")
        commit("ann", "src/tax.py")
        commit("bob", "src/tax.py", "src/naïve file.py")

        found = commit_range(tmp_path, "main")

        assert found.author_of("src/tax.py") == "bob@example.com"
        assert found.author_of("src/naïve file.py") == "bob@example.com"
        assert found.author_of("src/old.py") == ""

    def test_who_alone_wrote_the_range_is_the_author_of_its_consequences(
        self, tmp_path: Path, commit: Commit
    ) -> None:
        """S1-21: the author who introduced the failing change."""
        commit("base", "src/tax.py", "src/old.py")
        git(tmp_path, "checkout", "-q", "-b", "feature")
        commit("ann", "src/tax.py")

        assert commit_range(tmp_path, "main").author_of("src/old.py") == "ann@example.com"

    def test_on_the_base_branch_the_newest_commit_speaks_for_its_own_files_alone(
        self, tmp_path: Path, commit: Commit
    ) -> None:
        commit("base", "src/old.py")
        commit("ann", "src/tax.py")

        found = commit_range(tmp_path, "main")

        assert (found.author_of("src/tax.py"), found.author_of("src/old.py")) == (
            "ann@example.com",
            "",
        )

    def test_what_is_edited_is_of_whose_checkout_it_is(
        self, tmp_path: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """C-29: the author of the changed lines."""
        commit("base", "src/tax.py", "src/old.py")
        git(tmp_path, "config", "user.email", "ann@example.com")
        (tmp_path / "src/tax.py").write_text("edited")
        (tmp_path / "src/new.py").write_text("added")

        found = commit_range(tmp_path, "main")

        assert found.author_of("src/tax.py") == "ann@example.com"
        assert found.author_of("src/new.py") == "ann@example.com"
        assert found.author_of("src/other.py") == ""
        assert found.author_of("src/old.py") == "base@example.com"

    def test_what_a_job_of_ci_generates_is_nobodys(self, tmp_path: Path, commit: Commit) -> None:
        commit("base", "src/tax.py", "src/old.py")
        git(tmp_path, "config", "user.email", "ann@example.com")
        (tmp_path / "src/tax.py").write_text("edited")

        found = commit_range(tmp_path, "main", is_edited=False)

        assert found.author_of("src/tax.py") == "base@example.com"

    def test_who_wrote_the_whole_branch_is_its_author_with_edits_too(
        self, tmp_path: Path, commit: Commit
    ) -> None:
        commit("base", "src/tax.py", "src/old.py")
        git(tmp_path, "checkout", "-q", "-b", "feature")
        commit("ann", "src/new.py")
        git(tmp_path, "config", "user.email", "ann@example.com")
        (tmp_path / "src/tax.py").write_text("edited")

        assert commit_range(tmp_path, "main").author_of("src/old.py") == "ann@example.com"

    def test_beside_a_commit_of_somebody_else_edits_have_no_only_author(
        self, tmp_path: Path, commit: Commit
    ) -> None:
        commit("base", "src/tax.py", "src/old.py")
        git(tmp_path, "checkout", "-q", "-b", "feature")
        commit("bob", "src/new.py")
        git(tmp_path, "config", "user.email", "ann@example.com")
        (tmp_path / "src/tax.py").write_text("edited")

        found = commit_range(tmp_path, "main")

        assert found.author_of("src/tax.py") == "ann@example.com"
        assert found.author_of("src/new.py") == "bob@example.com"
        assert found.author_of("src/old.py") == ""

    def test_paths_are_relative_to_the_root_of_the_project(
        self, tmp_path: Path, commit: Commit
    ) -> None:
        commit("base", "services/shop/src/tax.py", "other/x.py")

        found = commit_range(tmp_path / "services" / "shop", "main")

        assert set(found.authors) == {"src/tax.py"}

    @pytest.mark.parametrize("base", ["main", "no-such-branch", "--output=x"])
    def test_without_a_repository_nothing_is_known(self, tmp_path: Path, base: str) -> None:
        assert commit_range(tmp_path, base) == CommitRange()

    def test_without_git_nothing_is_known(
        self, tmp_path: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit("ann", "src/tax.py")
        monkeypatch.setenv("PATH", "")

        assert commit_range(tmp_path, "main") == CommitRange()

    def test_a_branch_whose_name_is_an_option_is_not_given_to_git(
        self, tmp_path: Path, commit: Commit
    ) -> None:
        commit("ann", "src/tax.py")

        assert commit_range(tmp_path, "--all") == CommitRange()


class TestPerson:
    @pytest.mark.parametrize(
        ("email", "person"),
        [
            ("ann@example.com", "ann@example.com"),
            ("49699333+octocat@users.noreply.github.com", "@octocat"),
            ("octocat@users.noreply.github.com", "@octocat"),
            ("123-bob@users.noreply.gitlab.com", "@bob"),
            ("noreply@github.com", ""),
        ],
    )
    def test_handle_or_address(self, email: str, person: str) -> None:
        assert person_of(email) == person

    def test_a_commit_made_in_the_web_interface_was_committed_by_its_author(self) -> None:
        found = parse_log("\x01ann@example.com\x02noreply@github.com\0\na.py\0")

        assert found.committer_of("a.py") == "ann@example.com"


class TestChangedFiles:
    def test_are_those_of_the_branch_and_of_the_working_tree(
        self, tmp_path: Path, commit: Commit
    ) -> None:
        commit("base", "src/tax.py", "src/old.py", "src/same.py")
        git(tmp_path, "checkout", "-q", "-b", "feature")
        commit("ann", "src/tax.py")
        (tmp_path / "src/old.py").write_text("edited", encoding="utf-8")
        (tmp_path / "src/new.py").write_text("added", encoding="utf-8")

        assert changed_files(tmp_path) == (
            frozenset({"src/tax.py", "src/old.py", "src/new.py"}),
            True,
        )

    def test_on_the_base_branch_are_those_of_its_newest_commit(
        self, tmp_path: Path, commit: Commit
    ) -> None:
        commit("base", "src/tax.py")
        commit("ann", "src/old.py")

        assert changed_files(tmp_path) == (frozenset({"src/old.py"}), False)

    def test_what_runs_write_is_no_change(self, tmp_path: Path, commit: Commit) -> None:
        """It lies in the checkout before the next run, as CI restores it, or is committed."""
        own = ("governance/events/failures", ".failtrack")
        commit("base", "src/tax.py")
        commit("ann", "src/old.py")
        commit("ci", "governance/events/failures/a.json")
        (tmp_path / "governance/events/failures/b.json").write_text("{}")
        (tmp_path / ".failtrack").mkdir()
        (tmp_path / ".failtrack/index.db").write_text("")
        git(tmp_path, "config", "user.email", "bob@example.com")

        assert changed_files(tmp_path, own=own) == (frozenset({"src/old.py"}), False)
        assert edited_files(tmp_path, own) == frozenset()
        assert commit_range(tmp_path, own=own).authors == {"src/old.py": "ann@example.com"}
        assert "governance/events/failures/a.json" not in tracked_files(tmp_path, own)

    def test_a_moved_file_is_gone_where_it_was(self, tmp_path: Path, commit: Commit) -> None:
        commit("base", "src/tax.py")
        git(tmp_path, "mv", "src/tax.py", "src/vat.py")

        assert edited_files(tmp_path) == {"src/tax.py", "src/vat.py"}
        git(tmp_path, "checkout", "-q", "-b", "feature")
        commit("ann")
        assert changed_files(tmp_path)[0] == {"src/tax.py", "src/vat.py"}

    def test_of_a_first_commit_or_without_git_are_not_known(
        self, tmp_path: Path, commit: Commit
    ) -> None:
        assert changed_files(tmp_path) == (frozenset(), False)
        commit("base", "src/tax.py")
        assert changed_files(tmp_path) == (frozenset(), False)
        assert changed_files(tmp_path, "--output=x") == (frozenset(), False)
