"""`failtrack schema`: print the JSON Schema of a document of the evidence, or an observation."""

from __future__ import annotations

import click

from pytest_failtrack.record.validator import SCHEMA_FILES, shipped_text

OBSERVATION = "observation"


@click.command("schema")
@click.argument("kind", type=click.Choice([*SCHEMA_FILES, OBSERVATION]), default="record")
def command(kind: str) -> None:
    """Print the JSON Schema (draft 2020-12) of a record, a run document, a match or an observation.

    A match is what `match_and_persist` keeps of an error; an observation is what `failtrack triage`
    reads from tools that it does not know.

    \b
    Example:
      failtrack schema record > failure-record.schema.json
      check-jsonschema --schemafile failure-record.schema.json governance/events/failures/*.json
    """
    if kind == OBSERVATION:
        from pytest_failtrack.observe.from_observations import schema_text

        click.echo(schema_text(), nl=False)
        return
    click.echo(shipped_text(kind), nl=False)
