"""How the cost of grouping failures into causes grows with the number of their signatures.

Example: python tests/benchmarks/clusters.py --most 5000
"""

from __future__ import annotations

import argparse
import hashlib
import random
import time
from collections.abc import Callable

from pytest_failtrack.signature.cluster import clusters
from pytest_failtrack.signature.kind import Failure

STEPS = (0.0625, 0.125, 0.25, 0.5, 1.0)
WORDS = [f"word{number}" for number in range(2_000)]


def main() -> None:
    """Measure and print one row a size and kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=5_000, help="distinct tokens")
    options = parser.parse_args()
    print("| tokens | signatures | causes | CPU s | us a signature |")
    print("|---|---|---|---|---|")
    for name, token in KINDS.items():
        for step in STEPS:
            _row(name, token, max(100, round(options.most * step)))


def _row(name: str, token: Callable[[random.Random], str], number: int) -> None:
    chance = random.Random(number)
    failures = [_failure(token(chance)) for _ in range(number)]
    started = time.process_time()
    found = clusters(failures)
    spent = time.process_time() - started
    print(f"| {name} | {number:,} | {len(found):,} | {spent:.2f} | {spent / number * 1e6:.0f} |")


def _failure(token: str) -> Failure:
    return Failure(hash=hashlib.sha256(token.encode()).hexdigest()[:12], token=token)


def _said(chance: random.Random) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(8))


KINDS: dict[str, Callable[[random.Random], str]] = {
    "many places": lambda chance: (
        f"ValueError: {_said(chance)} @ src/shop/part{chance.randrange(200)}.py:run"
    ),
    "one place, nothing alike": lambda chance: f"ValueError: {_said(chance)} @ src/shop/a.py:run",
    "one place, all alike": lambda chance: (
        f"KeyError: no row of table orders for key 'k{chance.random()}' @ src/shop/a.py:run"
    ),
    "one test file": lambda chance: (
        f"assert {_said(chance)} @ tests/test_a.py:test_{chance.randrange(1_000)}"
    ),
    "nowhere": lambda chance: f"ImportError: {_said(chance)}",
}


if __name__ == "__main__":
    main()
