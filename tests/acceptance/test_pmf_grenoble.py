"""EPA PMF 5.0's own run of a Grenoble aerosol data set: its Q values, its diagnostics, its solution."""

import warnings

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.pmf.result import shares

pytestmark = pytest.mark.acceptance

WEAK = ("PM10recons", "Cr")
FACTORS = 11
# GRE-cb_diagnostics.xlsx: base run 1, and the highest Q(robust) of the 19 runs that agree
Q_TRUE, Q_ROBUST, Q_TRUE_OVER_EXPECTED = 7239.67, 7035.84, 2.89355325698853
HIGHEST_OF_THE_19 = 7035.9


@pytest.fixture(scope="module")
def folder(reference):
    return reference / "pmf_grenoble"


@pytest.fixture(scope="module")
def scaled_residuals(folder):
    """PMF5's printed scaled residuals of base run 1: 126 samples x 36 species."""
    rows = _sheet(folder / "GRE-cb_base.xlsx", "Residuals")
    start = next(i for i, row in enumerate(rows) if str(row[0]).startswith("Scaled Residuals")) + 1
    names = [name for name in rows[start][2:] if name and not name.startswith("Q(")]
    values = [row[2 : 2 + len(names)] for row in rows[start + 1 :] if row[1] is not None]
    table = pd.DataFrame(values, columns=names, dtype=float)
    return table[(table > -999).all(axis=1)]


@pytest.fixture(scope="module")
def data(folder):
    concentrations = pd.read_csv(folder / "concentrations.csv", index_col=0)
    uncertainties = pd.read_csv(folder / "uncertainties.csv", index_col=0)
    # the file is residual / scaled residual: the weak species' are tripled already, and Ti of sample 11, whose
    # residual is printed as 0, is left open; Ti's others are 18 % of the concentration
    uncertainties[list(WEAK)] /= pmf.uncertainty.WEAK_FACTOR
    uncertainties.loc[10, "Ti"] = 0.18 * concentrations.loc[10, "Ti"]
    strong = tuple(name for name in concentrations if name not in WEAK)
    rules = pmf.UncertaintyRules(strong=strong, weak=WEAK, total="PM10recons")
    return pmf.prepare(concentrations, None, uncertainties, rules)


@pytest.fixture(scope="module")
def result(data):
    return pmf.factorize(data, pmf.PmfOptions(factors=FACTORS, starts=20, seed=1))


def _correlations(ours, theirs):
    return np.array([np.corrcoef(one, other)[0, 1] for one, other in zip(ours, theirs)])


def _sheet(path, name):
    openpyxl = pytest.importorskip("openpyxl")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(openpyxl.load_workbook(path, read_only=True)[name].iter_rows(values_only=True, max_row=1400))


def test_the_three_q_from_pmf5s_own_residuals(scaled_residuals):
    assert scaled_residuals.shape == (126, 36)
    residuals = scaled_residuals.to_numpy()
    # three decimals are printed: the sum of 4,536 squares moves by 0.05 (one standard deviation)
    assert pmf.q_true(residuals) == pytest.approx(Q_TRUE, abs=0.1)
    # PMF5 weighs with the residuals of the step before: its own 19 equal runs print 7035.27 to 7035.88
    assert pmf.q_robust(residuals) == pytest.approx(Q_ROBUST, abs=0.35)
    assert pmf.q_expected(126, FACTORS, 34, 2) == 2502
    assert pytest.approx(Q_TRUE_OVER_EXPECTED, rel=1e-6) == Q_TRUE / 2502


def test_the_q_of_pmf5s_solution_on_our_data(data, folder):
    """The weak species' uncertainties enter tripled, and G F of the printed solution gives the printed Q."""
    g = pd.read_csv(folder / "pmf5_contributions.csv", index_col=0).to_numpy()
    f = pd.read_csv(folder / "pmf5_profiles.csv", index_col=0).to_numpy()
    residuals = (data.fitted_x - g @ f) / data.fitted_u
    assert pmf.q_true(residuals) == pytest.approx(Q_TRUE, abs=0.1)
    assert pmf.q_robust(residuals) == pytest.approx(Q_ROBUST, abs=0.35)


def test_kolmogorov_smirnov_and_large_residuals_as_pmf5_prints_them(scaled_residuals, data, folder):
    rows = _sheet(folder / "GRE-cb_diagnostics.xlsx", "Base Runs")
    start = next(i for i, row in enumerate(rows) if "Intercept" in row) + 1
    printed = np.array([[v for v in row if v is not None][1:7] for row in rows[start : start + 36]], dtype=float)
    ours = pmf.species_diagnostics(data.x, data.x, scaled_residuals.to_numpy(), data.species)
    np.testing.assert_allclose(ours["ks_statistic"], printed[:, 4], atol=1e-12)
    np.testing.assert_allclose(ours["ks_p"], printed[:, 5], rtol=1e-6)
    rows = [[value for value in row if value is not None] for row in rows]
    first, last = (i for i, row in enumerate(rows) if row and str(row[0]).startswith("Scaled residuals beyond 3"))
    listed = [row for row in rows[first:last] if len(row) == 3 and isinstance(row[2], (int, float))]
    assert ours["beyond_3"].sum() == len(listed)


def test_at_least_18_of_20_starts_reach_pmf5s_solution(result, folder):
    g = pd.read_csv(folder / "pmf5_contributions.csv", index_col=0).to_numpy()
    f = pd.read_csv(folder / "pmf5_profiles.csv", index_col=0).to_numpy()
    assert (result.runs.q_robust <= HIGHEST_OF_THE_19).sum() >= 18
    assert (result.runs.family == 1).sum() >= 18
    partner, correlation = pmf.match_factors(result.g, g)
    assert correlation.min() > 0.999
    ours = result.f[partner]
    assert _correlations(ours, f).min() > 0.999  # profiles as PMF5 fits and prints them: concentrations
    assert _correlations(shares(ours), shares(f)).min() > 0.998  # as shares of a species: see the next test


def test_pmf5_stopped_before_its_minimum_and_from_there_we_stay_with_its_profiles(data, folder):
    """Where the last thousandth is: as shares of a species one factor (7: V 27 %, PMF5 30 %) correlates by .9989 only.

    PMF5's printed solution is no minimum: one iteration from it lowers Q(robust) by 6, which is ten times the spread of
    PMF5's 19 equal runs, and five iterations already fit better than PMF5 with every share correlating above .999.
    """
    g, f = (pd.read_csv(folder / f"pmf5_{name}.csv", index_col=0).to_numpy() for name in ("contributions", "profiles"))
    for iterations, q_falls_by, least in ((1, 5.0, 0.9995), (5, 9.0, 0.999)):
        options = pmf.SolverOptions(max_iterations=iterations, warm_up=0)
        fit = pmf.solve(data.fitted_x, data.fitted_u, g[None], f[None], options)
        q = pmf.q_robust((data.fitted_x - fit.g[0] @ fit.f[0]) / data.fitted_u)
        assert q < Q_ROBUST - q_falls_by
        assert _correlations(shares(fit.f[0]), shares(f)).min() > least
        assert _correlations(fit.g[0].T, g.T).min() > 0.9995


def test_every_profile_value_lies_in_pmf5s_own_displacement_interval(result, folder):
    """Its DISP at dQ = 4: after the swap table, the lowest values (species by factors), a line of ones, the highest."""
    g = pd.read_csv(folder / "pmf5_contributions.csv", index_col=0).to_numpy()
    lines = [line.split() for line in (folder / "GRE-cb_DISPres1.txt").read_text().splitlines()]
    values = np.array([line for line in lines if len(line) == FACTORS][4:], dtype=float)
    species = result.f.shape[1]
    low, high = values[:species].T, values[species + 1 : 2 * species + 1].T
    ours = result.f[pmf.match_factors(result.g, g)[0]]
    assert ((ours >= low - 1e-9) & (ours <= high + 1e-9)).all()


def test_the_solution_meets_the_constraints_and_fits_no_worse(result):
    assert result.g.min() >= -0.2 - 1e-12 and result.f.min() >= 0
    np.testing.assert_allclose(result.g.mean(axis=0), 1, rtol=1e-12)
    assert result.q_robust < Q_ROBUST and result.q_true < Q_TRUE
    assert result.q_expected == 2502


def test_regression_diagnostics_agree_with_pmf5s(result, folder):
    """Printed for another of its equal runs, and with its own rounding of G: to 0.02."""
    rows = _sheet(folder / "GRE-cb_diagnostics.xlsx", "Base Runs")
    start = next(i for i, row in enumerate(rows) if "Intercept" in row) + 1
    printed = np.array([[v for v in row if v is not None][1:5] for row in rows[start : start + 36]], dtype=float)
    ours = result.species_table()
    np.testing.assert_allclose(ours["slope"], printed[:, 1], atol=0.02)
    np.testing.assert_allclose(ours["r2"], printed[:, 3], atol=0.02)
