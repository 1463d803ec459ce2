import pytest
from support import START
from tidelog import telegram
from tidelog.errors import TelegramError
from tidelog.models import Quality, Reading

LINE = "$TIDE,HUS,2031-03-01T12:00:00Z,612,good*6B"


def test_encode():
    assert telegram.encode(Reading("HUS", START, 612)) == LINE


def test_decode():
    assert telegram.decode(LINE + "\r\n") == Reading("HUS", START, 612)


def test_round_trip_of_a_suspect_reading():
    reading = Reading("CUX", START, -12, Quality.SUSPECT)
    assert telegram.decode(telegram.encode(reading)) == reading


@pytest.mark.parametrize("line", ["", "TIDE,HUS", "$TIDE,HUS,612"])
def test_no_telegram(line):
    with pytest.raises(TelegramError, match="not a telegram"):
        telegram.decode(line)


def test_wrong_checksum():
    with pytest.raises(TelegramError, match="checksum is"):
        telegram.decode(LINE.replace("612", "613"))


def test_missing_field():
    body = "TIDE,HUS,612"
    with pytest.raises(TelegramError, match="has 3 fields"):
        telegram.decode(f"${body}*{telegram.checksum(body)}")
