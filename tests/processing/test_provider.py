"""The provider in QGIS: ids that scripts depend on, help for everything, a quick start."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT

IDS = {
    "pairmedia",
    "samplecovariates",
    "pointdensity",
    "distancetofeatures",
    "geochemicalbaselines",
    "mediazones",
    "partitioncoefficients",
    "comparegroups",
    "correlation",
    "regression",
    "structuralequationmodel",
    "pmf",
    "pmffactornumber",
    "isotopefractionation",
    "isotopemixing",
    "pollutionindices",
    "trainriskmodel",
    "explainriskmodel",
    "predictriskpoints",
    "predictriskraster",
    "interpolatesurface",
    "riskscenario",
    "assessment",
    "examplecoast",
    "checkdependencies",
}
MODELS = {"samplestoperimap"}


@pytest.fixture(scope="module")
def algorithms(provider):
    return {algorithm.name(): algorithm for algorithm in provider.algorithms()}


def test_every_tool_is_there_under_its_id(provider, algorithms):
    assert provider.id() == "coastalhm"
    assert provider.name() == "Coastal Heavy Metal Risk"
    assert set(algorithms) >= IDS | MODELS


def test_every_tool_tells_what_it_is(algorithms):
    for name, algorithm in algorithms.items():
        assert algorithm.displayName() and algorithm.group(), name
        assert len(algorithm.shortHelpString()) > 200, f"{name} has no help"
        assert not algorithm.icon().isNull(), name
        assert (ROOT / "coastal_hm_plugin" / "resources" / "icons" / f"{name}.svg").exists(), f"{name} has no icon"


def test_help_explains_every_parameter(algorithms):
    for name, algorithm in algorithms.items():
        text = algorithm.shortHelpString().lower()
        for parameter in algorithm.parameterDefinitions():
            label = parameter.description().split(",")[0].split("(")[0].strip().lower()
            assert label in text or parameter.name().lower() in text, f"{name}: {parameter.name()} is not explained"


def test_parameter_names_are_upper_case_words(algorithms):
    for name, algorithm in algorithms.items():
        for definition in [*algorithm.parameterDefinitions(), *algorithm.outputDefinitions()]:
            # an output of a model is named after its step, as INDICES:SITES
            assert definition.name().replace("_", "").replace(":", "").isalnum(), name
            assert ":" not in definition.name() or name in MODELS, name
            assert definition.name().upper() == definition.name(), f"{name}: {definition.name()}"


def test_the_plugin_loads_without_heavy_packages():
    script = (
        "import sys, time\n"
        "from qgis.core import QgsApplication\n"
        "app = QgsApplication([], False)\n"
        "start = time.perf_counter()\n"
        "from coastal_hm_plugin import classFactory\n"
        "plugin = classFactory(None); plugin.initProcessing()\n"
        "print(time.perf_counter() - start)\n"
        "heavy = {'xgboost', 'sklearn', 'shap', 'matplotlib', 'rasterio', 'scipy', 'pandas'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    seconds, heavy = done.stdout.strip().splitlines()[-2:]
    assert heavy == "[]"
    assert float(seconds) < 1.0
