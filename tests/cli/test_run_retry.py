"""`failtrack run --retry-infra`: what the infrastructure broke is tried again, nothing else is."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import inner

MAIN = "from pytest_failtrack.cli.main import main; main()"
posix_only = pytest.mark.skipif(os.name == "nt", reason="signals and pipes of POSIX")

REFUSED = "raise ConnectionRefusedError(111, 'Connection refused')"
DATABASE = (
    "sys.exit('psycopg2.OperationalError: could not connect to server: Connection refused "
    "Is the server running on host db and accepting TCP/IP connections on port 5432?')"
)
SLOWER = "sys.exit('ERROR: Performance has regressed: mean +30%')"
KEY_ERROR = "{}['customer_id']"
COUNT = (
    "import pathlib, sys\n"
    "file = pathlib.Path('attempts')\n"
    "number = len(file.read_text()) + 1 if file.exists() else 1\n"
    "file.write_text('x' * number)\n"
    "print('attempt', number, flush=True)\n"
)


def failing(times: int, how: str = REFUSED) -> str:
    """Return code that fails in one way so many times, and passes then."""
    return f"{COUNT}if number <= {times}: {how}\n"


class Project:
    """A folder in which `failtrack run --retry-infra` is called as a user does."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "pyproject.toml").write_text("[tool.failtrack]\n")

    def environ(self) -> dict[str, str]:
        left_out = ("FAILTRACK", "GITHUB_", "CI", "PYTEST_")
        return {k: v for k, v in os.environ.items() if not k.startswith(left_out)} | {
            "GIT_CEILING_DIRECTORIES": str(self.root.parent)
        }

    def failtrack(self, *words: str, **keywords: Any) -> subprocess.CompletedProcess[str]:
        environ = self.environ() | keywords.pop("env", {})
        command = [sys.executable, "-c", inner.FAILTRACK, *words]
        if not keywords:
            return inner.as_text(
                inner.run(command, cwd=self.root, env=environ, timeout=inner.HANGS_AFTER_SECONDS)
            )
        return subprocess.run(
            command,
            cwd=self.root,
            env=environ,
            capture_output=True,
            text=True,
            timeout=inner.HANGS_AFTER_SECONDS,
            **keywords,
        )

    def run(self, *words: str, **keywords: Any) -> subprocess.CompletedProcess[str]:
        return self.failtrack("run", "--retry-infra", "--retry-delay", "0", *words, **keywords)

    def python(self, code: str, *options: str, **keywords: Any) -> subprocess.CompletedProcess[str]:
        return self.run(*options, "--", sys.executable, "-c", code, **keywords)

    def pytest(self, test: str, *options: str) -> subprocess.CompletedProcess[str]:
        (self.root / "test_inner.py").write_text(test)
        argv = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore"]
        return self.run(*options, "--", *argv, "--failtrack")

    def start(self, code: str, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [
                *(sys.executable, "-c", MAIN, "run", "--retry-infra", *options),
                *("--", sys.executable, "-c", code),
            ],
            cwd=self.root,
            env=self.environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @property
    def attempts(self) -> int:
        return len((self.root / "attempts").read_text())

    def records(self) -> list[dict[str, Any]]:
        folder = self.root / "governance/events/failures"
        found = [json.loads(path.read_text()) for path in folder.glob("*.json")]
        return sorted(found, key=lambda one: (one["test"]["attempt"], one["test"]["nodeid"]))

    def runs(self) -> list[dict[str, Any]]:
        folder = self.root / "governance/events/runs"
        found = [json.loads(path.read_text()) for path in folder.glob("*.json")]
        return sorted(found, key=lambda one: (one["finished_at"], one["source"] == "command"))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return what failtrack said besides its sections."""
    return [one for one in done.stderr.splitlines() if one.startswith("failtrack: ")]


class TestRetried:
    def test_until_it_succeeds_and_every_attempt_is_kept(self, project: Project) -> None:
        """S1-86: conditions by kind, every attempt with a record and a run document of its own."""
        done = project.python(failing(2))

        assert done.returncode == 0
        assert done.stdout.split("\n")[:3] == ["attempt 1", "attempt 2", "attempt 3"]
        assert [one["test"]["attempt"] for one in project.records()] == [1, 2]
        assert [one["exit_status"] for one in project.runs()] == [1, 1, 0]
        assert len({one["build_id"] for one in [*project.records(), *project.runs()]}) == 1

    def test_each_retry_is_announced_with_its_reason(self, project: Project) -> None:
        """S1-86."""
        done = project.python(failing(1), "--build", "77")

        assert said(done) == [
            "failtrack: retry 1 of 3 in 0 s (attempt 2): ConnectionRefusedError: [Errno 111] "
            "Connection refused is infrastructure (INFRA_NETWORK)",
            "failtrack: attempt 2 succeeded; the failures of 1 attempt before it are kept as "
            "flaky (build 77)",
        ]

    def test_three_times_and_no_more(self, project: Project) -> None:
        """S1-86: max_attempts 3, counted after the first one."""
        done = project.python(failing(99))

        assert done.returncode == 1
        assert project.attempts == 4
        assert [one["test"]["attempt"] for one in project.records()] == [1, 2, 3, 4]
        assert "not retried: all 3 retries are used" in said(done)[-1]
        assert done.stderr.count("1 root cause") == 1  # the section is that of the last attempt

    def test_exit_code_is_the_last_attempts(self, project: Project) -> None:
        code = failing(1) + "sys.exit('src/main.c:4:5: error: expected a semicolon')"

        done = project.python(code)

        assert done.returncode == 1
        assert project.attempts == 2
        assert "not retried: 1 cause is build_error, which is never retried" in said(done)[-1]

    def test_a_container_that_did_not_start(self, project: Project) -> None:
        """S1-86: container_startup."""
        done = project.python(failing(1, "sys.exit('container shop-db is unhealthy')"))

        assert done.returncode == 0

    def test_another_system_that_has_a_problem(self, project: Project) -> None:
        """S1-86: external_api_timeout."""
        done = project.python(failing(1, "sys.exit('ERROR: 503 Service Unavailable')"))

        assert done.returncode == 0


class TestNotRetried:
    def test_a_failing_assertion(self, project: Project) -> None:
        """S1-87, C-14."""
        done = project.python(failing(1, "assert number == 2, 'total differs'"))

        assert done.returncode == 1
        assert project.attempts == 1
        assert said(done) == [
            "failtrack: not retried: 1 cause is test_failure, which is never retried "
            "(AssertionError: total differs)"
        ]

    def test_a_network_failure_beside_an_assertion(self, project: Project) -> None:
        """C-14: every failure of the attempt must be one of the infrastructure."""
        done = project.pytest(
            f"{COUNT}\ndef test_net():\n    {REFUSED}\n\ndef test_key():\n    {KEY_ERROR}\n"
        )

        assert done.returncode == 1
        assert project.attempts == 1
        assert said(done)[-1] == (
            "failtrack: not retried: 1 cause is test_failure, which is never retried "
            "(KeyError: 'customer_id')"
        )

    @posix_only
    def test_a_killed_command(self, project: Project) -> None:
        done = project.python(failing(1, "import os; os.kill(os.getpid(), 9)"))

        assert done.returncode == 128 + signal.SIGKILL
        assert project.attempts == 1
        assert "another attempt cannot help: INFRA_RESOURCE" in said(done)[-1]

    def test_a_command_that_is_not_there(self, project: Project) -> None:
        done = project.run("--", "no-such-command-here")

        assert done.returncode == 127
        assert len(project.records()) == 1

    def test_a_silent_failure(self, project: Project) -> None:
        done = project.python(failing(1, "sys.exit(4)"))

        assert done.returncode == 4
        assert project.attempts == 1

    def test_without_being_asked(self, project: Project) -> None:
        done = project.failtrack("run", "--", sys.executable, "-c", failing(1))

        assert done.returncode == 1
        assert project.attempts == 1
        assert "retr" not in "".join(said(done))
        assert "retry" not in project.runs()[0]

    def test_tests_that_are_not_tracked(self, project: Project) -> None:
        """C-14: the record of the command names one error, and an assertion may be behind it."""
        (project.root / "test_inner.py").write_text(f"{COUNT}\ndef test_net():\n    {REFUSED}\n")

        done = project.run("--", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")

        assert done.returncode == 1
        assert project.attempts == 1
        assert said(done)[-1].startswith("failtrack: not retried: tests failed in it that were not")

    @posix_only
    def test_tests_that_are_not_tracked_beside_some_that_are(self, project: Project) -> None:
        (project.root / "test_inner.py").write_text(f"{COUNT}\ndef test_net():\n    {REFUSED}\n")
        (project.root / "test_other.py").write_text("def test_key():\n    assert 1 == 2\n")
        pytest_of = f"{shlex.quote(sys.executable)} -m pytest -q -p no:cacheprovider -W ignore"
        line = f"{pytest_of} test_inner.py --failtrack; {pytest_of} test_other.py"

        done = project.run("--", "sh", "-c", line)

        assert done.returncode == 1
        assert project.attempts == 1
        assert said(done)[-1].startswith("failtrack: not retried: tests failed in it that were not")

    @posix_only
    @pytest.mark.parametrize(
        "found",
        [
            "src/a.py:1:8: F401 [*] os imported but unused",
            "src/a.ts(3,1): error TS2304: Cannot find name x.",
            "3 examples, 1 failure",
        ],
    )
    def test_another_tool_beside_tests_that_are_tracked(self, project: Project, found: str) -> None:
        (project.root / "test_inner.py").write_text(f"{COUNT}\ndef test_net():\n    {REFUSED}\n")
        pytest_of = f"{shlex.quote(sys.executable)} -m pytest -q -p no:cacheprovider -W ignore"

        done = project.run("--", "sh", "-c", f"{pytest_of} --failtrack; echo '{found}'; exit 1")

        assert project.attempts == 1
        assert said(done)[-1].endswith("something failed in it beside the tests that were tracked")

    def test_evidence_that_cannot_be_written(self, project: Project) -> None:
        (project.root / "governance").write_text("a file where a folder should be")

        done = project.python(failing(1))

        assert done.returncode == 1
        assert project.attempts == 1
        assert "Traceback" not in done.stderr.replace("Traceback (most recent call last)", "", 1)
        assert "not retried: nothing says what failed" in said(done)[-1]

    def test_under_a_configuration_that_cannot_be_used(self, project: Project) -> None:
        (project.root / "pyproject.toml").write_text("[tool.failtrack]\nnosuch = 1\n")

        done = project.python(failing(1))

        assert done.returncode == 1
        assert project.attempts == 1
        assert len(said(done)) == 1


class TestConditions:
    def test_a_lost_database_needs_the_word_that_other_jobs_work(self, project: Project) -> None:
        """S1-88."""
        done = project.python(failing(1, DATABASE))

        assert done.returncode == 1
        assert project.attempts == 1
        assert (
            "database_connectivity, retried only on the condition other_jobs_suc" in said(done)[0]
        )

    def test_a_lost_database_is_retried_twice_when_other_jobs_work(self, project: Project) -> None:
        """S1-88: max_attempts 2."""
        done = project.python(failing(99, DATABASE), "--other-jobs-ok")

        assert done.returncode == 1
        assert project.attempts == 3
        assert [line.partition(" in ")[0] for line in said(done)[:2]] == [
            "failtrack: retry 1 of 2",
            "failtrack: retry 2 of 2",
        ]

    @pytest.mark.parametrize(
        ("options", "attempts"),
        [
            pytest.param([], 1, id="nothing known"),
            pytest.param(["--other-jobs-ok"], 1, id="another condition"),
            pytest.param(["--infra-normal"], 2, id="healthy"),
        ],
    )
    def test_lost_speed_is_measured_once_more_on_a_healthy_machine(
        self, project: Project, options: list[str], attempts: int
    ) -> None:
        """S1-89: max_attempts 1."""
        project.python(failing(99, SLOWER), *options)

        assert project.attempts == attempts

    def test_the_smallest_number_of_all_attempts_holds(self, project: Project) -> None:
        """S1-86, S1-88: three for the network, two for the database."""
        code = f"{COUNT}if number == 2: {DATABASE}\n{REFUSED}\n"

        project.python(code, "--other-jobs-ok")

        assert project.attempts == 3

    def test_a_project_can_ask_for_one_condition_of_the_three(self, project: Project) -> None:
        (project.root / "pyproject.toml").write_text(
            "[tool.failtrack.types.infrastructure]\n"
            'retry = { class = "automatic", conditions = ["container_startup"] }\n'
        )

        done = project.python(failing(1))

        assert project.attempts == 1
        assert "retried only on the condition container_startup" in said(done)[0]

    @pytest.mark.parametrize(
        "option", ["--other-jobs-ok", "--infra-normal", "--retry-delay=3"], ids=str
    )
    def test_how_without_whether_is_a_usage_error(self, project: Project, option: str) -> None:
        done = project.failtrack("run", option, "--", sys.executable, "-c", failing(0))

        assert done.returncode == 2
        assert "they need --retry-infra" in done.stderr
        assert not (project.root / "attempts").exists()

    @pytest.mark.parametrize("delay", ["-1", "nan", "inf", "soon"], ids=str)
    def test_a_pause_that_is_no_number_of_seconds_is_a_usage_error(
        self, project: Project, delay: str
    ) -> None:
        done = project.failtrack(
            "run", "--retry-infra", "--retry-delay", delay, "--", sys.executable, "-c", "pass"
        )

        assert done.returncode == 2


class TestTrackedPytestInside:
    def net(self, times: int) -> str:
        return f"def test_net():\n    exec({failing(times)!r})\n\ndef test_fine():\n    pass\n"

    def test_its_records_decide_and_count_on(self, project: Project) -> None:
        """S1-86: same build, attempts 1 and 2 of the test; the last run is green."""
        done = project.pytest(self.net(2))

        assert done.returncode == 0
        assert [(one["test"]["nodeid"], one["test"]["attempt"]) for one in project.records()] == [
            ("test_inner.py::test_net", 1),
            ("test_inner.py::test_net", 2),
        ]
        assert len({one["build_id"] for one in project.runs()}) == 1
        assert [(one["source"], one["exit_status"]) for one in project.runs()] == [
            ("pytest", 1),
            ("pytest", 1),
            ("pytest", 0),
            ("command", 0),
        ]

    def test_one_that_keeps_its_evidence_elsewhere_is_found(self, project: Project) -> None:
        (project.root / "inner").mkdir()
        (project.root / "inner/pyproject.toml").write_text("[tool.failtrack]\n")
        (project.root / "inner/test_inner.py").write_text(self.net(1))
        code = (
            "import os, runpy, sys; os.chdir('inner');"
            "sys.argv[1:] = ['-q', '--failtrack', '-p', 'no:cacheprovider', '-W', 'ignore'];"
            "runpy.run_module('pytest', run_name='__main__')"
        )

        done = project.python(code)

        assert done.returncode == 0, done.stderr
        assert len(list((project.root / "inner/governance/events/failures").iterdir())) == 1

    @posix_only
    def test_one_that_was_killed_is_not_retried(self, project: Project) -> None:
        done = project.pytest(
            f"def test_net():\n    exec({failing(1, 'import os; os.kill(os.getpid(), 9)')!r})\n"
        )

        assert done.returncode == 128 + signal.SIGKILL
        assert project.attempts == 1

    @posix_only
    def test_one_that_was_interrupted_is_not_retried(self, project: Project) -> None:
        done = project.pytest(f"def test_net():\n    exec({COUNT!r}); raise KeyboardInterrupt\n")

        assert done.returncode == 2
        assert project.attempts == 1

    def test_a_run_with_retries_within_a_run_with_retries(self, project: Project) -> None:
        inner = [sys.executable, "-c", MAIN, "run", "--retry-infra", "--retry-delay", "0"]

        done = project.run("--", *inner, "--", sys.executable, "-c", failing(5))

        assert done.returncode == 0
        assert [one["test"]["attempt"] for one in project.records()] == [1, 2, 3, 4, 5]
        assert project.failtrack("gate").returncode == 0


class TestWhatFollows:
    def facts(self, project: Project) -> list[tuple[int, bool, bool]]:
        names = ("attempt", "recovery_attempted", "recovery_succeeded")
        return [tuple(one["retry"][name] for name in names) for one in project.runs()]

    def test_a_retry_that_helped_is_in_the_run_documents(self, project: Project) -> None:
        """S2-27, S2-28."""
        project.python(failing(1))

        assert self.facts(project) == [(1, True, True), (2, False, False)]

    def test_a_retry_that_did_not_help_is_too(self, project: Project) -> None:
        """S2-27, S2-28."""
        project.python(failing(2) + f"if number == 3: {KEY_ERROR}")

        assert self.facts(project) == [(1, True, False), (2, True, False), (3, False, False)]

    def test_the_gate_passes_and_shows_what_was_got_past(self, project: Project) -> None:
        """S1-86, C-33."""
        project.python(failing(2), "--build", "77")

        gate = project.failtrack("gate", "--build", "77", "--explain")
        listed = project.failtrack("list", "--build", "77")

        assert gate.returncode == 0
        assert "FLAKY" in gate.stdout
        assert "ConnectionRefusedError" in gate.stdout
        assert listed.stdout.splitlines()[0] == "build 77: 0 passed, no failures"
        assert "FLAKY" in listed.stdout

    def test_the_gate_asks_for_a_retry_where_none_helped(self, project: Project) -> None:
        """C-33."""
        project.python(failing(99), "--build", "77")

        assert project.failtrack("gate", "--build", "77").returncode == 75

    def test_the_gate_fails_on_what_the_last_attempt_found(self, project: Project) -> None:
        project.python(failing(1) + f"if number == 2: {KEY_ERROR}", "--build", "77")

        assert project.failtrack("gate", "--build", "77").returncode == 1

    def test_another_command_of_the_job_is_not_replaced(self, project: Project) -> None:
        """A retry replaces its own earlier attempts, not what the job ran before."""
        named = ("--build", "77", "--job", "test")
        project.python(f"import sys; {KEY_ERROR}", *named)
        project.python(failing(1), *named)

        assert project.failtrack("gate", "--build", "77").returncode == 1

    def test_a_failure_that_another_run_did_not_get_past_is_not_flaky(
        self, project: Project
    ) -> None:
        """C-27: two runs of a command in one build share the record of one failure."""
        code = failing(2)
        project.failtrack("run", "--build", "77", "--", sys.executable, "-c", code)

        done = project.python(code, "--build", "77")

        assert done.returncode == 0
        assert [one["test"]["attempt"] for one in project.records()] == [1]
        assert project.failtrack("gate", "--build", "77").returncode == 75

    def test_documents_stay_valid(self, project: Project) -> None:
        project.python(failing(1))

        documents = [str(one) for one in (project.root / "governance/events").glob("*/*.json")]

        done = project.failtrack("validate", *documents)

        assert len(documents) == 3
        assert done.returncode == 0, done.stdout + done.stderr

    def test_nothing_but_what_may_be_retried_becomes_flaky(self, project: Project) -> None:
        """S1-87: not even where somebody writes into a run document that a retry helped."""
        project.python(f"import sys; {KEY_ERROR}", "--build", "77")
        (path,) = (project.root / "governance/events/runs").iterdir()
        document = json.loads(path.read_text())
        document["retry"] = {"attempt": 1, "recovery_attempted": True, "recovery_succeeded": True}
        path.write_text(json.dumps(document))
        project.python("pass", "--build", "77")

        assert project.failtrack("gate", "--build", "77").returncode == 1


@posix_only
class TestInterrupted:
    @pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
    def test_during_the_pause_it_ends_at_once(self, project: Project, name: str) -> None:
        child = project.start(failing(99), "--retry-delay", "60")
        assert child.stderr is not None
        heard = ""
        while "retry 1 of 3 in 60 s" not in heard:
            line = child.stderr.readline()
            assert line, heard
            heard += line
        begun = time.monotonic()

        child.send_signal(getattr(signal, name))

        rest = child.stderr.read()
        assert child.wait(timeout=inner.HANGS_AFTER_SECONDS) == 1
        child.stderr.close()
        assert time.monotonic() - begun < 50
        assert project.attempts == 1
        assert "1 root cause" in rest
        assert f"failtrack: not retried: interrupted by {name}" in rest

    def test_while_the_command_runs_it_is_the_last_attempt(self, project: Project) -> None:
        code = (
            f"{COUNT}import signal, time\n"
            f"def refuse(*_): {REFUSED}\n"
            "signal.signal(signal.SIGTERM, refuse)\n"
            "print('ready', file=sys.stderr, flush=True); time.sleep(60)\n"
        )
        child = project.start(code, "--retry-delay", "0")
        assert child.stderr is not None
        assert child.stderr.readline() == "ready\n"

        child.send_signal(signal.SIGTERM)

        rest = child.stderr.read()
        child.stderr.close()
        assert child.wait(timeout=inner.HANGS_AFTER_SECONDS) == 1
        assert project.attempts == 1
        assert "not retried: interrupted by SIGTERM" in rest


class TestStandardInput:
    READ = f"import sys; given = sys.stdin.read()\n{failing(1)}print('given', given)\n"

    @posix_only
    def test_what_came_through_a_pipe_cannot_be_read_twice(self, project: Project) -> None:
        done = project.python(self.READ, input="words")

        assert done.returncode == 1
        assert project.attempts == 1
        assert "not retried: it has read from a pipe" in said(done)[-1]

    @posix_only
    def test_a_pipe_that_was_not_read_is_no_obstacle(self, project: Project) -> None:
        assert project.python(failing(1), input="words").returncode == 0

    def test_a_file_is_rewound(self, project: Project) -> None:
        (project.root / "input").write_text("words")
        with (project.root / "input").open() as given:
            done = project.python(self.READ, stdin=given)

        assert done.returncode == 0
        assert done.stdout.splitlines()[-1] == "given words"


class TestPause:
    def test_comes_from_the_settings(self, project: Project) -> None:
        (project.root / "pyproject.toml").write_text(
            "[tool.failtrack]\nretry_delay_seconds = 1\nretry_max_delay_seconds = 1\n"
        )
        begun = time.monotonic()

        done = project.failtrack("run", "--retry-infra", "--", sys.executable, "-c", failing(1))

        assert done.returncode == 0
        assert time.monotonic() - begun > 0.8
