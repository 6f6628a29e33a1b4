"""Variograms: how unlike two sites are by their distance, from the data and as a model."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import InputError
from ..monitor import SILENT

PAIRS_AT_ONCE = 2_000_000
CLASSES = 15
GAUSSIAN_NUGGET = 1e-3  # of the sill, at least: without one the equations of a Gaussian model cannot be solved


def _spherical(ratio):
    ratio = np.minimum(ratio, 1.0)
    return ratio * (1.5 - 0.5 * ratio**2)


def _exponential(ratio):
    return -np.expm1(-ratio)


def _gaussian(ratio):
    return -np.expm1(-(ratio**2))


MODELS = {"spherical": _spherical, "exponential": _exponential, "gaussian": _gaussian}
EFFECTIVE = {"spherical": 1.0, "exponential": 3.0, "gaussian": np.sqrt(3.0)}


@dataclass(frozen=True)
class Variogram:
    """A variogram model: gamma(0) = 0, beyond it nugget + partial_sill * f(distance / range_m).

    model: "spherical" (f = 1.5 r - 0.5 r^3 up to r = 1), "exponential" (1 - exp(-r)), "gaussian" (1 - exp(-r^2)), as in
    gstat. nugget, partial_sill: in the squared unit of the variable. range_m: the model's own parameter, in metres.
    """

    model: str
    nugget: float
    partial_sill: float
    range_m: float

    def __post_init__(self):
        if self.model not in MODELS:
            raise InputError(f"Variogram model '{self.model}' is not one of {', '.join(MODELS)}.")
        if not (self.nugget >= 0 and self.partial_sill >= 0 and self.sill > 0 and np.isfinite(self.sill)):
            raise InputError("Nugget and partial sill of a variogram are 0 or more, and not both 0.")
        if not (self.range_m > 0 and np.isfinite(self.range_m)):
            raise InputError(f"The range of a variogram is a distance above 0 m; got {self.range_m:g}.")

    @property
    def sill(self):
        """Variance of the variable far from everything known: nugget + partial sill."""
        return self.nugget + self.partial_sill

    @property
    def effective_range_m(self):
        """Where the structured part has risen to 95 % of its sill (spherical: all of it), in metres."""
        return EFFECTIVE[self.model] * self.range_m

    def gamma(self, distance_m):
        """Semivariance at distances (any shape, metres)."""
        distance_m = np.asarray(distance_m, dtype=np.float64)
        structured = self.nugget + self.partial_sill * MODELS[self.model](distance_m / self.range_m)
        return np.where(distance_m == 0, 0.0, structured)

    def covariance(self, distance_m):
        """Covariance at distances (any shape, metres): sill - gamma."""
        return self.sill - self.gamma(distance_m)


def empirical_variogram(x, y, values, cutoff_m=None, width_m=None, monitor=SILENT):
    """Half the mean squared difference of pairs of sites by distance (Matheron 1963): columns pairs, distance_m, gamma.

    x, y: metres (n); values (n). Classes are (0, width], (width, 2 width] ... up to ``cutoff_m``: by default a third
    of the diagonal of the sites' extent, in 15 classes, as gstat does. Empty classes are not listed.
    Raises InputError where no two sites are nearer than the cutoff.
    """
    from scipy.spatial.distance import cdist

    places = np.column_stack([x, y])
    cutoff_m = cutoff_m or float(np.hypot(*np.ptp(places, axis=0))) / 3
    width_m = width_m or cutoff_m / CLASSES
    classes = int(np.ceil(cutoff_m / width_m - 1e-9)) if cutoff_m > 0 and width_m > 0 else 0
    sums = np.zeros((3, classes))
    rows = max(1, PAIRS_AT_ONCE // len(places))
    for start in range(0, len(places) if classes else 0, rows):
        monitor.check()
        distance = cdist(places[start : start + rows], places[start:])
        i, j = np.nonzero((distance > 0) & (distance <= cutoff_m))
        i, j = i[j > i], j[j > i]
        distance = distance[i, j]
        half_squares = 0.5 * (values[start + i] - values[start + j]) ** 2
        number = np.minimum(np.ceil(distance / width_m).astype(np.int64) - 1, classes - 1)
        sums += [np.bincount(number, weights, classes) for weights in (None, distance, half_squares)]
    pairs, distances, squares = sums[:, sums[0] > 0] if classes else sums
    if not len(pairs):
        raise InputError("No two sites are nearer to each other than the variogram's cutoff. Give a larger one.")
    return pd.DataFrame({"pairs": pairs.astype(np.int64), "distance_m": distances / pairs, "gamma": squares / pairs})


def fit_variogram(empirical, model="auto"):
    """The Variogram that fits an empirical one best, classes weighted by pairs / distance^2 as gstat does.

    model: one of ``MODELS``, or "auto" for the one of least weighted error. For a given range nugget and
    partial sill follow by non-negative least squares, so only the range is searched, up to twice the largest distance.
    A Gaussian model keeps a nugget of a thousandth of its sill. Raises InputError for fewer than three classes, and a
    variable that does not vary.
    """
    if len(empirical) < 3:
        raise InputError(f"The variogram has {len(empirical)} classes of distance; a model needs three at least.")
    if not (empirical["gamma"] > 0).any():
        raise InputError("The variable has the same value at all sites near each other; there is nothing to krige.")
    if model != "auto":
        return _fit_one(empirical, model)[1]
    return min((_fit_one(empirical, name) for name in MODELS), key=lambda fit: fit[0])[1]


def weighted_error(variogram, empirical):
    """Sum over classes of pairs / distance^2 x (gamma - model)^2."""
    misfit = empirical["gamma"] - variogram.gamma(empirical["distance_m"])
    return float((empirical["pairs"] / empirical["distance_m"] ** 2 * misfit**2).sum())


def _fit_one(empirical, model):
    """(weighted error, Variogram) of one model."""
    from scipy.optimize import minimize_scalar

    distance = empirical["distance_m"].to_numpy()
    low, high = np.log(distance.min() / 2), np.log(2 * distance.max())

    def error(log_range):
        return weighted_error(_for_range(empirical, model, np.exp(log_range)), empirical)

    # errors along the range have several dips: the best of a grid, then refined between its neighbours
    grid = np.linspace(low, high, 81)
    best = int(np.argmin([error(step) for step in grid]))
    bounds = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    refined = minimize_scalar(error, bounds=bounds, method="bounded", options={"xatol": 1e-7}).x
    log_range = min(refined, grid[best], key=error)
    fitted = _for_range(empirical, model, float(np.exp(log_range)))
    return weighted_error(fitted, empirical), fitted


def _for_range(empirical, model, range_m):
    """The best nugget and partial sill for a range."""
    from scipy.optimize import nnls

    distance = empirical["distance_m"].to_numpy()
    weights = np.sqrt(empirical["pairs"].to_numpy()) / distance
    rise = MODELS[model](distance / range_m)
    # with the nugget tied to the sill the Gaussian's second column carries the tie
    tie = GAUSSIAN_NUGGET if model == "gaussian" else 0.0
    columns = np.column_stack([np.ones(len(rise)), rise + tie]) * weights[:, None]
    nugget, partial_sill = nnls(columns, empirical["gamma"].to_numpy() * weights)[0]
    return Variogram(model, float(nugget + tie * partial_sill), float(partial_sill), range_m)
