"""SHAP interaction values: those of the definition, and the planted pair."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.explain import explain_interactions, explain_risk_model
from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model
from coastal_hm_plugin.core.risk_model.predictors import encode
from tests.core.tree_shap import TreesByDefinition


@pytest.fixture(scope="module")
def table():
    """Salinity acts only on clay: a pair; OM acts alone; noise does not act."""
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.normal(size=(300, 3)), columns=["salinity", "OM", "noise"])
    table["bed"] = rng.choice(["clay", "sand"], 300)
    on_clay = (table["bed"] == "clay") * table["salinity"]
    table["PERI"] = 300 + 60 * on_clay + 40 * table["OM"] + rng.normal(0, 5, 300)
    return table


def trained(table, **options):
    options = TrainingOptions(repeats=1, selection="none", transform="none", n_trees=60, **options)
    return train_risk_model(table, "PERI", None, options)


@pytest.fixture(scope="module")
def model(table):
    return trained(table)


def test_strengths_are_those_of_the_definition(model, table):
    rows = table.head(6)
    found = explain_interactions(model, rows)
    trees = TreesByDefinition(model.booster)
    size = np.mean([np.abs(trees.interactions(row)) for row in encode(rows, model.predictors).matrix], axis=0)
    expected = size + size.T
    np.fill_diagonal(expected, np.diagonal(size))
    np.testing.assert_allclose(found.strength, expected, atol=1e-5 * expected.max())
    assert (found.n_rows, found.of, found.unit) == (6, 6, "")


def test_the_planted_pair_is_the_strongest(model, table):
    interactions = explain_interactions(model, table)
    pairs = interactions.to_frame()
    assert set(pairs.loc[0, ["predictor", "partner"]]) == {"salinity", "bed"} and len(pairs) == 6
    assert pairs["mean_abs_interaction"].is_monotonic_decreasing
    assert pairs["share"][0] > 3 * pairs["share"][1]
    assert interactions.partner("salinity") == "bed" and interactions.partner("bed") == "salinity"
    partners = interactions.partners().set_index("predictor")
    assert partners.loc["OM", "mean_abs_main_effect"] > 10 * partners.loc["OM", "mean_abs_interaction"]


def test_main_effects_and_interactions_account_for_the_shap_values(model, table):
    """A SHAP value is its main effect and half of each interaction: its mean size cannot exceed theirs."""
    strength = explain_interactions(model, table).strength.to_numpy()
    size = explain_risk_model(model, table).shap.abs().mean().to_numpy()
    bound = np.diagonal(strength) + (strength - np.diag(np.diagonal(strength))).sum(axis=1) / 2
    assert (size <= bound * (1 + 1e-6)).all()
    assert size[model.names.index("OM")] > 0.9 * bound[model.names.index("OM")]


def test_additive_trees_have_no_partners(table):
    interactions = explain_interactions(trained(table, max_depth=1), table)
    assert interactions.partners()["partner"].tolist() == [None] * 4


def test_one_predictor_has_no_pair(table):
    interactions = explain_interactions(trained(table[["OM", "PERI"]]), table)
    assert interactions.to_frame().empty and interactions.partner("OM") is None


def test_of_many_rows_some_are_taken_evenly(model, table):
    found = explain_interactions(model, table, most_rows=50)
    rows = table.iloc[np.linspace(0, 299, 50).astype(int)]
    assert (found.n_rows, found.of) == (50, 300)
    np.testing.assert_array_equal(found.strength, explain_interactions(model, rows, threads=1).strength)
