from unittest.mock import Mock

import pytest
from tidelog.cache import ExpiringCache


@pytest.fixture
def clock():
    return Mock(return_value=100.0)


@pytest.fixture
def cache(clock):
    return ExpiringCache(10, limit=3, clock=clock)


@pytest.mark.parametrize(("later", "found"), [(0, 1), (9.9, 1), (10, None), (60, None)])
def test_expiry(cache, clock, later, found):
    cache.put("a", 1)
    clock.return_value += later
    assert cache.get("a") == found


def test_hits_and_misses(cache):
    cache.put("a", 1)
    cache.get("a"), cache.get("b"), cache.get("a")
    assert (cache.hits, cache.misses) == (2, 1)


def test_the_oldest_goes_first(cache):
    for key in "abcd":
        cache.put(key, key)
    assert [cache.get(key) for key in "abcd"] == [None, "b", "c", "d"]


def test_made_once(cache):
    make = Mock(return_value="made")
    assert cache.get_or_make("a", make) == cache.get_or_make("a", make) == "made"
    make.assert_called_once_with()


def test_drop_by_prefix(cache):
    cache.put(("HUS", 1), 1)
    cache.put(("HUS", 2), 2)
    cache.put(("CUX", 1), 3)
    cache.drop(("HUS",))
    assert len(cache) == 1
    assert cache.get(("CUX", 1)) == 3
