"""Errors of tidelog, with the status that the API answers."""


class TidelogError(Exception):
    status = 500


class InvalidReading(TidelogError, ValueError):
    status = 422


class UnknownStation(TidelogError, LookupError):
    status = 404


class DuplicateReading(TidelogError):
    status = 409


class TokenRejected(TidelogError):
    status = 401


class ConfigError(TidelogError):
    pass


class TelegramError(InvalidReading):
    pass


class MigrationError(TidelogError):
    pass


class PluginError(TidelogError):
    pass


class ForecastError(TidelogError):
    status = 502


class ForecastDenied(ForecastError):
    pass


class ForecastThrottled(ForecastError):
    def __init__(self, retry_after):
        super().__init__(f"forecast service asks to wait {retry_after} s")
        self.retry_after = retry_after
