"""Fixes change what they say and not a byte beside it, or they are not made and say why."""

from __future__ import annotations

import ast
import builtins
import os
import re
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from failtrack_guard.cache import Cache
from failtrack_guard.code.project import Project
from failtrack_guard.engine import Engine
from failtrack_guard.errors import GuardError
from failtrack_guard.finding import Edit, Finding, Fix
from failtrack_guard.reading import decoded
from failtrack_guard.settings import from_table
from failtrack_guard.surgery.surgeon import Fixed, apply, fixed, repaired, unified_diff

SHOWN = "shop/module.py"
NAME = "shop.module"
TYPE = ("shop.events.EventType",)
REF = ("shop.refs.ContentRef",)
GUARD = ("shop.halt.HaltGuard",)


def place(text: str, index: int) -> tuple[int, int]:
    """Return line and column of a character."""
    before = re.sub(r"\r\n|\r", "\n", text[:index])
    return before.count("\n") + 1, len(before) - before.rfind("\n") - 1


def finding(
    content: str | bytes,
    old: str,
    new: str,
    imports: tuple[str, ...] = (),
    *,
    nth: int = 0,
    adds: bool = False,
) -> Finding:
    """Return a finding whose fix replaces the nth occurrence of a text, or adds behind it."""
    text = content if isinstance(content, str) else decoded(content, SHOWN)
    index = -1
    for _ in range(nth + 1):
        index = text.index(old, index + 1)
    start, end = place(text, index), place(text, index + len(old))
    span = (*end, *end) if adds else (*start, *end)
    return Finding("PV-001", SHOWN, span, "m", fix=Fix((Edit(span, new),), imports))


def after(
    content: str, old: str, new: str, imports: tuple[str, ...] = (), **more: Any
) -> str | list[str]:
    """Return the text after one fix, or the reasons for which it was not made."""
    done = fixed(content.encode(), SHOWN, NAME, [finding(content, old, new, imports, **more)])
    if done.refused:
        assert done.content == content.encode()
        return [reason for _, reason in done.refused]
    return done.content.decode()


class TestReplacing:
    @pytest.mark.parametrize(
        ("before", "old", "expected"),
        [
            ("@on('a')\ndef f(): ...\n", "'a'", "@on(NEW)\ndef f(): ...\n"),
            ("f(g(h('a'), 'b'))\n", "'a'", "f(g(h(NEW), 'b'))\n"),
            ("f(g(h('a'), 'b'))\n", "h('a')", "f(g(NEW, 'b'))\n"),
            ("x = f\"{g('a')!r:>{w}}\"\n", "'a'", 'x = f"{g(NEW)!r:>{w}}"\n'),
            ('x = f"é{b}" f"{g(\'a\')} é"\n', "'a'", 'x = f"é{b}" f"{g(NEW)} é"\n'),
            ("é = ('ü', f('a'))\n", "'a'", "é = ('ü', f(NEW))\n"),
            ("'😀'; f('a')\n", "'a'", "'😀'; f(NEW)\n"),
            ("if x:\n\tf(\t'a'\t)\n", "'a'", "if x:\n\tf(\tNEW\t)\n"),
            ("f('a'); g('a') ; h()\n", "'a'", "f(NEW); g('a') ; h()\n"),
            ("x = 1 + \\\n    'a' + \\\n    2\n", "'a'", "x = 1 + \\\n    NEW + \\\n    2\n"),
            ("f(('a'\n   'b'))\n", "'a'\n   'b'", "f((NEW))\n"),
            ("f(  ( 'a' )  )\n", "'a'", "f(  ( NEW )  )\n"),
            ("f(('a'\n   'b'  # why\n))\n", "'a'\n   'b'", "f((NEW  # why\n))\n"),
            ("f((  # why\n'a'))\n", "'a'", "f((  # why\nNEW))\n"),
            ("if (x := 'a'): ...\n", "'a'", "if (x := NEW): ...\n"),
            ("if f(y, (x := 'a')): ...\n", "x := 'a'", "if f(y, (NEW)): ...\n"),
            ("g = lambda x='a', *y: x\n", "'a'", "g = lambda x=NEW, *y: x\n"),
            ("class A:\n    x: str = 'a'  # t\n", "'a'", "class A:\n    x: str = NEW  # t\n"),
            ("class A:\n    x: str = 'a'\n", "str", "class A:\n    x: NEW = 'a'\n"),
            ("def f(x: str | None): ...\n", "str", "def f(x: NEW | None): ...\n"),
            ("def f(x: str | None): ...\n", "str | None", "def f(x: NEW): ...\n"),
            ("def f() -> str: ...\n", "str", "def f() -> NEW: ...\n"),
            ("def f(x: 'str | None'): ...\n", "'str | None'", "def f(x: NEW): ...\n"),
            ("def f(x: 'str | None'): ...\n", "str", "def f(x: 'NEW | None'): ...\n"),
            ("x: List['str', \" str\"]\n", 'str"', None),
            ("x: List['str', \" str\"]\n", "str", "x: List['NEW', \" str\"]\n"),
            ("match e.type:\n    case 'a' | 'b': ...\n", "'a'", None),
            ("def f(): return'a'if x else'b'\n", "'a'", "def f(): return NEW if x else'b'\n"),
            ("x = {**{'type': 'a'}}\n", "'a'", "x = {**{'type': NEW}}\n"),
            ("x = [y for y in ('a',)]\n", "('a',)", "x = [y for y in NEW]\n"),
            ("x = f(y for y in z)\n", "f(y for y in z)", "x = NEW\n"),
            ("x = (y for y in z)\n", "(y for y in z)", "x = NEW\n"),
            ('x = """a\n\nb"""  # c\n', '"""a\n\nb"""', "x = NEW  # c\n"),
            ("def f(a, /, *, b='a', **c): ...\n", "'a'", "def f(a, /, *, b=NEW, **c): ...\n"),
            ("async def f():\n    await g('a')\n", "'a'", "async def f():\n    await g(NEW)\n"),
            ("x[y:'a']\n", "'a'", "x[y:NEW]\n"),
            ("assert f('a'), 'a'\n", "'a'", "assert f(NEW), 'a'\n"),
            ("print(*'a', **'b')\n", "'a'", "print(*NEW, **'b')\n"),
        ],
    )
    def test_an_expression(self, before: str, old: str, expected: str | None) -> None:
        got = after(before, old, "NEW")

        assert got == expected if expected is not None else isinstance(got, list)

    def test_a_value_of_a_case(self) -> None:
        before = "match e.type:\n    case 'a' | 'b': ...\n"

        assert after(before, "'a'", "E.A") == "match e.type:\n    case E.A | 'b': ...\n"

    def test_what_binds_less_than_its_surroundings_gets_parentheses(self) -> None:
        assert after("x = 2 * 'a'\n", "'a'", "b + c") == "x = 2 * (b + c)\n"
        assert after("f('a')\n", "'a'", "b + c") == "f(b + c)\n"

    def test_numbers_and_escapes_of_the_file_are_no_hindrance(self) -> None:
        head = f"x = 0x{'f' * 5000}, -0.0, 1e999, 2j, '\\d'\n"

        assert after(f"{head}f('a')\n", "'a'", "R('\\d')") == f"{head}f(R('\\d'))\n"

    @pytest.mark.parametrize(
        ("before", "old", "new", "reason"),
        [
            ("f('a'  # why\n  'b')\n", "'a'  # why\n  'b'", "N", "a comment inside"),
            ("x = g([  # why\n  1])\n", "[  # why\n  1]", "N", "a comment inside"),
            ("f('a', 'b')\n", "'a', 'b'", "N", "no expression stands exactly there"),
            ("f('a')\n", "'a", "N", "no expression stands exactly there"),
            ("def f(x: 'str | None'): ...\n", "tr | No", "N", "no expression stands"),
            ("x = 'str'\n", "str", "N", "no expression stands exactly there"),
            ("f('a')\n", "'a'", "N +", "is no expression"),
            ("f('a')\n", "'a'", "N)(b", "is no expression"),
            ("f('a')\n", "'a'", "b := 1", "is no expression"),
            ("f('a')\n", "'a'", "(1,\n2)", "is not one line"),
            ("f('a')\n", "'a'", "", "is not one line"),
            ("f('a')\n", "'a'", "N  # x", "would not parse afterwards"),
            ("x = 'a'\n", "x", "N", None),
            ("x = 'a'\n", "x", "f()", "would not parse afterwards"),
        ],
    )
    def test_is_refused(self, before: str, old: str, new: str, reason: str | None) -> None:
        got = after(before, old, new)

        if reason is not None:
            assert isinstance(got, list)
            assert reason in got[0]

    def test_a_statement_that_is_nested_too_deeply_is_left_alone(self) -> None:
        deep = f"x = f('a'){'.b' * 900}\n"

        assert after(f"{deep}f('c')\n", "'a'", "N") == [
            "the statement is nested too deeply for libcst"
        ]
        assert after(f"{deep}f('c')\n", "'c'", "N") == f"{deep}f(N)\n"

    def test_finding_without_a_fix_is_passed_over(self) -> None:
        nothing = Finding("PV-001", SHOWN, (1, 0, 1, 1), "m")

        done = fixed(b"x\n", SHOWN, NAME, [nothing])

        assert (done.content, done.applied, done.refused) == (b"x\n", [], [])


class TestBytes:
    @pytest.mark.parametrize(
        "content",
        [
            b"f('a')",
            b"f('a')\r\ng()\r\n",
            b"f('a')\rg()\r",
            b"x = 1\r\nf('a')\ng()\r",
            b"\xef\xbb\xbff('a')\n",
            b"\xef\xbb\xbf# \xc3\xa9\r\ng('\xc3\xa9', f('a'))\r\n",
            b"# -*- coding: latin-1 -*-\nx = '\xe9'; f('a')",
            b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\nf('a')\n",
            b"x = 1\n\x0c\ndef g():\n\x0c    f('a')\n\x0c  \n\x0c\n",
            b"if x:\n\tif y:\n\t        f('a')\n\n\t\n   \n",
            b"f('a')   \n# end\n   # more  ",
            b"if x:\n    f('a')\n    ",
            b"s = '''a\r\nb\rc\n\x0c\n'''; f('a')\n",
            "s = 'a\u2028b\x85\x1c'; f('a')\n".encode(),
            b"\\\nf('a')\n",
            b"# coding: shift_jis\ns = '\x83\x5c'; f('a')\n",
        ],
    )
    def test_beside_the_edit_stay_as_they_are(self, content: bytes) -> None:
        done = fixed(content, SHOWN, NAME, [finding(content, "f('a')", "g(1)")])

        assert done.reasons == []
        assert done.content == content.replace(b"f('a')", b"g(1)")

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_of_an_import_are_the_file_s(self, end: str) -> None:
        content = f"import os{end}{end}{end}f('a'){end}"

        got = after(content, "'a'", "EventType.A", TYPE)

        lines = ["import os", "", "from shop.events import EventType", *("", ""), "f(EventType.A)"]
        assert got == end.join(lines) + end

    def test_that_cannot_be_written_back_are_left_alone(self) -> None:
        content = b"# coding: utf-7\nx = '+AGE-'; f('a')\n"

        done = fixed(content, SHOWN, NAME, [finding(content, "'a'", "N")])

        assert done.content == content
        assert [reason for _, reason in done.refused] == [
            "the file cannot be written back as utf-7, byte by byte"
        ]

    def test_new_code_that_the_encoding_does_not_know_is_refused(self) -> None:
        content = b"# coding: latin-1\nf('a')\n"

        done = fixed(content, SHOWN, NAME, [finding(content, "'a'", "'\u20ac'")])

        assert done.reasons == [
            "shop/module.py:2:3: PV-001 is not fixed: the new code cannot be written as latin-1"
        ]


def with_import(before: str, code: str = "EventType.A", name: str = NAME) -> str | list[str]:
    content = before.encode()
    done = fixed(content, SHOWN, name, [finding(before, "'a'", code, TYPE)])
    return [reason for _, reason in done.refused] or done.content.decode()


NEW = "from shop.events import EventType\n"


class TestImports:
    @pytest.mark.parametrize(
        ("before", "expected"),
        [
            ("from shop.events import EventType\nf('a')\n", "EventType.A"),
            ("from shop.events import EventType as T\nf('a')\n", "T.A"),
            ("from .events import EventType as T\nf('a')\n", "T.A"),
            ("from . import events\nf('a')\n", "events.EventType.A"),
            ("from shop import events as e\nf('a')\n", "e.EventType.A"),
            ("import shop.events\nf('a')\n", "shop.events.EventType.A"),
            ("import shop.events as e\nf('a')\n", "e.EventType.A"),
            ("import shop.refs, shop.events\nf('a')\n", "shop.events.EventType.A"),
            ("def g():\n    from shop.events import EventType\n    f('a')\n", "EventType.A"),
            ("def g():\n    f('a')\n\nfrom shop.events import EventType\n", "EventType.A"),
            ("if x:\n    from shop.events import EventType\n    f('a')\n", "EventType.A"),
            ("import shop.events\nfrom shop.events import EventType\nf('a')\n", "EventType.A"),
        ],
    )
    def test_a_name_that_the_file_knows_is_used(self, before: str, expected: str) -> None:
        assert with_import(before) == before.replace("'a'", expected)

    @pytest.mark.parametrize(
        ("before", "expected"),
        [
            ("f('a')\n", f"{NEW}\nf('a')\n"),
            ("f('a')", f"{NEW}\nf('a')"),
            ('"""Doc."""\nf(\'a\')\n', f'"""Doc."""\n\n{NEW}\nf(\'a\')\n'),
            ('"""Doc."""\n\n\nf(\'a\')\n', f'"""Doc."""\n\n{NEW}\n\nf(\'a\')\n'),
            ("#!/bin/x\n# licence\nf('a')\n", f"#!/bin/x\n# licence\n\n{NEW}\nf('a')\n"),
            ("# licence\n\n# of f\nf('a')\n", f"# licence\n\n{NEW}\n# of f\nf('a')\n"),
            (
                "# licence\n\n@d('a')\nclass A: ...\n",
                f"# licence\n\n{NEW}\n\n@d('a')\nclass A: ...\n",
            ),
            (
                "from __future__ import annotations\n\nf('a')\n",
                f"from __future__ import annotations\n\n{NEW}\nf('a')\n",
            ),
            ("import os\n\nf('a')\n", f"import os\n\n{NEW}\nf('a')\n"),
            ("import os\nf('a')\n", f"import os\n\n{NEW}\nf('a')\n"),
            ("import shop.api\n\nf('a')\n", f"import shop.api\n{NEW}\nf('a')\n"),
            (
                "from shop.api import x\nfrom shop.zoo import y\n\nf('a')\n",
                f"from shop.api import x\n{NEW}from shop.zoo import y\n\nf('a')\n",
            ),
            ("import os\n\nimport lib\n\nf('a')\n", f"import os\n\nimport lib\n\n{NEW}\nf('a')\n"),
            (
                "import os\n\nfrom .zoo import y\n\nf('a')\n",
                f"import os\n\n{NEW}\nfrom .zoo import y\n\nf('a')\n",
            ),
            (
                "from shop.events import Event  # the base\n\nf('a')\n",
                "from shop.events import Event, EventType  # the base\n\nf('a')\n",
            ),
            (
                "from shop.events import Apple, Zoo, a\nf('a')\n",
                "from shop.events import Apple, EventType, Zoo, a\nf('a')\n",
            ),
            (
                "from .events import (\n    Event,\n    Zoo,\n)\nf('a')\n",
                "from .events import (\n    Event,\n    EventType,\n    Zoo,\n)\nf('a')\n",
            ),
            (
                "from .events import (\n    Event,\n)\nf('a')\n",
                "from .events import (\n    Event,\n    EventType,\n)\nf('a')\n",
            ),
            (
                "from .events import (\n    Event  # the base\n)\nf('a')\n",
                "from .events import (\n    EventType,\n    Event  # the base\n)\nf('a')\n",
            ),
            (
                "from .events import Event, \\\n    Base\nf('a')\n",
                "from .events import Event, \\\n    Base, EventType\nf('a')\n",
            ),
            ("from shop.events import *\nf('a')\n", f"from shop.events import *\n{NEW}f('a')\n"),
            (
                "import os\n\ndef g():\n    import shop.events\n\nf('a')\n",
                f"import os\n\n{NEW}\ndef g():\n    import shop.events\n\nf('a')\n",
            ),
            (
                "import os; x = 1\n\ndef g(): f('a')\n",
                f"import os; x = 1\n\n{NEW}\ndef g(): f('a')\n",
            ),
            ("import os, \\\n  sys\nf('a')\n", f"import os, \\\n  sys\n\n{NEW}\nf('a')\n"),
            ("import os; g = lambda: f('a')", f"import os; g = lambda: f('a')\n\n{NEW[:-1]}"),
        ],
    )
    def test_a_new_one_stands_where_a_person_would_put_it(self, before: str, expected: str) -> None:
        assert with_import(before) == expected.replace("'a'", "EventType.A")

    @pytest.mark.parametrize(
        ("before", "reason"),
        [
            ("from other import EventType\nf('a')\n", "EventType means something else there"),
            ("class EventType: ...\nf('a')\n", "EventType means something else there"),
            ("def g(EventType):\n    f('a')\n", "EventType means something else there"),
            ("def g():\n    f('a')\n    EventType = 1\n", "EventType means something else there"),
            ("[f('a') for EventType in x]\n", "EventType means something else there"),
            (
                "def g():\n    global EventType\n    EventType = 1\nf('a')\n",
                "EventType is a global that the file itself changes",
            ),
            (
                "try:\n    from shop.events import EventType\nexcept ImportError:\n"
                "    EventType = None\nf('a')\n",
                "EventType means several things in the file",
            ),
            (
                "if x:\n    from shop.events import EventType\nf('a')\n",
                "EventType may not be imported yet where it would be used",
            ),
            (
                "f('a')\nfrom shop.events import EventType\n",
                "EventType may not be imported yet where it would be used",
            ),
            (
                "def g():\n    f('a')\n    from shop.events import EventType\n",
                "EventType may not be imported yet where it would be used",
            ),
            (
                "if TYPE_CHECKING:\n    from shop.events import EventType\nf('a')\n",
                "EventType is imported for type checkers only",
            ),
            (
                "import typing\nif typing.TYPE_CHECKING:\n    from shop.events import EventType\n"
                "def g():\n    f('a')\n",
                "EventType is imported for type checkers only",
            ),
            (
                "import os; f('a')\n",
                "the import finds no line before the place where it is needed",
            ),
        ],
    )
    def test_a_name_that_may_mean_something_else_is_refused(self, before: str, reason: str) -> None:
        assert with_import(before) == [reason]

    def test_elsewhere_bound_is_not_bound_here(self) -> None:
        before = "def g(EventType): ...\n\nf('a')\n"

        assert with_import(before) == f"{NEW}\n\n{before}".replace("'a'", "EventType.A")

    def test_what_a_class_binds_its_methods_do_not_see(self) -> None:
        method = "class A:\n    EventType = 1\n    def g(self): f('a')\n"
        default = "class A:\n    EventType = 1\n    def g(self, x='a'): ...\n"

        assert with_import(method) == f"{NEW}\n\n{method}".replace("'a'", "EventType.A")
        assert with_import(default) == ["EventType means something else there"]

    def test_the_file_that_defines_a_thing_does_not_import_it(self) -> None:
        before = "class EventType: ...\nf('a')\n"

        assert with_import(before, name="shop.events") == before.replace("'a'", "EventType.A")

    def test_nor_uses_it_before_it_is_defined(self) -> None:
        before = "f('a')\nclass EventType: ...\n"

        got = with_import(before, name="shop.events")

        assert got == ["EventType is defined further down"]

    def test_a_function_runs_later(self) -> None:
        before = "def g():\n    f('a')\nclass EventType: ...\n"

        assert with_import(before, name="shop.events") == before.replace("'a'", "EventType.A")

    def test_a_thing_within_a_class_is_reached_through_it(self, tmp_path: Path) -> None:
        (tmp_path / "shop").mkdir()
        (tmp_path / "shop/events.py").write_text("class Order:\n    class Kind: ...\n")
        project = project_of(tmp_path)
        before = "f('a')\n"
        one = finding(before, "'a'", "Kind.A", ("shop.events.Order.Kind",))

        done = fixed(before.encode(), SHOWN, NAME, [one], project=project)

        assert done.content == b"from shop.events import Order\n\nf(Order.Kind.A)\n"

    def test_a_re_export_is_known_to_be_the_same(self, tmp_path: Path) -> None:
        (tmp_path / "shop").mkdir()
        (tmp_path / "shop/__init__.py").write_text("from shop.events import EventType\n")
        (tmp_path / "shop/events.py").write_text("class EventType: ...\n")
        before = "from shop import EventType\nf('a')\n"
        one = finding(before, "'a'", "EventType.A", TYPE)

        done = fixed(before.encode(), SHOWN, NAME, [one], project=project_of(tmp_path))

        assert done.content.decode() == before.replace("'a'", "EventType.A")

    def test_two_fixes_share_one(self) -> None:
        before = "f('a')\nf('b')\n"
        found = [finding(before, f"'{one}'", "EventType.A", TYPE) for one in "ab"]

        done = fixed(before.encode(), SHOWN, NAME, found)

        assert done.content.decode() == f"{NEW}\nf(EventType.A)\nf(EventType.A)\n"

    def test_two_things_of_one_module_share_a_line(self) -> None:
        before = "f('a', 'b')\n"
        found = [
            finding(before, "'a'", "EventType.A", TYPE),
            finding(before, "'b'", "Other.A", ("shop.events.Other",)),
            finding(before, "f", "run", ("shop.api.run",)),
        ]

        done = fixed(before.encode(), SHOWN, NAME, found)

        assert done.content.decode() == (
            "from shop.api import run\nfrom shop.events import EventType, Other\n\n"
            "run(EventType.A, Other.A)\n"
        )


class TestCircles:
    def fix(self, folder: Path, files: Mapping[str, str], before: str = "f('a')\n") -> str:
        """Fix shop/module.py in a project; return its text, or why it was not fixed."""
        for name, text in {"shop/__init__.py": "", SHOWN: before, **files}.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        one = finding(before, "'a'", "EventType.A", TYPE)
        done = fixed(before.encode(), SHOWN, NAME, [one], project=project_of(folder))
        return done.refused[0][1] if done.refused else done.content.decode()

    @pytest.mark.parametrize(
        ("text", "closing"),
        [
            ("from shop.module import f\n", "shop.events"),
            ("import shop.module\n", "shop.events"),
            ("from . import module\n", "shop.events"),
            ("try:\n    from .module import f\nexcept ImportError: ...\n", "shop.events"),
            ("class A:\n    from shop.module import f\n", "shop.events"),
            ("from shop.far import x\n", "shop.far"),
        ],
    )
    def test_are_not_closed(self, text: str, closing: str, tmp_path: Path) -> None:
        files = {"shop/events.py": text, "shop/far.py": "from shop.module import f\n"}

        assert self.fix(tmp_path, files) == (
            f"importing shop.events would close a circle, as {closing} imports shop.module"
        )

    @pytest.mark.parametrize(
        "text",
        [
            "def g():\n    from shop.module import f\n",
            "if TYPE_CHECKING:\n    from shop.module import f\n",
            "from shop import other\nimport os\n",
            "class (\n",
        ],
    )
    def test_what_is_none_is_no_hindrance(self, text: str, tmp_path: Path) -> None:
        assert self.fix(tmp_path, {"shop/events.py": text}) == f"{NEW}\nf(EventType.A)\n"

    def test_the_package_around_the_file_is_no_hindrance(self, tmp_path: Path) -> None:
        files = {
            "shop/__init__.py": "from shop.module import f\n",
            "shop/events.py": "from shop import other\n",
        }

        assert self.fix(tmp_path, files) == f"{NEW}\nf(EventType.A)\n"

    def test_one_that_is_there_already_is_no_hindrance(self, tmp_path: Path) -> None:
        files = {"shop/events.py": "from shop.module import f\n"}
        before = "from shop.events import Event\nf('a')\n"

        got = self.fix(tmp_path, files, before)

        assert got == "from shop.events import Event, EventType\nf(EventType.A)\n"


class TestAnnotations:
    TYPED = "if TYPE_CHECKING:\n    from shop.refs import ContentRef\n"

    @pytest.mark.parametrize(
        ("before", "old", "new", "expected"),
        [
            ("def f(x: str): ...\n", "str", "ContentRef", "def f(x: 'ContentRef'): ...\n"),
            ("class A:\n    x: str\n", "str", "ContentRef", "class A:\n    x: 'ContentRef'\n"),
            (
                "def f(x: 'str | None'): ...\n",
                "'str | None'",
                "'ContentRef | None'",
                "def f(x: 'ContentRef | None'): ...\n",
            ),
            ("def f(x: 'A[str]'): ...\n", "str", "ContentRef", "def f(x: 'A[ContentRef]'): ...\n"),
        ],
    )
    def test_are_quoted_where_the_type_is_there_for_checkers_only(
        self, before: str, old: str, new: str, expected: str
    ) -> None:
        got = after(self.TYPED + before, old, new, REF)

        assert str(got).replace('"', "'") == self.TYPED + expected

    def test_of_the_future_need_no_quotes(self) -> None:
        head = f"from __future__ import annotations\n{self.TYPED}"

        got = after(f"{head}def f(x: str | None): ...\n", "str", "ContentRef", REF)

        assert got == f"{head}def f(x: ContentRef | None): ...\n"

    def test_half_of_one_cannot_be_quoted(self) -> None:
        got = after(f"{self.TYPED}def f(x: str | None): ...\n", "str", "ContentRef", REF)

        assert got == ["ContentRef is imported for type checkers only"]

    def test_two_edits_in_one_quoted_text(self) -> None:
        before = "def f(x: 'dict[str, str]'): ...\n"
        found = [finding(before, "str", "Ref" * (1 + nth), nth=nth) for nth in (0, 1)]

        done = fixed(before.encode(), SHOWN, NAME, found)

        assert done.content == b"def f(x: 'dict[Ref, RefRef]'): ...\n"


class TestAdding:
    @pytest.mark.parametrize(
        ("before", "expected"),
        [
            ("(self)", "(self, guard: HaltGuard)"),
            ("(self,)", "(self, guard: HaltGuard,)"),
            ("(self, /)", "(self, /, guard: HaltGuard)"),
            ("(self, a: (int), **k)", "(self, a: (int), guard: HaltGuard, **k)"),
            ("(self, a=1)", "(self, a=1, *, guard: HaltGuard)"),
            ("(self, *a)", "(self, *a, guard: HaltGuard)"),
            ("(self, *, b=(1), c)", "(self, *, b=(1), c, guard: HaltGuard)"),
            ("(self, *, b=[\n  1])", "(self, *, b=[\n  1], guard: HaltGuard)"),
            (
                "(\n        self,\n        a,  # all\n    )",
                "(\n        self,\n        a,  # all\n        guard: HaltGuard,\n    )",
            ),
            (
                "(\n        self,\n        a  # all\n    )",
                "(\n        self,\n        a,  # all\n        guard: HaltGuard\n    )",
            ),
            (
                "(\n        self, a,\n        **k,\n    )",
                "(\n        self, a, guard: HaltGuard,\n        **k,\n    )",
            ),
        ],
    )
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_a_parameter(self, before: str, expected: str, end: str) -> None:
        head = "from shop.halt import HaltGuard\n\nclass S:\n    async  def __init__"
        text = f"{head}{before}: ...\n".replace("\n", end)

        got = after(text, "__init__", "guard: HaltGuard", GUARD, adds=True)

        assert got == f"{head}{expected}: ...\n".replace("\n", end)

    @pytest.mark.parametrize(
        ("before", "expected"),
        [
            ("s", "s(HaltGuard)"),
            ("s()", "s(HaltGuard)"),
            ("s (  )", "s (HaltGuard  )"),
            ("s(object)", "s(HaltGuard, object)"),
            ("s(A, metaclass=M)", "s(A, HaltGuard, metaclass=M)"),
            ("s(metaclass=M)", "s(HaltGuard, metaclass=M)"),
            ("s(*bases, **k)", "s(*bases, HaltGuard, **k)"),
            ("s(A[int],)", "s(A[int], HaltGuard,)"),
            ("s(\n    A,  # why\n)", "s(\n    A,  # why\n    HaltGuard,\n)"),
        ],
    )
    def test_a_base(self, before: str, expected: str) -> None:
        head = "from shop.halt import HaltGuard\n\n@d\nclass "

        got = after(f"{head}{before}: ...\n", "class s", "HaltGuard", GUARD, adds=True)

        assert got == f"{head}{expected}: ...\n"

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax came with Python 3.12")
    def test_a_base_of_a_generic_class(self) -> None:
        got = after("class A[T: int]: ...\n", "class A", "Base", adds=True)

        assert got == "class A[T: int](Base): ...\n"

    @pytest.mark.parametrize(
        ("before", "old", "code", "reason"),
        [
            ("def f(): ...\n", "def f", "a: int", "the function has no parameter after which"),
            ("def f(a): ...\n", "def f", "a: int", "the function has a parameter a already"),
            ("def f(a): ...\n", "def f", "b: int, c", "b: int, c is no parameter"),
            ("class A: ...\n", "class A", "b: int", "b: int is no base of a class"),
            ("x = A\n", "A", "B", "no function or class is named there"),
        ],
    )
    def test_is_refused(self, before: str, old: str, code: str, reason: str) -> None:
        got = after(before, old, code, adds=True)

        assert isinstance(got, list)
        assert reason in got[0]

    def test_a_star_gets_a_line_where_each_parameter_has_one(self) -> None:
        text = "from shop.halt import HaltGuard\ndef f(\n    self,\n    a=1,\n): ...\n"

        got = after(text, "def f", "guard: HaltGuard", GUARD, adds=True)

        assert got == text.replace("a=1,\n", "a=1,\n    *,\n    guard: HaltGuard,\n")

    def test_a_parameter_with_a_default_stays_positional(self) -> None:
        got = after("def f(a=1): ...\n", "def f", "b: int = 2", adds=True)

        assert got == "def f(a=1, b: int = 2): ...\n"


class TestHeirs:
    """A class that takes one more base can be made, or the fix is not."""

    def fixed(self, folder: Path, guard: str, code: str) -> Fixed:
        head = (
            "import abc, enum, typing\nfrom dataclasses import dataclass\n"
            "from elsewhere import Far\n"
            "from shop.halt import *\nfrom shop.halt import HaltGuard\n"
        )
        (folder / "shop").mkdir()
        (folder / "shop/halt.py").write_text(f"import abc, enum, typing\n{guard}\n")
        file = folder / "shop/module.py"
        file.write_text(f"{head}{code}\n")
        table = {"select": ["PV-003"], "PV-003": {"guard": "shop.halt.HaltGuard"}}
        engine = Engine(from_table(table, root=str(folder)), Cache("", ""))
        return repaired(
            *(file.read_bytes(), SHOWN, NAME),
            lambda content: engine.judged_as(str(file), content),
            unsafe=True,
            project=engine.project,
        )

    @pytest.mark.parametrize(
        ("guard", "code", "expected"),
        [
            ("class HaltGuard: ...", "class AService(dict): ...", "(dict, HaltGuard)"),
            ("class HaltGuard: ...", "class AService(object): ...", "(HaltGuard, object)"),
            ("class HaltGuard: ...", "class AService(Far, x=1): ...", "(Far, HaltGuard, x=1)"),
            (
                "class Part: ...\nclass HaltGuard(Part): ...",
                "class AService(dict, Part): ...",
                "(dict, HaltGuard, Part)",
            ),
            (
                "class HaltGuard(metaclass=abc.ABCMeta): ...",
                "class AService(typing.Generic[typing.T]): ...",
                "(typing.Generic[typing.T], HaltGuard)",
            ),
            ("class HaltGuard(abc.ABC): ...", "class AService(int): ...", "(int, HaltGuard)"),
            (
                "class HaltGuard: ...",
                "class Row(typing.NamedTuple):\n    a: int\nclass AService(Row): ...",
                "(Row, HaltGuard)",
            ),
        ],
    )
    def test_it_stands_where_it_can(
        self, guard: str, code: str, expected: str, tmp_path: Path
    ) -> None:
        done = self.fixed(tmp_path, guard, code)

        assert done.reasons == []
        assert f"class AService{expected}: ...\n" in done.content.decode()

    def test_what_a_base_is_given_its_heirs_are_not(self, tmp_path: Path) -> None:
        code = "class AService: ...\nclass Middle(AService): ...\nclass BService(Middle): ..."

        done = self.fixed(tmp_path, "class HaltGuard: ...", code)

        assert code.replace("AService:", "AService(HaltGuard):") in done.content.decode()
        assert done.reasons == []

    @pytest.mark.parametrize(
        ("guard", "code", "reason"),
        [
            ("class HaltGuard: ...", "class AService(enum.Enum):\n    A = 1", "is an Enum, which"),
            (
                "class HaltGuard: ...\nclass Kind(enum.IntEnum): ...",
                "class AService(Kind): ...",
                "AService is an Enum, which takes no further base",
            ),
            (
                "class HaltGuard: ...",
                "class AService(enum.Enum):\n    A = 1, 2\n    def __init__(self, a, b): ...",
                "its members would be made without the parameter",
            ),
            (
                "class HaltGuard: ...",
                "class Row(typing.TypedDict): ...\nclass AService(Row): ...",
                "AService is a TypedDict, which inherits nothing else",
            ),
            (
                "class HaltGuard:\n    __slots__ = ('is_on',)",
                "class AService(dict): ...",
                "lay-out conflict); let its __init__ take a HaltGuard instead",
            ),
            (
                "class M(type): ...\nclass HaltGuard(metaclass=M): ...",
                "class Base(metaclass=abc.ABCMeta): ...\nclass AService(Base): ...",
                "could not inherit HaltGuard as well (metaclass conflict); let its __init__",
            ),
            (
                "class HaltGuard(abc.ABC): ...",
                "class AService(Far): ...",
                "HaltGuard has the metaclass ABCMeta, and it cannot be seen whether",
            ),
            (
                "import dataclasses\n@dataclasses.dataclass\nclass HaltGuard:\n    on: bool = True",
                "@dataclass\nclass AService:\n    a: int",
                "the fields of HaltGuard would come before those of AService",
            ),
        ],
    )
    def test_it_is_refused_where_it_cannot(
        self, guard: str, code: str, reason: str, tmp_path: Path
    ) -> None:
        done = self.fixed(tmp_path, guard, code)

        assert code in done.content.decode()
        assert len(done.reasons) == 1
        assert reason in done.reasons[0]


class TestFields:
    """The annotation of a field changes together with its default, or neither does."""

    EVENTS = "import enum\nclass EventType(str, enum.Enum):\n    PAID = 'order.paid'\n"
    HEAD = (
        "import dataclasses as dc\nfrom dataclasses import dataclass, field\n"
        "from typing import Annotated, Optional\nfrom pydantic import BaseModel, Field\n"
        "from events import EventType\n"
    )

    def fixed(self, folder: Path, code: str) -> Fixed:
        (folder / "events.py").write_text(self.EVENTS)
        file = folder / "rows.py"
        file.write_text(f"{self.HEAD}{code}\n")
        table = {"select": ["PV-001"], "PV-001": {"enum": "events.EventType"}}
        engine = Engine(from_table(table, root=str(folder)), Cache("", ""))

        def again(content: bytes) -> Fixed:
            return repaired(
                *(content, "rows.py", "rows"),
                lambda content: engine.judged_as(str(file), content),
                project=engine.project,
            )

        done = again(file.read_bytes())
        assert again(done.content).content == done.content
        return done

    @pytest.mark.parametrize(
        ("field", "expected"),
        [
            ("str = Field('order.paid', description='d')", "EventType = Field(EventType.PAID, "),
            ("str = Field(default='order.paid')", "EventType = Field(default=EventType.PAID)"),
            ("str = Field(..., alias='t')", "EventType = Field(..., alias='t')"),
            ("Optional[str] = Field(None)", "Optional[EventType] = Field(None)"),
            (
                "str = Field(default_factory=lambda: 'order.paid')",
                "EventType = Field(default_factory=lambda: EventType.PAID)",
            ),
            (
                "Annotated[str, Field(title='t')] = 'order.paid'",
                "Annotated[EventType, Field(title='t')] = EventType.PAID",
            ),
            ("str = field(default='order.paid')", "EventType = field(default=EventType.PAID)"),
            (
                "'str' = dc.field(default='order.paid', metadata={'k': 'order.paid'})",
                "'EventType' = dc.field(default=EventType.PAID, metadata={'k': 'order.paid'})",
            ),
        ],
    )
    def test_default_and_annotation_change_together(
        self, field: str, expected: str, tmp_path: Path
    ) -> None:
        head = "@dataclass\nclass Row" if "field(" in field else "class Row(BaseModel)"

        done = self.fixed(tmp_path, f"{head}:\n    event_type: {field}")

        assert done.reasons == []
        assert f"    event_type: {expected}" in done.content.decode()
        names: dict[str, Any] = {"__name__": __name__}
        events: dict[str, Any] = {}
        exec(self.EVENTS, events)
        code = done.content.decode().replace("from events import EventType\n", "")
        exec(code, {**names, "EventType": events["EventType"]})

    @pytest.mark.parametrize(
        ("field", "reason"),
        [
            ("str = Field(min_length=3)", "min_length in Field() is for strings only"),
            ("str = Field('order.paid', pattern='o')", "pattern in Field() is for strings only"),
            (
                "Annotated[str, StringConstraints(max_length=9)]",
                "max_length in StringConstraints() is for strings only",
            ),
            ("Annotated[str, Field('order.paid')]", "the default in Field() would stay a string"),
            ("str = field(default_factory=str)", "the default in field() would stay a string"),
            ("Mapped[str]", "Mapped declares a column, whose type would have to change, too"),
            ("Mapped[str] = mapped_column(String(30))", "mapped_column declares a column"),
            ("str = models.CharField(default='order.paid')", "CharField declares a column"),
            ("str = load()", "it cannot be seen that load() gives one"),
        ],
    )
    def test_what_would_not_fit_is_refused(self, field: str, reason: str, tmp_path: Path) -> None:
        for code in (f"class Row:\n    event_type: {field}", f"def f(event_type: {field}): ..."):
            done = self.fixed(tmp_path, code)

            assert code in done.content.decode()
            assert reason in "".join(done.reasons)


class TestOverlapping:
    def test_the_outermost_is_made_and_the_others_wait(self) -> None:
        before = "f(g('a'), 'b')\n"
        outer = finding(before, "g('a')", "x")
        inner = finding(before, "'a'", "y")
        beside = finding(before, "'b'", "z")

        done = fixed(before.encode(), SHOWN, NAME, [inner, beside, outer])

        assert done.content == b"f(x, z)\n"
        assert done.applied == [outer, beside]
        assert done.waiting == [inner]

    def test_the_same_edit_twice_is_made_once(self) -> None:
        before = "f('a')\n"
        found = [finding(before, "'a'", "x") for _ in range(2)]

        done = fixed(before.encode(), SHOWN, NAME, found)

        assert (done.content, done.applied) == (b"f(x)\n", found)

    def test_one_that_cannot_be_made_does_not_hold_up_the_others(self) -> None:
        before = "x = 'a'\nf('b')\n"
        found = [finding(before, "x", "f()"), finding(before, "'b'", "y")]

        done = fixed(before.encode(), SHOWN, NAME, found)

        assert done.content == b"x = 'a'\nf(y)\n"
        assert done.applied == [found[1]]
        assert done.reasons == [
            "shop/module.py:1:1: PV-001 is not fixed: the file would not parse afterwards"
        ]


def judge_letters(content: bytes) -> list[Finding]:
    """Find every 'a' and every 'b'; an 'a' becomes a 'b', and a 'b' becomes B."""
    text = content.decode()
    found = []
    for match in re.finditer("'[abc]'", text):
        span = (*place(text, match.start()), *place(text, match.end()))
        code = {"'a'": "'b'", "'b'": "B", "'c'": "'a' + 'a'"}[match[0]]
        rule = match[0].strip("'").upper()
        found.append(Finding(rule, SHOWN, span, f"is {match[0]}", fix=Fix((Edit(span, code),))))
    return found


class TestPasses:
    def test_go_on_until_nothing_is_found(self) -> None:
        def judge(content: bytes) -> list[Finding]:
            text = content.decode()
            found = []
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call):
                    span = (1, node.col_offset, 1, node.end_col_offset or 0)
                    code = ast.unparse(node.args[0])
                    fix = Fix((Edit(span, code),))
                    found.append(Finding("F", SHOWN, span, f"calls f of {code}", fix=fix))
            return found

        done = repaired(b"x = f(f(f(1)))\n", SHOWN, NAME, judge)

        assert done.content == b"x = 1\n"
        assert len(done.applied) == 3

    def test_a_fix_after_which_another_rule_finds_more_is_not_made(self) -> None:
        done = repaired(b"x = 'c'\n", SHOWN, NAME, judge_letters)

        assert done.content == b"x = 'c'\n"
        assert done.reasons == [
            "shop/module.py:1:5: C is not fixed: the file would be judged no better after it"
        ]

    def test_one_bad_fix_does_not_hold_up_the_others(self) -> None:
        done = repaired(b"x = 'c', 'b', 'b'\n", SHOWN, NAME, judge_letters)

        assert done.content == b"x = 'c', B, B\n"
        assert len(done.refused) == 1

    def test_unsafe_ones_are_made_on_demand(self) -> None:
        def judge(content: bytes) -> list[Finding]:
            found = judge_letters(content)
            for one in found:
                assert one.fix is not None
                one.fix.is_safe = False
            return found

        assert repaired(b"x = 'b'\n", SHOWN, NAME, judge).content == b"x = 'b'\n"
        assert repaired(b"x = 'b'\n", SHOWN, NAME, judge, unsafe=True).content == b"x = B\n"


class TestWriting:
    def write(self, file: Path, *, judged: bytes | None = None) -> Fixed:
        content = judged if judged is not None else file.read_bytes()
        return apply(str(file), SHOWN, NAME, content, [finding(content, "'a'", "x")])

    def test_keeps_the_mode_and_leaves_nothing_beside(self, tmp_path: Path) -> None:
        file = tmp_path / "a.py"
        file.write_bytes(b"f('a')\r\n")
        file.chmod(0o754)

        self.write(file)

        assert file.read_bytes() == b"f(x)\r\n"
        assert stat.S_IMODE(file.stat().st_mode) == 0o754
        assert [one.name for one in tmp_path.iterdir()] == ["a.py"]

    def test_goes_through_a_link(self, tmp_path: Path) -> None:
        file = tmp_path / "real/a.py"
        file.parent.mkdir()
        file.write_bytes(b"f('a')\n")
        link = tmp_path / "a.py"
        link.symlink_to(file)

        self.write(link)

        assert link.is_symlink()
        assert file.read_bytes() == b"f(x)\n"

    def test_a_file_that_changed_since_is_not_touched(self, tmp_path: Path) -> None:
        file = tmp_path / "a.py"
        file.write_bytes(b"f('a')  # new\n")

        with pytest.raises(GuardError, match=r"shop/module\.py is not fixed: it changed while"):
            self.write(file, judged=b"f('a')\n")

        assert file.read_bytes() == b"f('a')  # new\n"

    def test_a_write_protected_file_is_not_touched(self, tmp_path: Path) -> None:
        file = tmp_path / "a.py"
        file.write_bytes(b"f('a')\n")
        file.chmod(0o444)

        with pytest.raises(GuardError, match="write-protected"):
            self.write(file)

        assert file.read_bytes() == b"f('a')\n"

    def test_a_file_that_is_gone_is_one_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(GuardError, match=r"cannot be written \(No such file"):
            self.write(tmp_path / "gone.py", judged=b"f('a')\n")

    def test_a_disk_that_refuses_leaves_the_old_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "a.py"
        file.write_bytes(b"f('a')\n")

        def refuse(*paths: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", refuse)
        with pytest.raises(GuardError, match="No space left on device"):
            self.write(file)

        assert file.read_bytes() == b"f('a')\n"
        assert [one.name for one in tmp_path.iterdir()] == ["a.py"]

    def test_nothing_to_write_does_not_touch_the_file(self, tmp_path: Path) -> None:
        file = tmp_path / "a.py"
        file.write_bytes(b"f('b')\n")
        before = file.stat()

        apply(str(file), SHOWN, NAME, b"f('b')\n", [])

        assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


class TestDiff:
    def test_is_what_git_shows(self) -> None:
        got = unified_diff(b"import os\r\nf('a')", b"import os\r\nf(x)", "shop/a.py")

        assert got == (
            "--- a/shop/a.py\n+++ b/shop/a.py\n@@ -1,2 +1,2 @@\n import os\r\n"
            "-f('a')\n\\ No newline at end of file\n+f(x)\n\\ No newline at end of file\n"
        )

    def test_knows_no_other_line_ends(self) -> None:
        got = unified_diff("a\x0cb\u2028c\n".encode(), b"d\n", "a.py")

        assert got.splitlines(keepends=False)[3:4] == ["-a"]
        assert "-a\x0cb\u2028c\n+d\n" in got

    def test_of_nothing_is_nothing(self) -> None:
        assert unified_diff(b"x", b"x", "a.py") == ""


def test_without_libcst_one_sentence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "libcst":
            raise ImportError(name)
        return real(name, *args, **more)

    monkeypatch.delitem(sys.modules, "failtrack_guard.surgery.tissue", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(GuardError) as caught:
        fixed(b"f('a')\n", SHOWN, NAME, [finding("f('a')\n", "'a'", "x")])

    assert str(caught.value) == (
        'fixing needs libcst, which is not installed: pip install "pytest-failtrack[guard]"'
    )


def project_of(folder: Path) -> Project:
    """Return what the guard knows of a folder's files."""
    from failtrack_guard.settings import from_table

    return Engine(from_table({}, root=str(folder)), Cache("", "")).project


# A property: whatever is fixed, the rest of the file is what it was.

PIECES: Mapping[str, str] = {
    "plain": "f('a')",
    "two": "f('a', g('b'))",
    "default": "def g(x='a', *, y: str = 'b') -> str: return x",
    "class": "class C(B, metaclass=M):\n    kind: str = 'a'\n    '''doc é'''",
    "decorated": "@on('a')\nasync def h(x: 'str | None'):\n\tawait f('b')  # why",
    "joined": "x = ('a'\n     'b'  # why\n     'c')",
    "f-string": "x = f\"{g('a')!r} é {'b'}\"",
    "lambda": "g = lambda k='a': k if k else 'b'",
    "match": "match x:\n    case 'a' | 'b': ...\n    case {'c': y}: ...",
    "walrus": "if (n := 'a') and n[:'b']: pass",
    "semicolons": "f('a'); g('b'); h(1)",
    "continued": "x = 1 + \\\n    f('a')",
    "empty": "\n\x0c\n# é 😀",
}


def candidates(text: str) -> list[tuple[int, int, int, int]]:
    """Return the places of the strings and names of a text that are read."""
    lines = text.replace("\r\n", "\n").split("\n")
    found = set()
    for node in ast.walk(ast.parse(text)):
        is_read = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        if is_read or isinstance(node, (ast.Constant, ast.Call)):
            columns = [
                len(lines[line - 1].encode()[:column].decode())
                for line, column in (
                    (node.lineno, node.col_offset),
                    (node.end_lineno or 0, node.end_col_offset or 0),
                )
            ]
            found.add((node.lineno, columns[0], node.end_lineno or 0, columns[1]))
    return sorted(found)


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_whatever_is_fixed_leaves_the_other_lines_as_they_were(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(PIECES)), min_size=1, max_size=6))
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    head = data.draw(st.sampled_from(["", "import os\n", '"""D."""\n', "from .events import B\n"]))
    text = (head + "\n".join(PIECES[name] for name in names)).replace("\n", end)
    text += data.draw(st.sampled_from(["", end]))
    spans = candidates(text)
    chosen = data.draw(st.lists(st.sampled_from(spans), max_size=6)) if spans else []
    found = [
        Finding("R", SHOWN, span, "m", fix=Fix((Edit(span, code),), TYPE))
        for span in chosen
        for code in [data.draw(st.sampled_from(["EventType.A", "'x'", "(1, 2)", "a or b"]))]
    ]
    content = data.draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + text.encode()

    done = fixed(content, SHOWN, NAME, found)

    after = decoded(done.content, SHOWN)
    ast.parse(after)
    assert len(done.applied) + len(done.refused) + len(done.waiting) == len(found)
    assert done.content.startswith(b"\xef\xbb\xbf") == content.startswith(b"\xef\xbb\xbf")
    touched = {line for one in done.applied for line in range(one.span[0], one.span[2] + 1)}
    if head.startswith("from"):
        touched.add(1)
    kept = [line for number, line in enumerate(text.split("\n"), 1) if number not in touched]
    new = iter(after.split("\n"))
    assert all(any(line == other for other in new) for line in kept[:-1])
    if not done.applied:
        assert done.content == content


@settings(max_examples=60, deadline=None)
@given(names=st.lists(st.sampled_from(sorted(PIECES)), min_size=1, max_size=6))
def test_a_fix_made_twice_changes_nothing_more(names: list[str]) -> None:
    text = "\n".join(PIECES[name] for name in names) + "\n"

    def judge(content: bytes) -> list[Finding]:
        now = decoded(content, SHOWN)
        lines = now.split("\n")
        return [
            Finding("R", SHOWN, span, "m", fix=Fix((Edit(span, "EventType.A"),), TYPE))
            for span in candidates(now)
            if span[0] == span[2] and lines[span[0] - 1][span[1] : span[3]] == "'a'"
        ]

    once = repaired(text.encode(), SHOWN, NAME, judge)
    twice = repaired(once.content, SHOWN, NAME, judge)

    assert twice.content == once.content
    assert not judge(once.content) or once.refused
