"""FT-R1: what is defined here and not referred to there, or lacks the base that its kind has."""

from __future__ import annotations

import _ast
import os
import re
from functools import partial

from failtrack_guard.errors import ConfigError
from failtrack_guard.globs import Globs
from failtrack_guard.reading import Unreadable, read_module
from failtrack_guard.rule import Option, Rule, bad, good
from failtrack_guard.tables import checked
from failtrack_guard.testing.asserting import inside_of, top_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project
    from failtrack_guard.code.scopes import Binding
    from failtrack_guard.finding import Finding

HERE = "shop/api/routes/orders.py"
ROUTER = "from web import APIRouter\n\nrouter = APIRouter()\n"
MAIN = (
    "from web import App\nfrom shop.api.routes import orders_router\n\n"
    "app = App()\napp.include_router(orders_router)\n"
)
PLACES = {
    "shop/__init__.py": "",
    "shop/api/__init__.py": "",
    "shop/api/routes/__init__.py": "from .orders import router as orders_router\n",
    "shop/api/main.py": MAIN,
}
ROUTERS = {
    "define": "shop/api/routes/*.py",
    "exports": "router",
    "refer": ["shop/api/routes/__init__.py", "shop/api/main.py"],
}
SERVICES = {
    "define": "shop/services/*.py",
    "name": "Service$",
    "base": "shop.services.base.LoggingMixin",
}
BASE = {"shop/services/base.py": "class LoggingMixin:\n    pass\n"}
ok = partial(good, path=HERE, files=PLACES)
no = partial(bad, path=HERE, files=PLACES)
fine = partial(good, path="shop/services/orders.py", files=BASE, options={"pairs": [SERVICES]})
wrong = partial(bad, path="shop/services/orders.py", files=BASE, options={"pairs": [SERVICES]})


class InBothPlaces(Rule):
    """A name is defined in one place and not referred to in another one where it must be: a router
    that is exported and never included. Or a class of a kind lacks the base of its kind.

    Nothing fails when the second place is forgotten. The code is there, its own tests are green,
    and nobody can reach it.

    Use instead: refer to it in each place that the table names; in an `__init__.py` the import is
    enough, elsewhere the name must be used. A service inherits the base class.

    Limits: what is put together while the program runs, such as a loop over `pkgutil`, is not seen;
    the text of a dotted name (`"shop.api.routes.orders"`) counts as a reference.
    """

    id = "FT-R1"
    name = "in-both-places"
    remedy = "refer to it in the other place, too; let the class inherit the base of its kind"
    severity = "HIGH"
    category = "ARCHITECTURE"
    subcategory = "ARCHITECTURE_INCOMPLETE"
    OPTIONS = {
        "pairs": Option(
            "tables",
            [],
            "Tables with `define` (patterns of files), `name` (a regular expression) or `exports` "
            "(a name), and `refer` (patterns, each of which must refer) or `base` (dotted).",
        ),
    }
    NEEDS = ("pairs",)
    CASE_OPTIONS = {"pairs": [ROUTERS]}

    GOOD = (
        ok("in both places", ROUTER),
        ok(
            "through the package and the module",
            ROUTER,
            files={
                **PLACES,
                "shop/api/routes/__init__.py": "from . import orders\n",
                "shop/api/main.py": "import shop.api.routes as r\n\napp = r.App()\n"
                "for one in (r.orders.router,):\n    app.include_router(one)\n",
            },
        ),
        ok(
            "the module itself is handed on",
            ROUTER,
            files={
                **PLACES,
                "shop/api/main.py": "from shop.api.routes import orders, users\n\n"
                "for one in (orders, users):\n    app.include_router(one.router)\n",
            },
        ),
        ok(
            "by a star",
            ROUTER,
            files={
                **PLACES,
                "shop/api/routes/__init__.py": "from .orders import *\n",
                "shop/api/main.py": "from .routes.orders import router as r\n\nuse(r)\n",
            },
        ),
        ok(
            "by its dotted name",
            ROUTER,
            files={**PLACES, "shop/api/main.py": "ROUTERS = ['shop.api.routes.orders:router']\n"},
        ),
        ok("a module without a router", "def total():\n    return 1\n"),
        ok("a router of another module", "from shop.api.routes.users import router\n"),
        ok("a router of a function", "def make():\n    router = 1\n    return router\n"),
        ok("another folder", ROUTER, path="shop/admin/orders.py"),
        ok("the place itself", "router = 1\n", path="shop/api/routes/__init__.py", files={
            "shop/api/main.py": "from shop.api.routes import router\nuse(router)\n"}),
        fine(
            "inherits the base",
            "from shop.services.base import LoggingMixin\n\nclass OrderService(LoggingMixin):\n"
            "    pass\n",
        ),
        fine(
            "inherits it through another file",
            "from shop.services.common import Common as C\n\nclass OrderService(C):\n    pass\n",
            files={
                **BASE,
                "shop/services/common.py": "from . import base\n"
                "class Common(base.LoggingMixin):\n    pass\n",
            },
        ),
        fine("another name", "class OrderError(Exception):\n    pass\n"),
        fine("the base itself", "class LoggingMixin:\n    pass\nclass BaseService(LoggingMixin):\n"
             "    pass\n", path="shop/services/base.py", files={}),
        fine("a protocol", "from typing import Protocol\n\nclass OrderService(Protocol):\n"
             "    pass\n"),
        fine("no class", "def make_Service():\n    pass\nOrderService = make_Service()\n"),
    )  # fmt: skip
    BAD = (
        no(
            "never included",
            ROUTER,
            3,
            files={**PLACES, "shop/api/main.py": "from shop.api.routes import orders_router\n"},
        ),
        no(
            "never imported",
            ROUTER,
            *(3, 3),
            files={**PLACES, "shop/api/routes/__init__.py": "", "shop/api/main.py": "app = 1\n"},
        ),
        no(
            "in the package alone",
            ROUTER,
            3,
            files={**PLACES, "shop/api/main.py": "from web import App\napp = App()\n"},
        ),
        no(
            "in the program alone",
            ROUTER,
            3,
            files={
                **PLACES,
                "shop/api/routes/__init__.py": "",
                "shop/api/main.py": "from .routes.orders import router\nuse(router)\n",
            },
        ),
        no(
            "another router is included",
            ROUTER,
            3,
            files={
                **PLACES,
                "shop/api/routes/users.py": ROUTER,
                "shop/api/main.py": "from shop.api.routes import orders_router\n"
                "from shop.api.routes.users import router\napp.include_router(router)\n",
            },
        ),
        no(
            "another name of the module is used",
            ROUTER,
            3,
            files={**PLACES, "shop/api/main.py": "from .routes import orders\norders.total()\n"},
        ),
        no(
            "a comment and a text of the name alone",
            ROUTER,
            3,
            files={**PLACES, "shop/api/main.py": "# orders_router\nx = 'orders_router'\n"},
        ),
        no(
            "there is no such place",
            ROUTER,
            3,
            files={"shop/api/routes/__init__.py": "from .orders import router\n"},
        ),
        no("the place cannot be parsed", ROUTER, 3, files={**PLACES, "shop/api/main.py": "(\n"}),
        no("a router with an annotation", "router: object = make()\n", 1,
           files={**PLACES, "shop/api/main.py": "x = 1\n"}),
        no("a router by a condition", "if NEW:\n    router = make()\nelse:\n    router = 1\n", 2,
           files={**PLACES, "shop/api/main.py": "x = 1\n"}),
        no(
            "a handler that is not registered",
            "class OrderHandler:\n    pass\n\nclass UserHandler:\n    pass\n",
            4,
            path="shop/handlers/orders.py",
            options={
                "pairs": [
                    {"define": "shop/handlers/*.py", "name": "Handler$", "refer": "shop/table.py"}
                ]
            },
            files={
                "shop/table.py": "from shop.handlers.orders import OrderHandler, UserHandler\n"
                "TABLE = {'order': OrderHandler}\n"
            },
        ),
        wrong("no base", "class OrderService:\n    pass\n", 1),
        wrong(
            "a base of the same name from elsewhere",
            "from other import LoggingMixin\n\nclass OrderService(LoggingMixin):\n    pass\n",
            3,
        ),
        wrong(
            "a base that has none",
            "class Base:\n    pass\n\nclass OrderService(Base):\n    pass\n",
            4,
        ),
        no(
            "neither base nor place",
            "class OrderService:\n    pass\n",
            *(1, 1),
            path="shop/services/orders.py",
            options={"pairs": [{**SERVICES, "refer": "shop/wiring.py"}]},
            files=BASE,
        ),
    )  # fmt: skip

    def prepare(self) -> None:
        """Check the tables."""
        other = ("name", "exports", "refer", "base")
        self._pairs = [
            _Pair(one) for one in checked("FT-R1.pairs", self.options["pairs"], ("define",), other)
        ]
        self._project: Project | None = None
        self._referred: dict[str, set[tuple[str, str]]] = {}

    def places(self) -> tuple[str, ...] | None:
        """What the patterns have in common."""
        return Globs(path for one in self._pairs for path in one.define.patterns).literals

    def concerns(self, path: str, module_name: str) -> bool:
        """The files that define."""
        return any(one.define.match(path) for one in self._pairs)

    def look(self, module: Module) -> Iterator[Finding]:
        """Yield each definition, with the question whether it is referred to or inherits."""
        for pair in self._pairs:
            if not pair.define.match(module.path):
                continue
            for name, binding in _defined(module):
                if not pair.means(name):
                    continue
                node = _node_of(module, name, binding)
                for place in pair.refer:
                    if not Globs([place]).match(module.path):
                        message = f"{name} is defined here and not referred to in {place}"
                        asks = ("unreferred", module.path, name, place)
                        yield self.at(module, node, None, message, asks=asks)
                if pair.base and isinstance(node, _ast.ClassDef):
                    asks = _without_base(module, node, pair.base)
                    if asks:
                        message = f"{name} does not inherit {pair.base.rpartition('.')[2]}"
                        yield self.at(module, node, None, message, asks=asks)

    def holds(self, question: tuple[Any, ...], project: Project) -> bool:
        """Answer `("unreferred", path, name, place)`: no file of a place refers to a name."""
        if question[0] != "unreferred":
            return super().holds(question, project)
        if self._project is not project:
            self._project, self._referred = project, {}
        _, path, name, place = question
        file = os.path.normpath(os.path.join(project.root, path))
        referred = self._references(project, place)
        return (file, name) not in referred and (file, "") not in referred

    def over(self, project: Project) -> Iterator[Finding]:
        """Yield what is no longer referred to after a change of the other place alone."""
        changed = project.changed
        if changed is None:
            return
        for pair in self._pairs:
            if not any(Globs(pair.refer).match(one) for one in changed):
                continue
            for path in pair.define.files(project.root):
                if path in changed:
                    continue  # it is looked at as every file that changed
                file = os.path.join(project.root, path)
                try:
                    module = read_module(file, path, project.module_of_path(path))
                except Unreadable:
                    continue
                for one in self.look(module):
                    if one.asks[0] == "unreferred" and self.holds(one.asks, project):
                        yield one

    def _references(self, project: Project, place: str) -> set[tuple[str, str]]:
        """Return files and names in them that the files of a place refer to; see `_targets`."""
        if place not in self._referred:
            found: set[tuple[str, str]] = set()
            for path in Globs([place]).files(project.root):
                file = os.path.join(project.root, path)
                try:
                    module = read_module(file, path, project.module_of_path(path))
                except Unreadable:  # said when that file itself is checked
                    continue
                for dotted in _names_used(module):
                    found |= _targets(project, dotted)
            self._referred[place] = found
        return self._referred[place]


class _Pair:
    """One table of the option `pairs`."""

    def __init__(self, table: dict[str, tuple[str, ...]]) -> None:
        where = "tool.failtrack.guard.FT-R1.pairs"
        self.define = Globs(table["define"])
        self.exports = table["exports"]
        self.refer = table["refer"]
        self.base = table["base"][0] if table["base"] else ""
        try:
            self.name = re.compile("|".join(table["name"])) if table["name"] else None
        except re.error as error:
            raise ConfigError(
                f"{where}: name is {table['name']}, no regular expression ({error})"
            ) from None
        if not (self.name or self.exports):
            raise ConfigError(f"{where}: a table says neither `name` nor `exports`; add one")
        if not (self.refer or self.base):
            raise ConfigError(f"{where}: a table says neither `refer` nor `base`; add one")

    def means(self, name: str) -> bool:
        """Return whether a name must be referred to."""
        return name in self.exports or (self.name is not None and bool(self.name.search(name)))


def _defined(module: Module) -> Iterator[tuple[str, Binding]]:
    """Yield the names that a module defines at its top, not those that it imports."""
    for name, bindings in module.seen.module.names.items():
        own = [one for one in bindings if one.kind in ("assign", "class", "function")]
        if own:
            yield name, own[0]


def _node_of(module: Module, name: str, binding: Binding) -> _ast.AST:
    """Return the statement that binds a name, or the definition."""
    if isinstance(binding.value, (_ast.ClassDef, _ast.FunctionDef, _ast.AsyncFunctionDef)):
        return binding.value
    for node, place in module.seen.all(_ast.Assign, _ast.AnnAssign):
        if getattr(node, "value", None) is binding.value and place.scope.kind == "module":
            return node
    return binding.value if isinstance(binding.value, _ast.AST) else module.tree.body[0]


def _without_base(module: Module, node: _ast.ClassDef, base: str) -> tuple[Any, ...]:
    """Return the question whether a class lacks a base, empty for a protocol."""
    place = top_place(module)
    bases = tuple(name for one in node.bases for name in module.names(one, place))
    if any(one in ("typing.Protocol", "typing_extensions.Protocol") for one in bases):
        return ()
    return ("not", ("is-any", (f"{module.name}.{node.name}", *bases), (base,)))


def _names_used(module: Module) -> Iterator[str]:
    """Yield the dotted names that a file uses; in an `__init__.py` also those that it imports."""
    seen = module.seen
    if module.is_package:
        yield from (f"{one}.*" for one in seen.stars)
        for bindings in seen.module.names.values():
            yield from (str(one.value) for one in bindings if one.kind == "import")
    place = top_place(module)
    inner = {id(one.value) for one, _ in seen.all(_ast.Attribute)}  # type: ignore[attr-defined]
    for node, there in seen.all(_ast.Attribute):
        yield from module.names(node, there)
    for node in inside_of(module.tree):
        if (
            isinstance(node, _ast.Name)
            and isinstance(node.ctx, _ast.Load)
            and id(node) not in inner
        ):
            yield from module.names(node, place)
        elif isinstance(node, _ast.Constant) and _is_dotted(node.value):
            yield str(node.value).replace(":", ".")


def _is_dotted(value: object) -> bool:
    if not isinstance(value, str) or "." not in value:
        return False
    return all(part.isidentifier() for part in value.replace(":", ".").split("."))


def _targets(project: Project, dotted: str) -> set[tuple[str, str]]:
    """Return (file, name) of what a dotted name stands for; the name is empty for all of a file."""
    if dotted.endswith(".*"):
        file = project.file_of(dotted[:-2])
        return {(os.path.normpath(file), "")} if file else set()
    found = set()
    for name in project.origins(dotted):
        module, rest = project.split(name)
        file = project.file_of(module) if module else None
        if file is not None:
            found.add((os.path.normpath(file), rest[0] if rest else ""))
    return found
