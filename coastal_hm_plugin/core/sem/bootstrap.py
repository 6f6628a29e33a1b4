"""Bootstrap of a fitted model: rows drawn anew, every fit from the estimates (Efron and Tibshirani 1993)."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .likelihood import Likelihood
from .optimise import minimise
from .result import table_of
from .standardized import spread

STEPS = 50  # from the estimates most fits need about ten


@dataclass(frozen=True)
class Resamples:
    """est, std: resamples x relations and definitions; failed: fits that did not converge."""

    est: np.ndarray
    std: np.ndarray
    failed: int

    def summary(self, which):
        """Standard deviation, 2.5 and 97.5 percentile of ``est`` or ``std``."""
        values = getattr(self, which)
        low, high = np.nanquantile(values, (0.025, 0.975), axis=0)
        return np.nanstd(values, axis=0, ddof=1), low, high


def resample(fit, monitor):
    """Fit ``options.bootstrap`` resamples of the rows. Raises InputError when fewer than half converge."""
    rng = np.random.default_rng(fit.options.seed)
    count, est, std = fit.options.bootstrap, [], []
    for number in range(count):
        monitor.progress(number / count)
        sample = fit.sample.take(rng.integers(0, fit.sample.n, fit.sample.n))
        structure = fit.structure.with_exogenous(sample)
        try:
            optimum = minimise(Likelihood(structure, sample), fit.optimum.x, monitor, STEPS)
        except np.linalg.LinAlgError:
            continue
        if not optimum.converged:
            continue
        values, implied = structure.all_values(optimum.x), structure.implied(optimum.x)
        sizes = spread(structure, implied, structure.derivatives(implied)[0])
        columns = table_of(structure, fit.specification, values, sizes)
        est.append(columns.est)
        std.append(columns.std_all)
    if 2 * len(est) < count or len(est) < 2:
        raise InputError(
            f"Only {len(est)} of {count} bootstrap fits converged: the model is too large for these data. "
            "Simplify it, or run without bootstrap."
        )
    return Resamples(np.array(est), np.array(std), count - len(est))
