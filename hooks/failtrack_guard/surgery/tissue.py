"""A file as libcst reads it: where nodes stand, and where something may be added to a list.

libcst leaves out what it holds for void (a form feed on an empty line, a lone carriage return), so
it tells places here, and the text itself is cut with them.
"""

from __future__ import annotations

import _ast
import re

from failtrack_guard.code.nodes import children
from failtrack_guard.errors import GuardError, Refused
from failtrack_guard.surgery.pages import Page, Splice

try:
    import libcst
    from libcst.metadata import MetadataWrapper, PositionProvider
except ImportError:
    raise GuardError(
        'fixing needs libcst, which is not installed: pip install "pytest-failtrack[guard]"',
        slug="no-libcst",
    ) from None

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Span = tuple[int, int, int, int]

DEPTH_MAX = 1_000
_VOID = re.compile(r"^[ \t\f]*\f[ \t\f]*$", re.MULTILINE)


class Body:
    """A file, of which only the statements that are operated on are read.

    Args:
        page: The file.
        tree: Its syntax tree.
    """

    def __init__(self, page: Page, tree: _ast.Module) -> None:
        self._page = page
        # First and last line of statements; those that share a line are one piece.
        self._pieces: list[tuple[int, int]] = []
        for statement in tree.body:
            decorators = getattr(statement, "decorator_list", ())
            first = min([statement.lineno, *(one.lineno for one in decorators)])
            last = statement.end_lineno or statement.lineno
            if self._pieces and first <= self._pieces[-1][1]:
                first, before = self._pieces.pop()
                last = max(last, before)
            self._pieces.append((first, last))
        self._tree = tree
        self._read: dict[tuple[int, int], Tissue] = {}

    def at(self, line: int) -> Tissue:
        """Return the nodes of the statement on a line.

        Raises:
            Refused: libcst cannot read it, or reads another text than it is.
        """
        for first, last in self._pieces:
            if first <= line <= last:
                if (first, last) not in self._read:
                    self._refuse_depth(first, last)
                    self._read[first, last] = Tissue(self._page, first, last)
                return self._read[first, last]
        raise Refused("no statement stands there")

    def _refuse_depth(self, first: int, last: int) -> None:
        """Refuse statements before libcst does, which it does by ending the process."""
        waiting: list[_ast.AST] = [one for one in self._tree.body if first <= one.lineno <= last]
        for _ in range(DEPTH_MAX):
            waiting = [child for one in waiting for child in children(one)]
            if not waiting:
                return
        raise Refused("the statement is nested too deeply for libcst")


class Tissue:
    """The nodes of some lines and their places.

    Args:
        page: The file.
        first: First line of a statement of the file.
        last: Last line of it, or of one that follows.

    Raises:
        Refused: libcst cannot read the lines, or reads another text than they hold.
    """

    def __init__(self, page: Page, first: int, last: int) -> None:
        self._page = page
        self._above = first - 1
        lines = "\n".join(page.line(number) for number in range(first, last + 1))
        text = _VOID.sub("", lines)
        try:
            module = libcst.parse_module(text)
            if module.code != text:
                raise Refused("libcst does not read the statement as it is written")
            wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
            self._ranges: Any = wrapper.resolve(PositionProvider)
        except libcst.ParserSyntaxError as error:
            line = self._above + error.raw_line
            raise Refused(f"libcst cannot parse the statement (line {line})") from None
        except RecursionError:
            raise Refused("the statement is nested too deeply for libcst") from None
        self._module = module
        self._expressions: dict[Span, libcst.BaseExpression] = {}
        # Functions and classes by the place at which their name begins.
        self._defined: dict[tuple[int, int], libcst.FunctionDef | libcst.ClassDef] = {}
        self._sort()

    def _place(self, node: libcst.CSTNode) -> tuple[int, int]:
        """Return line and column of a node in the file."""
        start = self._ranges[node].start
        return start.line + self._above, start.column

    def _end(self, node: libcst.CSTNode) -> tuple[int, int]:
        end = self._ranges[node].end
        return end.line + self._above, end.column

    def _sort(self) -> None:
        for node in self._ranges:
            if isinstance(node, libcst.BaseExpression):
                span = (*self._place(node), *self._end(node))
                self._expressions[span] = node
                if isinstance(node, (libcst.Tuple, libcst.GeneratorExp)) and node.lpar:
                    # The parentheses of these belong to the expression in Python's own tree.
                    span = (*self._place(node.lpar[0]), *self._end(node.rpar[-1]))
                    self._expressions[span] = node
            elif isinstance(node, (libcst.FunctionDef, libcst.ClassDef)):
                self._defined[self._place(node.name)] = node

    # Replacing an expression.

    def replaced(self, span: Span, code: str) -> Splice:
        """Return the splice that puts code in place of the expression at a span.

        Raises:
            Refused: No expression stands exactly there, or it holds a comment.
        """
        node = self._expressions.get(span)
        if node is None:
            raise Refused("no expression stands exactly there")
        if _holds_comment(node):
            raise Refused("a comment inside the expression would be lost")
        text = self._page.text
        start, end = self._page.offset(*span[:2]), self._page.offset(*span[2:])
        # `return"x"` and `"x"if a else b` are written without a space.
        before = " " if start and _is_word(text[start - 1]) else ""
        after = " " if _is_word(code[-1]) and _is_word(text[end : end + 1]) else ""
        return Splice(start, end, f"{before}{code}{after}")

    # Adding to the head of a function or class.

    def with_parameter(self, name_start: tuple[int, int], code: str) -> list[Splice]:
        """Return the splices that add the last parameter of a function, before its `**` one.

        Args:
            name_start: Where the function's name begins.
            code: The parameter: `guard: HaltGuard`, with `*, ` before it where that is needed.
        """
        node = self._defined.get(name_start)
        if not isinstance(node, libcst.FunctionDef):
            raise Refused("no function stands there")
        params = node.params
        star = params.star_arg if isinstance(params.star_arg, libcst.CSTNode) else None
        slash = params.posonly_ind if isinstance(params.posonly_ind, libcst.CSTNode) else None
        listed: list[libcst.CSTNode] = [*params.posonly_params]
        listed += [slash] if slash is not None else []
        listed += params.params
        listed += [star] if star is not None else []
        listed += params.kwonly_params
        if not listed:
            raise Refused("the function has no parameter after which another could stand")
        return self._after(listed[-1], code)

    def with_base(self, name_start: tuple[int, int], code: str, index: int) -> list[Splice]:
        """Return the splices that add a base to a class.

        Args:
            name_start: Where the class's name begins.
            code: The base.
            index: Which of the bases it becomes.
        """
        node = self._defined.get(name_start)
        if not isinstance(node, libcst.ClassDef):
            raise Refused("no class stands there")
        if index < len(node.bases):
            start = self._start(node.bases[index])
            return [Splice(start, start, f"{code}, ")]
        if node.bases:
            return self._after(node.bases[-1], code)
        if node.keywords:
            start = self._start(node.keywords[0])
            return [Splice(start, start, f"{code}, ")]
        if isinstance(node.lpar, libcst.LeftParen):
            start = self._start(node.lpar) + 1
            return [Splice(start, start, code)]
        last: libcst.CSTNode = getattr(node, "type_parameters", None) or node.name
        end = self._start(last) + len(self._module.code_for_node(last))
        return [Splice(end, end, f"({code})")]

    def _start(self, node: libcst.CSTNode) -> int:
        return self._page.offset(*self._place(node))

    def _after(self, node: Any, code: str) -> list[Splice]:
        """Return the splices that put an item after one of a list, in the list's own style."""
        comma = node.comma if isinstance(node.comma, libcst.Comma) else None
        line, column = self._place(node)
        last_line, last_column = self._item_end(node)
        end = self._page.offset(last_line, last_column)
        indent = self._page.line(line)[:column]
        line_end = self._page.line_end(last_line)
        rest = self._page.text[end:line_end].lstrip(" \t,")
        # One item a line, perhaps with a comment behind: the new one gets a line, too.
        if not indent.strip() and (not rest or rest.startswith("#")):
            newline = self._page.newline_of(last_line)
            tail = "," if comma is not None else ""
            if code.startswith("*, "):
                code = f"*,{newline}{indent}{code[3:]}"
            new = Splice(line_end, line_end, f"{newline}{indent}{code}{tail}")
            return [new] if comma is not None else [Splice(end, end, ","), new]
        return [Splice(end, end, f", {code}")]

    def _item_end(self, node: Any) -> tuple[int, int]:
        """Return line and column after a list's item, the comma behind it left out."""
        if isinstance(node, (libcst.ParamSlash, libcst.ParamStar)):
            code = "*"
        else:
            gone: dict[str, Any] = {"comma": libcst.MaybeSentinel.DEFAULT}
            space = "param" if isinstance(node, libcst.Param) else "arg"
            gone[f"whitespace_after_{space}"] = libcst.SimpleWhitespace("")
            code = self._module.code_for_node(node.with_changes(**gone))
        line, column = self._place(node)
        first, *more = code.split("\n")
        return (line + len(more), len(more[-1])) if more else (line, column + len(first))


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _holds_comment(node: libcst.BaseExpression) -> bool:
    """Return whether a comment stands inside an expression; those in its parentheses stay."""
    waiting: list[libcst.CSTNode] = [*node.children]
    for paren in (*node.lpar, *node.rpar):
        waiting.remove(paren)
    while waiting:
        one = waiting.pop()
        if isinstance(one, libcst.Comment):
            return True
        waiting += one.children
    return False
