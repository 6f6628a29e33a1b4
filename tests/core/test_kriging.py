"""Kriging: against the equations written out, planted variograms, trends, surfaces, and what is refused."""

import time
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import from_origin

from coastal_hm_plugin.core.covariates.grid import Grid
from coastal_hm_plugin.core.covariates.manifest import Covariate, Manifest
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.kriging import (
    MODELS,
    Kriging,
    KrigingOptions,
    Trend,
    Variogram,
    empirical_variogram,
    fit_variogram,
    interpolate,
    write_surface,
)
from coastal_hm_plugin.core.kriging.variogram import weighted_error
from coastal_hm_plugin.core.monitor import Monitor

UTM = "EPSG:32651"
LEFT, TOP, CELL = 400_000.0, 4_300_000.0, 500.0
SPHERICAL = Variogram("spherical", 0.2, 1.0, 12_000.0)


def field(n=120, seed=5, variogram=SPHERICAL, extent=40_000.0):
    """Sites at random and a Gaussian field there with a known variogram."""
    rng = np.random.default_rng(seed)
    x, y = LEFT + rng.uniform(0, extent, n), TOP - rng.uniform(0, extent, n)
    distance = np.hypot(x[:, None] - x, y[:, None] - y)
    return x, y, np.linalg.cholesky(variogram.covariance(distance)) @ rng.normal(size=n)


def by_the_equations(x, y, values, variogram, design, x0, y0, design0):
    """Prediction and variance at one place from the kriging system in semivariances, solved as it is printed."""
    n, k = design.shape
    system = np.zeros((n + k, n + k))
    system[:n, :n] = variogram.gamma(np.hypot(x[:, None] - x, y[:, None] - y))
    system[:n, n:], system[n:, :n] = design, design.T
    right = np.concatenate([variogram.gamma(np.hypot(x - x0, y - y0)), design0])
    weights = np.linalg.solve(system, right)
    return weights[:n] @ values, weights @ right


@pytest.mark.parametrize("model", MODELS)
def test_predictions_are_what_the_kriging_system_says(model):
    variogram = Variogram(model, 0.3, 0.9, 8_000.0)
    x, y, values = field(60)
    trend = np.column_stack([np.ones(60), np.sin(x / 9e3), (y - TOP) / 1e4])
    for design, at in ((trend[:, :1], [1.0]), (trend, [1.0, 0.4, -1.0])):
        found = Kriging(x, y, values, variogram, design).predict([x[0], LEFT], [y[0], TOP], np.array([design[0], at]))
        expected = by_the_equations(x, y, values, variogram, design, LEFT, TOP, at)
        assert (found[0][1], found[1][1]) == pytest.approx(expected, rel=1e-8)
        assert (found[0][0], found[1][0]) == pytest.approx((values[0], 0.0), abs=1e-8)  # exact at a site


def test_leaving_one_out_is_kriging_without_it():
    x, y, values = field(40)
    design = np.column_stack([np.ones(40), np.cos(x / 5e3)])
    found = Kriging(x, y, values, SPHERICAL, design).leave_one_out()
    for one in range(40):
        rest = np.arange(40) != one
        without = Kriging(x[rest], y[rest], values[rest], SPHERICAL, design[rest])
        predicted, variance = without.predict(x[[one]], y[[one]], design[[one]])
        assert (found.predicted[one], found.variance[one]) == pytest.approx((predicted[0], variance[0]), rel=1e-7)
    scores = found.scores().iloc[0]
    error = found.predicted - values
    assert scores["rmse"] == pytest.approx(np.sqrt(np.mean(error**2)))
    assert scores["r2"] == pytest.approx(1 - np.sum(error**2) / np.sum((values - values.mean()) ** 2))
    assert found.to_frame()["z"].mean() == pytest.approx(scores["z_mean"])


def test_a_site_that_alone_carries_a_category_has_no_score():
    x, y, values = field(40)
    covariates = pd.DataFrame({"rock": ["granite"] * 39 + ["shale"]})
    said = []
    found = interpolate(x, y, UTM, values, covariates, monitor=Monitor(on_warning=said.append))
    assert np.isnan(found.leave_one_out.predicted[39]) and np.isfinite(found.leave_one_out.predicted[:39]).all()
    assert found.leave_one_out.scores()["n"][0] == 39
    assert any("1 sites alone carry a category of the trend" in text for text in said)


def test_z_scores_of_the_true_variogram_have_sd_one():
    """With the planted variogram errors over their kriging SD are standard normal (mean of 60 fields)."""
    scores = [Kriging(*field(100, seed), SPHERICAL).leave_one_out().scores().iloc[0] for seed in range(60)]
    assert np.mean([s["z_sd"] for s in scores]) == pytest.approx(1.0, abs=0.05)
    assert np.mean([s["z_mean"] for s in scores]) == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize("model", MODELS)
def test_a_planted_variogram_is_fitted(model):
    distance = np.linspace(500, 30_000, 15)
    true = Variogram(model, 0.4, 1.6, 9_000.0)
    curve = pd.DataFrame({"pairs": np.arange(100, 115), "distance_m": distance, "gamma": true.gamma(distance)})
    for found in (fit_variogram(curve, model), fit_variogram(curve)):
        assert found.model == model
        assert (found.nugget, found.partial_sill) == pytest.approx((0.4, 1.6), rel=1e-3)
        assert found.range_m == pytest.approx(9_000, rel=1e-3)


@pytest.mark.parametrize("model", MODELS)
def test_no_other_parameters_fit_better(model):
    from scipy.optimize import minimize

    empirical = empirical_variogram(*field(150, 8))
    found = fit_variogram(empirical, model)
    best = weighted_error(found, empirical)

    def error(p):
        if min(p) <= 0 or p[2] > 2 * empirical["distance_m"].max():
            return np.inf
        return weighted_error(Variogram(model, *p), empirical)

    for start in ([0.1, 1.0, 3_000], [0.5, 0.5, 10_000], [0.01, 2.0, 25_000]):
        searched = minimize(error, start, method="Nelder-Mead", options={"maxiter": 2000, "xatol": 1e-6})
        assert best <= searched.fun * (1 + 1e-6)


@given(st.integers(0, 10_000), st.floats(0.1, 10.0), st.floats(-100, 100))
def test_shift_and_scale_of_the_values_go_through(seed, factor, shift):
    x, y, values = field(25, seed)
    first = Kriging(x, y, values, SPHERICAL).predict(x[:5] + 700, y[:5])
    scaled = Variogram("spherical", 0.2 * factor**2, factor**2, 12_000.0)
    second = Kriging(x, y, values * factor + shift, scaled).predict(x[:5] + 700, y[:5])
    np.testing.assert_allclose(second[0], first[0] * factor + shift, atol=1e-7)
    np.testing.assert_allclose(second[1], first[1] * factor**2, atol=1e-7)


def test_the_empirical_variogram_by_hand():
    """Four sites on a line, 1 m apart, values 0 1 3 6: three pairs at 1 m, two at 2 m, one at 3 m."""
    found = empirical_variogram(np.arange(4.0), np.zeros(4), np.array([0.0, 1, 3, 6]), 3.0, 1.0)
    assert found["pairs"].tolist() == [3, 2, 1] and found["distance_m"].tolist() == [1, 2, 3]
    np.testing.assert_allclose(found["gamma"], [(1 + 4 + 9) / 6, (9 + 25) / 4, 36 / 2])


def test_a_trend_in_units_of_its_covariates():
    x, y, noise = field(80)
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"height": rng.uniform(1000, 1100, 80), "rock": rng.choice(["granite", "shale"], 80)})
    values = 5 + 3 * table["height"] + 40 * (table["rock"] == "shale") + 0.01 * noise
    found = interpolate(x, y, UTM, values, table)
    terms = found.coefficients().set_index("term")["coefficient"]
    assert list(terms.index) == ["intercept", "height", "rock: shale"]
    np.testing.assert_allclose(terms, [5, 3, 40], rtol=0.05)
    there = found.predict([LEFT - 1e6], [TOP], UTM, pd.DataFrame({"height": [2000], "rock": ["shale"]}))[0]
    assert there[0] == pytest.approx(5 + 6000 + 40, rel=1e-3)
    unknown = found.predict(x[:2], y[:2], UTM, pd.DataFrame({"height": [1050, np.nan], "rock": ["basalt", "shale"]}))
    assert np.isnan(unknown).all()


def test_sites_that_do_not_serve_are_named():
    x, y, values = field(60)
    x, y = np.append(x, x[0]), np.append(y, y[0])
    values = np.append(values, values[0] + 1)
    values[3] = np.nan
    covariates = pd.DataFrame({"height": np.where(np.arange(61) == 7, np.nan, np.sin(x))})
    said = []
    found = interpolate(x, y, UTM, values, covariates, name="pH", monitor=Monitor(on_warning=said.append))
    assert len(found.values) == 58 and 3 not in found.rows and 7 not in found.rows
    assert found.values[0] == pytest.approx(values[0] + 0.5)
    assert any("1 of 61 sites have no number in 'pH', left out: 4" in text for text in said)
    assert any("1 of 60 sites have no value of 'height', left out: 8" in text for text in said)
    assert any("59 sites lie at 58 places; those at one place were averaged (rows 61)" in text for text in said)


def test_degrees_become_metres():
    from coastal_hm_plugin.core.geodesy import project

    x, y, values = field(60)
    longitude, latitude = project(x, y, UTM, "EPSG:4326")
    said = []
    options = KrigingOptions("spherical", 0.2, 1.0, 12_000.0)
    found = interpolate(longitude, latitude, "EPSG:4326", values, options=options, monitor=Monitor(on_info=said.append))
    plain = interpolate(x, y, UTM, values, options=options)
    at = LEFT + np.array([5_000.0, 20_000.0]), TOP - np.array([5_000.0, 20_000.0])
    # UTM's scale is 0.9996 at its central meridian
    np.testing.assert_allclose(found.predict(*at, UTM), plain.predict(*at, UTM), atol=2e-3)
    assert any("WGS 84) is not in metres" in text for text in said)
    assert "distances" not in "".join(said[1:])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 9}, "'value' is known at 9 places; kriging needs 10"),
        ({"values": np.ones(60)}, r"'value' is the same \(1\) at all sites"),
        ({"options": KrigingOptions(logarithm=True)}, "values of 0 or less .rows 2, 4.*, which have no logarithm"),
        ({"covariates": pd.DataFrame({"a": np.ones(60)})}, "a: the same at all sites"),
        ({"covariates": pd.DataFrame({"a": np.arange(60), "b": 3 * np.arange(60) + 1})}, "b follows from the other"),
        ({"options": KrigingOptions(cutoff_m=1.0)}, "No two sites are nearer"),
        ({"crs": ""}, "sites have no coordinate reference system"),
    ],
)
def test_what_cannot_be_kriged_is_refused(change, message):
    x, y, values = field(60)
    given = {"x": x, "y": y, "crs": UTM, "values": values, **change}
    n = given.pop("n", 60)
    given.update({name: given[name][:n] for name in ("x", "y", "values")})
    with pytest.raises(InputError, match=message):
        interpolate(**given)


def test_variograms_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="'cubic' is not one of spherical"):
        Variogram("cubic", 0, 1, 1)
    for nugget, partial_sill in ((-1, 2), (0, 0), (0, np.nan)):
        with pytest.raises(InputError, match="0 or more, and not both 0"):
            Variogram("spherical", nugget, partial_sill, 1)
    with pytest.raises(InputError, match="a distance above 0 m; got 0"):
        Variogram("spherical", 0, 1, 0)
    with pytest.raises(InputError, match="needs its model, nugget, partial sill and range"):
        KrigingOptions(nugget=0.1)
    with pytest.raises(InputError, match="Two sites lie at the same place"):
        Kriging([0.0, 0.0], [1.0, 1.0], [1.0, 2.0], SPHERICAL)
    x = np.arange(40.0)
    with pytest.raises(InputError, match="no solution: sites lie too near"):
        Kriging(x, x, x, Variogram("gaussian", 0.0, 1.0, 1000.0))
    with pytest.raises(InputError, match="Kriging takes 5000 sites at most"):
        Kriging(np.arange(5001.0), np.zeros(5001), np.zeros(5001), SPHERICAL)
    with pytest.raises(InputError, match="has no column 'b'"):
        Trend.of_sites(pd.DataFrame({"a": np.arange(20.0)}), ["b"])


def raster(path, cells, nodata=-1):
    profile = {"driver": "GTiff", "count": 1, "height": cells.shape[0], "width": cells.shape[1], "dtype": cells.dtype}
    transform = from_origin(LEFT, TOP, CELL, CELL)
    with rasterio.open(path, "w", crs=UTM, transform=transform, nodata=nodata, **profile) as file:
        file.write(cells, 1)
    return str(path)


@pytest.fixture
def covered(tmp_path):
    """A height and a rock raster with holes, 80 x 80 cells, and their manifest."""
    rows, columns = np.mgrid[:80, :80]
    height = (100 + 50 * np.sin(columns / 9) * np.cos(rows / 7)).astype(np.float32)
    height[:3, :5] = -1
    rock = (1 + (columns // 20) % 2).astype(np.uint8)
    rock[70:, 70:] = 3
    return Manifest(
        (
            Covariate("height", raster(tmp_path / "height.tif", height)),
            Covariate("rock", raster(tmp_path / "rock.tif", rock, 0), categories={1: "10", 2: "20", 3: "30"}),
        )
    )


def read(path):
    with rasterio.open(path) as file:
        return file.read(1)


def test_a_surface_is_what_is_predicted_at_the_cells(covered, tmp_path):
    from coastal_hm_plugin.core.covariates import sample_covariates

    x, y, noise = field(90, extent=34_000)
    table = sample_covariates(x, y, UTM, covered).table
    values = np.exp(0.02 * table["height"].fillna(100) + (table["rock"] == "20") + 0.3 * noise)
    options = KrigingOptions(logarithm=True)
    found = interpolate(x, y, UTM, values, table, ("rock",), options, "OM")
    grid = Grid.of_raster(covered.covariates[0].path)
    surface = write_surface(found, tmp_path / "om.tif", grid, covered, tmp_path / "variance.tif")
    om, variance = read(tmp_path / "om.tif"), read(tmp_path / "variance.tif")
    known = (read(covered.covariates[0].path) != -1) & (read(covered.covariates[1].path) != 3)
    assert ((om != -9999) == known).all() and ((variance != -9999) == known).all()
    cells_x, cells_y = grid.centres(rasterio.windows.Window(0, 0, 80, 80))
    at_cells = sample_covariates(cells_x.ravel(), cells_y.ravel(), UTM, covered).table
    expected = found.predict(cells_x.ravel(), cells_y.ravel(), UTM, at_cells)
    np.testing.assert_allclose(om[known], expected[0].reshape(80, 80)[known], rtol=1e-5)
    np.testing.assert_allclose(variance[known], expected[1].reshape(80, 80)[known], rtol=1e-4)
    lost = surface.without_value.set_index("covariate")
    assert lost.loc["height", "nodata"] == 15 and lost.loc["rock", "unseen"] == 100
    assert (surface.cells, surface.predicted) == (6400, known.sum())
    assert surface.maximum == pytest.approx(om[known].max(), rel=1e-6)
    with pytest.raises(InputError, match=r"there is no raster for rock \(rasters: height\)"):
        write_surface(found, tmp_path / "om.tif", grid, covered.select(["height"]))


def test_memory_does_not_grow_and_overviews_are_built(tmp_path):
    found = interpolate(*field(60)[:2], UTM, field(60)[2])
    peaks = []
    for side in (600, 1200):
        grid = Grid(rasterio.crs.CRS.from_string(UTM), from_origin(LEFT, TOP, 40, 40), side, side)
        tracemalloc.start()
        write_surface(found, tmp_path / "s.tif", grid)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
    with rasterio.open(tmp_path / "s.tif") as file:
        assert file.overviews(1) == [2, 4] and file.profile["compress"] == "deflate"
    assert [path.name for path in tmp_path.iterdir()] == ["s.tif"]


def test_cancel_leaves_nothing_behind(tmp_path):
    found = interpolate(*field(300)[:2], UTM, field(300)[2])
    grid = Grid(rasterio.crs.CRS.from_string(UTM), from_origin(LEFT, TOP, 1, 1), 40_000, 40_000)
    start = time.perf_counter()
    monitor = Monitor(is_cancelled=lambda: time.perf_counter() - start > 0.5)
    with pytest.raises(Cancelled):
        write_surface(found, tmp_path / "s.tif", grid, variance_path=tmp_path / "v.tif", monitor=monitor)
    assert time.perf_counter() - start < 1.5
    assert list(tmp_path.iterdir()) == []


def test_what_limits_a_surface_is_said():
    rng = np.random.default_rng(3)
    x, y = LEFT + rng.uniform(0, 4e4, (2, 40))
    options = KrigingOptions("spherical", 1.0, 0.01, 10_000.0)
    found = interpolate(x, y, UTM, rng.normal(size=40), options=options, name="noise")
    for expected in ("40 sites: a variogram of fewer than 50", "nearly all nugget", "No skill: left out one by one"):
        assert any(expected in text for text in found.warnings)
    slope = interpolate(x, y, UTM, (x - LEFT) / 1e4 + 0.01 * rng.normal(size=40), name="slope")
    assert any("still rises at its largest distance" in text for text in slope.warnings)
