"""Density of points on a grid: a kernel around each, in metres on the ground, that sums up to the points."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import InputError, name_rows
from ..monitor import SILENT
from ..raster_files import NODATA, TILE, RasterFiles, RasterKind
from .globe import cell_areas, earth_cells, extent_on_globe, finer, on_globe, warn_if_large
from .surfaces import KIND, UNIT

# of t, the squared distance over the squared bandwidth; each integrates to 1 over the plane (Silverman 1986, ch. 4)
KERNELS = {
    "quartic": lambda t: 3 / np.pi * np.square(np.maximum(1 - t, 0)),
    "gaussian": lambda t: np.where(t <= REACH**2, np.exp(-t / 2) / (2 * np.pi * (1 - np.exp(-(REACH**2) / 2))), 0),
    "epanechnikov": lambda t: 2 / np.pi * np.maximum(1 - t, 0),
    "uniform": lambda t: np.where(t <= 1, 1 / np.pi, 0),
}
REACH = 4.0  # bandwidths, where the Gaussian kernel ends
CELLS_PER_BANDWIDTH = 4  # fewer, and cells are cut, or the density would not sum up to the points
MOST_PARTS = 16
BLOCK = 32
PAIRS_AT_ONCE = 1 << 17
DENSITY = "density"


@dataclass(frozen=True)
class DensityOptions:
    """bandwidth_m: where the kernel ends, for ``gaussian`` its standard deviation. kernel: of KERNELS."""

    bandwidth_m: float = 5000.0
    kernel: str = "quartic"

    def __post_init__(self):
        if not (np.isfinite(self.bandwidth_m) and self.bandwidth_m > 0):
            raise InputError(f"The bandwidth must be above 0 m; it is {self.bandwidth_m:g}.")
        if self.kernel not in KERNELS:
            raise InputError(f"Kernel '{self.kernel}' is not one of {', '.join(KERNELS)}.")

    @property
    def reach_m(self):
        """How far from a point its kernel is above 0."""
        return self.bandwidth_m * (REACH if self.kernel == "gaussian" else 1.0)


@dataclass(frozen=True)
class PointDensity:
    """What was written. points: used; weight: their sum; on_grid: the density summed up over the grid (the part of
    the weight whose kernels lie on it). minimum, mean, maximum: of the cells, per km2.
    """

    path: Path
    points: int
    weight: float
    on_grid: float
    minimum: float
    mean: float
    maximum: float


def write_point_density(points, path, grid, options=None, weights=None, monitor=SILENT):
    """Write the kernel density of points (per km2) on every cell of a grid, as a float32 GeoTIFF: PointDensity.

    points: x, y (n each) and their CRS. weights: n numbers of 0 or more, None for 1 each; points without a weight are
    left out and counted. A cell holds the mean over its area: distances are straight lines through the earth, a
    ten-thousandth shorter than the geodesic at 310 km, in any CRS. Memory does not grow with the grid.

    Raises InputError without points, for negative weights, a bandwidth far below the cells, and where no kernel reaches
    the grid. On any error and on Cancel nothing is left behind.
    """
    options = options or DensityOptions()
    places, weights = _usable(points, weights, monitor)
    warn_if_large(grid, monitor)
    parts = _parts(grid, options)
    kernels = _Kernels(places, weights, options, finer(grid, parts), parts)
    tally = _Tally()
    windows = list(grid.windows(TILE))
    kind = RasterKind("float32", NODATA, ("points per km2",), averaged=True)
    with RasterFiles({DENSITY: (path, kind)}, grid) as rasters:
        about = {"bandwidth_m": f"{options.bandwidth_m:g}", "kernel": options.kernel, "points": str(len(places))}
        rasters.tag(DENSITY, **{KIND: "point density", UNIT: "1/km2"}, **about)
        for number, window in enumerate(windows):
            part = monitor.part(0.95 * number / len(windows), 0.95 * (number + 1) / len(windows))
            values = kernels.window(window, tally, part).ravel()
            usable = np.isfinite(values)
            tally.add(values[usable])
            rasters.write(window, usable, {DENSITY: values[usable][None]})
        if not tally.on_grid > 0:
            raise InputError(
                f"No point lies within {options.reach_m:g} m of the grid, so its density would be 0 everywhere. "
                "Check both coordinate reference systems and the extent."
            )
        rasters.finish(monitor)
    monitor.progress(1.0)
    mean = tally.total / tally.cells
    extremes = (float(tally.minimum), float(mean), float(tally.maximum))
    return PointDensity(rasters.paths[DENSITY], len(places), float(weights.sum()), float(tally.on_grid), *extremes)


def _usable(points, weights, monitor):
    """Places on the globe and weights of the points that have both."""
    x, y, crs = points
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    weights = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=np.float64)
    negative = np.flatnonzero(weights < 0)
    if len(negative):
        raise InputError(f"Weights must be 0 or more; rows {name_rows(negative)} are negative.")
    places = on_globe(x, y, crs)
    lost = ~np.isfinite(weights)
    if lost.any():
        monitor.warn(
            f"{lost.sum()} of {len(x)} points have no weight and are left out: {name_rows(np.flatnonzero(lost))}."
        )
    nowhere = ~np.isfinite(places).all(axis=1)
    if nowhere.any():
        rows = name_rows(np.flatnonzero(nowhere))
        monitor.warn(f"{nowhere.sum()} of {len(x)} points have no place on the globe and are left out: {rows}.")
    used = ~lost & ~nowhere & (weights > 0)
    if not used.any():
        raise InputError("No point with a place and a weight above 0 is left, so there is no density.")
    return places[used], weights[used]


def _parts(grid, options):
    """Into how many parts the side of a cell is cut, so that the kernel is wide against them."""
    side = extent_on_globe(grid)[2]
    parts = int(np.ceil(CELLS_PER_BANDWIDTH * side / options.bandwidth_m - 1e-9))
    if parts > MOST_PARTS:
        raise InputError(
            f"A bandwidth of {options.bandwidth_m:g} m is less than a quarter of a cell ({side:.4g} m). "
            "Use a larger bandwidth or a finer template."
        )
    return max(1, parts)


class _Kernels:
    """The kernels of all points, summed up block by block of a grid whose cells may be cut into parts."""

    def __init__(self, places, weights, options, fine, parts):
        from scipy.spatial import cKDTree

        self.tree = cKDTree(places)
        self.places, self.weights, self.options = places, weights, options
        self.fine, self.parts = fine, parts

    def window(self, window, tally, monitor):
        """Densities (rows x columns, per km2) of a window of the grid; NaN where it has no place on the globe."""
        p = self.parts
        values = np.empty((window.height, window.width))
        side = max(1, TILE // p)  # cells are placed on the globe many at once, but never more than a tile of parts
        for row in range(0, window.height, side):
            for column in range(0, window.width, side):
                rows, columns = min(side, window.height - row), min(side, window.width - column)
                left, top = (window.col_off + column) * p, (window.row_off + row) * p
                cells = earth_cells(self.fine, type(window)(left, top, columns * p, rows * p), margin=1)
                density = self._densities(cells, tally, monitor).reshape(rows, p, columns, p).mean(axis=(1, 3))
                values[row : row + rows, column : column + columns] = density
                monitor.progress(row / window.height)
        return values

    def _densities(self, cells, tally, monitor):
        """Densities at the inner cells of :func:`earth_cells` with a margin of one, summed up by their areas."""
        inner, areas = cells[1:-1, 1:-1], cell_areas(cells) / 1e6
        densities = np.empty(inner.shape[:2])
        for row in range(0, len(inner), BLOCK):
            monitor.check()
            for column in range(0, inner.shape[1], BLOCK):
                block = slice(row, row + BLOCK), slice(column, column + BLOCK)
                densities[block] = self._block(inner[block].reshape(-1, 3), monitor).reshape(inner[block].shape[:2])
        tally.on_grid += float(np.nansum(densities * areas))
        return densities

    def _block(self, cells, monitor):
        placed = np.isfinite(cells).all(axis=1)
        if not placed.any():
            return np.full(len(cells), np.nan)
        centre = cells[placed].mean(axis=0)
        radius = np.linalg.norm(cells[placed] - centre, axis=1).max()
        near = self.tree.query_ball_point(centre, radius + self.options.reach_m, return_sorted=True)
        if not near:
            return np.where(placed, 0.0, np.nan)
        return self._sum(cells - centre, self.places[near] - centre, self.weights[near], monitor)

    def _sum(self, cells, places, weights, monitor):
        """The density at cells (c x 3) of points (m x 3), per km2."""
        kernel, bandwidth = KERNELS[self.options.kernel], self.options.bandwidth_m
        total = np.zeros(len(cells))
        cells, places = cells / bandwidth, places / bandwidth
        size = max(1, PAIRS_AT_ONCE // len(cells))
        for start in range(0, len(places), size):
            monitor.check()
            some = slice(start, start + size)
            t = sum(np.square(np.subtract.outer(cells[:, axis], places[some, axis])) for axis in range(3))
            total += np.einsum("cm,m->c", kernel(t), weights[some])
        return total * (1e6 / bandwidth**2)


class _Tally:
    """What is summed up while the windows go by."""

    def __init__(self):
        self.on_grid = self.total = 0.0
        self.cells, self.minimum, self.maximum = 0, np.inf, -np.inf

    def add(self, values):
        self.cells += len(values)
        if len(values):
            self.total += float(values.sum())
            self.minimum, self.maximum = min(self.minimum, values.min()), max(self.maximum, values.max())
