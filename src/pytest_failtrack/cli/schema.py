"""`failtrack schema`: print the JSON Schema of a record or of a run document."""

from __future__ import annotations

import click

from pytest_failtrack.record.validator import SCHEMA_FILES, shipped_text


@click.command("schema")
@click.argument("kind", type=click.Choice(list(SCHEMA_FILES)), default="record")
def command(kind: str) -> None:
    """Print the JSON Schema (draft 2020-12) of a failure record or of a run document.

    \b
    Example:
      failtrack schema record > failure-record.schema.json
      check-jsonschema --schemafile failure-record.schema.json governance/events/failures/*.json
    """
    click.echo(shipped_text(kind), nl=False)
