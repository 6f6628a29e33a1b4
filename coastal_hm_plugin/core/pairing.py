"""Points of one medium paired with the sites of another within a radius: which belong together, and what is left."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from .coordinates import check_coordinates
from .errors import InputError, name_rows
from .geodesy import SHORT_M, arc_m, crs_of, earth_centred, geodesic_m, project
from .monitor import SILENT

ASSIGNMENTS = ("nearest", "all")
STATISTICS = ("mean", "median", "nearest")
MOST_LINKS = 50_000_000
DISTANCES = ("distance_mean_m", "distance_min_m", "distance_max_m")


@dataclass(frozen=True)
class Locations:
    """Where n points are: x (easting or longitude), y, their CRS (WKT, "EPSG:n"), and what to call them in messages."""

    x: np.ndarray
    y: np.ndarray
    crs: str
    name: str = "points"


@dataclass(frozen=True)
class Pairing:
    """Which points belong to which sites.

    links: a row per pair: ``point``, ``site`` (row numbers from 0), ``distance_m`` (geodesic, WGS84),
    by site, then distance. unpaired_points, unpaired_sites: ``point`` or ``site``, ``reason``,
    ``nearest_distance_m`` to the nearest of the other side.
    """

    links: pd.DataFrame
    unpaired_points: pd.DataFrame
    unpaired_sites: pd.DataFrame
    n_points: int
    n_sites: int

    @property
    def paired_sites(self):
        """Row numbers of the sites that have at least one point."""
        return np.unique(self.links["site"].to_numpy())

    def composite(self, table, statistic="mean"):
        """One row per site (n_sites, in their order): the paired rows of ``table`` (n_points rows) brought together.

        ``mean`` and ``median`` take the numeric columns and leave NaN out; ``nearest`` takes every column of the
        nearest point as it is. Then ``count`` and the mean, least and greatest distance (m).
        A site without points has NaN and a count of 0.
        """
        if statistic not in STATISTICS:
            raise InputError(f"Statistic '{statistic}' is not one of {', '.join(STATISTICS)}.")
        if len(table) != self.n_points:
            raise InputError(f"The table has {len(table)} rows, the pairing {self.n_points} points.")
        links = self.links
        sites = pd.RangeIndex(self.n_sites, name="site")
        if statistic == "nearest":
            first = links.drop_duplicates("site")
            values = table.iloc[first["point"].to_numpy()].set_axis(first["site"].to_numpy(), axis=0)
        else:
            numbers = table.select_dtypes(include=["number", "bool"]).astype("float64")
            rows = numbers.iloc[links["point"].to_numpy()].groupby(links["site"].to_numpy())
            values = rows.mean() if statistic == "mean" else rows.median()
        distances = links.groupby("site")["distance_m"].agg(["count", "mean", "min", "max"])
        distances.columns = ["count", *DISTANCES]
        clash = sorted(set(distances.columns) & set(values.columns))
        if clash:
            raise InputError(f"The composite adds {', '.join(clash)}, but the table has such a column. Rename it.")
        composite = pd.concat([values.reindex(sites), distances.reindex(sites)], axis=1)
        composite["count"] = composite["count"].fillna(0).astype("int64")
        return composite


def pair(points, sites, radius_m=500.0, assign="nearest", monitor=SILENT):
    """Pair points with the sites within ``radius_m`` (geodesic metres on the WGS84 ellipsoid).

    points, sites: :class:`Locations`, or anything with ``x``, ``y`` and ``crs``; the two CRSs may differ.
    ``assign``: a point in reach of several sites goes to the ``nearest`` (equally near: the first), or to ``all``.
    The distances are exact: a search in earth-centred coordinates finds the candidates, and the geodesic decides.

    Returns Pairing. Raises InputError for a CRS that is missing, coordinates that are missing, out of range
    or swapped, and a radius that is not above 0.
    """
    if assign not in ASSIGNMENTS:
        raise InputError(f"Assignment '{assign}' is not one of {', '.join(ASSIGNMENTS)}.")
    if not (np.isfinite(radius_m) and radius_m > 0):
        raise InputError(f"The pairing radius must be above 0 m; it is {radius_m}.")
    names = [getattr(side, "name", None) or default for side, default in ((points, "points"), (sites, "sites"))]
    point_degrees = degrees(points, names[0], monitor)
    site_degrees = degrees(sites, names[1], monitor)
    for place, name in ((point_degrees, names[0]), (site_degrees, names[1])):
        _name_duplicates(place, name, monitor)
    sides = _Sides(point_degrees, site_degrees)
    monitor.progress(0.3)
    links = (_nearest_links if assign == "nearest" else _all_links)(sides, radius_m)
    monitor.progress(0.7)
    if links.empty and (swapped := _swapped(points, sites, radius_m, names)):
        raise InputError(swapped)
    pairing = Pairing(
        links,
        _unpaired(sides, "point", links, radius_m, names),
        _unpaired(sides, "site", links, radius_m, names),
        len(point_degrees[0]),
        len(site_degrees[0]),
    )
    monitor.info(
        f"{pairing.n_points - len(pairing.unpaired_points)} of {pairing.n_points} {names[0]} lie within {radius_m:g} m "
        f"of {pairing.n_sites - len(pairing.unpaired_sites)} of {pairing.n_sites} {names[1]}."
    )
    monitor.progress(1.0)
    return pairing


def degrees(places, name="points", monitor=SILENT):
    """Longitude and latitude (WGS84 degrees, n each) of places. Raises InputError naming the rows that have none."""
    x, y = np.asarray(places.x, dtype=np.float64), np.asarray(places.y, dtype=np.float64)
    crs = crs_of(places.crs, name)
    if not len(x) or x.shape != y.shape:
        raise InputError(f"The {name} have {len(x)} x and {len(y)} y coordinates; there must be as many, at least one.")
    missing = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    if len(missing):
        raise InputError(
            f"The {name} in row(s) {name_rows(missing)} have no coordinates. Fill them in or leave them out"
        )
    for warning in check_coordinates(x, y, crs, name):
        monitor.warn(warning)
    longitude, latitude = project(x, y, crs, "EPSG:4326", monitor)
    lost = np.flatnonzero(~(np.isfinite(longitude) & np.isfinite(latitude)))
    if len(lost):
        raise InputError(
            f"The {name} in row(s) {name_rows(lost)} are outside where {crs.name} is defined: the first has "
            f"x {x[lost[0]]:g} and y {y[lost[0]]:g}. Check that x and y are not swapped, and the CRS."
        )
    return longitude, latitude


class _Sides:
    """Points and sites: degrees, earth-centred coordinates, and a search tree of each, built when asked for."""

    def __init__(self, point_degrees, site_degrees):
        self.degrees = {"point": point_degrees, "site": site_degrees}
        self.centred = {side: earth_centred(*place) for side, place in self.degrees.items()}
        self._trees = {}

    def tree(self, side):
        """The search tree of a side."""
        if side not in self._trees:
            self._trees[side] = _tree(self.centred[side])
        return self._trees[side]

    def distance(self, point, site):
        """Geodesic metres between rows of points and rows of sites."""
        chord = np.sqrt(((self.centred["point"][point] - self.centred["site"][site]) ** 2).sum(axis=1))
        distance, far = arc_m(chord), np.flatnonzero(chord > SHORT_M)
        if len(far):
            ends = [
                column[rows[far]] for side, rows in (("point", point), ("site", site)) for column in self.degrees[side]
            ]
            distance[far] = geodesic_m(*ends)
        return distance


def _chord(radius_m):
    """How far a straight-line search must reach: a chord is never longer than its geodesic, but for rounding."""
    return radius_m * (1 + 1e-9) + 1e-6


def _tree(places):
    # a plainer tree is built three times faster, and searched as fast
    return cKDTree(places, balanced_tree=False, compact_nodes=False)


def _nearest_links(sides, radius_m):
    # of sites at one place only the first takes part: it takes the points, and the search stays exact
    first = np.flatnonzero(~_repeated(sides.degrees["site"]))
    tree = sides.tree("site") if len(first) == len(sides.centred["site"]) else _tree(sides.centred["site"][first])
    # the few nearest by chord, so that the geodesic decides between sites almost equally near
    ranks = range(1, min(4, tree.n) + 1)
    _, found = tree.query(sides.centred["point"], k=ranks, distance_upper_bound=_chord(radius_m), workers=-1)
    found = np.ascontiguousarray(found.T)  # a row per rank
    rank, point = np.nonzero(found < tree.n)
    distance = np.full(found.shape, np.inf)
    distance[rank, point] = sides.distance(point, first[found[rank, point]])
    nearest = distance.min(axis=0)
    n_sites = len(sides.centred["site"])  # stands for none
    site = np.where(distance == nearest, np.append(first, n_sites)[found], n_sites).min(axis=0)
    point = np.flatnonzero(nearest <= radius_m)
    return _links(point, site[point], nearest[point])


def _all_links(sides, radius_m):
    points, sites = sides.tree("point"), sides.tree("site")
    count = points.count_neighbors(sites, _chord(radius_m))
    if count > MOST_LINKS:
        raise InputError(f"A radius of {radius_m:g} m gives {count:,} pairs. Use a smaller one, or the nearest site.")
    near = points.sparse_distance_matrix(sites, _chord(radius_m), output_type="ndarray")
    distance = sides.distance(near["i"], near["j"])
    near, distance = near[distance <= radius_m], distance[distance <= radius_m]
    return _links(near["i"], near["j"], distance)


def _links(point, site, distance):
    order = np.lexsort((point, distance, site))
    return pd.DataFrame({"point": point[order], "site": site[order], "distance_m": distance[order]})


def _unpaired(sides, side, links, radius_m, names):
    """The rows of one side that no link holds, with the reason and the distance to the other side."""
    linked = np.zeros(len(sides.centred[side]), dtype=bool)
    linked[links[side].to_numpy()] = True
    rows = np.flatnonzero(~linked)
    other = sides.tree("site" if side == "point" else "point")
    nearest = other.query(sides.centred[side][rows], workers=-1)[1] if len(rows) else rows
    distance = sides.distance(rows, nearest) if side == "point" else sides.distance(nearest, rows)
    none = f"no {names[1] if side == 'point' else names[0]} within {radius_m:g} m"
    taken = f"the {names[0]} within {radius_m:g} m are nearer to another site, or equally near to one listed before"
    reason = np.full(len(rows), none, dtype=object)
    reason[distance <= radius_m] = taken
    return pd.DataFrame({side: rows, "reason": reason, "nearest_distance_m": distance})


def _repeated(place):
    """Which places (longitude and latitude, n each) repeat an earlier one."""
    return pd.Index(place[0] + 1j * place[1]).duplicated()


def _name_duplicates(place, name, monitor):
    rows = np.flatnonzero(_repeated(place))
    if len(rows):
        monitor.warn(f"{len(rows)} {name} repeat the coordinates of an earlier one: row(s) {name_rows(rows)}.")


def _swapped(points, sites, radius_m, names):
    """What to say if nothing pairs as it is but does with x and y of one side exchanged; else nothing."""
    for turned, other, name in ((points, sites, names[0]), (sites, points, names[1])):
        try:
            place = degrees(Locations(turned.y, turned.x, turned.crs), name)
            reach = cKDTree(earth_centred(*degrees(other))), _chord(radius_m)
        except InputError:
            continue
        if np.isfinite(reach[0].query(earth_centred(*place), distance_upper_bound=reach[1])[0]).any():
            return (
                f"No {names[0]} lie within {radius_m:g} m of {names[1]}, but with x and y of the {name} exchanged "
                "they do. Exchange the coordinate columns."
            )
    return None
