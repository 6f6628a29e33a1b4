"""The real qgis_process program, with this plugin and a profile of its own."""

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import ROOT


class QgisProcess:
    """Runs qgis_process. Each call is a program of its own, as on a user's command line."""

    def __init__(self, program, profile):
        self.program = program
        self.profile = profile

    def environment(self, python_path=()):
        """The variables it runs with. python_path: folders put before the packages."""
        # the packages of the interpreter that runs the tests, and no variable of theirs
        paths = [*map(str, python_path), sysconfig.get_paths()["purelib"]]
        return {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "QGIS_PLUGINPATH": str(ROOT),
            "QGIS_CUSTOM_CONFIG_PATH": str(self.profile),
            "PYTHONPATH": os.pathsep.join(paths),
        }

    def call(self, *arguments, python_path=(), timeout=300):
        """The finished program."""
        environment = self.environment(python_path)
        command = [str(self.program), *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout, check=False)

    def run(self, algorithm, python_path=(), timeout=300, **parameters):
        """Run ``coastalhm:<algorithm>`` (or a full id) with ``NAME=value``; a list repeats it."""
        arguments = ["run", algorithm if ":" in algorithm else f"coastalhm:{algorithm}", "--"]
        for name, value in parameters.items():
            values = value if isinstance(value, (list, tuple)) else [value]
            arguments += [f"{name}={one}" for one in values]
        return self.call(*arguments, python_path=python_path, timeout=timeout)


@pytest.fixture(scope="session")
def qgis_process(tmp_path_factory):
    """qgis_process with the plugin enabled; QGIS_PROCESS names the program where it is elsewhere."""
    program = Path(os.environ.get("QGIS_PROCESS") or "/usr/bin/qgis_process.bin")
    if not program.exists():
        pytest.skip(f"no qgis_process at {program}")
    process = QgisProcess(program, tmp_path_factory.mktemp("profile"))
    enabled = process.call("plugins", "enable", "coastal_hm_plugin")
    assert "coastal_hm_plugin" in enabled.stdout, enabled.stdout + enabled.stderr
    return process
