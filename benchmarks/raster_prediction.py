"""A risk map against bare predictions of the same cells, and against blocks of rows read with GDAL as plugins do it."""

import os

import numpy as np
import pandas as pd

from benchmarks import _rasters as rasters
from benchmarks import timing
from coastal_hm_plugin.core.covariates.manifest import Covariate, Manifest
from coastal_hm_plugin.core.raster_prediction import predict_raster
from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model

COVARIATES, SITES, TREES = 10, 300, 300
WIDTH, ROWS = 2_560, 2_048  # a nineteenth of a map of 10,000 x 10,000 cells, in the same windows
AT_ONCE = 262_144  # cells of a bare prediction
RUNS = 3


def measure():
    """Two entries with a value in every cell, and two where 40 % of the cells have none."""
    return [*_measure("raster-prediction", holes=False), *_measure("raster-prediction-nodata", holes=True)]


def _measure(name, holes):
    paths = rasters.covariates(COVARIATES, WIDTH, ROWS, holes)
    model = trained(Manifest(tuple(Covariate(f"x{k}", str(path)) for k, path in enumerate(paths))))
    target = rasters.FOLDER / "risk.tif"
    cells = known_cells(paths)
    found = {}

    def ours():
        predict_raster(model, target)
        found["ours"] = rasters.read(target)

    def bare():
        found["bare"] = bare_predictions(model.booster, cells)

    def by_rows():
        found["rows"] = row_blocks(model.booster, paths, rasters.FOLDER / "risk_rows.tif")

    ours()  # imports, and the files in the system's cache
    ours_s, bare_s, rows_s = np.median([[timing.seconds(way) for way in (ours, bare, by_rows)] for _ in range(RUNS)], 0)
    predicted = found["ours"] != -9999
    if not (np.array_equal(found["ours"][predicted], found["bare"]) and np.array_equal(found["ours"], found["rows"])):
        raise RuntimeError("The ways give different values.")
    note = (
        f"{WIDTH:,} x {ROWS:,} cells, {COVARIATES} float32 rasters (deflate, tiles of 512), {TREES} trees of depth "
        f"{TrainingOptions().max_depth}, {predicted.mean():.0%} of the cells with a value; equal values"
    )
    share = f"{note}; {bare_s / ours_s:.2f} of the bare throughput, reading, compression and overviews included"
    return [
        timing.entry(name, ours_s, "inplace_predict, matrix in memory", bare_s, share),
        timing.entry(f"{name} (rows)", ours_s, "GDAL, numpy and DMatrix by blocks of rows", rows_s, note),
    ]


def trained(manifest):
    """A model of the rasters, trained on sites of their distribution."""
    rng = np.random.default_rng(5)
    table = pd.DataFrame(rng.normal(0, 0.3, (SITES, COVARIATES)), columns=manifest.names)
    table["PERI"] = 200 * np.exp(table["x0"] + table["x1"] * table["x2"] + rng.normal(0, 0.2, SITES))
    options = TrainingOptions(repeats=1, n_trees=TREES, selection="none")
    x, y = rng.uniform(0, 100_000, (2, SITES))
    return train_risk_model(table, "PERI", manifest.names, options, x, y, rasters.CRS, manifest)


def known_cells(paths):
    """The cells where every raster has a value, row by row: float32 matrix."""
    columns = [rasters.read(path).ravel() for path in paths]
    known = np.all([column != rasters.NODATA for column in columns], axis=0)
    return np.column_stack([column[known] for column in columns])


def bare_predictions(booster, cells):
    """XGBoost alone, on all cores."""
    booster.set_param({"nthread": os.cpu_count()})
    parts = range(0, len(cells), AT_ONCE)
    return np.concatenate([booster.inplace_predict(cells[start : start + AT_ONCE]) for start in parts])


def row_blocks(booster, paths, target):
    """Blocks of rows read with GDAL, stacked, predicted through a DMatrix, and written: one step after the other."""
    import xgboost
    from osgeo import gdal

    booster.set_param({"nthread": os.cpu_count()})
    sources = [gdal.Open(str(path)) for path in paths]
    width, height = sources[0].RasterXSize, sources[0].RasterYSize
    profile = ["TILED=YES", "COMPRESS=DEFLATE"]
    output = gdal.GetDriverByName("GTiff").Create(str(target), width, height, 1, gdal.GDT_Float32, profile)
    output.SetGeoTransform(sources[0].GetGeoTransform())
    output.SetProjection(sources[0].GetProjection())
    for row in range(0, height, 256):
        count = min(256, height - row)
        block = np.stack([source.ReadAsArray(0, row, width, count) for source in sources], axis=-1)
        block = block.reshape(-1, len(sources))
        known = (block != rasters.NODATA).all(axis=1)
        values = np.full(len(block), rasters.NODATA, dtype=np.float32)
        if known.any():
            values[known] = booster.predict(xgboost.DMatrix(block[known]), validate_features=False)
        output.GetRasterBand(1).WriteArray(values.reshape(count, width), 0, row)
    output.BuildOverviews("AVERAGE", [2, 4, 8, 16])
    output = None  # closes the file
    return rasters.read(target)


if __name__ == "__main__":
    print(*measure(), sep="\n")
