"""What a command printed is one failure whichever CI printed it, and how (S4-04, S4-37)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from reading_kit import only

from pytest_failtrack.signature.token import token_of

# What is seen of a blank line, of a list and of a traceback depends on what stands before a line.
OUTPUTS = {
    "a list after the error": (
        "    Updating crates.io index",
        "error: failed to get `serde` as a dependency of package `shop v0.1.0 ({root})`",
        "",
        "Caused by:",
        "  download of config.json failed",
    ),
    "an error without an end": (
        "ERROR in ./src/index.js 3:0-34",
        "Module not found: Error: Can't resolve './basket' in '{root}/src'",
    ),
    "a consequence": ("  × nothing is right", "Sessions failed: lint"),
    "silence": ("checking 12 files",),
}


def plain(lines: Sequence[str]) -> str:
    return "\n".join(("$ ./check", *lines)) + "\n"


def buildkite(lines: Sequence[str]) -> str:
    ended = ("^^^ +++", "\x1b[31m🚨 Error: The command exited with status 1\x1b[0m")
    shown = ("~~~ Running commands", "\x1b[90m$\x1b[0m ./check", *lines, *ended)
    return "".join(f"\x1b_bk;t=17000000{n:05}\x07{line}\r\n" for n, line in enumerate(shown))


def circle(lines: Sequence[str]) -> str:
    return "\n".join(("#!/bin/bash -eo pipefail", *lines, "Exited with code exit status 1")) + "\n"


def travis(lines: Sequence[str]) -> str:
    ended = (
        '\x1b[31;1mThe command "./check" exited with 1.\x1b[0m',
        "Done. Your build exited with 1.",
    )
    return "\n".join(("\x1b[0Ktravis_fold:start:script", "$ ./check", *lines, *ended)) + "\n"


def azure(lines: Sequence[str]) -> str:
    shown = ("##[section]Starting: Bash", *lines, "##[error]Bash exited with code '1'.")
    return "".join(f"2026-11-21T10:00:{n:02}.1234567Z {line}\n" for n, line in enumerate(shown))


def jenkins(lines: Sequence[str]) -> str:
    ended = ("Build step 'Execute shell' marked build as failure", "Finished: FAILURE")
    return "".join(
        f"10:00:{n:02}  {line}\n" for n, line in enumerate(("+ ./check", *lines, *ended))
    )


def netlify(lines: Sequence[str]) -> str:
    ended = (
        "Failing build: Failed to build site",
        "Failed during stage 'building site': Build script returned non-zero exit code: 1",
    )
    shown = ("$ ./check", *lines, *ended)
    return "".join(f"9:41:{n:02} AM: {line}\n" for n, line in enumerate(shown))


SERVICES = (buildkite, circle, travis, azure, jenkins, netlify)
ROOTS = (
    "/home/runner/work/app/app",
    "/Users/runner/work/app/app",
    "/Users/runner/work/1/s",
    "/var/lib/buildkite-agent/builds/ip-10-0-1-7/acme/app",
    "/root/project",
    "/app",
)


class TestServices:
    @pytest.mark.parametrize("name", OUTPUTS)
    @pytest.mark.parametrize("service", SERVICES)
    def test_the_token_is_that_of_the_plain_output(
        self, service: Callable[[Sequence[str]], str], name: str
    ) -> None:
        lines = [line.replace("{root}", "/srv/app") for line in OUTPUTS[name]]

        one = only(service(lines), exit_status=1)

        assert token_of(one) == token_of(only(plain(lines), exit_status=1))

    @pytest.mark.parametrize("service", SERVICES)
    def test_how_a_service_says_that_a_command_failed_is_no_error_line(
        self, service: Callable[[Sequence[str]], str]
    ) -> None:
        """S4-17: a silent failure stays one."""
        one = only(service(["checking 12 files"]))

        assert (one.text, one.exit_status or 1) == ("", 1)


class TestRoots:
    @pytest.mark.parametrize("root", ROOTS)
    def test_a_compiler_names_the_file_as_the_project_does(self, root: str) -> None:
        one = only(f"$ make\n{root}/src/pool.cpp:7:9: error: unused variable 'errors'\n")

        assert one.file == "src/pool.cpp"
        assert (
            token_of(one)
            == "<path>/pool.cpp:<line>: error: unused variable 'errors' @ src/pool.cpp"
        )

    @pytest.mark.parametrize("root", ROOTS)
    def test_a_root_alone_is_no_part_of_a_token(self, root: str) -> None:
        one = only(f"$ git status\nfatal: detected dubious ownership in repository at '{root}'\n")

        assert token_of(one) == "fatal: detected dubious ownership in repository at '<path>'"


class TestLines:
    @pytest.mark.parametrize("at", ["3:7", "16:10", "388:10", "12345:110"])
    @pytest.mark.parametrize(
        "line",
        [
            "{at}  error  'basket' is not defined  no-undef",
            "ERROR: /srv/app/BUILD:{at}: no such target '//lib:strings'",
            "ERROR: /srv/app/cart/BUILD.bazel:{at}: no such target '//lib:strings'",
            "error: lib/cart.vue:{at}: unknown component",
        ],
    )
    def test_the_line_of_a_message_is_noise_whatever_it_is(self, line: str, at: str) -> None:
        first, second = (only(f"$ check\n{line.replace('{at}', one)}\n") for one in ("1:1", at))

        assert token_of(first) == token_of(second)

    @pytest.mark.parametrize("stamp", ["[2026-11-21 10:00:00 +0000] ", "[2026-11-21T10:00:00Z] "])
    def test_a_time_in_brackets_is_taken_whole(self, stamp: str) -> None:
        one = only(f"$ serve\n{stamp}[17] [ERROR] Connection in use: ('0.0.0.0', 8000)\n")

        assert one.text == "[17] [ERROR] Connection in use: ('0.0.0.0', 8000)"

    def test_a_bracket_that_holds_more_than_the_time_stays(self) -> None:
        line = "[2026-11-21 10:00:00,456: ERROR/MainProcess] consumer: Cannot connect to rabbit"

        assert only(f"$ work\n{line}\n").text == line
