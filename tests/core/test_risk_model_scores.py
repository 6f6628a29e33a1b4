"""Scores by hand, their intervals against a plain bootstrap and in simulation, classes, kriging beside the model."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from coastal_hm_plugin.core.kriging import Kriging, empirical_variogram, fit_variogram
from coastal_hm_plugin.core.kriging.variogram import weighted_error
from coastal_hm_plugin.core.risk_model import class_agreement, random_folds, score, scores, verdict
from coastal_hm_plugin.core.risk_model.kriging import kriged_predictions, quick_variogram
from coastal_hm_plugin.core.risk_scheme import RISK_SCHEMES


def test_scores_by_hand():
    found = score([1, 2, 3, 4, 5], [2, 2, 4, 4, 6])
    assert found["r2"] == pytest.approx(1 - 3 / 10)
    assert found["rmse"] == pytest.approx(np.sqrt(3 / 5))
    assert found["mae"] == found["bias"] == pytest.approx(0.6)
    assert found["ccc"] == pytest.approx(2 * 2.0 / (2.0 + 2.24 + 0.6**2))  # Lin 1989, eq. 4, moments over n
    assert found["d2"] == found["r2"]


def test_concordance_is_one_on_the_line_only():
    y = np.arange(20.0)
    assert score(y, y)["ccc"] == pytest.approx(1)
    assert score(y, y + 3)["ccc"] < 1 and score(y, 0.5 * y)["ccc"] < 1
    assert score(y, np.full(20, y.mean()))["ccc"] == pytest.approx(0)


def test_scores_are_averaged_over_repeats():
    rng = np.random.default_rng(1)
    y, repeats = rng.gamma(2, 50, 40), rng.gamma(2, 50, (3, 40))
    found, each = score(y, repeats, transform="log"), [score(y, p, transform="log") for p in repeats]
    for measure in scores.MEASURES:
        assert found[measure] == pytest.approx(np.mean([one[measure] for one in each]))
    assert found["r2_sd"] == pytest.approx(np.std([one["r2"] for one in each], ddof=1))


def test_intervals_are_those_of_a_plain_bootstrap():
    rng = np.random.default_rng(2)
    y = rng.normal(size=60)
    p = 0.6 * y + 0.5 * rng.normal(size=60)
    drawn = np.random.default_rng(77).integers(0, 60, (20_000, 60))
    errors, observed, predicted = (p - y)[drawn], y[drawn], p[drawn]
    r2 = 1 - (errors**2).sum(axis=1) / ((observed - observed.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    covariance = ((observed - observed.mean(axis=1, keepdims=True)) * predicted).mean(axis=1)
    gap = (observed.mean(axis=1) - predicted.mean(axis=1)) ** 2
    expected = {
        "r2": r2,
        "rmse": np.sqrt((errors**2).mean(axis=1)),
        "mae": np.abs(errors).mean(axis=1),
        "bias": errors.mean(axis=1),
        "ccc": 2 * covariance / (observed.var(axis=1) + predicted.var(axis=1) + gap),
    }
    found = score(y, p)
    for measure, values in expected.items():
        low, high = np.quantile(values, [0.05, 0.95])
        assert found[f"{measure}_low"] == pytest.approx(low, abs=0.08 * (high - low)), measure
        assert found[f"{measure}_high"] == pytest.approx(high, abs=0.08 * (high - low)), measure


def test_cross_validation_widens_by_nadeau_and_bengio():
    rng = np.random.default_rng(3)
    y = rng.normal(size=80)
    p = 0.5 * y + 0.5 * rng.normal(size=80)
    plain, widened = score(y, p), score(y, p, n_folds=5)
    assert scores.widening(5) == pytest.approx(1.5) and scores.widening(None) == 1
    for end in ("low", "high"):
        assert widened[f"bias_{end}"] - plain["bias"] == pytest.approx(1.5 * (plain[f"bias_{end}"] - plain["bias"]))
        ratio = np.log1p(-widened[f"r2_{end}"]) - np.log1p(-plain["r2"])
        assert ratio == pytest.approx(1.5 * (np.log1p(-plain[f"r2_{end}"]) - np.log1p(-plain["r2"])))


def test_sites_of_one_block_count_once():
    rng = np.random.default_rng(4)
    y, p = rng.normal(size=(2, 30))
    alone = score(y, p)
    twice = score(np.tile(y, 2), np.tile(p, 2), np.tile(np.arange(30), 2))
    for name in alone:
        assert twice[name] == pytest.approx(alone[name], nan_ok=True), name
    by_site = score(np.tile(y, 2), np.tile(p, 2))
    assert by_site["r2_high"] - by_site["r2_low"] < 0.85 * (alone["r2_high"] - alone["r2_low"])


def test_intervals_stay_possible_values():
    y = np.random.default_rng(5).normal(size=25)
    found = score(y, y + 0.01 * np.arange(25) / 25, n_folds=3)
    assert found["r2_low"] <= found["r2_high"] <= 1 and found["ccc_high"] <= 1 and found["rmse_low"] >= 0
    one_block = score(y, y[::-1], np.zeros(25))
    assert one_block["r2_low"] == pytest.approx(one_block["r2"])


def cross_validated(x, y, folds):
    """Held-out least-squares predictions."""
    held_out = np.empty(len(y))
    for _, train, test in folds.splits():
        held_out[test] = x[test] @ np.linalg.lstsq(x[train], y[train], rcond=None)[0]
    return held_out


def test_the_interval_of_r2_covers_the_score_at_new_sites():
    """Nominal 90 %, about 75 % without widening. 120 tables: 0.79 is 4 SD below 0.90."""
    covered = 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        x = np.column_stack([np.ones(3100), rng.normal(size=(3100, 6))])
        y = x @ [0, 0.6, 0.4, 0.2, 0, 0, 0] + rng.normal(size=3100)
        few = slice(0, 60)
        folds = random_folds(60, 5, 1, rng)
        held_out = cross_validated(x[few], y[few], folds)
        fitted = x[60:] @ np.linalg.lstsq(x[few], y[few], rcond=None)[0]
        truth = 1 - np.sum((y[60:] - fitted) ** 2) / np.sum((y[60:] - y[60:].mean()) ** 2)
        found = score(y[few], held_out, n_folds=5)
        covered += found["r2_low"] <= truth <= found["r2_high"]
    assert 0.79 <= covered / 120 <= 0.99


@pytest.mark.parametrize("seed", range(3))
def test_kappa_is_scikit_learn_s(seed):
    rng = np.random.default_rng(seed)
    observed = rng.lognormal(5, 0.8, 120)
    predicted = observed * rng.lognormal(0, 0.5, 120)
    scheme = RISK_SCHEMES["wu2025"]
    found = class_agreement(observed, predicted, scheme)
    classes = [[scheme.class_of(value) for value in values] for values in (observed, predicted)]
    assert found.kappa == pytest.approx(cohen_kappa_score(*classes, weights="quadratic"))
    assert found.agreement == pytest.approx(np.mean(np.equal(*classes)))
    assert found.counts.to_numpy().sum() == 120 and found.counts.loc["Low", "Low"] > 0


def test_classes_by_hand():
    found = class_agreement([50, 150, 150, 500], [50, 150, 250, 150], RISK_SCHEMES["wu2025"])
    assert found.counts.to_numpy().tolist() == [[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0], [0, 1, 0, 0]]
    assert (found.agreement, found.within_one) == (0.5, 0.75)
    # disagreement 1 + 4 = 5; by chance (rows 1 2 0 1, columns 1 2 1 0, over 4): (0+2+4 + 2+0+2 + 9+8+1) / 4 = 7
    assert found.kappa == pytest.approx(1 - 5 / 7)
    assert np.isnan(class_agreement([10, 20], [10, 20], RISK_SCHEMES["wu2025"]).kappa)


def field(rng, n, reach):
    places = rng.uniform(0, 1e5, (n, 2))
    distance = np.hypot(*(places[:, None] - places).transpose(2, 0, 1))
    return places, np.linalg.cholesky(np.exp(-distance / reach) + 1e-8 * np.eye(n)) @ rng.normal(size=n)


@pytest.mark.parametrize("transform", ["none", "log"])
def test_kriging_is_that_of_the_kriging_tool(transform):
    rng = np.random.default_rng(6)
    places, z = field(rng, 80, 30_000)
    y = np.exp(4 + 0.4 * z) if transform == "log" else z
    known, new = slice(0, 60), slice(60, None)
    found = kriged_predictions(places[known], y[known], places[new], transform)
    response = np.log(y) if transform == "log" else y
    whole = Kriging(*places[known].T, response[known], quick_variogram(places[known], response[known]))
    expected, _ = whole.predict(*places[new].T)
    if transform == "log":
        assert (found >= np.exp(expected) * (1 - 1e-9)).all()
        assert found.mean() == pytest.approx(np.exp(expected).mean(), rel=0.1)
    else:
        np.testing.assert_allclose(found, np.clip(expected, y[known].min(), y[known].max()), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_quick_variogram_is_nearly_the_best(seed):
    rng = np.random.default_rng(seed)
    places, z = field(rng, 100, 20_000)
    empirical = empirical_variogram(*places.T, z)
    found = weighted_error(quick_variogram(places, z), empirical)
    assert found <= 1.03 * weighted_error(fit_variogram(empirical), empirical)


def test_kriging_of_replicates_and_of_too_few_places():
    rng = np.random.default_rng(7)
    places, z = field(rng, 40, 30_000)
    twice = kriged_predictions(np.tile(places, (2, 1)), np.concatenate([z + 0.1, z - 0.1]), places[:3] + 50)
    np.testing.assert_allclose(twice, kriged_predictions(places, z, places[:3] + 50), atol=0.15)
    assert kriged_predictions(places[:9], z[:9], places[9:]) is None
    assert kriged_predictions(places, np.zeros(40), places) is None


def test_the_mean_of_the_training_sites_is_the_better_one_for_noise():
    rng = np.random.default_rng(8)
    y = rng.normal(size=60)
    held_out = {name: rng.normal(0, 0.5, (2, 60)) for name in scores.MODELS}
    held_out[scores.MEAN] = np.zeros((2, 60))
    folds = random_folds(60, 5, 2, rng)
    table = scores.score_table(y, held_out, folds).set_index("model")
    found = verdict.judge(y, held_out, folds, "none", 1, table)
    assert not found.has_skill and found.better == scores.MEAN and found.beats_kriging is not None
    assert found.sentence.endswith("Take the mean instead.")
    assert {gain.over for gain in found.gains} == {scores.LINEAR, scores.KRIGING, scores.MEAN}
