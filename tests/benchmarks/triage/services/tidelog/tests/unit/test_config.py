import pytest
from tidelog import config
from tidelog.errors import ConfigError

SECRET = {"TIDELOG_SECRET": "s3cr3t-of-a-test"}


def test_defaults():
    settings = config.load(environ=SECRET)
    assert settings.database == ":memory:"
    assert settings.cache_seconds == 300
    assert settings.rules == ("threshold", "surge")


def test_file(data):
    settings = config.load(data / "tidelog.toml", SECRET)
    assert (settings.batch_size, settings.language, settings.rules) == (50, "de", ("threshold",))
    assert settings.cache_seconds == 300


def test_variables_win_over_the_file(data):
    settings = config.load(data / "tidelog.toml", {**SECRET, "TIDELOG_BATCH_SIZE": "5"})
    assert settings.batch_size == 5


def test_list_of_rules():
    settings = config.load(environ={**SECRET, "TIDELOG_RULES": "surge, threshold,"})
    assert settings.rules == ("surge", "threshold")


def test_secret_is_needed():
    with pytest.raises(ConfigError, match="TIDELOG_SECRET is not set"):
        config.load(environ={})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colour = 'blue'", "unknown settings: colour"),
        ("batch_size = ", "Invalid value"),
        ("language = 'fr'", "no such language"),
    ],
)
def test_wrong_file(tmp_path, text, message):
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        config.load(path, SECRET)


def test_wrong_variable():
    with pytest.raises(ConfigError, match="TIDELOG_BATCH_SIZE: invalid literal"):
        config.load(environ={**SECRET, "TIDELOG_BATCH_SIZE": "many"})
