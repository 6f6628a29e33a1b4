"""Scenarios as QGIS runs them: a model, changes as text, polygons of another CRS, and what is written and said."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from rasterio.transform import from_origin

from coastal_hm_plugin.core.covariates import describe_rasters, read_classes, sample_covariates
from coastal_hm_plugin.core.risk_model import TrainingOptions, load_risk_model, train_risk_model
from coastal_hm_plugin.core.risk_scheme import RISK_SCHEMES
from tests.processing.memory import frame, points

WEST, NORTH, CELL = 121.0, 39.5, 0.01
BOX = "Polygon ((121.2 39.2, 121.45 39.2, 121.45 39.35, 121.2 39.35, 121.2 39.2))"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model of PERI on NDVI and land cover, and one of noise, as files."""
    folder = tmp_path_factory.mktemp("scenario")
    rng = np.random.default_rng(12)
    rows, columns = np.mgrid[:60, :80]
    ndvi = (0.5 + 0.3 * np.sin(columns / 9) * np.cos(rows / 7)).astype(np.float32)
    ndvi[:3, :4] = -1
    land = (1 + (columns // 8 + rows // 9) % 2).astype(np.uint8)
    for name, cells, nodata in (("ndvi", ndvi, -1), ("landcover", land, 0)):
        profile = {"driver": "GTiff", "count": 1, "height": 60, "width": 80, "dtype": cells.dtype, "nodata": nodata}
        transform = from_origin(WEST, NORTH, CELL, CELL)
        with rasterio.open(folder / f"{name}.tif", "w", crs="EPSG:4326", transform=transform, **profile) as file:
            file.write(cells, 1)
    (folder / "landcover.tsv").write_text("code\tname\n1\tcropland\n2\tforest\n3\tbare\n", encoding="utf-8")
    classes = {"landcover": read_classes(folder / "landcover.tsv")}
    manifest = describe_rasters([str(folder / "ndvi.tif"), str(folder / "landcover.tif")], classes=classes)
    x, y = WEST + rng.uniform(0.05, 0.75, 120), NORTH - rng.uniform(0.05, 0.55, 120)
    table = sample_covariates(x, y, "EPSG:4326", manifest).table
    peri = 300 - 250 * table["ndvi"] + 100 * (table["landcover"] == "cropland") + rng.normal(0, 5, 120)
    options = TrainingOptions(repeats=1, n_trees=30, selection="none")
    for name, values in (("risk", peri), ("noise", rng.lognormal(5, 0.4, 120))):
        given = table.assign(PERI=values)
        model = train_risk_model(given, "PERI", manifest.names, options, x, y, "EPSG:4326", manifest)
        replace(model, scheme=RISK_SCHEMES["wu2025"]).save(folder / f"{name}.json")
    assert load_risk_model(folder / "risk.json").skill.has_skill
    assert not load_risk_model(folder / "noise.json").skill.has_skill
    return folder


@pytest.fixture
def run(provider):
    import processing

    return lambda **parameters: processing.run("coastalhm:riskscenario", parameters)


def polygons(wkts, crs="EPSG:4326", kind="Polygon"):
    """A polygon layer in memory, its shapes moved from WGS 84 to a CRS."""
    layer = QgsVectorLayer(kind, "area", "memory")
    layer.setCrs(QgsCoordinateReferenceSystem(crs))
    move = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), layer.crs(), QgsProject.instance())
    features = []
    for wkt in wkts:
        feature = QgsFeature()
        geometry = QgsGeometry.fromWkt(wkt) if wkt else QgsGeometry()
        if wkt and crs != "EPSG:4326":
            geometry.transform(move)
        feature.setGeometry(geometry)
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def read(path):
    with rasterio.open(path) as file:
        return file.read()


def test_a_change_inside_a_polygon_and_all_that_is_written(run, trained, tmp_path):
    files = {
        name: str(tmp_path / f"{name.lower()}.tif") for name in ("OUTPUT", "BASELINE", "SCENARIO", "APPLICABILITY")
    }
    outputs = run(
        MODEL=str(trained / "risk.json"),
        CHANGES="landcover: cropland -> forest\nndvi + 0.3",
        AREA=polygons([BOX, None, "Polygon EMPTY"], "EPSG:32651"),
        OUTSIDE="memory:",
        TABLE="memory:",
        CLASS_CHANGES="memory:",
        REPORT=str(tmp_path / "scenario.html"),
        **files,
    )
    change, _, aoa, altered = read(files["OUTPUT"])
    rows, columns = np.mgrid[:60, :80]
    x, y = WEST + CELL * (columns + 0.5), NORTH - CELL * (rows + 0.5)
    inside = (x > 121.2) & (x < 121.45) & (y > 39.2) & (y < 39.35)
    np.testing.assert_array_equal(altered == 1, inside)
    before, after = read(files["BASELINE"])[0], read(files["SCENARIO"])[0]
    known = change != -9999
    np.testing.assert_allclose(change[known], (after - before)[known], atol=1e-4)
    assert (change[known & ~inside] == 0).all() and change[inside].mean() < -40
    np.testing.assert_array_equal(aoa, read(files["APPLICABILITY"])[2])
    table = frame(outputs["TABLE"]).set_index("part")
    assert table.loc["altered", "cells"] == inside.sum() and table.loc["all", "cells"] == known.sum()
    assert table.loc["altered", "mean_change"] == pytest.approx(change[inside].mean(), abs=0.5)
    classes = frame(outputs["CLASS_CHANGES"])
    assert classes["cells"].astype(int).sum() == inside.sum() and len(classes) == 16
    (feature,) = outputs["OUTSIDE"].getFeatures()
    assert feature.geometry().area() == pytest.approx((aoa == 0).sum() * CELL**2)
    report = (tmp_path / "scenario.html").read_text(encoding="utf-8")
    assert "an association seen across places, not the effect" in report and "inside the polygons given" in report
    given = json.loads((tmp_path / "scenario.run.json").read_text(encoding="utf-8"))
    assert given["parameters"]["CHANGES"].startswith("landcover: cropland")
    layer = QgsRasterLayer(files["OUTPUT"])
    layer.loadNamedStyle(str(tmp_path / "output.qml"))
    labels = [label for label, _ in layer.renderer().legendSymbologyItems()]
    assert labels[len(labels) // 2] == "0" and labels[0][0] in "-−" and labels[-1][0] == "+"


def test_a_model_without_skill_is_called_so_first(provider, trained, tmp_path):
    import processing

    parameters = {"MODEL": str(trained / "noise.json"), "CHANGES": "ndvi * 0.5", "OUTPUT": str(tmp_path / "change.tif")}
    found = processing.runAndLoadResults(
        "coastalhm:riskscenario", {**parameters, "REPORT": str(tmp_path / "scenario.html"), "TABLE": "memory:"}
    )
    layers = QgsProject.instance().mapLayers().values()
    layer = next(one for one in layers if found["OUTPUT"] in (one.id(), one.source()))
    assert "change (NO SKILL" in layer.name()
    QgsProject.instance().clear()
    report = (tmp_path / "scenario.html").read_text(encoding="utf-8")
    first = report.index('class="warning"')
    assert "No skill" in report[first : first + 200]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"CHANGES": "ndwi + 1"}, "there is no covariate 'ndwi'. The covariates of the model are"),
        (
            {"CHANGES": "landcover = bare"},
            "training saw no class 'bare' of 'landcover'. Its classes are cropland, forest",
        ),
        ({"CHANGES": ""}, "CHANGES|Changes|There is no change"),
        (
            {"AREA": [[BOX.replace("121.", "100.").replace("39.", "-5.")], "EPSG:4326"]},
            "No polygon of the area overlaps",
        ),
        ({"AREA": [[None], "EPSG:4326"]}, "Layer 'area' holds no polygon"),
        ({"AREA": [[BOX], ""]}, "'area' has no coordinate reference system"),
        ({"CHANGES": "ndvi * 1"}, r"The changes \(ndvi \* 1\) alter no covariate"),
        ({"OUTPUT": "change.img"}, r"Choose a name that ends in \.tif"),
        ({"MODEL": "nothing.json"}, "is no risk model"),
    ],
)
def test_what_cannot_be_done_is_said_and_writes_nothing(run, trained, tmp_path, change, message):
    given = {"MODEL": str(trained / "risk.json"), "CHANGES": "ndvi + 0.1", "OUTPUT": "change.tif", **change}
    given["OUTPUT"] = str(tmp_path / given["OUTPUT"])
    if "AREA" in given:
        given["AREA"] = polygons(*given["AREA"])
    with pytest.raises(QgsProcessingException, match=message):
        run(**given, REPORT=str(tmp_path / "scenario.html"), TABLE="memory:")
    assert list(tmp_path.iterdir()) == []


def test_models_without_classes_or_area_of_applicability(run, trained, tmp_path):
    model = load_risk_model(trained / "risk.json")
    replace(model, scheme=None, applicability=None).save(tmp_path / "plain.json")
    given = {"MODEL": str(tmp_path / "plain.json"), "CHANGES": "ndvi + 0.1", "OUTPUT": str(tmp_path / "change.tif")}
    outputs = run(**given, OUTSIDE="memory:", REPORT=str(tmp_path / "scenario.html"))
    assert "OUTSIDE" not in outputs and Path(outputs["OUTPUT"]).exists()
    with pytest.raises(QgsProcessingException, match="has no risk classes"):
        run(**given, CLASS_CHANGES="memory:")
    other = pd.DataFrame({"pH": np.arange(40.0), "PERI": np.arange(40.0)})
    train_risk_model(other, "PERI", ["pH"], TrainingOptions(repeats=1, n_trees=5)).save(tmp_path / "fields.json")
    with pytest.raises(QgsProcessingException, match="there is no raster for pH"):
        run(**{**given, "MODEL": str(tmp_path / "fields.json"), "CHANGES": "pH + 1"})


def test_points_before_and_after_without_any_raster_written(run, trained, tmp_path):
    """Fields go before rasters; the polygon is of another CRS; the numbers are the model's own."""
    model = load_risk_model(trained / "risk.json")
    x, y = np.array([121.3, 121.4, 121.6, 121.25]), np.array([39.3, 39.25, 39.3, 39.1])
    table = pd.DataFrame({"ndvi": [0.3, 0.5, 0.4, 0.6], "landcover": ["cropland", "forest", "cropland", "cropland"]})
    outputs = run(
        MODEL=str(trained / "risk.json"),
        CHANGES="landcover: cropland -> forest; ndvi * 1.2",
        POINTS=points(table, x, y),
        AREA=polygons([BOX], "EPSG:32651"),
        POINTS_OUTPUT="memory:",
        TABLE="memory:",
        REPORT=str(tmp_path / "points.html"),
    )
    found = frame(outputs["POINTS_OUTPUT"])
    after = table.assign(landcover=["forest", "forest", "cropland", "cropland"], ndvi=[0.36, 0.6, 0.4, 0.6])
    np.testing.assert_allclose(found["PERI_before"].astype(float), model.predict(table).values, rtol=1e-6)
    np.testing.assert_allclose(found["PERI_after"].astype(float), model.predict(after).values, rtol=1e-6)
    assert found["altered"].tolist() == [1, 1, 0, 0] and "AOA" in found
    labels = [one.label() for one in outputs["POINTS_OUTPUT"].renderer().ranges()]
    assert len(labels) == 7 and labels[0].startswith("< -")
    summary = frame(outputs["TABLE"])
    assert summary["cells"].astype(int).tolist()[:2] == [4, 2] and "hectares" not in summary
    assert "at the points" in (tmp_path / "points.html").read_text(encoding="utf-8")
    assert "OUTPUT" not in outputs and not list(tmp_path.glob("*.tif"))


def test_a_map_and_points_in_one_report(run, trained, tmp_path):
    outputs = run(
        MODEL=str(trained / "risk.json"),
        CHANGES="ndvi + 0.1",
        POINTS=points(pd.DataFrame({"name": ["a", "b"]}), [121.305, 121.505], [39.295, 39.195]),
        OUTPUT=str(tmp_path / "change.tif"),
        POINTS_OUTPUT="memory:",
        REPORT=str(tmp_path / "both.html"),
    )
    change = read(outputs["OUTPUT"])[0]
    found = frame(outputs["POINTS_OUTPUT"])["PERI_change"].astype(float)
    np.testing.assert_allclose(found, [change[20, 30], change[30, 50]], atol=1e-4)
    report = (tmp_path / "both.html").read_text(encoding="utf-8")
    assert report.index("Scenario of PERI on the map") < report.index("Scenario of PERI at the points")


def test_nothing_asked_for(run, trained, tmp_path):
    given = {"MODEL": str(trained / "risk.json"), "CHANGES": "ndvi + 0.1"}
    with pytest.raises(QgsProcessingException, match="Nothing is asked for"):
        run(**given)
    layer = points(pd.DataFrame({"ndvi": [0.5], "landcover": ["forest"]}), [121.3], [39.3])
    with pytest.raises(QgsProcessingException, match="come with the difference"):
        run(**given, POINTS=layer, BASELINE=str(tmp_path / "before.tif"))
