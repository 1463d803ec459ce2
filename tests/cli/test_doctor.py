"""`failtrack doctor`: each check fails on what it is there for, and is quiet where all is well."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from evidence_folder import SPOKEN_BY_CI

from pytest_failtrack.cli.checks import places
from pytest_failtrack.cli.main import main
from pytest_failtrack.policy import scope


@dataclass
class Answer:
    """What the command said.

    Args:
        code: Its exit code.
        out: What it printed.
        data: The JSON that it printed, None where it printed text.
    """

    code: int
    out: str
    data: dict[str, Any] | None = None

    def of(self, check: str) -> list[tuple[str, str]]:
        """Return status and sentence of every remark of a check."""
        assert self.data is not None
        return [
            (remark["status"], remark["sentence"])
            for one in self.data["checks"]
            if one["name"] == check
            for remark in one["remarks"]
        ]

    def said(self, check: str, status: str) -> str:
        """Return the only sentence of a check that has a status."""
        (sentence,) = [text for found, text in self.of(check) if found == status]
        return sentence


class Project:
    """A folder in which the command is called."""

    def __init__(self, folder: Path, call: Callable[..., tuple[int, str]]) -> None:
        self.folder = folder
        self._call = call

    def write(self, name: str, text: str = "") -> Path:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def configure(self, text: str) -> None:
        """Write `[tool.failtrack]`."""
        self.write("pyproject.toml", f"[tool.failtrack]\n{text}\n")

    def git(self, *words: str) -> None:
        """Run git."""
        identity = ("-c", "user.name=ann", "-c", "user.email=ann@example.com")
        command = ["git", "-C", str(self.folder), *identity, *words]
        subprocess.run(command, check=True, capture_output=True)

    def commit(self) -> None:
        """Commit everything, in a repository of its own."""
        if not (self.folder / ".git").exists():
            self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "change")

    def failtrack(self, *words: str) -> tuple[int, str]:
        """Call any command."""
        return self._call(*words)

    def doctor(self, *words: str) -> Answer:
        """Call the command for programs."""
        code, out = self._call("doctor", "--json", *words)
        return Answer(code, out, json.loads(out))


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Project:
    """An empty project without a CI around it."""
    for name in [
        name for name in os.environ if name.startswith((*SPOKEN_BY_CI, "GIT_", "PYTEST_"))
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["failtrack", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return ended.value.code, capsys.readouterr().out

    made = Project(tmp_path, call)
    made.write("pyproject.toml")
    return made


@pytest.fixture
def healthy(project: Project) -> Project:
    """A project about which there is nothing to say."""
    project.configure('[tool.failtrack.components]\n"src/" = "shop"')
    project.write("src/shop.py", "x = 1\n")
    project.write("CODEOWNERS", "*.py @team\n")
    project.commit()
    assert project.failtrack("run", "--", sys.executable, "-c", "")[0] == 0
    return project


class TestAHealthyProject:
    def test_has_an_ok_for_each_check(self, healthy: Project) -> None:
        code, out = healthy.failtrack("doctor")

        lines = out.splitlines()
        assert code == 0
        assert [line.split()[0] for line in lines[:-1]] == ["ok"] * 15
        assert lines[-1] == "everything is fine"

    def test_as_json(self, healthy: Project) -> None:
        answer = healthy.doctor()

        assert answer.data is not None
        assert {name: answer.data[name] for name in ("format", "format_version", "passed")} == {
            "format": "failtrack-doctor",
            "format_version": 1,
            "passed": True,
        }
        assert {one["status"] for one in answer.data["checks"]} == {"ok"}

    def test_an_empty_folder_is_only_warned_about(self, project: Project) -> None:
        assert project.doctor().code == 0


class TestConfiguration:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            pytest.param("[tool.failtrack]\nnosuch = 1", "unknown key `nosuch`", id="key"),
            pytest.param("[tool.failtrack", "is not valid TOML", id="toml"),
            pytest.param("[tool.failtrack.gate]\nnew = -1", "tool.failtrack.gate.new", id="gate"),
            pytest.param(
                "[tool.failtrack.types.build_error]\ntier = 1", "types.build_error.tier", id="types"
            ),
            pytest.param("[tool.failtrack.owners]\n'a' = 1", "tool.failtrack.owners", id="owners"),
            pytest.param("[tool.failtrack.mapping]\nx = 1", "unknown key 'x'", id="mapping"),
            pytest.param("[[tool.failtrack.frozen]]\npath = 'a'", "frozen[0].since", id="frozen"),
            pytest.param("[tool.failtrack]\ncatalog = ['no.toml']", "no.toml", id="catalog"),
            pytest.param("[tool.failtrack]\nredact = ['(']", "redact", id="redact"),
            pytest.param(
                "[tool.failtrack.components]\n'src/' = 3", "failtrack.components.src/", id="texts"
            ),
            pytest.param(
                "[tool.failtrack]\nintegration_paths = [1]", "integration_paths", id="lists"
            ),
            pytest.param(
                "[tool.failtrack.debt]\nrequire_reason = 'no'", "debt.require_reason", id="debt"
            ),
        ],
    )
    def test_that_cannot_be_used_ends_with_2(
        self, project: Project, text: str, expected: str
    ) -> None:
        project.write("pyproject.toml", text)

        answer = project.doctor()

        assert answer.code == 2
        assert expected in answer.said("configuration", "problem")

    def test_an_old_name_of_a_variable_is_warned_of(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("INACTIVITY_HOURS", "12")

        answer = project.doctor()

        assert answer.code == 0
        assert "INACTIVITY_HOURS is an old name" in answer.said("configuration", "warning")

    def test_a_key_that_nobody_reads_is_warned_of(self, project: Project) -> None:
        project.configure("[tool.failtrack.debt]\nreqire_reason = true")

        answer = project.doctor()

        assert answer.code == 0
        assert "debt.reqire_reason is read by no part" in answer.said("configuration", "warning")

    def test_a_variable_that_cannot_be_used_ends_with_2(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("FAILTRACK_TOKENS", "perhaps")

        assert project.failtrack("doctor")[0] == 2


class TestRules:
    """S0-37: two governance rules contradict."""

    def test_that_contradict_are_a_problem(self, project: Project) -> None:
        project.configure("[tool.failtrack.gate]\nthird_occurrence = 2")

        answer = project.doctor()

        assert answer.code == 1
        assert "third_occurrence lets 2 pass" in answer.said("rules", "problem")
        assert "GOVERNANCE_RULE_CONFLICT: tool.failtrack.gate" in project.failtrack("doctor")[1]

    def test_without_effect_are_a_warning(self, project: Project) -> None:
        project.configure("[tool.failtrack.gate]\nunmapped = 0")

        answer = project.doctor()

        assert answer.code == 0
        assert "unmapped judges nothing" in answer.said("rules", "warning")

    def test_an_override_of_what_nothing_lifts(self, project: Project) -> None:
        """The gate refuses that table as well, so the exit code is that of a configuration."""
        project.configure('[tool.failtrack.types.secret_detected]\noverride = "allowed"')

        answer = project.doctor()

        assert answer.code == 2
        assert "the never-list (S1-40) names secret_detected" in answer.said("rules", "problem")

    def test_an_entry_of_the_catalog_that_is_given_twice(self, project: Project) -> None:
        entry = "[[tool.failtrack.catalog]]\nid = 'a'\n"
        project.write("pyproject.toml", entry * 2)

        assert "catalog entry 'a' is given 2 times" in project.doctor().said("rules", "problem")

    def test_an_owner_who_never_rules(self, project: Project) -> None:
        project.write("src/tax.py")
        project.configure('[tool.failtrack.owners]\n"src/tax.py" = "@tax"\n"src/" = "@core"')

        assert "'src/tax.py' = '@tax' never rules" in project.doctor().said("rules", "problem")

    def test_evidence_in_the_local_state(self, project: Project) -> None:
        project.configure('dir = ".failtrack/failures"')

        answer = project.doctor()

        assert answer.code == 1
        assert "lies in .failtrack (state)" in answer.said("rules", "problem")

    def test_a_freeze_of_what_every_run_writes(self, project: Project) -> None:
        project.write("governance/rules.md")
        project.configure('[[tool.failtrack.frozen]]\npath = "governance/"\nsince = 2026-01-01')

        assert "every run writes to governance/events" in project.doctor().said("rules", "problem")


class TestScope:
    """S0-26: scope changed after freeze."""

    FROZEN = '[[tool.failtrack.frozen]]\npath = "src/"\nsince = "v1"\nowner = "@api"'

    @pytest.fixture
    def frozen(self, healthy: Project) -> Project:
        """A project whose sources are frozen since a tag."""
        healthy.write("pyproject.toml", self.FROZEN)
        healthy.commit()
        healthy.git("tag", "v1")
        return healthy

    def test_that_did_not_change_is_fine(self, frozen: Project) -> None:
        assert frozen.doctor().of("scope") == [("ok", "nothing changed under 1 frozen path")]

    def test_that_changed_is_a_problem(self, frozen: Project) -> None:
        frozen.write("src/shop.py", "x = 2\n")
        frozen.commit()

        answer = frozen.doctor()

        assert answer.code == 1
        assert answer.said("scope", "problem").startswith("src/shop.py changed in ")
        assert "next: take it back, or ask @api" in frozen.failtrack("doctor")[1]

    def test_that_cannot_be_checked_is_a_warning(self, frozen: Project) -> None:
        frozen.git("tag", "-d", "v1")

        answer = frozen.doctor()

        assert answer.code == 0
        assert "git knows no tag or commit 'v1'" in answer.said("scope", "warning")

    def test_a_freeze_that_is_over_is_a_warning(self, frozen: Project) -> None:
        frozen.write("pyproject.toml", self.FROZEN + "\nuntil = 2026-01-31")

        assert "was frozen until 2026-01-31" in frozen.doctor().said("scope", "warning")


class TestRecord:
    """S0-26, S0-37: with --record they are evidence, and the gate counts them."""

    BOTH = TestScope.FROZEN + "\n[tool.failtrack.gate]\nthird_occurrence = 2"

    def test_conflicts_and_changes_become_records(self, healthy: Project) -> None:
        healthy.write("pyproject.toml", self.BOTH)
        healthy.commit()
        healthy.git("tag", "v1")
        healthy.write("src/shop.py", "x = 2\n")

        code, _ = healthy.failtrack("doctor", "--record", "--build", "7")

        assert code == 1
        out = healthy.failtrack("list", "--build", "7", "--records", "--json")[1]
        records = json.loads(out)["records"]
        assert {(one["category"], one["subcategory"]) for one in records} == {
            ("GOVERNANCE", "GOVERNANCE_RULE_CONFLICT"),
            ("SCOPE", "SCOPE_NOT_FROZEN"),
        }
        assert {one["context"]["phase"] for one in records} == {"AUTHORIZATION"}
        assert healthy.failtrack("gate", "--build", "7")[0] == 1

    def test_the_signature_does_not_name_the_commit(
        self, healthy: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Some commits look like a number, some like a word."""
        healthy.write("pyproject.toml", TestScope.FROZEN)
        healthy.commit()
        healthy.git("tag", "v1")
        for build, commit in (("7", "1a2b3c4"), ("8", "6442e98"), ("9", "deadbee")):
            healthy.write("src/shop.py", f"x = {build}\n")
            healthy.commit()
            monkeypatch.setattr(scope, "LOG_FORMAT", f"%x01{commit}%x02%aE")
            healthy.failtrack("doctor", "--record", "--build", build)

        found = [
            json.loads(healthy.failtrack("list", "--build", build, "--records", "--json")[1])
            for build in ("7", "8", "9")
        ]

        records = [one["records"][0] for one in found]
        assert len({one["signature"]["hash"] for one in records}) == 1
        (reason,) = records[1]["classification"]["reasons"]
        assert "in 6442e98 by ann@example.com" in reason

    def test_the_same_findings_twice_are_one_run(self, healthy: Project) -> None:
        healthy.configure("[tool.failtrack.gate]\nthird_occurrence = 2")
        before = len(list(healthy.folder.glob("governance/events/runs/*.json")))

        for _ in range(2):
            healthy.failtrack("doctor", "--record", "--build", "7")

        assert len(list(healthy.folder.glob("governance/events/runs/*.json"))) == before + 1
        assert len(list(healthy.folder.glob("governance/events/failures/*.json"))) == 1


class TestCodeowners:
    def test_a_rule_that_matches_no_file(self, healthy: Project) -> None:
        healthy.write("CODEOWNERS", "*.py @team\nnosuch/ @team\n")

        assert healthy.doctor().of("codeowners") == [
            ("warning", "CODEOWNERS: nosuch/ matches no file")
        ]

    def test_an_owner_that_is_none(self, healthy: Project) -> None:
        healthy.write("CODEOWNERS", "*.py team ann@example.com @org/team\n")

        assert healthy.doctor().of("codeowners") == [("warning", "CODEOWNERS: 'team' is no owner")]

    def test_a_second_file_is_never_read(self, healthy: Project) -> None:
        healthy.write("docs/CODEOWNERS", "*.py @other\n")

        assert "docs/CODEOWNERS is never read" in healthy.doctor().said("codeowners", "warning")

    def test_another_encoding(self, healthy: Project) -> None:
        (healthy.folder / "CODEOWNERS").write_bytes("# für alle\n*.py @team\n".encode("latin-1"))

        assert "is no UTF-8" in healthy.doctor().said("codeowners", "warning")

    def test_that_of_a_monorepo_lies_above_the_project(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        project.write(".github/CODEOWNERS", "/web/ @web\n/api/ @api\n/nosuch/ @gone\n")
        project.write("web/pyproject.toml")
        project.write("api/a.py")
        project.commit()
        monkeypatch.chdir(project.folder / "web")

        assert project.doctor().of("codeowners") == [
            ("warning", "../.github/CODEOWNERS: /nosuch/ matches no file")
        ]


class TestComponents:
    def test_a_source_file_without_one(self, healthy: Project) -> None:
        """S1-141: `doctor` reports unmapped paths."""
        healthy.write("tools/build.py")

        sentence = healthy.doctor().said("components", "warning")

        assert sentence == "1 of 2 source files belong to no component: tools/build.py"


class TestEvidence:
    def records(self, project: Project) -> list[Path]:
        """Return the records of a command that failed."""
        project.failtrack("run", "--", sys.executable, "-c", "raise SystemExit('broken')")
        return list(project.folder.glob("governance/events/failures/*.json"))

    def test_a_record_that_cannot_be_read(self, healthy: Project) -> None:
        (path,) = self.records(healthy)
        path.write_text("{", encoding="utf-8")

        answer = healthy.doctor()

        assert answer.code == 1
        assert "is truncated" in answer.said("evidence", "problem")

    def test_a_run_that_cannot_be_read(self, healthy: Project) -> None:
        (path,) = healthy.folder.glob("governance/events/runs/*.json")
        path.write_text("{}", encoding="utf-8")

        assert "schema_version is missing" in healthy.doctor().said("evidence", "problem")

    def test_a_record_that_is_missing(self, healthy: Project) -> None:
        (path,) = self.records(healthy)
        path.unlink()

        sentence = healthy.doctor().said("evidence", "problem")

        assert sentence.endswith(f"lists 1 record that is missing, {path.name} first")

    def test_a_record_without_an_owner(self, healthy: Project) -> None:
        """S1-100: a record without owner fails `doctor`."""
        (path,) = self.records(healthy)
        record = json.loads(path.read_text(encoding="utf-8"))
        record["metadata"]["owner"] = None
        path.write_text(json.dumps(record), encoding="utf-8")

        answer = healthy.doctor()

        assert answer.code == 1
        assert answer.said("evidence", "problem").endswith("has no owner")

    def test_a_folder_that_cannot_be_written(self, project: Project) -> None:
        project.write("governance/events", "a file")

        answer = project.doctor()

        assert answer.code == 1
        assert all("is no folder" in sentence for _, sentence in answer.of("evidence"))

    def test_many_broken_files_are_counted(self, healthy: Project) -> None:
        for number in range(9):
            healthy.write(f"governance/events/failures/{number}.json", "{")

        remarks = healthy.doctor().of("evidence")

        assert len(remarks) == 6
        assert remarks[-1] == ("problem", "4 more documents are like that")

    def test_nothing_yet_is_a_warning(self, project: Project) -> None:
        assert "holds nothing yet" in project.doctor().said("evidence", "warning")


class TestJournals:
    def test_a_run_that_died_waits(self, healthy: Project) -> None:
        start = {"mark": "start", "version": 1}
        healthy.write(".failtrack/journals/20260101T000000-1-abc/main.jsonl", json.dumps(start))

        answer = healthy.doctor()

        assert answer.code == 0
        assert "1 run died and is not recorded yet" in answer.said("journals", "warning")
        assert "next: failtrack recover" in healthy.failtrack("doctor")[1]


class TestState:
    def test_that_is_committed(self, healthy: Project) -> None:
        healthy.write(".failtrack/history.sqlite.broken")
        healthy.git("add", "-f", ".failtrack/history.sqlite.broken")

        answer = healthy.doctor()

        assert answer.code == 1
        assert ".failtrack is committed" in answer.said("state", "problem")

    def test_that_cannot_be_written(self, project: Project) -> None:
        project.write(".failtrack", "a file")

        answer = project.doctor()

        assert answer.code == 1
        assert ".failtrack cannot be written" in answer.said("state", "problem")


class TestIndex:
    def test_that_is_damaged(self, healthy: Project) -> None:
        healthy.write(".failtrack/history.sqlite", "no database at all, but long enough " * 40)

        answer = healthy.doctor()

        assert answer.code == 0
        assert "made anew from the evidence" in answer.said("index", "warning")

    def test_of_somebody_else(self, healthy: Project) -> None:
        path = healthy.write(".failtrack/history.sqlite")
        connection = sqlite3.connect(path)
        connection.execute("create table other (x)")
        connection.close()

        answer = healthy.doctor()

        assert answer.code == 1
        assert "is a database of something else" in answer.said("index", "problem")

    def test_behind_the_evidence(self, healthy: Project) -> None:
        healthy.failtrack("run", "--", sys.executable, "-c", "raise SystemExit('broken')")
        (path,) = healthy.folder.glob("governance/events/failures/*.json")
        path.rename(path.with_name("elsewhere"))

        assert "1 behind the evidence" in healthy.doctor().said("index", "ok")


class TestGit:
    def test_no_checkout(self, project: Project) -> None:
        assert "is no checkout with a commit" in project.doctor().said("git", "warning")

    def test_no_git(self, healthy: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")

        assert "git cannot be called" in healthy.doctor().said("git", "warning")

    def test_a_base_branch_that_is_not_there(self, healthy: Project) -> None:
        healthy.configure('base_branch = "develop"')

        assert "base branch develop is not known" in healthy.doctor().said("git", "warning")

    def test_a_shallow_clone(
        self, healthy: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        healthy.write("src/shop.py", "x = 2\n")
        healthy.commit()
        healthy.git("clone", "-q", "--depth=1", f"file://{tmp_path}", str(tmp_path / "clone"))
        monkeypatch.chdir(tmp_path / "clone")

        assert "this clone is shallow" in healthy.doctor().said("git", "warning")


class TestGuard:
    def test_that_is_configured_and_cannot_run(
        self, healthy: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(places, "has_module", lambda name: False)
        assert healthy.doctor().of("guard")[0][0] == "ok"

        healthy.configure("[tool.failtrack.guard]\nsrc = ['src']")

        assert "failtrack guard cannot run here" in healthy.doctor().said("guard", "warning")


class TestPlugin:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            pytest.param(
                "pytest.ini", "[pytest]\naddopts = -p pytest_failtrack.plugin", id="addopts"
            ),
            pytest.param(
                "conftest.py",
                "pytest_plugins: list[str] = [\n    'other',\n    'pytest_failtrack.plugin',\n]",
                id="conftest",
            ),
        ],
    )
    def test_that_is_loaded_under_two_names(self, healthy: Project, name: str, text: str) -> None:
        healthy.write(name, text)

        answer = healthy.doctor()

        assert answer.code == 1
        assert f"{name} names pytest_failtrack.plugin" in answer.said("plugin", "problem")

    @pytest.mark.parametrize(
        ("name", "text"),
        [("PYTEST_PLUGINS", "pytest_failtrack.plugin"), ("PYTEST_ADDOPTS", "-p no:failtrack")],
        ids=["plugins", "addopts"],
    )
    def test_that_a_variable_changes(
        self, healthy: Project, monkeypatch: pytest.MonkeyPatch, name: str, text: str
    ) -> None:
        monkeypatch.setenv(name, text)

        assert healthy.doctor().said("plugin", "problem").startswith(name)

    def test_a_comment_about_it_is_fine(self, healthy: Project) -> None:
        healthy.write(
            "pytest.ini", "[pytest]\n# not -p no:failtrack\naddopts = -q ; -p no:failtrack"
        )

        assert [status for status, _ in healthy.doctor().of("plugin")] == ["ok"]

    def test_that_is_switched_off(self, healthy: Project) -> None:
        healthy.write("pytest.ini", "[pytest]\naddopts = -p no:failtrack\n")

        assert "switches the plugin off" in healthy.doctor().said("plugin", "problem")

    def test_that_pytest_may_not_find_by_itself(
        self, healthy: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

        answer = healthy.doctor()

        assert answer.code == 0
        assert "pytest loads failtrack only when it is named" in answer.said("plugin", "warning")

    @pytest.mark.parametrize(
        ("found", "expected"),
        [
            pytest.param([], "importable and not installed", id="none"),
            pytest.param(
                [("failtrack", "pytest-failtrack 1"), ("failtrack", "pytest-failtrack 2")],
                "more than once: failtrack of pytest-failtrack 1, failtrack of",
                id="two",
            ),
        ],
    )
    def test_that_is_not_installed_once(
        self,
        healthy: Project,
        monkeypatch: pytest.MonkeyPatch,
        found: list[tuple[str, str]],
        expected: str,
    ) -> None:
        monkeypatch.setattr(places, "plugin_entry_points", lambda: found)

        answer = healthy.doctor()

        assert answer.code == 1
        assert expected in answer.said("plugin", "problem")
