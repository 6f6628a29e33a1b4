"""A QGIS without the packages: the plugin loads, says so once, installs them by its button, takes them away again."""

import subprocess
import sys

import pytest

from tests.packaging.test_zip import ROOT, archive  # noqa: F401  the fixture builds the zip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def seen(session, archive):  # noqa: F811
    bare = subprocess.run(["/usr/bin/python3", "-c", "import pandas"], capture_output=True, check=False)
    if sys.base_prefix != "/usr" or bare.returncode == 0:
        pytest.skip("QGIS's own Python has pandas here: nothing is missing")
    zip_path = ROOT / "build" / "coastal_hm_plugin.zip"
    code, seen, text = session.run("install", "missing", "undo", packages=False, zip=zip_path)
    assert seen.get("errors") == [] and code == 0, f"{seen}\n{text[-3000:]}"
    if "cannot be reached" in seen["installed"]:
        pytest.skip("no package index within reach")
    return seen


def test_the_message_bar_says_what_waits(seen):
    assert any("Missing: pandas (all tools), scikit-learn (" in text for text in seen["bar"])


def test_the_button_installs_beside_qgiss_own_numpy(seen, session):
    assert seen["installed"].startswith("Installed and tried:") and "pandas==" in seen["installed"]
    assert "numpy==" not in seen["installed"] and "scipy==" not in seen["installed"]
    assert seen["files"]["numpy"].startswith("/usr/")
    for name in ("pandas", "xgboost"):
        assert seen["files"][name].startswith(str(session.profile))


def test_one_click_takes_them_away(seen, session):
    assert seen["removed"].startswith("Removed.")
    assert not list(session.profile.rglob("pandas"))
