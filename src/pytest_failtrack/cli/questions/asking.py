"""What every command that asks the history shares: its filters, its outputs and the way to ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from functools import wraps
from typing import Any, TypeVar

import click

from pytest_failtrack.classify.taxonomy import Category, Severity, Subcategory
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.questions.moments import moment_of
from pytest_failtrack.cli.questions.table import Table, csv_of, json_of, lines_of
from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import InputError
from pytest_failtrack.frozen import as_dict, frozen, replaced
from pytest_failtrack.history.database import Database
from pytest_failtrack.history.questions.filter import TEXT_COLUMNS, Filter
from pytest_failtrack.history.questions.group import GROUPS
from pytest_failtrack.history.questions.listing import count_records
from pytest_failtrack.open_history import open_history
from pytest_failtrack.sinks.plain import plain

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

# Option -> field of the filter, help.
TEXT_OPTIONS = {
    "branch": ("branch", "Branch of the run."),
    "category": ("category", "Category, such as INFRA."),
    "severity": ("severity", "CRITICAL, HIGH, MEDIUM or LOW."),
    "type": ("failure_type", "Failure type, such as test_failure."),
    "status": ("status", "OPEN, INVESTIGATING, RESOLVED or PREVENTED."),
    "owner": ("owner", "Owner; none for those without one."),
    "component": ("component", "Component."),
    "test": ("test", "Test: a part of its node id, or a pattern with *."),
    "file": ("file", "File where it broke: a part of its path, or a pattern with *."),
    "cause": ("cause", "Cause: its 12 digits."),
    "build": ("build", "Build id."),
}
FLAGS = {
    "repeat": "is_repeat",
    "retryable": "is_retryable",
    "healed": "is_healed",
    "open": "is_open",
    "overdue": "is_overdue",
    "debt": "is_debt",
    "preconditions": "has_preconditions",
    "measures": "has_measures",
}
BOUNDS = {
    ("confidence", ">="): ("confidence_min", float),
    ("confidence", "<="): ("confidence_max", float),
    ("occurrence", ">="): ("occurrence_min", int),
    ("duration", ">="): ("duration_min", float),
}
# Other words that people use for a column, such as those of the record itself.
ALIASES = {
    "type": "failure_type",
    "nodeid": "test",
    "hash": "signature",
    "cause_id": "cause",
    "file_path": "file",
    "build_id": "build",
    "revision": "commit",
    "catalog_entry_id": "catalog_entry",
    "analysis": "analysis_status",
}
WORDS = {
    "category": [one.value for one in Category],
    "subcategory": [one.value for one in Subcategory],
    "severity": [one.value for one in Severity],
    "status": ["OPEN", "INVESTIGATING", "RESOLVED", "PREVENTED"],
    "phase": ["AUTHORIZATION", "COMPILATION", "TESTING", "INTEGRATION", "DEPLOYMENT"],
    "novelty": ["FIRST", "NEW", "KNOWN", "REPEAT"],
}
NONE = "none"
FIGURE_MAX = 1_000_000_000
LIMIT_MAX = 1_000_000
YES = {"yes": True, "true": True, "no": False, "false": False}
_WHERE = re.compile(r"([A-Za-z_-]+)\s*(>=|<=|=)(.*)", re.DOTALL)


def asked(settings: Settings, question: Callable[[Database], T]) -> T:
    """Return what a question comes to; what is wrong with the history is told, once a command.

    Raises:
        StoreError: No history can be opened.
        EvidenceError: The folder of the records cannot be listed.
    """
    with open_history(settings) as history:
        history.sync(settings.evidence_dir)
        answer = history.ask(question)
        problems = history.problems
    context = click.get_current_context(silent=True)
    told: set[str] = context.meta.setdefault("pytest_failtrack.told", set()) if context else set()
    for problem in problems:
        if problem not in told:
            told.add(problem)
            click.echo(f"failtrack: {plain(problem)}", err=True)
    return answer


@frozen
class Request:
    """What a command was asked, apart from its own options.

    Args:
        settings: Where the history is.
        filter: Which records.
        limit: At most this many rows.
        output: `json`, `csv` or `` for people.
        debt_left_out: Test debt is left out, though nobody asked for that.
    """

    settings: Settings
    filter: Filter
    limit: int
    output: str = ""
    debt_left_out: bool = False

    def ask(self, question: Callable[[Database], T]) -> T:
        """Return what a question comes to; what is wrong with the history is told.

        Raises:
            StoreError: No history can be opened.
            EvidenceError: The folder of the records cannot be listed.
        """
        return asked(self.settings, question)

    def show(self, table: Table) -> None:
        """Print an answer in the way that was asked for."""
        if self.output == "json":
            click.echo(json_of(table, described(self.filter)))
        elif self.output == "csv":
            click.echo(csv_of(table), nl=False)
        else:
            screen = Screen.of_stdout()
            if not table.rows and not table.summary:
                table = replaced(table, title=(), empty=self._why_nothing(table))
            screen.write(lines_of(table, screen))

    def _why_nothing(self, table: Table) -> str:
        known = self.ask(lambda one: count_records(one, Filter(tenant=self.filter.tenant)))
        if not known:
            return (
                "the history is empty: run `pytest --failtrack`, or name the folder of the records "
                "with --dir"
            )
        found = self.ask(lambda one: count_records(one, self.filter))
        what = f"{known:,} record{'s' * (known != 1)}"
        if found:
            return table.empty or f"of {what} none has anything to say to this question"
        return f"none of {what} matches: {wording(self.filter) or 'there is test debt alone'}"


def asking(
    *, limit: int, debt: str = "no", without: Iterable[str] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the filters, the outputs and the places to a command, which gets a `Request`.

    Args:
        limit: Its number of rows when nobody says another.
        debt: Whether test debt counts when nobody says: `no`, `yes`.
        without: Filters that are the command's own.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def wrapped(**options: Any) -> None:
            own, request = requested(options, debt)
            command(request, **own)

        made: Callable[..., None] = places(wrapped)
        for name, option in reversed(_options(limit, debt).items()):
            if name not in without:
                made = option(made)
        return made

    return decorate


def requested(options: Mapping[str, Any], debt: str) -> tuple[dict[str, Any], Request]:
    """Return the options that are a command's own, and the request that the others come to.

    Raises:
        InputError: A filter cannot be understood.
        ConfigError: The configuration cannot be used.
    """
    left = dict(options)
    settings = settings_from(
        dir=left.pop("dir_"), state=left.pop("state"), history=left.pop("history")
    )
    as_json, as_csv, limit = left.pop("as_json"), left.pop("as_csv"), left.pop("limit")
    if as_json and as_csv:
        raise InputError("--json and --csv cannot both be printed; leave one out")
    now = datetime.now(timezone.utc)
    values: dict[str, Any] = {"now": now}
    for name in ("since", "until"):
        given = left.pop(name, None)
        if given:
            values[name] = moment_of(given, now)
    for option, (name, _) in TEXT_OPTIONS.items():
        for given in left.pop(f"of_{option}", ()):
            _add(values, name, given)
    for name in ("open", "overdue", "repeat"):
        given = left.pop(f"is_{name}", None)
        if given is not None:
            values[FLAGS[name]] = given
    for given in left.pop("where", ()):
        _add_where(values, given)
    chosen = left.pop("debt", None)
    speaks_of_debt = {"is_debt", "outcome", "subcategory", "failure_type"} & set(values)
    if chosen or not speaks_of_debt:
        values["is_debt"] = {"no": False, "yes": None, "only": True}[chosen or debt]
    return left, Request(
        settings,
        Filter(**values),
        limit,
        "json" if as_json else "csv" if as_csv else "",
        not chosen and values.get("is_debt") is False and not speaks_of_debt,
    )


def columns_of(given: Iterable[str]) -> tuple[str, ...]:
    """Return the names of columns to count by, as people wrote them.

    Raises:
        InputError: A name is none of `GROUPS`.
    """
    found = []
    for name in (part for one in given for part in one.split(",")):
        word = _name(name)
        if word not in GROUPS:
            raise InputError(f"{name!r} is no column to count by; it is one of {', '.join(GROUPS)}")
        found.append(word)
    return tuple(dict.fromkeys(found))


def described(filter_: Filter) -> dict[str, Any]:
    """Return what a filter asks for, as JSON values; the moment of asking is among them."""
    said = {}
    for name, value in as_dict(filter_).items():
        if value not in ((), None):
            said[name] = list(value) if isinstance(value, tuple) else value
    return said


def wording(filter_: Filter) -> str:
    """Return what a filter asks for as a clause for people, `` when it asks for nothing."""
    said = []
    for name, value in described(filter_).items():
        if isinstance(value, datetime):
            said += [f"{name} {value:%Y-%m-%d %H:%MZ}"] if name != "now" else []
        elif isinstance(value, list):
            said.append(f"{name} {' or '.join(str(one) or NONE for one in value)}")
        elif isinstance(value, bool):
            word = name.partition("_")[2]
            said += [word if value else f"not {word}"] if name != "is_debt" or value else []
        else:
            said.append(f"{name.replace('_min', ' >=').replace('_max', ' <=')} {value}")
    return ", ".join(said)


def _options(limit: int, debt: str) -> dict[str, Callable[[Any], Any]]:
    made: dict[str, Callable[[Any], Any]] = {
        "since": click.option(
            "--since", metavar="WHEN", help="From then on: 12h, 14d, 2w, today or 2026-11-01."
        ),
        "until": click.option("--until", metavar="WHEN", help="Before then."),
    }
    for option, (_, help_) in TEXT_OPTIONS.items():
        made[option] = click.option(
            f"--{option}", f"of_{option}", metavar="NAME", multiple=True, help=help_
        )
    flags = {
        "open": "Those that are open, or all others.",
        "overdue": "Open ones whose deadline has passed, or all others.",
        "repeat": "Repeats, or all others.",
    }
    for name, help_ in flags.items():
        made[name] = click.option(f"--{name}/--not-{name}", f"is_{name}", default=None, help=help_)
    made["debt"] = click.option(
        "--debt",
        type=click.Choice(["no", "yes", "only"]),
        help=f"Whether skips and expired xfails count [default: {debt}].",
    )
    made["where"] = click.option(
        "--where",
        metavar="NAME=VALUE",
        multiple=True,
        help="Any other column, such as error_code=KeyError, leg='py3.1*' or confidence>=0.8.",
    )
    made["limit"] = click.option(
        "--limit",
        metavar="N",
        type=click.IntRange(1, LIMIT_MAX),
        default=limit,
        show_default=True,
        help="Most rows to show.",
    )
    made["csv"] = click.option("--csv", "as_csv", is_flag=True, help="Print CSV, every column.")
    made["json"] = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
    return made


def _add_where(values: dict[str, Any], given: str) -> None:
    parts = _WHERE.fullmatch(given.strip())
    if not parts:
        raise InputError(f"--where {given!r} is not NAME=VALUE, such as error_code=KeyError")
    name, sign, value = _name(parts[1]), parts[2], parts[3].strip()
    if (name, sign) in BOUNDS:
        field, kind = BOUNDS[name, sign]
        values[field] = _figure(given, value, kind)
    elif sign == "=" and name in FLAGS:
        if value.lower() not in YES:
            raise InputError(f"--where {given!r}: {name} is yes or no")
        values[FLAGS[name]] = YES[value.lower()]
    elif sign == "=" and name == "tier":
        values["tier"] = (*values.get("tier", ()), _figure(given, value, int))
    elif sign == "=" and (name in TEXT_COLUMNS or name == "tenant"):
        _add(values, name, value)
    else:
        known = [*TEXT_COLUMNS, "tenant", "tier", *FLAGS]
        bounds = [f"{one}{sign}" for one, sign in BOUNDS]
        raise InputError(
            f"--where {given!r} names no column; there are {', '.join(known)} with =, and "
            f"{', '.join(bounds)}"
        )


def _add(values: dict[str, Any], name: str, given: str) -> None:
    # What is no text in the terminal's encoding is in no record either.
    given = given.encode("utf-8", "replace").decode("utf-8")
    word = "" if given.lower() == NONE else given
    if name in WORDS and word and "*" not in word:
        word = word.upper()
        if word not in WORDS[name]:
            raise InputError(f"{given!r} is no {name}; it is one of {', '.join(WORDS[name])}")
    values[name] = (*values.get(name, ()), word)


def _figure(given: str, value: str, kind: Callable[[str], Any]) -> Any:
    try:
        figure = kind(value)
    except ValueError:
        figure = None
    if figure is None or not abs(figure) <= FIGURE_MAX:
        raise InputError(f"--where {given!r}: {value!r} is no number that a record has")
    return figure


def _name(given: str) -> str:
    word = given.strip().lower().replace("-", "_")
    return ALIASES.get(word, word)
