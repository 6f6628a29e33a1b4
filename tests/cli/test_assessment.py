"""The full assessment through qgis_process: what a user finds in the output folder."""

import hashlib
import json
import os
import sqlite3
import zipfile

import pandas as pd
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def example(qgis_process, tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    done = qgis_process.run("examplecoast", FOLDER=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def assess(qgis_process, example, folder, **more):
    parameters = {
        "SOIL": example / "soil.csv",
        "SEDIMENT": example / "sediment.csv",
        "WATER": example / "water.csv",
        "RASTERS": sorted((example / "rasters").glob("*.tif")),
        "REPEATS": 2,
        "PMF_STARTS": 5,
        "OUTPUT_FOLDER": folder,
    }
    return qgis_process.run("assessment", **{**parameters, **more})


@pytest.fixture(scope="module")
def result(qgis_process, example, tmp_path_factory):
    folder = tmp_path_factory.mktemp("assessment")
    done = assess(qgis_process, example, folder, TITLE="Coast <of> tests")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_everything_promised_is_there(result):
    names = {path.name for path in result.iterdir()}
    promised = {"report.html", "assessment.gpkg", "project.qgz", "run.json", "figures", "tables", "peri_soil.tif"}
    assert promised | {"peri_soil.png", "peri_sediment.png", "peri_soil.qml"} <= names
    assert not [path for path in result.rglob("*") if ".part" in path.name], "half-written files"


def test_the_geopackage_holds_the_layers_with_their_style(result):
    with sqlite3.connect(result / "assessment.gpkg") as database:
        features = dict(database.execute("SELECT table_name, data_type FROM gpkg_contents"))
        styles = {row[0] for row in database.execute("SELECT f_table_name FROM layer_styles")}
        soils = database.execute("SELECT count(*), count(PERI) FROM soil").fetchone()
    for layer in ("soil", "sediment", "pairs", "links", "zones", "kd", "land"):
        assert features[layer] == "features"
    assert {"soil", "sediment"} <= styles
    assert soils[0] == 309 and soils[1] >= 300


def test_the_project_is_styled_grouped_and_opens_in_view(result):
    from qgis.core import QgsProject

    project = QgsProject()
    assert project.read(str(result / "project.qgz"))
    assert {"Soil", "Sediment", "Risk maps", "Ground"} <= {group.name() for group in project.layerTreeRoot().children()}
    assert all(layer.isValid() for layer in project.mapLayers().values())
    peri = project.mapLayersByName("PERI of soil")[0]
    assert [r.label().split(" (")[0] for r in peri.renderer().ranges()] == [
        "Low",
        "Moderate",
        "Considerable",
        "Very High",
    ]
    assert len(project.layoutManager().layouts()) == 2
    view = project.viewSettings().defaultViewExtent()
    assert view.contains(project.viewSettings().fullExtent()) or view.width() > 100_000
    with zipfile.ZipFile(result / "project.qgz") as archive:
        text = archive.read("project.qgs").decode("utf-8")
    assert "theMapCanvas" in text and str(result) not in text, "paths must be relative"


def test_the_report_tells_its_numbers(result):
    html = (result / "report.html").read_text(encoding="utf-8")
    assert "Coast &lt;of&gt; tests" in html and "<of>" not in html
    for heading in (
        "Summary",
        "Data",
        "Pairing",
        "Geochemical baselines",
        "Positive matrix",
        "Risk model",
        "What was not done",
    ):
        assert heading in html, heading
    assert html.count("<svg") >= 10


def test_the_run_record_can_be_checked(result, example):
    record = json.loads((result / "run.json").read_text(encoding="utf-8"))
    assert record["tool"] == "coastalhm:assessment"
    assert record["parameters"]["SEED"] == 1
    assert record["results"]["samples"] == {"soil": 309, "sediment": 103}
    raster = record["inputs"]["RASTERS: elevation.tif"]
    assert raster["sha256"] == hashlib.sha256((example / "rasters" / "elevation.tif").read_bytes()).hexdigest()
    assert {"numpy", "QGIS", "coastal_hm_plugin"} <= set(record["versions"])


def test_one_and_two_threads_give_byte_equal_tables(qgis_process, example, result, tmp_path, monkeypatch):
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    other = tmp_path / "one thread"
    done = assess(qgis_process, example, other, TITLE="Coast <of> tests")
    assert done.returncode == 0, done.stdout + done.stderr
    names = sorted(path.name for path in (result / "tables").iterdir())
    assert names == sorted(path.name for path in (other / "tables").iterdir())
    for name in names:
        assert (result / "tables" / name).read_bytes() == (other / "tables" / name).read_bytes(), name


@pytest.mark.parametrize("medium", ["SOIL", "SEDIMENT", "WATER"])
def test_each_medium_alone_gives_what_it_allows(qgis_process, example, tmp_path, medium):
    done = qgis_process.run(
        "assessment", OUTPUT_FOLDER=tmp_path, PMF_STARTS=2, **{medium: example / f"{medium.lower()}.csv"}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "report.html").exists()
    skipped = pd.read_csv(tmp_path / "tables" / "skipped.csv")
    assert len(skipped) and skipped["reason"].str.len().min() > 5


def test_nothing_given_is_refused(qgis_process, tmp_path):
    done = qgis_process.run("assessment", OUTPUT_FOLDER=tmp_path / "out")
    assert done.returncode == 1
    assert "give soil, sediment or water samples" in done.stdout + done.stderr
    assert not any((tmp_path / "out").iterdir())


def test_a_folder_that_cannot_be_written_is_refused(qgis_process, example, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    done = qgis_process.run("assessment", SOIL=example / "soil.csv", OUTPUT_FOLDER=os.path.join(blocked, "out"))
    assert done.returncode == 1
    assert "cannot be written" in done.stdout + done.stderr
