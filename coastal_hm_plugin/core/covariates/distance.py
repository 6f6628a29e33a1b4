"""Distance to the nearest feature (a coast, rivers, roads) on a grid: metres on the ground, in any CRS."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..geodesy import MEAN_RADIUS_M
from ..monitor import SILENT
from ..raster_files import NODATA, TILE, RasterFiles, RasterKind
from .features import sampled
from .globe import earth_cells, extent_on_globe, warn_if_large
from .inside import InsidePolygons
from .surfaces import KIND, UNIT

INSIDE = ("edge", "zero", "negative")
SAMPLES_PER_CELL = 2
CELLS_AT_ONCE = 1 << 16
DISTANCE = "distance"


@dataclass(frozen=True)
class DistanceOptions:
    """inside: within polygons the distance to their ``edge``, ``zero``, or the distance to it as a ``negative``.

    farthest_m: cells farther than this hold this distance (0: no limit). workers: threads; the numbers do not depend
    on them.
    """

    inside: str = "edge"
    farthest_m: float = 0.0
    workers: int = -1

    def __post_init__(self):
        if self.inside not in INSIDE:
            raise InputError(f"Inside polygons: '{self.inside}' is not one of {', '.join(INSIDE)}.")
        if not (np.isfinite(self.farthest_m) and self.farthest_m >= 0):
            raise InputError(f"The largest distance must be 0 m or more; it is {self.farthest_m:g}.")


@dataclass(frozen=True)
class FeatureDistance:
    """What was written. segments: of the features; minimum, mean, maximum: metres; beyond: cells at ``farthest_m``."""

    path: Path
    segments: int
    cells: int
    minimum: float
    mean: float
    maximum: float
    beyond: int


def write_feature_distance(features, path, grid, options=None, monitor=SILENT):
    """Write the distance of every cell centre to the nearest :class:`Features` as a float32 GeoTIFF: FeatureDistance.

    Lines are measured at their vertices and every half cell (its longest side) between, far from the grid every tenth
    of the distance: a distance is at most a quarter of a cell too long, and beyond two cells less than 1 %. Distances
    are arcs over the straight lines through the earth. Memory does not grow with the grid.

    Raises InputError without features, and where polygons have no place in the grid's CRS. On any error and on
    Cancel nothing is left behind.
    """
    options = options or DistanceOptions()
    warn_if_large(grid, monitor)
    centre, radius, side = extent_on_globe(grid)
    samples = sampled(features, centre, radius, side / SAMPLES_PER_CELL, monitor.part(0.0, 0.1))
    inside = None if options.inside == "edge" else InsidePolygons(features, grid, side, monitor)
    nearest = _Nearest(samples, options)
    windows = list(grid.windows(TILE))
    kind = RasterKind("float32", NODATA, ("distance (m)",), averaged=True)
    tally = _Tally(options.farthest_m)
    with RasterFiles({DISTANCE: (path, kind)}, grid) as rasters:
        rasters.tag(DISTANCE, **{KIND: "distance to features", UNIT: "m"}, inside=options.inside)
        for number, window in enumerate(windows):
            part = monitor.part(0.1 + 0.85 * number / len(windows), 0.1 + 0.85 * (number + 1) / len(windows))
            values = nearest.distances(earth_cells(grid, window).reshape(-1, 3), part)
            tally.add(values)
            if inside is not None:
                within = inside.cells(window).ravel()
                values[within] = 0.0 if options.inside == "zero" else -values[within]
            usable = np.isfinite(values)
            tally.see(values[usable])
            rasters.write(window, usable, {DISTANCE: values[usable][None]})
        rasters.finish(monitor)
    monitor.progress(1.0)
    return tally.result(rasters.paths[DISTANCE], len(features.segments))


class _Nearest:
    """Distances to the nearest of many places on the globe."""

    def __init__(self, places, options):
        from scipy.spatial import cKDTree

        # a plain tree: the same answers, 5 to 20 times sooner than scipy's default where all places are far
        self.tree = cKDTree(places, balanced_tree=False, compact_nodes=False)
        self.farthest_m, self.workers = options.farthest_m, options.workers
        half = min(self.farthest_m / (2 * MEAN_RADIUS_M), np.pi / 2)
        # the chord of that arc, and a little more: what is cut off must lie beyond
        self.bound = 2.001 * MEAN_RADIUS_M * np.sin(half) if self.farthest_m else np.inf

    def distances(self, cells, monitor):
        """Metres from each cell (m x 3) to the nearest place; NaN where the cell has none."""
        found = np.full(len(cells), np.nan)
        placed = np.flatnonzero(np.isfinite(cells).all(axis=1))
        for start in range(0, len(placed), CELLS_AT_ONCE):
            monitor.progress(start / len(placed))
            some = placed[start : start + CELLS_AT_ONCE]
            chord = self.tree.query(cells[some], distance_upper_bound=self.bound, workers=self.workers)[0]
            arc = 2 * MEAN_RADIUS_M * np.arcsin(np.minimum(chord / (2 * MEAN_RADIUS_M), 1.0))
            found[some] = np.where(np.isfinite(chord), arc, np.inf)
        return np.minimum(found, self.farthest_m) if self.farthest_m else found


class _Tally:
    """What is summed up while the windows go by."""

    def __init__(self, farthest_m):
        self.farthest_m = farthest_m
        self.cells, self.beyond, self.total = 0, 0, 0.0
        self.minimum, self.maximum = np.inf, -np.inf

    def add(self, values):
        """Count the cells of a window that lie at the largest distance."""
        self.beyond += int((values >= self.farthest_m).sum()) if self.farthest_m else 0

    def see(self, values):
        """Sum up what is written."""
        self.cells += len(values)
        if len(values):
            self.total += float(values.sum())
            self.minimum, self.maximum = min(self.minimum, values.min()), max(self.maximum, values.max())

    def result(self, path, segments):
        extremes = (float(self.minimum), self.total / self.cells, float(self.maximum))
        return FeatureDistance(path, segments, self.cells, *extremes, self.beyond)
