"""The data of a model: complete rows or patterns of missing values, their means and covariances."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ..errors import InputError, name_rows
from ..monitor import SILENT

EM_STEPS = 5000
EM_TOLERANCE = 1e-11


@dataclass(frozen=True)
class Pattern:
    """Rows in which the same variables are observed. index: of those variables; rows: of the values;
    mean, covariance: of these rows (divisor n); share: of all rows."""

    index: np.ndarray
    rows: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray
    share: float


@dataclass(frozen=True)
class Sample:
    """n x p values of the observed variables (NaN where missing) and their moments.

    rows: row numbers of the data kept. losses: (column, number of gaps).
    """

    names: tuple
    values: np.ndarray
    rows: np.ndarray
    patterns: tuple
    losses: tuple = ()

    @cached_property
    def _unrestricted(self):
        if self.complete:
            return self.patterns[0].mean, self.patterns[0].covariance
        return _unrestricted(self.patterns, self.values)

    @property
    def mean(self):
        """Of the unrestricted model: sample means, or with gaps the maximum-likelihood ones."""
        return self._unrestricted[0]

    @property
    def covariance(self):
        """Of the unrestricted model: with divisor n, or with gaps the maximum-likelihood one."""
        return self._unrestricted[1]

    @property
    def n(self):
        """Number of rows."""
        return len(self.values)

    @property
    def complete(self):
        """Whether no value is missing."""
        return len(self.patterns) == 1 and len(self.patterns[0].index) == len(self.names)

    def take(self, rows):
        """Another sample of these rows (they may repeat)."""
        return make_sample(self.names, self.values[rows], self.rows[rows])


def read_sample(table, specification, missing="listwise", standardize=False, monitor=SILENT):
    """The observed variables of a model out of a table.

    missing: ``listwise`` leaves rows with a gap out; ``fiml`` keeps them (rows that lack an exogenous
    covariate, or everything, are left out all the same). standardize: to mean 0 and SD 1 (divisor n - 1).
    Raises InputError for absent, textual or constant columns and too few or collinear rows.
    """
    names = specification.observed
    values = np.column_stack([_column(table, name) for name in names])
    values[~np.isfinite(values)] = np.nan
    gaps = np.isnan(values)
    required = np.array([name in specification.exogenous for name in names])
    lost = gaps.any(axis=1) if missing == "listwise" else gaps.all(axis=1) | gaps[:, required].any(axis=1)
    losses = _count_losses(names, gaps, lost, missing, monitor)
    rows = np.flatnonzero(~lost)
    values = values[rows]
    _check(names, values)
    if standardize:
        values = (values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0, ddof=1)
    return make_sample(names, values, rows, losses)


def logarithms(table, names, monitor=SILENT):
    """The table with decimal logarithms in place of the named columns. Raises InputError for values at or below 0."""
    table = table.copy()
    for name in names:
        values = _column(table, name)
        wrong = np.flatnonzero(values <= 0)
        if len(wrong):
            raise InputError(
                f"Column '{name}' has values at or below 0 in rows {name_rows(wrong)}, which have no logarithm: "
                "put half the detection limit there, or do not take the logarithm."
            )
        table[name] = np.log10(values)
    monitor.info(f"Decimal logarithms taken of {', '.join(names)}.")
    return table


def make_sample(names, values, rows, losses=()):
    """Patterns and moments of values already checked."""
    gaps = np.isnan(values)
    if not gaps.any():
        whole = _pattern(values, np.arange(len(names)), np.arange(len(values)), len(values))
        return Sample(names, values, rows, (whole,), losses)
    kinds, which = np.unique(gaps, axis=0, return_inverse=True)
    which = which.ravel()
    patterns = tuple(
        _pattern(values, np.flatnonzero(~kind), np.flatnonzero(which == number), len(values))
        for number, kind in enumerate(kinds)
    )
    return Sample(names, values, rows, patterns, losses)


def _pattern(values, index, rows, n):
    some = values[np.ix_(rows, index)]
    mean = some.mean(axis=0)
    centred = some - mean
    return Pattern(index, rows, mean, centred.T @ centred / len(some), len(some) / n)


def _unrestricted(patterns, values):
    """Maximum-likelihood mean and covariance with gaps, by EM (Dempster, Laird and Rubin 1977)."""
    mean, spread = np.nanmean(values, axis=0), np.nanvar(values, axis=0)
    covariance = np.diag(spread)
    size = np.sqrt(spread)
    for _ in range(EM_STEPS):
        first, second = np.zeros_like(mean), np.zeros_like(covariance)
        for pattern in patterns:
            seen = pattern.index
            slope = np.linalg.solve(covariance[np.ix_(seen, seen)], covariance[seen]).T
            filled = mean + slope @ (pattern.mean - mean[seen])
            first += pattern.share * filled
            left = covariance - slope @ covariance[seen]
            second += pattern.share * (slope @ pattern.covariance @ slope.T + left + np.outer(filled, filled))
        updated = second - np.outer(first, first)
        updated = (updated + updated.T) / 2
        change = max(np.abs((updated - covariance) / np.outer(size, size)).max(), np.abs((first - mean) / size).max())
        mean, covariance = first, updated
        if change < EM_TOLERANCE:
            return mean, covariance
    raise InputError(
        "The covariance matrix with missing values could not be estimated: some variables are hardly ever measured "
        "together. Leave one out, or use complete rows."
    )


def _column(table, name):
    if name not in table.columns:
        listed = ", ".join(map(str, table.columns))
        raise InputError(f"The model names '{name}', which is no column of the data (columns: {listed}).")
    column = table[name]
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiu":
        return column.to_numpy(float)
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(float, copy=True)
    textual = np.flatnonzero(np.isnan(numbers) & column.notna().to_numpy())
    if len(textual):
        raise InputError(
            f"Column '{name}' holds something that is no number in rows {name_rows(textual)} "
            f"('{column.iloc[textual[0]]}'): correct it, or leave it empty."
        )
    return numbers


def _count_losses(names, gaps, lost, missing, monitor):
    losses = tuple((name, int(count)) for name, count in zip(names, gaps.sum(axis=0)) if count)
    if not losses:
        return ()
    listed = ", ".join(f"{name} ({count})" for name, count in losses)
    where = f"Missing values: {listed}."
    if lost.any():
        monitor.warn(f"{where} {lost.sum()} of {len(lost)} rows left out: {name_rows(np.flatnonzero(lost))}.")
    else:
        monitor.info(f"{where} All {len(lost)} rows are used ({missing}).")
    return losses


def _check(names, values):
    if len(values) <= len(names):
        raise InputError(
            f"{len(values)} rows with values are too few for {len(names)} variables: "
            f"at least {len(names) + 1} are needed, and for a stable model ten times as many."
        )
    spread = np.nanmax(values, axis=0) - np.nanmin(values, axis=0)
    constant = [name for name, one in zip(names, spread) if not one > 0]
    if constant:
        raise InputError(f"Column '{constant[0]}' is constant: leave it out of the model.")


def refuse_collinear(sample):
    """Raise InputError, naming the columns, where the covariance matrix is not positive definite."""
    scale = np.sqrt(np.diag(sample.covariance))
    values, vectors = np.linalg.eigh(sample.covariance / np.outer(scale, scale))
    if values[0] > 1e-10:
        return
    involved = [name for name, one in zip(sample.names, np.abs(vectors[:, 0])) if one > 0.05]
    raise InputError(
        "The covariance matrix of the observed variables is not positive definite: "
        f"{', '.join(involved)} are collinear (one follows from the others). Leave one of them out."
    )
