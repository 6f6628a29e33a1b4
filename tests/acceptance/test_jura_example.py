"""The Jura example against the published data: same numbers, and a grid that lies where it should."""

import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
import rasterio
from pyproj import Transformer

from coastal_hm_plugin.core.example_jura import LAND_USES, ROCKS, LocalGrid, make_jura
from tests.conftest import ROOT

METALS = ["Cd", "Co", "Cr", "Cu", "Ni", "Pb", "Zn"]
pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def published(reference):
    return {name: pd.read_csv(reference / "jura" / f"jura.{name}.csv") for name in ("pred", "val", "grid")}


@pytest.fixture(scope="module")
def jura(reference, tmp_path_factory):
    return make_jura(tmp_path_factory.mktemp("jura"), reference / "jura")


def swiss(table):
    transformer = Transformer.from_crs(4326, 21781, always_xy=True)
    return np.column_stack(transformer.transform(table["long"].to_numpy(), table["lat"].to_numpy()))


def test_points_and_metals(jura, published):
    for path, name, count in ((jura.soil, "pred", 259), (jura.validation, "val", 100)):
        made = pd.read_csv(path)
        assert len(made) == count
        np.testing.assert_array_equal(made[METALS], published[name][METALS])
        np.testing.assert_allclose(made[["longitude", "latitude"]], published[name][["long", "lat"]], rtol=1e-15)


def test_local_kilometres_are_an_image_of_the_swiss_grid(published):
    for table in published.values():
        local = table[["Xloc", "Yloc"]].to_numpy()
        fitted = LocalGrid.fit(local, swiss(table))
        assert fitted.misfit_m < 1e-6
        np.testing.assert_allclose(fitted.matrix[2], [553023.133, 217990.906], atol=0.01)


def test_every_cell_of_the_grid_keeps_its_classes(jura, published):
    grid = published["grid"]
    places = swiss(grid)
    assert len(grid) == 5957
    for name, column, classes in (("rock", "Rock", ROCKS), ("land_use", "Landuse", LAND_USES)):
        labels = np.array(["", *(label for label, _ in classes)])
        with rasterio.open(jura.rasters[name]) as raster:
            codes = np.array([value[0] for value in raster.sample(places)])
            area_km2 = (raster.read(1) > 0).sum() * raster.res[0] ** 2 / 1e6
        assert (labels[codes] == grid[column]).all()
        assert area_km2 == pytest.approx(5957 * 0.9944277 * 0.9973676 * 0.0025, rel=0.002)


def test_points_lie_on_the_rasters(jura, published):
    """All points are covered; their own classes, noted in the field, are those of the grid for six in seven."""
    points = pd.concat([published["pred"], published["val"]])
    for name, column, classes in (("rock", "Rock", ROCKS), ("land_use", "Landuse", LAND_USES)):
        labels = np.array(["", *(label for label, _ in classes)])
        with rasterio.open(jura.rasters[name]) as raster:
            codes = np.array([value[0] for value in raster.sample(swiss(points))])
        assert (codes > 0).all()
        assert (labels[codes] == points[column]).mean() > 0.85


def test_export_script_gives_the_published_files(reference, tmp_path):
    r = shutil.which("Rscript")
    if r is None or subprocess.run([r, "-e", "library(gstat)"], capture_output=True, check=False).returncode:
        pytest.skip("R with the package gstat is not installed here")
    script = ROOT / "scripts" / "export_jura.sh"
    subprocess.run([script, tmp_path], check=True, capture_output=True)
    for name in ("pred", "val", "grid"):
        made, given = ((folder / f"jura.{name}.csv").read_bytes() for folder in (tmp_path, reference / "jura"))
        assert made == given
    assert "Goovaerts" in (tmp_path / "ATTRIBUTION.txt").read_text(encoding="utf-8")
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    subprocess.run([script, tmp_path], check=True, capture_output=True)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
