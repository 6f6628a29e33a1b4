"""Covariate rasters sampled at points: many rasters, any CRS, each part of a raster read once."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..errors import InputError
from ..geodesy import crs_of, project
from ..monitor import SILENT
from .neighbourhood import around_points, interpolate
from .raster import cell_values, has_mask_band, open_raster, read_cells
from .tiles import locate, tiles


@dataclass(frozen=True)
class BandSamples:
    """One band at n points: values (float64, NaN where missing) and which points lie outside the raster."""

    values: np.ndarray
    outside: np.ndarray


@dataclass(frozen=True)
class CovariateSamples:
    """Covariates at n points.

    table: n rows, a column per covariate: floats with NaN, or labels (object) with None, where missing.
    counts: a row per covariate: ``covariate``, ``valid``, ``nodata``, ``outside``, ``unknown_category`` (points).
    unknown_codes: covariate name -> codes found at points that the categories do not name.
    """

    table: pd.DataFrame
    counts: pd.DataFrame
    unknown_codes: dict = field(default_factory=dict)


def sample_covariates(x, y, crs, manifest, monitor=SILENT):
    """Values of every covariate of the manifest at points.

    Parameters: x, y (n each) in ``crs`` (WKT, "EPSG:n" or what pyproj reads; x is easting or longitude);
    the :class:`Manifest` names rasters, bands, methods and categories.
    ``nearest``: the cell that holds the point. ``bilinear``: of the four nearest cell centres, over the valid ones;
    missing where the point's own cell is. ``mean`` / ``majority``: of the valid cells whose centre lies within
    ``radius_m`` ground metres, whatever the raster's units; the point's own cell if none does.

    Returns CovariateSamples. Raises InputError for a raster that cannot be read, has no CRS or holds no point.
    """
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if x.shape != y.shape or x.ndim != 1 or not len(x):
        raise InputError(f"x and y must be two lists of one length, not empty; got {x.shape} and {y.shape}.")
    crs = crs_of(crs)
    positions = {}  # of the points, by the CRS of the raster
    columns, counts, unknown_codes = {}, [], {}
    for index, covariate in enumerate(manifest.covariates):
        part = monitor.part(index / len(manifest.covariates), (index + 1) / len(manifest.covariates))
        with open_raster(covariate) as dataset:
            wkt = dataset.crs.to_wkt()
            if wkt not in positions:
                positions[wkt] = project(x, y, crs, wkt, part)
            raster_x, raster_y = positions[wkt]
            samples = sample_band(dataset, covariate, raster_x, raster_y, part)
            if samples.outside.all():
                raise InputError(_no_overlap(covariate, dataset, x, y, raster_x, raster_y))
        valid = np.isfinite(samples.values)
        column, unknown = _labelled(samples.values, valid, covariate)
        columns[covariate.name] = column
        if unknown.any():
            unknown_codes[covariate.name] = np.unique(samples.values[unknown]).tolist()
        missing = ~valid & ~samples.outside
        counts.append((covariate.name, *(int(c.sum()) for c in (valid & ~unknown, missing, samples.outside, unknown))))
    names = ["covariate", "valid", "nodata", "outside", "unknown_category"]
    result = CovariateSamples(pd.DataFrame(columns), pd.DataFrame(counts, columns=names), unknown_codes)
    _report(result, len(x), monitor)
    return result


def sample_band(dataset, covariate, x, y, monitor=SILENT):
    """One band of an open raster at points (n each, in the raster's CRS) by the covariate's method: BandSamples."""
    located = locate(dataset, x, y)
    if covariate.method == "nearest":
        values = _nearest(dataset, covariate.band, located, monitor)
    elif covariate.method == "bilinear":
        values = _bilinear(dataset, covariate.band, located, monitor)
    else:
        values = around_points(dataset, covariate, located, monitor)
    return BandSamples(values, ~located.inside)


def _nearest(dataset, band, located, monitor):
    cells = np.zeros(len(located.column), dtype=dataset.dtypes[band - 1])
    masked = has_mask_band(dataset, band)
    valid = located.inside.copy()
    done, total = 0, max(1, int(valid.sum()))
    for points, columns, rows in tiles(dataset, band, located):
        monitor.progress(done / total)
        left, top = columns.min(), rows.min()
        window = ((int(top), int(rows.max()) + 1), (int(left), int(columns.max()) + 1))
        cells[points] = dataset.read(band, window=window)[rows - top, columns - left]
        if masked:
            valid[points] = dataset.read_masks(band, window=window)[rows - top, columns - left] != 0
        done += len(points)
    values = cell_values(dataset, band, cells)
    values[~valid] = np.nan
    return values


def _bilinear(dataset, band, located, monitor):
    values = np.full(len(located.column), np.nan)
    done, total = 0, max(1, int(located.inside.sum()))
    for points, columns, rows in tiles(dataset, band, located):
        monitor.progress(done / total)
        left, top = max(columns.min() - 1, 0), max(rows.min() - 1, 0)
        right, bottom = min(columns.max() + 2, dataset.width), min(rows.max() + 2, dataset.height)
        cells = read_cells(dataset, band, (left, right), (top, bottom))
        column, row = located.column[points] - 0.5 - left, located.row[points] - 0.5 - top
        values[points] = interpolate(cells, column, row, own=cells[rows - top, columns - left])
        done += len(points)
    return values


def _labelled(values, valid, covariate):
    """The column for the table, and which points have a code that no category names."""
    unknown = np.zeros(len(values), dtype=bool)
    if not covariate.is_categorical:
        return values, unknown
    labels = np.full(len(values), None, dtype=object)
    codes, code_of = np.unique(values[valid], return_inverse=True)
    names = np.array([covariate.categories.get(code) for code in codes.tolist()] or [None], dtype=object)
    if len(codes):
        labels[valid] = names[code_of]
        unknown[valid] = np.array([name is None for name in names])[code_of]
    return labels, unknown


def _no_overlap(covariate, dataset, x, y, raster_x, raster_y):
    def extent(left, bottom, right, top):
        return f"x {left:.9g} to {right:.9g}, y {bottom:.9g} to {top:.9g}"

    def extent_of(xs, ys):
        finite = np.isfinite(xs) & np.isfinite(ys)
        if not finite.any():
            return "nowhere (no finite coordinate)"
        return extent(xs[finite].min(), ys[finite].min(), xs[finite].max(), ys[finite].max())

    return (
        f"Raster '{covariate.name}' holds none of the {len(x)} points. Raster: {extent(*dataset.bounds)} "
        f"({dataset.crs.to_string()}). Points, in the raster's coordinates: {extent_of(raster_x, raster_y)}; "
        f"in their own: {extent_of(x, y)}. Check both coordinate reference systems, and that x and y are not swapped."
    )


def _report(result, n, monitor):
    for row in result.counts.itertuples():
        text = f"Covariate '{row.covariate}': {row.valid} of {n} points have a value"
        losses = [f"{row.nodata} on nodata"] * bool(row.nodata) + [f"{row.outside} outside"] * bool(row.outside)
        if row.unknown_category:
            codes = ", ".join(f"{code:g}" for code in result.unknown_codes[row.covariate][:8])
            losses.append(f"{row.unknown_category} with codes that no category names ({codes})")
        if losses:
            monitor.warn(f"{text}; NULL: {', '.join(losses)}.")
        else:
            monitor.info(f"{text}.")
