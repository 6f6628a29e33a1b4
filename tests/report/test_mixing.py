"""Figures and sections of the isotope tools."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import mixing
from coastal_hm_plugin.report import mixing as report
from coastal_hm_plugin.report import mixing_figures, ternary
from coastal_hm_plugin.report.document import Document

LEAD = ("208Pb/206Pb", "206Pb/207Pb")


def posterior(sources=3, groups=2):
    rng = np.random.default_rng(1)
    means = np.array([[2.06, 1.20], [2.11, 1.155], [2.05, 1.16], [2.09, 1.21]])[:sources]
    given = mixing.Sources(
        ("Rock", "Deposition", "Fertiliser", "Ore")[:sources], LEAD, means, np.full_like(means, 0.006)
    )
    values = means.mean(axis=0) + 0.004 * rng.standard_normal((3 * groups, 2))
    values[0] = [2.3, 1.0]
    options = mixing.MixingOptions(most_draws=1000, ess=100, r_hat=1.2)
    return mixing.mixing_model(
        pd.DataFrame(values, columns=list(LEAD)), given, options, np.repeat([f"place {k}" for k in range(groups)], 3)
    )


@pytest.fixture(scope="module")
def three():
    return posterior()


def test_three_sources_have_a_triangle(three, tmp_path):
    section = report.section(three)
    assert [chart.name for chart in section.charts] == ["mixing_tracers", "mixing_ternary", "mixing_posterior"]
    assert "outside their sources" in section.warnings[0]
    Document("Isotopes", "", (section,)).write(tmp_path / "isotopes.html", tmp_path / "figures")
    text = (tmp_path / "isotopes.html").read_text(encoding="utf-8")
    assert "²⁰⁶Pb/²⁰⁷Pb" in text and "R-hat" in text
    assert len(list((tmp_path / "figures").glob("*.png"))) == 3


@pytest.mark.parametrize("sources", [2, 4])
def test_other_numbers_of_sources_have_violins_alone(sources):
    section = report.section(posterior(sources, 1), reference=mixing.reference_points(("a", "b")))
    assert [chart.name for chart in section.charts] == ["mixing_tracers", "mixing_posterior"]
    assert "literature" not in section.charts[0].caption


def test_lead_isotopes_as_in_the_papers_figure_5(three):
    """206Pb/207Pb across, 208Pb/206Pb up, whatever their order in the table; emissions of the literature open."""
    axes = mixing_figures.tracer_space(three, mixing.reference_points(LEAD)).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("²⁰⁶Pb/²⁰⁷Pb", "²⁰⁸Pb/²⁰⁶Pb")
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[:3] == ["Rock", "Deposition", "Fertiliser"]
    assert "Coal (Chae et al. 2014)" in labels and "mixtures outside" in labels


def test_a_medium_that_is_a_source_is_not_drawn_twice():
    sources = mixing.Sources(("Deep soil", "Dust"), LEAD, np.array([[2.08, 1.19], [2.1, 1.16]]), np.full((2, 2), 0.01))
    result = mixing.mixing_model(pd.DataFrame([[2.09, 1.17]], columns=list(LEAD)), sources,
                                 mixing.MixingOptions(most_draws=1000, ess=50, r_hat=1.5))  # fmt: skip
    axes = mixing_figures.tracer_space(result, mixing.reference_points(LEAD)).axes[0]
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels.count("Deep soil") == 1 and "Deep soil (Wu et al. 2025)" not in labels


def test_places_in_the_triangle():
    x, y = ternary.places_of(np.vstack([np.eye(3), [[1 / 3] * 3]]))
    np.testing.assert_allclose(x, [0, 1, 0.5, 0.5])
    np.testing.assert_allclose(y, [0, 0, np.sqrt(3) / 2, np.sqrt(3) / 6])


def test_regions_hold_their_share_of_the_draws():
    """Of a Dirichlet with its mode on a side: none of it may leak out of the triangle."""
    draws = np.random.default_rng(2).dirichlet([1, 2, 4], 20_000)
    x, y, density = ternary._density(draws)
    cells = np.searchsorted(y, ternary.places_of(draws)[1]) - 1, np.searchsorted(x, ternary.places_of(draws)[0]) - 1
    inside = np.sort(density.ravel())[::-1]
    for part in (0.5, 0.95):
        level = inside[np.searchsorted(np.cumsum(inside) / inside.sum(), part)]
        assert (density[cells] >= level).mean() == pytest.approx(part, abs=0.03)


def test_isotopes_are_written_as_isotopes():
    assert mixing_figures.isotope_label("208Pb/206Pb") == "²⁰⁸Pb/²⁰⁶Pb"
    assert mixing_figures.isotope_label("d114Cd") == "d¹¹⁴Cd"
    for plain in ("r206_207", "PM10", "site 12", "2010Cost"):
        assert mixing_figures.isotope_label(plain) == plain


def test_pmf_and_isotopes_together(three):
    isotopes = mixing.isotope_shares(three, ["Deposition", "Fertiliser"])
    pmf = pd.DataFrame([("all", 0.2, 0.15, 0.25)], columns=["group", "share", "low", "high"])
    agreement = mixing.agreement(pmf, isotopes, "Pb", ["factor4"], ["Deposition", "Fertiliser"])
    section = report.agreement_section(agreement)
    assert "factor4 in Pb" in section.paragraphs[0] and "Zou" in section.paragraphs[1]
    table = section.listings[0].table
    assert table["PMF"].tolist() == [20.0, 20.0] and set(table["Verdict"]) == {"differ"}
    texts = [text.get_text() for text in section.charts[0].figure.axes[0].texts]
    assert texts == ["differ", "differ"]


def test_many_groups_are_drawn_in_part(tmp_path):
    section = report.section(posterior(3, 11))
    assert "2 more groups are in the table alone" in section.charts[1].caption
    assert len(section.charts[2].figure.axes) == 9
