"""The rules: one file each. To add one, write the file and its line here.

Other distributions bring theirs by entry points in the group `failtrack_guard.rules`: the rule's id
and its class.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from importlib.metadata import EntryPoint

    from failtrack_guard.rule import Rule

GROUP = "failtrack_guard.rules"

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
_brought: dict[str, type[Rule]] | None = None


def ids() -> tuple[str, ...]:
    """Return the ids of all rules, those that other distributions bring last.

    Raises:
        ConfigError: One that is brought cannot be loaded, is no rule, or takes another's id.
    """
    return (*IDS, *brought())


class Known:
    """The ids of all rules; others than shipped ones are looked for when one is asked about.

    Args:
        running: Ids of rules that run.
    """

    def __init__(self, running: Collection[str]) -> None:
        self._running = running

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in RULES or rule_id in self._running or rule_id in brought()

    def __iter__(self) -> Iterator[str]:
        return iter(ids())

    def __len__(self) -> int:
        return len(ids())


def rule_class(rule_id: str) -> type[Rule]:
    """Return the class of a rule.

    Raises:
        KeyError: There is no rule of this id.
    """
    if rule_id not in RULES:
        return brought()[rule_id]
    module_name, class_name = RULES[rule_id]
    module = __import__(f"failtrack_guard.rules.{module_name}", fromlist=[class_name])
    found: type[Rule] = getattr(module, class_name)
    return found


def brought() -> dict[str, type[Rule]]:
    """Return id -> class of the rules that other distributions bring; looked for once."""
    global _brought
    if _brought is None:
        _brought = {}
        if _may_be_brought():
            from importlib.metadata import entry_points

            for one in sorted(entry_points(group=GROUP), key=lambda one: one.name):
                _brought.setdefault(one.name, _loaded(one))
    return _brought


def _may_be_brought() -> bool:
    """Return whether a distribution names our group; to import `importlib.metadata` costs more."""
    for finder in sys.meta_path:
        is_plain = getattr(finder, "__name__", "") == "PathFinder"
        if hasattr(finder, "find_distributions") and not is_plain:
            return True
    try:
        return any(map(_is_told_of, sys.path))
    except OSError:  # an archive, or what may not be read
        return True


def _is_told_of(folder: str) -> bool:
    """Return whether a distribution of a folder may name our group."""
    try:
        names = os.listdir(folder or os.curdir)
    except FileNotFoundError:
        return False
    for name in names:
        if name.endswith(".egg"):
            return True
        if name.endswith((".dist-info", ".egg-info")):
            try:
                with open(os.path.join(folder, name, "entry_points.txt"), "rb") as file:
                    if GROUP.encode() in file.read():
                        return True
            except (FileNotFoundError, NotADirectoryError):
                continue
    return False


def _loaded(entry_point: EntryPoint) -> type[Rule]:
    from failtrack_guard.errors import ConfigError
    from failtrack_guard.rule import Rule

    named = f"the entry point {entry_point.name} = {entry_point.value!r} of {GROUP}"
    way_out = "correct it, or uninstall the distribution that brings it"
    if entry_point.name in RULES:
        raise ConfigError(f"{named} takes the id of a shipped rule; {way_out}", slug="rule")
    try:
        found = entry_point.load()
    except Exception as error:  # another's code
        said = f"{type(error).__name__}: {error}"
        raise ConfigError(f"{named} cannot be loaded ({said}); {way_out}", slug="rule") from None
    if not (isinstance(found, type) and issubclass(found, Rule)):
        raise ConfigError(f"{named} is no subclass of failtrack_guard.rule.Rule; {way_out}")
    if getattr(found, "id", None) != entry_point.name:
        raise ConfigError(f"{named} has the id {getattr(found, 'id', None)!r}; {way_out}")
    return found
