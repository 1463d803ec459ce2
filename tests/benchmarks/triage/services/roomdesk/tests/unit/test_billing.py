import io
import json
from unittest import mock

from roomdesk.billing import Billing


def test_charge_sends_the_key():
    answer = io.BytesIO(b'{"receipt": "R1"}')
    with mock.patch("roomdesk.billing.urllib.request.urlopen", return_value=answer) as opened:
        assert Billing("http://billing/", "k").charge(4, "ann", 595) == "R1"
    request = opened.call_args.args[0]
    assert request.full_url == "http://billing/v1/charges"
    assert request.get_header("Authorization") == "Bearer k"
    assert json.loads(request.data) == {
        "reference": "booking-4",
        "account": "ann",
        "amount": {"cents": 595, "currency": "EUR"},
    }
