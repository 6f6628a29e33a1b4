"""The zip that QGIS installs, and the package without QGIS."""

import configparser
import io
import subprocess
import sys
import zipfile

import pytest

from tests.conftest import ROOT

FORBIDDEN = ("pickle", "shelve", "marshal", "subprocess")


@pytest.fixture(scope="module")
def archive():
    subprocess.run([sys.executable, "scripts/package.py"], cwd=ROOT, check=True)
    with zipfile.ZipFile(ROOT / "build" / "coastal_hm_plugin.zip") as opened:
        yield opened


def test_holds_what_qgis_needs_and_little_else(archive):
    names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"coastal_hm_plugin"}
    for needed in ("__init__.py", "metadata.txt", "LICENSE", "requirements.txt", "plugin.py"):
        assert f"coastal_hm_plugin/{needed}" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    assert sum(info.compress_size for info in archive.infolist()) < 10_000_000


def test_metadata_has_what_the_plugin_repository_asks_for(archive):
    parser = configparser.ConfigParser()
    parser.read_file(io.StringIO(archive.read("coastal_hm_plugin/metadata.txt").decode("utf-8")))
    general = parser["general"]
    for key in ("name", "qgisMinimumVersion", "description", "about", "version", "author", "email", "repository"):
        assert general[key]
    assert general["hasProcessingProvider"] == "yes"
    assert f"coastal_hm_plugin/{general['icon']}" in archive.namelist()


def test_version_is_the_same_everywhere(archive):
    from coastal_hm_plugin import __version__

    assert f"version={__version__}\n" in archive.read("coastal_hm_plugin/metadata.txt").decode("utf-8")


def test_the_core_needs_no_qgis():
    script = (
        "import sys, pkgutil, importlib\n"
        "sys.modules['qgis'] = None\n"
        "import coastal_hm_plugin, coastal_hm_plugin.core as core, coastal_hm_plugin.report as report\n"
        "for package in (core, report):\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        importlib.import_module(module.name)\n"
        "heavy = {'xgboost', 'sklearn', 'shap', 'matplotlib', 'rasterio'} & set(sys.modules)\n"
        "print(sorted(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]", "heavy packages belong inside functions"


def test_no_module_that_can_run_foreign_code(archive):
    for name in archive.namelist():
        if name.endswith(".py"):
            text = archive.read(name).decode("utf-8")
            for module in FORBIDDEN:
                assert f"import {module}" not in text, f"{name} imports {module}"
