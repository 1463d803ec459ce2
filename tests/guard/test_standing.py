"""What a text says about its imports is never less than what a parser finds."""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from failtrack_guard.boundaries.glance import Imports
from failtrack_guard.boundaries.standing import is_in_function

STDLIB = Path(sysconfig.get_paths()["stdlib"])
FILES = sorted(
    [*STDLIB.glob("*.py"), *STDLIB.glob("asyncio/*.py"), *STDLIB.glob("test/test_[a-d]*.py")]
)

INSIDE = {
    "a function": "def f():\n    import x\n",
    "an async function": "async def f(a, b=(1, 2)):\n    import x\n",
    "a method": "class A:\n    a = 1\n\n    def f(self) -> None:\n        import x\n",
    "a head of several lines": "def f(\n    a: int,\n    b: str = 'c',\n) -> None:\n    import x\n",
    "a block of a function": "def f():\n    try:\n        import x\n    except E:\n        pass\n",
    "after a comment further out": "def f():\n# here\n    import x\n",
    "after a docstring": 'def f():\n    """Say\n    it."""\n    import x\n',
    "a function in a function": "def f():\n    def g():\n        pass\n    import x\n",
    "a function in a block": "if a:\n    def f():\n        import x\n",
}
OUTSIDE = {
    "the module": "import x\n",
    "a block": "try:\n    import x\nexcept E:\n    pass\n",
    "a class": "class A:\n    import x\n",
    "after a function": "def f():\n    pass\n\nif a:\n    import x\n",
    "after a method": "class A:\n    def f(self):\n        pass\n    import x\n",
    "after a function, as a statement of a class": (
        "class A:\n    def f(self):\n        pass\n    if a:\n        import x\n"
    ),
    "a head in a text": 'class A:\n    """\ndef f():\n    """\n    import x\n',
    "a head that ends a text": 'class A:\n    """\ndef f():"""\n    import x\n',
    "a head in a continued text": 'if a:\n    s = "\\\ndef f():"\n    import x\n',
    "after a form feed": "def f():\n    pass\n\fimport x\n",
}


@pytest.mark.parametrize("name", INSIDE)
def test_what_a_function_holds_stands_in_it(name: str) -> None:
    text = INSIDE[name]
    assert is_in_function(text, text.index("import x"))


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_an_import_may_run_does_not(name: str) -> None:
    text = OUTSIDE[name]
    assert not is_in_function(text, text.index("import x"))


def test_a_default_is_run_with_the_head() -> None:
    text = "def f(\n    a=import_module('x'),\n):\n    pass\n"
    assert not is_in_function(text, text.index("import_module"))


def _run(tree: ast.AST) -> Iterator[int]:
    """Yield the lines of the imports that an import of the module may run."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node.lineno
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from _run(node)


def test_no_import_of_the_standard_library_is_lost() -> None:
    asked = 0
    for file in FILES:
        text = file.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
        some = Imports(text).run()
        if some is None:
            continue
        try:
            tree = ast.parse(text)
        except SyntaxError:  # kept there on purpose
            continue
        told = {text.count("\n", 0, one.start) + 1 for one in some}
        assert {*_run(tree)} <= told, file
        asked += 1
    assert asked > len(FILES) / 3


@pytest.mark.parametrize(
    "text",
    [
        "from importlib import import_module\nimport_module('x')\n",
        "from importlib import import_module as load\nload('x')\n",
        "import importlib\n\nclass A:\n    x = importlib.import_module('x')\n",
        "from importlib import import_module\n\n@call(import_module('x'))\ndef f():\n    pass\n",
        "from runpy import run_path\nrun_path('x')\n",
        "exec('import x')\n",
        "a = 1; import x\n",
    ],
)
def test_only_a_parser_tells_what_is_run_in_other_ways(text: str) -> None:
    assert Imports(text).run() is None


def test_ways_within_functions_are_not_run() -> None:
    text = (
        "import shop.a\nfrom importlib import import_module\n\n"
        "def load(name):\n    import shop.b\n    return import_module(name)\n"
    )
    imports = Imports(text)
    assert not imports.is_plain
    assert [one.module for one in imports.run() or ()] == ["shop.a", "importlib"]
