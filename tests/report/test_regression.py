"""The report on a multiple regression."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.statistics import fit_regression
from coastal_hm_plugin.report import regression
from coastal_hm_plugin.report.document import Document


@pytest.fixture(scope="module")
def result():
    rng = np.random.default_rng(2)
    x = pd.DataFrame({"salinity": rng.uniform(0, 30, 60), "OM <g/kg>": rng.normal(12, 2, 60)})
    y = pd.Series(5 - 0.05 * x["salinity"] + 0.1 * rng.normal(size=60), name="log10Kd_Cd")
    return fit_regression(y, x, rng.uniform(size=(60, 2)))


def test_the_first_table_has_the_papers_layout(result):
    tables = regression.publication(result)
    first = tables["regression"]
    assert list(first.table.columns) == ["Variable", "Coefficient (β)", "Std. Error", "t-value", "p-value"]
    assert first.table["Variable"].tolist() == ["const", "salinity", "OM <g/kg>"]
    assert "R-squared: 0.9" in first.caption and "F-statistic:" in first.caption and "n = 60" in first.caption
    assert set(tables) == {"regression", "regression_details", "regression_model"}


def test_section_says_n_and_method(result, tmp_path):
    part = regression.section(result)
    assert "Ordinary least squares" in part.charts[0].caption and "n = 60" in part.charts[0].caption
    assert "salinity (β −0.9" in part.paragraphs[0] and "Moran's I over 5 nearest neighbours" in part.paragraphs[1]
    html = Document("Regression", "", (part,)).write(tmp_path / "r.html").read_text(encoding="utf-8")
    assert "OM &lt;g/kg&gt;" in html and "<g/kg>" not in html


def test_without_places_morans_i_is_not_claimed(result):
    sites = result.sites
    alone = fit_regression(sites["observed"].rename("y"), pd.DataFrame({"x": sites["fitted"]}))
    part = regression.section(alone)
    assert "Moran's I not given" in part.paragraphs[1]
    assert part.listings[2].table.set_index("Quantity")["Value"].isna().sum() == 4
