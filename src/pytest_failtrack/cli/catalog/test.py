"""`failtrack catalog test`: whether every example holds."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pytest_failtrack.classify.own import read_file
from pytest_failtrack.cli.catalog.shelf import Shelf, problems_of, refusals_of
from pytest_failtrack.cli.catalog.shown import write
from pytest_failtrack.cli.options import settings_from

EXIT_EXAMPLE_FAILED = 1


@click.command("test", epilog="Example: failtrack catalog test governance/catalog.toml")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def command(ctx: click.Context, file: Path | None, as_json: bool) -> None:
    """Run every example and counter-example; exit 1 when one does not hold.

    An example must be won by its entry against all others, a counter-example must not be matched
    by it, and a failure type has a row in the matrix. With FILE its entries are laid over the
    shipped ones in place of what is configured.
    """
    settings = settings_from()
    shelf = Shelf.of(settings, None if file is None else [read_file(file)])
    problems = {**problems_of(shelf), **refusals_of(shelf, settings)}
    bare = [one for one in shelf.own if not shelf.examples[one].get("example")]
    if as_json:
        document = {
            "entries": len(shelf.catalog.entries),
            "own": sorted(shelf.own),
            "without_example": sorted(bare),
            "problems": problems,
        }
        click.echo(json.dumps(document, indent=2))
    else:
        lines = [f"FAILED  {sentence}" for sentence in problems.values()]
        lines += [f"note: {one} has no example, which nothing proves" for one in sorted(bare)]
        fails = "does not hold" if len(problems) == 1 else "do not hold"
        verdict = f"{len(problems)} of them {fails}" if problems else "their examples hold"
        write(
            [
                *lines,
                f"{len(shelf.catalog.entries)} entries, {len(shelf.own)} of the project: {verdict}",
            ]
        )
    ctx.exit(EXIT_EXAMPLE_FAILED if problems else 0)
