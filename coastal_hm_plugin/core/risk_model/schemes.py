"""The folds that a risk model is scored on, from what is known of its sites."""

import numpy as np

from ..errors import InputError, name_rows
from ..geodesy import crs_of, local_plane, project
from . import folds
from .matched_folds import held_out_distances, map_places, matched_folds, nearest_distances


def schemes_of_folds(used, rows, values, options, place, rasters, monitor):
    """The folds, the strictest last."""
    rng = np.random.default_rng(options.seed)
    schemes = [folds.random_folds(len(values), options.folds, options.repeats, rng)]
    groups = None
    if options.groups:
        schemes.append(folds.grouped_folds(used[options.groups], options.folds, options.repeats, rng))
        groups = schemes[-1].block_of
    x, y, crs = place
    if x is None or y is None:
        if groups is None:
            monitor.warn(
                "Without coordinates or groups only random folds can be made; neighbours flatter their scores."
            )
        return schemes
    x, y = folds.to_metres(np.asarray(x)[rows], np.asarray(y)[rows], crs)
    lost = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    if len(lost):
        raise InputError(f"Rows {name_rows(rows[lost])} have no coordinates. Give them, or leave the rows out.")
    if options.matched:
        schemes += _matched(x, y, place, rows, rasters, options, groups, monitor)
    spatial = folds.spatial_folds(x, y, values, options.folds, options.repeats, rng, options.block_size_m, groups)
    if spatial is None:
        size = options.block_size_m
        monitor.warn("All sites lie in one spatial block" + (f" of {size:g} m" if size else "") + ": no spatial folds.")
        return schemes
    return [*schemes, spatial]


def _matched(x, y, place, rows, rasters, options, groups, monitor):
    """Folds matched to the map, if there is one: a list of one or none. x, y: the sites on their plane in metres."""
    if place[2] is None or rasters is None or not rasters.covariates:
        monitor.warn("Folds matched to the map need covariates from rasters, and coordinates with a reference system.")
        return []
    at = (np.asarray(axis, dtype=np.float64)[rows] for axis in place[:2])
    longitude, latitude = project(*at, crs_of(place[2]), "EPSG:4326")
    map_x, map_y = project(*map_places(rasters, options.seed, monitor), "EPSG:4326", local_plane(longitude, latitude))
    if not len(map_x):
        monitor.warn("No cell of the rasters has a value in every covariate: no folds matched to the map.")
        return []
    # a generator of its own: the other folds are the same with and without these
    rng = np.random.default_rng(options.seed)
    found = matched_folds(x, y, map_x, map_y, options.folds, options.repeats, rng, groups, monitor)
    held_out = np.median(held_out_distances(np.column_stack([x, y]), found.fold_of[0]))
    to_map = np.median(nearest_distances(x, y, map_x, map_y))
    monitor.info(
        f"Folds matched to the map: held-out sites lie {held_out:,.0f} m from the nearest training site (median), the "
        f"map's cells {to_map:,.0f} m; {found.n_blocks} clusters of sites."
    )
    return [found]
