"""What a record names as its preconditions, and what they say of a tree (S0-148..150).

`prevention.py` asks. A precondition is a rule of failtrack-guard, a test, or a command of the
project; each is run as a person would run it, in a process of its own with a limit of time:

    guard:PV-001                     a rule of the guard, or of the project's own
    test:tests/test_tax.py::test_x   a test, a class or a file of tests
    command:contract                 a command of [tool.failtrack.prevention.commands]
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_failtrack.bounded import Ended, run_bounded
from pytest_failtrack.frozen import frozen
from pytest_failtrack.lazily import lazily

GUARD, TEST, COMMAND = "guard", "test", "command"
TAIL_LINES = 6
TAIL_MAX_CHARS = 600
_RULE_ID = lazily(r"[A-Z][A-Z0-9]*-[A-Z]*[0-9]+\Z")
_NODEID = lazily(r"[^\s:]+\.py(::\S.*)?\Z")
# What pytest ends with when it could run: all passed, some failed, none were collected.
_RAN = (0, 1, 5)
# What belongs to the run around us, and would have this one write where it does.
_NOT_PASSED_ON = ("FAILTRACK", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST", "COV_")


@frozen
class Precondition:
    """Something that has to hold before a build is let through.

    Args:
        kind: `guard`, `test` or `command`.
        name: Id of the rule, node id, or name of the command.
    """

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


@frozen
class Said:
    """What a precondition says of a tree.

    Args:
        outcome: `passes`, `fails`, or `unclear` when it could not be judged.
        why: What it says, as the end of a sentence.
    """

    outcome: str
    why: str = ""


PASSES = Said("passes")


@frozen
class Runner:
    """How preconditions are run.

    Args:
        root: The tree.
        pytest: Command that runs pytest; empty for that of our own Python.
        paths: Folders of the tree from which modules are imported, ahead of others.
        commands: The project's own commands.
        timeout_seconds: Limit for each.
    """

    root: Path
    pytest: tuple[str, ...]
    paths: tuple[str, ...]
    commands: Mapping[str, tuple[str, ...]]
    timeout_seconds: float

    def missing(self, wanted: Iterable[Precondition], tree: Path) -> dict[Precondition, str]:
        """Return those that do not exist in a copy of the tree, with the reason."""
        found: dict[Precondition, str] = {}
        wanted = tuple(wanted)
        tests = [one for one in wanted if one.kind == TEST]
        guards = [one for one in wanted if one.kind == GUARD]
        found |= self._missing_tests(tests, tree) if tests else {}
        found |= self._missing_rules(guards, tree) if guards else {}
        for one in wanted:
            if one.kind == COMMAND and one.name not in self.commands:
                found[one] = "[tool.failtrack.prevention.commands] has no such command"
        return found

    def ask(
        self, wanted: Iterable[Precondition], tree: Path, *, counts_collecting: bool = False
    ) -> dict[Precondition, Said]:
        """Return what each says of a tree.

        Args:
            wanted: The preconditions.
            tree: A copy of the project's tree.
            counts_collecting: Whether a test that cannot even be collected fails, rather than
                being unclear.
        """
        wanted = tuple(wanted)
        tests = [one for one in wanted if one.kind == TEST]
        guards = [one for one in wanted if one.kind == GUARD]
        found: dict[Precondition, Said] = {}
        found |= self._tests(tests, tree, counts_collecting) if tests else {}
        found |= self._rules(guards, tree) if guards else {}
        for one in wanted:
            if one.kind == COMMAND:
                found[one] = self._command(one, tree)
        return {one: found[one] for one in wanted}

    def run(self, argv: Sequence[str], tree: Path, **variables: str) -> Ended:
        """Run a command of the project in its tree, or in a copy of it."""
        return run_bounded(argv, tree, self._environ(tree) | variables, self.timeout_seconds)

    def _environ(self, tree: Path) -> dict[str, str]:
        """Return an environment in which modules come from this tree and nothing is recorded."""
        environ = {
            name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)
        }
        # Python takes what it compiled for current when size and second are those of then.
        environ["PYTHONDONTWRITEBYTECODE"] = "1"
        if tree != self.root:
            environ["PYTHONPATH"] = os.pathsep.join(self._import_paths(tree))
        return environ

    def _import_paths(self, copy: Path) -> list[str]:
        """Return what stands for the folders of the tree from which Python imports."""
        root = os.path.realpath(self.root)
        given = [one for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one]
        listed = given if self.pytest else [*given, *sys.path]
        found: dict[str, None] = {str(copy / one): None for one in self.paths}
        for one in (root, os.path.join(root, "src"), *listed):
            real = os.path.realpath(one)
            if real == root or real.startswith(root + os.sep):
                inner = copy / os.path.relpath(real, root)
                if inner.is_dir():
                    found[str(inner)] = None
            elif one in given:
                found[one] = None
        return list(found)

    # Tests.

    def _missing_tests(self, tests: Sequence[Precondition], tree: Path) -> dict[Precondition, str]:
        missing = {
            one: "there is no such file"
            for one in tests
            if not _is_file_of(tree, one.name.partition("::")[0])
        }
        there = [one for one in tests if one not in missing]
        if there:
            run = self._pytest(there, tree, "--collect-only", "-q")
            for one in there:
                if not any(_is_part(each["nodeid"], one.name) for each in run.told("found")):
                    missing[one] = run.why_not(one.name, "pytest finds no such test")
        return missing

    def _tests(
        self, tests: Sequence[Precondition], tree: Path, counts_collecting: bool
    ) -> dict[Precondition, Said]:
        run = self._pytest(tests, tree)
        return {one: run.said(one.name, counts_collecting) for one in tests}

    def _pytest(self, tests: Sequence[Precondition], tree: Path, *more: str) -> PytestRun:
        with tempfile.TemporaryDirectory(prefix="failtrack-") as folder:
            plugin = Path(__file__).with_name("outcomes_told.py")
            shutil.copyfile(plugin, Path(folder, "failtrack_outcomes.py"))
            told = Path(folder, "outcomes.jsonl")
            environ = self._environ(tree)
            paths = [folder, *filter(None, [environ.get("PYTHONPATH", "")])]
            environ |= {
                "PYTHONPATH": os.pathsep.join(paths),
                "FAILTRACK_OUTCOMES": str(told),
                # A project that switches tracking on in its settings records nothing of this.
                "FAILTRACK_DIR": os.path.join(folder, "evidence", "failures"),
                "FAILTRACK_STATE": os.path.join(folder, "state"),
                "FAILTRACK_HISTORY": os.path.join(folder, "history.sqlite"),
                "FAILTRACK_TREE": os.path.realpath(self.root),
                "FAILTRACK_COPY": str(tree),
            }
            argv = [
                *(self.pytest or (sys.executable, "-m", "pytest")),
                *("-p", "failtrack_outcomes", f"--rootdir={tree}", "--maxfail=0"),
                *("-o", f"cache_dir={os.path.join(folder, 'cache')}"),
                *more,
                *(_argument(one.name) for one in tests),
            ]
            ended = run_bounded(argv, tree, environ, self.timeout_seconds)
            return PytestRun(ended, tuple(_events(told)), str(tree))

    # Rules of the guard.

    def _missing_rules(self, guards: Sequence[Precondition], tree: Path) -> dict[Precondition, str]:
        ended = self.run([sys.executable, "-m", "failtrack_guard", "rules", "--json"], tree)
        try:
            rules = {one["id"]: one for one in json.loads(ended.output)} if not ended.status else {}
        except ValueError:
            rules = {}
        if not rules:
            why = f"failtrack-guard {ended.problem or 'says: ' + tail(ended.output, tree)}"
            return dict.fromkeys(guards, why)
        missing = {}
        for one in guards:
            rule = rules.get(one.name)
            if rule is None:
                missing[one] = f"the guard has no such rule; it has {', '.join(rules)}"
            elif not rule["runs"]:
                needs = ", ".join(rule["needs"])
                wants = f"it needs {needs} in [tool.failtrack.guard.{one.name}]" if needs else ""
                missing[one] = f"the rule is switched off here{'; ' if wants else ''}{wants}"
        return missing

    def _rules(self, guards: Sequence[Precondition], tree: Path) -> dict[Precondition, Said]:
        names = ",".join(one.name for one in guards)
        argv = [sys.executable, "-m", "failtrack_guard", "check", "--output", "json", "--no-cache"]
        ended = self.run([*argv, "--select", names], tree)
        try:
            if ended.status not in (0, 1):
                raise ValueError(ended.problem)
            report = json.loads(ended.output)
        except ValueError:
            why = ended.problem or f"failtrack-guard says: {tail(ended.output, tree)}"
            return dict.fromkeys(guards, Said("unclear", why))
        found: dict[Precondition, Said] = {}
        for one in guards:
            lines = [
                f"{each['path']}:{each['line']}: {each['message']}"
                for each in report["findings"]
                if each["rule"] == one.name
                and each["suppressed"] is None
                and each["baseline"] != "known"
            ]
            more = f" and {len(lines) - 1:,} more" if len(lines) > 1 else ""
            found[one] = Said("fails", f"{lines[0]}{more}") if lines else PASSES
        return found

    # The project's own commands.

    def _command(self, one: Precondition, tree: Path) -> Said:
        ended = self.run(self.commands[one.name], tree)
        if ended.problem:
            return Said("unclear", ended.problem)
        if ended.status == 0:
            return PASSES
        said = f"exit status {ended.status}: {tail(ended.output, tree)}"
        return Said("fails", said)


@frozen
class PytestRun:
    """A run of pytest, and what it told of each test.

    Args:
        ended: How it ended.
        events: What `outcomes_told.py` told.
        tree: The tree that it ran in.
    """

    ended: Ended
    events: tuple[dict[str, Any], ...]
    tree: str

    def told(self, when: str) -> Iterator[dict[str, Any]]:
        """Yield what was told of a phase."""
        return (one for one in self.events if one["when"] == when)

    def said(self, nodeid: str, counts_collecting: bool) -> Said:
        """Return what the tests under a node id say."""
        foreign = next(self.told("foreign"), None)
        if foreign is not None:
            return Said(
                "unclear",
                f"in the copy of the tree {foreign['text']} is still imported from the tree itself;"
                " name the folder that modules are imported from in [tool.failtrack.prevention]"
                " paths",
            )
        if self.ended.problem:
            return Said("unclear", self.ended.problem)
        file = nodeid.partition("::")[0]
        broken = [one for one in self.told("collect") if _is_part(one["nodeid"], file)]
        if broken:
            why = f"{broken[0]['nodeid']} cannot be collected: {broken[0]['text']}"
            return Said("fails" if counts_collecting else "unclear", why)
        phases = [
            one
            for one in self.events
            if one["when"] in ("setup", "call", "teardown") and _is_part(one["nodeid"], nodeid)
        ]
        # A rerun that passed in the end has passed: the last word of each phase counts.
        last = {(one["nodeid"], one["when"]): one for one in phases}
        failed = [one for one in last.values() if one["outcome"] == "failed"]
        if failed:
            where = failed[0]["nodeid"] if failed[0]["nodeid"] != nodeid else ""
            return Said("fails", ": ".join(filter(None, [where, failed[0]["text"] or "it failed"])))
        called = [one for one in last.values() if one["when"] == "call"]
        if any(one["outcome"] == "passed" and not one["is_xfail"] for one in called):
            return PASSES
        if any(one["is_xfail"] for one in last.values()):
            return Said("unclear", "it is marked xfail, so it guards nothing")
        if any(one["outcome"] == "skipped" for one in last.values()):
            return Said("unclear", "it is skipped, so it guards nothing")
        return Said("unclear", self.why_not(nodeid, "it was not run"))

    def why_not(self, nodeid: str, otherwise: str) -> str:
        """Return why nothing was told of a test."""
        if self.ended.problem:
            return f"pytest {self.ended.problem}"
        file = nodeid.partition("::")[0]
        for one in self.told("collect"):
            if _is_part(one["nodeid"], file):
                return f"{one['nodeid']} cannot be collected: {one['text']}"
        if self.ended.status in _RAN or (
            self.ended.status == 4 and "not found" in self.ended.output
        ):
            return otherwise
        return f"pytest ends with {self.ended.status}: {tail(self.ended.output, self.tree)}"


def preconditions_of(prevention: Mapping[str, Any]) -> tuple[tuple[Precondition, ...], int]:
    """Return the preconditions that a record names, and how many entries are prose.

    Args:
        prevention: The block `prevention` of the record.
    """
    found: dict[Precondition, None] = {}
    prose = 0
    for entry in (*prevention["precondition_updates"], *prevention["test_additions"]):
        one = parse(entry)
        if one is None:
            prose += 1
        else:
            found[one] = None
    return tuple(found), prose


def parse(entry: str) -> Precondition | None:
    """Return the precondition that an entry names, None when it is prose."""
    text = entry.strip()
    kind, colon, name = text.partition(":")
    if colon and not name.startswith(":") and kind in (GUARD, TEST, COMMAND) and name.strip():
        name = name.strip()
        return Precondition(kind, name.upper() if kind == GUARD else _slashed(name))
    if _RULE_ID.match(text):
        return Precondition(GUARD, text)
    return Precondition(TEST, _slashed(text)) if _NODEID.match(text) else None


def tail(output: str, tree: Path | str) -> str:
    """Return the end of what a command printed, as one line without the name of the folder."""
    text = output.replace(f"{tree}{os.sep}", "").replace(str(tree), ".")
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip(" =-_\t")]
    shown = " | ".join(lines[-TAIL_LINES:])
    return f"...{shown[-TAIL_MAX_CHARS:]}" if len(shown) > TAIL_MAX_CHARS else shown or "nothing"


def _events(file: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        try:
            yield json.loads(line)
        except ValueError:
            continue  # its writer was killed


def _is_part(nodeid: str, wanted: str) -> bool:
    """Return whether a test is the one that is wanted, one of its parameters, or lies in it."""
    return nodeid == wanted or nodeid.startswith((f"{wanted}[", f"{wanted}::"))


def _is_file_of(root: Path, path: str) -> bool:
    try:
        real = Path(os.path.realpath(root / path))
        return real.is_relative_to(os.path.realpath(root)) and real.is_file()
    except (OSError, ValueError):
        return False


def _slashed(nodeid: str) -> str:
    file, colons, rest = nodeid.partition("::")
    return f"{file.replace(chr(92), '/').removeprefix('./')}{colons}{rest}"


def _argument(nodeid: str) -> str:
    # An argument must not look like an option or like pytest's `@file`.
    return f"./{nodeid}" if nodeid[:1] in "-@" else nodeid
