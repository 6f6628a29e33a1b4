"""Rasters that do not fit the model, and rasters of other grids, are named or brought onto the grid."""

from dataclasses import replace

import numpy as np
import pytest
import rasterio
from pyproj import Transformer
from rasterio.transform import from_origin

from coastal_hm_plugin.core.covariates.grid import AlignedCovariates, Grid
from coastal_hm_plugin.core.covariates.manifest import Covariate, Manifest
from coastal_hm_plugin.core.covariates.sampling import sample_covariates
from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.raster_checks import check_units, covariates_of
from coastal_hm_plugin.core.raster_prediction import NODATA, predict_raster
from coastal_hm_plugin.core.risk_model.predictors import Predictor
from tests.core.raster_worlds import CELL, LEFT, TOP, UTM, finer, hills, trained_world, write_raster


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model of two rasters."""
    return trained_world(tmp_path_factory.mktemp("world"))


def with_first(model, **changes):
    first, second = model.manifest.covariates
    return Manifest((replace(first, **changes), second))


@pytest.mark.parametrize(
    ("factor", "shift", "text"),
    [(1000.0, 0.0, "200.1 to 799.9"), (0.01, 0.0, "0.002001 to 0.007999"), (1.0, 273.15, "273.4 to 273.9")],
)
def test_numbers_in_another_unit_are_named(model, tmp_path, factor, shift, text):
    path = write_raster(tmp_path / "ndvi.tif", (hills(9) * factor + shift).astype(np.float32))
    said = []
    manifest, monitor = with_first(model, path=path), Monitor(on_warning=said.append)
    assert check_units(model, manifest, finer(model, 1), monitor) == ["ndvi"]
    assert "'ndvi' ranges from" in said[0] and path in said[0] and "check that it is in the same unit" in said[0]
    said.clear()
    predict_raster(model, tmp_path / "peri.tif", manifest=manifest, monitor=monitor)
    assert any("same unit" in line for line in said), text


@pytest.mark.parametrize("factor", [1, 7, 24])
def test_the_rasters_of_the_training_are_not_suspected(model, factor):
    assert check_units(model, model.manifest, finer(model, factor)) == []


def test_a_raster_without_values_in_the_grid_is_not_suspected(model):
    far = Grid(rasterio.CRS.from_string(UTM), from_origin(0, 0, CELL, CELL), 50, 50)
    assert check_units(model, model.manifest, far) == []


def test_a_raster_without_crs_is_refused(model, tmp_path):
    path = write_raster(tmp_path / "bare.tif", hills(9), crs=None)
    with pytest.raises(InputError, match=r"'ndvi' .*has no coordinate reference system"):
        predict_raster(model, tmp_path / "peri.tif", manifest=with_first(model, path=path), grid=finer(model, 1))
    with pytest.raises(InputError, match="has no coordinate reference system"):
        predict_raster(model, tmp_path / "peri.tif", manifest=with_first(model, path=path))
    assert not (tmp_path / "peri.tif").exists()


def test_classes_that_have_nothing_in_common_with_the_training_are_refused(model):
    first, second = model.predictors
    of_classes = replace(model, predictors=(Predictor(first.name, ("clay", "sand")), second))
    with pytest.raises(InputError, match=r"has the classes Lehm, Ton, the training clay, sand, and none in common"):
        covariates_of(of_classes, with_first(model, categories={1: "Ton", 2: "Lehm"}))
    covariates_of(of_classes, with_first(model, categories={1: "Ton", 2: "sand"}))


def test_two_outputs_of_one_name_are_refused(model, tmp_path):
    from coastal_hm_plugin.core.raster_prediction import RasterOutputs

    with pytest.raises(InputError, match="have the same name"):
        predict_raster(model, RasterOutputs(tmp_path / "a.tif", intervals=tmp_path / "a.tif"))


LAYOUTS = {
    "its own cells": (UTM, from_origin(LEFT, TOP, CELL, CELL), (60, 80)),
    "its own cells, shifted by whole cells": (UTM, from_origin(LEFT - 7 * CELL, TOP + 3 * CELL, CELL, CELL), (70, 90)),
    "shifted by part of a cell": (UTM, from_origin(LEFT - 233, TOP + 171, CELL, CELL), (64, 84)),
    "coarser": (UTM, from_origin(LEFT - 800, TOP + 900, 1700, 1300), (25, 26)),
    "finer": (UTM, from_origin(LEFT + 3, TOP - 5, 97, 103), (290, 410)),
    "south up": (UTM, rasterio.Affine(CELL, 0, LEFT, 0, CELL, TOP - 60 * CELL), (60, 80)),
    "rotated": (UTM, rasterio.Affine(400, 150, LEFT - 9_000, 130, -380, TOP), (110, 130)),
    "degrees": ("EPSG:4326", from_origin(121.8, 38.9, 0.004, 0.004), (110, 130)),
    "another zone": ("EPSG:32650", from_origin(915_000, 4_320_000, 450, 450), (110, 120)),
    "equal area": ("EPSG:6933", from_origin(11_755_000, 4_600_000, 480, 420), (110, 110)),
}


@pytest.mark.parametrize("method", ["nearest", "bilinear"])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["float32", "int16"])
def test_any_grid_is_aligned_as_sampled_at_the_centres(model, tmp_path, layout, method, kind):
    """Windows across the raster's edges, holes included; within GDAL's eighth of a cell where the CRS is another."""
    crs, transform, shape = LAYOUTS[layout]
    rng = np.random.default_rng(3)
    cells = rng.integers(1, 900, shape).astype(kind)
    cells[rng.random(shape) < 0.1] = -99
    path = write_raster(tmp_path / "it.tif", cells, -99, crs, transform)
    manifest = Manifest((Covariate("it", path, method=method),))
    grid = finer(model, 1)
    x, y = (axis.ravel() for axis in grid.centres(next(grid.windows(1000))))
    expected = sample_covariates(x, y, UTM, manifest).table["it"].to_numpy(dtype=float)
    found = np.full((60, 80), np.nan)
    with AlignedCovariates(manifest, grid) as aligned:
        for window in grid.windows(37):
            found[window.toslices()] = aligned.read(window)["it"]
    found = found.ravel()
    known = np.isfinite(expected)
    assert known.sum() > 2000
    if crs == UTM:
        np.testing.assert_array_equal(np.isfinite(found), known)
        np.testing.assert_allclose(found[known], expected[known], rtol=2e-6)
    elif method == "nearest":
        # near the border of two cells GDAL's approximation may take the other one
        columns, rows = ~transform * Transformer.from_crs(UTM, crs, always_xy=True).transform(x, y)
        inner = np.all([np.abs(side % 1 - 0.5) < 0.37 for side in (columns, rows)], axis=0)
        np.testing.assert_array_equal(found[inner], expected[inner])
        assert inner.sum() > 2000
    else:
        both = known & np.isfinite(found)
        assert np.mean(np.isfinite(found) == known) > 0.97
        # the cells are noise, up to 900 from one to the next
        assert np.abs(found[both] - expected[both]).max() < 2 * 0.125 * 900
        assert np.corrcoef(found[both], expected[both])[0, 1] > 0.98


def test_a_map_of_mixed_grids_is_what_the_model_says_at_the_centres(model, tmp_path):
    """NDVI in degrees and finer, the other raster in UTM and upside down: the template is a third grid."""
    rows, columns = np.mgrid[:400, :520]
    first = (0.5 + 0.3 * np.sin(columns / 60) * np.cos(rows / 45)).astype(np.float32)
    second = hills(5)[::-1].copy()
    south_up = rasterio.Affine(CELL, 0, LEFT, 0, CELL, TOP - 60 * CELL)
    paths = (
        write_raster(tmp_path / "ndvi.tif", first, None, "EPSG:4326", from_origin(121.8, 38.9, 0.001, 0.001)),
        write_raster(tmp_path / "wet.tif", second, None, UTM, south_up),
    )
    manifest = Manifest(
        tuple(replace(c, path=path, method="bilinear") for c, path in zip(model.manifest.covariates, paths))
    )
    grid = Grid(rasterio.CRS.from_epsg(6933), from_origin(11_765_000, 4_580_000, 310, 290), 90, 80)
    predict_raster(model, tmp_path / "peri.tif", grid, manifest)
    x, y = (axis.ravel() for axis in grid.centres(next(grid.windows(1000))))
    table = sample_covariates(x, y, "EPSG:6933", manifest).table
    with rasterio.open(tmp_path / "peri.tif") as file:
        found = file.read(1).ravel()
    known = table.notna().all(axis=1).to_numpy()
    assert np.mean((found != NODATA) == known) > 0.99
    both = known & (found != NODATA)
    assert both.sum() > 1000
    expected = model.predict(table[both]).values
    # an eighth of a cell may carry a covariate over a split of the trees, here and there
    close = np.isclose(found[both], expected, rtol=1e-5)
    assert close.mean() > 0.9 and np.corrcoef(found[both], expected)[0, 1] > 0.99
