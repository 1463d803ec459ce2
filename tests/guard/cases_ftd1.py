"""More cases of FT-D1: a test that does not run, and nobody said why."""

from __future__ import annotations

from failtrack_guard.rules.ftd1_unexplained_skip import EXPIRY, TICKETS, no, ok

RULE = "FT-D1"
GOOD = (
    ok(
        "a positional reason",
        "import pytest\n\n@pytest.mark.skip('sandbox is down')\n"
        "def test_pay():\n    assert pay()\n",
    ),
    ok(
        "arguments that cannot be known",
        "import pytest\n\n@pytest.mark.skipif(**WINDOWS)\ndef test_pay():\n    assert pay()\n",
    ),
    ok(
        "importorskip with a third argument",
        "import pytest\nnp = pytest.importorskip('numpy', '1.2', 'numpy is optional')\n",
    ),
    ok("a function of the same name", "def skip():\n    pass\n\ndef test_pay():\n    skip()\n"),
    ok("the word in a string", "TEXT = '''\n@pytest.mark.skip\n'''\n"),
    ok("another file", "import pytest\npytest.skip()\n", path="shop/orders.py"),
    ok(
        "the class's marker says why",
        "import unittest, pytest\n\n"
        "@pytest.mark.failtrack_debt(reason='sandbox is down')\n"
        "class TestPay(unittest.TestCase):\n    @unittest.expectedFailure\n"
        "    def test_pay(self):\n        assert pay()\n",
    ),
    ok(
        "the module's marker says why",
        "import pytest\n\npytestmark = [pytest.mark.skip,\n"
        "    pytest.mark.failtrack_debt(reason='sandbox is down')]\n",
    ),
    ok(
        "a number as ticket",
        "import pytest\n\n@pytest.mark.skip('no sandbox, see #12')\n"
        "def test_pay():\n    assert pay()\n",
        options=TICKETS,
    ),
    ok(
        "a ticket by its word",
        "import pytest\n\n@pytest.mark.skip('no sandbox (ticket=12)')\n"
        "def test_pay():\n    assert pay()\n",
        options=TICKETS,
    ),
    ok(
        "a ticket in the marker",
        "import pytest\n\n@pytest.mark.skip('no sandbox')\n"
        "@pytest.mark.failtrack_debt(ticket='12')\ndef test_pay():\n    assert pay()\n",
        options=TICKETS,
    ),
    ok(
        "an end in the marker",
        "import pytest\n\n@pytest.mark.skip('no sandbox')\n"
        "@pytest.mark.failtrack_debt(until='2999-12-31')\ndef test_pay():\n    assert pay()\n",
        options=EXPIRY,
    ),
    ok(
        "an end soon enough",
        "import pytest\npytest.skip('no sandbox, until: 2020-01-31')\n",
        options={"longest-days": 90},
    ),
    ok(
        "a kind that is not judged",
        "import pytest\nnp = pytest.importorskip('numpy')\n",
        options={"kinds": ["skip", "xfail"]},
    ),
)

BAD = (
    no(
        "a constant that is None",
        "import pytest\nWHY = None\npytest.skip(reason=WHY)\n",
        3,
    ),
    no(
        "an encoding is no ticket",
        "import pytest\npytest.skip('needs UTF-8 and python-3')\n",
        2,
        options=TICKETS,
    ),
    no(
        "a mark by a condition",
        "import pytest\npytestmark = pytest.mark.skip if WINDOWS else ()\n",
        2,
    ),
    no(
        "a mark with empty brackets",
        "import pytest\n\n@pytest.mark.skip()\ndef test_pay():\n    pay()\n",
        3,
    ),
    no(
        "a reason of the marker's words alone",
        "import pytest\npytest.skip('until=2999-12-31, owner=ann')\n",
        2,
    ),
    no("reason=None", "import pytest\npytest.skip(reason=None)\n", 2),
    no(
        "a constant that is empty",
        "import pytest\nWHY = ''\n\n@pytest.mark.xfail(reason=WHY)\ndef test_pay():\n    pay()\n",
        4,
    ),
    no(
        "a strict xfail",
        "import pytest\n\n@pytest.mark.xfail(strict=True, raises=OSError)\n"
        "def test_pay():\n    pay()\n",
        3,
    ),
    no(
        "a condition is no reason",
        "import pytest\n\n@pytest.mark.xfail('no sandbox')\ndef test_pay():\n    pay()\n",
        3,
    ),
    no(
        "allow_module_level is no reason",
        "import pytest\npytest.skip(allow_module_level=True)\n",
        2,
    ),
    no(
        "pytestmark of a class",
        "import pytest\n\nclass TestPay:\n    pytestmark = (pytest.mark.skip(),)\n",
        4,
    ),
    no(
        "add_marker",
        "import pytest\n\ndef pytest_collection_modifyitems(items):\n"
        "    for item in items:\n        item.add_marker(pytest.mark.skip)\n",
        5,
        path="tests/conftest.py",
    ),
    no(
        "pytest under another name",
        "import pytest as pt\n\n@pt.mark.skip\ndef test_pay():\n    pay()\n",
        3,
    ),
    no(
        "mark under another name",
        "from pytest import mark as m\n\n@m.skip\ndef test_pay():\n    pay()\n",
        3,
    ),
    no(
        "an alias of a called mark",
        "import pytest\nlater = pytest.mark.skipif(NET)\n\n@later\ndef test_pay():\n    pay()\n",
        2,
    ),
    no(
        "a function under another name",
        "from pytest import skip as later\n\ndef test_pay():\n    later()\n",
        4,
    ),
    no(
        "getattr",
        "import pytest\n\n@getattr(pytest.mark, 'skip')()\ndef test_pay():\n    pay()\n",
        3,
    ),
    no("a list of marks", "import pytest\nLATER = [pytest.mark.skip]\npytestmark = LATER\n", 2),
    no(
        "an alias in pytest.param",
        "import pytest\nlater = pytest.mark.skip\nROWS = [pytest.param(1, marks=later)]\n",
        3,
    ),
    no(
        "raise SkipTest",
        "import unittest\n\ndef test_pay():\n    raise unittest.SkipTest\n\n"
        "def test_refund():\n    raise unittest.SkipTest()\n",
        4,
        7,
    ),
    no(
        "in a class's method",
        "import pytest\n\nclass TestPay:\n    @pytest.mark.skip\n"
        "    async def test_pay(self):\n        pay()\n",
        4,
    ),
    no(
        "pytest that may be missing",
        "try:\n    import pytest\nexcept ImportError:\n"
        "    pytest = None\n\n@pytest.mark.skip\ndef test_pay():\n    pay()\n",
        6,
    ),
    no(
        "the marker is on another test",
        "import pytest\n\n@pytest.mark.skip\n"
        "def test_pay():\n    pay()\n\n@pytest.mark.failtrack_debt(reason='no sandbox')\n"
        "def test_refund():\n    assert pay()\n",
        3,
    ),
    no(
        "no ticket of the project's form",
        "import pytest\npytest.xfail('SHOP-12: no sandbox')\n",
        2,
        options={"ticket": r"PAY/\d+"},
    ),
    no(
        "no ticket in what is known of a text",
        "import pytest\n\ndef test_pay():\n    pytest.skip(f'no sandbox: {error}')\n",
        4,
        options=TICKETS,
    ),
    no(
        "an end that is no date",
        "import pytest\npytest.skip('no sandbox, until=soon')\n",
        2,
        options=EXPIRY,
    ),
    no(
        "no end where there is a longest life",
        "import pytest\npytest.skip('no sandbox')\n",
        2,
        options={"longest-days": 90},
    ),
    no(
        "a marker's end too far away",
        "import pytest\n\n@pytest.mark.skip('no sandbox')\n"
        "@pytest.mark.failtrack_debt(until='2999-12-31')\ndef test_pay():\n    assert pay()\n",
        3,
        options={"longest-days": 90},
    ),
)
