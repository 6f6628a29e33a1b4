"""The files are cloud-optimised GeoTIFFs: GDAL reads every cell back, its own validator finds no fault."""

import struct

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from coastal_hm_plugin.core import cloud_geotiff
from coastal_hm_plugin.core.covariates.grid import Grid
from coastal_hm_plugin.core.raster_files import NODATA, RasterFiles, RasterKind

WIDTH, HEIGHT = 1301, 1100
GRID = Grid(rasterio.CRS.from_epsg(32651), from_origin(400_000, 4_300_000, 10, 10), WIDTH, HEIGHT)
KINDS = {
    "smooth": RasterKind("float32", NODATA, ("low", "high"), averaged=True),
    "stepped": RasterKind("float32", NODATA, ("prediction",), averaged=True, stepped=True),
    "double": RasterKind("float64", NODATA, ("value",)),
    "bytes": RasterKind("uint8", 0, ("class",)),
    "shorts": RasterKind("int16", -1, ("a", "b", "c")),
}


def written(path, kind, window=512, grid=GRID):
    """A file of this kind, and its cells: bands x rows x columns."""
    rng = np.random.default_rng(1)
    cells = rng.integers(1, 200, (len(kind.bands), grid.height, grid.width)).astype(kind.dtype)
    missing = rng.random((grid.height, grid.width)) < 0.4
    with RasterFiles({"it": (path, kind)}, grid) as files:
        files.tag("it", unit="mg/kg")
        for part in grid.windows(window):
            usable = ~missing[part.toslices()].ravel()
            here = cells[:, part.row_off : part.row_off + part.height, part.col_off : part.col_off + part.width]
            files.write(part, usable, {"it": here.reshape(len(kind.bands), -1)[:, usable]})
        files.finish()
    cells[:, missing] = kind.nodata
    return cells


@pytest.mark.parametrize("window", [512, 128, 173, 700])
def test_cells_come_back_whatever_the_windows(tmp_path, window):
    cells = written(tmp_path / "it.tif", KINDS["smooth"], window)
    with rasterio.open(tmp_path / "it.tif") as file:
        np.testing.assert_array_equal(file.read(), cells)


@pytest.mark.parametrize("name", KINDS)
def test_gdal_finds_a_valid_cog(tmp_path, name):
    kind, path = KINDS[name], tmp_path / "it.tif"
    cells = written(path, kind)
    with rasterio.open(path) as file:
        np.testing.assert_array_equal(file.read(), cells)
        assert file.dtypes == (kind.dtype,) * len(kind.bands) and file.descriptions == kind.bands
        assert file.crs == GRID.crs and file.transform == GRID.transform and file.nodata == kind.nodata
        assert file.overviews(1) == [2, 4] and file.tags()["unit"] == "mg/kg"
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    validator = pytest.importorskip("osgeo_utils.samples.validate_cloud_optimized_geotiff")
    warnings, errors, details = validator.validate(str(path), full_check=True)
    assert (warnings, errors) == ([], [])
    heads, data = details["ifd_offsets"], details["data_offsets"]
    assert heads["main"] < heads["overview_0"] < heads["overview_1"]
    assert heads["overview_1"] < data["overview_1"] < data["overview_0"] < data["main"]


def test_averaged_overviews_are_means_of_the_cells_with_a_value(tmp_path):
    cells = written(tmp_path / "it.tif", KINDS["smooth"]).astype(np.float64)
    cells[cells == NODATA] = np.nan
    for level in (0, 1):
        cells = np.pad(cells, ((0, 0), (0, cells.shape[1] % 2), (0, cells.shape[2] % 2)), constant_values=np.nan)
        quarters = np.stack([cells[:, row::2, column::2] for row in (0, 1) for column in (0, 1)])
        count = np.isfinite(quarters).sum(axis=0)
        with np.errstate(invalid="ignore"):
            cells = (np.nansum(quarters, axis=0) / count).astype(np.float32).astype(np.float64)
        with rasterio.open(tmp_path / "it.tif", overview_level=level) as file:
            found = file.read().astype(np.float64)
        np.testing.assert_allclose(found, np.where(np.isnan(cells), NODATA, cells), rtol=1e-6)


def test_overviews_of_classes_hold_classes(tmp_path):
    cells = written(tmp_path / "it.tif", KINDS["bytes"])
    with rasterio.open(tmp_path / "it.tif", overview_level=0) as file:
        np.testing.assert_array_equal(file.read(), cells[:, ::2, ::2])


def test_large_files_are_bigtiff(tmp_path, monkeypatch):
    monkeypatch.setattr(cloud_geotiff, "CLASSIC_LIMIT", 1000)
    cells = written(tmp_path / "it.tif", KINDS["smooth"])
    assert struct.unpack_from("<2sH", (tmp_path / "it.tif").read_bytes()) == (b"II", 43)
    with rasterio.open(tmp_path / "it.tif") as file:
        np.testing.assert_array_equal(file.read(), cells)
        assert file.overviews(1) == [2, 4] and file.crs == GRID.crs
    validator = pytest.importorskip("osgeo_utils.samples.validate_cloud_optimized_geotiff")
    assert validator.validate(str(tmp_path / "it.tif"), full_check=True)[:2] == ([], [])


def test_rotated_and_tiny_grids(tmp_path):
    transform = rasterio.Affine(10, 3, 400_000, 2, -10, 4_300_000)
    grid = Grid(rasterio.CRS.from_string("ESRI:54009"), transform, 3, 2)
    cells = written(tmp_path / "it.tif", KINDS["stepped"], grid=grid)
    with rasterio.open(tmp_path / "it.tif") as file:
        np.testing.assert_array_equal(file.read(), cells)
        assert file.transform == transform and file.crs == grid.crs and file.overviews(1) == []
