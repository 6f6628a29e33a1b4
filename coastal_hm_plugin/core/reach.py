"""How far from its samples a map may reach."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from .errors import InputError
from .geodesy import earth_centred, project


@dataclass(frozen=True)
class Reach:
    """Cells within ``distance_m`` of any of n samples (x, y in ``crs``) belong to the map, the others do not.

    The distance is the straight line through the Earth, which at 100 km is 1 m shorter than the way along it.
    Raises InputError for a distance that is not above 0, and when no sample has coordinates.
    """

    x: np.ndarray
    y: np.ndarray
    crs: str
    distance_m: float

    def __post_init__(self):
        if not self.distance_m > 0:
            raise InputError(f"The map's distance from the samples must be above 0 m; it is {self.distance_m}.")
        places = _centred(self.x, self.y, self.crs)
        places = places[np.isfinite(places).all(axis=1)]
        if not len(places):
            raise InputError("No sample has coordinates, so the map has no place to reach from.")
        object.__setattr__(self, "_tree", cKDTree(places))

    def mask(self, grid, window):
        """Which cells of a grid's window are within reach: bools, one a cell, row by row."""
        x, y = grid.centres(window)
        cells = _centred(x.ravel(), y.ravel(), grid.crs)
        known = np.isfinite(cells).all(axis=1)
        within = np.zeros(len(cells), dtype=bool)
        nearest, _ = self._tree.query(cells[known], distance_upper_bound=self.distance_m)
        within[known] = np.isfinite(nearest)
        return within


def _centred(x, y, crs):
    return earth_centred(*project(np.asarray(x, dtype=float), np.asarray(y, dtype=float), crs, "EPSG:4326"))
