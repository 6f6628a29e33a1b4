"""Sampling rasters at points against rasterio, scipy, planted rasters and every cell computed by hand."""

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from rasterio.enums import ColorInterp
from rasterio.transform import Affine, from_origin
from scipy.interpolate import RegularGridInterpolator

from coastal_hm_plugin.core.covariates import Covariate, Manifest, sample_covariates
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import Monitor

UTM = "EPSG:32651"
ORIGIN = (400_000.0, 4_400_000.0)


@pytest.fixture
def write_raster(tmp_path):
    """write_raster(cells, ...) -> path of a GeoTIFF, 10 m cells in UTM 51 N unless told."""

    def write(cells, name="cells", crs=UTM, transform=None, mask=None, alpha=None, scale=None, **profile):
        cells = np.asarray(cells)[None] if np.ndim(cells) == 2 else np.asarray(cells)
        path = tmp_path / f"{name}.tif"
        with rasterio.open(
            path,
            "w",
            driver="GTiff",
            count=len(cells) + (alpha is not None),
            height=cells.shape[1],
            width=cells.shape[2],
            dtype=cells.dtype,
            crs=crs,
            transform=transform or from_origin(*ORIGIN, 10, 10),
            **profile,
        ) as dataset:
            for band, values in enumerate(cells, start=1):
                dataset.write(values, band)
            if mask is not None:
                dataset.write_mask(mask)
            if alpha is not None:
                dataset.write((alpha * 255).astype(cells.dtype), len(cells) + 1)
                dataset.colorinterp = [*[ColorInterp.gray] * len(cells), ColorInterp.alpha]
            if scale:
                dataset.scales, dataset.offsets = [scale[0]] * len(cells), [scale[1]] * len(cells)
        return str(path)

    return write


def sample(path, x, y, crs=UTM, **options):
    """Values of one covariate, and its counts as a dict."""
    result = sample_covariates(x, y, crs, Manifest((Covariate("c", path, **options),)))
    return result.table["c"].to_numpy(), result.counts.iloc[0].drop("covariate").to_dict()


def at(transform, column, row):
    """x and y of a fractional column and row."""
    t = transform
    return t.a * column + t.b * row + t.c, t.d * column + t.e * row + t.f


def random_points(rng, n, width, height, size=10.0):
    return ORIGIN[0] + rng.uniform(0, width * size, n), ORIGIN[1] - rng.uniform(0, height * size, n)


class TestNearest:
    @pytest.mark.parametrize(
        "layout",
        [
            {},
            {"blockysize": 1},
            {"tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "deflate"},
            {"tiled": True, "blockxsize": 16, "blockysize": 512},
        ],
    )
    def test_equals_rasterio_over_many_tiles(self, write_raster, layout):
        rng = np.random.default_rng(1)
        cells = rng.integers(0, 30_000, (1300, 1700), dtype=np.int16)
        path = write_raster(cells, **layout)
        x, y = random_points(rng, 3000, 1700, 1300)
        values, counts = sample(path, x, y)
        with rasterio.open(path) as dataset:
            expected = np.concatenate(list(dataset.sample(zip(x, y))))
        np.testing.assert_array_equal(values, expected)
        assert counts == {"valid": 3000, "nodata": 0, "outside": 0, "unknown_category": 0}

    def test_rotated_raster(self, write_raster):
        rng = np.random.default_rng(2)
        c, s = np.cos(0.5), np.sin(0.5)
        transform = Affine(10 * c, 20 * s, ORIGIN[0], 10 * s, -20 * c, ORIGIN[1])
        path = write_raster(rng.normal(size=(40, 50)), transform=transform)
        column, row = rng.uniform(0, 50, 200), rng.uniform(0, 40, 200)
        x, y = at(transform, column, row)
        with rasterio.open(path) as dataset:
            expected = dataset.read(1)[row.astype(int), column.astype(int)]
        np.testing.assert_array_equal(sample(path, x, y)[0], expected)

    def test_points_are_brought_to_the_crs_of_each_raster(self, write_raster):
        # the raster holds the longitude of its own cells, so the sample must give the point's longitude back
        longitude = np.tile(np.arange(121.0005, 121.5, 0.001), (500, 1))
        path = write_raster(longitude, crs="EPSG:4326", transform=from_origin(121.0, 39.5, 0.001, 0.001))
        rng = np.random.default_rng(3)
        lon, lat = rng.uniform(121.01, 121.49, 500), rng.uniform(39.01, 39.49, 500)
        for crs in ("EPSG:32651", "EPSG:3857", "EPSG:4490"):
            x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(lon, lat)
            assert np.abs(sample(path, x, y, crs)[0] - lon).max() <= 0.00051

    def test_the_border_belongs_to_the_raster(self, write_raster):
        path = write_raster(np.arange(6, dtype=np.uint8).reshape(2, 3))
        x = ORIGIN[0] + np.array([0, 30, 0, 30, 30.001])
        y = ORIGIN[1] - np.array([0, 0, 20, 20, 20])
        values, counts = sample(path, x, y)
        np.testing.assert_array_equal(values, [0, 2, 3, 5, np.nan])
        assert counts["outside"] == 1


class TestMissing:
    cells = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)
    hole = np.array([[True, False, True], [True, True, True]])
    x = ORIGIN[0] + np.array([5, 15, 25, 35, np.nan])
    y = np.full(5, ORIGIN[1] - 5)

    def check(self, path):
        for method in ("nearest", "bilinear"):
            values, counts = sample(path, self.x, self.y, method=method)
            np.testing.assert_allclose(values, [1, np.nan, 3, np.nan, np.nan])
            assert counts == {"valid": 2, "nodata": 1, "outside": 2, "unknown_category": 0}

    def test_nodata_value(self, write_raster):
        self.check(write_raster(np.where(self.hole, self.cells, -9999), nodata=-9999))

    def test_nodata_value_that_float32_rounds(self, write_raster):
        cells = np.where(self.hole, self.cells, -3.4e38).astype(np.float32)
        self.check(write_raster(cells, nodata=-3.4e38))

    def test_nan(self, write_raster):
        self.check(write_raster(np.where(self.hole, self.cells, np.nan)))

    def test_mask_band(self, write_raster):
        self.check(write_raster(self.cells, mask=self.hole))

    def test_alpha_band(self, write_raster):
        self.check(write_raster(self.cells.astype(np.uint8), alpha=self.hole))

    def test_scale_and_offset(self, write_raster):
        path = write_raster(np.array([[100, -1]], dtype=np.int16), nodata=-1, scale=(0.1, 5.0))
        np.testing.assert_allclose(sample(path, self.x[:2], self.y[:2])[0], [15.0, np.nan])


class TestBilinear:
    def test_equals_scipy_between_cell_centres(self, write_raster):
        rng = np.random.default_rng(4)
        cells = rng.normal(size=(60, 80))
        x, y = ORIGIN[0] + rng.uniform(5, 795, 500), ORIGIN[1] - rng.uniform(5, 595, 500)
        exact = RegularGridInterpolator((np.arange(60) + 0.5, np.arange(80) + 0.5), cells)
        expected = exact(np.column_stack([(ORIGIN[1] - y) / 10, (x - ORIGIN[0]) / 10]))
        np.testing.assert_allclose(sample(write_raster(cells), x, y, method="bilinear")[0], expected, atol=1e-12)

    def test_integers_give_values_between(self, write_raster):
        path = write_raster(np.array([[0, 1]], dtype=np.uint8))
        assert sample(path, [ORIGIN[0] + 10], [ORIGIN[1] - 5], method="bilinear")[0] == pytest.approx(0.5)

    def test_a_missing_neighbour_leaves_the_others_their_weights(self, write_raster):
        path = write_raster(np.array([[2.0, np.nan], [4.0, 8.0]]))
        # a quarter of a cell right and down of the first centre: weights 9, 3, 3, 1 of 16, one of them missing
        value = sample(path, [ORIGIN[0] + 7.5], [ORIGIN[1] - 7.5], method="bilinear")[0][0]
        assert value == pytest.approx((9 * 2 + 3 * 4 + 1 * 8) / 13)


def by_hand(path, x, y, radius, summary):
    """The summary of the cells whose centre is within the radius of a point (lon/lat), by geodesics to every cell."""
    with rasterio.open(path) as dataset:
        cells = dataset.read(1)
        rows, columns = np.indices(cells.shape)
        cx, cy = at(dataset.transform, columns.ravel() + 0.5, rows.ravel() + 0.5)
        to_degrees = Transformer.from_crs(dataset.crs.to_wkt(), "EPSG:4326", always_xy=True)
        lon, lat = to_degrees.transform(cx, cy)
    distance = Geod(ellps="WGS84").inv(np.full(len(lon), x), np.full(len(lat), y), lon, lat)[2]
    margin = np.abs(distance - radius).min()
    return summary(cells.ravel()[distance <= radius]), margin


class TestRadius:
    rasters = [
        ("EPSG:4326", from_origin(120.0, 60.06, 0.001, 0.001)),
        ("EPSG:3857", from_origin(13_358_338.0, 8_411_000.0, 100, 100)),
        ("EPSG:3413", from_origin(2_990_000.0, 1_210_000.0, 90, 60)),
    ]

    @pytest.mark.parametrize("crs, transform", rasters)
    def test_mean_within_ground_metres_in_any_crs(self, write_raster, crs, transform):
        rng = np.random.default_rng(5)
        path = write_raster(rng.normal(10, 1, size=(60, 60)), crs=crs, transform=transform)
        to_degrees = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        column, row = rng.uniform(20, 40, 60), rng.uniform(20, 40, 60)
        lon, lat = to_degrees.transform(*at(transform, column, row))
        values, _ = sample(path, lon, lat, "EPSG:4326", method="mean", radius_m=400)
        compared = 0
        for value, x, y in zip(values, lon, lat):
            expected, margin = by_hand(path, x, y, 400, np.mean)
            if margin > 0.5:  # a cell centre exactly on the circle may fall either way
                assert value == pytest.approx(expected, rel=1e-9)
                compared += 1
        assert compared >= 15

    def test_majority_counts_cells_and_the_own_cell_breaks_ties(self, write_raster):
        cells = np.array([[1, 1, 2], [3, 2, 2], [3, 3, 2]], dtype=np.uint8)
        path = write_raster(cells)
        centre = [ORIGIN[0] + 15], [ORIGIN[1] - 15]
        assert sample(path, *centre, method="majority", radius_m=30)[0] == [2]
        # the four neighbours and the centre: 1, 3, 2, 2, 3 - two and two: the cell at the point decides
        assert sample(path, *centre, method="majority", radius_m=10.5)[0] == [2]
        left = [ORIGIN[0] + 5], [ORIGIN[1] - 15]
        assert sample(path, *left, method="majority", radius_m=10.5)[0] == [3]

    def test_missing_cells_do_not_count_but_the_rest_does(self, write_raster):
        path = write_raster(np.array([[1.0, np.nan, 4.0]]))
        assert sample(path, [ORIGIN[0] + 15], [ORIGIN[1] - 5], method="mean", radius_m=11)[0] == [2.5]

    def test_a_radius_below_the_cell_gives_the_own_cell(self, write_raster):
        path = write_raster(np.array([[1.0, 7.0, 4.0]]))
        assert sample(path, [ORIGIN[0] + 11], [ORIGIN[1] - 1], method="mean", radius_m=0.1)[0] == [7.0]

    def test_a_radius_of_too_many_cells_is_refused(self, write_raster):
        with pytest.raises(InputError, match="'c': a radius of 50000 m spans over a million raster cells"):
            sample(write_raster(np.ones((5, 5))), [ORIGIN[0] + 5], [ORIGIN[1] - 5], method="mean", radius_m=50_000)

    def test_many_tiles(self, write_raster):
        rng = np.random.default_rng(6)
        cells = rng.normal(size=(1300, 1300))
        path = write_raster(cells, tiled=True, blockxsize=256, blockysize=256)
        column, row = rng.integers(0, 1300, 400), rng.integers(0, 1300, 400)
        values, _ = sample(path, ORIGIN[0] + column * 10 + 5, ORIGIN[1] - row * 10 - 5, method="mean", radius_m=10.5)
        padded = np.pad(cells, 1, constant_values=np.nan)
        cross = [padded[row + 1 + i, column + 1 + j] for i, j in ((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0))]
        np.testing.assert_allclose(values, np.nanmean(cross, axis=0), rtol=1e-12)


class TestCategories:
    def test_codes_become_labels_and_unknown_codes_are_counted_and_named(self, write_raster):
        path = write_raster(np.array([[1, 2, 9, 0]], dtype=np.uint8), nodata=0)
        x, y = ORIGIN[0] + np.array([5, 15, 25, 35, 99]), np.full(5, ORIGIN[1] - 5)
        warnings = []
        manifest = Manifest((Covariate("cover", path, categories={1: "granite", 2: "mud"}),))
        result = sample_covariates(x, y, UTM, manifest, Monitor(on_warning=warnings.append))
        assert result.table["cover"].tolist() == ["granite", "mud", None, None, None]
        expected = {"covariate": "cover", "valid": 2, "nodata": 1, "outside": 1, "unknown_category": 1}
        assert result.counts.iloc[0].to_dict() == expected
        assert result.unknown_codes == {"cover": [9.0]}
        assert "2 of 5 points have a value" in warnings[0]
        assert "1 on nodata, 1 outside, 1 with codes that no category names (9)" in warnings[0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_points_does_not_matter_and_all_are_counted(tmp_path_factory, seed):
    rng = np.random.default_rng(seed)
    path = str(tmp_path_factory.mktemp("order") / "cells.tif")
    cells = np.where(rng.random((30, 40)) < 0.2, -1, rng.integers(0, 5, (30, 40))).astype(np.int16)
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=30, width=40, dtype="int16", nodata=-1, crs=UTM,
        transform=from_origin(*ORIGIN, 10, 10),
    ) as dataset:  # fmt: skip
        dataset.write(cells, 1)
    x, y = random_points(rng, 100, 60, 40)
    shuffled = rng.permutation(100)
    for options in ({}, {"method": "bilinear"}, {"method": "mean", "radius_m": 25.0}):
        straight, counts = sample(path, x, y, **options)
        np.testing.assert_array_equal(straight[shuffled], sample(path, x[shuffled], y[shuffled], **options)[0])
        assert sum(counts.values()) == 100
        assert counts["outside"] == np.sum((x > ORIGIN[0] + 400) | (y < ORIGIN[1] - 300))


class TestRefusals:
    point = [ORIGIN[0] + 5], [ORIGIN[1] - 5]

    def test_no_overlap_names_the_raster_and_both_extents(self, write_raster):
        with pytest.raises(InputError) as error:
            sample(write_raster(np.ones((3, 3))), [121.0], [39.0], "EPSG:4326")
        for part in ("'c' holds none of the 1 points", "x 400000 to 400030", "EPSG:32651", "x 121 to 121, y 39 to 39"):
            assert part in str(error.value)

    def test_raster_without_crs(self, write_raster):
        with pytest.raises(InputError, match=r"'c' .* has no coordinate reference system"):
            sample(write_raster(np.ones((3, 3)), crs=None), *self.point)

    def test_points_without_crs(self, write_raster):
        with pytest.raises(InputError, match="points have no coordinate reference system"):
            sample(write_raster(np.ones((3, 3))), *self.point, crs="")

    def test_file_that_is_no_raster(self, tmp_path):
        (tmp_path / "text.tif").write_text("not a raster")
        with pytest.raises(InputError, match="'c' cannot be read"):
            sample(str(tmp_path / "text.tif"), *self.point)
        with pytest.raises(InputError, match="'c' cannot be read"):
            sample(str(tmp_path / "absent.tif"), *self.point)

    def test_band_that_is_not_there(self, write_raster):
        with pytest.raises(InputError, match=r"has 1 band.*band 2 does not exist"):
            sample(write_raster(np.ones((3, 3))), *self.point, band=2)

    def test_no_points(self, write_raster):
        with pytest.raises(InputError, match="not empty"):
            sample(write_raster(np.ones((3, 3))), [], [])

    def test_cancel(self, write_raster):
        path = write_raster(np.ones((3, 3)))
        with pytest.raises(Cancelled):
            sample_covariates(*self.point, UTM, Manifest((Covariate("c", path),)), Monitor(is_cancelled=lambda: True))
