"""The report of a scenario: the verdict first, the numbers of the comparison, the figures."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.risk_model.predictors import Predictor
from coastal_hm_plugin.core.scenario import Change, Picture, Scenario, ScenarioFiles
from coastal_hm_plugin.core.scenario.comparison import CovariateTally, Places, Tally
from coastal_hm_plugin.report import scenario as report
from coastal_hm_plugin.report.document import Document
from coastal_hm_plugin.report.style import to_svg

NAMES = ("Low", "Moderate", "High")


@pytest.fixture
def compared():
    """A thousand hectares, changed by -30 to 10, half of the last hundred outside the area of applicability."""
    rng = np.random.default_rng(3)
    before = rng.uniform(50, 250, 1000)
    change = rng.uniform(-30, 10, 1000)
    change[:200] = 0
    altered = np.arange(1000) >= 200
    outside = np.arange(1000) >= 900
    tally = Tally((100, 200))
    tally.add(Places(before, before + change, np.full(1000, 2.0), altered, outside, np.arange(1000) >= 950))
    covariates = CovariateTally((Predictor("ndvi"), Predictor("rock", ("a", "b"))), {"ndvi": (0.0, 0.6)})
    values = np.column_stack([rng.uniform(0.2, 0.5, 1000), rng.integers(0, 2, 1000)])
    covariates.add(values, np.column_stack([values[:, 0] + 0.2, np.ones(1000)]))
    picture = Picture(
        change=change.reshape(25, 40),
        altered=altered.reshape(25, 40),
        outside=outside.reshape(25, 40),
        extent=(120.0, 121.6, 38.0, 39.0),
        crs=SimpleNamespace(is_geographic=True),
    )
    return Scenario(
        changes=(Change("ndvi", "add", 0.2), Change("rock", "reclass", target="b")),
        in_area=True,
        summary=tally.summary(),
        covariates=covariates.to_frame(),
        histogram=tally.histogram.to_frame(),
        class_changes=tally.class_changes(NAMES),
        moved_out=tally.moved_out,
        largest=tally.histogram.largest(),
        files=ScenarioFiles("difference.tif"),
        picture=picture,
    )


def model(has_skill=True):
    sentence = "Skill: it beats the mean." if has_skill else "No skill: it does not beat the mean."
    return SimpleNamespace(target="PERI", skill=SimpleNamespace(has_skill=has_skill, sentence=sentence))


def test_the_verdict_and_what_it_means_stand_first(compared):
    section = report.section(model(), compared)
    assert section.paragraphs[0] == "Skill: it beats the mean."
    assert section.paragraphs[1].endswith("inside the polygons given: ndvi + 0.2; rock = b.")
    assert report.ASSOCIATION in section.paragraphs
    assert section.warnings[0].startswith("12.5% of what changes lies outside the area of applicability")
    assert "(50 of 100 because of it)" in section.warnings[0]
    assert section.warnings[1].startswith("Changed beyond the range of training: ndvi (")
    without = report.section(model(has_skill=False), compared)
    assert without.warnings[0].startswith("No skill: it does not beat the mean.")
    assert without.paragraphs[0].startswith("Changes made")


def test_the_tables_hold_the_sums(compared):
    summary, covariates, classes = (listing.table for listing in report.section(model(), compared).listings)
    assert list(summary["Number"]) == [1000, 800, 700, 100]
    np.testing.assert_allclose(summary["Area (ha)"], [2000, 1600, 1400, 200])
    assert -14 < summary["Mean change"][1] < -6
    assert list(covariates["Covariate"]) == ["ndvi", "rock"]
    assert list(classes.columns) == ["Before \\ after", *NAMES] and list(classes.iloc[:, 0]) == list(NAMES)
    assert classes.iloc[:, 1:].to_numpy().sum() == pytest.approx(1600)


def test_the_histogram_keeps_every_hectare(compared):
    bars = report._bars(compared.histogram)
    assert len(bars) <= report.MOST_BARS + 1
    assert bars[["inside", "outside"]].to_numpy().sum() == pytest.approx(1600)
    widths = bars["high"] - bars["low"]
    assert np.allclose(widths, widths.iloc[0])
    assert (np.isclose(bars["low"], 0) | (bars["low"] > 0) | (bars["high"] <= 1e-12)).all()  # no bar across 0


def test_the_figures_and_the_report_are_drawn(compared, tmp_path):
    section = report.section(model(), compared)
    first, second = (to_svg(chart.figure) for chart in section.charts)
    assert "<svg" in first and "<svg" in second
    assert "Hatched: outside" in section.charts[1].caption and "Black line" in section.charts[1].caption
    Document("Scenario", "x", (report.section(model(), compared),)).write(tmp_path / "scenario.html")
    assert "ndvi + 0.2; rock = b" in (tmp_path / "scenario.html").read_text(encoding="utf-8")


def test_nothing_that_is_not_there_is_shown(compared):
    plain = Tally()
    places = Places(np.array([1.0, 2.0]), np.array([1.0, 3.0]), np.ones(2), np.array([False, True]))
    plain.add(places)
    bare = replace(
        compared,
        summary=plain.summary(),
        histogram=plain.histogram.to_frame(),
        class_changes=None,
        moved_out=None,
        in_area=False,
        picture=replace(compared.picture, outside=np.zeros((25, 40), bool), crs=None),
    )
    section = report.section(model(), bare)
    assert len(section.listings) == 2 and "Lower class (share)" not in section.listings[0].table
    assert "everywhere" in section.paragraphs[1] and "class" not in section.paragraphs[2]
    for chart in section.charts:
        assert "<svg" in to_svg(chart.figure) and "Hatched" not in chart.caption
    assert isinstance(report.summary_table(model(), bare), pd.DataFrame)
