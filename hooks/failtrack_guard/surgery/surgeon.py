"""Makes fixes: from findings and the bytes that were judged to the bytes of the fixed file."""

from __future__ import annotations

import _ast
import re

from failtrack_guard import deep
from failtrack_guard.code.nodes import walk
from failtrack_guard.errors import Refused
from failtrack_guard.reading import Unreadable, parse
from failtrack_guard.surgery.comparing import (
    Expected,
    is_as_expected,
    parsed_expression,
    parsed_statement,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from failtrack_guard.code.project import Project
    from failtrack_guard.finding import Edit, Finding
    from failtrack_guard.surgery.heirs import Heirs
    from failtrack_guard.surgery.naming import Names, Site
    from failtrack_guard.surgery.pages import Page, Splice
    from failtrack_guard.surgery.tissue import Body

    Span = tuple[int, int, int, int]
    _Definition = _ast.ClassDef | _ast.FunctionDef | _ast.AsyncFunctionDef

PASSES_MAX = 10
TOO_DEEP = "the file is nested too deeply"
# Expressions that stay one whole wherever they are put.
_WHOLES = (
    *(_ast.Name, _ast.Attribute, _ast.Call, _ast.Subscript, _ast.Constant, _ast.List, _ast.Dict),
    *(_ast.Set, _ast.ListComp, _ast.SetComp, _ast.DictComp, _ast.GeneratorExp, _ast.JoinedStr),
)


class Fixed:
    """What became of some fixes.

    Args:
        content: The file afterwards.
        applied: Findings that were put right.
        refused: Findings that were not, and the reason: the end of a sentence.
        waiting: Findings whose fix overlaps one that was made; another pass may make it.
    """

    __slots__ = ("applied", "content", "refused", "waiting")

    def __init__(
        self,
        content: bytes,
        applied: Sequence[Finding] = (),
        refused: Sequence[tuple[Finding, str]] = (),
        waiting: Sequence[Finding] = (),
    ) -> None:
        self.content = content
        self.applied = [*applied]
        self.refused = [*refused]
        self.waiting = [*waiting]

    @property
    def reasons(self) -> list[str]:
        """Why findings were not put right, one line each."""
        return [
            f"{one.path}:{one.line}:{one.column}: {one.rule} is not fixed: {reason}"
            for one, reason in self.refused
        ]


def fixed(
    content: bytes,
    shown: str,
    module_name: str,
    findings: Iterable[Finding],
    *,
    project: Project | None = None,
) -> Fixed:
    """Return a file with the fixes of some findings made.

    Nothing beside the edits and the imports that they need changes, not even a byte. A fix after
    which the file does not parse, or means something else elsewhere, is not made.

    Args:
        content: The bytes that were judged.
        shown: Path in messages.
        module_name: Dotted name of the module, empty for none.
        findings: What was found in these bytes; those without a fix are passed over.
        project: Knows where re-exported names come from; None takes imports by their word.

    Raises:
        Unreadable: The bytes cannot be read as a text, or parsed.
        GuardError: libcst is missing.
    """
    fixable = [one for one in findings if one.fix is not None]
    if not fixable:
        return Fixed(content)
    try:
        return deep.called(lambda: _fixed(content, shown, module_name, fixable, project))
    except Refused as error:
        return Fixed(content, refused=[(one, str(error)) for one in fixable])
    except RecursionError:
        return Fixed(content, refused=[(one, TOO_DEEP) for one in fixable])


def _fixed(
    content: bytes,
    shown: str,
    module_name: str,
    fixable: Sequence[Finding],
    project: Project | None,
) -> Fixed:
    table = _Table(content, shown, module_name, project)
    chosen, waiting = _apart(fixable)
    plans: list[_Plan] = []
    refused: list[tuple[Finding, str]] = []
    for one in chosen:
        try:
            plans.append(table.plan(one))
        except Refused as error:
            refused.append((one, str(error)))
    plans, inheriting = _without_heirs(plans, table.classes)
    waiting += [one.finding for one in inheriting]
    done, after, failed = _together(table, plans)
    return Fixed(after, [one.finding for one in done], refused + failed, waiting)


def unkept(
    content: bytes,
    shown: str,
    module_name: str,
    findings: Iterable[Finding],
    *,
    project: Project | None = None,
) -> list[tuple[Finding, str]]:
    """Return the findings whose fix would be refused, as far as can be told without libcst.

    Args:
        content: The bytes that were judged.
        shown: Path in messages.
        module_name: Dotted name of the module, empty for none.
        findings: What was found in these bytes; those without a fix are passed over.
        project: See `fixed`.

    Raises:
        Unreadable: The bytes cannot be read as a text, or parsed.
    """
    fixable = [one for one in findings if one.fix is not None]
    try:
        return deep.called(lambda: _unkept(content, shown, module_name, fixable, project))
    except Refused as error:
        return [(one, str(error)) for one in fixable]
    except RecursionError:
        return [(one, TOO_DEEP) for one in fixable]


def _unkept(
    content: bytes,
    shown: str,
    module_name: str,
    fixable: Sequence[Finding],
    project: Project | None,
) -> list[tuple[Finding, str]]:
    table = _Table(content, shown, module_name, project)
    refused = []
    for one in fixable:
        try:
            table.plan(one, is_promise=True)
        except Refused as error:
            refused.append((one, str(error)))
    return refused


def repaired(
    content: bytes,
    shown: str,
    module_name: str,
    judge: Callable[[bytes], Sequence[Finding]],
    *,
    unsafe: bool = False,
    project: Project | None = None,
) -> Fixed:
    """Return a file after as many passes as its fixes need, each judged anew.

    A pass after which a rule finds as much as before, or another rule finds more, is undone fix by
    fix.

    Args:
        content: The file.
        shown: Path in messages.
        module_name: Dotted name of the module, empty for none.
        judge: Returns what is found in bytes that stand in the file's place.
        unsafe: Whether fixes that may change what the program does are made, too.
        project: See `fixed`.
    """
    applied: list[Finding] = []
    refused: dict[tuple[str, str, str], tuple[Finding, str]] = {}
    found = judge(content)
    for _ in range(PASSES_MAX):
        wanted = [
            one
            for one in found
            if one.fix is not None and (unsafe or one.fix.is_safe) and identity(one) not in refused
        ]
        if not wanted:
            break
        step = _step(content, shown, module_name, judge, found, wanted, project)
        refused.update({identity(one): (one, reason) for one, reason in step.refused})
        if not step.applied and not step.waiting:
            break
        applied += step.applied
        if step.content == content:
            break
        content = step.content
        found = judge(content)
    # Fixes that were made moved lines: a reader looks for the others where they stand now.
    moved = {identity(one): one for one in found if one.fix is not None}
    return Fixed(
        content,
        applied,
        [(moved.get(known_by, one), reason) for known_by, (one, reason) in refused.items()],
    )


def apply(
    file: str,
    shown: str,
    module_name: str,
    judged: bytes,
    findings: Iterable[Finding],
    *,
    project: Project | None = None,
) -> Fixed:
    """Make fixes and write the file; see `fixed` and `writing.write_over`."""
    from failtrack_guard.surgery.writing import write_over

    result = fixed(judged, shown, module_name, findings, project=project)
    write_over(file, judged, result.content, shown)
    return result


def unified_diff(before: bytes, after: bytes, shown: str) -> str:
    """Return the difference of two states of a file as `git diff` shows it, empty for none."""
    if before == after:
        return ""
    import difflib

    from failtrack_guard.reading import decoded

    old, new = (
        re.findall(r"[^\n]*\n|[^\n]+", decoded(content, shown)) for content in (before, after)
    )
    lines = difflib.unified_diff(old, new, f"a/{shown}", f"b/{shown}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def identity(one: Finding) -> tuple[str, str, str]:
    """Return what a finding with a fix is known by after lines moved."""
    return one.rule, one.symbol, f"{one.message} {[edit.code for edit in one.fix.edits]}"  # type: ignore[union-attr]


# Passes.


def _step(
    content: bytes,
    shown: str,
    module_name: str,
    judge: Callable[[bytes], Sequence[Finding]],
    found: Sequence[Finding],
    wanted: Sequence[Finding],
    project: Project | None,
) -> Fixed:
    """Return one pass, of which only what the judge agrees to is kept."""
    step = fixed(content, shown, module_name, wanted, project=project)
    if not step.applied or _is_better(found, judge(step.content), step.applied):
        return step

    def is_agreed(group: Sequence[Finding]) -> bool:
        trial = fixed(content, shown, module_name, group, project=project)
        return len(trial.applied) == len(group) and _is_better(found, judge(trial.content), group)

    done, failed = _grown(step.applied, is_agreed)
    reason = "the file would be judged no better after it"
    refused = [*step.refused, *((one, reason) for one in failed)]
    after = fixed(content, shown, module_name, done, project=project).content
    return Fixed(after, done, refused, step.waiting)


def _grown(
    items: Sequence[Any], works: Callable[[Sequence[Any]], bool]
) -> tuple[list[Any], list[Any]]:
    """Return items that work together, and those with which the others do not."""
    done: list[Any] = []
    failed: list[Any] = []
    waiting = [[*items]] if items else []
    while waiting:
        group = waiting.pop()
        if works([*done, *group]):
            done += group
        elif len(group) == 1:
            failed += group
        else:
            half = len(group) // 2
            waiting += [group[half:], group[:half]]
    return done, failed


def _is_better(
    before: Sequence[Finding], after: Sequence[Finding], applied: Sequence[Finding]
) -> bool:
    """Return whether what was fixed is gone, and nothing came in its place."""
    rules = {one.rule for one in (*before, *after)}
    return all(
        _count(after, rule) <= _count(before, rule) - _count(applied, rule) for rule in rules
    )


def _count(findings: Sequence[Finding], rule: str) -> int:
    return sum(one.rule == rule for one in findings)


def _apart(findings: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Return findings whose edits do not overlap, the outermost first, and the others."""
    chosen: list[Finding] = []
    waiting: list[Finding] = []
    taken: dict[Span, str] = {}
    for one in sorted(findings, key=_outermost_first):
        assert one.fix is not None
        edits = {edit.span: edit.code for edit in one.fix.edits}
        clashes = len(edits) < len(one.fix.edits) or any(
            taken.get(span, code) != code
            or any(span != other and _overlap(span, other) for other in (*taken, *edits))
            for span, code in edits.items()
        )
        if clashes:
            waiting.append(one)
        else:
            taken.update(edits)
            chosen.append(one)
    return chosen, waiting


def _outermost_first(one: Finding) -> Span:
    assert one.fix is not None
    line, column, end, end_column = min(edit.span for edit in one.fix.edits)
    return line, column, -end, -end_column


def _overlap(one: Span, other: Span) -> bool:
    return one[:2] < other[2:] and other[:2] < one[2:]


# One pass.


class _Cut:
    """One edit of a plan: the splices in the text, and the change of the tree."""

    __slots__ = ("code", "index", "node", "quote", "site", "span")

    def __init__(
        self,
        node: _ast.AST,
        site: Site,
        code: str,
        span: Span | None,
        quote: _ast.Constant | None = None,
    ) -> None:
        # Which of a class's bases a new one becomes.
        self.index = 0
        self.node = node
        self.site = site
        self.code = code
        # None for an item that is added to the head of a function or class.
        self.span = span
        # The quoted annotation in which the span lies.
        self.quote = quote

    @property
    def key(self) -> tuple[object, ...]:
        """What two fixes that make the same edit share."""
        return id(self.node), self.span, self.code


class _Plan:
    """How one finding is put right in this file."""

    __slots__ = ("cuts", "finding", "needed")

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.cuts: list[_Cut] = []
        # (module, name) of imports that the file lacks.
        self.needed: list[tuple[str, str]] = []


class _Table:
    """A file under the knife."""

    def __init__(
        self, content: bytes, shown: str, module_name: str, project: Project | None
    ) -> None:
        from failtrack_guard.surgery.naming import Names
        from failtrack_guard.surgery.pages import Page

        self.project = project
        self.content = content
        self.shown = shown
        self.page: Page = Page(content, shown)
        self.module = parse(content, shown, module_name)
        self.names: Names = Names(self.module, project)
        self._body: Body | None = None
        self._heirs: Heirs | None = None
        # Expressions by their first and last line, an outer one before what it holds.
        self._expressions: dict[tuple[int, int], list[_ast.expr]] = {}
        self._definitions: dict[int, list[_Definition]] = {}
        for node in self.names.nodes:
            if isinstance(node, _ast.expr):
                lines = (node.lineno, node.end_lineno or node.lineno)
                self._expressions.setdefault(lines, []).append(node)
            elif isinstance(node, (_ast.ClassDef, _ast.FunctionDef, _ast.AsyncFunctionDef)):
                self._definitions.setdefault(node.lineno, []).append(node)

    @property
    def body(self) -> Body:
        """The file as libcst reads it; a plan that is only asked for needs none."""
        if self._body is None:
            from failtrack_guard.surgery.tissue import Body

            self._body = Body(self.page, self.module.tree)
        return self._body

    @property
    def heirs(self) -> Heirs | None:
        """What the classes of the file inherit; None when nobody knows other files."""
        if self._heirs is None and self.project is not None:
            from failtrack_guard.surgery.heirs import Heirs

            self._heirs = Heirs(self.project, self.module)
        return self._heirs

    @property
    def classes(self) -> dict[str, _ast.ClassDef]:
        """The classes of the file by their names."""
        return {
            node.name: node
            for together in self._definitions.values()
            for node in together
            if isinstance(node, _ast.ClassDef)
        }

    def plan(self, finding: Finding, *, is_promise: bool = False) -> _Plan:
        """Return how a finding is put right.

        Args:
            finding: A finding with a fix.
            is_promise: Whether nobody will make the fix now; libcst is left out of it then.

        Raises:
            Refused: It cannot be.
        """
        from failtrack_guard.surgery.fields import refuse_field
        from failtrack_guard.surgery.naming import refuse_circles

        assert finding.fix is not None
        plan = _Plan(finding)
        for edit in finding.fix.edits:
            cut = self._cut(edit)
            if cut.span is None:
                self._seat(cut, finding.fix.imports)
            for dotted in finding.fix.imports:
                self._name(plan, cut, dotted)
            if cut.span is not None and cut.quote is None and not is_promise:
                self.body.at(cut.span[0]).replaced(cut.span, cut.code)
            plan.cuts.append(cut)
        swapped = {id(cut.node) for cut in plan.cuts}
        for cut in plan.cuts:
            owner = self.names.annotated_by(cut.node)
            if owner is not None:
                refuse_field(owner, swapped)
        if self.project is not None and not is_promise:  # would read half the project
            refuse_circles(self.project, self.module, plan.needed)
        return plan

    def _seat(self, cut: _Cut, imports: Sequence[str]) -> None:
        """Note where a new item of a head stands, unless a class could not be made with it."""
        node = cut.node
        if not isinstance(node, _ast.ClassDef):
            if self.heirs is not None:
                self.heirs.refuse_parameter(node)
            return
        is_object = [isinstance(one, _ast.Name) and one.id == "object" for one in node.bases]
        cut.index = is_object.index(True) if True in is_object else len(node.bases)
        meant = [one for one in imports if one.rpartition(".")[2] == cut.code]
        if self.heirs is not None and meant:
            cut.index = self.heirs.index_for(node, meant[0])

    def _cut(self, edit: Edit) -> _Cut:
        span = edit.span
        if len(edit.code.splitlines()) != 1:
            raise Refused("the new code is not one line")
        if span[:2] == span[2:]:
            node = self._definition_at(span)
            return _Cut(node, self.names.site(node, is_head=True), edit.code, None)
        tree = parsed_expression(edit.code)
        if tree is None:
            raise Refused(f"{edit.code} is no expression")
        found = self._expression_at(span)
        if found is None:
            quote = self._quote_around(span)
            return _Cut(quote, self.names.site(quote, is_quoted=True), edit.code, span, quote)
        is_quoted = isinstance(tree, _ast.Constant) and isinstance(tree.value, str)
        return _Cut(found, self.names.site(found, is_quoted=is_quoted), edit.code, span)

    def _expression_at(self, span: Span) -> _ast.expr | None:
        for node in self._expressions.get((span[0], span[2]), ()):
            if self.module.span(node) == span:
                return node
        return None

    def _quote_around(self, span: Span) -> _ast.Constant:
        """Return the quoted annotation in which an expression stands exactly at a span."""
        for node in self._expressions.get((span[0], span[2]), ()):
            if (
                isinstance(node, _ast.Constant)
                and isinstance(node.value, str)
                and self.names.site(node, is_quoted=True).is_lazy
            ):
                _, start, _, end = self.module.span(node)
                text = self.page.line(span[0])[start + 1 : end - 1]
                first, last = span[1] - start - 1, span[3] - start - 1
                if first >= 0 and span[3] < end and text == node.value:
                    if not _is_part(text, first, last):
                        break
                    return node
        raise Refused("no expression stands exactly there")

    def _definition_at(self, span: Span) -> _Definition:
        for node in self._definitions.get(span[0], ()):
            if self.module.span(node)[2:] == span[2:]:
                return node
        raise Refused("no function or class is named there")

    def _name(self, plan: _Plan, cut: _Cut, dotted: str) -> None:
        """Write a thing of the new code under the name that the file knows it by."""
        name = dotted.rpartition(".")[2]
        pattern = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
        if not pattern.search(cut.code):
            return
        term = self.names.term(dotted, cut.site)
        code = pattern.sub(lambda _: term.text, cut.code)
        if term.must_quote:
            if '"' in code or cut.span is None:
                raise Refused(f"{name} is not there when the annotation is evaluated")
            code = f'"{code}"'
        if term.needed is not None and term.needed not in plan.needed:
            plan.needed.append(term.needed)
        cut.code = code

    def result(self, plans: Sequence[_Plan]) -> bytes:
        """Return the file after some plans.

        Raises:
            Refused: It would not be what it should.
        """
        reason = ""
        for in_parentheses in (False, True):
            try:
                return self._result(plans, in_parentheses=in_parentheses)
            except Refused as error:
                reason = reason or str(error)
        raise Refused(reason)

    def _result(self, plans: Sequence[_Plan], *, in_parentheses: bool) -> bytes:
        from failtrack_guard.surgery.naming import added_imports

        expected = Expected()
        splices: list[Splice] = []
        cuts: dict[tuple[object, ...], _Cut] = {}
        for plan in plans:
            for cut in plan.cuts:
                cuts.setdefault(cut.key, cut)
        quoted: dict[int, list[_Cut]] = {}
        for cut in cuts.values():
            if cut.quote is None:
                splices += self._spliced(cut, expected, in_parentheses=in_parentheses)
            else:
                quoted.setdefault(id(cut.quote), []).append(cut)
        for together in quoted.values():
            splices += self._requoted(together, expected)
        needed = [one for plan in plans for one in plan.needed]
        if needed:
            body = self.module.tree.body
            early = [
                cut.site.turn
                for plan in plans
                if plan.needed
                for cut in plan.cuts
                if not cut.site.is_deferred and not cut.site.is_lazy
            ]
            limit = min(early, default=len(body))
            splices += added_imports(self.module, self.page, needed, limit, expected)
        content = self.page.encoded(self.page.spliced(splices))
        if content is None:
            raise Refused(f"the new code cannot be written as {self.page.encoding}")
        try:
            after = parse(content, self.shown, self.module.name)
            is_right = is_as_expected(self.module.tree, after.tree, expected)
        except Unreadable:
            raise Refused("the file would not parse afterwards") from None
        if not is_right:
            raise Refused("something else in the file would change its meaning")
        return content

    def _requoted(self, cuts: list[_Cut], expected: Expected) -> list[Splice]:
        """Return the splices in one quoted annotation, and note what it says afterwards."""
        from failtrack_guard.surgery.pages import Splice

        quote = cuts[0].quote
        assert quote is not None
        value = str(quote.value)
        line, column, _, _ = self.module.span(quote)
        splices = []
        for cut in sorted(cuts, key=lambda cut: cut.span or (), reverse=True):
            assert cut.span is not None
            start, end = cut.span[1], cut.span[3]
            value = f"{value[: start - column - 1]}{cut.code}{value[end - column - 1 :]}"
            splices.append(
                Splice(self.page.offset(line, start), self.page.offset(line, end), cut.code)
            )
        if parsed_expression(value) is None:
            raise Refused("the quoted annotation would be no expression afterwards")
        expected.swaps[id(quote)] = _ast.Constant(value=value, kind=quote.kind)
        return splices

    def _spliced(self, cut: _Cut, expected: Expected, *, in_parentheses: bool) -> list[Splice]:
        if cut.span is not None:
            tree = parsed_expression(cut.code)
            assert tree is not None
            expected.swaps[id(cut.node)] = tree
            is_whole = isinstance(tree, _WHOLES)
            code = cut.code if is_whole or not in_parentheses else f"({cut.code})"
            return [self.body.at(cut.span[0]).replaced(cut.span, code)]
        name_start = self.module.span(cut.node)[:2]
        if isinstance(cut.node, _ast.ClassDef):
            base = parsed_expression(cut.code)
            if base is None:
                raise Refused(f"{cut.code} is no base of a class")
            bases = expected.field(cut.node, "bases")
            bases.insert(cut.index, base)
            return self.body.at(name_start[0]).with_base(name_start, cut.code, cut.index)
        assert isinstance(cut.node, (_ast.FunctionDef, _ast.AsyncFunctionDef))
        code = _with_parameter(cut.node.args, cut.code, expected)
        return self.body.at(name_start[0]).with_parameter(name_start, code)


def _is_part(text: str, start: int, end: int) -> bool:
    """Return whether an expression of a text stands exactly at some of its characters."""
    tree = parsed_expression(text.strip())
    if tree is None or not text.isascii():
        return False
    indent = len(text) - len(text.lstrip())
    wanted = (start - indent, end - indent)
    return any(
        isinstance(node, _ast.expr) and (node.col_offset, node.end_col_offset) == wanted
        for node in walk([tree])
    )


def _with_parameter(args: _ast.arguments, code: str, expected: Expected) -> str:
    """Note a new parameter in the expected tree and return its code as it must be written."""
    statement = parsed_statement(f"def _({code}): pass")
    new = statement.args if isinstance(statement, _ast.FunctionDef) else None
    if new is None or len(new.args) != 1:
        raise Refused(f"{code} is no parameter")
    present = (*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg)
    if any(one is not None and one.arg == new.args[0].arg for one in present):
        raise Refused(f"the function has a parameter {new.args[0].arg} already")
    if args.vararg or args.kwonlyargs or (args.defaults and not new.defaults):
        expected.field(args, "kwonlyargs").append(new.args[0])
        expected.field(args, "kw_defaults").append(new.defaults[0] if new.defaults else None)
        return code if args.vararg or args.kwonlyargs else f"*, {code}"
    expected.field(args, "args").append(new.args[0])
    expected.field(args, "defaults").extend(new.defaults)
    return code


def _without_heirs(
    plans: Sequence[_Plan], classes: Mapping[str, _ast.ClassDef]
) -> tuple[list[_Plan], list[_Plan]]:
    """Return plans, and those for classes that inherit from another what it is given here."""
    given = {cut.node: cut.code for plan in plans for cut in plan.cuts if cut.span is None}

    def inherits(node: _ast.AST, code: str) -> bool:
        seen: set[_ast.AST] = set()
        waiting = [node]
        while waiting:
            for base in getattr(waiting.pop(), "bases", ()):
                above = classes.get(getattr(base, "id", ""))
                if above is None or above is node or above in seen:
                    continue
                if given.get(above) == code:
                    return True
                seen.add(above)
                waiting.append(above)
        return False

    heirs = [plan for plan in plans if any(inherits(one.node, one.code) for one in plan.cuts)]
    return [one for one in plans if one not in heirs], heirs


def _together(
    table: _Table, plans: list[_Plan]
) -> tuple[list[_Plan], bytes, list[tuple[Finding, str]]]:
    """Return the plans that can be carried out together, the file after them, and the others."""
    reasons: dict[int, str] = {}

    def works(group: Sequence[_Plan]) -> bool:
        try:
            table.result(group)
        except Refused as error:
            reasons[id(group[-1])] = str(error)
            return False
        return True

    done, failed = _grown(plans, works)
    content = table.result(done) if done else table.content
    return done, content, [(plan.finding, reasons[id(plan)]) for plan in failed]
