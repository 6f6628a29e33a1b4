"""The shell scripts: sound to bash, executable, and clear about what they lack."""

import os
import shutil
import subprocess

import pytest

from tests.conftest import ROOT

SCRIPTS = [*sorted(ROOT.glob("scripts/*.sh")), ROOT / ".ci" / "run"]
# environment.sh is read by the others, not run
RUN = [path for path in SCRIPTS if path.name != "environment.sh"]

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_bash_can_read_it(path):
    done = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", RUN, ids=lambda path: path.name)
def test_it_is_executable_and_stops_at_the_first_error(path):
    assert os.access(path, os.X_OK)
    assert "\nset -euo pipefail\n" in path.read_text("utf-8")


def test_the_other_qgis_asks_for_a_suite():
    script = ROOT / "scripts" / "other_qgis.sh"
    done = subprocess.run([str(script)], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "usage: scripts/other_qgis.sh SUITE" in done.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give root up")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv")
def test_the_other_qgis_needs_root_and_says_so():
    script = ROOT / "scripts" / "other_qgis.sh"
    nobody = ["setpriv", "--reuid=65534", "--clear-groups", "bash", str(script), "trixie"]
    done = subprocess.run(nobody, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "needs root: sudo" in done.stderr
