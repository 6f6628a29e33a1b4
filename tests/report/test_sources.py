"""The report of a factorization."""

import numpy as np
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.report import sources
from coastal_hm_plugin.report.document import Document
from tests.core.pmf_cases import planted, prepared


@pytest.fixture(scope="module")
def result():
    table, _, _ = planted(samples=50)
    table = table.assign(PM=table.sum(axis=1))
    return pmf.factorize(prepared(table, total="PM", bad=()), pmf.PmfOptions(factors=3, starts=4))


def test_the_section_says_q_family_and_rules(result):
    section = sources.section(result, "soil")
    text = " ".join(section.paragraphs)
    assert f"{result.q_robust:,.1f}" in text and "of 4 random starts" in text and "not below -0.2" in text
    assert section.title == "Sources (PMF): soil"
    assert [chart.name for chart in section.charts] == [
        f"pmf_{part}_soil" for part in ("profiles", "shares", "contributions", "series", "g_space", "fit", "residuals")
    ]
    assert section.paragraphs[-1].startswith("G space: ")
    assert "share of PM" in section.listings[0].caption
    assert section.warnings == result.warnings


def test_it_becomes_a_self_contained_page(result, tmp_path):
    path = Document("PMF", "soil", (sources.section(result),)).write(tmp_path / "pmf.html")
    text = path.read_text(encoding="utf-8")
    assert text.count("<svg") == 7 and "Factor 3" in text


def test_maps_are_drawn_where_places_are_given(result):
    places = (np.linspace(118, 122, 50), np.linspace(35, 41, 50), "EPSG:4326")
    section = sources.section(result, places=places)
    assert "pmf_map" in [chart.name for chart in section.charts]


def test_a_single_factor_has_no_pairs():
    table, _, _ = planted(samples=30)
    one = pmf.factorize(prepared(table), pmf.PmfOptions(factors=1, starts=1))
    section = sources.section(one, places=(np.arange(30.0), np.arange(30.0), "EPSG:32650"))
    assert "pmf_g_space" not in [chart.name for chart in section.charts]
    assert not any("G space" in text for text in section.paragraphs)


def test_bars_are_the_profiles(result):
    figure = sources.profiles(result)
    panels = [axes for axes in figure.axes if axes.get_ylabel() == "mg/kg"]
    assert len(panels) == 3
    tops = [bar.get_y() + bar.get_height() for bar in panels[1].patches]
    floor = panels[1].get_ylim()[0]
    np.testing.assert_allclose(tops, np.maximum(result.f[1], floor))


def test_more_factors_than_colours_are_told_apart():
    table, _, _ = planted(samples=60)
    wide = table.join(table.add_prefix("x") * 2)
    quick = pmf.SolverOptions(max_iterations=100)
    many = pmf.factorize(prepared(wide), pmf.PmfOptions(factors=10, starts=1, solver=quick))
    legend = sources.shares(many).axes[0].get_legend()
    looks = {(patch.get_facecolor(), patch.get_hatch()) for patch in legend.get_patches()}
    assert len(looks) == 10
