"""`failtrack-guard rules`: lists the rules, and which of them run here."""

from __future__ import annotations

from failtrack_guard.errors import say
from failtrack_guard.judging import settings_of
from failtrack_guard.rules import ids, rule_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.arguments import Arguments
    from failtrack_guard.rule import Rule


def run(arguments: Arguments) -> int:
    """Print a line a rule: id, whether it is on, severity, what it finds and what it waits for."""
    running = {one.id for one in settings_of(arguments).active}
    rows = []
    for rule_id in ids():
        rule = rule_class(rule_id)
        rows.append(
            {
                "id": rule_id,
                "name": rule.name,
                "severity": rule.severity,
                "runs": rule_id in running,
                "needs": list(rule.NEEDS),
                "summary": first_sentence(rule),
            }
        )
    if arguments.has("--json"):
        import json

        say(json.dumps(rows, indent=2))
        return 0
    width = max(len(str(row["id"])) for row in rows)
    say(f"{'rule'.ljust(width)}  here  severity  what it finds")
    for row in rows:
        state = "on  " if row["runs"] else "off "
        needs = "" if row["runs"] else _needs(rule_class(str(row["id"])))
        told = f"{row['severity']:<8}  {row['summary']}{needs}"
        say(f"{str(row['id']).ljust(width)}  {state}  {told}")
    say("\nfailtrack-guard explain RULE says more; [tool.failtrack.guard] says which are on.")
    return 0


def _needs(rule: type[Rule]) -> str:
    """Return what a rule that is off waits for, in parentheses, nothing when it is switched off."""
    return f" (needs {', '.join(rule.NEEDS)})" if rule.NEEDS else ""


def first_sentence(rule: type) -> str:
    """Return the first line of a rule's documentation, without its full stop."""
    return (rule.__doc__ or "").strip().split("\n")[0].rstrip(".")
