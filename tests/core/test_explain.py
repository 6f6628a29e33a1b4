"""SHAP values: they are what their definition says, they add up, and they find what was planted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.explain import explain_interactions, explain_risk_model
from coastal_hm_plugin.core.explain.values import dominant
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model
from coastal_hm_plugin.core.risk_model.predictors import encode
from tests.core.tree_shap import TreesByDefinition


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(8)
    table = pd.DataFrame(rng.normal(size=(150, 3)), columns=["strong", "weak", "noise"])
    table["rock"] = rng.choice(["granite", "shale"], 150)
    effect = 0.8 * table["strong"] + 0.3 * table["weak"] + 0.4 * (table["rock"] == "shale")
    table["PERI"] = np.exp(4 + effect + 0.1 * rng.normal(size=150))
    table.loc[3, "weak"] = np.nan
    return table


def trained(table, **options):
    return train_risk_model(table, "PERI", None, TrainingOptions(repeats=1, selection="none", **options))


@pytest.fixture(scope="module", params=["none", "log"])
def model(table, request):
    return trained(table, transform=request.param, n_trees=40)


def test_values_add_up_to_what_the_trees_say(model, table):
    explanation = explain_risk_model(model, table)
    assert explanation.unit == {"none": "", "log": "log"}[model.options.transform]
    np.testing.assert_allclose(explanation.sums(), explanation.margins, rtol=1e-5)
    assert explanation.additivity_error() < 1e-5
    np.testing.assert_allclose(explanation.predictions(), model.predict(table).values, rtol=1e-5)
    frame = explanation.to_frame()
    assert list(frame.columns) == [*(f"SHAP_{name}" for name in model.names), "SHAP_base", "prediction"]


def test_values_that_do_not_add_up_are_found(model, table):
    explanation = explain_risk_model(model, table)
    largest = np.abs(explanation.margins).max()
    wrong = replace(explanation, shap=explanation.shap.assign(noise=explanation.shap["noise"] + 0.01 * largest))
    assert wrong.additivity_error() == pytest.approx(0.01, rel=1e-3)


def test_values_are_those_of_the_definition(model, table):
    """TreeSHAP against all 16 subsets of predictors, with a category, a missing value and an unseen label."""
    rows = table.head(8).assign(rock=["granite", "shale", None, "basalt", *table["rock"].iloc[4:8]])
    found = explain_risk_model(model, rows).shap.to_numpy()
    trees = TreesByDefinition(model.booster)
    expected = [trees.shapley(row) for row in encode(rows, model.predictors).matrix]
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())


def test_in_an_additive_model_a_value_is_the_effect_of_its_predictor(table):
    """Trees of depth 1 add up: then two rows that differ in one predictor differ by its SHAP values."""
    model = trained(table, transform="none", max_depth=1)
    rows = table.iloc[[0, 0]].reset_index(drop=True)
    rows.loc[1, "strong"] = -rows.loc[0, "strong"] + 0.5
    explanation, predicted = explain_risk_model(model, rows), model.predict(rows).values
    assert abs(predicted[1] - predicted[0]) > 10
    assert explanation.shap["strong"].diff()[1] == pytest.approx(predicted[1] - predicted[0], rel=1e-4)
    np.testing.assert_allclose(explanation.shap.drop(columns="strong").diff().iloc[1], 0, atol=1e-4)


def test_importance_ranks_the_planted_effects(table):
    importance = explain_risk_model(trained(table), table).importance()
    assert importance["predictor"].iloc[0] == "strong" and importance["predictor"].iloc[-1] == "noise"
    assert importance["shap_share"].sum() == pytest.approx(1)
    assert importance["gain_share"].sum() == pytest.approx(1)
    assert importance["mean_abs_shap"].is_monotonic_decreasing


def test_neither_batches_nor_threads_change_a_value(model, table):
    many = pd.concat([table] * 8, ignore_index=True)
    found = explain_risk_model(model, many, threads=2).shap.to_numpy()
    np.testing.assert_array_equal(found.reshape(8, 150, -1), np.broadcast_to(found[:150], (8, 150, found.shape[1])))
    np.testing.assert_array_equal(explain_risk_model(model, table, threads=1).shap.to_numpy(), found[:150])


def test_a_missing_column_is_named(model, table):
    with pytest.raises(InputError, match="has no column 'weak'"):
        explain_risk_model(model, table.drop(columns="weak"))
    with pytest.raises(InputError, match="has no column 'weak'"):
        explain_interactions(model, table.drop(columns="weak"))


def test_the_driver_is_the_largest_value_with_its_sign(model, table):
    explanation = explain_risk_model(model, table)
    drivers, values = explanation.drivers(), explanation.shap.to_numpy()
    for row in (0, 3, 77, 149):
        place = np.argmax(np.abs(values[row]))
        assert drivers["driver"][row] == explanation.shap.columns[place]
        assert drivers["driver_shap"][row] == values[row, place]
        assert drivers["driver_direction"][row] == ("raises" if values[row, place] > 0 else "lowers")
        assert drivers["driver_share"][row] == pytest.approx(np.abs(values[row, place]) / np.abs(values[row]).sum())
    counts = explanation.driver_counts()
    assert counts["driver"][0] == "strong" and counts["rows"].sum() == 150
    assert (counts["raises"] + counts["lowers"] == counts["rows"]).all()
    assert counts["share"].sum() == pytest.approx(1)


def test_where_nothing_has_an_effect_there_is_no_driver(model, table):
    explanation = explain_risk_model(model, table.head(3))
    nothing = replace(explanation, shap=explanation.shap * 0.0)
    assert nothing.drivers()["driver"].tolist() == [None] * 3
    assert nothing.drivers()[["driver_shap", "driver_share"]].isna().all(axis=None)
    assert nothing.driver_counts().empty


@given(arrays(float, (5, 4), elements=st.floats(-1e6, 1e6)))
@settings(deadline=None, max_examples=60)
def test_a_share_is_between_an_equal_part_and_all(shap):
    place, value, share = dominant(shap)
    found = place >= 0
    np.testing.assert_array_equal(found, (shap != 0).any(axis=1))
    assert (np.abs(value) == np.abs(shap).max(axis=1)).all()
    assert ((share[found] >= 0.25 - 1e-12) & (share[found] <= 1)).all() and np.isnan(share[~found]).all()


def test_cancel_is_heard(model, table):
    asked = []

    def is_cancelled():
        asked.append(1)
        return len(asked) > 2

    many = pd.concat([table] * 20, ignore_index=True)
    with pytest.raises(Cancelled):
        explain_interactions(model, many, Monitor(is_cancelled=is_cancelled), most_rows=3000)
    with pytest.raises(Cancelled):
        explain_risk_model(model, many, Monitor(is_cancelled=lambda: True))
