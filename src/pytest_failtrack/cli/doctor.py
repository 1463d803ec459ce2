"""`failtrack doctor`: checks the installation, the configuration and what lies on disk."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import click

from pytest_failtrack.cli import checks
from pytest_failtrack.cli.checks.checkup import (
    OK,
    PROBLEM,
    STATUSES,
    WARNING,
    Checked,
    Checkup,
    Remark,
)
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.config import Settings, load
from pytest_failtrack.errors import ConfigError
from pytest_failtrack.observe.clock import now_text
from pytest_failtrack.sinks.plain import plain

if TYPE_CHECKING:
    from pytest_failtrack.observe.observation import Observation

EXIT_PROBLEMS = 1
EXIT_USAGE = 2
COLORS = {OK: "32", WARNING: "33", PROBLEM: "31"}
STATUS_WIDTH = max(map(len, STATUSES)) + 2
RECORDED = "failtrack doctor"

# Name: the check, in the order in which they are printed.
CHECKS: dict[str, Callable[[Checkup], Iterable[Remark]]] = {
    "configuration": checks.rules.configuration,
    "rules": checks.rules.rules,
    "scope": checks.rules.scope,
    "codeowners": checks.rules.codeowners,
    "components": checks.rules.components,
    "evidence": checks.places.evidence,
    "fixes": checks.fixes.fixes,
    "journals": checks.places.journals,
    "state": checks.places.state,
    "index": checks.places.index,
    "history": checks.behind.shared,
    "clocks": checks.clocks.clocks,
    "queries": checks.clocks.queries,
    "git": checks.places.git,
    "guard": checks.places.guard,
    "plugin": checks.places.plugin,
}
NAME_WIDTH = max(map(len, CHECKS)) + 2

HELP = """Check the installation, the configuration and what lies on disk.

One line a check: ok, warning or problem, and what to do next. Rules of the configuration that
contradict each other and changes under a frozen path are problems; with --record those two become
records as well, GOVERNANCE_RULE_CONFLICT and SCOPE_NOT_FROZEN, which the gate counts; and an open
record whose test passed after a change of tests alone says so.

\b
    $ failtrack doctor

\b
Exit codes:
    0   fine, whatever was warned of
    1   problems were found
    2   the configuration cannot be used
"""


@click.command("doctor", help=HELP)
@places
@click.option("--record", "wants_records", is_flag=True, help="Record conflicts and changed scope.")
@click.option("--build", metavar="ID", help="Build that --record records for.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.pass_context
def command(
    context: click.Context,
    dir_: str | None,
    state: str | None,
    history: str | None,
    wants_records: bool,
    build: str | None,
    as_json: bool,
) -> None:
    """Check everything, print it, and exit by the worst that was found."""
    options = {"dir": dir_, "state": state, "history": history, "build": build}
    checkup = checkup_of({name: value for name, value in options.items() if value})
    checked = examine(checkup)
    code = exit_code(checked)
    if as_json:
        click.echo(json.dumps(to_json(checked, code), indent=2))
    else:
        screen = Screen.of_stdout()
        screen.write(render(checked, screen))
    if wants_records:
        for sentence in checks.fixes.note_fixes(checkup):
            click.echo(f"failtrack: {plain(sentence)}", err=True)
        record(checked, checkup.settings)
    context.exit(code)


def checkup_of(options: dict[str, str]) -> Checkup:
    """Return what the checks are given; a table that cannot be used is left out of it.

    Raises:
        ConfigError: Not even the options and the environment can be used.
    """
    now = datetime.now(timezone.utc)
    try:
        return Checkup(settings_from(**options), now)
    except ConfigError as error:
        return Checkup(load(options, table={}), now, error)


def examine(checkup: Checkup) -> tuple[Checked, ...]:
    """Return what every check found; one that has nothing to look at is left out."""
    found = ((name, tuple(check(checkup))) for name, check in CHECKS.items())
    return tuple(Checked(name, remarks) for name, remarks in found if remarks)


def exit_code(checked: Iterable[Checked]) -> int:
    """Return the exit code: 2 for a configuration that cannot be used, else 1 for any problem."""
    failed = {one.name for one in checked if one.status == PROBLEM}
    if "configuration" in failed:
        return EXIT_USAGE
    return EXIT_PROBLEMS if failed else 0


def render(checked: Sequence[Checked], screen: Screen) -> Iterator[str]:
    """Yield the lines for people: one a check, and what to do about it."""
    for one in checked:
        for number, remark in enumerate(one.remarks):
            name = "" if number else one.name
            kind = f"{remark.subcategory}: " if remark.subcategory else ""
            yield from _wrapped(remark.status, name, f"{kind}{remark.sentence}", screen)
            if remark.advice:
                yield from _wrapped("", "", f"next: {remark.advice}", screen)
    counts = [
        sum(r.status == status for one in checked for r in one.remarks) for status in STATUSES
    ]
    parts = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((counts[2], PROBLEM), (counts[1], WARNING))
        if count
    ]
    yield ", ".join(parts) or "everything is fine"


def _wrapped(status: str, name: str, text: str, screen: Screen) -> Iterator[str]:
    indent = STATUS_WIDTH + NAME_WIDTH
    room = max(screen.width - indent, 40)
    lines = textwrap.wrap(
        plain(text, unicode=screen.unicode), room, break_long_words=False, break_on_hyphens=False
    )
    shown = f"\x1b[{COLORS[status]}m{status}\x1b[0m" if screen.color and status else status
    start = shown + " " * (STATUS_WIDTH - len(status)) + name.ljust(NAME_WIDTH)
    for number, line in enumerate(lines):
        yield (" " * indent if number else start) + line


def to_json(checked: Iterable[Checked], code: int) -> dict[str, Any]:
    """Return what was found for programs; keys are added in later versions, never changed.

    `exit_code`, `passed`, and `checks`, each with `name`, `status` and `remarks`: `status`,
    `sentence`, `advice`, `subcategory`, `file`, `rules`.
    """
    return {
        "format": "failtrack-doctor",
        "format_version": 1,
        "passed": code == 0,
        "exit_code": code,
        "checks": [
            {
                "name": one.name,
                "status": one.status,
                "remarks": [
                    {
                        "status": remark.status,
                        "sentence": remark.sentence,
                        "advice": remark.advice,
                        "subcategory": remark.subcategory,
                        "file": remark.file,
                        "rules": list(remark.rules),
                    }
                    for remark in one.remarks
                ],
            }
            for one in checked
        ],
    }


def record(checked: Iterable[Checked], settings: Settings) -> None:
    """Write a record of each conflict of rules and each change of what is frozen."""
    from pytest_failtrack.extensions import Extensions
    from pytest_failtrack.observe.redact import Redactor

    builtin = Redactor.of(settings.table)
    extensions = Extensions.of_command(settings.table, builtin)
    redact = builtin.followed_by(extensions.redact)
    now = now_text()
    observations = [
        _observation(one, now, redact)
        for check in checked
        for one in check.remarks
        if one.subcategory
    ]
    _conclude(observations, now, settings, extensions)


def _observation(remark: Remark, now: str, redact: Callable[[str], str]) -> Observation:
    from pytest_failtrack.observe.observation import Observation

    sentence, headline = redact(remark.sentence), redact(remark.headline or remark.sentence)
    about = remark.file or " and ".join(remark.rules)
    return Observation(
        source="command",
        when="command",
        nodeid=redact(f"{RECORDED}: {about}"),
        outcome="failed",
        file=redact(remark.file),
        # The token is made of this: commit and author are among the reasons alone.
        text=f"error: {remark.subcategory}: {headline}",
        timestamp=now,
        told={
            "subcategory": remark.subcategory,
            "failure_type": "build_error",
            "recovery_mode": "ESCALATE" if remark.file else "FIX_CONFIGURATION",
            "recovery_suggestion": _line(remark.advice),
            "reasons": [_line(sentence)],
        },
    )


def _name_of(observations: Sequence[Observation], now: str) -> str:
    """Return what is the same for the same findings on the same day."""
    found = "\n".join(sorted(one.text for one in observations))
    return hashlib.sha256(f"{now[:10]}\n{found}".encode("utf-8", "replace")).hexdigest()[:12]


def _line(text: str) -> str:
    line = " ".join(text.split())[:400].rstrip(".")
    return f"{line[:1].upper()}{line[1:]}."


def _conclude(
    observations: Sequence[Observation], now: str, settings: Settings, extensions: Any
) -> None:
    from pytest_failtrack import pipeline, run_document
    from pytest_failtrack.cli.conclusion import show_conclusion

    seen = pipeline.RunSeen(
        start={
            "source": "command",
            "settings": settings.told | {"phase": "authorization"},
            "command": f"{RECORDED} --record",
            "started_at": now,
            "python": platform.python_version(),
            "platform": sys.platform,
            "root": str(settings.root),
            "evidence": settings.told_evidence,
            "run": f"doctor-{_name_of(observations, now)}",
        },
        drafts=[one.to_dict() for one in observations],
        counts={"failed": len(observations)} if observations else {},
        exit_status=int(bool(observations)),
        finished_at=now,
    )
    conclusion = pipeline.conclude(seen, settings, extensions)
    _, trouble = run_document.write_run(seen, conclusion, settings)
    if trouble:
        click.echo(f"failtrack: {trouble}", err=True)
    if observations:
        show_conclusion(conclusion, settings, extensions)
