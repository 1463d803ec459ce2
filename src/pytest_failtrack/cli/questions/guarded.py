"""The classes of failures that a rule of the guard is for; `failtrack stats --by preventable` asks.

The guard is a package apart, so what it says of itself is read from what it prints.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from pytest_failtrack.prevention.bounded import run_bounded

GUARD_SECONDS = 30.0
# Rule that is shipped -> subcategory of what it finds; a test holds it to the rules themselves.
CLASSES = {
    "FT-D1": "QA_TEST_DEBT",
    "FT-D2": "GOVERNANCE_EXCEPTION_EXPIRED",
    "FT-D3": "QA_TEST_DEBT",
    "FT-D4": "QA_TEST_DEBT",
    "FT-D5": "QA_FALSE_POSITIVE",
    "FT-D6": "QA_FALSE_POSITIVE",
    "FT-G1": "ARCHITECTURE_DRIFT",
    "FT-M1": "ARCHITECTURE_INCOMPLETE",
    "FT-R1": "ARCHITECTURE_INCOMPLETE",
    "FT-S1": "GOVERNANCE_CHECKLIST_INCOMPLETE",
    "PV-001": "ARCHITECTURE_DRIFT",
    "PV-002": "ARCHITECTURE_DRIFT",
    "PV-003": "ARCHITECTURE_DRIFT",
    "VAL-3": "ARCHITECTURE_DRIFT",
}


def guarded_classes(root: Path) -> frozenset[str]:
    """Return the ids of the rules that run in a project, and the subcategories they are for.

    Without the guard there are none, which is told.
    """
    argv = [sys.executable, "-m", "failtrack_guard", "rules", "--json"]
    ended = run_bounded(argv, root, {**os.environ, "PYTHONUTF8": "1"}, GUARD_SECONDS)
    try:
        rules = json.loads(ended.output)
        running = [str(one["id"]) for one in rules if one["runs"]]
    except (ValueError, KeyError, TypeError):
        click.echo(
            "failtrack: failtrack-guard cannot be asked for its rules, so preconditions of records "
            "alone count; `failtrack doctor` says more",
            err=True,
        )
        return frozenset()
    return frozenset(running) | {CLASSES[one] for one in running if one in CLASSES}
