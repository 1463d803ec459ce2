import pytest
from tidelog import units
from tidelog.errors import InvalidReading


@pytest.mark.parametrize(
    ("text", "cm"),
    [("612 cm", 612), ("6.12 m", 612), ("20.08 ft", 612), ("0.125 m", 13), ("-0.5 m", -50)],
)
def test_to_cm(text, cm):
    assert units.to_cm(text) == cm


def test_unknown_unit():
    with pytest.raises(InvalidReading, match="unknown unit 'fathom'"):
        units.to_cm("3 fathom")


@pytest.mark.parametrize(("language", "text"), [("en", "6.05 m"), ("de", "6,05 m")])
def test_level_text(language, text):
    assert units.level_text(605, language) == text
