"""The report's section on the area of applicability: threshold, weights, errors by dissimilarity."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model
from coastal_hm_plugin.report.applicability import dissimilarity_figure, error_by_dissimilarity, section


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(12)
    table = pd.DataFrame(rng.normal(size=(80, 2)), columns=["OM", "pH"])
    table["PERI"] = np.exp(5 + 0.6 * table["OM"] + 0.3 * rng.normal(size=80))
    table.loc[[3, 9], "pH"] = np.nan
    x, y = rng.uniform(0, 1e5, (2, 80))
    options = TrainingOptions(repeats=1, n_trees=60, selection="none")
    return train_risk_model(table, "PERI", ["OM", "pH"], options, x, y)


def test_the_section_tells_threshold_and_weights(model):
    part = section(model)
    assert f"at most {model.applicability.threshold:.3g}" in part.paragraphs[0] and "OM " in part.paragraphs[0]
    assert not part.warnings and len(part.charts) == 1
    outside = SimpleNamespace(outside=30, predicted=120)
    assert "25.0% of the map lies outside" in section(model, outside).warnings[0]


def test_errors_are_those_of_the_sites_in_order_of_di(model):
    table = error_by_dissimilarity(model)
    held_out = model.held_out.drop([3, 9])
    error = np.abs(held_out[f"predicted_{model.skill.scheme}"] - held_out["observed"]).to_numpy()
    assert table["Sites"].sum() == 78 and (table["DI from"].to_numpy()[1:] >= table["DI to"].to_numpy()[:-1]).all()
    first = np.argsort(model.applicability.di, kind="stable")[: table["Sites"][0]]
    assert table["MAE"][0] == pytest.approx(error[first].mean())
    assert (table["MAE"] * table["Sites"]).sum() == pytest.approx(error.sum())


def test_the_figure_shows_every_complete_site(model):
    left, right = dissimilarity_figure(model).axes
    assert sum(bar.get_height() for bar in left.patches) == 78
    assert len(right.collections[0].get_offsets()) == 78
    assert section(model, title="Soil").charts[0].name == "soil_di"
