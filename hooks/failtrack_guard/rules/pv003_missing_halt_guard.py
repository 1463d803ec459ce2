"""PV-003: a service that keeps running while operations are halted."""

from __future__ import annotations

import _ast
import re

from failtrack_guard.project import taken_by
from failtrack_guard.rule import Option, Rule, bad, good

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from failtrack_guard.finding import Finding
    from failtrack_guard.module import Module
    from failtrack_guard.scopes import Place

HALT = {"shop/halt.py": "class HaltGuard:\n    pass\n"}
ABSTRACT = ("typing.Protocol", "typing_extensions.Protocol", "abc.ABC")


class MissingHaltGuard(Rule):
    """A service class neither inherits the halt guard nor is given one.

    A halt stops only what asks for it. A service without the guard goes on writing while everybody
    believes that the system stands still.

    Use instead: inherit the guard, or take it as a typed parameter of `__init__` and ask it before
    each operation.

    Limits: that the guard is asked is not checked. `Protocol` and abstract classes are exempt. A
    base that comes from outside the project's source roots proves nothing.
    """

    id = "PV-003"
    name = "missing-halt-guard"
    remedy = "inherit the guard, or take it as a typed parameter of __init__"
    severity = "CRITICAL"
    OPTIONS = {
        "guard": Option("dotted", "", "The guard class; one part of the name may be `*`."),
        "services": Option("pattern", "Service$", "Names of classes that are services."),
    }
    NEEDS = ("guard",)
    CASE_OPTIONS = {"guard": "shop.halt.HaltGuard"}

    GOOD = (
        good(
            "inherits the guard",
            "from shop.halt import HaltGuard\n\nclass OrderService(HaltGuard):\n    pass\n",
            files=HALT,
        ),
        good(
            "inherits it through another file",
            "from shop.base import Base\n\nclass OrderService(Base):\n    pass\n",
            files={
                **HALT,
                "shop/base.py": "from shop import halt\nclass Base(halt.HaltGuard):\n    pass\n",
            },
        ),
        good(
            "takes it as a typed parameter",
            "from shop.halt import HaltGuard as Guard\n\nclass OrderService:\n"
            "    def __init__(self, orders, *, guard: 'Guard | None') -> None:\n        pass\n",
            files=HALT,
        ),
        good(
            "takes it in __new__",
            "import shop.halt\n\nclass OrderService:\n"
            "    def __new__(cls, guard: shop.halt.HaltGuard):\n        pass\n",
            files=HALT,
        ),
        good(
            "holds it as a dataclass field",
            "from dataclasses import dataclass\nfrom shop.halt import HaltGuard\n\n@dataclass\n"
            "class OrderService:\n    guard: HaltGuard\n",
            files=HALT,
        ),
        good(
            "a base takes it",
            "from shop.halt import HaltGuard\n\nclass Base:\n"
            "    def __init__(self, guard: HaltGuard):\n        pass\n\n"
            "class OrderService(Base):\n    pass\n",
            files=HALT,
        ),
        good(
            "a base in another file takes it",
            "from shop.base import Base\n\nclass OrderService(Base):\n    pass\n",
            files={
                **HALT,
                "shop/base.py": "from .halt import HaltGuard\nclass Base:\n"
                "    def __init__(self, guard: HaltGuard): ...\n",
            },
        ),
        good(
            "a protocol",
            "from typing import Protocol\n\nclass OrderService(Protocol):\n    pass\n",
        ),
        good(
            "an abstract class",
            "import abc\n\nclass OrderService(abc.ABC):\n    pass\n",
        ),
        good(
            "a class with abstract methods",
            "from abc import abstractmethod\n\nclass OrderService:\n    @abstractmethod\n"
            "    def run(self): ...\n",
        ),
        good("no service by its name", "class ServiceError(Exception):\n    pass\n"),
    )
    BAD = (
        bad("a plain class", "class OrderService:\n    pass\n", 1),
        bad(
            "a guard of the same name from elsewhere",
            "from other import HaltGuard\n\nclass OrderService(HaltGuard):\n    pass\n",
            3,
        ),
        bad(
            "takes it without a type",
            "class OrderService:\n    def __init__(self, guard):\n        pass\n",
            1,
        ),
        bad(
            "takes it in another method",
            "from shop.halt import HaltGuard\n\nclass OrderService:\n"
            "    def run(self, guard: HaltGuard):\n        pass\n",
            3,
            files=HALT,
        ),
        bad(
            "a base in another file that has no guard",
            "from shop.base import Base\n\nclass OrderService(Base):\n    pass\n",
            3,
            files={"shop/base.py": "class Base:\n    pass\n"},
        ),
        bad("a nested class", "def make():\n    class OrderService:\n        pass\n", 2),
    )

    def needles(self) -> tuple[bytes, ...] | None:
        """The literal end of the pattern, when it has one."""
        match = re.search(r"([A-Za-z0-9_]{2,})\$?\Z", self.options["services"])
        is_plain = match and not re.search(r"[|?*+{\[(\\]", self.options["services"])
        return (match[1].lower().encode(),) if match and is_plain else None

    def look(self, module: Module) -> Iterator[Finding]:
        """Yield the services of a file, with the question whether a base has the guard."""
        pattern = re.compile(self.options["services"])
        wanted = (self.options["guard"],)
        for node, place in module.seen.all(_ast.ClassDef):
            assert isinstance(node, _ast.ClassDef)
            if not pattern.search(node.name) or self._is_abstract(module, node, place):
                continue
            bases = tuple(name for base in node.bases for name in module.names(base, place))
            held = ("is-any", (*bases, *taken_by(module, node, place)), wanted)
            asks = ("not", ("any", held, ("takes", bases, wanted)))
            yield self.at(
                module,
                node,
                place,
                f"{node.name} neither inherits {wanted[0].rpartition('.')[2]} nor takes one",
                asks=asks,
            )

    def _is_abstract(self, module: Module, node: _ast.ClassDef, place: Place) -> bool:
        if any(name in ABSTRACT for base in node.bases for name in module.names(base, place)):
            return True
        if any(
            keyword.arg == "metaclass" and "abc.ABCMeta" in module.names(keyword.value, place)
            for keyword in node.keywords
        ):
            return True
        return any(
            name.startswith("abc.abstract")
            for statement in node.body
            if isinstance(statement, (_ast.FunctionDef, _ast.AsyncFunctionDef))
            for decorator in statement.decorator_list
            for name in module.names(decorator, place)
        )
