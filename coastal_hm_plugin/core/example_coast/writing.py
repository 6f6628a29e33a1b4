"""The files of the example: tables, rasters with class names, the planted truth, a read-me."""

import json

import numpy as np
import pandas as pd

from ..example_files import Band, write_csv, write_raster, write_text
from . import partitioning, rasters
from .coastline import ESTUARIES, SITES, SOILS_PER_SITE
from .samples import DETECTION_LIMITS, composite
from .sources import BACKGROUND, CONTAMINATED, ELEMENTS, SOURCES

SYNTHETIC = "SYNTHETIC DATA, made by a random generator. Not measurements: they say nothing of any real place."
NUMBERS = {
    "elevation": ("Elevation", "m"),
    "ndvi": ("Normalized difference vegetation index", "1"),
    "population": ("Population density", "persons/km2"),
    "gdp": ("Gross domestic product", "10,000 yuan/km2"),
    "enterprise_density": ("Enterprise density", "enterprises/100 km2"),
    "precipitation": ("Annual precipitation", "mm"),
    "temperature": ("Annual mean air temperature", "degrees C"),
}
CLASSES = {"lithology": ("Lithology", rasters.LITHOLOGY), "land_use": ("Land use", rasters.LAND_USE)}
WITH_DECIMALS = ("ndvi", "enterprise_density", "temperature")


def write_tables(survey, coast, folder):
    """soil.csv, sediment.csv, water.csv and enterprises.csv; longitude and latitude in WGS 84."""
    for medium, table in survey.tables.items():
        write_csv(table, folder / f"{medium}.csv")
    count = len(coast.enterprises)
    enterprises = pd.DataFrame(
        {
            "enterprise_id": [f"E{number + 1:04d}" for number in range(count)],
            "sector": coast.sectors,
            "longitude": coast.enterprises[:, 0],
            "latitude": coast.enterprises[:, 1],
        }
    )
    write_csv(enterprises, folder / "enterprises.csv")


def write_rasters(coast, folder, monitor):
    """rasters/<name>.tif (EPSG:4326, tiled, deflate), and class names beside those of classes."""
    folder.mkdir()
    grid = coast.grid
    bands = {}
    for name, (title, unit) in NUMBERS.items():
        values = coast.numbers[name]
        cells = np.where(np.isnan(values), rasters.NUMBER_NODATA, values)
        cells = cells.astype(np.float32 if name in WITH_DECIMALS else np.int32)
        bands[name] = cells, Band(f"{title} (synthetic)", unit, rasters.NUMBER_NODATA, SYNTHETIC)
    for name, (title, classes) in CLASSES.items():
        band = Band(f"{title} (synthetic)", "class", rasters.CATEGORY_NODATA, SYNTHETIC, classes)
        bands[name] = coast.categories[name].astype(np.uint8), band
    for number, (name, (cells, band)) in enumerate(bands.items()):
        monitor.progress(number / len(bands))
        write_raster(folder / f"{name}.tif", cells, band, "EPSG:4326", (grid.west, grid.north), grid.cell)


def write_truth(survey, seed, folder):
    """truth/truth.json and a table of each medium's contributions."""
    folder.mkdir()
    soil, sediment = survey.planted["soil"], survey.planted["sediment"]
    site_ids = survey.sediment["site_id"]
    for name, keys, values in (
        ("contributions_soil", survey.soil["soil_id"], soil.contributions),
        ("contributions_soil_by_site", site_ids, composite(soil)),
        ("contributions_sediment", site_ids, sediment.contributions),
    ):
        table = pd.DataFrame(values.round(6), columns=list(SOURCES))
        table.insert(0, keys.name, keys)
        write_csv(table, folder / f"{name}.csv")
    log_kd = pd.DataFrame(survey.log_kd.round(6), columns=list(partitioning.WATER_ELEMENTS))
    log_kd.insert(0, "site_id", site_ids)
    write_csv(log_kd, folder / "log10_kd.csv")
    text = json.dumps(_truth(survey, seed), indent=1)
    write_text(text + "\n", folder / "truth.json")


def _truth(survey, seed):
    return {
        "about": SYNTHETIC,
        "seed": seed,
        "elements": list(ELEMENTS),
        "sources": list(SOURCES),
        "profiles_mg_kg": {
            medium: {source: _plain(row) for source, row in planted.profile_table().iterrows()}
            for medium, planted in survey.planted.items()
        },
        "background_mg_kg": {medium: dict(zip(ELEMENTS, levels)) for medium, levels in BACKGROUND.items()},
        "background_means": f"mean of samples whose industrial and legacy contributions are at most {CONTAMINATED:g}",
        "contaminated_samples": {m: int(planted.contaminated.sum()) for m, planted in survey.planted.items()},
        "log10_kd_l_kg": {
            "reference": partitioning.REFERENCE,
            "unexplained_sd": partitioning.UNEXPLAINED,
            "drivers": {element: _plain(row) for element, row in partitioning.DRIVERS.iterrows()},
        },
        "risk_hotspot": {
            "where": "beside the Yalu estuary",
            "longitude": rasters.HOTSPOT[0],
            "latitude": rasters.HOTSPOT[1],
            "radius_km": rasters.HOTSPOT_RADIUS_KM,
        },
        "drivers_of_sources": {
            "lithogenic": ["lithology"],
            "agricultural": ["land_use"],
            "industrial": ["enterprise_density"],
            "coal and legacy": ["OM", "gdp"],
        },
        "drivers_of_peri": ["enterprise_density", "OM", "gdp"],
        "detection_limits": DETECTION_LIMITS,
    }


def _plain(row):
    return {name: round(float(value), 8) for name, value in row.items()}


def write_readme(seed, folder):
    """README.txt: what the files are, and that nothing in them was measured."""
    rivers = ", ".join(estuary.name for estuary in ESTUARIES)
    lines = [
        "Example coast for Coastal Heavy Metal Risk",
        "",
        SYNTHETIC,
        "",
        f"A survey of soil, sediment and water as in Wu et al. (2025, Mar. Pollut. Bull., 118969): {SITES} sites along",
        f"the Chinese shore of the Bohai and Yellow Sea with the estuaries of four rivers ({rivers}),",
        f"and {SOILS_PER_SITE} soils within 500 m of each. Levels follow the paper's Table 1.",
        f"Seed {seed}: the same seed makes the same files.",
        "",
        "soil.csv, sediment.csv    mg/kg; OM in g/kg; '<0.01' is below the detection limit; empty is lost",
        "water.csv                 ug/L; DO in mg/L, salinity in PSU, temperature in degrees C",
        "enterprises.csv           factories",
        "                          longitude and latitude are WGS 84 (EPSG:4326)",
        "rasters/                  cells of 0.02 degrees over the coastal zone (elevation everywhere)",
        *(f"  {name + '.tif':<24}{title}, {unit}" for name, (title, unit) in NUMBERS.items()),
        *(f"  {name + '.tif':<24}{title}, classes as in {name}.tsv" for name, (title, _) in CLASSES.items()),
        "truth/                    what was planted, for checking a method against: truth.json and the tables",
        "                          of every source's contribution and of log10 Kd",
        "",
        "Land outline: Natural Earth 1:10m (public domain), as generalised by the QGIS project.",
    ]
    write_text("\n".join(lines) + "\n", folder / "README.txt")
