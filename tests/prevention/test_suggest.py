"""`failtrack guard suggest`: each draft is written down and used, as a person would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from proof_shop import BROKEN, Shop, files_of_at_most, make_record

from pytest_failtrack.learning.suggestion import Suggestion, suggest
from pytest_failtrack.policy.rules import gate_rules
from pytest_failtrack.toml import tomllib


def guard(root: Path, *arguments: str, path: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "failtrack_guard", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )


def installed(files: Mapping[str, str], site: Path) -> str:
    """Install a draft as pip would, and return what PYTHONPATH has to be."""
    (described,) = [text for path, text in files.items() if path.endswith("pyproject.toml")]
    points = tomllib.loads(described)["project"]["entry-points"]["failtrack_guard.rules"]
    info = site / "draft-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: draft\nVersion: 1.0\n")
    lines = "".join(f"{name} = {value}\n" for name, value in points.items())
    (info / "entry_points.txt").write_text(f"[failtrack_guard.rules]\n{lines}")
    for path, text in files.items():
        if path.endswith(".py"):
            (site / Path(path).name).write_text(text)
    return str(site)


def described(error: str, details: str = "", trace: str = "") -> dict[str, Any]:
    return {"error_message": error, "details": details or f"E   {error}", "stack_trace": trace}


def kinds(shop: Shop) -> list[str]:
    return [one.kind for one in suggest(shop.settings, shop.record)]


def first(shop: Shop) -> Suggestion:
    return suggest(shop.settings, shop.record)[0]


class TestAShippedRule:
    """S0-162: what would have caught it is configured, and finds it."""

    def test_pv_001_for_a_raw_event_type(self, shop: Shop) -> None:
        shop.write("src/shop/domain/__init__.py", "")
        shop.write(
            "src/shop/domain/events.py",
            """\
            from enum import Enum


            class EventType(Enum):
                ORDER_PAID = "order.paid"


            def announce(event_type: EventType) -> None: ...
            """,
        )
        shop.write(
            "src/shop/pay.py",
            "from shop.domain.events import announce\n\nannounce(event_type='order.payed')\n",
        )
        shop.record["failure_description"] |= described(
            "ValueError: 'order.payed' is not a valid EventType"
        )

        draft = first(shop)

        assert draft.toml == (
            '[tool.failtrack.guard.PV-001]\nenum = "shop.domain.events.EventType"'
        )
        assert guard(shop.root, "check").returncode == 0
        shop.configure(draft.toml)
        done = guard(shop.root, "check")
        assert (done.returncode, "src/shop/pay.py:3" in done.stdout) == (1, True), done.stderr

    @pytest.mark.parametrize(
        ("error", "toml"),
        [
            (
                "TypeError: expected ContentRef, got str",
                '[tool.failtrack.guard.PV-002]\ntype = "shop.*.ContentRef"',
            ),
            (
                "TypeError: OrderService() lacks HaltGuard",
                '[tool.failtrack.guard.PV-003]\nguard = "shop.*.HaltGuard"',
            ),
            (
                "TypeError: __init__() missing 1 required positional argument: 'halt_guard'",
                '[tool.failtrack.guard.PV-003]\nguard = "shop.*.HaltGuard"',
            ),
        ],
        ids=["PV-002", "PV-003", "PV-003 by its parameter"],
    )
    def test_of_a_class_that_is_not_there_is_looked_for_anywhere(
        self, shop: Shop, error: str, toml: str
    ) -> None:
        trace = "  src/shop/orders.py:2 in build_order"
        shop.record["failure_description"] |= described(error, trace=trace)

        draft = first(shop)

        assert draft.toml == toml
        shop.configure(draft.toml)
        assert guard(shop.root, "check").returncode == 0

    def test_val_3_for_modules_that_import_each_other(self, shop: Shop) -> None:
        shop.write("src/shop/prices.py", "from shop.tax import rate\n\nlist_price = 1\n")
        shop.write("src/shop/tax.py", "from shop.prices import list_price\n\nrate = 2\n")
        shop.record["failure_description"] |= described(
            "ImportError: cannot import name 'list_price' from partially initialized module"
            " 'shop.prices' (most likely due to a circular import)",
            trace="  python/importlib/__init__.py:126 in import_module\n"
            "  tests/test_orders.py:1 in <module>\n  src/shop/prices.py:1 in <module>\n"
            "  src/shop/tax.py:1 in <module>",
        )

        draft = first(shop)

        shop.configure(draft.toml)
        done = guard(shop.root, "check")
        assert (draft.precondition, done.returncode) == ("guard:VAL-3", 1), done.stderr
        assert "src/shop/tax.py:1" in done.stdout
        assert "src/shop/prices.py" not in done.stdout

    def test_ft_m1_for_a_migration(self, shop: Shop) -> None:
        shop.write("migrations/a1_orders.py", "def upgrade():\n    run()\n")
        shop.record["context"]["file_path"] = "migrations/a1_orders.py"

        shop.configure(first(shop).toml)

        assert "FT-M1" in guard(shop.root, "check").stdout

    def test_ft_g1_for_what_is_generated(self, shop: Shop) -> None:
        shop.record["context"]["file_path"] = "src/shop/client.py"
        shop.record["classification"]["failure_type"] = "generator_drift"

        draft = first(shop)

        assert 'generated = "src/shop/client.py"' in draft.toml
        shop.configure(draft.toml)
        assert guard(shop.root, "rules").returncode == 0

    def test_that_has_found_it_already_is_named(self, shop: Shop) -> None:
        shop.record["metadata"]["tags"] = ["guard", "PV-003"]

        assert (kinds(shop)[0], first(shop).precondition) == ("known", "guard:PV-003")


class TestTheGate:
    """S0-129: what no source shows, the gate counts."""

    @pytest.mark.parametrize(
        ("changes", "wanted"),
        [
            ({"test": {"outcome": "flaky"}}, {"flaky": 0}),
            ({"test": {"outcome": "crashed"}}, {"required_runs": ["tests"]}),
            ({"escalation": {"occurrence": 2}}, {"repeats": 0}),
            ({"test": {"outcome": "expired"}}, {"expired_debt": 0}),
            (
                {"test": {"outcome": "debt"}, "category": "QA", "subcategory": "QA_TEST_DEBT"},
                {"debt_without_reason": 0},
            ),
        ],
        ids=["flaky", "crashed", "repeat", "expired", "debt"],
    )
    def test_takes_each_draft(self, shop: Shop, changes: Any, wanted: Any) -> None:
        shop.record = make_record(**changes)

        drafts = suggest(shop.settings, shop.record)

        (gate,) = [one for one in drafts if one.kind == "gate"]
        table = tomllib.loads(gate.toml)["tool"]["failtrack"]["gate"]
        assert table == wanted
        gate_rules(table)
        for one in drafts:
            if one.kind == "guard":
                shop.configure(one.toml)
                assert guard(shop.root, "check").returncode in (0, 1)


class TestARuleOfTheProject:
    """S0-129: a skeleton that loads, flags the failing code, and passes what is right now."""

    def test_flags_the_code_that_failed_and_not_its_fix(self, shop: Shop, tmp_path: Path) -> None:
        shop.write(
            "src/shop/orders.py", "def build_order(payload):\n    return customer(payload)\n"
        )
        shop.record["environment"]["commit"] = shop.git("rev-parse", "HEAD~1").strip()
        shop.record["failure_description"] |= described(
            "KeyError: 'customer_id'",
            '>       return {"customer": payload["customer_id"]}\nE   KeyError',
            "  src/shop/orders.py:2 in build_order",
        )

        draft = first(shop)

        assert (draft.kind, draft.precondition) == ("rule", "guard:SHOP-1")
        path = installed(draft.files, tmp_path / "site")
        assert "SHOP-1  on" in guard(shop.root, "rules", path=path).stdout
        explained = guard(shop.root, "explain", "SHOP-1", path=path).stdout
        assert "As it is now" in explained
        assert guard(shop.root, "check", path=path).returncode == 0
        shop.write("src/shop/orders.py", BROKEN)
        done = guard(shop.root, "check", path=path)
        assert done.returncode == 1
        assert "src/shop/orders.py:2:25: SHOP-1 the key 'customer_id'" in done.stdout

    def test_can_prove_that_the_failure_is_prevented(
        self, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """S0-129, S0-148..150: from the record to a rule that holds the next build to it."""
        shop.write(
            "src/shop/orders.py", "def build_order(payload):\n    return customer(payload)\n"
        )
        shop.record["failure_description"] |= described(
            "KeyError: 'customer_id'",
            '>       return {"customer": payload["customer_id"]}\nE   KeyError',
            "  src/shop/orders.py:2 in build_order",
        )
        draft = first(shop)
        monkeypatch.setenv("PYTHONPATH", installed(draft.files, tmp_path / "site"))
        shutil.rmtree(shop.root / "governance/events/known-bad")
        shop.known_bad("tree/src/shop/orders.py.bad", BROKEN)
        shop.configure('[tool.failtrack.prevention]\nsteps = ["exists", "passes", "catches"]\n')

        proof = shop.prove(precondition_updates=[draft.precondition], test_additions=[])

        assert proof.is_proven, proof.refusal

    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("return int(amount, base)", "a call of int()"),
            ("return amount.cents", "the attribute .cents"),
            ("return amounts[base]", "an item of amounts"),
            ("return amounts['a\"b\\n']", "the key 'a\"b\\n'"),
        ],
        ids=["call", "attribute", "item", "key"],
    )
    def test_is_made_of_what_stood_on_the_line(
        self, shop: Shop, tmp_path: Path, code: str, said: str
    ) -> None:
        """Also where no source has the line any more."""
        shop.record["failure_description"] |= described(
            "ValueError: \"\"\" \\ bad\n'''",
            f">       {code}\nE   x",
            "  src/shop/gone.py:9 in total\n  python/json/decoder.py:3 in decode",
        )
        shop.record["context"]["file_path"] = "src/shop/gone.py"
        shop.write("src/shop/bad.py", f"def total(amount, amounts, base):\n    {code}\n")

        draft = first(shop)

        path = installed(draft.files, tmp_path / "site")
        done = guard(shop.root, "check", path=path)
        assert done.returncode == 1, done.stderr
        assert f"src/shop/bad.py:2:12: SHOP-1 {said}" in done.stdout

    def test_is_about_the_project_where_a_library_raised(self, shop: Shop) -> None:
        """The last line that pytest marked is one of the library."""
        shop.write(
            "src/shop/orders.py", "import json\n\n\ndef read(text):\n    return json.loads(text)\n"
        )
        shop.record["failure_description"] |= described(
            "json.decoder.JSONDecodeError: Expecting value",
            ">       return json.loads(text)\n\n>       obj, end = self.scan_once(s, idx)\nE   x",
            "  src/shop/orders.py:5 in read\n  python/json/decoder.py:355 in raw_decode",
        )

        assert "it flags a call of json.loads()" in first(shop).why

    def test_takes_an_id_that_is_free(self, shop: Shop) -> None:
        shop.record["failure_description"]["details"] = ">       return pay()\nE   x"

        (draft, *_) = suggest(shop.settings, shop.record, ["PV-001", "SHOP-1", "SHOP-2"])

        assert draft.precondition == "guard:SHOP-3"

    @pytest.mark.parametrize(
        "trace",
        [
            "",
            "  /usr/lib/python3/json.py:3 in loads",
            "  ../other/x.py:3 in f",
            "  src/a.py:1 in f",
        ],
        ids=["none", "library", "outside", "no line"],
    )
    def test_is_not_made_of_nothing(self, shop: Shop, trace: str) -> None:
        shop.record["failure_description"] |= described("Error", "E   Error", trace)

        assert kinds(shop) == []

    def test_moves_no_cursor(self, shop: Shop) -> None:
        shop.record["failure_description"] |= described(
            "Error: \x1b[2J\x07", ">       return pay()\nE   x"
        )
        shop.record["failure_description"]["stack_trace"] = "  src/shop/orders.py:2 in build_order"
        shop.store()

        out = shop.run("guard", "suggest", shop.failure_id).out

        assert "SHOP-1" in out
        assert "\x1b" not in out
        assert "\x07" not in out

    def test_is_never_read_from_outside_of_the_project(self, shop: Shop, tmp_path: Path) -> None:
        (tmp_path / "secret.py").write_text("def f():\n    return token()\n")
        (shop.root / "src/link.py").symlink_to(tmp_path / "secret.py")
        shop.record["environment"]["commit"] = "--output=/tmp/x"
        shop.record["failure_description"] |= described(
            "Error", "E   Error", "  src/link.py:2 in f"
        )

        assert kinds(shop) == []


class TestTheCommand:
    def test_prints_what_can_be_pasted(self, shop: Shop) -> None:
        shop.record["failure_description"] |= described("ValueError: 'x' is not a valid EventType")
        shop.store()

        result = shop.run("guard", "suggest", shop.failure_id[:8])

        assert result.code == 0, result.err
        shop.configure(result.out)
        assert guard(shop.root, "check").returncode == 0
        assert "guard:PV-001" in result.out

    def test_writes_files_once(self, shop: Shop) -> None:
        shop.record["failure_description"]["details"] = ">       return pay()\nE   x"
        shop.store()

        done = shop.run("guard", "suggest", shop.failure_id, "--output", "rules")
        again = shop.run("guard", "suggest", shop.failure_id, "--output", "rules")

        assert (done.code, again.code) == (0, 2)
        assert (shop.root / "rules/shop_rules_dist/shop_rules.py").exists()
        assert "is there already" in again.err

    def test_a_file_that_cannot_be_written_whole_is_not_there(self, shop: Shop) -> None:
        shop.record["failure_description"]["details"] = ">       return pay()\nE   x"
        shop.store()

        with files_of_at_most(100):
            refused = shop.run("guard", "suggest", shop.failure_id, "--output", "rules")

        assert [one for one in (shop.root / "rules").rglob("*") if one.is_file()] == []
        assert "cannot write" in refused.err
        assert shop.run("guard", "suggest", shop.failure_id, "--output", "rules").code == 0

    def test_is_plain_json(self, shop: Shop) -> None:
        drafts = json.loads(shop.run("guard", "suggest", shop.failure_id, "--json").out)

        assert isinstance(drafts, list)
        for one in drafts:
            assert set(one) == {"kind", "title", "why", "toml", "files", "precondition", "next"}

    def test_says_when_there_is_nothing_to_draft(self, shop: Shop) -> None:
        shop.record["failure_description"] |= described("Error")
        shop.store()

        assert "nothing can be drafted" in shop.run("guard", "suggest", shop.failure_id).out

    def test_offers_an_entry_of_the_catalog_for_what_none_knows(self, shop: Shop) -> None:
        """S0-162: catalog and guard rules."""
        shop.record["classification"]["catalog_entry_id"] = None

        (*_, last) = suggest(shop.settings, shop.record)

        assert last.next == (
            f"failtrack catalog add own-9c41d07be2a5 --record {shop.failure_id} --dry-run",
        )
