"""Frozen values: what `dataclass(frozen=True)` promises, without its cost at import."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, field
from functools import cached_property

import pytest

from pytest_failtrack.frozen import as_dict, frozen, kept, replaced


@frozen
class Point:
    x: int
    y: int = 2
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.x + self.y

    @cached_property
    def slow(self) -> int:
        return self.x * self.y


@frozen
class Other:
    x: int
    y: int = 2
    tags: Mapping[str, str] = field(default_factory=dict)


@frozen
class Pair:
    left: str
    right: str


class TestMaking:
    def test_positions_names_and_defaults(self) -> None:
        assert Point(1) == Point(x=1, y=2, tags={}) == Point(1, 2, {})
        assert Point(1, tags={"a": "b"}).tags == {"a": "b"}
        assert Point(3).total == 5

    def test_every_value_has_a_container_of_its_own(self) -> None:
        assert Point(1).tags is not Point(1).tags

    @pytest.mark.parametrize(
        ("given", "named", "said"),
        [
            ((), {}, "lacks x"),
            ((), {"y": 1}, "lacks x"),
            ((1,), {"z": 1}, "not z"),
            ((1, 2, {}, 4), {}, "not 4"),
            ((), {"y": 1, "z": 1}, "not z"),
        ],
    )
    def test_what_does_not_fit_is_a_type_error(
        self, given: tuple[object, ...], named: dict[str, object], said: str
    ) -> None:
        with pytest.raises(TypeError, match=said):
            Point(*given, **named)


class TestBeingAValue:
    def test_nothing_can_be_changed(self) -> None:
        point = Point(1)
        with pytest.raises(FrozenInstanceError, match=r"Point\.x cannot be changed"):
            point.x = 2
        with pytest.raises(FrozenInstanceError):
            point.new = 2
        with pytest.raises(FrozenInstanceError):
            del point.x

    def test_equal_fields_of_one_class_are_equal(self) -> None:
        assert Point(1) != Point(2)
        assert Point(1) != Other(1)
        assert Point(1) != (1, 2, {})
        assert hash(Pair("a", "b")) == hash(Pair("a", "b"))
        assert len({Pair("a", "b"), Pair("a", "b"), Pair("b", "a")}) == 2
        with pytest.raises(TypeError, match="unhashable"):
            hash(Point(1))  # it holds a dict

    def test_what_was_computed_is_no_field(self) -> None:
        point = Point(3)
        assert point.slow == 6
        assert point == Point(3)
        assert as_dict(point) == {"x": 3, "y": 2, "tags": {}}

    def test_it_can_be_shown_matched_and_pickled(self) -> None:
        assert repr(Point(1)) == "Point(x=1, y=2, tags={})"
        assert pickle.loads(pickle.dumps(Point(1))) == Point(1)
        match Pair("a", "b"):
            case Pair(left, right):
                assert (left, right) == ("a", "b")

    def test_what_is_kept_about_it_is_asked_once_of_each(self) -> None:
        asked: list[Point] = []

        @kept
        def doubled(point: Point) -> int:
            asked.append(point)
            return 2 * point.x

        point, other = Point(1), Point(3)
        assert [doubled(point), doubled(other), doubled(point)] == [2, 6, 2]
        assert asked == [point, other]
        assert point == Point(1)
        assert as_dict(point) == {"x": 1, "y": 2, "tags": {}}
        assert doubled(replaced(point, x=4)) == 8

    def test_a_changed_copy(self) -> None:
        point = Point(1)
        assert point.slow == 2
        assert replaced(point, y=5) == Point(1, 5)
        assert replaced(point, y=5).slow == 5
        with pytest.raises(TypeError, match="not z"):
            replaced(point, z=5)


class TestToTheModuleDataclasses:
    """Plugins of others are given such values, and may treat them as the dataclasses they are."""

    def test_every_function_takes_it(self) -> None:
        point = Point(1, tags={"a": "b"})

        assert dataclasses.is_dataclass(point)
        assert [one.name for one in dataclasses.fields(point)] == ["x", "y", "tags"]
        assert dataclasses.asdict(point) == {"x": 1, "y": 2, "tags": {"a": "b"}}
        assert dataclasses.replace(point, y=3) == Point(1, 3, {"a": "b"})
        assert dataclasses.fields(Point)[1].default == 2
