"""What a table says about uncertainties, and species that are no elements, read as the elements are."""

import pandas as pd

from ..chemistry import read_measured, read_numbers
from ..companion_fields import assignments, companion_table
from ..errors import InputError
from ..samples import Samples


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
    table = companion_table(samples, fields, "uncertainty", units)
    lacking = [name for name in samples.elements if name not in table]
    if lacking:
        raise InputError(f"No uncertainty field is given for {', '.join(lacking)}: name one for every species or none.")
    return table[list(samples.elements)]


def _limit(table, given):
    if given is None:
        return None
    if given in table.columns:
        return read_numbers(table[given], given)[0]
    try:
        return float(given)
    except ValueError:
        raise InputError(f"The detection limit '{given}' is neither a number nor a field.") from None
