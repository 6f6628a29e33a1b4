"""A small trained model of rasters for the tests of risk maps, also from a process of its own."""

import sys
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

from coastal_hm_plugin.core import raster_files
from coastal_hm_plugin.core.covariates.grid import Grid
from coastal_hm_plugin.core.covariates.manifest import Covariate, Manifest
from coastal_hm_plugin.core.covariates.sampling import sample_covariates
from coastal_hm_plugin.core.raster_prediction import RasterOptions, RasterOutputs, predict_raster
from coastal_hm_plugin.core.risk_model import TrainingOptions, load_risk_model, train_risk_model

UTM = "EPSG:32651"
LEFT, TOP, CELL = 400_000.0, 4_300_000.0, 500.0
SHAPE = 60, 80
ROCKS = {1: "granite", 2: "shale", 3: "limestone"}


def write_raster(path, cells, nodata=None, crs=UTM, transform=None):
    """A GeoTIFF; returns its path as text."""
    transform = transform or from_origin(LEFT, TOP, CELL, CELL)
    profile = {"driver": "GTiff", "count": 1, "height": cells.shape[0], "width": cells.shape[1], "dtype": cells.dtype}
    with rasterio.open(path, "w", crs=crs, transform=transform, nodata=nodata, **profile) as file:
        file.write(cells, 1)
    return str(path)


def hills(scale):
    """Values between 0.2 and 0.8."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return (0.5 + 0.3 * np.sin(columns / scale) * np.cos(rows / 7)).astype(np.float32)


def rock_world(folder, options, height=SHAPE[0]):
    """Two covariates (one of classes) with holes, and a model of PERI at 90 sites: model, manifest, and both arrays."""
    rng = np.random.default_rng(6)
    rows, columns = np.mgrid[:height, : SHAPE[1]]
    ndvi = (0.5 + 0.3 * np.sin(columns / 9) * np.cos(rows / 7)).astype(np.float32)
    ndvi[:5, :7] = -1
    rock = (1 + (columns // 20) % 2).astype(np.uint8)
    rock[30:33, 40:44] = 0
    rock[50:, 70:] = 3  # no site is there: a class that training does not see
    manifest = Manifest(
        (
            Covariate("ndvi", write_raster(folder / "ndvi.tif", ndvi, -1.0)),
            Covariate("rock", write_raster(folder / "rock.tif", rock, 0), categories=ROCKS),
        )
    )
    x, y = LEFT + rng.uniform(0, 34_000, 90), TOP - rng.uniform(0, 29_000, 90)
    table = sample_covariates(x, y, UTM, manifest).table
    table["PERI"] = 300 * table["ndvi"].fillna(0.5) + np.where(table["rock"] == "shale", 80, 0) + rng.normal(0, 5, 90)
    return train_risk_model(table, "PERI", ["ndvi", "rock"], options, x, y, UTM, manifest), manifest, ndvi, rock


def trained_world(folder):
    """A model of two rasters, saved as model.json in the folder; returns the model."""
    manifest = Manifest(
        tuple(Covariate(name, write_raster(folder / f"{name}.tif", hills(k))) for name, k in (("ndvi", 9), ("wet", 5)))
    )
    rng = np.random.default_rng(6)
    x, y = LEFT + rng.uniform(0, 39_000, 90), TOP - rng.uniform(0, 29_000, 90)
    table = sample_covariates(x, y, UTM, manifest).table
    table["PERI"] = 300 * table["ndvi"] + 100 * table["wet"] + rng.normal(0, 5, 90)
    model = train_risk_model(
        table, "PERI", ["ndvi", "wet"], TrainingOptions(repeats=1, n_trees=30), x, y, UTM, manifest
    )
    model.save(folder / "model.json")
    return model


def finer(model, factor):
    """The grid of the model's rasters with so many cells in the place of one, along each side."""
    grid = Grid.of_raster(model.manifest.covariates[0].path)
    transform = grid.transform * grid.transform.scale(1 / factor)
    return Grid(grid.crs, transform, grid.width * factor, grid.height * factor)


def outputs_in(folder):
    """Names for three rasters in one pass."""
    folder = Path(folder)
    return RasterOutputs(folder / "peri.tif", classes=folder / "class.tif", intervals=folder / "intervals.tif")


def main():
    """Predict in a process that a test limits or kills: model, folder, factor, "resume" or "anew"."""
    raster_files.SECONDS_BETWEEN_COMMITS = 0.0
    model = load_risk_model(sys.argv[1])
    options = RasterOptions(limits=(150.0, 200.0), resume=sys.argv[4] == "resume", threads=2)
    predict_raster(model, outputs_in(sys.argv[2]), finer(model, int(sys.argv[3])), options=options)


if __name__ == "__main__":
    main()
