"""`# failtrack: allow ...`: what it silences, what it must say, and what is said about it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from failtrack_guard.active import Settings
from failtrack_guard.finding import Finding
from failtrack_guard.settings import from_table
from failtrack_guard.suppress import Applied, apply
from failtrack_guard.texts import Texts

TODAY = "2026-11-21"
PATH = "shop/orders.py"


def settings(*rules: str, **values: Any) -> Settings:
    tables = {
        "PV-002": {"type": "shop.refs.ContentRef"},
        "PV-003": {"guard": "shop.halt.HaltGuard"},
    }
    return from_table({"select": [*(rules or tables)], **tables, **values}, root=os.sep)


def finding(line: int, last: int | None = None, rule: str = "PV-003") -> Finding:
    return Finding(rule, PATH, (line, 0, line, 5), "it breaks", statement=(line, last or line))


def applied(code: str, *findings: Finding, rules: tuple[str, ...] = (), **values: Any) -> Applied:
    texts = Texts.of({PATH: code.encode()})
    return apply(findings, texts, settings(*rules, **values), TODAY)


def told(result: Applied) -> list[str]:
    return [f"{one.line}: {one.rule} {one.message}" for one in result.about]


class TestWhereItStands:
    @pytest.mark.parametrize(
        ("code", "place"),
        [
            ("class A: pass  # failtrack: allow PV-003 legacy\n", (1, 1)),
            ("# failtrack: allow PV-003 legacy\nclass A: pass\n", (2, 2)),
            ("\tx = 1\n\t# failtrack: allow PV-003 legacy\n\tclass A: pass\n", (3, 3)),
            ("f(\n    a,  # failtrack: allow PV-003 legacy\n)\n", (1, 3)),
            ("f(\n    a,\n)  # failtrack: allow PV-003 legacy\n", (1, 3)),
            ("f(\n    # failtrack: allow PV-003 legacy\n    a,\n)\n", (1, 4)),
            ("# failtrack: allow PV-003 legacy\n# which is long\nclass A: pass\n", (3, 3)),
            ("x = 1  # noqa: E501  # failtrack: allow PV-003 legacy\n", (1, 1)),
            ("x = 1  # failtrack: allow PV-003 legacy  # type: ignore\n", (1, 1)),
            ("x = 1 #failtrack:allow PV-003 legacy\n", (1, 1)),
            ("x = 1  # failtrack: allow pv-003: legacy\n", (1, 1)),
            ("x = 1\r\n# failtrack: allow PV-003 legacy\r\nclass A: pass\r\n", (3, 3)),
            ("x = 1\f\n# failtrack: allow PV-003 legacy\rclass A: pass\n", (3, 3)),
        ],
    )
    def test_it_silences_its_statement(self, code: str, place: tuple[int, int]) -> None:
        result = applied(code, finding(*place))

        assert [one.line for one, _ in result.suppressed] == [place[0]]
        assert (result.kept, result.about) == ([], [])
        assert [one.justification for one in result.suppressions] == ["legacy"]

    @pytest.mark.parametrize(
        ("code", "line"),
        [
            ("x = 1  # failtrack: allow PV-003 legacy\nclass A: pass\n", 2),
            ("# failtrack: allow PV-003 legacy\n\nclass A: pass\n", 3),
            ("class A: pass\n# failtrack: allow PV-003 legacy\n", 1),
            ("class A: pass\n\n\nx = 1  # failtrack: allow PV-003 legacy\n", 1),
        ],
    )
    def test_it_silences_nothing_else(self, code: str, line: int) -> None:
        result = applied(code, finding(line))

        assert [one.line for one in result.kept] == [line]
        assert [one.rule for one in result.about] == ["FT-E3"]

    @pytest.mark.parametrize(
        "code",
        [
            "x = '# failtrack: allow PV-003 legacy'\n",
            "x = '''\n# failtrack: allow PV-003 legacy\n'''; y = 1\n",
            "x = f'{1}# failtrack: allow PV-003 legacy'\n",
            'class A:\n    """\n    # failtrack: allow PV-003 legacy\n    """\n',
            "# see failtrack: allow PV-003 legacy\nx = 1\n",
            "# failtrack: the pytest plugin\nx = 1\n",
            "x = 1  # xfailtrack: allow PV-003 legacy\n",
        ],
    )
    def test_a_text_that_looks_like_one_is_none(self, code: str) -> None:
        result = applied(code, finding(1, 3))

        assert len(result.kept) == 1
        assert (result.about, result.suppressions) == ([], [])

    def test_it_speaks_of_the_rules_that_it_names(self) -> None:
        code = "x = 1  # failtrack: allow PV-002, PV-003 (T-1) legacy\n"

        result = applied(code, finding(1), finding(1, rule="PV-002"), finding(1, rule="FT-X"))

        assert [one.rule for one in result.kept] == ["FT-X"]
        assert [one.rule for one, _ in result.suppressed] == ["PV-003", "PV-002"]

    def test_a_file_that_cannot_be_taken_apart_is_no_crash(self) -> None:
        code = "x = 1  # failtrack: allow PV-003 legacy\ny = '''\n# failtrack: allow PV-003 a\n"

        assert [one.line for one, _ in applied(code, finding(1)).suppressed] == [1]
        assert applied("\0 # failtrack: allow PV-003 x\n(", finding(2)).kept

    def test_a_file_that_is_gone_holds_none(self, tmp_path: Any) -> None:
        texts = Texts(str(tmp_path), [PATH])

        assert len(apply([finding(1)], texts, settings(), TODAY).kept) == 1


class TestWhatItSays:
    def test_day_ticket_and_reason(self) -> None:
        code = "x = 1  # failtrack: allow PV-003 until 2026-12-31 (SHOP-12): moves to the new bus\n"

        (one,) = applied(code, finding(1)).suppressions

        assert (one.rules, one.until, one.ticket) == (("PV-003",), "2026-12-31", "SHOP-12")
        assert one.reason == "moves to the new bus"
        assert one.span == (1, 7, 1, len(code) - 1)
        assert one.state == "used"

    def test_ticket_and_day_in_the_other_order(self) -> None:
        code = "x = 1  # failtrack: allow PV-003 (SHOP-12) until 2026-12-31, see #7 (and #8)\n"

        (one,) = applied(code, finding(1)).suppressions

        assert (one.until, one.ticket, one.reason) == ("2026-12-31", "SHOP-12", "see #7 (and #8)")

    @pytest.mark.parametrize(
        ("comment", "problem"),
        [
            ("allow", "names no rule"),
            ("allow until 2026-12-31 legacy", "names no rule"),
            ("allow (T-1) legacy", "names no rule"),
            ("allow PV-999 legacy", "names 'PV-999', which is no rule"),
            ("allow PV-003, legacy", "names 'legacy', which is no rule"),
            ("allow all legacy", "names 'all', which is no rule"),
            ("allow FT-E1 legacy", "names FT-E1, which cannot be allowed"),
            ("allow PV-003 PV-002 legacy", "names PV-002 after a space; separate rules by commas"),
            ("allow PV-003", "gives no reason"),
            ("allow PV-003 until 2026-12-31 (T-1) --", "gives no reason"),
            (
                "allow PV-003 until 2026-02-30 legacy",
                "ends on '2026-02-30', which is no day of the form YYYY-MM-DD",
            ),
            (
                "allow PV-003 until 31.12.2026 legacy",
                "ends on '31.12.2026', which is no day of the form YYYY-MM-DD",
            ),
            ("allow PV-003 until", "says `until` and no day"),
            ("allow PV-003 until; legacy", "says `until` and no day"),
            ("ignore PV-003 legacy", "says 'ignore'; the word is `allow`"),
        ],
    )
    def test_what_cannot_be_understood_silences_nothing(self, comment: str, problem: str) -> None:
        result = applied(f"x = 1  # failtrack: {comment}\n", finding(1))

        assert len(result.kept) == 1
        assert told(result) == [f"1: FT-E2 this suppression {problem}"]
        assert [one.state for one in result.suppressions] == ["malformed"]

    def test_a_project_can_do_without_reasons(self) -> None:
        code = "x = 1  # failtrack: allow PV-003\n"

        assert applied(code, finding(1), **{"require-reason": False}).kept == []

    def test_a_project_can_ask_for_an_end(self) -> None:
        code = "x = 1  # failtrack: allow PV-003 legacy\n"

        result = applied(code, finding(1), **{"require-until": True})

        assert told(result) == [
            "1: FT-E2 this suppression has no end; add `until YYYY-MM-DD` after the rule"
        ]


class TestItsEnd:
    def test_it_holds_on_its_last_day(self) -> None:
        code = f"x = 1  # failtrack: allow PV-003 until {TODAY} legacy\n"

        assert applied(code, finding(1)).kept == []

    def test_past_it_both_are_findings(self) -> None:
        """S0-40: the exception expired, and what it allowed is forbidden again."""
        code = "x = 1  # failtrack: allow PV-003 until 2026-11-20 (T-1) legacy\n"

        result = applied(code, finding(1))

        assert len(result.kept) == 1
        assert told(result) == [
            "1: FT-E1 the suppression of PV-003 ended on 2026-11-20: (T-1) legacy"
        ]
        assert [one.state for one in result.suppressions] == ["expired"]

    def test_an_unused_one_is_a_finding(self) -> None:
        code = "x = 1  # failtrack: allow PV-002, PV-003 legacy\n"

        result = applied(code, finding(1))

        assert told(result) == [
            "1: FT-E3 nothing here breaks PV-002: the suppression is not needed"
        ]

    def test_one_of_a_rule_that_is_kept_away_from_the_file_is_not_unused(self) -> None:
        code = "x = 1  # failtrack: allow PV-003 legacy\n"

        away = applied(code, **{"per-file-ignores": {"shop/*": ["PV-003"]}})
        elsewhere = applied(code, **{"per-file-ignores": {"tests": ["PV-003"]}})

        assert (away.about, len(elsewhere.about)) == ([], 1)

    def test_one_of_a_rule_that_looks_beyond_files_is_never_unused(self) -> None:
        """What a commit changes is found in one run and not in the next."""
        texts = Texts.of({PATH: b"x = 1  # failtrack: allow PV-003 legacy\n"})
        told_to = settings("PV-003")
        told_to.active[0].looks_over = True

        assert apply([], texts, told_to, TODAY).about == []

    @pytest.mark.parametrize(
        "comment",
        [
            "allow PV-002 legacy",
            "allow PV-002 until 2020-01-01 legacy",
            "allow PV-002",
        ],
    )
    def test_nothing_is_said_when_its_rule_did_not_run(self, comment: str) -> None:
        result = applied(f"x = 1  # failtrack: {comment}\n", rules=("PV-003",))

        assert told(result) == []


def test_a_file_without_comments_costs_no_tokenizer() -> None:
    code = (
        "import sys\nfrom failtrack_guard.suppress import apply\n"
        "from failtrack_guard.texts import Texts\n"
        "class S:\n active = ()\n values = {}\n"
        "apply([], Texts.of({'a.py': b'x = 1', 'b.py': b'\"failtrack:\"'}), S(), '2026-11-21')\n"
        "print([one for one in ('tokenize', 'typing', 'datetime') if one in sys.modules])"
    )

    # Without `site`: installed packages may import what they like at start-up.
    package = os.path.dirname(os.path.dirname(sys.modules["failtrack_guard"].__file__ or ""))
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={**os.environ, "PYTHONPATH": package},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[]\n"
