from datetime import timedelta

import pytest
from roomdesk.billing import Billing
from roomdesk.errors import BillingError


@pytest.mark.requirement("R2")
def test_confirm_reaches_billing(service, fake_billing, now):
    start = now + timedelta(days=2)
    held = service.book("blue", "ann", start, start + timedelta(hours=2))
    service.confirm(held.id)
    service.jobs.wait()
    assert service.jobs.failed == []
    assert fake_billing.charges == [
        {
            "reference": f"booking-{held.id}",
            "account": "ann",
            "amount": {"cents": 5950, "currency": "EUR"},
        }
    ]
    assert service.receipts == {held.id: "R0001"}


@pytest.mark.requirement("R3")
def test_cancel_pays_back(service, fake_billing, now):
    start = now + timedelta(hours=5)
    held = service.book("red", "ann", start, start + timedelta(hours=1))
    service.confirm(held.id)
    service.jobs.wait()
    assert service.cancel(held.id) == 595
    service.jobs.wait()
    assert fake_billing.refunds == [("R0001", 595)]


def test_charge(billing):
    assert billing.charge(1, "ann", 100) == "R0001"


def test_refund(billing):
    receipt = billing.charge(1, "ann", 100)
    assert billing.refund(receipt, 40) == 40


def test_wrong_key(fake_billing):
    with pytest.raises(BillingError, match="401") as caught:
        Billing(fake_billing.url, "stolen").charge(1, "ann", 100)
    assert caught.value.code == 401


def test_wrong_amount(billing):
    with pytest.raises(BillingError, match="must be an integer"):
        billing.charge(1, "ann", "1.00")
