"""The figures: stability, collisions, B-cubed, adjusted Rand, accuracy and macro-F1.

`check()` holds them against cases worked out by hand; the scorer runs it first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from math import comb, isclose


def stability(pairs: Mapping[str, Sequence[tuple[Hashable, Hashable]]]) -> tuple[float, float]:
    """Return how often both runs give a failure one signature: by record, by fault.

    Args:
        pairs: For each fault the signatures of its failures in the first and the second run.
    """
    shares = [sum(a == b for a, b in found) / len(found) for found in pairs.values() if found]
    records = [a == b for found in pairs.values() for a, b in found]
    return _mean(records), _mean(shares)


def collisions(faults: Sequence[str], signatures: Sequence[Hashable]) -> tuple[float, float]:
    """Return the share of faults that share a signature with another fault, and of wrong pairs.

    Args:
        faults: The fault of each failure.
        signatures: The signature of each failure.

    Returns:
        The second is, of the pairs of failures with one signature, those of different faults.
    """
    owners: dict[Hashable, Counter[str]] = defaultdict(Counter)
    for fault, signature in zip(faults, signatures, strict=True):
        owners[signature][fault] += 1
    colliding = {fault for counts in owners.values() if len(counts) > 1 for fault in counts}
    pairs = sum(comb(counts.total(), 2) for counts in owners.values())
    right = sum(comb(count, 2) for counts in owners.values() for count in counts.values())
    return len(colliding) / len(set(faults)), 1 - right / pairs if pairs else 0.0


def b_cubed(
    truth: Sequence[Hashable], found: Sequence[Hashable], *, by_fault: bool = False
) -> float:
    """Return the B-cubed F1 of a grouping.

    Args:
        truth: The fault of each failure.
        found: The cause of each failure.
        by_fault: Every fault weighs the same, however many failures it has.
    """
    both = Counter(zip(truth, found, strict=True))
    faults, causes = Counter(truth), Counter(found)
    weights = {fault: 1 / (count if by_fault else 1) for fault, count in faults.items()}
    total = sum(weights[fault] * count for fault, count in faults.items())
    precision = recall = 0.0
    for (fault, cause), count in both.items():
        recall += weights[fault] * count * count / faults[fault]
        # Under equal weights a cause is as pure as the weight of the fault in it.
        inside = sum(weights[one] * both[one, cause] for one in faults) if by_fault else 0.0
        share = weights[fault] * count / inside if by_fault else count / causes[cause]
        precision += weights[fault] * count * share
    return _harmonic(precision / total, recall / total)


def adjusted_rand(truth: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """Return the adjusted Rand index of a grouping: 1 is perfect, 0 is chance."""
    both = sum(comb(count, 2) for count in Counter(zip(truth, found, strict=True)).values())
    left = sum(comb(count, 2) for count in Counter(truth).values())
    right = sum(comb(count, 2) for count in Counter(found).values())
    pairs = comb(len(truth), 2)
    expected = left * right / pairs if pairs else 0.0
    most = (left + right) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def macro_f1(truth: Sequence[str], found: Sequence[str]) -> float:
    """Return the mean of the F1 of each class that is true somewhere."""
    scores = []
    for name in sorted(set(truth)):
        right = sum(a == b == name for a, b in zip(truth, found, strict=True))
        said, there = found.count(name), truth.count(name)
        scores.append(_harmonic(right / said if said else 0.0, right / there))
    return _mean(scores)


def majority(values: Iterable[str]) -> str:
    """Return the value that comes up most often, the first by name among equals."""
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _harmonic(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


def check() -> None:
    """Assert what each figure is on cases that were worked out by hand."""
    assert stability({"x": [(1, 1), (1, 2)], "y": [(3, 3)]}) == (2 / 3, 0.75)
    # Two faults share `s`; of its three pairs two are wrong, and `t` has a right one.
    assert collisions(["x", "x", "y", "z", "z"], ["s", "s", "s", "t", "t"]) == (2 / 3, 0.5)
    assert b_cubed("aabb", [1, 1, 2, 2]) == adjusted_rand("aabb", [1, 1, 2, 2]) == 1.0
    assert isclose(b_cubed("aabb", [1, 1, 1, 1]), 2 / 3)
    assert isclose(b_cubed("aabb", [1, 2, 3, 4]), 2 / 3)
    assert isclose(b_cubed("aaab", [1, 1, 1, 1]), 2 * 0.625 / 1.625)
    assert isclose(b_cubed("aaab", [1, 1, 1, 1], by_fault=True), 2 / 3)
    assert adjusted_rand("aabb", [1, 1, 1, 1]) == 0.0
    assert isclose(adjusted_rand("aaabbb", [1, 1, 2, 2, 3, 3]), 0.24242424242424243)
    assert macro_f1(["p", "p", "q"], ["p", "q", "q"]) == 2 / 3
    assert majority(["b", "a", "b"]) == "b"
    assert majority(["b", "a"]) == "a"
