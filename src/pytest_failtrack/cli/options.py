"""Options that several commands share, and the settings made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from pytest_failtrack.config import Settings, load
from pytest_failtrack.observe.redact import Redactor

F = TypeVar("F", bound=Callable[..., Any])


def places(command: F) -> F:
    """Add `--dir`, `--state` and `--history`, the words by which every command finds its places."""
    command = click.option("--history", metavar="URL", help="History index or database.")(command)
    command = click.option("--state", metavar="DIR", help="Local state [default: .failtrack].")(
        command
    )
    return click.option(
        "--dir",
        "dir_",
        metavar="DIR",
        help="Evidence [default: governance/events/failures].",
    )(command)


def reports(command: F) -> F:
    """Add what the readers of reports and logs are told: `--coverage-min` and `--exit-status`."""
    command = click.option(
        "--exit-status",
        metavar="N",
        type=int,
        help="How the command of a plain log ended; 0 is a success, whatever the log says.",
    )(command)
    return click.option(
        "--coverage-min",
        metavar="PERCENT",
        type=click.FloatRange(0, 100),
        help="Least coverage that is wanted, for coverage reports.",
    )(command)


def signed_as(command: F) -> F:
    """Add `--workflow`, `--job` and `--step`, the parts of a signature beside the token."""
    for name in ("step", "job", "workflow"):
        help_ = f"{name.capitalize()}, as in signatures."
        command = click.option(f"--{name}", metavar="NAME", help=help_)(command)
    return command


def part_of(what: str) -> Callable[[F], F]:
    """Add `--build` and `--leg`: which build it is a part of, and which leg of its matrix.

    Args:
        what: Who is a part of the build, in the help: `the failures are`.
    """

    def add(command: F) -> F:
        command = click.option("--leg", metavar="NAME", help="Leg of the CI's matrix.")(command)
        help_ = f"Build that {what} a part of."
        return click.option("--build", metavar="ID", help=help_)(command)

    return add


def settings_from(**options: str | None) -> Settings:
    """Return the settings for a command; options that are None are looked up elsewhere.

    Args:
        options: Values by setting name (`dir`, `state`, `history`, `build`, `job`, ...).

    Raises:
        ConfigError: The configuration cannot be used.
    """
    settings = load({name: value for name, value in options.items() if value is not None})
    return settings.redacted(Redactor.of(settings.table))
