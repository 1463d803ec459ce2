"""`failtrack catalog`: look at the failure catalog, prove it, add to it, and ask it why."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from pytest_failtrack.classify.catalog import Catalog, find_project_packages, load_catalog
from pytest_failtrack.classify.entry import OUTCOMES, WHENS, Entry
from pytest_failtrack.classify.own import (
    add_to_file,
    own_documents,
    own_file,
    read_file,
    toml_of,
)
from pytest_failtrack.classify.taxonomy import (
    MEANINGS,
    Category,
    RecoveryMode,
    Severity,
    Subcategory,
)
from pytest_failtrack.cli.options import settings_from
from pytest_failtrack.cli.screen import Screen
from pytest_failtrack.config import Settings
from pytest_failtrack.errors import ConfigError, InputError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.sinks.plain import cut, plain

EXIT_EXAMPLE_FAILED = 1
CATEGORIES = [one.value for one in Category]
SUBCATEGORIES = [one.value for one in Subcategory]
SHOWN_LOSERS = 8


@frozen
class Shelf:
    """The catalog of a project with the examples that belong to it.

    Args:
        catalog: All entries.
        examples: `example` and `counter_example` of each entry, by its id.
        own: Ids of entries that the project added or changed.
        changed: Those of them that ship with us.
    """

    catalog: Catalog
    examples: Mapping[str, Mapping[str, Any]]
    own: frozenset[str]
    changed: frozenset[str]

    @classmethod
    def of(cls, settings: Settings, documents: Iterable[Any] | None = None) -> Shelf:
        """Return the shelf of a project.

        Args:
            settings: Settings of the project.
            documents: Documents in place of what is configured.

        Raises:
            ConfigError: An entry of the project cannot be used.
        """
        from pytest_failtrack.classify.examples import load_examples

        if documents is None:
            documents = own_documents(settings.table.get("catalog", ()), settings.root)
        documents = list(documents)
        packages = find_project_packages(settings.root)
        catalog = load_catalog(documents, project_packages=packages)
        shipped = load_examples()
        examples: dict[str, Mapping[str, Any]] = dict(shipped)
        own = {one["id"]: one for one in _tables(documents)}
        for name, table in own.items():
            kept = {key: table[key] for key in ("example", "counter_example") if key in table}
            examples[name] = {**examples.get(name, {}), **kept}
        return cls(catalog, examples, frozenset(own), frozenset(own) & frozenset(shipped))

    def origin(self, entry_id: str) -> str:
        """Return who an entry comes from: `shipped`, `changed` by the project, or `project`."""
        if entry_id in self.changed:
            return "changed"
        return "project" if entry_id in self.own else "shipped"


def _tables(documents: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    for one in documents:
        if set(one) == {"entry"}:
            yield from _tables(one["entry"])
        else:
            yield one


@click.group("catalog", epilog="Example: failtrack catalog explain disk-full")
def command() -> None:
    """List, show, test, extend and question the failure catalog.

    The catalog says what failures look like and what they mean. A project adds entries of its own,
    or changes ours by their id: as tables of [[tool.failtrack.catalog]], in files that
    `catalog = ["FILE"]` names, or in governance/catalog.toml, which is read wherever it exists.
    """


# ------------------------------------------------------------------------------------------ list


@command.command("list", epilog="Example: failtrack catalog list --category INFRA docker")
@click.argument("words", nargs=-1, metavar="[TEXT]...")
@click.option("--category", type=click.Choice(CATEGORIES), help="Only entries of a category.")
@click.option(
    "--subcategory",
    type=click.Choice(SUBCATEGORIES),
    metavar="NAME",
    help="Only of a subcategory.",
)
@click.option("--failure-type", metavar="TYPE", help="Only of a failure type.")
@click.option("--own", "only_own", is_flag=True, help="Only what the project added or changed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def list_(
    words: tuple[str, ...],
    category: str | None,
    subcategory: str | None,
    failure_type: str | None,
    only_own: bool,
    as_json: bool,
) -> None:
    """List the entries, one a line; TEXT is looked for in all that an entry says."""
    shelf = Shelf.of(settings_from())
    found = [
        one
        for one in shelf.catalog.entries.values()
        if (category is None or one.category == category)
        and (subcategory is None or one.subcategory == subcategory)
        and (failure_type is None or one.failure_type == failure_type)
        and (not only_own or one.id in shelf.own)
        and _says(one, words)
    ]
    if as_json:
        click.echo(json.dumps([_as_json(one, shelf) for one in found], indent=2))
        return
    screen = Screen.of_stdout()
    screen.write([*_list_lines(found, shelf, screen), _counted(len(found), shelf)])


def _says(entry: Entry, words: tuple[str, ...]) -> bool:
    if not words:
        return True
    text = " ".join([*_grammar(entry).values(), entry.id, entry.title, entry.subcategory]).lower()
    return all(word.lower() in text for word in words)


def _list_lines(entries: list[Entry], shelf: Shelf, screen: Screen) -> Iterator[str]:
    width = max((len(one.id) for one in entries), default=0)
    kinds = max((len(one.subcategory) for one in entries), default=0)
    for one in entries:
        mark = " " if one.id not in shelf.own else "*"
        line = f"{mark} {one.id:<{width}}  {one.subcategory:<{kinds}}  {one.title}"
        yield cut(plain(line, unicode=screen.unicode), screen.width)


def _counted(count: int, shelf: Shelf) -> str:
    words = f"{count} of {len(shelf.catalog.entries)} entries"
    return f"{words}; * {len(shelf.own)} of the project" if shelf.own else words


# ------------------------------------------------------------------------------------------ show


@command.command("show", epilog="Example: failtrack catalog show disk-full")
@click.argument("entry_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def show(entry_id: str, as_json: bool) -> None:
    """Show one entry with its example and its counter-example."""
    shelf = Shelf.of(settings_from())
    entry = _entry(shelf, entry_id)
    if as_json:
        document = _as_json(entry, shelf) | dict(shelf.examples.get(entry.id, {}))
        click.echo(json.dumps(document, indent=2))
        return
    lines = [*_meaning_lines(entry, shelf), "", "matches"]
    lines += [f"  {name:<16} {said}" for name, said in _grammar(entry).items()]
    for name in ("example", "counter_example"):
        table = shelf.examples.get(entry.id, {}).get(name)
        if table:
            lines += ["", name.replace("_", "-"), f"  {_described(table)}"]
    _write(lines)


def _entry(shelf: Shelf, entry_id: str) -> Entry:
    found = shelf.catalog.entries.get(entry_id)
    if found is None:
        import difflib

        near = difflib.get_close_matches(entry_id, shelf.catalog.entries, n=3)
        hint = f"did you mean {', '.join(near)}?" if near else "`failtrack catalog list` has them"
        raise InputError(f"{entry_id!r} is no entry of the catalog; {hint}")
    return found


def _meaning_lines(entry: Entry, shelf: Shelf) -> list[str]:
    retry = "yes, as the matrix says" if entry.is_retryable else "no"
    meaning = MEANINGS[Subcategory(entry.subcategory)]
    lines = [
        f"{entry.id}  ({shelf.origin(entry.id)})",
        f"  {entry.title}",
        "",
        f"  kind             {entry.category} / {entry.subcategory}: {meaning}",
        f"  failure type     {entry.failure_type}",
        f"  severity         {entry.severity or 'by the general table'}",
        f"  confidence       {entry.confidence:.2f}",
        f"  retryable        {retry}",
        f"  recovery         {entry.recovery_mode}",
    ]
    return [*lines, f"                   {_suggestion(entry)}"]


def _suggestion(entry: Entry) -> str:
    from pytest_failtrack.classify.recovery import suggestion_of

    return suggestion_of(RecoveryMode(entry.recovery_mode), entry.recovery_suggestion)


def _grammar(entry: Entry) -> dict[str, str]:
    """Return what an entry looks at, by the names of its keys."""
    said = {
        "types": ", ".join(entry.types),
        "pairs": "; ".join(
            f"{', '.join(one.types)} with /{one.pattern.text}/" for one in entry.pairs
        ),
        "patterns": "; ".join(f"/{one.text}/" for one in entry.patterns),
        "exit_codes": ", ".join(map(str, sorted(entry.exit_codes))),
        "signals": ", ".join(sorted(entry.signals)),
        "excluded": "; ".join(f"/{one.text}/" for one in entry.excluded),
        "raised_in": ", ".join(entry.raised_in),
        "through": ", ".join(entry.through),
        "missing_module": entry.missing_module,
    }
    for name in ("when", "frames", "tools", "phases", "components", "markers"):
        said[name] = ", ".join(sorted(getattr(entry, name)))
    if entry.outcomes != Entry.outcomes:
        said["outcomes"] = ", ".join(sorted(entry.outcomes))
    if entry.reach != Entry.reach:
        said["reach"] = entry.reach
    return {name: text for name, text in said.items() if text}


def _described(table: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {value!r}" for key, value in table.items())


def _as_json(entry: Entry, shelf: Shelf) -> dict[str, Any]:
    return {
        "id": entry.id,
        "origin": shelf.origin(entry.id),
        "title": entry.title,
        "category": entry.category,
        "subcategory": entry.subcategory,
        "failure_type": entry.failure_type,
        "severity": entry.severity,
        "confidence": entry.confidence,
        "retryable": entry.is_retryable,
        "recovery_mode": entry.recovery_mode,
        "suggestion": _suggestion(entry),
        "matches": _grammar(entry),
    }


def _write(lines: Iterable[str]) -> None:
    screen = Screen.of_stdout()
    screen.write(_indented(line, screen) for line in lines)


def _indented(line: str, screen: Screen) -> str:
    """Return a line without control characters; its indentation and columns stay."""
    return "".join(
        one if one.isspace() else plain(one, unicode=screen.unicode)
        for one in re.split(r"( {2,}|^ )", line)
    )


# ------------------------------------------------------------------------------------------ test


@command.command("test", epilog="Example: failtrack catalog test governance/catalog.toml")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.pass_context
def test(ctx: click.Context, file: Path | None, as_json: bool) -> None:
    """Run every example and counter-example; exit 1 when one does not hold.

    An example must be won by its entry against all others, a counter-example must not be matched
    by it. With FILE its entries are laid over the shipped ones in place of what is configured.
    """
    settings = settings_from()
    shelf = Shelf.of(settings, None if file is None else [read_file(file)])
    problems = problems_of(shelf)
    bare = [one for one in shelf.own if not shelf.examples[one].get("example")]
    if as_json:
        document = {
            "entries": len(shelf.catalog.entries),
            "own": sorted(shelf.own),
            "without_example": sorted(bare),
            "problems": problems,
        }
        click.echo(json.dumps(document, indent=2))
    else:
        lines = [f"FAILED  {sentence}" for sentence in problems.values()]
        lines += [f"note: {one} has no example, which nothing proves" for one in sorted(bare)]
        verdict = f"{len(problems)} of them do not hold" if problems else "their examples hold"
        _write(
            [
                *lines,
                f"{len(shelf.catalog.entries)} entries, {len(shelf.own)} of the project: {verdict}",
            ]
        )
    ctx.exit(EXIT_EXAMPLE_FAILED if problems else 0)


def problems_of(shelf: Shelf) -> dict[str, str]:
    """Return what is wrong about examples, as a sentence by entry id.

    Raises:
        ConfigError: An example cannot be read as an observation.
    """
    from pytest_failtrack.classify.examples import problem_with_examples

    found = {}
    for name, table in shelf.examples.items():
        try:
            problem = problem_with_examples(shelf.catalog, name, table)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise ConfigError(
                f"catalog entry {name!r}: its example cannot be used"
                f" ({type(error).__name__}: {error}); `failtrack catalog show disk-full --json`"
                " prints one",
                slug="config-catalog",
            ) from None
        if problem:
            found[name] = problem
    return found


# ------------------------------------------------------------------------------------------- add


@command.command(
    "add",
    epilog="Example: failtrack catalog add --id sandbox-down --title 'The sandbox is down'"
    " --subcategory OTHER_EXTERNAL --failure-type infrastructure"
    " --pattern 'sandbox .{1,40} unavailable' --example 'sandbox pay1 unavailable'",
)
@click.option("--id", "entry_id", required=True, metavar="ID", help="Name, lower case, hyphens.")
@click.option("--title", required=True, metavar="TEXT", help="What happened, as one clause.")
@click.option(
    "--subcategory",
    required=True,
    type=click.Choice(SUBCATEGORIES),
    metavar="NAME",
    help="One of the 36.",
)
@click.option("--failure-type", required=True, metavar="TYPE", help="Row of the matrix.")
@click.option("--type", "types", multiple=True, metavar="NAME", help="Type of an exception.")
@click.option("--pattern", "patterns", multiple=True, metavar="REGEX", help="Pattern of a text.")
@click.option("--exclude", "excluded", multiple=True, metavar="REGEX", help="Forbids the match.")
@click.option("--exit-code", "exit_codes", multiple=True, type=int, help="Exit status.")
@click.option("--tool", "tools", multiple=True, metavar="WORD", help="Word of the command line.")
@click.option("--when", multiple=True, type=click.Choice(sorted(WHENS)), help="Phase.")
@click.option(
    "--confidence", type=float, default=0.7, show_default=True, help="Over 0, up to 1: how sure."
)
@click.option("--severity", type=click.Choice([one.value for one in Severity]), help="If fixed.")
@click.option("--retryable", is_flag=True, help="Another attempt could succeed.")
@click.option(
    "--recovery-mode",
    type=click.Choice([one.value for one in RecoveryMode]),
    default=RecoveryMode.INVESTIGATE.value,
    show_default=True,
    help="What to do next.",
)
@click.option("--suggestion", metavar="TEXT", help="The same as a sentence.")
@click.option("--example", metavar="TEXT", help="A text, or `Type: message`, that it wins.")
@click.option("--counter-example", metavar="TEXT", help="One that looks similar, and is not it.")
@click.option("--record", metavar="ID", help="Take the example from a record or cause.")
@click.option("--file", type=click.Path(path_type=Path), help="Where to [default: the project's].")
@click.option("--dry-run", is_flag=True, help="Print the entry, and write nothing.")
def add(
    entry_id: str, file: Path | None, record: str | None, dry_run: bool, **options: Any
) -> None:
    """Append an entry to the project's own catalog.

    It is refused, and nothing is written, when a key or value is not allowed, a pattern is no
    regular expression or has a repetition without an upper bound, or its example is won by another
    entry. `Type: message` as an example is an exception, all else is a text that a command prints.
    """
    settings = settings_from()
    configured = settings.table.get("catalog", ())
    file = own_file(configured, settings.root) if file is None else file
    table = _table(entry_id, options, _text_of_record(settings, record) if record else None)
    _check_repetitions(entry_id, [*options["patterns"], *options["excluded"]])
    documents = own_documents(configured, settings.root)
    others = [] if file in _read_files(configured, settings.root) else _documents_in(file)
    shelf = Shelf.of(settings, [*documents, *others, table])
    if entry_id in shelf.changed:
        raise InputError(
            f"{entry_id!r} ships with us: to change it, write its id and the keys that differ to"
            f" {_shown(file, settings)} by hand; a new entry needs another id"
        )
    problem = problems_of(_only(shelf, entry_id)).get(entry_id)
    if problem:
        raise InputError(f"{problem}: nothing was written; make the entry name more of it")
    if not dry_run:
        add_to_file(file, table)
    _write(
        [
            *toml_of(table).splitlines(),
            "",
            f"{'would be added' if dry_run else 'added'} to {_shown(file, settings)}",
        ]
    )


def _table(entry_id: str, options: Mapping[str, Any], recorded: str | None) -> dict[str, Any]:
    """Return the table that options describe, in the order of the shipped ones."""
    order = (
        *("title", "types", "patterns", "excluded", "exit_codes", "tools", "when"),
        *("subcategory", "failure_type", "confidence", "severity", "retryable"),
        *("recovery_mode", "suggestion"),
    )
    table: dict[str, Any] = {"id": entry_id}
    for name in order:
        value = options[name]
        if value not in (None, (), False):
            table[name] = list(value) if isinstance(value, tuple) else value
    if options["retryable"] and options["recovery_mode"] == RecoveryMode.INVESTIGATE.value:
        table["recovery_mode"] = RecoveryMode.RETRY_EXPONENTIAL.value
    if not any(table.get(name) for name in ("types", "patterns", "exit_codes")):
        raise InputError(
            f"entry {entry_id!r} matches nothing: give --type, --pattern or --exit-code"
        )
    example = options["example"] or recorded
    if example:
        table["example"] = _as_example(example, options)
    if options["counter_example"]:
        table["counter_example"] = _as_example(options["counter_example"], options)
    return table


def _as_example(text: str, options: Mapping[str, Any]) -> dict[str, Any]:
    from pytest_failtrack.classify.facts import raised_in_text

    raised = raised_in_text(text)
    if raised and text.startswith(raised[0].type):
        return {"type": raised[0].type, "message": text[len(raised[0].type) :].removeprefix(": ")}
    table: dict[str, Any] = {"text": text}
    when = options["when"]
    if "command" in when or not when:
        tools = options["tools"]
        codes = options["exit_codes"]
        table = {"command": tools[0] if tools else "build", "exit_status": 1, **table}
        if codes:
            table["exit_status"] = codes[0]
    else:
        table["when"] = when[0]
    return table


def _check_repetitions(entry_id: str, patterns: Iterable[str]) -> None:
    from pytest_failtrack.classify.pattern import unbounded_repetition

    for pattern in patterns:
        found = unbounded_repetition(pattern)
        if found:
            raise InputError(
                f"entry {entry_id!r}: {found!r} in {pattern!r} has no upper bound, and could take"
                f" for ever on a long text; write {found[:-1]}{{1,200}}"
            )


def _text_of_record(settings: Settings, word: str) -> str:
    """Return the error line of a record, or of the newest record of a cause."""
    from pytest_failtrack.cli.finding import find
    from pytest_failtrack.cli.reading import Evidence

    evidence = Evidence.of(settings)
    found = find(evidence, word)
    record = found.record
    if record is None:
        record = next(
            one
            for one in evidence.records(evidence.record_ids)
            if one["signature"]["hash"] in found.ids
        )
    return _error_of(record)


def _error_of(record: Mapping[str, Any]) -> str:
    from pytest_failtrack.classify.facts import raised_in_text

    description = record["failure_description"]
    trace = description.get("stack_trace") or ""
    raised = raised_in_text(trace)
    if raised:
        return f"{raised[0].type}: {raised[0].message}" if raised[0].message else raised[0].type
    return str(description["summary"])


def _read_files(configured: Iterable[Any], root: Path) -> list[Path]:
    named = [root / one for one in configured if isinstance(one, str)]
    return [*named, own_file((), root)]


def _documents_in(file: Path) -> list[dict[str, Any]]:
    return [read_file(file)] if file.exists() else []


def _only(shelf: Shelf, entry_id: str) -> Shelf:
    examples = {entry_id: shelf.examples[entry_id]}
    return Shelf(shelf.catalog, examples, shelf.own, shelf.changed)


def _shown(file: Path, settings: Settings) -> str:
    try:
        return file.resolve().relative_to(settings.root.resolve()).as_posix()
    except ValueError:
        return str(file)


# --------------------------------------------------------------------------------------- explain


@command.command("explain", epilog="Example: failtrack catalog explain \"KeyError: 'customer_id'\"")
@click.argument("what", metavar="ID|TEXT|-")
@click.option("--command", "command_", metavar="LINE", help="Command that printed the text.")
@click.option("--exit-status", type=int, help="Exit status that the command ended with.")
@click.option(
    "--when",
    type=click.Choice(sorted(WHENS)),
    default="command",
    show_default=True,
    help="Phase in which the text was seen.",
)
@click.option(
    "--outcome",
    type=click.Choice(sorted(OUTCOMES)),
    default="failed",
    show_default=True,
    help="How it ended.",
)
@click.option("--all", "wants_all", is_flag=True, help="Show every entry that lost.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def explain(
    what: str,
    command_: str | None,
    exit_status: int | None,
    when: str,
    outcome: str,
    wants_all: bool,
    as_json: bool,
) -> None:
    """Say what an entry means, or which entry a text belongs to, and why.

    ID is an entry of the catalog. Any other TEXT, or standard input for `-`, is taken for what a
    command or a test printed: the entry that wins is shown with its reasons, then the others that
    matched, each with the reason why it lost.
    """
    shelf = Shelf.of(settings_from())
    if what in shelf.catalog.entries:
        _explain_entry(shelf, shelf.catalog.entries[what], as_json)
        return
    text = sys.stdin.read() if what == "-" else what
    if not text.strip():
        raise InputError("there is nothing to explain: give an entry, a text, or a log on stdin")
    _explain_text(
        shelf,
        _observed(text, command_, exit_status, when, outcome),
        SHOWN_LOSERS if not wants_all else len(shelf.catalog.entries),
        as_json,
    )


def _explain_entry(shelf: Shelf, entry: Entry, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_as_json(entry, shelf), indent=2))
        return
    _write(_meaning_lines(entry, shelf))


def _observed(text: str, line: str | None, exit_status: int | None, when: str, outcome: str) -> Any:
    """Return a text as an observation, as `failtrack run` or pytest would have made it."""
    from pytest_failtrack.observe.from_log import first_error_line, tail
    from pytest_failtrack.observe.observation import Observation

    is_log = when == "command"
    error = first_error_line(text) or "" if is_log and "\n" in text.strip() else text.strip()
    return Observation(
        source=("command" if line else "log") if is_log else "pytest",
        when=when,
        nodeid=line or "(text)",
        outcome=outcome,
        text=error,
        captured={"output": tail(text)} if is_log else {},
        exit_status=exit_status,
    )


def _explain_text(shelf: Shelf, observation: Any, shown: int, as_json: bool) -> None:
    from pytest_failtrack.classify.classify import classify
    from pytest_failtrack.classify.conditions import Question
    from pytest_failtrack.classify.explain import losers_of

    answer = classify(observation, shelf.catalog)
    _, losers = losers_of(Question(observation, shelf.catalog))
    if as_json:
        lost = [{"id": one.match.entry.id, "why": one.why} for one in losers]
        document = {
            "catalog_entry_id": answer.catalog_entry_id,
            "category": answer.category,
            "subcategory": answer.subcategory,
            "failure_type": answer.failure_type,
            "severity": answer.severity,
            "confidence": answer.confidence,
            "match_type": answer.match_type,
            "retryable": answer.is_retryable,
            "recovery_mode": answer.recovery_mode,
            "suggestion": answer.recovery_suggestion,
            "best_guess": answer.best_guess,
            "reasons": list(answer.reasons),
            "lost": lost[:shown],
        }
        click.echo(json.dumps(document, indent=2))
        return
    retry = "retryable" if answer.is_retryable else "not retryable"
    lines = [
        f"{answer.catalog_entry_id or 'no entry matches'}",
        f"  {answer.category} / {answer.subcategory}    {answer.failure_type}"
        f"    {answer.severity}    {retry}",
        f"  confidence {answer.confidence:.2f} ({answer.match_type})",
        *(f"  - {reason}" for reason in answer.reasons),
        f"  next: {answer.recovery_suggestion}",
    ]
    if losers:
        lines += ["", "these match too, and lost:"]
        lines += [f"  {one.match.entry.id}: {one.why}" for one in losers[:shown]]
        if len(losers) > shown:
            lines.append(f"  ... and {len(losers) - shown} more (--all)")
    _write(lines)
