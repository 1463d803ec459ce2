"""docs/prevention.md shows what is really printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from proof_shop import Shop

from pytest_failtrack.prevention.prove import STEPS
from pytest_failtrack.prevention.verification import KEYS

PAGE = Path(__file__).resolve().parents[2] / "docs/prevention.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_output_is_real(shop: Shop) -> None:
    proven, refused, draft, questions = re.findall(r"```text\n\$ (.*?)```", TEXT, re.DOTALL)

    assert printed(shop, proven) == proven
    shop.write("tests/test_orders.py", "def test_both_spellings():\n    assert True\n")
    assert printed(shop, refused) == refused
    shop.record["failure_description"] |= {
        "error_message": "ValueError: 'order.payed' is not a valid EventType",
        "details": "",
    }
    shop.store()
    assert printed(shop, draft) == draft
    assert printed(shop, questions) == questions


def printed(shop: Shop, block: str) -> str:
    """Return the block as it would be now: the command, then what it prints."""
    command = block.partition("\n")[0]
    result = shop.run(*shlex.split(command)[1:])
    assert result.err == ""
    return f"{command}\n{result.out}"


def test_every_step_and_key_is_there() -> None:
    for name in (*STEPS, *KEYS):
        assert re.search(rf"^\| `{name}` \| ", TEXT, re.MULTILINE)
