"""The pattern rules at run time: values that are at hand are held to PV-001, PV-002 and PV-003.

What counts as an event type, a content reference and a halt guard is said once, in
`[tool.failtrack.guard]`; a call can name other classes. Projects import from `failtrack_guard`.
"""

from __future__ import annotations

import functools
import inspect
import os
import re
import sys
import types
import typing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from failtrack_guard.active import find_root
from failtrack_guard.code.project import matches
from failtrack_guard.errors import ConfigError
from failtrack_guard.rules import rule_class

# A class, its dotted name (one part may be `*`), or several of them.
Wanted = type | str | Sequence[type | str]
SHOWN_MAX_CHARS = 60
# Rule: the option that names its class.
_OPTIONS = {"PV-001": "enum", "PV-002": "type", "PV-003": "guard"}


@dataclass(frozen=True)
class PatternViolation:
    """A pattern that is broken somewhere.

    Args:
        violation_id: Id of the rule: `PV-001`.
        location: `path:line:column` in a source file, or `path:line` of the code that was running.
        description: What is wrong, in one sentence.
        remediation: What to do instead.

    Source: S3-57.
    """

    violation_id: str
    location: str
    description: str
    remediation: str

    def __str__(self) -> str:
        return f"{self.location}: {self.violation_id} {self.description}; {self.remediation}"


def validate_event_type(
    event_type: Any, *, enum: Wanted | None = None, root: str | None = None
) -> bool:
    """Return whether a value is a member of the enum of event types.

    Args:
        event_type: Any value.
        enum: The enum; what `PV-001.enum` says by default.
        root: Folder of the project whose settings count, the current one's by default.

    Raises:
        ConfigError: Nobody says which enum is meant.

    Source: S3-54.
    """
    return _is_instance(event_type, _wanted("PV-001", enum, root))


def validate_content_ref(
    hash_value: Any, *, content_ref: Wanted | None = None, root: str | None = None
) -> bool:
    """Return whether a hash is a content reference and no plain string.

    Args:
        hash_value: Any value.
        content_ref: The type; what `PV-002.type` says by default.
        root: See `validate_event_type`.

    Raises:
        ConfigError: Nobody says which type is meant.

    Source: S3-55.
    """
    return _is_instance(hash_value, _wanted("PV-002", content_ref, root))


def validate_halt_guard_injection(
    service: Any, *, guard: Wanted | None = None, root: str | None = None
) -> bool:
    """Return whether a service is a halt guard, or was given one.

    A service that keeps what it was given under the name of the parameter is judged by what it
    keeps; one that does not, and a class, by the types of the constructor's parameters.

    Args:
        service: A service, or the class of one.
        guard: The guard class; what `PV-003.guard` says by default.
        root: See `validate_event_type`.

    Raises:
        ConfigError: Nobody says which guard is meant.

    Source: S3-56.
    """
    wanted = _wanted("PV-003", guard, root)
    if isinstance(service, type):
        return _is_class(service, wanted) or any(_guarded_parameters(service, wanted))
    if _is_instance(service, wanted):
        return True
    held = dict(_attributes(service))
    if any(_is_instance(value, wanted) for value in held.values()):
        return True
    return any(
        name not in held and f"_{name}" not in held
        for name in _guarded_parameters(type(service), wanted)
    )


def detect_violations(
    paths: Sequence[str] | None = None, root: str | None = None
) -> list[PatternViolation]:
    """Return what the rules find in source files; see `PatternViolationService`."""
    return PatternViolationService(root).detect_violations(paths)


class PatternViolationService:
    """Finds broken patterns: in source files, and in values while code runs.

    Args:
        root: Folder of the project, the current one's by default.

    Source: S3-53.
    """

    def __init__(self, root: str | None = None) -> None:
        self.root = root or find_root(os.getcwd())
        # What `check_...` found so far.
        self.violations: list[PatternViolation] = []
        # Files that `detect_violations` could not judge, and why, one line each.
        self.unreadable: list[str] = []

    def detect_violations(
        self, paths: Sequence[str] | None = None, root: str | None = None
    ) -> list[PatternViolation]:
        """Return what the configured rules find in source files, as `failtrack-guard check` does.

        What is suppressed, and what the baseline knows, is left out.

        Args:
            paths: Files and folders; the whole project by default.
            root: Folder of the project, that of this service by default.

        Raises:
            GuardError: The settings cannot be used, or a path does not exist.
        """
        from failtrack_guard.discover import Folders
        from failtrack_guard.engine import run
        from failtrack_guard.judging import Judged, report_on
        from failtrack_guard.settings import load

        settings = load(os.path.abspath(root or self.root))
        files = Folders(settings.root).files_in(
            paths or [settings.root], settings.values["exclude"]
        )
        judged = Judged(settings, run(settings, files), is_everything=paths is None)
        self.unreadable = [str(one) for one in judged.result.unreadable]
        remedies = {one.id: one.rule.remedy for one in settings.active}
        return [
            PatternViolation(
                one.rule,
                f"{one.path}:{one.line}:{one.column}",
                one.message,
                remedies.get(one.rule, ""),
            )
            for one in report_on(judged).findings
        ]

    def check_event_type(
        self, event_type: Any, *, enum: Wanted | None = None
    ) -> PatternViolation | None:
        """Note and return the violation that a value is where an event type is due."""
        if validate_event_type(event_type, enum=enum, root=self.root):
            return None
        return self._note("PV-001", f"{_shown(event_type)} is no member of the event types")

    def check_content_ref(
        self, hash_value: Any, *, content_ref: Wanted | None = None
    ) -> PatternViolation | None:
        """Note and return the violation that a value is where a content reference is due."""
        if validate_content_ref(hash_value, content_ref=content_ref, root=self.root):
            return None
        return self._note("PV-002", f"{_shown(hash_value)} is no content reference")

    def check_halt_guard(
        self, service: Any, *, guard: Wanted | None = None
    ) -> PatternViolation | None:
        """Note and return the violation that a service without a halt guard is."""
        if validate_halt_guard_injection(service, guard=guard, root=self.root):
            return None
        owner = service if isinstance(service, type) else type(service)
        return self._note("PV-003", f"{owner.__qualname__} neither is nor was given a halt guard")

    def _note(self, rule_id: str, description: str) -> PatternViolation:
        remedy = rule_class(rule_id).remedy
        violation = PatternViolation(rule_id, _caller(self.root), description, remedy)
        self.violations.append(violation)
        return violation


# What is wanted.


def _wanted(rule_id: str, given: Wanted | None, root: str | None) -> tuple[type | str, ...]:
    """Return the classes that a rule wants, given or from the settings."""
    if given is None:
        return (_configured(rule_id, root or find_root(os.getcwd())),)
    return (given,) if isinstance(given, (type, str)) else tuple(given)


@functools.cache
def _configured(rule_id: str, root: str) -> str:
    from failtrack_guard.settings import load

    option = _OPTIONS[rule_id]
    for active in load(root).active:
        if active.id == rule_id:
            return str(active.options[option])
    file = os.path.join(root, "pyproject.toml")
    raise ConfigError(
        f"{file}: [tool.failtrack.guard.{rule_id}] does not say its {option}, or the rule is "
        "switched off; add it, or name the class in the call",
        slug="rule-options",
    )


def _is_instance(value: Any, wanted: tuple[type | str, ...]) -> bool:
    # A mock with a specification tells its class apart from its type.
    return any(_is_class(one, wanted) for one in {type(value), _told_class(value)})


def _told_class(value: Any) -> type:
    try:
        told = value.__class__
    except Exception:  # whatever a value raises, it is of its type
        return type(value)
    return told if isinstance(told, type) else type(value)


def _is_class(found: type, wanted: tuple[type | str, ...]) -> bool:
    """Return whether a class is one that is wanted, or inherits it."""
    return any(_is_one(base, one) for base in found.__mro__ for one in wanted)


def _is_one(base: type, wanted: type | str) -> bool:
    if isinstance(wanted, type):
        return base is wanted
    return matches(f"{base.__module__}.{base.__qualname__}", wanted) or base is _loaded(wanted)


def _loaded(dotted: str) -> object:
    """Return what a dotted name stands for, as far as it is imported already; else None."""
    parts = dotted.split(".")
    for length in range(len(parts) - 1, 0, -1):
        found: object = sys.modules.get(".".join(parts[:length]))
        if found is not None:
            for part in parts[length:]:
                found = inspect.getattr_static(found, part, None)
            # A new type is the type below it while code runs.
            return getattr(found, "__supertype__", found)
    return None


# What a service was given.


def _attributes(service: Any) -> Iterator[tuple[str, Any]]:
    """Yield what an instance holds, without running its properties."""
    yield from getattr(service, "__dict__", {}).items()
    for base in type(service).__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            slot = base.__dict__.get(name)
            if isinstance(slot, types.MemberDescriptorType):
                try:
                    yield name, slot.__get__(service)
                except AttributeError:  # never set
                    continue


def _guarded_parameters(owner: type, wanted: tuple[type | str, ...]) -> Iterator[str]:
    """Yield the parameters of a class's constructor that are annotated with what is wanted."""
    for name in ("__init__", "__new__"):
        constructor = getattr(owner, name, None)
        if not isinstance(constructor, types.FunctionType):
            continue
        try:
            annotations = typing.get_type_hints(constructor)
        except Exception:  # a name in them is there for type checkers only
            annotations = dict(constructor.__annotations__)
        for parameter, annotation in annotations.items():
            if parameter != "return" and _means(annotation, constructor, wanted):
                yield parameter


def _means(
    annotation: Any, constructor: types.FunctionType, wanted: tuple[type | str, ...]
) -> bool:
    """Return whether an annotation is a class that is wanted, or a union with one."""
    if isinstance(annotation, type) and not typing.get_origin(annotation):
        return _is_class(annotation, wanted)
    if isinstance(annotation, str):
        return any(
            _text_means(name, constructor, wanted)
            for name in re.findall(r"[^\W\d][\w.]*", annotation)
        )
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return any(_means(one, constructor, wanted) for one in typing.get_args(annotation))
    return False


def _text_means(name: str, constructor: types.FunctionType, wanted: tuple[type | str, ...]) -> bool:
    first, *rest = name.split(".")
    found = constructor.__globals__.get(first)
    for part in rest:
        found = inspect.getattr_static(found, part, None) if found is not None else None
    if isinstance(found, type):
        return _is_class(found, wanted)
    # Imported for type checkers only: its own name is all there is.
    last = name.rpartition(".")[2]
    return found is None and any(
        last == (one.rpartition(".")[2] if isinstance(one, str) else one.__name__) for one in wanted
    )


# What is told.


def _shown(value: Any) -> str:
    """Return a value in few characters, with its type."""
    try:
        text = repr(value)
    except Exception:  # whatever a value raises, the violation is told
        text = "a value"
    if len(text) > SHOWN_MAX_CHARS:
        text = f"{text[: SHOWN_MAX_CHARS - 3]}..."
    return f"{text} ({type(value).__qualname__})"


def _caller(root: str) -> str:
    """Return `path:line` of the code that asked, relative to a folder where it lies in it."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_OWN):
        frame = frame.f_back
    if frame is None:
        return "?"
    file = frame.f_code.co_filename
    prefix = root.rstrip(os.sep) + os.sep
    shown = file[len(prefix) :] if file.startswith(prefix) else file
    return f"{shown.replace(os.sep, '/')}:{frame.f_lineno}"


_OWN = ("failtrack_guard.", "pytest_failtrack.")
