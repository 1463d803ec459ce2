"""What preconditions say of a tree: each is run as a person would run it (S0-148..150).

`prove.py` asks. Every run is a process of its own with a limit of time, in a copy of the
project's tree.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_failtrack.frozen import frozen
from pytest_failtrack.prevention.bounded import Ended, run_bounded
from pytest_failtrack.prevention.precondition_tests import PytestRun, is_part, run_pytest
from pytest_failtrack.prevention.preconditions import (
    COMMAND,
    GUARD,
    PASSES,
    TEST,
    Precondition,
    Said,
)
from pytest_failtrack.prevention.printed import tail

# What belongs to the run around us, and would have this one write where it does.
_NOT_PASSED_ON = (
    *("FAILTRACK", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST", "COV_"),
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"),
)


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
                if not any(is_part(each["nodeid"], one.name) for each in run.told("found")):
                    missing[one] = run.why_not(one.name, "pytest finds no such test")
        return missing

    def _tests(
        self, tests: Sequence[Precondition], tree: Path, counts_collecting: bool
    ) -> dict[Precondition, Said]:
        run = self._pytest(tests, tree)
        return {one: run.said(one.name, counts_collecting) for one in tests}

    def _pytest(self, tests: Sequence[Precondition], tree: Path, *more: str) -> PytestRun:
        return run_pytest(
            self.pytest,
            [*more, *(_argument(one.name) for one in tests)],
            tree,
            {**self._environ(tree), "FAILTRACK_TREE": os.path.realpath(self.root)},
            self.timeout_seconds,
        )

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
        report = _report(ended.output)
        if ended.problem or report is None or report["errors"]:
            why = ended.problem or f"failtrack-guard says: {_error(report, ended.output, tree)}"
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


def _report(output: str) -> dict[str, Any] | None:
    """Return the report of the guard, None when it printed something else."""
    try:
        report = json.loads(output)
    except ValueError:
        return None
    return report if isinstance(report, dict) and "findings" in report else None


def _error(report: Mapping[str, Any] | None, output: str, tree: Path) -> str:
    if report is None:
        return tail(output, tree)
    first = report["errors"][0]
    return ": ".join(filter(None, [first["path"], tail(first["message"], tree)]))


def _is_file_of(root: Path, path: str) -> bool:
    try:
        real = Path(os.path.realpath(root / path))
        return real.is_relative_to(os.path.realpath(root)) and real.is_file()
    except (OSError, ValueError):
        return False


def _argument(nodeid: str) -> str:
    # An argument must not look like an option or like pytest's `@file`.
    return f"./{nodeid}" if nodeid[:1] in "-@" else nodeid
