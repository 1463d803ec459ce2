"""The client of the payment provider's HTTP API."""

import json
import urllib.request

from shop.errors import PaymentDeclined


class ApiClient:
    """Talks to the provider."""

    def __init__(self, host: str, port: int, api_key: str, timeout_seconds: float = 2.0) -> None:
        self.base = f"http://{host}:{port}"
        self.api_key = api_key
        self.timeout_seconds = timeout_seconds

    def request(self, method: str, path: str, body: dict | None = None) -> dict:
        """Send a request and return the document of the answer."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": f"Key {self.api_key}", "Content-Type": "application/json"}
        request = urllib.request.Request(
            self.base + path, data=data, headers=headers, method=method
        )
        with urllib.request.urlopen(request, timeout=self.timeout_seconds) as answer:
            return json.loads(answer.read())

    def charge(self, number: int, cents: int) -> str:
        """Take money and return the id of the payment."""
        answer = self.request("POST", "/charges", {"order": number, "cents": cents})
        if answer["status"] != "accepted":
            raise PaymentDeclined(answer["reason"])
        return answer["payment_id"]

    def rates(self) -> dict[str, float]:
        """Return what one euro is in other currencies."""
        return self.request("GET", "/rates")["rates"]
