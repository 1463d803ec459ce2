"""Normalization: noise goes, meaning stays, and no input is too much for it."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_failtrack.signature.normalize import LINE_MAX_CHARS, normalize

NOISE = {
    "address": ("<Order at 0x7f12ab34cd56>", "<Order at 0x10e9f3c40>", "<Order at <addr>>"),
    "UUID": (
        "no order 3f2b8c1e-9d4a-4e7b-8a6f-0c1d2e3f4a5b",
        "no order 00000000-0000-4000-8000-00000000000A",
        "no order <uuid>",
    ),
    "timestamp": (
        "since 2025-09-23T12:34:56Z",
        "since 2026-01-02 03:04:05.123456+02:00",
        "since <time>",
    ),
    "date": ("due 2025-09-23", "due 2026-01-02", "due <time>"),
    "date in words": ("on Tue, 23 Sep 2025 12:34:56 GMT", "on 1 January 2026", "on <time>"),
    "log date": ("at 23/Sep/2025:12:34:56 +0000", "at 02/Jan/2026:03:04:05 +0200", "at <time>"),
    "ctime": ("at Tue Sep 23 12:34:56 2025", "at Fri Jan  2 03:04:05 2026", "at <time>"),
    "American date": ("on 09/23/2025", "on 1/2/2026", "on <time>"),
    "clock": ("at 12:34:56", "at 3:04:05.678", "at <time>"),
    "datetime repr": (
        "got datetime.datetime(2025, 9, 23, 12, 34, 56, 789, tzinfo=datetime.timezone.utc)",
        "got datetime.datetime(2026, 1, 2, 0, 0, tzinfo=zoneinfo.ZoneInfo(key='UTC'))",
        "got <time>",
    ),
    "checkout": (
        "cannot read /home/runner/work/shop/shop/src/rates.csv",
        "cannot read /Users/ann/shop/src/rates.csv",
        "cannot read <path>/rates.csv",
    ),
    "Windows checkout": (
        r"cannot read 'C:\\Users\\ann\\shop\\src\\rates.csv'",
        r"cannot read 'D:\a\shop\src\rates.csv'",
        "cannot read '<path>/rates.csv'",
    ),
    "checkout of another system": (
        r"cannot read 'C:\\Users\\ann\\shop\\rates.csv'",
        "cannot read '/builds/17/shop/rates.csv'",
        "cannot read '<path>/rates.csv'",
    ),
    "network share": (
        r"cannot read \\server\share\rates.csv",
        r"cannot read '\\other\x\y\rates.csv'".replace("'", ""),
        "cannot read <path>/rates.csv",
    ),
    "pytest's temporary folder": (
        "cannot read '/tmp/pytest-of-ann/pytest-12/test_load0/rates.csv'",
        "cannot read '/private/var/folders/x3/k9/T/pytest-of-bo/pytest-3/test_load1/rates.csv'",
        "cannot read '<path>/rates.csv'",
    ),
    "temporary file": ("lost /tmp/tmpab12cd34", "lost /var/tmp/tmpzyxw_987", "lost <path>"),
    "temporary file with a suffix": (
        "lost /tmp/tmpab12cd34.csv",
        "lost /tmp/x/tmpzyxw_987.csv",
        "lost <path>/<tmp>.csv",
    ),
    "file URL": ("at file:///home/a/x.css", "at file:///tmp/b/x.css", "at <path>/x.css"),
    "database file": ("sqlite:////tmp/a/shop.db", "sqlite:////home/b/shop.db", "<path>/shop.db"),
    "relative path": ("lost ../../tmp/a/x.csv", "lost ../../../home/b/x.csv", "lost <path>/x.csv"),
    "home": ("lost ~/.cache/shop", "lost ~/.config/other", "lost <path>"),
    "installed package": (
        "in /usr/lib/python3.11/site-packages/y/z.py",
        "in /home/al/.venv/lib/python3.13/site-packages/y/z.py",
        "in <site-packages>/y/z.py",
    ),
    "port": ("no answer from localhost:53211", "no answer from localhost:80", None),
    "port of an address": (
        "no answer from 10.1.0.17:5432",
        "no answer from 172.17.0.2:49153",
        None,
    ),
    "port in a URL": ("GET http://localhost:53211/api/x", "GET http://localhost:8080/api/x", None),
    "IPv6": ("from [::1]:53211", "from [fe80::1ff:fe23:4567:890a]:80", "from [<ip>]:<port>"),
    "process": ("held by pid 48213", "held by pid 7", "held by pid <pid>"),
    "worker": ("no database shop_gw0", "no database shop_gw13", "no database shop_<worker>"),
    "thread": ("in Thread-1 (run)", "in Thread-12 (run)", "in Thread-<num> (run)"),
    "duration": ("after 0.12s", "after 35 ms", "after <duration>"),
    "long duration": ("after 1 minute", "after 1h2m3s", "after <duration>"),
    "commit": ("at commit 9c41d07", "at commit 1234567", "at commit <hash>"),
    "hash": ("layer 9c41d07be2a5", "layer " + "0f" * 32, "layer <hash>"),
    "random id": ("session V1StGXR8Z5jdHi6BmyTq", "session a1B2c3D4e5F6g7H8i9J0", "session <id>"),
    "number": ("total 41 != 42", "total 1,041.98 != -4.2e-07", "total <num> != <num>"),
    "id of an order": (
        "Error: ORD-10234 is lost",
        "Error: ORD-7 is lost",
        "Error: ORD-<num> is lost",
    ),
    "list of names": ("no ['a', 'b']", "no ['b', 'a']", "no ['a', 'b']"),
    "list of numbers": ("got [1, 2, 3]", "got [4, 5]", "got [...]"),
    "line of a file": ("orders.py:88: bad", "orders.py:98:12: bad", "orders.py:<line>: bad"),
    "line of a traceback": ('"a.py", line 3', '"a.py", line 13', '"a.py", line <num>'),
    "set order": ("no {'a', 'b', 'c'}", "no {'c', 'a', 'b'}", "no {'a', 'b', 'c'}"),
    "dict order": ("{'b': 2, 'a': [1]}", "{'a': [9], 'b': 7}", "{'a': [<num>], 'b': <num>}"),
    "color": ("\x1b[31mboom\x1b[0m", "boom", "boom"),
    "line breaks": ("one\r\n  two", "one two", "one two"),
    "composed letters": ("Pr\u00fcfung", "Pru\u0308fung", "Pr\u00fcfung"),
    "direction marks": ("boom\u202e", "\u200bboom", "boom"),
}

MEANING = {
    "errno": ("OSError: [Errno 111] refused", "OSError: [Errno 110] refused"),
    "negative errno": ("gaierror: [Errno -2] Name", "gaierror: [Errno -3] Name"),
    "error tuple": ("OperationalError: (1045, 'denied')", "OperationalError: (2003, 'denied')"),
    "HTTP status": ("status code 404", "status code 503"),
    "HTTP reason": ("404 Client Error: x", "500 Server Error: x"),
    "HTTP status in a comparison": (
        "assert 404 == 200 where status_code",
        "assert 500 == 200 where status_code",
    ),
    "response": ("<Response [404]>", "<Response [503]>"),
    "exit status": ("returned non-zero exit status 1.", "returned non-zero exit status 2."),
    "exit code": ("process exited with code 137", "process exited with code 1"),
    "signal": ("<Signals.SIGSEGV: 11>", "<Signals.SIGKILL: 9>"),
    "compiler code": ("error[E0308]: x", "error[E0502]: x"),
    "TypeScript code": ("a.ts(1,2): error TS2322: x", "a.ts(1,2): error TS2339: x"),
    "C++ code": ("a.cpp(3): error C2065: x", "a.cpp(3): error C2143: x"),
    "linter code": ("a.py:1:1: F401 unused", "a.py:1:1: F811 unused"),
    "pattern violation": ("PV-001 found", "PV-002 found"),
    "package manager code": ("npm ERR! code ERESOLVE", "npm ERR! code ENOENT"),
    "SQLSTATE": ("(SQLSTATE 23505)", "(SQLSTATE 40001)"),
    "Windows status": ("died: 0xC0000005", "died: 0xC00000FD"),
    "encoding": ("'utf-8' codec", "'utf-16' codec"),
    "key": ("KeyError: 'customer_id'", "KeyError: 'order_id'"),
    "name with a digit": ("no column 'line1'", "no column 'line2'"),
    "file": ("cannot read /a/b/rates.csv", "cannot read /a/b/users.csv"),
    "program": ("cannot run /usr/bin/gcc", "cannot run /usr/bin/ld"),
    "route": ("GET /orders failed", "GET /users failed"),
    "API route": ("no '/api/orders'", "no '/api/users'"),
    "URL": ("no http://shop/orders", "no http://shop/users"),
    "host": ("db:5432 refused", "redis:6379 refused"),
    "member of a set": ("no {'a', 'b'}", "no {'a', 'c'}"),
    "operator": ("assert 1 == 2", "assert 1 != 2"),
}


class TestNoise:
    @pytest.mark.parametrize(("one", "other", "expected"), NOISE.values(), ids=NOISE)
    def test_what_differs_between_two_runs_becomes_one_line(
        self, one: str, other: str, expected: str | None
    ) -> None:
        assert normalize(one) == normalize(other)
        assert expected is None or normalize(one) == expected

    def test_a_port_keeps_its_host(self) -> None:
        assert normalize("ConnectionRefusedError: db:5432") == "ConnectionRefusedError: db:<port>"

    def test_an_id_in_a_route_is_noise_and_the_route_is_not(self) -> None:
        assert normalize("GET /orders/4711 failed") == "GET /orders/<num> failed"

    def test_what_was_redacted_stays_readable(self) -> None:
        line = "login failed for [redacted:password]"

        assert normalize(line) == line

    def test_the_order_of_a_set_does_not_follow_the_hash_seed(self) -> None:
        program = (
            "from pytest_failtrack.signature.normalize import normalize;"
            "print(normalize(f'assert { {chr(97 + i) * 3 for i in range(20)} }'"
            ' f\' == {frozenset({"x", "y", None, 3})}\'))'
        )
        lines = {
            subprocess.run(
                [sys.executable, "-c", program],
                env={**os.environ, "PYTHONHASHSEED": str(seed)},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for seed in range(4)
        }

        assert len(lines) == 1


class TestMeaning:
    @pytest.mark.parametrize(("one", "other"), MEANING.values(), ids=MEANING)
    def test_what_tells_two_failures_apart_stays(self, one: str, other: str) -> None:
        assert normalize(one) != normalize(other)

    def test_the_same_number_without_its_context_is_noise(self) -> None:
        assert normalize("got 404 rows") == normalize("got 503 rows") == "got <num> rows"


class TestHostileInput:
    @pytest.mark.parametrize(
        "piece",
        [
            "\x00",
            "\x1b[",
            "\x1b]8;;",
            "{'",
            "{" * 3 + "'a",
            "/a",
            "\\\\a",
            "1:",
            "A1",
            "\ud800",
            "𝟙",
        ],
        ids=ascii,
    )
    def test_a_megabyte_is_cut_before_it_is_read(self, piece: str) -> None:
        text = piece * (1_000_000 // len(piece))

        started = time.process_time()
        line = normalize(text)

        assert time.process_time() - started < 20  # what is not linear takes hours
        assert len(line) <= 8 * LINE_MAX_CHARS

    def test_a_set_that_the_bound_cut_shows_no_members(self) -> None:
        members = [f"'{chr(97 + i % 26) * 40}{'x' * (i // 26)}'" for i in range(80)]
        one, other = ", ".join(members), ", ".join(reversed(members))

        assert normalize(f"no {{{one}}}") == normalize(f"no {{{other}}}") == "no {..."

    def test_characters_with_which_rows_shield_digits_are_not_taken_for_digits(self) -> None:
        assert normalize("boom \ue001\ue00a") == "boom ??"

    def test_lone_surrogates_are_written_out(self) -> None:
        assert normalize("no 'caf\udce9'") == r"no 'caf\udce9'"

    @given(st.text(st.characters(), max_size=300))
    def test_any_text_becomes_one_printable_line(self, text: str) -> None:
        line = normalize(text)

        assert line == line.strip()
        assert not set(line) & {"\n", "\r", "\x00", "\x1b", "\x85", "\u2028"}
        assert line.encode("utf-8").decode("utf-8") == line

    @given(st.text("aA1f/\\:.-_'\"{}[](), \t=~@x0", max_size=120))
    def test_the_same_text_always_becomes_the_same_line(self, text: str) -> None:
        assert normalize(text) == normalize(f" {text}\n")

    @given(st.lists(st.text("abc'\"\\, {}", max_size=5), max_size=6, unique=True), st.randoms())
    def test_the_order_of_any_set_of_texts_does_not_matter(self, members, random) -> None:  # type: ignore[no-untyped-def]
        shuffled = random.sample(members, len(members))
        one = "{" + ", ".join(map(repr, members)) + "}"
        other = "{" + ", ".join(map(repr, shuffled)) + "}"

        assert normalize(one) == normalize(other)


@pytest.mark.parametrize(
    "command", ["['git', 'push', '--force']", "('cp', 'b.txt', 'a.txt')"], ids=["list", "tuple"]
)
def test_the_arguments_of_a_command_keep_their_order(command: str) -> None:
    said = f"CalledProcessError: Command '{command}' returned non-zero exit status 1."

    assert normalize(said) == said


SORTED = "['a', 'b', 'c']"
MIXED = "['b', 'a', 'c']", "['c', 'a', 'b']"


@pytest.mark.parametrize("form", ["{}", "({})", "{{'names': {}}}", "[[{}], 'z']"])
@pytest.mark.parametrize(
    "before", ["assert ", "AssertionError: Lists differ: ", "AssertionError: "]
)
@pytest.mark.parametrize("sign", ["==", "!="])
def test_an_order_that_is_all_that_was_wrong_is_told(before: str, sign: str, form: str) -> None:
    """Also under the seeds of two hashes the line is one."""
    lines = {normalize(f"{before}{form.format(one)} {sign} {form.format(SORTED)}") for one in MIXED}
    equal = f"{before}{form.format(SORTED)} {sign} {form.format(SORTED)}"

    assert lines == {f"{equal} in another order"}
    assert normalize(equal) == equal
