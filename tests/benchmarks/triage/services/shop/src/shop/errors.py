"""What the shop raises."""


class ShopError(Exception):
    """Something that the shop knows about went wrong."""


class OutOfStock(ShopError):
    """There is less than was asked for."""


class PaymentDeclined(ShopError):
    """The provider said no."""


class ConfigMissing(ShopError):
    """A setting is not there."""
