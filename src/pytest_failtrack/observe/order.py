"""In which order tests ran, as the words that make pytest do it again; session.py asks."""

from __future__ import annotations

SEED_MAX_CHARS = 40


def order_of(option: object) -> str:
    """Return the options that repeat the order of a run, such as `--randomly-seed=7`.

    Args:
        option: pytest's options, after plugins were configured.

    Returns:
        `` where tests ran in the order of their files, or nobody can tell.
    """
    return " ".join(one for one in (_of_randomly(option), _of_random_order(option)) if one)


def workers_of(option: object) -> int | None:
    """Return how many workers shared the tests, None where one process ran them all."""
    tx = getattr(option, "tx", None)
    if getattr(option, "dist", "no") == "no" or not isinstance(tx, list):
        return None
    return len(tx) or None


def _of_randomly(option: object) -> str:
    seed = getattr(option, "randomly_seed", None)
    if not isinstance(seed, int):  # the plugin is not there, or has not chosen yet
        return ""
    is_shuffled = getattr(option, "randomly_reorganize", True)
    return f"--randomly-seed={seed}" + ("" if is_shuffled else " --randomly-dont-reorganize")


def _of_random_order(option: object) -> str:
    seed = getattr(option, "random_order_seed", None)
    bucket = getattr(option, "random_order_bucket", None)
    # Its defaults are wrapped in a type of its own, and switch nothing on.
    is_on = getattr(option, "random_order_enabled", False) or str in (type(seed), type(bucket))
    if seed is None or bucket is None or not is_on:
        return ""
    seed, bucket = (str(getattr(one, "value", one)) for one in (seed, bucket))
    if bucket == "none" or not seed.isalnum():
        return ""
    return f"--random-order-bucket={bucket} --random-order-seed={seed[:SEED_MAX_CHARS]}"
