"""`failtrack docs`: pages that are made of what the project knows."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from pytest_failtrack.cli.evidence.reading import Evidence, report_problems
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.errors import InputError
from pytest_failtrack.history.files import write_output

EXIT_DIFFERS = 1


@click.group("docs")
def command() -> None:
    """Write pages of documentation that are made of rules and records.

    \b
    Example:
      failtrack docs anti-patterns --output docs/anti-patterns.md
    """


@command.command("anti-patterns")
@places
@click.option("--output", type=click.Path(path_type=Path), help="File [default: print it].")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when --output differs.")
@click.option("--all-rules", is_flag=True, help="Tell also of rules that do not run here.")
@click.pass_context
def anti_patterns(
    context: click.Context,
    dir_: str | None,
    state: str | None,
    history: str | None,
    output: Path | None,
    check: bool,
    all_rules: bool,
) -> None:
    """Write the page of anti-patterns: what the guard refuses, and what has failed here.

    It holds the good and bad cases of the guard's rules that run here, and the lessons, causes and
    preventions of records that are RESOLVED or PREVENTED. The same rules and records give the same
    page.

    \b
    Example:
      failtrack docs anti-patterns --output docs/anti-patterns.md
    """
    from pytest_failtrack.learning.anti_patterns import page, rules_of

    settings = settings_from(dir=dir_, state=state, history=history)
    evidence = Evidence.of(settings)
    text = page(rules_of(settings.root, all_rules=all_rules), evidence.records())
    report_problems(evidence)
    if output is None:
        if check:
            raise InputError("--check compares with a file: name it by --output")
        click.echo(text, nl=False)
        return
    written = _written(output)
    if check:
        before, after = written.splitlines(keepends=True), text.splitlines(keepends=True)
        differing = difflib.unified_diff(before, after, str(output), "rules and records")
        click.echo("".join(differing), nl=False)
        if written != text:
            context.exit(EXIT_DIFFERS)
        return
    write_output(output, text.encode("utf-8", "backslashreplace"))
    click.echo(f"failtrack: wrote {output}", err=True)


def _written(output: Path) -> str:
    """Return what stands in the file; one that people wrote is never replaced."""
    from pytest_failtrack.learning.anti_patterns import MARK

    if output.exists() and not output.is_file() and not output.is_dir():
        return ""  # a pipe or a device: nothing stands there, and reading could wait for ever
    try:
        text = output.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{output} cannot be read: {error}") from None
    if text and not text.startswith(MARK):
        raise InputError(
            f"{output} was not made by this command, and is not replaced; name another file"
        )
    return text
