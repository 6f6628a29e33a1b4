"""The tables of the survey: what a laboratory would report for the planted coast."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import partitioning
from .coastline import ESTUARIES, SOILS_PER_SITE, scale
from .fields import random_field
from .sources import ELEMENTS, Planted, plant, raw_contributions, site_drivers

ANALYTICAL_ERROR = 0.08  # relative standard deviation
WITHIN_SITE = 0.12  # of a source's contribution between the soils of one site (log units)
DIGITS = 4
SOIL_LETTERS = "abc"
DETECTION_LIMITS = {
    "soil": {"Hg": 0.010},
    "sediment": {"Hg": 0.010, "Cd": 0.030},
    "water": {"Cd": 0.020, "Pb": 0.10},
}
# values the laboratory lost: how many of a column
LOST = {"soil": {"Zn": 2, "OM": 3}, "sediment": {"OM": 2, "As": 1}, "water": {"DO": 2}}


@dataclass(frozen=True, eq=False)
class Survey:
    """The tables (a row a sample) and the truth behind them. log_kd: sites x water elements."""

    soil: pd.DataFrame
    sediment: pd.DataFrame
    water: pd.DataFrame
    planted: dict
    log_kd: np.ndarray

    @property
    def tables(self):
        """Medium -> table."""
        return {"soil": self.soil, "sediment": self.sediment, "water": self.water}


def make_survey(coast, estuaries, sites, soils, rng):
    """Sample the coast at its sites: soil, sediment and water tables with everything real tables have."""
    place = {"site_id": [f"S{number + 1:03d}" for number in range(len(sites))], "estuary": estuaries}
    place = pd.DataFrame({**place, "longitude": sites[:, 0], "latitude": sites[:, 1]})
    drivers = site_drivers(coast, sites, rng)
    properties = _properties(coast, estuaries, sites, drivers["hotspot"], rng)

    soil_raw = raw_contributions(drivers, properties["OM_soil"], rng)
    soil_raw = np.repeat(soil_raw, SOILS_PER_SITE, axis=0)
    soil_truth = plant(soil_raw * np.exp(WITHIN_SITE * rng.standard_normal(soil_raw.shape)), "soil")
    sandy_bed = {**drivers, "sand": rng.permutation(drivers["sand"])}
    sediment_truth = plant(raw_contributions(sandy_bed, properties["OM_sediment"], rng), "sediment")
    log_kd = partitioning.log_kd(properties["salinity"], properties["pH_water"], properties["OM_sediment"], rng)

    soil_place = place.loc[np.repeat(place.index, SOILS_PER_SITE)].reset_index(drop=True)
    letters = list(SOIL_LETTERS) * len(place)
    soil_place.insert(0, "soil_id", [f"{site}-{letter}" for site, letter in zip(soil_place.pop("site_id"), letters)])
    soil_place[["longitude", "latitude"]] = soils.reshape(-1, 2)
    water_columns = [ELEMENTS.index(element) for element in partitioning.WATER_ELEMENTS]
    in_water = partitioning.dissolved(_levels(sediment_truth)[:, water_columns], log_kd)

    soil = _table(soil_place, ELEMENTS, _levels(soil_truth), _vary(properties, "soil", rng), rng)
    sediment = _table(place, ELEMENTS, _levels(sediment_truth), _named(properties, "sediment"), rng)
    named = _named(properties, "water")
    water = _table(place, [f"{element}_ugL" for element in partitioning.WATER_ELEMENTS], in_water, named, rng)
    planted = {"soil": soil_truth, "sediment": sediment_truth}
    reported = {
        medium: _report(table, medium, rng)
        for medium, table in {"soil": soil, "sediment": sediment, "water": water}.items()
    }
    return Survey(**reported, planted=planted, log_kd=log_kd)


def composite(truth: Planted):
    """Contributions of the soils averaged over each site: what a pipeline sees after pairing."""
    return truth.contributions.reshape(-1, SOILS_PER_SITE, truth.contributions.shape[1]).mean(axis=1)


def _levels(truth):
    return truth.contributions @ truth.profiles


def _properties(coast, estuaries, sites, hotspot, rng):
    """Organic matter (g/kg), pH, dissolved oxygen (mg/L), salinity (PSU) and water temperature (degrees C) at sites."""
    cells = coast.grid.cells(sites)

    def field(range_km):
        return random_field(rng, coast.grid, range_km)[cells]

    def noise(spread):
        return spread * rng.standard_normal(len(sites))

    fertility = field(80)
    wet = (coast.at("precipitation", sites) - 800) / 150
    temperature = 12.5 + 0.85 * coast.at("temperature", sites) + noise(0.6)
    oxygen = 7.2 - 0.08 * (temperature - 22) + 0.5 * field(60) + noise(0.2)
    salinity = _salinity(estuaries, sites, 30.6 + 0.7 * field(150)) + noise(0.5)
    return {
        "OM_soil": 15 * np.exp(0.45 * fertility + 0.3 * hotspot + noise(0.1)),
        "OM_sediment": 12 * np.exp(0.25 * fertility + 0.3 * field(60) + 0.3 * hotspot + noise(0.1)),
        "pH_soil": np.clip(7.7 - 0.5 * wet + 0.35 * field(60) + noise(0.15), 4.5, 9.2),
        "pH_sediment": np.clip(7.9 + 0.15 * field(90) + noise(0.1), 6.5, 8.8),
        "pH_water": 8.05 + 0.10 * (oxygen - 7) + noise(0.08),
        "DO_water": oxygen,
        "salinity": salinity,
        "temperature": temperature,
    }


def _salinity(estuaries, sites, open_sea):
    """River water fades into the sea's over the reach of its mouth."""
    salinity = open_sea.copy()
    for estuary in ESTUARIES:
        here = estuaries == estuary.name
        mouth = np.array([estuary.longitude, estuary.latitude])
        away = np.hypot(*((sites[here] - mouth) * scale(estuary.latitude)).T)
        salinity[here] -= (open_sea[here] - estuary.salinity) * np.exp(-0.5 * (away / (0.8 * estuary.reach_km)) ** 2)
    return salinity


def _named(properties, medium):
    """The properties of one medium under their plain names."""
    if medium == "water":
        order = {"pH_water": "pH", "DO_water": "DO", "salinity": "salinity", "temperature": "temperature"}
    else:
        order = {f"OM_{medium}": "OM", f"pH_{medium}": "pH"}
    return {name: properties[key] for key, name in order.items()}


def _vary(properties, medium, rng):
    """The site's properties with what differs between its soils."""
    named = {name: np.repeat(values, SOILS_PER_SITE) for name, values in _named(properties, medium).items()}
    count = len(named["OM"])
    return {
        "OM": named["OM"] * np.exp(0.06 * rng.standard_normal(count)),
        "pH": named["pH"] + 0.08 * rng.standard_normal(count),
    }


def _table(place, names, levels, properties, rng):
    measured = levels * np.exp(ANALYTICAL_ERROR * rng.standard_normal(levels.shape))
    table = place.copy()
    for name, values in zip(names, measured.T):
        table[name] = [float(f"{value:.{DIGITS}g}") for value in values]
    for name, values in properties.items():
        table[name] = np.round(values, 2)
    return table


def _report(table, medium, rng):
    """As a laboratory writes it: non-detects as "<limit", lost values empty."""
    table = table.copy()
    for name, count in LOST[medium].items():
        table.loc[rng.choice(len(table), count, replace=False), name] = np.nan
    for element, limit in DETECTION_LIMITS[medium].items():
        name = f"{element}_ugL" if medium == "water" else element
        values = table[name]
        table[name] = values.map(str).where(values >= limit, f"<{limit:g}")
    return table
