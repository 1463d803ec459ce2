"""A complaint of the project below a network that failed keeps the failure in the build."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_failtrack.classify.catalog import load_catalog
from pytest_failtrack.classify.classify import Classification, classify
from pytest_failtrack.classify.complaint import weighed_by_complaint
from pytest_failtrack.observe.observation import Observation

CATALOG = load_catalog()
REFUSED = "curl: (7) Failed to connect to cache.test port 80: Connection refused"


def weigh(output: str, line: str = REFUSED) -> tuple[Classification, Classification]:
    seen = Observation(
        source="command",
        when="command",
        nodeid="make",
        outcome="failed",
        text=line,
        captured={"output": output},
        exit_status=2,
    )
    kind = classify(seen, CATALOG, phase="COMPILATION")
    if not line:
        kind = replace(kind, subcategory="OTHER_EXTERNAL")  # as of one that SIGTERM ended

    def again(other: Observation) -> Classification:
        return classify(other, CATALOG, phase="COMPILATION")

    return kind, weighed_by_complaint(kind, seen, again)


class TestAComplaint:
    @pytest.mark.parametrize(
        "complaint",
        [
            "src/a.c:3:1: error: expected ';' before '}' token",
            "./main.go:7:2: undefined: total",
            "app.ts(3,1): error TS2304: Cannot find name 'x'.",
            "src/app.ts:3:1 - error TS2304: Cannot find name 'x'.",
            "error[E0425]: cannot find value `y` in this scope",
            "src/a.py:1:8: F401 [*] `os` imported but unused",
            "would reformat src/a.py",
            "F401 [*] `os` imported but unused\n --> src/a.py:1:8",
            "/srv/a.ts\n  1:8  error  'x' is not defined  no-undef",
            "  /srv/a.py:1:8 - error: Import cannot be resolved (reportMissingImports)",
            "./a.sh: line 3: VERSION: unbound variable",
            "Error: UPGRADE FAILED: YAML parse error on a.yaml: error converting YAML to JSON",
            "KeyError: 'gross'",
            'psql:a.sql:1: ERROR:  relation "orders" does not exist',
            "2026-11-21T10:00:01.1234567Z src/a.c:3:1: error: expected ';' before '}' token",
        ],
    )
    def test_below_the_network_is_the_builds_own(self, complaint: str) -> None:
        before, after = weigh(f"{REFUSED}\ncc -c src/a.c\n{complaint}\nmake: *** Error 1\n")

        assert (before.failure_type, before.is_retryable) == ("infrastructure", True)
        assert (after.failure_type, after.is_retryable) == ("build_error", False)
        assert after.subcategory == before.subcategory == "INFRA_NETWORK"
        assert after.reasons[1].startswith("Something else is wrong besides: `")

    @pytest.mark.parametrize(
        "output",
        [
            f"src/a.c:3:1: error: expected ';'\n{REFUSED}\n",
            f"{REFUSED}\nsrc/a.c:3:1: warning: unused variable 'x'\n",
            f"{REFUSED}\nmake: *** [Makefile:3: cache] Error 7\n",
            f"{REFUSED}\nERROR: could not fetch the cache\nerror: failed to download a\n",
            f"{REFUSED}\nnpm ERR! network request to https://a.test/ failed, reason: timeout\n",
        ],
        ids=["above", "warning", "none", "consequences", "network"],
    )
    def test_elsewhere_or_none_changes_nothing(self, output: str) -> None:
        before, after = weigh(output)

        assert after == before

    def test_counts_where_the_first_error_is_no_longer_in_what_is_kept(self) -> None:
        output = "cc -c src/b.c\n" * 40 + "src/a.c:3:1: error: unknown type\n"

        _, after = weigh(output)

        assert not after.is_retryable

    @pytest.mark.parametrize(
        "line",
        [
            "ValueError: ledger does not balance",
            "Error: ledger does not balance",
            "shop.errors.LedgerError: does not balance",
        ],
    )
    def test_of_a_program_counts_where_the_network_was_tried_again(self, line: str) -> None:
        before, after = weigh(f"WARNING: Connection refused, retrying in 1s\n{line}\n", line)

        assert before.subcategory == "INFRA_NETWORK"
        assert (after.failure_type, after.is_retryable) == ("build_error", False)

    @pytest.mark.parametrize(
        "line",
        [
            "ERROR: No matching distribution found for simplejson",
            "requests.exceptions.ConnectionError: Connection refused",
            'main.go:6:2: github.com/x/y@v1.0.0: Get "https://proxy.test/v1.0.0.zip":'
            " dial tcp 142.250.1.1:443: i/o timeout",
        ],
        ids=["pip", "gave-up", "go"],
    )
    def test_of_the_network_itself_is_no_complaint(self, line: str) -> None:
        output = f"WARNING: Connection refused, retrying in 1s\n{line}\n"
        before, after = weigh(output, line)

        assert (before.subcategory, before.is_retryable) == ("INFRA_NETWORK", True)
        assert after == before

    def test_below_silence_is_not_looked_for(self) -> None:
        before, after = weigh("src/a.c:3:1: error: unknown type\n", "")

        assert after == before

    def test_of_another_kind_of_failure_changes_nothing(self) -> None:
        line = "cc1: fatal error: a.h: No such file or directory"
        before, after = weigh(f"{line}\nsrc/a.c:3:1: error: unknown type\n", line)

        assert after == before
