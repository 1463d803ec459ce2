"""`failtrack history`: the index and the shared history, their tables, archives and partitions."""

from __future__ import annotations

import click

from pytest_failtrack.cli.history import (
    check,
    current,
    detach,
    migrate,
    months,
    pack,
    rebuild,
    unpack,
)


@click.group(
    "history",
    epilog="Example: FAILTRACK_HISTORY=postgresql://ci@db/failures failtrack history migrate",
)
def command() -> None:
    """Look after the history: the local index, or a PostgreSQL that repositories share.

    The index in .failtrack is made from the evidence and can be made again at any time. A shared
    history is named by `--history postgresql://...`, FAILTRACK_HISTORY or `history` in
    [tool.failtrack]; its password comes from the environment or a service file alone.
    """


for each in (rebuild, pack, unpack, migrate, current, check, months, detach):
    command.add_command(each.command)
