"""`failtrack catalog list`: the entries, one a line."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from pytest_failtrack.classify.entry import Entry
from pytest_failtrack.classify.taxonomy import Category, Subcategory
from pytest_failtrack.cli.catalog.shelf import Shelf
from pytest_failtrack.cli.catalog.shown import as_json_of, grammar
from pytest_failtrack.cli.options import settings_from
from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.sinks.plain import cut, plain

CATEGORIES = [one.value for one in Category]
SUBCATEGORIES = [one.value for one in Subcategory]


@click.command("list", epilog="Example: failtrack catalog list --category INFRA docker")
@click.argument("words", nargs=-1, metavar="[TEXT]...")
@click.option("--category", type=click.Choice(CATEGORIES), help="Only entries of a category.")
@click.option(
    "--subcategory",
    type=click.Choice(SUBCATEGORIES),
    metavar="NAME",
    help="Only of a subcategory.",
)
@click.option("--failure-type", metavar="TYPE", help="Only of a failure type.")
@click.option("--own", "only_own", is_flag=True, help="Only what the project added or changed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def command(
    words: tuple[str, ...],
    category: str | None,
    subcategory: str | None,
    failure_type: str | None,
    only_own: bool,
    as_json: bool,
) -> None:
    """List the entries, one a line; TEXT is looked for in all that an entry says."""
    shelf = Shelf.of(settings_from())
    found = [
        one
        for one in shelf.catalog.entries.values()
        if (category is None or one.category == category)
        and (subcategory is None or one.subcategory == subcategory)
        and (failure_type is None or one.failure_type == failure_type)
        and (not only_own or one.id in shelf.own)
        and _says(one, words)
    ]
    if as_json:
        click.echo(json.dumps([as_json_of(one, shelf) for one in found], indent=2))
        return
    screen = Screen.of_stdout()
    screen.write([*_list_lines(found, shelf, screen), _counted(len(found), shelf)])


def _says(entry: Entry, words: tuple[str, ...]) -> bool:
    if not words:
        return True
    text = " ".join([*grammar(entry).values(), entry.id, entry.title, entry.subcategory]).lower()
    return all(word.lower() in text for word in words)


def _list_lines(entries: list[Entry], shelf: Shelf, screen: Screen) -> Iterator[str]:
    width = max((len(one.id) for one in entries), default=0)
    kinds = max((len(one.subcategory) for one in entries), default=0)
    for one in entries:
        mark = " " if one.id not in shelf.own else "*"
        line = f"{mark} {one.id:<{width}}  {one.subcategory:<{kinds}}  {one.title}"
        yield cut(plain(line, unicode=screen.unicode), screen.width)


def _counted(count: int, shelf: Shelf) -> str:
    words = f"{count} of {len(shelf.catalog.entries)} entries"
    return f"{words}; * {len(shelf.own)} of the project" if shelf.own else words
