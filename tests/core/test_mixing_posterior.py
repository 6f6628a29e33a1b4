"""The mixing model's posterior against numerical integration, simulation-based calibration and planted truths."""

import time

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from coastal_hm_plugin.core.errors import Cancelled
from coastal_hm_plugin.core.mixing import MixingOptions, Sources, mixing_model, per_sample
from coastal_hm_plugin.core.mixing.checks import outside_sources
from coastal_hm_plugin.core.mixing.diagnostics import effective_sample_size, split_r_hat
from coastal_hm_plugin.core.mixing.model import whiten
from coastal_hm_plugin.core.monitor import Monitor

TRIANGLE = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])


def sources_of(mean, sd, n=None, **more):
    mean = np.asarray(mean, float)
    names, tracers = tuple("ABCDEF"[: len(mean)]), tuple("xyz"[: mean.shape[1]])
    return Sources(names, tracers, mean, np.broadcast_to(np.asarray(sd, float), mean.shape).copy(), n, **more)


def frame(values):
    values = np.atleast_2d(values)
    return pd.DataFrame(values, columns=list("xyz"[: values.shape[1]]))


def integrated(density, points=4001):
    """Mean and SD of a share whose density over (0, 1) is known up to a factor."""
    p = np.linspace(0, 1, points + 2)[1:-1]
    weight = np.array([density(one) for one in p])
    mean = (weight * p).sum() / weight.sum()
    return mean, np.sqrt((weight * (p - mean) ** 2).sum() / weight.sum())


def test_process_error_of_known_sources_by_integration():
    """Eq. 1-5 of Wu et al. 2025 with two sources: the posterior of p is a one-dimensional integral."""
    sources = sources_of([[0.0], [10.0]], [[1.0], [2.0]])
    values = np.array([3.0, 4.0, 5.5])

    def density(p):
        sd = np.sqrt(p**2 * 1 + (1 - p) ** 2 * 4)
        return p ** (3 - 1) * stats.norm.pdf(values, 10 * (1 - p), sd).prod()

    result = mixing_model(frame(values[:, None]), sources, MixingOptions("process", prior=(3.0, 1.0)))
    row = result.table.iloc[0]
    mean, sd = integrated(density)
    assert row["mean"] == pytest.approx(mean, abs=0.005)
    assert row["sd"] == pytest.approx(sd, abs=0.005)
    assert row["r_hat"] < 1.02 and row["ess"] > 1000
    assert result.correlation["r"][0] == pytest.approx(-1.0)


def test_uncertain_source_means_and_concentrations_by_integration():
    """Known variances, means from n samples: the mixtures share one shift of variance sum w^2 SD^2 / n."""
    sources = sources_of([[0.0], [10.0]], [[1.0], [2.0]], concentration=np.array([[3.0], [1.0]]))
    single = sources_of([[0.0], [10.0]], [[1.0], [2.0]])
    x = 4.0

    def density(p):
        w = 3 * p / (3 * p + 1 - p)
        return stats.norm.pdf(x, 10 * (1 - w), np.sqrt(w**2 + 4 * (1 - w) ** 2))

    found = mixing_model(frame([[x]]), sources, MixingOptions("process")).table.iloc[0]
    assert found["mean"] == pytest.approx(integrated(density)[0], abs=0.006)
    assert found["mean"] < mixing_model(frame([[x]]), single, MixingOptions("process")).table["mean"][0]


def test_source_variances_from_few_samples_by_integration():
    """One mixture of two sources with n = 4: a Student-like density, by Monte Carlo over chi-square variances."""
    n = 4
    sources = sources_of([[0.0], [10.0]], [[1.0], [1.0]], np.array([n, n]))
    drawn = (n - 1) / np.random.default_rng(0).chisquare(n, (2, 4000))

    def density(p):
        w = np.array([p, 1 - p])
        variance = (w[:, None] ** 2 * (drawn + 1 / n)).sum(axis=0)
        return stats.norm.pdf(6.5, 10 * (1 - p), np.sqrt(variance)).mean()

    found = mixing_model(frame([[6.5]]), sources, MixingOptions("process")).table.iloc[0]
    mean, sd = integrated(density, 800)
    assert found["mean"] == pytest.approx(mean, abs=0.006)
    assert found["sd"] == pytest.approx(sd, abs=0.006)


def test_multiplicative_error_by_integration():
    sources = sources_of([[0.0], [10.0]], [[1.0], [2.0]])
    values, factors = np.array([3.0, 4.0, 5.5, 4.4]), (np.arange(2000) + 0.5) / 100

    def density(p):
        sd = np.sqrt((p**2 + (1 - p) ** 2 * 4) * factors)
        return stats.norm.pdf(values[:, None], 10 * (1 - p), sd).prod(axis=0).mean()

    found = mixing_model(frame(values[:, None]), sources).table.iloc[0]
    mean, sd = integrated(density, 800)
    assert found["mean"] == pytest.approx(mean, abs=0.005)
    assert found["sd"] == pytest.approx(sd, abs=0.005)


def test_residual_covariance_by_integration():
    """Inverse Wishart of one tracer, scale 1 and 2 degrees of freedom: integrated out, a power of the residuals."""
    sources = sources_of([[0.0], [10.0]], [[1.0], [2.0]])
    values = np.array([3.0, 4.0, 5.5, 4.4])

    def density(p):
        return (1 + ((values - 10 * (1 - p)) ** 2).sum()) ** (-(2 + len(values)) / 2)

    found = mixing_model(frame(values[:, None]), sources, MixingOptions("residual", "identity")).table.iloc[0]
    mean, sd = integrated(density)
    assert found["mean"] == pytest.approx(mean, abs=0.004)
    assert found["sd"] == pytest.approx(sd, abs=0.004)


@pytest.mark.parametrize("error", ["residual", "residual*process"])
def test_two_correlated_tracers_find_a_planted_truth(error):
    rng = np.random.default_rng(5)
    truth = np.array([0.2, 0.5, 0.3])
    correlation = np.tile([[1.0, 0.7], [0.7, 1.0]], (3, 1, 1))
    sources = sources_of(TRIANGLE, 1.0, np.array([500.0] * 3), correlation=correlation)
    values = truth @ TRIANGLE + rng.multivariate_normal([0, 0], [[0.4, 0.28], [0.28, 0.4]], 60)
    result = mixing_model(frame(values), sources, MixingOptions(error))
    np.testing.assert_allclose(result.table["mean"], truth, atol=0.03)
    assert not result.warnings and not result.predictive["doubtful"].any()
    assert (result.predictive["statistic"].tolist()) == ["mean", "mean", "SD", "SD"]


def test_posteriors_with_several_modes_are_crossed():
    """Mixtures that scatter more than any mix of the sources allows: what is left of the triangle are its corners."""
    corners = [[1, 1], [-1, 1], [1, -1], [-1, -1], [1.4, 0], [-1.4, 0], [0, 1.4], [0, -1.4]]
    values = 3.5 + 8 * np.array(corners)
    result = mixing_model(frame(values), sources_of(TRIANGLE, 1.0, np.full(3, 8.0)))
    assert (result.table["r_hat"] < 1.02).all() and (result.table["ess"] > 1000).all()
    assert (result.table["q97_5"] > 0.8).all() and (result.table["q2_5"] < 0.05).all()
    means = result.table["mean"]  # x and y scatter alike
    assert means[1] == pytest.approx(means[2], abs=0.04)


def test_discrimination_moves_the_sources():
    sources = sources_of(TRIANGLE, 0.5)
    shifted = sources.with_discrimination(np.full((3, 2), 2.0), np.full((3, 2), 0.1))
    value = np.array([[3.0, 3.0]])
    plain = mixing_model(frame(value), sources, MixingOptions("process")).table["mean"]
    moved = mixing_model(frame(value + 2), shifted, MixingOptions("process")).table["mean"]
    np.testing.assert_allclose(plain, moved, atol=0.01)


def test_groups_and_seeds():
    sources = sources_of(TRIANGLE, 0.5)
    values = np.array([[1.0, 1.0], [1.2, 1.1], [6.0, 2.0], [6.1, 2.2], [5.9, 2.1]])
    groups = ["north", "north", "south", "south", "south"]
    options = MixingOptions(most_draws=1000, seed=4)
    first, again = (mixing_model(frame(values), sources, options, groups) for _ in range(2))
    pd.testing.assert_frame_equal(first.table, again.table)
    assert first.group_names == ("north", "south") and first.table["samples"].tolist() == [2] * 3 + [3] * 3
    means = first.wide()
    assert means["A_mean"][0] > 0.7 and means["B_mean"][1] > 0.5
    np.testing.assert_allclose(first.table.groupby("group")["mean"].sum(), 1.0)


def test_every_sample_by_itself():
    sources = sources_of(TRIANGLE, 0.5)
    result = per_sample(frame([[1.0, 1.0], [8.0, 1.0], [1.0, 8.0]]), sources)
    assert result.wide()[["A_mean", "B_mean", "C_mean"]].to_numpy().argmax(axis=1).tolist() == [0, 1, 2]
    assert set(result.table["error"]) == {"process"} and (result.table["ess"] > 400).all()


def test_mixtures_outside_their_sources_are_warned_of():
    sources = sources_of(TRIANGLE, 0.3)
    found = outside_sources([[3, 3], [9, 9], [-3, 1], [0.5, 9.0]], sources)
    assert found["outside"].tolist() == [False, True, True, False]
    result = mixing_model(frame([[9.0, 9.0], [9.0, 9.1]]), sources, MixingOptions(most_draws=1000))
    assert result.warnings[0].startswith("2 of 2 mixtures lie outside their sources (1, 2)")


def test_outside_with_one_and_with_three_tracers():
    assert outside_sources([[5.0], [20.0]], sources_of([[0.0], [10.0]], 1.0))["outside"].tolist() == [False, True]
    corners = sources_of(np.vstack([np.zeros(3), 10 * np.eye(3)]), 0.5)
    assert outside_sources([[2, 2, 2], [6, 6, 6]], corners)["outside"].tolist() == [False, True]


def test_a_model_that_does_not_fit_is_doubtful():
    """Mixtures that scatter far more than their sources allow, with process error alone."""
    values = 3 + 2.5 * np.random.default_rng(1).standard_normal((40, 2))
    result = mixing_model(frame(values), sources_of(TRIANGLE, 0.3), MixingOptions("process", most_draws=1000))
    assert result.predictive.set_index(["statistic", "tracer"]).loc[("SD", "x"), "doubtful"]
    assert any("does not predict" in text for text in result.warnings)


def test_whitening_against_numpy():
    rng = np.random.default_rng(2)
    root = rng.standard_normal((3, 3, 5))
    covariance = np.einsum("ikr,jkr->ijr", root, root)
    columns = rng.standard_normal((3, 2, 5))
    logs, squares = whiten(covariance, columns)
    for r in range(5):
        v, c = covariance[:, :, r], columns[:, :, r]
        assert logs[r] == pytest.approx(np.linalg.slogdet(v)[1])
        assert squares[r] == pytest.approx(np.trace(c.T @ np.linalg.solve(v, c)))


def test_diagnostics_of_known_chains():
    rng = np.random.default_rng(0)
    independent = rng.standard_normal((8, 2000, 1))
    assert effective_sample_size(independent)[0] == pytest.approx(16_000, rel=0.1)
    assert split_r_hat(independent)[0] == pytest.approx(1.0, abs=0.003)
    walk = np.zeros((8, 20_000, 1))
    noise = rng.standard_normal(walk.shape)
    for turn in range(1, walk.shape[1]):  # AR(1) with 0.9: worth (1 - 0.9) / (1 + 0.9) of its draws
        walk[:, turn] = 0.9 * walk[:, turn - 1] + noise[:, turn]
    assert effective_sample_size(walk)[0] == pytest.approx(160_000 * 0.1 / 1.9, rel=0.1)
    assert split_r_hat(independent + np.arange(8)[:, None, None])[0] > 2


def test_cancel_stops_at_once():
    calls = []

    def cancelled():
        calls.append(1)
        return len(calls) > 50

    with pytest.raises(Cancelled):
        mixing_model(frame([[3.0, 3.0]]), sources_of(TRIANGLE, 0.5), monitor=Monitor(is_cancelled=cancelled))
    assert len(calls) == 51


@pytest.mark.parametrize("error", ["residual*process", "residual"])
def test_whether_to_stop_is_asked_all_the_time(error):
    """Many groups, three tracers, checks of many mixtures: nowhere half a second of work between two questions."""
    asked = [time.process_time()]
    monitor = Monitor(is_cancelled=lambda: asked.append(time.process_time()))
    rng = np.random.default_rng(0)
    sources = sources_of(np.vstack([np.zeros(3), 10 * np.eye(3)]), 0.5, np.full(4, 9.0))
    values = rng.dirichlet(np.ones(4), 120) @ sources.mean
    options = MixingOptions(error, most_draws=1000)
    mixing_model(frame(values), sources, options, rng.integers(0, 16, 120), monitor)
    assert np.diff([*asked, time.process_time()]).max() < 0.5


CALIBRATED = 256  # replicates; a KS distance of 0.14 is then found wrong
FALSE_ALARMS = 1e-3  # of all three errors and three shares together, were the ranks drawn anew


def drawn_from_the_model(error, rng, n):
    """Shares of the prior, and six mixtures that the model draws with them, of three sources known from n samples."""
    p = rng.dirichlet(np.ones(3))
    means = TRIANGLE + rng.standard_normal((3, 2)) / np.sqrt(n)
    variance = (n - 1) / rng.chisquare(n, (3, 2))
    if error == "residual":
        covariance = stats.invwishart(3, np.eye(2)).rvs(random_state=rng)
    else:
        factor = rng.uniform(0, 20, 2) if error == "residual*process" else np.ones(2)
        covariance = np.diag((p[:, None] ** 2 * variance).sum(axis=0) * factor)
    return p, rng.multivariate_normal(p @ means, covariance, 6)


@pytest.mark.slow
@pytest.mark.parametrize("error", ["process", "residual*process", "residual"])
def test_simulation_based_calibration(error):
    """Truths drawn from the prior and mixtures drawn from the model: ranks of the truth are uniform (Talts 2018).

    Every replicate is a group, with shares, error and sources of its own.
    """
    rng, n = np.random.default_rng(2018), 8
    truths, values = zip(*(drawn_from_the_model(error, rng, n) for _ in range(CALIBRATED)))
    options = MixingOptions(error, chains=16, ess=200, r_hat=1.1, most_draws=1000)
    groups = np.repeat(np.arange(CALIBRATED), 6)
    result = mixing_model(frame(np.vstack(values)), sources_of(TRIANGLE, 1.0, np.full(3, n)), options, groups)
    ranks = np.array([(drawn < p).mean(axis=0) for drawn, p in zip(result.draws, truths)])
    for column in ranks.T:
        assert stats.kstest(column, "uniform").pvalue > FALSE_ALARMS / 9
