"""A small coast in files, and for each tool parameters that run on it in a moment: for tests over all tools."""

import numpy as np
import pandas as pd
from qgis.core import QgsCoordinateReferenceSystem

from coastal_hm_plugin.core.monitor import SILENT
from coastal_hm_plugin.processing_provider.geopackage import GeoPackage
from tests.processing.bad_input import metals, raster, sites

ENDINGS = {"sink": ".gpkg", "rasterDestination": ".tif", "folderDestination": "", "fileDestination": ".html"}
FILES = {"MODEL": ".json", "MANIFEST": ".json", "DIAGRAM": ".png"}


def make_coast(folder):
    """Soil, sediment, water, isotopes and polygons in coast.gpkg, and a raster."""
    x, y = sites()
    raster(folder / "over.tif")
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    package = GeoPackage(folder / "coast.gpkg", SILENT)
    soil = pd.DataFrame(metals())
    soil = soil.assign(PERI=80 + 40 * soil["Cd"] / soil["Cd"].mean(), estuary=["north", "south"] * 20)
    sediment = pd.DataFrame(metals(seed=3)).assign(estuary=["north", "south"] * 20)
    water = pd.DataFrame({f"{metal}_ugL": values / 100 for metal, values in metals(seed=5).items()})
    lead = pd.DataFrame({"r206_207": np.linspace(1.165, 1.185, 40), "r208_206": np.linspace(2.085, 2.095, 40)})
    for name, table in (("soil", soil), ("sediment", sediment), ("water", water)):
        package.add_points(name, table, x, y, degrees)
    package.add_points("lead", lead.assign(medium=["soil", "water"] * 20), x, y, degrees)
    ends = {"source": ["Soil", "Coal"], "Meanr206_207": [1.19, 1.16], "SDr206_207": [0.014, 0.007]}
    ends.update(Meanr208_206=[2.08, 2.10], SDr208_206=[0.013, 0.011])
    package.add_points("ends", pd.DataFrame(ends), x[:2], y[:2], degrees)
    profiles = pd.DataFrame({"factor": ["factor1", "factor2"], "species": "Pb", "percent_of_species": [40.0, 60.0]})
    package.add_points("profiles", profiles, x[:2], y[:2], degrees)


def parameters(folder):
    """Tool -> the parameters that it needs, without its outputs. ``folder`` holds risk.json of the training tool."""
    soil, sediment, water, lead, ends, profiles = (
        f"{folder / 'coast.gpkg'}|layername={name}"
        for name in ("soil", "sediment", "water", "lead", "ends", "profiles")
    )
    over, model = str(folder / "over.tif"), str(folder / "risk.json")
    pmf = {"INPUT": soil, "STARTS": 2}
    return {
        "pairmedia": {"SOIL": soil, "SITES": sediment, "WATER": water, "STATISTIC": 1},
        "samplecovariates": {"INPUT": soil, "RASTERS": [over], "METHOD": 1},
        "pointdensity": {"INPUT": soil, "TEMPLATE": over, "EXTENT": "121.2,122,38.8,39.3 [EPSG:4326]"},
        "distancetofeatures": {"INPUT": soil, "TEMPLATE": over},
        "geochemicalbaselines": {"INPUT": soil, "METHODS": [0, 2], "BOOTSTRAP": 20, "BACKGROUND": 1},
        "mediazones": {"SEDIMENT": sediment, "SOIL": soil, "METHODS": [0, 2], "BOOTSTRAP": 20},
        "partitioncoefficients": {"SEDIMENT": sediment, "WATER": water, "GROUPS": "estuary"},
        "comparegroups": {"INPUT": soil, "VARIABLES": ["Cd", "Pb"], "GROUP_FIELD": "estuary"},
        "correlation": {
            "INPUT": soil, "VARIABLES": ["Cd", "Pb"], "OTHER_VARIABLES": ["Zn", "PERI"], "MANTEL": True,
            "PERMUTATIONS": 19,
        },
        "regression": {"INPUT": soil, "TARGET": "PERI", "PREDICTORS": ["Pb", "Zn"], "LOG10_FIELDS": ["Pb"]},
        "structuralequationmodel": {"INPUT": soil, "MODEL": "PERI ~ Pb + Zn; Pb ~ Zn", "DROP_BELOW": 0.01},
        "pmf": {
            **pmf, "FACTORS": 2, "BOOTSTRAPS": 3, "DISPLACEMENT": True, "BSDISP": True, "BSDISP_SPECIES": "Cd",
            "FPEAK": "0.5", "CONSTRAINTS": "factor1: Cd up", "INPUT_2": sediment, "JOINT": True,
        },
        "pmffactornumber": {**pmf, "MIN": 2, "MAX": 3, "BOOTSTRAPS": 10, "SIMULATIONS": 19},
        "isotopefractionation": {"INPUT": lead, "ISOTOPES": "r206_207", "STANDARD": 4, "MEDIUM": "medium"},
        "isotopemixing": {
            "INPUT": lead, "SOURCES": ends, "PMF_PROFILES": profiles, "PMF_SPECIES": "Pb", "PMF_FACTORS": "factor1",
            "ANTHROPOGENIC": "Coal",
        },
        "pollutionindices": {"INPUT": soil, "BACKGROUND": 2, "METALS": "Cd; Pb"},
        "trainriskmodel": {
            "INPUT": soil, "TARGET": "PERI", "RASTERS": [over], "FOLDS": 2, "REPEATS": 1, "COMPARE_WU2025": False,
        },
        "explainriskmodel": {"INPUT": soil, "MODEL": model, "MAX_SECONDS": 1.0, "CELL_SIZE": 0.3},
        "predictriskpoints": {"INPUT": sediment, "MODEL": model},
        "predictriskraster": {"MODEL": model},
        "interpolatesurface": {"INPUT": soil, "VARIABLE": "Cd", "CELL_SIZE": 0.1},
        "riskscenario": {"MODEL": model, "CHANGES": "over + 0.1", "POINTS": sediment},
        "assessment": {
            "SOIL": soil, "FOLDS": 2, "PMF_FACTORS": 2, "PMF_STARTS": 2, "PMF_BOOTSTRAPS": 0,
            "REPEATS": 1, "LOAD": False,
        },
        "examplecoast": {"LOAD": False},
        "checkdependencies": {"INSTALL": False},
    }  # fmt: skip


def outputs(algorithm, folder, all_of_them=True):
    """A file for each output of a tool, or for those alone that it cannot do without."""
    wanted = {}
    for definition in algorithm.destinationParameterDefinitions():
        if all_of_them or not definition.flags() & definition.Flag.FlagOptional:
            is_file = definition.type() == "fileDestination"
            ending = (is_file and FILES.get(definition.name())) or ENDINGS[definition.type()]
            wanted[definition.name()] = str(folder / f"{definition.name().lower()}{ending}")
    return wanted
