"""More cases of FT-D5: tests that cannot fail, and tests that only look like it."""

from __future__ import annotations

from failtrack_guard.rules.ftd5_asserts_nothing import no, ok

RULE = "FT-D5"
GOOD = (
    ok("a helper of a helper", """
def one(total): two(total)
def two(total): three(total)
def three(total): assert total
def test_pay(): one(1)
"""),
    ok("helpers that call each other", """
def one(n): return two(n - 1) if n else None
def two(n):
    assert n
    one(n)
def test_pay(): one(3)
"""),
    ok("a method of the class", """
class TestPay:
    def receipt(self): assert pay()
    def test_pay(self): self.receipt()
"""),
    ok("a method of a base in this file", """
class Base:
    def receipt(self): assert pay()
class TestPay(Base):
    def test_pay(self): self.receipt()
"""),
    ok("a static method of another class", """
class Receipts:
    @staticmethod
    def look(): assert pay()
def test_pay(): Receipts.look()
"""),
    ok("an object of a class that asserts", """
class Receipt:
    def look(self): assert pay()
def test_pay():
    receipt = Receipt()
    receipt.look()
"""),
    ok("a function within", """
def test_pay():
    def on_paid(total): assert total
    pay(on_paid)
"""),
    ok("a callback of the module", """
def on_paid(total): assert total
def test_pay(): pay(callback=on_paid)
"""),
    ok("a lambda that calls one", """
def on_paid(total): assert total
def test_pay(): pay(lambda: on_paid(1))
"""),
    ok("a fixture of this file", """
import pytest
@pytest.fixture
def receipt():
    yield pay
    assert paid()
def test_pay(receipt): receipt()
"""),
    ok("a parameter that checks", "def test_pay(check_receipt):\n    check_receipt(pay())\n"),
    ok("unittest under other names", """
from unittest import TestCase as T
class Pay(T):
    def test_pay(self): self.assertRaises(OSError, pay)
    def test_fail(self):
        if pay(): self.fail()
"""),
    ok("warns", "import pytest\ndef test_pay():\n    with pytest.warns(UserWarning): pay()\n"),
    ok("raises from an import", "from pytest import raises\n"
       "def test_pay():\n    with raises(OSError): pay()\n"),
    ok("raises with a function", "import pytest\ndef test_pay():\n"
       "    pytest.raises(OSError, pay)\n    pytest.raises(OSError, func=pay)\n"),
    ok("numpy's helpers", "import numpy.testing as npt\n"
       "def test_pay():\n    npt.assert_allclose(pay(), 1)\n"),
    ok("camel case", "def test_pay():\n    verifyReceipt(pay())\n    checkTotals(1)\n"),
    ok("assert within a name", "def test_pay():\n    xp_assert_close(pay(), 1)\n"
       "def test_all():\n    run_and_check(pay())\n"),
    ok("a private helper", "def test_pay():\n    _assert_paid()\n"),
    ok("expect", "def test_pay(page):\n    expect(page).to_have_title('x')\n"),
    ok("should", "def test_pay():\n    pay().should.equal(1)\n"),
    ok("an error of its own", "def test_pay():\n"
       "    if not pay():\n        raise ValueError('x')\n"),
    ok("AssertionError in a helper", """
def receipt():
    if not pay(): raise AssertionError('x')
def test_pay(): receipt()
"""),
    ok("subprocess with check", "import subprocess\n"
       "def test_pay():\n    subprocess.run(['pay'], check=True)\n"),
    ok("warnings as errors", "import warnings\ndef test_pay():\n"
       "    with warnings.catch_warnings():\n        warnings.simplefilter('error')\n"
       "        pay()\n"),
    ok("a response that raises", "def test_pay(client):\n    client.get('/').raise_for_status()\n"),
    ok("pytester", "def test_pay(pytester):\n    r = pytester.runpytest()\n"
       "    r.stdout.fnmatch_lines(['x'])\n"),
    ok("an awaited one", "async def test_pay(gateway):\n"
       "    gateway.charge.assert_awaited_once_with(1)\n"),
    ok("an expected failure", "import pytest\n@pytest.mark.xfail(raises=OSError)\n"
       "def test_pay(): pay()\n"),
    ok("a class that does not run", "import unittest\n@unittest.skip('later')\n"
       "class PayTest(unittest.TestCase):\n    def test_pay(self): pass\n"),
    ok("skips at once", "import pytest\ndef test_pay():\n    pytest.skip('later')\n    pay()\n"),
    ok("not written yet", "def test_pay():\n    raise NotImplementedError\n"),
    ok("a benchmark", "def test_pay(benchmark):\n    benchmark(pay)\n"),
    ok("a fixture with a test's name", "import pytest\n@pytest.fixture\n"
       "def test_client():\n    return pay()\n"),
    ok("a fixture from pytest", "from pytest import fixture\n@fixture(scope='module')\n"
       "def test_client():\n    return pay()\n"),
    ok("a context manager", "from contextlib import contextmanager\n@contextmanager\n"
       "def test_client():\n    yield pay()\n"),
    ok("a view within a fixture", "import pytest\n@pytest.fixture\ndef app():\n"
       "    def test_view():\n        return 'x'\n    return test_view\n"),
    ok("a base that is no test itself", "class TestBase:\n    __test__ = False\n"
       "    def test_pay(self):\n        pay()\n"),
    ok("a decorator that checks", "@check_figures_equal()\ndef test_pay(a, b):\n    a.plot(1)\n"),
    ok("a decorator of this file", """
def paid(function):
    def wrapped(*args):
        assert function(*args)
    return wrapped
@paid
def test_pay(): return pay()
"""),
    ok("a helper from another file of the tests", "from .helpers import receipt as r\n"
       "def test_pay():\n    r(1)\n",
       files={"tests/__init__.py": "", "tests/helpers.py": "def receipt(t):\n    assert t\n"}),
    ok("a helper from a package that hands it on", "from tests import helpers\n"
       "def test_pay():\n    helpers.receipt(1)\n",
       files={"tests/__init__.py": "",
              "tests/helpers/__init__.py": "from .money import receipt\n",
              "tests/helpers/money.py": "def receipt(t):\n    look(t)\n"
              "def look(t):\n    assert t\n"}),
    ok("a helper that uses a third file", "from tests.one import receipt\n"
       "def test_pay():\n    receipt(1)\n",
       files={"tests/one.py": "from tests.two import look\ndef receipt(t):\n    look(t)\n",
              "tests/two.py": "def look(t):\n    assert t\n"}),
    ok("a function here that uses another file", "from tests.one import look\n"
       "def receipt(t): look(t)\ndef test_pay():\n    receipt(1)\n",
       files={"tests/one.py": "def look(t):\n    assert t\n"}),
    ok("a decorator from another file", "from tests.one import paid\n@paid\n"
       "def test_pay():\n    return pay()\n",
       files={"tests/one.py": "def paid(f):\n    def w():\n        assert f()\n    return w\n"}),
    ok("a fixture above", "def test_pay(receipt):\n    receipt(1)\n", path="tests/a/test_pay.py",
       files={"conftest.py": "import pytest\n@pytest.fixture\ndef receipt():\n"
              "    yield pay\n    assert paid()\n"}),
    ok("a base's test", "from tests.base import Base\nclass TestPay(Base):\n"
       "    def test_pay(self):\n        super().test_pay()\n"),
    ok("a helper that is named", "from other import receipt\ndef test_pay():\n    receipt(1)\n",
       options={"helpers": "^receipt$"}),
    ok("a helper that a class holds", """
from functools import partial
def receipt(total, way):
    assert pay(way) == total
class TestPay:
    @classmethod
    def setup_class(cls):
        cls.receipt = staticmethod(partial(receipt, way='card'))
    def test_pay(self):
        self.receipt(1)
"""),
    ok("a teardown that asserts", """
import unittest
class PayTest(unittest.TestCase):
    def test_pay(self): pay()
    def tearDown(self): self.assertFalse(debts())
"""),
    ok("a fixture for all that asserts", """
import pytest
@pytest.fixture(autouse=True)
def no_debts():
    yield
    assert not debts()
def test_pay(): pay()
"""),
    ok("marked as a measurement", "import pytest\npytestmark = pytest.mark.benchmark()\n"
       "def test_pay():\n    pay()\n"),
    ok("does not raise, and says so", "def test_pay():\n    with does_not_raise():\n"
       "        pay()\n"),
    ok("a module that does not run", "import pytest\npytestmark = [pytest.mark.skip('later')]\n"
       "def test_pay():\n    pay()\n"),
    ok("a match", "def test_pay():\n    match pay():\n"
       "        case 1:\n            assert True is x\n"),
    ok("a value that only looks constant", "def test_pay():\n    assert None or x\n"
       "    assert 0 or pay()\n    assert () == pay()\n    assert [*pay()] == [1]\n"),
    ok("a list that may be empty", "def test_pay():\n    assert [one for one in pay()]\n"),
    ok("a string made of values", "def test_pay():\n    assert f'{pay()}'\n"),
    ok("constants that differ", "def test_pay():\n    assert 1 == 2, 'not done'\n"),
    ok("brackets that are no tuple", "def test_pay():\n"
       "    assert (pay()\n            == 1), 'x'\n"),
    ok("a tuple that is compared", "def test_pay():\n    assert (1, pay()) == (1, 2)\n"),
    ok("a fixture's name is no function", "import pytest\n@pytest.fixture\ndef paid():\n"
       "    return pay()\ndef test_pay(paid):\n    assert paid\n"),
    ok("a name that is a function only elsewhere", "def paid(): return 1\ndef test_pay():\n"
       "    paid = pay()\n    assert paid\n"),
    ok("unittest's own on values", "import unittest\nclass PayTest(unittest.TestCase):\n"
       "    def test_pay(self):\n        self.assertTrue(pay(), 'x')\n"
       "        self.assertEqual(pay(), 1)\n        self.assertIsNone(pay())\n"),
    ok("cases that raise", """
import pytest
from contextlib import nullcontext
@pytest.mark.parametrize("value, ctx", [
    pytest.param(1, nullcontext(), id="ok"),
    pytest.param(-1, pytest.raises(ValueError), id="bad"),
])
def test_pay(value, ctx):
    with ctx:
        pay(value)
@pytest.mark.parametrize(("value", "ctx"), [(1, nullcontext()), (-1, pytest.warns(UserWarning))])
def test_refund(value, ctx):
    with ctx as caught:
        pay(value)
@pytest.mark.parametrize("expectation", [pytest.raises(ValueError), pytest.raises(OSError)])
def test_fail(expectation):
    with expectation:
        pay(-1)
@pytest.mark.parametrize(argnames=["value", "ctx"], argvalues=((1, pytest.raises(OSError)),))
async def test_later(value, ctx):
    async with client(), ctx:
        await pay(value)
"""),
    ok("cases of a constant that raise", """
import pytest
from pytest import param, raises
from contextlib import nullcontext as does_not_raise
BAD = raises(ValueError)
ONE = (1, does_not_raise())
MORE = [(-2, BAD)]
CASES = [ONE, param(2, does_not_raise()), *MORE] + [(-1, BAD)]
FINE = [(1, does_not_raise())]
NAMES = "value, expectation"
@pytest.mark.parametrize(NAMES, CASES)
def test_pay(value, expectation):
    with expectation:
        pay(value)
@pytest.mark.parametrize("value, expectation", FINE)
def test_fine(value, expectation):
    with expectation:
        pay(value)
def test_loop():
    for value, expected in CASES:
        with expected:
            pay(value)
@pytest.mark.parametrize("value, ctx", dict(a=(1, BAD)).values())
def test_values(value, ctx):
    with ctx: pay(value)
@pytest.mark.parametrize("value, ctx", [(value, BAD) for value in range(3)])
def test_each(value, ctx):
    with ctx: pay(value)
def test_alone():
    with BAD:
        pay(-1)
EXPECTED = {1: raises(ValueError)}
def test_of_a_table():
    with EXPECTED[1]:
        pay(1)
"""),
    ok("cases that raise, by other ways", """
import pytest
from functools import partial
from contextlib import ExitStack
def cases():
    yield 1, pytest.raises(ValueError)
each = pytest.mark.parametrize("value, ctx", cases())
class Case:
    def __init__(self, value, ctx): ...
@each
def test_pay(value, ctx):
    with ctx:
        pay(value)
@pytest.mark.parametrize("case", [Case(1, pytest.raises(ValueError))])
def test_case(case):
    with case.ctx:
        pay(case.value)
@pytest.mark.parametrize("expected", [partial(pytest.raises, ValueError), pytest.warns])
def test_made(expected):
    with expected():
        pay(1)
@pytest.mark.parametrize("ctx", [pytest.raises(ValueError)])
def test_stack(ctx):
    with ExitStack() as stack:
        stack.enter_context(ctx)
        pay(1)
@pytest.mark.parametrize("ctx", [pytest.raises(ValueError)])
class TestPay:
    def test_pay(self, ctx):
        with ctx:
            pay(1)
@pytest.fixture(params=[pytest.raises(ValueError), pytest.raises(OSError)])
def failing(request): return request.param
def test_fixture(failing):
    with failing:
        pay(1)
def run(ctx):
    with ctx: pay(1)
@pytest.mark.parametrize("ctx", [pytest.raises(ValueError)])
def test_helper(ctx): run(ctx)
@parameterized.expand([(1, pytest.raises(ValueError))])
def test_expanded(value, ctx):
    with ctx: pay(value)
def pytest_generate_tests(metafunc):
    metafunc.parametrize("generated", [pytest.raises(ValueError)])
def test_generated(generated):
    with generated: pay(1)
class TestCases:
    CASES = [(1, pytest.raises(ValueError))]
    @pytest.mark.parametrize("value, ctx", CASES)
    def test_pay(self, value, ctx):
        with ctx: pay(value)
    @pytest.fixture(params=CASES)
    def case(self, request): return request.param
    def test_case(self, case):
        with case[1]: pay(case[0])
class TestHeld:
    expected = pytest.raises(ValueError)
    def test_held(self):
        with self.expected: pay(1)
"""),
    ok("cases that raise for a whole file", """
import pytest
pytestmark = [pytest.mark.parametrize("ctx", [pytest.raises(ValueError)])]
def test_pay(ctx):
    with ctx: pay(1)
"""),
    ok("cases of another file that raise", "import pytest\nfrom tests.cases import CASES, made\n"
       "@pytest.mark.parametrize('value, ctx', CASES)\ndef test_pay(value, ctx):\n"
       "    with ctx: pay(value)\n"
       "@pytest.mark.parametrize('value, ctx', made())\ndef test_made(value, ctx):\n"
       "    with ctx: pay(value)\n",
       files={"tests/cases.py": "import pytest\nCASES = [(1, pytest.raises(ValueError))]\n"
              "def made():\n    return [(1, pytest.raises(ValueError))]\n"}),
    ok("a fixture that is used by a mark", """
import pytest
NAMES = ["leaks"]
@pytest.fixture
def leaks():
    yield
    assert not leaked()
@pytest.fixture
def around(leaks): ...
@pytest.fixture(name="renamed")
def _renamed():
    yield
    assert not leaked()
@pytest.mark.usefixtures("leaks")
def test_pay(): pay()
@pytest.mark.usefixtures("other", "around")
def test_refund(): pay()
@pytest.mark.usefixtures("leaks")
class TestPay:
    def test_pay(self): pay()
    class TestInner:
        def test_inner(self): pay()
class TestMore(TestPay):
    def test_more(self): pay()
class TestMarked:
    pytestmark = pytest.mark.usefixtures("leaks")
    def test_pay(self): pay()
@pytest.mark.usefixtures(*NAMES)
def test_names(): pay()
uses = pytest.mark.usefixtures("leaks")
@uses
def test_named(): pay()
@pytest.mark.usefixtures("renamed")
def test_renamed(): pay()
def test_asked(renamed): pay()
class TestOwn:
    @pytest.fixture
    def own(self):
        yield
        assert not leaked()
    def test_pay(self, own): pay()
    @pytest.mark.usefixtures("own")
    def test_more(self): pay()
"""),
    ok("a fixture that is used by the whole file", """
import pytest
@pytest.fixture
def leaks():
    yield
    assert not leaked()
pytestmark = pytest.mark.usefixtures("leaks")
def test_pay(): pay()
"""),
    ok("a fixture of conftest.py that is used by a mark", """
import pytest
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("leaks")]
def test_pay(): pay()
@pytest.mark.usefixtures("renamed")
class TestPay:
    def test_pay(self): pay()
""",
       files={"tests/conftest.py": "import pytest\n@pytest.fixture\ndef leaks():\n    yield\n"
              "    assert not leaked()\n@pytest.fixture(name='renamed')\ndef _renamed():\n"
              "    yield\n    assert not leaked()\n"}),
    ok("helpers under other names", """
import unittest
import numpy as np
from functools import partial
from hamcrest import assert_that as that
from numpy.testing import assert_allclose as close
from pytest import raises as throws
near = partial(np.testing.assert_allclose, 1)
same = np.testing.assert_equal
def test_that(): that(pay())
def test_close(): close(pay(), 1)
def test_throws():
    with throws(OSError): pay()
def test_near(): near(pay())
def test_same(): same(pay(), 1)
def test_local():
    local = np.testing.assert_equal
    local(pay(), 1)
class BaseTestCase(unittest.TestCase):
    def setUp(self):
        self.eq = self.assertEqual
class PayTest(BaseTestCase):
    has = unittest.TestCase.assertIn
    alike = staticmethod(np.testing.assert_equal)
    def test_eq(self): self.eq(pay(), 1)
    def test_has(self): self.has(pay(), [1])
    def test_alike(self): self.alike(pay(), 1)
class OwnTest(unittest.TestCase):
    def setUp(self): self.eq = self.assertEqual
    eq2 = unittest.TestCase.assertEqual
    def test_eq(self): self.eq(pay(), 1)
    def test_eq2(self): self.eq2(pay(), 1)
"""),
    ok("helpers that another file names otherwise",
       "from tests.base import BaseTestCase, close, near\n"
       "def test_close(): close(pay(), 1)\ndef test_near(): near(pay(), 1)\n"
       "class PayTest(BaseTestCase):\n    def test_eq(self): self.eq(pay(), 1)\n",
       files={"tests/base.py": "import unittest\nimport numpy as np\n"
              "from numpy.testing import assert_allclose as close\n"
              "near = np.testing.assert_allclose\nclass BaseTestCase(unittest.TestCase):\n"
              "    def setUp(self): self.eq = self.assertEqual\n"}),
    ok("functions within that somebody refers to", """
def test_called():
    def check(): assert pay()
    check()
def test_passed():
    def on_paid(): assert pay()
    run(on_paid)
def test_outer():
    def outer():
        def inner(): assert pay()
        return inner
    outer()()
def test_by_name():
    def on_paid(): assert pay()
    run(callback=[on_paid])
def test_returned():
    def on_paid(): assert pay()
    return on_paid
def test_decorated():
    @app.route("/")
    def on_paid(): assert pay()
    app.run()
def test_stored(app):
    def on_paid(): assert pay()
    app.on_paid = on_paid
def test_deep():
    def one(): assert pay()
    def two(): one()
    two()
def test_before():
    def two(): one()
    def one(): assert pay()
    two()
def test_global():
    global on_paid
    def on_paid(): assert pay()
    run("on_paid")
def test_locals():
    def on_paid(): assert pay()
    run(**locals())
def test_class():
    class Gateway:
        def pay(self): assert pay()
    run(Gateway())
def test_heir():
    class Paid(Handler):
        def handle(self): assert pay()
    run()
def test_body():
    class Paid:
        assert pay()
def test_default():
    def on_paid(): assert pay()
    def other(function=on_paid): function()
    other()
def test_lambda():
    on_paid = lambda: assert_paid(1)
    run(on_paid)
def test_condition():
    if pay():
        def on_paid(): assert pay()
    else:
        def on_paid(): return 1
    run(on_paid)
"""),
)  # fmt: skip
BAD = (
    no("cases that raise nothing", """
import pytest
from contextlib import nullcontext
FINE = [(1, nullcontext())]
@pytest.mark.parametrize("value, ctx", [(1, nullcontext()), (2, nullcontext())])
def test_pay(value, ctx):
    with ctx:
        pay(value)
@pytest.mark.parametrize("value, ctx", FINE)
def test_fine(value, ctx):
    with ctx:
        pay(value)
@pytest.mark.parametrize("value, ctx", [(1, pytest.raises(ValueError))])
def test_without(value, ctx):
    pay(value)
@pytest.mark.parametrize("other, ctx", [(pytest.raises(ValueError), nullcontext())])
def test_other(other, ctx):
    with ctx:
        pay(1)
@pytest.mark.parametrize("ctx", [nullcontext()])
@pytest.mark.parametrize("other", [pytest.raises(ValueError)])
def test_two(ctx, other):
    with ctx:
        print(other)
""", 6, 10, 14, 17, 22),
    no("fixtures by a mark that assert nothing", """
import pytest
@pytest.fixture
def database():
    yield
    close()
def leaks():
    assert not leaked()
class TestOther:
    @pytest.fixture
    def own(self):
        yield
        assert not leaked()
    def test_other(self): pay()
@pytest.mark.usefixtures("database")
def test_pay(): pay()
@pytest.mark.usefixtures("leaks", "own")
def test_refund(): pay()
@pytest.mark.other("own")
class TestPay:
    def test_pay(self): pay()
""", 14, 16, 18, 21),
    no("other names of what asserts nothing", """
import unittest
from shop import pay as that, assertive
eq = print
class PayTest(unittest.TestCase):
    def setUp(self): self.eq = self.addCleanup
    def test_eq(self): self.eq(pay)
    def test_that(self): that(1)
def test_print(): eq(1)
""", 7, 8, 9),
    no("a function within that nobody refers to", """
def test_b():
    def check():
        assert f() == 1
    f()
def test_forgotten():
    def check():
        assert f() == 1
    check
def test_itself():
    def check():
        assert f() == 1
        check()
    f()
def test_both():
    def one():
        assert f() == 1
        two()
    def two(): one()
    f()
def test_lambda():
    check = lambda: assert_paid(f())
    f()
def test_class():
    class Check:
        def run(self): assert f() == 1
    f()
async def test_later():
    async def check():
        assert await f() == 1
    await f()
def test_branch():
    if f():
        def check(): assert f()
def helper():
    def check():
        assert f() == 1
    f()
def test_helper(): helper()
class TestPay:
    def test_pay(self):
        def check(): self.assertEqual(f(), 1)
        f()
def test_expected():
    def check():
        with pytest.raises(ValueError): f()
    f()
""", 2, 6, 10, 15, 21, 24, 28, 32, 39, 41, 44),
    no("an empty function", "def test_pay(): ...\ndef test_refund(): pass\n", 1, 2),
    no("an async test", "async def test_pay():\n    await pay()\n", 1),
    no("checkout is no check", "def test_pay():\n    checkout()\n    expected = 1\n", 1),
    no("an assertion in a string", "def test_pay():\n    print('assert pay()')\n", 1),
    no("a commented assertion", "def test_pay():\n    pay()  # assert pay() == 1\n", 1),
    no("a class by its name", "class TestPay:\n    def test_pay(self):\n        pay()\n", 2),
    no("a class by its base", "from tests.base import PayTestCase\nclass Pay(PayTestCase):\n"
       "    def test_pay(self):\n        pay()\n", 3),
    no("a parametrized one", "import pytest\n@pytest.mark.parametrize('n', [1, 2])\n"
       "def test_pay(n):\n    pay(n)\n", 3),
    no("under a condition", "import sys\nif sys.platform == 'linux':\n"
       "    def test_pay():\n        pay()\n", 3),
    no("a function within that nobody fails", "def test_pay():\n    def run():\n"
       "        raise OSError\n    pay(run)\n", 1),
    no("a condition decides whether it is skipped", "import pytest\n"
       "@pytest.mark.skipif(WINDOWS, reason='x')\ndef test_pay():\n    pay()\n", 3),
    no("a helper from the product", "from shop.orders import place\n"
       "def test_pay():\n    place(1)\n", 2,
       files={"shop/orders.py": "def place(n):\n    assert n\n"}),
    no("a helper that asserts nothing elsewhere", "from tests.one import receipt\n"
       "def test_pay():\n    receipt(1)\n", 2,
       files={"tests/one.py": "def receipt(n): return n\n"}),
    no("a fixture that asserts nothing", "def test_pay(receipt):\n    receipt(1)\n", 1,
       files={"tests/conftest.py": "import pytest\n@pytest.fixture\ndef receipt():\n"
              "    return pay\n"}),
    no("a test client is no test", "def test_pay(app):\n    app.test_client().get('/')\n", 1),
    no("a test that catches", "def test_pay():\n    try:\n        pay()\n"
       "    except OSError:\n        print('x')\n", 1),
    no("run without check", "import subprocess\n"
       "def test_pay():\n    subprocess.run(['pay'], check=False)\n", 2),
    no("a mock's assertion that is not called", "def test_pay(gateway):\n    pay()\n"
       "    gateway.charge.assert_called_once\n    assert paid()\n", 3),
    no("raises without with", "import pytest\ndef test_pay():\n    pytest.raises(OSError)\n"
       "    pay()\n", 3),
    no("a number", "def test_pay():\n    assert 1\n", 2),
    no("not False", "def test_pay():\n    assert not False\n    assert not 0\n", 2, 3),
    no("an ellipsis", "def test_pay():\n    assert ...\n", 2),
    no("constants compared", "def test_pay():\n    assert 'a' in 'abc'\n    assert -1 < 0\n"
       "    assert None is None\n", 2, 3, 4),
    no("constants combined", "def test_pay():\n    assert True and 1\n", 2),
    no("not None or", "def test_pay():\n    assert not None or pay()\n", 2),
    no("or True", "def test_pay():\n    assert pay() or True, 'x'\n", 2),
    no("a lambda", "def test_pay():\n    assert lambda: pay() == 1\n", 2),
    no("a list and a dict", "def test_pay():\n    assert [pay() == 1]\n    assert {'a': pay()}\n",
       2, 3),
    no("a text with a value", "def test_pay():\n    assert f'paid {pay()}'\n", 2),
    no("a function that is not called", "def paid(): return 0\ndef test_pay():\n    assert paid\n",
       3),
    no("in a helper", "def receipt():\n    assert (pay(), 1)\ndef test_pay():\n    receipt()\n", 2),
    no("assert True at the end of a branch", "def test_pay():\n    try:\n        pay()\n"
       "    except OSError:\n        assert False\n    else:\n        assert True\n", 7),
    no("unittest's tuple", "import unittest\nclass PayTest(unittest.TestCase):\n"
       "    def test_pay(self):\n        self.assertTrue((pay() == 1, 'x'))\n"
       "        self.assertIsNone(None)\n        self.assertIsNotNone('x')\n", 4, 5, 6),
)  # fmt: skip
