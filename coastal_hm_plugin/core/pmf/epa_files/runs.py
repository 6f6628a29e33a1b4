"""A solution of EPA PMF 5.0 as its base and constrained runs write it: profiles, contributions, residuals."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ...errors import InputError
from .. import diagnostics
from ..result import shares
from ..uncertainty import STRONG
from .grid import EXCEL, MISSING, label, or_missing, read_text, read_workbook, write_text, write_workbook

TITLE = re.compile(
    r"(?P<kind>Factor Profiles|Factor Contributions|Scaled Residuals|Residuals)(?: \((?P<unit>[^)]*)\))? from "
    r"(?P<model>\w+)[^#(]*(?:#\s*(?P<run>\d+))?",
    re.IGNORECASE,
)
TOTAL = re.compile(r"\(Total Variable = (?P<name>.*)\)", re.IGNORECASE)
TEXT_PARTS = ("profiles", "contributions", "residuals")
TIMES = ("date_time", "sample_ids", "sample_id", "date", "sample", "id")
Q_COLUMN = "Q(true)/Qexp"
# (kind, start of the unit) -> the name of the table in an EpaRun
TABLES = {
    ("factor profiles", "conc"): "profiles",
    ("factor profiles", "% of species"): "percent_of_species",
    ("factor profiles", "% of"): "percent_of_total",
    ("factor contributions", "avg"): "contributions",
    ("factor contributions", "conc"): "contributions_of_total",
    ("residuals", ""): "residuals",
    ("scaled residuals", ""): "scaled_residuals",
}


@dataclass(frozen=True, eq=False)
class EpaRun:
    """A solution as EPA PMF 5.0 prints it; a table that its files lack is None.

    model: "base", "constrained" or "fpeak"; run: its number; total: name of the total variable, or "". Species x
    factors: profiles (unit of the concentrations), percent_of_species, percent_of_total (of the total variable or,
    without one, of the factor's total; NaN for the total variable itself). Samples x factors: contributions (mean 1),
    contributions_of_total (unit of the concentrations). Samples x species: residuals, scaled_residuals. Rows of samples
    are named by id or time, NaN where a sample was left out.
    """

    model: str
    run: int
    total: str = ""
    profiles: object = None
    percent_of_species: object = None
    percent_of_total: object = None
    contributions: object = None
    contributions_of_total: object = None
    residuals: object = None
    scaled_residuals: object = None


def read_epa_run(path, run=None):
    """Read a solution: a workbook (<stem>_base.xlsx, <stem>_Constrained.xlsx) or text files; an EpaRun.

    path: the workbook, or any one of <stem>_profiles, <stem>_contributions and <stem>_residuals (.csv or .txt; what is
    missing of them stays None). run: number of the run, where the files hold several. Raises InputError naming file and
    line, or the runs there are.
    """
    found = {}
    for grid in _grids(Path(path)):
        for number, row in enumerate(grid.rows):
            title = TITLE.match(label(row))
            if title:
                name, number_read, value = _table(grid, number, title)
                tables = found.setdefault((title["model"].lower(), title["run"]), {"run": number_read})
                tables[name] = value
                total = TOTAL.match(label(grid.rows[number + 1]) if number + 1 < len(grid.rows) else "")
                if total:
                    tables["total"] = total["name"]
    if not found:
        raise InputError(f"{Path(path).name} holds no 'Factor Profiles ... from Base Run': is it of EPA PMF 5.0?")
    return _chosen(found, run, Path(path).name)


def run_of_result(result, names=None):
    """A PmfResult as an EpaRun, its factors named Factor 1 .... names: of all samples given, None for their numbers."""
    data = result.data
    factors = [f"Factor {k}" for k in range(1, len(result.f) + 1)]
    species, total = list(data.fitted_species), data.total if data.total in data.fitted_species else ""
    names = np.arange(1, data.given + 1) if names is None else names
    summed = np.array([name != total for name in species])
    amount = result.f[:, species.index(total)] if total else result.f[:, summed].sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_total = np.where(summed, 100 * result.f / amount[:, None], np.nan)

    def by_species(values):
        return pd.DataFrame(values.T, species, factors)

    def by_sample(values, columns):
        table = np.full((data.given, len(columns)), np.nan)
        table[data.row] = values
        return pd.DataFrame(table, pd.Index(list(names), dtype=object), columns)

    return EpaRun(
        "base",
        result.runs.chosen + 1,
        total,
        by_species(result.f),
        by_species(100 * shares(result.f)),
        by_species(of_total),
        by_sample(result.g, factors),
        by_sample(result.g * amount, factors) if total else None,
        by_sample(data.fitted_x - result.predicted, species),
        by_sample(result.residuals, species),
    )


def write_epa_run(folder, stem, found, strong=None, excel=True):
    """Write an EpaRun as EPA PMF 5.0 does; returns the paths.

    excel: one workbook, <stem>_base.xlsx or, with no line of factor names as PMF 5.0 leaves it out, _Constrained.xlsx;
    else <stem>_profiles.csv, _contributions.csv and _residuals.csv. strong: number of strong species, for Q(true)/Qexp
    beside the scaled residuals (None: all).
    """
    folder = Path(folder)
    sheets = {
        "Profiles": _profile_rows(found),
        "Contributions": _contribution_rows(found, excel),
        "Residuals": _residual_rows(found, strong, excel),
    }
    sheets = {name: rows for name, rows in sheets.items() if rows}
    if excel:
        path = folder / f"{stem}_{'Constrained' if found.model == 'constrained' else 'base'}.xlsx"
        write_workbook(path, sheets)
        return (path,)
    paths = []
    for name, rows in sheets.items():
        paths.append(folder / f"{stem}_{name.lower()}.csv")
        write_text(paths[-1], rows)
    return tuple(paths)


def strong_count(data):
    """Number of strong species of a PmfData, which Q(true)/Qexp of one species is counted by."""
    return data.count(STRONG)


def _grids(path):
    if path.suffix.lower() in EXCEL:
        return list(read_workbook(path).values())
    stem, _, part = path.stem.rpartition("_")
    if part not in TEXT_PARTS:
        return [read_text(path)]
    there = [path.with_name(f"{stem}_{name}{path.suffix}") for name in TEXT_PARTS]
    return [read_text(one) for one in there if one.is_file() or one == path]


def _table(grid, number, title):
    """The table below a title: its name in EpaRun, the number of its run, the table."""
    kind, unit = title["kind"].lower(), (title["unit"] or "").lower()
    name = next(name for (own, start), name in TABLES.items() if own == kind and unit.startswith(start))
    header = number + 1
    while header < len(grid.rows) and (not grid.rows[header] or TOTAL.match(label(grid.rows[header]))):
        header += 1
    if header >= len(grid.rows):
        raise grid.wrong(number, "a table below this title", "the end of the file")
    names = [str(cell) for cell in grid.rows[header] if cell is not None]
    if _is_run(grid.rows[header][0]):  # constrained runs have no line of names
        names = [f"Factor {k}" for k in range(1, len(grid.rows[header]) - 1)]
        header -= 1
    rows = [row for row in grid.block(header + 1) if _is_run(grid.rows[row][0])]
    if not rows:
        raise grid.wrong(header, "rows that start with the number of the run", label(grid.rows[header]))
    run = int(title["run"] or float(grid.rows[rows[0]][0]))
    read = _species_table if "residuals" in kind else _profile_table if "profiles" in kind else _sample_table
    return name, run, read(grid, rows, names)


def _is_run(cell):
    try:
        return float(cell) == int(float(cell))
    except (TypeError, ValueError):
        return False


def _profile_table(grid, rows, factors):
    values = [grid.numbers(row, _filled(grid, row, 2, len(factors))) for row in rows]
    return pd.DataFrame(np.array(values), [str(grid.rows[row][1]) for row in rows], factors)


def _sample_table(grid, rows, factors):
    leading = len(grid.rows[rows[0]]) - len(factors)
    if leading < 1:
        expected = f"a run, a sample and {len(factors)} contributions"
        raise grid.wrong(rows[0], expected, f"{len(grid.rows[rows[0]])} cells")
    return _by_sample(grid, rows, leading, factors)


def _species_table(grid, rows, names):
    leading = 1
    while leading < len(names) and names[leading].lower() in TIMES:
        leading += 1
    species = [name for name in names[leading:] if not name.startswith("Q(")]
    return _by_sample(grid, rows, leading, species).rename_axis(names[1] if leading == 2 else None)


def _by_sample(grid, rows, leading, columns):
    values = np.array([grid.numbers(row, _filled(grid, row, leading, len(columns))) for row in rows])
    ids = [tuple(grid.rows[row][1:leading]) for row in rows]
    index = pd.Index([one[0] for one in ids], dtype=object) if leading == 2 else None
    if leading > 2:
        index = pd.MultiIndex.from_tuples(ids)
    return pd.DataFrame(np.where(values == MISSING, np.nan, values), index, columns)


def _filled(grid, row, first, count):
    cells = grid.rows[row][first : first + count]
    if len(cells) < count:
        raise grid.wrong(row, f"{count} values", f"{len(cells)} values")
    return cells


def _chosen(found, run, name):
    runs = ", ".join(str(tables["run"]) for tables in found.values())
    if run is None and len(found) > 1:
        raise InputError(f"{name} holds the runs {runs}: say which to read.")
    for (model, _), tables in found.items():
        if run is None or tables["run"] == run:
            return EpaRun(model, **tables)
    raise InputError(f"{name} has no run {run}, only {runs}.")


def _from(found):
    if found.model == "constrained":
        return "from Constrained Run (Convergent Run)"
    return f"from Base Run #{found.run} (Convergent Run)"


def _profile_rows(found):
    kind = "total variable" if found.total else "factor total"
    rows = []
    for unit, table in (
        ("conc. of species", found.profiles),
        ("% of species sum", found.percent_of_species),
        (f"% of {kind}", found.percent_of_total),
    ):
        if table is None:
            continue
        rows += [[], [f"Factor Profiles ({unit}) {_from(found)}"], [], *_names(found, table, 2)]
        for name, values in zip(table.index, table.to_numpy()):
            rows.append([found.run, name, *("*" if np.isnan(value) else float(value) for value in values)])
    return rows


def _names(found, table, indent):
    """The line of factor names, none for a constrained run."""
    return [] if found.model == "constrained" else [[None] * indent + list(table.columns)]


def _contribution_rows(found, excel):
    rows = []
    if found.contributions is not None:
        table = found.contributions
        rows += [[], [f"Factor Contributions (avg = 1) {_from(found)}"], [], *_names(found, table, 2)]
        rows += _sample_rows(found.run, table)
    if found.contributions_of_total is not None:
        table = found.contributions_of_total
        rows += [[], [f"Factor Contributions (conc. units) {_from(found)}"], [f"(Total Variable = {found.total})"]]
        # PMF 5.0's own headers stand one and two cells to the right of their columns
        rows += _names(found, table, 3) if excel else [[], *_names(found, table, 4)]
        rows += _sample_rows(found.run, table)
    return rows


def _residual_rows(found, strong, excel):
    rows = []
    for what, table in (("Residuals", found.residuals), ("Scaled Residuals", found.scaled_residuals)):
        if table is None:
            continue
        timed = table.index.name or ("Date_Time" if hasattr(next(iter(table.index), None), "year") else "Sample_IDs")
        header = ["Run" if excel else "Base_Run", timed, *table.columns]
        rows += [[], [f"{what} {_from(found)}"], *([] if excel else [[]])]
        if what == "Residuals" or found.model == "constrained":
            rows += [header, *_sample_rows(found.run, table)]
            continue
        by_sample, by_species = _q_shares(table.to_numpy(), len(found.profiles.columns), strong)
        rows += [[*header, Q_COLUMN], *_sample_rows(found.run, table.assign(**{Q_COLUMN: by_sample}))]
        rows.append([*([f"{Q_COLUMN}:", None] if excel else [None, f"   {Q_COLUMN}:"]), *map(float, by_species)])
    return rows


def _q_shares(residuals, factors, strong):
    """Q(true)/Qexp of each sample and species: the expectation is shared out over samples, and over strong species."""
    kept = ~np.isnan(residuals).any(axis=1)
    samples, species = int(kept.sum()), residuals.shape[1]
    strong = species if strong is None else strong
    expected = diagnostics.q_expected(samples, factors, strong, species - strong)
    expected = expected if expected > 0 else np.nan
    squares = np.square(residuals)
    return squares.sum(axis=1) * samples / expected, squares[kept].sum(axis=0) * strong / expected


def _sample_rows(run, table):
    return [[run, *(one if isinstance(one, tuple) else (one,)), *or_missing(row)] for one, row in _pairs(table)]


def _pairs(table):
    return zip(table.index, table.to_numpy(dtype=float))
