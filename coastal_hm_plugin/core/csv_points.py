"""Points from a CSV file of any make: separator, decimal comma, encoding and coordinate columns are found out."""

import csv
import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from .chemistry import read_numbers
from .coordinates import find_coordinate_fields
from .errors import InputError, name_rows
from .geodesy import crs_of
from .monitor import SILENT
from .text_encoding import decode


@dataclass(frozen=True, eq=False)
class CsvPoints:
    """A table with its coordinates: what read_samples takes.

    table: all columns; x, y: n coordinates in crs, NaN where a row has none; x_field, y_field: their columns.
    """

    table: pd.DataFrame
    x: np.ndarray
    y: np.ndarray
    crs: str
    x_field: str
    y_field: str


def read_csv_points(path, x_field=None, y_field=None, crs="EPSG:4326"):
    """Read a CSV file of points.

    x_field, y_field: coordinate columns; without them they are found by name (Longitude, lat, Easting, x ...).
    Text in UTF-8, GBK or Windows-1252; separated by comma, semicolon or tab. Returns CsvPoints.

    Raises InputError if the file cannot be read, is empty, or has no coordinate columns.
    """
    table = read_csv_table(path)
    fields = _coordinate_fields(table, x_field, y_field, crs, Path(path).name)
    x, y = (read_numbers(table[name], name)[0] for name in fields)
    return CsvPoints(table, x, y, crs, *fields)


def points_of_table(table, label="table", monitor=SILENT, crs="EPSG:4326"):
    """A table of texts (a CSV opened without types) as points: the table with numbers where a column has nothing else,
    and x and y, found by the columns' names. Rows without coordinates are left out, and said.

    Raises InputError if there are no coordinate columns, or no row has coordinates.
    """
    fields = _coordinate_fields(table, None, None, crs, label)
    x, y = (read_numbers(table[name], name)[0] for name in fields)
    located = np.isfinite(x) & np.isfinite(y)
    if not located.any():
        raise InputError(f"{label}: no row has coordinates in '{fields[0]}' and '{fields[1]}'.")
    if not located.all():
        missing = np.flatnonzero(~located)
        monitor.warn(f"{label}: {len(missing)} rows without coordinates were left out: {name_rows(missing)}.")
    table = table[located].reset_index(drop=True)
    return pd.DataFrame({name: _as_numbers(table[name]) for name in table.columns}), x[located], y[located]


def _as_numbers(column):
    """The column as floats if it holds plain numbers and blanks only, else as it is."""
    if pd.api.types.is_numeric_dtype(column):
        return column
    blank = column.isna() | (column.astype(str).str.strip() == "")
    numbers = pd.to_numeric(column.where(~blank), errors="coerce")
    return column if blank.all() or (numbers.isna() & ~blank).any() else numbers.astype(float)


def _coordinate_fields(table, x_field, y_field, crs, label):
    found = find_coordinate_fields(table.columns, crs_of(crs, "points").is_geographic)
    fields = [given or guess for given, guess in zip((x_field, y_field), found)]
    for given, axis in zip(fields, ("x (longitude)", "y (latitude)")):
        if given not in table.columns:
            what = f"no column '{given}'" if given else f"no column that looks like {axis}"
            names = ", ".join(str(name) for name in table.columns)
            raise InputError(f"{label} has {what}. Name the coordinate columns. It has: {names}.")
    return fields


def read_csv_table(path):
    """A CSV file as a DataFrame, numbers where a whole column is plain numbers, text otherwise."""
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"The file {path} cannot be read: {error.strerror}.") from error
    text = decode(data)
    if text.lower().startswith("sep="):
        text = text.split("\n", 1)[-1]
    if not text.strip():
        raise InputError(f"The file {path.name} is empty.")
    try:
        table = pd.read_csv(StringIO(text), sep=_separator(text), skipinitialspace=True)
    except pd.errors.ParserError as error:
        raise InputError(f"The file {path.name} is no table: {error}.") from error
    table.columns = [str(name).strip() for name in table.columns]
    if table.empty:
        raise InputError(f"The file {path.name} has a header but no rows.")
    return table


def _separator(text):
    """The separator that cuts the header into most columns."""
    header = re.split(r"[\r\n]", text.lstrip(), maxsplit=1)[0]
    return max((",", ";", "\t"), key=lambda one: len(next(csv.reader([header], delimiter=one))))
