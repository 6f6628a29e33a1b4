"""The kriging tool as QGIS runs it: surfaces, trend rasters, a given variogram, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
import rasterio
from qgis.core import QgsProcessingException
from rasterio.transform import from_origin

from coastal_hm_plugin.core.kriging import KrigingOptions, interpolate
from tests.processing.memory import frame, points

UTM = "EPSG:32651"
LEFT, TOP, CELL = 400_000.0, 4_300_000.0, 1000.0
GIVEN = {"VARIOGRAM": 1, "NUGGET": 0.05, "PARTIAL_SILL": 0.6, "RANGE": 15_000.0}


@pytest.fixture
def run(provider, tmp_path):
    import processing

    def run_tool(**parameters):
        return processing.run("coastalhm:interpolatesurface", {"OUTPUT": str(tmp_path / "surface.tif"), **parameters})

    return run_tool


@pytest.fixture(scope="module")
def sites():
    """70 sites: pH smooth in space."""
    rng = np.random.default_rng(5)
    x, y = LEFT + rng.uniform(0, 40_000, 70), TOP - rng.uniform(0, 40_000, 70)
    ph = 7 + np.sin(x / 9e3) * np.cos(y / 8e3) + rng.normal(0, 0.15, 70)
    return pd.DataFrame({"site": [f"S{k}" for k in range(70)], "pH": ph}), x, y


@pytest.fixture(scope="module")
def rock(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rock")
    cells = np.tile((1 + (np.arange(40) // 10) % 2).astype(np.uint8), (40, 1))
    cells[35:, 35:] = 3
    profile = {"driver": "GTiff", "count": 1, "height": 40, "width": 40, "dtype": "uint8", "nodata": 0, "crs": UTM}
    with rasterio.open(folder / "rock.tif", "w", transform=from_origin(LEFT, TOP, CELL, CELL), **profile) as file:
        file.write(cells, 1)
    (folder / "rock.tsv").write_text("code\tname\n1\tgranite\n2\tshale\n3\tlimestone\n", encoding="utf-8")
    return {"RASTERS": [str(folder / "rock.tif")], "CLASSES": f"rock={folder / 'rock.tsv'}", "cells": cells}


def read(path):
    with rasterio.open(path) as file:
        return file.read(1), file.transform, file.crs


def test_a_surface_with_its_variance_and_report(run, sites, tmp_path):
    outputs = run(
        INPUT=points(*sites, UTM),
        VARIABLE="pH",
        CELL_SIZE=2000,
        VARIANCE=str(tmp_path / "variance.tif"),
        LEFT_OUT="memory:",
        REPORT=str(tmp_path / "ph.html"),
        TABLES=str(tmp_path / "tables"),
        **GIVEN,
    )
    table, x, y = sites
    cells, transform, crs = read(outputs["OUTPUT"])
    variance = read(outputs["VARIANCE"])[0]
    assert crs.to_epsg() == 32651 and transform.a == 2000
    found = interpolate(x, y, UTM, table["pH"], options=KrigingOptions("spherical", 0.05, 0.6, 15_000.0))
    rows, columns = np.mgrid[: cells.shape[0], : cells.shape[1]]
    at_x, at_y = transform * (columns.ravel() + 0.5, rows.ravel() + 0.5)
    expected = found.predict(at_x, at_y, UTM)
    np.testing.assert_allclose(cells.ravel(), expected[0], rtol=1e-5)
    np.testing.assert_allclose(variance.ravel(), expected[1], rtol=1e-4, atol=1e-6)
    left_out = frame(outputs["LEFT_OUT"])
    assert left_out["row"].tolist() == list(range(1, 71))
    np.testing.assert_allclose(left_out["predicted"].astype(float), found.leave_one_out.predicted)
    page = (tmp_path / "ph.html").read_text(encoding="utf-8")
    assert "Ordinary kriging of pH at 70 sites" in page and "<svg" in page
    names = {path.name for path in tmp_path.iterdir()}
    assert {"surface.qml", "variance.qml", "ph.run.json", "tables"} <= names
    assert (tmp_path / "tables" / "kriging_scores.csv").exists()


def test_rock_as_trend_gives_the_grid_and_leaves_unseen_classes_out(run, sites, rock, tmp_path):
    table, x, y = sites
    inside = ~((x > LEFT + 34_000) & (y < TOP - 34_000))
    shale = rock["cells"][0, ((x - LEFT) / CELL).astype(int)] == 2
    table, x, y = table.assign(pH=table["pH"] + 2 * shale)[inside], x[inside], y[inside]
    given = {"RASTERS": rock["RASTERS"], "CLASSES": rock["CLASSES"], "REPORT": str(tmp_path / "ph.html")}
    outputs = run(INPUT=points(table, x, y, UTM), VARIABLE="pH", **given)
    cells, transform, _ = read(outputs["OUTPUT"])
    assert cells.shape == (40, 40) and transform.a == CELL
    assert ((cells == -9999) == (rock["cells"] == 3)).all()
    page = (tmp_path / "ph.html").read_text(encoding="utf-8")
    assert "linear trend in rock" in page and "rock: shale" in page
    shales = cells[:30][rock["cells"][:30] == 2].mean() - cells[:30][rock["cells"][:30] == 1].mean()
    assert shales == pytest.approx(2, abs=0.6)


def test_codes_of_rock_without_names_are_classes(run, sites, rock, tmp_path):
    from coastal_hm_plugin.core.covariates import describe_rasters

    given = {"INPUT": points(*sites, UTM), "VARIABLE": "pH", "TEMPLATE": rock["RASTERS"][0], **GIVEN}
    outputs = run(**given, RASTERS=rock["RASTERS"], REPORT=str(tmp_path / "ph.html"))
    assert "rock: 2" in (tmp_path / "ph.html").read_text(encoding="utf-8")
    assert describe_rasters([outputs["OUTPUT"]]).covariates[0].interpolated


def test_degrees_a_template_and_an_extent(run, sites, rock):
    from coastal_hm_plugin.core.geodesy import project

    table, x, y = sites
    longitude, latitude = project(x, y, UTM, "EPSG:4326")
    extent = f"{LEFT + 5000},{LEFT + 15000},{TOP - 20000},{TOP - 10000} [{UTM}]"
    given = {"VARIABLE": "pH", "TEMPLATE": rock["RASTERS"][0], "EXTENT": extent, **GIVEN}
    degrees = read(run(INPUT=points(table, longitude, latitude), **given)["OUTPUT"])[0]
    metres = read(run(INPUT=points(table, x, y, UTM), **given)["OUTPUT"])[0]
    assert metres.shape == (10, 10)
    np.testing.assert_allclose(degrees, metres, atol=2e-3)


def test_logarithms_and_values_below_detection(run, sites):
    table, x, y = sites
    cd = np.exp(table["pH"] - 8)
    table = table.assign(Cd=[f"{value:.4f}" for value in cd])
    table.loc[4, "Cd"] = "<0.1"
    given = {"INPUT": points(table, x, y, UTM), "VARIABLE": "Cd", "LOGARITHM": True, "CELL_SIZE": 5000, **GIVEN}
    surface = read(run(**given)["OUTPUT"])[0]
    used = cd.copy()
    used[4] = 0.05
    options = KrigingOptions("spherical", 0.05, 0.6, 15_000.0, logarithm=True)
    found = interpolate(x, y, UTM, used.round(4), options=options)
    assert surface.min() > 0 and surface.max() < np.exp(found.values.max())


def test_a_surface_without_skill_is_called_so(run, sites, provider, tmp_path):
    import processing
    from qgis.core import QgsProject

    table, x, y = sites
    noise = table.assign(pH=np.random.default_rng(2).normal(size=70))
    given = {"INPUT": points(noise, x, y, UTM), "VARIABLE": "pH", "CELL_SIZE": 5000, **GIVEN, "NUGGET": 5.0}
    given.update(PARTIAL_SILL=0.01, OUTPUT=str(tmp_path / "noise.tif"))
    processing.runAndLoadResults("coastalhm:interpolatesurface", given)
    layers = [layer for layer in QgsProject.instance().mapLayers().values() if layer.source().endswith("noise.tif")]
    assert len(layers) == 1 and "NO SKILL" in layers[0].name()
    QgsProject.instance().removeMapLayer(layers[0].id())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"VARIABLE": "zinc"}, "zinc"),
        ({"VARIABLE": "site"}, "site"),
        ({"NUGGET": 0.1, "VARIOGRAM": 1}, "needs its model, nugget, partial sill and range"),
        ({"CELL_SIZE": 0.01}, "give a larger cell size"),
        ({"OUTPUT": "surface.img"}, r"Choose a name that ends in \.tif"),
    ],
)
def test_bad_choices_are_refused_and_write_nothing(run, sites, tmp_path, change, message):
    if "OUTPUT" in change:
        change = {"OUTPUT": str(tmp_path / change["OUTPUT"])}
    with pytest.raises(QgsProcessingException, match=message):
        run(**{"INPUT": points(*sites, UTM), "VARIABLE": "pH", **change})
    assert list(tmp_path.iterdir()) == []


def test_a_layer_without_crs_is_refused(run, sites):
    with pytest.raises(QgsProcessingException, match="no coordinate reference system"):
        run(INPUT=points(*sites, crs=""), VARIABLE="pH")
