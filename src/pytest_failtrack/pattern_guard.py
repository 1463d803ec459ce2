"""The fixture `pattern_guard`: a test holds values to PV-001, PV-002 and PV-003; see the plugin."""

from __future__ import annotations

import warnings
from typing import Any

from failtrack_guard.runtime import PatternViolation, PatternViolationService, Wanted


class PatternViolationError(AssertionError):
    """A pattern is broken in a test of a run with `failtrack_patterns = true`."""


class PatternViolationWarning(UserWarning):
    """A pattern is broken in a test of a run that goes on."""


class PatternGuard:
    """What the fixture gives to a test; each check returns whether the pattern is kept.

    Args:
        root: Folder of the project whose `[tool.failtrack.guard]` names the classes.
        fails: Whether a broken pattern fails the test; it is a warning otherwise.
    """

    def __init__(self, root: str, *, fails: bool) -> None:
        self.fails = fails
        self._service = PatternViolationService(root)

    @property
    def violations(self) -> list[PatternViolation]:
        """What was found in this test so far."""
        return self._service.violations

    def check_event_type(self, event_type: Any, *, enum: Wanted | None = None) -> bool:
        """Hold a value to PV-001: a member of the enum of event types.

        Args:
            event_type: Any value.
            enum: The enum; what `PV-001.enum` says by default.

        Raises:
            PatternViolationError: It is none, and that fails a test.
        """
        __tracebackhide__ = True
        return self._told(self._service.check_event_type(event_type, enum=enum))

    def check_content_ref(self, hash_value: Any, *, content_ref: Wanted | None = None) -> bool:
        """Hold a value to PV-002: a content reference; see `check_event_type`."""
        __tracebackhide__ = True
        return self._told(self._service.check_content_ref(hash_value, content_ref=content_ref))

    def check_halt_guard(self, service: Any, *, guard: Wanted | None = None) -> bool:
        """Hold a service, or its class, to PV-003: it has a halt guard; see `check_event_type`."""
        __tracebackhide__ = True
        return self._told(self._service.check_halt_guard(service, guard=guard))

    def _told(self, violation: PatternViolation | None) -> bool:
        __tracebackhide__ = True
        if violation is None:
            return True
        if self.fails:
            raise PatternViolationError(str(violation))
        warnings.warn(str(violation), PatternViolationWarning, stacklevel=3)
        return False
