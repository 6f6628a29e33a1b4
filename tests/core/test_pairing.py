"""Pairing: planted pairs, geodesic truth from another implementation's printed values, and every refusal."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.pairing import Locations, pair

WGS84 = "EPSG:4326"
YALU = (124.32, 39.95)


def places(coordinates, crs=WGS84, name="points"):
    x, y = np.array(coordinates, dtype=float).reshape(-1, 2).T
    return Locations(x, y, crs, name)


def north_of(place, metres):
    """A point so many metres north: one degree of latitude at 39.95 N is 111 034 m (WGS84 meridian arc)."""
    return place[0], place[1] + metres / 111_033.6


def test_distance_is_the_geodesic_of_the_ellipsoid():
    # Flinders Peak to Buninyong, the worked example of the GDA technical manual (Vincenty 1975): 54 972.271 m on GRS80
    flinders = (144 + 25 / 60 + 29.52440 / 3600, -(37 + 57 / 60 + 3.72030 / 3600))
    buninyong = (143 + 55 / 60 + 35.38390 / 3600, -(37 + 39 / 60 + 10.15610 / 3600))
    result = pair(places([flinders]), places([buninyong]), radius_m=55_000)
    assert result.links["distance_m"].iloc[0] == pytest.approx(54_972.271, abs=0.002)


def test_points_pair_within_the_radius_only():
    result = pair(places([north_of(YALU, 499), north_of(YALU, 501)]), places([YALU], name="sites"))
    assert result.links[["point", "site"]].to_numpy().tolist() == [[0, 0]]
    assert result.links["distance_m"].iloc[0] == pytest.approx(499, abs=0.05)
    left = result.unpaired_points
    assert left["point"].tolist() == [1]
    assert left["reason"].tolist() == ["no sites within 500 m"]
    assert left["nearest_distance_m"].iloc[0] == pytest.approx(501, abs=0.05)


def test_a_point_between_two_sites_goes_to_the_nearest_or_to_both():
    sites = places([YALU, north_of(YALU, 600)])
    point = places([north_of(YALU, 290)])
    assert pair(point, sites).links["site"].tolist() == [0]
    assert pair(point, sites, assign="all").links["site"].tolist() == [0, 1]


def test_a_site_whose_points_are_nearer_to_another_says_so():
    result = pair(places([north_of(YALU, 10)]), places([YALU, north_of(YALU, 100)]))
    assert result.unpaired_sites["site"].tolist() == [1]
    assert "nearer to another site" in result.unpaired_sites["reason"].iloc[0]
    assert result.unpaired_sites["nearest_distance_m"].iloc[0] == pytest.approx(90, abs=0.05)


def test_equally_near_goes_to_the_first_and_repeated_places_are_named():
    warnings = []
    sites = places([north_of(YALU, 20), YALU, YALU], name="sediment sites")
    result = pair(places([YALU]), sites, monitor=Monitor(on_warning=warnings.append))
    assert result.links["site"].tolist() == [1]
    assert warnings == ["1 sediment sites repeat the coordinates of an earlier one: row(s) 3."]


def test_layers_of_different_crs_pair():
    from pyproj import Transformer

    to_utm = Transformer.from_crs(WGS84, "EPSG:32651", always_xy=True)
    to_mercator = Transformer.from_crs(WGS84, "EPSG:3857", always_xy=True)
    points = places([to_utm.transform(*north_of(YALU, d)) for d in (100, 499, 501)], "EPSG:32651")
    sites = places([to_mercator.transform(*YALU)], "EPSG:3857")
    assert pair(points, sites).links["distance_m"].to_numpy() == pytest.approx([100, 499], abs=0.05)


def test_across_the_date_line_and_at_the_pole():
    assert len(pair(places([(179.999, 0.0)]), places([(-179.999, 0.0)])).links) == 1
    assert len(pair(places([(0.0, 89.999)]), places([(180.0, 89.999)])).links) == 1


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-80, 80), st.sampled_from([50.0, 500.0, 5000.0]))
def test_agrees_with_every_distance_computed(seed, latitude, radius):
    from pyproj import Geod

    rng = np.random.default_rng(seed)
    spread = radius / 40_000
    points = places(np.column_stack([rng.normal(121, spread, 30), rng.normal(latitude, spread, 30)]))
    sites = places(np.column_stack([rng.normal(121, spread, 12), rng.normal(latitude, spread, 12)]))
    p, s = (grid.ravel() for grid in np.meshgrid(range(30), range(12), indexing="ij"))
    every = np.reshape(Geod(ellps="WGS84").inv(points.x[p], points.y[p], sites.x[s], sites.y[s])[2], (30, 12))
    both = pair(points, sites, radius, "all").links
    assert set(zip(both["point"], both["site"])) == set(zip(*np.nonzero(every <= radius)))
    nearest = pair(points, sites, radius)
    expected = {(i, row.argmin()) for i, row in enumerate(every) if row.min() <= radius}
    assert set(zip(nearest.links["point"], nearest.links["site"])) == expected
    # nothing vanishes: each point and each site is paired or left over, once
    assert sorted([*nearest.links["point"], *nearest.unpaired_points["point"]]) == list(range(30))
    assert sorted([*nearest.paired_sites, *nearest.unpaired_sites["site"]]) == list(range(12))


class TestComposite:
    result = pair(places([north_of(YALU, d) for d in (100, 10, 300, 900)]), places([YALU, north_of(YALU, 5000)]))
    table = pd.DataFrame({"Cd": [1.0, np.nan, 4.0, 9.0], "Pb": [10.0, 20.0, 60.0, 0.0], "note": list("abcd")})

    def test_mean_and_median_leave_missing_values_out(self):
        mean, median = self.result.composite(self.table), self.result.composite(self.table, "median")
        assert mean.loc[0, ["Cd", "Pb"]].tolist() == [2.5, 30.0]
        assert median.loc[0, ["Cd", "Pb"]].tolist() == [2.5, 20.0]
        assert "note" not in mean

    def test_nearest_takes_the_nearest_point_as_it_is(self):
        nearest = self.result.composite(self.table, "nearest")
        assert np.isnan(nearest.loc[0, "Cd"])
        assert nearest.loc[0, "Pb"] == 20.0
        assert nearest.loc[0, "note"] == "b"

    def test_count_and_distances_are_kept(self):
        composite = self.result.composite(self.table)
        assert composite["count"].tolist() == [3, 0]
        distances = composite.loc[0, ["distance_mean_m", "distance_min_m", "distance_max_m"]].astype(float)
        assert distances.to_numpy() == pytest.approx([136.67, 10, 300], abs=0.05)
        assert composite.loc[1, ["Cd", "distance_mean_m"]].isna().all()

    def test_refusals(self):
        with pytest.raises(InputError, match="'mode' is not one of mean, median, nearest"):
            self.result.composite(self.table, "mode")
        with pytest.raises(InputError, match="has 1 rows, the pairing 4 points"):
            self.result.composite(self.table.head(1))
        with pytest.raises(InputError, match="adds count"):
            self.result.composite(self.table.assign(count=1))


class TestRefusals:
    site = places([YALU], name="sites")

    @pytest.mark.parametrize("radius", [0, -5, np.nan, np.inf])
    def test_radius(self, radius):
        with pytest.raises(InputError, match="radius must be above 0 m"):
            pair(self.site, self.site, radius)

    def test_assignment(self):
        with pytest.raises(InputError, match="'both' is not one of nearest, all"):
            pair(self.site, self.site, assign="both")

    def test_no_crs(self):
        with pytest.raises(InputError, match="soils have no coordinate reference system"):
            pair(places([YALU], "", "soils"), self.site)

    def test_unknown_crs(self):
        with pytest.raises(InputError, match="of the soils is not understood"):
            pair(places([YALU], "EPSG:999999", "soils"), self.site)

    def test_no_points(self):
        with pytest.raises(InputError, match="soils have 0 x"):
            pair(places([], name="soils"), self.site)

    def test_missing_coordinates(self):
        with pytest.raises(InputError, match=r"soils in row\(s\) 2 have no coordinates"):
            pair(places([YALU, (np.nan, 3)], name="soils"), self.site)

    def test_latitude_beyond_the_pole(self):
        with pytest.raises(InputError, match=r"coordinates that are no degrees.* y = 95 \(rows 2\)"):
            pair(places([YALU, (124, 95)], name="soils"), self.site)

    def test_swapped_beyond_the_pole(self):
        with pytest.raises(InputError, match="Longitude and latitude of the soils look swapped"):
            pair(places([YALU[::-1]], name="soils"), self.site)

    def test_swapped_in_a_projected_crs(self):
        site = places([(700_000, 4_400_000)], "EPSG:32651", "sites")
        with pytest.raises(InputError, match="coordinates of the soils look swapped"):
            pair(places([(4_400_000, 700_000)], "EPSG:32651", "soils"), site)

    def test_swapped_where_both_are_latitudes(self):
        place = (8.0, 54.0)
        with pytest.raises(InputError, match="with x and y of the soils exchanged they do"):
            pair(places([place[::-1]], name="soils"), places([place], name="sites"))

    def test_too_many_pairs(self, monkeypatch):
        monkeypatch.setattr("coastal_hm_plugin.core.pairing.MOST_LINKS", 3)
        with pytest.raises(InputError, match="gives 4 pairs"):
            pair(places([YALU, YALU]), places([YALU, YALU]), assign="all")
