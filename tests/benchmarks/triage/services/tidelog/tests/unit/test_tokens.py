from datetime import timedelta

import pytest
from support import START
from tidelog import tokens
from tidelog.errors import TokenRejected

SECRET = "s3cr3t-of-a-test"


@pytest.fixture
def token():
    return tokens.issue(SECRET, "HUS", START + timedelta(hours=1))


def test_valid(token):
    assert tokens.check(SECRET, token, START) == "HUS"


@pytest.mark.parametrize("minutes", [60, 61])
def test_expired(token, minutes):
    with pytest.raises(TokenRejected, match="token of HUS has expired"):
        tokens.check(SECRET, token, START + timedelta(minutes=minutes))


def test_other_station(token):
    with pytest.raises(TokenRejected, match="signature is wrong"):
        tokens.check(SECRET, token.replace("HUS", "CUX"), START)


def test_other_secret(token):
    with pytest.raises(TokenRejected, match="signature is wrong"):
        tokens.check("another", token, START)
