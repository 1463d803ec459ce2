"""The rules at run time: values, services and whole projects are held to PV-001 to PV-003."""

from __future__ import annotations

import enum
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NewType, Optional
from unittest import mock

import pytest

import failtrack_guard
from failtrack_guard import (
    PatternViolation,
    PatternViolationService,
    detect_violations,
    validate_content_ref,
    validate_event_type,
    validate_halt_guard_injection,
)
from failtrack_guard.errors import ConfigError, GuardError

if TYPE_CHECKING:
    import elsewhere  # type: ignore[import-not-found]

HERE = __name__


class EventType(enum.Enum):
    CREATED = "order.created"


class TextType(str, enum.Enum):
    CREATED = "order.created"


class ContentRef(str):
    __slots__ = ()


class ShortRef(ContentRef):
    __slots__ = ()


class Guard:
    """A guard of the right name from the wrong place."""


class HaltGuard:
    pass


class StrictGuard(HaltGuard):
    pass


PlainRef = NewType("PlainRef", str)


@pytest.fixture
def root(tmp_path: Path) -> str:
    """A project whose settings name the classes of this file."""
    (tmp_path / "pyproject.toml").write_text(
        f"""
        [tool.failtrack.guard.PV-001]
        enum = "{HERE}.EventType"
        [tool.failtrack.guard.PV-002]
        type = "{HERE}.*.ContentRef"
        [tool.failtrack.guard.PV-003]
        guard = "{HERE}.HaltGuard"
        """
    )
    return str(tmp_path)


class TestEventType:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (EventType.CREATED, True),
            ("order.created", False),
            (EventType.CREATED.value, False),
            (TextType.CREATED, False),
            (EventType, False),
            (None, False),
            (b"order.created", False),
        ],
    )
    def test_is_a_member_of_the_configured_enum(
        self, value: Any, expected: bool, root: str
    ) -> None:
        assert validate_event_type(value, root=root) is expected

    def test_may_be_named_in_the_call(self) -> None:
        assert validate_event_type(TextType.CREATED, enum=TextType)
        assert validate_event_type(TextType.CREATED, enum=(EventType, TextType))
        assert validate_event_type(TextType.CREATED, enum="*.TextType")
        assert not validate_event_type("order.created", enum=TextType)

    def test_under_the_name_of_a_re_export(self, monkeypatch: pytest.MonkeyPatch) -> None:
        facade = type(sys)("shop_facade")
        facade.EventType = EventType  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "shop_facade", facade)

        assert validate_event_type(EventType.CREATED, enum="shop_facade.EventType")

    def test_that_nobody_configured_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text("")

        with pytest.raises(ConfigError, match=r"PV-001\] does not say its enum"):
            validate_event_type("x", root=str(tmp_path))


class TestContentRef:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (ContentRef("ab"), True),
            (ShortRef("ab"), True),
            ("ab", False),
            (b"ab", False),
            (1, False),
        ],
    )
    def test_is_of_the_configured_type(self, value: Any, expected: bool, root: str) -> None:
        assert validate_content_ref(value, root=root) is expected

    def test_a_new_type_is_what_is_below_it(self) -> None:
        assert validate_content_ref(PlainRef("ab"), content_ref=f"{HERE}.PlainRef")
        assert not validate_content_ref(1, content_ref=f"{HERE}.PlainRef")


class Inherits(StrictGuard):
    pass


class Keeps:
    def __init__(self, guard: Any) -> None:
        self.anything = guard


class Slotted:
    __slots__ = ("_guard", "other")

    def __init__(self, guard: Any) -> None:
        self._guard = guard


class Typed:
    def __init__(self, orders: list[int], guard: Optional[StrictGuard]) -> None:  # noqa: UP045
        pass


class TypedAndKept:
    def __init__(self, guard: HaltGuard | None = None) -> None:
        self._guard = guard


class TypedForCheckers:
    def __init__(self, guard: elsewhere.HaltGuard) -> None:
        pass


class MarkedUp:
    def __init__(self, guard: Annotated[HaltGuard, "the guard"]) -> None:
        pass


class Made:
    def __new__(cls, guard: HaltGuard) -> Made:
        return super().__new__(cls)


@dataclass
class Data:
    guard: HaltGuard


class Many:
    def __init__(self, guards: list[HaltGuard]) -> None:
        pass


class Wrong:
    def __init__(self, guard: Guard) -> None:
        self.guard = guard


class Property:
    @property
    def guard(self) -> HaltGuard:
        raise RuntimeError("a property is not run")


class TestHaltGuard:
    @pytest.mark.parametrize(
        ("service", "expected"),
        [
            (Inherits(), True),
            (Inherits, True),
            (Keeps(HaltGuard()), True),
            (Keeps(StrictGuard()), True),
            (Keeps(None), False),
            (Keeps, False),
            (Slotted(HaltGuard()), True),
            (Slotted(None), False),
            (Typed([], None), True),
            (Typed, True),
            (TypedAndKept(HaltGuard()), True),
            (TypedAndKept(), False),
            (TypedAndKept, True),
            (TypedForCheckers(None), True),
            (MarkedUp, True),
            (Made, True),
            (Data(HaltGuard()), True),
            (Data, True),
            (Many, False),
            (Wrong(Guard()), False),
            (Wrong, False),
            (Property(), False),
            (object(), False),
            (Keeps(mock.Mock(spec=HaltGuard)), True),
            (Keeps(mock.Mock()), False),
        ],
    )
    def test_is_inherited_or_was_given(self, service: Any, expected: bool, root: str) -> None:
        assert validate_halt_guard_injection(service, root=root) is expected


class TestService:
    def test_notes_what_it_is_shown(self, root: str) -> None:
        service = PatternViolationService(root)

        assert service.check_event_type(EventType.CREATED) is None
        found = service.check_event_type("order.created")
        service.check_content_ref("ab" * 40)
        service.check_halt_guard(Wrong)

        assert service.violations[0] is found
        assert [(one.violation_id, one.description) for one in service.violations] == [
            ("PV-001", "'order.created' (str) is no member of the event types"),
            ("PV-002", f"'{'ab' * 28}... (str) is no content reference"),
            ("PV-003", "Wrong neither is nor was given a halt guard"),
        ]
        assert all(one.remediation for one in service.violations)
        assert found is not None
        assert found.location.partition(":")[0].endswith("test_runtime.py")

    def test_a_value_that_cannot_be_shown_is_told_all_the_same(self, root: str) -> None:
        class Bad:
            def __repr__(self) -> str:
                raise RuntimeError

        found = PatternViolationService(root).check_event_type(Bad())

        assert found is not None
        assert found.description.startswith("a value (")

    def test_detects_violations_in_files(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text(
            '[tool.failtrack.guard.PV-003]\nguard = "shop.halt.HaltGuard"\n'
        )
        (tmp_path / "shop").mkdir()
        (tmp_path / "shop/a.py").write_text("class OrderService: ...\n")
        (tmp_path / "shop/b.py").write_text("class CartService: ...\n")
        (tmp_path / "shop/c.py").write_text(
            "class PayService: ...  # failtrack: allow PV-003 (T-1) replaced next month\n"
        )
        (tmp_path / "shop/d.py").write_text("class CardService(\n")

        service = PatternViolationService(str(tmp_path))
        found = service.detect_violations()

        assert [(one.violation_id, one.location) for one in found] == [
            ("PV-003", "shop/a.py:1:7"),
            ("PV-003", "shop/b.py:1:7"),
        ]
        assert found[0].description == "OrderService neither inherits HaltGuard nor takes one"
        assert "__init__" in found[0].remediation
        assert [one.partition(":")[0] for one in service.unreadable] == ["shop/d.py"]
        assert service.detect_violations([str(tmp_path / "shop/a.py")]) == found[:1]
        assert PatternViolationService().detect_violations(root=str(tmp_path)) == found
        assert detect_violations(root=str(tmp_path)) == found

    def test_a_path_that_does_not_exist_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(GuardError, match="no such file"):
            PatternViolationService(str(tmp_path)).detect_violations([str(tmp_path / "gone")])


def test_a_violation_reads_as_one_line() -> None:
    one = PatternViolation("PV-001", "a.py:3", "'x' is no event type", "use a member")

    assert str(one) == "a.py:3: PV-001 'x' is no event type; use a member"


def test_the_package_offers_it_without_importing_it() -> None:
    code = (
        "import sys, failtrack_guard; print('failtrack_guard.runtime' in sys.modules);"
        "failtrack_guard.validate_event_type; print('failtrack_guard.runtime' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "True"]
    assert all(hasattr(failtrack_guard, name) for name in failtrack_guard.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        failtrack_guard.nothing  # noqa: B018
