"""PV-003: a service that keeps running while operations are halted."""

from __future__ import annotations

import _ast
import re

from failtrack_guard.code.exports import abstract_methods
from failtrack_guard.code.nodes import last_name, walk
from failtrack_guard.code.remembered import DEPTH_MAX
from failtrack_guard.code.scopes import FUNCTIONS
from failtrack_guard.code.signatures import NO_CONSTRUCTOR, Signatures
from failtrack_guard.code.taking import (
    CONSTRUCTORS,
    constructors,
    own_of,
    statements,
)
from failtrack_guard.errors import ConfigError
from failtrack_guard.finding import Edit, Fix
from failtrack_guard.rule import Option, Rule, bad, good

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project
    from failtrack_guard.code.scopes import Place
    from failtrack_guard.finding import Finding

HALT = {"shop/halt.py": "class HaltGuard:\n    pass\n"}
ABSTRACT = frozenset({"typing.Protocol", "typing_extensions.Protocol", "abc.ABC", "abc.ABCMeta"})
TESTS = (
    *("unittest.TestCase", "unittest.case.TestCase", "unittest.IsolatedAsyncioTestCase"),
    *("django.test.TestCase", "django.test.SimpleTestCase", "django.test.TransactionTestCase"),
    *("rest_framework.test.APITestCase", "testtools.TestCase", "asynctest.TestCase"),
)
# Calls that make a class, the name of which they are given first.
_CALLED = rb"\b(?:type|new_class|make_dataclass)"
# Bases whose heirs take their fields as parameters.
MODELS = (
    *("typing.NamedTuple", "typing_extensions.NamedTuple", "pydantic.BaseModel"),
    *("pydantic.main.BaseModel", "pydantic_settings.BaseSettings", "msgspec.Struct"),
    *("sqlmodel.SQLModel", "sqlalchemy.orm.MappedAsDataclass"),
)


class MissingHaltGuard(Rule):
    """A service class neither inherits the halt guard nor is given one.

    A halt stops only what asks for it. A service without the guard goes on writing while everybody
    believes that the system stands still.

    Use instead: inherit the guard, or take it as a typed parameter of `__init__` and ask it before
    each operation.

    Limits: that the guard is asked is not checked. `Protocol` and abstract classes are exempt:
    those that say `ABC` or `ABCMeta` themselves, have an abstract method, or leave one of a base
    undefined; so are the tests of a service (`TestOrderService`). A base that comes from outside
    the project's source roots proves nothing, but what a call makes of the guard is believed to
    inherit it. Several guards in a container are enough. Of a decorator of the project it is
    believed that it makes fields parameters. A guard that is named with `*` is every class so
    called in the package. A constructor that calls the one of a base has the guard when the
    base's parameter for it is given something that may be one: a parameter of its own, or what is
    taken from elsewhere (`current.guard`, `get_guard()`). `None`, another value that is written
    there, or a guard that it makes itself (`super().__init__(HaltGuard())`) does not count: no
    halt reaches a guard that nobody else holds.
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
        good(
            "the guard itself",
            "class HaltService:\n    pass\n",
            path="shop/halt.py",
            options={"guard": "shop.halt.HaltService"},
        ),
        good("no service by its name", "class ServiceError(Exception):\n    pass\n"),
    )
    BAD = (
        bad("a plain class", "class OrderService:\n    pass\n", 1),
        bad(
            "a constructor without it",
            "from shop.halt import HaltGuard\n\nclass OrderService:\n"
            "    def __init__(self, orders, *, limit=5):\n        self.orders = orders\n",
            *(3,),
            fixed="from shop.halt import HaltGuard\n\nclass OrderService:\n"
            "    def __init__(self, orders, *, limit=5, halt_guard: HaltGuard):\n"
            "        self.orders = orders\n",
            is_unsafe=True,
            files=HALT,
        ),
        bad(
            "a class without a constructor",
            "from shop import halt\n\nclass OrderService(dict):\n    pass\n",
            *(3,),
            fixed="from shop import halt\n\nclass OrderService(dict, halt.HaltGuard):\n    pass\n",
            is_unsafe=True,
            files=HALT,
        ),
        bad(
            "an annotation that is no field",
            "from shop.halt import HaltGuard\n\nclass OrderService:\n    guard: HaltGuard\n",
            *(3,),
            files=HALT,
        ),
        bad(
            "a constructor that drops what the base takes",
            "from shop.halt import HaltGuard\n\nclass Base:\n"
            "    def __init__(self, guard: HaltGuard): ...\n\nclass OrderService(Base):\n"
            "    def __init__(self): ...\n",
            *(6,),
            files=HALT,
        ),
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

    def prepare(self) -> None:
        """Refuse a guard of which the module is not said: no import could be compared with it."""
        if "." not in self.options["guard"]:
            raise ConfigError(
                f"PV-003: guard is {self.options['guard']!r}; it must be a dotted name such as "
                '"shop.halt.HaltGuard"'
            )

    def needles(self) -> tuple[bytes, ...] | None:
        """The words of the pattern, when it is a list of words."""
        parts = str(self.options["services"]).replace("(?:", "(").split("|")
        words = [one.strip("^$()") for one in parts]
        if not all(re.fullmatch(r"\w{2,}", word, re.ASCII) for word in words):
            return None
        return tuple(word.lower().encode() for word in words)

    def glance(self, content: bytes, path: str, module_name: str) -> tuple[Finding, ...] | None:
        """Most files that hold such a word define no class of such a name."""
        needles = self.needles()
        if needles is None or not content.isascii():
            return None
        words = b"|".join(needles)
        defined = rb"(?:class[\s\\]+|%b[\s\\]*\([\s\\]*\w?['\"])\w*(?:%b)" % (_CALLED, words)
        return None if re.search(defined, content, re.I) else ()

    def look(self, module: Module) -> Iterator[Finding]:
        """Yield the services of a file, with the question whether they or a base have the guard."""
        is_service = re.compile(self.options["services"]).search
        known = _Classes(module)
        for node, place in module.seen.all(_ast.ClassDef):
            assert isinstance(node, _ast.ClassDef)
            if not is_service(node.name) or known.is_abstract(node, place):
                continue
            if _is_test(node, module.path):
                continue
            asks = ("not", ("any", *known.ways(node, place)))
            fix = self._fix(module, node)
            yield self.at(module, node, place, self._message(node.name), asks=asks, fix=fix)
        for call, place in module.seen.all(_ast.Call):
            assert isinstance(call, _ast.Call)
            name = _made(call)
            if name and is_service(name) and (ways := known.ways_of_call(call, place)):
                asks = ("not", ("any", *ways))
                yield self.at(module, call, place, self._message(name), asks=asks)

    def _message(self, name: str) -> str:
        return f"{name} neither inherits {self._short} nor takes one"

    def holds(self, question: tuple[Any, ...], project: Project) -> bool:
        """Answer what this rule alone asks.

        `("guards", dotted names)`: one of them is the guard, or a type made of it;
        `("given", own, bases, told)`: a class takes the guard, by what it says of itself and what
        classes of its file say (see `signatures`), or by that of other files;
        `("abstract", dotted names)`: one of them is a base that makes a class abstract;
        `("unfinished", bases, names)`: a base wants a method to be defined that is not among these.
        """
        kind = question[0]
        if kind == "not":
            return not self.holds(question[1], project)
        if kind in ("all", "any"):
            return (all if kind == "all" else any)(self.holds(one, project) for one in question[1:])
        if kind == "guards":
            return any(self._is_guard(name, project) for name in question[1])
        if kind == "given":
            taken = _taken(project, *question[1:])
            return any(self._is_guard(one, project) for one in dict.fromkeys(taken))
        if kind == "abstract":
            return any(not ABSTRACT.isdisjoint(project.origins(one)) for one in question[1])
        if kind == "unfinished":
            return project.is_unfinished(question[1], question[2])
        return project.holds(question)

    def _is_guard(self, dotted: str, project: Project, depth: int = 0) -> bool:
        if depth > DEPTH_MAX:
            return False
        return project.is_a(dotted, (self.options["guard"],)) or any(
            self._is_guard(part, project, depth + 1)
            for origin in project.origins(dotted)
            for part in project.aliases(origin)
        )

    @property
    def _short(self) -> str:
        return str(self.options["guard"]).rpartition(".")[2]

    # Fixes.

    def finish(self, finding: Finding, project: Project) -> None:
        """Let the fix import the guard from where it is defined."""
        if finding.fix is None:
            return
        found = project.importable(self.options["guard"], finding.path)
        finding.fix = Fix(finding.fix.edits, (found,), is_safe=False) if found else None

    def _fix(self, module: Module, node: _ast.ClassDef) -> Fix | None:
        """Add a parameter to the one constructor, or the guard to the bases where there is none."""
        found = constructors(node)
        if not found:
            above = {last_name(base) for base in node.bases}
            if above & {self._short, "NamedTuple", "TypedDict"}:
                return None
            line, _, _, end = module.span(node)
            edit = Edit((line, end, line, end), self._short)
            return Fix((edit,), (self.options["guard"],), is_safe=False)
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self._short).lower()
        args = found[0].args
        named = {one.arg for one in (*args.posonlyargs, *args.args, *args.kwonlyargs)}
        if len(found) > 1 or any("guard" in one for one in named) or name in named:
            return None
        line, _, _, end = module.span(found[0])
        edit = Edit((line, end, line, end), f"{name}: {self._short}")
        return Fix((edit,), (self.options["guard"],), is_safe=False)


def _taken(
    project: Project,
    own: tuple[Any, ...],
    bases: tuple[str, ...],
    told: tuple[tuple[str, Any, tuple[str, ...]], ...],
) -> tuple[str, ...]:
    """Return the dotted names of all that a class takes when it is made; see `signatures`."""
    here: dict[str, list[tuple[Any, tuple[str, ...]]]] = {}
    for name, said, above in told:
        here.setdefault(name, []).append((said, above))
    found = Signatures(
        lambda name: here.get(name) or project.made(name),
        lambda name: project.is_a(name, MODELS),
    )
    return found.classes(own, bases)


class _Classes:
    """What the classes of one file inherit and take."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.by_name: dict[str, list[tuple[_ast.ClassDef, Place]]] = {}
        for node, place in module.seen.all(_ast.ClassDef):
            assert isinstance(node, _ast.ClassDef)
            outer = place.scope.qualname
            local = f"{outer}.{node.name}" if outer else node.name
            self.by_name.setdefault(f"{module.name}.{local}", []).append((node, place))

    def bases(self, node: _ast.ClassDef, place: Place) -> tuple[str, ...]:
        """Return the dotted names of the bases of a class, those of `*BASES`, too."""
        return tuple(
            name
            for base in node.bases
            for one, there in self._unpacked(base, place)
            for name in self.module.names(one, there)
        )

    def _unpacked(self, base: _ast.expr, place: Place) -> Iterator[tuple[_ast.expr, Place]]:
        """Yield what a base is made of: the bases of `*BASES`, and what a call of it is given.

        What a function makes of a class may inherit it: `with_metaclass(Meta, HaltGuard)`.
        """
        waiting = [(base, place)]
        seen: set[int] = set()
        while waiting:
            one, there = waiting.pop(0)
            if id(one) in seen or isinstance(one, _ast.Constant):
                continue
            seen.add(id(one))
            inner: list[_ast.expr] = []
            if isinstance(one, (_ast.Tuple, _ast.List)):
                inner = one.elts
            elif isinstance(one, _ast.Call):
                inner = [*one.args, *(keyword.value for keyword in one.keywords)]
            elif isinstance(one, _ast.Starred):
                inner = [one.value]
            else:
                yield one, there
            waiting += [(part, there) for part in inner]
            for binding in self.module.values(one, there):
                if isinstance(binding.value, (_ast.Call, _ast.Tuple, _ast.List)):
                    waiting.append((binding.value, self.module.place_of(binding)))

    def ways(self, node: _ast.ClassDef, place: Place) -> Iterator[tuple[Any, ...]]:
        """Yield the questions of which one must be answered with yes."""
        bases = self.bases(node, place)
        above = self._above(bases)
        outer = place.scope.qualname
        own = ".".join(one for one in (self.module.name, outer, node.name) if one)
        yield "guards", (own, *above)
        yield "given", own_of(self.module, node, place), bases, self._told(above)
        if bases:
            yield "unfinished", bases, _defined(node)
            yield "is-any", above, TESTS
        metaclasses = self._metaclasses(node, place)
        yield "abstract", (*bases, *metaclasses)
        yield "is-any", metaclasses, ("abc.ABCMeta",)

    def _above(self, bases: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names of bases, with what they inherit in this file."""
        above = [*bases]
        for name in above:  # grows
            for base, there in self.by_name.get(name, ()):
                above += [one for one in self.bases(base, there) if one not in above]
        return tuple(above)

    def _told(self, above: tuple[str, ...]) -> tuple[tuple[str, Any, tuple[str, ...]], ...]:
        """Return what those of some classes that stand in this file say of what they take."""
        return tuple(
            (name, own_of(self.module, node, place), self.bases(node, place))
            for name in above
            for node, place in self.by_name.get(name, ())
        )

    def ways_of_call(self, call: _ast.Call, place: Place) -> list[tuple[Any, ...]]:
        """Return the same for a class that a call makes; none when it cannot be seen whole."""
        names = _PARAMETERS[_called(call)]
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        given.update(zip(names, call.args))  # noqa: B905 (there may be fewer)
        is_whole = len(call.args) <= len(names) and {*given} <= {*names, "bases", "namespace"}
        if not is_whole or not self._is_seen(given, place):
            return []
        bases: tuple[str, ...] = ()
        if "bases" in given:
            parts = self._unpacked(given["bases"], place)
            bases = tuple(name for one, there in parts for name in self.module.names(one, there))
        taken: list[str] = []
        for field in getattr(given.get("fields"), "elts", ()):
            taken += self.module.annotated(field.elts[1], place) if _has_type(field) else ()
        above = self._above(bases)
        inherited = ("given", NO_CONSTRUCTOR, bases, self._told(above))
        return [("guards", (*above, *taken)), inherited, ("abstract", bases)]

    def _is_seen(self, given: dict[str | None, _ast.expr], place: Place) -> bool:
        """Return whether bases, fields and body are written as displays, without constructors."""
        for name, value in given.items():
            if name in ("bases", "fields"):
                named = [one.value for one in self.module.values(value, place)] or [value]
                if not all(isinstance(one, (_ast.Tuple, _ast.List)) for one in named):
                    return False
            if name == "namespace" and not (
                isinstance(value, _ast.Dict)
                and all(isinstance(key, _ast.Constant) for key in value.keys)
                and not any(getattr(key, "value", "") in CONSTRUCTORS for key in value.keys)
            ):
                return False
        return True

    def is_abstract(self, node: _ast.ClassDef, place: Place) -> bool:
        """Return whether a class is seen to be a protocol or abstract."""
        above = (*self.bases(node, place), *self._metaclasses(node, place))
        return not ABSTRACT.isdisjoint(above) or bool(abstract_methods(self.module, node, place))

    def _metaclasses(self, node: _ast.ClassDef, place: Place) -> tuple[str, ...]:
        return tuple(
            name
            for keyword in node.keywords
            if keyword.arg == "metaclass"
            for name in self.module.names(keyword.value, place)
        )


def _defined(node: _ast.ClassDef) -> tuple[str, ...]:
    """Return what the body of a class defines; an annotation alone does not."""
    found: list[str] = []
    for one in statements(node.body):
        if isinstance(one, (*FUNCTIONS, _ast.ClassDef)):
            found.append(one.name)
        elif isinstance(one, _ast.Assign):
            found += [part.id for part in walk(one.targets) if isinstance(part, _ast.Name)]
        elif isinstance(one, _ast.AnnAssign) and one.value is not None:
            found += [one.target.id] if isinstance(one.target, _ast.Name) else []
    return tuple(found)


def _is_test(node: _ast.ClassDef, path: str) -> bool:
    """Return whether a class is the tests of a service: `TestOrderService`."""
    if not node.name.startswith("Test"):
        return False
    file = path.rpartition("/")[2]
    if file.startswith("test_") or file.endswith("_test.py"):
        return True
    above = [last_name(base) for base in node.bases]
    return any(name.lower().startswith("test") for name in (*_defined(node), *above))


# Parameters of what makes a class, as far as they say what it takes.
_PARAMETERS = {
    "type": ("name", "bases", "namespace"),
    "new_class": ("name", "bases", "kwds"),
    "make_dataclass": ("cls_name", "fields"),
}


def _called(call: _ast.Call) -> str:
    return last_name(call.func)


def _made(call: _ast.Call) -> str:
    """Return the name of the class that `type("OrderService", (), {})` makes, or an empty text."""
    called, args = _called(call), call.args
    if called not in _PARAMETERS or not args or (called == "type" and len(args) != 3):
        return ""
    name = getattr(args[0], "value", "")
    return name if isinstance(name, str) else ""


def _has_type(field: _ast.expr) -> bool:
    return isinstance(field, (_ast.Tuple, _ast.List)) and len(field.elts) > 1
