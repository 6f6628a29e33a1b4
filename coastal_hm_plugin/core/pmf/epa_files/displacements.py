"""EPA PMF 5.0's results of displacement (DISP) and of bootstrap-displacement (BS-DISP), as its engine writes them."""

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...errors import InputError
from ..error_estimation.displacement import LARGE_DECREASE, LEVELS
from .grid import read_text, write_whole

BS_LEVELS = (0.5, 1.0, 2.0, 4.0)
Q_FELL = 9  # error code: Q fell by more than 1 %, so that the base solution was no minimum
TABLES = 4  # lowest and highest values, each as concentration and as share of the species


@dataclass(frozen=True, eq=False)
class EpaDisplacement:
    """One <stem>_DISPres file. level: dQ (from the number in the file's name). error_code: 0, or 6 or 9 if DISP is not
    valid; largest_decrease: of Q, 0 or below. swaps: at each of the 4 levels, by factor (4, p). low, high: of the
    profiles (p, m), in the unit of the concentrations; percent_low, percent_high: as % of the species.
    """

    level: float
    error_code: int
    largest_decrease: float
    swaps: np.ndarray
    low: np.ndarray
    high: np.ndarray
    percent_low: np.ndarray
    percent_high: np.ndarray


@dataclass(frozen=True, eq=False)
class EpaBsDisplacement:
    """One <stem>_BSDISPres file. level: dQ. cases: resamples used; largest_decrease of Q; decreases, swaps_best_fit,
    swaps_displaced: numbers of resamples dropped for each reason. swaps: at each of the 4 levels, by factor (4, p).
    By resample (c, p, m): low, high, percent_low, percent_high as in EpaDisplacement; runs: their numbers (c).
    """

    level: float
    cases: int
    largest_decrease: float
    decreases: int
    swaps_best_fit: int
    swaps_displaced: int
    swaps: np.ndarray
    runs: np.ndarray
    low: np.ndarray
    high: np.ndarray
    percent_low: np.ndarray
    percent_high: np.ndarray


def read_epa_displacement(path):
    """Read <stem>_DISPres1.txt (dQ 4), 2 (8), 3 (15) or 4 (25): an EpaDisplacement. Raises InputError naming line."""
    blocks = _blocks(path)
    first = blocks[0]
    first.expect(5, "error code and largest decrease of Q, then swaps at 4 levels")
    code, decrease = first.row(0, 2)
    factors = len(first.lines[1].split())
    swaps = np.array([first.row(number, factors) for number in range(1, 5)], dtype=int)
    if len(blocks) != 1 + TABLES:
        raise InputError(f"{Path(path).name}: expected {TABLES} tables below the swaps, found {len(blocks) - 1}.")
    tables = [block.table(factors) for block in blocks[1:]]
    low, high, share_low, share_high = tables
    if len({table.shape for table in tables}) != 1:
        raise InputError(f"{Path(path).name}: its {TABLES} tables differ in their number of species.")
    level = _level(path, LEVELS)
    return EpaDisplacement(level, int(code), decrease, swaps, low, high, 100 * share_low, 100 * share_high)


def read_epa_bs_displacement(path):
    """Read <stem>_BSDISPres1.txt (dQ 0.5), 2 (1), 3 (2) or 4 (4): an EpaBsDisplacement. Raises InputError.

    Rows of the tables start with the number of the resample and a second number that is not used.
    """
    blocks = _blocks(path)
    first = blocks[0]
    first.expect(5, "cases, largest decrease of Q and three counts, then swaps at 4 levels")
    cases, decrease, *counts = first.row(0, 5)
    factors = len(first.lines[1].split())
    swaps = np.array([first.row(number, factors) for number in range(1, 5)], dtype=int)
    by_run = {}
    for block in blocks[1:]:
        run = int(block.row(0, factors + 2)[0])
        by_run.setdefault(run, []).append(block.table(factors + 2)[2:])
    odd = [run for run, tables in by_run.items() if len(tables) != TABLES]
    if odd or not by_run:
        found = f"{len(by_run[odd[0]])} for resample {odd[0]}" if odd else "none"
        raise InputError(f"{Path(path).name}: expected {TABLES} tables for each resample, found {found}.")
    low, high, share_low, share_high = (np.array([tables[t] for tables in by_run.values()]) for t in range(TABLES))
    summary = (_level(path, BS_LEVELS), int(cases), decrease, *map(int, counts))
    return EpaBsDisplacement(*summary, swaps, np.array(list(by_run)), low, high, 100 * share_low, 100 * share_high)


def of_displacement(found):
    """A Displacement as EpaDisplacements, one for each of its levels."""
    fell = 0.0 if found.largest_decrease == 0 else -float(found.largest_decrease)
    code = Q_FELL if found.percent_decrease >= LARGE_DECREASE else 0
    tables = zip(found.levels, found.low, found.high, found.percent_low, found.percent_high)
    return [EpaDisplacement(level, code, fell, found.swaps, *own) for level, *own in tables]


def write_epa_displacements(folder, stem, found):
    """Write EpaDisplacements as <stem>_DISPres1.txt ...; returns the paths. Raises InputError unless there are 4."""
    if len(found) != len(LEVELS):
        raise InputError(f"EPA PMF 5.0 has {len(LEVELS)} levels of dQ, here are {len(found)}.")
    paths = []
    for number, one in enumerate(found, start=1):
        path = Path(folder) / f"{stem}_DISPres{number}.txt"
        write_whole(path, _displacement_text(one))
        paths.append(path)
    return tuple(paths)


def _displacement_text(one):
    factors = len(one.low)
    lines = ["", f"{one.error_code:8d}{one.largest_decrease:12.3f}"]
    lines += ["".join(f"{count:5d}" for count in row) for row in one.swaps]
    lines.append("")
    tables = ((one.low, 1, _fortran), (one.high, 1, _fortran), (one.percent_low, 100, _fixed))
    for table, unit, form in (*tables, (one.percent_high, 100, _fixed)):
        lines.append("")
        lines += ["".join(form(value / unit) for value in row) for row in table.T]
        lines.append(form(1.0) * factors)
    return "\n".join(lines) + "\n"


def _fortran(value):
    """A number as Fortran's E14.5 prints it: 0.68267E+00."""
    if value == 0:
        return f"{'0.00000E+00':>14}"
    exponent = math.floor(math.log10(abs(value))) + 1
    digits = round(abs(value) / 10.0 ** (exponent - 5))
    if digits >= 10**5:
        digits, exponent = digits // 10, exponent + 1
    sign = "-" if value < 0 else ""
    return f"{f'{sign}0.{digits:05d}E{exponent:+03d}':>14}"


def _fixed(value):
    return f"{value:10.5f}"


@dataclass(frozen=True)
class _Block:
    """Lines between empty ones. start: number of the first in the file, counted from 1."""

    name: str
    start: int
    lines: tuple

    def expect(self, count, what):
        if len(self.lines) != count:
            raise InputError(
                f"{self.name}, line {self.start}: expected {count} lines ({what}), found {len(self.lines)}."
            )

    def row(self, number, count):
        cells = self.lines[number].split()
        where = f"{self.name}, line {self.start + number}"
        if len(cells) != count:
            raise InputError(f"{where}: expected {count} numbers, found {len(cells)}.")
        try:
            return [float(cell) for cell in cells]
        except ValueError:
            raise InputError(f"{where}: expected {count} numbers, found '{self.lines[number].strip()}'.") from None

    def table(self, columns):
        """Columns x species; the last line, the strength of the factors, is left out."""
        return np.array([self.row(number, columns) for number in range(len(self.lines) - 1)]).reshape(-1, columns).T


def _blocks(path):
    grid = read_text(path)
    lines = [" ".join(str(cell) for cell in row if cell is not None) for row in grid.rows]
    blocks, start = [], None
    for number, line in enumerate([*lines, ""]):
        if line.strip() and start is None:
            start = number
        elif not line.strip() and start is not None:
            blocks.append(_Block(grid.place, start + 1, tuple(lines[start:number])))
            start = None
    if not blocks:
        raise InputError(f"{grid.place} is empty.")
    return blocks


def _level(path, levels):
    number = re.search(r"res([1-4])\.\w+$", Path(path).name)
    return levels[int(number[1]) - 1] if number else math.nan
