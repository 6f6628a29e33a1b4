"""PMF's and the isotopes' anthropogenic shares together, against numbers worked by hand and planted truths."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.mixing import (
    MixingOptions,
    Sources,
    agreement,
    isotope_shares,
    mixing_model,
    pmf_shares,
)
from tests.core.pmf_cases import PLANTED, planted, prepared


def profiles(**intervals):
    table = {"factor": ["f1", "f2", "f3"], "species": "Pb", "percent_of_species": [50.0, 30.0, 20.0]}
    return pd.DataFrame({**table, **intervals})


BOOTSTRAP = {"bs_percent_p5": [40.0, 20.0, 10.0], "bs_percent_p95": [60.0, 40.0, 30.0]}
DISP = {"disp_percent_low": [45.0, 28.0, 5.0], "disp_percent_high": [60.0, 37.0, 22.0]}


def shares(share, low=np.nan, high=np.nan, group="all"):
    return pd.DataFrame([(group, share, low, high)], columns=["group", "share", "low", "high"])


def test_one_factor_has_its_own_interval():
    row = pmf_shares(profiles(**BOOTSTRAP), ["f3"], "Pb").iloc[0]
    assert row.tolist() == ["all", pytest.approx(0.2), pytest.approx(0.1), pytest.approx(0.3)]
    row = pmf_shares(profiles(**BOOTSTRAP, **DISP), ["f3"], "Pb").iloc[0]  # DISP reaches lower, the bootstrap higher
    assert row[["low", "high"]].tolist() == [pytest.approx(0.05), pytest.approx(0.3)]
    assert np.isnan(pmf_shares(profiles(), ["f3"], "Pb")["low"][0])


def test_several_factors_are_no_less_certain_than_the_rest():
    """f2 + f3 is what f1 leaves: 0.4 to 0.6, not the 0.3 to 0.7 of summed bounds."""
    row = pmf_shares(profiles(**BOOTSTRAP), ["f2", "f3"], "Pb").iloc[0]
    assert row[["share", "low", "high"]].tolist() == [pytest.approx(0.5), pytest.approx(0.4), pytest.approx(0.6)]


def test_sites_with_more_of_a_factor():
    """f3 twice its mean: 0.4 of 1.2; its bounds 0.1 and 0.3 become 0.2 / 1.1 and 0.6 / 1.3."""
    sites = pd.DataFrame({"f1": [1.0, 1.0, 0.5], "f2": [1.0, 1.0, 0.5], "f3": [1.0, 3.0, np.nan]})
    row = pmf_shares(profiles(**BOOTSTRAP), ["f3"], "Pb", sites.iloc[:2]).iloc[0]
    np.testing.assert_allclose(row[["share", "low", "high"]].astype(float), [1 / 3, 2 / 11, 6 / 13])
    table = pmf_shares(profiles(), ["f3"], "Pb", sites.iloc[:2], ["a", "b"])
    np.testing.assert_allclose(table["share"], [0.2, 0.6 / 1.4])
    with pytest.raises(InputError, match="contributions of group b are all empty"):
        pmf_shares(profiles(), ["f3"], "Pb", sites, ["a", "a", "b"])
    with pytest.raises(InputError, match="contributions have no field f2"):
        pmf_shares(profiles(), ["f3"], "Pb", sites.drop(columns="f2"))


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95), st.floats(0.01, 0.2), st.floats(0.01, 0.2))
def test_the_difference_of_symmetric_intervals_is_the_normal_one(a, b, half_a, half_b):
    found = agreement(shares(a, a - half_a, a + half_a), shares(b, b - half_b, b + half_b)).table.iloc[0]
    reach = np.hypot(half_a, half_b)
    assert found["difference_low"] == pytest.approx(a - b - reach)
    assert found["difference_high"] == pytest.approx(a - b + reach)
    if abs(abs(a - b) - reach) > 1e-9:
        assert (found["verdict"] == "differ") == (abs(a - b) > reach)


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ((0.33, 0.25, 0.41), (0.30, 0.21, 0.45), "agree"),
        ((0.20, 0.14, 0.26), (0.60, 0.50, 0.70), "differ"),
        ((0.33, 0.05, 0.90), (0.30, 0.10, 0.60), "cannot tell"),
        ((0.2041,), (0.33, 0.21, 0.45), "not tested"),  # as printed in Wu et al. 2025: factor 4 without an interval
    ],
)
def test_verdicts(first, second, verdict):
    found = agreement(shares(*first), shares(*second), "Pb", ["f4"], ["Deposition"])
    assert found.table["verdict"].tolist() == [verdict]
    assert f"'{verdict}'" in found.rules()


def test_groups_are_matched_by_name():
    isotopes = pd.concat([shares(0.3, 0.2, 0.4, group) for group in "ab"])
    table = agreement(pd.concat([shares(0.7, 0.6, 0.8, "b"), shares(0.3, 0.2, 0.4, "a")]), isotopes).table
    assert table["verdict"].tolist() == ["agree", "differ"]
    assert agreement(shares(0.3, 0.2, 0.4), isotopes).table["pmf"].tolist() == [0.3, 0.3]  # one for all
    with pytest.raises(InputError, match="no PMF share for the group a"):
        agreement(pd.concat([shares(0.7, 0.6, 0.8, "b"), shares(0.3, 0.2, 0.4, "c")]), isotopes)


@pytest.mark.parametrize(
    ("factors", "species", "message"),
    [
        (["f9"], "Pb", "There is no factor f9 in the PMF. It has f1, f2, f3"),
        ([], "Pb", "Name a factor of the PMF"),
        (["f1"], "Cd", "There is no species Cd in the PMF. It has Pb"),
        (["f1"], "", "Name a species of the PMF"),
        (["f1", "f2", "f3"], "Pb", "All factors of the PMF are named"),
    ],
)
def test_bad_factors(factors, species, message):
    with pytest.raises(InputError, match=message):
        pmf_shares(profiles(), factors, species)


def test_other_bad_input():
    with pytest.raises(InputError, match="several rows for one factor and species"):
        pmf_shares(pd.concat([profiles(), profiles()]), ["f1"], "Pb")
    with pytest.raises(InputError, match="between 0 and 1"):
        agreement(shares(0.3), shares(0.3), margin=1.5)


@pytest.fixture(scope="module")
def posterior():
    """Lead of deep soil and two emissions, mixed as in the planted PMF: 5 of 23 parts are geogenic."""
    rng = np.random.default_rng(0)
    means = np.array([[1.20, 2.05], [1.15, 2.11], [1.14, 2.08]])
    sources = Sources(("Deep soil", "Traffic", "Coal"), ("r206_207", "r208_206"), means, np.full((3, 2), 0.003))
    truth = np.array([5 / 23, 10 / 23, 8 / 23])
    values = truth @ means + 0.002 * rng.standard_normal((20, 2))
    return mixing_model(
        pd.DataFrame(values, columns=list(sources.tracers)), sources, MixingOptions(ess=500, r_hat=1.05)
    )


def test_sources_together_have_the_interval_of_their_sum(posterior):
    """Two of three sources: one minus the third."""
    both = isotope_shares(posterior, ["Traffic", "Coal"]).iloc[0]
    third = isotope_shares(posterior, ["Deep soil"]).iloc[0]
    assert both["share"] == pytest.approx(1 - third["share"])
    assert (both["low"], both["high"]) == pytest.approx((1 - third["high"], 1 - third["low"]), abs=0.005)
    own = posterior.table.set_index("source").loc["Deep soil"]
    assert third[["low", "high"]].tolist() == own[["q2_5", "q97_5"]].tolist()
    with pytest.raises(InputError, match=r"no source Fertiliser in the mixing model\. It has Deep soil, Traffic, Coal"):
        isotope_shares(posterior, ["Fertiliser"])


def test_a_planted_share_is_found_by_both(posterior):
    table, _, _ = planted(samples=60)
    data = prepared(table)
    result = pmf.factorize(data, pmf.PmfOptions(factors=3, starts=4))
    resampled = pmf.bootstrap(data, result, pmf.BootstrapOptions(runs=40))
    lead = result.f[:, result.data.fitted_species.index("Pb")]
    factor = result.factors[lead.argmax()]
    found = pmf_shares(pmf.join_intervals(resampled, None), [factor], "Pb")
    truth = PLANTED[1, 6] / PLANTED[:, 6].sum()
    assert found["low"][0] <= truth <= found["high"][0]
    row = agreement(found, isotope_shares(posterior, ["Traffic", "Coal"]), "Pb").table.iloc[0]
    assert row["verdict"] == "agree"
    assert row["pmf"] == pytest.approx(truth, abs=0.05) and row["isotope"] == pytest.approx(truth, abs=0.05)
