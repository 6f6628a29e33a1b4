"""Write the models that the provider ships:  python scripts/model3.py

coastal_hm_plugin/resources/models/<id>.model3, as the model designer of QGIS saves them. The steps stand here, so that
a model can be made again when a tool's parameters change; the same steps give the same file.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "coastal_hm_plugin" / "resources" / "models"
sys.path.insert(0, str(ROOT))

TITLE, GROUP = "Coast: from samples to a PERI map", "Workflow"
MODEL = "samplestoperimap"

# child id -> (tool, what it does, {parameter: source}, {output: (name, label)}, (column, row) on the canvas); a source
# is "@NAME" for an input of the model, "STEP.OUTPUT" for the output of a step, or a value
STEPS = {
    "PAIRING": (
        "pairmedia",
        "Soils and waters of each sediment site",
        {"SOIL": "@SOIL", "SITES": "@SEDIMENT", "WATER": "@WATER", "RADIUS": "@RADIUS"},
        {},
        (1, 0),
    ),
    "COVARIATES": (
        "samplecovariates",
        "Covariates of the paired sites",
        {"INPUT": "PAIRING.PAIRS", "RASTERS": "@RASTERS", "CLASSES": "@CLASSES", "METHOD": 4},
        {"OUTPUT": ("PAIRS", "Paired sites with covariates")},
        (2, 0),
    ),
    "KD": (
        "partitioncoefficients",
        "Partition between sediment and water",
        {"SEDIMENT": "@SEDIMENT", "WATER": "@WATER", "RADIUS": "@RADIUS"},
        {"OUTPUT": ("SITES", "Partition coefficients"), "REPORT": ("REPORT", "Report of the partition coefficients")},
        (3, 0),
    ),
    "SOIL_BASELINES": (
        "geochemicalbaselines",
        "Baselines of the soil",
        {"INPUT": "@SOIL", "MEDIUM": 0, "SEED": "@SEED"},
        {
            "BASELINES": ("BASELINES", "Baselines of the soil"),
            "REPORT": ("REPORT", "Report of the soil baselines"),
        },
        (1, 2),
    ),
    "SEDIMENT_BASELINES": (
        "geochemicalbaselines",
        "Baselines of the sediment",
        {"INPUT": "@SEDIMENT", "MEDIUM": 1, "SEED": "@SEED"},
        {"BASELINES": ("BASELINES", "Baselines of the sediment")},
        (1, 1),
    ),
    "ZONES": (
        "mediazones",
        "Zones of contamination",
        {
            "SEDIMENT": "@SEDIMENT",
            "SOIL": "@SOIL",
            "RADIUS": "@RADIUS",
            "SOIL_BASELINES": "SOIL_BASELINES.BASELINES",
            "SEDIMENT_BASELINES": "SEDIMENT_BASELINES.BASELINES",
            "SEED": "@SEED",
        },
        {"OUTPUT": ("SITES", "Contamination zones")},
        (2, 1),
    ),
    "INDICES": (
        "pollutionindices",
        "PERI of the soil",
        {"INPUT": "@SOIL", "MEDIUM": 0, "BASELINES": "SOIL_BASELINES.BASELINES", "SCHEME": "@SCHEME", "SEED": "@SEED"},
        {"OUTPUT": ("SITES", "Pollution indices of the soil"), "REPORT": ("REPORT", "Report of the indices")},
        (2, 2),
    ),
    "SOURCES": (
        "pmf",
        "Sources of the metals in the soil",
        {"INPUT": "INDICES.OUTPUT", "FACTORS": "@FACTORS", "SEED": "@SEED"},
        {
            "CONTRIBUTIONS": ("CONTRIBUTIONS", "Contributions of the sources"),
            "PROFILES": ("PROFILES", "Profiles of the sources"),
            "REPORT": ("REPORT", "Report of the sources"),
        },
        (3, 1),
    ),
    "TRAINING": (
        "trainriskmodel",
        "Risk model of PERI",
        {
            "INPUT": "INDICES.OUTPUT",
            "TARGET": "PERI",
            "RASTERS": "@RASTERS",
            "CLASSES": "@CLASSES",
            "SCHEME": "@SCHEME",
            "SEED": "@SEED",
        },
        {"MODEL": ("MODEL", "Risk model"), "REPORT": ("REPORT", "Report of the risk model")},
        (3, 2),
    ),
    "MAP": (
        "predictriskraster",
        "PERI on every cell",
        {"MODEL": "TRAINING.MODEL"},
        {"OUTPUT": ("PERI", "PERI map"), "APPLICABILITY": ("APPLICABILITY", "Area of applicability")},
        (4, 2),
    ),
    "EXPLANATION": (
        "explainriskmodel",
        "What drives the prediction",
        {"INPUT": "INDICES.OUTPUT", "MODEL": "TRAINING.MODEL"},
        {
            "OUTPUT": ("SITES", "SHAP values and dominant driver of the soils"),
            "REPORT": ("REPORT", "Report of the explanation"),
        },
        (4, 3),
    ),
}
COLUMN, ROW = 290, 210  # of the canvas, in its units


def inputs():
    """The model's own parameters, in the order of its dialog."""
    from qgis.core import QgsProcessing, QgsProcessingParameterMultipleLayers

    from coastal_hm_plugin.core.risk_scheme import RISK_SCHEMES
    from coastal_hm_plugin.processing_provider import parameters as p

    raster = QgsProcessing.SourceType.TypeRaster
    return (
        p.points("SOIL", "Soil samples"),
        p.points("SEDIMENT", "Sediment samples"),
        p.points("WATER", "Water samples"),
        QgsProcessingParameterMultipleLayers("RASTERS", "Covariate rasters", raster),
        p.text("CLASSES", "Class names of rasters, as 'landcover=classes.tsv; rock=r.tsv'"),
        p.decimal("RADIUS", "Pairing radius (m)", 500.0, 0.1),
        p.choice("SCHEME", "Class limits of PERI", [scheme.title for scheme in RISK_SCHEMES.values()]),
        p.integer("FACTORS", "Number of PMF factors", 4, 1, 50),
        p.seed(),
    )


def build():
    """The model. Needs a running QgsApplication with the provider."""
    from qgis.core import QgsProcessingModelAlgorithm

    model = QgsProcessingModelAlgorithm(TITLE, GROUP)
    for number, parameter in enumerate(inputs()):
        model.addModelParameter(parameter, _component(parameter.name(), 0, number * 0.5))
    model.setParameterOrder([parameter.name() for parameter in inputs()])
    for name in STEPS:
        model.addChildAlgorithm(_step(name))
    model.updateDestinationParameters()
    return model


def _component(name, column, row):
    from qgis.core import QgsProcessingModelParameter
    from qgis.PyQt.QtCore import QPointF

    component = QgsProcessingModelParameter(name)
    component.setPosition(QPointF(120 + column * COLUMN, 60 + row * ROW))
    return component


def _step(name):
    from qgis.core import QgsProcessingModelChildAlgorithm
    from qgis.PyQt.QtCore import QPointF

    tool, what, sources, outputs, (column, row) = STEPS[name]
    child = QgsProcessingModelChildAlgorithm(f"coastalhm:{tool}")
    child.setChildId(name)
    child.setDescription(what)
    place = QPointF(120 + column * COLUMN, 60 + row * ROW)
    child.setPosition(place)
    for definition in child.algorithm().parameterDefinitions():
        if not definition.isDestination() and not definition.flags() & definition.Flag.FlagOptional:
            # the designer asks for every value that is not optional, also where a default would do
            child.addParameterSources(definition.name(), [_source(definition.defaultValue())])
    for parameter, source in sources.items():
        child.addParameterSources(parameter, [_source(source)])
    child.setModelOutputs(
        {
            output: _output(name, own, output, label, place + QPointF(110, 70 + 40 * number))
            for number, (own, (output, label)) in enumerate(outputs.items())
        }
    )
    return child


def _source(value):
    from qgis.core import QgsProcessingModelChildParameterSource as Source

    if isinstance(value, str) and value.startswith("@"):
        return Source.fromModelParameter(value[1:])
    step, _, output = value.partition(".") if isinstance(value, str) else ("", "", "")
    return Source.fromChildOutput(step, output) if step in STEPS else Source.fromStaticValue(value)


def _output(step, own, name, label, place):
    """own: what the tool calls it; name: what the model calls it, after the step."""
    from qgis.core import QgsProcessingModelOutput

    output = QgsProcessingModelOutput(name, label)
    output.setChildId(step)
    output.setChildOutputName(own)
    output.setPosition(place)
    return output


def main():
    """Start QGIS without a display and write."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_HASH_SEED"] = "0"  # else Qt writes the attributes in another order each time
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    from coastal_hm_plugin import classFactory

    plugin = classFactory(None)
    plugin.initProcessing()
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{MODEL}.model3"
    if not build().toFile(str(path)):
        raise SystemExit(f"'{path}' could not be written")
    print(f"written: {path.relative_to(ROOT)}")
    plugin.unload()
    application.exitQgis()


if __name__ == "__main__":
    main()
