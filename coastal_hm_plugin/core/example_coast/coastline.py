"""Land and shoreline of the Bohai and Yellow Sea, and where a survey along that shore would sample.

The outline is Natural Earth's (public domain), clipped by ``scripts/example_coastline.py``.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

OUTLINE = Path(__file__).resolve().parents[2] / "resources" / "example" / "bohai_yellow_sea.json"
KM_PER_DEGREE = 111.2
SHORE_STEP_KM = 0.5
SOIL_RADIUS_KM = 0.48  # inside the 500 m of the survey's design, whatever the ellipsoid makes of it
SOILS_PER_SITE = 3
OPEN_COAST = "Open coast"


@dataclass(frozen=True)
class Estuary:
    """A river mouth: where it is, how far it reaches along the shore, its number of sites, its salinity (PSU)."""

    name: str
    longitude: float
    latitude: float
    reach_km: float
    sites: int
    salinity: float


ESTUARIES = (
    Estuary("Yalu", 124.33, 40.02, 28.0, 7, 9.0),
    Estuary("Haihe", 117.75, 38.97, 28.0, 6, 21.0),
    Estuary("Yellow", 119.25, 37.75, 28.0, 7, 17.0),
    Estuary("Yangtze", 121.65, 31.55, 55.0, 6, 25.0),
)
SITES = 103


@dataclass(frozen=True)
class Outline:
    """Closed rings (k x 2, longitude and latitude) by country, and the stretches of the Chinese mainland's shore."""

    rings: dict
    shores: tuple

    @property
    def all_rings(self):
        """The rings of all countries."""
        return [ring for rings in self.rings.values() for ring in rings]


def read_outline():
    """The outline that comes with the package."""
    rings, shores = {}, []
    for feature in json.loads(OUTLINE.read_text(encoding="utf-8"))["features"]:
        coordinates = feature["geometry"]["coordinates"]
        if feature["properties"]["kind"] == "land":
            rings.setdefault(feature["properties"]["country"], []).append(np.array(coordinates[0]))
        else:
            shores.append(np.array(coordinates))
    return Outline(rings, tuple(shores))


def crossings(rings, latitude):
    """Longitudes, ascending, where the parallel at ``latitude`` enters and leaves the rings."""
    found = []
    for ring in rings:
        (x0, y0), (x1, y1) = ring[:-1].T, ring[1:].T
        cut = (y0 <= latitude) != (y1 <= latitude)
        found.append(x0[cut] + (latitude - y0[cut]) / (y1[cut] - y0[cut]) * (x1[cut] - x0[cut]))
    return np.sort(np.concatenate(found))


def inside(rings, longitudes, latitude):
    """Which of the longitudes on one parallel lie within the rings (even-odd rule)."""
    return np.searchsorted(crossings(rings, latitude), longitudes) % 2 == 1


def scale(latitude):
    """Kilometres per degree of longitude and latitude."""
    return np.array([KM_PER_DEGREE * np.cos(np.radians(latitude)), KM_PER_DEGREE])


def shore_points(outline):
    """Points every half kilometre along the shore, north to south (k x 2)."""
    points = []
    for shore in outline.shores:
        steps = np.hypot(*(np.diff(shore, axis=0) * scale(36.0)).T)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        at = np.arange(0.0, along[-1], SHORE_STEP_KM)
        points.append(np.column_stack([np.interp(at, along, shore[:, 0]), np.interp(at, along, shore[:, 1])]))
    return np.concatenate(points)


def choose_sites(outline, is_covered, rng):
    """Sediment-water sites just off the shore and three soils within 500 m of each on land.

    is_covered: tells of points (k x 2) which of them the rasters have values at; no other place is sampled.
    Returns estuary names (103), sites (103 x 2) and soils (103 x 3 x 2), longitude and latitude, north to south.
    """
    shore = shore_points(outline)
    zone = np.full(len(shore), -1)
    for number, estuary in enumerate(ESTUARIES):
        centre = np.array([estuary.longitude, estuary.latitude])
        away = np.hypot(*((shore - centre) * scale(estuary.latitude)).T)
        zone[away < estuary.reach_km] = number
    counts = {number: estuary.sites for number, estuary in enumerate(ESTUARIES)}
    counts[-1] = SITES - sum(counts.values())
    chosen = np.concatenate([_spread(np.flatnonzero(zone == number), count, rng) for number, count in counts.items()])
    usable = np.flatnonzero(is_covered(shore))
    chosen = usable[np.searchsorted(usable, np.sort(chosen)).clip(max=len(usable) - 1)]
    placed = [_place(outline, shore[at], is_covered, rng) for at in chosen]
    names = [ESTUARIES[zone[at]].name if zone[at] >= 0 else OPEN_COAST for at in chosen]
    return np.array(names), np.array([site for site, _ in placed]), np.array([soils for _, soils in placed])


def _spread(candidates, count, rng):
    """One candidate from the middle part of each of ``count`` equal stretches: spread, yet not regular."""
    stretch = len(candidates) / count
    return candidates[((np.arange(count) + rng.uniform(0.2, 0.8, count)) * stretch).astype(int)]


def _place(outline, shore_point, is_covered, rng):
    """A site in the water near a shore point with three soils in reach on Chinese land, all where the rasters are."""
    while True:
        site = shore_point + _in_disc(0.25, 1, shore_point[1], rng)[0]
        if inside(outline.all_rings, site[:1], site[1])[0] or not is_covered(site.round(5)):
            continue
        candidates = site + _in_disc(SOIL_RADIUS_KM, 40, site[1], rng)
        on_land = [inside(outline.rings["China"], point[:1], point[1])[0] for point in candidates]
        soils = candidates[on_land & is_covered(candidates.round(5))]
        if len(soils) >= SOILS_PER_SITE:
            return site.round(5), soils[:SOILS_PER_SITE].round(5)


def _in_disc(radius_km, count, latitude, rng):
    """Offsets in degrees, even over a disc."""
    angle = rng.uniform(0, 2 * np.pi, count)
    distance = radius_km * np.sqrt(rng.uniform(0, 1, count))
    return np.column_stack([distance * np.cos(angle), distance * np.sin(angle)]) / scale(latitude)
