"""Models of other targets than PERI: what is circular for them, their own classes, and how their maps look."""

import json

import numpy as np
import pandas as pd
import pytest
import rasterio
from qgis.core import QgsRasterLayer, QgsVectorLayer
from rasterio.transform import from_origin

from coastal_hm_plugin.core.index_schemes import index_schemes
from coastal_hm_plugin.core.reference_values import background
from tests.processing.memory import frame, points

WEST, NORTH, CELL = 121.0, 39.5, 0.01


@pytest.fixture(scope="module")
def ndvi(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rasters")
    rows, columns = np.mgrid[:50, :60]
    cells = (0.5 + 0.4 * np.sin(columns / 9) * np.cos(rows / 7)).astype(np.float32)
    profile = {"driver": "GTiff", "count": 1, "height": 50, "width": 60, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(folder / "ndvi.tif", "w", transform=from_origin(WEST, NORTH, CELL, CELL), **profile) as file:
        file.write(cells, 1)
    return str(folder / "ndvi.tif"), cells


@pytest.fixture(scope="module")
def indices(provider, ndvi):
    """What 'pollutionindices' makes of 90 sites whose cadmium falls with NDVI."""
    import processing

    rng = np.random.default_rng(5)
    column, row = rng.uniform(0, 59, 90), rng.uniform(0, 49, 90)
    green = ndvi[1][row.astype(int), column.astype(int)]
    crust = background("upper_crust")
    table = pd.DataFrame({one: crust[one] * rng.lognormal(0, 0.2, 90) for one in ("As", "Cu", "Hg", "Pb", "Al")})
    table["Cd"] = crust["Cd"] * np.exp(2.5 - 4 * green + rng.normal(0, 0.05, 90))
    layer = points(table.assign(pH=rng.normal(7, 1, 90)), WEST + CELL * column, NORTH - CELL * row)
    given = {"INPUT": layer, "MEDIUM": 1, "BACKGROUND": 13, "REFERENCE_ELEMENT": "Al", "GUIDELINES": True}
    return processing.run("coastalhm:pollutionindices", {**given, "OUTPUT": "memory:"})["OUTPUT"]


@pytest.mark.parametrize("target", ["Igeo_Cd", "CF_Cd", "PLI", "Cd"])
def test_a_model_of_another_index_has_the_classes_of_that_index(provider, indices, ndvi, target, tmp_path):
    import processing

    path = str(tmp_path / "model.json")
    given = {"INPUT": indices, "TARGET": target, "RASTERS": [ndvi[0]], "MODEL": path, "REPEATS": 1, "MEDIUM": 2}
    made = processing.run("coastalhm:trainriskmodel", {**given, "PREDICTIONS": "memory:"})
    side = json.loads((tmp_path / "model.sidecar.json").read_text(encoding="utf-8"))
    assert [feature["name"] for feature in side["features"]] == ["ndvi"]
    assert side["scheme"]["index"] == target and side["skill"]["has_skill"] is True
    limits = [0.676, 4.21] if target == "Cd" else list(index_schemes()[target.split("_")[0]].limits)
    assert side["scheme"]["limits"] == limits
    held_out = frame(made["PREDICTIONS"])
    number = np.searchsorted(limits, held_out["predicted"].astype(float), side="right") + 1
    np.testing.assert_array_equal(held_out["class"].astype(int), number)
    ranges = made["PREDICTIONS"].renderer().ranges()
    for value in held_out["predicted"].astype(float):
        assert sum(one.lowerValue() <= value <= one.upperValue() for one in ranges) >= 1
    output = str(tmp_path / "map.tif")
    processing.run("coastalhm:predictriskraster", {"MODEL": path, "OUTPUT": output})
    layer = QgsRasterLayer(output)
    layer.loadNamedStyle(str(tmp_path / "map.qml"))
    labels = [label for label, _ in layer.renderer().legendSymbologyItems()]
    assert len(labels) == len(limits) + 1 and labels[0].startswith(side["scheme"]["class_names"][0])


def test_fields_that_the_target_is_computed_from_are_left_out(provider, indices, tmp_path):
    import processing

    given = {"INPUT": indices, "TARGET": "Igeo_Cd", "MODEL": str(tmp_path / "model.json"), "REPEATS": 1}
    processing.run("coastalhm:trainriskmodel", {**given, "PREDICTIONS": "memory:"})
    side = json.loads((tmp_path / "model.sidecar.json").read_text(encoding="utf-8"))
    circular = {entry["name"] for entry in side["left_out"] if entry["kind"] == "circular"}
    assert {"Cd", "CF_Cd", "Er_Cd", "EF_Cd", "PERI", "PLI", "mERLQ", "mERMQ", "Nemerow", "mCd"} <= circular
    assert not {"Pb", "CF_Pb", "pH"} & circular


def test_values_below_zero_are_drawn(qgis_app):
    from coastal_hm_plugin.processing_provider import styling

    layer = QgsVectorLayer("Point?crs=EPSG:4326&field=Igeo_Cd:double", "a", "memory")
    styling.risk_points("Igeo_Cd", index_schemes()["Igeo"])(layer)
    renderer = layer.renderer()
    assert renderer.rangeForValue(-3.0).label().startswith("Unpolluted (< 0)")
    assert renderer.rangeForValue(0.5).label().startswith("Unpolluted to moderate")
