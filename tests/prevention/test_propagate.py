"""`failtrack propagate`: four questions, seven steps, and a bundle for other repositories."""

from __future__ import annotations

import contextlib
import hashlib
import json
import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from proof_shop import PATCH, TEST, Shop

from pytest_failtrack.errors import InputError
from pytest_failtrack.learning import bundle
from pytest_failtrack.learning.propagation import QUESTIONS, STEPS
from pytest_failtrack.toml import tomllib

YES = tuple(word for name in QUESTIONS for word in ("--answer", f"{name}=yes"))
CATALOG = """\
[[entry]]
id = "two-spellings"
title = "A partner spells a key in two ways"
types = ["KeyError"]
patterns = ["customer_?[iI]d"]
subcategory = "INTEGRATION_DATA_MISMATCH"
failure_type = "integration_test_failure"
confidence = 0.8
recovery_mode = "FIX_CODE"
suggestion = "Read both spellings."
"""
LAYERS = """\
[tool.failtrack.guard.VAL-3]
roots = ["shop.main"]

[[tool.failtrack.guard.VAL-3.layers]]
name = "domain"
modules = ["shop.domain"]
may-import = []

[tool.failtrack.guard.PV-003]
guard = "shop.halt.HaltGuard"
"""


def events(shop: Shop) -> list[dict[str, Any]]:
    path = shop.root / f"governance/events/changes/{shop.failure_id}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def learning(shop: Shop) -> tuple[bool | None, str | None]:
    (record,) = shop.records()
    block = record["learning"]
    return block["propagation_required"], block["propagation_status"]


class TestTheFourQuestions:
    """S0-154, S0-93, S0-94."""

    def test_all_answered_with_yes_make_it_required(self, shop: Shop) -> None:
        result = shop.run("propagate", shop.failure_id, "--check", *YES, "--by", "ana")

        assert result.code == 0, result.err
        assert learning(shop) == (True, "PENDING")
        (event,) = events(shop)
        assert (event["action"], event["by"]) == ("propagation-check", "ana")
        assert event["answers"] == dict.fromkeys(QUESTIONS, True)

    @pytest.mark.parametrize("name", QUESTIONS)
    def test_one_no_keeps_it_here(self, shop: Shop, name: str) -> None:
        shop.run("propagate", shop.failure_id, "--check", *YES, "--answer", f"{name}=no")

        assert learning(shop) == (False, None)

    def test_can_be_answered_one_by_one(self, shop: Shop) -> None:
        for number, name in enumerate(QUESTIONS, 1):
            assert learning(shop) == (None, None)
            shop.run("propagate", shop.failure_id, "--answer", f"{name}=yes")
            assert len(events(shop)) == number

        assert learning(shop) == (True, "PENDING")

    def test_the_same_answer_by_another_is_an_event_too(self, shop: Shop) -> None:
        for name in ("ana", "ben"):
            shop.run("propagate", shop.failure_id, "--check", *YES, "--by", name)

        assert [one["by"] for one in events(shop)] == ["ana", "ben"]

    @pytest.mark.parametrize("answer", ["maybe=yes", "governance=perhaps", "governance", "=yes"])
    def test_refuse_what_is_no_answer(self, shop: Shop, answer: str) -> None:
        result = shop.run("propagate", shop.failure_id, "--check", "--answer", answer)

        assert (result.code, "is no answer" in result.err) == (2, True)
        assert events(shop) == []

    def test_without_answers_are_shown(self, shop: Shop) -> None:
        result = shop.run("propagate", shop.failure_id, "--check")

        assert result.code == 0
        for question in QUESTIONS.values():
            assert question in result.out


class TestTheSevenSteps:
    """S0-155."""

    def test_are_a_checklist(self, shop: Shop) -> None:
        shop.run("propagate", shop.failure_id, "--check", *YES)
        shop.run("propagate", shop.failure_id, "--step", "identify", "--note", "till and web")

        result = shop.run("propagate", shop.failure_id)

        lines = [line for line in result.out.splitlines() if line.startswith("[")]
        assert len(lines) == len(STEPS) == 7
        assert lines[0].startswith("[x] identify")
        assert "till and web" in lines[0]
        assert lines[1].startswith("[ ] plan")
        assert learning(shop) == (True, "IN_PROGRESS")

    def test_come_before_complete(self, shop: Shop) -> None:
        shop.run("propagate", shop.failure_id, "--check", *YES)

        early = shop.run("propagate", shop.failure_id, "--status", "COMPLETE")
        for step in ("identify", "plan", "notify", "assist", "verify"):
            shop.run("propagate", shop.failure_id, "--step", step)
        shop.run("propagate", shop.failure_id, "--step", "canon", "--not-applicable")
        done = shop.run("propagate", shop.failure_id, "--status", "COMPLETE", "--json")

        assert (early.code, "not COMPLETE before identify, plan" in early.err) == (2, True)
        answer = json.loads(done.out)
        assert (answer["status"], learning(shop)) == ("COMPLETE", (True, "COMPLETE"))
        assert all(one["done"] for one in answer["steps"])
        assert [one["name"] for one in answer["steps"] if not one["applies"]] == ["canon"]

    def test_only_the_canon_may_not_apply(self, shop: Shop) -> None:
        result = shop.run("propagate", shop.failure_id, "--step", "notify", "--not-applicable")

        assert (result.code, events(shop)) == (2, [])

    @pytest.mark.parametrize("status", ["IN_PROGRESS", "COMPLETE"])
    def test_nothing_is_in_progress_that_nobody_decided(self, shop: Shop, status: str) -> None:
        result = shop.run("propagate", shop.failure_id, "--status", status)

        assert (result.code, "four questions are not answered" in result.err) == (2, True)

    @pytest.mark.parametrize(
        "words",
        [
            ["--check", "--export", "x.zip"],
            ["--status", "COMPLETE", "--step", "plan"],
            ["--import", "x.zip"],
            ["--not-applicable"],
        ],
        ids=range(4),
    )
    def test_one_thing_at_a_time(self, shop: Shop, words: list[str]) -> None:
        assert shop.run("propagate", shop.failure_id, *words).code == 2

    def test_a_record_is_named(self, shop: Shop) -> None:
        assert "name a record" in shop.run("propagate").err


@pytest.fixture
def rich(shop: Shop) -> Shop:
    """The project with everything that a bundle can hold."""
    shop.configure(LAYERS)
    shop.write("governance/catalog.toml", CATALOG)
    shop.record["classification"]["catalog_entry_id"] = "two-spellings"
    shop.record["prevention"]["precondition_updates"] = ["guard:VAL-3", "Prose."]
    shop.store()
    return shop


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another repository; commands run there from now on."""
    root = tmp_path / "till"
    root.mkdir()
    (root / "pyproject.toml").write_text("")
    return root


class TestTheBundle:
    def test_holds_what_another_repository_needs(self, rich: Shop) -> None:
        assert rich.run("propagate", rich.failure_id, "--export", "b.zip").code == 0

        held = bundle.unpacked(rich.root / "b.zip")
        assert sorted(held.files) == [
            "catalog.toml",
            "files/docs/orders.md.txt",
            "files/tests/test_orders.py.txt",
            "guard.toml",
            "known-bad/case.patch.txt",
            "manifest.json",
            "record.json",
        ]
        assert held.record == rich.records()[0]
        assert held.manifest["preconditions"] == ["guard:VAL-3", f"test:{TEST}"]
        table = tomllib.loads(held.files["guard.toml"].decode())["tool"]["failtrack"]["guard"]
        expected = tomllib.loads(LAYERS)["tool"]["failtrack"]["guard"]
        assert table == {"VAL-3": expected["VAL-3"]}
        assert tomllib.loads(held.files["catalog.toml"].decode()) == tomllib.loads(CATALOG)
        assert held.files["known-bad/case.patch.txt"].decode().startswith("--- a/src/shop/orders")

    def test_is_the_same_for_the_same_record(self, rich: Shop) -> None:
        for name in ("a.zip", "b.zip"):
            rich.run("propagate", rich.failure_id, "--export", name)

        assert (rich.root / "a.zip").read_bytes() == (rich.root / "b.zip").read_bytes()

    def test_tells_who_made_it(self, rich: Shop) -> None:
        rich.run("propagate", rich.failure_id, "--export", "b.zip", "--by", "ana")

        (event,) = events(rich)
        digest = hashlib.sha256((rich.root / "b.zip").read_bytes()).hexdigest()
        assert (event["action"], event["by"], event["sha256"]) == (
            "propagation-export",
            "ana",
            digest,
        )

    def test_never_replaces_a_file(self, rich: Shop) -> None:
        rich.write("b.zip", "mine")

        result = rich.run("propagate", rich.failure_id, "--export", "b.zip")

        assert (result.code, "is there already" in result.err) == (2, True)
        assert (rich.root / "b.zip").read_text() == "mine"
        assert events(rich) == []

    def test_holds_no_secrets(self, rich: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SHOP_API_TOKEN", "s3cr3t-t0ken-of-the-shop")
        rich.write("docs/orders.md", "The token is s3cr3t-t0ken-of-the-shop.\n")

        result = rich.run("propagate", rich.failure_id, "--export", "b.zip")

        held = bundle.unpacked(rich.root / "b.zip")
        assert all(b"s3cr3t-t0ken" not in content for content in held.files.values())
        assert "secrets were removed from files/docs/orders.md.txt" in result.out

    def test_takes_no_file_from_outside(self, rich: Shop, tmp_path: Path) -> None:
        (tmp_path / "secret.md").write_text("secret")
        (rich.root / "docs/link.md").symlink_to(tmp_path / "secret.md")
        rich.record["prevention"]["documentation_updates"] = ["../secret.md", "docs/link.md"]
        rich.record["prevention"]["test_additions"] = ["test:../../x.py::test_a"]
        rich.store()

        files = bundle.contents(rich.settings, rich.record)

        assert not [name for name in files if name.startswith("files/")]

    def test_is_not_made_too_large(self, rich: Shop) -> None:
        rich.write("docs/orders.md", "x" * (bundle.FILE_MAX_BYTES + 1))

        result = rich.run("propagate", rich.failure_id, "--export", "b.zip")

        assert (result.code, "too large" in result.err) == (2, True)
        assert not (rich.root / "b.zip").exists()


class TestTakingItIn:
    def exported(self, shop: Shop) -> Path:
        shop.run("propagate", shop.failure_id, "--export", "b.zip")
        return shop.root / "b.zip"

    def test_writes_a_folder_of_its_own_and_says_what_to_do(
        self, rich: Shop, other: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = self.exported(rich)
        monkeypatch.chdir(other)

        result = rich.run("propagate", "--import", str(path))

        assert result.code == 0, result.err
        folder = f"governance/events/propagated/{rich.failure_id}"
        there = {one.relative_to(other).as_posix() for one in other.rglob("*") if one.is_file()}
        assert there == {
            "pyproject.toml",
            *(f"{folder}/{name}" for name in bundle.unpacked(path).files),
        }
        for said in (
            "lesson      A contract names every spelling.",
            f"1. add {folder}/guard.toml to pyproject.toml",
            f"2. add {folder}/catalog.toml",
            f"theirs: {folder}/files/tests/test_orders.py.txt",
            "it is code of another repository",
        ):
            assert said in result.out

    def test_what_it_brings_can_be_used(
        self, rich: Shop, other: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The guard takes the configuration, and the catalog its entry."""
        path = self.exported(rich)
        monkeypatch.chdir(other)
        rich.run("propagate", "--import", str(path))
        folder = other / f"governance/events/propagated/{rich.failure_id}"
        (other / "pyproject.toml").write_text((folder / "guard.toml").read_text())
        (other / "governance/catalog.toml").write_text((folder / "catalog.toml").read_text())

        rules = rich.run("guard", "rules")
        shown = rich.run("catalog", "show", "two-spellings")

        assert ["VAL-3", "on"] in [line.split()[:2] for line in rules.out.splitlines()]
        assert shown.code == 0, shown.err

    def test_twice_changes_nothing(
        self, rich: Shop, other: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = self.exported(rich)
        monkeypatch.chdir(other)
        rich.run("propagate", "--import", str(path))

        answer = json.loads(rich.run("propagate", "--import", str(path), "--json").out)

        assert answer["is_new"] is False

    def test_another_bundle_of_the_failure_replaces_nothing(
        self, rich: Shop, other: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = self.exported(rich)
        monkeypatch.chdir(other)
        rich.run("propagate", "--import", str(path))
        guard = other / f"governance/events/propagated/{rich.failure_id}/guard.toml"
        guard.write_text("# mine\n")

        result = rich.run("propagate", "--import", str(path))

        assert (result.code, "holds another bundle" in result.err) == (2, True)
        assert guard.read_text() == "# mine\n"
        assert not [*guard.parent.parent.glob(".*")]

    def test_what_it_says_moves_no_cursor(
        self, rich: Shop, other: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rich.record["learning"]["lessons_learned"] = ["\x1b[2J\x1b]0;x\x07gone"]
        rich.store()
        path = self.exported(rich)
        monkeypatch.chdir(other)

        assert "\x1b" not in rich.run("propagate", "--import", str(path)).out


Change = Callable[[dict[str, bytes]], Any]


def made_again(files: Mapping[str, bytes], **manifest: Any) -> dict[str, bytes]:
    """Return files with a manifest that lists them as they are now."""
    others = {name: content for name, content in files.items() if name != "manifest.json"}
    described = json.loads(files["manifest.json"]) | manifest
    described["files"] = [
        {"path": name, "bytes": len(one), "sha256": hashlib.sha256(one).hexdigest()}
        for name, one in others.items()
    ]
    return {"manifest.json": json.dumps(described).encode(), **others}


def without(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {one: content for one, content in files.items() if one != name}


ESCAPES = [
    *("../evil.txt", "/etc/evil.txt", "files/../../evil.txt", "files//evil.txt", "files/./a.txt"),
    *("files\\..\\evil.txt", "C:/evil.txt", "files/C:evil.txt", "files/a\0b.txt", "files/.txt/"),
    *("files/evil.py", "evil.txt", "known-bad/x.patch", "files/con.txt", "files/a\nb.txt"),
    *(
        "files/" + "x" * 400 + ".txt",
        "files/..txt/..",
        "files/a .txt/../../b.txt",
        "files/nul/x.txt",
    ),
]


class TestAHostileBundle:
    """Nothing is written, and a sentence says why."""

    @pytest.fixture
    def files(self, rich: Shop) -> dict[str, bytes]:
        return bundle.contents(rich.settings, rich.record)

    def refusal(self, root: Path, content: bytes) -> str:
        path = root / "hostile.zip"
        path.write_bytes(content)
        with pytest.raises(InputError) as refused:
            bundle.unpacked(path)
        assert "nothing was written" in refused.value.message
        return refused.value.message

    @pytest.mark.parametrize("name", ESCAPES, ids=range(len(ESCAPES)))
    def test_with_a_path_that_leads_elsewhere(
        self, tmp_path: Path, files: dict[str, bytes], name: str
    ) -> None:
        hostile = made_again({**files, name: b"x"})

        said = self.refusal(tmp_path, bundle.packed(hostile))

        assert "no path that a bundle has" in said or "no plain file" in said

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda files: without(files, "manifest.json"), "has no manifest"),
            (lambda files: {**files, "manifest.json": b"{"}, "has no manifest"),
            (lambda files: {**files, "manifest.json": b"[" * 100_000}, "has no manifest"),
            (lambda files: {**files, "manifest.json": b'{"files": 3}'}, "has no manifest"),
            (lambda files: {**files, "manifest.json": b"\xff"}, "has no manifest"),
            (lambda files: made_again(files, kind="x"), "kind is 'x'"),
            (lambda files: made_again(files, schema_version="2.0"), "is of version 2.0"),
            (lambda files: without(files, "guard.toml"), "does not hold what its manifest lists"),
            (lambda files: {**files, "files/x.txt": b""}, "does not hold what its manifest lists"),
            (lambda files: {**files, "guard.toml": b""}, "was changed after it was made"),
            (lambda files: made_again(without(files, "record.json")), "holds no valid record"),
            (lambda files: made_again({**files, "record.json": b"{}"}), "holds no valid record"),
            (
                lambda files: made_again(files, failure_id="../../x"),
                "names another failure than its record",
            ),
            (lambda files: made_again({**files, "guard.toml": b"x"}), "cannot be used"),
            (lambda files: made_again({**files, "guard.toml": b"x = 1"}), "cannot be used"),
            (
                lambda files: made_again(
                    {**files, "guard.toml": b"[tool.failtrack]\nguard = 1\nx = 2"}
                ),
                "cannot be used",
            ),
            (lambda files: made_again({**files, "catalog.toml": b"\xff"}), "cannot be used"),
            (
                lambda files: made_again({**files, "FILES/X.txt": b"", "files/x.txt": b""}),
                "two files of one name",
            ),
            (
                lambda files: made_again(
                    {**files, **{f"files/{number}.txt": b"" for number in range(300)}}
                ),
                "more than 200 files",
            ),
            (
                lambda files: made_again({**files, "files/bomb.txt": b"0" * (50 * 1024**2)}),
                "larger than 2 MiB",
            ),
            (
                lambda files: made_again(
                    {**files, **{f"files/{number}.txt": b"0" * 2_000_000 for number in range(20)}}
                ),
                "more than 20 MiB",
            ),
        ],
        ids=range(21),
    )
    def test_of_which_something_is_wrong(
        self, tmp_path: Path, files: dict[str, bytes], change: Change, said: str
    ) -> None:
        assert said in self.refusal(tmp_path, bundle.packed(change(files)))

    def test_with_a_link(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        path = tmp_path / "link.zip"
        path.write_bytes(bundle.packed(files))
        with zipfile.ZipFile(path, "a") as archive:
            member = zipfile.ZipInfo("files/link.txt")
            member.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(member, "/etc/passwd")

        assert "no plain file" in self.refusal(tmp_path, path.read_bytes())

    @pytest.mark.parametrize("content", [b"", b"PK", b"no zip" * 100], ids=["empty", "PK", "text"])
    def test_that_is_no_zip(self, tmp_path: Path, content: bytes) -> None:
        assert "is no zip file" in self.refusal(tmp_path, content)

    def test_that_is_damaged_anywhere(self, tmp_path: Path, files: dict[str, bytes]) -> None:
        """Whatever byte is spoiled: refused, or what is read is what was written."""
        whole = bundle.packed(files)
        path = tmp_path / "hostile.zip"
        for at in range(0, len(whole), 37):
            spoiled = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
            path.write_bytes(spoiled)
            with contextlib.suppress(InputError):
                assert dict(bundle.unpacked(path).files) == files
            path.write_bytes(whole[:at])
            with pytest.raises(InputError):
                bundle.unpacked(path)

    def test_that_is_not_there(self, shop: Shop) -> None:
        result = shop.run("propagate", "--import", "gone.zip")

        assert (result.code, "cannot be read" in result.err) == (2, True)

    def test_whose_folder_is_a_link_is_not_followed(
        self, rich: Shop, tmp_path: Path, files: dict[str, bytes]
    ) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        folder = rich.root / "governance/events/propagated"
        folder.mkdir(parents=True)
        (folder / rich.failure_id).symlink_to(outside, target_is_directory=True)
        held = bundle.Bundle(json.loads(files["manifest.json"]), rich.record, files)

        with pytest.raises(InputError):
            bundle.imported(held, rich.settings)

        assert list(outside.iterdir()) == []


def test_the_known_bad_case_travels_unchanged(rich: Shop) -> None:
    files = bundle.contents(rich.settings, rich.record)

    stored = rich.known_bad("case.patch", PATCH).read_bytes()
    assert files["known-bad/case.patch.txt"] == stored
