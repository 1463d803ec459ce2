"""FT-D2: a test was to come back by a day that is over."""

from __future__ import annotations

from functools import partial

from failtrack_guard.of_files import RuleOfFiles
from failtrack_guard.rule import Option, bad, good
from failtrack_guard.testing import debt
from failtrack_guard.testing.debt import debts, is_past, markers, until_of, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from failtrack_guard.code.module import Module
    from failtrack_guard.code.project import Project
    from failtrack_guard.finding import Finding

ok = partial(good, path="tests/test_orders.py")
no = partial(bad, path="tests/test_orders.py")


class ExpiredDebt(RuleOfFiles):
    """The `until` of a skip, an xfail or a `failtrack_debt` marker is a day that is over.

    The day was the condition under which the gap was accepted. Once nobody answers for it any
    more, a temporary exception has become the rule.

    Use instead: let the test run again, or agree on a new day and write it down with its reason.

    Limits: understood is `until=YYYY-MM-DD` or `until: YYYY-MM-DD` in a reason that the file shows,
    and the argument `until` of `@pytest.mark.failtrack_debt`, which wins over the reason. The last
    day itself still counts; days are those of UTC.
    """

    id = "FT-D2"
    name = "expired-debt"
    remedy = "let the test run again, or agree on a new day"
    severity = "HIGH"
    category = "GOVERNANCE"
    subcategory = "GOVERNANCE_EXCEPTION_EXPIRED"
    OPTIONS = {"files": Option("globs", (*debt.FILES,), "Files with tests.")}

    GOOD = (
        ok(
            "a day to come",
            "import pytest\n\n@pytest.mark.skip(reason='no sandbox, until=2999-12-31')\n"
            "def test_pay():\n    assert pay()\n",
        ),
        ok(
            "a day to come in the marker",
            "import pytest\n\n@pytest.mark.failtrack_debt(until='2999-12-31')\n"
            "def test_pay():\n    assert pay()\n",
        ),
        ok(
            "the marker's day wins",
            "import pytest\n\n@pytest.mark.failtrack_debt(until='2999-12-31')\n"
            "@pytest.mark.skip(reason='no sandbox, until=2020-01-31')\n"
            "def test_pay():\n    assert pay()\n",
        ),
        ok(
            "a day that is no promise",
            "import pytest\n\n@pytest.mark.skip(reason='broken since 2020-01-31')\n"
            "def test_pay():\n    assert pay()\n",
        ),
        ok(
            "the word in another call",
            "def test_pay():\n    assert pay('skip until=2020-01-31')\n",
        ),
        ok(
            "a mark of another name",
            "from shop import mark\n\n@mark.failtrack_debt(until='2020-01-31')\n"
            "def test_pay():\n    assert pay()\n",
        ),
        ok(
            "a day from elsewhere",
            "import pytest\nfrom shop import RELEASE\n\n"
            "@pytest.mark.failtrack_debt(until=RELEASE)\ndef test_pay():\n    assert pay()\n",
        ),
        ok(
            "another file",
            "import pytest\npytest.skip('until=2020-01-31')\n",
            path="shop/orders.py",
        ),
        ok("a bare skip", "import pytest\n\n@pytest.mark.skip\ndef test_pay():\n    pay()\n"),
    )
    BAD = (
        no(
            "in a reason",
            "import pytest\n\n@pytest.mark.skip(reason='no sandbox, until=2020-01-31')\n"
            "def test_pay():\n    assert pay()\n",
            3,
        ),
        no(
            "with a colon",
            "import pytest\n\ndef test_pay():\n"
            "    pytest.xfail('no sandbox (until: 2020-01-31)')\n",
            4,
        ),
        no(
            "in the marker",
            "import pytest\n\n@pytest.mark.skip(reason='no sandbox')\n"
            "@pytest.mark.failtrack_debt(owner='ann', until='2020-01-31')\n"
            "def test_pay():\n    assert pay()\n",
            4,
        ),
        no(
            "the marker's day is over although the reason's is not",
            "import pytest\n\n@pytest.mark.failtrack_debt(until='2020-01-31')\n"
            "@pytest.mark.skip(reason='no sandbox, until=2999-12-31')\n"
            "def test_pay():\n    assert pay()\n",
            3,
        ),
        no(
            "in pytestmark",
            "import pytest\n\npytestmark = [pytest.mark.slow,\n"
            "    pytest.mark.failtrack_debt(until='2020-01-31')]\n",
            4,
        ),
        no(
            "on a class",
            "import pytest\n\n@pytest.mark.failtrack_debt(until='2020-01-31')\n"
            "class TestPay:\n    def test_pay(self):\n        pytest.skip('no sandbox')\n",
            3,
        ),
        no(
            "a date object",
            "import pytest\nfrom datetime import date\n\n"
            "@pytest.mark.failtrack_debt(until=date(2020, 1, 31))\n"
            "def test_pay():\n    assert pay()\n",
            4,
        ),
        no(
            "a day that does not exist",
            "import pytest\npytest.skip('no sandbox, until=2999-02-30')\n",
            2,
        ),
        no(
            "a marker's day that is none",
            "import pytest\n\n@pytest.mark.failtrack_debt(until='some day')\n"
            "def test_pay():\n    assert pay()\n",
            3,
        ),
        no(
            "in a constant, under other names",
            "from pytest import mark as m\nWHY = 'no sandbox, ' 'until=2020-01-31'\n\n"
            "ROWS = [m.xfail, m.skipif(True, reason=WHY)]\n",
            4,
        ),
        no(
            "in an f-string",
            "import pytest\n\ndef test_pay(url):\n"
            "    pytest.skip(f'{url} is down, until=2020-01-31')\n",
            4,
        ),
        no(
            "in unittest",
            "import unittest\n\nclass TestPay(unittest.TestCase):\n"
            "    @unittest.skipIf(True, 'no sandbox, until=2020-01-31')\n"
            "    def test_pay(self):\n        pay()\n",
            4,
        ),
    )

    def needles(self) -> tuple[bytes, ...]:
        """The word, which marker and reason share."""
        return (b"until",)

    def look(self, module: Module) -> Iterator[Finding]:
        """Yield every day that is named, with the question whether it is over."""
        for one in debts(module):
            until = word("until", one.reason or "")
            if until and not one.declared.get("until", ""):
                yield self.at(
                    module,
                    one.node,
                    one.place,
                    f"{one.way} was accepted until {until}, which is over",
                    asks=("past", until),
                )
        for node, place in markers(module):
            for keyword in node.keywords:
                until = until_of(module, keyword.value, place) or ""
                if keyword.arg == "until" and until:
                    yield self.at(
                        module,
                        node,
                        place,
                        f"failtrack_debt was accepted until {until}, which is over",
                        asks=("past", until),
                    )

    def holds(self, question: tuple[Any, ...], project: Project) -> bool:
        """Answer `("past", day)`: whether a last day is over."""
        if question[0] == "past":
            return is_past(question[1], project.today)
        return super().holds(question, project)
