"""The kriging equations: predictions, their variance, and leave-one-out errors from one factorization."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import InputError
from ..monitor import SILENT
from .variogram import Variogram

MOST_SITES = 5000
COVARIANCES_AT_ONCE = 2_000_000
STEP_FLOPS = 1e9  # a step takes some tenths of a second: Cancel is heard between two


@dataclass(frozen=True)
class LeaveOneOut:
    """Every site predicted from all others, with the variogram and the kind of trend kept.

    observed, predicted, variance: n; NaN where a site alone carries a coefficient of the trend.
    """

    observed: np.ndarray
    predicted: np.ndarray
    variance: np.ndarray

    @property
    def z_scores(self):
        """Errors (observed - predicted) over their kriging SD: of mean 0 and SD 1 if the model is right."""
        return (self.observed - self.predicted) / np.sqrt(self.variance)

    def scores(self):
        """One row: n, r2 (1 - SSE/SST), rmse, mae, bias (predicted - observed), z_mean, z_sd."""
        known = np.isfinite(self.predicted)
        observed, error = self.observed[known], (self.predicted - self.observed)[known]
        z = self.z_scores[known]
        row = {
            "n": int(known.sum()),
            "r2": 1 - np.sum(error**2) / np.sum((observed - observed.mean()) ** 2),
            "rmse": np.sqrt(np.mean(error**2)),
            "mae": np.abs(error).mean(),
            "bias": error.mean(),
            "z_mean": z.mean(),
            "z_sd": z.std(ddof=1),
        }
        return pd.DataFrame([row])

    def to_frame(self):
        """A row per site: observed, predicted, error (predicted - observed), sd, z."""
        return pd.DataFrame(
            {
                "observed": self.observed,
                "predicted": self.predicted,
                "error": self.predicted - self.observed,
                "sd": np.sqrt(self.variance),
                "z": self.z_scores,
            }
        )


class Kriging:
    """Kriging of n sites with all of them as neighbours (Cressie 1993, sec. 3.4).

    x, y: metres (n, no two sites at one place); values (n); variogram; design: n x k of a linear trend, None for a
    constant mean (ordinary kriging). The trend is estimated by generalised least squares. At a site the prediction is
    the site's value and the variance 0, as in gstat.

    Raises InputError for more than 5000 sites, two sites at one place, and equations without a solution.
    """

    def __init__(self, x, y, values, variogram: Variogram, design=None):
        from scipy.linalg import cholesky, solve_triangular
        from scipy.spatial.distance import cdist

        self.places = np.column_stack([x, y]).astype(np.float64)
        self.values = np.asarray(values, dtype=np.float64)
        self.variogram = variogram
        self._check_places()
        self.design = np.ones((len(self.values), 1)) if design is None else np.asarray(design, dtype=np.float64)
        with _one_thread():
            try:
                self._root = cholesky(variogram.covariance(cdist(self.places, self.places)), lower=True)
            except np.linalg.LinAlgError as error:
                raise InputError(
                    "The kriging equations have no solution: sites lie too near each other for a variogram without a "
                    "nugget. Give a nugget, or another variogram model."
                ) from error
            self._trend_root = solve_triangular(self._root, self.design, lower=True)
            white = solve_triangular(self._root, self.values, lower=True)
            self._information = self._trend_root.T @ self._trend_root
            self.coefficients = np.linalg.solve(self._information, self._trend_root.T @ white)
            residual = white - self._trend_root @ self.coefficients
            self._dual = solve_triangular(self._root, residual, lower=True, trans="T")

    @property
    def coefficient_errors(self):
        """Standard errors (k) of the trend's coefficients."""
        return np.sqrt(np.diag(np.linalg.inv(self._information)))

    def predict(self, x, y, design=None, monitor=SILENT, variance=True):
        """Predictions and variances (m each) at x, y (metres); the variances are None unless asked for.

        design: m x k, the trend there; NaN gives NaN. Memory does not grow with m beyond the answer.
        """
        places = np.column_stack([x, y])
        design = np.ones((len(places), 1)) if design is None else np.asarray(design, dtype=np.float64)
        predicted = np.empty(len(places))
        spread = np.empty(len(places)) if variance else None
        n = len(self.values)
        step = max(1, min(COVARIANCES_AT_ONCE // n, int(STEP_FLOPS / n**2)))
        with _one_thread():
            for start in range(0, len(places), step):
                monitor.progress(start / len(places))
                part = slice(start, start + step)
                covariance = self._covariance(places[part])
                predicted[part] = design[part] @ self.coefficients + self._dual @ covariance
                if variance:
                    spread[part] = self._variance(covariance, design[part])
        return predicted, spread

    def leave_one_out(self):
        """LeaveOneOut of the sites, without solving anew for each (Dubrule 1983, Math. Geology 15:687-699)."""
        from scipy.linalg import solve_triangular

        with _one_thread():
            inverse_root = solve_triangular(self._root, np.eye(len(self.values)), lower=True)
            trend = inverse_root.T @ self._trend_root
            bending = np.einsum("ij,ij->i", trend @ np.linalg.inv(self._information), trend)
            precision = np.einsum("ij,ij->j", inverse_root, inverse_root)
        # a site that alone carries a coefficient is fitted exactly: without it there is no prediction
        carried = precision - bending > 1e-9 * precision
        left = np.where(carried, precision - bending, np.nan)
        return LeaveOneOut(self.values, self.values - self._dual / left, 1 / left)

    def _check_places(self):
        if len(self.values) > MOST_SITES:
            raise InputError(
                f"Kriging takes {MOST_SITES} sites at most; there are {len(self.values)}. Thin them out, for instance "
                "to one site a cell of a coarse grid."
            )
        if len(np.unique(self.places, axis=0)) < len(self.places):
            raise InputError("Two sites lie at the same place. Average them first.")

    def _covariance(self, places):
        from scipy.spatial.distance import cdist

        return self.variogram.covariance(cdist(self.places, places))

    def _variance(self, covariance, design):
        from scipy.linalg import solve_triangular

        known = np.isfinite(design).all(axis=1)
        white = solve_triangular(self._root, covariance, lower=True, overwrite_b=True, check_finite=False)
        gap = design.T - self._trend_root.T @ white
        gap[:, ~known] = 0.0
        uncertain = np.einsum("ij,ij->j", gap, np.linalg.solve(self._information, gap))
        spread = self.variogram.sill - np.einsum("ij,ij->j", white, white) + uncertain
        return np.where(known, np.maximum(spread, 0.0), np.nan)


def _one_thread():
    """BLAS on one thread: more could add sums in another order."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)
