"""Covariates on a grid agree with the same covariates sampled at the cell centres."""

import numpy as np
import pytest
import rasterio
from rasterio.enums import ColorInterp
from rasterio.transform import from_origin

from coastal_hm_plugin.core.covariates import AlignedCovariates, Covariate, Grid, Manifest, sample_covariates
from coastal_hm_plugin.core.errors import InputError

UTM = "EPSG:32651"
GRIDS = {
    "same": Grid(rasterio.CRS.from_string(UTM), from_origin(400_000, 4_400_000, 10, 10), 60, 50),
    "shifted": Grid(rasterio.CRS.from_string(UTM), from_origin(399_903, 4_400_104, 10, 10), 80, 70),
    "coarser": Grid(rasterio.CRS.from_string(UTM), from_origin(400_000.3, 4_399_999.1, 43, 37), 13, 11),
    "finer": Grid(rasterio.CRS.from_string(UTM), from_origin(400_100.3, 4_399_900.1, 3.7, 2.9), 60, 50),
}


@pytest.fixture(params=["nodata", "nan", "mask", "alpha", "full"])
def raster(request, tmp_path):
    """A 50 x 60 raster whose holes are marked in one of the usual ways."""
    rng = np.random.default_rng(1)
    cells = rng.integers(1, 200, (50, 60)).astype(np.float32)
    valid = rng.random(cells.shape) > 0.3
    kind, profile, bands = request.param, {}, 1
    if kind == "nodata":
        cells, profile = np.where(valid, cells, -9999).astype(np.float32), {"nodata": -9999}
    elif kind == "nan":
        cells = np.where(valid, cells, np.nan)
    elif kind == "alpha":
        cells, bands = cells.astype(np.uint8), 2
    path = str(tmp_path / "cells.tif")
    with rasterio.open(
        path, "w", driver="GTiff", count=bands, height=50, width=60, dtype=cells.dtype, crs=UTM,
        transform=from_origin(400_000, 4_400_000, 10, 10), **profile,
    ) as dataset:  # fmt: skip
        dataset.write(cells, 1)
        if kind == "mask":
            dataset.write_mask(valid)
        elif kind == "alpha":
            dataset.write(valid.astype(np.uint8) * 255, 2)
            dataset.colorinterp = [ColorInterp.gray, ColorInterp.alpha]
    return path


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_cells_equal_samples_at_their_centres(raster, grid):
    methods = {"nearest": {}, "bilinear": {}, "mean": {"radius_m": 25.0}, "majority": {"radius_m": 25.0}}
    manifest = Manifest(tuple(Covariate(m, raster, method=m, **options) for m, options in methods.items()))
    with AlignedCovariates(manifest, grid) as covariates:
        for window in grid.windows(32):
            cells = covariates.read(window)
            x, y = grid.centres(window)
            try:
                points = sample_covariates(x.ravel(), y.ravel(), UTM, manifest).table
            except InputError:  # a window beside the raster
                assert all(np.isnan(values).all() for values in cells.values())
                continue
            for name, values in cells.items():
                assert values.shape == (window.height, window.width)
                np.testing.assert_allclose(values.ravel(), points[name], rtol=2e-6, err_msg=name)


def test_another_crs_is_warped_within_an_eighth_of_a_cell(tmp_path):
    # the raster holds its own easting: a warped cell's value tells where it was taken
    path = str(tmp_path / "easting.tif")
    easting = np.tile(np.arange(400_005.0, 410_000, 10), (1000, 1))
    with rasterio.open(
        path, "w", driver="GTiff", count=1, height=1000, width=1000, dtype="float64", crs=UTM,
        transform=from_origin(400_000, 4_400_000, 10, 10),
    ) as dataset:  # fmt: skip
        dataset.write(easting, 1)
    grid = Grid(rasterio.CRS.from_epsg(4326), from_origin(121.85, 39.73, 0.0005, 0.0005), 100, 80)
    for method, tolerance in (("bilinear", 1.25), ("nearest", 6.25)):
        manifest = Manifest((Covariate("easting", path, method=method),))
        with AlignedCovariates(manifest, grid) as covariates:
            window = next(grid.windows())
            cells = covariates.read(window)["easting"]
        x, y = grid.centres(window)
        from pyproj import Transformer

        exact, _ = Transformer.from_crs("EPSG:4326", UTM, always_xy=True).transform(x, y)
        assert np.abs(cells - exact).max() <= tolerance


def test_mean_in_another_crs_equals_samples(raster):
    grid = Grid(rasterio.CRS.from_epsg(4326), from_origin(121.832, 39.745, 0.0002, 0.0002), 20, 20)
    manifest = Manifest((Covariate("mean", raster, method="mean", radius_m=30.0),))
    window = next(grid.windows())
    with AlignedCovariates(manifest, grid) as covariates:
        cells = covariates.read(window)["mean"]
    x, y = grid.centres(window)
    expected = sample_covariates(x.ravel(), y.ravel(), "EPSG:4326", manifest).table["mean"]
    np.testing.assert_allclose(cells.ravel(), expected)


def test_windows_cover_the_grid_once():
    covered = np.zeros((50, 60), int)
    for window in GRIDS["same"].windows(17):
        covered[window.toslices()] += 1
    assert (covered == 1).all()


def test_grid_of_a_raster(raster):
    grid = Grid.of_raster(raster)
    assert (grid.width, grid.height, grid.crs.to_epsg()) == (60, 50, 32651)
    with pytest.raises(InputError, match="cannot be read"):
        Grid.of_raster("absent.tif")
