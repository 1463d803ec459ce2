from roomdesk.cache import Cache


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_value_is_kept():
    cache = Cache(10, clock=Clock())
    assert cache.get("a", lambda: 1) == 1
    assert cache.get("a", lambda: 2) == 1


def test_value_expires():
    clock = Clock()
    cache = Cache(10, clock=clock)
    cache.get("a", lambda: 1)
    clock.now += 10
    assert cache.get("a", lambda: 2) == 2


def test_drop():
    cache = Cache(10, clock=Clock())
    cache.get("a", lambda: 1)
    cache.drop("a")
    assert cache.get("a", lambda: 2) == 2


def test_size():
    cache = Cache(10, size=2, clock=Clock())
    for key in "abc":
        cache.get(key, key.upper)
    assert len(cache) == 2
    assert cache.get("a", lambda: "new") == "new"
