"""Baselines: vectors worked by hand, a plain loop written independently, planted bends, and every odd input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coastal_hm_plugin.core.baselines import DECIMAL, BaselineOptions, geochemical_baselines, recommend
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import Monitor

TRIMMING = ("imea", "imed", "boxplot")


def baselines(values, **options):
    options.setdefault("bootstrap", 0)
    return geochemical_baselines(pd.DataFrame({"Cd": values}), BaselineOptions(**options))


def row(values, method, **options):
    return baselines(values, methods=(method,), **options).table.iloc[0]


def background_and_pollution(n_background=170, n_polluted=30, seed=3):
    """A lognormal background of median 20 and one seven times higher: the curve bends between 25 and 40."""
    rng = np.random.default_rng(seed)
    background = np.exp(rng.normal(3.0, 0.35, n_background))
    return np.concatenate([background, np.exp(rng.normal(5.0, 0.35, n_polluted))])


# by hand


def test_iterative_mean_by_hand():
    # mean 19.3, SD 25.4: 100 goes (limit 70.2); of the rest the mean is 12, the sum of squares 20: all stay
    values = [10, 10, 11, 11, 12, 12, 12, 13, 13, 14, 14, 100]
    found = row(values, "imea")
    assert (found["n_kept"], found["iterations"]) == (11, 1)
    assert found["central"] == pytest.approx(12.0)
    assert found["upper_limit"] == pytest.approx(12 + 2 * np.sqrt(20 / 10))


def test_iterative_median_with_mad_by_hand():
    # median 12, deviations 2 2 1 1 0 0 0 1 1 2 88: median 1, limits 12 -+ 2 x 1.4826 = 9.03 ... 14.97
    values = [10, 10, 11, 11, 12, 12, 12, 13, 13, 14, 100]
    found = row(values, "imed", spread="mad")
    assert (found["n_kept"], found["iterations"]) == (10, 1)
    # of the 10 left the median is 12 and the median deviation 1 still
    assert found["central"] == pytest.approx(12.0)
    assert found["upper_limit"] == pytest.approx(12 + 2 * 1.4826)


def test_box_plot_by_hand():
    # quartiles of 1 ... 9, 30 (type 7): 3.25 and 7.75; fences -3.5 and 14.5
    found = row([1, 2, 3, 4, 5, 6, 7, 8, 9, 30], "boxplot")
    assert (found["n_kept"], found["iterations"]) == (9, 1)
    assert found["central"] == 5.0
    assert found["upper_limit"] == pytest.approx(14.5)


def test_values_on_a_limit_are_kept():
    # quartiles 2 and 4: the upper fence is exactly 7
    assert row([1, 2, 3, 4, 7], "boxplot")["n_kept"] == 5


def test_upper_only_keeps_low_values():
    values = [1e-3, *np.linspace(10, 12, 30), 100]
    assert row(values, "imea")["n_kept"] == 30
    assert row(values, "imea", upper_only=True)["n_kept"] == 31


def test_logarithms_give_the_geometric_mean():
    found = row([1, 10, 100, 1000, 10000], "imea", log=True)
    assert found["central"] == pytest.approx(100.0)
    assert found["upper_limit"] == pytest.approx(10 ** (2 + 2 * np.sqrt(2.5)))


# against a loop written independently


def looped(values, method, k=2.0, spread="sd", upper_only=False):
    kept = np.array(values, dtype=float)
    while True:
        if method == "boxplot":
            q1, q3 = np.percentile(kept, [25, 75])
            low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
        else:
            centre = np.mean(kept) if method == "imea" else np.median(kept)
            width = k * np.std(kept, ddof=1)
            if spread == "mad" and method == "imed":
                width = k * 1.4826 * np.median(np.abs(kept - np.median(kept)))
            low, high = centre - width, centre + width
        inside = kept <= high if upper_only else (kept >= low) & (kept <= high)
        stop = inside.all() or method == "boxplot"
        kept = kept[inside]
        if stop:
            return len(kept), (np.mean(kept) if method == "imea" else np.median(kept)), high


@pytest.mark.parametrize("method", TRIMMING)
@pytest.mark.parametrize("options", [{}, {"k": 2.5}, {"spread": "mad"}, {"upper_only": True}])
@pytest.mark.parametrize("n", [5, 30, 103, 690])
def test_equals_a_plain_loop(method, options, n):
    values = np.random.default_rng(n).lognormal(3, 0.8, n)
    found = row(values, method, **options)
    kept, central, upper = looped(values, method, **options)
    assert found["n_kept"] == kept
    assert found["central"] == pytest.approx(central, rel=1e-9)
    assert found["upper_limit"] == pytest.approx(upper, rel=1e-9)


@pytest.mark.parametrize("method", TRIMMING)
def test_interval_is_that_of_resampling_in_a_loop(method):
    values = np.random.default_rng(8).lognormal(3, 0.5, 80)
    found = row(values, method, bootstrap=4000)
    rng = np.random.default_rng(0)
    draws = [looped(rng.choice(values, len(values)), method)[1:] for _ in range(4000)]
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    width = high - low
    # two sets of 4,000 resamples: the ends differ by a few percent of the interval
    assert abs(found[["central_low", "upper_low"]].to_numpy(float) - low) == pytest.approx(
        [0, 0], abs=0.08 * width.max()
    )
    assert abs(found[["central_high", "upper_high"]].to_numpy(float) - high) == pytest.approx(
        [0, 0], abs=0.08 * width.max()
    )


# properties

concentrations = st.lists(st.integers(1, 2000).map(lambda i: i / 10), min_size=5, max_size=60)


@settings(max_examples=60, deadline=None)
@given(concentrations, st.sampled_from([1e-3, 0.5, 7.0, 1e4]), st.randoms(use_true_random=False))
def test_scale_and_order_of_the_samples_do_not_matter(values, factor, random):
    first = baselines(values)
    shuffled = list(values)
    random.shuffle(shuffled)
    second = baselines(np.array(shuffled) * factor)
    for column in ("central", "upper_limit", "baseline"):
        np.testing.assert_allclose(second.table[column], first.table[column] * factor, rtol=1e-7)
    assert first.table["n_kept"].tolist() == second.table["n_kept"].tolist()
    assert (first.table["n_kept"] >= 1).all()


def test_same_seed_same_numbers_and_elements_do_not_touch_each_other():
    values = background_and_pollution()
    alone = geochemical_baselines(pd.DataFrame({"Cd": values}), BaselineOptions(bootstrap=200))
    beside = geochemical_baselines(pd.DataFrame({"Pb": values[::-1] * 2, "Cd": values}), BaselineOptions(bootstrap=200))
    cadmium = beside.table[beside.table["element"] == "Cd"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.table, cadmium)


def test_intervals_hold_the_estimates():
    table = baselines(background_and_pollution(), bootstrap=500).table
    assert (table["central_low"] <= table["central"]).all() and (table["central"] <= table["central_high"]).all()
    assert (table["upper_low"] <= table["upper_limit"]).all() and (table["upper_limit"] <= table["upper_high"]).all()


# the cumulative curve


@pytest.mark.parametrize("seed", range(5))
def test_planted_bend_is_found(seed):
    found = row(background_and_pollution(seed=seed), "rcf")
    # 170 values of a lognormal with median 20: 97.5 % of them lie below 40
    assert found["p_value"] <= 0.02 and found["note"] == ""
    assert 25 < found["baseline"] < 40
    assert found["upper_limit"] == found["baseline"]
    assert found["central"] == pytest.approx(20, rel=0.15)


def test_one_population_has_no_credible_bend():
    values = np.random.default_rng(1).lognormal(3, 0.5, 150)
    found = row(values, "rcf", bootstrap=50)
    assert found["note"] == "no credible bend"
    assert np.isnan(found["baseline"]) and np.isnan(found["upper_limit"])
    assert found["central"] == pytest.approx(values.mean())
    assert found["central_low"] < values.mean() < found["central_high"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "sd", "digits"), [(20, 0.4, None), (30, 1.2, None), (80, 0.5, None), (80, 0.5, 0), (103, 0.05, None)]
)
def test_false_alarms_are_as_rare_as_promised(n, sd, digits):
    # 1,000 samples of one lognormal population; with a rate of 5 %, 99.9 % of such counts lie between 29 and 74
    rng = np.random.default_rng(12)
    values = rng.lognormal(3, sd, (n, 1000))
    table = pd.DataFrame(values if digits is None else values.round(digits))
    found = geochemical_baselines(table, BaselineOptions(methods=("rcf",), bootstrap=0)).table
    assert 29 <= (found["p_value"] <= 0.05).sum() <= 74


def test_a_tenth_of_fourfold_pollution_is_nearly_always_seen():
    rng = np.random.default_rng(5)
    values = rng.lognormal(0, 0.4, (103, 200))
    values[:10] *= 4
    found = geochemical_baselines(pd.DataFrame(values), BaselineOptions(methods=("rcf",), bootstrap=0)).table
    assert (found["p_value"] <= 0.05).mean() >= 0.95


def test_decimal_axes_bend_in_clean_data_too_and_say_so():
    values = np.random.default_rng(1).lognormal(3, 0.5, 150)
    found = row(values, "rcf", rcf_axes=DECIMAL, bootstrap=100)
    assert np.percentile(values, 50) < found["baseline"] < np.percentile(values, 95)
    assert np.isnan(found["p_value"]) and "as in Wu et al. 2025" in found["note"]
    assert found["baseline_low"] <= found["baseline"] <= found["baseline_high"]


def test_bend_on_decimal_axes_is_the_least_squares_break():
    values = np.sort(background_and_pollution(60, 20))
    x, f = (values[1:] + values[:-1]) / 2, (np.arange(1, 80) + 0.125) / 80.25
    misfit = {}
    for break_ in x[(f >= 0.1) & (np.arange(1, 80) <= 75)]:
        design = np.column_stack([np.ones_like(x), x, np.maximum(0, x - break_)])
        misfit[break_] = np.linalg.lstsq(design, f, rcond=None)[1][0]
    assert row(values, "rcf", rcf_axes=DECIMAL)["baseline"] == pytest.approx(min(misfit, key=misfit.get))


# odd input


def test_missing_values_are_counted():
    values = [np.nan, 1, 2, 3, 4, np.nan, 5, 6]
    table = baselines(values).table
    assert (table["n"] == 6).all() and (table["missing"] == 2).all()


def test_constant_element_says_so():
    table = baselines([0.3] * 40, bootstrap=20).table
    assert (table["central"] == 0.3).all()
    assert (table["note"] == "all values are equal").all()


def test_heavy_ties_have_no_spread_to_set_limits_by():
    values = [0.1] * 80 + [0.2] * 10 + [0.5] * 10
    found = row(values, "boxplot", bootstrap=50)
    assert found["n_kept"] == 100 and found["central"] == 0.1 and np.isnan(found["upper_limit"])
    assert "most values are equal" in found["note"]


def test_too_few_steps_for_a_bend():
    assert "rounded or tied values" in row([0.1, 0.2, 0.3] * 30, "rcf")["note"]
    assert "fewer than 20 values" in row(np.arange(1, 15), "rcf")["note"]


def test_one_sample_is_refused_with_the_reason():
    with pytest.raises(InputError, match="Cd: only 1 values: at least 5 are needed"):
        baselines([3.0])


def test_all_non_detects_are_refused_and_a_good_element_goes_on():
    table = pd.DataFrame({"Cd": [0.05] * 9, "Pb": np.arange(9) + 10.0})
    censored = pd.DataFrame({"Cd": [True] * 9, "Pb": [False] * 9})
    found = geochemical_baselines(table, BaselineOptions(bootstrap=0), censored=censored)
    assert found.baseline("boxplot")["Pb"] == 14
    assert (found.table.query("element == 'Cd'")["note"] == "all values are non-detects").all()
    with pytest.raises(InputError, match="Cd: all values are non-detects"):
        geochemical_baselines(table[["Cd"]], censored=censored[["Cd"]])


def test_dropped_non_detects_are_counted_and_warned_of():
    warnings = []
    table = pd.DataFrame({"Cd": [np.nan] * 12 + [1.0, 2, 3, 4, 5, 6]})
    censored = pd.DataFrame({"Cd": [True] * 12 + [False] * 6})
    found = geochemical_baselines(
        table, BaselineOptions(methods=("imea",), bootstrap=0), Monitor(on_warning=warnings.append), censored
    )
    assert found.table[["n", "missing", "n_censored"]].iloc[0].tolist() == [6, 0, 12]
    assert any("12 non-detects" in warning for warning in warnings)


@pytest.mark.parametrize(
    "values, message",
    [
        ([1, 2, "x", 4, 5, 6], "Column Cd: rows 3 are text, infinite or negative"),
        ([1, 2, -3, 4, 5, np.inf], "Column Cd: rows 3, 6 are text"),
        ([], "There are no concentrations"),
        ([np.nan] * 8, "Cd: no values"),
    ],
)
def test_bad_values_are_named(values, message):
    with pytest.raises(InputError, match=message):
        baselines(values)


def test_zeros_have_no_logarithm_but_a_curve():
    values = np.concatenate([np.zeros(10), background_and_pollution()])
    with pytest.raises(InputError, match="are zero and have no logarithm"):
        baselines(values, log=True)
    assert row(values, "rcf")["p_value"] <= 0.05


@pytest.mark.parametrize("options", [{"methods": ("mean",)}, {"k": 0.5}, {"spread": "iqr"}, {"methods": ()}])
def test_options_are_checked(options):
    with pytest.raises(InputError):
        BaselineOptions(**options)


def test_cancel_stops_the_work():
    with pytest.raises(Cancelled):
        geochemical_baselines(
            pd.DataFrame({"Cd": np.arange(50.0)}), BaselineOptions(), Monitor(is_cancelled=lambda: True)
        )


# results


def test_comparison_with_a_background():
    table = pd.DataFrame({"Cd": np.linspace(0.1, 0.3, 60), "Pb": np.linspace(10, 12, 60), "Zn": np.arange(60) + 1.0})
    found = geochemical_baselines(table, BaselineOptions(methods=("boxplot",), bootstrap=200))
    compared = found.compare(pd.Series({"Cd": 0.1, "Pb": 25.0})).set_index("element")
    assert compared.loc["Cd", "ratio"] == pytest.approx(2.0)
    assert compared["position"].to_dict() == {"Cd": "above", "Pb": "below", "Zn": ""}


def test_wide_table_and_unknown_method():
    found = baselines(background_and_pollution())
    assert found.wide().columns.tolist() == ["imea", "imed", "boxplot", "rcf"]
    assert found.wide("central").loc["Cd", "imea"] == found.central("imea")["Cd"]
    with pytest.raises(InputError, match="'iqr' was not estimated"):
        found.baseline("iqr")


# the log and the recommendation


def test_every_pass_is_logged():
    values = [10, 10, 11, 11, 12, 12, 12, 13, 13, 14, 14, 100]
    passes = baselines(values).passes
    mean = passes[passes["method"] == "imea"]
    assert mean[["pass", "n", "dropped_low", "dropped_high"]].to_numpy().tolist() == [[1, 12, 0, 1], [2, 11, 0, 0]]
    assert mean["centre"].tolist() == pytest.approx([232 / 12, 12.0])
    assert mean["high"].iloc[1] == pytest.approx(12 + 2 * np.sqrt(2))
    assert set(passes["method"]) == set(TRIMMING)
    logged = baselines(values, log=True).passes
    assert logged[logged["method"] == "imea"]["centre"].iloc[0] == pytest.approx(np.exp(np.log(values).mean()))


def test_recommendation_follows_its_rule():
    rng = np.random.default_rng(2)
    table = pd.DataFrame(
        {
            "clean": rng.lognormal(3, 0.4, 100),
            "some": background_and_pollution(95, 5)[:100],
            "much": rng.lognormal(3, 0.4, 100) * np.repeat([1, 4], [78, 22]),
            "none": np.nan,
        }
    )
    found = geochemical_baselines(table, BaselineOptions(bootstrap=0))
    advised = recommend(found).set_index("element")
    assert advised["method"].tolist() == ["boxplot", "boxplot", "imea", ""]
    assert advised.loc["clean", "reason"].startswith("One population explains")
    assert advised.loc["much", "share_beyond"] >= 0.15
    assert advised.loc["much", "threshold"] == found.upper_limit("rcf")["much"]
    assert advised.loc["none", "reason"] == "no method found a baseline"
    logarithms = geochemical_baselines(table, BaselineOptions(bootstrap=0, log=True))
    assert recommend(logarithms)["method"].tolist() == ["imed", "imed", "imed", ""]
    only = geochemical_baselines(table[["much"]], BaselineOptions(methods=("imed", "rcf"), bootstrap=0))
    assert recommend(only)["method"][0] == "imed"


@pytest.mark.slow
def test_bias_and_coverage_on_simulated_backgrounds():
    """What docs/baselines.md says of 103 samples: who stays near the background's median of 1, and how often the
    interval holds it."""
    for share, bias, coverage in ((0.0, 0.03, 0.85), (0.1, 0.05, 0.85), (0.25, 0.06, 0.80)):
        rng = np.random.default_rng(7)
        values = rng.lognormal(0, np.log(1.5), (103, 150))
        values[: round(103 * share)] *= 4
        found = geochemical_baselines(pd.DataFrame(values), BaselineOptions(bootstrap=200))
        advised = recommend(found)
        assert abs(advised["central"].mean() - 1) <= bias
        rows = found.table.merge(advised[["element", "method"]])
        assert ((rows["central_low"] <= 1) & (rows["central_high"] >= 1)).mean() >= coverage
