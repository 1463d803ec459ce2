"""The lines of a CI's log as the commands printed them; `from_ci_log.py` asks.

GitHub Actions, GitLab CI and Jenkins put times, marks and escapes around each line, show the
commands that they are about to run, and say in words of their own how a job ended. What commands
printed keeps its indentation: tracebacks are read by it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from pytest_failtrack.frozen import frozen, replaced
from pytest_failtrack.lazily import lazily
from pytest_failtrack.observe.logs.line import last_state

LINE_MAX_CHARS = 4_000

_STAMP = lazily(
    r"\ufeff?(?:"
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,7}Z(?: \d\d[OE][+ ]| |$)"  # GitHub, GitLab
    r"|\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z\](?: |$)"  # Jenkins
    r"|\d{1,2}:\d\d:\d\d [AP]M:(?: |$)"  # Netlify
    r"|\d\d:\d\d:\d\d(?:\.\d{3})?(?:  ?(?=\S|  )|\t| {0,2}$)"  # Jenkins, Cloudflare
    r")"
)
_SECTION = lazily(r"section_(?:start|end):\d{1,20}:[\w.-]{1,200}(?:\[[^\]\n]{0,200}\])?\r?")
_GH_VIEW = lazily(
    r"(?P<job>[^\t\n]{1,300}?)(?:\t| {2,16})(?P<step>[^\t\n]{1,300}?)(?:\t| {2,16})"  # or pasted
    r"(?P<rest>\ufeff?\d{4}-\d\d-\d\dT.*)$"
)
_ENDED = lazily(
    r"(?:##\[error\]|Error: )?Process completed with exit code (?P<github>\d{1,10})\."
    r"|ERROR: Job failed: (?:command terminated with )?exit (?:code|status) (?P<gitlab>\d{1,10})"
    r"|ERROR: script returned exit code (?P<jenkins>-?\d{1,10})"
    r"|##\[error\](?:Bash|Cmd\.exe|PowerShell) exited with code '?(?P<azure>\d{1,10})"
    r"|🚨 Error: The command exited with status (?P<buildkite>\d{1,10})"
    r"|user command error: exit status (?P<agent>\d{1,10})"
    r"|Exited with code exit status (?P<circle>\d{1,10})"
    r"|Failed during stage .{1,60}: Build script returned non-zero exit code: (?P<netlify>\d{1,10})"
    r"|The command \"[^\"]{1,300}\" (?:exited with|failed and exited with) (?P<travis>\d{1,10})"
)
_SUCCEEDED = lazily(r"Job succeeded$|Finished: SUCCESS$|##\[section\]Finishing: .{0,100}succeeded")
_FAILED = lazily(
    r"Finished: (?:FAILURE|UNSTABLE|ABORTED)$|ERROR: Job failed\b"
    r"|##\[error\]The (?:operation was canceled|job running on |runner has |hosted runner)"
)
_COMMAND = lazily(r"(?:##\[group\]Run |\$ |\+ )(?P<command>\S.{0,400})$")
_OF_SERVICE = lazily(
    r"\[Pipeline\]| > git |Finished: |Started by |Running on |Build step '.{0,200}' marked build as"
    r"|ERROR: script returned exit code "
    r"|Failing build: Failed to build site|Build failed due to a user error: "  # Netlify
)


_COMMAND_BEGINS = frozenset("#$+")
_GROUP, _GROUP_END = "##[group]", "##[endgroup]"
_GROUP_RUN = "##[group]Run "
_SHELL = "shell: "
_INPUTS = (_SHELL, "with:", "env:")
_ACTION = lazily(r"[\w.-]{1,100}/[\w./-]{1,200}@")
_NEAR = ("./", "docker://")
# A step's command, inputs and environment are shown in its first group.
STEP_LINES = 200
_STAMP_BEGINS = frozenset("0123456789[\ufeff")


@frozen
class Part:
    """The log of a job, a step, or all there is.

    Args:
        lines: What commands printed, without times, escapes and marks of the service.
        job: Job, `` when the log does not say it.
        step: Step, `` when the log does not say it.
        commands: The command that each line follows, by the number of its first line.
        exit_status: Status that the service told, None when it told none.
        is_green: The service marks errors in its logs, and has marked none here.
        has_succeeded: The service says that all went well.
        has_failed: The service says that it did not, with a status or without.
    """

    lines: tuple[str, ...]
    job: str = ""
    step: str = ""
    commands: tuple[tuple[int, str], ...] = ()
    exit_status: int | None = None
    is_green: bool = False
    has_succeeded: bool = False
    has_failed: bool = False

    def command_before(self, number: int) -> str:
        """Return the command whose output holds a line, `` when none was shown."""
        before = [command for at, command in self.commands if at <= number]
        return before[-1] if before else ""


def parts_of(text: str) -> list[Part]:
    """Return the parts of a log: one, or one a step of what GitHub hands out.

    The steps of a raw log have no names, but each begins with its command. Those before the one
    that ended with a status have succeeded, or were allowed to fail.
    """
    by_step: dict[tuple[str, str], list[str]] = {}
    lines = text.split("\n")
    seen = [_GH_VIEW.match(line.rstrip("\r")) for line in lines[:50]]
    if sum(one is not None for one in seen) < max(1, sum(bool(one.strip()) for one in lines[:50])):
        steps = [(_part(one, is_step=True), _is_action(one)) for one in _steps(lines)]
        ended = [is_action for one, is_action in steps if one.exit_status is not None]
        # Only a shell ends with a status: another step that seems to was pasted without its own.
        if len(steps) == 1 or not ended or any(ended):
            return [_part(lines)]
        return [_of_action(one) if is_action else _of_shell(one) for one, is_action in steps]
    for line in lines:
        found = _GH_VIEW.match(line.rstrip("\r"))
        if found:
            by_step.setdefault((found["job"], found["step"]), []).append(found["rest"])
    return [_part(found, job, step) for (job, step), found in by_step.items()]


def _steps(lines: list[str]) -> list[list[str]]:
    """Return the lines of each step of a raw log of GitHub; all lines where none is told."""
    starts = [
        at
        for at, line in enumerate(lines)
        if _GROUP_RUN in line and _is_step([_unstamped(one) for one in lines[at : at + STEP_LINES]])
    ]
    ends = [*starts, len(lines)]
    return [lines[start:end] for start, end in zip([0, *starts], ends, strict=True)]


def _is_step(lines: list[str]) -> bool:
    """Return whether a step begins here: its command, then its shell or its inputs."""
    if not lines[0].startswith(_GROUP_RUN):
        return False
    is_published = _ACTION.match(lines[0].removeprefix(_GROUP_RUN)) is not None
    return is_published or any(one.startswith(_INPUTS) for one in _head(lines))


def _head(lines: list[str]) -> Iterator[str]:
    """Yield what is shown of a step below its command: script, shell, inputs, environment."""
    return itertools.takewhile(lambda one: not one.startswith(_GROUP_END), lines[1:])


def _is_action(step: list[str]) -> bool:
    """Return whether a step runs an action, published or of the checkout, and no shell."""
    lines = [_unstamped(one) for one in step[:STEP_LINES]]
    if not lines or not lines[0].startswith(_GROUP_RUN):
        return False
    command = lines[0].removeprefix(_GROUP_RUN)
    is_near = command.startswith(_NEAR) and not any(one.startswith(_SHELL) for one in _head(lines))
    return is_near or _ACTION.match(command) is not None


def _of_action(part: Part) -> Part:
    """Return a step that ran an action: it failed when an error is the last that it says."""
    said = [one for one in itertools.takewhile(_is_of_step, part.lines) if one.strip()]
    return replaced(part, has_failed=part.has_failed or any(map(_is_marked, said[-1:])))


def _is_of_step(line: str) -> bool:
    return not line.startswith("Post job cleanup.")


def _is_marked(line: str) -> bool:
    return line.startswith("##[error]")


def _of_shell(part: Part) -> Part:
    """Return a step that ran a shell: it failed with a status, whatever was marked in it."""
    return replaced(part, is_green=part.exit_status is None and not part.has_failed)


def _unstamped(line: str) -> str:
    stamp = _STAMP.match(line)
    return line[stamp.end() :].rstrip("\r") if stamp else line.rstrip("\r")


def _part(lines: list[str], job: str = "", step: str = "", *, is_step: bool = False) -> Part:
    kept: list[str] = []
    commands: list[tuple[int, str]] = []
    status: int | None = None
    # What failed may be caught and go on; a job that failed has, whatever others say before it.
    has_succeeded = has_failed = is_lost = False
    is_github, is_marked = bool(job), False
    for line, is_echo in _cleaned(lines):
        is_github = is_github or line.startswith(_GROUP_RUN)
        is_marked = is_marked or _is_marked(line)
        ended = _ENDED.match(line.strip()) if " exit" in line else None
        if ended:
            told = int(next(one for one in ended.groups() if one is not None))
            status = told if told else status
            has_failed = has_failed or bool(told)
            has_succeeded = has_succeeded and not told
            is_lost = is_lost or bool(ended["gitlab"] and told)
            continue
        has_succeeded = has_succeeded or _SUCCEEDED.match(line) is not None
        is_lost = is_lost or _FAILED.match(line) is not None
        command = _COMMAND.match(line) if line[:1] in _COMMAND_BEGINS else None
        if command and is_step and commands and line.startswith(_GROUP_RUN):
            command = None  # a group of its own output
        if command:
            commands.append((len(kept), command["command"].strip()))
        if not (is_echo or command or _OF_SERVICE.match(line)):
            kept.append(line)
    is_green = is_github and not is_marked
    return Part(
        tuple(kept),
        job,
        step,
        tuple(commands),
        status,
        is_green and not is_lost,
        has_succeeded and not is_lost,
        has_failed or is_lost,
    )


def _cleaned(lines: list[str]) -> Iterator[tuple[str, bool]]:
    """Yield each line as it was printed, and whether the service only echoes a command in it."""
    is_echo = False
    for number, raw in enumerate(lines):
        line = raw[: 4 * LINE_MAX_CHARS].rstrip("\r")
        # A log has millions of lines; most need none of this.
        if line[:1] in _STAMP_BEGINS:
            stamp = _STAMP.match(line)
            line = line[stamp.end() :] if stamp else line
        if not line.isprintable():
            line = last_state(_SECTION.sub("", line))
        line = line[:LINE_MAX_CHARS].rstrip()
        if line.startswith(_GROUP_RUN):
            # What was pasted may have lost the end of the group.
            following = (lines[at] for at in range(number + 1, len(lines)))
            mark = next((one for one in following if _GROUP_END in one or _GROUP in one), "")
            is_echo = _GROUP_END in mark
            yield line, False
        elif line.startswith(_GROUP):
            is_echo = False
            yield line, False
        elif line.startswith(_GROUP_END):
            is_echo = False
        else:
            yield line, is_echo
