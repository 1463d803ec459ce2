"""Owners: whose a failure is; the role decides where the person is looked for (decision C-29)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pytest_failtrack.errors import ConfigError
from pytest_failtrack.frozen import frozen
from pytest_failtrack.policy.authors import CommitRange, commit_range
from pytest_failtrack.policy.codeowners import CodeOwners, find_codeowners, rules_from_map
from pytest_failtrack.policy.git import folders_in_checkout
from pytest_failtrack.policy.matrix import Matrix, Role

FileReader = Callable[[str], "str | None"]
RangeLookup = Callable[[], CommitRange]
FoldersLookup = Callable[[], "tuple[str, ...]"]


@frozen
class Assignment:
    """Who a failure is assigned to.

    Args:
        owner: Person, team, or the role's own name when nobody stands behind it.
        secondary: The same for the second role; `` where the matrix names none.
        source: Where the owner was found: `author`, `committer`, `codeowners`, `owners`,
            `handle` (`[tool.failtrack.roles]`) or `role` (its name alone).
    """

    owner: str
    secondary: str = ""
    source: str = "role"


class Owners:
    """Answers whose a failure is; built once for a run, everything looked up at most once.

    Args:
        matrix: Escalation matrix: roles of each failure type, and where to look for them.
        owners: `[tool.failtrack.owners]`: pattern of paths, or name of a component, to owner.
        read: Reads a file of the project; used once, for CODEOWNERS, when a role asks for it.
        look_up_range: Returns who changed what; used once, when a role asks for it.
        look_up_folders: Returns the names of the folders that lead from the checkout's root to
            the project's; used once, for CODEOWNERS.

    Raises:
        ConfigError: `owners` holds something other than texts.
    """

    def __init__(
        self,
        matrix: Matrix,
        owners: Mapping[str, str] | None = None,
        *,
        read: FileReader = lambda path: None,
        look_up_range: RangeLookup = CommitRange,
        look_up_folders: FoldersLookup = tuple,
    ) -> None:
        self._matrix = matrix
        self._owners = _checked(owners or {})
        self._mapped = rules_from_map(self._owners)
        self._read = read
        self._look_up_range = look_up_range
        self._look_up_folders = look_up_folders
        self._codeowners: CodeOwners | None = None
        self._range: CommitRange | None = None
        self._by_component: dict[tuple[str, str], tuple[str, str]] = {}
        self._by_failure: dict[tuple[str, str, str, bool], Assignment] = {}

    @classmethod
    def of_project(
        cls,
        root: Path,
        matrix: Matrix,
        owners: Mapping[str, str] | None = None,
        base_branch: str = "main",
        own: Sequence[str] = (),
        *,
        is_edited: bool = True,
    ) -> Owners:
        """Return the owners of a checkout: its CODEOWNERS, its map, its commits and its edits.

        Args:
            root: Folder that paths in records are relative to.
            matrix: The roles.
            owners: `[tool.failtrack.owners]`.
            base_branch: Branch that changes are merged to.
            own: Paths below the root that tracked runs write.
            is_edited: Somebody edits this checkout, which in CI nobody does.
        """
        resolved = root.resolve()

        def read(path: str) -> str | None:
            try:
                return (resolved / path).read_text(encoding="utf-8", errors="replace")
            except OSError:
                return None

        return cls(
            matrix,
            owners,
            read=read,
            look_up_range=lambda: commit_range(root, base_branch, own, is_edited=is_edited),
            look_up_folders=lambda: folders_in_checkout(resolved),
        )

    def owner_of(
        self, file: str, failure_type: str, component: str = "", *, is_older: bool = False
    ) -> Assignment:
        """Return whose a failure is.

        Args:
            file: Where the cause lies, relative to the root; `` when it is not known. Give
                the place of the cause rather than the test: who wrote a test is not to blame
                for what it found.
            failure_type: Failure type; its roles come from the matrix.
            component: Component, if one is known.
            is_older: The base branch failed already: whoever changed something since did not
                break it.

        Source: S1-04..28, C-29.
        """
        key = (file, failure_type, component, is_older)
        found = self._by_failure.get(key)
        if found is None:
            found = self._by_failure[key] = self._assign(*key)
        return found

    def _assign(self, file: str, failure_type: str, component: str, is_older: bool) -> Assignment:
        policy = self._matrix.policy(failure_type)
        asked = (file, component, is_older)
        owner, source = self._person(policy.primary, *asked)
        secondary = self._person(policy.secondary, *asked)[0] if policy.secondary else ""
        if secondary == owner:
            secondary = ""
        return Assignment(owner, secondary, source)

    def _person(self, role_name: str, file: str, component: str, is_older: bool) -> tuple[str, str]:
        role = self._matrix.role(role_name)
        for place in role.find:
            if is_older and place in ("author", "committer"):
                continue
            person, source = self._look(place, role, file, component)
            if person:
                return person, source
        return role.name, "role"

    def _look(self, place: str, role: Role, file: str, component: str) -> tuple[str, str]:
        if place == "handle":
            return role.handle, "handle"
        if place == "component":
            return self._component_owner(file, component)
        if not file:
            return "", ""
        if place == "author":
            return self._commits().author_of(file), "author"
        return self._commits().committer_of(file), "committer"

    def _component_owner(self, file: str, component: str) -> tuple[str, str]:
        key = (file, component)
        found = self._by_component.get(key)
        if found is None:
            found = self._by_component[key] = self._find_component_owner(file, component)
        return found

    def _find_component_owner(self, file: str, component: str) -> tuple[str, str]:
        if file:
            if self._codeowners is None:
                self._codeowners = find_codeowners(self._read, self._look_up_folders())
            people = self._codeowners.owners_of(file)
            if people:
                return people[0], "codeowners"
            people = self._mapped.owners_of(file)
            if people:
                return people[0], "owners"
        return self._owners.get(component, "") if component else "", "owners"

    def _commits(self) -> CommitRange:
        if self._range is None:
            self._range = self._look_up_range()
        return self._range


def _checked(owners: Mapping[str, str]) -> Mapping[str, str]:
    if not isinstance(owners, Mapping):
        raise ConfigError(f"tool.failtrack.owners: {owners!r} is not allowed; it must be a table")
    for pattern, owner in owners.items():
        if not isinstance(owner, str) or not owner.strip():
            raise ConfigError(
                f"tool.failtrack.owners.{pattern!r}: {owner!r} is not allowed; it must be the "
                "name of a person or team, such as '@shop-team'"
            )
    return owners
