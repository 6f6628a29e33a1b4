"""SHAP values on a coarse grid: a band for each predictor, and which one decides where."""

import contextlib
import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np
import pandas as pd

from ..covariates.grid import Grid
from ..errors import InputError
from ..monitor import SILENT
from ..raster_files import NODATA, RasterFiles, RasterKind
from ..raster_prediction import covariates_of
from ..risk_model.predictors import encode
from .category_names import category_names
from .centres import CentreCovariates
from .coarse_grid import LEAST_SIDE, Pace, cell_width, cells_of, choose_factor, coarse_grid, odd_factor
from .trees import MOST_VALUES, contributions
from .values import by_gain, dominant, driver_table

SHAP, DRIVERS = "shap", "drivers"
LOWERS, RAISES = 1, 2  # codes of the band "direction"
MOST_DRIVERS = 254
MOST_CELLS = 1e9
WINDOW, WINDOW_OF_RADIUS = 256, 128  # cells a side
PILOT_WINDOW = 1024  # cells of the template, a side, of the parts that are measured
PILOT_SIDE = 64  # cells along the longer side of the grid on which the pace is measured
PILOT_SHARE = 0.1  # of the time allowed
RESERVE = 0.7  # of the time left: other programs run, and files are written
MEASURED_S, MEASURED_RUNS = 0.3, 3


@dataclass(frozen=True)
class RasterExplanationOptions:
    """cell_size: width of a cell in the units of the grid's CRS; None chooses one that is done in ``max_seconds``.

    allow_missing: also explain cells where some covariates have no value. threads: 0 for all cores; the numbers do not
    depend on it.
    """

    cell_size: Optional[float] = None
    max_seconds: float = 60.0
    allow_missing: bool = False
    threads: int = 0


@dataclass(frozen=True)
class RasterExplanation:
    """What was written. path: SHAP values; drivers_path: dominant drivers; None for one not asked for.

    grid: the coarse grid; factor: its cells' width in cells of the template; cell_size: in the CRS's units.
    cells: in the grid; explained: with values. without_value: a row per covariate: cells with nodata, cells with an
    ``unseen`` class. driver_names: of the codes 1, 2 ... drivers: a row per driver, most frequent first: cells, share,
    raises, lowers.
    mean_abs_shap: p floats, in the predictors' order. base: what the SHAP values add to, the last band.
    seconds: what it took; cells_per_second: the pace measured before, None where ``cell_size`` was given.
    """

    path: Optional[Path]
    drivers_path: Optional[Path]
    grid: Grid
    factor: float
    cell_size: float
    cells: int
    explained: int
    without_value: pd.DataFrame
    driver_names: tuple
    drivers: pd.DataFrame
    mean_abs_shap: np.ndarray
    base: float
    seconds: float
    cells_per_second: Optional[float]

    @property
    def label(self):
        """A word on the grid, for names of layers: "coarse grid", or "every cell" of the template."""
        return "coarse grid" if self.factor > 1 else "every cell"

    @property
    def sentence(self):
        """The grid in words: how coarse, how chosen, and how to get the same one again."""
        unit = "degrees" if self.grid.crs.is_geographic else self.grid.crs.linear_units or "units of the CRS"
        text = (
            f"{self.label.capitalize()}: {self.explained:,} of {self.cells:,} cells explained, each "
            f"{self.cell_size:.6g} {unit} wide, {self.factor:g} times the template's cells"
        )
        if self.cells_per_second is None:
            return f"{text}, as asked for."
        return (
            f"{text}; chosen for the time allowed at {self.cells_per_second:,.0f} cells a second, done in "
            f"{self.seconds:.0f} s. The cell size {self.cell_size!r} gives the same grid on any machine."
        )


def explain_raster(model, path=None, drivers_path=None, grid=None, manifest=None, options=None, monitor=SILENT):
    """SHAP values of a :class:`RiskModel` at the centres of coarse cells, as GeoTIFFs: RasterExplanation.

    path: float32 bands, one per predictor and named after it, then ``base``; in the unit of the model's margin (log
    units with a logarithmic link), so that all bands of a cell add up to what the trees say there. drivers_path: bytes:
    ``driver`` (1 ... by falling gain, 0 nodata; their names are in its metadata and in an .aux.xml beside it),
    ``direction`` (1 lowers, 2 raises the prediction) and ``share_percent`` of the sum of |SHAP values|.
    grid: :class:`Grid` that the coarse one starts from, None for that of the first covariate. manifest: as in
    predict_raster.

    Without ``options.cell_size`` the pace is measured on cells spread over the grid, and the cell size is the smallest
    odd multiple of the grid's with which it ends within ``options.max_seconds``: then the centre of every coarse cell
    is that of a cell of the grid, and its SHAP values explain what predict_raster writes there.

    Raises InputError where predict_raster would. On any error and on Cancel nothing is left behind.
    """
    options = options or RasterExplanationOptions()
    began = time.perf_counter()
    manifest = covariates_of(model, manifest)
    template = grid or Grid.of_raster(manifest.covariates[0].path)
    files = _files(model, path, drivers_path)
    coarse, pace = _choose_grid(model, manifest, template, options, monitor)
    tally = _Tally(model)
    with _written(files, coarse, model) as rasters:
        _write(model, manifest, coarse, rasters, options, tally, monitor.part(PILOT_SHARE, 0.95))
        if not tally.explained:
            raise InputError(
                f"No cell of the coarse grid has a value in every covariate, so nothing can be explained: "
                f"{tally.losses()}. Check that the rasters overlap, or ask for smaller cells."
            )
        rasters.finish(monitor)
    if tally.explained < tally.cells:
        monitor.warn(f"{tally.cells - tally.explained} of {tally.cells} coarse cells are nodata: {tally.losses()}.")
    monitor.progress(1.0)
    return RasterExplanation(
        path=rasters.paths.get(SHAP),
        drivers_path=rasters.paths.get(DRIVERS),
        grid=coarse,
        factor=cell_width(coarse) / cell_width(template),
        cell_size=cell_width(coarse),
        seconds=time.perf_counter() - began,
        cells_per_second=pace.cells_per_second if pace else None,
        **tally.result(),
    )


def _choose_grid(model, manifest, template, options, monitor):
    """The coarse grid of the options, and the Pace it was chosen by, None where its cell size was given."""
    if options.cell_size is not None:
        coarse = coarse_grid(template, options.cell_size / cell_width(template))
        if cells_of(coarse) > MOST_CELLS:
            raise InputError(
                f"A cell size of {options.cell_size:g} makes {cells_of(coarse):.2g} cells, more than can be explained. "
                f"The template's cells are {cell_width(template):g} wide."
            )
        return coarse, None
    began = time.perf_counter()
    pace = _measure(model, manifest, template, options, monitor.part(0.0, PILOT_SHARE))
    left = options.max_seconds - (time.perf_counter() - began)
    factor = choose_factor(template, pace, RESERVE * left)
    _warn_if_long(template, factor, pace, left, monitor)
    return coarse_grid(template, factor), pace


def _files(model, path, drivers_path):
    """RasterFiles' description of what is to be written. Raises InputError where that is nothing."""
    files = {}
    if path:
        files[SHAP] = (path, RasterKind("float32", NODATA, (*model.names, "base"), averaged=True))
    if drivers_path:
        if len(model.names) > MOST_DRIVERS:
            raise InputError(
                f"A raster of drivers holds at most {MOST_DRIVERS} predictors; there are {len(model.names)}."
            )
        files[DRIVERS] = (drivers_path, RasterKind("uint8", 0, ("driver", "direction", "share_percent")))
    if not files:
        raise InputError("Name a file for the SHAP values, for the dominant drivers, or for both.")
    return files


@contextlib.contextmanager
def _written(files, grid, model):
    """RasterFiles of the coarse grid that tell in their metadata what they are; the drivers with their names."""
    with contextlib.ExitStack() as stack:
        if DRIVERS in files:
            stack.enter_context(category_names(files[DRIVERS][0], ("", *by_gain(model))))
        rasters = stack.enter_context(RasterFiles(files, grid))
        unit = "log units" if model.options.transform == "log" else f"unit of {model.target}"
        for name in files:
            rasters.tag(name, target=model.target, unit=unit, skill=model.skill.sentence)
        if DRIVERS in files:
            rasters.tag(DRIVERS, **{f"driver_{code}": name for code, name in enumerate(by_gain(model), start=1)})
            rasters.tag(DRIVERS, **{f"direction_{LOWERS}": "lowers", f"direction_{RAISES}": "raises"})
        yield rasters


def _measure(model, manifest, template, options, monitor):
    """The pace on a grid of some thousand cells, or on a part of it when that takes a tenth of the time: Pace."""
    factor = odd_factor(template, PILOT_SIDE)
    pilot = coarse_grid(template, factor)
    windows = _spread(list(pilot.windows(max(1, min(_window(manifest), PILOT_WINDOW // factor)))))
    matrices, cells, seconds = [], [], []
    with CentreCovariates(manifest, pilot) as covariates:
        for number, window in enumerate(windows):
            monitor.progress(number / len(windows))
            if number > 1 and sum(seconds) > PILOT_SHARE * options.max_seconds:
                break
            began = time.perf_counter()
            matrix = encode(covariates.read(window, monitor.part(1.0, 1.0)), model.predictors).matrix
            matrices.append(matrix[_usable(matrix, options)])
            seconds.append(time.perf_counter() - began)
            cells.append(len(matrix))
    first = 1 if len(cells) > 1 else 0  # which also opens what is opened once
    reading = sum(seconds[first:]) * cells_of(pilot) / sum(cells[first:])
    sample = np.concatenate(matrices)
    usable_share = max(len(sample), 1) / sum(cells)
    # cells without a value take as long
    sample = sample if len(sample) else np.full((1, len(model.names)), np.nan, dtype=np.float32)
    return Pace(_cells_per_second(model, sample, options.threads, monitor.part(1.0, 1.0)), usable_share, reading)


def _cells_per_second(model, sample, threads, monitor):
    """How many cells are explained in a second: the best of some runs on cells of the sample, others run too."""
    count, paces = 50, []
    while len(paces) < MEASURED_RUNS:
        rows = np.resize(sample, (count, sample.shape[1]))
        began = time.perf_counter()
        contributions(model, rows, threads, monitor)
        took = time.perf_counter() - began
        if took >= MEASURED_S:
            paces.append(count / took)
        else:
            count = int(count * min(10.0, 1.5 * MEASURED_S / max(took, 1e-4)) + 1)
    return max(paces)


def _warn_if_long(template, factor, pace, left, monitor):
    needed = pace.seconds(cells_of(coarse_grid(template, factor)))
    if needed > left:
        reading = f", {pace.reading_s:.0f} s of them to read the covariates" if pace.reading_s > 1 else ""
        monitor.warn(
            f"Even the coarsest grid ({LEAST_SIDE} cells along its longer side) takes about {needed:.0f} s{reading}; "
            f"{max(left, 0):.0f} s are left of the time allowed. It is made all the same; Cancel stops it."
        )


def _write(model, manifest, grid, rasters, options, tally, monitor):
    windows = list(grid.windows(_window(manifest)))
    with CentreCovariates(manifest, grid) as covariates:
        for number, window in enumerate(windows):
            here = monitor.part(number / len(windows), (number + 1) / len(windows))
            encoded = encode(covariates.read(window, here.part(0.0, 0.3)), model.predictors)
            usable = _usable(encoded.matrix, options)
            tally.lost(encoded)
            values = contributions(model, encoded.matrix[usable], options.threads, here.part(0.3, 1.0))
            rasters.write(window, usable, _bands(values, rasters.kinds, tally))


def _bands(values, kinds, tally):
    """What the files hold at m explained cells (SHAP values m x (p + 1)): kind -> bands x m."""
    place, shap, share = dominant(values[:, :-1].astype(np.float64))
    tally.add(values, place, shap > 0)
    bands = {SHAP: values.T}
    if DRIVERS in kinds:
        percent = np.clip(np.rint(100 * np.nan_to_num(share)), 1, 100)
        rows = np.stack([tally.code_of[place], np.where(shap > 0, RAISES, LOWERS), percent])
        bands[DRIVERS] = np.where(place < 0, 0, rows).astype(np.uint8)
    return {name: bands[name] for name in kinds}


def _window(manifest):
    """Cells a side of the windows that are explained at once."""
    covariates = manifest.covariates
    has_radius = any(covariate.method in ("mean", "majority") for covariate in covariates)
    return min(WINDOW_OF_RADIUS if has_radius else WINDOW, math.isqrt(MOST_VALUES // (len(covariates) + 1)))


def _spread(windows):
    """The windows in an order of which every beginning is spread over all of them (golden ratio)."""
    order = np.argsort((np.arange(len(windows)) * 0.6180339887) % 1.0)
    return [windows[place] for place in np.argsort(order)]


def _usable(matrix, options):
    known = ~np.isnan(matrix)
    return known.any(axis=1) if options.allow_missing else known.all(axis=1)


class _Tally:
    """Counts kept while the windows go by."""

    def __init__(self, model):
        self.names, self.driver_names = model.names, by_gain(model)
        self.code_of = np.array([self.driver_names.index(name) + 1 for name in self.names])
        self.cells = self.explained = 0
        self.base = float("nan")
        self.nodata, self.unseen, self.driven, self.raised = (np.zeros(len(self.names), dtype=int) for _ in range(4))
        self.size = np.zeros(len(self.names))

    def lost(self, encoded):
        self.cells += len(encoded.matrix)
        unseen = encoded.unseen.sum(axis=0)
        self.unseen += unseen
        self.nodata += np.isnan(encoded.matrix).sum(axis=0) - unseen

    def add(self, values, place, raises):
        self.explained += len(values)
        if len(values):
            self.base = float(values[0, -1])
        self.size += np.abs(values[:, :-1]).sum(axis=0, dtype=np.float64)
        found = place >= 0
        self.driven += np.bincount(place[found], minlength=len(self.names))
        self.raised += np.bincount(place[found & raises], minlength=len(self.names))

    def losses(self):
        texts = [f"{name} {count} cells without value" for name, count in zip(self.names, self.nodata) if count]
        texts += [
            f"{name} {count} cells of a class that training did not see"
            for name, count in zip(self.names, self.unseen)
            if count
        ]
        return "; ".join(texts)

    def result(self):
        return {
            "cells": self.cells,
            "explained": self.explained,
            "without_value": pd.DataFrame({"covariate": self.names, "nodata": self.nodata, "unseen": self.unseen}),
            "driver_names": tuple(self.driver_names),
            "drivers": driver_table(self.names, self.driven, self.raised, "cells"),
            "mean_abs_shap": self.size / max(1, self.explained),
            "base": self.base,
        }
