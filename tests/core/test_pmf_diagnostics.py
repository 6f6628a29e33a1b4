"""Q values and the diagnostics of each species."""

import numpy as np
import pytest
from scipy import stats

from coastal_hm_plugin.core import pmf


def test_the_three_q_by_hand():
    r = np.array([[1.0, -2.0], [4.0, -5.0]])
    assert pmf.q_true(r) == 1 + 4 + 16 + 25
    assert pmf.q_robust(r) == 1 + 4 + 16 + 20
    assert pmf.q_expected(samples=103, factors=4, strong=8, weak=0) == 824 - 4 * (103 + 8)


def test_q_of_a_batch_is_one_value_per_problem():
    r = np.stack([np.ones((3, 2)), 2 * np.ones((3, 2))])
    assert pmf.q_true(r).tolist() == [6, 24]


def test_species_diagnostics_agree_with_scipy():
    rng = np.random.default_rng(4)
    observed = rng.lognormal(0, 1, (60, 2))
    predicted = observed * [0.8, 1.1] + rng.normal(0, 0.3, (60, 2))
    residuals = (observed - predicted) / 0.2
    table = pmf.species_diagnostics(observed, predicted, residuals, ["Cd", "Pb"])
    for j in range(2):
        line = stats.linregress(observed[:, j], predicted[:, j])
        left = predicted[:, j] - line.intercept - line.slope * observed[:, j]
        row = table.iloc[j]
        assert row["slope"] == pytest.approx(line.slope)
        assert row["intercept"] == pytest.approx(line.intercept)
        assert row["r2"] == pytest.approx(line.rvalue**2)
        assert row["standard_error"] == pytest.approx(np.sqrt((left**2).sum() / 58))
        z = stats.zscore(residuals[:, j], ddof=1)
        test = stats.kstest(z, "norm", method="asymp")
        assert row["ks_statistic"] == pytest.approx(test.statistic)
        assert row["ks_p"] == pytest.approx(test.pvalue)
        assert row["beyond_3"] == (np.abs(residuals[:, j]) > 3).sum()
    assert table["q_percent"].sum() == pytest.approx(100)


def test_a_constant_species_has_no_regression_and_no_warning():
    observed = np.column_stack([np.full(10, 2.0), np.arange(1.0, 11)])
    with np.testing.suppress_warnings() as caught:
        seen = caught.record(RuntimeWarning)
        table = pmf.species_diagnostics(observed, observed, observed * 0, ["a", "b"])
    assert not seen
    assert table["slope"].isna().tolist() == [True, False]
    assert table["ks_p"].isna().all()
