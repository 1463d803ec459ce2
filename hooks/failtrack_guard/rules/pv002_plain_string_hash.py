"""PV-002: a content hash that is a plain string, which nothing has validated."""

from __future__ import annotations

import _ast
import builtins
import re

from failtrack_guard.code.project import matches
from failtrack_guard.code.remembered import DEPTH_MAX
from failtrack_guard.code.scopes import Place
from failtrack_guard.errors import ConfigError
from failtrack_guard.finding import Edit, Fix
from failtrack_guard.hashes.elsewhere import makers_elsewhere
from failtrack_guard.hashes.given import Given, all_given
from failtrack_guard.hashes.plain import Plain
from failtrack_guard.hashes.string_types import STRINGS, Leaf
from failtrack_guard.rule import Option, Rule, bad, good

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project
    from failtrack_guard.code.scopes import Scope
    from failtrack_guard.finding import Finding

PATTERN = "(^|_)(hash|digest|content_ref)$"
# A name that ends so and is defined, or stands before what follows a name that is given or
# annotated: nothing else is. No word of a sentence, no call and nothing that is asked of a value.
_MAY_BE_GIVEN = re.compile(
    rb"(?<![A-Za-z0-9])(?:hash|digest|content_ref)"
    rb"(?=[^\w \t\f.(]|[ \t\f]+(?:[^\w \t\f.]|in\b|if\b))"
    rb"|def[\s\\]+\w*(?:hash|digest|content_ref)\(",
    re.I,
)
ENUMS = ("enum.Enum", "enum.StrEnum", "enum.Flag", "enum.ReprEnum")
# Where a keyword only says what a text or a log line shows.
_SHOWING = ("format", "debug", "info", "warning", "error", "critical", "exception", "log", "bind")
_LOGGERS = re.compile(r"(^|_)log(ger)?$", re.I)
# What `path_by_hash()` returns is no hash.
_BY = re.compile(r"(^|_)(by|for|from|per|with|without|of|in)_([a-z0-9]+_)?[a-z]+$", re.I)
# `hmac.digest(key, message, digest="sha256")` names an algorithm.
_ALGORITHMS = ("hmac.", "hashlib.", "unittest.mock.call")

# Decorators and bases that do not read annotations to do something with them.
_INERT = (
    *("builtins.", "functools.", "abc.", "contextlib.", "typing.", "typing_extensions."),
    *("dataclasses.", "attr.", "attrs.", "collections.", "enum."),
)
REF = "from shop.refs import ContentRef\n\n"
REFS = {"shop/refs.py": "class ContentRef(str):\n    pass\n"}


class PlainStringHash(Rule):
    """A hash, digest or content reference is a plain string instead of its type.

    A string says nothing of its algorithm, length or case. What is stored under a reference that
    nobody validated cannot be found again, and two spellings of one hash are two contents.

    Use instead: annotate such names with the type, and make its values where bytes are hashed or
    where a string enters the program.

    Limits: of functions of other files, the annotation is known, or what they return by name or
    literally, but not which of their parameters a position means: `save(content_hash="x")` is found
    there and `save("x")` is not. Keys of dictionaries, lists that hold strings and comparisons are
    not looked at, and neither is what functions like `path_by_hash` return. The type itself, and
    what inherits it, may handle strings. A class that inherits `str` is a string, too, unless it
    has methods of its own.
    An annotation is changed safely where nobody reads it when the program runs, as models and
    decorated routes do.
    """

    id = "PV-002"
    name = "plain-string-hash"
    remedy = "annotate it with the type, and let the type make its value"
    severity = "CRITICAL"
    OPTIONS = {
        "type": Option("dotted", "", "The type of hashes; one part of the name may be `*`."),
        "pattern": Option("pattern", PATTERN, "Names that are hashes, in any case."),
    }
    NEEDS = ("type",)
    CASE_OPTIONS = {"type": "shop.refs.ContentRef"}

    GOOD = (
        good("the type", f"{REF}def store(content_hash: ContentRef) -> None: ...\n", files=REFS),
        good(
            "the type under another name, in quotes, or nothing",
            "from shop import refs\n\nclass Order:\n    content_hash: 'refs.ContentRef | None'\n",
            files=REFS,
        ),
        good(
            "the type is made of a string",
            f"import hashlib\n{REF}content_hash = ContentRef(hashlib.sha256(b'x').hexdigest())\n",
            files=REFS,
        ),
        good(
            "a class that inherits the type in another file",
            "from shop.files import FileRef\n\ndef content_hash() -> FileRef: ...\n",
            files={
                **REFS,
                "shop/files.py": "from .refs import ContentRef\nclass FileRef(ContentRef): ...\n",
            },
        ),
        good(
            "a new type over the type",
            f"from typing import NewType\n{REF}OrderRef = NewType('OrderRef', ContentRef)\n"
            "order_hash: OrderRef\n",
            files=REFS,
        ),
        good(
            "bytes and numbers",
            "import hashlib\n\ndigest: bytes = hashlib.sha256(b'x').digest()\n\n"
            "def compute_hash() -> int: ...\n",
        ),
        good(
            "comparisons",
            "def same(order, other):\n"
            "    return order.content_hash == other.content_hash or order.digest == 'abc'\n",
        ),
        good("a call of an unknown function", "content_hash = compute('abc')\n"),
        good(
            "names that only hold the word",
            "rehash = 'yes'\nhash_count: str = '5'\ndigest_size = '32'\nhashes: list[str] = []\n",
        ),
        good(
            "log lines and texts",
            "logger.info('stored', content_hash=str(5))\n'{digest}'.format(digest='abc')\n",
        ),
        good("keys of dictionaries", "row = {'content_hash': 'abc'}\nrow['digest'] = 'abc'\n"),
        good("members of an enum", "import enum\n\nclass Column(enum.Enum):\n    HASH = 'h'\n"),
        good(
            "the type itself handles strings",
            "class ContentRef:\n    digest: str\n    def __init__(self, digest: str): ...\n",
            path="shop/refs.py",
        ),
    )
    BAD = (
        bad(
            "a literal",
            f"{REF}content_hash = 'abc'\n",
            *(3,),
            fixed=f"{REF}content_hash = ContentRef('abc')\n",
            is_unsafe=True,
            files=REFS,
        ),
        bad(
            "a hexdigest, also shortened and through a variable",
            "from hashlib import sha256 as sha\n\nvalue = sha(b'x').hexdigest()[:12]\n"
            "order.content_hash = value\n",
            4,
        ),
        bad(
            "a helper of the same file",
            "def fingerprint(data) -> str: ...\n\ndigest = fingerprint(b'x')\n",
            3,
        ),
        bad("a keyword", "Order(name='x', content_hash=f'{1}')\n", 1),
        bad("keywords by two stars", "Order(**{'content_hash': 'abc'})\n", 1),
        bad("by position", "def keep(content_ref): ...\n\nkeep('abc')\n", 3),
        bad("a default", "def store(content_hash='abc'): ...\n", 1),
        bad(
            "a parameter",
            f"{REF}def store(content_hash: str) -> None: ...\n",
            *(3,),
            fixed=f"{REF}def store(content_hash: ContentRef) -> None: ...\n",
            files=REFS,
        ),
        bad(
            "a field that may be None",
            "from shop.refs import ContentRef as Ref\n\nclass Order:\n"
            "    content_hash: str | None = None\n",
            *(4,),
            fixed="from shop.refs import ContentRef as Ref\n\nclass Order:\n"
            "    content_hash: Ref | None = None\n",
            files=REFS,
        ),
        bad(
            "a quoted annotation",
            f"{REF}def store(content_hash: 'list[str]') -> None: ...\n",
            *(3,),
            fixed=f"{REF}def store(content_hash: 'list[ContentRef]') -> None: ...\n",
            files=REFS,
        ),
        bad(
            "what a function returns",
            f"from typing import Optional\n{REF}def content_hash() -> Optional[str]: ...\n",
            *(4,),
            fixed=f"from typing import Optional\n{REF}"
            "def content_hash() -> Optional[ContentRef]: ...\n",
            files=REFS,
        ),
        bad(
            "a marked type and an alias of str",
            "from typing import Annotated\n\nDigest = str\n\nclass Order:\n"
            "    content_hash: Annotated[str, 'sha256']\n    old_hash: Digest\n",
            *(6, 7),
        ),
        bad(
            "an alias of str from another file",
            "from shop.names import Digest\n\ncontent_hash: Digest\n",
            3,
            files={"shop/names.py": "Digest = str\n"},
        ),
        bad(
            "a new type over str",
            "from typing import NewType\n\nDigest = NewType('Digest', str)\nold_hash: Digest\n",
            4,
        ),
        bad(
            "a field that a model reads",
            f"from pydantic import BaseModel\n{REF}class Order(BaseModel):\n    digest: str\n",
            *(5,),
            fixed=f"from pydantic import BaseModel\n{REF}"
            "class Order(BaseModel):\n    digest: ContentRef\n",
            is_unsafe=True,
            files=REFS,
        ),
        bad(
            "a class of the same name from elsewhere makes no difference",
            "from other import ContentRef\n\nclass Order:\n    content_hash: ContentRef | str\n",
            4,
        ),
        bad("a loop", "for content_hash in ['a', 'b']: ...\n", 1),
        bad("a part of a tuple", "name, content_hash = 'a', 'b'\n", 1),
    )

    def prepare(self) -> None:
        """Refuse a type of which the module is not said: no import could be compared with it."""
        if "." not in self.options["type"]:
            raise ConfigError(
                f"PV-002: type is {self.options['type']!r}; it must be a dotted name such as "
                '"shop.refs.ContentRef"'
            )

    def needles(self) -> tuple[bytes, ...] | None:
        """The words of the pattern, when it is a list of words."""
        words = re.fullmatch(r"(?:\(\^\|_\))?\(?([a-zA-Z0-9_|]+)\)?\$?", self.options["pattern"])
        return tuple(words[1].lower().encode().split(b"|")) if words else None

    def glance(self, content: bytes, path: str, module_name: str) -> tuple[Finding, ...] | None:
        """Most files that hold such a word only call `hash(...)` or `digest()`."""
        if self.options["pattern"] != PATTERN or not content.isascii():
            return None
        return None if _MAY_BE_GIVEN.search(content) else ()

    def look(self, module: Module) -> Iterator[Finding]:
        """Yield the names of a file that are hashes and are given or annotated plain strings."""
        search = re.compile(self.options["pattern"], re.I).search
        known: dict[str, bool] = {}

        def is_hash(name: str) -> bool:
            if name not in known:
                known[name] = search(name) is not None
            return known[name]

        plain = Plain(module, self.options["type"], is_hash)
        reported: set[int] = set()
        for given in all_given(module, plain, is_hash):
            if given.kind in ("function", "return") and _BY.search(given.name):
                continue
            if id(given.node) in reported or self._is_shown(module, given) or _is_key(given):
                continue
            found = self._judge(module, plain, given)
            if found is not None:
                reported.add(id(given.node))
                yield found

    def holds(self, question: tuple[Any, ...], project: Project) -> bool:
        """Answer what this rule alone asks.

        `("plain", dotted names)`: one of them is an alias of `str`, a new type over it, or a class
        that inherits it and adds no method;
        `("makes", dotted names)`: one of them is such a one, holds it, or is a function that
        returns it;
        `("own", dotted names)`: one of these is of the project, not of a library.
        """
        kind = question[0]
        if kind == "own":
            return any(self._is_own(name, project) for name in question[1])
        if kind in ("all", "any"):
            return (all if kind == "all" else any)(self.holds(one, project) for one in question[1:])
        if kind == "plain":
            return any(self._is_plain(name, project) for name in question[1])
        if kind == "makes":
            return any(_is_text(name, project) for name in question[1]) or any(
                made.endswith(".hexdigest") or self._is_plain(made, project)
                for name in question[1]
                for made in (name, *project.instances(name))
            )
        return project.holds(question)

    def _is_own(self, dotted: str, project: Project) -> bool:
        top, _, rest = dotted.partition(".")
        if top == "builtins":  # or a name that nothing here binds
            return not hasattr(builtins, rest.partition(".")[0])
        return top in ("", self.options["type"].partition(".")[0]) or bool(project.split(dotted)[0])

    def _is_plain(self, dotted: str, project: Project, depth: int = 0) -> bool:
        if depth > DEPTH_MAX or project.is_a(dotted, (self.options["type"],)):
            return False
        origins = project.origins(dotted)
        return not STRINGS.isdisjoint(origins) or any(
            self._is_plain(part, project, depth + 1)
            for origin in origins
            for part in (*project.aliases(origin), *self._only_base(origin, project))
        )

    def _only_base(self, dotted: str, project: Project) -> tuple[str, ...]:
        """Return the one base of a class of the project that has no methods of its own."""
        bases = project.bases(dotted)
        return bases if len(bases) == 1 and not project.has_methods(dotted) else ()

    # One name at one place.

    def _judge(self, module: Module, plain: Plain, given: Given) -> Finding | None:
        leaves = [*plain.leaves(given.annotation, given.home)]
        sure = [leaf for leaf in leaves if not leaf.names]
        if given.kind in ("argument", "return") and sure:
            return None
        asks = [*self._asks(module, given)]
        if given.kind == "keyword" and isinstance(given.target, (_ast.Name, _ast.Attribute)):
            names = module.names(given.target, given.place)
            if names and not _is_of_super(given.target):
                asks.append(("own", names))
        if sure:
            fix = self._annotation_fix(plain, given, sure)
            needs = _readers(module, given) if fix is not None else ()
            return self._finding(module, given, asks, fix, needs, is_annotated=True)
        if self._is_given_string(plain, given):
            return self._finding(module, given, asks, self._value_fix(module, given))
        unsure = []
        plain_names = tuple(name for leaf in leaves for name in leaf.names)
        if plain_names and given.kind not in ("argument", "return"):
            unsure.append(("plain", plain_names))
        makers = makers_elsewhere(plain, given.value, given.place)
        if makers and given.kind not in ("item", "entered"):
            unsure.append(("makes", makers))
        if unsure:
            asks = [("any", *unsure), *asks]
            return self._finding(module, given, asks, is_annotated=bool(plain_names))
        return None

    def _is_given_string(self, plain: Plain, given: Given) -> bool:
        if given.value is None:
            return False
        if given.kind == "item":
            return plain.items_are_strings(given.value, given.place)
        if given.kind == "entered":
            return plain.enters_string(given.value, given.place)
        names = plain.module.names(given.annotation, given.home)
        if any(name.endswith(".TypeAlias") for name in names):
            return False
        return plain.is_string(given.value, given.place)

    def _finding(
        self,
        module: Module,
        given: Given,
        asks: list[tuple[Any, ...]],
        fix: Fix | None = None,
        needs: tuple[Any, ...] = (),
        *,
        is_annotated: bool = False,
    ) -> Finding:
        return self.at(
            *(module, given.node, given.place, self._message(given, is_annotated)),
            asks=("all", *asks) if asks else (),
            fix=fix,
            needs=needs,
        )

    def _message(self, given: Given, is_annotated: bool) -> str:
        short = self._short
        name = f"{given.name}()" if given.kind in ("function", "return") else given.name
        if is_annotated and given.kind != "return":
            verb = "returns" if given.kind == "function" else "is annotated as"
        else:
            verb = "returns" if given.kind == "return" else "is given"
        return f"{name} {verb} a plain string, not {_article(short)} {short}"

    def _asks(self, module: Module, given: Given) -> Iterator[tuple[Any, ...]]:
        """Yield what other files must confirm: that this is not the type's own business."""
        wanted = (self.options["type"],)
        for dotted, node, place in _classes_around(module, given.place):
            bases = tuple(name for base in node.bases for name in module.names(base, place))
            yield "not", ("is-any", (dotted, *bases), wanted)
            if given.place.scope.node is node and bases:
                yield "not", ("is-any", bases, ENUMS)
        if given.target is not None:
            names = module.names(given.target, given.place)
            owners = tuple(name.rpartition(".")[0] for name in names if "." in name)
            types = module.types(given.target, given.place)
            if names or types:
                yield "not", ("is-any", (*names, *owners, *types), wanted)

    def _is_shown(self, module: Module, given: Given) -> bool:
        """Return whether a keyword is only shown or compared, or names an algorithm."""
        if given.kind != "keyword" or given.target is None:
            return False
        func = given.target
        if any(name.startswith(_ALGORITHMS) for name in module.names(func, given.place)):
            return True
        called = func.attr if isinstance(func, _ast.Attribute) else getattr(func, "id", "")
        if called.startswith("assert_") or called in ("substitute", "safe_substitute"):
            return True
        if not isinstance(func, _ast.Attribute) or func.attr not in _SHOWING:
            return False
        holder = func.value
        name = holder.attr if isinstance(holder, _ast.Attribute) else getattr(holder, "id", "")
        return func.attr == "format" or _LOGGERS.search(name) is not None

    # Fixes.

    def finish(self, finding: Finding, project: Project) -> None:
        """Let the fix import the type from where it is defined."""
        if finding.fix is None:
            return
        found = project.importable(self.options["type"], finding.path)
        if not found:
            finding.fix = None
            return
        decorators, bases = finding.needs or ((), ())
        is_safe = all(_is_inert(one) for one in decorators) and all(
            _is_inert(one) or project.split(one)[0]
            for base in bases
            for one in project.ancestry(base)
        )
        finding.fix = Fix(finding.fix.edits, (found,), is_safe=finding.fix.is_safe and is_safe)

    def _annotation_fix(self, plain: Plain, given: Given, leaves: list[Leaf]) -> Fix | None:
        """Put the type in place of `str`, and around the strings that would not fit any more."""
        module, wanted = plain.module, self.options["type"]
        assert given.annotation is not None
        known = module.annotated(given.annotation, given.home)
        if any(matches(one, wanted) for one in known) or not all(one.is_itself for one in leaves):
            return None
        if not hasattr(given.annotation, "lineno"):  # of a comment
            return None
        edits = [*_replaced(module, leaves, self._short)]
        strings = [
            (value, there)
            for value, there in _values(plain, given)
            if plain.is_string(value, there)
        ]
        wrapped = [self._wrapped(module, value) for value, _ in strings]
        if not edits or None in wrapped:
            return None
        edits += [one for one in wrapped if one is not None]
        return Fix(tuple(edits), (wanted,), is_safe=not strings)

    def _value_fix(self, module: Module, given: Given) -> Fix | None:
        """Wrap the string in the type, which may refuse it."""
        if given.kind not in ("name", "keyword", "argument", "return") or given.value is None:
            return None
        edit = self._wrapped(module, given.value)
        return Fix((edit,), (self.options["type"],), is_safe=False) if edit is not None else None

    def _wrapped(self, module: Module, value: _ast.expr) -> Edit | None:
        if not _is_in_text(value):
            return None
        line, column, end_line, end_column = span = module.span(value)
        if line != end_line:
            return None
        return Edit(span, f"{self._short}({module.lines[line - 1][column:end_column]})")

    @property
    def _short(self) -> str:
        return str(self.options["type"]).rpartition(".")[2]


def _readers(module: Module, given: Given) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the decorators and bases that may do something else after an annotation changed."""
    scope, place = given.place.scope, given.place
    holder = given.owner
    bases: tuple[str, ...] = ()
    if holder is None and isinstance(scope.node, _ast.ClassDef) and scope.parent is not None:
        holder = scope.node
        place = Place(scope.parent, place.block, place.order, place.statement)
        bases = tuple(
            name for base in scope.node.bases for name in module.names(base, place) or ("",)
        )
    decorators = tuple(
        name
        for one in getattr(holder, "decorator_list", ())
        for name in module.names(getattr(one, "func", one), place) or ("",)
    )
    return decorators, bases


def _is_inert(dotted: str) -> bool:
    return dotted.startswith(_INERT) or dotted.endswith((".setter", ".getter", ".deleter"))


def _values(plain: Plain, given: Given) -> list[tuple[_ast.expr, Place]]:
    """Return what else stands where an annotation is changed: the value, or what is returned."""
    if given.kind == "function":
        return plain.functions.returned_by(given.node)
    return [(given.value, given.place)] if given.value is not None else []


def _replaced(module: Module, leaves: list[Leaf], code: str) -> Iterator[Edit]:
    """Yield the edits of an annotation, none when it is not written as plainly as it must be."""
    for leaf in leaves:
        if leaf.quote is None:
            yield Edit(module.span(leaf.node), code)
    for quote in {id(leaf.quote): leaf.quote for leaf in leaves}.values():
        if quote is None:
            continue
        line, column, end_line, end_column = span = module.span(quote)
        text = str(quote.value)
        written = module.lines[line - 1][column:end_column]
        if line != end_line or not text.isascii() or written[1:-1] != text:
            return
        lead = len(text) - len(text.lstrip())
        inside = [leaf.node for leaf in leaves if leaf.quote is quote]
        for node in sorted(inside, key=lambda one: one.col_offset, reverse=True):
            end = lead + (node.end_col_offset or 0)
            text = text[: lead + node.col_offset] + code + text[end:]
        yield Edit(span, f"{written[0]}{text}{written[0]}")


def _is_text(dotted: str, project: Project) -> bool:
    """Return whether a thing of another file holds a string; what a library's class makes, not.

    A member of an enum is none, although a string is written there.
    """
    owner = dotted.rpartition(".")[0]
    return project.is_text(dotted) and all(
        one.startswith(("builtins.", "typing.", "abc.")) or project.split(one)[0]
        for one in project.ancestry(owner)
    )


def _is_of_super(node: _ast.expr) -> bool:
    """Return whether a function is that of a base: it makes what this class is."""
    return (
        isinstance(node, _ast.Attribute)
        and isinstance(node.value, _ast.Call)
        and getattr(node.value.func, "id", "") == "super"
    )


def _article(word: str) -> str:
    return "an" if word[:1] in "AEIOUaeiou" else "a"


def _is_in_text(value: _ast.expr) -> bool:
    """Return whether a value stands in the text and is one string, not a choice of several."""
    if not hasattr(value, "lineno"):
        return False
    if isinstance(value, _ast.Call):
        # The call of a factory of defaults is not written anywhere.
        return value.end_col_offset != value.func.end_col_offset
    return isinstance(value, (_ast.Constant, _ast.JoinedStr, _ast.Subscript, _ast.BinOp, _ast.Name))


def _classes_around(module: Module, place: Place) -> Iterator[tuple[str, _ast.ClassDef, Place]]:
    """Yield the classes in which a place lies: dotted name, node and where it stands."""
    scope: Scope | None = place.scope
    while scope is not None:
        if isinstance(scope.node, _ast.ClassDef) and scope.parent is not None:
            there = Place(scope.parent, place.block, place.order, place.statement)
            yield f"{module.name}.{scope.qualname}", scope.node, there
        scope = scope.parent


def _is_key(given: Given) -> bool:
    """Return whether a constant only names a key: `ATTR_CONTENT_HASH = "content_hash"`."""
    value = given.value
    return (
        given.kind == "name"
        and given.name.isupper()
        and isinstance(value, _ast.Constant)
        and isinstance(value.value, str)
        and f"_{given.name.lower()}".endswith(f"_{value.value}")
        and "_" in given.name
    )
