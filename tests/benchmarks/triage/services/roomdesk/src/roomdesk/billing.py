"""Client of the billing service."""

import json
import urllib.error
import urllib.request

from .errors import BillingError


class Billing:
    """Charges accounts over HTTP."""

    def __init__(self, url, key, timeout=2.0):
        self._url = url.rstrip("/")
        self._key = key
        self._timeout = timeout

    def charge(self, booking, user, cents, currency="EUR"):
        """Charge a user and return the number of the receipt."""
        body = {"reference": f"booking-{booking}", "account": user}
        body["amount"] = {"cents": cents, "currency": currency}
        return self._send("/v1/charges", body)["receipt"]

    def refund(self, receipt, cents):
        """Pay back a part of a charge."""
        return self._send(f"/v1/charges/{receipt}/refunds", {"cents": cents})["refunded"]

    def _send(self, path, body):
        request = urllib.request.Request(
            self._url + path,
            data=json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {self._key}",
            },
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read().decode(errors="replace")
            raise BillingError(f"billing said {error.code}: {text}", error.code) from error
