"""What is told of a rule: of those in `rules/`, and of what the guard finds about its own use."""

from __future__ import annotations

from failtrack_guard.rules import rule_class

EXPIRED = "FT-E1"
MALFORMED = "FT-E2"
UNUSED = "FT-E3"
BYPASSED = "FT-B1"


class About:
    """What reports say of a rule beside its findings.

    Args:
        id: Its id.
        name: Its name, in words joined by hyphens.
        text: What it does and why, as `explain` prints it.
        remedy: What to do instead, one sentence.
        severity: CRITICAL, HIGH, MEDIUM or LOW.
        category: Category of its records.
        subcategory: Subcategory of its records.
    """

    __slots__ = ("category", "id", "name", "remedy", "severity", "subcategory", "text")

    def __init__(
        self,
        id: str,
        name: str,
        text: str,
        remedy: str,
        severity: str,
        category: str,
        subcategory: str,
    ) -> None:
        self.id = id
        self.name = name
        self.text = text
        self.remedy = remedy
        self.severity = severity
        self.category = category
        self.subcategory = subcategory

    @property
    def summary(self) -> str:
        """The first paragraph of the text, as one line."""
        return " ".join(self.text.partition("\n\n")[0].split())


OWN = {
    EXPIRED: About(
        EXPIRED,
        "expired-suppression",
        "A suppression is past the day until which it was agreed.\n\n"
        "An exception without an end becomes the rule. From this day on the finding below it is "
        "reported again.\n\n"
        "Use instead: put the code right, or have somebody agree to a new day.",
        "put the code right, or have somebody agree to a new day",
        "MEDIUM",
        "GOVERNANCE",
        "GOVERNANCE_EXCEPTION_EXPIRED",
    ),
    MALFORMED: About(
        MALFORMED,
        "malformed-suppression",
        "A suppression cannot be understood, or lacks what the project asks of one.\n\n"
        "It suppresses nothing, and whoever wrote it believes that it does.\n\n"
        "Use instead: `# failtrack: allow PV-001 until 2026-12-31 (TICKET-1) reason`.",
        "write `# failtrack: allow RULE until YYYY-MM-DD (TICKET) reason`; rules are separated by "
        "commas, day and ticket may be left out",
        "MEDIUM",
        "GOVERNANCE",
        "GOVERNANCE_CHECKLIST_INCOMPLETE",
    ),
    UNUSED: About(
        UNUSED,
        "unused-suppression",
        "A suppression suppresses nothing.\n\n"
        "What it allowed is gone, and the next violation on its line would pass unseen.\n\n"
        "Use instead: remove the comment, or the rule from it.",
        "remove the comment, or the rule from it",
        "LOW",
        "GOVERNANCE",
        "GOVERNANCE_ENFORCEMENT_GAP",
    ),
    BYPASSED: About(
        BYPASSED,
        "bypassed-hook",
        "A commit holds what the hook would have refused.\n\n"
        "It was made with `--no-verify`, or where the hooks are not installed: the rule exists "
        "and is not enforced there.\n\n"
        "Use instead: `pre-commit install` in every clone, and suppressions with a reason.",
        "run `pre-commit install` in the clone that the commit comes from",
        "MEDIUM",
        "GOVERNANCE",
        "GOVERNANCE_ENFORCEMENT_GAP",
    ),
}


def about(rule_id: str) -> About:
    """Return what is told of a rule.

    Raises:
        KeyError: There is no rule of this id.
    """
    if rule_id in OWN:
        return OWN[rule_id]
    rule = rule_class(rule_id)
    return About(
        *(rule_id, rule.name, _dedented(rule.__doc__ or rule.name), rule.remedy),
        *(rule.severity, rule.category, rule.subcategory),
    )


def _dedented(text: str) -> str:
    """Return a docstring without the indentation of its lines after the first."""
    first, *rest = text.strip().splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    return "\n".join([first, *(line[indent:].rstrip() for line in rest)])
