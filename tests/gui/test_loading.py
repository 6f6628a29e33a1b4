"""The plugin loads in well under a second, also where no third-party package can be imported."""

import subprocess
import sys

from tests.conftest import ROOT

SCRIPT = """
import sys, time
blocked = {"pandas", "sklearn", "xgboost", "rasterio", "pyproj", "matplotlib", "jinja2", "scipy", "openpyxl", "shap"}

sys.modules.update(dict.fromkeys(blocked))  # importing any of them fails, looking for it finds nothing
from qgis.core import QgsApplication
app = QgsApplication([], False)
app.initQgis()
brought = {name for name, module in sys.modules.items() if module}  # newer QGIS brings numpy itself
start = time.perf_counter()
from coastal_hm_plugin import classFactory
plugin = classFactory(None)
plugin.initProcessing()
seconds = time.perf_counter() - start
tools = plugin.provider.algorithms()
print(len(tools), seconds, sum(tool.canExecute()[0] for tool in tools))
print(sorted(name for name in blocked | {"numpy"} if sys.modules.get(name) and name not in brought))
plugin.unload()
print(QgsApplication.processingRegistry().providerById("coastalhm"))
"""


def test_loads_without_any_package_and_in_well_under_a_second():
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    tools, seconds, runnable = done.stdout.splitlines()[-3].split()
    assert int(tools) >= 21
    assert float(seconds) < 1.0
    assert int(runnable) <= 2, "the check of the packages itself, and a model, whose tools say what they miss"
    assert done.stdout.splitlines()[-2] == "[]"
    assert done.stdout.splitlines()[-1] == "None"
