"""Money: prices, tax, shares, double entries. All in cents."""

from .errors import Invalid

TAX_PERCENT = 19


def price(slots, cents):
    """Return the price of some slots; from eight on, one in eight is free."""
    return (slots - slots // 8) * cents


def tax(net, percent=TAX_PERCENT):
    """Return the tax on a net amount, rounded half up."""
    return (net * percent + 50) // 100


def split(total, shares):
    """Split an amount into shares that differ by at most a cent, the larger first."""
    if shares < 1:
        raise Invalid("nobody to split between")
    base, rest = divmod(total, shares)
    return [base + 1] * rest + [base] * (shares - rest)


def refund(paid, hours_before):
    """Return what a cancellation pays back: all a day before, half two hours before."""
    if hours_before >= 24:
        return paid
    if hours_before >= 2:
        return paid // 2
    return 0


def entries(user, net):
    """Return the balanced entries of a charge."""
    duty = tax(net)
    booked = [(f"user:{user}", net + duty), ("revenue", -net), ("tax", -duty)]
    if sum(cents for _, cents in booked):
        raise Invalid("entries do not balance")
    return booked


def show(cents, currency="EUR"):
    """Return an amount for people."""
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}{whole:,}.{rest:02d} {currency}"
