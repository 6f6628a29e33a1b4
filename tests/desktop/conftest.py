"""The real desktop on a screen of its own (Xvfb), with a profile of its own."""

import json
import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.conftest import ROOT

SCREENS = ROOT / "build" / "screens"


class Session:
    """Starts QGIS and runs steps of session.py in it."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        self.profile = folder / "profiles 海岸"

    def run(self, *steps, packages=True, timeout=1600, **variables):
        """Exit code, what session.py saw, and what QGIS printed."""
        answer = self.folder / "answer.json"
        answer.unlink(missing_ok=True)
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "xcb",
            "COASTALHM_SCREENS": str(SCREENS),
            "COASTALHM_ANSWER": str(answer),
            "COASTALHM_STEPS": ",".join(steps),
            **{f"COASTALHM_{name.upper()}": str(value) for name, value in variables.items()},
        }
        for name in ("QGIS_PLUGINPATH", "PYTHONPATH", "QGIS_CUSTOM_CONFIG_PATH"):
            environment.pop(name, None)
        if packages:
            environment["PYTHONPATH"] = sysconfig.get_paths()["purelib"]
        qgis = [str(self.program), "--nologo", "--noversioncheck", "--profiles-path", str(self.profile)]
        command = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", *qgis]
        command += ["--code", str(Path(__file__).with_name("session.py"))]
        done = subprocess.run(
            command, env=environment, cwd=self.folder, capture_output=True, text=True, timeout=timeout, check=False
        )
        seen = json.loads(answer.read_text(encoding="utf-8")) if answer.exists() else {}
        return done.returncode, seen, done.stdout + done.stderr


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A desktop with a clean profile; skipped where there is none."""
    program = Path(os.environ.get("QGIS_DESKTOP") or "/usr/bin/qgis.bin")
    if not program.exists():
        program = Path(shutil.which("qgis") or program)
    if not program.exists():
        pytest.skip(f"no QGIS desktop at {program}")
    if shutil.which("xvfb-run") is None:
        pytest.skip("no xvfb-run: install xvfb")
    # not below the system's folder of temporary files: QGIS asks before it leaves layers from there
    folder = ROOT / "build" / "desktop" / tmp_path_factory.mktemp("desktop").parent.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield Session(program, folder)
    shutil.rmtree(folder, ignore_errors=True)
