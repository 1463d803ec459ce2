"""What a text imports, told without parsing it, for files whose imports are plain to see.

Says too much rather than too little: a line of a docstring may look like an import. Where the text
holds anything that could import in another way, it says nothing, and the file is to be parsed.
"""

from __future__ import annotations

import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from failtrack_guard.boundaries.layers import Boundaries

# Words without which no module is reached except by an import statement, or by an attribute of what
# such a statement binds.
_WORDS = (
    *("importlib", "import_", "__import", "import__", "builtins", "runpy", "pkgutil", "pydoc"),
    *("pkg_resources", "zipimport", "importorskip", "EntryPoint", "lazy_loader", "zope", "timeit"),
    *("addsitedir", "__path__", "__loader__", "__spec__", "rofile.run", "rofile import"),
)
# Modules that are ways by themselves, and what names of them an import statement may bring.
_MODULES = frozenset(
    {
        *("importlib", "importlib_metadata", "importlib_resources", "builtins", "runpy", "pkgutil"),
        *("pydoc", "imp", "pkg_resources", "zipimport", "pytest", "site", "timeit", "cProfile"),
        *("profile", "zope", "lazy_loader", "werkzeug"),
    }
)
# Not after a dot, a `def`, or as a word of prose, which another word follows. A pattern that begins
# with plain letters is searched for quickly.
_WORD = (
    r"{0}(?<![\w.]{0})(?<!def {0})\b"
    r"(?![ \t]+(?!(?:if|else|and|or|in|is|not|for|async|as)\b)[^\W\d])"
)
# Words that mean something else more often than not: each with what it must look like. `sys` counts
# but for its own import, and for attributes that lead nowhere.
_DOUBTFUL = (
    *(
        (word, re.compile(_WORD.format(word)))
        for word in ("exec", "eval", "compile", "globals", "locals", "vars")
    ),
    ("imp", re.compile(r"imp(?<!\wimp)\b")),
    (
        "sys",
        re.compile(
            r"sys(?<!\wsys)(?:[ \t]+as\b|(?<!import sys)\b(?!\s*\.\s*(?!modules|path|meta|__)\w))"
        ),
    ),
    # What tests put in place of something, and Python as another process or as a console.
    ("mock", re.compile(r"mock(?:er)?\b(?:[ \t]+import|[ \t]+as|\s*\.\s*patch)")),
    ("onkey", re.compile(r"onkey[pP]atch")),
    ("executable", re.compile(r"executable(?<=sys\.executable)")),
    ("python", re.compile(r"python[\d.w]*(?:[\"']\s*,\s*[\"'*fr]|[ \t]+-[cm][ \t])")),
    ("Interactive", re.compile(r"Interactive(?:Interpreter|Console)")),
    ("compile_command", re.compile(r"compile_command")),
)
# Names by which something imports that say so themselves.
_IMPORTING_WORDS = (
    *("importlib", "import_", "__import", "__builtins", "__path", "__loader", "__spec"),
)
_IMPORTING = re.compile("|".join(_IMPORTING_WORDS))
_FROM = re.compile(r"from[ \t\f]*([. \t\f]*)([^\W\d][\w.]*)?[ \t\f]*\bimport\b[ \t\f]*")
_IMPORT = re.compile(r"import[ \t]+([\w. \t,]+)(?:[#;]|$)")
_PLAIN = re.compile(r"(?:([\w \t,]+)|(\*[ \t\f]*))(?:[#;]|$)")
_WRAPPED = re.compile(r"\(((?:[^()#]|#[^\n]*)*)\)")
_COMMENT = re.compile(r"#[^\n]*")
_STRING = re.compile(r"[\"'](\w+)[\"']")
_NAME = re.compile(r"\s*(\w+)(?:\s+as\s+\w+)?\s*\Z")
_DOTTED = re.compile(r"\s*([\w.]+)(?:\s+as\s+(\w+))?\s*\Z")


class Statement:
    """One import statement.

    Args:
        level: Number of leading dots.
        module: What follows them; the imported module of a plain `import`.
        names: What is imported from it, `*` for everything; empty for a plain `import`.
        binds_top: Whether it binds the first part of a dotted name (`import a.b`).
    """

    __slots__ = ("binds_top", "level", "module", "names", "start")

    def __init__(
        self, level: int, module: str, names: tuple[str, ...], *, binds_top: bool = False
    ) -> None:
        self.level = level
        self.module = module
        self.names = names
        self.binds_top = binds_top
        self.start = 0  # in the text, set by whoever found it


class Imports:
    """What a text tells about its imports.

    Args:
        text: A whole file; see `text_of`.
    """

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self.statements: list[Statement] = []
        # Whether every line that begins as an import could be read.
        starts, shares_line = _starts(self._text)
        self._is_legible = "\r" not in text and not shares_line
        for start in starts:
            end = self._text.find("\n", start)
            line = self._text[start : end if end >= 0 else None]
            some = _from(self._text, start, line) if line[0] == "f" else _import(line)
            self._is_legible = self._is_legible and some is not None
            for one in some or ():
                one.start = start
                self.statements.append(one)
        # Whether the statements are all ways in which it imports; else only a parser can tell.
        self.is_plain = (
            self._is_legible
            and not _has_words(self._text)
            and not any(map(_is_way, self.statements))
        )

    def strings(self) -> list[str]:
        """Return the names that may stand in an `__all__`: the strings of a text that has one."""
        return _STRING.findall(self._text) if "__all__" in self._text else []

    def run(self) -> list[Statement] | None:
        """Return those that an import of the module may run, None when only a parser can tell."""
        from failtrack_guard.boundaries.standing import is_in_function

        if not self.is_plain and not (self._is_legible and self._runs_only_statements()):
            return None
        return [one for one in self.statements if not is_in_function(self._text, one.start)]

    def _runs_only_statements(self) -> bool:
        """Return whether it imports in other ways within functions alone."""
        from failtrack_guard.boundaries.standing import is_in_function

        text = self._text
        if any(_is_way(one) and not _binds_plainly(text, one) for one in self.statements):
            return False
        lines = {one.start for one in self.statements if _binds_plainly(text, one)}
        return all(
            _line_start(text, place) in lines or is_in_function(text, place)
            for pattern in (_IMPORTING, *(pattern for _, pattern in _DOUBTFUL))
            for place in (match.start() for match in pattern.finditer(text))
        )


def _starts(text: str) -> tuple[list[int], bool]:
    """Return where lines begin as import statements, and whether one stands behind other code."""
    starts = []
    shares_line = False
    for word in ("import", "from"):
        at = text.find(word)
        while at >= 0:
            end = at + len(word)
            before = at - 1
            while before >= 0 and text[before] in " \t\f":
                before -= 1
            mark = text[before] if before >= 0 else "\n"
            if mark in "\n;:\\" and not _is_of_name(text[end : end + 1]):
                if mark == "\n":
                    starts.append(at)
                else:
                    shares_line = True
            at = text.find(word, end)
    starts.sort()
    return starts, shares_line


def _is_of_name(character: str) -> bool:
    return character == "_" or character.isalnum()


def _line_start(text: str, place: int) -> int:
    """Return where the first word of a line stands."""
    start = text.rfind("\n", 0, place) + 1
    while text[start] in " \t\f":
        start += 1
    return start


def _binds_plainly(text: str, one: Statement) -> bool:
    """Return whether a statement, on one line, binds what it imports under names that tell it."""
    end = text.find("\n", one.start)
    line = text[one.start : end if end >= 0 else None]
    tells = all(_IMPORTING.search(name) for name in one.names or (one.module,))
    return " as " not in line and "(" not in line and "\\" not in line and tells


def statements(text: str) -> list[Statement] | None:
    """Return the imports of a text, None when only a parser can tell."""
    imports = Imports(text)
    return imports.statements if imports.is_plain else None


def _is_way(one: Statement) -> bool:
    return one.module.partition(".")[0] in _MODULES or not _MODULES.isdisjoint(one.names)


def has_ways(text: str) -> bool:
    """Return whether a text may import in another way than by a statement."""
    if not text.isascii():
        import unicodedata

        text = unicodedata.normalize("NFKC", text)
    return any(word in text for word in _WORDS) or _has_doubtful(text)


def _has_words(text: str) -> bool:
    """Return whether a text may import without an import of what it imports with."""
    return any(word in text for word in _IMPORTING_WORDS) or _has_doubtful(text)


def _has_doubtful(text: str) -> bool:
    return any(word in text and pattern.search(text) for word, pattern in _DOUBTFUL)


def _import(line: str) -> list[Statement] | None:
    match = _IMPORT.match(line)
    found = []
    for part in match[1].split(",") if match else ("",):
        one = _DOTTED.match(part)
        if one is None:
            return None
        found.append(Statement(0, one[1], (), binds_top=not one[2]))
    return found


def _from(text: str, start: int, line: str) -> list[Statement] | None:
    match = _FROM.match(line)
    if match is None:
        # `from` without `import` begins a line within brackets, or of prose.
        return None if "import" in line or line.endswith("\\") else []
    rest = line[match.end() :]
    if rest.startswith("("):
        wrapped = _WRAPPED.match(text, start + match.end())
        inside = _COMMENT.sub("", wrapped[1]) if wrapped else ""
    else:
        plain = _PLAIN.match(rest)
        inside = (plain[1] or "*") if plain else ""
    names = () if inside == "*" else _names(inside)
    if names is None:
        return None
    return [Statement(match[1].count("."), match[2] or "", names or ("*",))]


def _names(inside: str) -> tuple[str, ...] | None:
    parts = [part for part in inside.split(",") if part.strip()]
    found = [_NAME.match(part) for part in parts]
    if not found or None in found:
        return None
    return tuple(one[1] for one in found if one is not None)


def text_of(content: bytes) -> str | None:
    """Return the text of a file with names as the parser reads them, None for odd encodings."""
    if content.isascii():
        return content.decode("ascii")
    if b"coding" in content[:400]:
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    import unicodedata

    return unicodedata.normalize("NFKC", text)


def outside_names(
    content: bytes, path: str, module_name: str, boundaries: Boundaries
) -> tuple[str, ...] | None:
    """Return what a file imports from outside all layers, None when it is to be parsed.

    Args:
        content: Its bytes.
        path: Path as it is shown.
        module_name: Dotted name of the module.
        boundaries: The layers.
    """
    text = text_of(content)
    some = statements(text) if text is not None else None
    if some is None:
        return None
    found: dict[str, None] = {}
    for one in some:
        names = _judged(one, path, module_name, boundaries)
        if names is None:
            return None
        found.update(dict.fromkeys(names))
    # A function of the own layer may import what it is handed.
    if text is not None and boundaries.may_name_forbidden(boundaries.layer_of(module_name), text):
        found.update(dict.fromkeys(_layered(some, path, module_name, boundaries)))
    return tuple(found)


def _layered(
    some: Iterable[Statement], path: str, module_name: str, boundaries: Boundaries
) -> Iterator[str]:
    """Yield what statements import from layers."""
    for one in some:
        base = absolute(one.level, one.module, path, module_name)
        is_whole = "*" in one.names or not one.names
        for dotted in [base] if is_whole else [f"{base}.{name}" for name in one.names]:
            if boundaries.layer_of(dotted):
                yield dotted


def _judged(
    one: Statement, path: str, module_name: str, boundaries: Boundaries
) -> tuple[str, ...] | None:
    """Return what a statement imports from outside, None when it may cross a boundary."""
    own = boundaries.layer_of(module_name)
    base = absolute(one.level, one.module, path, module_name)
    if boundaries.forbidden(own, base) or base.startswith("."):
        return None
    is_star = "*" in one.names
    start = f"{base}." if base else ""
    dotted = [base] if is_star or not one.names else [f"{start}{name}" for name in one.names]
    bound = [base.partition(".")[0]] if one.binds_top else dotted
    if any(boundaries.is_above(name) for name in bound):
        return None
    if any(boundaries.forbidden(own, name) for name in dotted):
        return None
    return tuple(name for name in dotted if is_outside(name, boundaries))


def absolute(level: int, module: str, path: str, module_name: str) -> str:
    """Return the dotted name that a `from` import means; see `Module.absolute`."""
    if not level:
        return module
    package = module_name.split(".")
    if not path.endswith("__init__.py"):
        package.pop()
    if level - 1 > len(package):
        return "." * level + module
    base = package[: len(package) - level + 1]
    return ".".join([*base, module] if module else base)


def is_outside(dotted: str, boundaries: Boundaries) -> bool:
    """Return whether a name belongs to no layer, and may come from this project."""
    if not dotted or boundaries.layer_of(dotted):
        return False
    top = dotted.partition(".")[0]
    return top not in sys.stdlib_module_names and not top.startswith("__") and top.isidentifier()
