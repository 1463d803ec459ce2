import pytest
from roomdesk import ledger
from roomdesk.errors import Invalid


def test_price_of_few_slots():
    assert ledger.price(3, 500) == 1500


def test_price_of_a_day_has_free_slots():
    assert ledger.price(16, 500) == 7000


def test_tax_rounds_half_up():
    assert ledger.tax(50) == 10
    assert ledger.tax(1000) == 190


def test_split_keeps_the_sum():
    assert ledger.split(1000, 3) == [334, 333, 333]


def test_split_needs_somebody():
    with pytest.raises(Invalid, match="nobody"):
        ledger.split(1000, 0)


@pytest.mark.parametrize(("hours", "cents"), [(48, 1001), (24, 1001), (23, 500), (2, 500), (1, 0)])
@pytest.mark.requirement("R3")
def test_refund(hours, cents):
    assert ledger.refund(1001, hours) == cents


def test_entries_balance():
    assert sum(cents for _, cents in ledger.entries("ann", 1234)) == 0


def test_show():
    assert ledger.show(123456) == "1,234.56 EUR"
    assert ledger.show(-5, "CHF") == "-0.05 CHF"
