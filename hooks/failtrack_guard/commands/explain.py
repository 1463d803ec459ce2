"""`failtrack-guard explain`: says what a rule is for, with its cases."""

from __future__ import annotations

from failtrack_guard.errors import GuardError, say
from failtrack_guard.rules import ids, rule_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from failtrack_guard.arguments import Arguments


def run(arguments: Arguments) -> int:
    """Print the pages of the rules that are named."""
    from failtrack_guard.about import OWN
    from failtrack_guard.explain import page, page_of_own

    wanted = [one.upper() for one in arguments.operands]
    unknown = [one for one in wanted if one not in ids() and one not in OWN]
    if not wanted or unknown:
        what = f"there is no rule {unknown[0]}" if unknown else "explain needs a rule"
        raise GuardError(f"{what}; the rules are {', '.join((*ids(), *OWN))}")
    say("\n".join(page_of_own(one) if one in OWN else page(rule_class(one)) for one in wanted))
    return 0
