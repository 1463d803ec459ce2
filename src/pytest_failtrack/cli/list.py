"""`failtrack list`: causes or records of one build, or records of all that a filter finds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import click

from pytest_failtrack.cli.evidence.reading import (
    Document,
    Evidence,
    digest_of,
    record_ids_of_build,
    report_problems,
)
from pytest_failtrack.cli.questions.asking import Request, asking
from pytest_failtrack.cli.questions.listed import is_plain, records_table
from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.frozen import replaced
from pytest_failtrack.policy.digest import Digest
from pytest_failtrack.sinks import wording
from pytest_failtrack.sinks.json_digest import to_json
from pytest_failtrack.sinks.plain import cut, plain
from pytest_failtrack.sinks.terminal import cause_lines


@click.command(
    "list", epilog="Example: failtrack list --status OPEN --owner @shop-team --since 14d"
)
@click.option("--build", metavar="ID", help="Build to list [default: the CI's, else the newest].")
@click.option("--records", "wants_records", is_flag=True, help="List records, not causes.")
@asking(limit=50, debt="yes", without=["build"])
def command(request: Request, build: str | None, wants_records: bool) -> None:
    """List the causes of a build, the most important first, or its records.

    With a filter it lists the records of all builds, the newest first; --build is one more filter
    then.
    """
    wanted = request.filter
    if not is_plain(request):
        if build:
            request = replaced(request, filter=replaced(wanted, build=(build,)))
        request.show(records_table(request))
        return
    settings = replaced(request.settings, build=build) if build else request.settings
    _list_build(Evidence.of(settings), build, wants_records, request.output)


def _list_build(evidence: Evidence, build: str | None, wants_records: bool, output: str) -> None:
    digest = digest_of(evidence, build)
    records: list[Document] = []
    if wants_records:
        records = evidence.records(record_ids_of_build(evidence, digest.build_id))
    if output == "json" and wants_records:
        data = {"build_id": digest.build_id, "records": [dict(one) for one in records]}
        click.echo(json.dumps(data, indent=2))
    elif output == "json":
        click.echo(json.dumps(to_json(digest), indent=2))
    else:
        screen = Screen.of_stdout()
        body = record_lines(records, screen) if wants_records else _cause_lines(digest, screen)
        screen.write([_title(digest, screen), *body])
    report_problems(evidence)


def record_lines(records: Sequence[Document], screen: Screen) -> Iterator[str]:
    """Return one line a record: its id, status, severity, cause, outcome and test."""
    for one in records:
        test = one["test"]
        words = (
            f"{one['failure_id']}  {one['status']:<13}  {one['severity']:<8}  "
            f"{one['signature']['hash']}  {test['outcome']:<7}  "
            f"{test['nodeid'] or one['failure_description']['summary']}"
        )
        yield cut(plain(words, unicode=screen.unicode), screen.width)


def _cause_lines(digest: Digest, screen: Screen) -> list[str]:
    return cause_lines(
        digest.causes,
        width=screen.width,
        color=screen.color,
        unicode=screen.unicode,
        details=False,
    )


def _title(digest: Digest, screen: Screen) -> str:
    text = f"build {digest.build_id}: {wording.headline(digest)}"
    return plain(text, unicode=screen.unicode)
