"""What a rule found, and the fix that goes with it; plain values that the cache can hold."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Edit:
    """One expression that is replaced, or one item that is added to the head of a definition.

    A span with something in it covers exactly one expression as Python's own tree places it,
    without the parentheses around it, and `code` is an expression. Half of an annotation, the
    string of a quoted annotation (`code` is quoted then, too) or the value of a `case` are
    expressions.

    An empty span right behind the name of a definition, as `(line, end, line, end)` of its
    `Module.span`, adds an item to its head. Behind the name of a function, `code` is a parameter,
    `guard: HaltGuard` or `guard: HaltGuard = None`; it becomes the last one before `**`, and goes
    behind a `*` where it must. Behind the name of a class, `code` is a base; it becomes the last
    one, before `object`.

    The things in `Fix.imports` are called by the last part of their name in `code`; whoever makes
    the fix writes them as the file knows them.

    Args:
        span: (line, column, end line, end column) of what is replaced, lines from 1, columns in
            characters from 0.
        code: What stands there afterwards, on one line.
    """

    __slots__ = ("code", "span")

    def __init__(self, span: tuple[int, int, int, int], code: str) -> None:
        self.span = span
        self.code = code

    def plain(self) -> tuple[tuple[int, int, int, int], str]:
        """Return a value that marshal writes."""
        return self.span, self.code


class Fix:
    """How a finding is put right.

    Args:
        edits: What is replaced.
        imports: Dotted names that the new code needs, imported under their last part.
        is_safe: Whether the program surely means the same afterwards.
    """

    __slots__ = ("edits", "imports", "is_safe")

    def __init__(
        self, edits: tuple[Edit, ...], imports: tuple[str, ...] = (), *, is_safe: bool = True
    ) -> None:
        self.edits = edits
        self.imports = imports
        self.is_safe = is_safe

    def plain(self) -> tuple[Any, ...]:
        """Return a value that marshal writes."""
        return tuple(edit.plain() for edit in self.edits), self.imports, self.is_safe

    @classmethod
    def of(cls, plain: tuple[Any, ...]) -> Fix:
        """Return the fix that `plain` was made of."""
        edits, imports, is_safe = plain
        return cls(tuple(Edit(*one) for one in edits), imports, is_safe=is_safe)


class Finding:
    """One violation.

    Args:
        rule: Id of the rule.
        path: Path as it is shown, with forward slashes.
        span: (line, column, end line, end column); lines from 1, columns in characters from 0.
        statement: First and last line of the statement (for a class or function: of its head), on
            which a suppression may stand.
        message: What is wrong, in one sentence without the path.
        symbol: Qualified name of the function or class around it, empty at module level.
        asks: Questions about other files which must all be answered with yes; see `Project.holds`.
        fix: How it is put right, None when no tool should.
        needs: What `Rule.finish` completes the finding with, plain values; empty for nothing.
    """

    __slots__ = (
        *("asks", "fingerprint", "fix", "message", "needs", "path", "rule", "span", "statement"),
        "symbol",
    )

    def __init__(
        self,
        rule: str,
        path: str,
        span: tuple[int, int, int, int],
        message: str,
        *,
        statement: tuple[int, int] | None = None,
        symbol: str = "",
        asks: tuple[Any, ...] = (),
        fix: Fix | None = None,
        needs: tuple[Any, ...] = (),
    ) -> None:
        self.rule = rule
        self.path = path
        self.span = span
        self.statement = statement or (span[0], span[2])
        self.message = message
        self.symbol = symbol
        self.asks = asks
        self.fix = fix
        self.needs = needs
        # Said by `baseline.mark`, when somebody asks.
        self.fingerprint = ""

    def plain(self) -> tuple[Any, ...]:
        """Return a value that marshal writes; the path is not part of it."""
        return (
            *(self.rule, self.span, self.message, self.statement, self.symbol, self.asks),
            *(self.fix.plain() if self.fix else None, self.needs),
        )

    @classmethod
    def of(cls, path: str, plain: tuple[Any, ...]) -> Finding:
        """Return the finding that `plain` was made of."""
        rule, span, message, statement, symbol, asks, fix, needs = plain
        return cls(
            *(rule, path, span, message),
            statement=statement,
            symbol=symbol,
            asks=asks,
            fix=Fix.of(fix) if fix else None,
            needs=needs,
        )

    @property
    def line(self) -> int:
        """Line, from 1."""
        return self.span[0]

    @property
    def column(self) -> int:
        """Column in characters, from 1, as people and editors count."""
        return self.span[1] + 1

    def sort_key(self) -> tuple[Any, ...]:
        """Order of a report: by place, then rule."""
        return self.path, self.span, self.rule, self.message
