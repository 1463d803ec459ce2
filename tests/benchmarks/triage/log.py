"""Build logs and the truth about them: read, varied, and dressed as a CI prints them.

They lie in dev/logs/*.txt and held-out/logs/*.txt:

    === name | CATEGORY | SUBCATEGORY, ANOTHER
    $ make -j2
    cc -c -o <<dir>>/main.o main.c
    ¶ main.c:<<n>>:5: error: expected ';' before 'return'
    <<parallel>>
    lines of jobs that run at the same time: their order differs
    <<end>>

`¶ ` marks the true first error line, after whatever a tool puts before each line of its output; a
log without one is a silent failure. Names in `<<...>>` are what differs from run to run without a
meaning. `<<bar>>` is a progress bar with carriage returns.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dressing import DRESSINGS, bar
from fault import HERE, Label, label_of

TRUE_LINE = "¶ "
_NOISE = re.compile(r"<<(\w+)>>")
HEX = "0123456789abcdef"


@dataclass(frozen=True)
class Log:
    """A failing log.

    Args:
        label: What a triage should say.
        template: Its lines, with marks.
    """

    label: Label
    template: tuple[str, ...]

    def variant(self, at: int) -> tuple[str, str | None]:
        """Return the text of the first (0) or second (1) variant, and its true first error line."""
        dice = random.Random(f"{self.label.id}:{at}")
        values: dict[str, str] = {}
        true_line = None
        lines = []
        for line in _in_order(self.template, dice):
            filled = _NOISE.sub(lambda found: _noise(found[1], dice, values), line)
            before, mark, said = filled.partition(TRUE_LINE)
            if mark:
                true_line = said.strip()
            lines.append(before + said)
        # Each log is met in two of the four dresses, all of them equally often.
        first = random.Random(self.label.id).randrange(len(DRESSINGS))
        dress = DRESSINGS[(first + at * (1 + first % 3)) % len(DRESSINGS)]
        return dress(lines, dice), true_line


def read_logs(part: str) -> list[Log]:
    """Return every log of a part, by name."""
    logs: dict[str, Log] = {}
    for file in sorted((HERE / part / "logs").glob("*.txt")):
        for told in file.read_text(encoding="utf-8").split("\n=== ")[1:]:
            head, _, body = told.partition("\n")
            name, category, accepted = (one.strip() for one in head.split("|"))
            label = label_of(f"{file.stem}/{name}", "log", category, accepted.split(", "))
            lines = tuple(body.rstrip("\n").split("\n"))
            if label.id in logs or sum(TRUE_LINE in line for line in lines) > 1:
                raise ValueError(f"{label.id} is there twice, or has two first error lines")
            logs[label.id] = Log(label, lines)
    return [logs[name] for name in sorted(logs)]


def _in_order(lines: tuple[str, ...], dice: random.Random) -> Iterator[str]:
    parallel: list[str] | None = None
    for line in lines:
        if line == "<<parallel>>":
            parallel = []
        elif line == "<<end>>" and parallel is not None:
            yield from dice.sample(parallel, len(parallel))
            parallel = None
        elif parallel is not None:
            parallel.append(line)
        else:
            yield line


def _noise(name: str, dice: random.Random, values: dict[str, str]) -> str:
    """Return what stands for a name; names with a digit at their end keep their value in a log."""
    if name in values:
        return values[name]
    kind = name.rstrip("0123456789")
    made = {
        "dir": lambda: (
            dice.choice(("/builds/group/app", "/home/runner/work/app/app", "/srv/ws"))
            + f"/{dice.choice('abc')}{dice.randrange(100)}"
        ),
        "n": lambda: str(dice.randrange(2, 900)),
        "s": lambda: f"{dice.uniform(0.01, 90):.2f}",
        "hex": lambda: "".join(dice.choices(HEX, k=12)),
        "sha": lambda: "".join(dice.choices(HEX, k=40)),
        "time": lambda: f"{dice.randrange(24):02}:{dice.randrange(60):02}:{dice.randrange(60):02}",
        "date": lambda: f"2026-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}",
        "port": lambda: str(dice.randrange(20_000, 60_000)),
        "pid": lambda: str(dice.randrange(100, 99_999)),
        "ip": lambda: f"10.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}",
        "host": lambda: f"runner-{''.join(dice.choices(HEX, k=8))}",
        "addr": lambda: "0x" + "".join(dice.choices(HEX, k=12)),
        "kb": lambda: f"{dice.uniform(1, 900):.1f} kB",
        "bar": lambda: bar(dice),
    }[kind]()
    if name != kind or kind == "dir":
        values[name] = made
    return made
