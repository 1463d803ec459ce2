"""Folders and archives of reports: everything in them is read, nothing is unpacked (S4-03)."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from pytest_failtrack.errors import InputError
from pytest_failtrack.observe import archive_members
from pytest_failtrack.observe.files import Found, read_all
from pytest_failtrack.observe.reading import Wanted

JUNIT = (
    '<testsuite><testcase classname="tests.test_a" name="test_{name}">'
    '<failure message="ValueError: boom">E   ValueError: boom</failure></testcase></testsuite>'
)
LOG = "make all\nmain.c:3:10: fatal error: foo.h: No such file or directory\nmake: *** Error 1\n"


def all_of(*named: str | Path, stdin: bytes = b"") -> Found:
    """Return what some names hold."""
    return read_all(map(str, named), Wanted("/", lambda text: text), lambda: stdin)


def nodeids(found: Found) -> list[str]:
    """Return the failures, in the order read."""
    return [one.nodeid for _, one in found.observed]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as an artifact of CI leaves it: reports in folders among other things."""
    root = tmp_path / "artifact"
    (root / "unit" / ".git").mkdir(parents=True)
    (root / "unit" / "junit.xml").write_text(JUNIT.format(name="unit"))
    (root / "other.xml").write_text(JUNIT.format(name="other"))
    (root / "unit" / ".git" / "hidden.xml").write_text(JUNIT.format(name="hidden"))
    (root / "page.html").write_text("<html></html>")
    (root / "settings.json").write_text('{"a": 1}')
    (root / "config.xml").write_text("<settings><a/></settings>")
    (root / "empty.log").write_text("")
    (root / "page.1.gz").write_bytes(gzip.compress(LOG.encode()))
    return root


def zipped(root: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(root.rglob("*")):
            archive.write(path, path.relative_to(root))
    return target


class TestFolders:
    def test_reports_are_found_and_the_rest_is_passed_over(self, folder: Path) -> None:
        found = all_of(folder)

        assert nodeids(found) == ["tests/test_a.py::test_other", "tests/test_a.py::test_unit"]
        assert found.unread == {}
        assert found.passed_over == 3

    def test_a_named_file_must_be_a_report(self, folder: Path) -> None:
        found = all_of(folder / "settings.json", folder / "other.xml")

        assert nodeids(found) == ["tests/test_a.py::test_other"]
        assert list(found.unread) == [str(folder / "settings.json")]

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
    def test_a_pipe_is_named_and_never_waited_for(self, folder: Path) -> None:
        os.mkfifo(folder / "pipe.xml")

        found = all_of(folder / "pipe.xml", folder / "other.xml")

        assert nodeids(found) == ["tests/test_a.py::test_other"]
        (error,) = found.unread.values()
        assert str(error).startswith(f"{folder / 'pipe.xml'}: no regular file; name one")

    @pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="names for what is open already")
    def test_a_pipe_that_is_open_already_is_read(self, folder: Path) -> None:
        reading, writing = os.pipe()
        os.write(writing, (folder / "other.xml").read_bytes())
        os.close(writing)

        found = all_of(f"/dev/fd/{reading}")

        os.close(reading)
        assert nodeids(found) == ["tests/test_a.py::test_other"]

    def test_a_broken_report_in_a_folder_is_named_and_the_rest_goes_on(self, folder: Path) -> None:
        (folder / "broken.xml").write_text(JUNIT.format(name="cut")[:120])

        found = all_of(folder)

        assert len(found.observed) == 2
        assert list(found.unread) == [str(folder / "broken.xml")]

    def test_a_folder_without_reports_is_an_error(self, tmp_path: Path) -> None:
        found = all_of(tmp_path)

        assert "a folder without reports" in found.unread[str(tmp_path)].message

    def test_a_broken_archive_in_a_folder_does_not_hide_what_follows(self, folder: Path) -> None:
        (folder / "a.zip").write_bytes(b"PK\x03\x04 and no more")

        found = all_of(folder)

        assert len(found.observed) == 2
        assert list(found.unread) == [str(folder / "a.zip")]


class TestArchives:
    def test_a_zip(self, folder: Path, tmp_path: Path) -> None:
        archive = zipped(folder, tmp_path / "artifact.zip")

        found = all_of(archive)

        assert sorted(nodeids(found)) == [
            "tests/test_a.py::test_hidden",
            "tests/test_a.py::test_other",
            "tests/test_a.py::test_unit",
        ]
        assert f"{archive}!unit/junit.xml" in found.files

    @pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
    def test_a_tar(self, folder: Path, tmp_path: Path, mode: str) -> None:
        target = tmp_path / "artifact"
        with tarfile.open(tmp_path / "artifact.tar", mode) as archive:
            archive.add(folder, arcname="../../escape")

        found = all_of(tmp_path / "artifact.tar")

        assert len(found.observed) == 3
        assert not target.parent.joinpath("escape").exists()

    def test_links_out_of_a_tar_are_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "secret.xml").write_text(JUNIT.format(name="secret"))
        with tarfile.open(tmp_path / "a.tar", "w") as archive:
            link = tarfile.TarInfo("link.xml")
            link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret.xml")
            archive.addfile(link)

        assert all_of(tmp_path / "a.tar").observed == ()

    def test_a_compressed_log_is_the_file_that_was_named(self, tmp_path: Path) -> None:
        (tmp_path / "job.log.gz").write_bytes(gzip.compress(LOG.encode()))
        (tmp_path / "page.gz").write_bytes(gzip.compress(b'{"a": 1}'))

        found = all_of(tmp_path / "job.log.gz", tmp_path / "page.gz")

        assert "foo.h" in found.observed[0][1].text
        assert list(found.unread) == [str(tmp_path / "page.gz")]

    def test_standard_input_may_be_one(self, folder: Path, tmp_path: Path) -> None:
        content = zipped(folder, tmp_path / "artifact.zip").read_bytes()

        assert len(all_of("-", stdin=content).observed) == 3

    def test_the_logs_of_a_run_on_github_are_read_once_a_job(self, tmp_path: Path) -> None:
        """GitHub lays the log of each job beside a folder with the same log step by step."""
        with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
            archive.writestr("0_build.txt", LOG)
            archive.writestr("build/2_make.txt", LOG)

        ((_, failure),) = all_of(tmp_path / "logs.zip").observed

        assert failure.job == "build"

    @pytest.mark.parametrize(
        "content",
        [b"PK\x03\x04 cut", b"\x1f\x8b\x08 cut", gzip.compress(LOG.encode() * 99)[:-30]],
        ids=["zip", "gzip", "cut"],
    )
    def test_a_broken_one_is_named(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "a.zip").write_bytes(content)

        error = all_of(tmp_path / "a.zip").unread[str(tmp_path / "a.zip")]

        assert "the archive cannot be read" in error.message

    def test_one_with_a_password_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.xml", JUNIT.format(name="a"))
        content = bytearray(path.read_bytes())
        for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            content[content.index(mark) + flags] |= 1
        path.write_bytes(content)

        error = all_of(path).unread[str(path)]

        assert "unpack it and hand in its files" in error.message


class TestBounds:
    """Issue: sizes are bounded; nothing is unpacked to find that out."""

    @pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
    def test_of_the_content(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setattr(archive_members, "UNPACKED_MAX_BYTES", 1_000_000)
        filled(tmp_path / name, {f"{n}.log": b"\n" * 600_000 for n in range(2)})

        assert_too_large(all_of(tmp_path / name).unread[str(tmp_path / name)])

    @pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
    def test_of_the_members(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setattr(archive_members, "MEMBERS_MAX", 3)
        filled(tmp_path / name, {f"{n}.log": b"x\n" for n in range(5)})

        assert_too_large(all_of(tmp_path / name).unread[str(tmp_path / name)])

    def test_of_a_member(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archive_members, "REPORT_MAX_BYTES", 100)
        filled(tmp_path / "a.zip", {"a.log": b"error: no\n" + b"x" * 1_000_000})

        assert len(all_of(tmp_path / "a.zip").files) == 1


def filled(path: Path, members: dict[str, bytes]) -> None:
    """Write an archive."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def assert_too_large(error: InputError) -> None:
    assert error.slug == "archive-size"
    assert "hand in the reports in it alone" in error.message


def test_the_digest_is_that_of_the_content(folder: Path, tmp_path: Path) -> None:
    """Reading the same content twice is one run, whatever its file is called."""
    copy = tmp_path / "copy.xml"
    copy.write_bytes((folder / "other.xml").read_bytes())

    assert all_of(copy).digest == all_of(folder / "other.xml").digest
    assert all_of(copy).digest != all_of(folder / "unit" / "junit.xml").digest
