"""Synthetic suites for the benchmarks, each a folder of test files; see `SUITES`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

TESTS_A_FILE = 100

PLAIN_FAILURE = """
def test_{n}():
    got = {{'a': {file}, 'b': [1, 2, 3]}}
    assert got == {{'a': {file} + 1, 'b': [1, 2, 4]}}
"""
CHAINED_FAILURE = """
def _load_{n}(depth):
    try:
        if depth == 0:
            raise KeyError('missing key {file}')
        _load_{n}(depth - 1)
    except Exception as error:
        raise ValueError(f'level {{depth}} of {file}') from error

def test_{n}():
    _load_{n}(4)
"""
HEAVY = """
def _down(n, what):
    local = {'n': n, 'what': what}
    if n == 0:
        raise RuntimeError(f'deep {what}')
    return _down(n - 1, what)

def _big(seed):
    return {f'key_{i}': {'id': i, 'name': f'name-{i}-{seed}', 'tags': list(range(i % 7))}
            for i in range(60)}
"""
HEAVY_FAILURES = (
    """
def test_{n}():
    left, right = _big({file}), _big({file})
    right['key_7']['name'] = 'other'
    right['key_50'] = None
    assert left == right
""",
    """
def test_{n}():
    text = '\\n'.join(f'line {{n}} of {n}' for n in range(120))
    assert text == text.replace('line 60', 'LINE 60')
""",
    """
def test_{n}():
    _down(19, 'case {n}')
""",
)


def passing(folder: Path, tests: int = 10_000) -> None:
    """Trivially passing tests."""
    _files(folder, tests, lambda file, n: f"def test_{n}():\n    assert {n} == {n}\n")


def one_percent(folder: Path, tests: int = 10_000) -> None:
    """One failing test a hundred, half of them with a chain of five exceptions."""

    def body(file: int, n: int) -> str:
        if n != TESTS_A_FILE // 2:
            return f"def test_{n}():\n    assert {n} == {n}\n"
        return (PLAIN_FAILURE if file % 2 else CHAINED_FAILURE).format(n=n, file=file)

    _files(folder, tests, body)


def heavy(folder: Path, tests: int = 2_000) -> None:
    """Half of the tests failing, with large diffs and stacks of 20 frames."""

    def body(file: int, n: int) -> str:
        if n % 2:
            return f"def test_{n}():\n    assert True\n"
        return HEAVY_FAILURES[n // 2 % len(HEAVY_FAILURES)].format(n=n, file=file)

    _files(folder, tests, body, HEAVY)


def one_passing(folder: Path) -> None:
    """One test that passes: what starting costs."""
    _write(folder, "def test_one():\n    assert True\n")


def one_failing(folder: Path) -> None:
    """One test that fails: what a verdict costs."""
    _write(folder, "def test_one():\n    total = 3\n    assert total == 4\n")


def one_huge(folder: Path) -> None:
    """One failure with a message of 50 MB."""
    _write(folder, "def test_one():\n    raise ValueError('begin ' + 'x' * 50_000_000)\n")


def one_cause(folder: Path, failures: int = 50_000) -> None:
    """Many failures of one cause."""
    body = (
        "import pytest\n\ndef load():\n    raise OSError('no disk')\n\n"
        f"@pytest.mark.parametrize('n', range({failures}))\ndef test_it(n):\n    load()\n"
    )
    _write(folder, body)


def many_causes(folder: Path, failures: int = 5_000) -> None:
    """Many causes of one failure each."""
    _files(
        folder,
        failures,
        lambda file, n: (
            f"def test_{n}():\n    raise RuntimeError('cause_{_word(file * 100 + n)} is broken')\n"
        ),
    )


SUITES: dict[str, Callable[[Path], None]] = {
    "passing": passing,
    "one-percent": one_percent,
    "heavy": heavy,
    "one-passing": one_passing,
    "one-failing": one_failing,
    "one-huge": one_huge,
}


def _word(number: int) -> str:
    """Return a name without digits, since numbers are masked in signatures."""
    letters = ""
    while True:
        number, rest = divmod(number, 26)
        letters = chr(ord("a") + rest) + letters
        if not number:
            return letters


def _files(folder: Path, tests: int, body: Callable[[int, int], str], header: str = "") -> None:
    count = max(1, tests // TESTS_A_FILE)
    each = min(tests, TESTS_A_FILE)
    for file in range(count):
        text = header + "".join(body(file, n) for n in range(each))
        _write(folder, text, f"test_{_word(file)}_{file:03d}.py")


def _write(folder: Path, text: str, name: str = "test_one.py") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / name).write_text(text, encoding="utf-8")
