"""A medium's samples after intake: places, concentrations in standard units, non-detects and what was lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Optional, Union

import numpy as np
import pandas as pd

from .chemistry import (
    HIGH_SHARE,
    Loss,
    Measured,
    describe_field,
    doubtful_level,
    factor_to_standard,
    parse_unit,
    read_measured,
    read_numbers,
    recognise,
    standard_unit,
    symbol_of,
)
from .coordinates import check_coordinates
from .csv_points import CsvPoints, points_of_table, read_csv_points
from .errors import InputError
from .monitor import SILENT

__all__ = [
    "CsvPoints",
    "Loss",
    "SampleOptions",
    "Samples",
    "parse_assignments",
    "points_of_table",
    "read_csv_points",
    "read_samples",
]


STAND_INS = {
    "half": "Half the limit stands in for them",
    "sqrt2": "The limit over the square root of 2 stands in for them",
    "zero": "Zero stands in for them",
    "drop": "They are left out",
}


@dataclass(frozen=True)
class SampleOptions:
    """How a table is read.

    fields: element -> column, or the text "Cd=my_field; Pb=other"; goes before the recognition by name.
    units: one unit for all elements, or element -> unit, or "Cd=ug/kg; Al=%"; goes before the unit in a column's name.
    nondetects: "half", "sqrt2", "zero" or "drop". detection_limits: element -> limit in the column's unit, or the
    column that holds it; or "Cd=0.1; Hg=hg_limit". negative: "auto", "nondetect", "missing" or "error".
    elements: symbols to read; None reads all that are recognised.
    """

    fields: Union[Mapping[str, str], str, None] = None
    units: Union[Mapping[str, str], str, None] = None
    nondetects: str = "half"
    detection_limits: Union[Mapping[str, Union[float, str]], str, None] = None
    negative: str = "auto"
    elements: Optional[tuple] = None


@dataclass(frozen=True, eq=False)
class Samples:
    """n samples of one medium.

    medium: "soil", "sediment" or "water". table: all original columns, index 0 .. n-1. x, y: n coordinates in crs
    (WKT or "EPSG:4326"). concentrations: n x m floats, columns element symbols, mg/kg (water: ug/L), NaN where
    missing, non-detects substituted. censored: n x m bool. detection_limits: n x m floats, NaN where unknown.
    losses: tuple of Loss, all that was not a plain number; its rows are those of the source. properties: n x k
    floats, "pH", "OM", "TOC", "DO", "salinity", "temperature" as far as there are columns, in the columns' units.
    fields: element or property -> column. warnings: texts the reader of a result must see.
    """

    medium: str
    table: pd.DataFrame
    x: np.ndarray
    y: np.ndarray
    crs: str
    concentrations: pd.DataFrame
    censored: pd.DataFrame
    detection_limits: pd.DataFrame
    losses: tuple = ()
    properties: pd.DataFrame = field(default_factory=pd.DataFrame)
    fields: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple = ()

    def __len__(self):
        return len(self.x)

    @property
    def elements(self):
        """Element symbols, the eight heavy metals first."""
        return tuple(self.concentrations.columns)

    @property
    def unit(self):
        """The unit of the concentrations: "mg/kg", or "ug/L" for water."""
        return standard_unit(self.medium)

    def nondetect_shares(self):
        """Share of non-detects (0 to 1) among each element's results: a Series by element."""
        results = (self.concentrations.notna() | self.censored).sum()
        return (self.censored.sum() / results.where(results > 0)).rename("nondetect_share")

    def summary(self):
        """One row per element: samples, missing, non-detects and their share, minimum, median, maximum."""
        values = self.concentrations
        return pd.DataFrame(
            {
                "element": list(self.elements),
                "field": [self.fields.get(element, element) for element in self.elements],
                "n": (values.notna() | self.censored).sum().to_numpy(),
                "missing": (values.isna() & ~self.censored).sum().to_numpy(),
                "nondetects": self.censored.sum().to_numpy(),
                "nondetect_share": self.nondetect_shares().to_numpy(dtype=float),
                "minimum": values.min().to_numpy(),
                "median": values.median().to_numpy(),
                "maximum": values.max().to_numpy(),
            }
        )

    def take(self, rows):
        """The samples at positions (or a mask) ``rows``, as Samples of their own; losses and warnings stay."""
        rows = np.flatnonzero(rows) if np.asarray(rows).dtype == bool else np.asarray(rows, dtype=int)
        frames = {name: getattr(self, name) for name in ("table", "concentrations", "censored", "detection_limits")}
        if len(self.properties):
            frames["properties"] = self.properties
        taken = {name: frame.iloc[rows].reset_index(drop=True) for name, frame in frames.items()}
        return replace(self, x=self.x[rows], y=self.y[rows], **taken)


def read_samples(table, x, y, crs, medium, options=None, monitor=SILENT):
    """Read a medium's samples from a table and its coordinates.

    table: n rows, any columns. x, y: n coordinates in crs (WKT, PROJ or "EPSG:..." text). medium: "soil", "sediment"
    or "water". options: SampleOptions. Rows without coordinates are left out and counted. Returns Samples.

    Raises InputError, naming columns and rows, for an empty table, a missing CRS, swapped or impossible coordinates,
    no recognisable element, two columns for one element, text or negative values that cannot be read, or a unit that
    does not fit the medium.
    """
    options = options or SampleOptions()
    standard_unit(medium)
    if len(table) == 0:
        raise InputError(f"The {medium} table is empty: it has no rows.")
    table = table.reset_index(drop=True)
    losses, warnings = [], []
    keep = _located(table, x, y, crs, medium, losses, warnings)
    matches = recognise(table.columns, medium, options.fields)
    elements = _wanted(matches, options, table, medium)
    for element, fields in matches.ambiguous.items():
        warnings.append(f"{element} is left out: the fields {', '.join(fields)} all look like it.")
    measured = {}
    for done, element in enumerate(elements):
        monitor.progress(done / len(elements))
        column = _read_element(table, matches, element, medium, options)
        losses.extend(column.losses)
        field_name = matches.concentrations[element].field
        if not np.isnan(column.values).all():
            measured[element] = column
            warnings.extend(_doubts(column, element, medium))
        elif element in (options.elements or ()):
            raise InputError(_why_empty(column, element, field_name))
        else:
            warnings.append(f"{_why_empty(column, element, field_name)} {element} is left out.")
    if not measured:
        raise InputError(f"No {medium} sample has a concentration. " + " ".join(warnings))
    properties = {}
    for variable, meaning in matches.properties.items():
        properties[variable], lost = _read_property(table, meaning.field, warnings)
        losses.extend(lost)
    samples = _assemble(table, x, y, crs, medium, measured, properties, keep)
    fields = {name: one.field for name, one in {**matches.concentrations, **matches.properties}.items()}
    samples = replace(samples, losses=tuple(losses), warnings=tuple(warnings), fields=fields)
    _tell(samples, matches, options, monitor)
    return samples


def with_measured_texts(table, nondetects="half", monitor=SILENT):
    """The table with its text columns of concentrations ("<0.1", "n.d.") as numbers, non-detects substituted.

    A column is one of concentrations by its name. Other texts, and columns that hold no number, stay as they are.
    """
    texts = [name for name in table.columns if not pd.api.types.is_numeric_dtype(table[name])]
    read = {}
    for name in texts:
        if describe_field(str(name)).quantity != "concentration":
            continue
        try:
            column = read_measured(table[name], str(name), nondetects=nondetects)
        except InputError as error:
            monitor.warn(f"'{name}' stays text. {error}")
            continue
        read[name] = column.values
        monitor.info(f"'{name}': {int(column.censored.sum())} non-detects of {len(table)} were substituted.")
    return table.assign(**read)


def parse_assignments(text, what):
    """The text "Cd=ug/kg; Al=%" as element -> text; raises InputError naming ``what`` if it is none."""
    result = {}
    for part in text.replace("\n", ";").split(";"):
        if not part.strip():
            continue
        name, equals, value = part.partition("=")
        symbol = symbol_of(name)
        if not equals or symbol is None or not value.strip():
            raise InputError(f"'{part.strip()}' cannot be read as {what}: write it as 'Cd=...; Pb=...'.")
        result[symbol] = value.strip()
    return result


def _located(table, x, y, crs, medium, losses, warnings):
    """Check the coordinates; a mask of the rows that have any."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if not len(x) == len(y) == len(table):
        raise InputError(f"{len(table)} rows but {len(x)} x and {len(y)} y coordinates: the numbers must be equal.")
    located = np.isfinite(x) & np.isfinite(y)
    if not located.any():
        raise InputError(f"No {medium} sample has coordinates.")
    warnings.extend(check_coordinates(x, y, crs, f"{medium} samples", table))
    if not located.all():
        losses.append(Loss("coordinates", "missing, rows left out", np.flatnonzero(~located), True))
    duplicated = pd.DataFrame({"x": x, "y": y}).duplicated(keep=False).to_numpy() & located
    if duplicated.any():
        rows = np.flatnonzero(duplicated)
        losses.append(Loss("coordinates", "shared with another sample, kept", rows, True))
    return located


def _wanted(matches, options, table, medium):
    elements = matches.elements
    if options.elements is not None:
        missing = [element for element in options.elements if element not in elements]
        if missing:
            raise InputError(
                f"No field of the {medium} table is recognised as {', '.join(missing)}. Name the fields, for example "
                f"'{missing[0]}=my_field'. The fields are: {', '.join(map(str, table.columns))}."
            )
        elements = tuple(options.elements)
    if not elements:
        raise InputError(
            f"No field of the {medium} table is recognised as the concentration of an element. Name the fields, for "
            f"example 'Cd=my_field; Pb=other'. The fields are: {', '.join(map(str, table.columns))}."
        )
    return elements


def _read_element(table, matches, element, medium, options):
    """One element in the medium's standard unit."""
    meaning = matches.concentrations[element]
    factor = factor_to_standard(_unit(element, meaning, medium, options.units), medium, element)
    limit = _limit(table, matches, element, options.detection_limits, medium, factor)
    flags = table[matches.flags[element]] if element in matches.flags else None
    column = read_measured(table[meaning.field], meaning.field, limit, flags, options.nondetects, options.negative)
    if factor == 1.0:
        return column
    return Measured(column.values * factor, column.censored, column.limits * factor, column.losses)


def _unit(element, meaning, medium, units):
    if isinstance(units, str):
        units = parse_assignments(units, "units") if "=" in units else parse_unit(units)
    if isinstance(units, str):
        return units
    return (units or {}).get(element) or meaning.unit or standard_unit(medium)


def _limit(table, matches, element, limits, medium, factor):
    """Detection limits of an element, in its column's unit: a number, or a column, which may name a unit of its own."""
    if isinstance(limits, str):
        limits = parse_assignments(limits, "detection limits")
    given = (limits or {}).get(element, matches.limits.get(element))
    if given is None:
        return None
    if given in table.columns:
        unit = describe_field(given).unit
        return read_numbers(table[given], given)[0] * (
            factor_to_standard(unit, medium, element) / factor if unit else 1.0
        )
    try:
        limit = float(given)
    except ValueError:
        limit = np.nan
    if not limit > 0 or np.isinf(limit):
        raise InputError(f"The detection limit of {element}, '{given}', is neither a positive number nor a field.")
    return limit


def _why_empty(column, element, name):
    if not column.censored.any():
        return f"Field '{name}' ({element}) has no value in any row."
    if np.isnan(column.limits).all():
        return f"Field '{name}' ({element}) has non-detects only: give their detection limit."
    return f"Field '{name}' ({element}) has non-detects only, and these are dropped."


def _doubts(column, element, medium):
    """What a reader must know about an element."""
    values = column.values[~np.isnan(column.values)]
    share = column.nondetect_share
    if share == 1:
        yield f"{element}: all {np.count_nonzero(column.censored)} results are non-detects and tell nothing."
    elif share > HIGH_SHARE:
        yield f"{element}: {share:.0%} of the results are non-detects; its statistics rest on the substituted values."
    elif len(values) > 1 and np.ptp(values) == 0:
        yield f"{element}: all {len(values)} values are {values[0]:g}; a constant carries no information."
    detected = column.values[~column.censored & ~np.isnan(column.values)]
    doubt = doubtful_level(np.median(detected), element, medium) if len(detected) else None
    if doubt:
        yield doubt


def _read_property(table, name, warnings):
    try:
        return read_numbers(table[name], name)
    except InputError as error:
        warnings.append(f"Field '{name}' is left out. {error}")
        return np.full(len(table), np.nan), ()


def _assemble(table, x, y, crs, medium, measured, properties, keep):
    def frame(columns):
        return pd.DataFrame(columns, index=table.index)[keep].reset_index(drop=True)

    return Samples(
        medium,
        table[keep].reset_index(drop=True),
        np.asarray(x, dtype=float)[keep],
        np.asarray(y, dtype=float)[keep],
        crs,
        frame({element: column.values for element, column in measured.items()}),
        frame({element: column.censored for element, column in measured.items()}),
        frame({element: column.limits for element, column in measured.items()}),
        properties=frame(properties),
    )


def _tell(samples, matches, options, monitor):
    used = ", ".join(f"{element} = {samples.fields[element]}" for element in samples.elements)
    monitor.info(f"{samples.medium.capitalize()}: {len(samples):,} samples. Fields: {used}.")
    if options.units is None:
        bare = [element for element in samples.elements if not matches.concentrations[element].unit]
        if bare:
            monitor.info(f"No unit in the names of {', '.join(bare)}: taken as {samples.unit}.")
    below = samples.censored.sum()
    if below.any():
        counts = ", ".join(f"{element} {below[element]}" for element in samples.elements if below[element])
        monitor.info(f"Below detection, of {len(samples):,}: {counts}. {STAND_INS[options.nondetects]}.")
    for loss in samples.losses:
        (monitor.warn if loss.doubtful else monitor.info)(f"{loss}.")
    for warning in samples.warnings:
        monitor.warn(warning)
    monitor.progress(1.0)
