"""Whether a test failed on data of its own, told by the line that it ran: C-20, C-31."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.classify import classify
from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.classify.testdata import weighed_by_data
from pytest_failtrack.observe.observation import Frame, Raised

CATALOG = load_catalog()
FILE = "tests/test_shop.py"
DECODE = ("json.decoder.JSONDecodeError", "Expecting value: line 1 column 1 (char 0)")
KEY = ("KeyError", "'customer'")
GONE = ("FileNotFoundError", "[Errno 2] No such file or directory: 'x.json'")
WRONG = ("AssertionError", "assert False")
LIBRARY = Frame("python/json/decoder.py", 355, "raw_decode")
INSIDE = """
python/json/__init__.py:346: in loads
    return _default_decoder.decode(s)
"""


def observed(raised, source, *, nodeid=f"{FILE}::test_x", file=FILE, is_test=True, short=False):
    """Return a failure whose last own line is the last one of some source."""
    *above, last = source.strip("\n").split("\n")
    if short:
        text = f"{file}:9: in load\n{last}\n"
    else:
        text = "\n".join([*above, f">{last[1:]}", "", f"{file}:9: "]) + INSIDE
    frames = (Frame(file, 9, "test_x", is_project=True, is_test=is_test), LIBRARY)
    made = observation_of({"type": raised[0], "message": raised[1], "place": "test"})
    exceptions = (Raised(raised[0], raised[1], frames),)
    return replace(made, nodeid=nodeid, file=file, text=text, exceptions=exceptions)


def weigh(observation):
    return weighed_by_data(classify(observation, CATALOG), observation)


class TestTheTestsOwnData:
    @pytest.mark.parametrize(
        ("raised", "source"),
        [
            pytest.param(DECODE, '    json.loads((DATA / "x.json").read_text())', id="read"),
            pytest.param(DECODE, '    json.load(open("tests/data/x.json"))', id="literal"),
            pytest.param(
                DECODE,
                '    with open(HERE / "x.json") as file:\n        rows = json.load(file)',
                id="opened above",
            ),
            pytest.param(DECODE, '    rows = load_rows("x.json")', id="helper"),
            pytest.param(
                KEY,
                '    rows = json.loads((FIXTURES / "x.json").read_text())\n'
                '    assert total(rows["customer"]) == 3',
                id="key",
            ),
            pytest.param(
                KEY,
                '    text = (DATA / "x.json").read_text()\n'
                "    rows = json.loads(text)\n"
                '    assert rows["customer"] == 3',
                id="read two lines above",
            ),
            pytest.param(WRONG, '    assert (DATA / "x.json").exists()', id="asserted"),
        ],
    )
    def test_is_the_first_suspect(self, raised, source):
        answer = weigh(observed(raised, source))

        assert (answer.subcategory, answer.confidence) == ("QA_ASSERTION_INCORRECT", 0.55)
        assert (answer.category, answer.recovery_mode) == ("QA", "FIX_TEST")

    def test_fails_the_test_when_it_is_not_there(self):
        """Nothing that it asserts is wrong: it never got that far."""
        source = '    Path(__file__).with_name("x.json").read_text()'

        answer = weigh(observed(GONE, source))

        assert (answer.subcategory, answer.confidence) == ("QA_FALSE_NEGATIVE", 0.55)
        assert (answer.category, answer.recovery_mode) == ("QA", "FIX_TEST")

    def test_is_named_with_the_line_that_read_it(self):
        answer = weigh(observed(DECODE, '    json.loads((DATA / "x.json").read_text())'))

        assert answer.reasons[1] == (
            'The test failed on its own data: `json.loads((DATA / "x.json").read_text())`'
            " (tests/test_shop.py:9)."
        )

    def test_may_be_read_by_a_helper_beside_the_tests(self):
        helper = observed(
            DECODE,
            "    return json.loads((DATA / name).read_text())",
            file="tests/helpers.py",
            is_test=False,
            short=True,
        )

        assert weigh(helper).subcategory == "QA_ASSERTION_INCORRECT"

    def test_may_be_a_parameter(self):
        source = '    assert row["customer"] == 1'
        given = observed(KEY, source, nodeid=f"{FILE}::test_x[row0]")
        other = observed(KEY, source, nodeid=f"{FILE}::test_x[total0]")

        assert "the value that it is parametrized with" in weigh(given).reasons[1]
        assert weigh(other).subcategory == "INTEGRATION_DATA_MISMATCH"


class TestDataHandedOver:
    """What a library cannot read, called by the project with a file of the test's own."""

    HANDED = '    shop.read(DATA / "x.json")'
    PROJECT = Frame("src/shop/read.py", 4, "read", is_project=True)

    def weigh(self, raised, source, *below):
        made = observed(raised, source)
        test = made.exceptions[0].frames[0]
        exceptions = (Raised(raised[0], raised[1], (test, self.PROJECT, *below)),)
        return weigh(replace(made, exceptions=exceptions))

    def test_is_the_first_suspect_when_it_is_malformed(self):
        answer = self.weigh(DECODE, self.HANDED, LIBRARY)
        assert answer.category == "QA"
        assert answer.reasons[1] == (
            'The test failed on its own data: `shop.read(DATA / "x.json")` (tests/test_shop.py:9).'
        )

    @pytest.mark.parametrize(
        ("raised", "source", "below"),
        [
            pytest.param(KEY, HANDED, [], id="a key that the project wants"),
            pytest.param(DECODE, HANDED, [], id="read by a parser of the project"),
            pytest.param(DECODE, "    shop.read(answer)", [LIBRARY], id="of something else"),
            pytest.param(DECODE, '    shop.read(tmp_path / "data/x")', [LIBRARY], id="made"),
        ],
    )
    def test_is_not_in_any_other_case(self, raised, source, below):
        assert self.weigh(raised, source, *below).subcategory == "INTEGRATION_DATA_MISMATCH"


class TestWhatIsNoTestData:
    @pytest.mark.parametrize(
        ("raised", "source"),
        [
            pytest.param(DECODE, "    json.loads(shop.answer())", id="an answer"),
            pytest.param(
                DECODE, '    json.loads((tmp_path / "data/x.json").read_text())', id="made"
            ),
            pytest.param(DECODE, '    json.loads(open("report.json").read())', id="a report"),
            pytest.param(DECODE, "    json.loads(capsys.readouterr().out)", id="output"),
            pytest.param(
                DECODE,
                '    expected = json.loads((DATA / "x.json").read_text())\n'
                "    json.loads(shop.answer())",
                id="data read above",
            ),
            pytest.param(
                KEY, '    rows = shop.read(DATA)\n    rows["customer"]', id="the code read"
            ),
            pytest.param(
                KEY,
                '    expected = json.loads((DATA / "x.json").read_text())\n'
                "    assert expected[key] == 1",
                id="a key from elsewhere",
            ),
            pytest.param(
                KEY,
                '    expected = json.loads((DATA / "x.json").read_text())\n'
                '    assert expected["customer"] == row["customer"]',
                id="one of two",
            ),
            pytest.param(WRONG, '    assert total(DATA / "x.json") == 3', id="a total"),
        ],
    )
    def test_stays_what_it_was(self, raised, source):
        observation = observed(raised, source)
        given = classify(observation, CATALOG)

        assert weighed_by_data(given, observation) is given

    def test_what_the_project_reads_is_the_projects(self):
        source = '    return json.loads((DATA / "x.json").read_text())'
        observation = observed(DECODE, source, file="src/shop/read.py", is_test=False)
        given = classify(observation, CATALOG)

        assert weighed_by_data(given, observation) is given

    @pytest.mark.parametrize("text", ["", "E   boom", ">", "tests/test_shop.py:9: in x"])
    def test_without_a_shown_line_nothing_is_said(self, text):
        observation = replace(observed(DECODE, "    x"), text=text)
        given = classify(observation, CATALOG)

        assert weighed_by_data(given, observation) is given
