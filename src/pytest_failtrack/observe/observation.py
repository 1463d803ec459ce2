"""Observations: what was seen to happen, as plain values; every `from_*` reader makes them.

An observation is redacted before it is made, bounded in size, and free of opinions: which failure
it is, of what kind and whose, is said by the stages to the right. The journal holds observations
as JSON, one a line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, field
from typing import Any

from pytest_failtrack.frozen import frozen


@frozen
class Frame:
    """One line of a traceback.

    Args:
        file: Path relative to the root with `/`, or a shortened path outside of it.
        line: Line number, from 1; 0 when it is not known.
        function: Name of the function, `<module>` at module level.
        is_project: The file lies under the root and in no installed-packages folder.
        is_test: The file is test code (a test module, a conftest).
    """

    file: str
    line: int
    function: str
    is_project: bool = False
    is_test: bool = False


@frozen
class Raised:
    """One exception of a chain.

    Args:
        type: Qualified name; builtins without module (`ValueError`, `shop.errors.OutOfStock`).
        message: Its text, redacted and bounded; what its `__str__` raised when it raised.
        frames: Innermost last, at most `bounds.FRAMES_MAX`, the innermost kept.
        link: How it follows from the one before it: `` (the outermost), `cause`, `context`,
            or `group` for a member of an ExceptionGroup.
    """

    type: str
    message: str
    frames: tuple[Frame, ...] = ()
    link: str = ""

    @property
    def own_frame(self) -> Frame | None:
        """The innermost frame of the project or of its tests, None where it never was there."""
        own = (one for one in reversed(self.frames) if one.is_project or one.is_test)
        return next(own, None)


@frozen
class Observation:
    """One failure, or one other outcome that matters (a flaky pass), as it was seen.

    Args:
        source: Who saw it: `pytest`, `command`, `guard`, or the kind of the file that was read:
            `junit`, `reportlog`, `json-report`, `go-test`, `jobs`, `log`, `sarif`, `coverage`.
        when: `collect`, `setup`, `call`, `teardown`, `import`, `command`, `session`.
        nodeid: Node id of the test or collector; the command line for a command; `` for a session.
        outcome: `failed` (an assertion or exception in the call), `error` (anywhere else),
            `crashed` (the process died), `rerun` (a failed attempt that was run again),
            `flaky` (failed, then passed), `xpassed` (strict xfail that passed), `debt`, `expired`.
        exceptions: The chain, outermost first; what was raised last comes first.
        file: Where the failure shows, relative to the root; `` when it is not known.
        line: Line there, from 1.
        text: What pytest or the command printed about it, bounded, redacted.
        captured: Tails of captured output by name (`stdout`, `stderr`, `log`).
        attempt: 1 for the first run of this test in this session, 2 for its first rerun.
        worker: xdist worker such as `gw0`, `` in a plain process.
        duration_seconds: How long the phase took.
        timestamp: ISO 8601, UTC, when it was seen.
        exit_status: Exit status of the process, when one ended.
        signal: Name of the signal that ended the process, such as `SIGKILL`.
        markers: Names of the test's markers.
        component: What a `component` marker says, else ``.
        position: 0, or the place among failures of the same test, phase and attempt (subtests).
        subject: Name of a subtest or of a debt item's kind, ``.
        is_truncated: Something was longer than its bound and was cut.
        workflow: Workflow that it came from, where its source says so, else ``.
        job: Job, without the leg of its matrix, where its source says so, else ``.
        step: First failing step of that job, else ``.
        after: Node id of the test that ran before it in the same process, `` for none and where
            nobody saw it.
        told: What its source itself says of the kind of failure, by the names of
            `classify.amend.FIELDS`; empty for all sources but a checker that knows its rules.
    """

    source: str
    when: str
    nodeid: str
    outcome: str
    exceptions: tuple[Raised, ...] = ()
    file: str = ""
    line: int | None = None
    text: str = ""
    captured: Mapping[str, str] = field(default_factory=dict)
    attempt: int = 1
    worker: str = ""
    duration_seconds: float = 0.0
    timestamp: str = ""
    exit_status: int | None = None
    signal: str = ""
    markers: tuple[str, ...] = ()
    component: str = ""
    position: int = 0
    subject: str = ""
    is_truncated: bool = False
    workflow: str = ""
    job: str = ""
    step: str = ""
    after: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the observation as plain JSON values."""
        return asdict(self)

    def to_json(self) -> str:
        """Return the observation as one line of ASCII JSON."""
        return json.dumps(self.to_dict(), separators=(",", ":"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Observation:
        """Return the observation that `to_dict` described; unknown keys are ignored.

        Raises:
            KeyError: One of the four keys without a default is missing.
        """
        raised = tuple(
            Raised(
                type=one["type"],
                message=one["message"],
                frames=tuple(Frame(**frame) for frame in one.get("frames", ())),
                link=one.get("link", ""),
            )
            for one in data.get("exceptions", ())
        )
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        known["exceptions"] = raised
        known["markers"] = tuple(known.get("markers", ()))
        for name in ("source", "when", "nodeid", "outcome"):
            known[name] = data[name]
        return cls(**known)
