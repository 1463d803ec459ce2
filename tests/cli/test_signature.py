"""`failtrack signature`: the hash of failed jobs, and the frozen pair."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_failtrack.cli.main import main

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "examples" / "signature-fixtures"
JOBS = '[{"name":"Tests","step":"pytest","stack":"ValueError: boom"}]'
HASH = "710948db01ff"
OFF_HASH = "12639601155e"  # Tests::pytest::stacks-off

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def failtrack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs `failtrack signature ...` in an empty project; returns exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    for name in ("STACK_TOKENS_ENABLED", "STACK_TOKEN_MAX_LEN"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["failtrack", "signature", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    return run


def jobs(*stacks: str | None) -> str:
    return json.dumps([{"name": "Tests", "step": "pytest", "stack": one} for one in stacks])


class TestJobs:
    def test_the_hash_is_printed(self, failtrack: Run) -> None:
        assert failtrack("--jobs", JOBS) == (0, f"{HASH}\n", "")

    def test_a_match_ends_with_0(self, failtrack: Run) -> None:
        """S4-27, S4-28."""
        assert failtrack("--jobs", JOBS, "--expected", HASH) == (0, f"{HASH} matches\n", "")

    def test_a_mismatch_ends_with_1_and_names_both_hashes(self, failtrack: Run) -> None:
        """S4-27, S4-28."""
        code, out, _ = failtrack("--jobs", JOBS, "--expected", "0123456789ab")

        assert code == 1
        assert HASH in out
        assert "0123456789ab" in out

    def test_an_expected_hash_may_be_in_capitals(self, failtrack: Run) -> None:
        assert failtrack("--jobs", JOBS, "--expected", HASH.upper())[0] == 0

    def test_a_program_is_answered_in_json(self, failtrack: Run) -> None:
        _, plain, _ = failtrack("--jobs", JOBS, "--json")
        code, compared, _ = failtrack("--jobs", JOBS, "--expected", "0" * 12, "--json")

        assert json.loads(plain) == {"hash": HASH, "version": 2}
        assert code == 1
        assert json.loads(compared) == {
            "hash": HASH,
            "version": 2,
            "expected": "0" * 12,
            "match": False,
        }

    def test_jobs_come_from_a_file(self, failtrack: Run, tmp_path: Path) -> None:
        (tmp_path / "jobs.json").write_bytes(b"\xef\xbb\xbf" + JOBS.encode())

        assert failtrack("--jobs", "@jobs.json")[:2] == (0, f"{HASH}\n")

    def test_jobs_come_from_standard_input(
        self, failtrack: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(JOBS))

        assert failtrack("--jobs", "-")[:2] == (0, f"{HASH}\n")

    def test_unknown_keys_of_a_job_do_not_matter(self, failtrack: Run) -> None:
        job = '[{"id": 7, "name":"Tests","step":"pytest","stack":"ValueError: boom"}]'

        assert failtrack("--jobs", job)[1] == f"{HASH}\n"


class TestStack:
    """The given stack is the token, to the letter (C-6)."""

    def test_only_its_first_line_counts(self, failtrack: Run) -> None:
        stack = "\nValueError: boom  \n  at orders.py:88\n"

        assert failtrack("--jobs", jobs(stack))[1] == f"{HASH}\n"

    def test_it_is_not_normalized_again(self, failtrack: Run) -> None:
        assert failtrack("--jobs", jobs("total 41"))[1] != failtrack("--jobs", jobs("total 42"))[1]

    @pytest.mark.parametrize("stack", [None, "", " \n"], ids=["null", "empty", "blank"])
    def test_a_missing_one_is_no_stack(self, failtrack: Run, stack: str | None) -> None:
        assert failtrack("--jobs", jobs(stack))[1] == failtrack("--jobs", jobs("no-stack"))[1]

    def test_it_is_cut_at_160_characters(self, failtrack: Run) -> None:
        """S4-13."""
        long = failtrack("--jobs", jobs("x" * 500))[1]

        assert long == failtrack("--jobs", jobs("x" * 160))[1]
        assert long != failtrack("--jobs", jobs("x" * 159))[1]

    def test_its_length_is_a_setting(self, failtrack: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        """S4-13."""
        monkeypatch.setenv("STACK_TOKEN_MAX_LEN", "16")

        assert failtrack("--jobs", jobs("ValueError: boom and more"))[1] == f"{HASH}\n"

    def test_it_can_be_switched_off(self, failtrack: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        """S4-12, S4-17."""
        monkeypatch.setenv("STACK_TOKENS_ENABLED", "false")

        assert failtrack("--jobs", JOBS)[1] == f"{OFF_HASH}\n"

    @pytest.mark.parametrize(
        ("name", "value"), [("STACK_TOKENS_ENABLED", "maybe"), ("STACK_TOKEN_MAX_LEN", "0")]
    )
    def test_a_setting_that_means_nothing_is_refused(
        self, failtrack: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv(name, value)

        code, _, error = failtrack("--jobs", JOBS)

        assert code == 2
        assert value in error


class TestUnusableInput:
    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            ((), "give the failed jobs"),
            (("--jobs", "boom"), "--jobs: not JSON"),
            (("--jobs", "[" * 100_000), "--jobs: not JSON"),
            (("--jobs", "{}"), "--jobs: a dict; write a list"),
            (("--jobs", "[]"), "--jobs: an empty list; write a list"),
            (("--jobs", '["Tests"]'), "--jobs: job 1: none of the keys"),
            (("--jobs", f'{JOBS[:-1]}, {{"job": "x"}}]'), "--jobs: job 2: none of the keys"),
            (("--jobs", '[{"name": 7}]'), "--jobs: job 1: 'name' is 7; write a string"),
            (("--jobs", "@missing.json"), "missing.json: cannot be read"),
            (("--jobs", "@."), ".: cannot be read"),
            (("--jobs", JOBS, "--expected", "xyz"), "--expected: 'xyz' is no hash; write 12 hex"),
            (("--jobs", JOBS, "check"), "do not go with check"),
            (("check", "a.json", "b.txt"), "b.txt: cannot be read"),
            (("nosuch",), "No such command 'nosuch'"),
        ],
        ids=str,
    )
    def test_it_ends_with_2_and_a_sentence(
        self, failtrack: Run, arguments: tuple[str, ...], sentence: str
    ) -> None:
        code, out, error = failtrack(*arguments)

        assert (code, out) == (2, "")
        assert sentence in re.sub(r"\s+", " ", error)

    def test_a_file_that_is_not_utf8_is_named(self, failtrack: Run, tmp_path: Path) -> None:
        (tmp_path / "jobs.json").write_bytes(b"\xff\xfe[")

        code, _, error = failtrack("--jobs", "@jobs.json")

        assert code == 2
        assert "jobs.json: not UTF-8" in error


class TestCheck:
    """S4-31, S4-32: a fixture and its hash change together."""

    @pytest.fixture
    def pair(self, tmp_path: Path) -> Path:
        folder = tmp_path / ".github" / "signature-fixtures"
        folder.mkdir(parents=True)
        (folder / "basic_jobs.json").write_text(JOBS)
        (folder / "basic_hash.txt").write_text(f"{HASH}\n")
        return folder

    def test_the_pair_of_this_project_holds(self, failtrack: Run) -> None:
        arguments = (FIXTURES / "basic_jobs.json", FIXTURES / "basic_hash.txt")

        assert failtrack("check", *map(str, arguments))[0] == 0

    def test_the_usual_places_need_not_be_named(self, failtrack: Run, pair: Path) -> None:
        assert failtrack("check") == (0, f"{HASH} matches\n", "")

    def test_a_changed_fixture_alone_ends_with_1(self, failtrack: Run, pair: Path) -> None:
        (pair / "basic_jobs.json").write_text(JOBS.replace("boom", "bang"))

        code, out, _ = failtrack("check")

        assert code == 1
        assert HASH in out

    def test_a_changed_hash_alone_ends_with_1(self, failtrack: Run, pair: Path) -> None:
        (pair / "basic_hash.txt").write_text("0123456789ab")

        code, out, _ = failtrack("check")

        assert code == 1
        assert HASH in out
        assert "0123456789ab" in out

    def test_a_damaged_hash_is_unusable(self, failtrack: Run, pair: Path) -> None:
        (pair / "basic_hash.txt").write_text("")

        assert failtrack("check")[0] == 2

    def test_settings_do_not_change_what_is_checked(
        self, failtrack: Run, pair: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("STACK_TOKENS_ENABLED", "false")
        monkeypatch.setenv("STACK_TOKEN_MAX_LEN", "3")

        assert failtrack("check")[0] == 0

    @pytest.mark.parametrize("arguments", [("check", "--json"), ("--json", "check")], ids=str)
    def test_a_program_is_answered_in_json(
        self, failtrack: Run, pair: Path, arguments: tuple[str, ...]
    ) -> None:
        _, out, _ = failtrack(*arguments)

        assert json.loads(out) == {"hash": HASH, "version": 2, "expected": HASH, "match": True}
