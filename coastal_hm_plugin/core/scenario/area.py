"""Polygons on a grid: which cells a change concerns, and how large cells are on the ground."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..geodesy import ECCENTRICITY_2, SEMI_MAJOR_M, crs_of, project

CELLS_PER_PIECE = 2  # straight pieces of an edge that bends in the grid's projection
MOST_PIECES = 1000
SQUARE_METRES_PER_HECTARE = 10_000.0


@dataclass(frozen=True)
class AreaOnGrid:
    """Polygons in the CRS of a grid. polygons: k GeoJSON dictionaries; boxes: k x 4, first and last column and row."""

    grid: object
    polygons: tuple
    boxes: np.ndarray

    def mask(self, window):
        """Whether the centre of each cell of a window lies in a polygon (bool, of the window's shape)."""
        from rasterio.features import rasterize

        left, top = window.col_off, window.row_off
        first_column, last_column, first_row, last_row = self.boxes.T
        near = (first_column <= left + window.width) & (last_column >= left)
        near &= (first_row <= top + window.height) & (last_row >= top)
        if not near.any():
            return np.zeros((window.height, window.width), dtype=bool)
        shapes = [(self.polygons[k], 1) for k in np.flatnonzero(near)]
        transform = self.grid.transform * self.grid.transform.translation(left, top)
        return rasterize(shapes, (window.height, window.width), transform=transform, dtype="uint8").astype(bool)


def area_on_grid(polygons, crs, grid):
    """Polygons (GeoJSON dictionaries, Polygon or MultiPolygon) in their CRS on a :class:`Grid`: AreaOnGrid.

    A cell belongs to the area if its centre lies in a polygon. Edges are straight in the polygons' own CRS: they are
    cut into pieces of some two cells before they are projected. Raises InputError without polygons, for one that the
    grid's CRS cannot place, and where none overlaps the grid.
    """
    edges = [rings for polygon in polygons for rings in _rings(polygon)]
    if not edges:
        raise InputError("The area of the change holds no polygon.")
    source, target = crs_of(crs, "polygons of the area"), crs_of(grid.crs.to_wkt(), "grid")
    shapes, boxes = [], []
    for rings in edges:
        placed = [_project_ring(ring, source, target, grid) for ring in rings]
        columns, rows = ~grid.transform * (placed[0][:, 0], placed[0][:, 1])
        boxes.append([columns.min(), columns.max(), rows.min(), rows.max()])
        shapes.append({"type": "Polygon", "coordinates": [ring.tolist() for ring in placed]})
    boxes = np.array(boxes)
    overlaps = (boxes[:, 0] < grid.width) & (boxes[:, 1] > 0) & (boxes[:, 2] < grid.height) & (boxes[:, 3] > 0)
    if not overlaps.any():
        raise InputError(
            "No polygon of the area overlaps the grid of the prediction. Check the layer's coordinate reference system."
        )
    kept = np.flatnonzero(overlaps)
    return AreaOnGrid(grid, tuple(shapes[k] for k in kept), boxes[kept])


def hectares(grid, window):
    """Area of the cells of a window on the WGS 84 ellipsoid in hectares, of the window's shape.

    Degrees: the ellipsoid's area element at the cell centre. A projection: the cell's area divided by the areal scale,
    taken along the middle row and the middle column of the window, across which it varies slowly.
    """
    t, crs = grid.transform, crs_of(grid.crs.to_wkt(), "grid")
    size = abs(t.a * t.e - t.b * t.d)
    if crs.is_geographic:
        latitude = np.radians(grid.centres(window)[1])
        element = SEMI_MAJOR_M**2 * (1 - ECCENTRICITY_2) * np.cos(latitude)
        element /= (1 - ECCENTRICITY_2 * np.sin(latitude) ** 2) ** 2
        return element * size * np.radians(1.0) ** 2 / SQUARE_METRES_PER_HECTARE
    unit_m = crs.axis_info[0].unit_conversion_factor if crs.axis_info else 1.0
    row, column = window.height // 2, window.width // 2
    x, y = grid.centres(window)
    along_row, along_column = _areal_scale(x[row], y[row], crs), _areal_scale(x[:, column], y[:, column], crs)
    scale = along_column[:, None] * along_row[None, :] / along_row[column]
    return size * unit_m**2 / scale / SQUARE_METRES_PER_HECTARE


def _areal_scale(x, y, crs):
    """How much larger a projection draws an area at these places (n); 1 where it has no answer."""
    from pyproj import Proj

    longitude, latitude = project(x, y, crs, "EPSG:4326")
    scale = np.asarray(Proj(crs).get_factors(longitude, latitude, errcheck=False).areal_scale, dtype=np.float64)
    return np.where(np.isfinite(scale) & (scale > 0), scale, 1.0)


def _rings(polygon):
    """The rings (k x 2 arrays, the outer one first) of each part of a GeoJSON polygon."""
    kind, coordinates = polygon.get("type"), polygon.get("coordinates", [])
    if kind not in ("Polygon", "MultiPolygon"):
        raise InputError(f"The area of the change must be of polygons; one of its shapes is a {kind}.")
    for part in [coordinates] if kind == "Polygon" else coordinates:
        if part:
            yield [np.asarray(ring, dtype=np.float64)[:, :2] for ring in part]


def _project_ring(ring, source, target, grid):
    """A ring in the grid's CRS, its edges cut so finely that they bend as they do there."""
    corners = np.column_stack(_placed(ring, source, target))
    columns, rows = ~grid.transform * (corners[:, 0], corners[:, 1])
    length = np.hypot(np.diff(columns), np.diff(rows))
    pieces = np.clip(np.ceil(length / CELLS_PER_PIECE), 1, MOST_PIECES).astype(int)
    if source.equals(target, ignore_axis_order=True) or (pieces == 1).all():
        return corners
    starts = np.repeat(np.arange(len(pieces)), pieces)
    share = np.concatenate([np.arange(count) / count for count in pieces])[:, None]
    fine = ring[starts] * (1 - share) + ring[starts + 1] * share
    return np.column_stack(_placed(np.vstack([fine, ring[-1:]]), source, target))


def _placed(ring, source, target):
    x, y = project(ring[:, 0], ring[:, 1], source, target)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("A polygon of the area has corners that the grid's coordinate reference system cannot place.")
    return x, y
