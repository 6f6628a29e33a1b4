"""The risk model: planted drivers found, noise called noise, scores as other programs compute them."""

import json
import os
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.covariates.manifest import Covariate, Manifest
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.risk_model import (
    TrainingOptions,
    linear,
    load_risk_model,
    scores,
    sidecar_path,
    train_risk_model,
)
from tests.conftest import ROOT

QUICK = TrainingOptions(repeats=2, n_trees=100)


def autocorrelated(x, y, rng, reach):
    """A random surface whose correlation falls as exp(-distance / reach)."""
    distance = np.hypot(x[:, None] - x, y[:, None] - y)
    return np.linalg.cholesky(np.exp(-distance / reach) + 1e-8 * np.eye(len(x))) @ rng.normal(size=len(x))


@pytest.fixture(scope="module")
def coast():
    """103 sites; PERI driven by organic matter, distance to a smelter and rock, not by the three others."""
    rng = np.random.default_rng(11)
    n = 103
    table = pd.DataFrame({f"noise_{k}": rng.normal(size=n) for k in "abc"})
    table["OM"] = rng.gamma(4, 0.5, n)
    table["distance_m"] = rng.uniform(0, 50_000, n)
    table["rock"] = rng.choice(["granite", "limestone", "shale"], n)
    rock = table["rock"].map({"granite": 0.0, "limestone": 0.0, "shale": 0.5})
    effect = 0.25 * table["OM"] - table["distance_m"] / 40_000 + rock
    table["PERI"] = 150 * np.exp(effect + 0.2 * rng.normal(size=n))
    return table, rng.uniform(0, 100_000, n), rng.uniform(0, 100_000, n)


@pytest.fixture(scope="module")
def model(coast):
    table, x, y = coast
    return train_risk_model(table, "PERI", None, QUICK, x, y)


def test_planted_drivers_are_found_and_beat_the_mean(model):
    assert model.skill.has_skill and model.skill.sentence.startswith("Skill:")
    assert {"OM", "distance_m", "rock"} <= set(model.names)
    assert set(model.inputs["predictor"].head(3)) == {"OM", "distance_m", "rock"}
    strict = model.scores[model.scores["folds"] == "spatial"].set_index("model")["r2"]
    assert strict[scores.XGBOOST] > 0.3
    assert strict[scores.MEAN] <= 0


def test_both_kinds_of_folds_stand_side_by_side(model):
    wide = model.scores_by_folds()
    assert wide["model"].tolist() == list(scores.MODELS)
    assert {"r2_random", "r2_spatial", "rmse_random", "rmse_spatial", "mae_random", "mae_spatial"} <= set(wide.columns)


def test_noise_has_no_skill(coast):
    table, x, y = coast
    rng = np.random.default_rng(5)
    for _ in range(3):
        noise = table.assign(PERI=np.exp(rng.normal(5, 0.5, len(table))))
        found = train_risk_model(noise, "PERI", None, QUICK, x, y)
        assert not found.skill.has_skill
        assert found.skill.sentence.startswith("No skill: on spatial blocks the model does not")


@pytest.mark.slow
def test_neighbours_flatter_random_folds_but_not_the_verdict():
    """Smooth predictors that have nothing to do with a smooth target: random folds fall for them."""
    flattered, called_skill = 0, 0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        x, y = rng.uniform(0, 100, (2, 103))
        table = pd.DataFrame({f"p{k}": autocorrelated(x, y, rng, 15) for k in range(8)})
        table["t"] = autocorrelated(x, y, rng, 15)
        found = train_risk_model(table, "t", None, QUICK, x * 1000, y * 1000)
        flattered += found.scores_by_folds()["r2_random"][0] > 0.1
        called_skill += found.skill.has_skill
    assert flattered >= 3
    assert called_skill <= 1


def test_choosing_on_all_data_leaks_and_choosing_inside_the_folds_does_not():
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.normal(size=(60, 150)), columns=[f"p{k}" for k in range(150)])
    table["t"] = rng.normal(size=60)
    r2 = {}
    for selection in ("wu2025", "nested"):
        said = []
        options = TrainingOptions(selection=selection, repeats=1, n_trees=60)
        found = train_risk_model(table, "t", None, options, monitor=Monitor(on_warning=said.append))
        r2[selection] = found.scores["r2"][0]
        assert any("Wu et al." in text for text in said) == (selection == "wu2025")
    assert r2["wu2025"] > 0.2
    assert r2["nested"] < 0.1


def test_scores_are_what_scikit_learn_computes(coast):
    from sklearn import metrics

    table, x, y = coast
    found = train_risk_model(table, "PERI", None, TrainingOptions(repeats=1, n_trees=50, transform="log"), x, y)
    for scheme in ("random", "spatial"):
        row = found.scores[(found.scores["folds"] == scheme) & (found.scores["model"] == scores.XGBOOST)].iloc[0]
        observed, predicted = found.held_out["observed"], found.held_out[f"predicted_{scheme}"]
        assert row["r2"] == pytest.approx(metrics.r2_score(observed, predicted))
        assert row["rmse"] == pytest.approx(metrics.mean_squared_error(observed, predicted) ** 0.5)
        assert row["mae"] == pytest.approx(metrics.mean_absolute_error(observed, predicted))
        assert row["d2"] == pytest.approx(metrics.d2_tweedie_score(observed, predicted, power=1))


def test_ridge_is_the_closed_form(monkeypatch):
    rng = np.random.default_rng(2)
    train, new = rng.normal(size=(80, 4)), rng.normal(size=(20, 4))
    target = train @ [1.0, -2.0, 0.5, 0.0] + rng.normal(size=80)
    monkeypatch.setattr(linear, "PENALTIES", [7.0])
    mean, spread = train.mean(axis=0), train.std(axis=0)
    z = (train - mean) / spread
    slopes = np.linalg.solve(z.T @ z + 7.0 * np.eye(4), z.T @ (target - target.mean()))
    expected = np.clip(target.mean() + (new - mean) / spread @ slopes, target.min(), target.max())
    np.testing.assert_allclose(linear.ridge_predictions(train, target, new, [0] * 4), expected, rtol=1e-10)


def test_ridge_takes_missing_numbers_and_unseen_classes():
    rng = np.random.default_rng(3)
    train = np.column_stack([rng.normal(size=60), rng.integers(0, 3, 60), np.full(60, np.nan)])
    target = train[:, 0] + 2 * (train[:, 1] == 1)
    train[:5, 0] = np.nan
    new = np.array([[np.nan, 1.0, 1.0], [0.5, 2.0, np.nan], [0.5, np.nan, np.nan]])
    predicted = linear.ridge_predictions(train, target, new, [0, 3, 0])
    assert np.isfinite(predicted).all()
    assert predicted[0] > predicted[1]


def test_logarithmic_link_keeps_the_total(coast):
    table, x, y = coast
    found = train_risk_model(table, "PERI", None, TrainingOptions(transform="log", repeats=1), x, y)
    assert found.predict(table).values.mean() == pytest.approx(table["PERI"].mean(), rel=0.02)
    assert found.held_out["predicted_random"].mean() == pytest.approx(table["PERI"].mean(), rel=0.1)


def test_transform_is_taken_from_the_target(coast):
    table = coast[0]
    skewed = table.assign(PERI=np.exp(5 + table["noise_a"]))
    assert train_risk_model(skewed, "PERI", ["OM"], QUICK).options.transform == "log"
    assert train_risk_model(table, "noise_a", ["OM"], QUICK).options.transform == "none"


def test_circular_columns_are_named_and_left_out(coast):
    table, x, y = coast
    rng = np.random.default_rng(1)
    table = table.assign(CF_Cd=table["PERI"] / 100, Kd_Pb=rng.normal(size=len(table)), soil_Cd=table["PERI"])
    said = []
    found = train_risk_model(table, "PERI", None, QUICK, x, y, monitor=Monitor(on_warning=said.append))
    assert set(found.circular) == {"CF_Cd", "Kd_Pb", "soil_Cd"}
    assert not set(found.circular) & set(found.names)
    assert any("circular" in text and "CF_Cd" in text for text in said)
    paper = train_risk_model(table, "PERI", None, TrainingOptions(selection="wu2025", repeats=1), x, y)
    assert "CF_Cd" in paper.names
    assert paper.scores["r2"][0] > found.scores["r2"][0] + 0.1


def test_columns_named_by_the_user_as_circular_are_left_out(coast):
    table, x, y = coast
    found = train_risk_model(table, "PERI", None, TrainingOptions(circular=("OM",), repeats=1, n_trees=20), x, y)
    assert found.circular == ["OM"]
    assert "OM" not in found.inputs["predictor"].tolist()


def test_rows_without_target_are_counted_and_missing_predictors_kept(coast):
    table, x, y = coast
    table = table.copy()
    table.loc[[4, 9], "PERI"] = np.nan
    table["PERI"] = table["PERI"].astype(object)
    table.loc[20, "PERI"] = "lost"
    table.loc[:30, "OM"] = np.nan
    said = []
    found = train_risk_model(table, "PERI", None, QUICK, x, y, monitor=Monitor(on_warning=said.append))
    assert found.n_rows == 103 and len(found.held_out) == 100
    assert not {4, 9, 20} & set(found.held_out["row"])
    assert any("3 of 103 rows have no number in 'PERI', left out: 5, 10, 21." in text for text in said)
    assert found.inputs.set_index("predictor").loc["OM", "missing"] == 28


def test_unseen_categories_and_missing_values_are_counted(model, coast):
    table = coast[0].head(6).copy()
    table.loc[1, "rock"] = "basalt"
    table.loc[2, "OM"] = np.nan
    said = []
    found = model.predict(table, monitor=Monitor(on_warning=said.append))
    assert found.unseen.tolist() == [0, 1, 0, 0, 0, 0]
    assert found.missing.tolist() == [0, 1, 1, 0, 0, 0]
    assert np.isfinite(found.values).all()
    assert any("'rock'" in text and "training did not see" in text for text in said)


def test_number_codes_can_be_categories(coast):
    table, x, y = coast
    codes = table["rock"].map({"granite": 10.0, "limestone": 20.0, "shale": 30.0})
    numbers = table.drop(columns="rock").assign(rock_code=codes)
    rasters = Manifest((Covariate("rock_code", "rock.tif", categories={10: "10", 20: "20", 30: "30"}),))
    by_option = TrainingOptions(repeats=1, n_trees=20, categories=("rock_code",))
    for options, manifest in ((by_option, None), (TrainingOptions(repeats=1, n_trees=20), rasters)):
        found = train_risk_model(numbers, "PERI", None, options, x, y, manifest=manifest)
        assert next(p for p in found.predictors if p.name == "rock_code").labels == ("10", "20", "30")
        as_integers = numbers.assign(rock_code=codes.astype(int))
        np.testing.assert_array_equal(found.predict(numbers).values, found.predict(as_integers).values)


def test_saved_model_predicts_the_same_and_plain_xgboost_reads_it(model, coast, tmp_path):
    import xgboost

    table = coast[0]
    path, side = model.save(tmp_path / "risk")
    assert (path.name, side.name) == ("risk.json", "risk.sidecar.json")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["risk.json", "risk.sidecar.json"]
    for name in (path, side):
        again = load_risk_model(name)
        np.testing.assert_array_equal(again.predict(table).values, model.predict(table).values)
        assert again.skill == model.skill and again.options == model.options and again.left_out == model.left_out
        pd.testing.assert_frame_equal(again.scores, model.scores, check_dtype=False)
        pd.testing.assert_frame_equal(again.inputs, model.inputs, check_dtype=False)
        found, expected = again.dissimilarity(table), model.dissimilarity(table)
        pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame())
    content = json.loads(side.read_text(encoding="utf-8"))
    promised = {"features", "scaler", "scores", "skill", "held_out", "manifest", "versions", "options", "target"}
    assert promised <= set(content)
    assert content["skill"]["has_skill"] is True
    plain = xgboost.Booster(model_file=str(path))
    codes = {name: k for k, name in enumerate(("granite", "limestone", "shale"))}
    matrix = table.assign(rock=table["rock"].map(codes))[model.names].to_numpy(dtype=np.float32)
    types = ["c" if name == "rock" else "q" for name in model.names]
    data = xgboost.DMatrix(matrix, feature_types=types, enable_categorical=True)
    np.testing.assert_allclose(plain.predict(data), model.predict(table).values, rtol=1e-6)


def test_the_area_of_applicability_weighs_by_gain_and_leaves_out_a_site_s_fold(model, coast):
    area = model.applicability
    gains = model.inputs.set_index("predictor")["gain_share"][list(area.names)]
    np.testing.assert_allclose(area.weights, gains)
    np.testing.assert_array_equal(area.fold_of, model.held_out["fold"])
    at_sites = model.dissimilarity(coast[0])
    np.testing.assert_allclose(at_sites.di, 0, atol=1e-7)
    assert (area.di > 0).all() and (area.lpd < at_sites.lpd).all()
    far = model.dissimilarity(coast[0].assign(OM=1e3))
    assert not far.inside.any() and (far.lpd == 0).all()
    unknown = model.dissimilarity(coast[0].assign(rock="basalt"))
    assert np.isnan(unknown.di).all() and not unknown.inside.any()


def test_sidecars_without_an_area_of_applicability_still_work(model, coast, tmp_path):
    path, side = model.save(tmp_path / "risk.json")
    content = json.loads(side.read_text(encoding="utf-8"))
    del content["applicability"], content["sidecar_sha256"]  # an older version wrote neither
    side.write_text(json.dumps(content), encoding="utf-8")
    again = load_risk_model(path)
    assert again.applicability is None and again.dissimilarity(coast[0]) is None
    np.testing.assert_array_equal(again.predict(coast[0]).values, model.predict(coast[0]).values)
    content["applicability"] = {**model.applicability.to_dict(), "lpd": [1]}
    side.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="is damaged"):
        load_risk_model(path)


def test_too_few_complete_sites_for_an_area_of_applicability(coast):
    table, x, y = coast
    said = []
    patchy = table.assign(OM=table["OM"].where(np.arange(len(table)) < 9))
    options = TrainingOptions(repeats=1, n_trees=20, selection="none")
    found = train_risk_model(patchy, "PERI", None, options, x, y, monitor=Monitor(on_warning=said.append))
    assert found.applicability is None
    assert any("9 training sites have every predictor" in text for text in said)


def test_damaged_model_files_are_refused(model, tmp_path):
    path, side = model.save(tmp_path / "risk.json")
    content = side.read_text(encoding="utf-8")
    side.write_text(content.replace('"format_version": 1', '"format_version": 99'), encoding="utf-8")
    with pytest.raises(InputError, match="not the sidecar of a risk model that this version reads"):
        load_risk_model(path)
    side.write_text(content.replace('"n_rows": 103', '"n_rows": 104'), encoding="utf-8")
    with pytest.raises(InputError, match=r"was changed after the model was trained\. Train the model again"):
        load_risk_model(path)
    side.write_text(content, encoding="utf-8")
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(InputError, match="does not belong to its sidecar"):
        load_risk_model(path)
    side.unlink()
    with pytest.raises(InputError, match=r"sidecar 'risk.sidecar.json' is not beside it"):
        load_risk_model(path)
    with pytest.raises(InputError, match="cannot be written"):
        model.save(path / "below" / "risk.json")
    assert sidecar_path("a/b.json").name == "b.sidecar.json"


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda t: t.head(12), {}, "has a number in 12 rows; a risk model needs 20"),
        (lambda t: t.assign(PERI=7.0), {}, r"has the same value \(7\) in every row"),
        (lambda t: t.assign(PERI="high"), {}, "has a number in 0 rows"),
        (lambda t: t.drop(columns="PERI"), {}, "has no column 'PERI'. It has: noise_a"),
        (lambda t: t[["PERI"]], {}, "No predictor is left"),
        (lambda t: t.assign(PERI=t["PERI"] - 300), {"transform": "log"}, "values of 0 or less .* no logarithm"),
        (lambda t: t, {"groups": "estuary"}, "has no column 'estuary'"),
        (lambda t: t.assign(g="one"), {"groups": "g"}, "holds a single value"),
    ],
)
def test_bad_tables_are_refused(coast, change, options, message):
    table = change(coast[0])
    with pytest.raises(InputError, match=message):
        train_risk_model(table, "PERI", None, TrainingOptions(repeats=1, n_trees=10, **options))


def test_bad_choices_are_refused(coast):
    table, x, y = coast
    for options, message in (
        ({"selection": "best"}, "Selection 'best' is not one of nested"),
        ({"transform": "sqrt"}, "Transform 'sqrt'"),
        ({"folds": 1}, "Two folds"),
        ({"block_size_m": 0.0}, "must be above 0 m"),
    ):
        with pytest.raises(InputError, match=message):
            TrainingOptions(**options)
    with pytest.raises(InputError, match="has no column 'pH'"):
        train_risk_model(table, "PERI", ["pH"], QUICK)
    with pytest.raises(InputError, match="Rows 3 have no coordinates"):
        train_risk_model(table, "PERI", ["OM"], QUICK, np.where(np.arange(103) == 2, np.nan, x), y)
    with pytest.raises(InputError, match="'comment' holds text with 103 different values"):
        train_risk_model(table.assign(comment=[f"c{k}" for k in range(103)]), "PERI", ["OM", "comment"], QUICK)


def test_one_site_that_makes_the_variance_is_named(coast):
    table, x, y = coast
    table = table.copy()
    table.loc[7, "PERI"] = 1e6
    said = []
    train_risk_model(table, "PERI", ["OM"], QUICK, x, y, monitor=Monitor(on_warning=said.append))
    assert any("Row 8 (PERI 1e+06) alone makes more than half" in text for text in said)


def test_cancel_is_heard_within_a_second(coast):
    table, x, y = coast
    start = time.perf_counter()
    monitor = Monitor(is_cancelled=lambda: time.perf_counter() - start > 0.3)
    with pytest.raises(Cancelled):
        train_risk_model(table, "PERI", None, TrainingOptions(repeats=50, n_trees=3000), x, y, monitor=monitor)
    assert time.perf_counter() - start < 1.3


def test_the_size_of_the_paper_takes_seconds(coast):
    table, x, y = coast
    start = time.perf_counter()
    train_risk_model(table, "PERI", None, TrainingOptions(), x, y)
    assert time.perf_counter() - start < 8


@pytest.mark.slow
def test_numbers_do_not_depend_on_the_number_of_processors(tmp_path):
    script = (
        "import os, sys, numpy as np, pandas as pd\n"
        "if sys.argv[1] == '1' and hasattr(os, 'sched_setaffinity'):\n"
        "    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model\n"
        "rng = np.random.default_rng(4)\n"
        "t = pd.DataFrame(rng.normal(size=(90, 6)), columns=list('abcdef'))\n"
        "t['PERI'] = np.exp(5 + 0.5 * t['a'] + 0.3 * rng.normal(size=90))\n"
        "m = train_risk_model(t, 'PERI', None, TrainingOptions(repeats=2, n_trees=60), *rng.uniform(0, 1e5, (2, 90)))\n"
        "print(m.scores.to_csv(), m.held_out.to_csv(), m.predict(t, threads=int(sys.argv[1])).values.tobytes().hex())\n"
    )
    outputs = []
    for threads in ("1", "2"):
        environment = {**os.environ, "OMP_NUM_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", script, threads],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    assert len(outputs[0]) > 1000
