"""SHAP values: they add up, and mean what they say."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.explain import explain_risk_model
from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model


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


@pytest.mark.parametrize(("transform", "unit"), [("none", ""), ("log", "log")])
def test_values_add_up_to_the_prediction(table, transform, unit):
    model = trained(table, transform=transform)
    explanation = explain_risk_model(model, table)
    assert explanation.unit == unit
    np.testing.assert_allclose(explanation.predictions(), model.predict(table).values, rtol=2e-5)
    frame = explanation.to_frame()
    assert list(frame.columns) == [*(f"SHAP_{name}" for name in model.names), "SHAP_base", "prediction"]


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


def test_rows_are_explained_in_batches(table):
    model = trained(table)
    many = pd.concat([table] * 8, ignore_index=True)
    found = explain_risk_model(model, many).shap.to_numpy()
    np.testing.assert_array_equal(found[:150], found[1050:])


def test_a_missing_column_is_named(table):
    with pytest.raises(InputError, match="has no column 'weak'"):
        explain_risk_model(trained(table), table.drop(columns="weak"))
