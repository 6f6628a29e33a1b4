"""The two files that EPA PMF 5.0 takes in: concentrations, and their uncertainties."""

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from ...errors import InputError, name_rows
from .grid import MISSING, or_missing, read_grid, write_text, write_workbook

ID_NAMES = ("", "id", "sample", "sampleid", "sampleids", "samplenumber", "site", "station", "date", "datetime", "time")
EQUATION_ROWS = 2  # an uncertainty file of so many rows holds limits and error fractions, not a value per sample


@dataclass(frozen=True, eq=False)
class EpaInputs:
    """What the files hold. concentrations: samples x species (table), NaN where missing, in the files' unit;
    uncertainties: the same shape, or None where the file gives detection_limits and error_fractions (species -> number)
    instead, or where there is no file. ids: table of the sample ids and times, as they stand; units: species -> text.
    """

    concentrations: pd.DataFrame
    uncertainties: object
    ids: pd.DataFrame
    units: dict = field(default_factory=dict)
    detection_limits: dict = field(default_factory=dict)
    error_fractions: dict = field(default_factory=dict)


def read_epa_inputs(concentration_path, uncertainty_path=None):
    """Read EPA PMF 5.0's input files: .csv, .txt (tab, comma or semicolon) or .xlsx (first sheet); an EpaInputs.

    Rows are samples; the first row names the columns, a second may hold units; up to two leading columns hold a sample
    id and a time; -999 is a missing value (Norris et al. 2014, section 4.1). The uncertainties have the same rows and
    species, or are equation-based: a row of detection limits and one of error fractions (above 1: read as %).

    Raises InputError naming file, line and column where a cell is no number, the files differ in samples or species,
    names are doubled, or an uncertainty is not above 0.
    """
    concentrations, ids, units = _read_table(concentration_path)
    if uncertainty_path is None:
        return EpaInputs(concentrations, None, ids, units)
    given, given_ids, _ = _read_table(uncertainty_path)
    names = Path(concentration_path).name, Path(uncertainty_path).name
    given = _same_species(given, concentrations, names)
    if len(given) == EQUATION_ROWS and len(concentrations) != EQUATION_ROWS:
        limits, fractions = given.iloc[0], given.iloc[1]
        for row, what in ((limits, "detection limit"), (fractions, "error fraction")):
            _all_above_zero(row, what, names[1])
        fractions = fractions / 100 if (fractions > 1).any() else fractions
        return EpaInputs(concentrations, None, ids, units, dict(limits), dict(fractions))
    _same_samples(ids, given_ids, names)
    given = given.where(concentrations.notna())
    wrong = concentrations.notna() & ~(given > 0)
    if wrong.to_numpy().any():
        column = wrong.columns[wrong.any()][0]
        rows = name_rows(np.flatnonzero(wrong[column]))
        raise InputError(f"{names[1]}: {column} has no uncertainty above 0 in samples {rows}. Each value needs one.")
    return EpaInputs(concentrations, given, ids, units)


def write_epa_inputs(folder, stem, concentrations, uncertainties, ids=None, excel=False):
    """Write concentrations and uncertainties (tables n x m, NaN where missing) as EPA PMF 5.0 reads them.

    ids: n sample names or times, None for 1 .. n. Writes <stem>_conc and <stem>_unc, .csv or (excel) .xlsx; returns
    both paths. A missing value is -999 in both. The uncertainties of weak species must not be tripled: PMF 5.0 does it.
    """
    concentrations, uncertainties = pd.DataFrame(concentrations), pd.DataFrame(uncertainties)
    if concentrations.shape != uncertainties.shape:
        raise InputError(
            f"{concentrations.shape[0]} x {concentrations.shape[1]} concentrations, but {uncertainties.shape[0]} x "
            f"{uncertainties.shape[1]} uncertainties: both need the same samples and species."
        )
    ids = range(1, len(concentrations) + 1) if ids is None else list(ids)
    if len(ids) != len(concentrations):
        raise InputError(f"There are {len(ids)} sample ids for {len(concentrations)} samples.")
    missing = concentrations.isna() | uncertainties.isna()
    paths = []
    for table, kind in ((concentrations, "conc"), (uncertainties, "unc")):
        values = table.astype(float).mask(missing).to_numpy()
        timed = any(isinstance(one, (datetime, date)) for one in ids)
        rows = [["Date_Time" if timed else "Sample_ID", *(str(name) for name in concentrations.columns)]]
        rows += [[one, *map(float if excel else _exact, or_missing(row))] for one, row in zip(ids, values)]
        path = Path(folder) / f"{stem}_{kind}{'.xlsx' if excel else '.csv'}"
        if excel:
            write_workbook(path, {kind: rows})
        else:
            write_text(path, rows)
        paths.append(path)
    return tuple(paths)


def input_tables(data, names=None):
    """What a PmfData is fitted with, as the tables that write_epa_inputs takes: concentrations, uncertainties, ids.

    names: of all samples given, None for their numbers. Missing values are filled, extra modelling uncertainty is in
    (run PMF 5.0 with 0 %), samples left out are out; bad species are there, weak ones not tripled.
    """
    names = np.arange(1, data.given + 1) if names is None else np.asarray(names, dtype=object)
    columns = list(data.species)
    return pd.DataFrame(data.x, columns=columns), pd.DataFrame(data.u, columns=columns), list(names[data.row])


def _exact(value):
    """A value with all its digits, as text."""
    return f"{value:.10g}"


def _read_table(path):
    grid = read_grid(path)
    rows = [number for number, row in enumerate(grid.rows) if row]
    if len(rows) < 2:
        raise InputError(f"{Path(path).name} has no samples: one row of names and a row for each sample are expected.")
    header, body = rows[0], rows[1:]
    names = ["" if cell is None else str(cell).strip() for cell in grid.rows[header]]
    leading = _leading(grid, names, body)
    species = names[leading:]
    _check_names(grid, header, species)
    units = {}
    first = grid.rows[body[0]][leading:]
    if first and all(cell is None or not _is_number(cell) for cell in first):
        units = {name: str(cell) for name, cell in zip(species, first) if cell is not None}
        body = body[1:]
    values = np.array([_numbers(grid, row, species, leading) for row in body])
    ids = pd.DataFrame(
        [[*grid.rows[row][:leading], *[None] * leading][:leading] for row in body],
        columns=[name or f"id{number + 1}" for number, name in enumerate(names[:leading])],
    )
    return pd.DataFrame(np.where(values == MISSING, np.nan, values), columns=species), ids, units


def _leading(grid, names, body):
    """How many of the first two columns are ids: named so, or holding anything but numbers."""
    count = 0
    for column in range(min(2, len(names) - 1)):
        plain = "".join(letter for letter in names[column].lower() if letter.isalnum())
        cells = [grid.rows[row][column] if column < len(grid.rows[row]) else None for row in body[1:] or body]
        if plain not in ID_NAMES and all(cell is None or _is_number(cell) for cell in cells):
            break
        count += 1
    return count


def _numbers(grid, row, species, leading):
    cells = grid.rows[row][leading:]
    if len(cells) > len(species):
        raise grid.wrong(row, f"{len(species)} values", f"{len(cells)} values")
    values = []
    for name, cell in zip(species, [*cells, *[None] * (len(species) - len(cells))]):
        if cell is not None and not _is_number(cell):
            raise grid.wrong(row, f"a number for {name} (with a decimal point; {MISSING:g} where missing)", cell)
        values.append(np.nan if cell is None else float(cell))
    return values


def _is_number(cell):
    if isinstance(cell, (datetime, date)):
        return False
    try:
        return np.isfinite(float(cell))
    except (TypeError, ValueError):
        return False


def _check_names(grid, header, species):
    if not species or "" in species:
        raise grid.wrong(header, "a name for every species", "" if species else "none")
    doubled = sorted({name for name in species if species.count(name) > 1})
    if doubled:
        raise InputError(f"{grid.place}: species named twice: {', '.join(doubled)}.")


def _same_species(given, concentrations, names):
    if set(given.columns) != set(concentrations.columns):
        lacking = [name for name in concentrations.columns if name not in given.columns]
        more = [name for name in given.columns if name not in concentrations.columns]
        parts = [f"{names[1]} lacks {', '.join(lacking)}" if lacking else "", f"has {', '.join(more)}" if more else ""]
        raise InputError(f"{names[0]} and {names[1]} differ in species: {' and '.join(filter(None, parts))}.")
    return given[list(concentrations.columns)]


def _same_samples(ids, given_ids, names):
    if len(ids) != len(given_ids):
        raise InputError(f"{names[0]} has {len(ids)} samples, {names[1]} {len(given_ids)}: they must be the same.")
    for column in range(min(ids.shape[1], given_ids.shape[1])):
        differ = np.flatnonzero(ids.iloc[:, column].astype(str).to_numpy() != given_ids.iloc[:, column].astype(str))
        if len(differ):
            first = differ[0]
            raise InputError(
                f"{names[0]} and {names[1]} differ in sample {first + 1}: '{ids.iloc[first, column]}' and "
                f"'{given_ids.iloc[first, column]}'. Both need the same samples in the same order."
            )


def _all_above_zero(row, what, name):
    wrong = list(row.index[~(row > 0)])
    if wrong:
        raise InputError(f"{name}: no {what} above 0 for {', '.join(wrong)}.")
