"""`failtrack catalog add`: an entry of the project's own, proved before it is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from pytest_failtrack.classify.entry import WHENS
from pytest_failtrack.classify.own import add_to_file, own_documents, own_file, read_file, toml_of
from pytest_failtrack.classify.taxonomy import RecoveryMode, Severity, Subcategory
from pytest_failtrack.cli.catalog.shelf import Shelf, problems_of, refusals_of
from pytest_failtrack.cli.catalog.shown import write
from pytest_failtrack.cli.options import settings_from
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import InputError

SUBCATEGORIES = [one.value for one in Subcategory]


@click.command(
    "add",
    epilog="Example: failtrack catalog add --id sandbox-down --title 'The sandbox is down'"
    " --subcategory OTHER_EXTERNAL --failure-type infrastructure"
    " --pattern 'sandbox .{1,40} unavailable' --example 'sandbox pay1 unavailable'",
)
@click.option("--id", "entry_id", required=True, metavar="ID", help="Name, lower case, hyphens.")
@click.option("--title", required=True, metavar="TEXT", help="What happened, as one clause.")
@click.option(
    "--subcategory",
    required=True,
    type=click.Choice(SUBCATEGORIES),
    metavar="NAME",
    help="One of the 36.",
)
@click.option("--failure-type", required=True, metavar="TYPE", help="Row of the matrix.")
@click.option("--type", "types", multiple=True, metavar="NAME", help="Type of an exception.")
@click.option("--pattern", "patterns", multiple=True, metavar="REGEX", help="Pattern of a text.")
@click.option("--exclude", "excluded", multiple=True, metavar="REGEX", help="Forbids the match.")
@click.option("--exit-code", "exit_codes", multiple=True, type=int, help="Exit status.")
@click.option("--tool", "tools", multiple=True, metavar="WORD", help="Word of the command line.")
@click.option("--when", multiple=True, type=click.Choice(sorted(WHENS)), help="Phase.")
@click.option(
    "--confidence", type=float, default=0.7, show_default=True, help="Over 0, up to 1: how sure."
)
@click.option("--severity", type=click.Choice([one.value for one in Severity]), help="If fixed.")
@click.option("--retryable", is_flag=True, help="Another attempt could succeed.")
@click.option(
    "--recovery-mode",
    type=click.Choice([one.value for one in RecoveryMode]),
    default=RecoveryMode.INVESTIGATE.value,
    show_default=True,
    help="What to do next.",
)
@click.option("--suggestion", metavar="TEXT", help="The same as a sentence.")
@click.option("--example", metavar="TEXT", help="A text, or `Type: message`, that it wins.")
@click.option("--counter-example", metavar="TEXT", help="One that looks similar, and is not it.")
@click.option("--record", metavar="ID", help="Take the example from a record or cause.")
@click.option("--file", type=click.Path(path_type=Path), help="Where to [default: the project's].")
@click.option("--dry-run", is_flag=True, help="Print the entry, and write nothing.")
def command(
    entry_id: str, file: Path | None, record: str | None, dry_run: bool, **options: Any
) -> None:
    """Append an entry to the project's own catalog.

    It is refused, and nothing is written, when a key or value is not allowed, a pattern is no
    regular expression or has a repetition without an upper bound, the failure type has no row in
    the matrix, or its example is won by another entry. `Type: message` as an example is an
    exception, all else is a text that a command prints.
    """
    settings = settings_from()
    configured = settings.table.get("catalog", ())
    file = own_file(configured, settings.root) if file is None else file
    table = _table(entry_id, options, _text_of_record(settings, record) if record else None)
    _check_repetitions(entry_id, [*options["patterns"], *options["excluded"]])
    documents = own_documents(configured, settings.root)
    others = [] if file in _read_files(configured, settings.root) else _documents_in(file)
    shelf = Shelf.of(settings, [*documents, *others, table])
    if entry_id in shelf.changed:
        raise InputError(
            f"{entry_id!r} ships with us: to change it, write its id and the keys that differ to"
            f" {_shown(file, settings)} by hand; a new entry needs another id"
        )
    refusal = refusals_of(shelf, settings).get(entry_id)
    if refusal:
        raise InputError(f"{refusal}; nothing was written")
    problem = problems_of(_only(shelf, entry_id)).get(entry_id)
    if problem:
        raise InputError(f"{problem}: nothing was written; make the entry name more of it")
    if not dry_run:
        add_to_file(file, table)
    write(
        [
            *toml_of(table).splitlines(),
            "",
            f"{'would be added' if dry_run else 'added'} to {_shown(file, settings)}",
        ]
    )


def _table(entry_id: str, options: Mapping[str, Any], recorded: str | None) -> dict[str, Any]:
    """Return the table that options describe, in the order of the shipped ones."""
    order = (
        *("title", "types", "patterns", "excluded", "exit_codes", "tools", "when"),
        *("subcategory", "failure_type", "confidence", "severity", "retryable"),
        *("recovery_mode", "suggestion"),
    )
    table: dict[str, Any] = {"id": entry_id}
    for name in order:
        value = options[name]
        if value not in (None, (), False):
            table[name] = list(value) if isinstance(value, tuple) else value
    if options["retryable"] and options["recovery_mode"] == RecoveryMode.INVESTIGATE.value:
        table["recovery_mode"] = RecoveryMode.RETRY_EXPONENTIAL.value
    if not any(table.get(name) for name in ("types", "patterns", "exit_codes")):
        raise InputError(
            f"entry {entry_id!r} matches nothing: give --type, --pattern or --exit-code"
        )
    example = options["example"] or recorded
    if example:
        table["example"] = _as_example(example, options)
    if options["counter_example"]:
        table["counter_example"] = _as_example(options["counter_example"], options)
    return table


def _as_example(text: str, options: Mapping[str, Any]) -> dict[str, Any]:
    from pytest_failtrack.classify.facts import raised_in_text

    raised = raised_in_text(text)
    if raised and text.startswith(raised[0].type):
        return {"type": raised[0].type, "message": text[len(raised[0].type) :].removeprefix(": ")}
    table: dict[str, Any] = {"text": text}
    when = options["when"]
    if "command" in when or not when:
        tools = options["tools"]
        codes = options["exit_codes"]
        table = {"command": tools[0] if tools else "build", "exit_status": 1, **table}
        if codes:
            table["exit_status"] = codes[0]
    else:
        table["when"] = when[0]
    return table


def _check_repetitions(entry_id: str, patterns: Iterable[str]) -> None:
    from pytest_failtrack.classify.pattern import unbounded_repetition

    for pattern in patterns:
        found = unbounded_repetition(pattern)
        if found:
            raise InputError(
                f"entry {entry_id!r}: {found!r} in {pattern!r} has no upper bound, and could take"
                f" for ever on a long text; write {found[:-1]}{{1,200}}"
            )


def _text_of_record(settings: Settings, word: str) -> str:
    """Return the error line of a record, or of the newest record of a cause."""
    from pytest_failtrack.cli.evidence.finding import find
    from pytest_failtrack.cli.evidence.reading import Evidence

    evidence = Evidence.of(settings)
    found = find(evidence, word)
    record = found.record
    if record is None:
        record = next(
            one
            for one in evidence.records(evidence.record_ids)
            if one["signature"]["hash"] in found.ids
        )
    return _error_of(record)


def _error_of(record: Mapping[str, Any]) -> str:
    from pytest_failtrack.classify.facts import raised_in_text

    description = record["failure_description"]
    trace = description.get("stack_trace") or ""
    raised = raised_in_text(trace)
    if raised:
        return f"{raised[0].type}: {raised[0].message}" if raised[0].message else raised[0].type
    return str(description["summary"])


def _read_files(configured: Iterable[Any], root: Path) -> list[Path]:
    named = [root / one for one in configured if isinstance(one, str)]
    return [*named, own_file((), root)]


def _documents_in(file: Path) -> list[dict[str, Any]]:
    return [read_file(file)] if file.exists() else []


def _only(shelf: Shelf, entry_id: str) -> Shelf:
    examples = {entry_id: shelf.examples[entry_id]}
    return Shelf(shelf.catalog, examples, shelf.own, shelf.changed)


def _shown(file: Path, settings: Settings) -> str:
    try:
        return file.resolve().relative_to(settings.root.resolve()).as_posix()
    except ValueError:
        return str(file)
