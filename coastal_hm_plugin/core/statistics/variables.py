"""The columns of a table that statistics run on: numbers, concentrations with their non-detects, properties."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..chemistry import HIGH_SHARE, describe_field, read_measured, read_numbers
from ..errors import InputError

RECOGNISED = ("concentration", "log concentration", "property")


@dataclass(frozen=True, eq=False)
class Variables:
    """k variables of n rows.

    values: DataFrame (n, k) of floats, columns field names, in the fields' own units; NaN where missing, non-detects
    substituted. censored: bool, the same shape. units: field -> unit as its name gives it, or "". compositions: tuples
    of fields, each the concentrations of one medium. losses: tuple of Loss, all that was no plain number. warnings:
    texts for the reader.
    """

    values: pd.DataFrame
    censored: pd.DataFrame
    units: Mapping[str, str] = field(default_factory=dict)
    compositions: tuple = ()
    losses: tuple = ()
    warnings: tuple = ()

    @property
    def names(self):
        return tuple(self.values.columns)

    def summary(self):
        """A row per variable: n, missing, nondetects, minimum, median, maximum."""
        values = self.values
        return pd.DataFrame(
            {
                "variable": list(self.names),
                "n": values.notna().sum().to_numpy(),
                "missing": values.isna().sum().to_numpy(),
                "nondetects": self.censored.sum().to_numpy(),
                "minimum": values.min().to_numpy(),
                "median": values.median().to_numpy(),
                "maximum": values.max().to_numpy(),
            }
        )


def read_variables(table, names=None, nondetects="half", without=()):
    """Columns of a table as numbers.

    names: the columns; None or empty: all whose names are recognised as the concentration of an element or as a
    property (pH, OM, TOC, DO, salinity, temperature). Concentrations may hold non-detects ("<0.1", negative codes,
    a limit or a qualifier column of the same element beside them); nondetects: "half", "sqrt2", "zero" or "drop".
    without: columns that are not to be recognised. Returns Variables.
    Raises InputError for an unknown column, one named twice, one that holds no number.
    """
    meanings = [describe_field(str(name)) for name in table.columns]
    by_name = {meaning.field: meaning for meaning in meanings}
    recognised = [one.field for one in meanings if one.quantity in RECOGNISED and one.field not in without]
    chosen = list(names or recognised)
    _check_names(chosen, by_name)
    values, censored, losses, warnings, media = {}, {}, [], [], {}
    for name in chosen:
        meaning = by_name[name]
        if meaning.quantity == "concentration":
            read = read_measured(table[name], name, *_beside(table, meaning, meanings), nondetects)
            values[name], censored[name], lost = read.values, read.censored, read.losses
            media.setdefault(meaning.medium, []).append(name)
            if read.nondetect_share > HIGH_SHARE:
                warnings.append(f"{name}: {read.nondetect_share:.0%} of the results are non-detects.")
        else:
            values[name], lost = read_numbers(table[name], name)
            censored[name] = np.zeros(len(table), dtype=bool)
        losses.extend(lost)
        if np.isnan(values[name]).all():
            raise InputError(f"Field '{name}' has no value in any row. Choose another field.")
    warnings += [f"{loss}." for loss in losses if loss.doubtful]
    units = {name: by_name[name].unit or "" for name in chosen}
    compositions = tuple(map(tuple, media.values()))
    tables = (pd.DataFrame(values), pd.DataFrame(censored))
    return Variables(*tables, units, compositions, tuple(losses), tuple(warnings))


def _check_names(chosen, known):
    unknown = [name for name in chosen if name not in known]
    if unknown:
        raise InputError(f"There is no field '{unknown[0]}'. The fields are: {', '.join(known)}.")
    if not chosen:
        raise InputError(
            "No field is recognised as the concentration of an element or as pH, OM, TOC, DO, salinity or temperature. "
            f"Choose the fields to use. The fields are: {', '.join(known)}."
        )
    twice = {name for name in chosen if chosen.count(name) > 1}
    if twice:
        raise InputError(f"Field '{sorted(twice)[0]}' is chosen twice. Choose each field once.")


def _beside(table, meaning, meanings):
    """Detection limits and qualifiers of a concentration, from columns of the same element, medium and unit."""
    found = []
    for quantity in ("limit", "flag"):
        own = [one.field for one in meanings if one.quantity == quantity and one.element == meaning.element
               and one.medium == meaning.medium and one.unit in (None, meaning.unit)]  # fmt: skip
        found.append(table[own[0]] if len(own) == 1 else None)
    limits, flags = found
    return (None if limits is None else read_numbers(limits, limits.name)[0]), flags
