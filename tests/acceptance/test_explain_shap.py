"""SHAP values against the shap package's own TreeSHAP, and on the synthetic coast against what was planted there.

shap reads no models of XGBoost 3.1 and newer, so it is given the trees themselves: its compiled TreeSHAP is then an
implementation of its own, not a call of XGBoost.
"""

import json

import numpy as np
import pandas as pd
import pytest
import rasterio

from coastal_hm_plugin.core.covariates import describe_rasters, sample_covariates
from coastal_hm_plugin.core.example_coast import make_example_coast
from coastal_hm_plugin.core.explain import (
    RasterExplanationOptions,
    explain_interactions,
    explain_raster,
    explain_risk_model,
)
from coastal_hm_plugin.core.indices import pollution_indices
from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model
from coastal_hm_plugin.core.risk_model.predictors import encode
from coastal_hm_plugin.core.samples import read_csv_points, read_samples

pytestmark = pytest.mark.slow


def tree_of(content):
    """A tree of XGBoost's JSON as shap takes it. Left is '<' in XGBoost and '<=' in shap: the float just below."""
    left = np.array(content["left_children"])
    conditions = np.array(content["split_conditions"], dtype=np.float32)
    inner = left >= 0
    right = np.where(inner, content["right_children"], -1)
    return {
        "children_left": left,
        "children_right": right,
        "children_default": np.where(np.array(content["default_left"]) > 0, left, right),
        "features": np.where(inner, content["split_indices"], -2),
        "thresholds": np.where(inner, np.nextafter(conditions, np.float32(-np.inf)), 0).astype(np.float64),
        "values": np.where(inner, 0, conditions).astype(np.float64)[:, None],
        "node_sample_weight": np.array(content["sum_hessian"], dtype=np.float64),
    }


@pytest.fixture(scope="module", params=["none", "log"])
def explained(request):
    """A model of 103 sites and 12 predictors, some values missing, and shap's explainer of its trees."""
    shap = pytest.importorskip("shap")
    rng = np.random.default_rng(11)
    table = pd.DataFrame(rng.normal(size=(103, 12)), columns=[f"x{k}" for k in range(12)])
    effect = 0.8 * table["x0"] + 0.5 * table["x1"] * (table["x2"] > 0) + 0.2 * table["x3"]
    table["PERI"] = np.exp(4 + effect + 0.2 * rng.normal(size=103))
    table.loc[::9, "x1"] = np.nan
    options = TrainingOptions(repeats=1, selection="none", transform=request.param, max_depth=4)
    model = train_risk_model(table, "PERI", None, options)
    content = json.loads(bytes(model.booster.save_raw("json")))
    trees = [tree_of(tree) for tree in content["learner"]["gradient_booster"]["model"]["trees"]]
    ensemble = {"trees": trees, "tree_output": "raw_value", "input_dtype": np.float32}
    return model, table, shap.TreeExplainer(ensemble, feature_perturbation="tree_path_dependent")


def test_values_and_ranking_are_those_of_the_shap_package(explained):
    model, table, explainer = explained
    explanation = explain_risk_model(model, table)
    expected = explainer.shap_values(encode(table, model.predictors).matrix, check_additivity=False)
    scale = np.abs(expected).max()
    np.testing.assert_allclose(explanation.shap, expected, atol=1e-5 * scale)
    ranked = [model.names[k] for k in np.argsort(-np.abs(expected).mean(axis=0), kind="stable")]
    assert explanation.importance()["predictor"].tolist() == ranked


def test_interactions_are_those_of_the_shap_package(explained):
    model, table, explainer = explained
    values = np.abs(explainer.shap_interaction_values(encode(table, model.predictors).matrix)).mean(axis=0)
    expected = values + values.T
    np.fill_diagonal(expected, np.diagonal(values))
    found = explain_interactions(model, table)
    np.testing.assert_allclose(found.strength, expected, atol=1e-5 * expected.max())
    others = expected[1] * (np.arange(12) != 1)
    assert found.partner("x1") == model.names[np.argmax(others)]


@pytest.fixture(scope="module")
def coast(tmp_path_factory):
    return make_example_coast(tmp_path_factory.mktemp("coast"), seed=1)


@pytest.fixture(scope="module")
def sediment(coast):
    """The sediments of the coast: PERI, OM and pH, the rasters, and two predictors that nothing was planted with."""
    points = read_csv_points(coast.tables["sediment"])
    samples = read_samples(points.table, points.x, points.y, points.crs, "sediment")
    manifest = describe_rasters([str(path) for path in coast.rasters.values()])
    table = sample_covariates(samples.x, samples.y, samples.crs, manifest).table
    table = pd.concat([table, samples.properties[["OM", "pH"]]], axis=1)
    rng = np.random.default_rng(99)
    table["decoy_shuffled"] = rng.permutation(table["enterprise_density"].to_numpy())
    table["decoy_noise"] = rng.normal(size=len(table))
    background = pd.Series(json.loads(coast.truth.read_text(encoding="utf-8"))["background_mg_kg"]["sediment"])
    return table.assign(PERI=pollution_indices(samples.concentrations, background).site["PERI"]), samples, manifest


def test_planted_drivers_rank_first_and_unplanted_ones_do_not(sediment):
    """Enterprises feed the industrial source, organic matter holds Hg and As: they lead; the decoys tell nothing."""
    table, samples, _ = sediment
    names = [name for name in table.columns if name != "PERI"]
    options = TrainingOptions(medium="sediment", repeats=1, selection="none")
    model = train_risk_model(table, "PERI", names, options, samples.x, samples.y, samples.crs)
    explanation = explain_risk_model(model, table)
    share = explanation.importance().set_index("predictor")["shap_share"]
    assert share.index[0] == "enterprise_density" and "OM" in share.index[:3]
    assert share[["decoy_shuffled", "decoy_noise"]].max() < 0.05 < share["OM"]
    counts = explanation.driver_counts().set_index("driver")["share"]
    assert counts.index[0] == "enterprise_density" and counts["enterprise_density"] > 0.4
    assert counts.reindex(["decoy_shuffled", "decoy_noise"]).fillna(0).max() < 0.02
    assert explanation.additivity_error() < 1e-5


def test_the_driver_at_the_planted_hotspot_is_industry(sediment, coast, tmp_path):
    table, samples, manifest = sediment
    hotspot = json.loads(coast.truth.read_text(encoding="utf-8"))["risk_hotspot"]
    options = TrainingOptions(medium="sediment", repeats=1)
    model = train_risk_model(table, "PERI", manifest.names, options, samples.x, samples.y, samples.crs, manifest)
    drivers_path = tmp_path / "driver.tif"
    result = explain_raster(model, None, drivers_path, options=RasterExplanationOptions(cell_size=0.1))
    with rasterio.open(drivers_path) as file:
        row, column = file.index(hotspot["longitude"], hotspot["latitude"])
        code, direction, share = file.read()[:, row, column]
    assert result.driver_names[code - 1] == "enterprise_density" and direction == 2 and share > 30
    assert result.drivers["driver"][0] == "enterprise_density"
