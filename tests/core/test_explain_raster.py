"""SHAP values on a coarse grid: those at its cells' centres, as coarse as the time asks for, whole or not there."""

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import Affine, from_origin

from coastal_hm_plugin.core.covariates import band_classes, sample_covariates
from coastal_hm_plugin.core.covariates.grid import Grid
from coastal_hm_plugin.core.covariates.manifest import Manifest
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.explain import RasterExplanationOptions, coarse_grid, explain_raster, explain_risk_model
from coastal_hm_plugin.core.explain.coarse_grid import LEAST_SIDE, Pace, choose_factor, odd_factor
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.raster_prediction import predict_raster
from coastal_hm_plugin.core.risk_model import TrainingOptions

from .raster_worlds import CELL, LEFT, TOP, UTM, rock_world

WIDTH, HEIGHT = 80, 61


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A model of a raster of numbers and one of classes, both with holes, and its rasters."""
    options = TrainingOptions(repeats=1, n_trees=30, transform="log", selection="none")
    return rock_world(tmp_path_factory.mktemp("rasters"), options, HEIGHT)[:2]


def read(path):
    with rasterio.open(path) as file:
        return file.read(masked=True), file.descriptions, file.tags()


def every(cell_size, **options):
    return RasterExplanationOptions(cell_size=cell_size, **options)


def test_bands_are_the_shap_values_of_the_cells_centres(world, tmp_path):
    model, manifest = world
    result = explain_raster(model, tmp_path / "shap.tif", options=every(3 * CELL))
    bands, names, tags = read(tmp_path / "shap.tif")
    assert names == ("ndvi", "rock", "base") and tags["target"] == "PERI" and tags["unit"] == "log units"
    assert bands.shape == (3, 20, 27) and result.cell_size == 1500 and result.factor == 3
    x, y = (axis.ravel() for axis in result.grid.centres(next(result.grid.windows(1000))))
    table = sample_covariates(x, y, UTM, manifest).table
    known = table["ndvi"].notna() & table["rock"].isin(["granite", "shale"])
    explanation = explain_risk_model(model, table[known])
    found = bands.reshape(3, -1)
    np.testing.assert_array_equal(~found.mask, np.tile(known, (3, 1)))
    np.testing.assert_array_equal(found[:2, known.to_numpy()], explanation.shap.to_numpy(dtype=np.float32).T)
    np.testing.assert_array_equal(found[2, known.to_numpy()], np.float32(explanation.base))
    assert (result.cells, result.explained) == (540, known.sum())
    lost = result.without_value.set_index("covariate")
    assert lost.loc["ndvi", "nodata"] == table["ndvi"].isna().sum() > 0
    assert lost.loc["rock", "nodata"] == table["rock"].isna().sum() > 0
    assert lost.loc["rock", "unseen"] == (table["rock"] == "limestone").sum() > 0
    np.testing.assert_allclose(result.mean_abs_shap, explanation.shap.abs().mean(), rtol=1e-5)


@pytest.mark.parametrize("factor", [1, 5])
def test_bands_add_up_to_the_predicted_raster(world, tmp_path, factor):
    model, _ = world
    predict_raster(model, tmp_path / "peri.tif")
    result = explain_raster(model, tmp_path / "shap.tif", options=every(factor * CELL))
    predicted = read(tmp_path / "peri.tif")[0][0][factor // 2 :: factor, factor // 2 :: factor]
    total = np.exp(read(tmp_path / "shap.tif")[0].sum(axis=0, dtype=float))
    np.testing.assert_array_equal(total.mask, predicted.mask)
    np.testing.assert_allclose(total.compressed(), predicted.compressed(), rtol=1e-5)
    assert result.factor == factor


def test_drivers_are_the_largest_values_and_have_names(world, tmp_path):
    model, _ = world
    paths = tmp_path / "shap.tif", tmp_path / "driver.tif"
    result = explain_raster(model, *paths, options=every(3 * CELL))
    shap = read(paths[0])[0][:2]
    bands, names, tags = read(paths[1])
    assert names == ("driver", "direction", "share_percent") and bands.dtype == np.uint8
    known = ~shap.mask[0]
    np.testing.assert_array_equal(~bands.mask[0], known)
    values = shap.data[:, known]
    place = np.abs(values).argmax(axis=0)
    largest = np.take_along_axis(values, place[None], 0)[0]
    gains = explain_risk_model(model, pd.DataFrame(columns=model.names)).gain_shares
    by_gain = [model.names[k] for k in np.argsort(-gains)]
    assert result.driver_names == tuple(by_gain)
    np.testing.assert_array_equal(bands.data[0][known], [by_gain.index(model.names[k]) + 1 for k in place])
    np.testing.assert_array_equal(bands.data[1][known], np.where(largest > 0, 2, 1))
    share = 100 * np.abs(largest) / np.abs(values).sum(axis=0)
    np.testing.assert_allclose(bands.data[2][known], share, atol=0.501)
    assert band_classes(paths[1], 1) == dict(enumerate(by_gain, start=1))
    assert [tags["driver_1"], tags["driver_2"], tags["direction_2"]] == [*by_gain, "raises"]
    counts = result.drivers.set_index("driver")
    assert counts["cells"].sum() == known.sum() and counts.loc["ndvi", "cells"] == (place == 0).sum()
    assert counts.loc["rock", "raises"] == ((place == 1) & (largest > 0)).sum()
    assert result.drivers["cells"].is_monotonic_decreasing


def test_another_crs_and_a_radius_are_sampled_at_the_centres(world, tmp_path):
    model, manifest = world
    near = Manifest((replace(manifest.covariates[0], method="mean", radius_m=900.0), manifest.covariates[1]))
    grid = Grid(rasterio.crs.CRS.from_epsg(4326), from_origin(121.86, 38.83, 0.02, 0.02), 15, 12)
    result = explain_raster(model, tmp_path / "shap.tif", None, grid, near, every(0.02))
    x, y = (axis.ravel() for axis in result.grid.centres(next(result.grid.windows(1000))))
    table = sample_covariates(x, y, "EPSG:4326", near).table
    known = (table["ndvi"].notna() & table["rock"].isin(["granite", "shale"])).to_numpy()
    expected = explain_risk_model(model, table[known]).shap.to_numpy(dtype=np.float32).T
    bands = read(tmp_path / "shap.tif")[0].reshape(3, -1)
    np.testing.assert_array_equal(~bands.mask[0], known)
    np.testing.assert_array_equal(bands[:2, known], expected)


def test_missing_covariates_are_explained_if_asked(world, tmp_path):
    model, _ = world
    result = explain_raster(model, tmp_path / "a.tif", options=every(CELL, allow_missing=True))
    assert result.explained == result.cells == WIDTH * HEIGHT


def test_enough_time_explains_every_cell_of_the_template(world, tmp_path):
    model, _ = world
    result = explain_raster(model, tmp_path / "a.tif", options=RasterExplanationOptions(max_seconds=600))
    assert result.factor == 1 and result.cells == WIDTH * HEIGHT
    assert (
        result.label == "every cell"
        and result.cells_per_second > 0
        and "The cell size 500.0 gives the same grid" in result.sentence
    )


def test_no_time_is_said_and_gives_a_coarse_picture(world, tmp_path):
    model, _ = world
    said = []
    options = RasterExplanationOptions(max_seconds=1e-6)
    result = explain_raster(model, tmp_path / "a.tif", options=options, monitor=Monitor(on_warning=said.append))
    assert result.factor == 3 and max(result.grid.width, result.grid.height) >= LEAST_SIDE
    assert any("Even the coarsest grid (20 cells along its longer side)" in text for text in said)
    again = explain_raster(model, tmp_path / "b.tif", options=every(result.cell_size))
    np.testing.assert_array_equal(read(tmp_path / "a.tif")[0].filled(), read(tmp_path / "b.tif")[0].filled())
    assert again.grid == result.grid and again.sentence.startswith("Coarse grid: ") and "as asked for" in again.sentence


GRID = Grid(rasterio.crs.CRS.from_epsg(32651), from_origin(LEFT, TOP, CELL, CELL), 1000, 700)


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(0, 40).map(lambda k: 2 * k + 1), st.floats(1, 1e6))
@settings(deadline=None, max_examples=80)
def test_centres_of_odd_factors_are_centres_of_cells(width, height, factor, pace):
    grid = Grid(GRID.crs, GRID.transform, width, height)
    coarse = coarse_grid(grid, factor)
    corner = next(coarse.windows(1))
    x, y = coarse.centres(corner)
    columns, rows = (x - LEFT) / CELL - 0.5, (TOP - y) / CELL - 0.5
    assert columns == rows == factor // 2
    assert coarse.width == max(1, len(range(factor // 2, width, factor)))
    assert coarse.height == max(1, len(range(factor // 2, height, factor)))
    found = choose_factor(grid, Pace(pace, 0.5, 0.0), 10.0)
    assert found % 2 == 1
    enough = coarse_grid(grid, found)
    if found < odd_factor(grid, LEAST_SIDE):
        assert 0.5 * enough.width * enough.height / pace <= 10.0
    if found > 1:
        finer = coarse_grid(grid, found - 2)
        assert 0.5 * finer.width * finer.height / pace > 10.0


def test_a_rotated_grid_keeps_its_corner_and_direction():
    rotated = Grid(GRID.crs, Affine.translation(LEFT, TOP) * Affine.rotation(30) * Affine.scale(CELL, -CELL), 90, 60)
    coarse = coarse_grid(rotated, 3)
    x, y = coarse.centres(next(coarse.windows(1)))
    fine_x, fine_y = rotated.centres(next(rotated.windows(2)))
    np.testing.assert_allclose([x[0, 0], y[0, 0]], [fine_x[1, 1], fine_y[1, 1]])


def test_reading_that_takes_all_the_time_leaves_the_coarsest_grid():
    assert choose_factor(GRID, Pace(1e9, 1.0, 20.0), 10.0) == 49
    assert choose_factor(GRID, Pace(1e9, 1.0, 0.0), 10.0) == 1


@pytest.mark.parametrize("after", [0.0, 0.3])
def test_cancel_leaves_nothing(world, tmp_path, after):
    model, _ = world
    began = time.perf_counter()
    monitor = Monitor(is_cancelled=lambda: time.perf_counter() - began > after)
    with pytest.raises(Cancelled):
        explain_raster(model, tmp_path / "a.tif", tmp_path / "b.tif", options=every(CELL / 20), monitor=monitor)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given_options", "paths", "message"),
    [
        ({}, {}, "Name a file for the SHAP values"),
        ({"cell_size": 0.0}, {"path": "a.tif"}, "must be a number above 0"),
        ({"cell_size": -500.0}, {"path": "a.tif"}, "must be a number above 0"),
        ({"cell_size": 1e-6}, {"path": "a.tif"}, "more than can be explained"),
        ({"cell_size": 500.0}, {"drivers_path": "file/b.tif"}, "cannot be written"),
    ],
)
def test_bad_choices_are_refused_and_write_nothing(world, tmp_path, given_options, paths, message):
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    paths = {name: tmp_path / path for name, path in paths.items()}
    with pytest.raises(InputError, match=message):
        explain_raster(world[0], **paths, options=RasterExplanationOptions(**given_options))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_where_no_cell_is_known_nothing_is_written(world, tmp_path):
    model, manifest = world
    far = Grid(GRID.crs, from_origin(LEFT + 1e5, TOP, CELL, CELL), 50, 50)
    for options in (every(CELL), RasterExplanationOptions(max_seconds=5)):
        with pytest.raises(InputError, match=r"No cell of the coarse grid has a value in every .*: ndvi 2500 cells"):
            explain_raster(model, tmp_path / "a.tif", tmp_path / "b.tif", far, manifest, options)
    assert list(tmp_path.iterdir()) == []


def test_a_predictor_without_raster_is_named(world, tmp_path):
    model, manifest = world
    with pytest.raises(InputError, match="there is no raster for rock"):
        explain_raster(model, tmp_path / "a.tif", manifest=manifest.select(["ndvi"]))


def test_the_window_does_not_show(world, tmp_path, monkeypatch):
    from coastal_hm_plugin.core.explain import raster

    model, _ = world
    whole = explain_raster(model, tmp_path / "a.tif", options=every(CELL))
    monkeypatch.setattr(raster, "WINDOW", 16)
    parts = explain_raster(model, tmp_path / "b.tif", options=every(CELL, threads=1))
    np.testing.assert_array_equal(read(tmp_path / "a.tif")[0].filled(), read(tmp_path / "b.tif")[0].filled())
    pd.testing.assert_frame_equal(whole.drivers, parts.drivers)
