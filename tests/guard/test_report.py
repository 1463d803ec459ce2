"""One report, told as text, JSON, SARIF and annotations; each is compared with `tests/gold/`.

After a change that is meant: `FAILTRACK_UPDATE_GOLD=1 pytest tests/guard`, then read the diff.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from guard_project import SERVICE, GuardProject
from hypothesis import given
from hypothesis import strategies as st

from failtrack_guard import __version__
from failtrack_guard.about import OWN, About, about
from failtrack_guard.baseline import entries_of
from failtrack_guard.errors import ConfigError
from failtrack_guard.finding import Edit, Finding, Fix
from failtrack_guard.git import Bypass
from failtrack_guard.reading import Unreadable
from failtrack_guard.report import github, json_report, replacing, sarif, text
from failtrack_guard.report.replacing import replacements
from failtrack_guard.report.report import Report
from failtrack_guard.report.text import Style
from failtrack_guard.rules import IDS
from failtrack_guard.settings import from_table
from failtrack_guard.suppress import Suppression
from failtrack_guard.texts import Texts

GOLD = Path(__file__).parent.parent / "gold"
SARIF_SCHEMA = json.loads(
    Path(__file__).with_name("sarif-2.1.0-rtm.5.schema.json").read_text(encoding="utf-8")
)
REPORT_SCHEMA = json.loads(
    Path(json_report.__file__).with_name("guard-report.schema.json").read_text(encoding="utf-8")
)
ORDERS = """\
class OrderService:
    def place(self, key: str, ref_hash: str = "ä", other: str = "日本") -> None:
        self.digest =\tmake("x"); old = 1
        send(
            content_ref="a",
        )  # failtrack: allow PV-002 until 2026-12-31 (SHOP-1) the queue is old
"""
LONG = "x = [" + ", ".join(f"'{number:03}'" for number in range(60)) + "]\n"
CONTENTS = {"shop/orders.py": ORDERS.encode(), "shop/long name.py": LONG.encode()}
TABLES = {
    "PV-002": {"type": "shop.refs.ContentRef"},
    "PV-003": {"guard": "shop.halt.HaltGuard"},
}
SETTINGS = from_table({"select": [*TABLES], **TABLES}, root=os.sep)
SYMBOL = "OrderService.place"
SUPPRESSION = Suppression(
    *("shop/orders.py", (6, 11, 6, 74), ("PV-002",)),
    until="2026-12-31",
    ticket="SHOP-1",
    reason="the queue is old",
)
SUPPRESSION.used.add("PV-002")
EXPIRED = Suppression("shop/long name.py", (1, 0, 1, 5), ("PV-003",), until="2026-01-31")
EXPIRED.is_expired = True


@pytest.fixture(autouse=True)
def fixed_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What rules say of themselves may change without changing the reports of this file."""
    for rule_id, name in (("PV-002", "plain-string-hash"), ("PV-003", "missing-halt-guard")):
        told = About(
            *(rule_id, name, f"What {rule_id} is for,\nin two lines.\n\nUse instead: this."),
            *("do this instead", "CRITICAL", "ARCHITECTURE", "ARCHITECTURE_DRIFT"),
        )
        monkeypatch.setitem(OWN, rule_id, told)


def at(code: str, path: str = "shop/orders.py") -> tuple[int, int, int, int]:
    """Return the span of a piece of code that stands on one line."""
    for number, line in enumerate(CONTENTS[path].decode().split("\n"), start=1):
        if code in line:
            return number, line.index(code), number, line.index(code) + len(code)
    raise AssertionError(code)


def findings() -> dict[str, Finding]:
    path, other = "shop/orders.py", "shop/long name.py"
    given = "digest is given a string"
    return {
        "service": Finding("PV-003", path, at("OrderService"), "OrderService has no HaltGuard"),
        "hash": Finding(
            *("PV-002", path, (2, 40, 2, 43), "ref_hash is annotated as str"),
            symbol=SYMBOL,
            fix=Fix((Edit((2, 40, 2, 43), "ContentRef"),), ("shop.refs.ContentRef",)),
        ),
        "wide": Finding("PV-002", path, at('"日本"'), given, symbol=SYMBOL),
        "tabs": Finding(
            *("PV-002", path, at('make("x")'), given),
            symbol=SYMBOL,
            fix=Fix((Edit(at('make("x")'), "1"),), is_safe=False),
        ),
        "suppressed": Finding("PV-002", path, (4, 8, 6, 9), "a, b", symbol=SYMBOL),
        "long": Finding("PV-002", other, at("'028'", other), "50% of it\nis ::wrong"),
        "expired": Finding("FT-E1", other, (1, 0, 1, 5), "the suppression ended"),
    }


def report(**changes: Any) -> Report:
    found = findings()
    suppressed, known = found.pop("suppressed"), found.pop("wide")
    texts = Texts.of(CONTENTS)
    values: dict[str, Any] = {
        "suppressed": [(suppressed, SUPPRESSION)],
        "suppressions": [SUPPRESSION, EXPIRED],
        "known": [known],
        "gone": entries_of([Finding("PV-003", "shop/old.py", (1, 0, 1, 5), "m")], texts),
        "unreadable": [Unreadable("shop/new.py", "cannot be parsed by Python 3.10", 3)],
        "files": 41,
        "bypassed": [Bypass("0123456789abcdef0123", "Ada", "Ship it", [found["service"]])],
        "sources": texts,
        "has_baseline": True,
        "created_at": "2026-11-21T10:00:00Z",
        **changes,
    }
    given = values.pop("findings", [*found.values()])
    return Report(SETTINGS, sorted(given, key=Finding.sort_key), **values)


def clean() -> Report:
    return Report(SETTINGS, files=3, created_at="2026-11-21T10:00:00Z")


def assert_gold(name: str, actual: str) -> None:
    path = GOLD / name
    actual = actual.replace(f'"{__version__}"', '"VERSION"')
    if os.environ.get("FAILTRACK_UPDATE_GOLD"):
        path.write_bytes(actual.encode())
    assert actual == path.read_bytes().decode()


class TestText:
    def test_says_place_code_and_way_out(self) -> None:
        assert_gold("guard_report.txt", text.render(report(lists_suppressions=True)))

    def test_in_colors(self) -> None:
        assert_gold("guard_report_color.txt", text.render(report(), Style(has_color=True)))

    def test_in_ascii_the_caret_still_points(self) -> None:
        found = [findings()["wide"]]
        told = text.render(report(findings=found), Style(is_ascii=True))

        code, caret = told.splitlines()[1:3]
        assert told.isascii()
        shown = r'"\u65e5\u672c"'
        assert code[caret.index("^") :].startswith(shown)
        assert caret.count("^") == len(shown)

    def test_nothing_found_is_one_line(self) -> None:
        assert text.render(clean()) == "no findings, 3 files checked\n"

    def test_code_moves_no_cursor(self) -> None:
        texts = Texts.of({"shop/orders.py": b"x = '\x1b[2J\x07\r\n'"})

        told = text.render(report(findings=[findings()["service"]], sources=texts))

        assert "\x1b" not in told
        assert r"x = '\x1b[2J\x07" in told

    @pytest.mark.parametrize(
        ("environ", "is_terminal", "expected"),
        [
            ({}, True, True),
            ({}, False, False),
            ({"NO_COLOR": "1"}, True, False),
            ({"NO_COLOR": ""}, True, True),
            ({"FORCE_COLOR": "1"}, False, True),
            ({"FORCE_COLOR": "0"}, True, False),
            ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
            ({"TERM": "dumb"}, True, False),
        ],
    )
    def test_colors_are_for_who_wants_them(
        self, environ: dict[str, str], is_terminal: bool, expected: bool
    ) -> None:
        class Stream(io.StringIO):
            def isatty(self) -> bool:
                return is_terminal

        assert Style.of(Stream(), environ).has_color is expected

    @pytest.mark.parametrize(
        ("encoding", "expected"),
        [("utf-8", False), ("UTF8", False), ("ascii", True), ("latin-1", True), ("cp1252", True)],
    )
    def test_what_a_stream_cannot_write_is_escaped(self, encoding: str, expected: bool) -> None:
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)

        assert Style.of(stream, {}).is_ascii is expected


class TestJson:
    def test_tells_everything(self) -> None:
        assert_gold("guard_report.json", json_report.render(report()))

    def test_every_key_is_always_there(self) -> None:
        full = json.loads(json_report.render(report()))
        empty = json.loads(json_report.render(clean()))

        assert full.keys() == empty.keys()
        assert full["totals"].keys() == empty["totals"].keys()
        assert len({frozenset(one) for one in full["findings"]}) == 1

    @pytest.mark.parametrize("name", ["full", "clean", "broken"])
    def test_is_what_its_schema_says(self, name: str) -> None:
        broken = Report(None, errors=[ConfigError("the layers contradict")])
        told = {"full": report(), "clean": clean(), "broken": broken}[name]

        document = json.loads(json_report.render(told))

        jsonschema.Draft202012Validator.check_schema(REPORT_SCHEMA)
        jsonschema.validate(document, REPORT_SCHEMA, jsonschema.Draft202012Validator)
        assert document.keys() == REPORT_SCHEMA["properties"].keys()
        for part, one in (("findings", "finding"), ("bypassed", "bypass"), ("errors", "error")):
            for each in document[part]:
                assert each.keys() == REPORT_SCHEMA["$defs"][one]["properties"].keys()

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"kind": "another"}, "'failtrack-guard-report' was expected"),
            ({"schema_version": "2.0"}, "does not match"),
            ({"totals": {}}, "'files' is a required property"),
        ],
    )
    def test_its_schema_can_refuse(self, change: dict[str, Any], message: str) -> None:
        document = {**json.loads(json_report.render(clean())), **change}

        with pytest.raises(jsonschema.ValidationError, match=message):
            jsonschema.validate(document, REPORT_SCHEMA, jsonschema.Draft202012Validator)

    def test_what_ended_the_run_is_in_it(self) -> None:
        error = ConfigError("the layers contradict", slug="architecture-conflict")

        told = json.loads(json_report.render(Report(None, errors=[error])))

        assert told["errors"] == [
            {
                "kind": "architecture-conflict",
                "category": "ARCHITECTURE",
                "subcategory": "ARCHITECTURE_CONFLICT",
                "path": None,
                "line": None,
                "message": "the layers contradict",
            }
        ]


class TestSarif:
    def test_tells_everything(self) -> None:
        assert_gold("guard_report.sarif", sarif.render(report(), {}))

    @pytest.mark.parametrize("name", ["full", "clean", "no baseline", "broken"])
    def test_is_what_the_published_schema_asks_for(self, name: str) -> None:
        reports = {
            "full": report(),
            "clean": clean(),
            "no baseline": report(has_baseline=False, known=[]),
            "broken": Report(None, errors=[ConfigError("no such rule")]),
        }

        document = json.loads(sarif.render(reports[name], {}))

        validator = jsonschema.Draft4Validator(
            SARIF_SCHEMA, format_checker=jsonschema.FormatChecker()
        )
        assert [error.message for error in validator.iter_errors(document)] == []

    def test_the_schema_can_refuse(self) -> None:
        document = json.loads(sarif.render(report(), {}))
        del document["runs"][0]["results"][0]["message"]

        assert not jsonschema.Draft4Validator(SARIF_SCHEMA).is_valid(document)

    def test_a_fix_brings_the_import_that_it_needs(self) -> None:
        (run,) = json.loads(sarif.render(report(), {}))["runs"]
        (change,) = next(
            one["fixes"][0]["artifactChanges"]
            for one in run["results"]
            if one["message"]["text"] == "ref_hash is annotated as str"
        )

        pieces = [
            (
                tuple(piece["deletedRegion"].values()),
                piece["insertedContent"]["text"],
            )
            for piece in change["replacements"]
        ]

        assert pieces == [
            ((1, 1, 1, 1), "from shop.refs import ContentRef\n\n\n"),
            ((2, 41, 2, 44), "ContentRef"),
        ]

    def test_fixes_stop_where_they_would_take_too_long(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lines = ORDERS.count("\n") + 1
        monkeypatch.setattr(replacing, "LINES_MAX", lines)

        (run,) = json.loads(sarif.render(report(), {}))["runs"]

        assert [one["level"] for one in run["results"] if "fixes" in one] == ["error"]

    def test_paths_begin_at_the_top_of_the_repository(self, tmp_path: Path) -> None:
        told = report()
        told.settings = from_table(TABLES, root=str(tmp_path / "backend"))

        document = sarif.render(told, {"GITHUB_WORKSPACE": str(tmp_path)})

        assert '"uri": "backend/shop/long%20name.py"' in document


class TestRuns:
    """The command and its reports, as a CI calls it."""

    @pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
    def test_every_format_can_go_to_a_file(self, form: str, tmp_path: Path) -> None:
        project = GuardProject(tmp_path)
        project.write("shop/orders.py", SERVICE)

        done = project.run("check", "--output", form, "--output-file", "out", ".")

        assert done.returncode == 1
        assert "1 finding in 1 file" in done.stdout
        assert "PV-003" in (tmp_path / "out").read_text(encoding="utf-8")

    @pytest.mark.parametrize("broken", ["pyproject.toml", ".failtrack-guard-baseline.json"])
    def test_what_ends_a_run_early_is_reported_too(self, broken: str, tmp_path: Path) -> None:
        project = GuardProject(tmp_path)
        project.write("shop/orders.py", SERVICE)
        project.write(broken, "[tool.failtrack.guard]\npreset = 'hexagon'\n")

        done = project.run("check", "--output", "json")

        assert done.returncode == 2
        (error,) = json.loads(done.stdout)["errors"]
        assert error["subcategory"] == "GOVERNANCE_ENFORCEMENT_GAP"
        assert done.stderr == f"failtrack-guard: {error['message']}\n"

    @pytest.mark.skipif(sys.platform != "linux", reason="names that are no text")
    @pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
    def test_names_and_code_that_cannot_be_printed(self, form: str, tmp_path: Path) -> None:
        project = GuardProject(tmp_path)
        name = os.fsdecode(b"sh\xf6p \xff.py")
        project.write(name, "class ÄService:\n    pass\n")

        done = project.run("check", "--output", form, PYTHONIOENCODING="ascii", PYTHONUTF8="0")

        assert (done.returncode, done.stderr) == (1, "")
        assert "PV-003" in done.stdout

    def test_what_is_written_is_what_the_schema_says(self, tmp_path: Path) -> None:
        project = GuardProject(tmp_path)
        project.write("orders.py", SERVICE + "x = 1  # failtrack: allow PV-003 no longer needed\n")
        project.write("odd.py", "class OrderService(:\n")
        project.run("baseline", "--update", "--allow-growth")

        told = json.loads(project.run("check", "--output", "json").stdout)

        jsonschema.validate(told, REPORT_SCHEMA, jsonschema.Draft202012Validator)
        assert told["errors"]
        assert told["findings"]
        assert told["suppressions"]

    def test_a_life_with_baseline_and_suppressions(self, tmp_path: Path) -> None:
        project = GuardProject(tmp_path)
        project.write("shop/orders.py", SERVICE)

        refused = project.run("baseline", "--update")
        project.run("baseline", "--update", "--allow-growth")
        known = project.run("check")
        project.write("shop/orders.py", f"import os\n\n\n{SERVICE}")
        moved = project.run("check")
        project.write("shop/new.py", SERVICE.replace("Order", "Stock"))
        grown = project.run("check")
        line = "class StockService:  # failtrack: allow PV-003 (T-1) it only reads\n    pass\n"
        project.write("shop/new.py", line)
        allowed = project.run("check", "--suppressions")

        assert [one.returncode for one in (refused, known, moved, grown, allowed)] == [
            *(2, 0, 0, 1, 0),
        ]
        assert "--allow-growth" in refused.stderr
        assert "1 known to the baseline" in known.stdout
        assert "shop/new.py:1:7: PV-003 " in grown.stdout
        assert "shop/new.py:1: used: PV-003 (T-1) it only reads" in allowed.stdout


class TestReplacements:
    @given(
        st.text(alphabet="ab\n\r", max_size=40),
        st.text(alphabet="ab\n\r", max_size=40),
    )
    def test_turn_one_text_into_the_other(self, before: str, after: str) -> None:
        text = before
        for span, code in reversed(replacements(before, after)):
            start, end = (offset(before, *place) for place in (span[:2], span[2:]))
            text = text[:start] + code + text[end:]

        assert text == after


def offset(text: str, line: int, column: int) -> int:
    """Return the offset of a place as the parser counts lines."""
    ends = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
    return ends[line - 1] + column


class TestGithub:
    def test_tells_everything(self) -> None:
        assert_gold("guard_report_github.txt", github.render(report(), {}))

    def test_ten_of_each_level_are_shown_and_the_rest_counted(self) -> None:
        many = [
            Finding(rule, "a.py", (line, 0, line, 1), f"finding {line}")
            for rule in ("PV-003", "FT-E1", "FT-E3")
            for line in range(1, 15)
        ]

        lines = github.render(report(findings=many, unreadable=[], bypassed=[]), {}).splitlines()

        levels = [line.partition(" ")[0] for line in lines]
        assert levels == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 10
        ends = [line for line in lines if "more" in line]
        assert ends == [lines[9], lines[19], lines[29]]
        assert all("%0Aand 4 more: run failtrack-guard check" in line for line in ends)

    def test_paths_begin_at_the_top_of_the_repository(self, tmp_path: Path) -> None:
        told = report()
        told.settings = from_table(TABLES, root=str(tmp_path / "backend"))

        lines = github.render(told, {"GITHUB_WORKSPACE": str(tmp_path)})

        assert "file=backend/shop/orders.py,line=1," in lines

    def test_nothing_found_is_nothing(self) -> None:
        assert github.render(clean(), {}) == ""


@pytest.mark.parametrize("rule_id", [*OWN, *IDS])
def test_every_rule_can_be_told(rule_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    told = about(rule_id)

    assert told.id == rule_id
    assert told.severity in text.COLORS
    assert told.summary.endswith(".")
    assert "Use instead:" in told.text
