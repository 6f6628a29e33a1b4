"""Tools chain: what a tool returns is declared, with the right type; and the model of the whole chain."""

import re
from pathlib import Path

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)

from coastal_hm_plugin.algorithms.catalogue import ALGORITHMS
from coastal_hm_plugin.processing_provider import models
from scripts import model3
from tests.processing import every_tool

TOOLS = [tool.ID for tool in ALGORITHMS if tool.ID != "assessment"]
TOOLS.append(pytest.param("assessment", marks=pytest.mark.slow))


def algorithm(name):
    return QgsApplication.processingRegistry().createAlgorithmById(f"coastalhm:{name}")


def run(tool, parameters):
    """Run a tool as the toolbox does, but leave its results as they are."""
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    made = algorithm(tool)
    well, said = made.checkParameterValues(parameters, context)
    assert well, said
    results, well = made.run(parameters, context, QgsProcessingFeedback(False), {}, False)
    assert well
    return results


@pytest.fixture(scope="module")
def coast(provider, tmp_path_factory):
    folder = tmp_path_factory.mktemp("coast")
    every_tool.make_coast(folder)
    given = every_tool.parameters(folder)
    run("trainriskmodel", {**given["trainriskmodel"], "MODEL": str(folder / "risk.json"), "PREDICTIONS": "memory:"})
    return folder


def is_there(kind, value):
    """Whether an output is what its declaration promises."""
    if kind == "outputVector":
        return QgsVectorLayer(value, "output", "ogr").isValid()
    if kind == "outputRaster":
        return QgsRasterLayer(value, "output").isValid()
    if kind == "outputMultilayer":
        return bool(value) and all(Path(one).exists() for one in value)
    if kind == "outputNumber":
        return isinstance(value, (int, float))
    if kind == "outputString":
        return isinstance(value, str)
    return Path(value).is_dir() if kind == "outputFolder" else Path(value).is_file()


@pytest.mark.parametrize("tool", TOOLS)
def test_everything_a_tool_returns_is_declared_and_everything_declared_is_returned(tool, coast, tmp_path):
    made = algorithm(tool)
    results = run(tool, {**every_tool.parameters(coast)[tool], **every_tool.outputs(made, tmp_path)})
    declared = {output.name(): output.type() for output in made.outputDefinitions()}
    assert set(results) == set(declared)
    for name, value in results.items():
        assert is_there(declared[name], value), f"{name}: {value}"


@pytest.fixture(scope="module")
def model(provider):
    return algorithm(model3.MODEL)


def test_the_model_holds_together_and_explains_itself(model):
    for name, child in model.childAlgorithms().items():
        well, issues = model.validateChildAlgorithm(name)
        assert well, (name, issues)
        known = {definition.name() for definition in child.algorithm().parameterDefinitions()}
        assert set(child.parameterSources()) <= known, name
    assert model.canExecute()[0]
    assert model.displayName() == model3.TITLE and model.groupId() == "workflow"
    assert Path(model.sourceFilePath()).parent == models.FOLDER


def test_the_model_in_the_package_is_the_one_that_the_script_makes(model):
    # ids and parameters of the tools change: then python scripts/model3.py makes the model again
    made = model3.build()
    assert _steps(made) == _steps(model)
    assert _inputs(made) == _inputs(model)


def _inputs(model):
    return [
        (one.name(), one.type(), one.description(), one.defaultValue() or None)
        for one in model.parameterDefinitions()
        if not one.isDestination()
    ]


def _steps(model):
    """What each step is, takes and gives."""
    steps = {}
    for name, child in model.childAlgorithms().items():
        takes = {
            parameter: [
                (one.source(), one.parameterName(), one.outputChildId(), one.outputName(), one.staticValue())
                for one in sources
            ]
            for parameter, sources in child.parameterSources().items()
        }
        gives = {key: (one.childOutputName(), one.description()) for key, one in child.modelOutputs().items()}
        steps[name] = child.algorithmId(), child.description(), takes, gives
    return steps


def test_the_model_designer_opens_the_file_and_saves_it(model, tmp_path):
    opened = QgsProcessingModelAlgorithm()
    assert opened.fromFile(model.sourceFilePath())
    assert opened.toFile(str(tmp_path / "own.model3"))
    again = QgsProcessingModelAlgorithm()
    assert again.fromFile(str(tmp_path / "own.model3"))
    assert set(again.childAlgorithms()) == set(model3.STEPS)
    assert again.displayName() == model3.TITLE


def test_the_model_runs_from_samples_to_a_map(model, coast, tmp_path):
    given = every_tool.parameters(coast)
    parameters = {
        "SOIL": given["pairmedia"]["SOIL"],
        "SEDIMENT": given["pairmedia"]["SITES"],
        "WATER": given["pairmedia"]["WATER"],
        "RASTERS": [str(coast / "over.tif")],
        "FACTORS": 2,
    }
    wanted = every_tool.outputs(model, tmp_path)
    wanted = {name: re.sub(r":(?=\w+\.)", "_", path) for name, path in wanted.items()}
    wanted["TRAINING:MODEL"] = str(tmp_path / "risk.json")
    results = run(model3.MODEL, {**parameters, **wanted})
    for output in model.outputDefinitions():
        assert is_there(output.type(), results[output.name()]), output.name()
    assert QgsVectorLayer(results["INDICES:SITES"], "sites", "ogr").fields().indexOf("PERI") >= 0
    assert QgsRasterLayer(results["MAP:PERI"], "map").bandCount() == 1
    assert (tmp_path / "risk.sidecar.json").exists()
