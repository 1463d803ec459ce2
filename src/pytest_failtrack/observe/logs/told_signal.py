"""The signal that ended a process, as the shell or make that started it says; `failtrack run` asks.

They end with a status of their own, so that only what they print names it.
"""

from __future__ import annotations

import re

from pytest_failtrack.lazily import lazily

_NAMES = {
    "Hangup": "SIGHUP",
    "Quit": "SIGQUIT",
    "Illegal instruction": "SIGILL",
    "Aborted": "SIGABRT",
    "Bus error": "SIGBUS",
    "Floating point exception": "SIGFPE",
    "Killed": "SIGKILL",
    "Segmentation fault": "SIGSEGV",
    "Terminated": "SIGTERM",
}
_SAID = lazily(
    # bash: line 3:  8844 Killed    pytest / make: *** [Makefile:2: test] Terminated / Terminated
    r"^(?:\S{1,200}: (?:line \d{1,6}: )?\s{0,4}\d{1,9}\s"
    r"|g?make(?:\[\d+\])?: \*\*\* \[[^\n]{1,300}\] )?"
    rf"(?P<name>{'|'.join(_NAMES)})(?:: \d\d?)?(?=$|\s)(?! [a-z])",
    re.MULTILINE,
)


def told_signal(output: str) -> str:
    """Return the name of the signal that the end of an output tells of, `` when it tells of none.

    Args:
        output: End of what a command printed; the last line that tells wins.
    """
    found = [one["name"] for one in _SAID.finditer(output)]
    return _NAMES[found[-1]] if found else ""
