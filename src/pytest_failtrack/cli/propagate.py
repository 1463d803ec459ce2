"""`failtrack propagate`: whether other repositories should hear of a failure, and how they do."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from pytest_failtrack.cli.evidence.reading import shown_path
from pytest_failtrack.cli.options import places, settings_from
from pytest_failtrack.cli.record.desk import Desk
from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import InputError
from pytest_failtrack.learning import propagation
from pytest_failtrack.learning.propagation import QUESTIONS, STATUSES, STEPS, Propagation
from pytest_failtrack.sinks.plain import plain


@click.command("propagate")
@click.argument("failure", metavar="ID", required=False)
@click.option("--check", is_flag=True, help="Answer the four questions whether it is propagated.")
@click.option(
    "--answer",
    "answers",
    metavar="NAME=yes|no",
    multiple=True,
    help="An answer for --check: " + ", ".join(QUESTIONS) + ".",
)
@click.option("--step", type=click.Choice(list(STEPS)[:-1]), help="Mark a step as done.")
@click.option("--not-applicable", is_flag=True, help="The step does not apply (canon alone).")
@click.option("--status", type=click.Choice(STATUSES), help="Set the propagation status.")
@click.option("--export", type=click.Path(path_type=Path), help="Write a bundle for others.")
@click.option(
    "--import", "import_", type=click.Path(path_type=Path), help="Take in a bundle of others."
)
@click.option("--by", metavar="NAME", help="Who does it [default: the CI's account, else git's].")
@click.option("--note", metavar="TEXT", default="", help="What to remember of it.")
@places
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def command(
    failure: str | None,
    check: bool,
    answers: tuple[str, ...],
    step: str | None,
    not_applicable: bool,
    status: str | None,
    export: Path | None,
    import_: Path | None,
    by: str | None,
    note: str,
    dir_: str | None,
    state: str | None,
    history: str | None,
    as_json: bool,
) -> None:
    """Bring what was learned of a failure to other repositories.

    Without options, the seven steps of its propagation are shown. It is propagated when the four
    questions of --check are all answered with yes. --export writes a bundle with the record, its
    guard rules, its catalog entry, tests and known-bad case; --import takes one in, in the other
    repository. A bundle that is taken in is never run, and replaces nothing.

    \b
    Example:
      failtrack propagate 0b9c7d1e --export customer-id.zip
      failtrack propagate --import customer-id.zip
    """
    chosen = [
        name
        for name, given in (
            ("--check", check or answers),
            ("--step", step),
            ("--status", status),
            ("--export", export),
            ("--import", import_),
        )
        if given
    ]
    if len(chosen) > 1:
        raise InputError(f"{' and '.join(chosen)}: one at a time")
    if import_ is not None:
        if failure is not None:
            raise InputError("--import takes the record from the bundle; leave the ID out")
        _import(settings_from(dir=dir_, state=state, history=history), import_, as_json)
        return
    if failure is None:
        raise InputError("name a record: `failtrack propagate ID`; `failtrack list` prints them")
    work = _Work(
        Desk.of(failure, dir_=dir_, state=state, history=history, by=by, note=note, as_json=as_json)
    )
    if check or answers:
        work.check(answers)
    elif step is not None:
        work.mark(step, applies=not not_applicable)
    elif status is not None:
        work.set_status(status)
    elif export is not None:
        work.export(export, as_json)
        return
    elif not_applicable:
        raise InputError("--not-applicable needs --step")
    work.show(as_json)


class _Work:
    """What one call does with one record."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @property
    def found(self) -> Propagation:
        """How far it has come."""
        return propagation.propagation_of(self.desk.record, self.desk.changes())

    def check(self, given: tuple[str, ...]) -> None:
        """Store answers to the four questions; ask for those that are missing."""
        answers = dict(map(propagation.parse_answer, given))
        known = {**self.found.answers, **answers}
        if not given and sys.stdin.isatty():
            for name, question in QUESTIONS.items():
                answers[name] = click.confirm(question, default=known.get(name))
            known |= answers
        if not answers:
            return
        if all(name in known for name in QUESTIONS):
            is_changed = self.desk.change(
                lambda record: propagation.answered(record, known),
                action=propagation.CHECK,
                answers=answers,
            )
            if is_changed:
                return
        self.desk.event(action=propagation.CHECK, answers=answers)

    def mark(self, step: str, *, applies: bool) -> None:
        """Mark a step as done, or as one that does not apply."""
        if not applies:
            propagation.require_optional(step)
        self.desk.event(action=propagation.STEP, step=step, applies=applies)
        learning = self.desk.record["learning"]
        if learning["propagation_required"] and learning["propagation_status"] == "PENDING":
            self.set_status("IN_PROGRESS")

    def set_status(self, status: str) -> None:
        """Set the status, when the steps before it are done."""
        found = self.found
        self.desk.change(
            lambda record: propagation.with_status(record, found, status),
            action=propagation.STATUS,
        )

    def export(self, path: Path, as_json: bool) -> None:
        """Write the bundle; a file that is there is never replaced."""
        import hashlib

        from pytest_failtrack.learning import bundle

        files = bundle.contents(self.desk.settings, self.desk.record)
        content = bundle.packed(files)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError:
            raise InputError(
                f"{path} is there already; move it away, or name another file"
            ) from None
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror}") from None
        digest = hashlib.sha256(content).hexdigest()
        self.desk.event(action=propagation.EXPORT, bundle=path.name, sha256=digest)
        listed = json.loads(files[bundle.MANIFEST])["files"]
        redacted = [one["path"] for one in listed if one["redacted"]]
        if as_json:
            answer = {"bundle": str(path), "sha256": digest, "files": list(files)}
            click.echo(json.dumps({**answer, "redacted": redacted}, indent=2))
            return
        lines = [f"wrote {path}, SHA-256 {digest}", *(f"  {name}" for name in files)]
        lines += [f"secrets were removed from {', '.join(redacted)}"] if redacted else []
        lines += [f"next: failtrack propagate --import {path.name}   (in the other repository)"]
        Screen.of_stdout().write(map(plain, lines))

    def show(self, as_json: bool) -> None:
        """Print how far it has come."""
        found = self.found
        if as_json:
            answer = {"failure_id": self.desk.failure_id, **found.to_dict()}
            click.echo(json.dumps(answer, indent=2))
            return
        screen = Screen.of_stdout()
        lines = _lines(found, self.desk.word)
        screen.write(plain(line, unicode=screen.unicode) if line else "" for line in lines)


def _lines(found: Propagation, word: str) -> Iterator[str]:
    """Yield the questions with their answers, the steps, and what comes next."""
    said = {True: "yes", False: "no", None: "?"}
    for name, question in QUESTIONS.items():
        yield f"{said[found.answers.get(name)]:<4} {name:<17} {question}"
    yield ""
    for name, what in STEPS.items():
        mark = found.done.get(name)
        sign = "[ ]" if mark is None else "[x]" if mark.applies else "[-]"
        told = "" if mark is None else f"  ({', '.join(filter(None, (mark.by, mark.note)))})"
        yield f"{sign} {name:<9} {what}{told}"
    yield ""
    yield f"required: {said[found.required]}   status: {found.status or 'none'}"
    yield f"next: {_next(found, word)}"


def _next(found: Propagation, word: str) -> str:
    if found.unanswered:
        missing = " ".join(f"--answer {name}=yes" for name in found.unanswered)
        return f"failtrack propagate {word} --check {missing}   (or =no)"
    if not found.required:
        return "nothing: it stays in this repository"
    if found.status == "COMPLETE":
        return "nothing: it is complete"
    if found.missing:
        return f"failtrack propagate {word} --step {found.missing[0]} --note '...'"
    return f"failtrack propagate {word} --status COMPLETE"


def _import(settings: Settings, path: Path, as_json: bool) -> None:
    from pytest_failtrack.learning import bundle

    held = bundle.unpacked(path)
    folder, is_new = bundle.imported(held, settings)
    shown = shown_path(folder, settings.root)
    steps = list(_to_do(held.manifest, held.files, shown))
    if as_json:
        answer = {
            "failure_id": held.failure_id,
            "repository": held.manifest["repository"],
            "folder": shown,
            "is_new": is_new,
            "next": steps,
        }
        click.echo(json.dumps(answer, indent=2))
        return
    screen = Screen.of_stdout()
    record = held.record
    told = [
        f"{shown}: {'taken in' if is_new else 'was there already, unchanged'}"
        f", from {held.manifest['repository'] or 'an unnamed repository'}",
        f"failure     {record['failure_description']['error_message']}",
        f"root cause  {record['root_cause']['root_cause_summary'] or 'not told'}",
        *(f"lesson      {one}" for one in record["learning"]["lessons_learned"]),
        "",
        "what to do now; nothing of it was run, and nothing else was changed:",
        *(f"{number}. {step}" for number, step in enumerate(steps, 1)),
    ]
    screen.write(plain(line, unicode=screen.unicode) if line else "" for line in told)


def _to_do(manifest: Mapping[str, object], files: Mapping[str, bytes], shown: str) -> Iterator[str]:
    """Yield what a person does with a bundle, one sentence each."""
    from pytest_failtrack.learning import bundle

    if bundle.GUARD_FILE in files:
        yield (
            f"add {shown}/{bundle.GUARD_FILE} to pyproject.toml, in the names of this project, and"
            " run `failtrack-guard check`"
        )
    if bundle.CATALOG_FILE in files:
        yield (
            f"add {shown}/{bundle.CATALOG_FILE} to governance/catalog.toml, and run `failtrack"
            " catalog test`"
        )
    tests = [name for name in files if name.startswith(bundle.FILES) and ".py" in name]
    if tests:
        yield f"write the tests anew for this project; theirs: {shown}/{tests[0]}"
    if any(name.startswith(bundle.KNOWN_BAD) for name in files):
        yield (
            f"read {shown}/{bundle.KNOWN_BAD} before you use it: it is code of another repository,"
            " and `failtrack verify` runs tests on it"
        )
    names = manifest["preconditions"]
    rules = (
        [one for one in names if str(one).startswith("guard:")] if isinstance(names, list) else []
    )
    if rules and bundle.GUARD_FILE not in files:
        yield f"look whether {', '.join(map(str, rules))} can run here: `failtrack-guard rules`"
    yield "tell the repository that it came from, which marks `--step verify`"
