"""Folds that hold sites back: at random, by a field, or by spatial blocks, so that neighbours do not help."""

from dataclasses import dataclass
from typing import Optional

import numpy as np
import pandas as pd

from ..errors import InputError
from ..geodesy import crs_of, local_plane, project

RANDOM, GROUPED, MATCHED, SPATIAL = "random", "grouped", "matched", "spatial"


@dataclass(frozen=True)
class Folds:
    """One scheme of cross-validation over n sites.

    scheme: "random", "grouped", "matched" or "spatial". fold_of: repeats x n, each site's fold (0 ...).
    block_of: n, the block or group that a site shares its fold with. block_size_m: the side of a spatial block.
    """

    scheme: str
    fold_of: np.ndarray
    block_of: np.ndarray
    block_size_m: Optional[float] = None

    @property
    def n_blocks(self):
        """Blocks or groups that move between folds as a whole."""
        return len(np.unique(self.block_of))

    @property
    def n_folds(self):
        """Folds in each repeat."""
        return int(self.fold_of.max()) + 1

    def splits(self):
        """(repeat, rows to train on, rows held back), for every fold of every repeat."""
        for repeat, fold_of in enumerate(self.fold_of):
            for fold in range(self.n_folds):
                yield repeat, np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)


def random_folds(n, folds, repeats, rng):
    """Sites dealt to folds at random."""
    return Folds(RANDOM, deal(np.arange(n), folds, repeats, rng), np.arange(n))


def grouped_folds(groups, folds, repeats, rng):
    """Folds that never split a group. groups: n labels; a missing one is a group of its own.

    Raises InputError if there is only one group.
    """
    codes, _ = pd.factorize(pd.Series(groups, dtype=object), use_na_sentinel=True)
    codes = np.where(codes < 0, codes.max() + 1 + np.arange(len(codes)), codes)
    block_of = np.unique(codes, return_inverse=True)[1]
    if block_of.max() < 1:
        raise InputError("The field of groups holds a single value. Folds by group need two groups at least.")
    return Folds(GROUPED, deal(block_of, folds, repeats, rng), block_of)


def spatial_folds(x, y, target, folds, repeats, rng, block_size_m=None, groups=None):
    """Folds of square blocks (Roberts et al. 2017, Ecography 40:913-929).

    x, y: metres (n); target (n). The blocks' side is ``block_size_m``, or :func:`block_size`. ``groups``: n codes of
    groups that stay together (each goes to the block of its centre). Returns None where the sites fill fewer than
    two blocks.
    """
    size = block_size_m or block_size(x, y, target, folds)
    if groups is not None:
        counts = np.bincount(groups)
        x = (np.bincount(groups, x) / counts)[groups]
        y = (np.bincount(groups, y) / counts)[groups]
    block_of = _blocks(x, y, size)
    if block_of.max() < 1:
        return None
    return Folds(SPATIAL, deal(block_of, folds, repeats, rng), block_of, float(size))


def to_metres(x, y, crs):
    """Coordinates on a plane in metres around the sites' centre (azimuthal equidistant). crs None: metres already."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if crs is None:
        return x, y
    longitude, latitude = project(x, y, crs_of(crs), "EPSG:4326")
    return project(longitude, latitude, "EPSG:4326", local_plane(longitude, latitude))


def block_size(x, y, target, folds):
    """The side (metres) of spatial blocks: how far the target resembles itself, within what the sites allow.

    The distance at which the target's correlogram (Moran's I by distance) has fallen to 0.1, but
    at least twice the median distance to the nearest site, and no more than leaves three blocks for every fold.
    """
    from scipy.spatial import cKDTree

    places = np.unique(np.column_stack([x, y]), axis=0)
    if len(places) < 2:
        return 1.0
    nearest = cKDTree(places).query(places, k=2)[0][:, 1]
    size = max(correlation_distance(x, y, target), 2 * np.median(nearest))
    enough = min(3 * folds, max(2, len(places) // 3))
    while _blocks(x, y, size).max() + 1 < enough:
        size *= 0.9
    return float(size)


def correlation_distance(x, y, target, most=1000):
    """The distance (metres) at which Moran's I of the target falls to 0.1; 0 for a target that never resembles itself.

    Fifteen classes with equally many pairs up to half the extent; of more than ``most`` sites every k-th is used.
    """
    step = -(-len(target) // most)
    x, y, target = x[::step], y[::step], target[::step]
    i, j = np.triu_indices(len(target), k=1)
    distance = np.hypot(x[i] - x[j], y[i] - y[j])
    z = (target - target.mean()) / (target.std() or 1.0)
    near = (distance > 0) & (distance <= distance.max() / 2)
    order = np.argsort(distance[near], kind="stable")
    distances, products = distance[near][order], (z[i] * z[j])[near][order]
    classes = [part for part in np.array_split(np.arange(len(order)), 15) if len(part)]
    reach = 0.0
    for part in classes:
        if products[part].mean() < 0.1:
            break
        reach = distances[part].mean()
    return float(reach)


def _blocks(x, y, size):
    column, row = np.floor((x - x.min()) / size), np.floor((y - y.min()) / size)
    return np.unique(np.column_stack([column, row]), axis=0, return_inverse=True)[1].ravel()


def deal(block_of, folds, repeats, rng):
    """repeats x n folds of n block codes: blocks in random order, each to the fold with the fewest sites so far."""
    sizes = np.bincount(block_of)
    folds = min(folds, len(sizes))
    dealt = np.empty((repeats, len(block_of)), dtype=np.int64)
    for repeat in range(repeats):
        fold_of_block, filled = np.empty(len(sizes), dtype=np.int64), np.zeros(folds)
        for block in rng.permutation(len(sizes)):
            fold = int(np.argmin(filled))
            fold_of_block[block] = fold
            filled[fold] += sizes[block]
        dealt[repeat] = fold_of_block[block_of]
    return dealt
