"""How CI services print the lines of a build: plain, GitHub Actions, GitLab CI, Jenkins."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone

RED, BOLD, RESET = "\x1b[31m", "\x1b[1m", "\x1b[0m"
COMMAND = "$ "
# What a history holds, and what must not be taken for an error of the build.
SUBJECTS = (
    "fix error handling in the importer (#12)",
    "cart: no failure when the basket is empty",
    "ERROR: say which file is missing",
    "Exception groups are shown with their members",
    "docs: what to do when the build failed",
)


def bar(dice: random.Random) -> str:
    """Return a progress bar as it is redrawn."""
    steps = sorted(dice.sample(range(1, 100), 4))
    return "".join(f"\r{one:3}% [{'#' * (one // 10):<10}]" for one in [*steps, 100])


def plain(lines: Sequence[str], dice: random.Random) -> str:
    """Return the lines as a terminal shows them."""
    return "\n".join(lines) + "\n"


def github(lines: Sequence[str], dice: random.Random) -> str:
    """Return the log of a GitHub Actions job."""
    out = [
        f"Current runner version: '2.3{dice.randrange(10, 30)}.0'",
        "##[group]Operating System",
        "Ubuntu",
        "24.04.3",
        "##[endgroup]",
        "Complete job name: build (3.11, error-tracking)",
        "##[group]Run actions/checkout@v4",
        "with:",
        "  fetch-depth: 1",
        "  show-progress: true",
        "##[endgroup]",
        "##[group]Fetching the repository",
        "[command]/usr/bin/git -c protocol.version=2 fetch --no-tags --prune --depth=1 origin",
        f"remote: Counting objects: {dice.randrange(100)}% (1/{dice.randrange(2, 900)})\r",
        "##[endgroup]",
        f"HEAD is now at {dice.randrange(16**7):07x} {dice.choice(SUBJECTS)}",
        "##[warning]The `set-output` command is deprecated; an error will follow in 2027.",
    ]
    for line in lines:
        if line.startswith(COMMAND):
            command = line.removeprefix(COMMAND)
            out += [f"##[group]Run {command}", f"\x1b[36;1m{command}\x1b[0m"]
            out += ["shell: /usr/bin/bash -e {0}", "env:", "  CI: true", "##[endgroup]"]
        else:
            out.append(_coloured(line, dice))
    out += [
        "##[error]Process completed with exit code 1.",
        "Post job cleanup.",
        "[command]/usr/bin/git version",
        '[command]/usr/bin/git submodule foreach --recursive sh -c "git config || :"',
        "Cleaning up orphan processes",
    ]
    clock = _clock(dice)
    return "".join(
        f"{clock():%Y-%m-%dT%H:%M:%S}.{dice.randrange(10**7):07}Z {one}\n" for one in out
    )


def gitlab(lines: Sequence[str], dice: random.Random) -> str:
    """Return the log of a GitLab CI job."""
    start = dice.randrange(1_700_000_000, 1_790_000_000)
    name = f"runner-{dice.randrange(10**6)}"
    out = [
        f"\x1b[0KRunning with gitlab-runner 17.{dice.randrange(9)}.0 (a1b2c3d{dice.randrange(10)})",
        f"\x1b[0K  on {name} sYst3mId, system ID: s_{dice.randrange(10**8)}",
        f"section_start:{start}:prepare_executor\r\x1b[0K\x1b[0K\x1b[36;1mPreparing the"
        ' "shell" executor\x1b[0;m\x1b[0;m',
        f"section_end:{start + 1}:prepare_executor\r\x1b[0K",
        f"section_start:{start + 1}:get_sources\r\x1b[0K\x1b[0K\x1b[36;1mGetting source from Git"
        " repository\x1b[0;m\x1b[0;m",
        "Fetching changes with git depth set to 20...",
        f"Checking out {dice.randrange(16**8):08x} as detached HEAD (ref is fix/error-messages)...",
        "Removing failed-tests/",
        f"section_end:{start + 2}:get_sources\r\x1b[0K",
        f"section_start:{start + 2}:step_script\r\x1b[0K\x1b[0K\x1b[36;1mExecuting"
        ' "step_script" stage of the job script\x1b[0;m\x1b[0;m',
    ]
    for line in lines:
        is_command = line.startswith(COMMAND)
        out.append(f"\x1b[32;1m{line}\x1b[0;m" if is_command else _coloured(line, dice))
    end = start + dice.randrange(10, 900)
    out += [
        f"section_end:{end}:step_script\r\x1b[0K",
        f"section_start:{end}:cleanup_file_variables\r\x1b[0KCleaning up project directory",
        f"section_end:{end + 1}:cleanup_file_variables\r\x1b[0K",
        "\x1b[31;1mERROR: Job failed: exit code 1",
        "\x1b[0;m",
    ]
    return "\n".join(out) + "\n"


def jenkins(lines: Sequence[str], dice: random.Random) -> str:
    """Return the log of a Jenkins pipeline with the time stamps of its plugin."""
    folder = f"/var/jenkins/workspace/app-{dice.randrange(100)}"
    out = [
        "Started by user ci",
        "[Pipeline] Start of Pipeline",
        "[Pipeline] node",
        f"Running on agent-{dice.randrange(50)} in {folder}",
        "[Pipeline] {",
        "[Pipeline] checkout",
        " > git rev-parse --verify HEAD # timeout=10",
        f"Checking out Revision {dice.randrange(16**8):08x} (refs/remotes/origin/main)",
        f'Commit message: "{dice.choice(SUBJECTS)}"',
        "[Pipeline] stage",
        "[Pipeline] { (Build)",
        "[Pipeline] sh",
    ]
    clock = _clock(dice)
    for line in lines:
        shown = f"+ {line.removeprefix(COMMAND)}" if line.startswith(COMMAND) else line
        stamp = f"[{clock():%Y-%m-%dT%H:%M:%S}.{dice.randrange(1000):03}Z]"
        out.append(f"{stamp} {shown}")
    out += [
        "[Pipeline] }",
        "[Pipeline] // stage",
        "[Pipeline] }",
        "[Pipeline] // node",
        "[Pipeline] End of Pipeline",
        "ERROR: script returned exit code 1",
        "Finished: FAILURE",
    ]
    return "\n".join(out) + "\n"


def _coloured(line: str, dice: random.Random) -> str:
    """Return a line as tools colour it when the CI asks for colours."""
    if "error" in line and dice.random() < 0.5:
        head, found, rest = line.partition("error")
        return f"{head}{RED}{BOLD}{found}{RESET}{rest}"
    return line


def _clock(dice: random.Random) -> Callable[[], datetime]:
    now = datetime(2026, dice.randrange(1, 12), dice.randrange(1, 28), tzinfo=timezone.utc)

    def tick() -> datetime:
        nonlocal now
        now += timedelta(milliseconds=dice.randrange(1, 900))
        return now

    return tick


DRESSINGS = (plain, github, gitlab, jenkins)
