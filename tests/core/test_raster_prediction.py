"""Risk rasters: the same numbers as at points, nodata where covariates are missing, nothing left half-written."""

import time
import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin

from coastal_hm_plugin.core.covariates.grid import Grid
from coastal_hm_plugin.core.covariates.manifest import Covariate, Manifest
from coastal_hm_plugin.core.covariates.sampling import sample_covariates
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.geodesy import geodesic_m, project
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.raster_prediction import (
    NODATA,
    RasterOptions,
    RasterOutputs,
    covariates_of,
    crop,
    predict_raster,
)
from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model

from .raster_worlds import CELL, LEFT, TOP, UTM, rock_world, write_raster

WIDTH, HEIGHT = 80, 60


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Two covariates (one of classes) with holes, sites, and a model of PERI trained on them."""
    options = TrainingOptions(repeats=1, n_trees=30)
    model, manifest, ndvi, rock = rock_world(tmp_path_factory.mktemp("rasters"), options)
    assert next(p for p in model.predictors if p.name == "rock").labels == ("granite", "shale")
    return model, manifest, ndvi, rock


def read(path):
    with rasterio.open(path) as file:
        return file.read(1)


def test_cells_are_what_the_model_predicts_at_their_centres(world, tmp_path):
    model, manifest, ndvi, rock = world
    result = predict_raster(model, tmp_path / "peri.tif")
    found = read(tmp_path / "peri.tif")
    grid = Grid.of_raster(manifest.covariates[0].path)
    x, y = grid.centres(next(grid.windows(1000)))
    at_points = sample_covariates(x.ravel(), y.ravel(), UTM, manifest)
    predicted = model.predict(at_points.table).values.reshape(found.shape)
    known = (ndvi != -1) & (rock != 0) & (rock != 3)
    np.testing.assert_allclose(found[known], predicted[known], rtol=1e-6)
    assert (found[~known] == NODATA).all()
    assert (result.cells, result.predicted) == (HEIGHT * WIDTH, known.sum())
    lost = result.without_value.set_index("covariate")
    assert lost.loc["ndvi", "nodata"] == 35 and lost.loc["rock", "nodata"] == 12 and lost.loc["rock", "unseen"] == 100
    assert (result.minimum, result.maximum) == (found[known].min(), found[known].max())
    assert result.mean == pytest.approx(found[known].mean(), rel=1e-6)


def test_lost_cells_are_told(world, tmp_path):
    said = []
    predict_raster(world[0], tmp_path / "peri.tif", monitor=Monitor(on_warning=said.append))
    assert any("rock 100 cells of a class that training did not see" in text for text in said)


def test_cells_with_some_covariates_missing_can_be_predicted(world, tmp_path):
    said = []
    options, monitor = RasterOptions(allow_missing=True), Monitor(on_warning=said.append)
    result = predict_raster(world[0], tmp_path / "peri.tif", options=options, monitor=monitor)
    assert result.predicted == result.cells
    assert any("Every cell is predicted, some without all covariates: " in text for text in said)
    assert any("class that training did not see" in text for text in said)


def test_the_raster_of_classes(world, tmp_path):
    outputs = RasterOutputs(tmp_path / "peri.tif", classes=tmp_path / "class.tif")
    options = RasterOptions(limits=(150.0, 200.0))
    result = predict_raster(world[0], outputs, options=options)
    values, numbers = read(tmp_path / "peri.tif"), read(tmp_path / "class.tif")
    known = values != NODATA
    np.testing.assert_array_equal(numbers[known], 1 + (values[known] >= 150) + (values[known] >= 200))
    assert (numbers[~known] == 0).all() and sum(result.class_cells) == result.predicted
    with pytest.raises(InputError, match="needs the limits"):
        predict_raster(world[0], outputs)


def test_the_area_of_applicability_is_written_beside(world, tmp_path):
    model, manifest, *_ = world
    said = []
    outputs = RasterOutputs(tmp_path / "peri.tif", applicability=tmp_path / "aoa.tif")
    monitor = Monitor(on_warning=said.append)
    result = predict_raster(model, outputs, options=RasterOptions(threads=2), monitor=monitor)
    values = read(tmp_path / "peri.tif")
    with rasterio.open(tmp_path / "aoa.tif") as file:
        di, lpd, aoa = file.read()
        assert file.descriptions == ("DI", "LPD", "AOA") and file.nodata == NODATA
        assert float(file.tags()["threshold"]) == model.applicability.threshold
    x, y = Grid.of_raster(manifest.covariates[0].path).centres(rasterio.windows.Window(0, 0, WIDTH, HEIGHT))
    expected = model.dissimilarity(sample_covariates(x.ravel(), y.ravel(), UTM, manifest).table).to_frame()
    known = values != NODATA
    for band, name in ((di, "DI"), (lpd, "LPD"), (aoa, "AOA")):
        assert ((band != NODATA) == known).all()
        found = expected[name].to_numpy(dtype=float, na_value=np.nan).reshape(band.shape)
        np.testing.assert_allclose(band[known], found[known], atol=1e-6)
    assert result.outside == (aoa == 0).sum() and result.files.applicability == tmp_path / "aoa.tif"
    share = f"{result.outside / result.predicted:.1%} of the predicted cells lie outside the area of applicability"
    assert any(share in text for text in said) == (result.outside > 0)


def test_a_place_unlike_every_site_is_outside(world, tmp_path):
    """Covariates twice as large as any that training saw: the whole map is outside, and cells with holes have no DI."""
    model, manifest, ndvi, _ = world
    other = Covariate("ndvi", write_raster(tmp_path / "ndvi.tif", np.where(ndvi == -1, -1, ndvi * 3), -1.0))
    said = []
    result = predict_raster(
        model,
        RasterOutputs(tmp_path / "peri.tif", applicability=tmp_path / "aoa.tif"),
        manifest=Manifest((other, manifest.covariates[1])),
        options=RasterOptions(allow_missing=True),
        monitor=Monitor(on_warning=said.append),
    )
    with rasterio.open(tmp_path / "aoa.tif") as file:
        di, _, aoa = file.read()
    complete = (ndvi != -1) & (world[3] != 0) & (world[3] != 3)
    assert ((di != NODATA) == complete).all() and ((aoa != NODATA) == complete).all()
    assert result.outside >= (~complete).sum()
    assert any("lie outside the area of applicability" in text for text in said)


def test_an_older_model_has_no_area_of_applicability(world, tmp_path):
    older = replace(world[0], applicability=None)
    with pytest.raises(InputError, match="has no area of applicability"):
        predict_raster(older, RasterOutputs(tmp_path / "peri.tif", applicability=tmp_path / "aoa.tif"))
    assert list(tmp_path.iterdir()) == []
    assert older.dissimilarity(pd.DataFrame({"ndvi": [0.5], "rock": ["shale"]})) is None


def test_the_file_is_tiled_compressed_and_has_overviews(world, tmp_path):
    model, manifest, *_ = world
    fine = Grid.of_raster(manifest.covariates[0].path)
    fine = Grid(fine.crs, fine.transform * fine.transform.scale(1 / 16), WIDTH * 16, HEIGHT * 16)
    predict_raster(model, tmp_path / "peri.tif", fine)
    with rasterio.open(tmp_path / "peri.tif") as file:
        assert file.profile["tiled"] and file.profile["compress"] == "deflate" and file.dtypes == ("float32",)
        assert file.nodata == NODATA and file.overviews(1) == [2, 4]
        assert file.crs == fine.crs and file.transform == fine.transform
    assert [path.name for path in tmp_path.iterdir()] == ["peri.tif"]


def test_the_numbers_do_not_depend_on_the_threads(world, tmp_path):
    for threads in (1, 2):
        predict_raster(world[0], tmp_path / f"{threads}.tif", options=RasterOptions(threads=threads))
    np.testing.assert_array_equal(read(tmp_path / "1.tif"), read(tmp_path / "2.tif"))


def test_another_grid_and_only_an_extent(world, tmp_path):
    model, manifest, *_ = world
    whole = Grid.of_raster(manifest.covariates[0].path)
    part = crop(whole, LEFT + 5 * CELL + 1, TOP - 20 * CELL, LEFT + 30 * CELL - 1, TOP - 10 * CELL)
    assert (part.width, part.height) == (25, 10)
    predict_raster(model, tmp_path / "whole.tif")
    predict_raster(model, tmp_path / "part.tif", part)
    np.testing.assert_array_equal(read(tmp_path / "part.tif"), read(tmp_path / "whole.tif")[10:20, 5:30])
    with pytest.raises(InputError, match="does not overlap the template"):
        crop(whole, 0, 0, 1, 1)


def test_cells_far_from_every_site_stay_empty(world, tmp_path):
    model, manifest, *_ = world
    result = predict_raster(model, tmp_path / "near.tif", options=RasterOptions(max_distance_m=2000.0))
    predict_raster(model, tmp_path / "all.tif")
    near, everywhere = read(tmp_path / "near.tif"), read(tmp_path / "all.tif")
    x, y = Grid.of_raster(manifest.covariates[0].path).centres(rasterio.windows.Window(0, 0, WIDTH, HEIGHT))
    longitude, latitude = project(x.ravel(), y.ravel(), UTM, "EPSG:4326")
    sites = model.held_out[["longitude", "latitude"]].to_numpy()
    distance = np.min([geodesic_m(*np.broadcast_arrays(longitude, latitude, *site)) for site in sites], axis=0)
    expected = np.where(distance.reshape(x.shape) <= 2000, everywhere, NODATA)
    np.testing.assert_array_equal(near, expected)
    assert 0 < result.too_far == (near != everywhere).sum()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_raster(world, tmp_path):
    model, manifest, *_ = world
    base = Grid.of_raster(manifest.covariates[0].path)
    peaks = []
    for factor in (14, 28):
        grid = Grid(base.crs, base.transform * base.transform.scale(1 / factor), WIDTH * factor, HEIGHT * factor)
        tracemalloc.start()
        predict_raster(model, RasterOutputs(tmp_path / "big.tif", applicability=tmp_path / "aoa.tif"), grid)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]


def test_cancel_leaves_nothing_behind(world, tmp_path):
    model, manifest, *_ = world
    base = Grid.of_raster(manifest.covariates[0].path)
    big = Grid(base.crs, base.transform * base.transform.scale(0.005), WIDTH * 200, HEIGHT * 200)
    start = time.perf_counter()
    monitor = Monitor(is_cancelled=lambda: time.perf_counter() - start > 0.5)
    with pytest.raises(Cancelled):
        predict_raster(model, tmp_path / "peri.tif", big, monitor=monitor)
    assert time.perf_counter() - start < 1.5
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_predicted_is_refused(world, tmp_path):
    model, manifest, *_ = world
    with pytest.raises(InputError, match=r"there is no raster for rock \(rasters: ndvi\)"):
        predict_raster(model, tmp_path / "peri.tif", manifest=manifest.select(["ndvi"]))
    with pytest.raises(InputError, match="names no categories"):
        bare = Covariate("rock", manifest.covariates[1].path)
        covariates_of(model, Manifest((manifest.covariates[0], bare)))
    with pytest.raises(InputError, match="'ndvi' is a number of the model, but its raster holds categories"):
        classes = Covariate("ndvi", manifest.covariates[0].path, categories={1: "a"})
        covariates_of(model, Manifest((classes, manifest.covariates[1])))
    with pytest.raises(InputError, match="cannot be read"):
        lost = Covariate("ndvi", str(tmp_path / "lost.tif"))
        predict_raster(model, tmp_path / "peri.tif", manifest=Manifest((lost, manifest.covariates[1])))
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        predict_raster(model, tmp_path / "file" / "peri.tif")
    elsewhere = Grid(rasterio.crs.CRS.from_string(UTM), from_origin(0, 0, CELL, CELL), 10, 10)
    with pytest.raises(InputError, match=r"nothing can be predicted: .*ndvi 100 cells without value"):
        predict_raster(model, tmp_path / "peri.tif", elsewhere)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_model_of_fields_has_no_map(tmp_path):
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"pH": rng.normal(size=40), "PERI": rng.normal(size=40)})
    model = train_risk_model(table, "PERI", ["pH"], TrainingOptions(repeats=1, n_trees=5))
    with pytest.raises(InputError, match="there is no raster for pH"):
        predict_raster(model, tmp_path / "peri.tif")
