"""`failtrack run`: the command is untouched, and its failure is recorded once."""

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

from inner import HANGS_AFTER_SECONDS
from pytest_failtrack.cli.run import phase_of
from pytest_failtrack.cli.running.inner_runs import InnerRun, inner_runs, is_here, recorded

LAUNCH = "from pytest_failtrack.cli.main import main; main()"
IS_WINDOWS = os.name == "nt"
posix_only = pytest.mark.skipif(IS_WINDOWS, reason="signals and terminals of POSIX")


class Project:
    """A folder in which `failtrack run` is called as a user does."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "pyproject.toml").write_text("[tool.failtrack]\n")

    def environ(self) -> dict[str, str]:
        left_out = ("FAILTRACK", "GITHUB_", "CI", "PYTEST_")
        return {k: v for k, v in os.environ.items() if not k.startswith(left_out)} | {
            "GIT_CEILING_DIRECTORIES": str(self.root.parent)
        }

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-c", LAUNCH, "run", *words]

    def run(self, *words: str, **keywords: Any) -> subprocess.CompletedProcess[bytes]:
        environ = self.environ() | keywords.pop("env", {})
        return subprocess.run(
            self.argv(*words),
            cwd=self.root,
            env=environ,
            capture_output=True,
            timeout=HANGS_AFTER_SECONDS,
            **keywords,
        )

    def python(
        self, code: str, *options: str, **keywords: Any
    ) -> subprocess.CompletedProcess[bytes]:
        return self.run(*options, "--", sys.executable, "-c", code, **keywords)

    def records(self) -> list[dict[str, Any]]:
        folder = self.root / "governance/events/failures"
        return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]

    def runs(self) -> list[dict[str, Any]]:
        folder = self.root / "governance/events/runs"
        return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


class TestPassingThrough:
    def test_output_is_the_commands_own_byte_for_byte(self, project: Project) -> None:
        code = (
            "import sys; sys.stdout.buffer.write(bytes(range(256)) * 500);"
            "sys.stdout.flush(); sys.stderr.buffer.write(b'\\xff\\x00err\\r')"
        )

        done = project.python(code)

        assert done.stdout == bytes(range(256)) * 500
        assert done.stderr == b"\xff\x00err\r"

    def test_both_streams_keep_their_order_where_they_end_in_one_file(
        self, project: Project
    ) -> None:
        code = "import os\nfor n in range(200): os.write(1 + n % 2, b'%d\\n' % n)"

        done = subprocess.run(
            project.argv("--", sys.executable, "-c", code),
            cwd=project.root,
            env=project.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=HANGS_AFTER_SECONDS,
        )

        assert done.stdout.decode().split() == [str(n) for n in range(200)]

    def test_output_arrives_while_the_command_runs(self, project: Project) -> None:
        code = "import sys; print('first', flush=True); sys.stdin.read()"
        child = subprocess.Popen(
            project.argv("--", sys.executable, "-c", code),
            cwd=project.root,
            env=project.environ(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert child.stdin is not None
        assert child.stdout is not None

        first = child.stdout.readline()  # the command still waits for its input

        child.stdin.close()
        child.wait(timeout=HANGS_AFTER_SECONDS)
        child.stdout.close()
        assert first.split() == [b"first"]

    def test_input_reaches_the_command(self, project: Project) -> None:
        done = project.python("print(input().upper())", input=b"word\n")

        assert done.stdout.split() == [b"WORD"]

    @pytest.mark.parametrize("status", [0, 1, 5, 77, 255])
    def test_exit_code_is_the_commands_own(self, project: Project, status: int) -> None:
        assert project.python(f"raise SystemExit({status})").returncode == status

    @posix_only
    @pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGTERM"])
    def test_exit_code_is_128_and_the_signal(self, project: Project, name: str) -> None:
        code = f"import os, signal; os.kill(os.getpid(), signal.{name})"

        done = project.python(code)

        assert done.returncode == 128 + getattr(signal, name)
        record = project.records()[0]
        assert record["test"]["outcome"] == "crashed"
        assert name in record["failure_description"]["error_message"]

    def test_a_command_that_does_not_exist_ends_with_127(self, project: Project) -> None:
        done = project.run("--", "no-such-command-here", "-x")

        assert done.returncode == 127
        assert b"no-such-command-here: command not found" in done.stderr
        assert project.records()[0]["test"]["nodeid"] == "no-such-command-here -x"

    @posix_only
    def test_a_command_that_cannot_be_executed_ends_with_126(self, project: Project) -> None:
        (project.root / "script").write_text("echo never\n")

        done = project.run("--", "./script")

        assert done.returncode == 126
        assert len(project.records()) == 1

    def test_words_after_the_command_are_the_commands(self, project: Project) -> None:
        done = project.run(
            sys.executable, "-c", "import sys; print(sys.argv[1:])", "--job", "--", "x"
        )

        assert done.stdout.split() == [b"['--job',", b"'--',", b"'x']"]

    @posix_only
    def test_what_the_command_leaves_in_the_background_is_not_waited_for(
        self, project: Project
    ) -> None:
        started = time.monotonic()

        done = project.run("--", "sh", "-c", "sleep 30 & echo done")

        assert done.returncode == 0
        assert done.stdout == b"done\n"
        assert time.monotonic() - started < 15

    @posix_only
    def test_a_reader_that_goes_away_is_seen_by_the_command(self, project: Project) -> None:
        child = subprocess.Popen(
            project.argv("--", "yes"),
            cwd=project.root,
            env=project.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert child.stdout is not None
        child.stdout.readline()
        child.stdout.close()

        assert child.wait(timeout=HANGS_AFTER_SECONDS) == 128 + signal.SIGPIPE


@posix_only
class TestSignals:
    @pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
    def test_reach_the_command_once_and_it_decides(self, project: Project, name: str) -> None:
        code = (
            "import signal, sys, time\n"
            "seen = []\n"
            f"signal.signal(signal.{name}, lambda *_: seen.append(1))\n"
            "print('ready', flush=True)\n"
            "while not seen: time.sleep(0.01)\n"
            "time.sleep(0.3); print('got', len(seen)); sys.exit(9)"
        )
        child = subprocess.Popen(
            project.argv("--", sys.executable, "-c", code),
            cwd=project.root,
            env=project.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"

        child.send_signal(getattr(signal, name))

        rest = child.stdout.read()
        child.stdout.close()
        assert child.wait(timeout=HANGS_AFTER_SECONDS) == 9
        assert rest == b"got 1\n"


@posix_only
class TestTerminal:
    def test_the_command_has_a_terminal_where_we_have_one(self, project: Project) -> None:
        code = "import sys; print([s.isatty() for s in (sys.stdin, sys.stdout, sys.stderr)])"

        output, status = self.in_terminal(project, code)

        assert output == b"[True, True, True]\r\n"
        assert status == 0

    def test_keys_reach_the_command(self, project: Project) -> None:
        code = "print('hello', input('name? '))"

        output, _ = self.in_terminal(project, code, wait_for=b"name? ", keys=b"bob\r")

        assert output.endswith(b"hello bob\r\n")

    def test_control_c_interrupts_the_command(self, project: Project) -> None:
        code = "import time; print('ready', flush=True); time.sleep(60)"

        output, status = self.in_terminal(project, code, wait_for=b"ready", keys=b"\x03")

        assert b"KeyboardInterrupt" in output
        assert status == 128 + signal.SIGINT

    def in_terminal(
        self, project: Project, code: str, wait_for: bytes = b"", keys: bytes = b""
    ) -> tuple[bytes, int]:
        import pty

        master, slave = pty.openpty()
        child = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import fcntl, os, sys, termios\n"
                "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
                "os.execv(sys.argv[1], sys.argv[1:])",
                *project.argv("--", sys.executable, "-c", code),
            ],
            cwd=project.root,
            env=project.environ(),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        output = b""
        while True:
            try:
                piece = os.read(master, 4096)
            except OSError:
                break
            if not piece:
                break
            output += piece
            if keys and wait_for in output:
                time.sleep(0.2)
                os.write(master, keys)
                keys = b""
        os.close(master)
        return output, child.wait(timeout=HANGS_AFTER_SECONDS)


class TestRecord:
    def test_holds_command_error_line_tail_and_status(self, project: Project) -> None:
        code = (
            "import sys; print('step one'); sys.stdout.flush();"
            "sys.exit('src/main.c:4:5: error: expected a semicolon')"
        )

        project.python(code, "--job", "build", "--leg", "linux", "--build", "77")

        record = project.records()[0]
        assert record["build_id"] == "77"
        assert record["signature"]["job"] == "build"
        assert record["environment"]["leg"] == "linux"
        assert record["test"]["when"] == "command"
        assert record["context"]["phase"] == "COMPILATION"
        assert record["context"]["file_path"] == "src/main.c"
        assert record["context"]["line_number"] == 4
        said = record["failure_description"]
        assert said["error_message"] == "src/main.c:4:5: error: expected a semicolon"
        assert "step one" in said["details"]
        assert project.runs()[0]["exit_status"] == 1
        assert project.runs()[0]["source"] == "command"

    def test_a_green_command_leaves_a_run_document_and_no_record(self, project: Project) -> None:
        done = project.python("print('fine')")

        assert project.records() == []
        assert [run["exit_status"] for run in project.runs()] == [0]
        assert done.stderr == b""

    def test_a_command_that_succeeds_again_ends_what_it_had_left_open(
        self, project: Project
    ) -> None:
        code = "import os; exit(not os.path.exists('mended'))"
        project.python(code)
        project.python("print('another')")
        (project.root / "mended").touch()
        project.python(code)

        (record,) = project.records()
        outcomes = [run["outcomes"] for run in project.runs()]
        command = record["test"]["nodeid"]
        assert sorted(outcomes, key=str) == [{command: "failed"}, {command: "passed"}, {}]

    def test_a_silent_failure_has_no_error_line(self, project: Project) -> None:
        project.python("raise SystemExit(4)")

        assert project.records()[0]["failure_description"]["error_message"] == "exit status 4"

    def test_the_same_silent_command_is_one_cause_and_another_is_another(
        self, project: Project
    ) -> None:
        """C-6: the entry is job, step and stack; without a stack and a step the command tells."""
        for code in ("print('a'); exit(2)", "print('b'); exit(7)", "print('a'); exit(2)"):
            ended = project.python(code)
        found = {one["test"]["nodeid"]: one["signature"] for one in project.records()}
        assert len({one["hash"] for one in found.values()}) == len(found) == 2
        assert {one["token"] for one in found.values()} == {"no-stack"}
        assert b"REPEAT" in ended.stderr
        assert b"  exit status 2, no error named: " in ended.stderr

    @posix_only
    def test_two_commands_that_a_signal_ended_are_two_causes(self, project: Project) -> None:
        for signal_ in ("SIGKILL", "Signals.SIGKILL"):
            ended = project.python(f"import os, signal; os.kill(os.getpid(), signal.{signal_})")
        assert len({one["signature"]["hash"] for one in project.records()}) == 2
        assert b"  ended by SIGKILL, no error named: " in ended.stderr

    def test_a_given_step_and_an_error_line_name_the_cause_without_the_command(
        self, project: Project
    ) -> None:
        for code in ("exit(2)", "exit(3)"):
            project.python(code, "--step", "lint")
        for code in ("exit('error: no such table')", "1; exit('error: no such table')"):
            project.python(code)
        signatures = [one["signature"] for one in project.records()]
        assert {one["step"] for one in signatures} == {"lint", "no-step"}
        assert len({one["hash"] for one in signatures}) == 2

    def test_no_secret_of_a_silent_command_is_in_its_step(self, project: Project) -> None:
        project.python("exit(2)  # hunter2-is-long", env={"API_TOKEN": "hunter2-is-long"})
        (record,) = project.records()
        assert "hunter2" not in json.dumps(record)
        assert "exit" in record["signature"]["step"]

    def test_a_given_phase_is_kept(self, project: Project) -> None:
        project.python("raise SystemExit(1)", "--phase", "deployment")

        assert project.records()[0]["context"]["phase"] == "DEPLOYMENT"

    def test_no_secret_is_written(self, project: Project) -> None:
        secret = "hunter2-of-the-environment"

        project.python(
            "import os, sys; print('login', os.environ['DB_PASSWORD']);"
            "sys.exit('error: login failed with password=' + 'ab12' + 'cd34')",
            env={"DB_PASSWORD": secret},
        )

        written = b"".join(p.read_bytes() for p in project.root.rglob("*") if p.is_file())
        assert b"login" in written
        assert secret.encode() not in written
        assert b"ab12cd34" not in written

    @pytest.mark.parametrize(
        ("argv", "phase"),
        [
            (["make", "all"], "compilation"),
            (["/usr/bin/pytest", "-x"], "testing"),
            (["python", "-m", "pytest"], "testing"),
            (["python", "-m", "build"], "compilation"),
            (["failtrack-guard", "check"], "authorization"),
            (["/venv/bin/failtrack", "guard", "check"], "authorization"),
            (["python", "-m", "failtrack_guard", "check"], "authorization"),
            (["failtrack", "gate"], "authorization"),
            (["failtrack"], "compilation"),
            (["go", "test", "./..."], "testing"),
            (["go", "build", "./..."], "compilation"),
        ],
    )
    def test_phase_is_that_of_the_program(self, argv: list[str], phase: str) -> None:
        """C-7: build commands are COMPILATION, guard and gate are AUTHORIZATION."""
        assert phase_of(argv) == phase


class TestTestsOfGo:
    """S0-11, S4-14: `failtrack run -- go test -json ./...` records each test that failed."""

    EVENTS = (
        '{"Action":"run","Package":"example.com/a","Test":"TestA"}\n'
        '{"Action":"output","Package":"example.com/a","Test":"TestA",'
        '"Output":"a_test.go:3: boom\\n"}\n'
        '{"Action":"%s","Package":"example.com/a","Test":"TestA","Elapsed":0.1}\n'
        '{"Action":"pass","Package":"example.com/a","Test":"TestB","Elapsed":0.1}\n'
    )

    def go(self, project: Project, action: str, status: int) -> subprocess.CompletedProcess[bytes]:
        (project.root / "events").write_text(self.EVENTS % action, encoding="utf-8")
        return project.run("--", "sh", "-c", f"cat events; exit {status}")

    def test_each_failed_test_is_a_record(self, project: Project) -> None:
        result = self.go(project, "fail", 1)

        assert (result.returncode, result.stdout.decode()) == (1, self.EVENTS % "fail")
        (record,) = project.records()
        assert record["test"]["nodeid"] == "example.com/a::TestA"
        (run,) = project.runs()
        assert (run["source"], run["totals"]["failed"], run["totals"]["passed"]) == (
            "command",
            1,
            1,
        )

    def test_a_green_run_says_what_passed(self, project: Project) -> None:
        self.go(project, "fail", 1)
        self.go(project, "pass", 0)

        assert len(project.records()) == 1
        assert {"example.com/a::TestA": "passed"} in [one["outcomes"] for one in project.runs()]

    def test_a_command_that_fails_although_its_tests_passed_is_a_failure(
        self, project: Project
    ) -> None:
        self.go(project, "pass", 3)

        (record,) = project.records()
        assert record["test"]["nodeid"] == "sh -c 'cat events; exit 3'"

    def test_a_command_that_succeeds_although_a_test_failed_is_none(self, project: Project) -> None:
        self.go(project, "fail", 0)

        assert project.records() == []


class TestOwnFailures:
    def test_a_broken_configuration_stops_no_command(self, project: Project) -> None:
        (project.root / "pyproject.toml").write_text("[tool.failtrack]\nnosuch = 1\n")

        done = project.python("print('ran'); raise SystemExit(6)")

        assert done.returncode == 6
        assert done.stdout.split() == [b"ran"]
        assert done.stderr.count(b"failtrack:") == 1
        assert b"nosuch" in done.stderr

    def test_evidence_that_cannot_be_written_changes_nothing(self, project: Project) -> None:
        (project.root / "governance").write_text("a file where a folder should be")

        done = project.python("print('ran'); raise SystemExit(6)")

        assert done.returncode == 6
        assert done.stdout.split() == [b"ran"]
        assert b"Traceback" not in done.stderr
        assert b"governance" in done.stderr

    def test_a_state_folder_that_cannot_be_made_changes_nothing(self, project: Project) -> None:
        (project.root / ".failtrack").write_text("a file where a folder should be")

        done = project.python("raise SystemExit(6)")

        assert done.returncode == 6
        assert b"Traceback" not in done.stderr
        assert len(project.records()) == 1

    def test_no_command_is_a_usage_error(self, project: Project) -> None:
        assert project.run().returncode == 2


class TestTrackedPytestInside:
    def pytest_of(self, project: Project, test: str, *more: str) -> list[str]:
        (project.root / "test_inner.py").write_text(test)
        return [
            *(sys.executable, "-m", "pytest", "-q", "--failtrack"),
            *("-p", "no:cacheprovider", "-W", "ignore", *more),
        ]

    def test_its_failure_is_recorded_once(self, project: Project) -> None:
        argv = self.pytest_of(project, "def test_a(): assert 1 == 2\n")

        done = project.run("--", *argv)

        assert done.returncode == 1
        assert [one["test"]["nodeid"] for one in project.records()] == ["test_inner.py::test_a"]

    def test_a_command_that_fails_beside_a_green_one_is_recorded(self, project: Project) -> None:
        argv = self.pytest_of(project, "def test_a(): pass\n")
        code = f"import subprocess, sys; subprocess.check_call({argv!r}); sys.exit('error: deploy')"

        project.python(code)

        assert [one["test"]["when"] for one in project.records()] == ["command"]

    def test_both_are_of_one_build_and_the_gate_sees_both(self, project: Project) -> None:
        argv = self.pytest_of(project, "def test_a(): pass\n")
        code = f"import subprocess; subprocess.run({argv!r}); raise SystemExit(3)"

        project.run("--", sys.executable, "-c", code)

        runs = (project.root / "governance/events/runs").glob("*.json")
        assert len({json.loads(path.read_text())["build_id"] for path in runs}) == 1
        gate = subprocess.run(
            [sys.executable, "-c", LAUNCH, "gate"],
            cwd=project.root,
            env=project.environ(),
            capture_output=True,
            timeout=HANGS_AFTER_SECONDS,
        )
        assert gate.returncode == 1, gate.stdout

    @posix_only
    def test_its_death_is_recorded_once_with_the_signal(self, project: Project) -> None:
        argv = self.pytest_of(
            project, "import os, signal\ndef test_a(): os.kill(os.getpid(), signal.SIGKILL)\n"
        )

        done = project.run("--", *argv)

        assert done.returncode == 128 + signal.SIGKILL
        (record,) = project.records()
        assert record["test"]["nodeid"] == "test_inner.py::test_a"
        assert record["test"]["outcome"] == "crashed"
        assert "SIGKILL" in record["failure_description"]["summary"]

    @posix_only
    def test_its_death_within_a_shell_has_the_signal_that_the_shell_tells(
        self, project: Project
    ) -> None:
        argv = self.pytest_of(
            project, "import os, signal\ndef test_a(): os.kill(os.getpid(), signal.SIGTERM)\n"
        )

        done = project.run("--", "sh", "-c", f"{shlex.join(argv)}; exit 1")

        assert done.returncode == 1
        (record,) = project.records()
        assert record["test"]["outcome"] == "crashed"
        assert "SIGTERM" in record["failure_description"]["summary"]

    def test_an_untracked_pytest_is_recorded_as_a_command(self, project: Project) -> None:
        argv = self.pytest_of(project, "def test_a(): assert 1 == 2\n", "-p", "no:failtrack")
        argv.remove("--failtrack")

        project.run("--", *argv)

        (record,) = project.records()
        assert record["test"]["when"] == "command"
        assert record["context"]["phase"] == "TESTING"

    def test_a_run_within_a_run_is_recorded_once(self, project: Project) -> None:
        inner = project.argv("--", sys.executable, "-c", "raise SystemExit(3)")

        done = project.run("--", *inner)

        assert done.returncode == 3
        assert len(project.records()) == 1

    def test_notes_are_tidied_away(self, project: Project) -> None:
        project.run("--", *self.pytest_of(project, "def test_a(): pass\n"))

        assert list((project.root / ".failtrack/parents").glob("*")) == []


class TestDeathOfTheRecorder:
    @posix_only
    def test_leaves_a_record_of_the_command_of_which_nobody_saw_the_end(
        self, project: Project
    ) -> None:
        """Nothing is lost when the process dies, and the gate does not pass on the run before."""
        project.run("--", sys.executable, "-c", "pass")
        code = "print('begun', flush=True); import time; time.sleep(3)"
        recorder = subprocess.Popen(
            project.argv("--", sys.executable, "-c", code),
            cwd=project.root,
            env=project.environ(),
            stdout=subprocess.PIPE,
        )
        assert recorder.stdout is not None
        assert recorder.stdout.readline() == b"begun\n"
        recorder.kill()
        recorder.wait()

        gate = subprocess.run(
            [sys.executable, "-c", LAUNCH, "gate"],
            cwd=project.root,
            env=project.environ(),
            capture_output=True,
            timeout=HANGS_AFTER_SECONDS,
        )
        recorder.stdout.close()

        assert gate.returncode == 1, gate.stdout
        (record,) = project.records()
        program = os.path.basename(sys.executable)
        assert record["test"]["nodeid"] == program
        assert record["signature"]["token"] == (
            f"failtrack run came to its end before {program} did"
        )

    @posix_only
    def test_leaves_no_secret_that_is_in_the_name_of_the_program(self, project: Project) -> None:
        secret = "Zx9Qw7Lk2Mn"
        program = project.root / f"deploy-{secret}.sh"
        program.write_text("#!/bin/sh\ncat .failtrack/journals/*/*\n")
        program.chmod(0o755)

        journal = project.run("--", str(program), env={"DEPLOY_TOKEN": secret}).stdout

        assert b"deploy-[redacted:env].sh" in journal
        assert secret.encode() not in journal

    def test_a_command_that_came_to_its_end_leaves_no_journal(self, project: Project) -> None:
        for status in (0, 3):
            project.python(f"raise SystemExit({status})")

        assert list((project.root / ".failtrack/journals").iterdir()) == []


class TestInnerRuns:
    def test_are_read_from_the_notes_of_this_command(self, tmp_path: Path) -> None:
        self.note(tmp_path, "mine", "a", '{"run_documents": ["a.1"], "exit_status": 1}')
        self.note(tmp_path, "other", "b", '{"run_documents": ["b.1"], "exit_status": 0}')

        assert inner_runs(tmp_path, "mine") == [InnerRun(("a.1",), 1)]

    @pytest.mark.parametrize("text", ["", "{", "[]", "null", '"text"'])
    def test_a_note_that_is_no_note_counts_for_nothing(self, tmp_path: Path, text: str) -> None:
        self.note(tmp_path, "mine", "a", text)

        assert inner_runs(tmp_path, "mine") == []

    def test_there_are_none_without_a_folder(self, tmp_path: Path) -> None:
        assert inner_runs(tmp_path, "mine") == []

    @pytest.mark.parametrize(
        ("runs", "is_recorded"),
        [
            pytest.param([], False, id="nothing tracked inside"),
            pytest.param([InnerRun(("a",), 0)], False, id="all green"),
            pytest.param([InnerRun(("a",), 0), InnerRun(("b",), 1)], True, id="one red"),
            pytest.param([InnerRun(("a",), None, "died")], True, id="one died"),
            pytest.param([InnerRun(("a",), None)], False, id="one that does not say"),
        ],
    )
    def test_a_red_one_has_recorded_the_failure(
        self, runs: list[InnerRun], is_recorded: bool
    ) -> None:
        assert bool(recorded(runs)) is is_recorded

    def test_one_that_keeps_its_records_elsewhere_has_not_recorded_it_here(self) -> None:
        """A pytest whose rootdir is another writes there, and the gate reads here."""
        elsewhere = InnerRun(("a",), 1, evidence="svc1/governance")

        assert not is_here(elsewhere, Path("governance"))
        assert is_here(elsewhere, Path("svc1") / "governance")
        assert is_here(InnerRun(("a",), 1), Path("governance"))

    def note(self, state: Path, token: str, name: str, text: str) -> None:
        folder = state / "parents" / token
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.json").write_text(text)
