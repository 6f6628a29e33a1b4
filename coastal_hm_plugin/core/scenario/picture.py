"""A small picture of a raster of changes, of the part where something may change, gathered while the cells go by."""

from dataclasses import dataclass

import numpy as np

CELLS = 500  # along the longer side
MARGIN = 0.2  # of the area of the change, around it


@dataclass(frozen=True)
class Picture:
    """change: rows x columns, NaN where nothing is predicted; altered: bool, where a covariate changed; outside: bool,
    outside the area of applicability.

    extent: left, right, bottom, top in the units of ``crs`` (a pyproj CRS), or in columns and rows where the grid is
    rotated and crs is None.
    """

    change: np.ndarray
    altered: np.ndarray
    outside: np.ndarray
    extent: tuple
    crs: object


class Sketch:
    """Every k-th cell of a grid's part, so that the picture has at most CELLS cells along."""

    def __init__(self, grid, area=None):
        self.grid = grid
        self.first_row, self.rows, self.first_column, self.columns = self._part(area)
        self.step = max(1, -(-max(self.rows, self.columns) // CELLS))
        shape = (-(-self.rows // self.step), -(-self.columns // self.step))
        self.change = np.full(shape, np.nan, dtype=np.float32)
        self.altered, self.outside = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)

    def _part(self, area):
        """First row, rows, first column and columns of the picture: around the polygons, or the whole grid."""
        if area is None:
            return 0, self.grid.height, 0, self.grid.width
        spans = []
        low, high = area.boxes.min(axis=0), area.boxes.max(axis=0)
        for first, last, most in ((low[2], high[3], self.grid.height), (low[0], high[1], self.grid.width)):
            margin = MARGIN * max(high[1] - low[0], high[3] - low[2])
            start, stop = max(0, int(first - margin)), min(most, int(np.ceil(last + margin)))
            spans += [start, stop - start]
        return tuple(spans)

    def add(self, window, usable, places):
        """Take over cells of a window. places: :class:`Places` of its usable cells."""
        rows, from_row = self._shown(window.row_off, window.height, self.first_row, self.rows)
        columns, from_column = self._shown(window.col_off, window.width, self.first_column, self.columns)
        if not (len(rows) and len(columns)):
            return
        place = np.ix_((from_row + rows) // self.step, (from_column + columns) // self.step)
        shown = [(self.change, places.after - places.before), (self.altered, places.altered)]
        shown += [(self.outside, places.outside)] if places.outside is not None else []
        for picture, values in shown:
            cells = np.full(len(usable), np.nan if picture.dtype.kind == "f" else 0, dtype=picture.dtype)
            cells[usable] = values
            picture[place] = cells.reshape(window.height, window.width)[np.ix_(rows, columns)]

    def _shown(self, offset, count, first, length):
        """The rows of a window that are in the picture, and the window's first row counted from the picture's first."""
        start = offset - first
        rows = np.arange(count)
        return rows[((rows + start) % self.step == 0) & (rows + start >= 0) & (rows + start < length)], start

    def picture(self):
        """The Picture."""
        from ..geodesy import crs_of

        right, bottom = self.first_column + self.columns, self.first_row + self.rows
        t = self.grid.transform
        if t.b or t.d:
            extent, crs = (self.first_column, right, bottom, self.first_row), None
        else:
            (west, north), (east, south) = t * (self.first_column, self.first_row), t * (right, bottom)
            extent, crs = (west, east, south, north), crs_of(self.grid.crs.to_wkt())
        return Picture(self.change, self.altered, self.outside, extent, crs)
