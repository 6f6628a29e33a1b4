"""Every tool in the windows of QGIS: its dialog, batch mode, and runs again from the history."""

from inspect import signature

import pytest
from qgis.core import (
    Qgis,
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProject,
    QgsVectorLayer,
)
from qgis.gui import QgsBrowserGuiModel
from qgis.PyQt.QtWidgets import QGroupBox

from coastal_hm_plugin.algorithms.catalogue import ALGORITHMS
from tests.processing import every_tool

TOOLS = [tool.ID for tool in ALGORITHMS]
QUICK = [one for one in TOOLS if one not in ("assessment", "examplecoast")]


def algorithm(name):
    return QgsApplication.processingRegistry().createAlgorithmById(f"coastalhm:{name}")


@pytest.fixture(scope="module")
def coast(provider, tmp_path_factory):
    folder = tmp_path_factory.mktemp("coast")
    every_tool.make_coast(folder)
    given = {**every_tool.parameters(folder)["trainriskmodel"], "MODEL": str(folder / "risk.json")}
    _, well = algorithm("trainriskmodel").run(
        {**given, "PREDICTIONS": "memory:"}, QgsProcessingContext(), QgsProcessingFeedback(False)
    )
    assert well
    return folder


@pytest.fixture
def dialog(provider, qgis_iface, monkeypatch):
    """Opens the dialog of a tool, or its batch window."""
    from processing.gui.AlgorithmDialog import AlgorithmDialog
    from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog

    model = QgsBrowserGuiModel()
    monkeypatch.setattr(qgis_iface, "browserModel", lambda: model, raising=False)
    monkeypatch.setattr(qgis_iface, "activeLayer", lambda: None, raising=False)
    opened = []

    def open_dialog(name, batch=False):
        opened.append((BatchAlgorithmDialog if batch else AlgorithmDialog)(algorithm(name)))
        return opened[-1]

    yield open_dialog
    for one in opened:
        one.close()
        one.deleteLater()


@pytest.mark.parametrize("tool", [*TOOLS, "samplestoperimap"])
def test_the_dialog_opens_with_help_and_advanced_parameters_folded_away(tool, dialog):
    window = dialog(tool)
    panel = window.mainWidget()
    advanced = QgsProcessingParameterDefinition.Flag.FlagAdvanced
    definitions = [one for one in window.algorithm().parameterDefinitions() if not one.isDestination()]
    assert {one.name() for one in definitions} <= set(panel.wrappers)
    has_advanced = any(definition.flags() & advanced for definition in definitions)
    folded = panel.findChild(QGroupBox, "grpAdvanced")
    assert folded.isVisibleTo(panel) == has_advanced
    assert folded.property("collapsed")
    assert window.algorithm().shortHelpString()


def in_batch(window, rows):
    """Fill the rows of a batch window, one dictionary each, and give what QGIS would run."""
    panel = window.mainWidget()
    while panel.batchRowCount() < len(rows):
        panel.addRow()
    made = []
    for number, row in enumerate(rows):
        outputs = {definition.name() for definition in window.algorithm().destinationParameterDefinitions()}
        for name, value in row.items():
            column = panel.parameter_to_column[name]
            if name in outputs:
                panel.tblParameters.cellWidget(number + 1, column).setValue(value)
            else:
                panel.wrappers[number][column].setParameterValue(value, panel.processing_context)
        newer = "context" in signature(panel.parametersForRow).parameters
        parameters, well = panel.parametersForRow(number, *([panel.processing_context] if newer else []))
        assert well
        made.append(parameters)
    return made


@pytest.mark.parametrize("tool", QUICK)
def test_every_tool_runs_in_batch_with_the_outputs_left_empty_that_it_can_do_without(tool, dialog, coast, tmp_path):
    window = dialog(tool, batch=True)
    wanted = every_tool.outputs(window.algorithm(), tmp_path, all_of_them=False)
    if tool == "riskscenario":
        wanted["OUTPUT"] = str(tmp_path / "change.tif")
    (parameters,) = in_batch(window, [{**every_tool.parameters(coast)[tool], **wanted}])
    results = run(tool, parameters)
    assert set(wanted) <= set(results)
    assert {path.stem for path in tmp_path.glob("*.gpkg")} == {
        name.lower() for name, path in wanted.items() if path.endswith(".gpkg")
    }


def run(tool, parameters):
    """Run a tool with what a batch window gives, as the window does."""
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
    context.setProject(QgsProject.instance())
    made = algorithm(tool)
    well, said = made.checkParameterValues(parameters, context)
    assert well, said
    results, well = made.run(parameters, context, feedback)
    assert well, feedback.textLog()
    return results


def test_a_batch_of_two_layers(dialog, coast, tmp_path):
    window = dialog("pollutionindices", batch=True)
    layers = {medium: f"{coast / 'coast.gpkg'}|layername={medium}" for medium in ("soil", "sediment")}
    rows = [
        {"INPUT": layer, "MEDIUM": number, "OUTPUT": str(tmp_path / f"{medium}.gpkg")}
        for number, (medium, layer) in enumerate(layers.items())
    ]
    filled = in_batch(window, rows)
    if "context" in signature(window.mainWidget().parametersForRow).parameters:
        for parameters in filled:  # this QGIS would run them in tasks that outlive the window
            run("pollutionindices", parameters)
    else:
        window.runAlgorithm()
    for row in rows:
        layer = QgsVectorLayer(row["OUTPUT"], "output", "ogr")
        assert layer.featureCount() == 40 and layer.fields().indexOf("PERI") >= 0


@pytest.mark.parametrize("tool", QUICK)
def test_a_run_is_made_again_from_the_history(tool, coast, tmp_path):
    import processing

    made = algorithm(tool)
    wanted = every_tool.outputs(made, tmp_path)
    given = {**every_tool.parameters(coast)[tool], **wanted}
    command = made.asPythonCommand(given, QgsProcessingContext())
    recorded = []
    names = {"processing": type("Recorder", (), {"run": staticmethod(lambda *entry: recorded.append(entry))})}
    exec(command, names)  # as the history does
    ((name, again),) = recorded
    assert name == f"coastalhm:{tool}"
    assert {key: _same(value) for key, value in again.items()} == {key: _same(value) for key, value in given.items()}
    if tool in ("geochemicalbaselines", "pointdensity", "regression", "samplecovariates"):
        processing.run(name, again)
        assert all((tmp_path / path.rsplit("/", 1)[1]).exists() for path in wanted.values())


def _same(value):
    return value.replace('"', "").strip() if isinstance(value, str) else value


@pytest.mark.skipif(Qgis.QGIS_VERSION_INT < 32400, reason="QGIS writes commands for qgis_process from 3.24 on")
@pytest.mark.parametrize("tool", QUICK)
def test_a_run_is_written_as_a_command_of_qgis_process(tool, coast, tmp_path):
    made = algorithm(tool)
    given = {**every_tool.parameters(coast)[tool], **every_tool.outputs(made, tmp_path)}
    command, well = made.asQgisProcessCommand(given, QgsProcessingContext())
    assert well and command.startswith(f"qgis_process run coastalhm:{tool} ")
    assert all(f"--{name}=" in command for name in given)
