"""The number of factors: planted truths, the rules as stated, refusals."""

from dataclasses import replace

import numpy as np
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.pmf.factor_number import (
    FactorNumberOptions,
    choose_factor_number,
    maximum_mean_and_sd,
    recommend,
)
from coastal_hm_plugin.core.pmf.simulation import can_test, fall, simulated_falls

from .pmf_distinct import distinct

QUICK = FactorNumberOptions(2, 4, bootstraps=10, simulations=10, model=pmf.PmfOptions(starts=6, seed=1))


@pytest.fixture(scope="module")
def found():
    return choose_factor_number(distinct(3), QUICK)


def test_the_planted_number_is_recommended_with_its_reasons(found):
    assert found.number == 3 and found.clear
    assert found.verdict() == "3 factors."
    reasons = " ".join(found.reasons)
    assert "3 factors are enough: one more lowers Q" in reasons and "while 2 lack one" in reasons
    assert "3 factors are steady" in reasons and "Lee et al. 1999" in reasons


def test_table_holds_what_the_models_say(found):
    table = found.table().set_index("factors")
    assert table.index.tolist() == [2, 3, 4] and table["recommended"].tolist() == [False, True, False]
    data = found.trials[0].result.data
    for p, row in table.iterrows():
        model = pmf.factorize(data, replace(QUICK.model, factors=p))
        assert row["q_robust"] == pytest.approx(model.q_robust, rel=1e-9)
        assert row["q_expected"] == model.q_expected == 103 * 8 - p * (103 + 8)
        assert row["q_true_over_expected"] == pytest.approx(model.q_true / model.q_expected, rel=1e-9)
        residuals = model.residuals
        assert row["im"] == pytest.approx(max(residuals.mean(axis=0)), rel=1e-6)
        assert row["is"] == pytest.approx(max(residuals.std(axis=0, ddof=1)), rel=1e-6)
        assert row["beyond_3_percent"] == pytest.approx(100 * (abs(residuals) > 3).mean())
        species = model.species_table().set_index("species")["r2"]
        assert row["r2_minimum"] == pytest.approx(species.min(), rel=1e-6)
        assert row["r2_minimum_species"] == species.idxmin()
        assert row["starts_alike"] == (model.runs.family == 1).sum() and row["starts"] == 6
        resampled = pmf.bootstrap(data, model, pmf.BootstrapOptions(runs=10, seed=1))
        assert row["reproduced_percent"] == pytest.approx(100 * resampled.reproduced.min())
    np.testing.assert_allclose(table["gain"], table["fall_percent"] / table["simulated_fall_percent"])
    assert table["gain"].iloc[0] > 5 and (table["gain"].iloc[1:] < 1.4).all()
    assert table["enough"].tolist() == [False, True, True]


def test_im_and_is_by_hand():
    residuals = np.array([[1.0, -3.0], [2.0, 3.0], [3.0, 0.0]])
    assert maximum_mean_and_sd(residuals) == (2.0, 3.0)


def test_the_fall_of_q_does_not_depend_on_the_scale_of_the_uncertainties():
    """Uncertainties that are all twice too large or too small leave the recommendation as it is."""
    for fraction in (0.05, 0.2):
        found = choose_factor_number(distinct(3, samples=60, error_fraction=fraction), replace(QUICK, highest=3))
        assert found.number == 3 and found.clear


def test_simulated_falls_are_those_of_data_without_a_further_factor():
    """In data that do have p factors the observed fall is one of the simulated kind."""
    data = distinct(3)
    three, four = (pmf.factorize(data, pmf.PmfOptions(factors=p, starts=8)) for p in (3, 4))
    simulated = simulated_falls(three, 30, seed=5)
    assert simulated.shape == (30,) and (simulated > 0).all()
    assert fall(three.q_robust, four.q_robust) < 1.4 * simulated.mean()
    np.testing.assert_array_equal(simulated, simulated_falls(three, 30, seed=5))
    np.testing.assert_array_equal(simulated[:10], simulated_falls(three, 10, seed=5))


def test_a_factor_more_must_leave_something_to_compare():
    data = distinct(3)
    assert can_test(pmf.factorize(data, pmf.PmfOptions(factors=6, starts=1)))
    assert not can_test(pmf.factorize(data, pmf.PmfOptions(factors=7, starts=1)))


def test_structure_left_at_the_highest_number_is_no_clear_number():
    found = choose_factor_number(distinct(5), replace(QUICK, lowest=2, highest=3))
    assert not found.clear and found.number in (2, 3)
    assert f"No clear number of factors. If one must be taken: {found.number}." == found.verdict()
    assert "No number is enough: even after 3" in found.reasons[0]


def test_a_number_that_seems_enough_before_a_larger_one_lacks_a_factor(found):
    """Two seem enough, three lack a factor, four are enough: four, but not clearly."""
    two, three, four = found.trials
    trials = replace(two, fall=0.0), replace(three, fall=10 * three.simulated.max()), replace(four, fall=0.0)
    number, clear, reasons = recommend(trials)
    assert not clear and number == (4 if four.solid else 3)
    assert "Already a smaller number seems enough" in " ".join(reasons)
    lacking = recommend((*trials[:2], replace(four, fall=10 * four.simulated.max())))
    assert not lacking[1] and "No number is enough: even after 4" in lacking[2][0]


def test_numbers_that_cannot_be_tested(found):
    untested = [replace(trial, fall=np.nan) for trial in found.trials]
    number, clear, reasons = recommend(untested)
    assert not clear and number in (3, 4) and reasons[0].startswith("No number could be tested")


def test_a_lowest_number_that_is_enough_asks_for_fewer():
    found = choose_factor_number(distinct(3, samples=60), replace(QUICK, lowest=3, highest=3))
    assert found.number == 3 and not found.clear
    assert "Fewer than 3 were not tried" in " ".join(found.reasons)


def test_factors_that_do_not_come_back_are_not_recommended():
    """Few samples and much noise: the verdict and the reasons follow the stated rules whatever the numbers are."""
    found = choose_factor_number(distinct(4, samples=16, noise=0.5, seed=3), replace(QUICK, lowest=1, highest=3))
    for trial in found.trials:
        unsteady = trial.bootstrap.reproduced.min() < 0.8
        lonely = (trial.result.runs.family == 1).sum() == 1
        assert trial.solid == (not unsteady and not lonely and trial.result.q_expected > 0)
        objected = [unsteady, lonely, trial.result.q_expected <= 0]
        assert len(list(trial.objections())) == sum(map(int, objected))
    lacking = [trial.factors for trial in found.trials if trial.tested and not trial.enough]
    enough = [trial.factors for trial in found.trials if trial.enough and trial.factors > max(lacking, default=0)]
    solid = [trial.factors for trial in found.trials if trial.solid]
    if found.clear:
        assert found.number == enough[0] and found.number in solid
    else:
        below = [p for p in solid if not enough or p <= enough[0]]
        assert found.number == (max(below) if below else None)


def test_same_numbers_from_the_same_seed():
    tables = [choose_factor_number(distinct(3, samples=40), replace(QUICK, highest=3)).table() for _ in range(2)]
    assert tables[0].equals(tables[1])


def test_no_robust_weights_compare_q_true():
    model = pmf.PmfOptions(starts=6, solver=pmf.SolverOptions(robust=False))
    table = choose_factor_number(distinct(3, samples=40), replace(QUICK, highest=3, model=model)).table()
    expected = 100 * (table["q_true"].iloc[0] / table["q_true"].iloc[1] - 1)
    assert table["fall_percent"].iloc[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"lowest": 0}, "Numbers of factors from 0 to 4"),
        ({"lowest": 5}, "Numbers of factors from 5 to 4"),
        ({"highest": 9}, "9 factors from 8 species"),
        ({"bootstraps": 5}, "5 bootstrap runs: the choice of a number needs at least 10"),
        ({"simulations": 0}, "0 simulations"),
    ],
)
def test_bad_ranges_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        choose_factor_number(distinct(3, samples=20), replace(QUICK, **change))


def test_fewer_samples_than_factors():
    with pytest.raises(InputError, match="4 factors from 4 samples"):
        choose_factor_number(distinct(2, samples=4), QUICK)


def test_cancel_and_progress():
    told = []
    choose_factor_number(distinct(3, samples=30), replace(QUICK, highest=3), Monitor(on_progress=told.append))
    assert np.diff(told).min() > -1e-9 and told[-1] == 1.0
    asked = iter([False] * 100 + [True] * 10)
    with pytest.raises(Cancelled):
        choose_factor_number(distinct(3), QUICK, Monitor(is_cancelled=lambda: next(asked)))


@pytest.mark.slow
@pytest.mark.parametrize("planted", [3, 4, 5])
def test_rate_of_planted_numbers_found(planted):
    """Ten planted models each: at least nine get their number, as a clear one."""
    options = FactorNumberOptions(2, planted + 1, bootstraps=10, simulations=20, model=pmf.PmfOptions(starts=12))
    found = [choose_factor_number(distinct(planted, seed=seed), options) for seed in range(10)]
    assert sum(one.number == planted and one.clear for one in found) >= 9
