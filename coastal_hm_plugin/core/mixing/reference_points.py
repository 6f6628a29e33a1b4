"""Compositions to compare mixtures with: lead isotopes of the literature, or a table of the user's own."""

import numpy as np
import pandas as pd

from ..errors import InputError
from ..reference_values import FOLDER
from .mixsiar_csv import key, numbers, source_column

LEAD_PLANE = ("206207", "208206")  # the digits of 206Pb/207Pb and 208Pb/206Pb, the axes of every lead isotope plot


def plotted_tracers(tracers):
    """The two of the tracers to plot against each other: 206Pb/207Pb and 208Pb/206Pb if there, else the first two."""
    digits = ["".join(c for c in str(tracer) if c.isdigit()) for tracer in tracers]
    if all(ratio in digits for ratio in LEAD_PLANE):
        return tuple(tracers[digits.index(ratio)] for ratio in LEAD_PLANE)
    return tuple(tracers[:2])


def lead_isotopes(tracers=("206Pb/207Pb", "208Pb/206Pb")):
    """Emissions and media of Table S2 of Wu et al. 2025, the two ratios under the names of ``tracers``.

    Returns a DataFrame: name, kind ("emission", "medium"), cited_as, source, the tracers and their SDs
    (``<tracer>_sd``, NaN where none is printed).
    """
    table = pd.read_csv(FOLDER / "lead_isotopes.csv")
    names = dict(zip(("206Pb/207Pb", "208Pb/206Pb"), tracers))
    return table.rename(columns={**names, **{f"{old}_sd": f"{new}_sd" for old, new in names.items()}})


def reference_points(tracers, table=None):
    """Compositions to draw beside mixtures on the tracers of :func:`plotted_tracers`.

    table: a row per composition with its name (a column 'name', 'source' or the first) and the tracers; None: the
    literature's where the tracers are 206Pb/207Pb and 208Pb/206Pb, nothing otherwise. Rows without both tracers are
    left out. Returns a DataFrame as :func:`lead_isotopes`. Raises InputError for a tracer that the table lacks.
    """
    axes = plotted_tracers(tracers)
    if table is None:
        digits = tuple("".join(c for c in str(tracer) if c.isdigit()) for tracer in axes)
        return lead_isotopes(axes) if digits == LEAD_PLANE else lead_isotopes(axes).iloc[:0]
    columns = {key(column): column for column in table.columns}
    absent = [tracer for tracer in axes if key(tracer) not in columns]
    if absent:
        raise InputError(f"The reference values have no field {', '.join(absent)}.")
    names = columns.get("name", source_column(table, ""))
    found = pd.DataFrame({"name": table[names].astype(str), "kind": "given", "cited_as": "", "source": ""})
    for tracer in axes:
        found[tracer] = numbers(table[columns[key(tracer)]], "reference values")
        found[f"{tracer}_sd"] = np.nan
    return found[found[list(axes)].notna().all(axis=1)].reset_index(drop=True)
