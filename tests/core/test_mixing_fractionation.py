"""Deltas, fractionation between media and two end-members, against numbers worked by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.mixing import (
    delta,
    fractionation,
    fractionation_of_summary,
    standard_ratio,
    two_end_members,
)


def test_delta_by_hand():
    # 2.3046 / 2.3 = 1.002: 2 per mille; its error 0.0023 / 2.3 = 1 per mille
    found, sd = delta([2.3046, 2.3, np.nan], 2.3, ratio_sd=0.0023)
    np.testing.assert_allclose(found[:2], [2.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(sd[:2], [1.0, 1.0], atol=1e-9)
    assert np.isnan(found[2])
    assert delta([2.3], 2.3, 0.0023, 0.0023)[1][0] == pytest.approx(np.sqrt(2))


def test_certified_standards():
    assert standard_ratio("206Pb/207Pb (NIST SRM 981)") == pytest.approx(1.0933, abs=5e-5)
    assert standard_ratio("208Pb/206Pb (NIST SRM 981)") == 2.1681
    assert standard_ratio("206Pb/204Pb (NIST SRM 981)") == pytest.approx(16.937, abs=5e-4)
    assert standard_ratio("114Cd/110Cd (NIST SRM 3108)", 2.3) == 2.3
    with pytest.raises(InputError, match="has no certified isotope ratio: give the ratio"):
        standard_ratio("114Cd/110Cd (NIST SRM 3108)")
    with pytest.raises(InputError, match="There is no standard 'water'"):
        standard_ratio("water")


def test_bad_ratios():
    with pytest.raises(InputError, match="must be positive: rows 2"):
        delta([1.0, 0.0], 1.0)
    with pytest.raises(InputError, match="uncertainty of an isotope ratio cannot be negative"):
        delta([1.0], 1.0, ratio_sd=-0.1)
    with pytest.raises(InputError, match="standard must be positive"):
        delta([1.0], 0.0)


def test_fractionation_of_the_papers_cadmium():
    """Table S1 of Wu et al. 2025: surface soil 0.04 +- 0.10 (14), water 0.22 +- 0.26 (5): Delta -0.18."""
    media = pd.DataFrame({"medium": ["soil", "water"], "n": [14, 5], "mean": [0.04, 0.22], "sd": [0.10, 0.26]})
    row = fractionation_of_summary(media).differences.iloc[0]
    assert row["Delta"] == pytest.approx(-0.18)
    assert row["se"] == pytest.approx(np.sqrt(0.01 / 14 + 0.0676 / 5))
    assert row["sd"] == pytest.approx(np.hypot(0.10, 0.26))
    test = stats.ttest_ind_from_stats(0.04, 0.10, 14, 0.22, 0.26, 5, equal_var=False)
    assert row["p"] == pytest.approx(test.pvalue)
    assert row["low_95"] < -0.18 < row["high_95"]


def test_fractionation_of_samples():
    values = [1.0, 2.0, 3.0, 5.0, np.nan, 7.0]
    found = fractionation(values, ["a", "a", "a", "b", "b", None], delta_sd=np.full(6, 0.5))
    assert found.media["n"].tolist() == [3, 1]
    np.testing.assert_allclose(found.media["sd"], [1.0, 0.5])  # one sample: its analytical error
    assert found.differences["Delta"][0] == pytest.approx(-3.0)
    assert found.differences["se"][0] == pytest.approx(np.sqrt(1 / 3 + 0.25))
    with pytest.raises(InputError, match="No row has both"):
        fractionation([np.nan], ["a"])
    with pytest.raises(InputError, match="rows 1: SD below 0"):
        fractionation_of_summary(pd.DataFrame({"medium": ["a"], "n": [3], "mean": [0.0], "sd": [-1.0]}))


def ends(values, errors, tracer="r"):
    return [pd.DataFrame({"mean": [value], "error": [error]}, index=[tracer]) for value, error in zip(values, errors)]


def test_two_end_members_by_hand():
    row = two_end_members(*ends([3.0, 5.0, 1.0], [0.0, 0.0, 0.0])).loc["r"]
    assert (row["share"], row["low_95"], row["high_95"]) == (0.5, 0.5, 0.5)
    # f = (x - 1) / 4 with an error of x alone: SD 0.4 / 4
    row = two_end_members(*ends([3.0, 5.0, 1.0], [0.4, 0.0, 0.0])).loc["r"]
    assert row["share_sd"] == pytest.approx(0.1, abs=0.002)
    assert row["low_95"] == pytest.approx(0.5 - 0.196, abs=0.005)
    # errors of the ends, small: f = (x - b) / (a - b), df/da = -f / (a - b), df/db = -(1 - f) / (a - b)
    row = two_end_members(*ends([4.0, 5.0, 1.0], [0.0, 0.1, 0.2])).loc["r"]
    assert row["share_sd"] == pytest.approx(np.hypot(0.75 * 0.1, 0.25 * 0.2) / 4, rel=0.02)


def test_end_members_nearer_than_their_errors_are_refused():
    row = two_end_members(*ends([-0.1, -0.26, -0.07], [0.1, 0.08, 0.27])).loc["r"]
    assert np.isnan(row["share"])
    assert row["verdict"] == ("refused: the end-members are nearer to each other (0.19) than their errors (0.282)")


def test_a_mixture_outside_its_end_members_is_said_so():
    row = two_end_members(*ends([6.0, 5.0, 1.0], [0.1, 0.1, 0.1])).loc["r"]
    assert row["verdict"] == "outside the two end-members" and row["share"] == pytest.approx(1.25)
    assert row["within"] < 0.01


def test_bad_end_members():
    with pytest.raises(InputError, match="errors not negative"):
        two_end_members(*ends([1, 2, 3], [0.1, -0.1, 0.1]))
    mixture, first, _ = ends([1, 2, 3], [0, 0, 0])
    with pytest.raises(InputError, match="no value of r"):
        two_end_members(mixture, first, ends([1], [0], "other")[0])


def test_what_the_papers_printed_lead_gives():
    """Tables S2 and 2 of Wu et al. 2025: printed 67.8 % and 67.0 % parent lead (docs/isotopes.md)."""
    tracers = ["206Pb/207Pb", "208Pb/206Pb"]
    tables = [
        pd.DataFrame({"mean": mean, "error": error}, index=tracers)
        for mean, error in (
            ([1.17, 2.09], [0.013, 0.013]),
            ([1.19, 2.08], [0.014, 0.013]),
            ([1.16, 2.10], [0.007, 0.011]),
        )
    ]
    found = two_end_members(*tables)
    np.testing.assert_allclose(found["share"], [1 / 3, 1 / 2])
    np.testing.assert_allclose(found["within"], [0.61, 0.48], atol=0.01)
