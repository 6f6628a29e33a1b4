"""EPA PMF 5.0's error estimation summary: what bootstrap, BS-DISP and DISP say of every profile value, in one file."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from ...errors import InputError
from ..error_estimation.bootstrap import QUANTILES
from ..result import shares
from ..uncertainty import STRONG
from .bootstraps import mapping_of, mapping_rows, read_mapping
from .displacements import of_displacement
from .grid import label, read_grid, write_text, write_workbook

SHEET = "Error Estimation Summary"
# start of a block's title -> how its columns begin in the table of intervals
BLOCKS = {"Concentrations for": "", "Percent of Species Sum for": "percent_", "Percent of": "total_percent_"}
BASE = {"": "concentration", "percent_": "percent_of_species", "total_percent_": "percent_of_total"}
COLUMNS = {
    "BS 5th": "bs_{}p5",
    "BS 25th": "bs_{}p25",
    "BS 50th": "bs_{}p50",
    "BS Median": "bs_{}p50",
    "BS 75th": "bs_{}p75",
    "BS 95th": "bs_{}p95",
    "BS-DISP 5th": "bs_disp_{}p5",
    "BS-DISP Average": "bs_disp_{}average",
    "BS-DISP 95th": "bs_disp_{}p95",
    "DISP Min": "disp_{}low",
    "DISP Average": "disp_{}average",
    "DISP Max": "disp_{}high",
}
HEADER = (
    *("Species", "Base Value", "BS 5th", "BS 25th", "BS 50th", "BS 75th", "BS 95th", None),
    *("BS-DISP 5th", "BS-DISP Average", "BS-DISP 95th", None, "DISP Min", "DISP Average", "DISP Max"),
)


@dataclass(frozen=True, eq=False)
class EpaErrorSummary:
    """intervals: a row per factor and species: factor, species, concentration, bs_p5 ... bs_p95, bs_disp_p5,
    bs_disp_average, bs_disp_p95, disp_low, disp_average, disp_high; then the same as % of the species
    (percent_of_species, bs_percent_p5 ... disp_percent_high) and of the total variable (percent_of_total,
    bs_total_percent_p5 ...), as far as the file has them. mapping: table of the bootstrap, or None. displaced: species
    that DISP displaced. displacement, bs_displacement: diagnostics as name -> number or list, empty where not run.
    """

    intervals: pd.DataFrame
    mapping: object = None
    displaced: tuple = ()
    displacement: dict = field(default_factory=dict)
    bs_displacement: dict = field(default_factory=dict)


def read_epa_error_summary(path):
    """Read <stem>_BaseErrorEstimationSummary or <stem>_ConstrainedErrorEstimationSummary (.xlsx, .csv, .txt).

    Returns an EpaErrorSummary. Where PMF 5.0 gives the bootstrap as % of the species, it prints the 95th percentile in
    the place of the 75th too: such a column of 75th percentiles is left empty. Raises InputError naming the line.
    """
    grid = read_grid(path)
    first = grid.find("Concentrations for")
    if first is None:
        start = label(grid.rows[0]) if grid.rows else "nothing"
        raise grid.wrong(0, "a line 'Concentrations for <factor>' in an error estimation summary", start)
    mapping = grid.find("BS Mapping")
    return EpaErrorSummary(
        _intervals(grid, first),
        None if mapping is None else read_mapping(grid, mapping),
        _displaced(grid),
        _diagnostics(grid, "DISP Diagnostics"),
        _diagnostics(grid, "BS-DISP Diagnostics"),
    )


def write_epa_error_summary(folder, stem, bootstrap=None, displacement=None, bs_displacement=None, excel=True):
    """Write a Bootstrap, a Displacement, a BsDisp, or what there is of them, of one base run as EPA PMF 5.0 does.

    The ranges of DISP and BS-DISP are those of the lowest dQ. What is not known stays empty: the bootstrap as % of the
    total variable, and the averages of BS-DISP. Returns the path.
    """
    estimates = [one for one in (bootstrap, displacement, bs_displacement) if one is not None]
    if not estimates:
        raise InputError("An error estimation summary needs a bootstrap, a displacement or a bootstrap-displacement.")
    base = estimates[0].base
    names = [f"Factor {k}" for k in range(1, len(base.f) + 1)]
    rows = [["**** Error Estimation Summary ****"], []]
    if displacement is not None:
        rows += _displacement_rows(displacement)
    if bs_displacement is not None:
        rows += _bs_displacement_rows(bs_displacement)
    if bootstrap is not None:
        mapping = mapping_of(bootstrap, [f"Base {name}" for name in names])
        rows += [["BS Mapping:"], *mapping_rows(mapping), []]
    for what, unit in _tables(base, bootstrap, displacement, bs_displacement).items():
        for name, table in zip(names, unit):
            block = [list(HEADER), *([one, *_cells(row)] for one, row in zip(base.data.fitted_species, table))]
            # the text files have no empty columns
            rows += [[f"{what} for {name}"], *(block if excel else [_without_gaps(row) for row in block]), []]
    path = Path(folder) / f"{stem}_BaseErrorEstimationSummary{'.xlsx' if excel else '.csv'}"
    if excel:
        write_workbook(path, {SHEET: rows[:-1]})
    else:
        write_text(path, rows[:-1])
    return path


def _intervals(grid, first):
    blocks, row = {}, first
    while row < len(grid.rows):
        title = label(grid.rows[row])
        prefix = next((prefix for start, prefix in BLOCKS.items() if title.startswith(start)), None)
        if prefix is None:
            row += 1
            continue
        factor = title[title.index(" for ") + len(" for ") :] if " for " in title else title
        rows = grid.block(row + 2)
        blocks.setdefault(prefix, []).append(_block(grid, grid.rows[row + 1], rows, factor, prefix))
        row = rows.stop
    table = None
    for parts in blocks.values():
        part = pd.concat(parts, ignore_index=True)
        table = part if table is None else table.merge(part, on=["factor", "species"], how="left")
    if {"bs_percent_p75", "bs_percent_p95"} <= set(table) and table["bs_percent_p75"].equals(table["bs_percent_p95"]):
        table["bs_percent_p75"] = np.nan
    return table


def _block(grid, header, rows, factor, prefix):
    values = {}
    for row in rows:
        cells = [*grid.rows[row], *[None] * (len(header) - len(grid.rows[row]))]
        for title, cell in zip(header[1:], cells[1:]):
            if title is not None:
                name = COLUMNS[title].format(prefix) if title in COLUMNS else BASE[prefix]
                values.setdefault(name, []).append(grid.number(row, cell))
    species = [str(grid.rows[row][0]) for row in rows]
    return pd.DataFrame({"factor": factor, "species": species, **values})


def _displaced(grid):
    title = _title(grid, "DISP Displaced Species")
    return () if title is None else tuple(label(grid.rows[row]) for row in grid.block(title + 1))


def _diagnostics(grid, title):
    start = _title(grid, title)
    found = {}
    for row in grid.block(start + 1) if start is not None else ():
        name, *cells = [cell for cell in grid.rows[row] if cell is not None]
        values = grid.numbers(row, cells)
        if len(values):
            found[str(name).rstrip(":")] = float(values[0]) if len(values) == 1 else values.tolist()
    return found


def _title(grid, title):
    """Row of a section's title, which constrained runs print behind 'Constrained'."""
    plain = grid.find(title)
    return grid.find(f"Constrained {title}") if plain is None else plain


def _displacement_rows(found):
    data = found.base.data
    strong = [data.species[j] for j in data.fitted if data.category[j] == STRONG]
    first = of_displacement(found)[0]
    return [
        *([["DISP Displaced Species:"], *([None, name] for name in strong), []]),
        ["DISP Diagnostics:"],
        [None, "Error Code:", first.error_code],
        [None, "Largest Decrease in Q:", float(first.largest_decrease)],
        [None, "%dQ:", -float(found.percent_decrease) if found.largest_decrease else 0.0],
        [None, "Swaps by Factor:", *map(int, first.swaps[0])],
        [],
    ]


def _bs_displacement_rows(found):
    cases = found.cases_table().iloc[0]
    return [
        *([["BS-DISP Displaced Species:"], *([None, name] for name in found.species), []]),
        ["BS-DISP Diagnostics:"],
        [None, "# of Cases Accepted:", int(cases["accepted"])],
        [None, "% of Cases Accepted:", float(cases["percent_accepted"])],
        [None, "Largest Decrease in Q:"],
        [None, "%dQ:", -float(found.largest_decrease) if found.largest_decrease else 0.0],
        [None, "# of Decreases in Q:", int(cases["q_fell"])],
        [None, "# of Swaps in Best Fit:", int(cases["unmapped"])],
        [None, "# of Swaps in DISP:", int(cases["swapped"])],
        [None, "Swaps by Factor:", *map(int, found.swaps[0])],
        [],
    ]


def _tables(base, bootstrap, displacement, bs_displacement):
    """Title -> values (p, m, columns of the file without its two empty ones)."""
    data, f = base.data, base.f
    blank = np.full((*f.shape, len(QUANTILES)), np.nan)
    concentration = [f[..., None], blank, blank[..., :3], blank[..., :3]]
    percent = [100 * shares(f)[..., None], *concentration[1:]]
    total = list(concentration)
    amount, what = _amount(data, f)
    total[0] = 100 * f[..., None] / amount[:, None, None]
    if bootstrap is not None:
        concentration[1] = np.moveaxis(bootstrap.concentration, 0, -1)
        percent[1] = np.moveaxis(bootstrap.percent, 0, -1)
    if displacement is not None:
        low, high = displacement.low[0], displacement.high[0]
        concentration[3] = _with_average(low, high)
        percent[3] = _with_average(displacement.percent_low[0], displacement.percent_high[0])
        if what == "Total Variable":
            j = data.fitted_species.index(data.total)
            ranges = _with_average(low, high)
            with np.errstate(divide="ignore", invalid="ignore"):
                total[3] = 100 * ranges / ranges[:, j : j + 1]
    if bs_displacement is not None:
        concentration[2] = _without_average(bs_displacement.low[0], bs_displacement.high[0])
        percent[2] = _without_average(bs_displacement.percent_low[0], bs_displacement.percent_high[0])
    total = np.concatenate(total, axis=-1)
    if what == "Total Variable":
        total[:, data.fitted_species.index(data.total)] = np.inf  # printed as '*'
    return {
        "Concentrations": np.concatenate(concentration, axis=-1),
        "Percent of Species Sum": np.concatenate(percent, axis=-1),
        f"Percent of {what}": total,
    }


def _amount(data, f):
    if data.total in data.fitted_species:
        amount, what = f[:, data.fitted_species.index(data.total)], "Total Variable"
    else:
        amount, what = f.sum(axis=1), "Factor Total"
    return np.where(amount > 0, amount, np.nan), what


def _with_average(low, high):
    return np.stack([low, (low + high) / 2, high], axis=-1)


def _without_gaps(row):
    return [cell for column, cell in enumerate(row) if HEADER[column] is not None]


def _without_average(low, high):
    return np.stack([low, np.full_like(low, np.nan), high], axis=-1)


def _cells(row):
    """Values in the columns of the file: an empty one after the bootstrap and after BS-DISP."""
    cells = [None if np.isnan(value) else "*" if np.isinf(value) else float(value) for value in row]
    return [*cells[:6], None, *cells[6:9], None, *cells[9:]]
