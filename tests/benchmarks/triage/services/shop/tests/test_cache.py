"""Cache and sessions."""

from shop.cache import Cache


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_a_value_is_kept():
    cache = Cache()
    cache.put("a", 1)
    assert cache.get("a") == 1


def test_an_old_value_is_forgotten():
    clock = Clock()
    cache = Cache(ttl_seconds=10, clock=clock)
    cache.put("a", 1)
    clock.now += 11
    assert cache.get("a", "gone") == "gone"


def test_first_session(sessions):
    assert sessions.login("ada") == "t-1"


def test_second_session(sessions):
    sessions.login("ada")
    assert sessions.login("bob") == "t-2"


def test_whose_session(sessions):
    assert sessions.customer(sessions.login("eve")) == "eve"
