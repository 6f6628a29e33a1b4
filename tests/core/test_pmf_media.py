"""One model of soil and sediment: planted shares, fit beside fit apart, places of the rows, refusals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.pmf.media import joint, stack

from .pmf_distinct import SPECIES, of_medium, two_media

RULES = pmf.UncertaintyRules(strong=SPECIES)
# at a bound of 0 the planted factors are unique
OPTIONS = pmf.PmfOptions(3, 6, uncertainty=RULES, solver=pmf.SolverOptions(lower_contribution=0.0))


@pytest.fixture(scope="module")
def found():
    samples, profiles, means = two_media()
    return joint(samples, OPTIONS), profiles, means


def test_planted_shares_of_the_media_come_out(found):
    model, profiles, means = found
    planted = [mean[:, None] * profiles for mean in means]
    whole = 160 * model.result.f / sum(n * part for n, part in zip((100, 60), planted)).sum(axis=0)
    order = [int(np.argmax((profiles / profiles.sum(axis=0))[:, np.argmax(row)])) for row in whole]
    shares = model.shares()
    assert list(shares["samples"].unique()) == [100, 60]
    for medium, amount in zip(("soil", "sediment"), planted):
        of_total = 100 * amount.sum(axis=1) / amount.sum()
        of_species = 100 * (amount / amount.sum(axis=0)).mean(axis=1)
        own = shares[shares["medium"] == medium]
        np.testing.assert_allclose(own["percent_of_total"], of_total[order], atol=5)
        np.testing.assert_allclose(own["mean_percent_of_species"], of_species[order], atol=5)


def test_shares_and_profiles_sum_up(found):
    model = found[0]
    shares, profiles = model.shares(), model.profiles()
    np.testing.assert_allclose(shares.groupby("medium")[["percent_of_total", "mean_percent_of_species"]].sum(), 100)
    np.testing.assert_allclose(profiles.groupby(["medium", "species"])["percent_of_species"].sum(), 100)
    mean = shares.pivot_table("mean_contribution", "factor", "medium")
    np.testing.assert_allclose((100 * mean["soil"] + 60 * mean["sediment"]) / 160, 1)
    concentration = profiles[profiles["medium"] == "soil"].groupby("species", sort=False)["concentration"].sum()
    np.testing.assert_allclose(concentration, model.result.predicted[:100].mean(axis=0))


def test_one_set_of_profiles_is_enough_for_the_same_sources(found):
    model = found[0]
    assert model.as_well and model.verdict().startswith("One set of profiles fits soil and sediment as well")
    # (K - 1) p m free values fewer, of n m - p (n + K m) degrees of freedom
    assert model.expected_rise_percent == pytest.approx(100 * 24 / (1280 - 3 * (160 + 16)))
    assert 0 < model.rise_percent < 2 * model.expected_rise_percent
    for medium in model.media:
        assert (model.matches[medium].table()["cosine"] > 0.97).all()


def test_fit_beside_fit_apart(found):
    model = found[0]
    table = model.fit_table().set_index("medium")
    assert table.loc["all", "q_true_joint"] == pytest.approx(model.result.q_true)
    assert table.loc["all", "q_robust_joint"] == pytest.approx(model.result.q_robust)
    soil = two_media()[0][0]
    # apart, a medium is what the base model makes of it with the same weights
    limits = model.stacked.detection_limits[:100]
    data = pmf.prepare(soil.concentrations, limits, rules=RULES)
    alone = pmf.factorize(data, OPTIONS)
    assert table.loc["soil", "q_robust_apart"] == pytest.approx(alone.q_robust, rel=1e-6)
    np.testing.assert_allclose(model.apart["soil"].data.signal_to_noise, data.signal_to_noise)
    np.testing.assert_array_equal(model.apart["soil"].data.below_detection, data.below_detection)
    sums = table.loc["soil", "q_robust_apart"] + table.loc["sediment", "q_robust_apart"]
    assert table.loc["all", "q_robust_apart"] == pytest.approx(sums)
    assert model.rise_percent == pytest.approx(100 * (table.loc["all", "q_robust_joint"] / sums - 1))


def test_profiles_that_differ_are_told():
    model = joint(two_media(tilt=0.5)[0], OPTIONS)
    assert not model.as_well and "some profiles differ between the media" in model.verdict()


def test_contributions_stand_at_the_rows_of_their_medium():
    samples = two_media(sizes=(60, 40))[0]
    samples[1].concentrations.iloc[[3, 7], 0] = np.nan
    rules = replace(RULES, missing="drop")
    model = joint(samples, replace(OPTIONS, uncertainty=rules))
    sediment = model.contributions("sediment")
    assert len(sediment) == 40 and np.flatnonzero(sediment["factor1"].isna()).tolist() == [3, 7]
    whole = model.contributions()
    assert list(whole)[:3] == ["medium", "row", "factor1"] and len(whole) == 100
    assert whole["row"].tolist() == [*range(60), *range(40)]
    own = model.apart["sediment"].contributions()
    assert len(own) == 40 and np.flatnonzero(own["factor1"].isna()).tolist() == [3, 7]
    assert model.apart["sediment"].data.missing.tolist() == [2, 0, 0, 0, 0, 0, 0, 0]


def test_a_medium_keeps_its_own_detection_limits():
    samples = two_media(sizes=(30, 20))[0]
    samples[0].detection_limits["Cd"] = 0.7
    samples[1].detection_limits["Cd"] = np.nan
    samples[1].detection_limits.loc[:4, "As"] = [0.1, 0.1, 0.3, np.nan, np.nan]
    limits = stack(samples).detection_limits
    assert (limits["Cd"][:30] == 0.7).all() and (limits["Cd"][30:] == 0).all()
    assert limits["As"][33] == pytest.approx(samples[1].detection_limits["As"].median())


def test_given_uncertainties_are_used_for_each_medium():
    samples = two_media(sizes=(60, 40))[0]
    tables = [0.2 * one.concentrations for one in samples]
    data = joint(samples, OPTIONS, uncertainties=tables).result.data
    np.testing.assert_allclose(data.u, 0.2 * data.x)


def test_elements_of_one_medium_are_left_out_and_named():
    samples = two_media(sizes=(60, 40))[0]
    fewer = of_medium("sediment", samples[1].concentrations.drop(columns="Hg"))
    told = []
    rules = replace(RULES, strong=tuple(name for name in SPECIES if name != "Hg"))
    model = joint([samples[0], fewer], replace(OPTIONS, uncertainty=rules), Monitor(on_warning=told.append))
    message = "Not in all media, and left out of the joint model: Hg of soil."
    assert message in told and message in model.warnings and "Hg" not in model.result.data.species


def test_three_media():
    samples = two_media(sizes=(60, 40))[0]
    model = joint([*samples, of_medium("soil", samples[0].concentrations)], OPTIONS, labels=("soil", "mud", "dust"))
    assert model.media == ("soil", "mud", "dust") and len(model.shares()) == 9
    assert model.fit_table()["medium"].tolist() == ["soil", "mud", "dust", "all"]


def test_refusals():
    samples = two_media(sizes=(30, 20))[0]
    water = replace(samples[1], medium="water")
    other = of_medium("sediment", pd.DataFrame({"Fe": np.ones(5)}))
    with pytest.raises(InputError, match="Needed: two or more, of different names"):
        joint(samples[:1], OPTIONS)
    with pytest.raises(InputError, match="Media for one model: soil, soil"):
        joint([samples[0], samples[0]], OPTIONS)
    with pytest.raises(InputError, match=r"different units \(mg/kg, ug/L"):
        joint([samples[0], water], OPTIONS)
    with pytest.raises(InputError, match="soil and sediment have no element in common"):
        joint([samples[0], other], OPTIONS)
    with pytest.raises(InputError, match="sediment has 3 samples for 3 factors"):
        joint([samples[0], samples[1].take(np.arange(3))], OPTIONS)
    with pytest.raises(Cancelled):
        joint(samples, OPTIONS, Monitor(is_cancelled=lambda: True))
