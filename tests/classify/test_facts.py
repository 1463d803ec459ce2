"""What is read off an observation: places, missing modules, signals, printed exceptions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_failtrack.classify.examples import observation_of
from pytest_failtrack.classify.facts import (
    is_own_judgement,
    owner_of_missing_module,
    place_of_frames,
    printed_text,
    raised_in_text,
    signal_of,
    subject_of,
    with_printed_frames,
)
from pytest_failtrack.observe.observation import Frame, Raised

TEST = Frame("tests/test_a.py", 3, "test_a", is_project=True, is_test=True)
PROJECT = Frame("src/shop/orders.py", 88, "build_order", is_project=True)
LIBRARY = Frame("requests/adapters.py", 500, "send")
STDLIB = Frame("python/json/decoder.py", 355, "raw_decode")
BLANK = observation_of({})


class TestPlace:
    @pytest.mark.parametrize(
        ("frames", "place"),
        [
            ((), "none"),
            ((TEST,), "test"),
            ((TEST, PROJECT), "project"),
            ((TEST, PROJECT, LIBRARY, STDLIB), "project"),
            ((PROJECT, TEST), "test"),
            ((TEST, LIBRARY), "test"),
            ((LIBRARY,), "third_party"),
            ((Frame(".venv/lib/python3.12/site-packages/a.py", 1, "f"),), "third_party"),
            ((STDLIB,), "stdlib"),
            ((Frame("/usr/lib/python3.12/socket.py", 1, "f"),), "stdlib"),
            ((Frame("<frozen importlib._bootstrap>", 1, "f"),), "stdlib"),
            ((Frame("socket.py", 1, "f"),), "stdlib"),
        ],
    )
    def test_the_deepest_line_of_the_project_decides(self, frames, place):
        assert place_of_frames(frames) == place


class TestMissingModule:
    @pytest.mark.parametrize(
        ("message", "owner"),
        [
            ("No module named 'requests'", "third_party"),
            ("No module named requests", "third_party"),
            ("No module named 'shop.ordres'", "project"),
            ("No module named 'google.cloud'", "third_party"),
            ("No module named 'graphlib'", "stdlib"),
            ("No module named 'tests.fakes'", "project"),
            ("No module named 'warehouse'", "project"),
            ("cannot import name 'A' from 'shop' (/srv/src/shop/__init__.py)", "project"),
            ("cannot import name 'A' from 'shop.x' (unknown location)", "project"),
            (
                "cannot import name 'A' from 'attr' (/v/site-packages/attr/__init__.py)",
                "third_party",
            ),
            ("cannot import name 'Self' from 'typing' (/usr/lib/python3.10/typing.py)", "stdlib"),
            ("module 'numpy' has no attribute 'float'", "third_party"),
            ("module 'asyncio' has no attribute 'timeout'", "stdlib"),
            ("DLL load failed", ""),
        ],
    )
    def test_it_belongs_to_somebody(self, message, owner):
        """S0-7, S0-30."""
        raised = Raised("ImportError", message, (TEST,))
        assert owner_of_missing_module(raised, BLANK, {"warehouse"}) == owner

    def test_a_package_that_the_traceback_passed_is_the_projects(self):
        raised = Raised("ImportError", "No module named 'shop'", (TEST, PROJECT))
        assert owner_of_missing_module(raised, BLANK, ()) == "project"


class TestSignal:
    @pytest.mark.parametrize(
        ("status", "signal"),
        [
            (None, ""),
            (0, ""),
            (1, ""),
            (-9, "SIGKILL"),
            (137, "SIGKILL"),
            (139, "SIGSEGV"),
            (143, "SIGTERM"),
            (255, ""),
            (0xC0000005, "SIGSEGV"),
            (0xC0000005 - 2**32, "SIGSEGV"),
        ],
    )
    def test_an_exit_status_says_which_signal_ended_the_process(self, status, signal):
        assert signal_of(replace(BLANK, exit_status=status)) == signal

    def test_what_a_parent_saw_wins(self):
        assert signal_of(replace(BLANK, exit_status=1, signal="SIGBUS")) == "SIGBUS"


class TestSimulated:
    @pytest.mark.parametrize(
        ("type_name", "message", "frame", "is_simulated"),
        [
            ("OSError", "[Errno 28] No space left on device", PROJECT, False),
            ("ConnectionError", "no stock", PROJECT, True),
            ("ConnectionError", "no stock", TEST, True),
            ("ConnectionError", "closing", LIBRARY, False),
            ("requests.exceptions.Timeout", "", LIBRARY, False),
            ("requests.exceptions.Timeout", "", PROJECT, True),
            ("socket.gaierror", "[Errno -2] Name or service not known", PROJECT, False),
            ("socket.gaierror", "no such host", PROJECT, True),
            ("KeyError", "'a'", TEST, False),
            ("MemoryError", "", TEST, False),
            ("KeyError", "'a'", Frame("responses/__init__.py", 1, "f"), True),
        ],
    )
    def test_a_client_or_the_system_raises_in_its_own_files(
        self, type_name, message, frame, is_simulated
    ):
        subject = subject_of(Raised(type_name, message, (TEST, frame)), 0)
        assert subject.is_simulated == is_simulated

    def test_without_frames_nothing_is_said(self):
        assert not subject_of(Raised("ConnectionError", "x"), 0).is_simulated


class TestCallback:
    @pytest.mark.parametrize(
        ("frames", "is_callback"),
        [
            ((TEST, PROJECT, TEST), True),
            ((TEST, STDLIB, PROJECT, TEST), True),
            ((TEST, TEST), False),
            ((PROJECT, TEST), False),
            ((PROJECT, TEST, TEST), False),
            ((TEST, PROJECT), False),
            ((), False),
        ],
    )
    def test_the_project_called_it_and_was_called_by_a_test(self, frames, is_callback):
        assert subject_of(Raised("ValueError", "x", frames), 0).is_callback == is_callback


class TestOwnJudgement:
    @pytest.mark.parametrize(
        ("type_name", "frames", "is_own"),
        [
            ("shop.errors.ValidationError", (TEST, PROJECT), True),
            ("shop.errors.ValidationError", (TEST,), False),
            ("shop.errors.ValidationError", (TEST, PROJECT, LIBRARY), False),
            ("shop.errors.ValidationError", (), False),
            ("pydantic.ValidationError", (TEST, PROJECT), False),
            ("ValueError", (TEST, PROJECT), False),
        ],
    )
    def test_the_project_raised_what_it_defines(self, type_name, frames, is_own):
        subject = subject_of(Raised(type_name, "too many", frames), 0)
        assert is_own_judgement(subject, BLANK, ()) == is_own


TRACEBACK = """\
KeyError: 'PORT'
Traceback (most recent call last):
  File "/ci/site-packages/other.py", line 1, in other
ValueError: earlier
Traceback (most recent call last):
  File "/ci/app/run.py", line 3, in <module>
    port = os.environ["PORT"]
  File "<frozen os>", line 679, in __getitem__
KeyError: 'PORT'
done
"""


class TestPrintedFrames:
    def test_they_are_those_above_the_exception(self):
        (raised,) = raised_in_text("KeyError: 'PORT'")
        frames = with_printed_frames(raised, TRACEBACK).frames
        assert [(one.file, one.line, one.is_project) for one in frames] == [
            ("/ci/app/run.py", 3, True),
            ("<frozen os>", 679, False),
        ]

    def test_a_file_of_tests_is_known_by_its_name(self):
        raised = Raised("KeyError", "'a'")
        text = TRACEBACK.replace("run.py", "test_run.py")
        assert with_printed_frames(raised, text).frames[0].is_test

    def test_a_standard_library_lies_in_any_folder_lib(self):
        text = 'Traceback (most recent call last):\n  File "/x/lib/json/decoder.py", line 1, in f\n'
        text += '  File "/x/lib/shop/decoder.py", line 2, in g\nKeyError: 1'

        frames = with_printed_frames(Raised("KeyError", "1"), text).frames

        assert [frame.is_project for frame in frames] == [False, True]

    @pytest.mark.parametrize("text", ["", "KeyError: 'a'", "Traceback\nKeyError: 'a'"])
    def test_without_a_traceback_there_are_none(self, text):
        assert with_printed_frames(Raised("KeyError", "'a'"), text).frames == ()


class TestPrinted:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("ValueError: boom", ("ValueError", "boom")),
            ("KeyError: 'a'\nshop.errors.OrderError: 7", ("shop.errors.OrderError", "7")),
            ("E       requests.exceptions.Timeout", ("requests.exceptions.Timeout", "")),
            ("subprocess.TimeoutExpired: Command", ("subprocess.TimeoutExpired", "Command")),
        ],
    )
    def test_the_last_exception_of_a_printed_traceback_is_read(self, text, expected):
        (raised,) = raised_in_text(text)
        assert (raised.type, raised.message) == expected

    @pytest.mark.parametrize("text", ["", "Error: it failed", "an Error occurred", "error: x"])
    def test_a_sentence_about_an_error_is_no_exception(self, text):
        found = [one for one in raised_in_text(text) if one.type != "Error"]
        assert found == []

    def test_far_from_the_error_line_only_errors_speak(self):
        far = ["npm WARN EBADENGINE Unsupported engine", "error: no space left on device"]
        near = [f"step {number}" for number in range(6)]
        after = ["error: no such basket", *["done"] * 6, "Warning: Connection refused", "see above"]
        one = replace(
            BLANK,
            source="command",
            text="error: no such basket",
            captured={"output": "\n".join([*far, *near, *after])},
        )

        lines = printed_text(one).split("\n")[1:]

        assert lines == [far[1], *near, *after[:7], "see above"]

    def test_without_an_error_line_the_end_speaks(self):
        output = "\n".join(["no route to the host, but never mind", *["done"] * 5, "goodbye"])
        one = replace(BLANK, source="command", text="", captured={"output": output})

        assert printed_text(one).split("\n")[1:] == [*["done"] * 5, "goodbye"]

    def test_captured_output_speaks_for_a_command_and_not_for_a_test(self):
        captured = {"stderr": "Connection refused"}
        test = replace(BLANK, text="a", captured=captured)
        assert printed_text(test) == "a"
        assert printed_text(replace(test, source="command")) == "a\nConnection refused"


class TestSaid:
    @pytest.mark.parametrize(
        ("text", "source"),
        [
            (
                "    def test_a():\n>       assert took < 1\nE       assert 2 < 1\n",
                "assert took < 1",
            ),
            ("test_a.py:5: in test_a\n    assert took < 1\nE   assert 2 < 1", "assert took < 1"),
            ("    helper()\nE   assert 2 < 1", ""),
            ("test_a.py:5: assert 2 < 1", ""),
            ("", ""),
        ],
    )
    def test_a_bare_comparison_has_its_source_and_its_test(self, text, source):
        """S0-19, S0-44."""
        seen = replace(BLANK, text=text, nodeid="tests/test_a.py::test_a")

        subject = subject_of(Raised("AssertionError", "assert 2 < 1", (TEST,)), 0, seen)

        assert subject.said == f"assert 2 < 1\n{source}\n@ tests/test_a.py::test_a"

    @pytest.mark.parametrize(
        ("type_name", "message", "position"),
        [
            ("AssertionError", "took too long", 0),
            ("ValueError", "assert 2 < 1", 0),
            ("AssertionError", "assert 2 < 1", 1),
        ],
    )
    def test_what_has_words_of_its_own_speaks_for_itself(self, type_name, message, position):
        seen = replace(BLANK, nodeid="tests/test_a.py::test_concurrent")

        assert subject_of(Raised(type_name, message), position, seen).said == message
