"""Folds whose held-out sites lie as far from the training sites as the map's cells do (kNNDM)."""

import numpy as np

from ..geodesy import crs_of, project
from ..monitor import SILENT, Monitor
from .folds import MATCHED, Folds, deal

MOST_CLUSTERED = 4000  # sites whose tree of clusters is built; the others join the nearest of these
CLUSTERINGS = 40
LARGEST_SHARE = 0.5  # of the sites in one cluster
MAP_CELLS = 2000


def matched_folds(x, y, map_x, map_y, folds, repeats, rng, groups=None, monitor=SILENT):
    """k-fold nearest neighbour distance matching, after Linnenbrink et al. 2024 (doi:10.5194/gmd-17-5897-2024): Folds.

    x, y: sites (n), map_x, map_y: places to predict (m), all in metres on one plane. The sites are clustered (Ward)
    into ever more clusters, up to one each, which is random folds; whole clusters are dealt to folds. Kept is the one
    for which the distances from held-out sites to the nearest training site are distributed most like those from the
    map's places to the nearest site (least Wasserstein distance). ``groups``: n codes of sites that stay together.
    """
    from scipy.stats import wasserstein_distance

    sites = np.column_stack([x, y])
    wanted = nearest_distances(x, y, map_x, map_y)
    best, least = None, np.inf
    for block_of in _clusterings(sites, folds, np.arange(len(sites)) if groups is None else groups):
        monitor.check()
        fold_of = deal(block_of, folds, 1, rng)[0]
        misfit = wasserstein_distance(held_out_distances(sites, fold_of), wanted)
        if misfit < least:
            best, least = block_of, misfit
    return Folds(MATCHED, deal(best, folds, repeats, rng), best)


def nearest_distances(x, y, map_x, map_y):
    """Distance (m, metres) of each of the map's places to the nearest site."""
    from scipy.spatial import cKDTree

    return cKDTree(np.column_stack([x, y])).query(np.column_stack([map_x, map_y]))[0]


def held_out_distances(sites, fold_of):
    """Distance (n, metres) of each site (n x 2) to the nearest site of another fold."""
    from scipy.spatial import cKDTree

    distance = np.empty(len(sites))
    for fold in np.unique(fold_of):
        own = fold_of == fold
        distance[own] = cKDTree(sites[~own]).query(sites[own])[0]
    return distance


def map_places(manifest, seed, monitor=SILENT):
    """Longitudes and latitudes of some cells, drawn at random, where every covariate of a manifest has a value."""
    from ..covariates.grid import Grid
    from ..covariates.sampling import sample_covariates

    grid = Grid.of_raster(manifest.covariates[0].path)
    rng = np.random.default_rng(seed)
    cells = rng.choice(grid.width * grid.height, min(2 * MAP_CELLS, grid.width * grid.height), replace=False)
    rows, columns = np.divmod(np.sort(cells), grid.width)
    x, y = grid.transform * (columns + 0.5, rows + 0.5)
    # that cells at sea have no value is nothing to warn of
    quiet = Monitor(is_cancelled=monitor.is_cancelled)
    table = sample_covariates(x, y, grid.crs.to_wkt(), manifest, quiet).table
    complete = np.flatnonzero(table.notna().all(axis=1))
    kept = np.sort(rng.permutation(complete)[:MAP_CELLS])
    return project(x[kept], y[kept], crs_of(grid.crs.to_wkt()), "EPSG:4326")


def _clusterings(sites, folds, groups):
    """Candidate blocks (n codes each), from the fewest clusters that can be dealt to the folds to the groups alone."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial import cKDTree

    groups = np.unique(groups, return_inverse=True)[1].ravel()
    counts = np.bincount(groups)
    centres = np.column_stack([np.bincount(groups, axis) / counts for axis in sites.T])
    some = centres[:: -(-len(centres) // MOST_CLUSTERED)]
    nearest = cKDTree(some).query(centres)[1]
    tree = linkage(some, "ward")
    for clusters in np.unique(np.geomspace(folds, max(folds, len(some) - 1), CLUSTERINGS).round().astype(int)):
        block_of = np.unique(fcluster(tree, clusters, "maxclust")[nearest], return_inverse=True)[1].ravel()[groups]
        sizes = np.bincount(block_of)
        if len(sizes) >= 2 and sizes.max() <= LARGEST_SHARE * len(sites):
            yield block_of
    yield groups
