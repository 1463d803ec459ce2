"""VAL-3: a module that reaches a layer which its own layer may not import."""

from __future__ import annotations

from failtrack_guard.boundaries.layers import Boundaries, from_options
from failtrack_guard.finding import Finding
from failtrack_guard.rule import Case, Option, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from failtrack_guard.boundaries.crossing import Crossings
    from failtrack_guard.boundaries.loaders import Loaders
    from failtrack_guard.boundaries.reach import Reach
    from failtrack_guard.boundaries.targets import Target
    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project

SHOP = {
    "shop/domain/model.py": "class Order:\n    pass\n",
    "shop/api/routes.py": "def show():\n    pass\n",
}
# Asked at the head of a file about all that it imports from outside the layers.
QUESTION = "reaches"
KEPT_MAX = 20  # syntax trees that are kept at a time


def _case(
    name: str,
    code: str,
    *lines: int,
    path: str = "shop/domain/orders.py",
    files: dict[str, str] | None = None,
) -> Case:
    return Case(name, code, path=path, files={**SHOP, **(files or {})}, lines=lines)


class ImportBoundary(Rule):
    """A module reaches a layer that its own layer may not import.

    Layers keep a change on one side from breaking the other. One import past them, however it is
    written, ties the sides together again, and nobody sees it until the change is made.

    Use instead: depend on what the layer may import; let the other side implement a protocol that
    is defined there, and let the composition root bring the two together.

    Limits: modules outside all layers may import anything, and are seen through: what they import
    when they are imported, what they re-export, what a function of theirs imports, and what it
    imports because it is handed a name counts for the layer that uses them. What goes through
    another layer is that layer's finding. Names that are known only when the program runs (from the
    environment, from files, from other modules' constants) prove nothing, and neither do search
    paths and what is only asked about `sys.modules` or taken out of it. Conditions are not worked
    out: of a loop over names each one counts, also that which an `if` in it leaves out.
    """

    id = "VAL-3"
    name = "import-boundary"
    remedy = (
        "depend on what the layer may import: define a protocol there, implement it on the other "
        "side, and join the two in the composition root"
    )
    severity = "HIGH"
    OPTIONS = {
        "layers": Option(
            "tables",
            [],
            "The layers, each with `name`, `modules` (dotted prefixes) and `may-import` (names of "
            "other layers, none by default).",
        ),
        "roots": Option(
            "dotteds",
            (),
            "Composition roots: modules outside the layers which may import all of them, and which "
            "no layer may use to reach another one.",
        ),
    }
    NEEDS = ("layers",)
    CASE_OPTIONS = {
        "layers": [
            {"name": "domain", "modules": ["shop.domain"], "may-import": []},
            {"name": "application", "modules": ["shop.application"], "may-import": ["domain"]},
            {
                "name": "infrastructure",
                "modules": ["shop.infrastructure"],
                "may-import": ["domain", "application"],
            },
            {"name": "api", "modules": ["shop.api"], "may-import": ["domain", "application"]},
        ],
        "roots": ["shop.main"],
    }

    GOOD = (
        _case("the own layer", "from . import model\nfrom shop.domain.model import Order\n"),
        _case(
            "a layer that it may import",
            "from shop.domain.model import Order\nfrom ..application import services\n",
            path="shop/api/routes.py",
        ),
        _case(
            "the composition root",
            "from shop.api import routes\nfrom shop.infrastructure import db\n",
            path="shop/main.py",
        ),
        _case(
            "a name that only begins alike",
            "import importlib\nfrom shop import apiary\nfrom shop.apiary import bees\n"
            'importlib.import_module("shop.api_v2")\n',
        ),
        _case(
            "strings, comments and docstrings",
            '"""Wired in shop.main:\n\nfrom shop.api import routes\n"""\n'
            'NAME = "shop.api.routes"  # import shop.api\n',
        ),
        _case(
            "an attribute of another object",
            "def total(shop):\n    return shop.api.routes\n",
        ),
        _case(
            "a name that is known only at run time",
            "import importlib, os\n\ndef plugin(name):\n"
            '    importlib.import_module(f"shop.{name}")\n'
            '    return importlib.import_module(os.environ["PLUGIN"])\n',
        ),
        _case(
            "a facade of what it may import",
            "from shop.facade import Order\n",
            files={"shop/facade.py": "from shop.domain.model import Order\n"},
        ),
    )
    BAD = (
        _case("an import", "from shop.api.routes import show\n", 1),
        _case("from the package", "from shop import api\n", 1),
        _case("a relative import that climbs out", "from ..api import routes\n", 1),
        _case("in a function", "def show():\n    import shop.api.routes as r\n    return r\n", 2),
        _case(
            "for type checkers",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.api\n",
            3,
        ),
        _case("by name", 'import importlib\nimportlib.import_module("shop.api.routes")\n', 2),
        _case(
            "by name, under another name",
            'from importlib import import_module as load\nload(".routes", package="shop.api")\n',
            2,
        ),
        _case(
            "by a name that is put together",
            'import importlib\nLAYER = "api"\nimportlib.import_module(f"shop.{LAYER}.routes")\n',
            3,
        ),
        _case("by the function of the statement", '__import__("shop", fromlist=["api"])\n', 1),
        _case("from the loaded modules", 'import sys\nsys.modules["shop.api.routes"]\n', 2),
        _case("by code in a string", 'exec("from shop.api import routes")\n', 1),
        _case(
            "by its file",
            'import runpy\nrunpy.run_path("shop/api/routes.py")\n',
            2,
        ),
        _case(
            "by its resources",
            'from importlib import resources\nresources.files("shop.api")\n',
            2,
        ),
        _case(
            "by attributes of the package",
            "import shop.domain.model\nshop.api.routes.show()\n",
            2,
        ),
        _case(
            "by a lazy attribute",
            'import importlib\n_LAZY = {"routes": "shop.api.routes"}\n\n'
            "def __getattr__(name):\n    return importlib.import_module(_LAZY[name])\n",
            5,
        ),
        _case(
            "through a facade",
            "from shop.facade import show\n",
            1,
            files={"shop/facade.py": "from shop.api.routes import show\n"},
        ),
        _case(
            "through the composition root",
            "from shop.main import app\n",
            1,
            files={"shop/main.py": "from shop.api import routes\napp = object()\n"},
        ),
        _case(
            "everything of the package",
            "from shop import *\n",
            1,
            files={"shop/__init__.py": "from shop.api.routes import show\n"},
        ),
    )

    def __init__(self, options: Any) -> None:
        super().__init__(options)
        self._boundaries: Boundaries | None = None
        self._reach: Reach | None = None
        # Files that were looked at and asked about, until the question is answered.
        self._kept: dict[str, Crossings] = {}
        self._loaders: Loaders | None = None

    @property
    def boundaries(self) -> Boundaries:
        """The layers, read from the options."""
        if self._boundaries is None:
            self._boundaries = from_options(self.options["layers"], tuple(self.options["roots"]))
        return self._boundaries

    def prepare(self) -> None:
        """Draw the boundaries; raise `ConfigError` when they contradict."""
        assert self.boundaries

    def concerns(self, path: str, module_name: str) -> bool:
        """Return whether a module lies in a layer from which something is kept away."""
        return bool(module_name) and self.boundaries.judges(module_name)

    def glance(self, content: bytes, path: str, module_name: str) -> tuple[Finding, ...] | None:
        """Return the question of a file whose imports are plain to see, and harmless so far."""
        from failtrack_guard.boundaries.glance import outside_names

        names = outside_names(content, path, module_name, self.boundaries)
        if names is None:
            return None
        return (self._question(path, module_name, names),) if names else ()

    def look(self, module: Module) -> Iterator[Finding]:
        """Yield what is reached in this file, and the question what comes by way of others."""
        from failtrack_guard.boundaries.crossing import Crossings

        crossings = Crossings(module, self.boundaries)
        for target, layer in crossings.direct():
            yield self._finding(module, target, crossings.layer, layer)
        names = crossings.outside_names()
        self._kept.pop(module.name, None)
        if names:
            if len(self._kept) < KEPT_MAX:
                self._kept[module.name] = crossings
            yield self._question(module.path, module.name, names)

    def _question(self, path: str, module_name: str, names: tuple[str, ...]) -> Finding:
        """Return what stands for all findings that depend on other files; see `settled`."""
        asks = (QUESTION, module_name, names)
        return Finding(self.id, path, (1, 0, 1, 0), "reaches another layer", asks=asks)

    def _finding(
        self, module: Module, target: Target, layer: str, other: str, by: str = ""
    ) -> Finding:
        return self.at(
            module, target.node, target.place, told(target, layer, other, by, self.boundaries)
        )

    def settled(self, finding: Finding, project: Project) -> Iterator[Finding]:
        """Yield a finding, or in place of a question what a file reaches by way of others."""
        if not finding.asks:
            yield finding
            return
        _, module_name, names = finding.asks
        reach = self._reach_of(project)
        kept = self._kept.pop(module_name, None)
        if self._may_reach(reach, module_name, names):
            crossings = kept or self._crossings(reach, module_name, finding.path)
            if crossings is not None:
                yield from self._reached(reach, crossings)

    def _crossings(self, reach: Reach, module_name: str, path: str) -> Crossings | None:
        """Return what a file reaches, None when it cannot be read any more."""
        from failtrack_guard.boundaries.crossing import Crossings

        module = reach.parsed(module_name)
        if module is None:
            return None
        module.path = path
        return Crossings(module, self.boundaries)

    def _reach_of(self, project: Project) -> Reach:
        if self._reach is None or self._reach.project is not project:
            from failtrack_guard.boundaries.reach import Reach

            self._reach = Reach(project, self.boundaries)
            self._loaders = None
        return self._reach

    def _loaders_of(self, reach: Reach) -> Loaders:
        if self._loaders is None:
            from failtrack_guard.boundaries.loaders import Loaders

            self._loaders = Loaders(reach)
        return self._loaders

    def _may_reach(self, reach: Reach, module_name: str, names: tuple[str, ...]) -> bool:
        boundaries = self.boundaries
        allowed = boundaries.layers[boundaries.layer_of(module_name)].allowed
        if any(one.endswith(".*") and boundaries.is_above(one[:-2]) for one in names):
            return True
        modules = {reach.module_of(name) for name in names} - {"", module_name}
        modules.update(*(reach.packages(one, module_name) for one in modules))
        if any(not reach.is_closed(one, allowed) for one in modules):
            return True
        loaders = self._loaders_of(reach)
        return loaders.may_matter_to(module_name) and any(map(loaders.may_hand_on, names))

    def _reached(self, reach: Reach, crossings: Crossings) -> Iterator[Finding]:
        indirect = crossings.indirect(reach), crossings.loaded(reach, self._loaders_of(reach))
        for target, hit, by in (one for some in indirect for one in some):
            other = self.boundaries.layer_of(hit)
            target.dotted = hit
            yield self._finding(crossings.module, target, crossings.layer, other, by)


def told(target: Target, layer: str, other: str, by: str, boundaries: Boundaries) -> str:
    """Return the sentence of a finding.

    Args:
        target: What is reached.
        layer: The layer that reaches it.
        other: The layer in which it lies.
        by: Module outside all layers through which it is reached, empty for none.
        boundaries: Tells roots from other modules.
    """
    from failtrack_guard.boundaries.values import UNKNOWN

    what = target.dotted.replace(UNKNOWN, "?")
    if by:
        kind = "the composition root " if boundaries.is_root(by) else ""
        return f"{layer} reaches {what} of the layer {other} through {kind}{by}"
    if target.way == "import":
        return f"{layer} imports {what} of the layer {other}"
    if target.way == "attribute":
        return f"{layer} reaches {what} of the layer {other} through its package"
    return f"{layer} reaches {what} of the layer {other} by {target.way}"
