"""The digest as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from digests import EXPIRED, FLAKY, INFRA, NEW, REPEAT, SHOP, with_causes
from gold_files import assert_gold

from pytest_failtrack.policy.digest import Cause
from pytest_failtrack.sinks.json_digest import (
    JsonDigestSink,
    cause_from_json,
    cause_to_json,
    sink_for,
    to_json,
)


def test_shop() -> None:
    assert_gold("digest.json", json.dumps(to_json(SHOP), indent=2) + "\n")


@pytest.mark.parametrize("cause", [NEW, REPEAT, INFRA, FLAKY, EXPIRED], ids=lambda one: one.key)
def test_cause_comes_back_as_it_was(cause: Cause) -> None:
    data = json.loads(json.dumps(cause_to_json(cause)))

    assert cause_from_json(data) == cause


def test_fields_of_a_newer_version_are_left_out() -> None:
    data = {**cause_to_json(NEW), "mood": "good"}

    assert cause_from_json(data) == NEW


def test_fields_that_an_older_version_did_not_write_have_defaults() -> None:
    data = cause_to_json(NEW)
    del data["secondary"]

    assert cause_from_json(data) == NEW


def test_cause_without_an_id_is_refused() -> None:
    data = cause_to_json(NEW)
    del data["cause_id"]

    with pytest.raises(KeyError, match="cause_id"):
        cause_from_json(data)


def test_failures_leave_out_debt_and_flaky_tests() -> None:
    data = to_json(with_causes(NEW, FLAKY, EXPIRED))

    assert (data["failures"], data["root_causes"], len(data["causes"])) == (41, 1, 3)


class TestFile:
    def test_is_written_with_its_folder(self, tmp_path: Path) -> None:
        path = tmp_path / "out" / "digest.json"

        JsonDigestSink(path).send(SHOP)

        assert json.loads(path.read_bytes()) == to_json(SHOP)

    def test_replaces_an_older_one_and_leaves_nothing_beside(self, tmp_path: Path) -> None:
        path = tmp_path / "digest.json"
        path.write_text("old")

        JsonDigestSink(path).send(SHOP)

        assert [one.name for one in tmp_path.iterdir()] == ["digest.json"]

    def test_takes_lone_surrogates(self, tmp_path: Path) -> None:
        path = tmp_path / "digest.json"

        JsonDigestSink(path).send(with_causes(replace(NEW, headline="\ud800")))

        assert json.loads(path.read_bytes())["causes"][0]["headline"] == "\ud800"

    def test_is_not_wanted_without_the_setting(self) -> None:
        assert sink_for(None) is None
