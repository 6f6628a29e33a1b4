"""One window of a risk raster: covariates read, made a model's input, predicted, and encoded as tiles.

:class:`WindowTask` says all that this depends on and can be sent to another process; :class:`WindowWorker` does it,
window by window; what comes back is bytes and counts. Nothing here writes a raster.
"""

import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Callable, Optional

import numpy as np

from .covariates.grid import AlignedCovariates, Grid
from .covariates.manifest import Manifest
from .errors import InputError
from .geodesy import earth_centred, project
from .monitor import SILENT
from .raster_files import NODATA, RasterKind, encode_window
from .risk_model import boosting

CELLS_AT_ONCE = 32_768  # predicted between two looks at Cancel
VALUES, CLASSES, APPLICABILITY, INTERVALS = "values", "classes", "applicability", "intervals"
KINDS = {
    VALUES: RasterKind("float32", NODATA, ("prediction",), averaged=True, stepped=True),
    CLASSES: RasterKind("uint8", 0, ("class",)),
    APPLICABILITY: RasterKind("float32", NODATA, ("DI", "LPD", "AOA")),
    INTERVALS: RasterKind("float32", NODATA, ("lower", "upper", "width"), averaged=True, stepped=True),
}


@dataclass(frozen=True)
class WindowTask:
    """What the cells of a risk raster depend on. kinds: names of the outputs asked for, of ``KINDS``.

    limits, allow_missing, max_distance_m, change: as :func:`predict_raster` has them. manifest: the covariates in the
    order of the model's predictors.
    """

    model: object
    manifest: Manifest
    grid: Grid
    kinds: tuple = (VALUES,)
    limits: tuple = ()
    allow_missing: bool = False
    max_distance_m: float = 0.0
    change: Optional[Callable] = None

    def no_counts(self):
        """The counts of no window."""
        return Counts.of(len(self.manifest.covariates), len(self.limits) + 1 if self.limits else 0)


@dataclass(frozen=True)
class Counts:
    """What happened in some windows; they add up. nodata, unseen: cells per covariate; class_cells: per class."""

    nodata: tuple
    unseen: tuple
    class_cells: tuple = ()
    cells: int = 0
    predicted: int = 0
    too_far: int = 0
    outside: int = 0
    minimum: float = np.inf
    maximum: float = -np.inf
    total: float = 0.0

    @classmethod
    def of(cls, covariates, classes):
        """The counts of no window."""
        return cls((0,) * covariates, (0,) * covariates, (0,) * classes)

    def __add__(self, other):
        both = {
            name: tuple(a + b for a, b in zip(getattr(self, name), getattr(other, name)))
            for name in ("nodata", "unseen", "class_cells")
        }
        for name in ("cells", "predicted", "too_far", "outside", "total"):
            both[name] = getattr(self, name) + getattr(other, name)
        return Counts(minimum=min(self.minimum, other.minimum), maximum=max(self.maximum, other.maximum), **both)

    @classmethod
    def from_dict(cls, content):
        """The counts of a dictionary that went through JSON."""
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in content.items()})


@dataclass(frozen=True)
class WindowResult:
    """A finished window: kind -> its compressed tile, and its counts."""

    tiles: dict = field(repr=False)
    counts: Counts


class WindowWorker:
    """Predicts windows of a task with rasters of its own, open as long as the context lasts; for one thread at a time.

    threads: of each prediction; the numbers do not depend on it.
    """

    def __init__(self, task, threads=1):
        self.task, self.threads = task, threads
        self._codes = [_code_table(p, c) for p, c in zip(task.model.predictors, task.manifest.covariates)]
        self._nearness = _Nearness(task.model, task.grid, task.max_distance_m) if task.max_distance_m > 0 else None

    def __enter__(self):
        with ExitStack() as stack:
            self._covariates = stack.enter_context(AlignedCovariates(self.task.manifest, self.task.grid))
            # setting the threads of a booster that another worker predicts with is not safe
            self._booster = self.task.model.booster.copy()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def predict(self, window, monitor=SILENT):
        """All outputs of a window of a whole tile: WindowResult."""
        task = self.task
        matrix, usable, counts = self._input(window, monitor)
        if self._nearness:
            near = self._nearness.near(window, usable)
            counts["too_far"] = int(np.count_nonzero(~near))
            usable[np.flatnonzero(usable)[~near]] = False
            matrix = matrix[near]
        values = self._values(matrix, monitor)
        bands = self._bands(values, matrix, counts, monitor)
        tiles = {name: encode_window(KINDS[name], window, usable, bands[name]) for name in task.kinds}
        if len(values):
            counts["minimum"], counts["maximum"] = float(values.min()), float(values.max())
            counts["total"] = float(values.sum(dtype=np.float64))
        return WindowResult(tiles, Counts(cells=len(usable), predicted=len(values), **counts))

    def _input(self, window, monitor):
        """The usable cells of a window as model input (cells x p), which cells these are, and what was lost."""
        task = self.task
        nodata, unseen, columns, known = [], [], [], []
        for values, table in zip(self._covariates.columns(window, monitor), self._codes):
            has_value = np.isfinite(values)
            has_code = has_value
            if table is not None:
                values = _as_model_codes(values, *table)
                has_code = ~np.isnan(values)
            nodata.append(len(values) - int(np.count_nonzero(has_value)))
            unseen.append(int(np.count_nonzero(has_value)) - int(np.count_nonzero(has_code)))
            columns.append(values)
            known.append(has_code)
        usable = _usable(known, task.allow_missing)
        counts = {"nodata": tuple(nodata), "unseen": tuple(unseen)}
        if task.change is None and not task.allow_missing:
            return _stacked(columns, None if usable.all() else usable), usable, counts
        matrix = _stacked(columns)
        matrix[~np.isfinite(matrix)] = np.nan
        if task.change:
            matrix = task.change(task.grid, window, matrix)
            usable &= _usable(list(~np.isnan(matrix).T), task.allow_missing)
        return matrix[usable], usable, counts

    def _values(self, matrix, monitor):
        values = np.empty(len(matrix), dtype=np.float32)
        for start in range(0, len(matrix), CELLS_AT_ONCE):
            monitor.check()
            part = slice(start, start + CELLS_AT_ONCE)
            values[part] = boosting.predict(self._booster, matrix[part], self.threads)
        return values

    def _bands(self, values, matrix, counts, monitor):
        """What the outputs hold at the usable cells: kind -> bands x m."""
        task, bands = self.task, {VALUES: values[None]}
        if CLASSES in task.kinds:
            numbers = np.searchsorted(np.asarray(task.limits, dtype=np.float64), values, side="right") + 1
            bands[CLASSES] = numbers[None]
            counts["class_cells"] = tuple(int(n) for n in np.bincount(numbers, minlength=len(task.limits) + 2)[1:])
        elif task.limits:
            counts["class_cells"] = (0,) * (len(task.limits) + 1)
        if APPLICABILITY in task.kinds:
            found = task.model.applicability.assess(matrix, self.threads, monitor)
            counts["outside"] = int((~found.inside).sum())
            rows = np.stack([found.di, found.lpd, found.inside]).astype(np.float32)
            bands[APPLICABILITY] = np.where(np.isnan(found.di), np.float32(NODATA), rows)
        if INTERVALS in task.kinds:
            lower, upper = task.model.intervals.bounds(values)
            bands[INTERVALS] = np.stack([lower, upper, upper - lower]).astype(np.float32)
        return bands


class RemoteWindows:
    """A task on a worker of a cluster: its rasters are opened there once by each thread, and closed with the object.

    cache_bytes: of GDAL's, for the rasters read.
    """

    def __init__(self, task, cache_bytes):
        self.task, self.cache_bytes = task, cache_bytes
        self._own = threading.local()

    def __reduce__(self):
        return RemoteWindows, (self.task, self.cache_bytes)

    def predict(self, window):
        """All outputs of a window: WindowResult."""
        import rasterio

        with rasterio.Env(GDAL_CACHEMAX=self.cache_bytes, GDAL_NUM_THREADS=1):
            if not hasattr(self._own, "worker"):
                self._own.worker = WindowWorker(self.task).__enter__()
            return self._own.worker.predict(window)


class _Nearness:
    """Which cells lie near a site of the training."""

    def __init__(self, model, grid, distance_m):
        from scipy.spatial import cKDTree

        if "longitude" not in model.held_out:
            raise InputError("The model was trained without coordinates, so distances to its sites are not known.")
        sites = model.held_out[["longitude", "latitude"]].to_numpy()
        self.tree = cKDTree(earth_centred(sites[:, 0], sites[:, 1]))
        self.grid, self.crs, self.distance_m = grid, grid.crs.to_wkt(), distance_m

    def near(self, window, usable):
        """Which of the usable cells of a window have a site near."""
        x, y = (axis.ravel()[usable] for axis in self.grid.centres(window))
        longitude, latitude = project(x, y, self.crs, "EPSG:4326")
        placed = np.isfinite(longitude) & np.isfinite(latitude)
        near = np.zeros(len(x), dtype=bool)
        centres = earth_centred(longitude[placed], latitude[placed])
        near[placed] = np.isfinite(self.tree.query(centres, distance_upper_bound=self.distance_m)[0])
        return near


def _code_table(predictor, covariate):
    """Raster codes of a category (sorted) and the model's code of each, NaN for a label that training did not see."""
    if not predictor.is_category:
        return None
    code_of = {label: code for code, label in enumerate(predictor.labels)}
    raster_codes = sorted(covariate.categories)
    model_codes = [code_of.get(str(covariate.categories[code]), np.nan) for code in raster_codes]
    return np.asarray(raster_codes, dtype=np.float64), np.asarray(model_codes, dtype=np.float32)


def _as_model_codes(values, raster_codes, model_codes):
    place = np.clip(np.searchsorted(raster_codes, values), 0, len(raster_codes) - 1)
    return np.where(raster_codes[place] == values, model_codes[place], np.float32(np.nan))


def _usable(known, allow_missing):
    """Which cells to predict. known: per covariate, whether a cell has a value of it."""
    usable = known[0].copy()
    for column in known[1:]:
        (np.logical_or if allow_missing else np.logical_and)(usable, column, out=usable)
    return usable


def _stacked(columns, usable=None):
    """Columns as a float32 matrix, of the usable cells only."""
    rows = slice(None) if usable is None else np.flatnonzero(usable)
    matrix = np.empty((len(columns[0]) if usable is None else len(rows), len(columns)), dtype=np.float32)
    for index, column in enumerate(columns):
        matrix[:, index] = column[rows]
    return matrix
