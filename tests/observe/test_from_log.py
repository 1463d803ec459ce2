"""The error line of a build log: the first that says what went wrong, and never a made-up one."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from reading_kit import observed

from pytest_failtrack.observe.from_log import ErrorFinder, first_error_line, location, tail
from pytest_failtrack.observe.logs.error_lines import NEEDLES, rank_of, read_table
from pytest_failtrack.signature.token import NO_STACK, token_of

RANKS = {"certain": 3, "specific": 3, "general": 2, "consequence": 1, "hint": 1}
# Logs after the output of the tools, by name, with a mark before the true line.
SAMPLES = {
    head: body
    for head, _, body in (
        part.partition("\n")
        for part in (Path(__file__).parent / "samples" / "error_lines.txt")
        .read_text(encoding="utf-8")
        .split("\n@@ ")[1:]
    )
}
MARK = "¶ "


def true_line(sample: str) -> str | None:
    """Return the line that a sample marks, None of a silent one."""
    return next((one.partition(MARK)[2].strip() for one in sample.split("\n") if MARK in one), None)


EXAMPLES = [
    pytest.param(row["example"], RANKS[name], id=f"{name}-{row['tool']}-{number}")
    for name in RANKS
    for number, row in enumerate(read_table()[name])
]


class TestTable:
    @pytest.mark.parametrize(("example", "rank"), EXAMPLES)
    def test_every_example_has_the_rank_of_its_table(self, example: str, rank: int) -> None:
        assert rank_of(example) == rank

    @pytest.mark.parametrize(("example", "rank"), EXAMPLES)
    def test_every_example_gets_through_the_sieve(self, example: str, rank: int) -> None:
        lowered = f"\n{example.lower()}"

        assert any(needle in lowered for needle in NEEDLES)


LOGS = {
    "levels of makepkg": (
        "==> Starting build()...\n==> WARNING: Cannot find the sudo binary.\n"
        "==> ERROR: A failure occurred in build().\n    Aborting...\n",
        "==> ERROR: A failure occurred in build().",
    ),
    "an old gradle": (
        "* What went wrong:\nExecution failed for task ':test'.\n"
        "> There were failing tests. See the report at: file:///x/index.html\n\n"
        "BUILD FAILED\n\nTotal time: 5.2 secs\n",
        "Execution failed for task ':test'.",
    ),
    "a hook of the interpreter": (
        "Error in atexit._run_exitfuncs:\nTraceback (most recent call last):\n"
        '  File "x.py", line 3, in f\n    g()\nRuntimeError: boom\n',
        "RuntimeError: boom",
    ),
    "a heading above a traceback": (
        "error during build:\nTraceback (most recent call last):\n"
        '  File "x.py", line 3, in f\n    g()\nRuntimeError: boom\n',
        "RuntimeError: boom",
    ),
    "a type whose name begins like that of an exit": (
        'Traceback (most recent call last):\n  File "x.py", line 3, in f\n    g()\n'
        "SystemExitError: no config found\nERROR: the rest was left out\n",
        "SystemExitError: no config found",
    ),
    "make goes on after what it ignores": (
        "curl -sSf http://cache.test/x -o c.tgz\n"
        "curl: (7) Failed to connect to cache.test port 80: Connection refused\n"
        "make: [Makefile:3: cache] Error 7 (ignored)\n"
        "gcc a.c\na.c:1:19: error: 'y' undeclared (first use in this function)\n"
        "make: *** [Makefile:5: prog] Error 1\n",
        "a.c:1:19: error: 'y' undeclared (first use in this function)",
    ),
    "unittest cannot import a file": (
        "E\n======================================================================\n"
        "ERROR: test_t (unittest.loader._FailedTest.test_t)\n"
        "----------------------------------------------------------------------\n"
        "ImportError: Failed to import test module: test_t\n"
        "Traceback (most recent call last):\n"
        '  File "/usr/lib/python3.12/unittest/loader.py", line 394, in _find_test_path\n'
        "    module = self._get_module_from_name(name)\n"
        '  File "/app/test_t.py", line 1, in <module>\n    import nosuchmod\n'
        "ModuleNotFoundError: No module named 'nosuchmod'\n\n\nRan 1 test in 0.000s\n\n"
        "FAILED (errors=1)\n",
        "ModuleNotFoundError: No module named 'nosuchmod'",
    ),
    "heading under a heading": (
        "error during build:\nBuild failed with 1 error:\n\n"
        'Error: [vite]: Rolldown failed to resolve import "dayjs" from "src/main.js".\n',
        'Error: [vite]: Rolldown failed to resolve import "dayjs" from "src/main.js".',
    ),
    "pip cannot resolve": (
        "Collecting nosuch==9\n"
        "ERROR: Could not find a version that satisfies the requirement "
        "nosuch==9 (from versions: none)\n"
        "ERROR: No matching distribution found for nosuch==9\n",
        "ERROR: Could not find a version that satisfies the requirement "
        "nosuch==9 (from versions: none)",
    ),
    "pip conflict": (
        "ERROR: Cannot install a==1 and b==2 because these package versions "
        "have conflicting dependencies.\n"
        "ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/\n",
        "ERROR: Cannot install a==1 and b==2 because these package versions "
        "have conflicting dependencies.",
    ),
    "pip builds a wheel: the compiler says why": (
        "Building wheels for collected packages: x\n"
        "  error: subprocess-exited-with-error\n"
        "  x.c:1:10: fatal error: Python.h: No such file or directory\n"
        "ERROR: Failed building wheel for x\n",
        "x.c:1:10: fatal error: Python.h: No such file or directory",
    ),
    "uv cannot resolve": (
        "  × No solution found when resolving dependencies:\n"
        "  ╰─▶ Because nosuch was not found in the registry, your requirements "
        "are unsatisfiable.\n",
        "× No solution found when resolving dependencies:",
    ),
    "gcc after a warning": (
        "gcc -Wall -Werror -c error.c -o error.o\n"
        "error.c:3:5: warning: unused variable 'error' [-Wunused-variable]\n"
        "error.c:4:5: error: expected ';' before '}' token\n"
        "make: *** [Makefile:2: error.o] Error 1\n",
        "error.c:4:5: error: expected ';' before '}' token",
    ),
    "ld": (
        "/usr/bin/ld: main.o: in function `main':\n"
        "main.c:(.text+0x5): undefined reference to `foo'\n"
        "collect2: error: ld returned 1 exit status\n",
        "main.c:(.text+0x5): undefined reference to `foo'",
    ),
    "make alone": (
        "make: Entering directory '/errors'\nmake: *** [Makefile:2: all] Error 2\n",
        "make: *** [Makefile:2: all] Error 2",
    ),
    "make has no rule": (
        "make: *** No rule to make target 'nosuch'.  Stop.\n",
        "make: *** No rule to make target 'nosuch'.  Stop.",
    ),
    "cmake": (
        "-- Looking for error.h - found\n"
        "CMake Error at CMakeLists.txt:3 (find_package):\n"
        '  By not providing "FindFoo.cmake" in CMAKE_MODULE_PATH\n',
        "CMake Error at CMakeLists.txt:3 (find_package):",
    ),
    "npm": (
        "npm WARN deprecated error@1.0.0\n"
        "npm ERR! code ERESOLVE\n"
        "npm ERR! ERESOLVE unable to resolve dependency tree\n",
        "npm ERR! ERESOLVE unable to resolve dependency tree",
    ),
    "npm 10": (
        "npm error code E404\nnpm error 404 Not Found - GET https://x/nosuch\n",
        "npm error 404 Not Found - GET https://x/nosuch",
    ),
    "cargo": (
        "   Compiling thiserror v1.0.0\n"
        "warning: unused variable: `error`\n"
        "error[E0308]: mismatched types\n"
        " --> src/main.rs:2:18\n"
        "error: could not compile `x` (bin) due to 1 previous error\n",
        "error[E0308]: mismatched types",
    ),
    "rust panic": (
        "thread 'tests::adds' panicked at src/lib.rs:9:9:\nassertion failed: a == b\n",
        "thread 'tests::adds' panicked at src/lib.rs:9:9:",
    ),
    "javac": (
        "Foo.java:3: error: ';' expected\n    int x\n         ^\n1 error\n",
        "Foo.java:3: error: ';' expected",
    ),
    "maven": (
        "[INFO] Tests for ErrorHandler\n"
        "[ERROR] COMPILATION ERROR : \n"
        "[ERROR] /w/src/Foo.java:[3,8] cannot find symbol\n"
        "[ERROR] Failed to execute goal org.apache.maven.plugins:maven-compiler-plugin\n"
        "[ERROR] -> [Help 1]\n",
        "[ERROR] /w/src/Foo.java:[3,8] cannot find symbol",
    ),
    "gradle": (
        "FAILURE: Build failed with an exception.\n\n* What went wrong:\n"
        "Could not resolve all files for configuration ':compileClasspath'.\n",
        "Could not resolve all files for configuration ':compileClasspath'.",
    ),
    "go build": (
        "go: downloading github.com/pkg/errors v0.9.1\n# example\n./main.go:5:2: undefined: foo\n",
        "./main.go:5:2: undefined: foo",
    ),
    "go test": (
        "=== RUN   TestError\n--- PASS: TestError (0.00s)\n=== RUN   TestAdd\n"
        "    add_test.go:9: got 1, want 2\n--- FAIL: TestAdd (0.00s)\nFAIL\n",
        "add_test.go:9: got 1, want 2",
    ),
    "docker": (
        "#5 [2/3] RUN pip install error\n"
        "#5 1.234 ERROR: No matching distribution found for error\n"
        'ERROR: failed to solve: process "/bin/sh -c pip install error" did not complete: 1\n',
        "ERROR: No matching distribution found for error",
    ),
    "traceback: the exception rather than its heading": (
        "starting\nTraceback (most recent call last):\n"
        '  File "a.py", line 3, in <module>\n    raise KeyError("x")\n'
        "KeyError: 'x'\n",
        "KeyError: 'x'",
    ),
    "chained tracebacks: what was raised last": (
        "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'x'\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        'Traceback (most recent call last):\n  File "a.py", line 2, in g\n'
        "shop.errors.Missing: no x\n",
        "shop.errors.Missing: no x",
    ),
    "exception without message": (
        'Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyboardInterrupt\n',
        "KeyboardInterrupt",
    ),
    "pytest": (
        "tests/test_error.py::test_error_is_raised PASSED\n"
        "    def test_b():\n>       assert total == 2\nE       assert 1 == 2\n"
        "FAILED tests/test_a.py::test_b - assert 1 == 2\n"
        "1 failed, 1 passed in 0.01s\n",
        "assert 1 == 2",
    ),
    "pytest --tb=no": (
        "FAILED tests/test_a.py::test_b - KeyError: 'x'\n=== 1 failed in 0.01s ===\n",
        "FAILED tests/test_a.py::test_b - KeyError: 'x'",
    ),
    "pytest internal error": (
        "INTERNALERROR> Traceback (most recent call last):\n"
        'INTERNALERROR>   File "a.py", line 1, in wrap_session\n'
        "INTERNALERROR>     boom()\n"
        "INTERNALERROR> ValueError: boom\n",
        "ValueError: boom",
    ),
    "pytest usage": (
        "ERROR: usage: pytest [options] [file_or_dir] [...]\n"
        "pytest: error: unrecognized arguments: --nosuch\n  inifile: None\n",
        "pytest: error: unrecognized arguments: --nosuch",
    ),
    "pytest path": (
        "no tests ran in 0.00s\nERROR: file or directory not found: nosuch.py\n",
        "ERROR: file or directory not found: nosuch.py",
    ),
    "shell": (
        "bash: line 1: nosuch: command not found\n",
        "bash: line 1: nosuch: command not found",
    ),
    "dash": ("/bin/sh: 1: nosuch: not found\n", "/bin/sh: 1: nosuch: not found"),
    "mypy": (
        "a.py:3: note: see error docs\na.py:3: error: Incompatible return value "
        "type  [return-value]\n"
        "Found 1 error in 1 file (checked 1 source file)\n",
        "a.py:3: error: Incompatible return value type  [return-value]",
    ),
    "ruff": (
        "F401 [*] `os` imported but unused\n --> a.py:1:8\n  |\nFound 1 error.\n",
        "F401 [*] `os` imported but unused",
    ),
    "ruff concise": (
        "a.py:1:8: F401 [*] `os` imported but unused\nFound 1 error.\n",
        "a.py:1:8: F401 [*] `os` imported but unused",
    ),
    "tsc": (
        "src/error.ts(3,5): error TS2322: Type 'x' is not assignable.\n",
        "src/error.ts(3,5): error TS2322: Type 'x' is not assignable.",
    ),
    "ansi, timestamp and mark of a runner": (
        "2026-11-20T10:00:00.1234567Z ##[group]Run echo error: x\n"
        "2026-11-20T10:00:00.1234567Z \x1b[36;1mecho error\x1b[0m\n"
        "2026-11-20T10:00:01.1234567Z ##[endgroup]\n"
        "2026-11-20T10:00:02.1234567Z \x1b[31mfatal: not a git repository\x1b[0m\n"
        "2026-11-20T10:00:03.1234567Z ##[error]Process completed with exit code 128.\n",
        "fatal: not a git repository",
    ),
    "a mark of the CI makes any line one": (
        "##[error]The job is over its quota\n",
        "The job is over its quota",
    ),
    "only the CI's own last words": (
        "##[error]Process completed with exit code 1.\n",
        "Process completed with exit code 1.",
    ),
    "after a progress bar": (
        "\r 10%|#  | 1/10\r 20%|## | 2/10\rerror: disk full\n",
        "error: disk full",
    ),
    "windows line ends": ("ok\r\nerror: broken\r\n", "error: broken"),
    "no newline at the end": ("error: broken", "error: broken"),
}

SILENT = {
    "what is expected of a run": "Build started\nExpected run time to be 5 minutes\nDone in 3 s\n",
    "workers by number": "[0]: Starting worker\n[1]: Starting worker\nall done\n",
    "footnotes": "See [1].\n[1]: https://docs.example.org/x\nDone\n",
    "a place in a logger's line": (
        "2024/01/01 12:00:00 main.go:12: error opening cache (ignored)\nserved 3 requests\n"
    ),
    "a warning of makepkg": "==> WARNING: Failed to find strip, skipping\n==> Finished making: x\n",
    "a solution that was built": "========== Build: 5 succeeded, 0 failed, 0 skipped ==========\n",
    "empty": "",
    "passing test named error": (
        "tests/test_e.py::test_error PASSED [ 50%]\ntest error::fails ... ok\n"
    ),
    "unittest": "test_error (t.TestX.test_error) ... ok\nOK\n",
    "jest": "PASS src/error.test.js\n  ✓ shows an error (3 ms)\n",
    "no errors": "0 errors, 3 warnings\nNo errors found\nErrors: 0, Failures: 0\n",
    "success": "Success: no issues found in 3 source files\n",
    "warnings": "a.c:3: warning: error-prone cast\nnpm WARN error\nWARNING: the error rate\n",
    "echo": "+ ./fail --error\n$ make error\ngcc -Werror -c error.c -o error.o\n",
    "installing": (
        "Compiling thiserror v1.0\nCollecting errors\nSuccessfully installed exceptions-1\n"
    ),
    "levels": "2026-11-20 10:00:00 INFO shop error rate is fine\n[DEBUG] fatal is a word\n",
    "nothing said": "step one\nstep two\n",
    "cargo": "test result: ok. 3 passed; 0 failed; 0 ignored\n",
}

BOOM = "java.lang.IllegalStateException: boom\n\tat a.ErrorHandlerTest.logsIt(A.java:20)\n"
INDENTED = "    java.lang.IllegalStateException: boom\n        at a.B.c(B.java:2)\n\n"
SESSION = "===== test session starts =====\ncollected 2 items\n"
# What a test prints, and how its runner says that it has passed.
PASSING = {
    "surefire": (
        f"[INFO] Running a.ErrorHandlerTest\n{BOOM}",
        "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0\n",
    ),
    "surefire, named": (
        f"Running a.ErrorHandlerTest\n{BOOM}",
        "[WARNING] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1, Time elapsed: 0.1 s "
        "-- in a.ErrorHandlerTest\n",
    ),
    "surefire, twice": (
        f"[INFO] Running a.ErrorHandlerTest\nERROR something went wrong\n{BOOM}",
        "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0\n",
    ),
    "gradle": (f"> Task :app:test\n\n{BOOM}", "\nErrorHandlerTest > logsIt() PASSED\n"),
    "gradle, another": (
        f"> Task :test\nOrderTest > adds() PASSED\n{BOOM}",
        "ErrorHandlerTest > logsIt() PASSED\n",
    ),
    "gradle, headed": (
        f"ErrorHandlerTest > logsIt() STANDARD_OUT\n{INDENTED}",
        "ErrorHandlerTest > logsIt() PASSED\n",
    ),
    "pytest -sv": (
        f"{SESSION}tests/test_a.py::test_logs Traceback\nValueError: boom\n",
        "PASSED               [ 50%]\ntests/test_a.py::test_two PASSED  [100%]\n",
    ),
    "cargo --nocapture": (
        "running 2 tests\nthread 'tests::panics' panicked at src/lib.rs:9:9:\nboom\n",
        "test tests::panics - should panic ... ok\n",
    ),
    "cargo, whole": (
        "running 2 tests\nerror: no database\n",
        "test result: ok. 2 passed; 0 failed; 0 ignored\n",
    ),
}
FAILING = {
    "before a chain of exceptions": (
        "ERROR the database is gone\nRunning a.ATest\nTraceback (most recent call last):\n"
        "KeyError: 'a'\n\nDuring handling of the above exception, another exception occurred:\n\n"
        "Traceback (most recent call last):\nValueError: boom\n"
        "Tests run: 1, Failures: 0, Errors: 0, Skipped: 0\n",
        "ERROR the database is gone",
    ),
    "surefire": (
        f"[INFO] Running a.ErrorHandlerTest\n{BOOM}"
        "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0\n"
        "[INFO] Running a.PriceTest\n"
        "[ERROR] a.PriceTest.rounds  Time elapsed: 0.01 s  <<< FAILURE!\n"
        "org.opentest4j.AssertionFailedError: expected: <10.00> but was: <9.99>\n"
        "\tat a.PriceTest.rounds(PriceTest.java:31)\n"
        "[ERROR] Failures: \n[ERROR]   PriceTest.rounds:31 expected: <10.00> but was: <9.99>\n"
        "[ERROR] Tests run: 5, Failures: 1, Errors: 0, Skipped: 0\n[INFO] BUILD FAILURE\n",
        "org.opentest4j.AssertionFailedError: expected: <10.00> but was: <9.99>",
    ),
    "surefire, side by side": (
        "[INFO] Running a.ATest\n[INFO] Running a.BTest\n"
        "[ERROR] Tests run: 1, Failures: 1, Errors: 0, Skipped: 0 <<< FAILURE! - in a.BTest\n"
        "java.lang.IllegalStateException: true\n[INFO] Running a.CTest\n"
        "[INFO] Tests run: 1, Failures: 0, Errors: 0, Skipped: 0 - in a.CTest\n",
        "java.lang.IllegalStateException: true",
    ),
    "gradle": (
        "> Task :test\nPriceTest > rounds() FAILED\n    java.lang.IllegalStateException: true\n"
        "OrderTest > adds() PASSED\n",
        "java.lang.IllegalStateException: true",
    ),
    "gradle, another task": (
        "> Task :a:test\nOrderTest > adds() PASSED\n> Task :compileJava FAILED\n"
        "A.java:3: error: ';' expected\n> Task :b:test\nOrderTest > adds() PASSED\n",
        "A.java:3: error: ';' expected",
    ),
    "pytest -sv": (
        f"{SESSION}tests/test_a.py::test_fails\nValueError: true\nFAILED  [ 50%]\n"
        "tests/test_a.py::test_two fine\nPASSED  [100%]\n== 1 failed, 1 passed in 0.12s ==\n",
        "ValueError: true",
    ),
    "pytest, coverage": (
        f"{SESSION}tests/test_a.py::test_two PASSED  [100%]\nERROR: Coverage failure: total of 21 "
        "is less than fail-under=80\n===== 2 passed in 0.12s =====\n",
        "ERROR: Coverage failure: total of 21 is less than fail-under=80",
    ),
    "cargo": (
        "running 2 tests\nthread 'tests::a' (81) panicked at src/lib.rs:9:9:\nboom\n"
        "test tests::a ... FAILED\ntest tests::b ... ok\n"
        "test result: FAILED. 1 passed; 1 failed\n",
        "thread 'tests::a' (81) panicked at src/lib.rs:9:9:",
    ),
}


class TestFirstErrorLine:
    @pytest.mark.parametrize(("log", "line"), LOGS.values(), ids=LOGS)
    def test_is_the_line_that_says_what_went_wrong(self, log: str, line: str) -> None:
        assert first_error_line(log) == line

    @pytest.mark.parametrize("log", SILENT.values(), ids=SILENT)
    def test_is_none_for_a_log_that_names_no_error(self, log: str) -> None:
        assert first_error_line(log) is None

    def test_is_bounded_for_a_line_without_end(self) -> None:
        line = first_error_line("error: " + "x" * 1_000_000)

        assert line is not None
        assert line.startswith("error: xxx")
        assert len(line) <= 1_000

    @pytest.mark.parametrize("piece", ["error ", "a.", "E: E", "fatal:", "1:", "│ ", "failed 0 "])
    def test_takes_linear_time_on_hostile_lines(self, piece: str) -> None:
        started = time.process_time()

        first_error_line((piece * 300 + "\n") * 100)

        assert time.process_time() - started < 30  # what is not linear takes hours


class TestSamples:
    @pytest.mark.parametrize("name", SAMPLES)
    def test_the_first_error_line_is_that_of_a_person(self, name: str) -> None:
        log = SAMPLES[name].replace(MARK, "")

        assert first_error_line(log) == true_line(SAMPLES[name])

    @pytest.mark.parametrize("name", SAMPLES)
    def test_it_is_the_same_with_the_times_and_colours_of_a_ci(self, name: str) -> None:
        lines = SAMPLES[name].replace(MARK, "").split("\n")
        log = "".join(
            f"2026-11-21T10:00:{n % 60:02}.1234567Z \x1b[0m{line}\x1b[0;m\r\n"
            for n, line in enumerate(lines)
        )

        assert first_error_line(log) == true_line(SAMPLES[name])

    def test_what_a_passing_test_of_go_logs_is_no_error(self) -> None:
        passes = "=== RUN   TestRefusal\n    a_test.go:3: got: connection refused\n"
        fails = "=== RUN   TestTotal\n    a_test.go:9: total = 118; want 119\n"
        log = f"{passes}--- PASS: TestRefusal (0.00s)\n{fails}--- FAIL: TestTotal (0.00s)\nFAIL\n"

        assert first_error_line(log) == "a_test.go:9: total = 118; want 119"

    def test_a_failure_stays_when_a_test_beside_it_passes(self) -> None:
        log = (
            "=== RUN   TestA\n=== CONT  TestB\n    b_test.go:9: want 119\n--- PASS: TestA (0.00s)\n"
        )

        assert first_error_line(log) == "b_test.go:9: want 119"

    @pytest.mark.parametrize(("printed", "passed"), PASSING.values(), ids=PASSING)
    def test_what_a_passing_test_prints_is_no_error(self, printed: str, passed: str) -> None:
        deploy = "[ERROR] Failed to execute goal maven-deploy-plugin:3.1.1:deploy: no access\n"

        assert first_error_line(printed) is not None
        assert first_error_line(printed + passed) is None
        assert first_error_line(printed + passed + deploy) == deploy.strip()
        assert first_error_line(printed + deploy) == first_error_line(printed)

    @pytest.mark.parametrize("size", [1, 17])
    @pytest.mark.parametrize(("printed", "passed"), PASSING.values(), ids=PASSING)
    def test_it_is_none_however_the_output_is_cut(
        self, printed: str, passed: str, size: int
    ) -> None:
        log, finder = printed + passed, ErrorFinder()
        for start in range(0, len(log), size):
            finder.feed(log[start : start + size])

        assert finder.finish() is None

    @pytest.mark.parametrize(("log", "line"), FAILING.values(), ids=FAILING)
    def test_the_failure_of_another_test_stays(self, log: str, line: str) -> None:
        assert first_error_line(log) == line

    def test_a_test_passes_long_after_it_has_printed(self) -> None:
        log = (
            "[INFO] Running a.LongTest\njava.lang.IllegalStateException: boom\n"
            + "all is well\n" * 1_000
            + "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0\n"
            + "a.c:1: error: true\n"
        )

        assert first_error_line(log) == "a.c:1: error: true"

    def test_what_is_written_to_the_console_is_no_error(self) -> None:
        log = (
            "  console.error\n    TypeError: nothing is wrong\n\n      at a.js:3\n\n"
            "stderr | src/b.test.ts > adds\nTypeError: nor here\n\n"
            "TypeError: x is not a function\n"
        )

        assert first_error_line(log) == "TypeError: x is not a function"

    @pytest.mark.parametrize(
        "head", ["Exception ignored in: <function f at 0x7f>", "--- Logging error ---"]
    )
    def test_a_traceback_of_no_consequence_gives_way(self, head: str) -> None:
        ignored = f"{head}\nTraceback (most recent call last):\n  File 'a'\nTypeError: ignored\n"

        assert first_error_line(f"{ignored}error: no database\n") == "error: no database"
        assert first_error_line(ignored) == "TypeError: ignored"

    @pytest.mark.parametrize(
        ("line", "rank"),
        [
            ("curl: (7) Failed to connect; retrying in 1s", 1),
            ("error: no answer, attempt 2 of 3", 0),
            ("error: no answer, giving up after attempt 3 of 3", 2),
        ],
    )
    def test_what_is_tried_again_has_not_failed_yet(self, line: str, rank: int) -> None:
        assert rank_of(line) == rank

    def test_the_warning_of_another_tool_is_no_error(self) -> None:
        log = "w: file:///a.kt:1:5 unused\nAborted with 1 warnings in strict mode!\n"

        assert first_error_line(log) == "Aborted with 1 warnings in strict mode!"

    def test_no_two_of_them_share_a_token(self) -> None:
        tokens: dict[str, list[str]] = {}
        for name, sample in SAMPLES.items():
            log = f"$ {name.replace(' ', '-')}\n{sample.replace(MARK, '')}\n"
            for one in observed(log, exit_status=1)[:1]:
                tokens.setdefault(token_of(one), []).append(name)
        silent = [name for name, sample in SAMPLES.items() if true_line(sample) is None]

        assert tokens.pop(NO_STACK) == silent
        assert [names for names in tokens.values() if len(names) > 1] == []


class TestServicesThatAreWaitedFor:
    REFUSED = (
        'psql: error: connection to server at "localhost", port 5432 failed: Connection refused'
    )
    LATER = "AssertionError: 13 != 12"

    @pytest.mark.parametrize(
        "said",
        [
            "postgres is up",
            "Database is ready!",
            "wait-for-it.sh: localhost:5432 is available after 3 seconds",
            "localhost:5432 - accepting connections",
            "Connection to localhost 5432 port [tcp/postgresql] succeeded!",
            '{"status":"ok"}',
            "Successfully connected to db",
        ],
    )
    def test_that_answer_at_last_are_no_error(self, said: str) -> None:
        log = f"{self.REFUSED}\n{self.REFUSED}\n{said}\nFAILED\n{self.LATER}\n"

        assert first_error_line(log) == self.LATER

    @pytest.mark.parametrize(
        "said",
        [
            "waiting until postgres is up",
            "postgres is not ready",
            "\tIs the server running locally and accepting connections on that socket?",
            "pip is up to date",
            "checking whether the API is available",
            "localhost:5432 - rejecting connections",
            "db never became healthy",
        ],
    )
    def test_that_do_not_answer_are_the_first_error(self, said: str) -> None:
        log = f"{self.REFUSED}\n{said}\n{self.LATER}\n"

        assert first_error_line(log) == self.REFUSED

    def test_that_answer_are_the_error_still_where_nothing_else_went_wrong(self) -> None:
        log = f"{self.REFUSED}\npostgres is up\nmake: *** [test] Error 1\n"

        assert first_error_line(log) == self.REFUSED

    def test_that_fail_again_are_the_error(self) -> None:
        again = "OperationalError: could not connect to server: Connection refused"
        log = f"{self.REFUSED}\npostgres is up\n{again}\n{self.LATER}\n"

        assert first_error_line(log) == again

    def test_that_answer_later_than_anybody_waits_are_the_error(self) -> None:
        log = "\n".join([self.REFUSED, *["copying"] * 300, "postgres is up", self.LATER])

        assert first_error_line(log) == self.REFUSED


class TestRepeatedLines:
    def test_a_line_that_recurs_is_judged_once(self) -> None:
        rank_of.cache_clear()

        first_error_line("the error handler is compiled\n" * 5_000)

        assert rank_of.cache_info().misses == 1
        assert rank_of.cache_info().hits >= 4_000

    def test_what_is_remembered_is_bounded(self) -> None:
        first_error_line("".join(f"the error handler {n} is compiled\n" for n in range(5_000)))

        held = rank_of.cache_info()
        assert held.maxsize is not None
        assert held.currsize <= held.maxsize <= 5_000

    def test_the_judgement_depends_on_more_than_the_line(self) -> None:
        line = "something of no consequence"

        assert [rank_of(line), rank_of(line, is_marked=True), rank_of(line)] == [0, 2, 0]
        assert [rank_of("error: x", above=above) for above in (0, 3, 0)] == [2, 0, 2]


class TestErrorFinder:
    @pytest.mark.parametrize("size", [1, 3, 17, 1000])
    def test_finds_the_same_line_however_the_output_is_cut(self, size: int) -> None:
        for log, line in LOGS.values():
            finder = ErrorFinder()
            for start in range(0, len(log), size):
                finder.feed(log[start : start + size])
            found = finder.finish()

            assert found is not None
            assert found.line == line

    def test_finds_an_error_at_the_end_of_a_very_long_log(self) -> None:
        finder = ErrorFinder()
        for _ in range(400):
            finder.feed("compiling with the usual options\n" * 2_000)

        finder.feed("a.c:1: error: boom\n")

        found = finder.finish()
        assert found is not None
        assert found.line == "a.c:1: error: boom"

    def test_holds_no_more_than_a_line(self) -> None:
        finder = ErrorFinder()

        for _ in range(1_000):
            finder.feed("x" * 10_000)

        assert len(finder._partial) <= 2_000


class TestTail:
    def test_is_what_a_terminal_shows_last(self) -> None:
        log = "one\n\x1b[31mtwo\x1b[0m\r\n 10%\r100%\n\nthree\n"

        assert tail(log, max_lines=3) == "two\n100%\nthree"

    def test_is_bounded(self) -> None:
        assert tail("x" * 100_000, max_chars=50) == "x" * 50


class TestLocation:
    @pytest.mark.parametrize(
        ("line", "place"),
        [
            ("src/main.c:4:5: error: x", ("src/main.c", 4)),
            ("src/a.ts(3,5): error TS2322: x", ("src/a.ts", 3)),
            ("[ERROR] /w/Foo.java:[3,8] cannot find symbol", ("/w/Foo.java", 3)),
            ("C:\\w\\a.c:7: error: x", ("C:\\w\\a.c", 7)),
            ("error: no place", None),
            ("localhost:8080: Connection refused", None),
        ],
    )
    def test_is_read_from_the_beginning_of_the_line(
        self, line: str, place: tuple[str, int] | None
    ) -> None:
        assert location(line) == place
