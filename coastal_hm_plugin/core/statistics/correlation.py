"""Correlation of every pair of variables, within a set or across two."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import InputError
from ..monitor import SILENT
from .adjust import benjamini_hochberg

METHODS = ("pearson", "spearman", "kendall")
LEAST = 4  # rows of a pair
FEW = 10
Z95 = 1.959963984540054
NEGATIVE = -1e-8  # an eigenvalue below it is no rounding


@dataclass(frozen=True)
class CorrelationOptions:
    """method: "pearson", "spearman" or "kendall" (tau-b). listwise: only rows without any gap; else each pair takes the
    rows it has. alpha: level of the adjusted p at which a correlation counts as significant."""

    method: str = "spearman"
    listwise: bool = False
    alpha: float = 0.05

    def __post_init__(self):
        if self.method not in METHODS:
            raise InputError(f"'{self.method}' is no correlation: choose one of {', '.join(METHODS)}.")
        if not 0 < self.alpha < 1:
            raise InputError(f"The level {self.alpha:g} must lie between 0 and 1, such as 0.05.")


@dataclass(frozen=True, eq=False)
class Correlations:
    """Correlations of k variables with m (the same ones, or others).

    r, p, p_adjusted (Benjamini-Hochberg over all pairs), n, low, high (95 % interval): DataFrames (k, m), NaN where
    there is none. within: both sides are one set; then r is symmetric with 1 on its diagonal.
    """

    r: pd.DataFrame
    p: pd.DataFrame
    p_adjusted: pd.DataFrame
    n: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    options: CorrelationOptions
    within: bool
    warnings: tuple = ()

    @property
    def significant(self):
        """Where the adjusted p lies below the level: bool, (k, m)."""
        return self.p_adjusted < self.options.alpha

    def pairs(self):
        """A row per pair: variable_1, variable_2, method, n, r, r_low, r_high, p, p_adjusted."""
        places = tuple(np.array(_places(self.r.shape, self.within)).T)
        named = {"variable_1": self.r.index[places[0]], "variable_2": self.r.columns[places[1]]}
        numbers = {"n": self.n, "r": self.r, "r_low": self.low, "r_high": self.high, "p": self.p,
                   "p_adjusted": self.p_adjusted}  # fmt: skip
        table = pd.DataFrame({**named, **{name: frame.to_numpy()[places] for name, frame in numbers.items()}})
        table.insert(2, "method", self.options.method)
        return table.astype({"n": int})


def correlate(first, second=None, options=None, monitor=SILENT):
    """Correlate every pair of columns of one table, or every column of ``first`` with every one of ``second``.

    first: DataFrame (n, k); second: DataFrame (n, m), the same rows, or None. NaN where missing.
    p: two-sided, of t with n - 2 degrees of freedom (Pearson, Spearman), of the exact null distribution for few rows
    without ties, else the normal one (Kendall). Intervals: Fisher's z, with the standard errors of Bonett and Wright
    2000 (Psychometrika 65, 23-28) for Spearman and of Fieller et al. 1957 (Biometrika 44, 470-481) for Kendall.
    Returns Correlations; constant columns have none. Raises InputError for fewer than two columns, tables of different
    length, or no pair that can be correlated.
    """
    options, within = options or CorrelationOptions(), second is None
    other = first if within else second
    if len(first) != len(other):
        raise InputError(
            f"{len(first)} rows in one set of variables and {len(other)} in the other: give the same rows."
        )
    if within and len(first.columns) < 2:
        raise InputError("One variable has nothing to be correlated with: choose two or more.")
    first, other = (table.reset_index(drop=True).astype(float) for table in (first, other))
    if options.listwise:
        first, other = _complete(first, other)
    warnings = _constant_columns(first if within else pd.concat([first, other], axis=1))
    found = {name: np.full((len(first.columns), len(other.columns)), np.nan) for name in ("r", "p", "low", "high", "n")}
    places = _places(found["r"].shape, within)
    columns = [[table.iloc[:, i].to_numpy() for i in range(table.shape[1])] for table in (first, other)]
    for number, (i, j) in enumerate(places):
        if number % 20 == 0:
            monitor.progress(number / len(places))
        row = _pair(columns[0][i], columns[1][j], options.method)
        for name, value in row.items():
            found[name][i, j] = value
    if np.isnan([found["r"][place] for place in places]).all():
        raise InputError(f"No pair of variables has {LEAST} rows with varying values of both. {' '.join(warnings)}")
    found["p_adjusted"] = np.full_like(found["p"], np.nan)
    adjusted = benjamini_hochberg([found["p"][place] for place in places])
    for place, value in zip(places, adjusted):
        found["p_adjusted"][place] = value
    if within:
        _mirror(found, first)
        warnings += _not_positive(found["r"])
    least = int(np.nanmin([found["n"][place] for place in places]))
    if least < FEW:
        warnings.append(f"Some pairs have only {least} rows: their p-values are rough.")
    for warning in warnings:
        monitor.warn(warning)
    frames = {name: pd.DataFrame(table, first.columns, other.columns) for name, table in found.items()}
    return Correlations(**frames, options=options, within=within, warnings=tuple(warnings))


def _places(shape, within):
    """The pairs that are computed: all, or those above the diagonal."""
    return [(i, j) for i in range(shape[0]) for j in range(i + 1 if within else 0, shape[1])]


def _complete(first, other):
    rows = (first.notna().all(axis=1) & other.notna().all(axis=1)).to_numpy()
    if rows.sum() < LEAST:
        raise InputError(
            f"Only {rows.sum()} rows have a value of every variable; at least {LEAST} are needed. Take the rows of "
            "each pair instead, or fewer variables."
        )
    return first[rows], other[rows]


def _constant_columns(table):
    constant = [str(name) for name in table.columns if table[name].nunique() < 2]
    return [f"{name}: its values are all equal, a constant has no correlation." for name in constant]


def _pair(x, y, method):
    known = ~(np.isnan(x) | np.isnan(y))
    n, x, y = int(known.sum()), x[known], y[known]
    if n < LEAST or np.ptp(x) == 0 or np.ptp(y) == 0:
        return {"n": n}
    from scipy import stats

    test = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall": stats.kendalltau}[method]
    r, p = (float(value) for value in test(x, y))
    low, high = _interval(r, n, method)
    return {"n": n, "r": r, "p": p, "low": low, "high": high}


def _interval(r, n, method):
    """95 % interval by Fisher's z."""
    if abs(r) >= 1 or n <= 4:
        return np.nan, np.nan
    variance = {"pearson": 1 / (n - 3), "spearman": (1 + r**2 / 2) / (n - 3), "kendall": 0.437 / (n - 4)}[method]
    return np.tanh(np.arctanh(r) + np.array([-Z95, Z95]) * np.sqrt(variance))


def _mirror(found, table):
    lower = np.tril_indices(len(table.columns), -1)
    for values in found.values():
        values[lower] = values.T[lower]
    np.fill_diagonal(found["r"], 1.0)
    np.fill_diagonal(found["n"], table.notna().sum())


def _not_positive(r):
    if np.isnan(r).any():
        return []
    least = np.linalg.eigvalsh(r)[0]
    if least >= NEGATIVE:
        return []
    return [
        f"The matrix of correlations is not positive definite (smallest eigenvalue {least:.2g}): pairs rest on "
        "different rows. It cannot serve a factor analysis or the like; take only complete rows for that."
    ]
