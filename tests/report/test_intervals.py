"""The report's section on prediction intervals: coverage overall, by prediction, class and dissimilarity."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model
from coastal_hm_plugin.core.risk_scheme import RISK_SCHEMES
from coastal_hm_plugin.report.intervals import coverage_figure, coverage_table, section


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(12)
    table = pd.DataFrame(rng.normal(size=(80, 2)), columns=["OM", "pH"])
    table["PERI"] = np.exp(5 + 0.6 * table["OM"] + 0.3 * rng.normal(size=80))
    table.loc[[3, 9], "pH"] = np.nan
    x, y = rng.uniform(0, 1e5, (2, 80))
    options = TrainingOptions(repeats=1, n_trees=60, selection="none", transform="log")
    found = train_risk_model(table, "PERI", ["OM", "pH"], options, x, y)
    return replace(found, scheme=RISK_SCHEMES["wu2025"])


def test_the_table_counts_every_site_in_each_grouping(model):
    table = coverage_table(model)
    first = table["Sites by"].str.split().str[0]
    assert first.tolist() == [
        "All",
        *["Prediction"] * 5,
        *["Predicted"] * (first == "Predicted").sum(),
        *["Dissimilarity"] * 5,
    ]
    sites = table.groupby(first)["Sites"].sum()
    assert sites[["All", "Prediction", "Predicted"]].tolist() == [80, 80, 80] and sites["Dissimilarity"] == 78
    inside = (table["Share inside"] * table["Sites"]).groupby(first).sum()
    assert inside["Prediction"] == inside["Predicted"] == pytest.approx(80 * model.intervals.coverage)
    assert "Predicted class Moderate" in table["Sites by"].tolist()


def test_a_coverage_away_from_the_level_is_a_warning(model):
    part = section(model)
    promised = model.intervals.as_promised
    assert (model.intervals.sentence in part.paragraphs) is promised and (
        model.intervals.sentence in part.warnings
    ) is not promised
    lower, upper = model.intervals.bounds(np.median(model.strict_predictions))
    assert f"from {lower:.3g} to {upper:.3g}" in part.paragraphs[0]
    poor = replace(model, intervals=replace(model.intervals, coverage=0.6, coverage_low=0.5, coverage_high=0.7))
    assert section(poor).warnings == (poor.intervals.sentence,)
    assert section(model, title="Soil").charts[0].name == "soil_coverage"


def test_the_figure_shows_every_site_and_both_orders(model):
    left, right = coverage_figure(model).axes
    shown = sum(len(points.get_offsets()) for points in left.collections[1:])
    assert shown == 80 and left.get_yscale() == "log"
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["prediction", "dissimilarity index"]
    bare = coverage_figure(replace(model, applicability=None)).axes[1]
    assert [text.get_text() for text in bare.get_legend().get_texts()] == ["prediction"]
