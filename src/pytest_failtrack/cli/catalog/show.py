"""`failtrack catalog show`: one entry with its examples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from pytest_failtrack.classify.entry import Entry
from pytest_failtrack.cli.catalog.shelf import Shelf
from pytest_failtrack.cli.catalog.shown import as_json_of, grammar, meaning_lines, write
from pytest_failtrack.cli.options import settings_from
from pytest_failtrack.errors import InputError


@click.command("show", epilog="Example: failtrack catalog show disk-full")
@click.argument("entry_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def command(entry_id: str, as_json: bool) -> None:
    """Show one entry with its example and its counter-example."""
    shelf = Shelf.of(settings_from())
    entry = _entry(shelf, entry_id)
    if as_json:
        document = as_json_of(entry, shelf) | dict(shelf.examples.get(entry.id, {}))
        click.echo(json.dumps(document, indent=2))
        return
    lines = [*meaning_lines(entry, shelf), "", "matches"]
    lines += [f"  {name:<16} {said}" for name, said in grammar(entry).items()]
    for name in ("example", "counter_example"):
        table = shelf.examples.get(entry.id, {}).get(name)
        if table:
            lines += ["", name.replace("_", "-"), f"  {_described(table)}"]
    write(lines)


def _entry(shelf: Shelf, entry_id: str) -> Entry:
    found = shelf.catalog.entries.get(entry_id)
    if found is None:
        import difflib

        near = difflib.get_close_matches(entry_id, shelf.catalog.entries, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else "`failtrack catalog list` has them"
        raise InputError(f"{entry_id!r} is no entry of the catalog; {hint}")
    return found


def _described(table: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {value!r}" for key, value in table.items())
