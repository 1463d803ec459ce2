"""The command as a user runs it: exit status, help, formats, commit ranges, the baseline."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from guard_project import HALT, SERVICE, GuardProject

from failtrack_guard.arguments import COMMANDS, help_text

CLEAN = "x = 1\n"
EVENTS = """
[tool.failtrack.guard.PV-001]
enum = "shop.events.EventType"
events = ["shop.events.Event"]
"""
ENUM = """
from enum import Enum

class EventType(str, Enum):
    PAID = "order.paid"

class Event:
    def __init__(self, type: EventType) -> None: ...
"""
MANIFEST = """
repos:
  - repo: local
    hooks:
      - id: failtrack-guard
        name: guard
        entry: failtrack-guard check
        language: system
"""


@pytest.fixture
def project(tmp_path: Path) -> GuardProject:
    return GuardProject(tmp_path)


def test_exit_status_says_clean_found_or_unusable(project: GuardProject) -> None:
    project.write("plain.py", CLEAN)
    clean = project.run("check")
    assert (clean.returncode, clean.stdout) == (0, "no findings, 1 file checked\n")
    project.write("orders.py", SERVICE)
    assert project.run("check").returncode == 1
    assert project.run("check", "plain.py").returncode == 0
    assert project.run("chek").returncode == 2
    assert project.run("check", "--frobnicate").returncode == 2
    assert project.run("check", "--output", "xml").returncode == 2
    assert project.run("check", "--output").returncode == 2


def test_help_names_every_command_and_option(project: GuardProject) -> None:
    everything = project.run().stdout
    assert everything == help_text(None) + "\n"
    for command in COMMANDS:
        assert command.name in everything
        told = project.run(command.name, "--help")
        assert told.returncode == 0
        for flag in command.flags:
            assert flag.shown in told.stdout
            assert flag.help in told.stdout
        assert command.example in told.stdout


def test_the_finding_shows_code_and_the_way_out(project: GuardProject) -> None:
    project.write("shop/orders.py", SERVICE)
    done = project.run("check", "shop")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("shop/orders.py:1:7: PV-003 OrderService neither inherits")
    assert lines[1] == "1 | class OrderService:"
    assert lines[2].strip() == "| ^^^^^^^^^^^^".replace("| ", "|       ")
    assert "help: inherit the guard" in lines[3]


def test_a_run_from_a_folder_below_judges_the_project(project: GuardProject) -> None:
    import subprocess
    import sys

    project.write("shop/orders.py", SERVICE)
    project.write("docs/index.py", CLEAN)
    done = subprocess.run(
        [sys.executable, "-m", "failtrack_guard", "check", "../shop/orders.py"],
        cwd=project.folder / "docs",
        capture_output=True,
        text=True,
        check=False,
    )
    assert "shop/orders.py:1:7: PV-003" in done.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are of POSIX")
def test_output_goes_into_a_pipe_and_through_a_link(project: GuardProject) -> None:
    """As root, /dev/null would be gone for everybody."""
    pipe, link, real = (project.folder / name for name in ("pipe", "link", "real.json"))
    os.mkfifo(pipe)
    real.write_text("")
    link.symlink_to(real)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    project.run("check", "--output", "json", "--output-file", "pipe")
    said = os.read(reader, 100_000)
    os.close(reader)
    project.run("check", "--output", "json", "--output-file", "link")

    assert pipe.is_fifo()
    assert link.is_symlink()
    piped, linked = json.loads(said), json.loads(real.read_bytes())
    assert piped.pop("created_at") <= linked.pop("created_at")
    assert piped == linked


def test_formats_and_output_file(project: GuardProject) -> None:
    project.write("orders.py", SERVICE)
    document = json.loads(project.run("check", "--output", "json").stdout)
    assert [one["rule"] for one in document["findings"]] == ["PV-003"]
    sarif = json.loads(project.run("check", "--output=sarif").stdout)
    assert sarif["version"] == "2.1.0"
    assert project.run("check", "--output", "github").stdout.startswith("::error ")
    done = project.run("check", "--output", "json", "--output-file", "guard.json")
    assert done.returncode == 1
    assert "orders.py:1:7: PV-003" in done.stdout
    assert json.loads((project.folder / "guard.json").read_text())["findings"]
    told = project.run("check", "--output-file", "nowhere/guard.json")
    assert told.returncode == 2
    assert "nowhere/guard.json cannot be written" in told.stderr


def test_a_suppression_allows_and_is_listed(project: GuardProject) -> None:
    project.write(
        "orders.py",
        "class OrderService:  # failtrack: allow PV-003 until 2999-01-01 (SHOP-1) read only\n"
        "    pass\n",
    )
    done = project.run("check")
    assert done.returncode == 0, done.stdout
    assert "1 suppressed" in done.stdout
    assert "SHOP-1" in project.run("check", "--suppressions").stdout
    project.write("orders.py", "class Orders:  # failtrack: allow PV-003 (SHOP-1) none\n    pass\n")
    unused = project.run("check")
    assert unused.returncode == 1
    assert "FT-E3" in unused.stdout


def test_a_suppression_that_is_not_understood_is_listed_with_what_is_wrong(
    project: GuardProject,
) -> None:
    wrong = {
        "ignore PV-003 why": "malformed: it says 'ignore'; the word is `allow`",
        "allow": "malformed: it names no rule",
        "allow PV-3 why": "malformed: it names 'PV-3', which is no rule",
        "allow PV-003": "malformed (PV-003): it gives no reason",
        "allow PV-003 until": "malformed (PV-003): it says `until` and no day",
    }
    project.write("odd.py", "".join(f"x = 1  # failtrack: {one}\n" for one in wrong))
    told = project.run("check", "--suppressions").stdout
    for line, words in enumerate(wrong.values(), start=1):
        assert f"  odd.py:{line}: {words}\n" in told


def test_the_baseline_may_only_shrink(project: GuardProject) -> None:
    project.write("orders.py", SERVICE)
    refused = project.run("baseline", "--update")
    assert refused.returncode == 2
    assert "--allow-growth" in refused.stderr
    assert project.run("baseline", "--update", "--allow-growth").returncode == 0
    assert project.run("check").returncode == 0
    project.write("orders.py", "\n\nimport os\n\n" + SERVICE)
    assert project.run("check", "orders.py").returncode == 0
    assert project.run("check", "--no-baseline").returncode == 1
    project.write("orders.py", SERVICE + "class CartService: ...\n")
    more = project.run("check")
    assert more.returncode == 1
    assert "CartService" in more.stdout
    assert "OrderService" not in more.stdout
    assert project.run("baseline", "--update").returncode == 2
    project.write("orders.py", CLEAN)
    gone = project.run("check")
    assert gone.returncode == 0
    assert "no longer found" in gone.stdout
    assert project.run("baseline", "--update").returncode == 0
    project.write("orders.py", SERVICE)
    assert project.run("check").returncode == 1


def test_the_baseline_takes_in_nothing_new_for_what_is_gone(project: GuardProject) -> None:
    project.write("orders.py", SERVICE)
    project.write("old.py", SERVICE.replace("Order", "Old"))
    first = project.run("baseline", "--update", "--allow-growth")
    assert first.stdout == ".failtrack-guard-baseline.json: 2 known findings, 0 before\n"
    project.write("orders.py", CLEAN)
    project.write("carts.py", SERVICE.replace("Order", "Cart"))
    (project.folder / "old.py").rename(project.folder / "older.py")
    done = project.run("baseline", "--update")
    assert done.returncode == 2
    assert done.stdout == ".failtrack-guard-baseline.json: 1 known finding, 2 before\n"
    assert done.stderr == (
        "failtrack-guard: 1 new finding was not taken in: the baseline would grow: PV-003 from 1 "
        "to 2. Put it right or suppress it with a reason; --allow-growth takes it in\n"
    )
    told = project.run("check")
    assert told.returncode == 1
    assert "CartService" in told.stdout
    assert "OldService" not in told.stdout
    assert project.run("baseline", "--update").stdout == ""
    assert project.run("baseline", "--update", "--allow-growth").returncode == 0
    assert project.run("check").returncode == 0


def test_a_commit_range_sees_what_was_made_past_the_hook(project: GuardProject) -> None:
    """S0-39, S3-05: a hook in the manifest that a commit went around."""
    project.write(".pre-commit-config.yaml", MANIFEST)
    project.write("old.py", SERVICE.replace("Order", "Old"))
    project.write("plain.py", CLEAN)
    project.git("init", "-q", "-b", "main")
    project.git("add", ".")
    project.git("commit", "-q", "-m", "start")
    base = project.git("rev-parse", "HEAD")
    project.write("orders.py", SERVICE)
    project.write("plain.py", CLEAN + "y = 2\n")
    project.git("add", ".")
    project.git("commit", "-q", "-m", "orders, quickly", "--no-verify")
    bad = project.git("rev-parse", "HEAD")[:12]
    project.write("old.py", "z = 3\n\n" + SERVICE.replace("Order", "Old"))
    project.git("commit", "-aqm", "move")
    done = project.run("check", "--commit-range", f"{base}..HEAD", "--output", "json")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert sorted(one["path"] for one in document["findings"]) == ["old.py", "orders.py"]
    # The line of old.py was there before the range: nobody went around anything with it.
    assert [one["commit"][:12] for one in document["bypassed"]] == [bad]
    text = project.run("check", "--commit-range", f"{base}..HEAD").stdout
    assert "was made past the hook" in text
    assert "orders, quickly" in text
    (project.folder / ".pre-commit-config.yaml").unlink()
    without = project.run("check", "--commit-range", f"{base}...HEAD", "--output", "json")
    assert json.loads(without.stdout)["bypassed"] == []


def test_a_commit_past_the_hook_is_told_also_when_a_later_one_mends_it(
    project: GuardProject,
) -> None:
    manifest = project.write(".pre-commit-config.yaml", MANIFEST)
    project.write("old.py", SERVICE.replace("Order", "Old"))
    project.write("plain.py", CLEAN)
    project.git("init", "-q", "-b", "main")
    project.git("add", ".")
    project.git("commit", "-q", "-m", "start")
    base = project.git("rev-parse", "HEAD")

    def commit(message: str) -> str:
        project.git("add", "-A")
        project.git("commit", "-q", "-m", message)
        return project.git("rev-parse", "HEAD")

    project.write("plain.py", CLEAN + SERVICE)
    bad = commit("quickly")
    project.git("mv", "old.py", "moved.py")
    commit("only moved")
    project.write("plain.py", CLEAN)
    commit("mended")
    project.write("moved.py", "x = 2\n")
    commit("what was there before is gone")

    def bypassed() -> list[tuple[str, bool]]:
        done = project.run("check", "--commit-range", f"{base}..HEAD", "--output", "json")
        assert done.returncode == 0, done.stdout
        return [(one["commit"], one["mended"]) for one in json.loads(done.stdout)["bypassed"]]

    assert bypassed() == [(bad, True)]
    told = project.run("check", "--commit-range", f"{base}..HEAD")
    assert told.returncode == 0
    assert "was made past the hook and broke PV-003, which was put right or allowed" in told.stdout
    # The hook ran with other settings then.
    project.write("pyproject.toml", '[tool.failtrack.guard.PV-003]\nguard = "shop.halt.Guard"\n')
    commit("other settings")
    assert bypassed() == []
    manifest.unlink()
    assert bypassed() == []


def run_into(stdout: object, folder: Path, *arguments: str, **environ: str) -> tuple[int, str]:
    """Return the exit status of the command, and what it said to standard error."""
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "failtrack_guard", *arguments],
        cwd=folder,
        env={**os.environ, **environ},
        stdout=stdout,  # type: ignore[call-overload]
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


PRINTING = [
    ("check",),
    ("check", "--output", "json"),
    ("check", "clean.py"),
    ("check", "--output-file", "report.txt"),
    ("fix",),
    ("fix", "--diff", "--unsafe-fixes"),
    ("rules",),
    ("rules", "--json"),
    ("explain", "PV-003"),
    ("baseline",),
    ("baseline", "--update", "--allow-growth"),
    ("--version",),
    ("--help",),
]


@pytest.fixture
def printing(project: GuardProject) -> GuardProject:
    pytest.importorskip("libcst", reason="needs the extra guard")
    project.write("clean.py", CLEAN)
    project.write("shop/halt.py", "class HaltGuard:\n    pass\n")
    project.write("orders.py", SERVICE + "\n".join(f"class A{at}Service: ..." for at in range(200)))
    return project


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_output_that_cannot_be_written_is_told_in_one_line(
    arguments: tuple[str, ...], unbuffered: str, printing: GuardProject
) -> None:
    with open("/dev/full", "w") as full:
        told = run_into(full, printing.folder, *arguments, PYTHONUNBUFFERED=unbuffered)
    assert told == (
        2,
        "failtrack-guard: standard output cannot be written (No space left on device); make room, "
        "or send it elsewhere\n",
    )


@pytest.mark.skipif(os.name == "nt", reason="pipes of POSIX")
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_whoever_stops_reading_is_told_nothing(
    arguments: tuple[str, ...], printing: GuardProject
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    status, told = run_into(writing, printing.folder, *arguments, PYTHONUNBUFFERED="")
    os.close(writing)
    assert (told, status in (0, 1)) == ("", True)


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
def test_closed_streams_leave_the_exit_status(printing: GuardProject) -> None:
    import subprocess
    import sys

    command = f"{sys.executable} -m failtrack_guard"
    for arguments, status in (("check clean.py", 0), ("check", 1), ("chek", 2)):
        for streams in (">&-", "2>&-", ">&- 2>&-"):
            done = subprocess.run(
                f"{command} {arguments} {streams}",
                shell=True,
                cwd=printing.folder,
                capture_output=True,
                text=True,
                check=False,
            )
            assert (done.returncode, "Traceback" in done.stderr) == (status, False)


LAYERS = """
[tool.failtrack.guard]
preset = "hexagonal"
package = "shop"
select = ["VAL-3"]
"""


@pytest.mark.parametrize("folder", ["", "backend"])
def test_a_commit_that_breaks_a_rule_by_a_new_name_of_a_file_is_told(
    folder: str, tmp_path: Path
) -> None:
    project = GuardProject(tmp_path / folder, LAYERS)
    project.git("init", "-q", "-b", "main", str(tmp_path))
    (tmp_path / ".pre-commit-config.yaml").write_text(MANIFEST)
    outside = tmp_path / "outside.py"
    outside.write_text("import shop.api\n# from elsewhere\n")
    lines = "import shop.api\n# a line that stays\n"
    project.write("shop/tool.py", lines)
    project.write("shop/domain/old.py", "x = 1\nimport shop.api.old\n")

    def commit(message: str) -> str:
        project.git("add", "-A", str(tmp_path))
        project.git("commit", "-q", "-m", message)
        return project.git("rev-parse", "HEAD")

    base = commit("start")
    project.write("shop/wide.py", "y = 1\nimport shop.api.wide\n")
    commit("an import where it may stand")
    project.git("mv", "shop/domain/old.py", "shop/domain/older.py")
    commit("only moved")
    project.git("mv", "shop/tool.py", "shop/util.py")
    commit("moved where it may stand")
    project.git("mv", "shop/util.py", "shop/domain/tool.py")
    moved = commit("moved into the layer")
    project.git("mv", "shop/domain/tool.py", "shop/domain/tools.py")
    project.write("shop/domain/tools.py", lines + "import shop.api.more\n")
    more = commit("moved within, with one line more")
    project.git("mv", "shop/wide.py", "shop/domain/wide.py")
    wide = commit("moved after an import")
    project.git("mv", str(outside), "shop/domain/outside.py")
    brought = commit("brought from outside")

    document = json.loads(
        project.run("check", "--commit-range", f"{base}..HEAD", "--output", "json").stdout
    )
    # What was only moved is in findings, and nobody's.
    assert len(document["findings"]) == 5
    told = [(one["commit"], len(one["findings"])) for one in document["bypassed"]]
    assert told == [(moved, 1), (more, 1), (wide, 1), (brought, 1)]
    assert not any(one["mended"] for one in document["bypassed"])
    text = project.run("check", "--commit-range", f"{base}..HEAD").stdout
    assert text.count("was made past the hook") == 4


def test_a_new_name_that_broke_a_rule_and_was_taken_back_is_told_as_put_right(
    tmp_path: Path,
) -> None:
    project = GuardProject(tmp_path, LAYERS)
    project.git("init", "-q", "-b", "main")
    project.write(".pre-commit-config.yaml", MANIFEST)
    project.write("shop/domain/__init__.py", "")
    project.write("shop/tool.py", "import shop.api\n")
    project.git("add", ".")
    project.git("commit", "-q", "-m", "start")
    base = project.git("rev-parse", "HEAD")
    project.git("mv", "shop/tool.py", "shop/domain/tool.py")
    project.git("commit", "-q", "-m", "there")
    there = project.git("rev-parse", "HEAD")
    project.git("mv", "shop/domain/tool.py", "shop/tool.py")
    project.git("commit", "-q", "-m", "and back")
    done = project.run("check", "--commit-range", f"{base}..HEAD", "--output", "json")
    assert done.returncode == 0
    told = [(one["commit"], one["mended"]) for one in json.loads(done.stdout)["bypassed"]]
    assert told == [(there, True)]


def test_a_bad_commit_range_is_told(project: GuardProject) -> None:
    project.git("init", "-q")
    for wrong in ("HEAD", "nowhere..HEAD", "--output=x..y"):
        done = project.run("check", f"--commit-range={wrong}")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        assert "range" in done.stderr


def test_rules_say_whether_they_run(project: GuardProject) -> None:
    rows = {one["id"]: one for one in json.loads(project.run("rules", "--json").stdout)}
    assert rows["PV-003"]["runs"] is True
    assert all(one["summary"] for one in rows.values())
    head, *lines = project.run("rules").stdout.splitlines()
    assert head == "rule    here  severity  what it finds"
    starts = ("PV-003  on    CRITICAL  A ", "FT-S1   on    HIGH      Of ")
    assert sum(one.startswith(starts) for one in lines) == 2
    project.write("pyproject.toml", "")
    off = [one for one in project.run("rules").stdout.splitlines() if one.startswith("PV-003  off")]
    assert off[0].endswith(" (needs guard)")
    rows = {one["id"]: one for one in json.loads(project.run("rules", "--json").stdout)}
    assert rows["PV-003"]["runs"] is False
    assert rows["PV-003"]["needs"] == ["guard"]


def test_explain_shows_documentation_and_cases(project: GuardProject) -> None:
    done = project.run("explain", "pv-003")
    assert done.returncode == 0
    for words in ("# PV-003 missing-halt-guard", "Use instead:", "## Flagged", "`services`"):
        assert words in done.stdout
    unknown = project.run("explain", "PV-999")
    assert unknown.returncode == 2
    assert "PV-003" in unknown.stderr


def test_what_is_excluded_is_left_out_also_when_named(project: GuardProject) -> None:
    project.write("legacy/orders.py", SERVICE)
    project.write("pyproject.toml", '[tool.failtrack.guard]\nexclude = ["legacy"]\n' + HALT)
    assert project.run("check").returncode == 0
    assert project.run("check", "legacy/orders.py").returncode == 0
    assert project.run("check", "--config", "other.toml").returncode == 2


def test_virtual_environments_and_hidden_folders_are_left_out(project: GuardProject) -> None:
    project.write("env/pyvenv.cfg", "")
    project.write("env/lib/orders.py", SERVICE)
    project.write(".tox/orders.py", SERVICE)
    project.write("build/lib/orders.py", SERVICE)
    project.write("node_modules/orders.py", SERVICE)
    assert project.run("check").returncode == 0
    project.write("build/__init__.py", "")
    assert project.run("check").returncode == 1


def test_fix_changes_what_is_safe_and_shows_the_rest(tmp_path: Path) -> None:
    pytest.importorskip("libcst", reason="needs the extra guard")
    project = GuardProject(tmp_path, EVENTS)
    project.write("shop/events.py", ENUM)
    file = project.write(
        "shop/orders.py",
        "from shop.events import Event\r\n\r\n"
        'paid = Event("order.paid")  # naïve\r\n'
        'lost = Event("order.lost")\r\n'
        'kept = Event("order.paid")  # failtrack: allow PV-001 (SHOP-1) the old importer\r\n',
    )
    before = file.read_bytes()
    shown = project.run("fix", "--diff")
    assert shown.returncode == 1
    assert "+paid = Event(EventType.PAID)" in shown.stdout
    assert file.read_bytes() == before
    done = project.run("fix")
    assert done.returncode == 1
    assert "1 finding put right in 1 file" in done.stdout
    assert "shop/orders.py:4:14: PV-001" in done.stdout
    assert file.read_bytes() == before.replace(
        b'paid = Event("order.paid")  # na', b"paid = Event(EventType.PAID)  # na"
    ).replace(b"import Event\r\n", b"import Event, EventType\r\n")
    again = project.run("fix")
    assert "put right" not in again.stdout
    assert again.returncode == 1
    file.write_bytes(file.read_bytes().replace(b'"order.lost"', b"EventType.PAID"))
    assert project.run("fix").returncode == 0


ENUM_SERVICE = "import enum\n\nclass OldService(enum.Enum):\n    A = 1\n"


def test_what_cannot_be_fixed_is_not_promised(tmp_path: Path) -> None:
    project = GuardProject(tmp_path)
    project.write("shop/halt.py", "class HaltGuard:\n    pass\n")
    project.write("shop/orders.py", f"{ENUM_SERVICE}\n{SERVICE}")
    # The promise is made without libcst.
    (tmp_path / "block").mkdir()
    (tmp_path / "block/libcst.py").write_text("raise ImportError\n")
    path = os.pathsep.join(["block", os.environ.get("PYTHONPATH", "")])
    told = project.run("check", "--exclude", "block", PYTHONPATH=path)
    assert "2 findings in 1 file" in told.stdout
    assert "\n1 can be put right by `failtrack-guard fix --unsafe-fixes`" in told.stdout
    document = json.loads(project.run("check", "--output", "json").stdout)
    assert [one["fixable"] for one in document["findings"]] == [None, "unsafe"]
    assert document["totals"]["fixable"] == 1


def test_a_refused_fix_is_told_with_its_reason(tmp_path: Path) -> None:
    pytest.importorskip("libcst", reason="needs the extra guard")
    project = GuardProject(tmp_path)
    project.write("shop/halt.py", "class HaltGuard:\n    pass\n")
    project.write("shop/orders.py", f"{ENUM_SERVICE}\n{SERVICE}")
    done = project.run("fix", "--unsafe-fixes")
    reason = "OldService is an Enum, which takes no further base"
    assert done.stderr == f"shop/orders.py:5:7: PV-003 is not fixed: {reason}\n"
    assert "1 finding put right in 1 file" in done.stdout
    assert "1 finding could not be put right: the reason is above" in done.stdout
    assert "shop/orders.py:5:7: PV-003 OldService neither" in done.stdout
    assert "can be put right by" not in done.stdout


def test_the_project_is_that_of_the_named_paths(project: GuardProject, tmp_path: Path) -> None:
    import subprocess
    import sys

    file = project.write("shop/orders.py", SERVICE)
    elsewhere = tmp_path.parent
    done = subprocess.run(
        [sys.executable, "-m", "failtrack_guard", "check", str(file)],
        cwd=elsewhere,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "shop/orders.py:1:7: PV-003" in done.stdout
    # A pyproject.toml below that says nothing of us is not the project's.
    project.write("shop/pyproject.toml", "[project]\nname = 'shop'\n")
    assert "shop/orders.py:1:7: PV-003" in project.run("check", "shop/orders.py").stdout


def test_rules_are_named_in_any_case(project: GuardProject) -> None:
    project.write("orders.py", SERVICE)
    assert project.run("check", "--select", "pv-003").returncode == 1
    assert project.run("check", "--ignore", "pv-003").returncode == 0


def test_a_rule_that_is_half_configured_is_told(project: GuardProject) -> None:
    project.write("pyproject.toml", "[tool.failtrack.guard.PV-001]\nevents = ['a.Event']\n")
    done = project.run("check")
    assert done.returncode == 2
    assert "PV-001] does not say its enum" in done.stderr


MISSPELLED = """
[tool.failtrack.guard.PV-001]
enum = "shop.evnts.EventType"
events = ["shop.events.Evnt", "shop.events.Event", "other.events.Event", "shop.*.Evnt"]
emitters = ["shop.bus.emitt", "shop.bus.Bus.send", "shop.star.emit", "shop.fast.emit",
  "shop.bus.us"]
[tool.failtrack.guard.PV-002]
type = "shop.refs.ContntRef"
"""


def test_names_that_are_nowhere_are_told_once_for_a_whole_tree(tmp_path: Path) -> None:
    project = GuardProject(tmp_path, MISSPELLED)
    project.write("shop/__init__.py", "")
    project.write("shop/events.py", ENUM)
    project.write("shop/bus.py", "class Bus: ...\n")
    project.write("shop/star.py", "from fast import *\n")
    project.write("shop/fast.so", b"")
    project.write("shop/refs.py", "class ContentRef: ...\n")
    for _ in range(2):
        told = project.run("check", "--output", "json")
        assert told.returncode == 0
        assert told.stderr == (
            "failtrack-guard: warning: PV-001 enum shop.evnts.EventType, "
            "PV-001 events shop.events.Evnt, PV-001 emitters shop.bus.emitt, "
            "PV-001 emitters shop.bus.us, "
            "PV-002 type shop.refs.ContntRef: there is no such name in this project; correct "
            f"{tmp_path / 'pyproject.toml'}, or nothing is found by it\n"
        )
        assert json.loads(told.stdout)["errors"] == []
    assert project.run("check", "shop").stderr == ""
    # What only lies in the project's folder may belong to another distribution.
    (tmp_path / "shop" / "__init__.py").unlink()
    assert project.run("check").stderr == ""


def test_names_of_a_preset_may_be_nowhere(tmp_path: Path) -> None:
    project = GuardProject(
        tmp_path, '[tool.failtrack.guard]\npreset = "hexagonal"\npackage = "shop"\n'
    )
    project.write("shop/__init__.py", "")
    done = project.run("check")
    assert (done.returncode, done.stderr) == (0, "")


def test_explain_knows_what_the_guard_finds_about_itself(project: GuardProject) -> None:
    for rule_id in ("FT-E1", "FT-E2", "FT-E3", "FT-B1"):
        assert f"# {rule_id} " in project.run("explain", rule_id).stdout


def test_a_range_without_ends_is_told(project: GuardProject) -> None:
    project.git("init", "-q")
    done = project.run("check", "--commit-range", "..")
    assert done.returncode == 2
    assert "write BASE..HEAD" in done.stderr
