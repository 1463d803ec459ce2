"""FT-D4: a test that pytest no longer collects: renamed, commented out, switched off."""

from __future__ import annotations

import _ast
import os
import re
from functools import cache, partial

from failtrack_guard.code.nodes import ONLY_AST
from failtrack_guard.finding import Finding
from failtrack_guard.of_files import RuleOfFiles
from failtrack_guard.rule import Option, bad, good
from failtrack_guard.testing.asserting import FILES, Asserts, Test, inside_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project
    from failtrack_guard.code.scopes import Place

ok = partial(good, path="tests/test_orders.py")
no = partial(bad, path="tests/test_orders.py")
_WORDS = (
    "x+|z+|no|not|dont|do_?not|don_t|disabled?|off|skip(?:ped)?|ignored?|broken|todo|old|obsolete|"
    "deprecated|quarantined?|temp|tmp|hidden|hide|unused|inactive|excluded?|fixme|wip|later|flaky|"
    "failing|commented|deactivated?|removed?|dead|stale|bad|slow|manual|pending|un"
)
_TEST_CASES = ("unittest.TestCase", "unittest.IsolatedAsyncioTestCase", "*.TestCase")
# Fixtures that pytest and its best known plugins bring.
_FIXTURES = frozenset(
    {
        *("tmp_path", "tmpdir", "tmp_path_factory", "monkeypatch", "capsys", "capfd", "caplog"),
        *("request", "recwarn", "pytester", "testdir", "mocker", "client", "db", "django_db_setup"),
        *("live_server", "admin_client", "rf", "settings", "event_loop", "benchmark", "subtests"),
    }
)
_SIBLINGS_MAX = 3000


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Return a pattern that is compiled at the first need: most files of tests need none."""
    return re.compile(text, re.MULTILINE)


# `_test_x`, `xtest_x`, `disabled_test_x`, `DontTestX`; `attest` and `latest` are words.
HIDDEN_FUNCTION = rf"(?:_+|_*(?i:(?:{_WORDS})_*)+)[Tt]est(?:_|\d|[A-Z]|$)"
_CLASS_WORDS = rf"(?i:_*(?:(?:{_WORDS})_*)*$)"
_COMMENTED = r"^\s*#+\s*(?:async\s+)?def\s+test\w*\s*\("
_HEAD = r"\s*(?:async\s+)?def\s+(test\w*)\s*\("
# What a comment says before it shows how something looks.
_EXAMPLE = (
    r"(?i:\b(example|e\.g\.|for instance|such as|like this|looks like|equivalent|same as|usage|"
    r"instead of|generates|produces|similar to|would be|pattern|replace with|becomes)\b|"
    r"^#+\s*use\b|::\s*$)"
)


class HiddenTest(RuleOfFiles):
    """A test is there and pytest does not collect it: its name was changed to `_test_...`,
    `xtest_...` or `disabled_test_...`, it is commented out, or it stands under `if False:`.

    A skipped test is at least counted. This one is in no report at all, and it rots: nobody sees
    that it no longer fits.

    Use instead: let it run, delete it, or skip it with a reason: `@pytest.mark.skip(reason=...)`.

    Limits: a helper is recognized by its being used, in this file or another one beside it, and a
    `_test_pay` beside a `test_pay` is taken for one. Only what looks like a test counts: it
    asserts, takes a fixture, or has a mark of pytest. Of a comment at least the first statement of
    the test must be there.
    """

    id = "FT-D4"
    name = "hidden-test"
    remedy = "let it run, delete it, or skip it with a reason"
    severity = "HIGH"
    category = "QA"
    subcategory = "QA_TEST_DEBT"
    OPTIONS = {"files": Option("globs", (*FILES,), "Files with tests.")}

    GOOD = (
        ok("a test", "def test_pay():\n    assert pay()\n"),
        ok(
            "a helper that is used",
            "def _test_pay(way):\n    assert pay(way)\n\ndef test_card():\n    _test_pay('card')\n",
        ),
        ok(
            "a helper that another file uses",
            "def _test_pay(way):\n    assert pay(way)\n",
            files={"tests/test_card.py": "from tests.test_orders import _test_pay\n"},
        ),
        ok("a helper that is no test", "def _test_data():\n    return [1, 2]\n"),
        ok(
            "a fixture",
            "import pytest\n\n@pytest.fixture\ndef _test_client(request):\n"
            "    assert request\n    return 1\n",
        ),
        ok(
            "a base class",
            "class _TestPay:\n    def test_pay(self):\n        assert pay(self.way)\n\n"
            "class TestCard(_TestPay):\n    way = 'card'\n",
        ),
        ok(
            "a case of unittest, whatever its name",
            "import unittest\n\nclass _TestPay(unittest.TestCase):\n    def test_pay(self):\n"
            "        self.assertTrue(pay())\n",
        ),
        ok(
            "another word",
            "def latest_pay():\n    assert pay()\n\ndef attest_x():\n    assert pay()\n",
        ),
        ok("prose", "# def test_pay() is in another file.\n# A test begins with def test_...\n"),
        ok(
            "an example",
            "# A test looks like this:\n# def test_pay():\n#     assert pay()\nx = 1\n",
        ),
        ok(
            "another file",
            "def _test_pay():\n    assert pay()\n# def test_x():\n#     pay()\n",
            path="shop/orders.py",
        ),
    )
    BAD = (
        no("an underscore", "def _test_pay():\n    assert pay()\n", 1),
        no(
            "a letter or a word before",
            "def xtest_pay():\n    assert pay()\n\ndef disabled_test_a():\n    assert pay()\n\n"
            "def dont_test_b():\n    assert pay()\n\nasync def no_test_c():\n    assert pay()\n",
            *(1, 4, 7, 10),
        ),
        no("it takes a fixture", "def _test_pay(tmp_path):\n    pay(tmp_path)\n", 1),
        no(
            "a method",
            "class TestPay:\n    def _test_pay(self):\n        assert pay()\n",
            2,
        ),
        no("a class", "class _TestPay:\n    def test_pay(self):\n        assert pay()\n", 1),
        no(
            "a class with a word before",
            "class NoTestPay:\n    def test_pay(self):\n        assert pay()\n\n"
            "class XTestPay:\n    def test_pay(self):\n        assert pay()\n",
            *(1, 5),
        ),
        no(
            "commented out",
            "import pytest\n\n# @pytest.mark.slow\n# def test_pay():\n#     total = 1\n#\n"
            "#     assert pay() == total\n\ndef test_refund():\n    assert refund()\n",
            4,
        ),
        no(
            "a method commented out",
            "class TestPay:\n    # async def test_pay(self):\n    #     assert await pay()\n"
            "    pass\n",
            2,
        ),
        no(
            "in a string",
            "import pytest\n\n'''\ndef test_pay():\n    assert pay()\n'''\n",
            3,
        ),
        no("under if False", "if False:\n    def test_pay():\n        assert pay()\n", 2),
        no("deleted", "def test_pay():\n    assert pay()\n\ndel test_pay\n", 4),
    )

    def prepare(self) -> None:
        """Compile the patterns."""
        super().prepare()
        self._siblings: tuple[Project, dict[str, bytes]] | None = None

    def needles(self) -> tuple[bytes, ...]:
        """What every test is called, also a hidden one."""
        return (b"test",)

    def look(self, module: Module) -> Iterator[Finding]:
        """Yield tests that are renamed, switched off, or in comments and strings."""
        names = [getattr(node, "name", "") for node, _ in module.seen.all(*_HOLDERS)]
        names = [one for one in names if "test" in one[1:].lower() and one[:4].lower() != "test"]
        if any(_pattern(HIDDEN_FUNCTION).match(one) or _is_hidden_class(one) for one in names):
            asserts = Asserts(module)
            yield from self._functions(module, asserts)
            yield from self._classes(module, asserts)
        yield from self._switched_off(module)
        yield from self._in_strings(module)
        yield from self._in_comments(module)

    def holds(self, question: tuple[Any, ...], project: Project) -> bool:
        """Answer `("unused", path, name, bases)`.

        Whether no file beside this one has the name in it, and no base is a case of unittest.
        """
        if question[0] != "unused":
            return super().holds(question, project)
        _, path, name, bases = question
        if project.holds(("is-any", bases, _TEST_CASES)):
            return False
        pattern = re.compile(rb"\b" + name.encode() + rb"\b")
        here = os.path.join(project.root, path)
        return not any(
            pattern.search(content) for file, content in self._beside(project, here) if file != here
        )

    def _functions(self, module: Module, asserts: Asserts) -> Iterator[Finding]:
        tests = [*asserts.functions_that(_pattern(HIDDEN_FUNCTION))]
        used = _used_names(module.tree) if tests else frozenset()
        for test in tests:
            name = test.node.name
            if (
                name not in used
                and not _goes_with_test(module, test)
                and _looks_like_test(module, asserts, test)
            ):
                message = f"{name} looks like a test, and its name keeps it from running"
                asks = ("unused", module.path, name, ())
                yield self.at(module, test.node, test.place, message, asks=asks)

    def _classes(self, module: Module, asserts: Asserts) -> Iterator[Finding]:
        used = None
        for node, place in asserts.classes.values():
            if not _is_hidden_class(node.name) or place.scope.kind == "function":
                continue
            if not any(getattr(one, "name", "").startswith("test") for one in node.body):
                continue
            used = _used_names(module.tree) if used is None else used
            if node.name in used or not _are_pytest(module, node, place):
                continue
            bases = tuple(name for base in node.bases for name in module.names(base, place))
            asks = ("unused", module.path, node.name, bases)
            message = f"{node.name} holds tests, and its name keeps them from running"
            yield self.at(module, node, place, message, asks=asks)

    def _switched_off(self, module: Module) -> Iterator[Finding]:
        for node, place in module.seen.all(_ast.If):
            assert isinstance(node, _ast.If)
            if isinstance(node.test, _ast.Constant) and not node.test.value:
                for one in node.body:
                    if _is_test(one):
                        name = getattr(one, "name", "")
                        message = f"{name} stands under a condition that never holds"
                        yield self.at(module, one, place, message)
        for holder in (module.tree, *(one for one, _ in module.seen.all(_ast.ClassDef))):
            body = getattr(holder, "body", ())
            tests = {getattr(one, "name", "") for one in body if _is_test(one)}
            for one in body:
                for name in tests & {*_taken_away(one)}:
                    yield self.at(module, one, None, f"{name} is taken away after its definition")

    def _in_strings(self, module: Module) -> Iterator[Finding]:
        docs = {id(one) for one in _docstrings(module)}
        for node, place in module.seen.all(_ast.Expr):
            value = getattr(node, "value", None)
            text = value.value if isinstance(value, _ast.Constant) else None
            if not isinstance(text, str) or id(node) in docs or "def test" not in text:
                continue
            tree = _parsed(_dedented(text.split("\n")))
            for one in tree.body if tree is not None else ():
                if _is_test(one):
                    name = getattr(one, "name", "")
                    yield self.at(module, node, place, f"{name} is put into a string")

    def _in_comments(self, module: Module) -> Iterator[Finding]:
        if not _pattern(_COMMENTED).search(module.source.replace("\r", "\n")):
            return
        inside = _lines_of_strings(module)
        lines = module.lines
        number = 0
        while number < len(lines):
            if _pattern(_COMMENTED).match(lines[number]) and number + 1 not in inside:
                first, last, name = _commented_test(lines, number)
                if name:
                    column = len(lines[number]) - len(lines[number].lstrip())
                    span = (number + 1, column, number + 1, len(lines[number].rstrip()))
                    yield Finding(
                        *(self.id, module.path, span, f"{name} is commented out"),
                        statement=(first + 1, last + 1),
                    )
                    number = last
            number += 1

    def _beside(self, project: Project, file: str) -> Iterator[tuple[str, bytes]]:
        """Yield the Python files of the tests that a file belongs to, with their contents."""
        folder = os.path.dirname(file)
        while len(os.path.dirname(folder)) >= len(project.root) and (
            "test" in os.path.basename(os.path.dirname(folder)).lower()
        ):
            folder = os.path.dirname(folder)
        if self._siblings is None or self._siblings[0] is not project:
            self._siblings = (project, {})
        known = self._siblings[1]
        for path in _python_files(folder):
            if path not in known:
                known[path] = _content(path)
            yield path, known[path]


def _is_hidden_class(name: str) -> bool:
    """Return whether a name is `Test...` behind a word that keeps it from being collected."""
    found = re.search(r"(?i:^.*?)(?=Tests?(?:_|\d|[A-Z]|$))", name)
    before = found[0] if found else ""
    return bool(before) and _pattern(_CLASS_WORDS).match(before) is not None


def _goes_with_test(module: Module, test: Test) -> bool:
    """Return whether `_test_pay` stands beside a `test_pay`, whose other half it may be."""
    body = test.owner.body if test.owner else module.tree.body
    wanted = test.node.name.lstrip("_")
    return wanted != test.node.name and any(getattr(one, "name", "") == wanted for one in body)


def _are_pytest(module: Module, node: _ast.ClassDef, place: Place) -> bool:
    """Return whether no decorator of a class can hand its tests to another one."""
    return all(
        any(name.startswith(("pytest.", "unittest.")) for name in module.names(func, place))
        for one in node.decorator_list
        for func in (one.func if isinstance(one, _ast.Call) else one,)
    )


def _looks_like_test(module: Module, asserts: Asserts, test: Test) -> bool:
    if asserts.fails(test.node):
        return True
    local = {name for name in test.params if name in asserts.functions}
    if _FIXTURES.intersection(test.params) or local:
        return True
    return any(
        name.startswith("pytest.mark.")
        for one in test.node.decorator_list
        for name in module.names(one.func if isinstance(one, _ast.Call) else one, test.place)
    )


def _used_names(tree: _ast.AST) -> frozenset[str]:
    """Return every name and attribute that a file uses, and the words in its strings."""
    found: set[str] = set()
    for one in inside_of(tree):
        if isinstance(one, _ast.Name):
            found.add(one.id)
        elif isinstance(one, _ast.Attribute):
            found.add(one.attr)
        elif isinstance(one, _ast.Constant) and isinstance(one.value, str):
            found.update(re.findall(r"\w+", one.value))
    return frozenset(found)


def _is_test(node: _ast.AST) -> bool:
    name = getattr(node, "name", "")
    if isinstance(node, (_ast.FunctionDef, _ast.AsyncFunctionDef)):
        return name.startswith("test")
    return isinstance(node, _ast.ClassDef) and name.startswith("Test")


def _taken_away(node: _ast.AST) -> Iterator[str]:
    """Yield names that `del test_x`, `test_x = None` or `test_x.__test__ = False` take away."""
    if isinstance(node, _ast.Delete):
        yield from (getattr(one, "id", "") for one in node.targets)
    elif isinstance(node, _ast.Assign) and isinstance(node.value, _ast.Constant):
        for one in node.targets:
            if isinstance(one, _ast.Name):
                yield one.id
            elif getattr(one, "attr", "") == "__test__" and not node.value.value:
                yield getattr(getattr(one, "value", None), "id", "")


def _docstrings(module: Module) -> Iterator[_ast.AST]:
    for one in (module.tree, *(node for node, _ in module.seen.all(*_HOLDERS))):
        body = getattr(one, "body", None)
        if body:
            yield body[0]


_HOLDERS = (_ast.ClassDef, _ast.FunctionDef, _ast.AsyncFunctionDef)


def _lines_of_strings(module: Module) -> set[int]:
    """Return the lines that lie within a string of several lines."""
    inside: set[int] = set()
    for one in inside_of(module.tree):
        if isinstance(one, (_ast.Constant, _ast.JoinedStr)) and one.end_lineno != one.lineno:
            inside.update(range(one.lineno, (one.end_lineno or one.lineno) + 1))
    return inside


def _commented_test(lines: list[str], head: int) -> tuple[int, int, str]:
    """Return first line, last line and name of a test in comments, `` when it is none.

    Args:
        lines: Lines of the file.
        head: Index of the line with the `def`.
    """
    first, last = head, head
    while first > 0 and re.match(r"\s*#+\s*(@|\S.*[,(\[]\s*$|[\])])", lines[first - 1]):
        first -= 1
    before = first - 1
    while before > 0 and re.fullmatch(r"\s*#+\s*", lines[before]):
        before -= 1
    above = lines[before].lstrip() if before >= 0 else ""
    if above.startswith("#") and _pattern(_EXAMPLE).search(above):
        return head, head, ""
    while last + 1 < len(lines) and lines[last + 1].lstrip().startswith("#"):
        last += 1
    body = _uncommented(lines[head : last + 1])
    match = _pattern(_HEAD).match(body[0])
    indent = len(body[0]) - len(body[0].lstrip())
    end = 1
    while end < len(body) and _belongs(body[end], indent):
        end += 1
    for length in range(end, max(0, end - 40), -1):
        tree = _parsed(_dedented(body[:length]))
        if tree is not None and tree.body:
            while length > 1 and not body[length - 1].strip():
                length -= 1
            return first, head + length - 1, match[1] if match else ""
    return head, head, ""


def _belongs(line: str, indent: int) -> bool:
    """Return whether a line can belong to a function whose head is indented this far."""
    stripped = line.strip()
    return not stripped or len(line) - len(line.lstrip()) > indent or stripped[0] in ")]}"


def _uncommented(lines: list[str]) -> list[str]:
    bare = [re.sub(r"^\s*#+", "", line).rstrip() for line in lines]
    filled = [line for line in bare if line.strip()]
    margin = min((len(line) - len(line.lstrip()) for line in filled), default=0)
    return [line[margin:] for line in bare]


def _dedented(lines: list[str]) -> str:
    filled = [line for line in lines if line.strip()]
    margin = min((len(line) - len(line.lstrip()) for line in filled), default=0)
    return "\n".join(line[margin:] for line in lines) + "\n"


def _parsed(text: str) -> _ast.Module | None:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree: _ast.Module = compile(text, "<comment>", "exec", ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return tree


def _python_files(folder: str) -> Iterator[str]:
    waiting = [folder]
    count = 0
    while waiting and count < _SIBLINGS_MAX:
        current = waiting.pop()
        try:
            with os.scandir(current) as entries:
                listed = [*entries]
        except OSError:
            continue
        for entry in listed:
            if entry.name.endswith(".py"):
                count += 1
                yield entry.path
            elif entry.name[0] not in "._" and entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
