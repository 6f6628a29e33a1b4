"""How well a solution fits: the three Q values and, for each species, regression and residuals."""

import numpy as np
import pandas as pd
from scipy.special import kolmogorov, ndtr

from .solver import OUTLIER

LARGE = 3.0


def q_true(residuals):
    """Sum of the squared scaled residuals, over the last two axes (Norris et al. 2014)."""
    return np.square(residuals).sum(axis=(-2, -1))


def q_robust(residuals):
    """As q_true, but 4|r| in place of r^2 beyond 4: what EPA PMF 5.0 reports as Q(robust)."""
    size = np.abs(residuals)
    return np.where(size <= OUTLIER, size**2, OUTLIER * size).sum(axis=(-2, -1))


def q_expected(samples, factors, strong, weak):
    """Degrees of freedom: n m_strong - p (n + m_strong + m_weak) (Norris et al. 2014)."""
    return samples * strong - factors * (samples + strong + weak)


def species_diagnostics(observed, predicted, residuals, species):
    """Regression of predicted on observed and normality of the residuals, a row per species.

    observed, predicted, residuals (scaled): n x m. Columns: species, r2, slope, intercept, standard_error (of the
    regression), ks_statistic and ks_p (Kolmogorov-Smirnov: residuals, standardized, against the normal distribution,
    asymptotic p as EPA PMF 5.0 prints it), beyond_3 (number of scaled residuals beyond +-3), q_percent (of Q(true)).
    """
    n = len(observed)
    x, y = observed - observed.mean(axis=0), predicted - predicted.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (x * y).sum(axis=0) / (x * x).sum(axis=0)
        left = ((y - slope * x) ** 2).sum(axis=0)
        r2 = 1 - left / (y * y).sum(axis=0)
        error = np.sqrt(left / (n - 2)) if n > 2 else np.full_like(slope, np.nan)
    statistic = _ks_statistic(residuals)
    return pd.DataFrame(
        {
            "species": list(species),
            "r2": r2,
            "slope": slope,
            "intercept": predicted.mean(axis=0) - slope * observed.mean(axis=0),
            "standard_error": error,
            "ks_statistic": statistic,
            "ks_p": np.where(np.isnan(statistic), np.nan, kolmogorov(np.sqrt(n) * np.nan_to_num(statistic))),
            "beyond_3": (np.abs(residuals) > LARGE).sum(axis=0),
            "q_percent": 100 * np.square(residuals).sum(axis=0) / max(q_true(residuals), np.finfo(float).tiny),
        }
    )


def _ks_statistic(residuals):
    """Largest distance between the residuals' distribution, standardized (n - 1), and the normal; by species."""
    n = len(residuals)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (residuals - residuals.mean(axis=0)) / residuals.std(axis=0, ddof=1) if n > 1 else residuals * np.nan
    normal = ndtr(np.sort(z, axis=0))
    steps = np.arange(n + 1)[:, None] / n
    return np.maximum(steps[1:] - normal, normal - steps[:-1]).max(axis=0)
