"""Scenarios on a grid: the differences of two predictions, where they are made, and what is counted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin
from rasterio.windows import Window

from coastal_hm_plugin.core.covariates.grid import Grid
from coastal_hm_plugin.core.covariates.manifest import Covariate, Manifest
from coastal_hm_plugin.core.covariates.sampling import sample_covariates
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.geodesy import project
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.raster_prediction import NODATA, RasterOptions
from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model
from coastal_hm_plugin.core.risk_scheme import RISK_SCHEMES
from coastal_hm_plugin.core.scenario import (
    ALTERED,
    INSIDE,
    OUTSIDE,
    ScenarioFiles,
    area_on_grid,
    compare_points,
    compare_rasters,
    hectares,
    parse_changes,
)
from coastal_hm_plugin.core.scenario.comparison import SymmetricHistogram

UTM = "EPSG:32651"
WIDTH, HEIGHT, CELL = 80, 60, 500.0
LEFT, TOP = 400_000.0, 4_300_000.0
LAND = {1: "bare", 2: "cropland", 3: "forest", 4: "water"}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """PERI falls with greenness and is higher on cropland; holes in both covariates; one class that no site has."""
    folder = tmp_path_factory.mktemp("rasters")
    rng = np.random.default_rng(8)
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    ndvi = (0.5 + 0.3 * np.sin(columns / 9) * np.cos(rows / 7)).astype(np.float32)
    ndvi[:5, :7] = -1
    land = (1 + (columns // 7 + rows // 9) % 3).astype(np.uint8)
    land[30:33, 40:44] = 0
    land[50:, 72:] = 4
    covariates = []
    for name, cells, nodata in (("ndvi", ndvi, -1.0), ("landcover", land, 0)):
        profile = {"driver": "GTiff", "count": 1, "height": HEIGHT, "width": WIDTH, "dtype": cells.dtype}
        transform = from_origin(LEFT, TOP, CELL, CELL)
        with rasterio.open(folder / f"{name}.tif", "w", crs=UTM, transform=transform, nodata=nodata, **profile) as file:
            file.write(cells, 1)
        covariates.append(Covariate(name, str(folder / f"{name}.tif"), categories=LAND if name == "landcover" else {}))
    manifest = Manifest(tuple(covariates))
    x, y = LEFT + rng.uniform(4000, 35_000, 150), TOP - rng.uniform(0, 24_000, 150)
    table = sample_covariates(x, y, UTM, manifest).table
    peri = 350 - 300 * table["ndvi"].fillna(0.5) + 90 * (table["landcover"] == "cropland")
    table["PERI"] = peri + rng.normal(0, 5, 150)
    options = TrainingOptions(repeats=1, n_trees=40, selection="none")
    model = train_risk_model(table, "PERI", ["ndvi", "landcover"], options, x, y, UTM, manifest)
    model = replace(model, scheme=RISK_SCHEMES["wu2025"])
    assert {p.name: p.labels for p in model.predictors}["landcover"] == ("bare", "cropland", "forest")
    return model, ndvi, land


def changes_of(model, text):
    return parse_changes(text, model.predictors)


def files_in(folder):
    names = ("difference", "baseline", "scenario", "applicability")
    return ScenarioFiles(*(folder / f"{name}.tif" for name in names))


def read(path, band=None):
    with rasterio.open(path) as file:
        return file.read(band) if band else file.read()


def centres(grid):
    return grid.centres(Window(0, 0, grid.width, grid.height))


def square(x, y, half):
    ring = [[x + half * i, y + half * j] for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    return {"type": "Polygon", "coordinates": [ring]}


def at_centres(model):
    """The covariates at all cell centres, as a table for ``model.predict``."""
    grid = Grid.of_raster(model.manifest.covariates[0].path)
    x, y = centres(grid)
    return sample_covariates(x.ravel(), y.ravel(), UTM, model.manifest).table


def test_the_difference_is_that_of_two_predictions_at_points(world, tmp_path):
    model, ndvi, land = world
    compare_rasters(model, changes_of(model, "ndvi + 0.1; landcover: cropland -> forest"), files_in(tmp_path))
    before = at_centres(model)
    after = before.assign(ndvi=before["ndvi"] + 0.1, landcover=before["landcover"].replace("cropland", "forest"))
    first, last = (model.predict(table).values.reshape(HEIGHT, WIDTH) for table in (before, after))
    known = (ndvi != -1) & (land != 0) & (land != 4)
    change, percent, aoa, altered = read(tmp_path / "difference.tif")
    np.testing.assert_array_equal(change[known], (last - first)[known].astype(np.float32))
    np.testing.assert_allclose(percent[known], (100 * (last - first) / first)[known], rtol=1e-5)
    assert (altered[known] == 1).all()
    for band in (change, percent, altered, aoa):
        assert (band[~known] == NODATA).all()
    np.testing.assert_array_equal(read(tmp_path / "baseline.tif", 1)[known], first[known].astype(np.float32))
    np.testing.assert_array_equal(read(tmp_path / "scenario.tif", 1)[known], last[known].astype(np.float32))
    inside = model.dissimilarity(after).inside.reshape(HEIGHT, WIDTH)
    np.testing.assert_array_equal(aoa[known], inside[known])
    np.testing.assert_array_equal(read(tmp_path / "applicability.tif", 3)[known], inside[known])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        f"{name}.tif" for name in ("difference", "baseline", "scenario", "applicability")
    )
    with rasterio.open(tmp_path / "difference.tif") as file:
        assert file.descriptions == ("change", "change_percent", "AOA", "altered")
    assert (first - last)[known].mean() > 20  # greener, and less cropland: the planted effect


def test_the_summary_counts_what_the_rasters_hold(world, tmp_path):
    model, *_ = world
    found = compare_rasters(model, changes_of(model, "ndvi + 0.3"), files_in(tmp_path))
    change, _, aoa, _ = read(tmp_path / "difference.tif")
    before, after = read(tmp_path / "baseline.tif", 1), read(tmp_path / "scenario.tif", 1)
    grid = Grid.of_raster(tmp_path / "difference.tif")
    size = hectares(grid, Window(0, 0, WIDTH, HEIGHT))
    known = change != NODATA
    rank = np.stack([np.searchsorted((100, 200, 400), values, side="right") for values in (before, after)])
    for part, rows in ((ALTERED, known), (INSIDE, known & (aoa == 1)), (OUTSIDE, known & (aoa == 0))):
        row = found.part(part)
        assert row["cells"] == rows.sum() > 0
        assert row["hectares"] == pytest.approx(size[rows].sum())
        assert row["mean_change"] == pytest.approx(np.average(change[rows], weights=size[rows]), rel=1e-5)
        assert row["lower_share"] == pytest.approx(size[rows & (change < 0)].sum() / size[rows].sum())
        assert row["lower_class_share"] == pytest.approx(size[rows & (rank[1] < rank[0])].sum() / size[rows].sum())
        extremes = change[rows].min(), change[rows].max()
        assert (row["smallest_change"], row["largest_change"]) == pytest.approx(extremes)
    cells = found.class_changes["cells"].to_numpy().reshape(4, 4)
    expected = np.zeros((4, 4))
    np.add.at(expected, (rank[0][known], rank[1][known]), 1)
    np.testing.assert_array_equal(cells, expected)
    histogram = found.histogram
    assert histogram["inside"].sum() == pytest.approx(found.part(INSIDE)["hectares"])
    assert histogram["outside"].sum() == pytest.approx(found.part(OUTSIDE)["hectares"])
    filled = histogram[(histogram["inside"] + histogram["outside"]) > 0]
    assert filled["low"].min() <= change[known].min() < filled["low"].min() + 1
    assert filled["high"].max() - 1 < change[known].max() <= filled["high"].max()
    assert found.largest == pytest.approx(np.quantile(np.abs(change[known]), 0.98), abs=1)


def test_values_beyond_training_and_beyond_the_area_of_applicability_are_told(world, tmp_path):
    model, ndvi, land = world
    said = []
    monitor = Monitor(on_warning=said.append)
    found = compare_rasters(model, changes_of(model, "ndvi + 0.3; ndvi * 2"), files_in(tmp_path), monitor=monitor)
    known = (ndvi != -1) & (land != 0) & (land != 4)
    low, high = model.inputs.set_index("predictor").loc["ndvi", ["minimum", "maximum"]]
    after = ((ndvi[known] + 0.3) * 2).astype(np.float32)
    row = found.covariates.iloc[0]
    assert row["outside_after"] == ((after < low) | (after > high)).sum() > 0
    assert row["outside_before"] == ((ndvi[known] < np.float32(low)) | (ndvi[known] > np.float32(high))).sum()
    assert (row["after_minimum"], row["after_maximum"]) == pytest.approx((after.min(), after.max()))
    assert any("'ndvi' lies outside its training range" in text for text in said)
    outside = found.part(OUTSIDE)["cells"]
    assert any(f"{outside / known.sum():.1%} of the {known.sum()} altered cells lie outside" in text for text in said)
    was_inside = model.dissimilarity(at_centres(model)).inside.reshape(HEIGHT, WIDTH)
    aoa = read(tmp_path / "difference.tif", 3)
    assert found.moved_out == (known & was_inside & (aoa == 0)).sum() > 0
    assert len([text for text in said if "cells are nodata" in text]) == 1


def test_only_cells_with_their_centre_in_the_polygons_change(world, tmp_path):
    model, ndvi, land = world
    middle = (LEFT + 20.3 * CELL, TOP - 22.2 * CELL)
    area = ([square(*middle, 8 * CELL), square(LEFT + 60 * CELL, TOP - 40 * CELL, 3 * CELL)], UTM)
    found = compare_rasters(model, changes_of(model, "ndvi = 0.2"), files_in(tmp_path), area=area)
    x, y = centres(Grid.of_raster(tmp_path / "difference.tif"))
    inside = (abs(x - middle[0]) < 8 * CELL) & (abs(y - middle[1]) < 8 * CELL)
    inside |= (abs(x - LEFT - 60 * CELL) < 3 * CELL) & (abs(y - TOP + 40 * CELL) < 3 * CELL)
    known = (ndvi != -1) & (land != 0) & (land != 4)
    change, _, _, altered = read(tmp_path / "difference.tif")
    np.testing.assert_array_equal(altered[known] == 1, inside[known])
    assert (change[known & ~inside] == 0).all() and (change[known & inside] != 0).mean() > 0.7
    assert found.in_area and found.part(ALTERED)["cells"] == (known & inside).sum()
    picture = found.picture
    assert picture.change.shape[0] < HEIGHT and np.nanmax(np.abs(picture.change)) == np.abs(change[known]).max()


def test_polygons_of_another_crs_fall_on_the_same_cells(world):
    """An oval in longitude and latitude; its cells are those whose centres lie in it there."""
    grid = Grid.of_raster(world[0].manifest.covariates[0].path)
    (west,), (north,) = project(np.array([LEFT + 40 * CELL]), np.array([TOP - 30 * CELL]), UTM, "EPSG:4326")
    angle = np.linspace(0, 2 * np.pi, 2000)
    ring = np.column_stack([west + 0.15 * np.cos(angle), north + 0.08 * np.sin(angle)])
    hole = np.column_stack([west + 0.03 * np.cos(angle), north + 0.02 * np.sin(angle)])
    area = area_on_grid([{"type": "MultiPolygon", "coordinates": [[ring.tolist(), hole.tolist()]]}], "EPSG:4326", grid)
    x, y = centres(grid)
    longitude, latitude = (values.reshape(x.shape) for values in project(x.ravel(), y.ravel(), UTM, "EPSG:4326"))
    away = np.hypot((longitude - west) / 0.15, (latitude - north) / 0.08)
    in_hole = np.hypot((longitude - west) / 0.03, (latitude - north) / 0.02) < 1
    whole = area.mask(Window(0, 0, WIDTH, HEIGHT))
    np.testing.assert_array_equal(whole, (away < 1) & ~in_hole)
    pieces = np.block([[area.mask(Window(c, r, 20, 20)) for c in range(0, WIDTH, 20)] for r in range(0, HEIGHT, 20)])
    np.testing.assert_array_equal(pieces, whole)


def test_long_edges_bend_as_the_projection_bends_them():
    """A box of 20 degrees on a polar grid: its southern edge is an arc there, not the straight line of two corners."""
    transform = from_origin(-2_500_000, 0, 10_000, 10_000)
    grid = Grid(rasterio.crs.CRS.from_epsg(3995), transform, 500, 300)
    box = {"type": "Polygon", "coordinates": [[[-40, 66], [40, 66], [40, 80], [-40, 80], [-40, 66]]]}
    mask = area_on_grid([box], "EPSG:4326", grid).mask(Window(0, 0, 500, 300))
    x, y = centres(grid)
    longitude, latitude = (
        values.reshape(x.shape) for values in project(x.ravel(), y.ravel(), "EPSG:3995", "EPSG:4326")
    )
    inside = (abs(longitude) < 40) & (latitude > 66) & (latitude < 80)
    assert (mask != inside).mean() < 1e-4 and inside.mean() > 0.1


@pytest.mark.parametrize(
    ("crs", "transform", "tolerance"),
    [
        (UTM, from_origin(LEFT, TOP, CELL, CELL), 1e-5),
        ("EPSG:4326", from_origin(121, 39, 0.01, 0.01), 1e-7),
        ("EPSG:3857", from_origin(13_400_000, 4_700_000, 500, 500), 2e-3),
        ("EPSG:5070", from_origin(-2_000_000, 2_000_000, 5000, 5000), 1e-6),
        ("EPSG:2227", from_origin(6e6, 2.1e6, 500, 500), 1e-5),
    ],
)
def test_hectares_are_those_on_the_ellipsoid(crs, transform, tolerance):
    """Against geodesic polygons of the cells' corners."""
    from pyproj import Geod

    grid = Grid(rasterio.crs.CRS.from_string(crs), transform, 300, 200)
    found = hectares(grid, Window(100, 50, 200, 150))
    for row, column in ((0, 0), (149, 199), (70, 30)):
        columns, rows = 100 + column + np.array([0, 1, 1, 0]), 50 + row + np.array([0, 0, 1, 1])
        longitude, latitude = project(*(transform * (columns, rows)), crs, "EPSG:4326")
        expected = abs(Geod(ellps="WGS84").polygon_area_perimeter(longitude, latitude)[0]) / 10_000
        assert found[row, column] == pytest.approx(expected, rel=tolerance)


def test_a_model_without_classes_or_area_of_applicability_compares_too(world, tmp_path):
    plain = replace(world[0], scheme=None, applicability=None)
    found = compare_rasters(plain, changes_of(plain, "ndvi + 0.1"), ScenarioFiles(tmp_path / "difference.tif"))
    assert found.class_changes is None and found.moved_out is None
    assert found.part(INSIDE) is None and np.isnan(found.part(ALTERED)["higher_class_share"])
    assert (read(tmp_path / "difference.tif", 3) == NODATA).all()
    assert [path.name for path in tmp_path.iterdir()] == ["difference.tif"]
    with pytest.raises(InputError, match="has no area of applicability"):
        compare_rasters(plain, changes_of(plain, "ndvi + 0.1"), files_in(tmp_path / "more"))


def test_what_cannot_be_compared_is_refused_and_leaves_nothing(world, tmp_path):
    model, *_ = world
    green = changes_of(model, "ndvi + 0.1")
    with pytest.raises(InputError, match="No polygon of the area overlaps the grid"):
        compare_rasters(model, green, files_in(tmp_path), area=([square(0, 0, 100)], UTM))
    with pytest.raises(InputError, match="holds no polygon"):
        compare_rasters(model, green, files_in(tmp_path), area=([], UTM))
    with pytest.raises(InputError, match="one of its shapes is a Point"):
        compare_rasters(model, green, files_in(tmp_path), area=([{"type": "Point", "coordinates": [0, 0]}], UTM))
    with pytest.raises(InputError, match="polygons of the area have no coordinate reference system"):
        compare_rasters(model, green, files_in(tmp_path), area=([square(LEFT, TOP, 100)], ""))
    hole = square(LEFT + 42 * CELL, TOP - 31.5 * CELL, CELL)
    with pytest.raises(InputError, match=r"\(ndvi \+ 0.1\) alter no covariate in the polygons of the area"):
        compare_rasters(model, green, files_in(tmp_path), area=([hole], UTM))
    with pytest.raises(InputError, match="alter no covariate where the model predicts"):
        compare_rasters(model, changes_of(model, "ndvi * 1"), files_in(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_change_that_alters_nothing_beside_one_that_does_is_named(world, tmp_path):
    model, *_ = world
    said = []
    text = "ndvi + 0.05; landcover: forest -> forest"
    compare_rasters(model, changes_of(model, text), files_in(tmp_path), monitor=Monitor(on_warning=said.append))
    assert "'landcover: forest -> forest' alters no cell." in said


def test_cancel_at_any_time_leaves_nothing(world, tmp_path):
    model = replace(world[0], applicability=None)
    base = Grid.of_raster(model.manifest.covariates[0].path)
    big = Grid(base.crs, base.transform * base.transform.scale(1 / 7), WIDTH * 7, HEIGHT * 7)
    files = replace(files_in(tmp_path), applicability=None)
    for stop_at in (0.1, 0.5, 0.75, 0.85):
        reached = []
        monitor = Monitor(on_progress=reached.append, is_cancelled=lambda r=reached, s=stop_at: bool(r) and r[-1] >= s)
        with pytest.raises(Cancelled):
            compare_rasters(model, changes_of(model, "ndvi + 0.1"), files, big, monitor=monitor)
        assert list(tmp_path.iterdir()) == []


def test_cells_far_from_every_site_are_left_out(world, tmp_path):
    model, *_ = world
    options = RasterOptions(max_distance_m=2000.0)
    found = compare_rasters(model, changes_of(model, "ndvi + 0.1"), files_in(tmp_path), options=options)
    assert found.part(ALTERED)["cells"] == (read(tmp_path / "difference.tif", 1) != NODATA).sum() < 0.7 * WIDTH * HEIGHT
    assert found.covariates["cells"][0] == found.part(ALTERED)["cells"]


def test_a_histogram_takes_any_values_in_one_pass():
    rng = np.random.default_rng(2)
    values = np.concatenate([rng.normal(0, 1e-6, 500), rng.normal(3, 40, 500), [0.0, -0.0]])
    weights, outside = rng.uniform(1, 2, len(values)), rng.random(len(values)) < 0.3
    histogram = SymmetricHistogram()
    for rows in np.array_split(rng.permutation(len(values)), 7):
        histogram.add(values[rows], weights[rows], outside[rows])
    histogram.add(np.array([]), np.array([]), np.array([], dtype=bool))
    table = histogram.to_frame()
    for name, rows in (("inside", ~outside), ("outside", outside)):
        edges = np.append(table["low"], table["high"].iloc[-1])
        expected = np.histogram(values[rows], edges, weights=weights[rows])[0]
        np.testing.assert_allclose(table[name], expected, atol=1e-9)
    assert SymmetricHistogram().largest() == 0.0


def test_points_change_as_cells_do(world):
    model, *_ = world
    table = at_centres(model).iloc[::7].reset_index(drop=True)
    changes = changes_of(model, "ndvi + 0.2; landcover: cropland -> forest")
    inside = np.arange(len(table)) % 3 == 0
    found, at_points = compare_points(model, changes, table, inside)
    other = table.assign(ndvi=table["ndvi"] + 0.2, landcover=table["landcover"].replace("cropland", "forest"))
    after = pd.concat([other[inside], table[~inside]]).sort_index()
    np.testing.assert_array_equal(at_points["before"], model.predict(table).values)
    np.testing.assert_array_equal(at_points["after"], model.predict(after).values)
    np.testing.assert_array_equal(at_points["change"], at_points["after"] - at_points["before"])
    np.testing.assert_array_equal(at_points["AOA"], model.dissimilarity(after).inside)
    known = (table["ndvi"].notna() | (table["landcover"] == "cropland")).to_numpy()
    np.testing.assert_array_equal(at_points["altered"], inside & known)
    assert found.part(ALTERED)["cells"] == found.part(ALTERED)["hectares"] == (inside & known).sum()
    assert found.files is None and found.picture is None and found.in_area
    with pytest.raises(InputError, match="alter no predictor of the 686 points, of which 0 lie in the area"):
        compare_points(model, changes, table, np.zeros(len(table), dtype=bool))
    with pytest.raises(InputError, match="has no column 'ndvi'"):
        compare_points(model, changes, table.drop(columns="ndvi"))
