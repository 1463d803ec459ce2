"""Hooks of others: where they may stand, what they change, and that a mistake costs nothing else.

Issue 2, "Extending": each hook with a test; a hook that raises is reported once.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from project import Outcome, Project

from pytest_failtrack import hookspecs
from pytest_failtrack.classify.amend import amended
from pytest_failtrack.classify.classify import Classification
from pytest_failtrack.extensions import HOOKS, PREFIX, CommandPlugins, Extensions
from pytest_failtrack.observe.observation import Observation
from pytest_failtrack.policy.digest import Digest

TESTS = """
    import pytest

    @pytest.mark.parametrize("number", [1, 2])
    def test_sells(number):
        print("card 4000-1111")
        raise RuntimeError("the till is stuck")

    def test_passes():
        pass
"""


def conftest(project: Project, text: str, tests: str = TESTS) -> Outcome:
    """Run two failing tests of one cause and a passing one, under a conftest.py."""
    project.write("conftest.py", text)
    project.write("test_shop.py", tests)
    return project.pytest()


def distribution(project: Project, text: str, name: str = "shop_rules") -> dict[str, str]:
    """Put a module and its entry point where Python finds it; return the environment for it."""
    site = project.folder / "site"
    project.write(f"site/{name}.py", text)
    project.write(f"site/{name}-1.0.dist-info/METADATA", f"Name: {name}\nVersion: 1.0\n")
    entry_point = f"[failtrack]\n{name} = {name}\n"
    project.write(f"site/{name}-1.0.dist-info/entry_points.txt", entry_point)
    return {"PYTHONPATH": str(site)}


def problems(outcome: Outcome) -> list[str]:
    """The sentences of the run document, each of which must also be said to people, once."""
    sentences: list[str] = outcome.run["problems"]
    said = " ".join(outcome.text.split())
    for sentence in sentences:
        start = " ".join(sentence.split()[:8])
        assert said.count(start) == 1, (start, outcome.text)
    return sentences


def is_as_without(outcome: Outcome, records: int = 2) -> None:
    """Assert that tests, exit status and records are those of a run without hooks."""
    assert outcome.exit_status == 1, outcome.text
    assert re.search(r"\b2 failed, 1 passed\b", outcome.stdout), outcome.text
    assert len(outcome.records) == records
    assert outcome.run["is_complete"] is True
    assert outcome.run["totals"]["passed"] == 1


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose two failures the gate's own rules allow."""
    project = Project(tmp_path_factory.mktemp("evidence"), plugins=())
    project.write("pyproject.toml", "[tool.failtrack.gate]\nnew = 9\n")
    project.write("test_shop.py", TESTS)
    project.pytest()
    return project.folder


class TestClassify:
    def test_says_what_kind_of_failure_it_is(self, plain_project: Project) -> None:
        """The kind comes from the hook; what it leaves out follows from the kind."""
        outcome = conftest(
            plain_project,
            """
            def pytest_failtrack_classify(observation):
                if "till" in observation.exceptions[0].message:
                    return {"subcategory": "INFRA_TOOLING", "failure_type": "ci_runner",
                            "is_retryable": True}
            """,
        )

        record = outcome.records[0]
        classification = record["classification"]
        assert (record["category"], record["subcategory"]) == ("INFRA", "INFRA_TOOLING")
        assert record["severity"] == "HIGH"
        assert classification == {
            "failure_type": "ci_runner",
            "match_type": "exact",
            "confidence": 1.0,
            "catalog_entry_id": None,
            "is_retryable": True,
            "recovery_mode": "RETRY_EXPONENTIAL",
            "recovery_suggestion": "Run it again, waiting longer each time.",
            "reasons": ["A pytest_failtrack_classify hook said so."],
            "best_guess": None,
        }
        assert problems(outcome) == []

    def test_can_change_one_field_of_the_catalogs_answer(self, plain_project: Project) -> None:
        without = conftest(plain_project, "").records[0]
        outcome = conftest(
            plain_project,
            """
            def pytest_failtrack_classify(observation):
                return {"severity": "LOW", "reasons": ["Nobody uses the till."]}
            """,
        )

        record = outcome.records[-1]
        assert (record["severity"], record["metadata"]["priority"]) == ("LOW", "P3")
        assert record["subcategory"] == without["subcategory"]
        assert record["classification"]["reasons"][0] == "Nobody uses the till."
        assert len(record["classification"]["reasons"]) > 1

    @pytest.mark.parametrize(
        ("answer", "complaint"),
        [
            ("'INFRA_NETWORK'", "answered str instead of a mapping"),
            ("{'subcategory': 'NO_SUCH'}", "'NO_SUCH' is none of the 36"),
            ("{'subcategory': 7}", "7 is none of"),
            ("{'subcategory': ['INFRA_NETWORK']}", "is none of"),
            ("{'category': 'HARDWARE'}", "'HARDWARE' is none of ARCHITECTURE, QA"),
            ("{'category': 'QA', 'subcategory': 'INFRA_NETWORK'}", "not that of INFRA_NETWORK"),
            ("{'severity': 'URGENT'}", "'URGENT' is none of CRITICAL"),
            ("{'confidence': 'high'}", "'high' is no number from 0 to 1"),
            ("{'confidence': float('nan')}", "is no number from 0 to 1"),
            ("{'is_retryable': 'no'}", "'no' is neither True nor False"),
            ("{'failure_type': ''}", "'' is no text of one line"),
            ("{'failure_type': ['x']}", "is no text of one line"),
            ("{'recovery_mode': 'PRAY'}", "'PRAY' is none of RETRY_EXPONENTIAL"),
            ("{'match_type': []}", "is none of exact"),
            ("{'reasons': 'because'}", "is no list"),
            ("{'reasons': [1]}", "is no text of one line"),
            ("{'recovery_suggestion': '\\ud800'}", "cannot be written as UTF-8"),
            ("{'colour': 'red'}", "'colour' is no field"),
            ("{1: 2}", "1 is no field"),
        ],
    )
    def test_an_answer_that_cannot_be_used_is_named_and_ignored(
        self, answer: str, complaint: str
    ) -> None:
        """Each kind of wrong value, in one process: pytest has its own test below."""

        ours = Classification(
            category="QA",
            subcategory="QA_ASSERTION_INCORRECT",
            failure_type="test_failure",
            severity="HIGH",
            confidence=0.8,
            match_type="exact",
            catalog_entry_id="assertion",
            is_retryable=False,
            recovery_mode="FIX_CODE",
            recovery_suggestion="Fix it.",
            reasons=("It says so.",),
        )
        seen = Observation("pytest", "call", "test_shop.py::test_sells", "failed")
        manager = _plugins(pytest_failtrack_classify=lambda observation: eval(answer))
        extensions = Extensions(manager.hook)

        for _ in range(2):
            assert extensions.classify(seen, lambda given: amended(ours, given, seen)) is None

        (problem,) = extensions.problems
        assert problem.startswith("the hook pytest_failtrack_classify of shop ")
        assert complaint in problem

    def test_a_wrong_answer_changes_nothing_of_the_run(self, plain_project: Project) -> None:
        outcome = conftest(
            plain_project,
            """
            def pytest_failtrack_classify(observation):
                return {"subcategory": "INFRA_NETWORK", "severity": "URGENT"}
            """,
        )

        is_as_without(outcome)
        assert {one["category"] for one in outcome.records} != {"INFRA"}
        (problem,) = problems(outcome)
        assert "severity: 'URGENT' is none of CRITICAL, HIGH, MEDIUM, LOW" in problem

    def test_what_it_says_is_redacted_like_all_else(self, plain_project: Project) -> None:
        """A hook reads what it likes: the environment, a service that answers with a token."""
        outcome = conftest(
            plain_project,
            """
            import os

            def pytest_failtrack_classify(observation):
                secret = os.environ["TILL_PASSWORD"]
                return {"subcategory": "INFRA_TOOLING", "catalog_entry_id": secret,
                        "recovery_suggestion": f"Log in with {secret}.",
                        "reasons": (f"It said {secret}.", "See CARD-17.", "ghp_" + "a1B2" * 9)}

            def pytest_failtrack_redact(text):
                return text.replace("CARD-17", "[redacted:card]")

            def pytest_configure():
                os.environ["TILL_PASSWORD"] = "four-horses-17"
            """,
        )

        classification = outcome.records[0]["classification"]
        assert classification["catalog_entry_id"] == "[redacted:env]"
        assert classification["recovery_suggestion"] == "Log in with [redacted:env]."
        assert classification["reasons"] == [
            "It said [redacted:env].",
            "See [redacted:card].",
            "[redacted:github-token]",
        ]
        assert problems(outcome) == []

    def test_a_failure_type_that_the_matrix_lacks_is_named_once(
        self, plain_project: Project
    ) -> None:
        hook = """
            def pytest_failtrack_classify(observation):
                return {"failure_type": "till_jam", "severity": "LOW"}
            """
        outcome = conftest(plain_project, hook)

        is_as_without(outcome)
        (problem,) = problems(outcome)
        assert "failure_type 'till_jam' has no row in the matrix: give it one" in problem
        kinds = {one["classification"]["failure_type"] for one in outcome.records}
        assert "till_jam" not in kinds

    def test_a_failure_type_of_the_project_is_taken(self, plain_project: Project) -> None:
        row = '[tool.failtrack.types.till_jam]\nprimary = "backend_dev"\n'
        plain_project.write("pyproject.toml", row)
        outcome = conftest(
            plain_project,
            "def pytest_failtrack_classify(observation): return {'failure_type': 'till_jam'}",
        )

        assert outcome.records[0]["classification"]["failure_type"] == "till_jam"
        assert problems(outcome) == []


class TestOwner:
    @pytest.mark.parametrize("secret", ["four-horses-17", "ghp_" + "a1B2" * 9], ids=["env", "ghp"])
    def test_that_is_a_secret_is_written_nowhere(
        self, plain_project: Project, secret: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TILL_PASSWORD", "four-horses-17")

        outcome = conftest(
            plain_project, f"def pytest_failtrack_owner(observation): return '@till-{secret}'"
        )

        assert {one["metadata"]["owner"][:16] for one in outcome.records} == {"@till-[redacted:"}
        assert secret not in outcome.text
        folder = plain_project.folder
        written = [one for one in folder.rglob("*") if one.is_file() and ".py" not in one.name]
        assert [one for one in written if secret.encode() in one.read_bytes()] == []

    def test_names_the_owner_and_is_given_the_failure_type(self, plain_project: Project) -> None:
        """C-29: before CODEOWNERS and the matrix are asked."""
        outcome = conftest(
            plain_project,
            """
            def pytest_failtrack_owner(observation, failure_type):
                return f"@till-team/{failure_type}"
            """,
        )

        owners = {one["metadata"]["owner"] for one in outcome.records}
        assert owners == {"@till-team/test_failure"}
        assert "owner @till-team/test_failure" in outcome.stdout

    @pytest.mark.parametrize(
        ("answer", "complaint"),
        [
            ("['@a', '@b']", "answered list instead of a text"),
            ("7", "answered int instead of a text"),
            (r"'@a\n@b'", "no handle"),
            (r"'\x1b[31m@a'", "no handle"),
            (r"'\ud800'", "no handle"),
            ("'a' * 201", "no handle"),
        ],
    )
    def test_what_is_no_handle_is_named_and_the_next_is_asked(
        self, answer: str, complaint: str
    ) -> None:

        manager = _plugins(pytest_failtrack_owner=lambda observation, failure_type: "@second")
        _register(manager, "late", pytest_failtrack_owner=lambda observation: eval(answer))
        extensions = Extensions(manager.hook)

        found = extensions.owner(Observation("pytest", "call", "", "failed"), "test_failure")

        assert found == "@second"
        assert len(extensions.problems) == 1
        assert complaint in extensions.problems[0]

    def test_the_matrix_is_asked_when_nobody_knows(self, plain_project: Project) -> None:
        without = conftest(plain_project, "").records[0]["metadata"]["owner"]

        outcome = conftest(plain_project, "def pytest_failtrack_owner(observation): return None")

        assert outcome.records[-1]["metadata"]["owner"] == without
        assert outcome.runs[-1]["problems"] == []


class TestRedact:
    CONFTEST = """
        def pytest_failtrack_redact(text):
            return text.replace("4000-1111", "[redacted:card]")
    """
    PLANTED = """
        import logging, sys, pytest

        @pytest.fixture(params=["4000-1111"])
        def card(request):
            return request.param

        def test_message(card):
            print("paid with 4000-1111")
            print("and 4000-1111", file=sys.stderr)
            logging.warning("logged 4000-1111")
            raise RuntimeError("card 4000-1111 refused")

        def test_passes(card):
            pass

        @pytest.mark.skip(reason="no 4000-1111 here")
        def test_skipped(card):
            pass

        @pytest.mark.xfail(reason="4000-1111 is unknown", strict=False)
        def test_xfail(card):
            assert 0
    """

    def everything_written(self, project: Project) -> bytes:
        folders = [project.folder / name for name in ("governance", ".failtrack")]
        paths = [path for one in folders for path in one.rglob("*") if path.is_file()]
        assert paths
        return b"".join(path.read_bytes() for path in paths)

    def test_cleans_every_text_before_it_is_written(self, project: Project) -> None:
        """In the process where the test runs: an xdist worker writes a journal of its own."""
        outcome = conftest(project, self.CONFTEST, self.PLANTED)

        assert b"4000-1111" not in self.everything_written(project)
        (record,) = (one for one in outcome.records if one["test"]["outcome"] == "failed")
        assert record["test"]["nodeid"] == "test_shop.py::test_message[[redacted:card]]"
        details = record["failure_description"]["details"]
        assert details.count("[redacted:card]") >= 3
        assert problems(outcome) == []

    def test_cleans_the_journal_of_a_process_that_dies(self, project: Project) -> None:
        """The journal holds what was seen before the death; the slot names the test in flight."""
        conftest(
            project,
            self.CONFTEST,
            """
            import os, pytest

            def test_fails():
                raise RuntimeError("card 4000-1111 refused")

            @pytest.mark.parametrize("card", ["4000-1111"])
            def test_kills(card):
                os._exit(3)
            """,
        )
        assert b"4000-1111" not in self.everything_written(project)

        outcome = project.failtrack("recover")

        assert b"4000-1111" not in self.everything_written(project)
        assert "test_shop.py::test_kills[[redacted:card]]" in {one[0] for one in outcome.failures}

    def test_cleans_a_node_id_whose_beginning_it_looks_for(self, plain_project: Project) -> None:
        """Many node ids are looked at in one go only by rules that do not care where they are."""
        outcome = conftest(
            plain_project,
            """
            import re

            def pytest_failtrack_redact(text):
                return re.sub(r"^test_shop.py::test_sells.[1].$", "[redacted:test]", text)
            """,
        )

        assert "[redacted:test]" in {one["test"]["nodeid"] for one in outcome.records}

    def test_every_plugin_has_its_turn_the_last_registered_first(self) -> None:

        manager = _plugins(pytest_failtrack_redact=lambda text: text + " first")
        _register(manager, "late", pytest_failtrack_redact=lambda text: text + " late")
        _register(manager, "silent", pytest_failtrack_redact=lambda text: None)

        assert Extensions(manager.hook).redact("a") == "a late first"

    def test_one_that_fails_hides_the_text_and_never_lets_it_through(
        self, project: Project
    ) -> None:
        """Not even in the sentence that reports it; tests and exit status stay as they are."""
        outcome = conftest(
            project,
            """
            def pytest_failtrack_redact(text):
                if "4000-1111" in text:
                    raise ValueError("what to do with " + text)
            """,
            TESTS.replace("the till is stuck", "card 4000-1111 refused"),
        )

        is_as_without(outcome)
        assert b"4000-1111" not in self.everything_written(project)
        record = outcome.records[0]
        assert "[redacted:hook-failed]" in record["failure_description"]["error_message"]
        assert problems(outcome) == [
            "the hook pytest_failtrack_redact of conftest.py raised ValueError (conftest.py:4); "
            "such texts are hidden"
        ]

    @pytest.mark.parametrize(
        ("function", "complaint"),
        [
            (str.encode, "answered bytes instead of a text"),
            (lambda text: [text], "answered list instead of a text"),
            (lambda text: sys.exit(text), "raised SystemExit (test_extensions.py:"),
            (lambda text: pytest.fail(text), "raised Failed ("),
        ],
        ids=["bytes", "list", "exits", "fails"],
    )
    def test_what_is_no_text_hides_it_as_well(
        self, function: Callable[[str], Any], complaint: str
    ) -> None:
        manager = _plugins(pytest_failtrack_redact=lambda text: function(text))
        extensions = Extensions(manager.hook)

        hidden = [extensions.redact("open sesame"), extensions.redact("open barley")]

        assert hidden == ["[redacted:hook-failed]"] * 2
        (problem,) = extensions.problems
        assert complaint in problem
        assert "open" not in problem

    def test_an_interrupt_is_let_through(self) -> None:
        def stop(text: str) -> str:
            raise KeyboardInterrupt

        extensions = Extensions(_plugins(pytest_failtrack_redact=stop).hook)

        with pytest.raises(KeyboardInterrupt):
            extensions.redact("open sesame")


@pytest.mark.parametrize("command", ["run", "gate"])
def test_what_commands_hear_is_redacted_by_the_projects_patterns(
    plain_project: Project, command: str
) -> None:
    hooks = """
        def pytest_failtrack_owner(observation): return "@till-4711"
        def pytest_failtrack_gate_rule(digests):
            return {"name": "till", "passed": False, "saw": "till-4711 is open"}
        """
    environ = distribution(plain_project, hooks)
    plain_project.write("pyproject.toml", "[tool.failtrack]\nredact = ['till-[0-9]+']\n")

    outcome = plain_project.failtrack("run", "--", sys.executable, "-c", "1 / 0", env=environ)
    if command == "gate":
        outcome = plain_project.failtrack("gate", "--explain", env=environ)

    assert [one["metadata"]["owner"] for one in outcome.records] == ["@[redacted:custom]"]
    assert "4711" not in outcome.text
    assert "[redacted:custom]" in outcome.text


class TestDigest:
    def test_is_received_after_the_records_are_written(self, plain_project: Project) -> None:
        outcome = conftest(
            plain_project,
            """
            import pathlib

            def pytest_failtrack_digest(digest):
                there = sorted(pathlib.Path(digest.evidence_dir).glob("*.json"))
                print(f"chat: {digest.failures} failures, {len(digest.causes)} cause,",
                      f"{digest.totals['passed']} passed, {len(there)} records")
            """,
        )

        line = "chat: 2 failures, 1 cause, 1 passed, 2 records"
        assert outcome.stdout.count(line) == 1

    def test_of_a_green_run_is_received_as_well(self, plain_project: Project) -> None:
        outcome = conftest(
            plain_project,
            "def pytest_failtrack_digest(digest): print('chat:', digest.failures)",
            "def test_passes(): pass",
        )

        assert outcome.exit_status == 0
        assert "chat: 0" in outcome.stdout

    def test_one_that_raises_does_not_silence_the_others(self, plain_project: Project) -> None:
        """It is reported though the section above has been printed already."""
        plain_project.write("louder.py", "def pytest_failtrack_digest(): print('the other one')")
        plain_project.write("pytest.ini", "[pytest]\naddopts = -p louder\npythonpath = .\n")

        outcome = conftest(
            plain_project,
            """
            def pytest_failtrack_digest(digest):
                raise ConnectionError("https://hooks.chat.example/?token=sesame-opens-all")
            """,
        )

        is_as_without(outcome)
        assert "the other one" in outcome.stdout
        (problem,) = problems(outcome)
        assert "raised ConnectionError: https://hooks.chat.example/?token=[redacted" in problem
        assert "sesame" not in outcome.text


class TestGateRule:
    RULE = """
        def pytest_failtrack_gate_rule(digests):
            failures = sum(digest.failures for digest in digests)
            return {"name": "at most one", "passed": failures <= 1,
                    "saw": f"{failures} failures", "limit": "1"}
    """

    def judged(self, evidence: Path, folder: Path, text: str, *arguments: str) -> Outcome:
        shutil.copytree(evidence, folder, dirs_exist_ok=True)
        project = Project(folder)
        return project.failtrack("gate", *arguments, env=distribution(project, text))

    def test_closes_a_gate_that_was_open(self, evidence: Path, tmp_path: Path) -> None:
        outcome = self.judged(evidence, tmp_path, self.RULE)

        assert outcome.exit_status == 1, outcome.text
        assert "rule at most one: saw 2 failures; allowed 1" in outcome.stdout

    def test_is_explained_when_it_holds(self, evidence: Path, tmp_path: Path) -> None:
        rule = self.RULE.replace("<= 1", "<= 2")

        outcome = self.judged(evidence, tmp_path, rule, "--explain")

        assert outcome.exit_status == 0, outcome.text
        assert re.search(r"ok +at most one +2 failures", outcome.stdout)

    def test_that_raises_has_not_passed(self, evidence: Path, tmp_path: Path) -> None:
        """The gate never takes a silence for a pass."""
        text = "def pytest_failtrack_gate_rule(digests): raise OSError('no budget')"

        outcome = self.judged(evidence, tmp_path, text)

        assert outcome.exit_status == 1, outcome.text
        said = "raised OSError: no budget (shop_rules.py:1)"
        assert f"rule shop_rules: saw nothing: it {said}" in outcome.stdout
        assert (
            outcome.stderr.count(f"the hook pytest_failtrack_gate_rule of shop_rules {said}") == 1
        )

    def test_of_a_plugin_that_cannot_be_loaded_has_not_passed(
        self, evidence: Path, tmp_path: Path
    ) -> None:
        """Nobody knows which rules it would have brought."""
        outcome = self.judged(evidence, tmp_path, "import no_such_module")

        assert outcome.exit_status == 1, outcome.text
        assert "rule shop_rules: saw it cannot be loaded: it raised Module" in outcome.stdout

    @pytest.mark.parametrize(
        ("answer", "rules"),
        [
            (None, []),
            (True, [("shop", False, "nothing: it answered bool instead of a mapping")]),
            ([], [("shop", False, "nothing: it answered list instead of a mapping")]),
            ({}, [("unnamed", False, "it answered None instead of true or false")]),
            (
                {"name": "budget", "passed": "yes"},
                [("budget", False, "it answered 'yes' instead of true or false")],
            ),
            ({"name": 7, "passed": True, "saw": 8}, [("7", True, "8")]),
        ],
        ids=["nothing to say", "True", "list", "empty", "passed is a text", "numbers"],
    )
    def test_without_a_clear_verdict_has_not_passed(
        self, answer: Any, rules: list[tuple[str, bool, str]]
    ) -> None:
        from datetime import datetime, timezone

        from pytest_failtrack.policy.case import Case
        from pytest_failtrack.policy.gate import judge
        from pytest_failtrack.policy.matrix import load_matrix
        from pytest_failtrack.policy.rules import gate_rules
        from pytest_failtrack.policy.rulings import RULES

        extensions = Extensions(_plugins(pytest_failtrack_gate_rule=lambda digests: answer).hook)
        now = datetime(2026, 1, 1, tzinfo=timezone.utc)

        verdict = judge(
            Case("1"), gate_rules(None, None), load_matrix({}), now, extensions.gate_rules
        )

        extra = verdict.rules[len(RULES) :]
        assert [(one.name, one.passed, one.saw) for one in extra] == rules

    def test_says_no_secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TILL_PASSWORD", "four-horses-17")
        answer = {"name": "till", "passed": False, "saw": "four-horses-17 was refused"}
        extensions = Extensions(_plugins(pytest_failtrack_gate_rule=lambda digests: answer).hook)

        (said,) = extensions.gate_rules(())

        assert said == {**answer, "saw": "[redacted:env] was refused"}

    def test_in_a_conftest_is_said_to_be_out_of_reach(self, plain_project: Project) -> None:
        """`failtrack gate` runs no pytest, so no conftest is loaded."""
        outcome = conftest(plain_project, self.RULE)

        is_as_without(outcome)
        (problem,) = problems(outcome)
        assert problem.startswith("the hook pytest_failtrack_gate_rule of conftest.py is never")


class TestWhereHooksStand:
    CLASSIFY = """
        def pytest_failtrack_classify(observation):
            return {"subcategory": "INFRA_RESOURCE", "failure_type": "infrastructure"}
    """

    def kinds(self, outcome: Outcome) -> dict[str, str]:
        return {
            one["test"]["nodeid"].partition("::")[0]: one["subcategory"] for one in outcome.records
        }

    def test_a_module_that_p_names(self, plain_project: Project) -> None:
        plain_project.write("shop_kinds.py", self.CLASSIFY)
        plain_project.write("pytest.ini", "[pytest]\naddopts = -p shop_kinds\npythonpath = .\n")

        outcome = conftest(plain_project, "")

        assert set(self.kinds(outcome).values()) == {"INFRA_RESOURCE"}

    def test_the_entry_points_of_a_distribution(self, plain_project: Project) -> None:
        environ = distribution(plain_project, self.CLASSIFY)
        plain_project.write("test_shop.py", TESTS)

        outcome = plain_project.pytest(env=environ)

        assert set(self.kinds(outcome).values()) == {"INFRA_RESOURCE"}

    def test_a_conftest_of_a_subfolder_is_asked_about_its_own_tests(
        self, plain_project: Project
    ) -> None:
        plain_project.write("till/conftest.py", self.CLASSIFY)
        plain_project.write("till/test_till.py", TESTS)
        plain_project.write("tillage/test_field.py", TESTS)

        outcome = conftest(plain_project, "")

        kinds = self.kinds(outcome)
        assert kinds["till/test_till.py"] == "INFRA_RESOURCE"
        assert "INFRA_RESOURCE" not in (kinds["tillage/test_field.py"], kinds["test_shop.py"])
        assert problems(outcome) == []

    def test_one_that_xdists_controller_does_not_load_is_named(
        self, xdist_project: Project
    ) -> None:
        """The stages run in the controller, and that collects nothing."""
        xdist_project.write("till/conftest.py", self.CLASSIFY)
        xdist_project.write("till/test_till.py", TESTS)

        outcome = xdist_project.pytest()

        is_as_without(outcome)
        (problem,) = problems(outcome)
        assert problem.startswith("the hook pytest_failtrack_classify of till/conftest.py is not")

    def test_the_same_plugin_found_twice_is_asked_once(self, plain_project: Project) -> None:
        environ = distribution(
            plain_project, "def pytest_failtrack_digest(digest): print('heard you')"
        )
        plain_project.write("test_shop.py", TESTS)

        outcome = plain_project.pytest("-p", "shop_rules", env=environ)

        assert outcome.stdout.count("heard you") == 1
        assert problems(outcome) == []

    def test_a_blocked_plugin_is_not_loaded(self, plain_project: Project) -> None:
        environ = distribution(plain_project, self.CLASSIFY)
        plain_project.write("test_shop.py", TESTS)

        outcome = plain_project.pytest("-p", "no:shop_rules", env=environ)

        assert "INFRA_RESOURCE" not in self.kinds(outcome).values()

    def test_a_plugin_that_cannot_be_loaded_is_named_and_the_others_work(
        self, plain_project: Project
    ) -> None:
        distribution(plain_project, "import no_such_module", name="a_broken")
        environ = distribution(plain_project, self.CLASSIFY, name="shop_kinds")
        distribution(plain_project, "raise SystemExit('bye')", name="z_broken")
        plain_project.write("test_shop.py", TESTS)

        outcome = plain_project.pytest(env=environ)

        is_as_without(outcome)
        assert set(self.kinds(outcome).values()) == {"INFRA_RESOURCE"}
        assert sorted(one[:36] for one in problems(outcome)) == [
            "the plugin a_broken cannot be loaded",
            "the plugin z_broken cannot be loaded",
        ]

    def test_an_unknown_hook_of_ours_is_pytests_usual_error(self, plain_project: Project) -> None:
        outcome = conftest(plain_project, "def pytest_failtrack_clasify(observation): pass")

        assert outcome.exit_status not in (0, 1)
        assert "unknown hook 'pytest_failtrack_clasify'" in outcome.text

    def test_an_unknown_hook_is_named_by_a_command(self, plain_project: Project) -> None:
        environ = distribution(plain_project, "def pytest_failtrack_clasify(observation): pass")
        plain_project.write("test_shop.py", "def test_passes(): pass")
        plain_project.pytest()

        outcome = plain_project.failtrack("gate", env=environ)

        assert outcome.exit_status == 0
        assert "unknown hook 'pytest_failtrack_clasify'" in outcome.stderr

    def test_a_wrapper_is_named_and_left_out(self) -> None:
        @pytest.hookimpl(hookwrapper=True)
        def wrapper(text: str) -> Iterator[None]:
            yield

        extensions = Extensions(_plugins(pytest_failtrack_redact=wrapper).hook)

        assert extensions.redact("a") == "a"
        (problem,) = extensions.problems
        assert "is a wrapper, and those are not called" in problem

    def test_while_failtrack_sleeps_they_disturb_nobody(self, project: Project) -> None:
        """Installed and not enabled: a conftest with all the hooks is an ordinary conftest."""
        bodies = "\n".join(f"def {PREFIX}{name}(): raise OSError('asked {name}')" for name in HOOKS)
        project.write("conftest.py", bodies)
        project.write("test_shop.py", TESTS)

        outcome = project.run([one for one in project.command() if one != "--failtrack"])

        assert outcome.exit_status == 1
        assert "2 failed, 1 passed" in outcome.stdout
        assert "asked" not in outcome.text
        assert not (project.folder / ".failtrack").exists()


class TestOneThatRaises:
    def test_is_reported_once_and_changes_nothing_else(self, project: Project) -> None:
        """Every hook is called and raises; each is named once, however often it was called."""
        outcome = conftest(
            project,
            """
            import itertools

            count = itertools.count()

            def pytest_failtrack_classify(observation):
                raise LookupError(f"call {next(count)}")

            def pytest_failtrack_owner(observation, failure_type):
                raise LookupError(f"call {next(count)}")

            def pytest_failtrack_redact(text):
                raise LookupError(f"call {next(count)}")

            def pytest_failtrack_digest(digest):
                raise LookupError(f"call {next(count)}")
            """,
        )

        is_as_without(outcome)
        raised = [re.sub(r"call \d+", "call", one) for one in problems(outcome)]
        told = "the hook pytest_failtrack_{} of conftest.py raised LookupError".format
        assert sorted(raised) == [
            told("classify") + ": call (conftest.py:7)",
            told("digest") + ": call (conftest.py:16)",
            told("owner") + ": call (conftest.py:10)",
            told("redact") + " (conftest.py:13); such texts are hidden",
        ]

    def test_does_not_silence_the_next(self, plain_project: Project) -> None:
        plain_project.write("calm.py", "def pytest_failtrack_owner(observation): return '@calm'")
        plain_project.write("pytest.ini", "[pytest]\naddopts = -p calm\npythonpath = .\n")

        outcome = conftest(plain_project, "def pytest_failtrack_owner(observation): raise OSError")

        assert {one["metadata"]["owner"] for one in outcome.records} == {"@calm"}
        assert len(problems(outcome)) == 1

    def test_whose_message_raises_too_is_still_reported(self) -> None:
        class Mute(Exception):
            def __str__(self) -> str:
                raise OSError

        def raising(digest: object) -> None:
            raise Mute

        extensions = Extensions(_plugins(pytest_failtrack_digest=raising).hook)

        extensions.digest(Digest("1"))

        (problem,) = extensions.problems
        assert "raised Mute: its text cannot be read (OSError) (test_extensions.py:" in problem

    def test_whose_message_is_long_is_cut_and_holds_no_secret(self) -> None:
        def raising(digest: object) -> None:
            raise OSError("Authorization: Bearer c2VzYW1lLW9wZW4tYWxs\n" + "x" * 10**7)

        extensions = Extensions(_plugins(pytest_failtrack_digest=raising).hook)

        extensions.digest(Digest("1"))

        (problem,) = extensions.problems
        assert "Authorization: " in problem
        assert "c2VzYW1l" not in problem
        assert len(problem) < 400
        assert problem.isprintable()

    def test_in_a_command_is_reported_once(self, plain_project: Project) -> None:
        environ = distribution(
            plain_project,
            """
            def pytest_failtrack_owner(observation, failure_type): raise LookupError("who?")
            def pytest_failtrack_digest(digest): raise LookupError("what?")
            def pytest_failtrack_redact(text):
                if "open sesame" in text:
                    raise LookupError(text)
            """,
        )
        command = [sys.executable, "-c", "raise SystemExit('ERROR: open sesame')"]

        outcome = plain_project.failtrack("run", "--", *command, env=environ)

        assert outcome.exit_status == 1
        assert len(outcome.records) == 1
        assert "open sesame" not in str(outcome.records) + str(outcome.runs)
        said = " ".join(outcome.stderr.split())
        for hook in ("owner", "digest", "redact"):
            assert said.count(f"the hook pytest_failtrack_{hook} of shop_rules raised") == 1


def _plugins(**hooks: Any) -> Any:
    """Return a plugin manager as a command has it, with one plugin called `shop`."""

    manager = CommandPlugins("pytest")
    manager.add_hookspecs(hookspecs)
    return _register(manager, "shop", **hooks)


def _register(manager: Any, name: str, **hooks: Any) -> Any:
    manager.register(type("Plugin", (), {k: staticmethod(v) for k, v in hooks.items()}), name)
    return manager
