"""No secret is written: every kind is planted in every place, and all that was written is searched.

One project with every kind is run and killed in its last test, so that journals and slots stay.
With fewer kinds it then comes to its end, where the dead run becomes records, and runs in two
workers of which one crashes. Each place has secrets of its own: a leak names the place.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from plants import Plant, chunks_of, environ_of_plants, plants_of, traces_in
from project import Outcome, Project

# place: a word of its text that must stay readable in the records
PLACES = {
    "message": "RuntimeError: place message",
    "chained": "place chained",
    "grouped": "place grouped",
    "notes": "place notes",
    "assertion": "place assertion",
    "stdout": "place stdout",
    "stderr": "place stderr",
    "log": "place log",
    "fixture": "place fixture",
    "teardown": "place teardown",
    "skip": "place skip",
    "xfail": "place xfail",
    "strict": "place strict",
    "debt": "place debt",
    "component": "place component",
    "subtest": "place subtest",
    "nodeid": "test_id[",
    "passing": "",
    "collection": "place collection",
    "modskip": "place modskip",
    "syntax": "SyntaxError",
    "doctest": "place doctest",
    "dotenv": "place dotenv",
    "killed": "test_killed[",
}
# Written to journals and run documents, where a finding of debt or a failure names them.
UNREAD_IN_RECORDS = {"passing", "skip", "xfail", "modskip"}

# Characters before a row of secrets, so that some limit falls into it.
CUTS = (360, 1_250, 1_900, 3_850, 5_300, 7_950, 12_050)

CONFTEST = """
    import json, os
    from pathlib import Path

    PLANTS = json.loads(Path(__file__).with_name("plants.json").read_text())
    os.environ["LATE_TOKEN"] = PLANTS["dotenv"][0]  # as a conftest that reads a .env file

    def pytest_addoption(parser):
        parser.addoption("--api-password")
        parser.addoption("--header")
"""

PLACES_MODULE = """
    import logging, sys, unittest
    import pytest
    from conftest import PLANTS

    def chunks(place):
        texts = PLANTS[place]
        return pytest.mark.parametrize("text", texts, ids=map(str, range(len(texts))))

    @chunks("message")
    def test_message(text):
        raise RuntimeError("place message " + text)

    @chunks("chained")
    def test_chained(text):
        try:
            raise OSError("place chained " + text)
        except OSError as error:
            raise ValueError("it failed") from error

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="groups came with Python 3.11")
    @chunks("grouped")
    def test_grouped(text):
        raise ExceptionGroup("two", [ValueError("place grouped " + text), KeyError("x")])

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="notes came with Python 3.11")
    @chunks("notes")
    def test_notes(text):
        error = ValueError("it failed")
        error.add_note("place notes " + text)
        raise error

    @chunks("assertion")
    def test_assertion(text):
        assert ["place assertion", *text.splitlines()] == ["another", "list"]

    @chunks("stdout")
    def test_stdout(text):
        print("place stdout", text)
        assert False

    @chunks("stderr")
    def test_stderr(text):
        print("place stderr", text, file=sys.stderr)
        assert False

    @chunks("log")
    def test_log(text):
        logging.getLogger().error("place log %s", text)
        assert False

    @pytest.fixture
    def broken(request):
        raise LookupError("place fixture " + request.param)

    @pytest.mark.parametrize("broken", PLANTS["fixture"], indirect=True, ids=lambda _: "x")
    def test_fixture(broken):
        pass

    @pytest.fixture
    def untidy(request):
        yield
        raise LookupError("place teardown " + request.param)

    @pytest.mark.parametrize("untidy", PLANTS["teardown"], indirect=True, ids=lambda _: "x")
    def test_teardown(untidy):
        pass

    @chunks("skip")
    def test_skip(text):
        pytest.skip("place skip " + text)

    @chunks("xfail")
    def test_xfail(text):
        pytest.xfail("place xfail " + text)

    @pytest.mark.parametrize("number", [
        pytest.param(0, marks=pytest.mark.xfail(strict=True, reason="place strict " + text))
        for text in PLANTS["strict"]
    ])
    def test_strict(number):
        pass

    @pytest.mark.parametrize("number", [
        pytest.param(0, marks=[
            pytest.mark.skip(reason="later"),
            pytest.mark.failtrack_debt(until="2020-01-01", owner="place debt " + text, ticket=text),
        ])
        for text in PLANTS["debt"]
    ])
    def test_debt(number):
        pass

    @pytest.mark.parametrize("number", [
        pytest.param(0, marks=pytest.mark.component("place component " + text))
        for text in PLANTS["component"]
    ])
    def test_component(number):
        assert False

    class TestSub(unittest.TestCase):
        def test_sub(self):
            for text in PLANTS["subtest"]:
                with self.subTest("place subtest " + text, parameter=text):
                    self.fail("it failed")

    @pytest.mark.parametrize("text", PLANTS["nodeid"], ids=str)
    def test_id(text):
        assert False

    @pytest.mark.parametrize("text", PLANTS["passing"], ids=str)
    def test_passing(text):
        pass

    def test_dotenv():
        raise RuntimeError("place dotenv " + PLANTS["dotenv"][0])
"""

KILLED_MODULE = """
    import os
    import pytest
    from conftest import PLANTS

    @pytest.mark.skipif("KILL" not in os.environ, reason="this run goes on to its end")
    @pytest.mark.parametrize("text", PLANTS["killed"][:1], ids=str)
    def test_killed(text):
        os._exit(9)
"""

DOCTEST_MODULE = '''
    """Examples that fail."""

    import json
    from pathlib import Path

    PLANTS = json.loads(Path(__file__).with_name("plants.json").read_text())["doctest"]


    def first(number):
        """Say it.

        >>> first(0)
        place nowhere
        """
        print("place doctest", PLANTS[number])
'''


@dataclass
class Written:
    """What one run left behind, as bytes, and what it showed.

    Args:
        files: Content by path relative to the project.
        outcome: What pytest printed and ended with.
    """

    files: dict[str, bytes]
    outcome: Outcome
    section: str = field(init=False)
    traces: set[str] = field(init=False)

    def __post_init__(self) -> None:
        _, title, rest = self.outcome.stdout.rpartition(" failtrack ===")
        self.section = title + rest if title else ""
        self.files["terminal section"] = self.section.encode()
        self.traces = traces_in(b"\0".join(self.files.values()))

    def leaks_of(self, plants: Iterable[Plant]) -> list[str]:
        """Return which secrets are found, and where."""
        return [
            f"{plant.kind} in {path}: ...{_around(content, trace.encode())}..."
            for plant in plants
            for trace in plant.traces
            if trace in self.traces
            for path, content in self.files.items()
            if trace.encode() in content
        ]


def _around(content: bytes, trace: bytes) -> str:
    at = content.index(trace)
    return content[max(0, at - 80) : at + len(trace) + 20].decode("utf-8", "replace")


def written_by(project: Project, outcome: Outcome) -> Written:
    """Return everything that was written by us into a project."""
    paths = [
        path
        for top in (".failtrack", "governance", "summary.md", "digest.json")
        for path in [project.folder / top, *(project.folder / top).rglob("*")]
        if path.is_file()
    ]
    files = {str(path.relative_to(project.folder)): path.read_bytes() for path in paths}
    names = "\n".join(files)
    return Written({**files, "names of files": names.encode()}, outcome)


def plant_all(project: Project, *, chunks: int | None = None) -> None:
    """Write the project with its secrets, all or those of the last chunks.

    They lie in a file beside the tests.
    """
    first = -chunks if chunks else 0
    plants = {place: chunks_of(place)[first:] for place in PLACES}
    for place in ("nodeid", "passing"):
        plants[place] = [plant.text for plant in plants_of(place)][first * 8 :]
    plants["dotenv"] = [plants_of("dotenv")[0].secret]
    project.write("plants.json", json.dumps(plants))
    project.write("pyproject.toml", '[tool.failtrack]\ndigest_file = "digest.json"\n')
    project.write("conftest.py", CONFTEST)
    project.write("test_places.py", PLACES_MODULE)
    project.write("test_zz_killed.py", KILLED_MODULE)
    project.write("shop.py", DOCTEST_MODULE)
    for number, text in enumerate(plants["collection"]):
        what = repr("place collection " + text)
        project.write(f"test_broken_{number}.py", f"raise RuntimeError({what})\n")
    for number, text in enumerate(plants["modskip"][:2]):
        what = repr("place modskip " + text)
        skip = f"import pytest\npytest.skip({what}, allow_module_level=True)\n"
        project.write(f"test_modskip_{number}.py", skip)
    for number, text in enumerate(plants["syntax"]):
        line = text.replace("\n", " ").replace("\x1b", "")
        project.write(f"test_syntax_{number}.py", f"x = = 1  # {line}\n")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Written]:
    """What each of the runs left behind."""
    environ = {
        **environ_of_plants(),
        "GITHUB_ACTIONS": "true",
        "GITHUB_RUN_ID": "77",
        "GITHUB_STEP_SUMMARY": "summary.md",
    }
    words = ["--doctest-modules", "--continue-on-collection-errors"]
    folder = tmp_path_factory.mktemp("serial")
    serial = Project(folder)
    plant_all(serial)
    found = {}
    outcome = serial.pytest(*words, env={**environ, "KILL": "1"})
    found["killed"] = written_by(serial, outcome)
    plant_all(serial, chunks=2)
    outcome = serial.pytest(*words, env=environ)
    found["finished"] = written_by(serial, outcome)
    if _has_xdist():
        parallel = Project(tmp_path_factory.mktemp("parallel"), "xdist")
        plant_all(parallel, chunks=1)
        outcome = parallel.pytest(*words, env={**environ, "KILL": "1"})
        found["xdist"] = written_by(parallel, outcome)
    return found


def _has_xdist() -> bool:
    try:
        import xdist  # noqa: F401
    except ImportError:
        return False
    return True


@pytest.mark.parametrize("run", ["killed", "finished", "xdist"])
class TestPlaces:
    @pytest.fixture
    def of_run(self, written: dict[str, Written], run: str) -> Written:
        if run not in written:
            pytest.skip("pytest-xdist is not installed here")
        return written[run]

    @pytest.mark.parametrize("place", PLACES)
    def test_no_secret_is_written(self, of_run: Written, run: str, place: str) -> None:
        """Issue: a test plants each kind in each place and greps everything that was written."""
        assert of_run.leaks_of(plants_of(place)) == []

    def test_the_run_did_what_it_says(self, of_run: Written, run: str) -> None:
        """What is searched is there: pytest itself shows the secrets, and ours are many files."""
        if run == "killed":
            assert of_run.outcome.exit_status == 9
            assert any(name.endswith("main.jsonl") for name in of_run.files)
            assert any(name.endswith("main.slot") for name in of_run.files)
            return
        assert any(plant.secret in of_run.outcome.stdout for plant in plants_of("message"))
        assert of_run.section
        assert any(name.startswith("governance/events/runs/") for name in of_run.files)
        assert {".failtrack/history.sqlite", "summary.md", "digest.json"} <= set(of_run.files)


class TestReadability:
    @pytest.mark.parametrize("place", sorted(set(PLACES) - UNREAD_IN_RECORDS))
    def test_the_words_around_a_secret_stay(self, written: dict[str, Written], place: str) -> None:
        if place in ("grouped", "notes") and sys.version_info < (3, 11):
            pytest.skip("groups and notes came with Python 3.11")
        text = json.dumps(written["finished"].outcome.records)

        assert PLACES[place] in text

    @pytest.mark.parametrize("place", ["skip", "xfail", "modskip", "debt"])
    def test_debt_keeps_its_reason(self, written: dict[str, Written], place: str) -> None:
        run = written["finished"].outcome.runs[-1]
        items = [one for one in run["debt"]["items"] if PLACES[place] in json.dumps(one)]

        assert items
        assert all("[redacted:" in json.dumps(one) for one in items)

    def test_every_kind_says_what_it_was(self, written: dict[str, Written]) -> None:
        records = written["finished"].outcome.records
        ids = [one["test"]["nodeid"] for one in records if "::test_id[" in one["test"]["nodeid"]]

        assert len(ids) == len(plants_of("nodeid"))
        assert all(one.startswith("test_places.py::test_id[") for one in ids)
        assert all("[redacted:" in one and one.endswith("]") for one in ids)

    def test_the_test_that_killed_the_run_is_named(self, written: dict[str, Written]) -> None:
        """The slot outlives the process; it holds the redacted node id."""
        for run in written.keys() - {"killed"}:
            records = written[run].outcome.records
            crashed = [one["test"] for one in records if one["test"]["outcome"] == "crashed"]

            assert len(crashed) == 1
            assert crashed[0]["nodeid"].startswith("test_zz_killed.py::test_killed[")
            assert "[redacted:" in crashed[0]["nodeid"]


def _of(place: str) -> dict[str, Plant]:
    """Return the plants of a place by kind."""
    return {plant.kind: plant for plant in plants_of(place)}


class TestDoors:
    """What stands outside of tests: command lines, settings, names of files, early errors."""

    def test_names_of_files_and_folders(self, plain_project: Project) -> None:
        plants = _of("names")
        github = plants["github-token ghp_"]
        password = plants["password="]
        environ = environ_of_plants()["DEPLOY_TOKEN"]
        token = github.text.removeprefix("see ")
        plain_project.write(
            f"tests/{token}/{password.text}/test_{environ}.py", "def test_bad():\n    assert 0\n"
        )
        plain_project.write(f"tests/{token}/test_skipped.py", "def test_it():\n    skip\n")
        plain_project.write(f"tests/{token}/test_ignored.py", "")

        outcome = plain_project.pytest(
            f"--ignore=tests/{token}/test_ignored.py",
            f"--deselect=tests/{token}/test_skipped.py",
            "--import-mode=importlib",
            env=environ_of_plants(),
        )

        written = written_by(plain_project, outcome)
        assert written.leaks_of(plants_of("names")) == []
        nodeid = outcome.record["test"]["nodeid"]
        assert nodeid == (
            "tests/[redacted:github-token]/password=[redacted:password]"
            "/test_[redacted:env].py::test_bad"
        )
        kinds = {one["kind"] for one in outcome.run["debt"]["items"]}
        assert {"ignored", "deselected"} <= kinds

    def test_the_command_line(self, plain_project: Project) -> None:
        plants = _of("command")
        plain_project.write("plants.json", json.dumps({"dotenv": ["0" * 12]}))
        plain_project.write("conftest.py", CONFTEST)
        plain_project.write("test_bad.py", "def test_bad():\n    assert 0\n")

        outcome = plain_project.pytest(
            "--api-password",
            plants["two words"].secret,
            f"--header=Authorization: Bearer {plants['bearer'].secret}",
            f"--deselect={plants['url'].text}",
            f"-k not {plants['github-token ghp_'].text.removeprefix('see ')}",
        )

        assert written_by(plain_project, outcome).leaks_of(plants_of("command")) == []
        command = outcome.run["command"]
        assert command.startswith("pytest ")
        assert "--api-password '[redacted:password]'" in command

    def test_usage_errors(self, plain_project: Project) -> None:
        plants = _of("usage")
        plain_project.write("test_good.py", "def test_good():\n    pass\n")

        outcome = plain_project.pytest(
            f"--no-such-password={plants['password='].secret}", plants["url"].text
        )

        assert outcome.exit_status == 4
        assert written_by(plain_project, outcome).leaks_of(plants_of("usage")) == []
        assert "unrecognized arguments" in json.dumps(outcome.record)

    @pytest.mark.parametrize("style", ["auto", "short", "line", "no", "native"])
    def test_what_an_assertion_shows_of_a_secret(self, plain_project: Project, style: str) -> None:
        """The value has no name beside it in the message: the line of source has."""
        plain_project.write("settings.ini", "Tr0ub4dor&3")
        plain_project.write(
            "test_settings.py",
            """
            from dataclasses import dataclass
            from pathlib import Path

            @dataclass
            class Settings:
                host: str
                db_password: str

            def load():
                return Settings("h", Path("settings.ini").read_text())

            def test_attribute():
                assert load().db_password == "other", load().host

            def test_item():
                assert vars(load())["db_password"] == "other"

            def test_object():
                assert load() == Settings("h", "another")
            """,
        )

        outcome = plain_project.pytest(f"--tb={style}")

        written = [path for path in plain_project.folder.rglob("*") if path.suffix == ".json"]
        assert len(outcome.records) == 3
        assert [path for path in written if "Tr0ub4dor" in path.read_text()] == []

    def test_what_an_assertion_shows_beside_a_value_that_is_known(
        self, plain_project: Project
    ) -> None:
        plain_project.write("settings.ini", "Tr0ub4dor&3")
        plain_project.write(
            "test_settings.py",
            """
            import os
            from pathlib import Path

            def test_of_the_environment():
                password = Path("settings.ini").read_text()
                assert {"password": password}["password"] == os.environ["SHOP_TOKEN"]
            """,
        )

        outcome = plain_project.pytest(env={"SHOP_TOKEN": "c0rrect-h0rse"})

        shown = outcome.record["failure_description"]["error_message"]
        assert "assert '[redacted:password]' == '[redacted:env]'" in shown
        assert "Tr0ub4dor" not in json.dumps(outcome.record)

    def test_errors_of_a_conftest(self, plain_project: Project) -> None:
        text = "\n".join(chunks_of("conftest")[-2:])
        plain_project.write("conftest.py", f"raise RuntimeError({'place conftest ' + text!r})\n")

        outcome = plain_project.pytest(env=environ_of_plants())

        assert outcome.exit_status == 4
        assert written_by(plain_project, outcome).leaks_of(plants_of("conftest")) == []
        assert "place conftest" in json.dumps(outcome.record)

    def test_what_the_ci_says(self, plain_project: Project) -> None:
        """Branch, run URL, job and build are in every record, and the build in names of files."""
        plants = _of("ci")
        token = plants["gitlab-token glpat-"].text.removeprefix("see ")
        url = plants["url"].text
        plain_project.write("test_bad.py", "def test_bad():\n    assert 0\n")

        outcome = plain_project.pytest(
            env={
                "GITHUB_ACTIONS": "true",
                "GITHUB_HEAD_REF": f"fix/{token}",
                "GITHUB_SERVER_URL": url,
                "GITHUB_REPOSITORY": "org/shop",
                "GITHUB_RUN_ID": "77",
                "GITHUB_JOB": plants["password="].text,
                "GITHUB_WORKFLOW": plants["token:"].text,
                "GITHUB_STEP_SUMMARY": str(plain_project.folder / "summary.md"),
                "TOX_ENV_NAME": plants["jwt"].text,
                "FAILTRACK_BUILD": f"build-{token}",
            }
        )

        written = written_by(plain_project, outcome)
        assert written.leaks_of(plants_of("ci")) == []
        assert "summary.md" in written.files
        environment = outcome.record["environment"]
        assert environment["branch"] == "fix/[redacted:gitlab-token]"
        assert environment["run_url"].endswith("@db.example/shop/org/shop/actions/runs/77")

    def test_a_command_and_its_output(self, plain_project: Project) -> None:
        """`failtrack run`: the command line, its tail, its error line."""
        plants = _of("run")
        plain_project.write("said.txt", "\n".join(chunks_of("run")))
        code = "print(open('said.txt').read()); raise SystemExit('error: ' + {!r})"

        outcome = plain_project.failtrack(
            "run",
            "--",
            sys.executable,
            "-c",
            code.format(plants["url"].text),
            "--password",
            plants["two words"].secret,
            f"--api-token={plants['token:'].secret}",
            env={**environ_of_plants(), "FAILTRACK_BRANCH": plants["password="].text},
        )

        assert outcome.exit_status == 1
        written = written_by(plain_project, outcome)
        ours = outcome.stderr.partition(" failtrack ===")[2]
        assert ours
        assert written.leaks_of(plants_of("run")) == []
        assert Written({"ours": ours.encode()}, outcome).leaks_of(plants_of("run")) == []
        assert "error: postgres://bob:[redacted:url-password]@db.example" in json.dumps(
            outcome.record
        )

    def test_a_secret_where_a_text_is_cut(self, plain_project: Project) -> None:
        """What is cut off takes the mark with it by which a secret is known (`@` of a URL)."""
        plants = _of("cut")
        said = [plants[kind].text for kind in ("url", "jwt", "basic", "two words")]
        texts = ["x" * before + " " + " ".join(said * 3) + "y" * 9_000 for before in CUTS]
        plain_project.write("said.json", json.dumps(texts))
        plain_project.write(
            "test_cut.py",
            """
            import json
            import pytest

            TEXTS = json.load(open("said.json"))
            each = pytest.mark.parametrize("text", TEXTS, ids=map(len, TEXTS))

            @each
            def test_message(text):
                raise ValueError(text)

            @each
            def test_equal(text):
                assert text == "short"

            @each
            def test_skipped(text):
                pytest.skip(text)
            """,
        )

        outcome = plain_project.pytest(env={"LEFT_TOKEN": plants["github-token ghp_"].secret})

        assert len(outcome.failures) == 2 * len(CUTS)
        assert written_by(plain_project, outcome).leaks_of(plants_of("cut")) == []
