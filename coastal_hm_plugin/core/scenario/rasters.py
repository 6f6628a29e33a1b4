"""A scenario on a grid: predicted before and after a change of covariates, and compared cell by cell."""

import contextlib
import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..covariates.grid import AlignedCovariates, Grid
from ..covariates.manifest import Covariate
from ..covariates.raster import open_raster
from ..errors import InputError
from ..monitor import SILENT
from ..raster_files import NODATA, TILE, RasterFiles, RasterKind
from ..raster_prediction import RasterOptions, RasterOutputs, covariates_of, predict_raster
from .area import area_on_grid, hectares
from .changes import Altered
from .comparison import ALTERED, OUTSIDE, CovariateTally, Places, Tally
from .picture import Sketch
from .result import Scenario, range_warnings, training_ranges

DIFFERENCE, BASELINE, SCENARIO = "difference", "baseline", "scenario"
APPLICABILITY, OLD_APPLICABILITY = "applicability", "old applicability"
BANDS = ("change", "change_percent", "AOA", "altered")
AOA = 3  # band of the area of applicability in what predict_raster writes


def compare_rasters(model, changes, files, grid=None, manifest=None, area=None, options=None, monitor=SILENT):
    """Predict a :class:`RiskModel` on a grid before and after changes of its covariates: Scenario.

    changes: of :func:`parse_changes`. files: :class:`ScenarioFiles`. grid, manifest: as for ``predict_raster``. area:
    (polygons as GeoJSON dictionaries, their CRS): only cells with their centre in a polygon change; None: all. options:
    :class:`RasterOptions`.

    The raster of the difference has the bands ``change`` (after - before, in the target's unit), ``change_percent``
    (of before; nodata where that is not above 0), ``AOA`` (1 inside, 0 outside the area of applicability after the
    change; nodata if the model has none) and ``altered`` (1 where a covariate changed). Cells without a prediction are
    nodata.

    What comes out is what the model would predict; it is an association, not the effect of an intervention.
    Raises InputError as ``predict_raster`` does, where no polygon overlaps the grid, and where no cell changes. On any
    error and on Cancel no file is left behind.
    """
    options = options or RasterOptions()
    manifest = covariates_of(model, manifest)
    grid = grid or Grid.of_raster(manifest.covariates[0].path)
    area = None if area is None else area_on_grid(*area, grid)
    with _unfinished(files, model.applicability is not None) as working:
        _predict_both(model, Altered(changes, model.predictors, area), working, (grid, manifest, options), monitor)
        comparison = _Comparison(model, changes, grid, manifest, area)
        kind = RasterKind("float32", NODATA, BANDS)
        with RasterFiles({DIFFERENCE: (working[DIFFERENCE], kind)}, grid) as output:
            comparison.write(working, output, monitor.part(0.8, 0.98))
            comparison.refuse_no_change()
            output.finish(monitor)
        for name in (DIFFERENCE, BASELINE, SCENARIO, APPLICABILITY):
            if getattr(files, name):
                os.replace(working[name], getattr(files, name))
    comparison.tell(monitor)
    monitor.progress(1.0)
    return comparison.result(files)


@contextlib.contextmanager
def _unfinished(files, has_area):
    """Names for the rasters until all of them are there; those that are not wanted stand beside the difference."""
    if files.applicability and not has_area:
        raise InputError("The model has no area of applicability: it is of an older version. Train it again.")
    names = [DIFFERENCE, BASELINE, SCENARIO, *([APPLICABILITY, OLD_APPLICABILITY] if has_area else [])]
    working = {}
    for name in names:
        path = Path(getattr(files, name, None) or files.difference)
        working[name] = path.with_name(f"{path.stem}.unfinished {name}.tif")
    try:
        yield working
    finally:
        for path in working.values():
            path.unlink(missing_ok=True)


def _predict_both(model, change, working, where, monitor):
    """The rasters before and after the change."""
    for name, area, made, share, told in (
        (BASELINE, OLD_APPLICABILITY, None, (0.0, 0.4), monitor.on_warning),
        (SCENARIO, APPLICABILITY, change, (0.4, 0.8), monitor.on_info),  # what is lost was told the first time
    ):
        outputs = RasterOutputs(working[name], applicability=working.get(area))
        predict_raster(model, outputs, *where, replace(monitor.part(*share), on_warning=told), made)


class _Comparison:
    """The pass over both predictions and the changed covariates."""

    def __init__(self, model, changes, grid, manifest, area):
        self.model, self.changes, self.grid, self.area = model, changes, grid, area
        names = list(dict.fromkeys(change.name for change in changes))
        self.predictors = tuple(p for name in names for p in model.predictors if p.name == name)
        self.manifest = manifest.select(names)
        self.altered = Altered(changes, self.predictors, area)
        self.tally = Tally(model.scheme.limits if model.scheme else ())
        self.covariates = CovariateTally(self.predictors, training_ranges(model))
        self.sketch = Sketch(grid, area)

    def write(self, working, output, monitor):
        """Write the difference window by window and count."""
        readers = {name: Covariate(name, str(path)) for name, path in working.items() if name != DIFFERENCE}
        has_area = self.model.applicability is not None
        windows = list(self.grid.windows(TILE))
        with contextlib.ExitStack() as stack:
            files = {name: stack.enter_context(open_raster(covariate)) for name, covariate in readers.items()}
            aligned = stack.enter_context(AlignedCovariates(self.manifest, self.grid))
            for number, window in enumerate(windows):
                monitor.progress(number / len(windows))
                before, after = (files[name].read(1, window=window).ravel() for name in (BASELINE, SCENARIO))
                usable = (before != NODATA) & (after != NODATA)
                altered = self._altered(aligned.read(window), window, usable)
                outside = [None, None]
                if has_area:
                    both = (APPLICABILITY, OLD_APPLICABILITY)
                    outside = [files[name].read(AOA, window=window).ravel()[usable] != 1 for name in both]
                size = hectares(self.grid, window).ravel()[usable]
                places = Places(before[usable], after[usable], size, altered, *outside)
                self.tally.add(places)
                output.write(window, usable, {DIFFERENCE: _bands(places)})
                self.sketch.add(window, usable, places)

    def _altered(self, arrays, window, usable):
        """Which usable cells of a window the changes alter (bool)."""
        pairs = zip(self.predictors, self.manifest.covariates)
        columns = [_model_values(arrays[covariate.name].ravel(), p, covariate) for p, covariate in pairs]
        before = np.column_stack(columns).astype(np.float32)
        after = self.altered(self.grid, window, before)
        return self.covariates.add(before[usable], after[usable])

    def refuse_no_change(self):
        """Raise InputError where the changes alter no cell."""
        if not self.covariates.cells.any():
            where = "in the polygons of the area " if self.area is not None else ""
            raise InputError(
                f"The changes ({'; '.join(map(str, self.changes))}) alter no covariate {where}where the model "
                "predicts. Check the classes named, and that the polygons cover cells with a prediction."
            )

    def tell(self, monitor):
        """Tell what limits the comparison."""
        summary = self.tally.summary().set_index("part")
        if self.tally.knows_area and summary.loc[OUTSIDE, "cells"]:
            outside, altered = summary.loc[[OUTSIDE, ALTERED], "cells"]
            monitor.warn(
                f"{outside / altered:.1%} of the {altered} altered cells lie outside the area of applicability after "
                f"the change, {self.tally.moved_out} of them because of it: there, the scores do not hold."
            )
        for text in range_warnings(self.covariates.to_frame()):
            monitor.warn(text)
        for change in self.changes:
            if not self.covariates.cells[[p.name for p in self.predictors].index(change.name)]:
                monitor.warn(f"'{change}' alters no cell.")

    def result(self, files):
        """The Scenario."""
        counted = self.tally, self.covariates
        more = {"files": files, "picture": self.sketch.picture()}
        return Scenario.of(self.model, self.changes, self.area is not None, *counted, **more)


def _bands(places):
    """The bands of the difference at some cells."""
    change = places.after.astype(np.float64) - places.before
    percent = np.full(len(change), NODATA)
    positive = places.before > 0
    percent[positive] = 100 * change[positive] / places.before[positive]
    inside = np.full(len(change), NODATA) if places.outside is None else ~places.outside
    return np.stack([change, percent, inside, places.altered]).astype(np.float32)


def _model_values(cells, predictor, covariate):
    """Raster cells (n) as the model has them: numbers, or its codes of classes, NaN for a class it does not know."""
    if not predictor.is_category:
        return np.where(np.isinf(cells), np.nan, cells)
    values = np.full(len(cells), np.nan)
    for code, label in covariate.categories.items():
        if str(label) in predictor.labels:
            values[cells == code] = predictor.labels.index(str(label))
    return values
