"""The standardized solution, with derivatives for its standard errors (delta method)."""

from dataclasses import dataclass

import numpy as np

from .specification import written


@dataclass(frozen=True)
class Spread:
    """Standard deviations of all variables by the model, and of the residuals, with derivatives by x."""

    size: np.ndarray
    size_slopes: np.ndarray
    residual: np.ndarray
    residual_slopes: np.ndarray


def spread(structure, implied, covariance_slopes):
    """Implied SD of every variable (NaN where the implied variance is negative), and root residual variances."""
    variance = np.diag(implied.covariance)
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.sqrt(variance)
        size_slopes = np.diagonal(covariance_slopes, axis1=1, axis2=2) / (2 * size)
        left = np.diag(implied.residual)
        residual = np.sqrt(np.abs(left))
        residual_slopes = np.zeros_like(size_slopes)
        own = np.flatnonzero((structure.kinds == "S") & (structure.rows == structure.columns) & structure.estimated)
        at = structure.rows[own]
        residual_slopes[structure.parameter[own], at] = np.sign(left[at]) / (2 * residual[at])
    return Spread(size, size_slopes, residual, residual_slopes)


def standardize(structure, values, spread, unit=()):
    """Values of the structure's relations in standard deviations, and derivatives (relations x q).

    Residual covariances become correlations of residuals. unit: variables left in their own units.
    """
    size, slopes = spread.size.copy(), spread.size_slopes.copy()
    for name in unit:
        place = structure.names.index(name)
        size[place], slopes[:, place] = 1.0, 0.0
    rows, columns, kinds = structure.rows, structure.columns, structure.kinds
    with np.errstate(invalid="ignore", divide="ignore"):
        log_size, log_residual = slopes / size, spread.residual_slopes / spread.residual
        factor, log_slope = 1 / size[rows], -log_size[:, rows]
        paths = kinds == "A"
        factor[paths] *= size[columns[paths]]
        log_slope[:, paths] += log_size[:, columns[paths]]
        own = (kinds == "S") & (rows == columns)
        factor[own], log_slope[:, own] = factor[own] ** 2, 2 * log_slope[:, own]
        pairs = (kinds == "S") & (rows != columns)
        _correlate(factor, log_slope, pairs, structure, spread, log_residual, unit)
        standardized = values * factor
        jacobian = (standardized * log_slope).T
    estimated = np.flatnonzero(structure.estimated)
    jacobian[estimated, structure.parameter[estimated]] += factor[estimated]
    return standardized, jacobian


def _correlate(factor, log_slope, pairs, structure, spread, log_residual, unit):
    """Covariances over the root of both residual variances, but for variables left in their units."""
    raw = np.array([name in unit for name in structure.names])
    root = np.where(raw, 1.0, spread.residual)
    slope = np.where(raw, 0.0, log_residual)
    rows, columns = structure.rows[pairs], structure.columns[pairs]
    both = root[rows] * root[columns]
    factor[pairs] = np.where(both > 0, 1 / both, np.nan)  # without residuals there is no correlation of them
    log_slope[:, pairs] = -slope[:, rows] - slope[:, columns]


def r_squared(structure, implied):
    """Variable -> share of its variance that the model explains, for every variable with a path to it."""
    explained = {}
    for place, name in enumerate(structure.names):
        if np.any((structure.kinds == "A") & (structure.rows == place)):
            variance = implied.covariance[place, place]
            explained[name] = 1 - implied.residual[place, place] / variance if variance > 0 else np.nan
    return explained


def heywood_cases(structure, implied, values):
    """What cannot be in a proper solution, in words: negative variances, correlations beyond 1."""
    found = []
    own = np.flatnonzero((structure.kinds == "S") & (structure.rows == structure.columns))
    for number in own[values[own] < 0]:
        relation = structure.relations[number]
        kind = "latent" if structure.rows[number] >= structure.observed else "residual"
        found.append(f"negative {kind} variance {written(relation)} = {values[number]:.3g}")
    latent = slice(structure.observed, None)
    for what, matrix, names in (
        ("the latent variables", implied.covariance[latent, latent], structure.names[structure.observed :]),
        ("the residuals", implied.residual[: structure.observed, : structure.observed], structure.names),
    ):
        size = np.sqrt(np.abs(np.diag(matrix)))
        found += [
            f"correlation of {what} {names[i]} and {names[j]} beyond 1 ({matrix[i, j] / (size[i] * size[j]):.3g})"
            for i in range(len(matrix))
            for j in range(i)
            if abs(matrix[i, j]) > size[i] * size[j] * (1 + 1e-9) and size[i] * size[j] > 0
        ]
        proper = np.outer(size, size)
        if not found and len(matrix) and (size > 0).all() and np.linalg.eigvalsh(matrix / proper)[0] < -1e-9:
            found.append(f"the covariance matrix of {what} is not positive definite")
    return tuple(found)
