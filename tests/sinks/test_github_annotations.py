"""Annotations of GitHub Actions."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from digests import EXPIRED, FLAKY, GREEN, NEW, SHOP, many, with_causes
from gold_files import assert_gold

from pytest_failtrack.sinks.github_annotations import (
    MESSAGE_MAX_BYTES,
    TITLE_MAX_CHARS,
    GithubAnnotationsSink,
    commands,
    sink_for,
)


def test_shop() -> None:
    assert_gold("annotations.txt", "\n".join(commands(SHOP)) + "\n")


def test_one_a_cause_and_ten_at_most() -> None:
    lines = commands(many(5_000))

    assert len(lines) == 10
    assert len({line.partition("title=")[2][:20] for line in lines}) == 10
    assert lines[-1].endswith("and 4,990 more causes: failtrack list")
    assert not any("more causes" in line for line in lines[:-1])


def test_debt_and_flaky_tests_are_no_errors() -> None:
    assert commands(with_causes(FLAKY, EXPIRED)) == []
    assert commands(GREEN) == []


def test_cause_without_a_place_has_none() -> None:
    (line,) = commands(with_causes(replace(NEW, file="", line=None)))

    assert line.startswith("::error title=NEW 9c41d07be2a5 (41 tests)::KeyError")


def test_text_cannot_end_the_command_or_add_a_property() -> None:
    hostile = "x\r\n::stop-commands::y,line=1:: %0A"
    (line,) = commands(
        with_causes(replace(NEW, headline=hostile, file=hostile, nodeids=(hostile,)))
    )

    properties, _, message = line.removeprefix("::error ").partition("::")
    assert "\n" not in line
    assert "\r" not in line
    assert properties == (
        "file=x %3A%3Astop-commands%3A%3Ay%2Cline=1%3A%3A %250A,line=88,"
        "title=NEW 9c41d07be2a5 (41 tests)"
    )
    assert message.startswith("x ::stop-commands::y,line=1:: %250A%0A")


def test_limits_of_the_destination_hold() -> None:
    huge = "漢" * 1_000_000
    cause = replace(NEW, cause_id=huge, headline=huge, owner=huge, nodeids=(huge,) * 100)

    (line,) = commands(with_causes(cause))

    title = line.partition("title=")[2].partition("::")[0]
    assert len(title) <= TITLE_MAX_CHARS
    assert len(line.partition("::error ")[2].partition("::")[2].encode()) <= MESSAGE_MAX_BYTES


def test_are_written_one_a_line() -> None:
    stream = io.StringIO()

    GithubAnnotationsSink(stream).send(SHOP)

    assert stream.getvalue().splitlines() == commands(SHOP)


def test_are_written_to_a_stream_that_is_not_utf_8() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    digest = with_causes(replace(NEW, headline="größer \N{SNOWMAN}"))

    GithubAnnotationsSink(stream).send(digest)

    stream.seek(0)
    assert "größer \\u2603" in stream.read()


@pytest.mark.parametrize("environ", [{}, {"GITHUB_ACTIONS": "false"}, {"CI": "true"}])
def test_are_absent_elsewhere(environ: dict[str, str]) -> None:
    assert sink_for(environ, io.StringIO()) is None


def test_are_there_in_github_actions() -> None:
    assert sink_for({"GITHUB_ACTIONS": "true"}, io.StringIO()) is not None
