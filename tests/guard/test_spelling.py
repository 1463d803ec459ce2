"""How names are written: what the sieve of a whole tree tells by bytes (S3-27)."""

from __future__ import annotations

import pytest

from failtrack_guard.code.spelling import SOUGHT_MAX, is_named, speaking, words_of

HELD = {
    "a name": "emit(1)",
    "an attribute": "bus.emit(1)",
    "imported": "from shop.bus import emit",
    "imported in brackets": "from shop.bus import(emit)",
    "a module that is imported": "import shop.emit",
    "a module from a package": "from shop import emit as send",
    "in a string": "x: 'emit'",
    "behind an escape in a string": r'x: "\nemit"',
    "behind a number in a string": r'x: "\x0aemit"',
    "before a keyword": "yield emit if x else y",
    "before a word on the next line": "x = emit\nreturn_ = 1",
    "also in a sentence": "# emit this\nemit(1)",
    "before another alphabet": "x = 'emit é'",
}
NOT_HELD = {
    "a part of a name": "emitted = remit(1)",
    "with an underscore": "emit_signal = _emit",
    "the module of an import": "from shop.emit import send",
    "a package of an import": "from .emit.bus  import send",
    "a word of a sentence": "# emit this and that",
    "nothing": "print(1)",
}


@pytest.mark.parametrize("text", HELD.values(), ids=HELD)
def test_a_file_that_holds_a_name_speaks_of_it(text: str) -> None:
    """A file is left out only when it cannot name what a rule means."""
    assert speaking(["emit"])(text.encode())
    assert speaking(["emit", *(f"w{number}" for number in range(SOUGHT_MAX))])(text.encode())


@pytest.mark.parametrize("text", NOT_HELD.values(), ids=NOT_HELD)
def test_what_only_looks_alike_does_not_speak_of_it(text: str) -> None:
    """Substrings, modules of imports and sentences name nothing."""
    assert not speaking(["emit"])(text.encode())
    assert not speaking(["emit", *(f"w{number}" for number in range(SOUGHT_MAX))])(text.encode())


def test_a_name_of_another_alphabet_is_looked_for_as_it_is_written() -> None:
    """Its bytes are no letters of ASCII."""
    assert speaking(["événement"])("x = mon_événement_2".encode())


NAMES = ("event", "events", "Event", "EVENT", "OrderEvents", "order_event", "myEvent", "event2")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_made_of_its_words(name: str) -> None:
    """What PV-001 guesses by the words of a name is never left out."""
    text = f"{name}.type == 'x'".encode()
    assert is_named(b"event", text, text.lower())


@pytest.mark.parametrize("name", ["prevent", "eventually", "PREVENT", "seventh", "vent"])
def test_letters_within_a_word_are_no_word(name: str) -> None:
    """A file that prevents something is no file of events."""
    text = f"{name}.type == 'x'".encode()
    assert not is_named(b"event", text, text.lower())


@pytest.mark.parametrize("name", [*NAMES, "anEventOf", "AN_EVENT", "x_Event_y"])
def test_words_that_are_guessed_by_are_found_in_the_bytes(name: str) -> None:
    """Both tell the same words, and the bytes at least those."""
    for word in words_of(name):
        assert is_named(word.encode(), name.encode(), name.lower().encode())
