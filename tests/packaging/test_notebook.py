"""The package installed with pip, in a Python that has no QGIS, and the notebook of the documentation run with it."""

import json
import os
import subprocess
import sys
import sysconfig

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow

NOTEBOOK = ROOT / "docs" / "notebooks" / "from_table_to_peri.ipynb"
NO_QGIS = """import sys
class NoQgis:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("qgis", "processing"):
            raise ImportError("QGIS is not here")
sys.meta_path.insert(0, NoQgis())
"""


@pytest.fixture(scope="module")
def without_qgis(tmp_path_factory):
    """The environment of a Python that finds the installed package, and no QGIS."""
    target = tmp_path_factory.mktemp("installed")
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        target,
        ROOT,
    ]
    made = subprocess.run(list(map(str, install)), capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    (target / "sitecustomize.py").write_text(NO_QGIS, encoding="utf-8")
    packages = sysconfig.get_paths()["purelib"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(target), packages))}
    environment.pop("QGIS_PLUGINPATH", None)
    return environment, target


def test_the_core_is_installed_whole_and_imports_without_qgis(without_qgis, tmp_path):
    environment, target = without_qgis
    code = (
        "import pkgutil, importlib, coastal_hm_plugin\n"
        "from coastal_hm_plugin import core, report\n"
        "print(coastal_hm_plugin.__file__)\n"
        "for package in (core, report):\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        importlib.import_module(module.name)\n"
        "try:\n    import qgis\nexcept ImportError as reason:\n    print(reason)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    where, reason = run.stdout.splitlines()
    assert where.startswith(str(target))
    assert reason == "QGIS is not here"


def test_the_notebook_runs_from_top_to_bottom_and_prints_what_is_committed(without_qgis, tmp_path):
    environment, _ = without_qgis
    code = (
        "import json, sys\n"
        f"sys.path.append({str(ROOT / 'scripts')!r})\n"
        "import notebook, nbformat\n"
        f"made = notebook.execute(notebook.build(), {str(tmp_path)!r})\n"
        f"nbformat.write(made, {str(tmp_path / 'run.ipynb')!r})\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr[-3000:]
    committed, fresh = (
        json.loads(path.read_text(encoding="utf-8"))["cells"] for path in (NOTEBOOK, tmp_path / "run.ipynb")
    )
    assert [cell["source"] for cell in committed] == [cell["source"] for cell in fresh], "python scripts/notebook.py"
    assert [_printed(cell) for cell in committed] == [_printed(cell) for cell in fresh]


def _printed(cell):
    """What a cell printed; tables and pictures only by kind, since their last digits are the machine's."""
    outputs = cell.get("outputs", [])
    return [output.get("text") or sorted(output.get("data", {})) for output in outputs]
