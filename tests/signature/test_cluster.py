"""Causes: which failures stand together (S4-37), and that neither order nor time parts them."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signature_samples import BUILD, TAX, TEST, failure, raised

from pytest_failtrack.signature.cluster import Cluster, Clusters, clusters
from pytest_failtrack.signature.kind import Failure, codes_of, failure_of
from pytest_failtrack.signature.signature import sign


def one(token: str, nodeid: str = "t.py::t", fixture: str = "") -> Failure:
    """Return a failure of a token; its signature is made of the token alone."""
    return Failure(hash=_hash(token), token=token, nodeid=nodeid, fixture=fixture)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:12]


def partition(*failures: Failure) -> set[frozenset[str]]:
    """Return the causes as sets of tokens."""
    return {frozenset(m.token for m in each.members) for each in clusters(failures)}


class TestASignature:
    def test_is_one_cause_whatever_else_differs(self) -> None:
        made = clusters([one("KeyError: 'a' @ a.py:f", f"t.py::t{n}") for n in range(3)])

        assert [len(each.members) for each in made] == [3]
        assert made[0].why == "one signature"

    def test_gives_its_cause_the_id(self) -> None:
        (made,) = clusters([one("KeyError: 'a' @ a.py:f")])

        assert made.id == _hash("KeyError: 'a' @ a.py:f")

    def test_without_a_stack_joins_no_other(self) -> None:
        assert len(clusters([one("no-stack"), one("no-stack @ a.py:f")])) == 2


class TestPlaces:
    def test_one_message_in_two_places_is_two_causes(self) -> None:
        assert len(partition(one("KeyError: 'a' @ a.py:f"), one("KeyError: 'a' @ b.py:g"))) == 2

    def test_one_place_needs_little_in_common(self) -> None:
        made = partition(
            one("OrderError: order of ann has no lines @ a.py:f"),
            one("OrderError: order of bob has no customer @ a.py:f"),
        )

        assert len(made) == 1

    def test_one_place_with_nothing_in_common_is_two_causes(self) -> None:
        made = partition(
            one("ValueError: negative amount @ a.py:f"),
            one("ValueError: unknown currency @ a.py:f"),
        )

        assert len(made) == 2

    def test_two_types_in_one_place_are_two_causes(self) -> None:
        assert len(partition(one("KeyError: 'a' @ a.py:f"), one("TypeError: 'a' @ a.py:f"))) == 2

    def test_tests_of_one_file_that_say_the_same_are_one_cause(self) -> None:
        made = partition(
            one("assert <num> == <num> where gross @ tests/test_tax.py:test_a"),
            one("assert <num> == <num> where gross @ tests/test_tax.py:test_b"),
        )

        assert len(made) == 1

    def test_tests_of_two_files_that_say_the_same_are_two_causes(self) -> None:
        made = partition(
            one("assert <num> == <num> where gross @ tests/test_tax.py:test_a"),
            one("assert <num> == <num> where gross @ tests/test_fee.py:test_b"),
        )

        assert len(made) == 2

    def test_tests_of_one_file_whose_values_alone_differ_are_two_causes(self) -> None:
        made = partition(
            one("assert '...' == '...' @ tests/test_reports.py:test_invoice"),
            one("assert '...' == '...' @ tests/test_reports.py:test_listing"),
        )

        assert len(made) == 2

    @pytest.mark.parametrize(
        "shape",
        [
            "AssertionError: Lists differ: [...] != [...]",
            "AssertionError: None is not an instance of <class 'str'>",
            "AssertionError: False is not true",
            "AssertionError: ValueError not raised",
        ],
    )
    def test_shapes_of_one_file_that_say_no_more_are_two_causes(self, shape: str) -> None:
        made = partition(
            one(f"{shape} @ tests/test_more.py:test_chunked"),
            one(f"{shape} @ tests/test_more.py:test_locate"),
        )

        assert len(made) == 2

    def test_tests_of_one_file_that_compare_otherwise_are_two_causes(self) -> None:
        made = partition(
            one("assert gross == net @ tests/test_a.py:test_a"),
            one("assert gross != net @ tests/test_a.py:test_b"),
        )

        assert len(made) == 2

    def test_tests_of_one_file_that_quote_other_names_are_two_causes(self) -> None:
        lacks = "FileNotFoundError: [Errno 2] No such file or directory"
        made = partition(
            one(f"{lacks}: 'ffmpeg' @ tests/test_tools.py:test_tool"),
            one(f"{lacks}: '<path>/orders.csv' @ tests/test_tools.py:test_file"),
        )

        assert len(made) == 2

    def test_tests_that_one_helper_failed_without_a_word_are_one_cause(self) -> None:
        made = clusters(in_a_helper("tests/test_tax.py", "a") + in_a_helper("tests/test_b.py", "b"))

        assert [len(each.members) for each in made] == [2]
        assert made[0].why == (
            "2 signatures that failed in one helper of the tests, tests/checks.py:assert_equal"
        )

    def test_tests_that_fail_without_a_word_themselves_are_two_causes(self) -> None:
        made = partition(
            one("AssertionError @ tests/test_tax.py:test_a"),
            one("AssertionError @ tests/test_b.py:test_b"),
        )

        assert len(made) == 2


def in_a_helper(file: str, name: str) -> list[Failure]:
    """Return what a test gives whose helper holds a bare assert."""
    helper = replace(TEST, file="tests/checks.py", function="assert_equal")
    frames = (replace(TEST, file=file, function=f"test_{name}"), helper)
    seen = failure(raised("AssertionError", "", *frames), nodeid=f"{file}::test_{name}", file=file)
    return [failure_of(seen, sign(seen, workflow="", job="", step=""))]


class TestCodes:
    def test_two_codes_are_two_causes(self) -> None:
        made = partition(
            one("OSError: [Errno 111] no luck with the shop @ a.py:f"),
            one("OSError: [Errno 13] no luck with the shop @ a.py:f"),
        )

        assert len(made) == 2

    def test_a_full_disk_is_one_cause_wherever_it_is_met(self) -> None:
        made = partition(
            one("OSError: [Errno 28] No space left on device: 'a.csv' @ a.py:f"),
            one("OSError: [Errno 28] No space left on device: 'b.csv' @ b.py:g"),
        )

        assert len(made) == 1

    def test_a_circle_of_imports_is_one_cause_wherever_it_is_entered(self) -> None:
        def meets(module: str, importer: str) -> Failure:
            said = (
                f"ImportError: cannot import name 'x' from partially initialized module '{module}'"
            )
            return replace(one(said), frames=("tests/test_a.py:<module>", f"{importer}:<module>"))

        circle = [meets("shop.b", "shop/a/__init__.py"), meets("shop.c", "shop/b.py")]
        made = partition(*circle, meets("shop.a", "shop/c.py"), meets("till.d", "till/e.py"))

        assert sorted(map(len, made)) == [1, 3]

    @pytest.mark.parametrize("folder", ["", "src/", "services/shop/src/"])
    def test_two_circles_of_modules_with_one_name_are_two_causes(self, folder: str) -> None:
        said = "ImportError: cannot import name 'x' from partially initialized module '{}'"
        made = partition(
            *(
                replace(one(said.format(f"{app}.{module}")), frames=(f"{folder}{file}:<module>",))
                for app in ("billing", "search")
                for module, file in (
                    ("models", f"{app}/services.py"),
                    ("services", f"{app}/models.py"),
                )
            )
        )

        assert sorted(map(len, made)) == [2, 2]

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ("HTTPError: HTTP Error 404: Not Found", "404"),
            ("HTTPError: 404 Client Error: Not Found for url", "404"),
            ("curl: (22) The requested URL returned error: 404", "404"),
            ("ConnectionRefusedError: [Errno 111] Connection refused", "111"),
            ("CalledProcessError: died with <Signals.SIGSEGV: 11>.", "SIGSEGV"),
            ("error[E0308]: mismatched types", "E0308"),
            ("src/a.ts: error TS2322: no", "TS2322"),
            ("npm error code ERESOLVE", "ERESOLVE"),
        ],
    )
    def test_are_found_in_a_line(self, line: str, code: str) -> None:
        assert any(one.endswith(f" {code}") for one in codes_of(line))


class TestLines:
    """What a command printed names what is missing anywhere in the line."""

    @pytest.mark.parametrize(
        ("line", "one_name", "other"),
        [
            ("cart.o: undefined reference to `{}'", "tax_of", "fee_of"),
            ("npm error 404 '{}@<version>' is not in this registry.", "left-pad", "right-pad"),
            ("/usr/bin/ld: cannot find -l{}", "ssl", "pq"),
            ("sh: <num>: {}: not found", "terraform", "helm"),
            ("E: Unable to locate package {}", "libpq-dev", "libssl-dev"),
        ],
    )
    def test_two_names_are_two_causes(self, line: str, one_name: str, other: str) -> None:
        known, seen = (
            replace(one(line.format(name), "make"), is_line=True) for name in (one_name, other)
        )

        assert len(clusters([known, seen])) == 2
        assert clusters([seen], clusters([known]))[0].id == seen.hash

    def test_what_differs_in_noise_alone_is_one_cause(self) -> None:
        said = "E: Unable to locate package libpq-dev"
        made = clusters(
            replace(one(token, "apt"), is_line=True) for token in (said, f"{said} <duration>")
        )

        assert len(made) == 1


class TestNowhere:
    """What names in full what is missing has no place (place.py)."""

    def test_two_names_are_two_causes(self) -> None:
        made = partition(
            one("ImportError: cannot import name 'render' from 'shop'"),
            one("ImportError: cannot import name 'encode' from 'shop'"),
        )

        assert len(made) == 2

    def test_two_functions_that_were_called_otherwise_are_two_causes(self) -> None:
        takes = "takes <num> positional arguments but <num> were given"
        made = partition(
            one(f"TypeError: Signer.digest() {takes}"), one(f"TypeError: Parser.digest() {takes}")
        )

        assert len(made) == 2

    def test_one_attribute_that_many_classes_lack_is_one_cause(self) -> None:
        made = partition(
            *(
                one(f"AttributeError: '{name}' object has no attribute '_limits'")
                for name in ("Email", "Length", "Range")
            )
        )

        assert len(made) == 1

    def test_two_attributes_that_a_class_lacks_are_two_causes(self) -> None:
        made = partition(
            one("AttributeError: 'Email' object has no attribute 'render'"),
            one("AttributeError: 'Email' object has no attribute 'encode'"),
        )

        assert len(made) == 2


class TestFixtures:
    def test_a_fixture_that_breaks_many_tests_is_one_cause(self) -> None:
        made = partition(
            *(one(f"ValueError: {word} @ tests/conftest.py:db", fixture="tests/conftest.py:db")
              for word in ("nothing", "in", "common"))
        )  # fmt: skip

        assert len(made) == 1

    def test_what_a_fixture_called_otherwise_is_told_apart(self) -> None:
        made = partition(
            one("TypeError: Signer() takes no arguments", fixture="tests/conftest.py:signer"),
            one("TypeError: Clock() takes no arguments", fixture="tests/conftest.py:signer"),
        )

        assert len(made) == 2

    def test_what_fails_in_setup_knows_its_fixture(self) -> None:
        observation = failure(raised("KeyError", "'a'", TEST, BUILD), when="setup")
        signature = sign(observation, workflow="", job="", step="")

        assert failure_of(observation, signature) == Failure(
            hash=signature.hash,
            token=signature.token,
            chain=("KeyError",),
            frames=("tests/test_orders.py:test_total", "src/shop/orders.py:build_order"),
            fixture="tests/test_orders.py:test_total",
            nodeid="tests/test_orders.py::test_total",
        )

    def test_what_fails_in_the_call_has_none(self) -> None:
        observation = failure(raised("KeyError", "'a'", TEST, TAX))

        assert (
            failure_of(observation, sign(observation, workflow="", job="", step="")).fixture == ""
        )


class TestWhy:
    @pytest.mark.parametrize(
        ("failures", "expected"),
        [
            ([one("KeyError: 'a' @ a.py:f")], "one failure"),
            (
                [one(f"OSError: no rate for {name} @ a.py:f") for name in ("eur", "usd")],
                "2 signatures of one place, with messages alike",
            ),
            (
                [one(f"assert gross @ tests/test_a.py:test_{name}") for name in "ab"],
                "2 signatures of one file, with messages alike",
            ),
            (
                [one(f"KeyError: {name} @ c.py:db", fixture="c.py:db") for name in ("x", "y")],
                "2 signatures of one fixture, c.py:db",
            ),
            (
                [one(f"MemoryError @ {name}.py:f") for name in "ab"],
                "2 signatures that tell of what the machine lacks",
            ),
            (
                [
                    one(f"ImportError: partially initialized module 'a' of {name} @ {name}.py:f")
                    for name in "bc"
                ],
                "2 signatures of modules that import each other",
            ),
        ],
    )
    def test_is_one_sentence(self, failures: list[Failure], expected: str) -> None:
        assert [each.why for each in clusters(failures)] == [expected]


class TestHistory:
    OLD = one("OrderError: order of ann has no lines @ a.py:f")
    NEW = one("OrderError: order of bob has no customer @ a.py:f")

    def test_a_known_cause_keeps_its_id(self) -> None:
        known = Cluster("0123456789ab", (self.OLD,), "")

        (made,) = clusters([self.NEW], [known])

        assert (made.id, made.members) == ("0123456789ab", (self.NEW,))

    def test_two_known_causes_are_never_joined(self) -> None:
        known = [Cluster("0" * 12, (self.OLD,), ""), Cluster("1" * 12, (self.NEW,), "")]

        made = clusters([self.OLD, self.NEW], known)

        assert [each.id for each in made] == ["0" * 12, "1" * 12]

    def test_what_is_added_stays_known(self) -> None:
        causes = Clusters()
        (first,) = causes.add([self.OLD])

        (second,) = causes.add([self.NEW])

        assert second.id == first.id


WORDS = st.lists(st.sampled_from(["order", "of", "ann", "bob", "has", "no", "lines"]), max_size=4)
TOKENS = st.builds(
    lambda type_, words, place: f"{type_}: {' '.join(words)}{place}",
    st.sampled_from(["KeyError", "OSError"]),
    WORDS,
    st.sampled_from(["", " @ a.py:f", " @ tests/test_a.py:test_a", " @ tests/test_a.py:test_b"]),
)
FAILURES = st.lists(st.builds(one, TOKENS, st.sampled_from(["t::a", "t::b"])), max_size=14)


class TestProperties:
    @settings(max_examples=200, deadline=None)
    @given(FAILURES, st.randoms())
    def test_the_order_of_failures_decides_nothing(self, failures: list[Failure], random) -> None:
        shuffled = list(failures)
        random.shuffle(shuffled)

        assert clusters(shuffled) == clusters(failures)

    @settings(max_examples=200, deadline=None)
    @given(FAILURES, FAILURES)
    def test_another_failure_parts_nothing(self, some: list[Failure], more: list[Failure]) -> None:
        cause_of = {m.hash: each.id for each in clusters([*some, *more]) for m in each.members}

        for each in clusters(some):
            assert len({cause_of[hash_] for hash_ in each.hashes}) == 1

    @settings(max_examples=200, deadline=None)
    @given(FAILURES, FAILURES)
    def test_ids_persist(self, some: list[Failure], more: list[Failure]) -> None:
        causes = Clusters()
        before = {m.hash: each.id for each in causes.add(some) for m in each.members}

        after = {m.hash: each.id for each in causes.add([*some, *more]) for m in each.members}

        assert before.items() <= after.items()
