"""Values from the cells around a point: bilinear, and mean or majority within a ground radius."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..errors import InputError
from ..geodesy import crs_of, earth_centred, project
from .raster import read_cells
from .tiles import tiles

LARGEST_DISC = 1 << 20  # cells: what a disc, and the working arrays of one chunk of points, may hold


def interpolate(cells, column, row, own):
    """Bilinear value at fractional cell-centre positions (n each) of ``cells``, over the neighbours that are valid.

    NaN where ``own``, the value of the cell that holds the point, is.
    """
    first_column, first_row = np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)
    right, below = column - first_column, row - first_row
    total, weight = np.zeros(len(column)), np.zeros(len(column))
    for step_row, row_weight in ((0, 1 - below), (1, below)):
        for step_column, column_weight in ((0, 1 - right), (1, right)):
            r, c = first_row + step_row, first_column + step_column
            exists = (r >= 0) & (r < cells.shape[0]) & (c >= 0) & (c < cells.shape[1])
            value = cells[np.where(exists, r, 0), np.where(exists, c, 0)]
            share = np.where(exists & np.isfinite(value), row_weight * column_weight, 0.0)
            total += np.where(share > 0, value, 0.0) * share
            weight += share
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(own) & (weight > 0), total / weight, np.nan)


def around_points(dataset, covariate, located, monitor):
    """Mean or majority of the valid cells whose centre lies within ``radius_m`` of each point (n float64)."""
    values = np.full(len(located.column), np.nan)
    crs = crs_of(dataset.crs.to_wkt(), "raster cells")
    summary = _mean if covariate.method == "mean" else _majority
    done, total = 0, max(1, int(located.inside.sum()))
    for points, columns, rows in tiles(dataset, covariate.band, located):
        column, row = located.column[points], located.row[points]
        metric = ground_metric(dataset.transform, crs, column, row)
        reach = _reach(covariate, metric)
        cells = _padded(dataset, covariate.band, columns, rows, reach)
        patches = sliding_window_view(cells, (2 * reach[1] + 1, 2 * reach[0] + 1))
        codes = np.unique(cells[np.isfinite(cells)]) if summary is _majority else None
        size = max(1, LARGEST_DISC // max(patches.shape[2] * patches.shape[3], 0 if codes is None else len(codes)))
        for start in range(0, len(points), size):
            monitor.progress((done + start) / total)
            chunk = slice(start, start + size)
            patch = patches[rows[chunk] - rows.min(), columns[chunk] - columns.min()]
            offset = columns[chunk] + 0.5 - column[chunk], rows[chunk] + 0.5 - row[chunk]
            within = _within(metric[:, chunk], offset, reach, covariate.radius_m)
            values[points[chunk]] = summary(patch, within & np.isfinite(patch), codes)
        done += len(points)
    return values


def ground_metric(transform, crs, column, row):
    """How a step in cells measures on the ground at each point: 3 x n of (g_cc, g_cr, g_rr), square metres per cell^2.

    A step of dc columns and dr rows is sqrt(g_cc dc^2 + 2 g_cr dc dr + g_rr dr^2) metres long: right for degrees,
    and for projections that stretch, such as Web Mercator. Taken at the point, as if the ground were flat around it.
    """
    step = 0.01  # cells: small against the curvature, large against rounding

    def position(c, r):
        x = transform.a * c + transform.b * r + transform.c
        y = transform.d * c + transform.e * r + transform.f
        if crs.geodetic_crs is None:  # a local grid that knows only its unit
            unit = crs.axis_info[0].unit_conversion_factor
            return np.column_stack([x, y]) * unit
        return earth_centred(*project(x, y, crs, "EPSG:4326"))

    here = position(column, row)
    along, down = position(column + step, row) - here, position(column, row + step) - here
    return np.array([(along * along).sum(1), (along * down).sum(1), (down * down).sum(1)]) / step**2


def _reach(covariate, metric):
    """Columns and rows that the largest disc can extend to either side of the cell of its point."""
    along, across, down = metric
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = covariate.radius_m / np.sqrt(along * down - across**2)
        extent = np.array([(spread * np.sqrt(down)).max(), (spread * np.sqrt(along)).max()])
    if not np.isfinite(extent).all() or np.prod(2 * extent + 3) > LARGEST_DISC:
        raise InputError(
            f"Covariate '{covariate.name}': a radius of {covariate.radius_m:g} m spans over a million raster cells "
            "at some points. Use a smaller radius, or resample the raster to larger cells first."
        )
    return np.ceil(extent + 0.5).astype(int)


def _padded(dataset, band, columns, rows, reach):
    """The cells of a tile's points and ``reach`` around, NaN beyond the raster."""
    left, right = columns.min() - reach[0], columns.max() + reach[0] + 1
    top, bottom = rows.min() - reach[1], rows.max() + reach[1] + 1
    cells = np.full((bottom - top, right - left), np.nan)
    c, r = (max(left, 0), min(right, dataset.width)), (max(top, 0), min(bottom, dataset.height))
    cells[r[0] - top : r[1] - top, c[0] - left : c[1] - left] = read_cells(dataset, band, c, r)
    return cells


def _within(metric, offset, reach, radius_m):
    """Which cells of each point's patch (n x rows x columns) have their centre within the radius."""
    along, across, down = metric[:, :, None, None]
    dc = (offset[0][:, None] + np.arange(-reach[0], reach[0] + 1))[:, None, :]
    dr = (offset[1][:, None] + np.arange(-reach[1], reach[1] + 1))[:, :, None]
    within = along * dc**2 + 2 * across * dc * dr + down * dr**2 <= radius_m**2
    within[~within.any(axis=(1, 2)), reach[1], reach[0]] = True  # a disc smaller than a cell: the point's own cell
    return within


def _mean(patch, used, _codes):
    count = used.sum(axis=(1, 2))
    with np.errstate(invalid="ignore"):
        return np.where(used, patch, 0.0).sum(axis=(1, 2)) / np.where(count, count, np.nan)


def _majority(patch, used, codes):
    """The most frequent code of each patch; in a tie the code of the point's own cell, else the lowest."""
    result = np.full(len(patch), np.nan)
    if not len(codes):
        return result
    point = np.broadcast_to(np.arange(len(patch))[:, None, None], patch.shape)[used]
    code = np.searchsorted(codes, patch[used])
    votes = np.bincount(point * len(codes) + code, minlength=len(patch) * len(codes)).astype(float)
    votes = votes.reshape(len(patch), len(codes))
    own = patch[:, patch.shape[1] // 2, patch.shape[2] // 2]
    known = np.flatnonzero(np.isfinite(own))
    votes[known, np.searchsorted(codes, own[known])] += 0.5
    any_vote = used.any(axis=(1, 2))
    result[any_vote] = codes[votes[any_vote].argmax(axis=1)]
    return result
