"""Ordinary least squares of one target on predictors and a constant."""

from functools import cached_property

import numpy as np

EXACT = 1e-12  # share of the target's variation below which residuals are rounding
BOUND = 1e-10  # freedom of a row, below which the fit runs through it


class LeastSquares:
    """Least squares of y (n) on X (n, k) and a constant; the columns of X vary and are linearly independent.

    Predictors are centred and scaled before the QR decomposition, so that years or parts per billion lose no digits.
    """

    def __init__(self, y, x):
        self.y, self.n, self.k = y, *x.shape
        self.df = self.n - self.k - 1
        self._middle, self._scale = x.mean(axis=0), x.std(axis=0, ddof=1)
        self._design = np.column_stack([np.ones(self.n), (x - self._middle) / self._scale])
        self.basis, triangle = np.linalg.qr(self._design)
        self._inverse = np.linalg.inv(triangle)
        centred = y - y.mean()
        self._scaled = self._inverse @ (self.basis.T @ centred)
        self.residuals = centred - self._design @ self._scaled
        self._total = float(centred @ centred)
        self._rest = float(self.residuals @ self.residuals)

    @property
    def exact(self):
        """Whether the predictors give the target to rounding."""
        return self._rest <= EXACT * self._total

    @cached_property
    def _back(self):
        """From coefficients of scaled predictors to those of the given ones."""
        back = np.diag(np.concatenate([[1.0], 1 / self._scale]))
        back[0, 1:] = -self._middle / self._scale
        return back

    @property
    def coefficients(self):
        """The constant, then a coefficient for each predictor: k + 1."""
        found = self._back @ self._scaled
        found[0] += self.y.mean()
        return found

    @property
    def variance(self):
        """Of the residuals, over their degrees of freedom."""
        return self._rest / self.df

    @property
    def r_squared(self):
        return 1 - self._rest / self._total

    @cached_property
    def leverage(self):
        return (self.basis**2).sum(axis=1)

    @cached_property
    def covariance(self):
        """Of the coefficients, (k + 1, k + 1)."""
        return self.variance * self._back @ self._inverse @ self._inverse.T @ self._back.T

    @cached_property
    def covariance_hc3(self):
        """Of the coefficients, robust to unequal variances: each residual over 1 - leverage."""
        pulled = self._back @ self._inverse @ (self.basis * self._left_out[:, None]).T
        return pulled @ pulled.T

    @cached_property
    def freedom(self):
        """1 - leverage of each row; NaN where the fit runs through the row, which then has no residual of its own."""
        free = 1 - self.leverage
        return np.where(free > BOUND, free, np.nan)

    @property
    def _left_out(self):
        """Residuals of each row from the fit without it."""
        return self.residuals / self.freedom

    @property
    def standardized(self):
        """Coefficients of the predictors where all variables have SD 1."""
        return self._scaled[1:] / self.y.std(ddof=1)

    @property
    def vif(self):
        """Variance inflation of each predictor: 1 / (1 - R2 on the others)."""
        return (self.n - 1) * (self._inverse[1:] ** 2).sum(axis=1)

    @property
    def predicted_r_squared(self):
        """R2 of every row predicted by the fit without it."""
        return 1 - float((self._left_out**2).sum()) / self._total

    @property
    def studentized(self):
        """Residuals over their standard error in the fit without the row: t with df - 1."""
        others = (self._rest - self.residuals**2 / self.freedom) / (self.df - 1)
        return self.residuals / np.sqrt(np.where(others > 0, others, np.nan) * self.freedom)

    @property
    def cook(self):
        """Cook's distance of each row."""
        return self.residuals**2 * self.leverage / ((self.k + 1) * self.variance * self.freedom**2)

    def f_tests(self):
        """F that all coefficients but the constant are zero, and its p: classical and with HC3 errors."""
        from scipy.stats import f as f_distribution

        f = (self._total - self._rest) / self.k / self.variance
        slopes = self.coefficients[1:]
        robust = float(slopes @ np.linalg.solve(self.covariance_hc3[1:, 1:], slopes)) / self.k
        p = [float(f_distribution.sf(value, self.k, self.df)) for value in (f, robust)]
        return {"f": f, "p": p[0], "f_hc3": robust, "p_hc3": p[1]}

    def breusch_pagan(self):
        """Koenker's studentized Breusch-Pagan statistic, n R2 of the squared residuals on the predictors, and its p."""
        from scipy.stats import chi2

        squares = self.residuals**2
        centred = squares - squares.mean()
        explained = self.basis.T @ centred
        statistic = self.n * float(explained @ explained) / float(centred @ centred)
        return statistic, float(chi2.sf(statistic, self.k))

    def criterion(self, penalty):
        """Akaike's (penalty 2) or Schwarz's (penalty log n) information criterion, the variance counted."""
        return self.n * (np.log(2 * np.pi * self._rest / self.n) + 1) + penalty * (self.k + 2)
