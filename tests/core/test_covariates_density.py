"""Density of points: it sums up to the points in any CRS, has the kernel's own values, and refuses what cannot be."""

import numpy as np
import pytest
import rasterio
from pyproj import Geod
from rasterio.crs import CRS
from rasterio.transform import from_origin

from coastal_hm_plugin.core.covariates import Grid
from coastal_hm_plugin.core.covariates.density import KERNELS, DensityOptions, write_point_density
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.geodesy import project
from coastal_hm_plugin.core.monitor import Monitor

UTM = "EPSG:32651"


def grid(crs=UTM, corner=(400_000.0, 4_100_000.0), cell=500.0, columns=120, rows=100):
    return Grid(CRS.from_string(crs), from_origin(*corner, cell, cell), columns, rows)


def read(path):
    with rasterio.open(path) as file:
        return file.read(1), file.tags()


def planted(n, margin, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.uniform(400_000 + margin, 460_000 - margin, n)
    return x, rng.uniform(4_050_000 + margin, 4_100_000 - margin, n), UTM


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_density_sums_up_to_the_points(tmp_path, kernel):
    bandwidth = 1500.0 if kernel == "gaussian" else 6000.0
    points = planted(300, 7000)
    found = write_point_density(points, tmp_path / "d.tif", grid(), DensityOptions(bandwidth, kernel))
    cells, tags = read(tmp_path / "d.tif")
    # the grid is in UTM: its plane is stretched by about 0.9996 against the ground
    assert found.on_grid == pytest.approx(300, rel=1e-3)
    assert cells.sum() * 0.25 == pytest.approx(300, rel=2e-3)
    assert found.points == 300 and found.weight == 300
    assert tags["coastalhm_kind"] == "point density" and tags["coastalhm_unit"] == "1/km2" and tags["kernel"] == kernel


@pytest.mark.parametrize(
    ("crs", "corner", "cell", "size"),
    [
        ("EPSG:4326", (121.7, 37.2), 0.005, (220, 180)),
        ("EPSG:3857", (13_550_000.0, 4_470_000.0), 600.0, (210, 190)),
        ("EPSG:3035", (0, 0), 0, None),
    ],
)
def test_in_degrees_and_web_mercator_as_on_the_ground(tmp_path, crs, corner, cell, size):
    x, y, _ = planted(200, 7000)
    longitude, latitude = project(x, y, UTM, "EPSG:4326")
    if size is None:  # in Europe, with points of its own
        longitude, latitude = longitude - longitude.mean() + 10, latitude - latitude.mean() + 56
        x, y = project(longitude, latitude, "EPSG:4326", crs)
        corner, cell, size = (x.min() - 9000, y.max() + 9000), 500.0, (200, 200)
    found = write_point_density(
        (longitude, latitude, "EPSG:4326"), tmp_path / "d.tif", grid(crs, corner, cell, *size), DensityOptions(5000.0)
    )
    assert found.on_grid == pytest.approx(200, rel=1e-3)


def test_values_are_the_kernel_at_geodesic_distances(tmp_path):
    place = grid("EPSG:4326", (120.0, 62.0), 0.01, 60, 40)
    write_point_density(([120.3], [61.8], "EPSG:4326"), tmp_path / "d.tif", place, DensityOptions(9000.0))
    cells, _ = read(tmp_path / "d.tif")
    rows, columns = np.mgrid[:40, :60]
    longitude, latitude = 120.005 + 0.01 * columns, 61.995 - 0.01 * rows
    distance = Geod(ellps="WGS84").inv(*np.broadcast_arrays(120.3, 61.8, longitude, latitude))[2]
    expected = 3 / np.pi / 81.0 * np.maximum(1 - (distance / 9000.0) ** 2, 0) ** 2
    np.testing.assert_allclose(cells, expected, rtol=1e-4, atol=2e-7)


def test_weights_count_as_often(tmp_path):
    x, y, crs = planted(40, 8000)
    weights = np.random.default_rng(3).integers(0, 5, 40)
    repeated = (np.repeat(x, weights), np.repeat(y, weights), crs)
    write_point_density((x, y, crs), tmp_path / "w.tif", grid(), weights=weights)
    write_point_density(repeated, tmp_path / "r.tif", grid())
    np.testing.assert_allclose(read(tmp_path / "w.tif")[0], read(tmp_path / "r.tif")[0], rtol=1e-5, atol=1e-9)


def test_a_narrow_kernel_still_sums_up(tmp_path):
    points = planted(50, 3000, seed=4)
    found = write_point_density(
        points, tmp_path / "d.tif", grid(cell=2000.0, columns=30, rows=25), DensityOptions(900.0)
    )
    cells, _ = read(tmp_path / "d.tif")
    assert cells.sum() * 4.0 == pytest.approx(50, rel=0.01)
    assert found.on_grid == pytest.approx(50, rel=0.01)


def test_what_lies_beyond_the_edge_is_not_on_the_grid(tmp_path):
    edge = ([400_000.0], [4_075_000.0], UTM)
    assert write_point_density(edge, tmp_path / "d.tif", grid()).on_grid == pytest.approx(0.5, abs=0.01)


def test_across_the_date_line(tmp_path):
    west = grid("EPSG:4326", (179.5, 0.5), 0.01, 100, 100)  # columns run on beyond 180 degrees
    found = write_point_density(([-179.99], [0.0], "EPSG:4326"), tmp_path / "d.tif", west, DensityOptions(20_000.0))
    cells, _ = read(tmp_path / "d.tif")
    assert found.on_grid == pytest.approx(1, rel=1e-3)
    assert np.unravel_index(cells.argmax(), cells.shape)[1] in (50, 51)


def test_points_without_a_weight_or_place_are_counted(tmp_path):
    x, y, crs = planted(20, 8000)
    x[3] = np.nan
    weights = np.ones(20)
    weights[[0, 7]] = np.nan
    said = []
    found = write_point_density((x, y, crs), tmp_path / "d.tif", grid(), None, weights, Monitor(on_warning=said.append))
    assert found.points == 17
    assert "2 of 20 points have no weight and are left out: 1, 8." in said
    assert any("1 of 20 points have no place on the globe" in text and text.endswith(": 4.") for text in said)


@pytest.mark.parametrize(
    ("points", "options", "weights", "message"),
    [
        (([], [], UTM), {}, None, "No point with a place"),
        (planted(3, 0), {}, [1.0, -1.0, 2.0], "rows 2 are negative"),
        (planted(3, 0), {"bandwidth_m": 100.0}, None, "less than a quarter of a cell"),
        (([10.0], [50.0], "EPSG:4326"), {}, None, "No point lies within 5000 m of the grid"),
        (([400_000.0], [4_075_000.0], ""), {}, None, "no coordinate reference system"),
        (([1.0], [2.0], 'LOCAL_CS["mine",UNIT["metre",1]]'), {}, None, "not tied to the globe"),
    ],
)
def test_refusals_leave_nothing(tmp_path, points, options, weights, message):
    with pytest.raises(InputError, match=message):
        write_point_density(points, tmp_path / "d.tif", grid(), DensityOptions(**options), weights)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("bandwidth", [0.0, -5.0, np.nan, np.inf])
def test_a_bandwidth_that_is_none(bandwidth):
    with pytest.raises(InputError, match="bandwidth must be above 0"):
        DensityOptions(bandwidth)


def test_an_unknown_kernel():
    with pytest.raises(InputError, match="'cosine' is not one of quartic"):
        DensityOptions(5.0, "cosine")


def test_cancel_leaves_nothing(tmp_path):
    for moment in (0, 3, 40):
        asked = iter([False] * moment + [True] * 1000)
        with pytest.raises(Cancelled):
            monitor = Monitor(is_cancelled=lambda asked=asked: next(asked))
            write_point_density(planted(200, 0), tmp_path / "d.tif", grid(columns=700, rows=600), monitor=monitor)
        assert not list(tmp_path.iterdir())


def test_a_large_grid_is_warned_of(tmp_path):
    said = []
    stop = Monitor(on_warning=said.append, is_cancelled=lambda: bool(said))
    with pytest.raises(Cancelled):
        write_point_density(planted(3, 0), tmp_path / "d.tif", grid(columns=20_000, rows=6_000), monitor=stop)
    assert "120,000,000 cells" in said[0]
