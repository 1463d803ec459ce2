"""What a rule is: one class in one file, with its documentation, its cases and its options."""

from __future__ import annotations

import _ast

from failtrack_guard.finding import Finding, Fix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, ClassVar

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project
    from failtrack_guard.code.scopes import Place


class Case:
    """An example of a rule: a name, some files, and what the guard says about them.

    Args:
        name: What the case shows, in a few words; unique within its rule.
        code: Text of the file that is checked.
        path: Its path in the project of the case.
        files: Other files of that project: path -> text.
        lines: Lines of the findings, in order; empty for a good case.
        fixed: The file after `fix`, None when there is none or the case does not show it.
        is_unsafe: Whether the fix needs `--unsafe-fixes`.
        options: Options of the rule beside those of its `CASE_OPTIONS`.
        changed: Paths that the commit changes, None when that is not known.
    """

    __slots__ = (
        *("changed", "code", "files", "fixed", "is_unsafe", "lines", "name", "options", "path"),
    )

    def __init__(
        self,
        name: str,
        code: str,
        *,
        path: str = "shop/module.py",
        files: Mapping[str, str] | None = None,
        lines: tuple[int, ...] = (),
        fixed: str | None = None,
        is_unsafe: bool = False,
        options: Mapping[str, Any] | None = None,
        changed: tuple[str, ...] | None = None,
    ) -> None:
        self.name = name
        self.code = code
        self.path = path
        self.files = dict(files or {})
        self.lines = lines
        self.fixed = fixed
        self.is_unsafe = is_unsafe
        self.options = dict(options or {})
        self.changed = None if changed is None else frozenset(changed)


def good(name: str, code: str, **more: Any) -> Case:
    """Return a case in which nothing is found."""
    return Case(name, code, **more)


def bad(name: str, code: str, *lines: int, **more: Any) -> Case:
    """Return a case with findings on these lines."""
    return Case(name, code, lines=lines, **more)


class Option:
    """One key of a rule's table in `pyproject.toml`.

    Args:
        kind: `text`, `texts`, `dotted`, `dotteds`, `pattern` (a regular expression), `flag`,
            `count`, `globs` or `tables` (a list of tables).
        default: Value when the key is missing, None for none.
        help: One sentence for the documentation.
    """

    __slots__ = ("default", "help", "kind")

    def __init__(self, kind: str, default: Any, help: str) -> None:
        self.kind = kind
        self.default = default
        self.help = help


class Rule:
    """Base of all rules. A subclass gives the class attributes and `look`.

    Args:
        options: Its validated options: every key of `OPTIONS`.
    """

    id: ClassVar[str]
    name: ClassVar[str]
    # One sentence that says what to do instead.
    remedy: ClassVar[str]
    severity: ClassVar[str] = "HIGH"
    # Where a finding stands in the taxonomy of records.
    category: ClassVar[str] = "ARCHITECTURE"
    subcategory: ClassVar[str] = "ARCHITECTURE_DRIFT"
    OPTIONS: ClassVar[dict[str, Option]] = {}
    # Options with which the cases are run.
    CASE_OPTIONS: ClassVar[dict[str, Any]] = {}
    # Options without which the rule has nothing to do.
    NEEDS: ClassVar[tuple[str, ...]] = ()
    GOOD: ClassVar[tuple[Case, ...]] = ()
    BAD: ClassVar[tuple[Case, ...]] = ()

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.options = options

    def prepare(self) -> None:
        """Check options against each other; raise `ConfigError` when they contradict."""

    def needles(self) -> tuple[bytes, ...] | None:
        """Return byte strings, lower case, of which a file with a finding holds at least one.

        Compared with the lowered bytes of the file. None when no such strings exist: then every
        file is parsed.
        """
        return None

    def words(self) -> tuple[str, ...] | None:
        """Return the names from which all that this rule flags is derived, None without such.

        For a rule without needles: a run over a whole tree parses the files that hold one of these
        names, or a name that another file derives from one by inheriting, importing or assigning.
        """
        return None

    def synonyms(self, project: Project) -> Iterable[str]:
        """Return further words: names under which what `words` name was first defined."""
        return ()

    def words_alone(self) -> tuple[str, ...]:
        """Return those of `words` from which no other name is derived."""
        return ()

    def asked_by(self) -> tuple[bytes, ...]:
        """Return how a file asks something of an instance, whatever the name of that is.

        A file that holds one of these texts is parsed beside those that hold one of the words; see
        `standing`.
        """
        return ()

    def guessed_by(self) -> tuple[bytes, ...]:
        """Return such texts that count in a file with one of `words` in another case (`event`)."""
        return ()

    def concerns(self, path: str, module_name: str) -> bool:
        """Return whether a file can hold findings of this rule at all."""
        return True

    def places(self) -> tuple[str, ...] | None:
        """Return texts of which every path that this rule concerns holds at least one, or None.

        What they leave out is left out before the rule is even imported.
        """
        return None

    def glance(self, content: bytes, path: str, module_name: str) -> tuple[Finding, ...] | None:
        """Return what the bytes of a file show by themselves, None when it has to be parsed.

        For rules that concern nearly every file; `look` is then asked only after None, and both
        must come to the same.
        """
        return None

    def look(self, module: Module) -> Iterator[Finding]:
        """Yield what one file shows, with `asks` for what other files must answer.

        Must depend on the file's content, path and module name alone: the result is cached.
        """
        raise NotImplementedError

    def holds(self, question: tuple[Any, ...], project: Project) -> bool:
        """Answer what a finding asks of other files; a rule adds its own kinds of questions."""
        return project.holds(question)

    def settled(self, finding: Finding, project: Project) -> Iterable[Finding]:
        """Return what a finding turns out to be when other files have answered.

        Itself, nothing, or, for a rule whose finding only stands for a question, several others.
        """
        return [finding] if not finding.asks or self.holds(finding.asks, project) else []

    def finish(self, finding: Finding, project: Project) -> None:
        """Complete a finding with what other files know, such as the member that a fix names."""

    def over(self, project: Project) -> Iterator[Finding]:
        """Yield findings that belong to no single file's content; runs once, not cached."""
        return iter(())

    def watches(self) -> tuple[str, ...] | None:
        """Return paths, relative to the project, without any of which `over` has nothing to say.

        None when that cannot be told by paths.
        """
        return None

    # For use in `look`.

    def at(
        self,
        module: Module,
        node: _ast.AST,
        place: Place | None,
        message: str,
        *,
        asks: tuple[Any, ...] = (),
        fix: Fix | None = None,
        needs: tuple[Any, ...] = (),
    ) -> Finding:
        """Return a finding at a node."""
        span = module.span(node)
        return Finding(
            *(self.id, module.path, span, message),
            statement=module.statement_lines(place.statement if place else node, node),
            symbol=place.scope.qualname if place else "",
            asks=asks,
            fix=fix,
            needs=needs,
        )
