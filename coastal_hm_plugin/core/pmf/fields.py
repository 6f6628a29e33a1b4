"""What a table says about uncertainties, and species that are no elements, read as the elements are."""

import re

import pandas as pd

from ..chemistry import describe_field, factor_to_standard, read_measured, read_numbers
from ..errors import InputError
from ..samples import Samples, parse_assignments


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


def error_fractions(text, species, default):
    """One error fraction for all, or species -> fraction where the text "Cd=0.15; Pb=0.2" names others."""
    given = assignments(text, species, "an error fraction")
    if not given:
        return default
    try:
        return {name: float(given.get(name, default)) for name in species}
    except ValueError as error:
        raise InputError(f"An error fraction is no number: {error}.") from error


def own_species(table, place, medium, names, nondetects="half", limits=""):
    """Samples of the columns ``names``, whatever they measure, in their own units.

    place: x, y, crs. limits: detection limits as "PM10=0.5; OC=oc_limit", a number or a column.
    """
    given = assignments(limits, names, "a detection limit") if limits else {}
    read = {name: read_measured(table[name], name, _limit(table, given.get(name)), None, nondetects) for name in names}
    frames = (
        pd.DataFrame({name: getattr(one, what) for name, one in read.items()})
        for what in ("values", "censored", "limits")
    )
    losses = tuple(loss for one in read.values() for loss in one.losses)
    return Samples(medium, table.reset_index(drop=True), *place, *frames, losses, fields={name: name for name in names})


def uncertainty_table(samples, fields, units=None):
    """The uncertainties that columns of the samples' table hold, in the units of the concentrations (n x m).

    fields: "Cd=cd_unc; Pb=pb_unc", a column for every species. units: of the concentrations, as read_samples takes
    them; a unit in the column's own name goes first. Raises InputError for a species without a column.
    """
    species = samples.elements
    columns = assignments(fields, species, "an uncertainty field")
    lacking = [name for name in species if name not in columns]
    if lacking:
        raise InputError(f"No uncertainty field is given for {', '.join(lacking)}: name one for every species or none.")
    values = {}
    for name, column in columns.items():
        if column not in samples.table.columns:
            raise InputError(f"There is no field '{column}' for the uncertainty of {name}.")
        values[name] = read_numbers(samples.table[column], column)[0] * _factor(samples, name, column, units)
    return pd.DataFrame(values)[list(species)]


def _factor(samples, name, column, units):
    if samples.fields.get(name) == name and describe_field(name).element is None:
        return 1.0
    if isinstance(units, str):
        units = parse_assignments(units, "units") if "=" in units else dict.fromkeys(samples.elements, units)
    source = samples.fields.get(name, name)
    unit = describe_field(column).unit or (units or {}).get(name) or describe_field(source).unit
    return factor_to_standard(unit, samples.medium, name) if unit else 1.0


def _limit(table, given):
    if given is None:
        return None
    if given in table.columns:
        return read_numbers(table[given], given)[0]
    try:
        return float(given)
    except ValueError:
        raise InputError(f"The detection limit '{given}' is neither a number nor a field.") from None
