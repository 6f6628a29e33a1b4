"""Explain a risk model as QGIS runs it: layers, tables, rasters, their styles and names, and the report."""

import numpy as np
import pandas as pd
import pytest
import rasterio
from qgis.core import QgsProcessingException, QgsRasterLayer, QgsVectorLayer
from rasterio.transform import from_origin

from coastal_hm_plugin.report.style import PALETTE
from tests.processing.memory import frame, points

WEST, NORTH, CELL = 121.0, 39.5, 0.01
NAMES = ("ndvi", "rock", "slope")
ALL_KEPT = 2  # of SELECTION


@pytest.fixture(scope="module")
def run(provider):
    import processing

    def run_tool(tool, **parameters):
        given = {"trainriskmodel": {"PREDICTIONS": "memory:"}, "explainriskmodel": {"OUTPUT": "memory:"}}[tool]
        return processing.run(f"coastalhm:{tool}", {**given, **parameters})

    return run_tool


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """NDVI, rock classes and slope as rasters, and 90 sites whose PERI follows NDVI, more so on shale."""
    folder = tmp_path_factory.mktemp("rasters")
    rows, columns = np.mgrid[:60, :80]
    ndvi = (0.5 + 0.3 * np.sin(columns / 9) * np.cos(rows / 7)).astype(np.float32)
    ndvi[:3, :4] = -1
    rock = (1 + (columns // 20) % 2).astype(np.uint8)
    slope = np.random.default_rng(1).random((60, 80)).astype(np.float32)
    for name, cells, nodata in (("ndvi", ndvi, -1), ("rock", rock, 0), ("slope", slope, -1)):
        profile = {"driver": "GTiff", "count": 1, "height": 60, "width": 80, "dtype": cells.dtype, "nodata": nodata}
        transform = from_origin(WEST, NORTH, CELL, CELL)
        with rasterio.open(folder / f"{name}.tif", "w", crs="EPSG:4326", transform=transform, **profile) as file:
            file.write(cells, 1)
    (folder / "rock.tsv").write_text("code\tname\n1\tgranite\n2\tshale\n", encoding="utf-8")
    rng = np.random.default_rng(4)
    column, row = rng.uniform(6, 69, 90), rng.uniform(4, 54, 90)
    shale = rock[row.astype(int), column.astype(int)] == 2
    peri = ndvi[row.astype(int), column.astype(int)] * (400 + 300 * shale) + rng.normal(0, 8, 90)
    table = pd.DataFrame({"PERI": peri, "pH": rng.normal(7, 1, 90)})
    given = {"RASTERS": [str(folder / f"{name}.tif") for name in NAMES]}
    return (table, WEST + CELL * column, NORTH - CELL * row), {**given, "CLASSES": f"rock={folder / 'rock.tsv'}"}


@pytest.fixture(scope="module")
def trained(run, world, tmp_path_factory):
    sites, rasters = world
    model = str(tmp_path_factory.mktemp("model") / "risk.json")
    run("trainriskmodel", INPUT=points(*sites), TARGET="PERI", MODEL=model, REPEATS=1, SELECTION=ALL_KEPT, **rasters)
    return model


def test_points_tell_what_adds_up_to_their_prediction(run, world, trained):
    (table, x, y), _ = world
    outputs = run(
        "explainriskmodel", INPUT=points(table, x, y), MODEL=trained, IMPORTANCE="memory:", INTERACTIONS="memory:"
    )
    found = frame(outputs["OUTPUT"])
    shap = found[[f"SHAP_{name}" for name in NAMES]].astype(float)
    np.testing.assert_allclose(shap.sum(axis=1) + found["SHAP_base"], found["prediction"].astype(float), rtol=1e-6)
    assert (found["driver"] == shap.abs().idxmax(axis=1).str[5:]).all()
    largest = shap.to_numpy()[np.arange(90), shap.abs().to_numpy().argmax(axis=1)]
    np.testing.assert_array_equal(found["driver_shap"].astype(float), largest)
    assert (found["driver_direction"] == np.where(largest > 0, "raises", "lowers")).all()
    np.testing.assert_allclose(found["driver_share"].astype(float), np.abs(largest) / shap.abs().sum(axis=1))
    assert found["n_missing"].eq(0).all() and set(found["model_has_skill"]) == {True} and "pH" in found
    importance = frame(outputs["IMPORTANCE"])
    assert set(importance["predictor"][:2]) == {"ndvi", "rock"} and importance["shap_share"].sum() == pytest.approx(1)
    pairs = frame(outputs["INTERACTIONS"])
    assert pairs.loc[0, ["predictor", "partner"]].tolist() == ["ndvi", "rock"]
    assert pairs["mean_abs_interaction"][0] > 5


def test_fields_go_before_rasters_and_what_is_missing_is_counted(run, trained):
    table = pd.DataFrame({"rock": ["shale", "limestone"], "ndvi": [0.5, np.nan], "slope": [0.5, 0.5]})
    found = frame(run("explainriskmodel", INPUT=points(table, [121.2, 121.3], [39.2, 39.2]), MODEL=trained)["OUTPUT"])
    assert found["n_unseen"].tolist() == [0, 1] and found["n_missing"].tolist() == [0, 2]
    with pytest.raises(QgsProcessingException, match="holds none of the 1 points"):
        run("explainriskmodel", INPUT=points(pd.DataFrame({"name": ["a"]}), [10.0], [10.0]), MODEL=trained)


def test_the_points_style_is_one_colour_per_driver(run, world, trained, tmp_path):
    (table, x, y), _ = world
    path = str(tmp_path / "drivers.gpkg")
    run("explainriskmodel", INPUT=points(table, x, y), MODEL=trained, OUTPUT=path)
    layer = QgsVectorLayer(path, "drivers", "ogr")
    layer.loadNamedStyle(str(tmp_path / "drivers.qml"))
    renderer = layer.renderer()
    assert renderer.classAttribute() == "driver"
    categories = renderer.categories()  # kept: QGIS frees their symbols with them
    shown = {category.value(): category.symbol().color().name() for category in categories}
    assert set(shown) == {"ndvi", "rock"}
    assert set(shown.values()) == {PALETTE[0].lower(), PALETTE[1].lower()}  # the two of the largest gain
    assert "lowers" in categories[0].symbol().dataDefinedAngle().expressionString()


def test_many_drivers_share_a_colour_after_the_eighth(provider):
    from coastal_hm_plugin.processing_provider.driver_maps import OTHERS, driver_points

    names = [f"predictor {k}" for k in range(12)]
    layer = points(pd.DataFrame({"driver": [*names, None], "driver_direction": "raises"}), range(13), range(13))
    driver_points("driver", "driver_direction", names)(layer)
    categories = layer.renderer().categories()
    assert [category.label() for category in categories] == [*names[:8], "other predictors"]
    assert categories[-1].symbol().color().name() == OTHERS


@pytest.mark.parametrize("factor", [1, 3])
def test_rasters_explain_what_is_predicted(run, provider, world, trained, tmp_path, factor):
    import processing

    (table, x, y), _ = world
    paths = {"SHAP_RASTER": str(tmp_path / "shap.tif"), "DRIVER_RASTER": str(tmp_path / "driver.tif")}
    outputs = run("explainriskmodel", INPUT=points(table, x, y), MODEL=trained, CELL_SIZE=factor * CELL, **paths)
    predicted = {"MODEL": trained, "OUTPUT": str(tmp_path / "peri.tif")}
    processing.run("coastalhm:predictriskraster", predicted)
    with rasterio.open(tmp_path / "peri.tif") as file, rasterio.open(outputs["SHAP_RASTER"]) as shap:
        risk = file.read(1, masked=True)[factor // 2 :: factor, factor // 2 :: factor]
        bands = shap.read(masked=True)
        assert shap.descriptions == (*NAMES, "base")
    np.testing.assert_array_equal(bands.mask[0], risk.mask)
    np.testing.assert_allclose(bands.sum(axis=0).compressed(), risk.compressed(), rtol=1e-5)
    with rasterio.open(outputs["DRIVER_RASTER"]) as file:
        drivers = file.read(1, masked=True)
    assert {1, 2} <= set(np.unique(drivers.compressed())) <= {1, 2, 3} and (drivers.mask == risk.mask).all()
    layer = QgsRasterLayer(outputs["DRIVER_RASTER"])
    layer.loadNamedStyle(str(tmp_path / "driver.qml"))
    legend = layer.renderer().legendSymbologyItems()
    assert [colour.name() for _, colour in legend][:2] == [PALETTE[0].lower(), PALETTE[1].lower()]
    assert {label for label, _ in legend} >= {"ndvi", "rock"}
    stack = QgsRasterLayer(outputs["SHAP_RASTER"])
    stack.loadNamedStyle(str(tmp_path / "shap.qml"))
    assert (
        stack.renderer().band() in (1, 2) and [label for label, _ in stack.renderer().legendSymbologyItems()][2] == "0"
    )


def test_the_extent_the_time_and_the_report(run, world, trained, tmp_path):
    (table, x, y), rasters = world
    outputs = run(
        "explainriskmodel",
        INPUT=points(table, x, y),
        MODEL=trained,
        SHAP_RASTER=str(tmp_path / "shap.tif"),
        TEMPLATE=rasters["RASTERS"][1],
        EXTENT=f"{WEST + 0.1},{WEST + 0.3},{NORTH - 0.4},{NORTH - 0.2} [EPSG:4326]",
        MAX_SECONDS=600,
        REPORT=str(tmp_path / "explained.html"),
    )
    with rasterio.open(outputs["SHAP_RASTER"]) as file:
        assert file.shape == (20, 20)
    text = (tmp_path / "explained.html").read_text(encoding="utf-8")
    assert "chosen for the time allowed" in text and "cells (every cell)" in text
    assert "Strongest interactions, mean over 90 sites" in text and text.count("<svg") == 3
    assert "No skill" not in text and (tmp_path / "explained.run.json").exists()


def test_a_model_without_skill_is_called_so_on_every_layer_and_first_in_the_report(run, world, provider, tmp_path):
    import processing
    from qgis.core import QgsProject

    (table, x, y), rasters = world
    noise = table.assign(PERI=np.random.default_rng(2).lognormal(5, 0.4, len(table)))
    model = str(tmp_path / "noise.json")
    run(
        "trainriskmodel",
        INPUT=points(noise, x, y),
        TARGET="PERI",
        MODEL=model,
        REPEATS=1,
        SELECTION=ALL_KEPT,
        **rasters,
    )
    parameters = {
        "INPUT": points(noise, x, y),
        "MODEL": model,
        "OUTPUT": str(tmp_path / "drivers.gpkg"),
        "CELL_SIZE": 0.05,
        "SHAP_RASTER": str(tmp_path / "shap.tif"),
        "DRIVER_RASTER": str(tmp_path / "driver.tif"),
        "REPORT": str(tmp_path / "noise.html"),
    }
    QgsProject.instance().clear()
    processing.runAndLoadResults("coastalhm:explainriskmodel", parameters)
    names = [layer.name() for layer in QgsProject.instance().mapLayers().values()]
    QgsProject.instance().clear()
    assert len(names) == 3 and all("NO SKILL" in name for name in names), names
    assert sum("coarse grid" in name for name in names) == 2
    text = (tmp_path / "noise.html").read_text(encoding="utf-8")
    assert text.index("No skill: on") < text.index("A SHAP value is")


def test_what_cannot_be_explained_is_named_and_writes_nothing(run, world, trained, tmp_path):
    (table, x, y), _ = world
    own = str(tmp_path / "own.json")
    run("trainriskmodel", INPUT=points(table, x, y), TARGET="PERI", PREDICTORS=["pH"], MODEL=own, REPEATS=1)
    out = tmp_path / "out"
    out.mkdir()
    given = {"INPUT": points(table, x, y), "OUTPUT": str(out / "drivers.gpkg")}
    with pytest.raises(QgsProcessingException, match="there is no raster for pH"):
        run("explainriskmodel", MODEL=own, DRIVER_RASTER=str(out / "driver.tif"), **given)
    with pytest.raises(QgsProcessingException, match=r"Choose a name that ends in \.tif"):
        run("explainriskmodel", MODEL=trained, DRIVER_RASTER=str(out / "driver.img"), **given)
    elsewhere = points(pd.DataFrame({"name": ["a"]}), [121.2], [39.2])
    with pytest.raises(QgsProcessingException, match="needs pH, which is neither a field of the points nor a raster"):
        run("explainriskmodel", MODEL=own, INPUT=elsewhere, OUTPUT=str(out / "drivers.gpkg"))
    with pytest.raises(QgsProcessingException, match="is no risk model, or its sidecar"):
        (tmp_path / "other.json").write_text("{}", encoding="utf-8")
        run("explainriskmodel", MODEL=str(tmp_path / "other.json"), **given)
    far = "10,11,10,11 [EPSG:4326]"
    with pytest.raises(QgsProcessingException, match="does not overlap"):
        run("explainriskmodel", MODEL=trained, DRIVER_RASTER=str(out / "driver.tif"), EXTENT=far, **given)
    assert list(out.iterdir()) == []


def test_a_run_cancelled_in_the_rasters_leaves_nothing(provider, world, trained, tmp_path):
    import processing
    from qgis.core import QgsProcessingContext, QgsProcessingFeedback

    class Impatient(QgsProcessingFeedback):
        def setProgress(self, progress):
            if progress > 46:
                self.cancel()

    (table, x, y), _ = world
    out = tmp_path / "out"
    out.mkdir()
    given = {
        "INPUT": points(table, x, y),
        "MODEL": trained,
        "OUTPUT": str(out / "drivers.gpkg"),
        "CELL_SIZE": CELL / 20,
    }
    given.update(SHAP_RASTER=str(out / "shap.tif"), DRIVER_RASTER=str(out / "driver.tif"))
    with pytest.raises(QgsProcessingException, match="Cancelled"):
        processing.run("coastalhm:explainriskmodel", given, feedback=Impatient(), context=QgsProcessingContext())
    assert list(out.iterdir()) == []
