"""A record is proven by what the tool itself has run: then each step is spoiled in turn."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from proof_shop import AFTER, BEFORE, NOW, PATCH, TEST, Shop, make_record

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.prevention.known_bad import IGNORED_BYTES_MAX, copied
from pytest_failtrack.prevention.prove import prove

ALL = ["exists", "passes", "catches", "documented", "record"]
HALT_GUARD = """
    [tool.failtrack.guard.PV-003]
    guard = "shop.halt.HaltGuard"
"""
HALT = "class HaltGuard:\n    pass\n"
SERVICE = """\
    from shop.halt import HaltGuard


    class OrderService:
        def __init__(self, guard: HaltGuard) -> None:
            self._guard = guard
"""
UNGUARDED = "class OrderService:\n    pass\n"


def only(*steps: str) -> str:
    return f"[tool.failtrack.prevention]\nsteps = {json.dumps(steps)}\n"


class TestAProof:
    def test_is_there_when_every_step_holds(self, shop: Shop) -> None:
        """S0-148..152."""
        proof = shop.prove()

        assert [(one.name, one.ok) for one in proof.steps] == [(name, True) for name in ALL]
        assert proof.is_proven
        assert [one.sentence for one in proof.steps] == [
            f"test:{TEST} exists.",
            f"test:{TEST} passes on the tree.",
            f"test:{TEST} fails on the known-bad case (case.patch: KeyError: 'customer_id').",
            "docs/orders.md has changed since the failure was seen.",
            "the record is RESOLVED and has what PREVENTED demands.",
        ]

    def test_is_plain_json(self, shop: Shop) -> None:
        shop.configure(only("record"))

        document = json.loads(json.dumps(shop.prove().to_dict()))

        assert document == {
            "failure_id": shop.failure_id,
            "at": "2025-03-03T10:00:00Z",
            "is_proven": True,
            "steps": [
                {
                    "name": "record",
                    "ok": True,
                    "sentence": "the record is RESOLVED and has what PREVENTED demands.",
                }
            ],
        }

    def test_changes_nothing_in_the_tree(self, shop: Shop) -> None:
        """Also where the project tracks every run, and writes reports of it."""
        shop.write(
            "pytest.ini",
            "[pytest]\npythonpath = src\n"
            "addopts = -p failtrack --failtrack --junitxml=report.xml -x\n",
        )
        before = shop.tree()

        proof = shop.prove()

        assert proof.is_proven, proof.refusal
        assert shop.tree() == before

    def test_counts_a_whole_file_or_one_of_many_parameters(self, shop: Shop) -> None:
        shop.write(
            "tests/test_more.py",
            """\
            import pytest
            from shop.orders import build_order


            @pytest.mark.parametrize("key", ["customer_id", "customerId"])
            def test_spelling(key):
                assert build_order({key: 7}) == {"customer": 7}
            """,
        )
        shop.configure(only("exists", "passes", "catches"))
        named = ["tests/test_more.py", "test:./tests/test_more.py::test_spelling"]

        assert shop.prove(test_additions=named).is_proven
        ok, sentence = shop.step("catches", test_additions=[f"{named[1]}[customer_id]"])
        assert (ok, "passes on the known-bad case" in sentence) == (False, True)

    def test_holds_without_git_by_the_time_of_files(self, plain_shop: Shop) -> None:
        """The patch is applied in a copy that is no repository; documentation by its own time."""
        proof = plain_shop.prove()

        assert proof.is_proven, proof.refusal
        assert "by the time of the file" in proof.steps[3].sentence

    def test_takes_a_folder_with_a_space(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        assert Shop(tmp_path / "my shop é", monkeypatch, capfd).fixed().prove().is_proven

    def test_of_a_module_imported_from_the_tree_by_a_path_file(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An editable installation names a folder of the tree: that of the copy goes ahead."""
        shop.write("pyproject.toml", only("passes", "catches"))
        (shop.root / "src").rename(shop.root / "python")
        shop.known_bad("case.patch", PATCH.replace("src/", "python/"))
        monkeypatch.setattr(sys, "path", [*sys.path, str(shop.root / "python")])

        assert shop.prove().is_proven

    def test_of_a_folder_of_modules_that_is_named(self, shop: Shop) -> None:
        shop.write("pyproject.toml", only("passes", "catches") + 'paths = ["python"]\n')
        (shop.root / "src").rename(shop.root / "python")
        shop.known_bad("case.patch", PATCH.replace("src/", "python/"))

        assert shop.prove().is_proven

    def test_takes_a_rule_of_the_guard_and_a_bad_source_file(self, shop: Shop) -> None:
        """S0-149, S0-150: the rule is clean on the tree and finds the known-bad file."""
        shop.configure(HALT_GUARD + only("exists", "passes", "catches"))
        shop.write("src/shop/halt.py", HALT)
        shop.write("src/shop/service.py", SERVICE)
        shutil.rmtree(shop.root / "governance/events/known-bad")
        shop.known_bad("tree/src/shop/service.py.bad", UNGUARDED)

        proof = shop.prove(precondition_updates=["guard:PV-003"], test_additions=[])

        assert proof.is_proven, proof.refusal
        assert "guard:PV-003 fails on the known-bad case (tree: src/shop/service.py:1" in (
            proof.steps[2].sentence
        )

    def test_takes_a_command_of_the_project(self, shop: Shop) -> None:
        shop.configure(
            only("exists", "passes", "catches")
            + f"""
            [tool.failtrack.prevention.commands]
            spelled = [{sys.executable!r}, "-c", "import sys; sys.exit('customerId' not in \
open('src/shop/orders.py').read())"]
            """.replace("            ", "")
        )

        assert shop.prove(precondition_updates=["command:spelled"]).is_proven


class TestTheFirstStep:
    """S0-148: the precondition exists."""

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ([], "names no precondition that can be run"),
            (["Validate the payload."], "What is named there is prose"),
            (["tests/test_gone.py::test_x"], "does not exist: there is no such file"),
            (["tests/test_orders.py::test_gone"], "does not exist: pytest finds no such test"),
            (["test:../other/test_x.py::test_x"], "there is no such file"),
            (["test:/etc/passwd.py::test_x"], "there is no such file"),
            (["test:--version"], "there is no such file"),
            (["guard:PV-999"], "the guard has no such rule; it has PV-001"),
            (
                ["guard:PV-003"],
                "switched off here; it needs guard in [tool.failtrack.guard.PV-003]",
            ),
            (["PV-003"], "switched off here"),
            (["command:gone"], "has no such command"),
            (["test:" + "x" * 5_000 + ".py"], "there is no such file"),
            (["test:a\0b.py"], "there is no such file"),
        ],
        ids=range(13),
    )
    def test_is_refused(self, shop: Shop, given: list[str], said: str) -> None:
        shop.configure(only("exists"))

        ok, sentence = shop.step("exists", precondition_updates=given, test_additions=[])

        assert not ok
        assert said in sentence

    def test_names_a_file_that_cannot_be_imported(self, shop: Shop) -> None:
        shop.write("tests/test_orders.py", "import nowhere\n")
        shop.configure(only("exists"))

        assert "cannot be collected: ModuleNotFoundError" in shop.step("exists")[1]

    def test_counts_what_is_prose_beside_it(self, shop: Shop) -> None:
        shop.configure(only("exists"))

        said = shop.step("exists", precondition_updates=["Validate the payload."])

        assert said == (True, f"test:{TEST} exists (1 more in prose).")


class TestTheSecondStep:
    """S0-149: it passes on the tree."""

    def test_refuses_a_test_that_always_fails(self, shop: Shop) -> None:
        shop.write("tests/test_orders.py", "def test_both_spellings():\n    assert 1 == 2\n")
        shop.configure(only("passes", "catches"))

        proof = shop.prove()

        assert not proof.is_proven
        assert f"test:{TEST} fails on the tree as it is now: assert 1 == 2" in (
            proof.steps[0].sentence
        )
        assert proof.steps[1].sentence.startswith("not run: what is red on the tree")

    @pytest.mark.parametrize(
        ("mark", "said"),
        [
            ("@pytest.mark.skip(reason='later')", "is skipped, so it guards nothing"),
            ("@pytest.mark.xfail(reason='later')", "is marked xfail, so it guards nothing"),
        ],
        ids=["skip", "xfail"],
    )
    def test_refuses_a_test_that_guards_nothing(self, shop: Shop, mark: str, said: str) -> None:
        text = f"import pytest\n\n{mark}\ndef test_both_spellings():\n    assert True\n"
        shop.write("tests/test_orders.py", text)
        shop.configure(only("passes"))

        assert said in shop.step("passes")[1]

    def test_refuses_a_test_that_does_not_end(self, shop: Shop) -> None:
        text = "import time\n\ndef test_both_spellings():\n    time.sleep(60)\n"
        shop.write("tests/test_orders.py", text)
        shop.configure(only("passes") + "timeout_seconds = 3\n")

        assert "did not end within 3 s" in shop.step("passes")[1]

    def test_refuses_a_test_that_takes_its_process_along(self, shop: Shop) -> None:
        text = "import os\n\ndef test_both_spellings():\n    os._exit(3)\n"
        shop.write("tests/test_orders.py", text)
        shop.configure(only("passes"))

        assert "it takes its process along, status 3" in shop.step("passes")[1]

    def test_refuses_a_rule_that_finds_something(self, shop: Shop) -> None:
        shop.configure(HALT_GUARD + only("passes"))
        shop.write("src/shop/halt.py", HALT)
        shop.write("src/shop/service.py", UNGUARDED)

        ok, sentence = shop.step("passes", test_additions=["guard:PV-003"])

        assert not ok
        assert "guard:PV-003 fails on the tree as it is now: src/shop/service.py:1" in sentence

    @pytest.mark.parametrize(
        ("name", "text", "said"),
        [
            ("src/shop/broken.py", "class OrderService(:\n", "src/shop/broken.py: "),
            ("pyproject.toml", "[tool.failtrack.guard]\nselect = ['PV-9']\n", "'PV-9' is no rule"),
        ],
        ids=["syntax", "configuration"],
    )
    def test_says_what_the_guard_cannot_judge(
        self, shop: Shop, name: str, text: str, said: str
    ) -> None:
        shop.configure(HALT_GUARD)
        shop.write("src/shop/halt.py", HALT)
        shop.write(name, text)

        proof = shop.prove(test_additions=["guard:PV-003"])

        told = " ".join(one.sentence for one in proof.steps)
        assert said in told
        assert "{" not in told
        assert not proof.is_proven

    def test_a_broken_configuration_of_pytest_is_told(self, shop: Shop) -> None:
        shop.write("pytest.ini", "[pytest]\naddopts = --no-such-option\n")
        shop.configure(only("passes"))

        ok, sentence = shop.step("passes")

        assert not ok
        assert "no precondition" in sentence or "--no-such-option" in sentence

    def test_a_python_without_pytest_is_told(self, shop: Shop) -> None:
        shop.configure(only("exists") + f"pytest = [{sys.executable!r}, '-m', 'no_pytest']\n")

        ok, sentence = shop.step("exists")

        assert not ok
        assert "No module named no_pytest" in sentence

    def test_secrets_in_what_was_printed_are_redacted(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SHOP_API_TOKEN", "s3cr3t-t0ken-of-the-shop")
        shop.write(
            "tests/test_orders.py",
            "import os\n\ndef test_both_spellings():\n    raise ValueError(os.environ"
            "['SHOP_API_TOKEN'])\n",
        )
        shop.configure(only("passes"))

        sentence = shop.step("passes")[1]

        assert "ValueError" in sentence
        assert "s3cr3t-t0ken" not in sentence


class TestTheThirdStep:
    """S0-150: it fails on the known-bad case."""

    @pytest.fixture(autouse=True)
    def _alone(self, shop: Shop) -> None:
        shop.configure(only("catches"))

    def test_refuses_a_test_that_always_passes(self, shop: Shop) -> None:
        shop.write("tests/test_orders.py", "def test_both_spellings():\n    assert True\n")

        ok, sentence = shop.step("catches")

        assert not ok
        assert sentence == (
            f"test:{TEST} passes on the known-bad case, so it would not have caught the failure."
        )

    def test_wants_a_case_and_says_how_to_make_one(self, shop: Shop) -> None:
        shutil.rmtree(shop.root / "governance/events/known-bad")

        ok, sentence = shop.step("catches")

        assert not ok
        said, _, command = sentence.partition(", FIX being its commit: ")
        assert said == "no known-bad case is stored; turn the fix around"
        os.system(command.replace("FIX", "HEAD"))
        assert shop.step("catches")[0]

    def test_one_can_be_made_in_a_part_of_a_repository(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """The project lies in a folder of the repository, and git writes no prefixes."""
        shop = Shop(tmp_path / "all/shop", monkeypatch, capfd)
        shop.git("init", "-q", "-b", "main", "..")
        shop.git("config", "diff.noprefix", "true")
        shop.commit(BEFORE)
        shop.fix()
        shutil.rmtree(shop.root / "governance/events/known-bad")
        shop.commit(AFTER)
        shop.record["resolution"]["resolution_commit"] = shop.git("rev-parse", "HEAD").strip()

        _, _, command = shop.step("catches")[1].partition("turn the fix around: ")
        os.system(command)

        proof = shop.prove()
        assert proof.is_proven, proof.refusal

    def test_refuses_a_patch_that_does_not_apply(self, shop: Shop) -> None:
        shop.write("src/shop/orders.py", "def build_order(payload):\n    return 1\n")
        shop.write("tests/test_orders.py", "def test_both_spellings():\n    assert True\n")

        ok, sentence = shop.step("catches")

        assert not ok
        assert "case.patch does not apply to the tree as it is now" in sentence
        assert "src/shop/orders.py" in sentence

    @pytest.mark.parametrize(
        "text",
        ["", "no patch\n", PATCH.replace("src/shop/orders.py", "../../outside.py")],
        ids=["empty", "prose", "escape"],
    )
    def test_refuses_what_is_no_patch_of_the_tree(self, shop: Shop, text: str) -> None:
        shop.known_bad("case.patch", text)

        ok, sentence = shop.step("catches")

        assert (ok, "does not apply" in sentence) == (False, True)
        assert not (shop.root.parent / "outside.py").exists()

    def test_refuses_a_patch_through_a_link_that_leads_outside(
        self, shop: Shop, tmp_path: Path
    ) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (shop.root / "link").symlink_to(outside, target_is_directory=True)
        shop.known_bad("case.patch", "--- /dev/null\n+++ b/link/new.py\n@@ -0,0 +1 @@\n+x = 1\n")

        assert not shop.step("catches")[0]
        assert list(outside.iterdir()) == []

    def test_refuses_a_file_laid_over_what_lies_outside(self, shop: Shop, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (shop.root / "link").symlink_to(outside, target_is_directory=True)
        shop.known_bad("tree/link/new.py.bad", "x = 1\n")

        ok, sentence = shop.step("catches")

        assert (ok, "outside of the tree" in sentence) == (False, True)
        assert list(outside.iterdir()) == []

    def test_refuses_a_patch_that_breaks_the_test_itself(self, shop: Shop) -> None:
        shop.write("tests/test_orders.py", "def test_both_spellings():\n    assert 1\n")
        patch = """\
        --- a/tests/test_orders.py
        +++ b/tests/test_orders.py
        @@ -1,2 +1,2 @@
         def test_both_spellings():
        -    assert 1
        +    assert 0
        """
        shop.known_bad("case.patch", patch)

        ok, sentence = shop.step("catches")

        assert not ok
        assert "changes tests/test_orders.py itself" in sentence

    def test_refuses_one_that_breaks_what_all_tests_use(self, shop: Shop) -> None:
        text = "--- /dev/null\n+++ b/tests/conftest.py\n@@ -0,0 +1 @@\n+raise ValueError\n"
        shop.known_bad("case.patch", text)

        assert "changes tests/conftest.py itself" in shop.step("catches")[1]

    def test_refuses_a_patch_after_which_nothing_can_be_imported(self, shop: Shop) -> None:
        """A test that is red for any other reason proves nothing."""
        shop.known_bad("case.patch", PATCH.replace('+    return {"customer"', '+    return {"cu'))

        ok, sentence = shop.step("catches")

        assert not ok
        assert "could not be judged on the known-bad case" in sentence
        assert "cannot be collected" in sentence

    def test_takes_it_where_the_failure_was_one_of_collecting(self, shop: Shop) -> None:
        shop.record = make_record(when="collect")
        shop.known_bad("case.patch", PATCH.replace('+    return {"customer"', '+    return {"cu'))

        assert shop.step("catches")[0]

    def test_takes_one_that_ends_the_process(self, shop: Shop) -> None:
        died = PATCH.replace(
            'return {"customer": payload["customer_id"]}', '__import__("os").abort()'
        )
        shop.known_bad("case.patch", died)

        ok, sentence = shop.step("catches")

        assert ok, sentence
        assert "it takes its process along, status -6" in sentence

    def test_refuses_one_that_hangs(self, shop: Shop) -> None:
        """Whether it would have ended, nobody knows."""
        hangs = PATCH.replace(
            'return {"customer": payload["customer_id"]}', '__import__("time").sleep(60)'
        )
        shop.known_bad("case.patch", hangs)
        shop.configure(only("catches") + "timeout_seconds = 5\n")

        ok, sentence = shop.step("catches")

        assert (ok, "did not end within 5 s" in sentence) == (False, True)

    def test_refuses_a_source_file_that_tools_would_find(self, shop: Shop) -> None:
        shop.known_bad("tree/src/shop/orders.py", "x = 1\n")

        ok, sentence = shop.step("catches")

        assert (ok, "orders.py.bad; else pytest and the guard would find it" in sentence) == (
            False,
            True,
        )

    def test_each_case_is_caught_and_each_precondition_catches(self, shop: Shop) -> None:
        shop.known_bad(
            "idle.patch", PATCH.replace('payload["customer_id"]}', 'payload["customerId"]}')
        )

        assert shop.step("catches") == (False, "no precondition fails on idle.patch.")
        (shop.root / f"governance/events/known-bad/{shop.failure_id}/idle.patch").unlink()
        shop.write("tests/test_idle.py", "def test_idle():\n    assert True\n")
        ok, sentence = shop.step("catches", precondition_updates=["tests/test_idle.py::test_idle"])
        assert not ok
        assert sentence.startswith(
            "test:tests/test_idle.py::test_idle passes on the known-bad case"
        )

    def test_says_when_git_is_missing(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(shop.root / "nothing"))

        ok, sentence = shop.step("catches")

        assert not ok
        assert "could not be started: git" in sentence
        assert "store the bad files themselves as tree/PATH.bad" in sentence

    def test_a_tree_that_is_reached_by_a_link_is_copied(self, shop: Shop, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(shop.root, target_is_directory=True)
        shop.root = tmp_path / "link"

        assert shop.step("catches")[0]

    def test_says_when_the_copy_is_not_what_is_imported(self, shop: Shop) -> None:
        """Else the known-bad case would be judged by the code of the tree."""
        shop.write("pytest.ini", "[pytest]\n")
        shop.write(
            "tests/conftest.py", f"import sys\n\nsys.path.insert(0, {str(shop.root / 'src')!r})\n"
        )

        assert not shop.step("catches")[0]
        shop.configure(only("passes"))
        assert (
            "src/shop/__init__.py is still imported from the tree itself"
            in (shop.step("passes")[1])
        )


class TestTheCopy:
    def test_what_is_no_file_is_left_out(self, plain_shop: Shop) -> None:
        os.mkfifo(plain_shop.root / "fifo")
        (plain_shop.root / "gone").symlink_to("nowhere")
        (plain_shop.root / "venv").mkdir()
        (plain_shop.root / "venv/pyvenv.cfg").write_text("")
        with copied(plain_shop.root) as copy:
            names = {path.name for path in copy.iterdir()}

        assert "src" in names
        assert names & {"fifo", "venv", ".git"} == set()
        assert not copy.exists()

    def test_a_virtual_environment_is_left_out_that_git_does_not_ignore(self, shop: Shop) -> None:
        shop.write("env/pyvenv.cfg", "")
        shop.write("env/lib/x.py", "")
        with copied(shop.root) as copy:
            assert not (copy / "env").exists()

    def test_what_git_ignores_is_copied_where_it_lies_alone(self, shop: Shop) -> None:
        """A made `_version.py` is needed, a folder of caches is not."""
        shop.write(".gitignore", "_version.py\n.cache/\n*.big\n")
        shop.write("src/shop/_version.py", "version = 1\n")
        shop.write(".cache/x.py", "x = 1\n")
        shop.write("src/shop/data.big", "0" * (IGNORED_BYTES_MAX + 1))
        shop.write("new.py", "x = 1\n")
        (shop.root / "docs/orders.md").unlink()
        with copied(shop.root, linked=[".cache"]) as copy:
            assert (copy / "src/shop/_version.py").is_file()
            assert (copy / "new.py").is_file()
            assert not (copy / "src/shop/data.big").exists()
            assert not (copy / "docs/orders.md").exists()
            assert (copy / ".cache").is_symlink()

        assert (shop.root / ".cache/x.py").exists()


class TestTheFourthStep:
    """S0-151: the documentation has changed since."""

    @pytest.fixture(autouse=True)
    def _alone(self, shop: Shop) -> None:
        shop.configure(only("documented"))

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ([], "names no documentation"),
            (["docs/gone.md"], "there is no docs/gone.md"),
            (["src/shop/__init__.py"], "has not changed since the failure was seen (2025-03-01"),
            (["https://wiki.example/orders"], "is an address; name a file of the repository"),
            (["../outside.md"], "there is no ../outside.md"),
            (["../.."], "lies outside of the repository"),
            (["."], "lies outside of the repository"),
            (["docs/orders.md", "docs/gone.md"], "there is no docs/gone.md"),
            (["x" * 5_000], "there is no xxx"),
            (["a\0b"], "there is no a"),
        ],
        ids=range(10),
    )
    def test_is_refused(self, shop: Shop, given: list[str], said: str) -> None:
        ok, sentence = shop.step("documented", documentation_updates=given)

        assert not ok
        assert said in sentence

    @pytest.mark.parametrize(
        "given",
        ["docs/orders.md", "docs/orders.md: both spellings", "docs/orders.md#spelling", "docs"],
    )
    def test_a_path_may_be_followed_by_words(self, shop: Shop, given: str) -> None:
        ok, _ = shop.step("documented", documentation_updates=[], governance_updates=[given])

        assert ok

    def test_what_is_not_committed_yet_counts(self, shop: Shop) -> None:
        shop.write("src/shop/__init__.py", "# changed\n")

        assert shop.step("documented", documentation_updates=["src/shop/__init__.py"])[0]

    def test_a_history_that_was_not_fetched_cannot_say(self, shop: Shop, tmp_path: Path) -> None:
        """CI fetches one commit: every file would seem to have changed in it."""
        clone = tmp_path / "clone"
        shop.git("clone", "-q", "--depth=1", f"file://{shop.root}", str(clone))
        shop.root = clone

        ok, sentence = shop.step("documented")

        assert (ok, "fetch all of it" in sentence) == (False, True)


class TestTheLastStep:
    """S0-152, S0-153."""

    @pytest.fixture(autouse=True)
    def _alone(self, shop: Shop) -> None:
        shop.configure(only("record"))

    def test_refuses_a_record_that_is_not_resolved(self, shop: Shop) -> None:
        shop.record["status"] = "OPEN"

        assert shop.step("record") == (
            False,
            "the record is OPEN; only one that is RESOLVED becomes PREVENTED.",
        )

    def test_refuses_one_that_does_not_say_why_it_was_not_prevented(self, shop: Shop) -> None:
        shop.record["root_cause"]["why_not_prevented"] = None

        assert shop.step("record") == (
            False,
            "PREVENTED also demands root_cause.why_not_prevented.",
        )


class TestTheList:
    """S0-131: the verification list is configuration."""

    def test_takes_commands_of_the_project_as_steps(self, shop: Shop) -> None:
        told = "import os, sys; print('token of', os.environ['FAILTRACK_FAILURE_ID']); sys.exit({})"
        shop.configure(
            only("record", "signed", "unsigned")
            + "[tool.failtrack.prevention.commands]\n"
            + f'signed = [{sys.executable!r}, "-c", "{told.format(0)}"]\n'
            + f'unsigned = [{sys.executable!r}, "-c", "{told.format(4)}"]\n'
        )

        steps = shop.prove().steps

        assert [(one.name, one.ok) for one in steps] == [
            ("record", True),
            ("signed", True),
            ("unsigned", False),
        ]
        assert steps[2].sentence.startswith("the command ends with 4: token of")

    @pytest.mark.parametrize(
        ("table", "said"),
        [
            ("steps = []", "steps is empty"),
            ("steps = ['exist']", "'exists'"),
            ("step = ['exists']", "unknown key 'step'"),
            ("timeout_seconds = 0", "a whole number of 1 or more"),
            ("paths = ['../other']", "folders of the project"),
            ("linked = ['/etc']", "folders of the project"),
            ("commands = {check = 'make'}", "a list of texts"),
            ("commands = {check = []}", 'a list of words such as ["make", "check"]'),
            ("commands = {passes = ['true']}", "a step of ours is called so"),
        ],
        ids=range(9),
    )
    def test_is_refused(self, shop: Shop, table: str, said: str) -> None:
        shop.configure(f"[tool.failtrack.prevention]\n{table}\n")

        with pytest.raises(ConfigError) as refused:
            shop.prove()

        assert said in refused.value.message

    def test_the_folder_of_known_bad_cases_can_lie_elsewhere(self, shop: Shop) -> None:
        shop.configure(only("catches") + 'known_bad = "bad"\n')
        (shop.root / "governance/events/known-bad").rename(shop.root / "bad")

        assert shop.step("catches")[0]


class TestTheWholeWay:
    """S0-153: only after the verification; what each step said is in the record's history."""

    def changes(self, shop: Shop) -> list[dict[str, Any]]:
        path = shop.root / f"governance/events/changes/{shop.failure_id}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()]

    def test_a_resolved_record_becomes_prevented(self, shop: Shop) -> None:
        result = shop.run("record", shop.failure_id, "prevent", "--by", "ana")

        assert result.code == 0, result.err
        assert shop.records()[0]["status"] == "PREVENTED"
        told = [(one["step"], one["ok"]) for one in self.changes(shop) if one["action"] == "verify"]
        assert told == [(name, True) for name in ALL]
        assert shop.run("verify", shop.failure_id).code == 0

    def test_it_stays_resolved_when_a_step_does_not_hold(self, shop: Shop) -> None:
        shop.write("tests/test_orders.py", "def test_both_spellings():\n    assert True\n")

        result = shop.run("record", shop.failure_id, "prevent", "--by", "ana")

        assert result.code == 2
        assert "so it would not have caught the failure" in result.err
        assert shop.records()[0]["status"] == "RESOLVED"
        told = [(one["step"], one["ok"]) for one in self.changes(shop) if one["action"] == "verify"]
        assert told == [(name, name != "catches") for name in ALL]


class TestTheCommand:
    def test_prints_a_line_a_step(self, shop: Shop) -> None:
        result = shop.run("verify", shop.failure_id[:8])

        lines = result.out.splitlines()
        assert (result.code, [line.split()[:2] for line in lines[:5]]) == (
            0,
            [["ok", name] for name in ALL],
        )
        assert lines[5:] == [
            f"record {shop.failure_id} is proven to be prevented; its status is RESOLVED",
            f"next: failtrack record {shop.failure_id[:8]} prevent",
        ]

    def test_ends_with_1_when_a_step_does_not_hold(self, shop: Shop) -> None:
        shop.configure(only("record"))
        shop.record["root_cause"]["why_not_prevented"] = None
        shop.store()

        result = shop.run("verify", shop.failure_id, "--json")

        assert result.code == 1
        assert json.loads(result.out)["is_proven"] is False

    def test_takes_a_cause_that_has_one_record(self, shop: Shop) -> None:
        shop.configure(only("record"))

        assert shop.run("verify", "9c41d07be2a5").code == 0
        shop.record = make_record(when="setup")
        shop.store()
        result = shop.run("verify", "9c41d07be2a5")
        assert (result.code, "has 2 records; name one of them" in result.err) == (2, True)
        assert shop.failure_id in result.err

    def test_an_id_that_nobody_knows_is_wrong_usage(self, shop: Shop) -> None:
        assert shop.run("verify", "beefbeef").code == 2


def test_what_was_changed_before_the_failure_proves_nothing(shop: Shop) -> None:
    """S0-151, from the calendar's side."""
    shop.configure(only("documented"))
    record: dict[str, Any] = {**shop.record, "timestamp": "2025-03-02T11:00:00Z"}

    assert not prove(shop.settings, record, now=NOW).is_proven
