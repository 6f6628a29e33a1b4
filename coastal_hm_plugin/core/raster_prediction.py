"""A risk raster: a model's covariates read window by window, predicted, and written as cloud-optimised GeoTIFFs."""

import hashlib
import json
import os
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Optional

import numpy as np
import pandas as pd

from . import cluster
from .covariates.grid import Grid, lines_bytes
from .covariates.manifest import Manifest
from .errors import InputError
from .monitor import SILENT
from .ordered_threads import in_order
from .raster_checks import check_units, covariates_of, unseen_labels
from .raster_files import NODATA, TILE, RasterFiles
from .raster_windows import APPLICABILITY, INTERVALS, KINDS, Counts, RemoteWindows, WindowTask, WindowWorker
from .version import __version__

__all__ = ["NODATA", "RasterOptions", "RasterOutputs", "RasterPrediction", "covariates_of", "crop", "predict_raster"]
MOST_WORKERS = 8  # each holds a window and its rasters; beyond, predictions have several threads
CACHE_BYTES = 64_000_000, 400_000_000  # least and most of GDAL's for the rasters read


@dataclass(frozen=True)
class RasterOutputs:
    """The files to write; None: not asked for.

    values: the predictions. classes: the class numbers (1 ..., 0 is nodata). applicability: bands DI, LPD and AOA (1
    inside, 0 outside the area of applicability), the threshold of DI in the metadata. intervals: bands lower, upper and
    width of the prediction intervals, their level in the metadata.
    """

    values: Path
    classes: Optional[Path] = None
    applicability: Optional[Path] = None
    intervals: Optional[Path] = None

    def asked(self):
        """Name -> path of what is asked for."""
        return {name: Path(path) for name, path in vars(self).items() if path}


@dataclass(frozen=True)
class RasterOptions:
    """limits: upper limits of the risk classes (k - 1 numbers), for the class raster; a value on a limit is higher.

    allow_missing: predict also where some covariates have no value or a class that training did not see (as long
    as one has a value). max_distance_m: leave cells empty that lie farther than this (metres, on the globe) from every
    site of the training; 0: no limit. threads: of the prediction, 0 for all; the numbers do not depend on it. resume:
    go on from the windows that an interrupted run of the same input left, and leave them if this one is interrupted.
    """

    limits: tuple = ()
    allow_missing: bool = False
    max_distance_m: float = 0.0
    threads: int = 0
    resume: bool = False


@dataclass(frozen=True)
class RasterPrediction:
    """What was written. files: the RasterOutputs; cells: in the grid; predicted: with a value.

    too_far: beyond ``max_distance_m``. without_value: a row per covariate: cells with nodata, cells with an ``unseen``
    class. minimum, mean, maximum: of the predictions. class_cells: cells in class 1, 2 ... (empty without limits).
    outside: cells predicted outside the area of applicability, None where that was not asked for. resumed: windows
    taken over from an interrupted run.
    """

    files: RasterOutputs
    cells: int
    predicted: int
    too_far: int
    without_value: pd.DataFrame
    minimum: float
    mean: float
    maximum: float
    class_cells: tuple
    outside: Optional[int] = None
    resumed: int = 0

    @property
    def path(self):
        """The raster of the predictions."""
        return self.files.values


def predict_raster(model, outputs, grid=None, manifest=None, options=None, monitor=SILENT, change=None):
    """Predict a :class:`RiskModel` on every cell of a grid and write GeoTIFFs, all in one pass: RasterPrediction.

    outputs: :class:`RasterOutputs`, or the path of the predictions alone. grid: :class:`Grid`, None for that of the
    model's first covariate. manifest: the rasters, None for those the model was trained with; matched to the predictors
    by name. change: ``change(grid, window, matrix) -> matrix`` on each window's model matrix (float32, cells of the
    window in row order x predictors, classes as the model's codes, NaN where missing) before it is predicted: a
    scenario. It is called in several threads; its ``repr`` stands for it when a run is resumed.

    A cell is predicted where every covariate has a value that training knew (see RasterOptions); the others are
    nodata, and counted. Rasters whose range is unlike the training's are named. Memory does not grow with the grid.

    Raises InputError where a predictor has no raster, a raster cannot be read, no cell can be predicted,
    or the file cannot be written. On any error and on Cancel nothing is left behind (but see ``resume``).
    """
    options = options or RasterOptions()
    if not isinstance(outputs, RasterOutputs):
        outputs = RasterOutputs(outputs)
    manifest = covariates_of(model, manifest)
    grid = grid or Grid.of_raster(manifest.covariates[0].path)
    _check_outputs(model, outputs, options)
    asked = outputs.asked()
    task = WindowTask(
        model, manifest, grid, tuple(asked), options.limits, options.allow_missing, options.max_distance_m, change
    )
    check_units(model, manifest, grid, monitor)
    files = {name: (path, KINDS[name]) for name, path in asked.items()}
    with RasterFiles(files, grid, _fingerprint(task), options.resume) as rasters:
        _tag(rasters, model)
        _tell_before(rasters, monitor)
        counts = _predict_windows(task, rasters, options.threads or os.cpu_count() or 1, monitor.part(0.0, 0.97))
        if not counts.predicted:
            rasters.discard()
            raise InputError(
                f"No cell of the grid has a value in every covariate, so nothing can be predicted: "
                f"{_losses(task, counts)}. Check that the rasters overlap."
            )
        rasters.finish(monitor.part(0.97, 1.0))
    _tell_after(task, counts, monitor)
    monitor.progress(1.0)
    return _result(task, counts, outputs, len(rasters.finished))


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


def _predict_windows(task, rasters, threads, monitor):
    """Predict what is not finished yet; the Counts of all windows."""
    windows = list(enumerate(task.grid.windows()))
    waiting = [entry for entry in windows if entry[0] not in rasters.finished]
    done = {number: Counts.from_dict(note) for number, note in rasters.finished.items()}
    predicted = _on_cluster if cluster.current() else _in_threads
    with closing(predicted(task, [window for _, window in waiting], threads, monitor)) as results:
        for (number, _), result in zip(waiting, results):
            rasters.add(number, result.tiles, asdict(result.counts))
            done[number] = result.counts
            monitor.progress(len(done) / len(windows))
    return sum((done[number] for number in sorted(done)), task.no_counts())


def _in_threads(task, windows, threads, monitor):
    """Yield the WindowResult of each window."""
    import rasterio

    lines = _lines(task, monitor)
    workers = max(1, min(threads, MOST_WORKERS, len(windows), CACHE_BYTES[1] // max(lines, 1)))
    idle = SimpleQueue()

    def predict(window, own_monitor):
        worker = idle.get()
        try:
            return worker.predict(window, own_monitor)
        finally:
            idle.put(worker)

    with ExitStack() as stack:
        stack.enter_context(rasterio.Env(GDAL_CACHEMAX=_cache_bytes(lines * workers)))
        for _ in range(workers):
            idle.put(stack.enter_context(WindowWorker(task, max(1, threads // workers))))
        yield from stack.enter_context(closing(in_order(predict, windows, workers, monitor)))


def _on_cluster(task, windows, threads, monitor):
    """The same from a cluster, whose workers have threads of their own."""
    remote = RemoteWindows(replace(task, manifest=_from_root(task.manifest)), _cache_bytes(_lines(task, monitor)))
    return cluster.current().in_order(RemoteWindows.predict, (remote,), windows, monitor)


def _lines(task, monitor):
    """Bytes to keep of rasters that are stored in lines."""
    lines = lines_bytes(task.manifest, TILE)
    if lines > CACHE_BYTES[1]:
        monitor.info("The rasters are stored in lines, not in tiles, and wide: reading takes long. Tile them.")
    return lines


def _cache_bytes(lines):
    return min(CACHE_BYTES[0] + lines, CACHE_BYTES[1])


def _from_root(manifest):
    """A manifest whose files are named from the root: a worker runs in another folder."""
    named = [replace(c, path=os.path.abspath(c.path)) if os.path.exists(c.path) else c for c in manifest.covariates]
    return Manifest(tuple(named))


def _check_outputs(model, outputs, options):
    if outputs.classes and not options.limits:
        raise InputError("A raster of classes needs the limits of the classes.")
    if outputs.applicability and model.applicability is None:
        raise InputError("The model has no area of applicability: it is of an older version. Train it again.")
    if outputs.intervals and model.intervals is None:
        raise InputError("The model has no prediction intervals: it is of an older version. Train it again.")
    paths = list(outputs.asked().values())
    if len(set(paths)) < len(paths):
        raise InputError("Two of the rasters to write have the same name. Give each a name of its own.")


def _fingerprint(task):
    """A text of all that the cells depend on: the model, the rasters as they are on the disk, grid and options."""
    model, grid = task.model, task.grid
    content = {
        "version": __version__,
        "booster": hashlib.sha256(bytes(model.booster.save_raw("json"))).hexdigest(),
        "predictors": [asdict(predictor) for predictor in model.predictors],
        "applicability": model.applicability.to_dict() if APPLICABILITY in task.kinds else None,
        "intervals": model.intervals.to_dict() if INTERVALS in task.kinds else None,
        "rasters": [{**asdict(c), "state": _state(c.path)} for c in task.manifest.covariates],
        "grid": [grid.crs.to_wkt(), list(grid.transform), grid.width, grid.height],
        "kinds": task.kinds,
        "options": [task.limits, task.allow_missing, task.max_distance_m, repr(task.change)],
        "sites": model.held_out[["longitude", "latitude"]].to_numpy().tolist() if task.max_distance_m > 0 else None,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _state(path):
    """Size and time of change of a file; None for what is no file, as an address."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _tag(rasters, model):
    if APPLICABILITY in rasters.kinds:
        rasters.tag(APPLICABILITY, threshold=repr(model.applicability.threshold))
    if INTERVALS in rasters.kinds:
        rasters.tag(INTERVALS, level=repr(model.intervals.level), scheme=model.intervals.scheme)


def _tell_before(rasters, monitor):
    if rasters.stale:
        monitor.warn(
            "What an interrupted run left belongs to another model, other rasters or other options: starting anew."
        )
    elif rasters.finished:
        monitor.info(f"Going on from an interrupted run: {len(rasters.finished)} windows are finished.")
    needed, free = rasters.space_needed(), rasters.space_free()
    if free < needed:
        monitor.warn(
            f"The rasters may need about {needed / 1e6:,.0f} MB while they are made; {free / 1e6:,.0f} MB are free in "
            f"'{next(iter(rasters.paths.values())).parent}'."
        )


def _tell_after(task, counts, monitor):
    losses = _losses(task, counts)
    if counts.predicted < counts.cells:
        monitor.warn(f"{counts.cells - counts.predicted} of {counts.cells} cells are nodata: {losses}.")
    elif losses:
        monitor.warn(f"Every cell is predicted, some without all covariates: {losses}.")
    if counts.outside:
        monitor.warn(
            f"{counts.outside / counts.predicted:.1%} of the predicted cells lie outside the area of applicability (DI "
            f"above {task.model.applicability.threshold:.3g}, or a predictor is missing): unlike every training site."
        )


def _losses(task, counts):
    """What was lost, in words."""
    names = task.manifest.names
    texts = [f"{name} {count} cells without value" for name, count in zip(names, counts.nodata) if count]
    for predictor, covariate, count in zip(task.model.predictors, task.manifest.covariates, counts.unseen):
        if count:
            labels = ", ".join(unseen_labels(predictor, covariate)[:5]) or "a code without a name"
            texts.append(f"{covariate.name} {count} cells of a class that training did not see ({labels})")
    texts += [f"{counts.too_far} cells too far from every site"] if counts.too_far else []
    return "; ".join(texts)


def _result(task, counts, outputs, resumed):
    lost = {"covariate": task.manifest.names, "nodata": counts.nodata, "unseen": counts.unseen}
    return RasterPrediction(
        files=replace(outputs, **outputs.asked()),
        cells=counts.cells,
        predicted=counts.predicted,
        too_far=counts.too_far,
        without_value=pd.DataFrame(lost),
        minimum=counts.minimum,
        mean=counts.total / counts.predicted,
        maximum=counts.maximum,
        class_cells=counts.class_cells,
        outside=counts.outside if APPLICABILITY in task.kinds else None,
        resumed=resumed,
    )
