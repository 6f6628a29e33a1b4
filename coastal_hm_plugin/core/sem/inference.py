"""Covariance of the estimates, and the test of the model with its scaling."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from .likelihood import Likelihood
from .numerics import product, scaled_whitener
from .structure import independence, saturated

SINGULAR = 1e-10


@dataclass(frozen=True)
class ModelTest:
    """Chi-square of a model against the unrestricted one. scaling: Yuan and Bentler's factor, or None."""

    chi2: float
    df: int
    scaling: object = None

    @property
    def p(self):
        """Of the unscaled chi-square."""
        return tail(self.chi2, self.df)

    @property
    def chi2_scaled(self):
        """Chi-square over its scaling factor."""
        return self.chi2 / self.scaling if self.scaling else np.nan


@dataclass(frozen=True)
class Tests:
    """model, baseline: ModelTest; saturated_value: -2 log likelihood / n of the unrestricted model; scaling_h1,
    scaling_h0: scaling factors of the two likelihoods, or None."""

    model: ModelTest
    baseline: ModelTest
    saturated_value: float
    scaling_h1: object = None
    scaling_h0: object = None


def tail(chi2, df):
    """Upper tail of the chi-square distribution, NaN without degrees of freedom."""
    return float(chdtrc(df, max(chi2, 0.0))) if df > 0 else np.nan


@dataclass(frozen=True)
class Uncertainty:
    """covariance: q x q of the estimates; weak: numbers of the parameters that are not identified;
    trace: of the scaling, when robust."""

    covariance: np.ndarray
    weak: tuple
    trace: float = np.nan


def uncertainty(likelihood, slopes, x, observed, robust):
    """Inverse information, expected or observed; robust: with the scores' covariance between (Huber 1967)."""
    structure, n = likelihood.structure, likelihood.sample.n
    basis = structure.basis
    information = basis.T @ (slopes.observed if observed else slopes.expected) @ basis
    half = _identified(information)
    if half is None:
        nothing = np.full((structure.size, structure.size), np.nan)
        return Uncertainty(nothing, _weak(basis, information))
    inverse = product(half.T, half)
    if not robust:
        return Uncertainty(basis @ inverse @ basis.T / n, ())
    scores = likelihood.scores(x) @ basis
    meat = product(scores.T, scores) / n
    return Uncertainty(basis @ inverse @ meat @ inverse @ basis.T / n, (), float((meat * inverse).sum()))


def _identified(information):
    """The whitener of the information, or None where it is singular to working precision."""
    try:
        half = scaled_whitener(information)
    except np.linalg.LinAlgError:
        return None
    unit = half * np.sqrt(np.diag(information))
    return half if (unit**2).sum(axis=0).max(initial=0.0) < 1 / SINGULAR else None


def _weak(basis, information):
    """Numbers of the parameters along which the likelihood is flat."""
    scale = np.sqrt(np.maximum(np.abs(np.diag(information)), 1e-300))
    values, vectors = np.linalg.eigh(information / np.multiply.outer(scale, scale))
    direction = np.abs(basis @ vectors[:, values < max(2 * values[0], 10 * SINGULAR)]).max(axis=1)
    return tuple(np.flatnonzero(direction > 0.1 * direction.max()))


def degrees_of_freedom(structure, parameters):
    """Moments that are modelled minus independent parameters."""
    p, x = structure.observed, len(structure.exogenous)
    moments = p * (p + 1) // 2 - x * (x + 1) // 2 + (p - x if structure.means else 0)
    return moments - parameters


def model_tests(likelihood, value, trace, robust):
    """The tests of the model and of the baseline model of independence."""
    structure, sample = likelihood.structure, likelihood.sample
    names = structure.names[: structure.observed]
    given = (names, structure.exogenous, structure.means, sample)
    full, full_x = saturated(*given)
    base, base_x = independence(*given)
    top = Likelihood(full, sample)
    highest, lowest = top.value(full_x), Likelihood(base, sample).value(base_x)
    independent = structure.basis.shape[1]
    df, base_df = degrees_of_freedom(structure, independent), degrees_of_freedom(structure, base.size)
    chi2, base_chi2 = (max(sample.n * (one - highest), 0.0) for one in (value, lowest))
    if not robust:
        return Tests(ModelTest(chi2, df), ModelTest(base_chi2, base_df), highest)
    top_trace, base_trace = _trace(top, full_x), _trace(Likelihood(base, sample), base_x)
    return Tests(
        ModelTest(chi2, df, (top_trace - trace) / df if df > 0 else None),
        ModelTest(base_chi2, base_df, (top_trace - base_trace) / base_df if base_df > 0 else None),
        highest,
        top_trace / full.size,
        trace / independent,
    )


def _trace(likelihood, x):
    """tr(B inv(A)): scores' covariance against observed information (Yuan and Bentler 2000, as in Mplus)."""
    white = product(scaled_whitener(likelihood.slopes(x).observed), likelihood.scores(x).T)
    return float((white**2).sum() / likelihood.sample.n)
