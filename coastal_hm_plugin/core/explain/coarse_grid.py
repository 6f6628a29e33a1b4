"""A coarser grid for what is slow: cells so large that all of them are explained in the time allowed."""

from dataclasses import dataclass

import numpy as np

from ..covariates.grid import Grid
from ..errors import InputError

LEAST_SIDE = 20  # cells along the longer side: a coarser picture is none


def coarse_grid(grid, factor):
    """The grid from the same corner with cells ``factor`` times as wide and high (any number above 0).

    With an odd whole factor the centre of each cell is that of a cell of ``grid``: it holds the same covariates.
    Cells whose centre would lie beyond the grid are left out. Raises InputError for a factor that is no number above 0.
    """
    if not (np.isfinite(factor) and factor > 0):
        raise InputError(f"The cell size must be a number above 0; it is {factor:g} times the template's.")
    # a size that was printed and given again is the same whole factor
    factor = round(factor) if abs(factor - round(factor)) < 1e-6 * factor else factor
    t = grid.transform
    columns, rows = (max(1, int(np.ceil(side / factor - 0.5))) for side in (grid.width, grid.height))
    transform = type(t)(t.a * factor, t.b * factor, t.c, t.d * factor, t.e * factor, t.f)
    return Grid(grid.crs, transform, columns, rows)


def cell_width(grid):
    """Width of a cell in the units of the grid's CRS."""
    return float(np.hypot(grid.transform.a, grid.transform.d))


@dataclass(frozen=True)
class Pace:
    """What was measured on a part of the grid.

    cells_per_second: explained; usable_share: of the cells, those that have their covariates; reading_s: seconds that
    reading all covariates takes, at any cell size.
    """

    cells_per_second: float
    usable_share: float
    reading_s: float

    def seconds(self, cells):
        """The time that so many cells take, with and without covariates."""
        return self.reading_s + cells * self.usable_share / self.cells_per_second


def choose_factor(grid, pace, seconds):
    """The smallest odd factor at which a coarser grid is explained within ``seconds``.

    Never so coarse that fewer than 20 cells are left along the longer side, even if that takes longer.
    """
    most = odd_factor(grid, LEAST_SIDE)
    factor = 1
    while factor < most and pace.seconds(cells_of(coarse_grid(grid, factor))) > seconds:
        factor += 2
    return factor


def odd_factor(grid, side):
    """The largest odd factor that leaves at least so many cells along the longer side; 1 for a small grid."""
    return max(1, (max(grid.width, grid.height) // side - 1) // 2 * 2 + 1)


def cells_of(grid):
    """Number of cells."""
    return grid.width * grid.height
