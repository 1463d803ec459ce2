"""More cases of FT-D4: tests that are hidden, and helpers and prose that are none."""

from __future__ import annotations

from failtrack_guard.rules.ftd4_hidden_test import no, ok

RULE = "FT-D4"
GOOD = (
    ok("a helper by getattr", "def _test_pay():\n    assert pay()\n"
       "def test_all():\n    globals()['_test_pay']()\n"),
    ok("a method that is called", "class TestPay:\n    def _test_pay(self):\n"
       "        assert pay()\n    def test_card(self):\n        self._test_pay()\n"),
    ok("a method of a class that holds no tests", "class Client:\n    def _test_pay(self):\n"
       "        assert pay()\n"),
    ok("a function within", "def test_pay():\n    def _test_one():\n        assert pay()\n"
       "    run(_test_one)\n"),
    ok("a callback in a table", "def _test_pay():\n    assert pay()\nROWS = [_test_pay]\n"),
    ok("a word that goes on", "def _testing_pay():\n    assert pay()\n"
       "def _tested():\n    assert pay()\n"),
    ok("a class without tests", "class _TestData:\n    total = 1\n    def load(self): pass\n"),
    ok("a base of a class elsewhere", "class _TestPay:\n    def test_pay(self):\n"
       "        assert pay()\n",
       files={"tests/deep/test_card.py": "from ..test_orders import _TestPay\n"}),
    ok("a case through another file", "from tests.base import Base\nclass _TestPay(Base):\n"
       "    def test_pay(self):\n        self.assertTrue(pay())\n",
       files={"tests/base.py": "from unittest import TestCase\nclass Base(TestCase): pass\n"}),
    ok("a base in code that is made", "class _TestPay:\n    def test_pay(self): assert pay()\n"
       "exec(f'class TestCard{n}(_TestPay): pass')\n"),
    ok("a class that a decorator multiplies", "@for_each_card\nclass _TestPay:\n"
       "    def test_pay(self): assert pay()\n"),
    ok("an example after an empty line", "# Use:\n#\n#     @slow\n#     def test_pay():\n"
       "#         assert pay()\nx = 1\n"),
    ok("what comes later", "# When the deprecation ends, replace with:\n# def test_pay():\n"
       "#     assert pay()\nx = 1\n"),
    ok("the other half of a test", "class TestPay(Threaded):\n    def test_pay(self):\n"
       "        assert pay()\n    def _test_pay(self):\n        assert self.client.pay()\n"),
    ok("django's case", "from django.test import TestCase\nclass NoTestPay(TestCase):\n"
       "    def test_pay(self):\n        self.assertTrue(pay())\n"),
    ok("words that end in test", "class LatestPay:\n    def test_pay(self): assert pay()\n"
       "class ContestPay:\n    def test_pay(self): assert pay()\n"),
    ok("a comment that only names it", "# def test_pay():\nx = 1\n"),
    ok("a comment that goes on in words", "# def test_pay():\n#     see the other file\nx = 1\n"),
    ok("a commented helper", "# def pay_test():\n#     pass\n# def helper():\n#     pass\n"),
    ok("a comment in a string of a plugin's test", "def test_plugin(pytester):\n"
       "    pytester.makepyfile('''\n# def test_pay():\n#     assert pay()\n''')\n"
       "    assert pytester.runpytest().ret == 0\n"),
    ok("a string that is given", "def test_plugin(pytester):\n    pytester.makepyfile('''\n"
       "def test_pay():\n    assert pay()\n''')\n    assert pytester.runpytest().ret == 0\n"),
    ok("a docstring", "'''How tests look.\n\n    def test_pay():\n        assert pay()\n'''\n"),
    ok("a docstring that is code alone", "'''\ndef test_pay():\n    assert pay()\n'''\n"),
    ok("a string of prose", "x = 1\n'''\ndef test_pay is gone\n'''\n"),
    ok("if TYPE_CHECKING", "TYPE_CHECKING = False\nif TYPE_CHECKING:\n"
       "    def test_pay(): assert pay()\n"),
    ok("a helper under if False", "if False:\n    def pay(): pass\n"),
    ok("a name that is no test is deleted", "def helper(): pass\ndel helper\n"),
    ok("a test that is wrapped", "def test_pay(): assert pay()\ntest_pay = slow(test_pay)\n"),
    ok("a switch that is on", "def test_pay(): assert pay()\ntest_pay.__test__ = True\n"),
    ok("a tested name of a tool", "def pretest_check():\n    assert pay()\n"
       "def run_test_server():\n    assert pay()\n"),
)  # fmt: skip
BAD = (
    no("more names", """
def __test_a(): assert pay()
def skip_test_b(): assert pay()
def skipped_test_c(): assert pay()
def DISABLED_test_d(): assert pay()
def xxtest_e(): assert pay()
def broken_test_f(): assert pay()
def todo_test_g(): assert pay()
def nottest_h(): assert pay()
def do_not_test_i(): assert pay()
def old_test_j(): assert pay()
def _disabled_test_k(): assert pay()
def off_test(): assert pay()
def xtestPay(): assert pay()
""", 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14),
    no("more classes", """
class DisabledTestPay:
    def test_a(self): assert pay()
class xTestPay:
    def test_a(self): assert pay()
class Dont_TestPay:
    def test_a(self): assert pay()
class SkipTests:
    def test_a(self): assert pay()
class __TestPay:
    async def test_a(self): assert pay()
""", 2, 4, 6, 8, 10),
    no("with a mark", "import pytest\n@pytest.mark.parametrize('n', [1])\n"
       "def _test_pay(n):\n    pay(n)\n", 3),
    no("with a fixture of this file", "import pytest\n@pytest.fixture\ndef card(): return 1\n"
       "def _test_pay(card):\n    pay(card)\n", 4),
    no("with unittest's assertions", "import unittest\nclass PayTest(unittest.TestCase):\n"
       "    def _test_pay(self):\n        self.assertEqual(pay(), 1)\n", 3),
    no("with raises", "import pytest\ndef _test_pay():\n    with pytest.raises(OSError):\n"
       "        pay()\n", 2),
    no("another file has only a longer name", "def _test_pay():\n    assert pay()\n", 1,
       files={"tests/test_card.py": "def _test_pay_card(): pass\n"}),
    no("an object's class", "class _TestPay(object):\n    def test_pay(self):\n"
       "        assert pay()\n", 1),
    no("two in a row", "# def test_a():\n#     assert pay()\n\n# def test_b():\n"
       "#     assert pay()\n", 1, 4),
    no("two in one comment", "# def test_a():\n#     assert pay()\n#\n# def test_b():\n"
       "#     assert pay()\n", 1, 4),
    no("a whole class", "# class TestPay:\n#     def test_a(self):\n#         assert pay()\n#\n"
       "#     def test_b(self):\n#         assert pay()\n", 2, 5),
    no("without a space", "#def test_a():\n#    assert pay()\n", 1),
    no("with two signs", "## def test_a():\n##     assert pay()\n", 1),
    no("on one line", "# def test_a(): assert pay()\n", 1),
    no("with words behind", "# def test_a():\n#     assert pay()\n# This one is too slow.\n", 1),
    no("with words before", "# too slow\n# def test_a():\n#     assert pay()\n", 2),
    no("with arguments on lines", "# def test_a(\n#     one,\n#     two,\n# ):\n"
       "#     assert pay(one, two)\n", 1),
    no("with half of it", "# def test_a():\n#     assert pay()\n#     broken here (\n", 1),
    no("at the end without a line end", "x = 1\n# def test_a():\n#     assert pay()", 2),
    no("with Windows line ends", "x = 1\r\n# def test_a():\r\n#     assert pay()\r\n", 2),
    no("in a function's body", "def test_a():\n    assert pay()\n"
       "    # def test_b():\n    #     assert pay()\n", 3),
    no("a string in a class", "class TestPay:\n    total = 1\n    '''\n    def test_a(self):\n"
       "        assert pay()\n    '''\n", 3),
    no("a class in a string", "x = 1\n\"\"\"\nclass TestPay:\n    def test_a(self):\n"
       "        assert pay()\n\"\"\"\n", 2),
    no("if 0", "if 0:\n    class TestPay:\n        def test_a(self): assert pay()\n", 2),
    no("taken away", "def test_a(): assert pay()\ntest_a = None\n"
       "def test_b(): assert pay()\ntest_b.__test__ = False\n"
       "class TestC:\n    def test_c(self): assert pay()\n    del test_c\n", 2, 4, 7),
)  # fmt: skip
