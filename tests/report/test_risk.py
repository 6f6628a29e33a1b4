"""The report's section on a risk model: the verdict, the scores, the pictures."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.explain import explain_risk_model
from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model
from coastal_hm_plugin.report.document import Document
from coastal_hm_plugin.report.explanation import beeswarm_figure, importance_figure
from coastal_hm_plugin.report.risk import held_out_figure, section


def trained(signal, **options):
    rng = np.random.default_rng(12)
    table = pd.DataFrame(rng.normal(size=(80, 2)), columns=["OM", "<b>pH</b>"])
    table["rock"] = rng.choice(["granite", "a very long name of a rock"], 80)
    table["CF_Cd"] = rng.normal(size=80)
    table["PERI"] = np.exp(5 + signal * table["OM"] + 0.3 * rng.normal(size=80))
    x, y = rng.uniform(0, 1e5, (2, 80))
    return train_risk_model(table, "PERI", None, TrainingOptions(repeats=1, n_trees=60, **options), x, y), table


def test_the_verdict_comes_first_where_there_is_skill():
    model, table = trained(0.6)
    part = section(model, explain_risk_model(model, table))
    assert part.paragraphs[0] == model.skill.sentence and part.paragraphs[0].startswith("Skill")
    assert not part.warnings
    assert any("Left out, because PERI is computed from them: CF_Cd." in text for text in part.paragraphs)
    assert [chart.name.rpartition("peri_")[2] for chart in part.charts] == [
        "held_out",
        "scores",
        "importance",
        "shap",
        "dependence",
    ]
    titles = [listing.caption.split(",")[0] for listing in part.listings]
    assert titles == ["Scores on held-out sites", "Predictors offered", "Columns left out"]


def test_no_skill_and_the_paper_s_way_are_warnings():
    model, _ = trained(0.0, selection="wu2025", transform="none")
    part = section(model, title="PERI of soil")
    assert any(text.startswith("No skill") and "not as a prediction" in text for text in part.warnings)
    assert any("Wu et al. (2025)" in text for text in part.warnings)
    assert part.title == "PERI of soil"
    assert [chart.name for chart in part.charts] == ["peri_of_soil_held_out", "peri_of_soil_scores"]


def test_a_site_that_makes_the_variance_is_a_warning():
    model, table = trained(0.3)
    table.loc[4, "PERI"] = 1e6
    model = train_risk_model(table, "PERI", None, TrainingOptions(repeats=1, n_trees=10))
    assert any("Row 5 (PERI 1e+06) alone" in text for text in section(model).warnings)


def test_names_are_escaped_in_the_page(tmp_path):
    model, table = trained(0.6, selection="none")
    page = Document("Risk", "", (section(model, explain_risk_model(model, table)),)).write(tmp_path / "risk.html")
    text = page.read_text(encoding="utf-8")
    assert "<b>pH</b>" not in text and "&lt;b&gt;pH&lt;/b&gt;" in text


@pytest.mark.parametrize("transform", ["none", "log"])
def test_figures_show_every_site_on_named_axes(transform):
    model, table = trained(0.6, transform=transform, selection="none")
    explanation = explain_risk_model(model, table)
    panels = held_out_figure(model).axes
    assert [axis.get_xlabel() for axis in panels] == ["Observed PERI"] * 2
    assert all(len(axis.collections[0].get_offsets()) == 80 for axis in panels)
    swarm = beeswarm_figure(explanation).axes[0]
    unit = "log units" if transform == "log" else "unit of PERI"
    assert swarm.get_xlabel() == f"SHAP value ({unit})"
    assert sum(len(points.get_offsets()) for points in swarm.collections) == 3 * 80
    bars = importance_figure(explanation).axes[0]
    assert (
        [label.get_text() for label in bars.get_yticklabels()][-1] == explanation.importance()["predictor"][0] == "OM"
    )
