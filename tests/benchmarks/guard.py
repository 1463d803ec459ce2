"""What the guard costs on a source tree, beside other tools, as CPU ratios in interleaved rounds.

Example: python tests/benchmarks/guard.py path/to/django --package django \\
    --peer 'fixit=fixit lint {target}' --peer 'ast-grep=ast-grep scan -c rules.yml {target}'

A peer's command is run in the same folder; `{target}` is what is judged. With `PYTHONPATH` or a
configuration file of its own, write it into the command by `env`.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from measure import Cost, cost_of, spread

# Names that some files of most trees hold, so that about one file in twenty has a candidate.
CONFIG = """
[tool.failtrack.guard]
src = ["."]
select = ["PV-001", "PV-002", "PV-003"]

[tool.failtrack.guard.PV-001]
enum = "{package}.events.EventType"
events = ["{package}.events.Event"]
emitters = ["{package}.events.emit", "{package}.events.publish", "{package}.events.dispatch"]

[tool.failtrack.guard.PV-002]
type = "{package}.refs.ContentRef"

[tool.failtrack.guard.PV-003]
guard = "{package}.halt.HaltGuard"
"""
BOUNDARIES = """
[tool.failtrack.guard]
src = ["."]
select = ["VAL-3"]

[[tool.failtrack.guard.VAL-3.layers]]
name = "low"
modules = ["{package}.{low}"]
may-import = []

[[tool.failtrack.guard.VAL-3.layers]]
name = "high"
modules = ["{package}.{high}"]
may-import = ["low"]
"""
VIOLATIONS = """
from {package}.events import emit

class OrderService:
    content_hash: str

def run():
    emit("order.created")
"""


def main() -> None:
    """Measure and print one row a piece of work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path, help="folder of a package")
    parser.add_argument("--package", help="its name; the folder's by default")
    parser.add_argument("--layers", help="LOW,HIGH: two subpackages, for the import boundaries")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    options = parser.parse_args()
    package = options.package or options.tree.name
    peers = dict(one.split("=", 1) for one in options.peer)
    print("| work | failtrack-guard, CPU s | peak MiB |", *(f"x {name} |" for name in peers))
    print("|---|---|---|" + "---|" * len(peers))
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(Path(scratch), options.tree, package, peers, options.rounds)
        bench.configure(CONFIG.format(package=package))
        bench.row("one 300-line file without a candidate", [bench.plain()], warm=True)
        bench.row("one file with violations", [bench.bad(0)], warm=False)
        staged = [bench.plain(number) for number in range(18)] + [bench.bad(1), bench.bad(2)]
        bench.row("20 files, 2 with violations", staged, warm=False)
        bench.row("the whole tree, cold", [package], warm=False)
        bench.row("the whole tree, warm", [package], warm=True)
        if options.layers:
            low, _, high = options.layers.partition(",")
            bench.configure(BOUNDARIES.format(package=package, low=low, high=high))
            bench.row("boundaries, cold", [package], warm=False)
            bench.row("boundaries, warm", [package], warm=True)
            bench.row("boundaries, one file, warm", [bench.plain()], warm=True)


class Bench:
    """A copy of a tree in which everything is measured.

    Args:
        folder: Where the copy goes.
        tree: The tree.
        package: Name of the copy's folder.
        peers: Name -> command.
        rounds: How often each command is run.
    """

    def __init__(
        self, folder: Path, tree: Path, package: str, peers: dict[str, str], rounds: int
    ) -> None:
        self.folder = folder
        self.package = package
        self.peers = peers
        self.rounds = rounds
        shutil.copytree(tree, folder / package, symlinks=True)

    def configure(self, table: str) -> None:
        """Write the settings and forget what was cached."""
        (self.folder / "pyproject.toml").write_text(table)
        shutil.rmtree(self.folder / ".failtrack", ignore_errors=True)

    def plain(self, number: int = 0) -> str:
        """Make a file of 300 lines without a candidate and return its path."""
        lines = [f"def function_{number}_{n}(value):" for n in range(60)]
        body = "\n    total = value + 1\n    if total > 3:\n        total -= 1\n    return total\n"
        path = self.folder / self.package / f"plain_{number}.py"
        path.write_text("".join(line + body for line in lines))
        return str(path.relative_to(self.folder))

    def bad(self, number: int) -> str:
        """Make a file with violations and return its path."""
        path = self.folder / self.package / f"bad_{number}.py"
        plain = (self.folder / self.plain(100)).read_text()
        path.write_text(VIOLATIONS.format(package=self.package) + plain)
        return str(path.relative_to(self.folder))

    def row(self, work: str, targets: list[str], *, warm: bool) -> None:
        """Measure one piece of work and print its row."""
        guard = [sys.executable, "-m", "failtrack_guard", "check", *targets]
        forget = None if warm else self._forget
        if warm:
            self._run(guard, None)
            # A file that was just written is not believed by its time.
            for path in (self.folder / self.package).rglob("*.py"):
                os.utime(path, (1_600_000_000, 1_600_000_000))
            self._run(guard, None)
        ours: list[Cost] = []
        theirs: dict[str, list[Cost]] = {name: [] for name in self.peers}
        for _ in range(self.rounds):
            ours.append(self._run(guard, forget))
            for name, command in self.peers.items():
                words = shlex.split(command.replace("{target}", " ".join(targets)))
                theirs[name].append(self._run(words, None))
        cpu = spread([one.cpu for one in ours], 4)
        peak = max(one.peak_mib for one in ours)
        ratios = [
            spread([one.cpu / other.cpu for one, other in zip(ours, costs, strict=True)])
            for costs in theirs.values()
        ]
        print(f"| {work} | {cpu} | {peak:.1f} |", *(f"{one} |" for one in ratios), flush=True)

    def _forget(self) -> None:
        shutil.rmtree(self.folder / ".failtrack", ignore_errors=True)

    def _run(self, command: list[str], before: Callable[[], None] | None) -> Cost:
        if before is not None:
            before()
        environ = {name: value for name, value in os.environ.items() if name != "PRE_COMMIT"}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        return cost_of(command, self.folder, environ)


if __name__ == "__main__":
    main()
