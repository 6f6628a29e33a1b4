"""The report on validation: the verdict first, every score with its interval, every figure with what it promises."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.risk_model import TrainingOptions, scores, train_risk_model
from coastal_hm_plugin.core.risk_scheme import RISK_SCHEMES
from coastal_hm_plugin.report import risk, validation
from coastal_hm_plugin.report.document import Document


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(12)
    table = pd.DataFrame(rng.normal(size=(70, 4)), columns=["OM", "<b>pH</b>", "a", "b"])
    table["PERI"] = np.exp(5 + 0.6 * table["OM"] + 0.3 * rng.normal(size=70))
    table["CF_Cd"] = table["PERI"] / 100
    options = TrainingOptions(repeats=1, n_trees=40, folds=3, search=1, learning_curve=True, compare_wu2025=True)
    found = train_risk_model(table, "PERI", None, options, *rng.uniform(0, 1e5, (2, 70)))
    return replace(found, scheme=RISK_SCHEMES["wu2025"])


def test_every_score_has_its_interval_and_the_paper_s_way_stands_below(model):
    table = validation.score_listing(model).table
    assert len(table) == 9 and table["Folds"].iloc[-1] == "as in Wu et al. 2025"
    row = model.scores.iloc[0]
    ends = " to ".join(scores.two_decimals(row[f"r2_{end}"]) for end in ("low", "high"))
    assert table["R²"][0] == f"{scores.two_decimals(row['r2'])} ({ends})"
    assert {"RMSE", "MAE", "Bias", "CCC", "Blocks"} <= set(table.columns)


def test_the_figure_of_scores_has_a_point_for_every_model(model):
    for axis, title in zip(validation.scores_figure(model).axes, ("R²", "Concordance (Lin's CCC)")):
        points = [line for line in axis.lines if line.get_linestyle() == "None"]
        assert len(points) == 9 and axis.get_xlabel() == title
        assert points[0].get_label() == scores.XGBOOST


def test_a_score_far_below_zero_stays_on_the_figure(model):
    low = model.scores.assign(r2=-9.0, r2_low=-20.0, r2_high=-5.0)
    axis = validation.scores_figure(replace(model, scores=low)).axes[0]
    assert axis.get_xlim()[0] == pytest.approx(-0.65)
    assert axis.lines[1].get_marker() == "<"


def test_the_section_shows_what_was_asked_for(model):
    part = validation.section(model)
    stems = [chart.name.rpartition("peri_")[2] for chart in part.charts]
    assert stems == ["classes", "distances", "selection", "learning_curve"]
    assert "Nadeau and Bengio" in part.paragraphs[0]
    assert len(part.listings[0].table) == 2 and part.listings[0].table["Loss"][0] == 1
    plain = replace(model, scheme=None, validation=replace(model.validation, learning_curve=None, search=None))
    assert [chart.name.rpartition("peri_")[2] for chart in validation.section(plain).charts] == [
        "distances",
        "selection",
    ]
    assert validation.section(replace(model, validation=None)) is None


def test_classes_are_counted_on_the_strictest_folds(model):
    agreement = validation.strict_agreement(model)
    figure = validation.confusion_figure(model, agreement)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert sum(int(text) for text in texts if text != "·") == 70
    assert figure.axes[0].get_xticklabels()[0].get_text() == "Low\n< 100"
    assert "kappa with quadratic weights" in validation.section(model).charts[0].caption


def test_distances_and_selection_are_drawn_whole(model):
    lines = validation.distances_figure(model).axes[0].lines
    assert [line.get_label() for line in lines] == ["site to nearest site", "random folds", "spatial blocks"]
    bars = validation.selection_figure(model).axes[0]
    assert len(bars.patches) == 4 and bars.get_xlim() == (0, 100)
    curve = validation.learning_curve_figure(model).axes[0]
    assert [line.get_label() for line in curve.lines][:4] == list(scores.MODELS)


def test_the_verdict_is_the_first_line_whatever_it_is(model, tmp_path):
    skill = replace(
        model.skill, sentence="Skill over the mean, not over kriging: ...", better=scores.KRIGING, gains=(
            replace(model.skill.gains[1], over=scores.KRIGING, gain=-0.2, low=-0.3, high=0.1),
        )
    )  # fmt: skip
    part = risk.section(replace(model, skill=skill))
    assert (
        part.warnings[0].startswith("Skill over the mean, not over kriging") and "maps the better" in part.warnings[0]
    )
    none = replace(model.skill, has_skill=False, sentence="No skill: ...", better=scores.MEAN)
    part = risk.section(replace(model, skill=none))
    assert part.warnings[0].startswith("No skill") and "the sites' mean" in part.warnings[0]
    good = risk.section(model)
    assert good.paragraphs[0] == model.skill.sentence
    assert any("As in Wu et al. (2025) the score would be R²" in text for text in good.paragraphs)
    sections = (good, validation.section(model))
    page = Document("Risk", "", sections).write(tmp_path / "risk.html").read_text(encoding="utf-8")
    assert "<b>pH</b>" not in page


def test_models_of_older_files_have_a_report(model):
    columns = [name for name in model.scores if not name.endswith(("_low", "_high")) and name not in ("bias", "ccc")]
    skill = replace(model.skill, gains=(), better="")
    older = replace(model, scores=model.scores[columns], validation=None, skill=skill)
    part = risk.section(older)
    assert [chart.name.rpartition("peri_")[2] for chart in part.charts] == ["held_out"]
    assert part.listings[0].table.columns.tolist() == ["Folds", "Model", "R²", "RMSE", "MAE"]
