"""The validators made of the shipped schemas: they refuse what the models refuse, and no more."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError
from record_samples import record, run_document, with_status

from pytest_failtrack.errors import EvidenceError
from pytest_failtrack.record.loading import models
from pytest_failtrack.record.validator import core_schema, validator
from pytest_failtrack.record.verify import validated

DOCUMENTS = {
    "record": with_status(record(), "PREVENTED"),
    "run": run_document(
        reopened=[{"failure_id": record()["failure_id"], "from": "RESOLVED", "to": "OPEN"}]
    ),
}
# One of each kind of value, at and beyond the bounds that documents have.
VALUES = (
    *(None, True, False, -1, 0, 1, 2, 3, 0.5, 1.5, float("nan"), float("inf")),
    *("", " ", "x", "OPEN", "HIGH", "2026-11-21T10:00:00Z", "2026-02-30T10:00:00Z", "9c41d07be2a5"),
    *([], ["x"], [1], [None], {}, {"a": 1}, {"a": "b"}, {"a": {"b": 1}}, {"a": None}),
)


def mutants(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield a document with every value in it replaced by each of `VALUES`, and removed."""

    def rebuilt(change: Any) -> Any:
        made = copy.deepcopy(document)
        held = made
        for step in path[:-1]:
            held = held[step]
        change(held, path[-1])
        return made

    held = document
    for step in path:
        held = held[step]
    if path:
        where = ".".join(map(str, path))
        yield f"{where} removed", rebuilt(lambda at, step: at.pop(step))
        for value in VALUES:
            yield f"{where} = {value!r}", rebuilt(lambda at, step, v=value: at.__setitem__(step, v))
    steps = held if isinstance(held, dict) else range(len(held)) if isinstance(held, list) else ()
    for step in steps:
        yield from mutants(document, (*path, step))


def model_accepts(kind: str, document: Any) -> bool:
    model = models().record if kind == "record" else models().run
    try:
        model.model_validate(document)
    except ValidationError:
        return False
    return True


def validator_accepts(kind: str, document: Any) -> bool:
    try:
        validated(kind, document)
    except EvidenceError:
        return False
    return True


class TestAgreement:
    @pytest.mark.parametrize("kind", ["record", "run"])
    def test_both_accept_the_same_documents(self, kind: str) -> None:
        document = DOCUMENTS[kind]
        assert validator_accepts(kind, document)

        tried = list(mutants(document))

        assert len(tried) > 1_000
        assert [
            what
            for what, mutant in tried
            if model_accepts(kind, mutant) is not validator_accepts(kind, mutant)
        ] == []

    @pytest.mark.parametrize("kind", ["record", "run"])
    def test_what_is_valid_comes_out_as_it_went_in(self, kind: str) -> None:
        document = DOCUMENTS[kind] | {"novel": {"of": ["a newer version"]}}

        checked = validated(kind, document)

        assert checked == document
        assert list(checked) == list(document)

    def test_a_validator_is_made_once(self) -> None:
        assert validator("record") is validator("record")


class TestWhatIsNotUnderstood:
    """A schema that says more than the validator knows would be checked less than it says."""

    @pytest.mark.parametrize(
        "schema",
        [
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            {"type": "null"},
            {"type": "string", "maxLength": 3},
            {"type": "array", "items": {"type": "string", "format": "date"}},
            {"properties": {"a": {"type": "date"}}, "type": "object"},
        ],
    )
    def test_is_refused(self, schema: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"kinds of value|type that no|not understood"):
            core_schema(schema, {})
