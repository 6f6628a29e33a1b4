"""Bad input on the command line: a clear message, exit code 1, nothing half-written."""

import csv

import numpy as np
import pytest

LONGITUDES, LATITUDES = np.linspace(121.2, 122.0, 30), np.linspace(38.8, 39.3, 30)
LEVELS = np.random.default_rng(1).lognormal(np.log(0.15), 0.4, 30)


def table(path, cd=LEVELS, x=LONGITUDES, y=LATITUDES, names=("lon", "lat", "Cd")):
    """A CSV of samples."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(names)
        rows.writerows(zip(x, y, cd))
    return path


def raster(path, west, crs):
    """A GeoTIFF of 50 x 50 cells, 1.5 degrees wide."""
    import rasterio

    place = rasterio.transform.from_origin(west, 40.0, 0.03, 0.03)
    profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "width": 50, "height": 50, "transform": place}
    with rasterio.open(path, "w", crs=crs, **profile) as dataset:
        dataset.write(np.ones((1, 50, 50), dtype="uint8"))
    return path


def refused(done, message, folder):
    """Whether the program ended as it should: exit code 1, the message, an empty output folder."""
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert message in said
    assert "Traceback" not in said
    assert not list(folder.iterdir())


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def indices(qgis_process, samples, out):
    return qgis_process.run("pollutionindices", INPUT=samples, OUTPUT=out / "out.gpkg", REPORT=out / "out.html")


def test_good_input_ends_well(qgis_process, tmp_path, out):
    done = indices(qgis_process, table(tmp_path / "soil.csv"), out)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {"out.gpkg", "out.html"} <= {path.name for path in out.iterdir()}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"cd": ["low"] * 30}, "Column 'Cd' holds text, such as 'low', and no number"),
        ({"cd": [""] * 30}, "Field 'Cd' (Cd) has no value in any row"),
        ({"cd": ["nd"] * 30}, "has non-detects only: give their detection limit"),
        ({"x": LATITUDES, "y": LONGITUDES}, "look swapped"),
        ({"names": ("a", "b", "Cd")}, "no column that looks like x (longitude)"),
        ({"cd": [], "x": [], "y": []}, "holds no rows"),
    ],
)
def test_a_table_that_cannot_be_used(qgis_process, tmp_path, out, columns, message):
    refused(indices(qgis_process, table(tmp_path / "soil.csv", **columns), out), message, out)


def test_a_layer_without_crs(qgis_process, tmp_path, out):
    # a shapefile without its .prj
    bare = qgis_process.run(
        "native:createpointslayerfromtable",
        INPUT=table(tmp_path / "soil.csv"),
        XFIELD="lon",
        YFIELD="lat",
        TARGET_CRS="EPSG:4326",
        OUTPUT=tmp_path / "bare.shp",
    )
    assert bare.returncode == 0, bare.stdout + bare.stderr
    (tmp_path / "bare.prj").unlink()
    refused(indices(qgis_process, tmp_path / "bare.shp", out), "has no coordinate reference system", out)


@pytest.mark.parametrize(
    ("west", "crs", "message"),
    [(10.0, "EPSG:4326", "holds none of the 30 points"), (121.0, None, "has no coordinate reference system")],
)
def test_a_raster_that_cannot_be_used(qgis_process, tmp_path, out, west, crs, message):
    done = qgis_process.run(
        "samplecovariates",
        INPUT=table(tmp_path / "soil.csv"),
        RASTERS=raster(tmp_path / "covariate.tif", west, crs),
        OUTPUT=out / "out.gpkg",
    )
    refused(done, message, out)


def test_an_output_folder_that_cannot_be_written(qgis_process, tmp_path, out):
    # below a regular file nobody can write, not even root
    (tmp_path / "file").write_text("", encoding="utf-8")
    samples = table(tmp_path / "soil.csv")
    for done in (
        indices(qgis_process, samples, tmp_path / "file"),
        qgis_process.run("assessment", SOIL=samples, OUTPUT_FOLDER=tmp_path / "file" / "folder"),
    ):
        refused(done, str(tmp_path / "file"), out)


def test_a_missing_package_is_named_with_how_to_install_it(qgis_process, tmp_path, out):
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['xgboost'] = None\n", encoding="utf-8")
    samples = table(tmp_path / "soil.csv")
    done = qgis_process.run("assessment", python_path=[tmp_path], SOIL=samples, OUTPUT_FOLDER=out)
    refused(done, "xgboost", out)
    assert "qgis_process run coastalhm:checkdependencies --INSTALL=true" in done.stdout + done.stderr
    # the tools that do not need it go on working
    done = qgis_process.run("pollutionindices", python_path=[tmp_path], INPUT=samples, OUTPUT=out / "out.gpkg")
    assert done.returncode == 0, done.stdout + done.stderr
