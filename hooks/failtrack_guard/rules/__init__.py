"""The rules: one file each. To add one, write the file and its line here."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.rule import Rule

# Id of the rule: module and class. A rule is imported when a run needs it.
RULES: dict[str, tuple[str, str]] = {
    "PV-001": ("pv001_raw_event_type", "RawEventType"),
    "PV-002": ("pv002_plain_string_hash", "PlainStringHash"),
    "PV-003": ("pv003_missing_halt_guard", "MissingHaltGuard"),
    "VAL-3": ("val3_import_boundary", "ImportBoundary"),
    "FT-D1": ("ftd1_unexplained_skip", "UnexplainedSkip"),
    "FT-D2": ("ftd2_expired_debt", "ExpiredDebt"),
    "FT-D3": ("ftd3_skipped_whole", "SkippedWhole"),
    "FT-D4": ("ftd4_hidden_test", "HiddenTest"),
    "FT-D5": ("ftd5_asserts_nothing", "AssertsNothing"),
    "FT-D6": ("ftd6_swallowed_assertion", "SwallowedAssertion"),
    "FT-S1": ("fts1_signature_pair", "SignaturePair"),
    "FT-G1": ("ftg1_generated_drift", "GeneratedDrift"),
    "FT-M1": ("ftm1_no_way_back", "NoWayBack"),
    "FT-R1": ("ftr1_in_both_places", "InBothPlaces"),
}
IDS: tuple[str, ...] = tuple(RULES)


def rule_class(rule_id: str) -> type[Rule]:
    """Return the class of a rule.

    Raises:
        KeyError: There is no rule of this id.
    """
    module_name, class_name = RULES[rule_id]
    module = __import__(f"failtrack_guard.rules.{module_name}", fromlist=[class_name])
    found: type[Rule] = getattr(module, class_name)
    return found
