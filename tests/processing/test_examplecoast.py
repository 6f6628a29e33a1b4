"""The example as a tool: layers that keep their texts, a project that opens, nothing half-written."""

from pathlib import Path

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)


@pytest.fixture(scope="module")
def algorithm(provider):
    return QgsApplication.processingRegistry().algorithmById("coastalhm:examplecoast")


def run(algorithm, folder, feedback=None, context=None, **parameters):
    context = context or QgsProcessingContext()
    return algorithm.run({"FOLDER": str(folder), **parameters}, context, feedback or QgsProcessingFeedback())


@pytest.fixture(scope="module")
def made(algorithm, tmp_path_factory):
    results, succeeded = run(algorithm, tmp_path_factory.mktemp("example"))
    assert succeeded
    return results


def test_point_layers(made):
    for name, count in (("SOIL", 309), ("SEDIMENT", 103), ("WATER", 103)):
        layer = QgsVectorLayer(made[name], name)
        assert layer.isValid() and layer.featureCount() == count
        assert layer.crs().authid() == "EPSG:4326"
        assert 117 < layer.extent().xMinimum() < layer.extent().xMaximum() < 126


def test_non_detects_survive_as_text_and_losses_as_null(made):
    soil = QgsVectorLayer(made["SOIL"], "soil")
    assert soil.fields().field("Hg").typeName() == "String"
    assert soil.fields().field("Cd").isNumeric()
    assert any(str(feature["Hg"]).startswith("<") for feature in soil.getFeatures())
    assert sum(1 for feature in soil.getFeatures() if not feature["Zn"]) == 2


def test_project_opens_with_every_layer(made):
    project = QgsProject()
    assert project.read(made["PROJECT"])
    layers = project.mapLayers().values()
    assert len(layers) >= 13
    assert all(layer.isValid() for layer in layers)
    assert all("synthetic" in layer.name() for layer in layers if layer.name() != "Land")
    lithology = next(layer for layer in layers if layer.name().startswith("Lithology"))
    assert lithology.renderer().type() == "paletted"
    assert "Basic volcanic rocks" in {entry.label for entry in lithology.renderer().classes()}


def test_small_and_no_traces_of_the_work(made):
    folder = Path(made["FOLDER"])
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 5e6
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_layers_are_loaded_when_asked(algorithm, tmp_path):
    context = QgsProcessingContext()
    project = QgsProject()
    context.setProject(project)
    run(algorithm, tmp_path, context=context)
    titles = {details.name for details in context.layersToLoadOnCompletion().values()}
    assert {"Soil (synthetic)", "Lithology (synthetic)"} <= titles and len(titles) == 13


def test_a_second_run_replaces_the_first(algorithm, tmp_path):
    run(algorithm, tmp_path, SEED=1)
    (tmp_path / "mine.txt").write_text("mine")
    results, succeeded = run(algorithm, tmp_path, SEED=2)
    assert succeeded
    assert QgsVectorLayer(results["SOIL"], "soil").featureCount() == 309
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert "Seed 2" in (tmp_path / "README.txt").read_text(encoding="utf-8")


def test_cancel_leaves_nothing(algorithm, tmp_path):
    feedback = QgsProcessingFeedback()
    feedback.cancel()
    with pytest.raises(QgsProcessingException, match="Cancelled"):
        algorithm.run({"FOLDER": str(tmp_path / "new")}, QgsProcessingContext(), feedback, {}, False)
    assert not list((tmp_path / "new").iterdir())


def test_folder_in_a_file(algorithm, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(QgsProcessingException, match="cannot be written to"):
        algorithm.run({"FOLDER": str(tmp_path / "file")}, QgsProcessingContext(), QgsProcessingFeedback(), {}, False)
