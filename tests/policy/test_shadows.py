"""S0-37: patterns that match nothing or never win, held against the files of a project."""

from __future__ import annotations

from typing import Any

from pytest_failtrack.policy.codeowners import CodeOwners, parse_codeowners
from pytest_failtrack.policy.shadows import shadow_conflicts, unmatched_rules, write_conflicts

FILES = ("src/shop/orders.py", "src/shop/tax.py", "docs/index.md")
NOBODY = CodeOwners(())


def sentences(table: dict[str, Any], codeowners: CodeOwners = NOBODY) -> list[tuple[str, bool]]:
    """Return what is said about a table, and whether it is a contradiction."""
    found = shadow_conflicts(table, FILES, codeowners)
    return [(one.sentence, one.is_contradiction) for one in found]


class TestOwners:
    def test_a_later_pattern_that_takes_every_file_shadows_an_earlier_one(self) -> None:
        table = {"owners": {"src/shop/tax.py": "@tax", "src/**": "@core"}}

        assert sentences(table) == [
            (
                "tool.failtrack.owners: 'src/shop/tax.py' = '@tax' never rules: 'src/**' = "
                "'@core' comes later and matches all of its files",
                True,
            )
        ]

    def test_in_the_other_order_each_rules(self) -> None:
        assert sentences({"owners": {"src/**": "@core", "src/shop/tax.py": "@tax"}}) == []

    def test_the_same_owner_is_no_contradiction(self) -> None:
        assert sentences({"owners": {"src/shop/tax.py": "@core", "src/**": "@core"}}) == []

    def test_a_pattern_that_matches_nothing_is_without_effect(self) -> None:
        table = {"components": {"src/shopp/": "shop"}}

        assert sentences(table) == [
            ("tool.failtrack.components: 'src/shopp/' matches no file", False)
        ]

    def test_the_name_of_a_component_is_no_path(self) -> None:
        assert sentences({"owners": {"billing": "@billing"}}) == []

    def test_codeowners_is_asked_first(self) -> None:
        """C-29: CODEOWNERS, then the map."""
        table = {"owners": {"src/shop/tax.py": "@tax"}}

        assert sentences(table, parse_codeowners("*.py @core\n")) == [
            (
                "tool.failtrack.owners.'src/shop/tax.py' = '@tax' never rules: CODEOWNERS is asked "
                "first and names @core for all of its files",
                True,
            )
        ]
        assert sentences(table, parse_codeowners("*.py @core @tax\n")) == []
        assert sentences(table, parse_codeowners("docs/ @core\n")) == []


class TestFrozen:
    def test_a_path_that_matches_nothing_is_without_effect(self) -> None:
        table = {"frozen": [{"path": "src/api/**", "since": "v1"}]}

        assert sentences(table) == [("tool.failtrack.frozen[0]: src/api/** matches no file", False)]

    def test_an_exception_for_all_of_it_contradicts_it(self) -> None:
        table = {"frozen": [{"path": "src/**", "since": "v1", "except": ["*.py"]}]}

        assert sentences(table) == [
            (
                "tool.failtrack.frozen[0]: src/** is frozen, and `except` allows a change of each "
                "of its files",
                True,
            )
        ]

    def test_an_exception_for_some_of_it_is_fine(self) -> None:
        table = {"frozen": [{"path": "src/**", "since": "v1", "except": ["tax.py"]}]}

        assert sentences(table) == []

    def test_every_run_would_write_to_it(self) -> None:
        entry = {"path": "governance/", "since": "v1"}
        written = {"dir": "governance/events/failures/x.json"}

        (one,) = write_conflicts({"frozen": [entry]}, written)

        assert one.rules == ("tool.failtrack.frozen[0].path", "tool.failtrack.dir")
        excepted = entry | {"except": ["governance/events/"]}
        assert write_conflicts({"frozen": [excepted]}, written) == []


class TestCodeowners:
    def test_rules_that_match_no_file(self) -> None:
        rules = parse_codeowners("*.py @core\nnosuch/ @core\n/docs/ @docs\n*.rb @core\n")

        assert unmatched_rules(rules, FILES) == ["nosuch/", "*.rb"]

    def test_without_files_nothing_can_be_said(self) -> None:
        assert shadow_conflicts({"owners": {"src/": "@a"}}, (), NOBODY) == []
