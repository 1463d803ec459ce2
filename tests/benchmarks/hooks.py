"""What our hooks cost one passing test, measured inside one process.

A whole-process ratio of a few seconds cannot prove 3 %: this runs the same passing test over and
over through pytest's own protocol, in alternating blocks with and without our hooks, and prints
microseconds a test.

Example: python tests/benchmarks/hooks.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

CONFTEST = """
import statistics, time
import pytest

BLOCKS, SIZE = 40, 500

@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    manager = session.config.pluginmanager
    names = ("failtrack-session", "failtrack-runner")
    ours = {name: manager.get_plugin(name) for name in names}
    item = session.items[0]
    costs = {True: [], False: []}
    reporter = manager.get_plugin("terminalreporter")
    manager.unregister(reporter)
    for block in range(BLOCKS):
        tracked = bool(block % 2)
        for name, plugin in ours.items():
            if not tracked:
                manager.unregister(plugin)
        begun = time.process_time()
        for _ in range(SIZE):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=item)
        costs[tracked].append((time.process_time() - begun) / SIZE * 1e6)
        for name, plugin in ours.items():
            if not tracked:
                manager.register(plugin, name)
    manager.register(reporter, "terminalreporter")
    bare, tracked = (statistics.median(costs[key]) for key in (False, True))
    print(f"\\nbare {bare:.1f} us, tracked {tracked:.1f} us a passing test: "
          f"{tracked - bare:.1f} us, {tracked / bare:.3f} x")
"""


def main() -> None:
    """Run it and print the figures."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        (folder / "test_one.py").write_text("def test_one():\n    assert True\n", encoding="utf-8")
        environ = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "failtrack", "--failtrack"]
        done = subprocess.run(
            command, cwd=folder, env=environ, capture_output=True, text=True, check=False
        )
        print(
            next((line for line in done.stdout.splitlines() if "us, tracked" in line), done.stdout)
        )


if __name__ == "__main__":
    main()
