"""Surfaces: an interpolation predicted on every cell of a grid, window by window."""

from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np
import pandas as pd

from ..covariates.grid import AlignedCovariates, Grid
from ..covariates.manifest import Manifest
from ..covariates.surfaces import INTERPOLATED, KIND
from ..errors import InputError
from ..geodesy import crs_of
from ..monitor import SILENT
from ..raster_files import NODATA, TILE, RasterFiles, RasterKind
from ..risk_model.predictors import label_of

PREDICTION, VARIANCE = "prediction", "variance"
CELLS_ALONG = 250
MOST_CELLS = 1_000_000_000


@dataclass(frozen=True)
class Surface:
    """What was written. path, variance_path: the files; cells: in the grid; predicted: with a value.

    without_value: a row per covariate: cells with ``nodata``, cells with a label that no site has (``unseen``).
    """

    path: Path
    variance_path: Optional[Path]
    cells: int
    predicted: int
    without_value: pd.DataFrame
    minimum: float
    mean: float
    maximum: float


def grid_around(crs, extent, cell_size=None):
    """A grid over an extent (left, bottom, right, top) in ``crs``. cell_size: None for 250 cells on the long side.

    Raises InputError for an extent without area, and for more than a thousand million cells.
    """
    from rasterio.crs import CRS
    from rasterio.transform import from_origin

    left, bottom, right, top = extent
    if not (right > left and top > bottom):
        raise InputError("The extent of the surface has no area. Give an extent or a template raster.")
    cell_size = cell_size or max(right - left, top - bottom) / CELLS_ALONG
    width, height = (max(1, int(np.ceil(side / cell_size - 1e-6))) for side in (right - left, top - bottom))
    if width * height > MOST_CELLS:
        raise InputError(f"Cells of {cell_size:g} make {width:,} x {height:,}; give a larger cell size.")
    return Grid(CRS.from_wkt(crs_of(crs).to_wkt()), from_origin(left, top, cell_size, cell_size), width, height)


def write_surface(interpolation, path, grid, manifest=None, variance_path=None, monitor=SILENT):
    """Predict an :class:`Interpolation` on every cell of a grid and write float32 GeoTIFFs: Surface.

    grid: :class:`Grid`; manifest: rasters of the trend's covariates, matched by name; variance_path: also write the
    kriging variance (in the squared unit of what was kriged). Cells without a covariate, or of a category that no site
    has, are nodata (-9999) and counted. Memory does not grow with the grid; on any error and on Cancel nothing is left.

    Raises InputError for a covariate without raster, a file that cannot be written, and where no cell has a value.
    """
    manifest = _trend_rasters(interpolation.trend, manifest)
    files = {PREDICTION: (path, RasterKind("float32", NODATA, (interpolation.name,), averaged=True))}
    if variance_path:
        files[VARIANCE] = (variance_path, RasterKind("float32", NODATA, ("kriging variance",), averaged=True))
    tally = _Tally(manifest.names)
    windows = list(grid.windows(128 if any(c.radius_m for c in manifest.covariates) else TILE))
    with RasterFiles(files, grid) as rasters, AlignedCovariates(manifest, grid) as aligned:
        rasters.tag(PREDICTION, **{KIND: INTERPOLATED})
        for number, window in enumerate(windows):
            part = monitor.part(0.95 * number / len(windows), 0.95 * (number + 1) / len(windows))
            part.progress(0.0)
            table, usable = tally.covariates(aligned.read(window), manifest, interpolation.trend, window)
            x, y = (axis.ravel()[usable] for axis in grid.centres(window))
            crs = grid.crs.to_wkt()
            found = interpolation.predict(x, y, crs, table[usable], part, VARIANCE in files)
            # far outside its area of use a CRS may have no answer
            placed = np.isfinite(found[0])
            usable[np.flatnonzero(usable)[~placed]] = False
            values = found[0][placed]
            tally.add(values)
            variance = found[1][placed][None] if VARIANCE in files else None
            rasters.write(window, usable, {PREDICTION: values[None], VARIANCE: variance})
        if not tally.predicted:
            raise InputError(f"No cell of the grid can be predicted: {tally.losses() or 'check its extent'}.")
        rasters.finish(monitor)
    if tally.predicted < tally.cells:
        monitor.warn(f"{tally.cells - tally.predicted} of {tally.cells} cells are nodata: {tally.losses()}.")
    monitor.progress(1.0)
    return tally.result(rasters.paths)


def _trend_rasters(trend, manifest):
    names = manifest.names if manifest else []
    absent = [name for name in trend.names if name not in names]
    if absent:
        raise InputError(
            f"The trend has {', '.join(trend.names)}; there is no raster for {', '.join(absent)} (rasters: "
            f"{', '.join(names) or 'none'})."
        )
    return manifest.select(trend.names) if trend.names else Manifest()


class _Tally:
    """Counts kept while the windows go by."""

    def __init__(self, names):
        self.names = names
        self.cells = self.predicted = 0
        self.nodata, self.unseen = np.zeros(len(names), dtype=int), np.zeros(len(names), dtype=int)
        self.minimum, self.maximum, self.total = np.inf, -np.inf, 0.0

    def covariates(self, arrays, manifest, trend, window):
        """The covariates of a window as a table with labels in place of codes, and which cells have all of them."""
        count = window.height * window.width
        self.cells += count
        table, usable = pd.DataFrame(index=range(count)), np.ones(count, dtype=bool)
        for index, (predictor, covariate) in enumerate(zip(trend.predictors, manifest.covariates)):
            column = pd.Series(arrays[predictor.name].ravel())
            has_value = column.notna()
            self.nodata[index] += (~has_value).sum()
            if predictor.is_category:
                labels = column.map(covariate.categories) if covariate.categories else column
                labels = labels.map(label_of, na_action="ignore")
                column = labels.where(labels.isin(predictor.labels))
                self.unseen[index] += (has_value & column.isna()).sum()
            table[predictor.name] = column
            usable &= column.notna().to_numpy()
        return table, usable

    def add(self, values):
        """Count the predictions of a window."""
        self.predicted += len(values)
        if len(values):
            self.minimum, self.maximum = min(self.minimum, values.min()), max(self.maximum, values.max())
            self.total += float(values.sum())

    def losses(self):
        """What was lost, in words."""
        kinds = ((self.nodata, "cells without value"), (self.unseen, "cells of a class that no site has"))
        return "; ".join(f"{name} {n} {what}" for counts, what in kinds for name, n in zip(self.names, counts) if n)

    def result(self, paths):
        """The Surface."""
        lost = pd.DataFrame({"covariate": self.names, "nodata": self.nodata, "unseen": self.unseen})
        mean = self.total / self.predicted
        extremes = (float(self.minimum), mean, float(self.maximum))
        return Surface(paths[PREDICTION], paths.get(VARIANCE), self.cells, self.predicted, lost, *extremes)
