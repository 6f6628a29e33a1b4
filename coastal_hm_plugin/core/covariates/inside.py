"""Which cells of a grid have their centre inside polygons of any CRS."""

import numpy as np

from ..errors import InputError
from ..geodesy import MEAN_RADIUS_M, project
from .features import cut, segments_of
from .globe import on_globe

MOST_PIECES = 64


class InsidePolygons:
    """Polygons in the CRS of a grid, burnt window by window."""

    def __init__(self, features, grid, side_m, monitor):
        if features.polygons is None:
            raise InputError("Only polygons have an inside. Measure to the features themselves, or give polygons.")
        self.grid, self.side_m, self.polygons, self.boxes = grid, side_m, [], []
        for rings in features.polygons:
            monitor.check()
            projected = [self._projected(ring, features.crs) for ring in rings]
            self.polygons.append({"type": "Polygon", "coordinates": [ring.tolist() for ring in projected]})
            self.boxes.append([*projected[0].min(axis=0), *projected[0].max(axis=0)])
        self.boxes = np.array(self.boxes).reshape(-1, 4)

    def cells(self, window):
        """Rows x columns bools: the cells of a window whose centre is inside a polygon."""
        from rasterio.features import rasterize

        t = self.grid.transform
        moved = t * type(t).translation(window.col_off, window.row_off)
        corners = np.array([moved * (c, r) for c in (0, window.width) for r in (0, window.height)])
        low, high = corners.min(axis=0), corners.max(axis=0)
        near = (self.boxes[:, :2] <= high).all(axis=1) & (self.boxes[:, 2:] >= low).all(axis=1)
        shape = (int(window.height), int(window.width))
        if not near.any():
            return np.zeros(shape, dtype=bool)
        shapes = [self.polygons[index] for index in np.flatnonzero(near)]
        return rasterize(shapes, out_shape=shape, transform=moved, default_value=1, dtype="uint8").astype(bool)

    def _projected(self, ring, crs):
        """The ring in the grid's CRS. Its edges are straight in their own: long ones are cut to follow that."""
        ring = np.asarray(ring, dtype=np.float64)
        length = np.linalg.norm(np.diff(on_globe(ring[:, 0], ring[:, 1], crs), axis=0), axis=1)
        bend = np.sqrt(4 * np.nan_to_num(length) ** 2 / (MEAN_RADIUS_M * self.side_m))  # a quarter of a cell aside
        pieces = np.clip(np.ceil(bend), 1, MOST_PIECES).astype(np.int64)
        x, y = cut(segments_of(ring), pieces)
        x, y = project(np.append(x, ring[-1, 0]), np.append(y, ring[-1, 1]), crs, self.grid.crs.to_wkt())
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise InputError(
                "Some polygons reach beyond where the template's coordinate system is defined. "
                "Clip them to the surroundings of the template, or measure to their edges."
            )
        return np.column_stack([x, y])
