"""Kriging of R's gstat 2.1 on log(Cd) of the Swiss Jura, to 1e-6: variogram, predictions, variances, leave-one-out."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.kriging import KrigingOptions, empirical_variogram, interpolate

pytestmark = pytest.mark.acceptance
PLANE = "+proj=tmerc +lat_0=47 +lon_0=6.8 +datum=WGS84 +units=m"
OPTIONS = KrigingOptions("spherical", 0.15, 0.35, 1.0, 2.0, 0.1, logarithm=True)  # local kilometres, as if metres


@pytest.fixture(scope="module")
def jura(reference):
    sites, held_out = (pd.read_csv(reference / "jura" / f"jura.{name}.csv") for name in ("pred", "val"))
    answers = pd.read_csv(reference / "kriging_gstat" / "kriged_at_val.csv")
    np.testing.assert_array_equal(answers[["Xloc", "Yloc"]], held_out[["Xloc", "Yloc"]])
    return sites, held_out, answers


def fitted(sites, covariates=None, options=OPTIONS):
    x, y = sites["Xloc"], sites["Yloc"]
    return interpolate(x, y, PLANE, sites["Cd"], covariates, options=options, name="Cd")


def at(found, table, covariates=None):
    return found.predict(table["Xloc"], table["Yloc"], PLANE, covariates)


def test_the_empirical_variogram(jura, reference):
    sites = jura[0]
    expected = pd.read_csv(reference / "kriging_gstat" / "variogram_logCd.csv")
    x, y = sites["Xloc"], sites["Yloc"]
    for found in (fitted(sites).empirical, empirical_variogram(x, y, np.log(sites["Cd"]).to_numpy(), 2.0, 0.1)):
        np.testing.assert_array_equal(found["pairs"], expected["np"])
        np.testing.assert_allclose(found["distance_m"], expected["dist"], atol=1e-6)
        np.testing.assert_allclose(found["gamma"], expected["gamma"], atol=1e-6)


def test_ordinary_kriging(jura):
    sites, held_out, answers = jura
    prediction, variance = at(fitted(sites), held_out)
    np.testing.assert_allclose(np.log(prediction), answers["ok_pred"], atol=1e-6)
    np.testing.assert_allclose(variance, answers["ok_var"], atol=1e-6)


def test_rock_as_trend(jura):
    sites, held_out, answers = jura
    prediction, variance = at(fitted(sites, sites[["Rock"]]), held_out, held_out[["Rock"]])
    np.testing.assert_allclose(np.log(prediction), answers["uk_rock_pred"], atol=1e-6)
    np.testing.assert_allclose(variance, answers["uk_rock_var"], atol=1e-6)


def test_leave_one_out_flatters_what_the_held_out_points_tell(jura):
    sites, held_out, _ = jura
    scores = fitted(sites).leave_one_out.scores().iloc[0]
    assert scores["n"] == 259
    assert scores["r2"] == pytest.approx(0.415, abs=5e-4)
    assert scores["z_mean"] == pytest.approx(0.00, abs=5e-3) and scores["z_sd"] == pytest.approx(1.07, abs=5e-3)
    observed = np.log(held_out["Cd"])
    for covariates, expected in ((None, 0.01), (["Rock"], -0.04)):
        pick = (lambda table, c=covariates: table[c]) if covariates else (lambda table: None)
        prediction = np.log(at(fitted(sites, pick(sites)), held_out, pick(held_out))[0])
        r2 = 1 - np.sum((observed - prediction) ** 2) / np.sum((observed - observed.mean()) ** 2)
        assert r2 == pytest.approx(expected, abs=6e-3)


def test_the_fit_of_the_default_classes_is_like_the_variogram_that_was_fixed(jura):
    found = fitted(jura[0], options=KrigingOptions("spherical", logarithm=True))
    assert found.variogram.range_m == pytest.approx(1.0, abs=0.15)
    assert found.variogram.sill == pytest.approx(0.5, abs=0.05)
    assert found.leave_one_out.scores()["r2"][0] > 0.4
