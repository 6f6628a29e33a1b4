"""The report's section on a surface: what was kriged, the scores, the variogram."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.kriging import KrigingOptions, Surface, interpolate
from coastal_hm_plugin.report.document import Document
from coastal_hm_plugin.report.kriging import left_out_figure, publication, section, variogram_figure

UTM = "EPSG:32651"


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(4)
    x, y = 4e5 + rng.uniform(0, 4e4, 80), 4.3e6 + rng.uniform(0, 4e4, 80)
    trend = pd.DataFrame({"<b>rock</b>": rng.choice(["granite", "shale"], 80), "height": rng.uniform(0, 9, 80)})
    values = np.exp(np.sin(x / 8e3) + 0.2 * trend["height"] + 0.1 * rng.normal(size=80))
    return interpolate(x, y, UTM, values, trend, options=KrigingOptions(logarithm=True), name="OM")


def test_the_section_says_what_was_done_and_how_well(found):
    surface = Surface(None, None, 1000, 900, pd.DataFrame(), 0.5, 2.0, 9.0)
    part = section(found, surface)
    text = " ".join(part.paragraphs)
    assert "Regression kriging (linear trend in <b>rock</b>, height" in text and "the medians" in text
    assert "900 of 1,000 cells have a value" in text and "neighbours flatter this score" in text
    captions = [listing.caption for listing in part.listings]
    assert any("Variogram of the residuals of ln OM" in caption for caption in captions) and len(captions) == 3
    assert [chart.name for chart in part.charts] == ["surface_of_om_variogram", "surface_of_om_left_out"]


def test_the_tables_are_the_result_s(found):
    tables = publication(found)
    assert tables["kriging_variogram"].table["Nugget"][0] == found.variogram.nugget
    assert tables["kriging_scores"].table["R²"][0] == found.leave_one_out.scores()["r2"][0]
    assert tables["kriging_trend"].table["Term"].tolist() == ["intercept", "<b>rock</b>: shale", "height"]


def test_the_figures_show_every_class_and_site(found):
    axes = variogram_figure(found).axes[0]
    assert len(axes.collections[0].get_offsets()) == len(found.empirical)
    assert axes.get_xlabel() == "Distance (km)"
    left, right = left_out_figure(found).axes
    assert len(left.collections[0].get_offsets()) == 80 and right.get_xlabel() == "Error / kriging SD"


def test_names_are_escaped_in_the_page(found, tmp_path):
    page = Document("Kriging", "", (section(found),)).write(tmp_path / "kriging.html").read_text(encoding="utf-8")
    assert "<b>rock</b>" not in page and "&lt;b&gt;rock&lt;/b&gt;" in page
