"""Words with which the tools of a build say what is wrong, where no entry knows the tool (C-31)."""

from __future__ import annotations

import pytest

from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.conditions import Question
from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.classify.match import find_match

CATALOG = load_catalog()
SAID = [
    ("INFRA_CREDENTIALS", "shelfctl push", "Error: invalid API key for shelf"),
    ("INFRA_CREDENTIALS", "shelfctl push", "Error: no token was provided for the upload"),
    ("INFRA_CREDENTIALS", "shelfctl push", "ERROR: upload of x: not authorized"),
    ("INFRA_CREDENTIALS", "shelfctl sign", "could not read private key from shelf.pem"),
    ("UNKNOWN_ROOT_CAUSE", "shelfctl push", "Error: the key of the shelf is lost"),
    ("INFRA_DEPENDENCY", "shelfctl add x", "Error: plugin shelf-tax was not found"),
    ("INFRA_DEPENDENCY", "shelfctl add x", "Error: incompatible requirements of tax and cart"),
    ("UNKNOWN_ROOT_CAUSE", "shelfctl add x", "Error: the parcel was not found"),
    ("INFRA_TOOLING", "shelfctl check", "Error: unknown directive 'shelve'"),
    ("INFRA_TOOLING", "shelfctl check", "Error: failed to read shelf.yaml: it is a folder"),
    ("INFRA_TOOLING", "cargo run", "error: invalid table header\n --> Cargo.toml:7:9"),
    ("UNKNOWN_ROOT_CAUSE", "shelfctl check", "Error: unknown shelf"),
    ("INTEGRATION_TIMING", "shelfctl wait", "Error: timed out waiting for the shelf"),
    ("UNKNOWN_ROOT_CAUSE", "shelfctl wait", "Error: nobody waits for the shelf"),
    ("INTEGRATION_STATE_MISMATCH", "shelfctl new", "Error: environment blue already exists"),
    ("INTEGRATION_STATE_MISMATCH", "shelfctl new", "Error: QueueAlreadyExists: orders"),
    ("INTEGRATION_DATA_MISMATCH", "shelfctl read", "Error: the archive x.zip is damaged"),
    ("INTEGRATION_DATA_MISMATCH", "shelfctl read", "Error: unexpected end of data"),
    ("ARCHITECTURE_DRIFT", "shelfctl lint", "src/shelf.ts:7:3 too many baskets"),
    ("UNKNOWN_ROOT_CAUSE", "shelfctl lint", "too many baskets in src/shelf.ts"),
    ("ARCHITECTURE_DRIFT", "shelfc a.sh", 'a.sh(7): identifier "basket" is undefined'),
    ("ARCHITECTURE_DRIFT", "shelfc a.sh", "error: undeclared variable basket"),
    ("ARCHITECTURE_DRIFT", "shelf test", "not ok 3 - the basket is empty"),
    ("ARCHITECTURE_DRIFT", "swift test", "x.swift:7: XCTAssertEqual failed: 3 is not 4"),
    ("ARCHITECTURE_DRIFT", "./ci", "assert basket == shelf"),
    ("GOVERNANCE_ENFORCEMENT_GAP", "danger ci", "Please describe the shelf in the changelog."),
    ("INFRA_TOOLING", "skopeo copy a b", "FATA[0000] no such shelf"),
    ("ARCHITECTURE_DRIFT", "npx vite build", "Error: the shelf has no basket"),
    ("ARCHITECTURE_DRIFT", "npx cspell", "Error: the shelf has no basket"),
    ("INFRA_DEPENDENCY", "conan install", "ERROR: the shelf has no basket"),
    ("INFRA_CREDENTIALS", "shelfctl push", "Error: missing upload token"),
    ("INFRA_CREDENTIALS", "shelfctl push", "Error: SHELF_TOKEN is not set"),
    ("INFRA_CREDENTIALS", "shelfctl new", "Error: permission denied to create database"),
    ("INFRA_TOOLING", "shelfctl check", "x.py:7: error: INTERNAL ERROR -- Please report"),
    ("INFRA_TOOLING", "gem push x", "Repushing of gem versions is not allowed."),
    ("GOVERNANCE_ENFORCEMENT_GAP", "cargo deny", "error[vulnerability]: basket can fall"),
    ("ARCHITECTURE_DRIFT", "./docs.sh", "Error: the shelf has broken links"),
    ("ARCHITECTURE_DRIFT", "npm run docs", "Error: the shelf has no basket"),
    ("UNKNOWN_ROOT_CAUSE", "make docs", "Error: the shelf has no basket"),
]


@pytest.mark.parametrize(
    ("subcategory", "command", "text"), SAID, ids=[f"{n}-{one[0]}" for n, one in enumerate(SAID)]
)
def test_what_a_tool_says_decides(subcategory: str, command: str, text: str) -> None:
    table = {"command": command, "exit_status": 1, "text": text}

    match = find_match(Question(observation_of(table), CATALOG, phase="TESTING")).match

    assert (match.entry.subcategory if match else "UNKNOWN_ROOT_CAUSE") == subcategory


def test_words_of_a_known_tool_win_over_words_of_any() -> None:
    table = {
        "command": "apt-get install x",
        "exit_status": 100,
        "text": "E: Unable to locate package shelf\npackage shelf is not found",
    }

    match = find_match(Question(observation_of(table), CATALOG, phase="TESTING")).match

    assert match is not None
    assert match.entry.id == "system-package-missing"
