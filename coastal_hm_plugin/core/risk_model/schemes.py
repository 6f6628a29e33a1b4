"""The folds that a risk model is scored on, from what is known of its sites."""

import numpy as np

from ..errors import InputError, name_rows
from ..geodesy import crs_of, local_plane, project
from . import folds
from .matched_folds import held_out_distances, map_places, matched_folds, nearest_distances

FEWEST_PER_FOLD = 2


def places_of_sites(rows, place):
    """The sites' places (n x 2, metres on a plane), or None without coordinates. place: x, y, crs of the table."""
    x, y, crs = place
    if x is None or y is None:
        return None
    x, y = folds.to_metres(np.asarray(x)[rows], np.asarray(y)[rows], crs)
    lost = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    if len(lost):
        raise InputError(f"Rows {name_rows(rows[lost])} have no coordinates. Give them, or leave the rows out.")
    return np.column_stack([x, y])


def places_of_map(rows, place, rasters, options, monitor):
    """Places (m x 2) of some of the map's cells on the plane of the sites, or None where there is no map."""
    if place[0] is None or place[2] is None or rasters is None or not rasters.covariates:
        if options.matched:
            monitor.warn(
                "Folds matched to the map need covariates from rasters, and coordinates with a reference system."
            )
        return None
    at = (np.asarray(axis, dtype=np.float64)[rows] for axis in place[:2])
    longitude, latitude = project(*at, crs_of(place[2]), "EPSG:4326")
    try:
        cells = map_places(rasters, options.seed, monitor)
    except InputError as reason:
        if options.matched:
            raise
        monitor.warn(f"The distances from the sites to the map are not known: {reason}")
        return None
    if not len(cells[0]):
        monitor.warn("No cell of the rasters has a value in every covariate: no folds matched to the map.")
        return None
    return np.column_stack(project(*cells, "EPSG:4326", local_plane(longitude, latitude)))


def schemes_of_folds(used, data, options, on_map, monitor):
    """The folds, the strictest last. used: the table's rows with a target; on_map: places of the map's cells."""
    _check_sites(len(data.y), options.folds)
    rng = np.random.default_rng(options.seed)
    schemes = [folds.random_folds(len(data.y), options.folds, options.repeats, rng)]
    groups = None
    if options.groups:
        schemes.append(folds.grouped_folds(used[options.groups], options.folds, options.repeats, rng))
        _warn_few(schemes[-1], f"groups in '{options.groups}'", options.folds, monitor)
        groups = schemes[-1].block_of
    if data.places is None:
        if groups is None:
            monitor.warn(
                "Without coordinates or groups only random folds can be made; neighbours flatter their scores."
            )
        return schemes
    x, y = data.places.T
    if options.matched and on_map is not None:
        schemes.append(_matched(x, y, on_map, options, groups, monitor))
    spatial = folds.spatial_folds(x, y, data.y, options.folds, options.repeats, rng, options.block_size_m, groups)
    if spatial is None:
        size = options.block_size_m
        monitor.warn("All sites lie in one spatial block" + (f" of {size:g} m" if size else "") + ": no spatial folds.")
        return schemes
    _warn_few(spatial, f"spatial blocks of {spatial.block_size_m:,.0f} m", options.folds, monitor)
    return [*schemes, spatial]


def _check_sites(sites, wanted):
    most = sites // FEWEST_PER_FOLD
    if wanted > most:
        raise InputError(
            f"{sites} sites are too few for {wanted} folds, which hold back {FEWEST_PER_FOLD} sites each at least. "
            f"Choose {most} folds at most."
        )


def _warn_few(scheme, what, wanted, monitor):
    if scheme.n_blocks < wanted:
        monitor.warn(
            f"There are {scheme.n_blocks} {what}, fewer than the {wanted} folds: each is held back by itself, in "
            f"{scheme.n_folds} folds, and the scores' intervals rest on {scheme.n_blocks} blocks."
        )


def _matched(x, y, on_map, options, groups, monitor):
    """Folds matched to the map. x, y: the sites on their plane in metres."""
    # a generator of its own: the other folds are the same with and without these
    rng = np.random.default_rng(options.seed)
    found = matched_folds(x, y, *on_map.T, options.folds, options.repeats, rng, groups, monitor)
    held_out = np.median(held_out_distances(np.column_stack([x, y]), found.fold_of[0]))
    to_map = np.median(nearest_distances(x, y, *on_map.T))
    monitor.info(
        f"Folds matched to the map: held-out sites lie {held_out:,.0f} m from the nearest training site (median), the "
        f"map's cells {to_map:,.0f} m; {found.n_blocks} clusters of sites."
    )
    return found
