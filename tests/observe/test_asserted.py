"""The exception that an assertion shows in what it wanted to be empty."""

from __future__ import annotations

import pytest

from pytest_failtrack.observe.asserted import (
    printed_exception,
    shown_exception,
    with_death,
    with_shown,
)
from pytest_failtrack.observe.observation import Raised


@pytest.mark.parametrize(
    ("message", "type_name", "said"),
    [
        ("assert [ValueError('no stock')] == []", "ValueError", "no stock"),
        (
            "assert [('charge', B...key\"}'))] == []\n  \n  Left contains one more item: "
            "(<bound method Service._charge of <shop.Service object at 0x7f>>, (1, 2), "
            'shop.errors.BillingError(\'billing said 401: {"error": "invalid API key"}\'))',
            "shop.errors.BillingError",
            'billing said 401: {"error": "invalid API key"}',
        ),
        (
            "assert ConnectionRefusedError(111, 'Connection refused') is None\n +  where "
            "ConnectionRefusedError(111, 'Connection refused') = <Job 3>.error",
            "ConnectionRefusedError",
            "[Errno 111] Connection refused",
        ),
        (
            "assert [FileNotFoundError(2, 'No such file or directory', 'a.csv')] == []",
            "FileNotFoundError",
            "[Errno 2] No such file or directory: 'a.csv'",
        ),
        ("assert not [KeyError('id')]", "KeyError", "'id'"),
        ("assert 1 == 0\n +  where 1 = len([OSError('full')])", "OSError", "full"),
        ("assert 1 == 0\n +  where 1 = <Result KeyError('id')>.exit_code", "KeyError", "'id'"),
        ("assert False\n +  where False = Reply(ok=False, error=Timeout('10 s')).ok", "", ""),
        (
            "assert False\n +  where False = Reply(ok=False, error=ReadTimeout('10 s')).ok",
            "ReadTimeout",
            "10 s",
        ),
        ("[ValueError('no stock')] != []", "ValueError", "no stock"),
        ("RuntimeError() is not None : the job failed", "RuntimeError", ""),
        ("assert [MemoryError()] == []", "MemoryError", ""),
        ("assert ExceptionGroup('two', [ValueError('a')]) is None", "ValueError", "a"),
    ],
)
def test_what_stands_where_nothing_was_wanted(message: str, type_name: str, said: str) -> None:
    found = shown_exception(message)

    assert ((found.type, found.message) if found else ("", "")) == (type_name, said)


@pytest.mark.parametrize(
    "message",
    [
        "assert [] == [ValueError('no stock')]",
        "assert [ValueError('a')] == [ValueError('b')]",
        "assert ValueError('a') == 3",
        "assert 'x' in str(ValueError('a'))",
        "assert False\n +  where False = isinstance(ValueError('a'), KeyError)",
        "assert ValueErrors == []",
        "assert [Order('Error')] == []",
        "assert ['ValueError: no stock'] == []",
        "ValueError('no stock')",
        "",
    ],
)
def test_what_was_asked_about_an_exception_is_none(message: str) -> None:
    assert shown_exception(message) is None


def test_it_is_the_cause_of_a_single_assertion() -> None:
    failed = Raised("AssertionError", "assert [ValueError('no stock')] == []")
    other = Raised("KeyError", "'id'", (), "cause")

    assert with_shown((failed,)) == (failed, Raised("ValueError", "no stock", (), "cause"))
    assert with_shown((failed, other)) == (failed, other)
    assert with_shown((other,)) == (other,)
    assert with_shown(()) == ()


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "assert -9 == 0\n +  where -9 = CompletedProcess(args=['a'], returncode=-9).returncode",
            "died with <Signals.SIGKILL: 9>",
        ),
        (
            "\nassert (-11, '') == (0, 'done')\n  \n  At index 0 diff: -11 != 0",
            "died with <Signals.SIGSEGV: 11>",
        ),
        ("-6 != 0", "died with <Signals.SIGABRT: 6>"),
        ("assert 9 == 0", ""),
        ("assert -9 == 3", ""),
        ("assert -90 == 0", ""),
        ("assert total == -9", ""),
    ],
)
def test_a_child_that_died_says_of_what(message: str, said: str) -> None:
    failed = Raised("AssertionError", message)

    found = with_death((failed,))

    assert [one.message for one in found[1:]] == ([said] if said else [])


def test_a_long_message_takes_no_time() -> None:
    hostile = "assert not " + "ValueError(" * 20_000 + "'" * 20_000

    assert shown_exception(hostile) is None


TRACEBACK = 'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n    import b\n'
LEFT = TRACEBACK.replace("\n", "\\n")


@pytest.mark.parametrize(
    ("message", "type_name", "said"),
    [
        (f"{TRACEBACK}ImportError: no b\n\nassert 1 == 0", "ImportError", "no b"),
        (
            f"{TRACEBACK}shop.errors.Closed: order 3\nassert (1, '') == (0, 'done')",
            "shop.errors.Closed",
            "order 3",
        ),
        (
            'Traceback (most recent call last):\n    File "x.py", line 1, in run\n      go()\n'
            "      ~~^^\n  PermissionError: [Errno 13] Permission denied: '/x'\n  \nassert 1 == 0",
            "PermissionError",
            "[Errno 13] Permission denied: '/x'",
        ),
        (
            "assert 1 == 0\n +  where 1 = CompletedProcess(args=['x'], returncode=1, stdout='', "
            f"stderr='{LEFT}KeyError: \\'id\\'\\n').returncode",
            "KeyError",
            "'id'",
        ),
        (
            "assert 1 == 0\n +  where 1 = CompletedProcess(args=['python', '-m', 'shop', "
            "'/tmp/pyt...ne 6, in mkdir\\n    os.mkdir(self, mode)\\n    ~~~~^^^\\n"
            "OSError: [Errno 28] No space left on device\\n').returncode",
            "OSError",
            "[Errno 28] No space left on device",
        ),
        (f"assert not '{LEFT}KeyError: 1\\n'", "KeyError", "1"),
        (f"assert '{LEFT}ValueError: a\\n' == ''", "ValueError", "a"),
    ],
)
def test_the_end_of_a_printed_traceback_is_why(message: str, type_name: str, said: str) -> None:
    found = printed_exception(message)

    assert found is not None
    assert (found.type, found.message, found.link) == (type_name, said, "cause")


@pytest.mark.parametrize(
    "message",
    [
        f"assert '{LEFT}KeyError: 1' == 'Traceback of the last call'",
        f"{TRACEBACK}KeyError: 1\nassert '{LEFT}KeyError: 1' == ''",
        f"assert '{LEFT}KeyError: 1' in '{LEFT}KeyError: 2'",
        "Traceback (most recent call last):\nassert 1 == 0",
        f"assert '\\n    go()\\nKeyError: 1\\n' == 'a'\n{' ' * 90}",
        "assert 1 == 0",
    ],
)
def test_a_traceback_that_is_compared_says_nothing(message: str) -> None:
    assert printed_exception(message) is None


@pytest.mark.parametrize("piece", [r"\n    a", r"\n    a\nA.", TRACEBACK.split("\n")[0], " ^"])
def test_a_long_traceback_takes_no_time(piece: str) -> None:
    assert printed_exception("assert 1 == 0 CompletedProcess(" + piece * 100_000) is None
