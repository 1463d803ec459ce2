import pytest
from roomdesk.errors import Forbidden
from roomdesk.permissions import ROLES, allowed, require


@pytest.mark.requirement("R4")
def test_only_admin_writes_rooms():
    assert [role for role in sorted(ROLES) if allowed(role, "rooms.write")] == ["admin"]


@pytest.mark.requirement("R6")
def test_clerk_reads_invoices():
    assert allowed("clerk", "invoices.read")
    assert not allowed("member", "invoices.read")


def test_unknown_role():
    with pytest.raises(Forbidden, match=r"robot may not do rooms\.read"):
        require("robot", "rooms.read")
