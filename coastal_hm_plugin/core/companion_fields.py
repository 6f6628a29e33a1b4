"""Columns that go with the concentrations, named in a text such as "Cd=cd_sd; Pb=pb_sd": uncertainties, SDs."""

import re

import pandas as pd

from .chemistry import describe_field, factor_to_standard, read_numbers
from .errors import InputError
from .samples import parse_assignments


def split_names(text):
    """The text "Cd; Hg" as a tuple of names."""
    return tuple(name.strip() for name in re.split(r"[;\n]", text) if name.strip())


def assignments(text, species, what):
    """The text "Cd=0.15; PM10=pm_unc" as species -> text; raises InputError naming ``what`` if it is none."""
    result = {}
    for part in split_names(text):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not value:
            raise InputError(f"'{part}' cannot be read as {what}: write it as '{species[0]}=...'.")
        if name not in species:
            raise InputError(f"There is no species '{name}' for {what}. There are {', '.join(species)}.")
        result[name] = value
    return result


def companion_table(samples, text, what, units=None):
    """The columns that ``text`` names, in the units of the concentrations: DataFrame (n, species named).

    what: "uncertainty", "standard deviation" ..., for messages. units: of the concentrations, as read_samples takes
    them; a unit in the column's own name goes first. Raises InputError for species and columns that are not there.
    """
    article = "an" if what[0] in "aeiou" else "a"
    values = {}
    for name, column in assignments(text, samples.elements, f"{article} {what} field").items():
        if column not in samples.table.columns:
            raise InputError(f"There is no field '{column}' for the {what} of {name}.")
        values[name] = read_numbers(samples.table[column], column)[0] * _factor(samples, name, column, units)
    return pd.DataFrame(values, index=samples.concentrations.index)


def _factor(samples, name, column, units):
    if samples.fields.get(name) == name and describe_field(name).element is None:
        return 1.0
    if isinstance(units, str):
        units = parse_assignments(units, "units") if "=" in units else dict.fromkeys(samples.elements, units)
    source = samples.fields.get(name, name)
    unit = describe_field(column).unit or (units or {}).get(name) or describe_field(source).unit
    return factor_to_standard(unit, samples.medium, name) if unit else 1.0
