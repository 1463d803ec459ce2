"""A plugin of pytest and failtrack: writes each observation down, and shuffles the tests."""

import json
import os
import random


def pytest_failtrack_classify(observation):
    with open(os.environ["TRIAGE_CAPTURE"], "a", encoding="ascii") as file:
        file.write(json.dumps(observation.to_dict()) + "\n")


def pytest_collection_modifyitems(items):
    seed = os.environ.get("TRIAGE_ORDER", "")
    if not seed:
        return
    modules = {}
    for item in items:
        modules.setdefault(item.nodeid.partition("::")[0], []).append(item)
    names = sorted(modules)
    random.Random(seed).shuffle(names)
    for name in names:
        random.Random(seed + name).shuffle(modules[name])
    items[:] = [item for name in names for item in modules[name]]
