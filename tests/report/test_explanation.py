"""The report's section on SHAP values: what it says first, and figures that hold what their captions say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.explain import explain_interactions, explain_risk_model
from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model
from coastal_hm_plugin.report.document import Document
from coastal_hm_plugin.report.explanation import (
    MOST_SHOWN,
    beeswarm_figure,
    dependence_figure,
    importance_figure,
    section,
)

LONG = "distance_to_the_nearest_river_mouth_in_kilometres_along_the_coast"


def explained(predictors=3, transform="log", noise=False, **options):
    """A model of some predictors, one a category that changes the effect of OM; or of noise alone."""
    rng = np.random.default_rng(2)
    names = ["OM", LONG, *(f"x{k}" for k in range(predictors - 2))]
    table = pd.DataFrame(rng.normal(size=(120, predictors)), columns=names)
    table["rock"] = rng.choice(["granite", "shale", "a unit with a very long and winding name"], 120)
    effect = 0.4 * table["OM"] * np.where(table["rock"] == "granite", 2, 0.2) + 0.2 * table[LONG]
    table["PERI"] = np.exp(4 + (0 if noise else effect) + 0.1 * rng.normal(size=120))
    table.loc[5, "OM"] = np.nan
    options = TrainingOptions(repeats=1, n_trees=50, selection="none", transform=transform, **options)
    model = train_risk_model(table, "PERI", None, options)
    return explain_risk_model(model, table), explain_interactions(model, table)


@pytest.fixture(scope="module")
def few():
    return explained()


def labels(ticks):
    return [tick.get_text() for tick in ticks]


def test_what_the_section_tells(few):
    explanation, interactions = few
    part = section(explanation, interactions)
    assert part.title == "Explanation of the model of PERI" and not part.warnings
    assert part.paragraphs[0] == explanation.skill.sentence
    text = " ".join(part.paragraphs)
    assert "a value of 0.1 is a factor of 1.11" in text and "not what causes contamination" in text
    assert f"the largest difference is {explanation.additivity_error():.1g} of" in text
    captions = [listing.caption for listing in part.listings]
    assert captions[0] == "Importance of the predictors" and captions[2].endswith("mean over 120 sites")
    names = [chart.name for chart in part.charts]
    assert names == [f"explanation_of_the_model_of_peri_{kind}" for kind in ("importance", "shap", "dependence")]
    assert "Coloured by the predictor" in part.charts[2].caption
    assert "Coloured by the predictor" not in section(explanation, title="A").charts[2].caption


def test_the_unit_of_a_model_without_transform_is_the_target_s():
    explanation, interactions = explained(transform="none")
    part = section(explanation, interactions)
    assert "in the unit of PERI" in part.paragraphs[-1]
    assert beeswarm_figure(explanation).axes[0].get_xlabel() == "SHAP value (unit of PERI)"


def test_a_model_without_skill_is_said_first(few, tmp_path):
    explanation, interactions = few
    none = replace(explanation, skill=replace(explanation.skill, has_skill=False, sentence="No skill: it is the mean."))
    part = section(none, interactions)
    assert part.warnings[0].startswith("No skill: it is the mean.") and "read no causes" in part.warnings[0]
    assert part.paragraphs[0].startswith("A SHAP value")
    text = Document("Explanation", "", (part,)).write(tmp_path / "page.html").read_text(encoding="utf-8")
    assert text.index("No skill: it is the mean.") < text.index("A SHAP value")


def test_figures_of_many_predictors_show_the_first_with_short_names():
    explanation, interactions = explained(predictors=20)
    ranked = explanation.importance()["predictor"].tolist()
    for figure in (importance_figure(explanation), beeswarm_figure(explanation)):
        shown = labels(figure.axes[0].get_yticklabels())[::-1]
        assert len(shown) == MOST_SHOWN == 15
        assert [a == b or ("…" in a and b.startswith(a.split("…")[0])) for a, b in zip(shown, ranked)] == [True] * 15
        assert max(map(len, shown)) <= 34
    assert sum(bar.get_width() for bar in importance_figure(explanation).axes[0].patches) < 200
    assert len(section(explanation, interactions).listings[2].table) == 10


def test_every_site_is_in_the_beeswarm(few):
    explanation, _ = few
    swarm = beeswarm_figure(explanation).axes[0]
    assert sum(len(points.get_offsets()) for points in swarm.collections) == 4 * 120
    drawn = np.concatenate([points.get_offsets()[:, 0] for points in swarm.collections])
    np.testing.assert_allclose(np.sort(drawn), np.sort(explanation.shap.to_numpy().ravel()))


def test_dependence_is_coloured_by_the_partner(few):
    explanation, interactions = few
    assert interactions.partner("OM") == "rock" and interactions.partner("rock") == "OM"
    figure = dependence_figure(explanation, interactions)
    panels = {axis.get_xlabel(): axis for axis in figure.axes if axis.get_xlabel()}
    bars = {axis.get_ylabel(): labels(axis.get_yticklabels()) for axis in figure.axes if not axis.get_xlabel()}
    assert {"OM", "rock"} <= set(panels) and any("…" in name for name in panels)
    assert {"granite", "shale", "a unit wit…name"} == set(bars["rock"])
    assert sum(len(points.get_offsets()) for points in panels["OM"].collections) == 120
    assert set(labels(panels["rock"].get_xticklabels())) >= {"granite", "shale"}


def test_without_interactions_there_is_one_colour(few):
    explanation, _ = few
    additive = explained(max_depth=1)
    for figure in (dependence_figure(explanation), dependence_figure(*additive)):
        assert all(axis.get_xlabel() for axis in figure.axes if axis.get_visible())


def test_one_predictor_has_a_page_too(tmp_path):
    rng = np.random.default_rng(4)
    table = pd.DataFrame({"<i>$OM$": rng.normal(size=60)})
    table["PERI"] = np.exp(4 + table["<i>$OM$"])
    model = train_risk_model(table, "PERI", None, TrainingOptions(repeats=1, n_trees=20, selection="none"))
    part = section(explain_risk_model(model, table), explain_interactions(model, table))
    assert len(part.listings) == 2 and len(part.charts) == 3
    text = Document("Explanation", "", (part,)).write(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<i>$" not in text and "&lt;i&gt;$OM$" in text
