"""The indices in a report: classes of every index with who set them, and what lies above the guidelines."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.indices import IndexOptions, pollution_indices
from coastal_hm_plugin.core.reference_values import background
from coastal_hm_plugin.report import indices as report
from coastal_hm_plugin.report.style import to_svg


@pytest.fixture
def make():
    """Indices of 30 sites with some or all options."""
    crust = background("upper_crust")
    rng = np.random.default_rng(2)
    elements = ("As", "Cd", "Hg", "Pb", "Al")
    table = pd.DataFrame({one: crust[one] * rng.lognormal(0.4, 0.8, 30) for one in elements})
    return lambda **options: pollution_indices(table, crust, IndexOptions(**options))


def test_all_that_was_asked_for_is_shown(make):
    section = report.section(make(reference_element="Al", guidelines=True), "sediment")
    caption = section.charts[2].caption
    assert "CF: 1 / 3 / 6 (Hakanson 1980)" in caption and "EF: 2 / 5 / 20 / 40 (Sutherland 2000)" in caption
    panels = section.charts[2].figure.axes
    assert [panel.get_xlabel().split(":")[0] for panel in panels] == ["CF", "Igeo", "EF"]
    classes, above = (listing.table for listing in section.listings[-2:])
    assert set(classes["Index"]) == {"PLI", "Nemerow", "mCd", "mPELQ", "mERMQ"}
    assert (classes["Sites"] > 0).all() and classes.groupby("Index")["Share (%)"].sum().round(6).eq(100).all()
    assert list(above["Element"]) == ["As", "Cd", "Hg", "Pb"] and "> ERM (% of sites)" in above
    for chart in section.charts:
        assert "<svg" in to_svg(chart.figure)


def test_nothing_else_is_shown(make):
    section = report.section(make(), "soil")
    assert "EF:" not in section.charts[2].caption and len(section.charts[2].figure.axes) == 2
    assert "guidelines" not in section.listings[-1].caption
    assert set(section.listings[-1].table["Index"]) == {"PLI", "Nemerow", "mCd"}
