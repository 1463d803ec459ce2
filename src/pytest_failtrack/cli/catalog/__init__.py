"""`failtrack catalog`: look at the failure catalog, prove it, add to it, and ask it why."""

from __future__ import annotations

import click

from pytest_failtrack.cli.catalog import add, candidates, explain, list, show, test


@click.group("catalog", epilog="Example: failtrack catalog explain disk-full")
def command() -> None:
    """List, show, test, extend and question the failure catalog.

    The catalog says what failures look like and what they mean. A project adds entries of its own,
    or changes ours by their id: as tables of [[tool.failtrack.catalog]], in files that
    `catalog = ["FILE"]` names, or in governance/catalog.toml, which is read wherever it exists.
    """


for each in (list, show, test, add, explain, candidates):
    command.add_command(each.command)
