"""Summary statistics with non-detects: R's survival, statsmodels' ROS, a planted lognormal, and what falls back."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.summary_statistics import impute_by_ros, kaplan_meier, summary_statistics

DETECTED = np.array([3.2, 2.8, 5.1, 0.9, 1.4, 7.7, 12.0, 2.2, 0.6, 1.9, 4.4, 0.45])
LIMITS = np.array([0.5, 0.5, 1.0, 1.0, 1.0, 2.0, 2.0, 0.25])


def tables(detected, limits):
    values = np.concatenate([detected, limits / 2])
    flags = np.arange(len(values)) >= len(detected)
    bounds = np.concatenate([np.full(len(detected), np.nan), limits])
    return tuple(pd.DataFrame({"Cd": column}) for column in (values, flags, bounds))


def test_ros_is_that_of_statsmodels():
    """statsmodels 0.15, imputation.ros.impute_ros, on the same values."""
    found = np.concatenate([DETECTED, impute_by_ros(DETECTED, LIMITS)])
    imputed = [0.14513233, 0.18480329, 0.20522197, 0.33220356, 0.36560725, 0.41881462, 0.71874587, 0.81803576]
    np.testing.assert_allclose(np.sort(found[12:]), imputed, atol=1e-8)
    row = summary_statistics(*tables(DETECTED, LIMITS)).iloc[0]
    assert (row["n"], row["nondetects"], row["method"], row["note"]) == (20, 8, "ros", "")
    assert row["mean"] == pytest.approx(2.2919282327606334)
    assert row["sd"] == pytest.approx(3.036326926758898)
    assert row["median"] == pytest.approx(0.8590178809246055)


def test_kaplan_meier_is_that_of_survfit():
    """R's survival, survfit of 20 - x: the same steps; its median 19.1 is 0.9 here."""
    values, cumulative, rest = kaplan_meier(DETECTED, LIMITS)
    assert values.tolist() == sorted(DETECTED)
    steps = [0.3545455, 0.4431818, 0.5318182, 0.5909091, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0]
    np.testing.assert_allclose(cumulative, steps, atol=1e-7)
    assert rest == pytest.approx(0.1772727, abs=1e-7)
    row = summary_statistics(*tables(DETECTED, LIMITS), method="km").iloc[0]
    assert row["median"] == 0.9 and row["minimum"] == 0.25 and row["maximum"] == 12.0


@pytest.mark.parametrize("method", ["ros", "km"])
def test_a_planted_lognormal_is_found_again(method):
    """Half of 400 values below one of two limits: ROS comes nearer to the truth than half the limit does."""
    rng = np.random.default_rng(3)
    means = []
    for _ in range(40):
        true = rng.lognormal(0, 1, 400)
        limits = np.where(rng.random(400) < 0.5, 0.8, 1.5)
        hidden = true < limits
        found = summary_statistics(*tables(true[~hidden], limits[hidden]), method=method).iloc[0]
        means.append(found["mean"] / true.mean())
    tolerance = {"ros": 0.02, "km": 0.25}[method]  # Kaplan-Meier puts what lies below the lowest limit on it
    assert np.mean(means) == pytest.approx(1, abs=tolerance)


def test_without_non_detects_nothing_is_treated():
    row = summary_statistics(pd.DataFrame({"Pb": [1.0, 2.0, 6.0, np.nan]})).iloc[0]
    assert (row["n"], row["nondetects"], row["method"]) == (3, 0, "measured")
    assert row["mean"] == 3 and row["median"] == 2 and row["sd"] == pytest.approx(np.sqrt(7))
    assert row["skewness"] == pytest.approx(6 / (14 / 3) ** 1.5)


def test_what_cannot_be_treated_is_substituted_and_says_so():
    few = summary_statistics(*tables(np.array([1.0, 2.0]), np.full(5, 0.5))).iloc[0]
    assert few["method"] == "substitute" and "too few detected values" in few["note"]
    values, flags, bounds = tables(DETECTED, LIMITS)
    unknown = summary_statistics(values, flags, bounds * np.nan).iloc[0]
    assert unknown["method"] == "substitute" and "limits are not known" in unknown["note"]
    values.loc[0, "Cd"] = 0.0
    assert "values of 0 have no logarithm" in summary_statistics(values, flags, bounds).iloc[0]["note"]
    with pytest.raises(InputError, match="one of ros, km, substitute"):
        summary_statistics(values, flags, bounds, "mean")
