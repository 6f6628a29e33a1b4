"""EPA PMF 5.0's bootstrap results: how boot factors were mapped, and the profiles of every run."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ...errors import InputError
from .grid import read_grid, write_text, write_workbook

MAPPING = "Mapping of"
COLUMNS = "Columns are:"
EXTREMES = 6  # smallest and largest runs listed before all of them; py4pm counts on so many
SHEET = "Profiles"
TITLES = (
    "Bootstrapping and Pulling Results.  Includes adjustment for measurement errors.",
    "There is a block of rows for each species.",
    "Columns are:  Original Factor, m Smallest Bootstraps, m Largest Bootstraps, Each Bootstrap",
)


@dataclass(frozen=True, eq=False)
class EpaBootstrap:
    """mapping: table, a row per boot factor, a column per base factor, then Unmapped: counts of runs. base: profiles of
    the base run (p, m); profiles: of every run (runs, p, m), in the unit of the concentrations, species in the order of
    the base run's file (this one does not name them).
    """

    mapping: pd.DataFrame
    base: np.ndarray
    profiles: np.ndarray


def read_epa_bootstrap(path):
    """Read <stem>_boot.xlsx, <stem>_Gcon_profile_boot.xlsx or <stem>_profile_boot.csv (.txt): an EpaBootstrap.

    Raises InputError naming file and line where the layout is another.
    """
    grid = read_grid(path, SHEET if str(path).lower().endswith(".xlsx") else None)
    mapping = read_mapping(grid, grid.need(MAPPING))
    factors = len(mapping)
    first = grid.need(COLUMNS) + 1
    blocks = []
    while first < len(grid.rows):
        rows = grid.block(first)
        if len(rows) not in (0, factors):
            raise grid.wrong(rows[0], f"blocks of {factors} lines, one for each factor", f"{len(rows)} lines")
        if rows:
            blocks.append(_values(grid, rows))
        first = max(rows.stop, first) + 1
    if not blocks:
        raise InputError(f"{grid.place}: no profiles stand below '{COLUMNS}'.")
    if len({block.shape for block in blocks}) != 1:
        raise InputError(f"{grid.place}: the blocks of the species differ in their number of runs.")
    if np.all(blocks[-1] == 1):  # the strength of the factors
        blocks.pop()
    values = np.array(blocks)  # m, p, columns
    runs = values[:, :, 2 * _extremes(grid, values) + 2 :]
    return EpaBootstrap(mapping, values[:, :, 0].T, runs.transpose(2, 1, 0))


def read_mapping(grid, title):
    """The mapping table below its title (row number): boot factors x base factors and Unmapped."""
    names = [str(cell) for cell in grid.rows[title + 1] if cell is not None]
    rows = [row for row in grid.block(title + 2) if str(grid.rows[row][0]).startswith("Boot")]
    counts = []
    for row in rows:
        cells = grid.rows[row][1:]
        if len(cells) != len(names):
            raise grid.wrong(row, f"{len(names)} counts", f"{len(cells)} cells")
        counts.append(grid.numbers(row, cells))
    if not rows or len(rows) != len(names) - 1:
        raise grid.wrong(title + 1, f"a line 'Boot Factor ...' for each of {len(names) - 1} factors", f"{len(rows)}")
    return pd.DataFrame(np.array(counts, dtype=int), [str(grid.rows[row][0]) for row in rows], names)


def mapping_rows(mapping):
    """The mapping table as rows of cells, without a title."""
    rows = [[None, *mapping.columns]]
    return [*rows, *([name, *map(int, counts)] for name, counts in zip(mapping.index, mapping.to_numpy()))]


def mapping_of(bootstrap, factors):
    """The mapping of a Bootstrap as a table in EPA PMF 5.0's words. factors: names of the base factors."""
    names = [f"Boot Factor {k}" for k in range(1, len(factors) + 1)]
    return pd.DataFrame(bootstrap.mapping, names, [*factors, "Unmapped"])


def write_epa_bootstrap(folder, stem, found, excel=True):
    """Write an EpaBootstrap as <stem>_boot.xlsx or <stem>_profile_boot.csv; returns the path.

    Raises InputError for fewer than 6 runs: so many smallest and largest ones stand before all runs.
    """
    if len(found.profiles) < EXTREMES:
        raise InputError(f"EPA PMF 5.0's bootstrap file needs {EXTREMES} or more runs, here are {len(found.profiles)}.")
    rows = [["Mapping of bootstrap factors to base factors:"], *mapping_rows(found.mapping), []]
    rows += [[title] for title in TITLES]
    ones = np.ones((len(found.base), 1))
    species = np.concatenate([found.base, ones], axis=1).T
    runs = np.concatenate([found.profiles, np.ones((*found.profiles.shape[:2], 1))], axis=2).transpose(2, 1, 0)
    for base, values in zip(species, runs):
        every = np.column_stack([base, values])
        ordered = np.sort(every, axis=1)
        rows += [[], *np.column_stack([base, ordered[:, :EXTREMES], ordered[:, -EXTREMES:], every]).tolist()]
    path = Path(folder) / f"{stem}{'_boot.xlsx' if excel else '_profile_boot.csv'}"
    if excel:
        write_workbook(path, {SHEET: rows})
    else:
        write_text(path, rows)
    return path


def _values(grid, rows):
    width = len(grid.rows[rows[0]])
    for row in rows:
        if len(grid.rows[row]) != width:
            raise grid.wrong(row, f"{width} numbers", f"{len(grid.rows[row])}")
    return np.array([grid.numbers(row, grid.rows[row]) for row in rows])


def _extremes(grid, values):
    """How many smallest runs are listed: the base value stands before them, and again after as many largest ones."""
    base = values[:, :, 0]
    for count in range(1, (values.shape[2] - 2) // 2 + 1):
        if np.array_equal(values[:, :, 2 * count + 1], base):
            smallest, largest = values[:, :, 1 : count + 1], values[:, :, count + 1 : 2 * count + 1]
            if (np.diff(smallest, axis=2) >= 0).all() and (np.diff(largest, axis=2) >= 0).all():
                return count
    raise InputError(f"{grid.place}: expected base value, smallest and largest runs, base value, all runs in a line.")
