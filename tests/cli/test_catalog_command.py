"""`failtrack catalog`: list, show, test, add and explain."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from evidence_folder import Project, make_cause, make_record

OWN = """\
[[entry]]
id = "stock-closed"
title = "The warehouse is closed"
patterns = ['warehouse \\w{1,20} is closed']
subcategory = "OTHER_EXTERNAL"
failure_type = "infrastructure"
confidence = 0.8
example = { type = "ValueError", message = "warehouse north is closed", place = "project" }
counter_example = { type = "ValueError", message = "warehouse north is unknown" }
"""
ADD = (
    *("catalog", "add", "--id", "stock-closed", "--title", "The warehouse is closed"),
    *("--subcategory", "OTHER_EXTERNAL", "--failure-type", "infrastructure"),
)
PATTERN = ("--pattern", r"warehouse \w{1,20} is closed")


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Project:
    return Project(tmp_path, monkeypatch, capfd)


@pytest.fixture
def own(project: Project) -> Path:
    """The project's own file, with one entry."""
    file = project.root / "governance" / "catalog.toml"
    file.parent.mkdir()
    file.write_text(OWN, encoding="utf-8")
    return file


class TestList:
    def test_shows_every_entry_in_a_line(self, project: Project) -> None:
        lines = project.run("catalog", "list").out.splitlines()

        assert len(lines) > 150
        assert any(line.split()[:2] == ["disk-full", "INFRA_RESOURCE"] for line in lines)

    def test_takes_words_and_kinds_to_choose_by(self, project: Project) -> None:
        result = project.run(
            *("catalog", "list", "--category", "INFRA", "--subcategory", "INFRA_RESOURCE"),
            *("--failure-type", "infrastructure", "--json", "no space left"),
        )

        assert [one["id"] for one in json.loads(result.out)] == ["disk-full"]

    @pytest.mark.usefixtures("own")
    def test_marks_what_is_the_projects(self, project: Project) -> None:
        result = project.run("catalog", "list", "--own")

        assert result.out.splitlines()[0] == (
            "* stock-closed  OTHER_EXTERNAL  The warehouse is closed"
        )


class TestShow:
    def test_prints_meaning_matches_and_examples(self, project: Project) -> None:
        result = project.run("catalog", "show", "disk-full")

        assert result.code == 0
        for word in ("The disk is full", "INFRA / INFRA_RESOURCE", "/ENOSPC/", "counter-example"):
            assert word in result.out

    def test_names_near_ones_for_an_id_that_is_none(self, project: Project) -> None:
        result = project.run("catalog", "show", "disk-ful")

        assert result.code == 2
        assert "did you mean disk-full" in result.err

    @pytest.mark.usefixtures("own")
    def test_has_json_for_programs(self, project: Project) -> None:
        document = json.loads(project.run("catalog", "show", "stock-closed", "--json").out)

        assert document["origin"] == "project"
        assert document["example"]["message"] == "warehouse north is closed"


class TestTest:
    def test_holds_for_what_ships(self, project: Project) -> None:
        result = project.run("catalog", "test")

        assert (result.code, result.out.split(", ")[1]) == (
            0,
            "0 of the project: their examples hold\n",
        )

    def test_fails_for_an_example_that_its_entry_does_not_win(
        self, project: Project, own: Path
    ) -> None:
        own.write_text(OWN.replace("north is closed", "is shut"), encoding="utf-8")

        result = project.run("catalog", "test")

        assert result.code == 1
        assert "FAILED  the example of stock-closed is won by exception-in-project" in result.out

    def test_fails_for_a_counter_example_that_is_matched(self, project: Project, own: Path) -> None:
        own.write_text(OWN.replace("north is unknown", "west is closed"), encoding="utf-8")

        document = json.loads(project.run("catalog", "test", "--json").out)

        assert document["problems"] == {
            "stock-closed": "the counter-example of stock-closed is matched by it"
        }

    def test_takes_a_file_in_place_of_what_is_configured(self, project: Project) -> None:
        (project.root / "other.toml").write_text(OWN, encoding="utf-8")

        assert "1 of the project" in project.run("catalog", "test", "other.toml").out

    def test_fails_for_a_failure_type_that_the_matrix_lacks(
        self, project: Project, own: Path
    ) -> None:
        kind = re.search('failure_type = "(.*)"', OWN)
        assert kind is not None
        own.write_text(OWN.replace(kind[0], 'failure_type = "stocktaking"'), encoding="utf-8")

        result = project.run("catalog", "test")

        assert result.code == 1
        assert "FAILED  stock-closed: failure_type 'stocktaking' has no row" in result.out
        row = '[tool.failtrack.types.stocktaking]\nprimary = "backend_dev"\n'
        (project.root / "pyproject.toml").write_text(row, encoding="utf-8")
        assert project.run("catalog", "test").code == 0

    def test_says_which_entry_proves_nothing(self, project: Project, own: Path) -> None:
        bare = [line for line in OWN.splitlines() if "example" not in line]
        own.write_text("\n".join(bare), encoding="utf-8")

        result = project.run("catalog", "test")

        assert (result.code, "note: stock-closed has no example" in result.out) == (0, True)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("[[entry]\n", "not TOML"),
            ("[entries]\n", "allowed are tables [[entry]]"),
            (OWN.replace("OTHER_EXTERNAL", "OTHER"), "key 'subcategory'"),
            (OWN.replace('message = "warehouse north is closed"', "message = 3"), "example"),
        ],
    )
    def test_names_a_mistake(self, project: Project, own: Path, text: str, problem: str) -> None:
        own.write_text(text, encoding="utf-8")

        result = project.run("catalog", "test")

        assert result.code == 2
        assert problem in result.err


class TestAdd:
    def test_writes_an_entry_that_is_used_from_then_on(self, project: Project) -> None:
        text = "warehouse north is closed"
        result = project.run(*ADD, *PATTERN, "--example", text, "--retryable")

        assert result.code == 0
        assert result.out.splitlines()[-1] == "added to governance/catalog.toml"
        found = json.loads(project.run("catalog", "explain", text, "--json").out)
        assert (found["catalog_entry_id"], found["retryable"]) == ("stock-closed", True)
        assert project.run("catalog", "test").code == 0

    def test_keeps_what_the_file_holds(self, project: Project, own: Path) -> None:
        other = [one if one != "stock-closed" else "stock-gone" for one in ADD]

        project.run(*other, "--type", "shop.errors.Gone")

        text = own.read_text(encoding="utf-8")
        assert text.startswith(OWN)
        assert 'id = "stock-gone"' in text

    def test_writes_to_the_file_that_is_configured(self, project: Project) -> None:
        config = '[tool.failtrack]\ncatalog = ["ci/failures.toml"]\n'
        (project.root / "pyproject.toml").write_text(config, encoding="utf-8")
        (project.root / "ci").mkdir()
        (project.root / "ci/failures.toml").write_text("", encoding="utf-8")

        assert project.run(*ADD, *PATTERN).code == 0
        assert "stock-closed" in (project.root / "ci/failures.toml").read_text(encoding="utf-8")

    def test_takes_its_example_from_a_record(self, project: Project) -> None:
        record = make_record("tests/test_a.py::test_a", text="E   shop.Closed: north is closed")
        project.add_run(record, causes=[make_cause([record])])

        result = project.run(
            *ADD, "--type", "KeyError", "--record", record["failure_id"], "--when", "call"
        )

        assert result.code == 0, result.err
        assert "example = { " in result.out

    @pytest.mark.parametrize(
        ("more", "problem"),
        [
            ((), "matches nothing"),
            (("--pattern", "warehouse .* closed"), "'.*' in 'warehouse .* closed' has no upper"),
            (("--pattern", "warehouse (north"), "a regular expression"),
            ((*PATTERN, "--example", "the shop is open"), "is won by no entry"),
            ((*PATTERN, "--counter-example", "warehouse a is closed"), "is matched by it"),
            ((*PATTERN, "--confidence", "3"), "a number over 0 and up to 1"),
            ((*PATTERN, "--failure-type", "test_failure", "--retryable"), "never retried"),
            ((*PATTERN, "--failure-type", "nosuch2"), "'nosuch2' has no row in the matrix"),
            ((*PATTERN, "--id", "disk-full"), "ships with us"),
            ((*PATTERN, "--id", "Disk Full"), "a name in lower case"),
            ((*PATTERN, "--subcategory", "OTHER"), "Invalid value for '--subcategory'"),
        ],
    )
    def test_refuses_a_bad_one_and_writes_nothing(
        self, project: Project, own: Path, more: tuple[str, ...], problem: str
    ) -> None:
        own.unlink()

        result = project.run(*ADD, *more)

        assert result.code == 2
        assert problem in result.err
        assert list(own.parent.iterdir()) == []

    @pytest.mark.usefixtures("own")
    def test_refuses_an_id_that_is_taken(self, project: Project, own: Path) -> None:
        result = project.run(*ADD, *PATTERN)

        assert (result.code, "'id' is given twice" in result.err) == (2, True)
        assert own.read_text(encoding="utf-8") == OWN

    def test_shows_what_it_would_write(self, project: Project) -> None:
        result = project.run(*ADD, *PATTERN, "--dry-run")

        assert 'id = "stock-closed"' in result.out
        assert result.out.splitlines()[-1] == "would be added to governance/catalog.toml"
        assert not (project.root / "governance").exists()


class TestExplain:
    def test_says_what_an_entry_means_and_what_to_do(self, project: Project) -> None:
        result = project.run("catalog", "explain", "disk-full")

        assert "insufficient resources (CPU, memory, disk)" in result.out
        assert "Free disk space on the runner" in result.out

    def test_says_which_entry_a_log_belongs_to_and_why_others_lost(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log = (
            "warning: cache: Connection refused\n"
            "src/a.c:3:10: error: conflicting types for 'x'\n"
            "make: *** [all] Error 1\n"
        )
        monkeypatch.setattr("sys.stdin", io.StringIO(log))

        result = project.run("catalog", "explain", "-", "--command", "make", "--exit-status", "2")

        lines = result.out.splitlines()
        assert lines[0] == "compiler-error"
        assert "ARCHITECTURE / ARCHITECTURE_DRIFT" in lines[1]
        assert (
            "  connection-refused: It is not the error line that it matches,"
            " only what stands around it."
        ) in lines
        assert "  make-failed: It only tells that something failed, not what." in lines

    def test_says_why_infrastructure_loses_against_an_assertion(self, project: Project) -> None:
        text = "E   AssertionError: Connection refused"

        document = json.loads(
            project.run("catalog", "explain", text, "--when", "call", "--json").out
        )

        assert document["catalog_entry_id"] == "assertion-failed"
        lost = {one["id"]: one["why"] for one in document["lost"]}
        assert lost["connection-refused"].startswith("An assertion failed")

    def test_says_when_nothing_matches(self, project: Project) -> None:
        result = project.run("catalog", "explain", "all is well")

        assert result.out.splitlines()[0] == "no entry matches"

    def test_wants_something_to_explain(self, project: Project) -> None:
        result = project.run("catalog", "explain", " ")

        assert (result.code, "there is nothing to explain" in result.err) == (2, True)
