"""FT-D1: a test that does not run, and nobody said why, where it is planned, or until when."""

from __future__ import annotations

import re
from functools import partial

from failtrack_guard.errors import ConfigError
from failtrack_guard.of_files import RuleOfFiles
from failtrack_guard.rule import Option, bad, good
from failtrack_guard.testing import debt
from failtrack_guard.testing.debt import Debt, debts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project
    from failtrack_guard.finding import Finding

# `UTF-8` and `ISO-8601` are no tickets.
_NO_TICKET = "UTF|ISO|RFC|PEP|SHA|CVE|ASCII|LATIN|CP|IPV|HTTP|PY|PYTHON|X86|ARM|BASE|IEEE|MD"
TICKET = (
    rf"\bticket\s*[=:]\s*\S|\b(?!(?:{_NO_TICKET})-)[A-Z][A-Z0-9_]+-\d+\b"
    r"|\b[Gg][Hh]-\d+|#\d+|https?://\S"
)
PATH = "tests/test_orders.py"
ok = partial(good, path=PATH)
no = partial(bad, path=PATH)
TICKETS = {"require-ticket": True}
EXPIRY = {"require-expiry": True}


class UnexplainedSkip(RuleOfFiles):
    """A skip, skipif, xfail or importorskip says no reason; where the project wants them, also no
    ticket, no end, or an end too far away.

    A skip without a reason cannot be paid back: after a month nobody knows whether the test, the
    product or the machine was broken, and nobody dares to remove it.

    Use instead: `@pytest.mark.skip(reason="SHOP-12: the sandbox refuses refunds,
    until=2026-12-31")`, or put the words beside it: `@pytest.mark.failtrack_debt(ticket="SHOP-12",
    until="2026-12-31")` on the test, its class or in `pytestmark`.

    Limits: a reason that another file or a calculation makes is believed to be one; a mark that
    another file makes is judged there, when that is a file with tests. What marks of other plugins
    do to a test is not seen. Who lives with optional packages takes `importorskip` out of `kinds`.
    """

    id = "FT-D1"
    name = "unexplained-skip"
    remedy = "say why, and who takes it up again: reason=..., failtrack_debt(ticket=..., until=...)"
    severity = "MEDIUM"
    category = "QA"
    subcategory = "QA_TEST_DEBT"
    OPTIONS = {
        "files": Option("globs", (*debt.FILES,), "Files with tests."),
        "kinds": Option(
            "texts", debt.KINDS, "Kinds that are judged: skip, skipif, xfail, importorskip."
        ),
        "lasting": Option(
            "texts", (), "Kinds that may stay: they need a reason, but neither ticket nor end."
        ),
        "require-ticket": Option("flag", False, "A ticket must be named."),
        "ticket": Option("pattern", "", "What a ticket looks like; when given, one is required."),
        "require-expiry": Option("flag", False, "An end must be named: `until=2026-12-31`."),
        "longest-days": Option(
            "count", 0, "How many days the end may be away; 0 for any. When given, one is required."
        ),
    }

    GOOD = (
        ok(
            "a reason",
            "import pytest\n\n@pytest.mark.skip(reason='sandbox is down')\n"
            "def test_pay():\n    assert pay()\n",
        ),
        ok(
            "a reason in a constant",
            "from pytest import mark\nWHY = 'sandbox is down'\n\n"
            "@mark.skipif(NET, reason=WHY)\ndef test_pay():\n    assert pay()\n",
        ),
        ok(
            "a reason from elsewhere",
            "import pytest\nfrom reasons import WHY\n\n"
            "@pytest.mark.xfail(reason=WHY)\ndef test_pay():\n    assert pay()\n",
        ),
        ok(
            "a calculated reason",
            "import pytest\n\ndef test_pay():\n"
            "    if error:\n        pytest.skip(f'no sandbox: {error}')\n    assert pay()\n",
        ),
        ok(
            "importorskip with a reason",
            "import pytest\nnp = pytest.importorskip('numpy', reason='numpy is optional')\n",
        ),
        ok(
            "unittest with reasons",
            "import unittest\n\nclass TestPay(unittest.TestCase):\n"
            "    @unittest.skipIf(True, 'sandbox is down')\n    def test_pay(self):\n"
            "        self.skipTest('no sandbox')\n",
        ),
        ok(
            "a mark of the same name from elsewhere",
            "from shop import mark, skip\n\n@mark.skip\n"
            "def test_pay():\n    skip()\n    assert pay()\n",
        ),
        ok("an alias is no use", "import pytest\nskip = pytest.mark.skip\n"),
        ok(
            "the marker says why",
            "import pytest\n\n@pytest.mark.skip\n"
            "@pytest.mark.failtrack_debt(reason='sandbox is down')\ndef test_pay():\n    pay()\n",
        ),
        ok(
            "a ticket",
            "import pytest\n\n@pytest.mark.skip('SHOP-12: no sandbox')\n"
            "def test_pay():\n    assert pay()\n",
            options=TICKETS,
        ),
        ok(
            "a ticket of the project's form",
            "import pytest\npytest.xfail('no sandbox, PAY/7')\n",
            options={"ticket": r"PAY/\d+"},
        ),
        ok(
            "an end", "import pytest\npytest.skip('no sandbox, until=2999-12-31')\n", options=EXPIRY
        ),
        ok(
            "a kind that may stay",
            "import pytest\npytest.importorskip('x', reason='optional')\n",
            options={**TICKETS, **EXPIRY, "lasting": ["importorskip"]},
        ),
    )
    BAD = (
        no("a bare mark", "import pytest\n\n@pytest.mark.skip\ndef test_pay():\n    pay()\n", 3),
        no(
            "an empty reason",
            "import pytest\n\n@pytest.mark.skip(reason='  ')\ndef test_pay():\n    pay()\n",
            3,
        ),
        no("a reason that is none", "import pytest\npytest.skip('TODO')\n", 2),
        no(
            "skipif without a reason",
            "import pytest, sys\n\n"
            "@pytest.mark.skipif(\"sys.platform == 'win32'\")\ndef test_pay():\n    pay()\n",
            3,
        ),
        no("a bare xfail", "import pytest\n\n@pytest.mark.xfail\ndef test_pay():\n    pay()\n", 3),
        no("importorskip", "import pytest\nnp = pytest.importorskip('numpy', minversion='1')\n", 2),
        no("a call", "import pytest\n\ndef test_pay():\n    pytest.skip()\n", 4),
        no("pytestmark", "import pytest\npytestmark = pytest.mark.skip\n", 2),
        no(
            "pytestmark as a list",
            "import pytest\npytestmark = [pytest.mark.slow,\n    pytest.mark.xfail]\n",
            3,
        ),
        no(
            "pytest.param",
            "import pytest\n\n@pytest.mark.parametrize('x', [\n    1,\n"
            "    pytest.param(2, marks=pytest.mark.xfail),\n"
            "    pytest.param(3, marks=[pytest.mark.slow, pytest.mark.skip()]),\n])\n"
            "def test_pay(x):\n    pay(x)\n",
            5,
            6,
        ),
        no(
            "an alias of a mark",
            "import pytest\nlater = pytest.mark.skip\n\n@later\n"
            "def test_pay():\n    pay()\n\n@later()\ndef test_refund():\n    pay()\n",
            4,
            8,
        ),
        no(
            "unittest",
            "import unittest\nfrom unittest import skip\n\n"
            "class TestPay(unittest.TestCase):\n    @skip\n    def test_a(self):\n        pay()\n\n"
            "    @unittest.skipIf(NET, '')\n    def test_b(self):\n        pay()\n\n"
            "    @unittest.skipUnless(NET, reason='')\n    def test_c(self):\n        pay()\n\n"
            "    @unittest.expectedFailure\n    def test_d(self):\n        self.skipTest('')\n",
            5,
            9,
            13,
            17,
            19,
        ),
        no(
            "no ticket",
            "import pytest\n\n@pytest.mark.skip('no sandbox')\ndef test_pay():\n    pay()\n",
            3,
            options=TICKETS,
        ),
        no("no end", "import pytest\npytest.skip('SHOP-12: no sandbox')\n", 2, options=EXPIRY),
        no(
            "an end too far away",
            "import pytest\npytest.skip('no sandbox, until=2999-12-31')\n",
            2,
            options={"longest-days": 90},
        ),
    )

    def prepare(self) -> None:
        """Reject kinds that do not exist."""
        for option in ("kinds", "lasting"):
            for kind in self.options[option]:
                if kind not in debt.KINDS:
                    raise ConfigError(
                        f"tool.failtrack.guard.FT-D1.{option}: {kind!r} is no kind; "
                        f"the kinds are {', '.join(debt.KINDS)}"
                    )
        super().prepare()
        self._ticket = re.compile(self.options["ticket"] or TICKET)

    def needles(self) -> tuple[bytes, ...]:
        """What every name of a skip holds."""
        return debt.NEEDLES

    def look(self, module: Module) -> Iterator[Finding]:
        """Yield the places of a file that say too little."""
        for one in debts(module):
            if one.kind not in self.options["kinds"]:
                continue
            missing = [*self._missing(one)]
            if missing:
                yield self.at(
                    module, one.node, one.place, f"{one.way} says no {' and no '.join(missing)}"
                )
            days = self.options["longest-days"]
            if days and one.until and one.kind not in self.options["lasting"]:
                yield self.at(
                    module,
                    one.node,
                    one.place,
                    f"{one.way} may last until {one.until}, which is more than {days} days away",
                    asks=("lasts", one.until, days),
                )

    def holds(self, question: tuple[Any, ...], project: Project) -> bool:
        """Answer `("lasts", day, days)`: whether the day is more than some days away."""
        if question[0] == "lasts":
            days: int = question[2]
            return debt.days_left(question[1], project.today) > days
        return super().holds(question, project)

    def _missing(self, one: Debt) -> Iterator[str]:
        options = self.options
        if not one.has_reason:
            yield "reason"
        if one.kind in options["lasting"] or one.reason is None:
            return
        if (options["require-ticket"] or options["ticket"]) and not self._has_ticket(one):
            yield "ticket"
        if (options["require-expiry"] or options["longest-days"]) and one.until == "":
            yield "end (until=YYYY-MM-DD)"

    def _has_ticket(self, one: Debt) -> bool:
        ticket = one.declared.get("ticket", "")
        if ticket is None:
            return True
        told = f"{one.reason} {one.declared.get('reason') or ''}"
        return bool(self._ticket.search(f"{told} ticket={ticket}" if ticket else told))
