"""`failtrack docs anti-patterns`: what the guard refuses, and what failures have taught."""

from __future__ import annotations

import os
import random
import threading
from pathlib import Path
from typing import Any

import pytest
from proof_shop import Shop, make_record

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.learning.anti_patterns import MARK, page, page_of, rules_of

EXPLAINED = """\
# SHOP-1 no-print

A call of print.

Use instead: the logger.

Severity HIGH; recorded as ARCHITECTURE / ARCHITECTURE_DRIFT.

Options of `[tool.failtrack.guard.SHOP-1]`:

| option | default | meaning |
|---|---|---|
| `allowed` | none | Whether. |

## Flagged

A call (line 1):

```python
# ## Flagged

print(1)
```

becomes:

```python
log(1)
```

Another:

```python
print(2)
```

A third:

```python
print(3)
```

## Not flagged

The logger:

```python
log(1)
```

with `log.py`:

```python
def log(_): ...
```
"""


def records() -> list[dict[str, Any]]:
    one = make_record()
    again = make_record(timestamp="2025-04-01T10:00:00Z", status="PREVENTED")
    again["failure_id"] = "00000000-0000-5000-8000-000000000001"
    again["learning"] = {**again["learning"], "lessons_learned": ["Ask the partner first."]}
    other = make_record()
    other["signature"] = {**other["signature"], "hash": "000000000001"}
    other["failure_id"] = "00000000-0000-5000-8000-000000000002"
    other["category"], other["subcategory"] = "ARCHITECTURE", "ARCHITECTURE_DRIFT"
    still = make_record(status="OPEN")
    still["signature"] = {**still["signature"], "hash": "000000000003"}
    still["failure_description"] = {**still["failure_description"], "error_message": "OpenError"}
    return [one, again, other, still]


class TestTheRules:
    """S0-132: examples and anti-patterns, from the cases of each rule."""

    def test_are_read_from_what_explain_prints(self) -> None:
        rule = page_of(EXPLAINED)

        assert (rule.rule_id, rule.name) == ("SHOP-1", "no-print")
        assert rule.about == "A call of print.\n\nUse instead: the logger."
        assert len(rule.flagged) == 3
        assert rule.flagged[0].startswith("A call (line 1):\n\n```python\n# ## Flagged\n\nprint(1)")
        assert rule.flagged[0].endswith("becomes:\n\n```python\nlog(1)\n```")
        assert len(rule.passed) == 1
        assert "with `log.py`:" in rule.passed[0]

    def test_two_cases_of_each_kind_are_shown(self) -> None:
        text = page([page_of(EXPLAINED)], [])

        assert "### SHOP-1 no-print" in text
        assert "print(2)" in text
        assert "print(3)" not in text
        assert text.index("**Not so:**") < text.index("**But so:**")

    def test_are_those_that_run_here(self, shop: Shop) -> None:
        assert "PV-003" not in [one.rule_id for one in rules_of(shop.root)]
        shop.configure('[tool.failtrack.guard.PV-003]\nguard = "shop.halt.HaltGuard"\n')

        (rule,) = [one for one in rules_of(shop.root) if one.rule_id == "PV-003"]

        assert rule.flagged
        assert rule.passed
        assert len(rules_of(shop.root, all_rules=True)) >= 14

    def test_a_broken_configuration_is_told(self, shop: Shop) -> None:
        shop.configure("[tool.failtrack.guard.PV-003]\nguard = 3\n")

        with pytest.raises(ConfigError) as refused:
            rules_of(shop.root)

        assert "PV-003.guard is 3" in refused.value.message


class TestTheRecords:
    """S0-132, S0-119: what was learned."""

    def test_of_one_cause_are_one_part_of_the_page(self) -> None:
        text = page([], records())

        assert text.count("### KeyError: 'customer_id'") == 2
        first, second = text.split("### ")[1:]
        assert "ARCHITECTURE / ARCHITECTURE_DRIFT" in first
        for said in (
            "- Lesson: A contract names every spelling.",
            "- Lesson: Ask the partner first.",
            "- Why nothing stopped it: The contract had one of them.",
            "- Prevented by: a test of both spellings",
            "- Caught by: <code>tests/test_orders.py::test_both_spellings</code>",
            "- PREVENTED, 2 records: ",
        ):
            assert said in second
        assert "OpenError" not in text

    def test_give_the_same_page_in_any_order(self) -> None:
        found = records()
        expected = page([], found)

        for seed in range(20):
            random.Random(seed).shuffle(found)
            assert page([], found) == expected

    def test_cannot_change_the_page_by_what_they_say(self) -> None:
        record = make_record()
        record["root_cause"]["root_cause_summary"] = (
            "x\n\n# Title\n<script>alert(1)</script> ![x](http://evil.example) @all"
        )

        text = page([], [record])

        assert "<script>" not in text
        assert "\n# Title" not in text
        assert "http://evil" not in text

    def test_without_any_the_page_says_so(self) -> None:
        assert "no failure has been resolved yet" in page([], [])


class TestTheCommand:
    def test_prints_the_page(self, shop: Shop) -> None:
        result = shop.run("docs", "anti-patterns")

        assert result.code == 0, result.err
        assert result.out.startswith(MARK)
        assert "### FT-D1 unexplained-skip" in result.out
        assert "Lesson: A contract names every spelling." in result.out

    def test_writes_a_file_that_check_accepts_until_a_record_changes(self, shop: Shop) -> None:
        words = ("docs", "anti-patterns", "--output", "docs/anti-patterns.md")

        assert shop.run(*words).code == 0
        assert shop.run(*words, "--check").code == 0
        shop.record["learning"] = {**shop.record["learning"], "lessons_learned": ["Another."]}
        shop.store()
        result = shop.run(*words, "--check")

        assert result.code == 1
        assert "+- Lesson: Another." in result.out
        assert "Another." not in (shop.root / "docs/anti-patterns.md").read_text()

    def test_never_replaces_a_page_that_people_wrote(self, shop: Shop) -> None:
        result = shop.run("docs", "anti-patterns", "--output", "docs/orders.md")

        assert (result.code, "is not replaced" in result.err) == (2, True)
        assert Path("docs/orders.md").read_text() == "Orders. Both spellings are read.\n"

    def test_a_new_page_takes_the_place_of_the_old_one_in_one_step(self, shop: Shop) -> None:
        """Who reads the old one meanwhile, or is left with it on a full disk, has it whole."""
        words = ("docs", "anti-patterns", "--output", "docs/anti-patterns.md")
        assert shop.run(*words).code == 0
        page_there = shop.root / "docs" / "anti-patterns.md"
        old = shop.root / "old.md"
        os.link(page_there, old)
        before = old.read_bytes()
        shop.record["learning"] = {**shop.record["learning"], "lessons_learned": ["Another."]}
        shop.store()

        assert shop.run(*words).code == 0
        assert "Another." in page_there.read_text()
        assert old.read_bytes() == before

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    @pytest.mark.timeout(20)
    def test_a_pipe_is_written_to_and_not_waited_for(self, shop: Shop) -> None:
        pipe = shop.root / "pipe"
        os.mkfifo(pipe)
        read: list[str] = []
        reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
        reader.start()

        assert shop.run("docs", "anti-patterns", "--output", "pipe").code == 0
        reader.join(10)
        assert read[0].startswith(MARK)
        assert pipe.is_fifo()
