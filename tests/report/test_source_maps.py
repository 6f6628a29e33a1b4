"""Maps of contributions in the report."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.geodesy import geodesic_m
from coastal_hm_plugin.report import source_maps


def result_of(samples=40, factors=3, left_out=()):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.lognormal(0, 0.8, (samples, factors)))
    table.iloc[list(left_out)] = np.nan
    return SimpleNamespace(contributions=lambda: table)


def sites(samples=40, west=118.0, south=38.0):
    rng = np.random.default_rng(1)
    return west + 2 * rng.random(samples), south + rng.random(samples)


def panels(figure):
    return [axes for axes in figure.axes if axes.get_title(loc="left").startswith("Factor")]


def test_a_map_per_factor_in_degrees_with_the_right_aspect():
    x, y = sites()
    drawn = panels(source_maps.maps(result_of(), x, y, "EPSG:4326"))
    assert [panel.get_title(loc="left") for panel in drawn] == ["Factor 1", "Factor 2", "Factor 3"]
    assert drawn[0].get_aspect() == pytest.approx(1 / np.cos(np.radians(38.5)), rel=0.01)
    assert drawn[0].get_ylabel() == "Latitude (°)" and drawn[-1].get_xlabel() == "Longitude (°)"


def test_the_scale_bar_is_as_long_as_it_says():
    x, y = sites()
    panel = panels(source_maps.maps(result_of(), x, y, "EPSG:4326"))[0]
    bar = next(line for line in panel.lines if len(line.get_xdata()) == 2)
    middle = np.full(1, np.mean(panel.get_ylim()))
    (west, east) = bar.get_xdata()
    length_km = geodesic_m(np.array([west]), middle, np.array([east]), middle)[0] / 1000
    (text,) = panel.texts
    assert length_km == pytest.approx(float(text.get_text().removesuffix(" km")), rel=0.01)


@pytest.mark.parametrize(("crs", "unit"), [("EPSG:32650", 1.0), ("EPSG:2263", 0.3048006096)])
def test_projected_coordinates_are_in_kilometres_whatever_their_unit(crs, unit):
    x, y = 500_000 + 1000 * sites()[0], 200_000 + 1000 * sites()[1]
    panel = panels(source_maps.maps(result_of(), x, y, crs))[0]
    assert panel.get_aspect() == 1 and panel.get_ylabel() == "Northing (km)"
    drawn = panel.collections[0].get_offsets()
    assert drawn[:, 0].max() == pytest.approx(x.max() * unit / 1000)


def test_the_highest_lie_on_top_and_are_the_largest():
    x, y = sites()
    result = result_of()
    points = panels(source_maps.maps(result, x, y, "EPSG:4326"))[1].collections[0]
    values = np.sort(result.contributions()[1])
    np.testing.assert_array_equal(points.get_array(), values)
    assert (np.diff(points.get_sizes()) >= 0).all()


def test_samples_left_out_are_crosses_and_sites_without_coordinates_are_not_drawn():
    x, y = sites()
    x[7] = np.nan
    panel = panels(source_maps.maps(result_of(left_out=(3, 4)), x, y, "EPSG:4326"))[0]
    assert len(panel.collections[0].get_offsets()) == 37
    crosses = next(line for line in panel.lines if line.get_marker() == "x")
    assert len(crosses.get_xdata()) == 2


def test_one_place_for_all_and_none_at_all():
    same = np.full(40, 5.0)
    assert panels(source_maps.maps(result_of(), same, same, "EPSG:4326"))
    with pytest.raises(InputError, match="No site has coordinates"):
        source_maps.maps(result_of(), same * np.nan, same, "EPSG:4326")
    with pytest.raises(InputError, match="have no coordinate reference system"):
        source_maps.maps(result_of(), same, same, "")


def test_many_sites_are_drawn_as_a_picture():
    x, y = sites(8000)
    panel = panels(source_maps.maps(result_of(8000), x, y, "EPSG:4326"))[0]
    assert panel.collections[0].get_rasterized()
