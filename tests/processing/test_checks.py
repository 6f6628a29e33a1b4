"""What a tool says of its parameters before it runs: the label of the field, and what is wrong; and no false alarm."""

import json
import re

import numpy as np
import pytest
from qgis.core import QgsApplication, QgsProcessingContext, QgsProject

from tests.processing.bad_input import metals, point_layer, raster, sites

pytestmark = pytest.mark.usefixtures("provider")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Rasters, class files and a risk model's sidecar."""
    folder = tmp_path_factory.mktemp("files")
    raster(folder / "over.tif")
    (folder / "classes.tsv").write_text("1\tsand\n2\trock\n", encoding="utf-8")
    (folder / "wrong.tsv").write_text("sand\nrock\n", encoding="utf-8")
    side = {
        "features": [{"name": "ndvi", "labels": []}, {"name": "landcover", "labels": ["cropland", "forest"]}],
        "inputs": {"predictor": ["ndvi", "landcover", "slope"]},
        "manifest": {"covariates": []},
    }
    for name in ("risk.json", "alone.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    (folder / "risk.sidecar.json").write_text(json.dumps(side), encoding="utf-8")
    return folder


def soils(count=40, crs="EPSG:4326", **columns):
    return point_layer({**metals(count), "PERI": np.arange(count, dtype=float), **columns}, *sites(count), crs=crs)


def waters(count=40):
    values = {f"{metal}_ugL": column / 100 for metal, column in metals(count).items()}
    return point_layer(values, *sites(count), name="water")


def both_media():
    return soils(**{f"water_{metal}": column / 100 for metal, column in metals().items()})


def check(tool, files, **parameters):
    """What checkParameterValues says: whether all is well, and the message. ``@`` stands for the folder of files."""
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"coastalhm:{tool}")
    given = {name: value() if callable(value) else value for name, value in parameters.items()}
    given = {name: value.replace("@", str(files)) if isinstance(value, str) else value for name, value in given.items()}
    for definition in algorithm.destinationParameterDefinitions():
        if not algorithm.parameterDefinition(definition.name()).flags() & definition.Flag.FlagOptional:
            given.setdefault(definition.name(), "TEMPORARY_OUTPUT")
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    return algorithm.checkParameterValues(given, context)


# (tool, what it needs, what is right, what is wrong, label: message); the same parameter both ways
CASES = {
    "layer without a CRS": (
        "geochemicalbaselines", {}, {"INPUT": soils}, {"INPUT": lambda: soils(crs="")},
        "Samples: Layer 'samples' has no coordinate reference system",
    ),
    "empty layer": (
        "assessment", {}, {"SOIL": soils}, {"SOIL": lambda: soils(0)}, "Soil samples: Layer 'samples' holds no points",
    ),
    "too few sites": (
        "trainriskmodel", {"TARGET": "PERI"}, {"INPUT": lambda: soils(20)}, {"INPUT": lambda: soils(19)},
        "Sites: Layer 'samples' holds 19 sites; a risk model needs 20",
    ),
    "unknown element": (
        "pollutionindices", {"INPUT": soils}, {"ELEMENTS": "cadmium=Cd; Pb="}, {"ELEMENTS": "Xx=Cd"},
        "Elements and their fields: 'Xx' is not an element",
    ),
    "field of an element": (
        "pmf", {"INPUT": soils}, {"ELEMENTS": "Cd=pb; Pb=Pb"}, {"ELEMENTS": "Cd=lost"},
        "Elements and their fields: There is no field 'lost' for Cd",
    ),
    "two fields of a metal": (
        "geochemicalbaselines", {"INPUT": lambda: soils(Cd_2019=metals()["Cd"])}, {"ELEMENTS": "Cd=Cd"}, {},
        "Elements and their fields: Fields 'Cd' and 'Cd_2019' both look like Cd",
    ),
    "fields of a medium": (
        "assessment", {"SOIL": soils}, {"SEDIMENT_ELEMENTS": "Cd=lost"}, {"SOIL_ELEMENTS": "Cd=lost"},
        "Elements and their fields of the soil: There is no field 'lost'",
    ),
    "water in the layer of the sediment": (
        "partitioncoefficients", {"SEDIMENT": both_media}, {"WATER_ELEMENTS": "Cd=water_Cd"},
        {"WATER_ELEMENTS": "Cd=water_U"}, "Elements and their fields of the water: There is no field 'water_U'",
    ),
    "soil in the layer of the sediment": (
        "mediazones", {"SEDIMENT": soils}, {"SOIL": soils, "SOIL_ELEMENTS": "Cd=Pb"}, {"SOIL_ELEMENTS": "Cd=soil_Cd"},
        "Elements and their fields of the soil: There is no field 'soil_Cd'",
    ),
    "second medium": (
        "pmf", {"INPUT": soils, "INPUT_2": waters, "MEDIUM_2": 2}, {"SECOND_UNITS": "ng/L"}, {"SECOND_UNITS": "%"},
        "Units of the second medium: The unit % of As does not fit water",
    ),
    "units": (
        "geochemicalbaselines", {"INPUT": soils}, {"UNITS": "Cd=ug/kg; U=%"}, {"UNITS": "bushels"},
        "Units: 'bushels' is not a known unit",
    ),
    "detection limits": (
        "pmffactornumber", {"INPUT": soils}, {"DETECTION_LIMITS": "Cd=0.1; Hg=PERI; U=x"},
        {"DETECTION_LIMITS": "Cd=low"}, "Detection limits: The detection limit of Cd, 'low', is neither",
    ),
    "detection limit of own species": (
        "pmf", {"INPUT": soils}, {"FIELDS": ["PERI", "Cd"], "DETECTION_LIMITS": "PERI=0.1"},
        {"DETECTION_LIMITS": "PERI=0.1"}, "Detection limits: 'PERI=0.1' cannot be read as detection limits",
    ),
    "own backgrounds": (
        "pollutionindices", {"INPUT": soils}, {"BACKGROUND_VALUES": "Cd=0,1; Pb=23"}, {"BACKGROUND_VALUES": "Cd=-1"},
        "Own background values: In the background values, Cd=-1 is not a positive number",
    ),
    "toxic response": (
        "pollutionindices", {"INPUT": soils}, {"TOXIC_RESPONSE": "Co=5"}, {"TOXIC_RESPONSE": "5"},
        "Own toxic response factors: '5' cannot be read",
    ),
    "standard deviations": (
        "partitioncoefficients", {"SEDIMENT": soils, "WATER": waters}, {"SEDIMENT_SDS": "Cd=PERI"},
        {"SEDIMENT_SDS": "Cd=sd"}, "Standard deviations of the sediment's replicates: There is no field 'sd'",
    ),
    "uncertainty fields": (
        "pmf", {"INPUT": soils}, {"UNCERTAINTIES": "Cd=PERI"}, {"UNCERTAINTIES": "Cd=sd"},
        "Uncertainty fields: There is no field 'sd' for the uncertainty of Cd",
    ),
    "error fractions": (
        "pmf", {"INPUT": soils}, {"ERROR_FRACTIONS": "Cd=0.2"}, {"ERROR_FRACTIONS": "Cd=much"},
        "Other error fractions: An error fraction is no number",
    ),
    "constraints": (
        "pmf", {"INPUT": soils, "FACTORS": 2}, {"CONSTRAINTS": "factor2: Cd = 0; factor1: Pb up 0.5 %"},
        {"CONSTRAINTS": "factor3: Cd = 0"}, "Constraints, position 1, at 'factor3: Cd = 0': there is no factor3",
    ),
    "constraints on own species": (
        "pmf", {"INPUT": soils, "FIELDS": ["PERI", "Cd"]}, {"CONSTRAINTS": "factor2: PERI down"},
        {"CONSTRAINTS": "factor2: Pb down"}, "Constraints, position 10, at 'Pb down'",
    ),
    "fpeak": (
        "pmf", {"INPUT": soils}, {"FPEAK": "-1; 0,5"}, {"FPEAK": "strong"}, "Fpeak strengths: The Fpeak strengths",
    ),
    "class files": (
        "samplecovariates", {"INPUT": soils, "RASTERS": ["@/over.tif"]}, {"CLASSES": "over=@/classes.tsv"},
        {"CLASSES": "over=@/lost.tsv"}, "Class files: Class file '.*lost.tsv' cannot be read",
    ),
    "content of class files": (
        "trainriskmodel", {"INPUT": soils, "TARGET": "PERI"}, {"CLASSES": "over=@/wrong.tsv"},
        {"RASTERS": ["@/over.tif"], "CLASSES": "over=@/wrong.tsv"},
        "Class names of rasters: Class file '.*wrong.tsv' must have a whole-number code",
    ),
    "model and sidecar": (
        "predictriskraster", {}, {"MODEL": "@/risk.json"}, {"MODEL": "@/alone.json"},
        "Model: '.*alone.json' is no risk model, or its sidecar 'alone.sidecar.json' is not beside it",
    ),
    "model to join": (
        "samplecovariates", {"INPUT": soils}, {"MODEL": "@/risk.sidecar.json"}, {"MODEL": "@/lost.json"},
        "Trained model whose covariates to join: '.*lost.json' holds no covariate manifest",
    ),
    "changes": (
        "riskscenario", {"MODEL": "@/risk.json"}, {"CHANGES": "ndvi + 0.1; landcover: cropland -> forest"},
        {"CHANGES": "ndwi + 0.1"}, "Changes, position 1, at 'ndwi .*': there is no covariate 'ndwi'",
    ),
    "change of what is not used": (
        "riskscenario", {"MODEL": "@/risk.json"}, {"CHANGES": "ndvi = 1"}, {"CHANGES": "slope = 1"},
        "Changes, position 1, at 'slope = 1': the model does not use 'slope'",
    ),
    "model text": (
        "structuralequationmodel", {"INPUT": soils}, {"MODEL": "soil =~ Cd + Pb; PERI ~ soil"},
        {"MODEL": "soil = Cd + Pb"}, "Model text in lavaan's syntax: Model text, line 1, column 6: '='",
    ),
    "ready model": (
        "structuralequationmodel", {"INPUT": soils}, {"MODEL_KIND": 1, "MODEL": "soil ="}, {"MODEL": "soil ="},
        "Model text in lavaan's syntax: ",
    ),
    "model file": (
        "structuralequationmodel", {"INPUT": soils}, {"MODEL_FILE": "@/classes.tsv"}, {"MODEL_FILE": "@/lost.txt"},
        "Model file: There is no file",
    ),
    "target": (
        "trainriskmodel", {"INPUT": soils}, {"TARGET": "Cd"}, {"TARGET": "RI"},
        "Target: There is no field 'RI'. The fields are: As",
    ),
    "target by default": (
        "trainriskmodel", {}, {"INPUT": soils, "TARGET": "PERI"}, {"INPUT": lambda: point_layer(metals(), *sites())},
        "Target: There is no field 'PERI'",
    ),
    "predictors": (
        "trainriskmodel", {"INPUT": soils, "TARGET": "Cd"}, {"PREDICTORS": ["over"], "RASTERS": ["@/over.tif"]},
        {"PREDICTORS": ["over"]}, "Predictor fields: There is no field 'over'",
    ),
    "target among the predictors": (
        "regression", {"INPUT": soils, "TARGET": "PERI"}, {"PREDICTORS": ["Cd", "Pb"]}, {"PREDICTORS": ["Cd", "PERI"]},
        "Predictors: 'PERI' is the target and a predictor",
    ),
    "field of weights": (
        "pointdensity", {"INPUT": soils}, {"WEIGHT": "PERI"}, {"WEIGHT": "jobs"}, "Weight: There is no field 'jobs'",
    ),
    "suffix of a raster": (
        "pointdensity", {"INPUT": soils}, {"OUTPUT": "@/out.TIFF"}, {"OUTPUT": "@/out.img"},
        "Density: '.*out.img': rasters are written as GeoTIFF",
    ),
    "extent": (
        "pointdensity", {"INPUT": soils, "TEMPLATE": "@/over.tif"}, {"EXTENT": "121,122,39,40 [EPSG:4326]"},
        {"EXTENT": "10,11,39,40 [EPSG:4326]"}, "Extent: It does not overlap the template raster 'over'",
    ),
    "extent in another CRS": (
        "pointdensity", {"INPUT": soils, "TEMPLATE": "@/over.tif"},
        {"EXTENT": "300000,400000,4300000,4400000 [EPSG:32651]"},
        {"EXTENT": "300000,400000,300000,400000 [EPSG:32651]"}, "Extent: It does not overlap",
    ),
    "extent that no raster needs": (
        "explainriskmodel", {"INPUT": soils, "MODEL": "@/risk.json", "TEMPLATE": "@/over.tif",
        "EXTENT": "10,11,39,40 [EPSG:4326]"}, {}, {"DRIVER_RASTER": "@/out.tif"}, "Extent of the rasters: It does not",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tool", "needs", "right", "wrong", "message"), CASES.values(), ids=CASES)
def test_a_wrong_value_is_told_at_its_field_and_a_right_one_is_not(tool, needs, right, wrong, message, files):
    needs = {name: _in(files, value) for name, value in needs.items()}
    right, wrong = ({name: _in(files, value) for name, value in some.items()} for some in (right, wrong))
    well, said = check(tool, files, **{**needs, **right})
    assert well, said
    well, said = check(tool, files, **{**needs, **wrong})
    assert not well
    assert re.match(message, said), said


def _in(files, value):
    return [one.replace("@", str(files)) for one in value] if isinstance(value, list) else value
