"""Concentrations before a statistic: as they are, as logarithms, or as centred log-ratios."""

import numpy as np

from ..errors import InputError, name_rows

TRANSFORMS = ("none", "log10", "clr")


def transformed(values, compositions, how="none"):
    """The values with their concentrations transformed; other columns stay.

    values: DataFrame (n, k). compositions: tuples of columns, each the concentrations of one medium. how: "none";
    "log10"; or "clr", the logarithm over the geometric mean of the row's own composition, which frees data that sum to
    a constant (mg/kg) of the correlations that the sum forces on them. A value without a logarithm becomes NaN, with
    clr its whole row of the composition. Returns the DataFrame and warnings. Raises InputError for a composition of
    fewer than three concentrations with clr.
    Source: Aitchison 1986, The Statistical Analysis of Compositional Data.
    """
    if how not in TRANSFORMS:
        raise InputError(f"'{how}' is no transform: choose one of {', '.join(TRANSFORMS)}.")
    if how == "none":
        return values, ()
    values, warnings = values.astype(float).copy(), []
    for parts in map(list, compositions):
        if how == "clr" and len(parts) < 3:
            raise InputError(f"Centred log-ratios need three concentrations or more; there is {', '.join(parts)}.")
        known = values[parts].notna()
        logs = np.log10(values[parts].where(values[parts] > 0))
        for name in parts:
            lost = np.flatnonzero(known[name] & logs[name].isna())
            if len(lost):
                warnings.append(
                    f"{name}: {len(lost)} values that are not positive have no logarithm: {name_rows(lost)}."
                )
        if how == "clr":
            logs, incomplete = _centred(logs)
            if len(incomplete):
                rows = name_rows(incomplete)
                warnings.append(
                    f"{len(incomplete)} rows lack one of {', '.join(parts)}, so have no log-ratios: {rows}."
                )
        values[parts] = logs
    return values, tuple(warnings)


def _centred(logs):
    """Natural logarithms over the row's geometric mean, and the rows where a part is missing."""
    natural = logs * np.log(10)
    centred = natural.sub(natural.mean(axis=1, skipna=False), axis=0)
    return centred, np.flatnonzero(centred.isna().any(axis=1))
