"""Owners: the role decides where the person is looked for (C-29)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.policy.authors import CommitRange
from pytest_failtrack.policy.matrix import load_matrix
from pytest_failtrack.policy.owners import Assignment, Owners

CODEOWNERS = {"CODEOWNERS": "src/shop/ @shop-team\nsrc/free/\n"}
RANGE = CommitRange(authors={"src/shop/tax.py": "@ann"}, committers={"src/shop/tax.py": "@bob"})


def owners_with(
    *,
    roles: dict[str, Any] | None = None,
    owners: dict[str, str] | None = None,
    files: dict[str, str] | None = None,
    commits: CommitRange = RANGE,
) -> Owners:
    """Return owners over a project that exists in memory only."""
    return Owners(
        load_matrix({"roles": roles or {}}),
        owners,
        read=(CODEOWNERS if files is None else files).get,
        look_up_range=lambda: commits,
    )


class TestTheRoleDecides:
    @pytest.mark.parametrize(
        ("failure_type", "expected"),
        [
            pytest.param(
                "test_failure", Assignment("@ann", "qa_analyst", "author"), id="S1-10 author"
            ),
            pytest.param("build_error", Assignment("@ann", "", "author"), id="S1-21 author"),
            pytest.param(
                "secret_detected",
                Assignment("security_specialist", "@bob", "role"),
                id="S1-16 committer",
            ),
            pytest.param(
                "performance_regression",
                Assignment("@shop-team", "qa_analyst", "codeowners"),
                id="S1-25 component",
            ),
            pytest.param(
                "generator_drift",
                Assignment("@shop-team", "frontend_dev", "codeowners"),
                id="S1-05 backend of the component",
            ),
            pytest.param(
                "ci_runner", Assignment("devops_specialist", "", "role"), id="S1-18 never the file"
            ),
            pytest.param(
                "no_such_type", Assignment("@ann", "", "author"), id="a type without a row"
            ),
        ],
    )
    def test_owner_by_failure_type(self, failure_type: str, expected: Assignment) -> None:
        assert owners_with().owner_of("src/shop/tax.py", failure_type) == expected

    def test_a_handle_stands_for_a_role(self) -> None:
        owners = owners_with(roles={"devops_specialist": "@platform", "backend_dev": "@backend"})

        assert owners.owner_of("src/shop/tax.py", "ci_runner").owner == "@platform"
        assert owners.owner_of("src/shop/tax.py", "generator_drift").source == "handle"


class TestFallback:
    """C-29: what cannot be resolved falls back to the other, then to the type's role."""

    def test_no_author_falls_back_to_the_component(self) -> None:
        owners = owners_with(commits=CommitRange())

        assert owners.owner_of("src/shop/tax.py", "test_failure").source == "codeowners"

    def test_no_component_falls_back_to_the_author(self) -> None:
        owners = owners_with(files={})

        assert owners.owner_of("src/shop/tax.py", "performance_regression").owner == "@ann"

    def test_codeowners_before_the_map_of_the_configuration(self) -> None:
        owners = owners_with(owners={"src/": "@devs"}, commits=CommitRange())

        assert owners.owner_of("src/shop/tax.py", "test_failure").owner == "@shop-team"
        assert owners.owner_of("src/lib/io.py", "test_failure").source == "owners"

    def test_a_path_that_is_explicitly_nobodys_falls_back_to_the_map(self) -> None:
        owners = owners_with(owners={"src/": "@devs"}, commits=CommitRange())

        assert owners.owner_of("src/free/x.py", "test_failure").owner == "@devs"

    def test_the_map_may_name_a_component(self) -> None:
        owners = owners_with(owners={"checkout": "@checkout-team"}, commits=CommitRange())

        assert owners.owner_of("", "test_failure", "checkout").owner == "@checkout-team"

    @pytest.mark.parametrize(
        ("roles", "expected"),
        [
            pytest.param({"code_author": "@devs"}, ("@devs", "handle"), id="its handle"),
            pytest.param({}, ("code_author", "role"), id="its name"),
        ],
    )
    def test_the_role_comes_last(self, roles: dict[str, str], expected: tuple[str, str]) -> None:
        owners = owners_with(roles=roles, files={}, commits=CommitRange())

        found = owners.owner_of("src/x.py", "test_failure")

        assert (found.owner, found.source) == expected

    def test_of_what_failed_before_the_commits_under_test_is_none_of_their_authors(self) -> None:
        bob = CommitRange(sole_author="bob@x.y")
        owners = owners_with(roles={}, files={}, commits=bob)

        assert owners.owner_of("src/x.py", "test_failure").owner == "bob@x.y"
        assert owners.owner_of("src/x.py", "test_failure", is_older=True).source == "role"

    def test_second_owner_is_left_out_when_it_is_the_first(self) -> None:
        owners = owners_with(roles={"code_author": "@me", "qa_analyst": "@me"}, files={},
                             commits=CommitRange())  # fmt: skip

        assert owners.owner_of("src/x.py", "test_failure") == Assignment("@me", "", "handle")


class TestCost:
    def test_the_world_is_asked_once_and_only_when_a_role_needs_it(self) -> None:
        asked: list[str] = []

        def read(path: str) -> str | None:
            asked.append(path)
            return "* @all" if path == "CODEOWNERS" else None

        def look_up() -> CommitRange:
            asked.append("git")
            return CommitRange()

        owners = Owners(load_matrix(), read=read, look_up_range=look_up)
        owners.owner_of("a.py", "ci_runner")
        before = list(asked)
        for number in range(100):
            owners.owner_of(f"src/file_{number}.py", "test_failure")

        assert before == []
        assert asked == ["git", ".github/CODEOWNERS", "CODEOWNERS"]

    def test_ten_thousand_failures_over_a_thousand_files(self) -> None:
        lines = "\n".join(f"/src/pkg_{n}/**/*.py @team-{n}" for n in range(300))
        owners = owners_with(files={"CODEOWNERS": lines}, commits=CommitRange())

        found = {
            owners.owner_of(f"src/pkg_{number % 300}/f_{number % 1000}.py", "build_error").owner
            for number in range(10_000)
        }

        assert len(found) == 300


class TestOfProject:
    def test_reads_the_files_of_a_checkout(self, tmp_path: Path) -> None:
        (tmp_path / ".github").mkdir()
        (tmp_path / ".github" / "CODEOWNERS").write_bytes(b"* @caf\xe9 @all\n")

        owners = Owners.of_project(tmp_path, load_matrix())

        assert owners.owner_of("a.py", "performance_regression").source == "codeowners"

    def test_reads_the_file_of_the_checkout_that_the_project_is_a_folder_of(
        self, tmp_path: Path
    ) -> None:
        project = tmp_path / "shop" / "web"
        project.mkdir(parents=True)
        (tmp_path / "shop" / ".git").mkdir()
        (tmp_path / "shop" / ".github").mkdir()
        (tmp_path / "shop" / ".github" / "CODEOWNERS").write_text("/web/ @web-team\n")

        owners = Owners.of_project(project, load_matrix())

        found = owners.owner_of("a.py", "performance_regression")
        assert (found.owner, found.source) == ("@web-team", "codeowners")

    def test_reads_nothing_above_the_root_of_the_checkout(self, tmp_path: Path) -> None:
        (tmp_path / "CODEOWNERS").write_text("* @somebody\n")
        project = tmp_path / "shop"
        (project / ".git").mkdir(parents=True)

        owners = Owners.of_project(project, load_matrix())

        assert owners.owner_of("a.py", "performance_regression").source == "role"

    @pytest.mark.parametrize("value", [3, "", ["@a"]])
    def test_an_owner_that_is_no_name_is_refused(self, value: object) -> None:
        with pytest.raises(ConfigError, match=r"tool.failtrack.owners.'src/'.*@shop-team"):
            Owners(load_matrix(), {"src/": value})  # type: ignore[dict-item]
