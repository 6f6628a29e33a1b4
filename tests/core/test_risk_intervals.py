"""Prediction intervals: they cover as promised where the truth is planted, and tell where they do not."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.example_coast import make_example_coast
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.risk_model import (
    Folds,
    PredictionIntervals,
    TrainingOptions,
    boosting,
    load_risk_model,
    prediction_intervals,
    random_folds,
    spatial_folds,
    train_risk_model,
)

SITES, NEW = 103, 400


def survey(rng, n, kind):
    """Predictors and a target whose errors are planted: constant, growing with the mean, or relative and growing."""
    x = rng.normal(size=(n, 3)).astype(np.float32)
    effect = 0.6 * x[:, 0] + 0.4 * x[:, 1]
    growing = np.exp(0.6 * x[:, 0])
    noise = rng.normal(size=n)
    return x, {
        "constant": 5 + effect + 0.5 * noise,
        "growing": 5 + 2 * effect + 0.6 * growing * noise,
        "lognormal": np.exp(5 + effect + 0.35 * growing * noise),
    }[kind]


def covered(kind, seed, level=0.9):
    """Of one data set: share of new points inside their interval, by fifths of the prediction, and as measured."""
    rng = np.random.default_rng(seed)
    x, y = survey(rng, SITES + NEW, kind)
    transform = "log" if kind == "lognormal" else "none"
    trees, numbers = boosting.Trees(transform, n_trees=30, learning_rate=0.15), np.zeros(3, dtype=bool)
    folds = random_folds(SITES, 5, 1, rng)
    held_out = np.empty((1, SITES))
    for _, train, test in folds.splits():
        held_out[0, test] = boosting.predict(boosting.fit(x[train], y[train], numbers, trees), x[test])
    found = prediction_intervals(y[:SITES], held_out, folds, level, transform)
    predicted = boosting.predict(boosting.fit(x[:SITES], y[:SITES], numbers, trees), x[SITES:])
    lower, upper = found.bounds(predicted)
    inside = (lower <= y[SITES:]) & (y[SITES:] <= upper)
    fifths = [inside[part].mean() for part in np.array_split(np.argsort(predicted), 5)]
    return inside.mean(), fifths, found.coverage


@pytest.mark.parametrize("kind", ["constant", "growing", "lognormal"])
def test_new_points_fall_inside_at_the_nominal_rate(kind):
    """100 data sets of 103 sites; one's coverage varies by 0.03, so the mean's standard error is 0.003."""
    found = [covered(kind, seed) for seed in range(100)]
    assert np.mean([share for share, *_ in found]) == pytest.approx(0.90, abs=0.025)
    # of the last: an interval from four fifths of the sites, checked on the rest, is what it says
    assert np.mean([measured for *_, measured in found]) == pytest.approx(0.90, abs=0.02)
    # where errors grow sixfold from the lowest fifth of the predictions to the highest, one width for all would hold
    # 98 % there and 77 % here
    assert np.mean([fifths for _, fifths, _ in found], axis=0).min() > {"lognormal": 0.80}.get(kind, 0.84)


def test_other_levels_are_held_too():
    shares = [covered("lognormal", seed, level=0.6)[0] for seed in range(40)]
    assert np.mean(shares) == pytest.approx(0.60, abs=0.04)


def constant_case(errors, level, repeats=1):
    """Intervals around a prediction of 100, errors as given."""
    n = len(errors)
    folds = random_folds(n, 3, repeats, np.random.default_rng(0))
    return prediction_intervals(100.0 + np.asarray(errors, dtype=float), np.full((repeats, n), 100.0), folds, level)


def test_bounds_are_the_order_statistics_of_the_errors():
    errors = np.random.default_rng(1).permutation(np.arange(-19, 20))
    lower, upper = constant_case(errors, 0.9).bounds(100.0)
    # n = 39: ceil(40 x 0.95) = 38th from either end
    assert (lower, upper) == (82.0, 118.0)
    lower, upper = constant_case(errors, 0.8, repeats=4).bounds([100.0, 50.0])
    np.testing.assert_array_equal([lower, upper], [[84.0, 34.0], [116.0, 66.0]])
    # skewed errors: each end has its own quantile, and neither passes the prediction
    lower, upper = constant_case(np.arange(1, 40), 0.9).bounds(100.0)
    assert (lower, upper) == (100.0, 138.0)


def test_relative_errors_stay_relative():
    observed = 100 * np.repeat([0.5, 0.8, 1.0, 1.5, 3.0], 40)
    folds = random_folds(200, 5, 1, np.random.default_rng(2))
    found = prediction_intervals(observed, np.full((1, 200), 100.0), folds, 0.9, "log")
    np.testing.assert_allclose(found.bounds([10.0, 1000.0]), [[5, 500], [30, 3000]])
    assert (found.bounds([1e-9, 1e12])[0] > 0).all() and found.floor == 0.0


def test_a_fold_s_coverage_does_not_know_its_own_sites():
    rng = np.random.default_rng(3)
    x, y, predicted = *rng.uniform(0, 1e5, (2, 90)), rng.normal(50, 10, (2, 90))
    observed = predicted.mean(axis=0) + rng.normal(0, 5, 90)
    folds = spatial_folds(x, y, observed, 5, 2, rng)
    own = folds.fold_of == 2
    moved = observed + np.where(own[0], 1000.0, 0.0)
    folds_once = replace(folds, fold_of=folds.fold_of[:1])
    before = prediction_intervals(observed, predicted[:1], folds_once)
    after = prediction_intervals(moved, predicted[:1], folds_once)
    np.testing.assert_array_equal(before.lower[own[0]], after.lower[own[0]])
    np.testing.assert_array_equal(before.upper[own[0]], after.upper[own[0]])
    assert not after.inside[own[0]].any() and (before.upper != after.upper)[~own[0]].any()


values = st.floats(2**-10, 2**20, width=32)


@given(st.integers(0, 10_000), st.sampled_from(["none", "log"]), st.lists(values, min_size=1, max_size=40))
def test_bounds_enclose_the_prediction_and_widen_with_the_level(seed, transform, predicted):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 80))
    held_out = rng.lognormal(2, 1, (2, n))
    observed = held_out.mean(axis=0) * rng.lognormal(rng.normal(0, 0.5), 0.8, n)
    folds = random_folds(n, 5, 2, rng)
    new = np.asarray(predicted, dtype=np.float32)
    last = None
    for level in (0.5, 0.8, 0.9, 0.99):
        found = prediction_intervals(observed, held_out, folds, level, transform)
        lower, upper = found.bounds(new)
        assert np.isfinite([lower, upper]).all()
        assert (lower >= 0).all() and (lower <= new).all() and (new <= upper).all()
        if last is not None:
            assert (lower <= last[0]).all() and (last[1] <= upper).all()
        last = lower, upper
        # each value alone: any window of a raster, and a table in double precision
        for one, (low, high) in zip(new, zip(lower, upper)):
            assert found.bounds(float(one)) == (low, high)
        again = PredictionIntervals.from_dict(json.loads(json.dumps(found.to_dict())))
        np.testing.assert_array_equal(again.bounds(new), (lower, upper))


def test_missing_predictions_stay_missing():
    found = constant_case(np.arange(-19, 20), 0.9)
    np.testing.assert_array_equal(np.isnan(found.bounds([np.nan, 100.0])), [[True, False], [True, False]])


def test_blocks_that_fail_together_widen_the_interval_of_the_coverage():
    observed = np.zeros(200)
    observed[::10] = 9.0
    predicted = np.random.default_rng(0).normal(0, 1, (1, 200))
    fold_of = (np.arange(200) % 5)[None]
    alone = prediction_intervals(observed, predicted, Folds("random", fold_of, np.arange(200)))
    together = prediction_intervals(observed, predicted, Folds("spatial", fold_of, np.arange(200) % 10))
    assert alone.coverage == together.coverage
    # Wilson's interval (Wilson 1927) of 200 independent sites
    p, z = alone.coverage, 1.6448536
    half = z / (1 + z**2 / 200) * np.sqrt(p * (1 - p) / 200 + z**2 / 160_000)
    middle = (p + z**2 / 400) / (1 + z**2 / 200)
    assert (alone.coverage_low, alone.coverage_high) == pytest.approx((middle - half, middle + half))
    assert together.coverage_high - together.coverage_low > 1.5 * (alone.coverage_high - alone.coverage_low)


def test_what_is_away_from_the_promise_is_said():
    found = constant_case(np.arange(-19, 20), 0.9)
    assert found.as_promised and "promised" not in found.sentence
    assert "90 % prediction intervals hold" in found.sentence and "on random folds" in found.sentence
    less = replace(found, coverage=0.7, coverage_low=0.6, coverage_high=0.8)
    assert not less.as_promised and "less than promised: read them as intervals of 70 %" in less.sentence
    more = replace(found, coverage=0.99, coverage_low=0.95, coverage_high=1.0)
    assert "more than promised: they are wider than they need be" in more.sentence
    assert "39 sites are too few for this level" in constant_case(np.arange(-19, 20), 0.99).sentence


def test_coverage_by_fifths_keeps_equal_values_together():
    found = constant_case(np.arange(-19, 20), 0.8)
    table = found.by_fifth(np.arange(39))
    assert table["sites"].tolist() == [7, 8, 8, 8, 8] and table["from"].tolist() == [0, 7, 15, 23, 31]
    assert (table["inside"] * table["sites"]).sum() == pytest.approx(found.inside.sum())
    tied = found.by_fifth(np.where(np.arange(30) < 25, 0.0, 1.0), np.arange(30))
    assert tied[["from", "to", "sites"]].to_numpy().tolist() == [[0, 0, 25], [1, 1, 5]]
    groups = found.by_group(np.repeat(["a", "b", "c"], 13))
    assert groups["group"].tolist() == ["a", "b", "c"] and groups["sites"].tolist() == [13, 13, 13]


@pytest.fixture(scope="module")
def trained():
    rng = np.random.default_rng(6)
    table = pd.DataFrame({"OM": rng.gamma(4, 0.5, 60), "rock": rng.choice(["granite", "shale"], 60)})
    table["PERI"] = 100 * np.exp(0.3 * table["OM"] + 0.4 * (table["rock"] == "shale") + 0.3 * rng.normal(size=60))
    x, y = rng.uniform(0, 1e5, (2, 60))
    said = []
    monitor = Monitor(on_info=said.append, on_warning=said.append)
    options = TrainingOptions(repeats=2, n_trees=50, transform="log", interval_level=0.8)
    return train_risk_model(table, "PERI", ["OM", "rock"], options, x, y, monitor=monitor), table, said


def test_a_model_carries_its_intervals_and_tells_their_coverage(trained, tmp_path):
    model, table, said = trained
    assert model.intervals.level == 0.8 and model.intervals.scheme == model.skill.scheme == "spatial"
    assert model.intervals.sentence in said and model.intervals.sentence.startswith("80 % prediction intervals hold")
    observed = model.held_out["observed"].to_numpy()
    assert len(model.intervals.inside) == len(observed)
    assert 0.6 < model.intervals.coverage < 0.95
    again = load_risk_model(model.save(tmp_path / "risk.json")[0])
    values = model.predict(table).values
    np.testing.assert_array_equal(again.intervals.bounds(values), model.intervals.bounds(values))
    assert again.intervals.sentence == model.intervals.sentence


def test_models_of_older_versions_have_no_intervals(trained, tmp_path):
    path, side = trained[0].save(tmp_path / "risk.json")
    content = json.loads(side.read_text(encoding="utf-8"))
    del content["intervals"], content["sidecar_sha256"]
    side.write_text(json.dumps(content), encoding="utf-8")
    assert load_risk_model(path).intervals is None


@pytest.mark.parametrize(
    "change",
    [
        lambda i: i.pop("low"),
        lambda i: i.update(low="wide"),
        lambda i: i.update(high=None),
        lambda i: i.update(scheme="guessed"),
        lambda i: i.update(upper=[1.0]),
        lambda i: i.update(surplus=1),
        lambda i: i["spread"].pop("slope"),
    ],
)
def test_damaged_intervals_are_refused(trained, tmp_path, change):
    path, side = trained[0].save(tmp_path / "risk.json")
    content = json.loads(side.read_text(encoding="utf-8"))
    change(content["intervals"])
    side.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="was changed after the model was trained"):
        load_risk_model(path)
    del content["sidecar_sha256"]
    side.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="is damaged"):
        load_risk_model(path)


def test_trees_and_sidecar_must_name_the_same_predictors(trained, tmp_path):
    path, side = trained[0].save(tmp_path / "risk.json")
    content = json.loads(side.read_text(encoding="utf-8"))
    del content["features"][1], content["sidecar_sha256"]
    side.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match=r"is damaged \(the trees take 2 predictors, it names 1\)"):
        load_risk_model(path)


def test_a_missing_column_is_named(trained):
    model, table, _ = trained
    with pytest.raises(InputError, match=r"has no column 'rock'. It has: OM, PERI"):
        model.predict(table.drop(columns="rock"))


def test_unseen_categories_and_texts_are_counted_named_and_taken_as_missing(trained):
    model, *_ = trained
    new = pd.DataFrame({"OM": [1.0, "high", 2.0, 2.0], "rock": ["shale", "granite", "basalt", None]})
    said = []
    found = model.predict(new, monitor=Monitor(on_warning=said.append))
    assert found.unseen.tolist() == [0, 0, 1, 0] and found.missing.tolist() == [0, 1, 1, 1]
    assert found.values[2] == found.values[3]
    assert any("'OM': 1 of 4 rows without a value, 1 of them with text where a number is needed" in t for t in said)
    assert any(
        "'rock': 2 of 4 rows without a value, 1 of them with a category that training did not see (basalt; it saw "
        "granite, shale). They are predicted as missing" in text
        for text in said
    )


@pytest.mark.parametrize("level", [0.4, 0.999, 90, float("nan")])
def test_levels_are_shares(level):
    with pytest.raises(InputError, match=r"between 0.5 and 0.99; got"):
        TrainingOptions(interval_level=level)


@pytest.mark.slow
def test_on_the_synthetic_coast_other_sites_fall_inside_at_the_nominal_rate(tmp_path):
    """Seven coasts, half of their sites to train on; a coast's 51 other sites vary by 0.05, the mean by 0.02."""
    shares = []
    for seed in range(1, 8):
        soil = pd.read_csv(make_example_coast(tmp_path / str(seed), seed=seed).soil)
        metals = {"Cd": 30, "As": 10, "Cu": 5, "Ni": 5, "Pb": 5, "Cr": 2, "Zn": 1}
        levels = soil[list(metals)].apply(pd.to_numeric, errors="coerce")
        soil["PERI"] = (levels / levels.median() * pd.Series(metals)).sum(axis=1, skipna=False)
        soil = soil.dropna(subset=["PERI"])
        soil["site"] = soil["soil_id"].str[:4]
        trained_on = soil["site"].isin(np.random.default_rng(seed).permutation(soil["site"].unique())[:52])
        train, others = soil[trained_on].reset_index(drop=True), soil[~trained_on]
        options = TrainingOptions(repeats=1, n_trees=80, selection="none", groups="site")
        place = train["longitude"].to_numpy(), train["latitude"].to_numpy(), "EPSG:4326"
        model = train_risk_model(train, "PERI", ["OM", "pH", "longitude", "latitude"], options, *place)
        lower, upper = model.intervals.bounds(model.predict(others).values)
        shares.append(((lower <= others["PERI"]) & (others["PERI"] <= upper)).mean())
    assert np.mean(shares) == pytest.approx(0.90, abs=0.07)
