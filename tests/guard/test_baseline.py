"""The baseline: what was there before is known wherever it moves, and its number only falls."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from failtrack_guard.baseline import (
    Comparison,
    Entry,
    GrowthError,
    Scope,
    compare,
    entries_of,
    load,
    mark,
    text_of,
    updated,
    write,
)
from failtrack_guard.errors import GuardError
from failtrack_guard.finding import Finding
from failtrack_guard.texts import Texts

RULES = ("PV-001", "PV-002")
CODE = "import shop\n\nemit('a')\nemit('a')\nemit('b')\n"


def found(path: str, *lines: int, rule: str = "PV-001", symbol: str = "") -> list[Finding]:
    return [
        Finding(rule, path, (line, 5, line, 8), f"message {line}", symbol=symbol) for line in lines
    ]


def known(code: str, findings: list[Finding]) -> list[Entry]:
    return entries_of(findings, Texts.of({findings[0].path: code.encode()}))


def compared(
    code: str, findings: list[Finding], entries: list[Entry], path: str = "a.py"
) -> Comparison:
    return compare(findings, entries, Texts.of({path: code.encode()}), Scope("", RULES))


def lines(findings: list[Finding]) -> list[int]:
    return [one.line for one in findings]


class TestWhatIsKnown:
    def test_findings_that_did_not_change(self) -> None:
        result = compared(CODE, found("a.py", 3, 4, 5), known(CODE, found("a.py", 3, 4, 5)))

        assert (lines(result.new), lines(result.known), result.gone) == ([], [3, 4, 5], [])

    @pytest.mark.parametrize(
        "code",
        [
            "\n\n" + CODE,
            CODE.replace("emit(", "    emit("),
            CODE.replace("\n", "  # failtrack: allow PV-001 later\n"),
            CODE.replace("\n", "\r\n"),
        ],
        ids=["moved", "indented", "suppressed", "other line ends"],
    )
    def test_survives(self, code: str) -> None:
        moved = [
            number
            for number, line in enumerate(code.splitlines(), start=1)
            if line.lstrip().startswith("emit")
        ]

        result = compared(code, found("a.py", *moved), known(CODE, found("a.py", 3, 4, 5)))

        assert (lines(result.new), result.gone) == ([], [])

    @pytest.mark.parametrize(
        ("code", "more"),
        [
            (CODE.replace("'b'", "'c'"), {}),
            (CODE, {"symbol": "f"}),
            (CODE, {"rule": "PV-002"}),
        ],
    )
    def test_other_code_symbol_or_rule_is_new(self, code: str, more: dict[str, str]) -> None:
        result = compared(code, found("a.py", 5, **more), known(CODE, found("a.py", 5)))

        assert lines(result.new) == [5]
        assert len(result.gone) == 1

    def test_one_more_of_equals_is_new(self) -> None:
        code = CODE + "emit('a')\n"

        result = compared(code, found("a.py", 3, 4, 6), known(CODE, found("a.py", 3, 4)))

        assert (lines(result.new), lines(result.known)) == ([6], [3, 4])

    def test_one_less_of_equals_is_gone(self) -> None:
        code = CODE.replace("emit('a')\n", "", 1)

        result = compared(code, found("a.py", 3), known(CODE, found("a.py", 3, 4)))

        assert (lines(result.new), lines(result.known)) == ([], [3])
        assert [one.number for one in result.gone] == [1]

    def test_a_renamed_file_keeps_what_is_known_of_it(self) -> None:
        old = known(CODE, found("old.py", 3, 4, 5))

        result = compared(CODE, found("a.py", 3, 4, 5), old)

        assert (lines(result.new), lines(result.known), result.gone) == ([], [3, 4, 5], [])

    def test_one_of_equals_that_moved_to_another_file_is_known_there(self) -> None:
        texts = Texts.of({"old.py": CODE.encode(), "a.py": CODE.encode()})
        before = [*found("old.py", 3, 4), *found("a.py", 3)]
        now = [*found("old.py", 3), *found("a.py", 3, 4)]

        result = compare(now, entries_of(before, texts), texts, Scope("", RULES))

        assert (result.new, result.gone) == ([], [])

    def test_a_copied_file_is_new(self) -> None:
        texts = Texts.of({"old.py": CODE.encode(), "a.py": CODE.encode()})
        both = [*found("old.py", 3, 4), *found("a.py", 3, 4)]

        result = compare(both, known(CODE, found("old.py", 3, 4)), texts, Scope("", RULES))

        assert [one.path for one in result.new] == ["a.py", "a.py"]
        assert result.gone == []


class TestWhatIsGone:
    ENTRIES = known(CODE, found("a.py", 3))

    def test_is_what_was_looked_for_and_not_found(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").touch()
        root = str(tmp_path)
        texts = Texts(root)

        def gone(scope: Scope) -> int:
            return len(compare([], self.ENTRIES, texts, scope).gone)

        assert gone(Scope(root, RULES)) == 1
        assert gone(Scope(root, RULES, ["a.py"])) == 1
        assert gone(Scope(root, RULES, ["b.py"])) == 0
        assert gone(Scope(root, ["PV-002"], ["a.py"])) == 0
        assert gone(Scope(root, RULES, unreadable=["a.py"])) == 0

    def test_is_what_was_in_a_file_that_is_no_more(self, tmp_path: Path) -> None:
        scope = Scope(str(tmp_path), RULES, ["b.py"])

        assert len(compare([], self.ENTRIES, Texts(str(tmp_path)), scope).gone) == 1


class TestTheRatchet:
    def test_falls(self) -> None:
        texts = Texts.of({"a.py": CODE.encode()})
        old = known(CODE, found("a.py", 3, 4, 5))

        assert len(updated(found("a.py", 3, 5), old, texts, Scope("", RULES))) == 2

    def test_refuses_to_grow_and_says_how_much(self) -> None:
        texts = Texts.of({"a.py": CODE.encode()})
        now = [*found("a.py", 3, 4), *found("a.py", 5, rule="PV-002")]

        with pytest.raises(
            GuardError, match=r"grow: PV-001 from 1 to 2, PV-002 from 0 to 1\. "
        ) as e:
            updated(now, known(CODE, found("a.py", 3)), texts, Scope("", RULES))

        assert e.value.slug == "baseline-growth"
        assert "--allow-growth" in str(e.value)

    def test_one_rule_does_not_pay_for_another(self) -> None:
        texts = Texts.of({"a.py": CODE.encode()})
        old = known(CODE, found("a.py", 3, 4, 5))

        with pytest.raises(GuardError, match="PV-002 from 0 to 1"):
            updated(found("a.py", 3, rule="PV-002"), old, texts, Scope("", RULES))

    def test_what_is_gone_does_not_pay_for_what_is_new(self) -> None:
        texts = Texts.of({"a.py": CODE.encode()})
        old = known(CODE, found("a.py", 3, 4))

        with pytest.raises(GrowthError, match="PV-001 from 1 to 2") as caught:
            updated(found("a.py", 3, 5), old, texts, Scope("", RULES))

        assert "1 new finding was not taken in" in str(caught.value)
        assert [one.key for one in caught.value.entries] == [old[0].key]
        assert (
            len(updated(found("a.py", 3, 5), old, texts, Scope("", RULES), allow_growth=True)) == 2
        )

    def test_a_renamed_file_is_carried_over(self) -> None:
        texts = Texts.of({"a.py": CODE.encode()})
        old = known(CODE, found("old.py", 3, 4, 5))

        now = updated(found("a.py", 3, 4, 5), old, texts, Scope("", RULES))

        assert {one.key for one in now} == {one.key for one in known(CODE, found("a.py", 3, 4, 5))}

    def test_the_first_one_is_growth_too(self) -> None:
        texts = Texts.of({"a.py": CODE.encode()})
        scope = Scope("", RULES)

        with pytest.raises(GuardError, match="no baseline yet"):
            updated(found("a.py", 3), [], texts, scope)
        assert len(updated(found("a.py", 3), [], texts, scope, allow_growth=True)) == 1

    def test_what_was_not_looked_at_is_kept(self, tmp_path: Path) -> None:
        (tmp_path / "old.py").touch()
        old = known(CODE, found("old.py", 3))
        texts = Texts.of({"a.py": CODE.encode()})
        scope = Scope(str(tmp_path), RULES, ["a.py"])

        now = updated(found("a.py", 3), old, texts, scope, allow_growth=True)

        assert [one.path for one in now] == ["a.py", "old.py"]

    def test_an_expired_suppression_never_becomes_known(self) -> None:
        texts = Texts.of({"a.py": CODE.encode()})
        now = found("a.py", 3, rule="FT-E1")

        assert updated(now, [], texts, Scope("", RULES)) == []


class TestTheFile:
    def test_has_one_line_an_entry_sorted_and_reads_back(self, tmp_path: Path) -> None:
        path = str(tmp_path / "baseline.json")
        entries = [
            *known(CODE, found("ä b.py", 3)),
            *known(CODE, found("a.py", 4, 5, symbol="Order.place")),
        ]

        write(path, entries)

        text = Path(path).read_text(encoding="utf-8")
        assert [line[:17] for line in text.splitlines()] == [
            '{"version": 1, "f',
            '{"path": "a.py", ',
            '{"path": "a.py", ',
            '{"path": "ä b.py"',
            "null",
            "]}",
        ]
        assert {one.key for one in load(path)} == {one.key for one in entries}
        assert os.listdir(tmp_path) == ["baseline.json"]

    def test_removing_an_entry_changes_one_line(self) -> None:
        entries = known(CODE, found("a.py", 3, 4, 5))

        before, after = text_of(entries).splitlines(), text_of(entries[:-1]).splitlines()

        assert set(after) < set(before)
        assert json.loads(text_of([])) == {"version": 1, "findings": [None]}

    def test_no_file_is_an_empty_one(self, tmp_path: Path) -> None:
        assert load(str(tmp_path / "none.json")) == []

    @pytest.mark.parametrize(
        ("content", "slug", "words"),
        [
            ("", "baseline", "is no JSON"),
            ("<<<<<<< HEAD\n{", "baseline", "if a merge left its marks in it"),
            ("[]", "baseline-version", "version None"),
            ('{"version": 2, "findings": []}', "baseline-version", "version 2"),
            ('{"version": 1}', "baseline", "restore it from git"),
            ('{"version": 1, "findings": [{"rule": "PV-001"}]}', "baseline", "restore it"),
            ('{"version": 1, "findings": [1]}', "baseline", "restore it"),
        ],
    )
    def test_one_that_cannot_be_used_says_what_to_do(
        self, content: str, slug: str, words: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "baseline.json"
        path.write_text(content)

        with pytest.raises(GuardError, match=words) as caught:
            load(str(path))

        assert caught.value.slug == slug
        assert str(path) in str(caught.value)

    def test_one_that_cannot_be_read_or_written_says_what_to_do(self, tmp_path: Path) -> None:
        with pytest.raises(GuardError, match="cannot be read"):
            load(str(tmp_path))
        with pytest.raises(GuardError, match="cannot be written"):
            write(str(tmp_path / "none" / "baseline.json"), [])
        with pytest.raises(GuardError, match="cannot be written"):
            write(str(tmp_path), [])
        assert os.listdir(tmp_path) == []

    @pytest.mark.skipif(os.name == "nt", reason="modes and links of POSIX")
    def test_keeps_its_mode_and_the_link_to_it(self, tmp_path: Path) -> None:
        (tmp_path / "real.json").touch(mode=0o640)
        (tmp_path / "link.json").symlink_to("real.json")

        write(str(tmp_path / "link.json"), [])

        assert (tmp_path / "link.json").is_symlink()
        assert (tmp_path / "real.json").stat().st_mode & 0o777 == 0o640


class TestFingerprints:
    def test_tell_equals_apart_and_stay_when_lines_move(self) -> None:
        here, moved = found("a.py", 3, 4), found("a.py", 4, 5)

        mark(here, Texts.of({"a.py": CODE.encode()}))
        mark(moved, Texts.of({"a.py": b"\n" + CODE.encode()}))

        assert [one.fingerprint for one in here] == [one.fingerprint for one in moved]
        assert len({one.fingerprint for one in here}) == 2

    def test_are_frozen(self) -> None:
        """They stand in other people's code scanning: a change makes every alert a new one."""
        (one,) = found("a.py", 3)

        mark([one], Texts.of({"a.py": CODE.encode()}))

        assert one.fingerprint == "e3b8f6151339bb70"
