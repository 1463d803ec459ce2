"""The proof that a failure cannot come back: what PREVENTED stands on (S0-148..153).

`cli/record` asks before a record becomes PREVENTED, `cli/verify.py` to look. What is verified is a
list that a project can change (S0-131); the shipped one is `STEPS`. Preconditions run in a copy of
the tree alone, which is then made bad; the user's own tree is only read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from pytest_failtrack.config import Settings
from pytest_failtrack.errors import InputError
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.redact import Redactor
from pytest_failtrack.prevention import documented
from pytest_failtrack.prevention.known_bad import Case, cases_in, copied, make_bad
from pytest_failtrack.prevention.precondition_runs import Runner
from pytest_failtrack.prevention.preconditions import (
    GUARD,
    TEST,
    Precondition,
    Said,
    preconditions_of,
)
from pytest_failtrack.prevention.printed import tail
from pytest_failtrack.prevention.proof import Proof, Step
from pytest_failtrack.prevention.verification import Verification, verification_of
from pytest_failtrack.record.profile import unmet
from pytest_failtrack.record.times import parse_time, time_text

SENTENCE_MAX_CHARS = 1_500
ENDED = ("RESOLVED", "PREVENTED")
_COMMIT = lazily(r"[0-9a-f]{7,64}\Z")
_OF_TESTS = ("test", "tests")


def prove(settings: Settings, record: Mapping[str, Any], *, now: datetime) -> Proof:
    """Verify that the failure of a record is prevented (S0-148..152).

    Nothing is changed: neither the record, nor the tree, nor the history.

    Args:
        settings: Settings of the project.
        record: The whole record, with the prevention that it shall be PREVENTED by.
        now: The moment of the verification, aware.

    Raises:
        ConfigError: The verification list cannot be used.
    """
    verification = verification_of(settings)
    redact = Redactor.of(settings.table)
    steps = []
    with ExitStack() as stack:
        bench = _Bench(settings, record, verification, stack)
        for name in verification.steps:
            verify = STEPS.get(name)
            try:
                said = verify(bench) if verify else bench.own(name)
            except InputError as error:
                said = (False, error.message)
            ok, sentence = said
            steps.append(Step(name, ok, _sentence(redact(sentence))))
    return Proof(str(record["failure_id"]), time_text(now), tuple(steps))


class _Bench:
    """What the steps share: the record, and a copy of the tree that is made when one needs it."""

    def __init__(
        self,
        settings: Settings,
        record: Mapping[str, Any],
        verification: Verification,
        stack: ExitStack,
    ) -> None:
        self.settings = settings
        self.record = record
        self.verification = verification
        self._stack = stack
        self.preconditions, self.prose = preconditions_of(record["prevention"])
        self.runner = Runner(
            root=settings.root,
            pytest=verification.pytest,
            paths=verification.paths,
            commands=verification.commands,
            timeout_seconds=verification.timeout_seconds,
        )

    @property
    def case_folder(self) -> Path:
        """Where the known-bad case of the record lies."""
        return self.verification.known_bad / str(self.record["failure_id"])

    @cached_property
    def tree(self) -> Path:
        """A copy of the tree as it is."""
        return self.copy()

    def copy(self) -> Path:
        """Return a fresh copy of the tree, which is gone when all steps are done."""
        settings, events = self.settings, self.settings.evidence_dir.parent
        left_out = [settings.evidence_dir, settings.runs_dir, settings.state_dir]
        left_out += [self.verification.known_bad]
        if events != settings.root:
            left_out += [events / "changes", events / "archive"]
        made = copied(self.settings.root, left_out, self.verification.linked)
        return self._stack.enter_context(made)

    @cached_property
    def missing(self) -> dict[Precondition, str]:
        """Preconditions that do not exist, with the reason."""
        return self.runner.missing(self.preconditions, self.tree)

    @cached_property
    def standing(self) -> tuple[Precondition, ...]:
        """Preconditions that exist."""
        return tuple(one for one in self.preconditions if one not in self.missing)

    @cached_property
    def good(self) -> dict[Precondition, Said]:
        """What they say of the tree as it is."""
        return self.runner.ask(self.standing, self.tree)

    def on(self, case: Case) -> tuple[dict[Precondition, Said], str]:
        """Return what preconditions say of a known-bad case, or why it cannot be made."""
        copy = self.copy()
        touched, problem = make_bad(case, copy)
        if problem:
            return {}, problem
        for one in self.standing:
            own = [path for path in touched if _belongs_to(one, path)]
            if own:
                return {}, (
                    f"{case.name} changes {own[0]} itself; a known-bad case breaks the product,"
                    " never what guards it"
                )
        counts = self.record["test"]["when"] in ("collect", "import")
        return self.runner.ask(self.standing, copy, counts_collecting=counts), ""

    def own(self, name: str) -> tuple[bool, str]:
        """Run a command of the project in its own tree, as a step."""
        variables = {"FAILTRACK_FAILURE_ID": str(self.record["failure_id"])}
        root = self.settings.root
        ended = self.runner.run(self.verification.commands[name], root, **variables)
        if ended.problem:
            return False, f"the command {ended.problem}."
        if ended.status:
            return False, f"the command ends with {ended.status}: {tail(ended.output, root)}"
        return True, "the command succeeds."


Verify = Callable[[_Bench], tuple[bool, str]]


def _exists(bench: _Bench) -> tuple[bool, str]:
    """S0-148: what should catch the failure exists."""
    if not bench.preconditions:
        prose = " What is named there is prose, which cannot be run." if bench.prose else ""
        return False, (
            "the record names no precondition that can be run; add guard:RULE, test:NODEID or"
            f" command:NAME to prevention.precondition_updates or test_additions.{prose}"
        )
    if bench.missing:
        return False, _listed(f"{one} does not exist: {why}" for one, why in bench.missing.items())
    prose = f" ({bench.prose} more in prose)" if bench.prose else ""
    return True, f"{_names(bench.preconditions)} {_verb(bench.preconditions, 'exist')}{prose}."


def _passes(bench: _Bench) -> tuple[bool, str]:
    """S0-149: it lets the present tree pass."""
    if not bench.standing:
        return False, "not run: there is no precondition to run."
    bad = {one: said for one, said in bench.good.items() if said.outcome != "passes"}
    if bad:
        return False, _listed(f"{one} {_does_not_pass(said)}" for one, said in bad.items())
    return True, f"{_names(bench.standing)} {_verb(bench.standing, 'pass')} on the tree."


def _catches(bench: _Bench) -> tuple[bool, str]:
    """S0-150: it fails on the known-bad case."""
    if not bench.standing:
        return False, "not run: there is no precondition to run."
    cases = cases_in(bench.case_folder)
    if not cases:
        return False, _no_case(bench)
    # One that is red already would be red on anything.
    if any(said.outcome != "passes" for said in bench.good.values()):
        return (
            False,
            "not run: what is red on the tree proves nothing on the known-bad case.",
        )
    asked = {}
    for case in cases:
        asked[case.name], problem = bench.on(case)
        if problem:
            return False, f"{problem}."
    idle = []
    for one in bench.standing:
        said = [asked[case.name][one] for case in cases]
        if not any(each.outcome == "fails" for each in said):
            unclear = next((each.why for each in said if each.outcome == "unclear"), "")
            idle.append(
                f"{one} could not be judged on the known-bad case: {unclear}"
                if unclear
                else f"{one} passes on the known-bad case, so it would not have caught the failure"
            )
    idle += [
        f"no precondition fails on {case.name}"
        for case in cases
        if len(cases) > 1 and all(said.outcome != "fails" for said in asked[case.name].values())
    ]
    if idle:
        return False, _listed(idle)
    first = next(
        (one, case.name, asked[case.name][one].why)
        for case in cases
        for one in bench.standing
        if asked[case.name][one].outcome == "fails"
    )
    names = _names(bench.standing)
    verb = _verb(bench.standing, "fail")
    return True, f"{names} {verb} on the known-bad case ({first[1]}: {first[2]})."


def _documented(bench: _Bench) -> tuple[bool, str]:
    """S0-151: the documentation has changed since."""
    prevention = bench.record["prevention"]
    entries = [*prevention["documentation_updates"], *prevention["governance_updates"]]
    if not entries:
        return False, (
            "the record names no documentation; add the path of what was changed to"
            " prevention.documentation_updates or governance_updates."
        )
    root = bench.settings.root
    problems, judged = documented.all_problems(root, entries, parse_time(bench.record["timestamp"]))
    if problems:
        return False, _listed(problems)
    how = " (by the time of the file: git cannot say)" if "mtime" in judged else ""
    changed = "has" if len(entries) == 1 else "have"
    return True, f"{', '.join(entries)} {changed} changed since the failure was seen{how}."


def _record(bench: _Bench) -> tuple[bool, str]:
    """S0-152, S0-153: the record may become PREVENTED."""
    status = bench.record["status"]
    if status not in ENDED:
        return False, f"the record is {status}; only one that is RESOLVED becomes PREVENTED."
    missing = unmet(bench.record, "PREVENTED")
    if missing:
        return False, f"PREVENTED also demands {', '.join(map(str, missing))}."
    return True, f"the record is {status} and has what PREVENTED demands."


# The shipped verification list, in order.
STEPS: dict[str, Verify] = {
    "exists": _exists,
    "passes": _passes,
    "catches": _catches,
    "documented": _documented,
    "record": _record,
}


def _belongs_to(one: Precondition, path: str) -> bool:
    """Return whether a file is a part of what a precondition judges by."""
    if one.kind == TEST:
        return path == one.name.partition("::")[0] or Path(path).name == "conftest.py"
    return one.kind == GUARD and path in ("pyproject.toml", ".failtrack-guard-baseline.json")


def _no_case(bench: _Bench) -> str:
    root, folder = bench.settings.root, bench.case_folder
    shown = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else str(folder)
    commit = bench.record["resolution"]["resolution_commit"] or ""
    named = commit if _COMMIT.match(commit) else "FIX"
    is_known = "" if named == commit else ", FIX being its commit"
    top, slash, _ = str(bench.record["context"]["file_path"] or "").partition("/")
    product = top if slash and top.isidentifier() and top not in _OF_TESTS else "src"
    return (
        f"no known-bad case is stored; turn the fix around{is_known}: mkdir -p {shown} && git diff"
        f" --relative {named} {named}~1 -- {product} > {shown}/case.patch"
    )


def _does_not_pass(said: Said) -> str:
    verb = "fails on" if said.outcome == "fails" else "cannot be judged on"
    return f"{verb} the tree as it is now: {said.why}"


def _names(found: tuple[Precondition, ...]) -> str:
    return ", ".join(map(str, found))


def _verb(found: tuple[Precondition, ...], verb: str) -> str:
    if len(found) > 1:
        return verb
    return f"{verb}es" if verb.endswith("s") else f"{verb}s"


def _listed(clauses: Iterator[str] | list[str]) -> str:
    return "; ".join(clauses) + "."


def _sentence(text: str) -> str:
    line = " ".join(text.split())
    return f"{line[: SENTENCE_MAX_CHARS - 3]}..." if len(line) > SENTENCE_MAX_CHARS else line
