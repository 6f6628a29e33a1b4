"""Grid cells and points on the globe, in earth-centred metres: what density and distance are measured in."""

import numpy as np

from ..errors import InputError
from ..geodesy import crs_of, earth_centred, project

LATTICE = 9
LARGE_GRID = 100_000_000


def on_globe(x, y, crs):
    """Earth-centred metres (n x 3) of points in any CRS; NaN where it has no answer.

    Raises InputError for a CRS that is not tied to the globe.
    """
    crs = crs_of(crs)
    if crs.geodetic_crs is None:
        raise InputError(f"{crs.name} is a local system that is not tied to the globe. Use a CRS that is.")
    longitude, latitude = project(x, y, crs, "EPSG:4326")
    placed = np.isfinite(longitude) & np.isfinite(latitude)
    places = np.full((len(longitude), 3), np.nan)
    places[placed] = earth_centred(longitude[placed], latitude[placed])
    return places


def earth_cells(grid, window, margin=0):
    """Earth-centred metres of the cell centres of a window and ``margin`` cells around: rows x columns x 3."""
    from rasterio.windows import Window

    around = Window(
        window.col_off - margin, window.row_off - margin, window.width + 2 * margin, window.height + 2 * margin
    )
    x, y = grid.centres(around)
    return on_globe(x.ravel(), y.ravel(), grid.crs.to_wkt()).reshape(*x.shape, 3)


def cell_areas(cells):
    """Ground areas (m2) of the inner cells of :func:`earth_cells` with a margin of one."""
    along = (cells[1:-1, 2:] - cells[1:-1, :-2]) / 2
    down = (cells[2:, 1:-1] - cells[:-2, 1:-1]) / 2
    return np.linalg.norm(np.cross(along, down), axis=-1)


def finer(grid, parts):
    """The grid with every cell cut into ``parts`` x ``parts``."""
    t = grid.transform
    smaller = type(t)(t.a / parts, t.b / parts, t.c, t.d / parts, t.e / parts, t.f)
    return type(grid)(grid.crs, smaller, grid.width * parts, grid.height * parts)


def extent_on_globe(grid):
    """Centre (3) and radius (m) of a ball around a grid, and the longest side (m) of its cells.

    Raises InputError where no cell has a place on the globe.
    """
    rows, columns = (np.linspace(0, n, LATTICE) for n in (grid.height, grid.width))
    columns, rows = (axis.ravel() for axis in np.meshgrid(columns, rows))
    t, crs = grid.transform, grid.crs.to_wkt()

    def places(c, r):
        return on_globe(t.a * c + t.b * r + t.c, t.d * c + t.e * r + t.f, crs)

    here = places(columns, rows)
    found = np.isfinite(here).all(axis=1)
    if not found.any():
        raise InputError("No cell of the grid has a place on the globe. Check the template's coordinate system.")
    step = 0.01  # cells: small against the curvature
    sides = [np.linalg.norm(places(columns + dc, rows + dr) - here, axis=1) / step for dc, dr in ((step, 0), (0, step))]
    centre = here[found].mean(axis=0)
    radius = np.linalg.norm(here[found] - centre, axis=1).max()
    return centre, float(radius), float(np.nanmax(sides))


def warn_if_large(grid, monitor):
    """Tell the user before a grid of more than a hundred million cells is filled."""
    cells = grid.width * grid.height
    if cells > LARGE_GRID:
        monitor.warn(
            f"The grid has {cells:,} cells ({grid.width:,} x {grid.height:,}): this takes long. "
            "A coarser template gives much the same covariate."
        )
