"""Points on a raster's cells, grouped so that every part of the raster is read once.

Reading a raster point by point decodes the same block again and again. Here the points are sorted by tile
(a rectangle of whole blocks, of bounded size), and each tile that holds points is read once.
"""

from dataclasses import dataclass

import numpy as np

TILE_CELLS = 1 << 20


@dataclass(frozen=True)
class Located:
    """Points in a raster's own coordinates: fractional column and row (n), and whether inside the raster (n bools)."""

    column: np.ndarray
    row: np.ndarray
    inside: np.ndarray


def locate(dataset, x, y):
    """Where points (n, in the raster's CRS) lie on its cells. Points that are not finite are outside."""
    t = ~dataset.transform
    column = t.a * x + t.b * y + t.c
    row = t.d * x + t.e * y + t.f
    with np.errstate(invalid="ignore"):
        # the far edges belong to the last cells, or a point on the raster's border would be nowhere
        inside = (column >= 0) & (column <= dataset.width) & (row >= 0) & (row <= dataset.height)
    return Located(column, row, inside)


def cells_of(dataset, located, points):
    """Column and row index (int) of the cell that holds each of the ``points`` (indices of inside points)."""
    column = np.minimum(located.column[points].astype(np.int64), dataset.width - 1)
    row = np.minimum(located.row[points].astype(np.int64), dataset.height - 1)
    return column, row


def tile_shape(dataset, band, cells=TILE_CELLS):
    """Rows and columns of a tile: whole blocks, square if they allow, at most about ``cells`` cells."""
    block_rows, block_columns = dataset.block_shapes[band - 1]
    columns = min(max(block_columns, int(cells**0.5) // block_columns * block_columns), dataset.width, cells)
    rows = max(1, cells // columns)
    rows = max(rows // block_rows * block_rows, min(rows, block_rows))
    return min(rows, dataset.height), columns


def tiles(dataset, band, located):
    """Yield ``(points, columns, rows)`` tile by tile: indices of the inside points, and their cells."""
    points = np.flatnonzero(located.inside)
    column, row = cells_of(dataset, located, points)
    tile_rows, tile_columns = tile_shape(dataset, band)
    across = -(-dataset.width // tile_columns)
    tile = row // tile_rows * across + column // tile_columns
    if across * -(-dataset.height // tile_rows) < 1 << 16:
        tile = tile.astype(np.uint16)  # numpy sorts 16 bits by radix, ten times faster
    order = np.argsort(tile, kind="stable")
    points, column, row, tile = points[order], column[order], row[order], tile[order]
    starts = np.flatnonzero(np.r_[True, tile[1:] != tile[:-1]]) if len(tile) else []
    for start, stop in zip(starts, np.r_[starts[1:], len(tile)] if len(tile) else []):
        yield points[start:stop], column[start:stop], row[start:stop]
