"""FT-M1: a database migration that cannot be taken back."""

from __future__ import annotations

import _ast
from functools import partial

from failtrack_guard.code.scopes import FUNCTIONS
from failtrack_guard.finding import Finding
from failtrack_guard.idle import is_idle, is_named, running, says
from failtrack_guard.of_files import RuleOfFiles
from failtrack_guard.rule import Option, bad, good

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.scopes import Block

ok = partial(good, path="migrations/versions/a1_orders.py")
no = partial(bad, path="migrations/versions/a1_orders.py")
UP = "from alembic import op\n\ndef upgrade():\n    op.drop_table('orders')\n\n"
# What a way back takes back; when that does nothing, neither need the way back.
FORTH = {
    "downgrade": "upgrade",
    "down": "up",
    "backward": "forward",
    "backwards": "forwards",
    "rollback": "apply",
    "revert": "apply",
}


class NoWayBack(RuleOfFiles):
    """A migration has no function that takes it back, or one that does nothing.

    When the release must be withdrawn, the database stays as the new code left it, and the old code
    meets tables that it does not know. That is found out at the worst moment.

    Use instead: write the `downgrade` with the migration, while it is known what it does. Where
    data is lost for good, say so in a suppression, so that it was somebody's decision.

    Nothing is done by what only prints, checks, raises or binds names of its own, by what stands
    after that raise or behind `if False`, and by a function that `del` takes away again.

    Limits: that the way back restores what was there is not checked: every call but one that
    prints, logs or ends the process counts as a way back. A migration whose way forth is empty,
    too, as merges have it, needs none. Of Django's operations nothing is known here.
    """

    id = "FT-M1"
    FILES = "paths"
    name = "no-way-back"
    remedy = "write the way back while it is known what the migration does"
    severity = "HIGH"
    category = "ARCHITECTURE"
    subcategory = "ARCHITECTURE_INCOMPLETE"
    OPTIONS = {
        "paths": Option("globs", (), "Migrations: `migrations/versions/*.py`."),
        "functions": Option(
            "texts", ("downgrade",), "Functions that each must have: `downgrade`, `Migration.down`."
        ),
    }
    NEEDS = ("paths",)
    CASE_OPTIONS = {"paths": ["migrations/versions/*.py"]}

    GOOD = (
        ok("a way back", UP + "def downgrade():\n    op.create_table('orders')\n"),
        ok("an async one", UP + "async def downgrade(db):\n    await db.run('...')\n"),
        ok(
            "a way back with words before",
            UP + "def downgrade():\n    '''Back.'''\n    print('back')\n    op.create_table('o')\n",
        ),
        ok(
            "a way back by a condition",
            UP + "def downgrade():\n    if op.get_bind():\n        op.create_table('orders')\n",
        ),
        ok("one of another module", UP + "from migrations.common import downgrade\n"),
        ok("one of a star", UP + "from migrations.common import *\n"),
        ok("a name for another function", UP + "def _back():\n    op.x()\n\ndowngrade = _back\n"),
        ok("a lambda", UP + "downgrade = lambda: op.create_table('orders')\n"),
        ok("a calculated one", UP + "downgrade = reverse_of(upgrade)\n"),
        ok(
            "a merge, which does nothing forth and back",
            "def upgrade():\n    pass\n\ndef downgrade():\n    pass\n",
        ),
        ok("a merge without a way back", "def upgrade():\n    pass\n"),
        ok("the package's own file", "", path="migrations/versions/__init__.py"),
        ok("another file", UP, path="migrations/env.py"),
        ok(
            "a method",
            "class Migration:\n    def up(self):\n        a()\n    def down(self):\n        b()\n",
            options={"functions": ["Migration.down"]},
        ),
        ok(
            "a method, whatever its class",
            "class A1:\n    def up(self):\n        a()\n    def down(self):\n        b()\n",
            options={"functions": ["*.down"]},
        ),
        ok(
            "defined in both branches",
            UP + "if NEW:\n    def downgrade():\n        a()\nelse:\n    def downgrade():\n"
            "        b()\n",
        ),
    )
    BAD = (
        no("none", UP, 1),
        no("an empty file", "", 1),
        no("pass", UP + "def downgrade():\n    pass\n", 6),
        no("an ellipsis", UP + "def downgrade(): ...\n", 6),
        no("a docstring", UP + "def downgrade():\n    '''Nothing to do.'''\n", 6),
        no("not implemented", UP + "def downgrade():\n    raise NotImplementedError\n", 6),
        no(
            "not implemented, with words",
            UP + "def downgrade():\n    '''No.'''\n    raise NotImplementedError('no way back')\n",
            6,
        ),
        no("another error", UP + "def downgrade():\n    raise RuntimeError('no')\n", 6),
        no(
            "an assertion that never holds",
            UP + "def downgrade():\n    assert False, 'irreversible'\n",
            6,
        ),
        no("local names alone", UP + "def downgrade():\n    x = 1\n", 6),
        no(
            "one that is never defined", UP + "if False:\n    def downgrade():\n        op.x()\n", 1
        ),
        no("one that is deleted", UP + "def downgrade():\n    op.x()\n\ndel downgrade\n", 1),
        no("return", UP + "def downgrade():\n    return\n", 6),
        no("return None", UP + "def downgrade():\n    return None\n", 6),
        no("words alone", UP + "def downgrade():\n    print('no way back')\n    pass\n", 6),
        no(
            "nothing under a condition",
            UP + "def downgrade():\n    if True:\n        pass\n    else:\n        return\n",
            6,
        ),
        no("an empty async one", UP + "async def downgrade():\n    pass\n", 6),
        no("a comment", UP + "def downgrade():\n    # op.create_table('orders')\n    pass\n", 6),
        no("commented out", UP + "# def downgrade():\n#     op.create_table('orders')\n", 1),
        no("within another function", UP + "def f():\n    def downgrade():\n        a()\n", 1),
        no("None", UP + "downgrade = None\n", 6),
        no("a name for an empty one", UP + "def _n():\n    pass\n\ndowngrade = _n\n", 9),
        no("a lambda of nothing", UP + "downgrade = lambda: None\n", 6),
        no(
            "an empty one after a full one",
            UP + "def downgrade():\n    a()\n\ndef downgrade():\n    pass\n",
            9,
        ),
        no(
            "one of two",
            UP + "def downgrade():\n    a()\n",
            1,
            options={"functions": ["downgrade", "data_downgrade"]},
        ),
        no(
            "an empty method",
            "class Migration:\n    def up(self):\n        a()\n    def down(self):\n        pass\n",
            4,
            options={"functions": ["Migration.down"]},
        ),
        no(
            "a class without it",
            "class Migration:\n    def up(self):\n        a()\n",
            1,
            options={"functions": ["*.down"]},
        ),
    )

    def concerns(self, path: str, module_name: str) -> bool:
        """Migrations alone."""
        return super().concerns(path, module_name) and not path.endswith("__init__.py")

    def look(self, module: Module) -> Iterator[Finding]:
        """Yield the functions that are missing or empty."""
        for wanted in self.options["functions"]:
            owner, _, name = wanted.rpartition(".")
            if _is_idle_anywhere(module, owner, FORTH.get(name, "")):
                continue
            found = _definitions(module, owner, name)
            if not found and not (module.seen.stars and not owner):
                message = f"this migration has no {name}: nothing takes it back"
                yield Finding(self.id, module.path, (1, 0, 1, 0), message)
            elif found and _is_idle(module, found[-1]):
                message = f"{name} of this migration does nothing: there is no way back"
                yield self.at(module, found[-1], None, message)


def _definitions(module: Module, owner: str, name: str) -> list[_ast.AST]:
    """Return what a name of the module, or of its classes, is bound to, in the order of the text.

    What never runs binds nothing, and what was bound before a `del` is gone.
    """
    if owner:
        return [
            one
            for node, place in module.seen.all(_ast.ClassDef)
            if isinstance(node, _ast.ClassDef)
            and place.scope.kind == "module"
            and owner in ("*", node.name)
            for one in _methods(node.body, name)
        ]
    found: list[_ast.AST] = []
    bindings = module.seen.module.names.get(name, ())
    never = _never_run(module) if bindings else []
    # Beside `del`, only what is caught or matched is bound to nothing that is known.
    unknown = [one for one in bindings if one.kind == "other" and one.value is None]
    are_deleted = len(unknown) == _deletions(module.tree.body, name)
    for binding in bindings:
        if any(binding.block.is_within(one) for one in never):
            continue
        if binding in unknown and are_deleted:
            if binding.block.parent is None:
                found.clear()
        elif isinstance(binding.value, _ast.AST):
            found.append(binding.value)
        else:
            found.append(module.tree.body[0])  # an import: it stands for something not empty
    return found


def _methods(body: list[_ast.stmt], name: str) -> list[_ast.AST]:
    found: list[_ast.AST] = []
    for one in body:
        if getattr(one, "name", "") == name:
            found.append(one)
        elif _deletes(one, name):
            found.clear()
        elif isinstance(one, _ast.Assign) and any(is_named(each, name) for each in one.targets):
            found.append(one.value)
        elif isinstance(one, _ast.If):
            found += _methods(running(one), name)
    return found


def _never_run(module: Module) -> list[Block]:
    """Return the blocks of the module behind conditions that never hold."""
    never = {
        id(one)
        for node, _ in module.seen.all(_ast.If)
        if isinstance(node, _ast.If)
        for part in (node.body, node.orelse)
        if part and part[0] not in running(node)
        for one in part
    }
    if not never:
        return []
    return [
        place.block
        for nodes in module.seen.by_type.values()
        for node, place in nodes
        if id(place.statement) in never and place.scope.kind == "module"
    ]


def _deletions(body: list[_ast.stmt], name: str) -> int:
    """Return how often statements delete a name, but those of functions and classes."""
    count = 0
    waiting: list[_ast.AST] = [*body]
    while waiting:
        one = waiting.pop()
        count += _deletes(one, name)
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            if not isinstance(one, (*FUNCTIONS, _ast.ClassDef)):
                waiting += getattr(one, field, ())
    return count


def _deletes(node: _ast.AST, name: str) -> bool:
    return isinstance(node, _ast.Delete) and any(
        isinstance(one, _ast.Name) and one.id == name for one in node.targets
    )


def _is_idle_anywhere(module: Module, owner: str, name: str) -> bool:
    """Return whether a function exists and does nothing."""
    found = _definitions(module, owner, name) if name else []
    return bool(found) and all(_is_idle(module, one) for one in found)


def _is_idle(module: Module, node: _ast.AST, depth: int = 0) -> bool:
    """Return whether a function, or what a name is bound to, has no effect."""
    if isinstance(node, FUNCTIONS):
        return is_idle(node)
    if isinstance(node, _ast.Constant):
        return True
    if isinstance(node, _ast.Lambda):
        return isinstance(node.body, _ast.Constant) or says(node.body)
    if isinstance(node, _ast.Name) and depth < 5:
        found = _definitions(module, "", node.id)
        return bool(found) and all(_is_idle(module, one, depth + 1) for one in found)
    return False
