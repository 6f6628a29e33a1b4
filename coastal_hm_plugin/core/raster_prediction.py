"""A risk raster: a model's covariates read window by window, predicted, and written as a tiled GeoTIFF."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np
import pandas as pd

from .covariates.grid import AlignedCovariates, Grid
from .errors import InputError
from .geodesy import earth_centred, project
from .monitor import SILENT
from .raster_files import NODATA, TILE, RasterFiles, RasterKind
from .risk_model import boosting

CELLS_AT_ONCE = 65_536
WINDOW = {False: TILE, True: 128}  # with covariates averaged over a radius: smaller, so that Cancel is heard
VALUES, CLASSES, APPLICABILITY = "values", "classes", "applicability"
KINDS = {
    VALUES: RasterKind("float32", NODATA, ("prediction",), averaged=True),
    CLASSES: RasterKind("uint8", 0, ("class",)),
    APPLICABILITY: RasterKind("float32", NODATA, ("DI", "LPD", "AOA")),
}


@dataclass(frozen=True)
class RasterOptions:
    """limits: upper limits of the risk classes (k - 1 numbers), for the class raster; a value on a limit is higher.

    allow_missing: predict also where some covariates have no value or a class that training did not see (as long
    as one has a value). max_distance_m: leave cells empty that lie farther than this (metres, on the globe) from every
    site of the training; 0: no limit. threads: of the prediction; the numbers do not depend on it.
    """

    limits: tuple = ()
    allow_missing: bool = False
    max_distance_m: float = 0.0
    threads: int = 0


@dataclass(frozen=True)
class RasterPrediction:
    """What was written. path, classes_path, applicability_path: the files; cells: in the grid; predicted: with a value.

    too_far: beyond ``max_distance_m``. without_value: a row per covariate: cells with nodata, cells with an ``unseen``
    class. minimum, mean, maximum: of the predictions. class_cells: cells in class 1, 2 ... (empty without limits).
    outside: cells predicted outside the area of applicability, None where that was not asked for.
    """

    path: Path
    classes_path: Optional[Path]
    cells: int
    predicted: int
    too_far: int
    without_value: pd.DataFrame
    minimum: float
    mean: float
    maximum: float
    class_cells: tuple
    applicability_path: Optional[Path] = None
    outside: Optional[int] = None


def predict_raster(
    model,
    path,
    grid=None,
    manifest=None,
    classes_path=None,
    options=None,
    monitor=SILENT,
    applicability_path=None,
    change=None,
):
    """Predict a :class:`RiskModel` on every cell of a grid and write a float32 GeoTIFF: RasterPrediction.

    grid: :class:`Grid`, None for that of the model's first covariate. manifest: the rasters, None for those the model
    was trained with; matched to the predictors by name. classes_path: also write the class numbers (1 ..., 0 is
    nodata) by ``options.limits``. applicability_path: also write DI, LPD and AOA (1 inside, 0 outside the area of
    applicability) as bands of a GeoTIFF, with the threshold of DI in its metadata. change: ``change(grid, window,
    matrix) -> matrix`` on each window's model matrix (float32, cells of the window in row order x predictors, classes
    as the model's codes, NaN where missing) before it is predicted: a scenario.

    A cell is predicted where every covariate has a value that training knew (see RasterOptions); the others are
    nodata, and counted. Memory does not grow with the grid.

    Raises InputError where a predictor has no raster, a raster cannot be read, no cell can be predicted,
    or the file cannot be written. On any error and on Cancel nothing is left behind.
    """
    options = options or RasterOptions()
    manifest = covariates_of(model, manifest)
    grid = grid or Grid.of_raster(manifest.covariates[0].path)
    if classes_path and not options.limits:
        raise InputError("A raster of classes needs the limits of the classes.")
    if applicability_path and model.applicability is None:
        raise InputError("The model has no area of applicability: it is of an older version. Train it again.")
    paths = {VALUES: path, CLASSES: classes_path, APPLICABILITY: applicability_path}
    files = {name: (output, KINDS[name]) for name, output in paths.items() if output}
    tally = _Tally(manifest, len(options.limits) + 1 if options.limits else 0)
    with RasterFiles(files, grid) as rasters:
        _write(model, manifest, grid, rasters, options, tally, change, monitor.part(0.0, 0.95))
        if not tally.predicted:
            raise InputError(
                f"No cell of the grid has a value in every covariate, so nothing can be predicted: {tally.losses()}. "
                "Check that the rasters overlap."
            )
        rasters.finish(monitor)
    if tally.predicted < tally.cells:
        monitor.warn(f"{tally.cells - tally.predicted} of {tally.cells} cells are nodata: {tally.losses()}.")
    if tally.outside:
        monitor.warn(
            f"{tally.outside / tally.predicted:.1%} of the predicted cells lie outside the area of applicability "
            f"(DI above {model.applicability.threshold:.3g}, or a predictor is missing): unlike every training site."
        )
    monitor.progress(1.0)
    return tally.result(rasters.paths)


def covariates_of(model, manifest=None):
    """The rasters of a model's predictors, in its order. Raises InputError for a predictor without a raster."""
    manifest = manifest or model.manifest
    names = manifest.names if manifest else []
    absent = [name for name in model.names if name not in names]
    if absent:
        raise InputError(
            f"The model predicts '{model.target}' from {', '.join(model.names)}; there is no raster for "
            f"{', '.join(absent)} (rasters: {', '.join(names) or 'none'}). "
            "Give a raster of that name, or train a model on rasters alone."
        )
    manifest = manifest.select(model.names)
    for predictor, covariate in zip(model.predictors, manifest.covariates):
        if predictor.is_category and not covariate.categories:
            raise InputError(
                f"'{predictor.name}' is a category of the model ({', '.join(predictor.labels[:5])} ...), "
                f"but its raster '{covariate.path}' names no categories."
            )
        if covariate.categories and not predictor.is_category:
            raise InputError(f"'{predictor.name}' is a number of the model, but its raster holds categories.")
    return manifest


def crop(grid, left, bottom, right, top):
    """The part of a grid that covers an extent in its CRS, on its own cells. Raises InputError without overlap."""
    t = grid.transform
    if t.b or t.d:
        raise InputError("The template raster is rotated; an extent cannot be cut from it. Leave the extent empty.")
    columns = sorted(((left - t.c) / t.a, (right - t.c) / t.a))
    rows = sorted(((top - t.f) / t.e, (bottom - t.f) / t.e))
    first_column, first_row = (max(0, int(np.floor(low + 1e-6))) for low in (columns[0], rows[0]))
    last_column = min(grid.width, int(np.ceil(columns[1] - 1e-6)))
    last_row = min(grid.height, int(np.ceil(rows[1] - 1e-6)))
    if last_column <= first_column or last_row <= first_row:
        raise InputError("The extent does not overlap the template raster. Check its coordinate reference system.")
    moved = type(t)(t.a, t.b, t.c + t.a * first_column, t.d, t.e, t.f + t.e * first_row)
    return Grid(grid.crs, moved, last_column - first_column, last_row - first_row)


class _Tally:
    """Counts kept while the windows go by."""

    def __init__(self, manifest, classes):
        self.names = manifest.names
        self.cells = self.predicted = self.too_far = self.outside = 0
        self.nodata, self.unseen = np.zeros(len(self.names), dtype=int), np.zeros(len(self.names), dtype=int)
        self.minimum, self.maximum, self.total = np.inf, -np.inf, 0.0
        self.class_cells = np.zeros(classes + 1 if classes else 0, dtype=int)

    def add(self, values, numbers):
        self.predicted += len(values)
        if len(values):
            self.minimum, self.maximum = min(self.minimum, values.min()), max(self.maximum, values.max())
            self.total += float(values.sum(dtype=np.float64))
        if numbers is not None:
            self.class_cells += np.bincount(numbers, minlength=len(self.class_cells))

    def losses(self):
        texts = [f"{name} {count} cells without value" for name, count in zip(self.names, self.nodata) if count]
        texts += [
            f"{name} {count} cells of a class that training did not see"
            for name, count in zip(self.names, self.unseen)
            if count
        ]
        texts += [f"{self.too_far} cells too far from every site"] if self.too_far else []
        return "; ".join(texts)

    def result(self, paths):
        return RasterPrediction(
            path=paths[VALUES],
            classes_path=paths.get(CLASSES),
            applicability_path=paths.get(APPLICABILITY),
            outside=self.outside if APPLICABILITY in paths else None,
            cells=self.cells,
            predicted=self.predicted,
            too_far=self.too_far,
            without_value=pd.DataFrame({"covariate": self.names, "nodata": self.nodata, "unseen": self.unseen}),
            minimum=float(self.minimum),
            mean=self.total / self.predicted,
            maximum=float(self.maximum),
            class_cells=tuple(int(count) for count in self.class_cells[1:]),
        )


class _Nearness:
    """Which cells lie near a site of the training."""

    def __init__(self, model, grid, distance_m):
        from scipy.spatial import cKDTree

        if "longitude" not in model.held_out:
            raise InputError("The model was trained without coordinates, so distances to its sites are not known.")
        sites = model.held_out[["longitude", "latitude"]].to_numpy()
        self.tree = cKDTree(earth_centred(sites[:, 0], sites[:, 1]))
        self.grid, self.crs, self.distance_m = grid, grid.crs.to_wkt(), distance_m

    def leave_out_far(self, window, usable):
        """Clear ``usable`` (cells of the window) where no site is near; returns how many were cleared."""
        cells = np.flatnonzero(usable)
        x, y = (axis.ravel()[cells] for axis in self.grid.centres(window))
        longitude, latitude = project(x, y, self.crs, "EPSG:4326")
        placed = np.isfinite(longitude) & np.isfinite(latitude)
        near = np.zeros(len(cells), dtype=bool)
        centres = earth_centred(longitude[placed], latitude[placed])
        near[placed] = np.isfinite(self.tree.query(centres, distance_upper_bound=self.distance_m)[0])
        usable[cells[~near]] = False
        return int((~near).sum())


def _write(model, manifest, grid, rasters, options, tally, change, monitor):
    codes = [_code_table(p, c) for p, c in zip(model.predictors, manifest.covariates)]
    has_radius = any(covariate.method in ("mean", "majority") for covariate in manifest.covariates)
    nearness = _Nearness(model, grid, options.max_distance_m) if options.max_distance_m > 0 else None
    windows = list(grid.windows(WINDOW[has_radius]))
    if APPLICABILITY in rasters.kinds:
        rasters.tag(APPLICABILITY, threshold=repr(model.applicability.threshold))
    with AlignedCovariates(manifest, grid) as aligned:
        for number, window in enumerate(windows):
            monitor.progress(number / len(windows))
            matrix, usable = _matrix(aligned.read(window), model, codes, options.allow_missing, tally)
            if change:
                matrix = change(grid, window, matrix)
            if nearness:
                tally.too_far += nearness.leave_out_far(window, usable)
            here = monitor.part(number / len(windows), number / len(windows))
            rasters.write(window, usable, _bands(model, matrix[usable], rasters.kinds, options, tally, here))


def _bands(model, matrix, kinds, options, tally, monitor):
    """What the files of these kinds hold at some cells (m x p): kind -> bands x m."""
    threads = options.threads or os.cpu_count() or 1
    values = _predict(model, matrix, threads, monitor)
    bands = {VALUES: values[None]}
    if CLASSES in kinds:
        bands[CLASSES] = np.searchsorted(options.limits, values, side="right")[None] + 1
    if APPLICABILITY in kinds:
        found = model.applicability.assess(matrix, threads, monitor)
        tally.outside += int((~found.inside).sum())
        rows = np.stack([found.di, found.lpd, found.inside]).astype(np.float32)
        bands[APPLICABILITY] = np.where(np.isnan(found.di), np.float32(NODATA), rows)
    tally.add(values, bands[CLASSES][0] if CLASSES in kinds else None)
    return bands


def _code_table(predictor, covariate):
    """Raster codes of a category (sorted) and the model's code of each, NaN for a label that training did not see."""
    if not predictor.is_category:
        return None
    code_of = {label: code for code, label in enumerate(predictor.labels)}
    raster_codes = sorted(covariate.categories)
    model_codes = [code_of.get(str(covariate.categories[code]), np.nan) for code in raster_codes]
    return np.asarray(raster_codes, dtype=np.float64), np.asarray(model_codes)


def _matrix(arrays, model, codes, allow_missing, tally):
    """The cells of a window as model input (cells x p), and which of them to predict."""
    matrix = np.column_stack([arrays[name].ravel() for name in model.names]).astype(np.float64)
    matrix[np.isinf(matrix)] = np.nan
    has_value = ~np.isnan(matrix)
    tally.cells += len(matrix)
    tally.nodata += (~has_value).sum(axis=0)
    for index, table in enumerate(codes):
        if table is None:
            continue
        raster_codes, model_codes = table
        place = np.clip(np.searchsorted(raster_codes, matrix[:, index]), 0, len(raster_codes) - 1)
        known = raster_codes[place] == matrix[:, index]
        matrix[:, index] = np.where(known, model_codes[place], np.nan)
    known = ~np.isnan(matrix)
    tally.unseen += (has_value & ~known).sum(axis=0)
    return matrix.astype(np.float32), known.any(axis=1) if allow_missing else known.all(axis=1)


def _predict(model, matrix, threads, monitor):
    values = np.empty(len(matrix), dtype=np.float32)
    for start in range(0, len(matrix), CELLS_AT_ONCE):
        monitor.check()
        part = slice(start, start + CELLS_AT_ONCE)
        values[part] = boosting.predict(model.booster, matrix[part], threads)
    return values
