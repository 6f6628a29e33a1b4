"""The zip, unpacked into a clean profile as QGIS's plugin installer does, and used from there."""

import os
import subprocess
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.packaging.test_zip import archive  # noqa: F401  the fixture

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(archive, tmp_path_factory):  # noqa: F811
    """Runs qgis_process with the unpacked zip and nothing of this checkout."""
    program = Path(os.environ.get("QGIS_PROCESS") or "/usr/bin/qgis_process.bin")
    if not program.exists():
        pytest.skip(f"no qgis_process at {program}")
    profile = tmp_path_factory.mktemp("profile")
    plugins = profile / "profiles" / "default" / "python" / "plugins"
    with zipfile.ZipFile(ROOT / "build" / "coastal_hm_plugin.zip") as opened:
        opened.extractall(plugins)
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "QGIS_CUSTOM_CONFIG_PATH": str(profile),
        "PYTHONPATH": sysconfig.get_paths()["purelib"],
    }
    environment.pop("QGIS_PLUGINPATH", None)

    def run(*arguments):
        command = [str(program), *map(str, arguments)]
        return subprocess.run(command, env=environment, cwd=profile, capture_output=True, text=True, check=False)

    enabled = run("plugins", "enable", "coastal_hm_plugin")
    assert enabled.returncode == 0, enabled.stdout + enabled.stderr
    return run


def test_the_example_and_its_assessment_run_from_the_zip(installed, tmp_path):
    made = installed("run", "coastalhm:examplecoast", "--", f"FOLDER={tmp_path / 'example'}")
    assert made.returncode == 0, made.stdout + made.stderr
    water, sediment = (tmp_path / "example" / f"{medium}.csv" for medium in ("water", "sediment"))
    inputs = (f"WATER={water}", f"SEDIMENT={sediment}", "PMF_STARTS=2", f"OUTPUT_FOLDER={tmp_path / 'out'}")
    done = installed("run", "coastalhm:assessment", "--", *inputs)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "out" / "report.html").stat().st_size > 100_000
    assert (tmp_path / "out" / "peri_sediment.png").exists()
