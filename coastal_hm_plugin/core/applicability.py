"""Area of applicability: how unlike the training sites a place is, and where the model's score therefore ends."""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import pandas as pd

from .errors import InputError
from .monitor import SILENT

ROWS_AT_ONCE = 50_000
DISTANCES_AT_ONCE = 4_000_000
LEAF = 64  # sites in a leaf of the tree: in many dimensions searching a leaf is cheaper than descending
FEWEST_SITES = 10


@dataclass(frozen=True)
class Dissimilarity:
    """How unlike the training sites n places are.

    di: dissimilarity index, 0 at a training site, 1 as far as training sites lie from each other on average; NaN where
    a predictor has no value or a category that no training site has. lpd: local point density, the training sites
    nearer than the threshold. inside: whether DI is within the threshold (not where it is NaN).
    """

    di: np.ndarray
    lpd: np.ndarray
    inside: np.ndarray

    def to_frame(self):
        """A row per place: DI, LPD (missing where DI is), AOA (1 inside, 0 outside)."""
        known = np.isfinite(self.di)
        lpd = pd.array(np.where(known, self.lpd, 0), dtype="Int64")
        lpd[~known] = pd.NA
        return pd.DataFrame({"DI": self.di, "LPD": lpd, "AOA": self.inside.astype(np.int64)})


@dataclass(frozen=True)
class Applicability:
    """The predictor space of a model's training sites, in which distances to other places are measured.

    names: of the p predictors. n_labels: p, how many categories a column of codes has, 0 for a column of numbers.
    rows: n, the sites' rows in the training table: those with every predictor. sites: n x p. weights: p, importance of
    the predictors. fold_of: n, or empty: every site is a fold of its own. mean_distance: between training sites,
    weighted and standardised. threshold: largest DI inside the area. di, lpd: n, of the training sites, measured to
    the sites of other folds.
    """

    names: tuple
    n_labels: tuple
    rows: np.ndarray
    sites: np.ndarray
    weights: np.ndarray
    fold_of: np.ndarray
    mean_distance: float
    threshold: float
    di: np.ndarray
    lpd: np.ndarray

    @property
    def mean_lpd(self):
        """Average local point density of the training sites."""
        return float(np.mean(self.lpd))

    def assess(self, matrix, threads=1, monitor=SILENT):
        """How unlike the training sites the rows of a matrix are (m x p, in the order of ``names``): Dissimilarity.

        Each row alone, some ten thousand at a time: memory does not grow with m, nor numbers change with ``threads``.
        Raises InputError for a matrix of another number of columns.
        """
        matrix = np.asarray(matrix)
        if matrix.ndim != 2 or matrix.shape[1] != len(self.names):
            raise InputError(f"The area of applicability needs {len(self.names)} predictors: {', '.join(self.names)}.")
        di, lpd = np.full(len(matrix), np.nan), np.zeros(len(matrix), dtype=np.int64)
        step = min(ROWS_AT_ONCE, max(1000, 3 * DISTANCES_AT_ONCE // len(self.sites)))  # Cancel is heard between two
        for start in range(0, len(matrix), step):
            monitor.progress(start / len(matrix))
            places = self._space.place(matrix[start : start + step])
            known = np.flatnonzero(np.isfinite(places).all(axis=1))
            if len(known):
                di[start + known] = self._tree.query(places[known], workers=threads)[0] / self.mean_distance
                lpd[start + known] = self._tree.query_ball_point(
                    places[known], self._reach, workers=threads, return_length=True
                )
        with np.errstate(invalid="ignore"):
            return Dissimilarity(di, lpd, di <= self.threshold)

    def to_dict(self):
        """A JSON-ready dictionary."""
        return {field.name: np.asarray(getattr(self, field.name)).tolist() for field in fields(self)}

    @classmethod
    def from_dict(cls, content):
        """What :meth:`to_dict` gave. Raises KeyError, TypeError or ValueError for anything else."""
        n, p = len(content["sites"]), len(content["names"])
        arrays = {
            "rows": np.asarray(content["rows"], dtype=np.int64).reshape(n),
            "sites": np.asarray(content["sites"], dtype=np.float64).reshape(n, p),
            "weights": np.asarray(content["weights"], dtype=np.float64).reshape(p),
            "fold_of": np.asarray(content["fold_of"], dtype=np.int64),
            "di": np.asarray(content["di"], dtype=np.float64).reshape(n),
            "lpd": np.asarray(content["lpd"], dtype=np.int64).reshape(n),
        }
        numbers = {name: float(content[name]) for name in ("mean_distance", "threshold")}
        n_labels = tuple(int(count) for count in content["n_labels"])
        return cls(names=tuple(content["names"]), n_labels=n_labels, **arrays, **numbers)

    @cached_property
    def _space(self):
        return _Space(self.sites, self.weights, self.n_labels)

    @cached_property
    def _tree(self):
        from scipy.spatial import cKDTree

        return cKDTree(self._space.points, leafsize=LEAF)

    @property
    def _reach(self):
        return _below(self.threshold * self.mean_distance)


def area_of_applicability(matrix, weights=None, fold_of=None, names=None, n_labels=None, monitor=SILENT):
    """The area in which a model trained on these sites may be expected to err as its cross-validation says.

    matrix: n x p predictors of the training sites; a column of categories holds codes 0, 1 ... and has their number in
    ``n_labels`` (p, 0 for numbers). weights: p importances, None for equal ones; fold_of: n folds of the
    cross-validation, None: each site its own. Rows with a missing predictor are left out and counted.

    Numbers are standardised, a category becomes a 0/1 column per label, standardised alike; all are multiplied by
    their weight. DI of a place is its distance to the nearest training site over the mean distance between training
    sites; a training site's nearest is sought outside its fold. Threshold: upper quartile of the training sites' DI
    + 1.5 interquartile ranges. LPD counts training sites with a DI below the threshold. Columns that never vary have
    no distance and are left out.

    Raises InputError for fewer than 10 complete sites, a single fold, negative weights, and sites that are all alike.
    Sources: Meyer and Pebesma 2021 (doi:10.1111/2041-210X.13650); for LPD Schumacher et al. 2024
    (doi:10.5194/egusphere-2024-2730); the threshold as in their R package CAST 1.
    """
    matrix = np.asarray(matrix, dtype=np.float64)
    names = tuple(names) if names is not None else tuple(f"predictor {k + 1}" for k in range(matrix.shape[1]))
    n_labels = tuple(n_labels) if n_labels is not None else (0,) * len(names)
    weights = _checked_weights(weights, names)
    rows = _complete_rows(matrix, monitor)
    matrix, fold_of = matrix[rows], _folds_of(rows, fold_of)
    points = _Space(matrix, weights, n_labels).points
    mean_distance = _mean_distance(points, monitor)
    if not mean_distance > 0:
        raise InputError("The training sites have the same predictors everywhere; nothing can be like or unlike them.")
    di = _nearest_elsewhere(points, fold_of, monitor) / mean_distance
    low, high = np.quantile(di, [0.25, 0.75])
    threshold = float(high + 1.5 * (high - low))
    lpd = _count_elsewhere(points, fold_of, _below(threshold * mean_distance), monitor)
    return Applicability(names, n_labels, rows, matrix, weights, fold_of, mean_distance, threshold, di, lpd)


class _Space:
    """Predictors as coordinates: categories as 0/1 columns, everything standardised and weighted."""

    def __init__(self, sites, weights, n_labels):
        self.n_labels = n_labels
        self.seen = [np.unique(sites[:, k]) if labels else None for k, labels in enumerate(n_labels)]
        columns = self._columns(sites)
        spread = columns.std(axis=0, ddof=1)
        weights = np.repeat(weights, [max(labels, 1) for labels in n_labels])
        # sums of equal numbers round: what is left of a constant is no spread
        varies = spread > 1e-12 * np.abs(columns).max(axis=0)
        self.kept = np.flatnonzero(varies & (weights > 0))
        self.centre = columns[:, self.kept].mean(axis=0)
        self.factor = weights[self.kept] / spread[self.kept]
        self.points = self.place(sites)

    def place(self, matrix):
        """m x p predictors as m x q coordinates; NaN in a row whose predictors are not all known."""
        places = (self._columns(matrix)[:, self.kept] - self.centre) * self.factor
        places[np.isnan(matrix).any(axis=1)] = np.nan
        return places

    def _columns(self, matrix):
        columns = []
        for k, labels in enumerate(self.n_labels):
            column = matrix[:, k].astype(np.float64)
            if labels:
                flags = (column[:, None] == np.arange(labels)).astype(np.float64)
                flags[~np.isin(column, self.seen[k])] = np.nan
                columns.append(flags)
            else:
                columns.append(column[:, None])
        return np.hstack(columns)


def _checked_weights(weights, names):
    weights = np.ones(len(names)) if weights is None else np.asarray(weights, dtype=np.float64)
    if weights.shape != (len(names),) or not np.isfinite(weights).all() or (weights < 0).any():
        raise InputError(f"The area of applicability needs a weight of 0 or more for each of {len(names)} predictors.")
    return weights if weights.any() else np.ones(len(names))  # a model that uses no predictor prefers none


def _complete_rows(matrix, monitor):
    """The rows without a missing predictor."""
    complete = np.isfinite(matrix).all(axis=1)
    if not complete.all():
        monitor.info(
            f"Area of applicability: {(~complete).sum()} of {len(matrix)} training sites have a predictor missing and "
            "are no reference for distances."
        )
    if complete.sum() < FEWEST_SITES:
        raise InputError(
            f"{complete.sum()} training sites have every predictor; the area of applicability needs {FEWEST_SITES}."
        )
    return np.flatnonzero(complete)


def _folds_of(rows, fold_of):
    """The folds of these rows; empty where none are given."""
    if fold_of is None:
        return np.zeros(0, dtype=np.int64)
    fold_of = np.asarray(fold_of, dtype=np.int64)[rows]
    if len(np.unique(fold_of)) < 2:
        raise InputError("All training sites lie in one fold; the area of applicability needs two folds at least.")
    return fold_of


def _mean_distance(points, monitor):
    from scipy.spatial.distance import cdist

    n, total = len(points), 0.0
    rows = max(1, DISTANCES_AT_ONCE // n)
    for start in range(0, n, rows):
        monitor.check()
        total += cdist(points[start : start + rows], points).sum()
    return float(total / (n * (n - 1)))


def _nearest_elsewhere(points, fold_of, monitor):
    """Distance (n) of each site to the nearest of another fold."""
    from scipy.spatial import cKDTree

    if not len(fold_of):
        return cKDTree(points).query(points, k=2)[0][:, 1]
    nearest = np.empty(len(points))
    for own, tree in _folds(points, fold_of, monitor):
        nearest[own] = tree.query(points[own])[0]
    return nearest


def _count_elsewhere(points, fold_of, reach, monitor):
    """How many sites of other folds (n) lie within reach."""
    from scipy.spatial import cKDTree

    if not len(fold_of):
        return cKDTree(points).query_ball_point(points, reach, return_length=True) - 1
    counts = np.empty(len(points), dtype=np.int64)
    for own, tree in _folds(points, fold_of, monitor):
        counts[own] = tree.query_ball_point(points[own], reach, return_length=True)
    return counts


def _folds(points, fold_of, monitor):
    """The sites of each fold, and a tree of all others."""
    from scipy.spatial import cKDTree

    for fold in np.unique(fold_of):
        monitor.check()
        own = fold_of == fold
        yield own, cKDTree(points[~own])


def _below(distance):
    """The largest number below a distance: a site at the threshold itself does not count."""
    return float(np.nextafter(distance, 0.0))
