"""Examples of the catalog's entries as observations; tests and documentation are made from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_failtrack.classify.catalog import Catalog
from pytest_failtrack.classify.conditions import Question
from pytest_failtrack.classify.match import find_match
from pytest_failtrack.observe.observation import Frame, Observation, Raised
from pytest_failtrack.toml import tomllib

EXAMPLES_FILE = Path(__file__).with_name("catalog_examples.toml")

PROJECT = "shop"
"""The package of the project that examples are about."""
_FRAMES = {
    "test": (Frame("tests/test_orders.py", 12, "test_order", is_project=True, is_test=True),),
    "project": (
        Frame("tests/test_orders.py", 12, "test_order", is_project=True, is_test=True),
        Frame("src/shop/orders.py", 88, "build_order", is_project=True),
    ),
    "third_party": (Frame("parcel/send.py", 7, "send"),),
    "stdlib": (Frame("python/json/decoder.py", 355, "raw_decode"),),
    "none": (),
}


def load_examples() -> dict[str, dict[str, Any]]:
    """Return `example` and `counter_example` of each shipped entry, by its id."""
    with EXAMPLES_FILE.open("rb") as file:
        return tomllib.load(file)


def observation_of(table: Mapping[str, Any]) -> Observation:
    """Return the observation that an example describes.

    Args:
        table: `type` and `message` of the exception; `place` (`test`, `project`, `third_party`,
            `stdlib`, by default `none`) and `raised_in` for its frames; `because` for the table
            of its cause, or of its context where that says `link = "context"`; `text`; `command`,
            `exit_status` and `signal` of a process; `when`, `outcome`, `markers`, `worker`,
            `source`, `phase`; `nodeid` of the test.
    """
    command = table.get("command", "")
    return Observation(
        source=table.get("source", "command" if command else "pytest"),
        when=table.get("when", "command" if command else "call"),
        nodeid=command or table.get("nodeid", "tests/test_orders.py::test_order"),
        outcome=table.get("outcome", "failed"),
        exceptions=tuple(_chain(table)) if "type" in table else (),
        file="" if command else "tests/test_orders.py",
        text=table.get("text", ""),
        worker=table.get("worker", ""),
        exit_status=table.get("exit_status"),
        signal=table.get("signal", ""),
        markers=tuple(table.get("markers", ())),
    )


def problem_with_examples(
    catalog: Catalog, entry_id: str, table: Mapping[str, Mapping[str, Any]]
) -> str:
    """Return what is wrong about the examples of an entry, `` for nothing.

    Args:
        catalog: The catalog with all entries.
        entry_id: Entry that the examples belong to.
        table: Its `example` and its `counter_example`; one that is missing proves nothing.
    """
    if table.get("example"):
        found = _winner(catalog, table["example"])
        if found != entry_id:
            return f"the example of {entry_id} is won by {found or 'no entry'}"
    if not table.get("counter_example"):
        return ""
    guards = [one for one in catalog.entries.values() if one.is_assertion or one.id == entry_id]
    nearly_alone = Catalog(guards, catalog.project_packages)
    if _winner(nearly_alone, table["counter_example"]) == entry_id:
        return f"the counter-example of {entry_id} is matched by it"
    return ""


def _winner(catalog: Catalog, table: Mapping[str, Any]) -> str:
    question = Question(observation_of(table), catalog, phase=table.get("phase", "TESTING"))
    match = find_match(question).match
    return match.entry.id if match else ""


def _chain(table: Mapping[str, Any], link: str = "") -> Iterator[Raised]:
    frames = _FRAMES[table.get("place", "none")]
    if "raised_in" in table:
        frames = (*frames, Frame(table["raised_in"], 100, "inner"))
    yield Raised(table["type"], table.get("message", ""), frames, link)
    if "because" in table:
        yield from _chain(table["because"], table["because"].get("link", "cause"))
