"""The first error line of what tools print."""

from __future__ import annotations

import time

import pytest

from pytest_failtrack.signature.errorline import error_line

OUTPUTS = {
    "pytest": (
        "tests/test_a.py:3: in test_x\n    build({})\nE   KeyError: 'customer_id'\nE   more",
        "KeyError: 'customer_id'",
    ),
    "pytest assertion": (
        "    assert f() == 2\nE       assert 1 == 2\nE        +  where",
        "assert 1 == 2",
    ),
    "pytest collecting": (
        'E     File "/a/test_d.py", line 1\nE       def x(:\nE   SyntaxError: invalid syntax',
        "SyntaxError: invalid syntax",
    ),
    "pytest without a type": (
        "E   fixture 'db' not found\n>   available fixtures",
        "fixture 'db' not found",
    ),
    "traceback": (
        "starting\nTraceback (most recent call last):\n"
        '  File "a.py", line 1, in <module>\n    raise E\nshop.errors.RateError: no rates\nbye',
        "shop.errors.RateError: no rates",
    ),
    "traceback without a message": (
        "Traceback (most recent call last):\n  File 'a.py', line 1\n    f()\nKeyboardInterrupt",
        "KeyboardInterrupt",
    ),
    "traceback in a log": (
        "12:00 Traceback (most recent call last):\n12:00   File\n    ValueError: boom",
        "ValueError: boom",
    ),
    "gcc": (
        "gcc -Werror a.c\na.c: In function 'f':\na.c:3:5: error: 'x' undeclared\n1 error made",
        "a.c:3:5: error: 'x' undeclared",
    ),
    "linker": (
        "/usr/bin/ld: a.o: undefined reference to `f'",
        "/usr/bin/ld: a.o: undefined reference to `f'",
    ),
    "cargo": (
        "   Compiling a\nerror[E0308]: mismatched types\n --> a.rs",
        "error[E0308]: mismatched types",
    ),
    "tsc": ("a.ts(1,7): error TS2322: Type 'x'", "a.ts(1,7): error TS2322: Type 'x'"),
    "npm": ("npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE unable", "npm ERR! code ERESOLVE"),
    "pip": (
        "Collecting shop-core\nERROR: Could not find a version that satisfies shop-core",
        "ERROR: Could not find a version that satisfies shop-core",
    ),
    "make": ("cc a.c\nmake: *** [Makefile:3: a.o] Error 1", "make: *** [Makefile:3: a.o] Error 1"),
    "apt": ("Reading lists\nE: Unable to locate package x", "E: Unable to locate package x"),
    "shell": ("sh: 1: pytset: not found", "sh: 1: pytset: not found"),
    "git": ("Cloning\nfatal: repository 'x' not found", "fatal: repository 'x' not found"),
    "success before the error": ("0 errors, 0 failed\nno errors\nFAILED a", "FAILED a"),
}


@pytest.mark.parametrize(("text", "expected"), OUTPUTS.values(), ids=OUTPUTS)
def test_the_first_line_that_names_the_error_is_found(text: str, expected: str) -> None:
    assert error_line(text) == expected


@pytest.mark.parametrize("text", ["", "\n \n", "all is well\n3 passed", "0 errors"])
def test_a_text_that_names_no_error_has_none(text: str) -> None:
    assert error_line(text) == ""


@pytest.mark.parametrize(
    "piece", ["E   ", "Traceback (most recent call last)\n", "a.a", "error-", "\n"]
)
def test_a_megabyte_is_read_in_no_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))

    started = time.process_time()
    error_line(text)

    assert time.process_time() - started < 10  # what is not linear takes hours
