"""The in-flight slot: what a process did last, whatever became of it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_failtrack.observe.slot import (
    CALL,
    COLLECT,
    IDLE,
    PHASES,
    SESSION,
    SETUP,
    SLOT_BYTES,
    TEARDOWN,
    TEXT_BYTES,
    InFlight,
    Slot,
    read_slot,
)

NOTHING = InFlight("", "idle")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "main.slot"


@pytest.fixture
def slot(path: Path):
    made = Slot(path)
    yield made
    made.close()


class TestWhatIsRead:
    def test_nothing_runs_at_first(self, slot: Slot, path: Path) -> None:
        assert read_slot(path) == NOTHING
        assert path.stat().st_size == SLOT_BYTES

    def test_a_test_its_phase_and_its_attempt(self, slot: Slot, path: Path) -> None:
        slot.enter("test_a.py::test_a", SETUP, 3)
        before = read_slot(path)
        slot.phase(CALL)

        assert before == InFlight("test_a.py::test_a", "setup", 3)
        assert read_slot(path) == InFlight("test_a.py::test_a", "call", 3)

    def test_what_came_last(self, slot: Slot, path: Path) -> None:
        for number in range(5):
            slot.enter("x" * number, COLLECT)
        slot.enter("b", TEARDOWN)

        assert read_slot(path) == InFlight("b", "teardown")

    @pytest.mark.parametrize("phase", [IDLE, SESSION])
    def test_no_test_is_named_when_none_runs(self, slot: Slot, path: Path, phase: int) -> None:
        """A test that is over is not blamed for what happens after it."""
        slot.enter("test_a.py::test_a", TEARDOWN)
        slot.phase(phase)

        assert read_slot(path) == InFlight("", PHASES[phase])

    @given(text=st.text(), attempt=st.integers(1, 10_000))
    def test_any_text_of_any_length(self, tmp_path_factory, text: str, attempt: int) -> None:
        path = tmp_path_factory.getbasetemp() / "any.slot"
        slot = Slot(path)
        slot.enter(text * 100, CALL, attempt)
        found = read_slot(path)
        slot.close()

        whole = (text * 100).encode("utf-8", "backslashreplace")
        assert found == InFlight(
            whole[:TEXT_BYTES].decode("utf-8", "replace"), "call", min(attempt, 255)
        )

    def test_half_a_surrogate_pair(self, slot: Slot, path: Path) -> None:
        slot.enter("test_\udc80", CALL)

        assert read_slot(path).nodeid == "test_\\udc80"


class TestDeath:
    @pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
    def test_it_outlives_the_process(self, path: Path) -> None:
        """S0-32: a copy into the page is enough; nothing is flushed."""
        source = f"""
            import os, pathlib, signal
            from pytest_failtrack.observe.slot import CALL, Slot
            Slot(pathlib.Path({str(path)!r})).enter("test_a.py::test_a", CALL, 2)
            os.kill(os.getpid(), signal.SIGKILL)
        """
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(source)], check=False)

        assert done.returncode == -9
        assert read_slot(path) == InFlight("test_a.py::test_a", "call", 2)

    def test_a_death_within_a_write_leaves_what_stood_before(self, slot: Slot, path: Path) -> None:
        """Two banks: the other one is written, then one byte turns."""
        slot.enter("before", CALL)
        page = bytearray(path.read_bytes())
        slot.enter("after and longer", SETUP)
        written = path.read_bytes()
        active = next(at for at in range(8) if page[at] != written[at])

        page[8:] = written[8:]  # everything but the byte that turns
        path.with_name("torn").write_bytes(page)

        assert page[active] != written[active]
        assert read_slot(path.with_name("torn")) == InFlight("before", "call")

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
    @pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
    def test_a_forked_child_writes_nothing(self, slot: Slot, path: Path) -> None:
        slot.enter("parent", CALL)
        child = os.fork()
        if child == 0:
            slot.enter("child", SETUP)
            slot.phase(TEARDOWN)
            os._exit(0)
        os.waitpid(child, 0)

        assert read_slot(path) == InFlight("parent", "call")
        slot.phase(TEARDOWN)
        assert read_slot(path) == InFlight("parent", "teardown")


class TestGarbage:
    def test_a_missing_file(self, path: Path) -> None:
        assert read_slot(path) == NOTHING

    def test_a_folder(self, tmp_path: Path) -> None:
        assert read_slot(tmp_path) == NOTHING

    @given(content=st.binary(max_size=64), at=st.integers(0, SLOT_BYTES - 64))
    def test_any_bytes_anywhere(self, tmp_path_factory, content: bytes, at: int) -> None:
        """A slot is a hint, never a reason to fail."""
        path = tmp_path_factory.getbasetemp() / "garbage.slot"
        slot = Slot(path)
        slot.enter("test_a.py::test_a", CALL)
        page = bytearray(path.read_bytes())
        slot.close(keep=True)
        page[at : at + len(content)] = content
        path.write_bytes(page)

        assert read_slot(path).when in PHASES

    @pytest.mark.parametrize("size", [0, 1, 4, 100, SLOT_BYTES - 1])
    def test_a_file_that_is_cut(self, slot: Slot, path: Path, size: int) -> None:
        slot.enter("test_a.py::test_a", CALL)
        cut = path.with_name("cut")
        cut.write_bytes(path.read_bytes()[:size])

        assert read_slot(cut) == NOTHING


class TestEnd:
    def test_the_file_goes_with_the_process(self, path: Path) -> None:
        Slot(path).close()

        assert not path.exists()

    def test_it_is_kept_where_somebody_must_read_it(self, path: Path) -> None:
        slot = Slot(path)
        slot.enter("test_a.py::test_a", CALL)
        slot.close(keep=True)

        assert read_slot(path).nodeid == "test_a.py::test_a"

    def test_a_folder_that_is_missing_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="No such file"):
            Slot(tmp_path / "no" / "main.slot")
