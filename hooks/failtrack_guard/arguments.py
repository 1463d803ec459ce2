"""The command line: a table of commands and options, and a parser that imports nothing.

The usual parsers of the standard library cost as much as judging a hundred lines.
"""

from __future__ import annotations

from failtrack_guard.errors import GuardError


class Flag:
    """One option of a command.

    Args:
        name: With its dashes.
        help: What it does, in one line.
        metavar: Name of its value, empty for a switch.
        choices: Values that it may have; any when empty.
        is_repeated: Whether it may be given more than once.
    """

    __slots__ = ("choices", "help", "is_repeated", "metavar", "name")

    def __init__(
        self,
        name: str,
        help: str,
        metavar: str = "",
        choices: tuple[str, ...] = (),
        *,
        is_repeated: bool = False,
    ) -> None:
        self.name = name
        self.help = help
        self.metavar = metavar
        self.choices = choices
        self.is_repeated = is_repeated

    @property
    def shown(self) -> str:
        """The option as it is typed."""
        return f"{self.name} {self.metavar}" if self.metavar else self.name


class Command:
    """One command.

    Args:
        name: Its name.
        help: What it does, in one line.
        operands: What its operands are called in the usage.
        flags: Its options.
        example: One real call.
    """

    __slots__ = ("example", "flags", "help", "name", "operands")

    def __init__(
        self, name: str, help: str, operands: str, flags: tuple[Flag, ...], example: str
    ) -> None:
        self.name = name
        self.help = help
        self.operands = operands
        self.flags = flags
        self.example = example


FORMATS = ("text", "json", "sarif", "github")
CONFIG = Flag("--config", "read this TOML file instead of pyproject.toml", "FILE")
WHICH = (
    CONFIG,
    Flag("--select", "run these rules only, separated by commas", "RULES", is_repeated=True),
    Flag("--ignore", "do not run these rules", "RULES", is_repeated=True),
    Flag("--exclude", "leave out paths that match", "PATTERN", is_repeated=True),
    Flag("--no-cache", "neither read nor write the cache"),
)
COMMANDS = (
    Command(
        "check",
        "say what breaks the rules; exit status 1 when anything does",
        "[PATH...]",
        (
            Flag(
                "--output", "how findings are told: text, json, sarif or github", "FORMAT", FORMATS
            ),
            Flag("--output-file", "write them to a file, and the text to the terminal", "FILE"),
            Flag("--commit-range", "judge the files that these commits touched", "BASE..HEAD"),
            Flag("--suppressions", "list the suppressions, too"),
            Flag("--no-baseline", "show also the findings that the baseline knows"),
            *WHICH,
        ),
        "failtrack-guard check src tests",
    ),
    Command(
        "fix",
        "put right what can be put right; exit status 1 when files changed or findings are left",
        "[PATH...]",
        (
            Flag("--unsafe-fixes", "also make changes that need a look afterwards"),
            Flag("--diff", "print the changes and write nothing"),
            *WHICH,
        ),
        "failtrack-guard fix --diff src",
    ),
    Command(
        "explain",
        "say what a rule is for, with its cases",
        "RULE",
        (),
        "failtrack-guard explain PV-001",
    ),
    Command(
        "rules",
        "list the rules, and which of them run here",
        "",
        (CONFIG, Flag("--json", "for programs")),
        "failtrack-guard rules",
    ),
    Command(
        "baseline",
        "compare with the findings that are known; --update writes what is left of them",
        "[PATH...]",
        (
            Flag("--update", "write the baseline; it may only shrink"),
            Flag("--allow-growth", "let it grow, too"),
            *WHICH,
        ),
        "failtrack-guard baseline --update --allow-growth",
    ),
)
NAMES = tuple(command.name for command in COMMANDS)


class Arguments:
    """What was typed.

    Args:
        command: Its table row; None for the help of everything.
        values: Option -> value, True for switches, a list for repeated options.
        operands: The rest.
        wants_help: Whether `--help` was among it.
    """

    __slots__ = ("command", "operands", "values", "wants_help")

    def __init__(self, command: Command | None) -> None:
        self.command = command
        self.values: dict[str, str | bool | list[str]] = {}
        self.operands: list[str] = []
        self.wants_help = False

    def text(self, name: str) -> str:
        """Return the value of an option, empty when it was not given."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else ""

    def has(self, name: str) -> bool:
        """Return whether an option was given."""
        return name in self.values

    def listed(self, name: str) -> tuple[str, ...]:
        """Return the values of a repeated option, commas taken apart."""
        value = self.values.get(name, [])
        given = value if isinstance(value, list) else []
        return tuple(part.strip() for one in given for part in one.split(",") if part.strip())


def parse(argv: list[str]) -> Arguments:
    """Return what was typed.

    Args:
        argv: Arguments without the program's name.

    Raises:
        GuardError: A command or option that does not exist, a value that is missing or no choice.
    """
    if not argv or argv[0] in ("-h", "--help"):
        return Arguments(None)
    command = next((one for one in COMMANDS if one.name == argv[0]), None)
    if command is None:
        raise GuardError(f"{argv[0]!r} is no command; the commands are {', '.join(NAMES)}")
    found = Arguments(command)
    rest = argv[1:]
    while rest:
        word = rest.pop(0)
        if word == "--":
            found.operands += rest
            break
        if word in ("-h", "--help"):
            found.wants_help = True
        elif word.startswith("-") and word != "-":
            _take(found, command, word, rest)
        else:
            found.operands.append(word)
    return found


def _take(found: Arguments, command: Command, word: str, rest: list[str]) -> None:
    name, has_value, value = word.partition("=")
    flag = next((one for one in command.flags if one.name == name), None)
    if flag is None:
        known = ", ".join(one.name for one in command.flags) or "none"
        raise GuardError(f"{command.name} has no option {name}; its options: {known}")
    if not flag.metavar:
        if has_value:
            raise GuardError(f"{name} takes no value")
        found.values[name] = True
        return
    if not has_value:
        if not rest:
            raise GuardError(f"{name} needs a value: {flag.shown}")
        value = rest.pop(0)
    if flag.choices and value not in flag.choices:
        raise GuardError(f"{name} is {value!r}; it must be one of {', '.join(flag.choices)}")
    if flag.is_repeated:
        values = found.values.setdefault(name, [])
        assert isinstance(values, list)
        values.append(value)
    else:
        found.values[name] = value


def help_text(command: Command | None) -> str:
    """Return the help of a command, or of all of them."""
    if command is None:
        lines = [
            "Usage: failtrack-guard COMMAND [OPTIONS] [PATH...]",
            "",
            "Stops on this machine what would fail later.",
            "",
            "Commands:",
            *_table((one.name, one.help) for one in COMMANDS),
            "",
            "failtrack-guard COMMAND --help says more. What is checked stands in pyproject.toml,",
            "[tool.failtrack.guard]. Exit status: 0 clean, 1 findings or files changed, 2 usage or",
            "a file that cannot be judged.",
        ]
        return "\n".join(lines)
    options = [*((one.shown, one.help) for one in command.flags), ("-h, --help", "this text")]
    lines = [
        " ".join(["Usage: failtrack-guard", command.name, "[OPTIONS]", command.operands]).rstrip(),
        "",
        command.help[0].upper() + command.help[1:] + ".",
        "",
        "Options:",
        *_table(options),
        "",
        f"Example: {command.example}",
    ]
    return "\n".join(lines)


def _table(rows: object) -> list[str]:
    pairs = [*rows]  # type: ignore[misc]
    width = max(len(first) for first, _ in pairs)
    return [f"  {first.ljust(width)}  {second}" for first, second in pairs]
