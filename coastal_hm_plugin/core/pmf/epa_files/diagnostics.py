"""EPA PMF 5.0's diagnostics file: what went in, how every run ended, how well each species is modelled."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from .grid import EXCEL, label, read_text, read_workbook

# words of the file -> column here
SPECIES = {
    "Species": "species",
    "Category": "category",
    "S/N": "signal_to_noise",
    "Min": "lowest",
    "25th": "p25",
    "Median": "median",
    "75th": "p75",
    "Max": "highest",
    "% Modeled Samples": "percent_modelled",
    "% Raw Samples": "percent_raw",
}
RUNS = {
    "Run #": "run",
    "Q(Robust)": "q_robust",
    "Q(True)": "q_true",
    "Converged": "converged",
    "# Steps": "iterations",
    "Q(true)/Qexp": "q_true_over_expected",
}
FITS = {
    "Species": "species",
    "Intercept": "intercept",
    "Slope": "slope",
    "SE": "standard_error",
    "r^2": "r2",
    "Stat": "ks_statistic",
    "P Value": "ks_p",
}
# lines that the text files print in one cell
FACTS = ("Number of", "Base user-selected seed", "Base random seed", "Extra modeling")


@dataclass(frozen=True, eq=False)
class EpaDiagnostics:
    """A <stem>_diagnostics file; what it lacks is None. facts: its lines 'name: value'. species: species, category,
    signal_to_noise, lowest ... highest, percent_modelled, percent_raw. runs: run, q_robust, q_true, converged,
    iterations, q_true_over_expected. fits: species, intercept, slope, standard_error, r2, ks_statistic, ks_p.
    bootstraps: as runs, of the bootstrap.
    """

    facts: dict = field(default_factory=dict)
    species: object = None
    runs: object = None
    fits: object = None
    bootstraps: object = None


def read_epa_diagnostics(path):
    """Read <stem>_diagnostics (.xlsx, .csv, .txt) as an EpaDiagnostics. Raises InputError naming file and line."""
    path = Path(path)
    grids = read_workbook(path).values() if path.suffix.lower() in EXCEL else (read_text(path),)
    facts, tables = {}, {"species": [], "runs": [], "fits": []}
    for grid in grids:
        for number, row in enumerate(grid.rows):
            cells = [cell for cell in row if cell is not None]
            name = str(cells[0]).strip() if cells else ""
            if ":" in name and len(cells) <= 2 and (len(cells) == 2 or name.startswith(FACTS)):
                key, _, value = name.partition(":")
                facts[key.strip()] = cells[1] if len(cells) == 2 else value.strip()
            for kind, words in (("species", SPECIES), ("runs", RUNS), ("fits", FITS)):
                heads = [str(cell).strip() for cell in cells]
                if len(heads) >= 4 and heads[:4] == list(words)[:4]:
                    tables[kind].append(_table(grid, number, heads, words))
    runs = tables["runs"]
    first = {kind: found[0] if found else None for kind, found in tables.items()}
    return EpaDiagnostics(facts, **first, bootstraps=runs[1] if len(runs) > 1 else None)


def _table(grid, header, heads, words):
    rows = []
    first = header + 1
    while first < len(grid.rows) and not grid.rows[first]:
        first += 1
    for row in grid.block(first):
        cells = [cell for cell in grid.rows[row] if cell is not None]
        if len(cells) != len(heads) or label(grid.rows[row]).startswith("Note:"):
            break
        rows.append([_cell(grid, row, head, cell) for head, cell in zip(heads, cells)])
    names = [words.get(head, head) for head in heads]
    return pd.DataFrame(rows, columns=names)


def _cell(grid, row, head, cell):
    if head in ("Species", "Category"):
        return str(cell).strip().lower() if head == "Category" else str(cell).strip()
    if head == "Converged":
        return str(cell).strip().lower() == "yes"
    if isinstance(cell, str):
        cell = cell.strip().rstrip("% ")
    value = grid.number(row, cell)
    return int(value) if head in ("Run #", "# Steps") else value
