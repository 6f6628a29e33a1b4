"""The Jura example: a small grid in the same local system, planted here."""

import numpy as np
import pandas as pd
import pytest
import rasterio
from pyproj import Transformer

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.example_jura import LAND_USES, ROCKS, LocalGrid, make_jura

# the local system of kilometres in the Swiss grid, as fitted to gstat's data
MATRIX = np.array([[994.4277, 3.1738], [-5.5630, 997.3676], [553023.133, 217990.906]])


def table_of(local, rng):
    swiss = np.column_stack([local, np.ones(len(local))]) @ MATRIX
    longitude, latitude = Transformer.from_crs(21781, 4326, always_xy=True).transform(*swiss.T)
    return pd.DataFrame(
        {
            "Xloc": local[:, 0],
            "Yloc": local[:, 1],
            "long": longitude,
            "lat": latitude,
            "Landuse": rng.choice([label for label, _ in LAND_USES], len(local)),
            "Rock": rng.choice([label for label, _ in ROCKS], len(local)),
        }
    )


@pytest.fixture
def exported(tmp_path):
    rng = np.random.default_rng(1)
    x, y = np.meshgrid(np.arange(20, 60) * 0.05, np.arange(10, 40) * 0.05)
    local = np.column_stack([x.ravel(), y.ravel()])
    local = local[local.sum(axis=1) < 4.2]  # not a full rectangle
    folder = tmp_path / "export"
    folder.mkdir()
    table_of(local, rng).to_csv(folder / "jura.grid.csv", index=False)
    for name, count in (("pred", 30), ("val", 10)):
        points = table_of(rng.uniform([1.1, 0.6], [2.0, 1.5], (count, 2)), rng)
        points["Cd"] = rng.lognormal(0, 0.5, count)
        points.to_csv(folder / f"jura.{name}.csv", index=False)
    return folder


def test_every_grid_node_gets_its_own_class_back(exported, tmp_path):
    jura = make_jura(tmp_path / "jura", exported)
    grid = pd.read_csv(exported / "jura.grid.csv")
    swiss = np.column_stack(Transformer.from_crs(4326, 21781, always_xy=True).transform(grid["long"], grid["lat"]))
    for name, column, classes in (("rock", "Rock", ROCKS), ("land_use", "Landuse", LAND_USES)):
        labels = np.array(["", *(label for label, _ in classes)])
        with rasterio.open(jura.rasters[name]) as raster:
            assert raster.crs.to_epsg() == 21781 and raster.res == (10.0, 10.0)
            codes = np.array([value[0] for value in raster.sample(swiss)])
            area = (raster.read(1) > 0).sum() * 100
        assert (labels[codes] == grid[column]).all()
        assert area == pytest.approx(len(grid) * 994.4277 * 997.3676 * 0.05**2, rel=0.002)


def test_local_grid_is_found_and_inverted():
    rng = np.random.default_rng(2)
    local = rng.uniform(0, 5, (50, 2))
    swiss = np.column_stack([local, np.ones(50)]) @ MATRIX
    fitted = LocalGrid.fit(local, swiss)
    assert fitted.misfit_m < 1e-6
    np.testing.assert_allclose(fitted.matrix, MATRIX, rtol=1e-9)
    np.testing.assert_allclose(fitted.to_local(swiss), local, atol=1e-9)


def test_tables_keep_their_rows_and_values(exported, tmp_path):
    jura = make_jura(tmp_path / "jura", exported)
    for path, name in ((jura.soil, "pred"), (jura.validation, "val")):
        made, given = (
            pd.read_csv(file, float_precision="round_trip") for file in (path, exported / f"jura.{name}.csv")
        )
        np.testing.assert_array_equal(made["Cd"], given["Cd"])
        np.testing.assert_array_equal(made["longitude"], given["long"])
        assert made["sample_id"].is_unique


def test_missing_export(tmp_path):
    with pytest.raises(InputError, match=r"jura\.pred\.csv' cannot be read .* Export it with scripts/export_jura\.sh"):
        make_jura(tmp_path / "jura", tmp_path)


def test_missing_column(exported, tmp_path):
    grid = pd.read_csv(exported / "jura.grid.csv").drop(columns="Rock")
    grid.to_csv(exported / "jura.grid.csv", index=False)
    with pytest.raises(InputError, match=r"jura\.grid\.csv' has no column Rock"):
        make_jura(tmp_path / "jura", exported)


def test_a_grid_that_is_not_jura(exported, tmp_path):
    grid = pd.read_csv(exported / "jura.grid.csv")
    grid.loc[3, "long"] += 0.001
    grid.to_csv(exported / "jura.grid.csv", index=False)
    with pytest.raises(InputError, match="miss the Swiss grid by up to"):
        make_jura(tmp_path / "jura", exported)


def test_unknown_class(exported, tmp_path):
    grid = pd.read_csv(exported / "jura.grid.csv")
    grid.loc[0, "Rock"] = "Basalt"
    grid.to_csv(exported / "jura.grid.csv", index=False)
    with pytest.raises(InputError, match="No class is named Basalt"):
        make_jura(tmp_path / "jura", exported)
    assert not any((tmp_path / "jura").rglob("*.tif"))
