"""The skeleton of a rule of the project's own, made of the place where something failed.

`suggestion.py` asks. The rule flags what stood on the failing line (a call, a key, an attribute)
and has the code of then as its bad case, so that it loads and finds it from the first moment on;
what tells good from bad is for a person to say.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.source import is_test_path
from pytest_failtrack.policy.git import asked
from pytest_failtrack.sinks.plain import plain

CASE_LINES_MAX = 40
_FRAME = lazily(r"^ {1,4}(?P<file>\S+?):(?P<line>\d+) in (?P<function>.+)$", re.MULTILINE)
_FAILED_LINE = lazily(r"^> +(?P<code>\S.*)$", re.MULTILINE)
_REVISION = lazily(r"[0-9a-f]{7,64}\Z")


@frozen
class Draft:
    """A rule that can be installed.

    Args:
        rule_id: Its id.
        folder: Folder of its distribution.
        files: Its files, by path.
        why: What it flags.
    """

    rule_id: str
    folder: str
    files: Mapping[str, str]
    why: str


@frozen
class _Shape:
    """What stood on the failing line.

    Args:
        node: Name of the kind of node in `ast`.
        test: Condition under which such a node is meant, as code over `node`.
        shown: It, as people read it.
        word: Text without which no file holds it, `` for none.
    """

    node: str
    test: str
    shown: str
    word: str


def draft_rule(
    root: Path, record: Mapping[str, Any], known_rules: Iterable[str] = ()
) -> Draft | None:
    """Return the skeleton of a rule; None when the record names no place in the project's code.

    Args:
        root: Folder of the project.
        record: The whole record.
        known_rules: Ids that are taken.
    """
    place = _place(root, record)
    if place is None:
        return None
    file, line, function = place
    found = _bad_code(root, record, place)
    shape = _shape_of(*found) if found else None
    if found is None or shape is None:
        return None
    bad, failed = found
    package = package_of(root, record)
    rule_id = _free_id(package, known_rules)
    good = _function_in(_tree(root, file), function)
    if good is not None and shape in _shapes(good):
        good = None
    module = f"{package}_rules".lower()
    folder = f"{module}_dist"
    files = {
        f"{folder}/pyproject.toml": _pyproject(module, rule_id),
        f"{folder}/{module}.py": _module(record, rule_id, file, shape, bad, good, failed),
    }
    why = f"it flags {shape.shown}, which failed at {file}:{line} in {function}"
    return Draft(rule_id, folder, files, why)


def package_of(root: Path, record: Mapping[str, Any]) -> str:
    """Return the package that a failure lies in, the project's name where that is not known."""
    for module in reversed(modules_of_frames(root, record)):
        return module.partition(".")[0]
    return re.sub(r"\W+", "_", root.name).strip("_").lower() or "project"


def modules_of_frames(root: Path, record: Mapping[str, Any]) -> list[str]:
    """Return the modules of the project that a failure went through, the outermost first."""
    modules = []
    for file, _, _ in _frames(root, record):
        parts = Path(file).with_suffix("").parts
        parts = parts[1:] if parts and parts[0] in ("src", "lib") else parts
        if parts and not is_test_path(file) and all(one.isidentifier() for one in parts):
            kept = parts[:-1] if parts[-1] == "__init__" else parts
            modules.append(".".join(kept))
    return [*dict.fromkeys(one for one in modules if one)]


def _frames(root: Path, record: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """Return file, line and function of the frames in the project's files, the outermost first."""
    showed = record["context"]["file_path"]
    return [
        (found["file"], int(found["line"]), found["function"].strip())
        for found in _FRAME.finditer(record["failure_description"]["stack_trace"] or "")
        # A file that is gone by now is one of the project's when the failure showed there.
        if found["file"].endswith(".py")
        and not found["file"].startswith(("/", ".."))
        and (found["file"] == showed or _is_file(root / found["file"]))
    ]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _place(root: Path, record: Mapping[str, Any]) -> tuple[str, int, str] | None:
    """Return file, line and function of the innermost frame in the project, a test's last."""
    frames = _frames(root, record)
    product = [one for one in frames if not is_test_path(one[0])]
    named = product or frames
    return named[-1] if named else None


def _printed_lines(record: Mapping[str, Any]) -> list[str]:
    """Return the lines that pytest marked as those that were being run, the outermost first."""
    found = _FAILED_LINE.findall(record["failure_description"]["details"] or "")
    return [one.strip() for one in found]


def _bad_code(
    root: Path, record: Mapping[str, Any], place: tuple[str, int, str]
) -> tuple[str, str] | None:
    """Return the function as it was when it failed, and its failing line.

    From the commit, else from the tree; where neither has it any more, the line alone.
    """
    file, line, function = place
    printed = _printed_lines(record)
    commit = str(record["environment"]["commit"] or "")
    texts = [_tree(root, file)]
    if _REVISION.match(commit):
        texts.insert(0, asked(root, "show", f"{commit}:./{file}") or "")
    for text in texts:
        lines = text.splitlines()
        failed = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        found = _function_in(text, function)
        if found and failed and failed in found and (failed in printed or not printed):
            return found, failed
    if not printed:
        return None
    name = function.rpartition(".")[2]
    name = name if name.isidentifier() else "failed"
    made = f"def {name}(*args, **kwargs):\n    {printed[-1]}\n"
    return (made, printed[-1]) if _parsed(made) else None


def _tree(root: Path, file: str) -> str:
    try:
        path = (root / file).resolve()
        return path.read_text(encoding="utf-8") if path.is_relative_to(root.resolve()) else ""
    except (OSError, ValueError):
        return ""


def _function_in(text: str, function: str) -> str | None:
    """Return the text of a function of a file."""
    tree = _parsed(text)
    name = function.rpartition(".")[2]
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
            lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
            return textwrap.dedent("\n".join(lines[:CASE_LINES_MAX])) + "\n"
    return None


def _shape_of(bad: str, failed: str) -> _Shape | None:
    """Return what the rule will flag: the first thing on the failing line that has a name."""
    tree = _parsed(bad)
    if tree is None:
        return None
    lines = bad.splitlines()
    wanted = next((at for at, line in enumerate(lines, 1) if line.strip() == failed), 0)
    nodes = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and (not wanted or node.lineno == wanted)
    ]
    return next((shape for kind in _KINDS for node in nodes if (shape := kind(node))), None)


def _shapes(text: str) -> Iterator[_Shape]:
    """Yield everything in a text that a rule could flag."""
    for node in ast.walk(_parsed(text) or ast.Module([], [])):
        if isinstance(node, ast.expr):
            yield from filter(None, (kind(node) for kind in _KINDS))


def _key(node: ast.expr) -> _Shape | None:
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Constant):
        return None
    key = node.slice.value
    if not isinstance(key, str) or not key:
        return None
    test = f"isinstance(node.slice, _ast.Constant) and node.slice.value == {key!r}"
    return _Shape("Subscript", test, f"the key {key!r}", _word(key))


def _item(node: ast.expr) -> _Shape | None:
    if not isinstance(node, ast.Subscript):
        return None
    name = ast.unparse(node.value)
    if not re.fullmatch(r"[\w.]{1,100}", name):
        return None
    test = f"ast.unparse(node.value) == {name!r}"
    return _Shape("Subscript", test, f"an item of {name}", name.split(".")[-1])


def _word(key: str) -> str:
    """Return the part of a key that stands in every source that has it, however it is escaped."""
    return max(re.findall("[A-Za-z0-9_]+", key), key=len, default="")


def _call(node: ast.expr) -> _Shape | None:
    if not isinstance(node, ast.Call):
        return None
    name = ast.unparse(node.func)
    if not re.fullmatch(r"[\w.]{1,100}", name):
        return None
    return _Shape(
        "Call", f"ast.unparse(node.func) == {name!r}", f"a call of {name}()", name.split(".")[-1]
    )


def _attribute(node: ast.expr) -> _Shape | None:
    if not isinstance(node, ast.Attribute):
        return None
    return _Shape(
        "Attribute", f"node.attr == {node.attr!r}", f"the attribute .{node.attr}", node.attr
    )


# The most telling first.
_KINDS = (_key, _call, _item, _attribute)


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _free_id(package: str, known_rules: Iterable[str]) -> str:
    prefix = re.sub(r"[^A-Z0-9]", "", package.upper()).lstrip("0123456789") or "OWN"
    taken = set(known_rules)
    number = 1
    while f"{prefix}-{number}" in taken:
        number += 1
    return f"{prefix}-{number}"


def _pyproject(module: str, rule_id: str) -> str:
    return f"""\
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"

[project]
name = "{module.replace("_", "-")}"
version = "1.0"

[project.entry-points."failtrack_guard.rules"]
{rule_id} = "{module}:Draft"

[tool.setuptools]
py-modules = ["{module}"]
"""


def _module(
    record: Mapping[str, Any],
    rule_id: str,
    file: str,
    shape: _Shape,
    bad: str,
    good: str | None,
    failed: str,
) -> str:
    lines = bad.splitlines()
    at = next((at for at, line in enumerate(lines, 1) if line.strip() == failed), 1)
    error = " ".join(str(record["failure_description"]["error_message"]).split())[:200]
    told = _one_line(record["root_cause"]["root_cause_summary"] or f"it failed with {error}")
    remedy = _one_line(
        next(iter(record["prevention"]["prevention_measures"]), "say here what to do instead")
    )
    cases = "" if good is None else f"good('as it is now', {good!r}, path={file!r}),"
    imports = "_ast" if "ast.unparse" not in shape.test else "_ast\nimport ast"
    flagged = _literal(f"{shape.shown} is used as in a failure of the past: {told}")
    return f'''\
"""A rule of failtrack-guard, drafted from the failure {record["failure_id"]}."""

from __future__ import annotations

import {imports}

from failtrack_guard.rule import Rule, bad{", good" if good is not None else ""}


class Draft(Rule):
    """{_doc(shape.shown[0].upper() + shape.shown[1:])} is used as it was when it failed.

    It failed with {_doc(error)} in {_doc(file)}.

    Use instead: {_doc(remedy)}.

    Limits: a draft, which flags every such place. Narrow `look`, and say here what it leaves out.
    """

    id = {_literal(rule_id)}
    name = {_literal(f"draft-{record['signature']['hash']}")}
    remedy = {_literal(remedy)}
    severity = {_literal(record["severity"])}
    category = {_literal(record["category"])}
    subcategory = {_literal(record["subcategory"])}
    GOOD = ({cases})
    BAD = (
        bad("as it failed", {bad!r}, {at}, path={file!r}),
    )
{_needles(shape.word)}
    def look(self, module):
        """Yield each place that is used as in the failure."""
        for node, place in module.seen.all(_ast.{shape.node}):
            if {shape.test}:
                yield self.at(module, node, place, {flagged})
'''


def _needles(word: str) -> str:
    if not word:
        return ""
    return f'''
    def needles(self):
        """Without this word a file need not be parsed."""
        return ({word.lower().encode("utf-8")!r},)
'''


def _literal(text: str) -> str:
    return repr(text)


def _doc(text: str) -> str:
    """Return text that may stand in a docstring: it cannot end it, nor move a cursor."""
    return plain(text).replace("\\", "\\\\").replace('"', "'").rstrip(".")


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]
