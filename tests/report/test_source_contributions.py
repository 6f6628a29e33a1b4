"""Contributions sample by sample, and the edges of their clouds."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.report import source_contributions


def cloud(samples=200, seed=1):
    """Two sources, each missing in some samples, mean 1."""
    rng = np.random.default_rng(seed)
    g = rng.lognormal(0, 0.7, (samples, 2))
    g[: samples // 5, 0] = 0
    g[samples // 5 : 2 * samples // 5, 1] = 0
    return g / g.mean(axis=0)


def result_of(g):
    table = pd.DataFrame(g, columns=[f"factor{k}" for k in range(1, g.shape[1] + 1)])
    return SimpleNamespace(g=g, factors=tuple(table), contributions=lambda: table)


def test_sources_that_are_missing_somewhere_have_edges_on_the_axes():
    table = source_contributions.edges(cloud())
    assert len(table) == 1 and not table["oblique"][0]
    assert table["lower"][0] == 0 and table["upper"][0] == 0
    assert "reach their axes" in source_contributions.space_sentence(table)


@pytest.mark.parametrize("mixed", [0.35, 0.6])
def test_a_rotation_is_seen_at_its_angle(mixed):
    """Factor 2 that takes a share of factor 1 along lifts the lower edge by arctan of what it takes, mean 1 again."""
    g = cloud()
    g[:, 1] += mixed * g[:, 0]
    g /= g.mean(axis=0)
    table = source_contributions.edges(g)
    assert table["lower"][0] == pytest.approx(np.degrees(np.arctan2(mixed, 1 + mixed)), abs=0.5)
    assert table["upper"][0] == 0 and table["oblique"][0]
    assert "1 of 1 pairs" in source_contributions.space_sentence(table)
    assert "(1 and 2)" in source_contributions.space_sentence(table)


def test_noise_at_the_origin_makes_no_edge():
    g = cloud()
    rng = np.random.default_rng(2)
    noisy = np.vstack([g, 0.02 * rng.standard_normal((40, 2)) + 0.02])
    assert source_contributions.edges(noisy)["oblique"].tolist() == [False]


def test_negative_contributions_do_not_count_beyond_the_axis():
    g = cloud()
    g[g == 0] = -0.2
    table = source_contributions.edges(g)
    assert table["lower"][0] == 0 and table["upper"][0] == 0


@pytest.mark.parametrize("factors", [2, 4, 9])
def test_a_panel_per_pair_and_a_panel_per_factor(factors):
    rng = np.random.default_rng(0)
    g = rng.lognormal(0, 0.8, (40, factors))
    drawn = source_contributions.space(result_of(g))
    visible = [panel for panel in drawn.axes if panel.get_visible()]
    assert len(visible) == factors * (factors - 1) // 2
    assert visible[-1].get_xlabel() == f"Factor {factors - 1}" and visible[0].get_ylabel() == "Factor 2"
    points = visible[0].lines[0]
    np.testing.assert_array_equal(points.get_xdata(), g[:, 0])
    np.testing.assert_array_equal(points.get_ydata(), g[:, 1])
    bars = source_contributions.series(result_of(g))
    assert len(bars.axes) == factors and bars.axes[-1].get_xlabel() == "Sample (row of the table)"


def test_many_samples_are_drawn_as_a_picture():
    rng = np.random.default_rng(0)
    drawn = source_contributions.space(result_of(rng.lognormal(0, 0.8, (8000, 3))))
    assert drawn.axes[0].lines[0].get_rasterized()


def test_samples_left_out_leave_gaps():
    g = cloud(30)
    g[4] = np.nan
    figure = source_contributions.series(result_of(g))
    outline = np.vstack([path.vertices for path in figure.axes[0].collections[0].get_paths()])
    assert not ((outline[:, 0] > 4.6) & (outline[:, 0] < 5.4)).any()
