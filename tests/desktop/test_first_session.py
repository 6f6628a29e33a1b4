"""A user's first session with the real desktop: install the zip, open the example, run, cancel, print, close."""

import pytest

from tests.packaging.test_zip import ROOT, archive  # noqa: F401  the fixture builds the zip

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def seen(session, archive):  # noqa: F811
    """What a session of every step saw; the program has ended without a crash."""
    coast = session.profile / "profiles" / "default" / "coastal_hm_plugin" / "example" / "coast"
    steps = ("install", "menu", "toolbox", "example", "layout", "assessment", "cancel", "unload")
    code, seen, text = session.run(*steps, zip=ROOT / "build" / "coastal_hm_plugin.zip", coast=coast)
    assert seen.get("errors") == [], f"{seen}\n{text[-3000:]}"
    assert code == 0, text[-3000:]
    return seen


def test_the_zip_installs_through_qgiss_own_installer(seen, session):
    assert seen["loaded"]
    assert seen["file"].startswith(str(session.profile)), "the installed copy, not this checkout"
    assert seen["provider"] >= 21


def test_menu_toolbar_and_toolbox(seen):
    entries = ["Open the example project", "Full coastal assessment...", "Documentation", "Dependencies..."]
    assert seen["toolbar"] == entries and seen["menu"] == entries
    assert "Coastal Heavy Metal Risk" in " ".join(map(str, seen["toolbox"]))


def test_the_example_opens_as_a_finished_project(seen):
    assert seen["example layers"] > 5 and seen["invalid layers"] == []
    assert seen["layouts"] and seen["layout pages"] >= 1
    assert seen["example width"] > 100_000, "in metres, not degrees: the layers are drawn in the project's CRS"
    assert all(100_000 < scale < 1e9 for scale in seen["layout scales"])


def test_the_assessment_runs_from_its_dialog(seen):
    assert seen["assessment"] is True
    assert {"report.html", "assessment.gpkg", "project.qgz", "run.json"} <= set(seen["assessment files"])
    assert any("PERI" in name for name in seen["assessment layers"])


def test_a_long_run_stops_within_a_second_and_leaves_nothing(seen):
    assert not seen["cancelled too late"]
    assert seen["cancel seconds"] < 2.0  # a second, and one for a loaded machine
    assert seen["left after cancel"] == []


def test_the_plugin_switched_off_leaves_nothing(seen):
    assert seen["unloaded"] and seen["started again"]
    assert not seen["left toolbars"] and not seen["left provider"] and seen["left menu"] == []
