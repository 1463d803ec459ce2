"""CODEOWNERS: the examples of GitHub's and GitLab's own documentation, and what they leave open."""

from __future__ import annotations

import pytest

from pytest_failtrack.policy.codeowners import find_codeowners, parse_codeowners, rules_from_map

# The example of GitHub's documentation, without its prose.
GITHUB = r"""
# a comment
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com
apps/ @octocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/github
"""


class TestGithub:
    @pytest.mark.parametrize(
        ("path", "owners"),
        [
            pytest.param("setup.py", ("@global-owner1", "@global-owner2"), id="everything"),
            pytest.param("src/deep/app.js", ("@js-owner",), id="an extension, at any depth"),
            pytest.param("notes.txt", ("@octo-org/octocats",), id="a team"),
            pytest.param("build/logs/a/b.log", ("@octocat",), id="the last match wins"),
            pytest.param("docs/start.md", ("docs@example.com",), id="the files of a folder"),
            pytest.param(
                "docs/build-app/trouble.md",
                ("@global-owner1", "@global-owner2"),
                id="and none below it",
            ),
            pytest.param("apps/x.md", ("@octocat",), id="a folder"),
            pytest.param("old/apps/deep/x.md", ("@octocat",), id="a folder, anywhere"),
            pytest.param("scripts/run.sh", ("@doctocat", "@octocat"), id="two owners"),
            pytest.param("deeply/nested/logs/x", ("@octocat",), id="a folder after **"),
            pytest.param("apps/github/x.md", (), id="nobody, in so many words"),
            pytest.param("/setup.js", ("@js-owner",), id="a leading slash in the path"),
            pytest.param("src\\app.js", ("@js-owner",), id="a path of Windows"),
        ],
    )
    def test_the_example_of_its_documentation(self, path: str, owners: tuple[str, ...]) -> None:
        assert parse_codeowners(GITHUB, ".github/CODEOWNERS").owners_of(path) == owners

    @pytest.mark.parametrize(
        ("pattern", "path", "matches"),
        [
            ("/build/", "build/x", True),
            ("/build/", "sub/build/x", False),
            ("/build/", "build", False),
            ("build", "sub/build/x", True),
            ("src/shop", "src/shop/tax.py", True),
            ("src/shop", "lib/src/shop/tax.py", False),
            ("src/shop", "src/shopping.py", False),
            ("src/**/tax.py", "src/tax.py", True),
            ("src/**/tax.py", "src/a/b/tax.py", True),
            ("src/**", "src/a/b/tax.py", True),
            ("src/**", "src", False),
            ("src/*/tax.py", "src/a/b/tax.py", False),
            ("test_?.py", "tests/test_1.py", True),
            ("test_?.py", "tests/test_12.py", False),
            ("*.py", "a.pyc", False),
            ("a+b(c).py", "a+b(c).py", True),
            ("/", "anything", True),
        ],
    )
    def test_pattern(self, pattern: str, path: str, matches: bool) -> None:
        owners = parse_codeowners(f"{pattern} @me").owners_of(path)

        assert owners == (("@me",) if matches else ())

    def test_escaped_spaces_and_hashes(self) -> None:
        rules = parse_codeowners("/my\\ docs/ @writer\n\\#odd.md @odd\n")

        assert rules.owners_of("my docs/a.md") == ("@writer",)
        assert rules.owners_of("#odd.md") == ("@odd",)

    def test_a_byte_order_mark_is_no_part_of_the_first_pattern(self) -> None:
        assert parse_codeowners("\ufeff*.py @me").owners_of("a.py") == ("@me",)


GITLAB = """
* @default

[Documentation] @docs-team
docs/
README.md @writer
!docs/generated/

^[Database][2] @dba
model/db/

[documentation]
*.rst @rst
"""


class TestGitlab:
    @pytest.mark.parametrize(
        ("path", "owners"),
        [
            pytest.param("main.py", ("@default",), id="no section"),
            pytest.param("docs/a.md", ("@default", "@docs-team"), id="defaults of a section"),
            pytest.param("README.md", ("@default", "@writer"), id="owners of the line"),
            pytest.param("docs/generated/a.md", ("@default",), id="an exclusion"),
            pytest.param("model/db/x.sql", ("@default", "@dba"), id="an optional section"),
            pytest.param("docs/a.rst", ("@default", "@rst"), id="sections of one name are one"),
            pytest.param("app/model/db/x.sql", ("@default", "@dba"), id="at any depth"),
        ],
    )
    def test_sections(self, path: str, owners: tuple[str, ...]) -> None:
        assert parse_codeowners(GITLAB, "CODEOWNERS").owners_of(path) == owners

    def test_its_folder_alone_says_that_it_is_gitlab(self) -> None:
        text = "src/shop @me"

        assert parse_codeowners(text, ".gitlab/CODEOWNERS").owners_of("x/src/shop/a") == ("@me",)
        assert parse_codeowners(text, "CODEOWNERS").owners_of("x/src/shop/a") == ()


class TestLocation:
    @pytest.mark.parametrize(
        ("present", "read"),
        [
            (("CODEOWNERS", ".github/CODEOWNERS"), ".github/CODEOWNERS"),
            (("docs/CODEOWNERS", "CODEOWNERS"), "CODEOWNERS"),
            ((".gitlab/CODEOWNERS", "docs/CODEOWNERS"), "docs/CODEOWNERS"),
            ((".gitlab/CODEOWNERS",), ".gitlab/CODEOWNERS"),
        ],
    )
    def test_the_first_place_that_has_one_counts(self, present: tuple[str, ...], read: str) -> None:
        files = {path: f"* @{path}" for path in present}

        assert find_codeowners(files.get).owners_of("a.py") == (f"@{read}",)

    def test_without_a_file_nobody_owns_anything(self) -> None:
        assert find_codeowners(lambda path: None).owners_of("a.py") == ()


class TestAProjectInAFolderOfTheCheckout:
    @pytest.mark.parametrize(
        ("path", "owners"),
        [
            pytest.param("shop.py", ("@web",), id="of the project's folder"),
            pytest.param("api/a.py", ("@web",), id="anchored at the checkout's root"),
            pytest.param("docs/a.md", ("@docs",), id="deeper"),
            pytest.param("../api/a.py", ("@api",), id="beside the project"),
        ],
    )
    def test_patterns_are_relative_to_the_root_of_the_checkout(
        self, path: str, owners: tuple[str, ...]
    ) -> None:
        rules = "/apps/web/ @web\n/apps/api/ @api\n/apps/web/docs/ @docs\n"

        found = find_codeowners({"../../CODEOWNERS": rules}.get, ("apps", "web"))

        assert found.owners_of(path) == owners

    def test_the_nearest_file_counts(self) -> None:
        files = {
            f"{up}docs/CODEOWNERS": f"* @{name}" for up, name in (("../", "a"), ("../../", "b"))
        }

        assert find_codeowners(files.get, ("apps", "web")).owners_of("a.py") == ("@a",)

    def test_nothing_is_read_above_the_checkout(self) -> None:
        files = {"../../CODEOWNERS": "* @somebody"}

        assert find_codeowners(files.get, ("web",)).owners_of("a.py") == ()

    def test_slashes_anchor_nothing_in_the_file_of_gitlab(self) -> None:
        found = find_codeowners({"../.gitlab/CODEOWNERS": "web/a.py @web"}.get, ("apps", "web"))

        assert found.owners_of("a.py") == ("@web",)


def test_a_map_of_the_configuration_follows_the_same_rules() -> None:
    rules = rules_from_map({"src/": "@devs", "src/shop/": "@shop-team"})

    assert (rules.owners_of("src/shop/a.py"), rules.owners_of("src/a.py")) == (
        ("@shop-team",),
        ("@devs",),
    )
