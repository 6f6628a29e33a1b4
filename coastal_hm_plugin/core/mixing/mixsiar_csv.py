"""MixSIAR's tables: mixtures, sources and discrimination, from its csv files or from any table laid out like them."""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..errors import InputError, name_rows
from ..monitor import SILENT
from .sources import Sources, correlation_matrix


class Mixtures(NamedTuple):
    """values: DataFrame (n, tracers) of floats without gaps; rows: their places in the table they came from."""

    values: pd.DataFrame
    rows: np.ndarray


def read_mixsiar_csv(path):
    """One of MixSIAR's csv files as a DataFrame of texts; Windows, Unix and old Mac line ends."""
    data = Path(path).read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    lines = [row for row in csv.reader(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")) if any(row)]
    if len(lines) < 2:
        raise InputError(f"{Path(path).name} holds no rows under its header.")
    header, ragged = lines[0], [i for i, row in enumerate(lines[1:]) if len(row) != len(lines[0])]
    if ragged:
        raise InputError(
            f"{Path(path).name}: rows {name_rows(ragged)} do not have the {len(header)} columns of the header."
        )
    return pd.DataFrame(lines[1:], columns=[name.strip() or "source" for name in header])


def read_sources(table, tracers=(), name_column=""):
    """Sources from a table in one of MixSIAR's layouts.

    Means: a row per source with Mean<tracer>, SD<tracer>, optional n and Conc<tracer> (``Pb206_mean`` is understood,
    too; case and underscores do not matter). Raw: a row per sample of a source with a column per tracer; means, SDs,
    n and the correlation of the tracers come from the samples. tracers: their names; empty: every one with a mean.
    name_column: the sources' names; empty: a column 'source', else the first column. Returns :class:`Sources`.
    """
    name = source_column(table, name_column)
    keys = {key(column): column for column in table.columns}
    tracers = tuple(tracers) or tuple(
        str(column)[4:].strip("_ ") for column in table.columns if str(column).lower().startswith("mean")
    )
    if not tracers:
        raise InputError("The sources have no column such as 'Meand13C', so the tracers must be named.")
    if any(_column(keys, "mean", tracer) is not None for tracer in tracers):
        return _from_means(table, keys, tracers, name)
    return _from_samples(table, keys, tracers, name)


def read_discrimination(table, sources, name_column=""):
    """The sources with the discrimination factors of a table in MixSIAR's layout (a row per source, Mean and SD).

    Raises InputError when a source or a tracer is not in the table.
    """
    name = source_column(table, name_column)
    keys = {key(column): column for column in table.columns}
    rows = {key(value): place for place, value in enumerate(table[name])}
    absent = [source for source in sources.names if key(source) not in rows]
    if absent:
        raise InputError(f"The discrimination table has no row for the source {', '.join(absent)}.")
    order = [rows[key(source)] for source in sources.names]
    return sources.with_discrimination(
        *(_block(table, keys, kind, sources.tracers, "discrimination")[order] for kind in ("mean", "sd"))
    )


def read_mixtures(table, tracers, monitor=SILENT):
    """The mixtures' tracers as numbers. Rows without one of them are left out and named. Returns :class:`Mixtures`."""
    keys = {key(column): column for column in table.columns}
    absent = [tracer for tracer in tracers if key(tracer) not in keys]
    if absent:
        raise InputError(
            f"The mixtures have no field {', '.join(absent)}. Fields: {', '.join(map(str, table.columns))}."
        )
    values = pd.DataFrame({tracer: numbers(table[keys[key(tracer)]], "mixtures") for tracer in tracers})
    complete = values.notna().all(axis=1).to_numpy()
    if not complete.any():
        raise InputError(f"No mixture has all of {', '.join(tracers)}.")
    if not complete.all():
        lost = np.flatnonzero(~complete)
        monitor.warn(f"{len(lost)} mixtures without all tracers were left out: rows {name_rows(lost)}.")
    return Mixtures(values[complete].reset_index(drop=True), np.flatnonzero(complete))


def _from_means(table, keys, tracers, name):
    n = None
    if "n" in keys:
        counts = numbers(table[keys["n"]], "sources").to_numpy()
        n = np.where(np.isnan(counts), np.inf, counts)
    concentration = None
    if any(_column(keys, "conc", tracer) is not None for tracer in tracers):
        concentration = _block(table, keys, "conc", tracers, "sources")
    mean, sd = (_block(table, keys, kind, tracers, "sources") for kind in ("mean", "sd"))
    names = tuple(str(value).strip() for value in table[name])
    return Sources(names, tracers, mean, sd, n, concentration=concentration)


def _from_samples(table, keys, tracers, name):
    absent = [tracer for tracer in tracers if key(tracer) not in keys]
    if absent:
        raise InputError(f"The sources have neither a mean nor a field of the tracer {', '.join(absent)}.")
    values = pd.DataFrame({tracer: numbers(table[keys[key(tracer)]], "sources") for tracer in tracers})
    labels = table[name].astype(str).str.strip().to_numpy()
    names = tuple(dict.fromkeys(labels))
    samples = [values[labels == source].dropna() for source in names]
    few = [source for source, some in zip(names, samples) if len(some) < 2]
    if few:
        raise InputError(f"Source {', '.join(few)} needs at least 2 samples with all tracers to have a spread.")
    correlation = np.array([_correlation(some.to_numpy()) for some in samples])
    mean, sd = (np.array([getattr(some, kind)() for some in samples], float) for kind in ("mean", "std"))
    return Sources(names, tracers, mean, sd, np.array([len(some) for some in samples], float), correlation)


def _correlation(values):
    """Of the tracers; none where the samples are too few to tell (at most two more than tracers)."""
    tracers = values.shape[1]
    if tracers == 1 or len(values) <= tracers + 2 or not (values.std(axis=0) > 0).all():
        return np.eye(tracers)
    return correlation_matrix(values)


def _block(table, keys, kind, tracers, what):
    """The columns of one kind (mean, sd, conc) for every tracer: array (rows, tracers)."""
    found = {tracer: _column(keys, kind, tracer) for tracer in tracers}
    absent = [tracer for tracer, column in found.items() if column is None]
    if absent:
        raise InputError(
            f"The {what} table has no {kind} of {', '.join(absent)} (such as '{kind.upper()}{absent[0]}')."
        )
    return np.column_stack([numbers(table[column], what) for column in found.values()])


def _column(keys, kind, tracer):
    name = key(tracer)
    return keys.get(kind + name, keys.get(name + kind))


def key(text):
    """A name without case and punctuation, by which fields and sources are found."""
    return "".join(c for c in str(text).lower() if c.isalnum())


def source_column(table, given):
    """The column of the sources' names: the one given, else 'source', else the first."""
    if given:
        if given not in table.columns:
            raise InputError(f"There is no field '{given}' with the names of the sources.")
        return given
    named = [column for column in table.columns if key(column) == "source"]
    return named[0] if named else table.columns[0]


def numbers(column, what):
    """A column of the table ``what`` as floats, NaN where empty. Raises InputError where a text is no number."""
    texts = column.map(lambda value: None if value is None else str(value).strip())
    empty = texts.isna() | texts.isin(["", "NA", "nan", "NaN", "None"])
    values = pd.to_numeric(texts.mask(empty), errors="coerce")
    bad = values.isna() & ~empty | np.isinf(values)
    if bad.any():
        raise InputError(f"{column.name} of the {what}: rows {name_rows(np.flatnonzero(bad))} are not numbers.")
    # pandas misses the last bit of long decimals, float does not: a CSV and a GeoPackage then give the same numbers
    return texts.where(values.notna()).map(float, na_action="ignore").astype(float)
