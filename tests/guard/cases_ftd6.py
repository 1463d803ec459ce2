"""More cases of FT-D6: errors that are accepted too broadly, and those that are meant."""

from __future__ import annotations

from failtrack_guard.rules.ftd6_swallowed_assertion import no, ok

RULE = "FT-D6"
GOOD = (
    ok("a check of the error", "import pytest\ndef test_pay():\n"
       "    with pytest.raises(Exception, check=lambda e: e.code == 1):\n        pay()\n"),
    ok("an unknown text", "import pytest\ndef test_pay(text):\n"
       "    with pytest.raises(Exception, match=text):\n        pay()\n"),
    ok("arguments that cannot be known", "import pytest\ndef test_pay(words):\n"
       "    with pytest.raises(Exception, **words):\n        pay()\n"),
    ok("an error from a parameter", "import pytest\ndef test_pay(error):\n"
       "    with pytest.raises(error):\n        pay()\n"),
    ok("an error from an annotated parameter", "import pytest\n"
       "def test_pay(error: type[BaseException]):\n    with pytest.raises(error):\n"
       "        pay()\n"),
    ok("raised on purpose", "import pytest\ndef test_close():\n"
       "    with pytest.raises(Exception):\n        with server():\n"
       "            raise Exception\n"),
    ok("a subclass", "import pytest\nclass Broken(Exception): pass\ndef test_pay():\n"
       "    with pytest.raises(Broken):\n        pay()\n"),
    ok("the called form, looked at", "import pytest\ndef test_pay():\n"
       "    error = pytest.raises(Exception, pay)\n    assert 'x' in str(error.value)\n"),
    ok("the called form with a match", "import pytest\ndef test_pay():\n"
       "    pytest.raises(Exception, pay).match('x')\n"),
    ok("unittest's error, looked at", "import unittest\nclass PayTest(unittest.TestCase):\n"
       "    def test_pay(self):\n        with self.assertRaises(Exception) as caught:\n"
       "            pay()\n        self.assertIn('x', str(caught.exception))\n"),
    ok("unittest's text", "import unittest\nclass PayTest(unittest.TestCase):\n"
       "    def test_pay(self):\n        with self.assertRaisesRegex(Exception, 'x'):\n"
       "            pay()\n"),
    ok("raises of another library", "from shop import raises\ndef test_pay():\n"
       "    with raises(Exception):\n        pay()\n"),
    ok("warns", "import pytest\ndef test_pay():\n    with pytest.warns(Warning):\n        pay()\n"),
    ok("suppress of another error", "from contextlib import suppress\ndef test_pay():\n"
       "    with suppress(OSError):\n        assert pay()\n"),
    ok("suppress without an assertion", "from contextlib import suppress\ndef test_pay():\n"
       "    with suppress(Exception):\n        pay()\n    assert paid()\n"),
    ok("a handler that raises again", "def test_pay():\n    try:\n        assert pay()\n"
       "    except Exception:\n        print('x')\n        raise\n"),
    ok("a handler that asserts", "def test_pay():\n    try:\n        assert pay()\n"
       "    except Exception as error:\n        assert 'x' in str(error)\n"),
    ok("a handler that skips", "import pytest\ndef test_pay():\n    try:\n        assert pay()\n"
       "    except Exception:\n        pytest.skip('no sandbox')\n"),
    ok("a handler that notes", "def test_pay():\n    broken = []\n    try:\n"
       "        assert pay()\n    except AssertionError as error:\n        broken.append(error)\n"
       "    assert not broken\n"),
    ok("assertions go through before", "def test_pay():\n    try:\n        assert pay()\n"
       "    except AssertionError:\n        raise\n    except Exception:\n        pass\n"),
    ok("an assertion in a function within", "def test_pay():\n    try:\n        def on_paid(n):\n"
       "            assert n\n        pay(on_paid)\n    except Exception:\n        pass\n"),
    ok("a loop that tries again and gives up", "def test_pay():\n    for _ in range(3):\n"
       "        try:\n            assert pay()\n            break\n        except AssertionError:\n"
       "            pass\n    else:\n        raise AssertionError('never paid')\n"),
    ok("a loop that asserts before", "import time\ndef test_pay():\n    while True:\n"
       "        assert time.time() < END\n        try:\n            assert pay()\n"
       "            break\n        except AssertionError:\n            continue\n"),
    ok("the word in a string", "CODE = 'try:\\n    assert pay()\\nexcept: pass'\n"),
    ok("finally without a way out", "def test_pay():\n    try:\n        assert pay()\n"
       "    finally:\n        close()\n"),
)  # fmt: skip
BAD = (
    no("an empty match", "import pytest\ndef test_pay():\n"
       "    with pytest.raises(Exception, match=''):\n        pay()\n", 3),
    no("a match of anything", "import pytest\nANY = r'.*'\ndef test_pay():\n"
       "    with pytest.raises(Exception, match=ANY):\n        pay()\n", 4),
    no("match=None", "import pytest\ndef test_pay():\n"
       "    with pytest.raises(Exception, match=None):\n        pay()\n", 3),
    no("a tuple", "import pytest\ndef test_pay():\n"
       "    with pytest.raises((ValueError, Exception)):\n        pay()\n", 3),
    no("a tuple of another name", "import pytest\nANY = (Exception,)\ndef test_pay():\n"
       "    with pytest.raises(ANY):\n        pay()\n", 4),
    no("an alias", "import pytest\nAny = Exception\ndef test_pay():\n"
       "    with pytest.raises(Any):\n        pay()\n", 4),
    no("builtins", "import builtins, pytest as pt\ndef test_pay():\n"
       "    with pt.raises(builtins.Exception):\n        pay()\n", 3),
    no("by its keyword", "import pytest\ndef test_pay():\n"
       "    with pytest.raises(expected_exception=Exception):\n        pay()\n", 3),
    no("the called form", "import pytest\ndef test_pay():\n    pytest.raises(Exception, pay, 1)\n",
       3),
    no("a name that nobody reads", "import pytest\ndef test_pay():\n"
       "    with pytest.raises(Exception) as error:\n        pay()\n", 3),
    no("beside another context", "import pytest\ndef test_pay():\n"
       "    with open('x') as file, pytest.raises(Exception):\n        pay(file)\n", 3),
    no("in an async test", "import pytest\nasync def test_pay():\n"
       "    with pytest.raises(Exception):\n        await pay()\n", 3),
    no("in a fixture", "import pytest\n@pytest.fixture\ndef broken():\n"
       "    with pytest.raises(Exception):\n        yield\n", 4, path="tests/conftest.py"),
    no("unittest's method among the assertions", "import unittest\n"
       "class PayTest(unittest.TestCase):\n    def test_pay(self):\n        try:\n"
       "            self.assertEqual(pay(), 1)\n        except Exception:\n            pass\n", 6),
    no("a mock's assertion", "def test_pay(gateway):\n    try:\n"
       "        gateway.charge.assert_called_once()\n    except:\n        return\n", 4),
    no("pytest.fail", "import pytest\ndef test_pay():\n    try:\n        pay()\n"
       "        pytest.fail('no error')\n    except Exception:\n        pass\n", 6),
    no("deep within", "def test_pay():\n    try:\n        for one in pay():\n"
       "            if one:\n                assert one\n    except BaseException:\n        ...\n",
       6),
    no("a handler that only talks", "import logging\ndef test_pay():\n    try:\n"
       "        assert pay()\n    except Exception:\n        logging.exception('x')\n", 5),
    no("a handler with a comment", "def test_pay():\n    try:\n        assert pay()\n"
       "    except Exception:\n        # not so bad\n        pass\n", 4),
    no("the second handler", "def test_pay():\n    try:\n        assert pay()\n"
       "    except OSError:\n        raise\n    except Exception:\n        pass\n", 6),
    no("an alias in the handler", "Any = Exception\ndef test_pay():\n    try:\n"
       "        assert pay()\n    except Any:\n        pass\n", 5),
    no("a loop that goes on", "def test_pay():\n    for one in pay():\n        try:\n"
       "            assert one\n        except AssertionError:\n            continue\n", 5),
    no("finally with a way out", "def test_pay():\n    try:\n        assert pay()\n"
       "    finally:\n        return\n", 5),
    no("suppress under other names", "import contextlib as c\ndef test_pay():\n"
       "    with open('x') as f, c.suppress(OSError, AssertionError):\n        assert f\n", 3),
    no("in a helper", "def paid():\n    try:\n        assert pay()\n    except Exception:\n"
       "        return False\n", 4),
)  # fmt: skip
