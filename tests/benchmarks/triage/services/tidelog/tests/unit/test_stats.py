import pytest
from support import at, series
from tidelog import stats
from tidelog.models import Quality, Reading


def test_mean():
    assert stats.mean([1, 2, 6]) == 3
    with pytest.raises(ValueError, match="mean of nothing"):
        stats.mean([])


@pytest.mark.parametrize(("share", "expected"), [(0, 10), (0.5, 25), (0.9, 37), (1, 40)])
def test_percentile(share, expected):
    assert stats.percentile([40, 10, 30, 20], share) == pytest.approx(expected)


def test_moving_average():
    assert stats.moving_average([1, 2, 3, 4, 8], 3) == [2, 3, 5]


def test_arguments_stay_as_they_are():
    values = [3, 1, 2]
    stats.percentile(values, 0.5)
    assert values == [3, 1, 2]


def test_extremes():
    readings = series(400, 500, 600, 550, 300, 350)
    found = [(kind, one.level_cm) for kind, one in stats.extremes(readings)]
    assert found == [("high", 600), ("low", 300)]


def test_extremes_of_a_flat_top():
    assert len(stats.extremes(series(400, 600, 600, 500))) == 1


def test_good_ones():
    bad = Reading("HUS", at(90), 999, Quality.MISSING)
    assert stats.good([*series(400), bad]) == series(400)


def test_residuals():
    curve = [(at(0), 390), (at(10), 420), (at(90), 500)]
    assert stats.residuals(series(400, 410, 420), curve) == {at(0): 10, at(10): -10}
