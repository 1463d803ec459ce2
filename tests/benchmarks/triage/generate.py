"""Runs every fault twice and keeps what failtrack observed, in a folder outside of the repository.

    python tests/benchmarks/triage/generate.py [--cache DIR] [--only TEXT] [--again] [--jobs N]

What observes is the committed source of failtrack, so that an edit in between changes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from fault import PARTS, Fault, label_of, read_faults
from noise import Noise, noise_of, shift_lines
from projects import PROJECTS, REPOSITORY, Project, copy, prepare, python_of

RUN_SECONDS = 240
RECORDS_MAX = 60
ENTRY_POINTS = "[failtrack]\ntriage_capture = triage_capture\n"
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "PIP_CERT", "SSL_CERT_FILE")
SHOP_VARIABLES = {"SHOP_API_KEY": "k-1234", "SHOP_DATABASE": "shop.db"}


def default_cache() -> Path:
    """Return the folder in which generated data is kept."""
    return Path(os.environ.get("TRIAGE_CACHE") or Path(tempfile.gettempdir()) / "failtrack-triage")


def run_fault(
    fault: Fault,
    cache: Path,
    at: int,
    *,
    left_out: frozenset[str] = frozenset(),
    is_whole: bool = False,
) -> list[dict[str, object]]:
    """Break a copy of the project, run its tests, and return what was observed.

    Args:
        fault: The fault.
        cache: Where working folders are made.
        at: 0 for the first run, 1 for the second.
        left_out: Tests that fail without the fault.
        is_whole: No failure is wrong, and every failure is returned.
    """
    project = PROJECTS[fault.project]
    noise = noise_of(fault.label.id, project.name, at)
    with tempfile.TemporaryDirectory(prefix=f"triage-{noise.name}-", dir=cache) as place:
        root = Path(place) / noise.folder
        copy(cache, project, root)
        fault.apply(root)
        shift_lines(root, noise.lines)
        captured = Path(place) / "captured.jsonl"
        environ = _environ(fault, project, noise, Path(place), root, cache / "product" / "src")
        command = _command(fault, project, noise, cache)
        printed = Path(place) / "output.txt"
        with printed.open("w") as output:
            try:
                subprocess.run(
                    command,
                    cwd=root,
                    env=environ,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    timeout=RUN_SECONDS,
                    check=False,
                )
            except subprocess.TimeoutExpired:
                print(f"{fault.label.id}: stopped after {RUN_SECONDS} s")
        lines = captured.read_text().splitlines() if captured.exists() else []
        if not lines and not is_whole:
            kept = cache / "silent" / f"{_file_name(fault)}.{noise.name}.txt"
            kept.parent.mkdir(exist_ok=True)
            shutil.copy(printed, kept)
        records = [json.loads(line) for line in dict.fromkeys(lines)]
        # Both runs keep the same ones of a fault that breaks everything.
        records = [one for one in records if one["nodeid"] not in left_out]
        records.sort(key=lambda one: (one["nodeid"], one["when"]))
        return records if is_whole else records[:RECORDS_MAX]


def _environ(
    fault: Fault, project: Project, noise: Noise, place: Path, root: Path, product: Path
) -> dict[str, str]:
    plugins = place / "plugins"
    info = plugins / "triage_capture-1.dist-info"
    info.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("triage_capture.py"), plugins)
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: triage-capture\nVersion: 1\n")
    environ = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    environ |= {
        "PYTHONPATH": os.pathsep.join(map(str, (root / project.source, plugins, product))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": noise.hash_seed,
        "HOSTNAME": noise.host,
        "COLUMNS": noise.columns,
        "TRIAGE_CAPTURE": str(place / "captured.jsonl"),
        "TRIAGE_ORDER": noise.order_seed if fault.shuffle else "",
        **(SHOP_VARIABLES if project.name == "shop" else {}),
        **fault.env,
    }
    return {name: value for name, value in environ.items() if name not in fault.unset}


def _command(fault: Fault, project: Project, noise: Noise, cache: Path) -> list[str]:
    python = str(python_of(cache))
    pytest = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "triage_capture"]
    pytest += ["--failtrack", f"--tb={noise.traceback}", *fault.args]
    if noise.workers and fault.shuffle and not fault.args and not fault.through_run:
        pytest += ["-n", str(noise.workers)]
    pytest += fault.tests or project.tests
    if not fault.through_run:
        return pytest
    return [str(Path(python).with_name("failtrack")), "run", "--", *pytest]


def broken_before(project: Project, faults: list[Fault], cache: Path) -> frozenset[str]:
    """Return the tests of a project that fail in our circumstances without any fault.

    Args:
        project: The project.
        faults: All faults; every test that one of them runs is run.
        cache: Where the answer is kept.
    """
    file = cache / "broken-before" / f"{project.name}.json"
    if not file.exists():
        own = [one for one in faults if one.project == project.name]
        tests = sorted({test for one in own for test in one.tests or project.tests})
        whole = Fault(
            label_of(f"{project.name}/nothing", "test", "UNKNOWN", ["UNKNOWN_ROOT_CAUSE"]),
            project.name,
            tests=tuple(tests),
        )
        seen = [one for at in (0, 1) for one in run_fault(whole, cache, at, is_whole=True)]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(sorted({str(one["nodeid"]) for one in seen})))
    return frozenset(json.loads(file.read_text()))


def _file_name(fault: Fault) -> str:
    return fault.label.id.replace("/", "--")


def generate(
    fault: Fault, cache: Path, left_out: dict[str, frozenset[str]], *, again: bool = False
) -> None:
    """Write the observations of both runs of a fault, where they are missing."""
    target = cache / "tests" / f"{_file_name(fault)}.json"
    if target.exists() and not again:
        return
    runs = [run_fault(fault, cache, at, left_out=left_out[fault.project]) for at in (0, 1)]
    if not all(runs):
        print(f"{fault.label.id}: observed {[len(run) for run in runs]}, see silent/", flush=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"id": fault.label.id, "runs": runs}))
    print(f"{fault.label.id}: {len(runs[0])} and {len(runs[1])} failures", flush=True)


def snapshot(cache: Path) -> None:
    """Put the committed source of failtrack into the cache."""
    shutil.rmtree(cache / "product", ignore_errors=True)
    (cache / "product").mkdir(parents=True)
    archive = ["git", "-C", str(REPOSITORY), "archive", "HEAD", "src"]
    packed = subprocess.run(archive, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(cache / "product")], input=packed, check=True)


def main() -> None:
    """Read the arguments and generate what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=default_cache())
    parser.add_argument("--only", default="", help="faults whose name holds this text")
    parser.add_argument("--again", action="store_true", help="also those that are there")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    prepare(options.cache)
    snapshot(options.cache)
    every = [fault for part in PARTS for fault in read_faults(part)]
    faults = [one for one in every if options.only in one.label.id]
    left_out = {
        name: broken_before(project, every, options.cache)
        for name, project in PROJECTS.items()
        if any(one.project == name for one in faults)
    }
    one = partial(generate, cache=options.cache, left_out=left_out, again=options.again)
    with ThreadPoolExecutor(options.jobs) as pool:
        list(pool.map(one, faults))


if __name__ == "__main__":
    main()
