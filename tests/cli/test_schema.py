"""`failtrack schema` prints the schemas that are shipped."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from pytest_failtrack.cli.schema import command


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        ([], "FailureRecord"),
        (["record"], "FailureRecord"),
        (["run"], "RunDocument"),
        (["observation"], "Observation"),
    ],
    ids=["default", "record", "run", "observation"],
)
def test_prints_a_json_schema(arguments, title):
    result = CliRunner().invoke(command, arguments)

    assert result.exit_code == 0
    assert json.loads(result.output)["title"] == title


def test_refuses_another_kind():
    result = CliRunner().invoke(command, ["gate"])

    assert result.exit_code == 2
    assert "record" in result.output
