"""The reports on correlations and Mantel tests."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.statistics import Control, CorrelationOptions, correlate, mantel_tests, named_sets
from coastal_hm_plugin.report import correlation, mantel
from coastal_hm_plugin.report.document import Document


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(1)
    shared = rng.normal(size=(40, 1))
    return pd.DataFrame(shared + rng.normal(size=(40, 6)), columns=["Cd <soil>", "Pb", "Cu", "OM", "pH", "DO"])


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_section_says_n_and_method(table, method, tmp_path):
    part = correlation.section(correlate(table, None, CorrelationOptions(method)), "clr", "40 sites")
    assert "n = 40" in part.charts[0].caption and correlation.NAMES[method] in part.charts[0].caption
    assert "centred log-ratios" in part.paragraphs[0] and "15 pairs" in part.paragraphs[0]
    html = Document("Correlation", "", (part,)).write(tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Cd &lt;soil&gt;" in html and "<soil>" not in html


def test_heat_map_shows_each_pair_once_and_numbers_while_they_can_be_read(table):
    numbers = correlation.heat_map(correlate(table)).axes[0].texts
    assert len(numbers) == 15 and all("." in text.get_text() for text in numbers)
    assert len(correlation.heat_map(correlate(table.iloc[:, :2], table.iloc[:, 2:])).axes[0].texts) == 8
    wide = pd.DataFrame(np.random.default_rng(1).normal(size=(40, 35)))
    result = correlate(wide)
    assert {text.get_text() for text in correlation.heat_map(result).axes[0].texts} <= {"", "•"}
    assert "Dots" in correlation.caption(result)


def test_linked_plot_has_a_curve_for_each_test(table):
    sets = named_sets(table[["Pb", "Cu"]])
    assert list(sets) == ["All 2", "Pb", "Cu"]
    others = table[["OM", "pH", "DO"]]
    control = Control(table[["Cd <soil>"]], label="Cd")
    tests = mantel_tests(sets, {name: others[[name]] for name in others}, control)
    part = mantel.section(tests, correlate(others))
    axes = part.charts[0].figure.axes[0]
    assert len(axes.patches) == 9
    assert {"All 2", "Pb", "Cu"} <= {text.get_text() for text in axes.texts}
    assert "n = 40, 999 permutations" in part.charts[0].caption and "Cd held constant" in part.charts[0].caption
    assert "Guillot and Rousset" in part.paragraphs[1]
    assert not mantel.section(tests, None).charts
