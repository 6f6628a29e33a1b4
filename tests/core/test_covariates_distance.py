"""Distance to features: beside pyproj's geodesics in several CRSs, inside and outside polygons, and what is refused."""

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from rasterio.crs import CRS
from rasterio.transform import from_origin

from coastal_hm_plugin.core.covariates import Grid
from coastal_hm_plugin.core.covariates.distance import DistanceOptions, write_feature_distance
from coastal_hm_plugin.core.covariates.features import Features, outer_edges
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.geodesy import project
from coastal_hm_plugin.core.monitor import Monitor

UTM, DEGREES = "EPSG:32651", "EPSG:4326"
GEOD = Geod(ellps="WGS84")


def grid(crs=DEGREES, corner=(121.0, 38.0), cell=0.02, columns=50, rows=40):
    return Grid(CRS.from_string(crs), from_origin(*corner, cell, cell), columns, rows)


def read(path):
    with rasterio.open(path) as file:
        return file.read(1).astype(float), file.tags()


def centres(place):
    rows, columns = np.mgrid[: place.height, : place.width]
    x, y = place.transform * (columns.ravel() + 0.5, rows.ravel() + 0.5)
    return project(x, y, place.crs.to_wkt(), DEGREES)


def shortest(place, longitude, latitude, cells=slice(None)):
    """Geodesic metres from cell centres to the nearest of the places, by pyproj."""
    at = centres(place)
    places = np.asarray(longitude), np.asarray(latitude)
    pairs = np.broadcast_arrays(at[0][cells, None], at[1][cells, None], *places)
    return GEOD.inv(*pairs)[2].min(axis=1)


def dense(line, n):
    """Longitudes and latitudes of n places on each segment of a line in degrees."""
    share = np.linspace(0, 1, n)[:, None]
    return np.vstack([a + share * (b - a) for a, b in zip(line[:-1], line[1:])]).T


@pytest.mark.parametrize(
    "place",
    [
        grid(),
        grid(UTM, (300_000.0, 4_200_000.0), 2000.0),
        grid("EPSG:3857", (13_500_000.0, 4_600_000.0), 3000.0),
        grid(DEGREES, (15.0, 79.0), 0.2, 40, 30),
    ],
)
def test_points_are_exact(tmp_path, place):
    rng = np.random.default_rng(1)
    longitude, latitude = centres(place)
    near = rng.integers(0, len(longitude), 6)
    lon, lat = longitude[near] + rng.uniform(-0.3, 0.3, 6), latitude[near] + rng.uniform(-0.3, 0.3, 6)
    features = Features.of_parts([np.array([[a, b]]) for a, b in zip(lon, lat)], DEGREES)
    found = write_feature_distance(features, tmp_path / "d.tif", place)
    cells, tags = read(tmp_path / "d.tif")
    np.testing.assert_allclose(cells.ravel(), shortest(place, lon, lat), rtol=2e-5, atol=0.01)
    assert found.minimum == pytest.approx(cells.min()) and found.maximum == pytest.approx(cells.max())
    assert tags["coastalhm_kind"] == "distance to features" and tags["coastalhm_unit"] == "m"


@pytest.mark.parametrize("crs", [DEGREES, UTM])
def test_a_coastline_within_a_quarter_of_a_cell(tmp_path, crs):
    coast = np.array([[120.6, 37.1], [121.4, 37.35], [121.45, 37.8], [122.4, 38.1]])
    place = grid() if crs == DEGREES else grid(UTM, (330_000.0, 4_200_000.0), 2000.0)
    write_feature_distance(Features.of_parts([coast], DEGREES), tmp_path / "d.tif", place)
    cells, _ = read(tmp_path / "d.tif")
    some = np.random.default_rng(1).integers(0, cells.size, 150)
    truth = shortest(place, *dense(coast, 4000), some)
    side = 2220.0
    error = cells.ravel()[some] - truth
    assert error.max() < side / 4 and error.min() > -20  # the truth's own places lie 30 m apart
    assert (error[truth > 2 * side] < 0.01 * truth[truth > 2 * side]).all()


def test_a_far_feature_is_as_exact(tmp_path):
    far = np.array([[100.0, 20.0], [112.0, 28.0]])
    place = grid()
    write_feature_distance(Features.of_parts([far], DEGREES), tmp_path / "d.tif", place)
    some = np.arange(0, 2000, 40)
    np.testing.assert_allclose(
        read(tmp_path / "d.tif")[0].ravel()[some], shortest(place, *dense(far, 3000), some), rtol=2e-3
    )


def test_segments_are_straight_in_their_own_system(tmp_path):
    x, y = np.array([350_000.0, 420_000.0]), np.array([4_150_000.0, 4_150_000.0])
    place = grid(UTM, (340_000.0, 4_200_000.0), 1000.0, 90, 100)
    write_feature_distance(Features.of_parts([np.column_stack([x, y])], UTM), tmp_path / "d.tif", place)
    cells, _ = read(tmp_path / "d.tif")
    # 29.5 km north of the line, in UTM's plane; on the ground longer by its scale of 0.9998
    np.testing.assert_allclose(cells[20, 15:75], 29_500.0, rtol=1e-3)


def square(west, south, side):
    return np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]) * side + (west, south)


def land(*rings, **more):
    """A polygon of rings."""
    return Features.of_parts((), UTM, polygons=[rings], edges=[rings], **more)


@pytest.mark.parametrize(("inside", "at_centre"), [("edge", 4950.0), ("zero", 0.0), ("negative", -4950.0)])
def test_inside_a_polygon(tmp_path, inside, at_centre):
    place = grid(UTM, (400_000.0, 4_030_000.0), 500.0, 60, 60)
    features = land(square(410_000, 4_010_000, 10_200.0))
    write_feature_distance(features, tmp_path / "d.tif", place, DistanceOptions(inside))
    cells, _ = read(tmp_path / "d.tif")
    assert cells[29, 30] == pytest.approx(at_centre, rel=0.002)
    assert cells[29, 0] == pytest.approx(9_750, rel=0.005)
    columns, rows = (np.arange(60) + 0.5) * 500 + 400_000, 4_030_000 - (np.arange(60) + 0.5) * 500
    within = np.outer((rows > 4_010_000) & (rows < 4_020_200), (columns > 410_000) & (columns < 420_200))
    assert ((cells <= 0) == within).all() if inside != "edge" else (cells >= 0).all()


def test_a_hole_is_outside(tmp_path):
    place = grid(UTM, (400_000.0, 4_030_000.0), 500.0, 60, 60)
    features = land(square(405_000, 4_005_000, 20_000.0), square(412_000, 4_012_000, 6_000.0)[::-1])
    write_feature_distance(features, tmp_path / "d.tif", place, DistanceOptions("negative"))
    cells, _ = read(tmp_path / "d.tif")
    assert cells[30, 30] > 2000 and cells[30, 14] < -1500


def test_the_border_of_two_polygons_is_no_edge():
    left, right = square(0, 0, 10.0), square(10, 0, 10.0)
    edges = outer_edges([(left,), (right[::-1],)])
    assert len(edges) == 6 and not (edges[:, [0, 2]] == 10).all(axis=1).any()
    assert len(outer_edges([(left,), (left,)])) == 4  # the same twice is once
    assert len(outer_edges([(left, square(2, 2, 3.0))])) == 8
    island = outer_edges([(left, square(2, 2, 3.0)), (square(2, 2, 3.0),)])  # a lake filled by another polygon
    assert len(island) == 4


@given(st.integers(2, 6), st.integers(2, 6), st.integers(0, 2**20))
def test_a_mosaic_of_squares_has_the_edge_of_the_whole(columns, rows, orientation):
    polygons = []
    for number, (c, r) in enumerate(np.ndindex(columns, rows)):
        ring = square(10.0 * c, 10.0 * r, 10.0)
        polygons.append((ring[::-1] if orientation >> number & 1 else ring,))
    assert len(outer_edges(polygons)) == 2 * (columns + rows)


def test_polygons_in_another_system_burn_where_they_are(tmp_path):
    ring = np.array([[121.2, 37.4], [121.8, 37.4], [121.8, 37.8], [121.2, 37.8], [121.2, 37.4]])
    place = grid(UTM, (320_000.0, 4_220_000.0), 500.0, 200, 180)
    features = Features.of_parts((), DEGREES, polygons=[(ring,)], edges=[(ring,)])
    write_feature_distance(features, tmp_path / "d.tif", place, DistanceOptions("zero"))
    longitude, latitude = centres(place)
    within = (longitude > 121.2) & (longitude < 121.8) & (latitude > 37.4) & (latitude < 37.8)
    cells, _ = read(tmp_path / "d.tif")
    assert ((cells.ravel() == 0) != within).sum() <= 2


def test_beyond_the_largest_distance_it_is_that(tmp_path):
    features = Features.of_parts([np.array([[121.0, 38.0]])], DEGREES)
    found = write_feature_distance(features, tmp_path / "d.tif", grid(), DistanceOptions(farthest_m=30_000.0))
    cells, _ = read(tmp_path / "d.tif")
    truth = shortest(grid(), [121.0], [38.0])
    np.testing.assert_allclose(cells.ravel(), np.minimum(truth, 30_000), rtol=2e-5)
    assert found.beyond == (truth >= 30_000).sum() and found.maximum == 30_000


def test_threads_do_not_change_the_numbers(tmp_path):
    rng = np.random.default_rng(2)
    line = np.column_stack([rng.uniform(121, 122, 300), rng.uniform(37.2, 38, 300)])
    for workers in (1, 4):
        options = DistanceOptions(workers=workers)
        write_feature_distance(Features.of_parts([line], DEGREES), tmp_path / f"{workers}.tif", grid(), options)
    assert (read(tmp_path / "1.tif")[0] == read(tmp_path / "4.tif")[0]).all()


def test_refusals(tmp_path):
    line = np.array([[121.0, 37.0], [122.0, 38.0]])
    with pytest.raises(InputError, match="no feature to measure"):
        Features.of_parts([], DEGREES)
    with pytest.raises(InputError, match="Only polygons have an inside"):
        write_feature_distance(Features.of_parts([line], DEGREES), tmp_path / "d.tif", grid(), DistanceOptions("zero"))
    with pytest.raises(InputError, match="'out' is not one of edge, zero, negative"):
        DistanceOptions("out")
    with pytest.raises(InputError, match="must be 0 m or more; it is -1"):
        DistanceOptions(farthest_m=-1)
    with pytest.raises(InputError, match="No feature has a place on the globe"):
        write_feature_distance(Features.of_parts([line * np.nan], DEGREES), tmp_path / "d.tif", grid())
    with pytest.raises(InputError, match="no coordinate reference system"):
        write_feature_distance(Features.of_parts([line], ""), tmp_path / "d.tif", grid())
    long = np.column_stack([np.tile([121.0, 122.0], 20_000), np.linspace(37, 38, 40_000)])
    with pytest.raises(InputError, match="more than 30,000,000 places"):
        write_feature_distance(Features.of_parts([long], DEGREES), tmp_path / "d.tif", grid(cell=0.0002))
    assert not list(tmp_path.iterdir())


def test_cancel_leaves_nothing(tmp_path):
    features = Features.of_parts([np.array([[121.0, 37.0], [122.0, 38.0]])], DEGREES)
    for moment in (0, 2, 5):
        asked = iter([False] * moment + [True] * 1000)
        with pytest.raises(Cancelled):
            monitor = Monitor(is_cancelled=lambda asked=asked: next(asked))
            write_feature_distance(features, tmp_path / "d.tif", grid(columns=700, rows=700), monitor=monitor)
        assert not list(tmp_path.iterdir())
