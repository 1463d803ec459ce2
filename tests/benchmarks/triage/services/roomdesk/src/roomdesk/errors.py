"""Errors that callers may catch."""


class RoomdeskError(Exception):
    """Base of all errors of this service."""

    status = 500


class NotFound(RoomdeskError):
    """There is no such thing."""

    status = 404


class Conflict(RoomdeskError):
    """The slot is taken."""

    status = 409


class Invalid(RoomdeskError):
    """The input makes no sense."""

    status = 400


class Forbidden(RoomdeskError):
    """The role may not do this."""

    status = 403


class BillingError(RoomdeskError):
    """The billing service did not accept a charge."""

    status = 502

    def __init__(self, message, code=None):
        super().__init__(message)
        self.code = code
