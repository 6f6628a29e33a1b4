"""Multiple regression, against NIST's certified values and R, with planted truths and bad input."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.statistics import (
    RegressionOptions,
    fit_regression,
    morans_i,
    neighbour_weights,
    site_positions,
)

# NIST Statistical Reference Datasets, Longley: y, x1 ... x6
LONGLEY = """60323 83.0 234289 2356 1590 107608 1947
61122 88.5 259426 2325 1456 108632 1948
60171 88.2 258054 3682 1616 109773 1949
61187 89.5 284599 3351 1650 110929 1950
63221 96.2 328975 2099 3099 112075 1951
63639 98.1 346999 1932 3594 113270 1952
64989 99.0 365385 1870 3547 115094 1953
63761 100.0 363112 3578 3350 116219 1954
66019 101.2 397469 2904 3048 117388 1955
67857 104.6 419180 2822 2857 118734 1956
68169 108.4 442769 2936 2798 120445 1957
66513 110.8 444546 4681 2637 121950 1958
68655 112.6 482704 3813 2552 123366 1959
69564 114.2 502601 3931 2514 125368 1960
69331 115.7 518173 4806 2572 127852 1961
70551 116.9 554894 4007 2827 130081 1962"""
# certified estimates and standard deviations of the estimates
CERTIFIED = {
    "const": (-3482258.63459582, 890420.383607373),
    "x1": (15.0618722713733, 84.9149257747669),
    "x2": (-0.0358191792925910, 0.0334910077722432),
    "x3": (-2.02022980381683, 0.488399681651699),
    "x4": (-1.03322686717359, 0.214274163161675),
    "x5": (-0.0511041056535807, 0.226073200069370),
    "x6": (1829.15146461355, 455.478499142212),
}
# R's mtcars: mpg, wt, hp, qsec, drat
MTCARS = """21 2.62 110 16.46 3.9 21 2.875 110 17.02 3.9 22.8 2.32 93 18.61 3.85 21.4 3.215 110 19.44 3.08
18.7 3.44 175 17.02 3.15 18.1 3.46 105 20.22 2.76 14.3 3.57 245 15.84 3.21 24.4 3.19 62 20 3.69
22.8 3.15 95 22.9 3.92
19.2 3.44 123 18.3 3.92 17.8 3.44 123 18.9 3.92 16.4 4.07 180 17.4 3.07 17.3 3.73 180 17.6 3.07 15.2 3.78 180 18 3.07
10.4 5.25 205 17.98 2.93 10.4 5.424 215 17.82 3
14.7 5.345 230 17.42 3.23 32.4 2.2 66 19.47 4.08 30.4 1.615 52 18.52 4.93
33.9 1.835 65 19.9 4.22 21.5 2.465 97 20.01 3.7 15.5 3.52 150 16.87 2.76 15.2 3.435 150 17.3 3.15
13.3 3.84 245 15.41 3.73
19.2 3.845 175 17.05 3.08 27.3 1.935 66 18.9 4.08 26 2.14 91 16.7 4.43 30.4 1.513 113 16.9 3.77 15.8 3.17 264 14.5 4.22
19.7 2.77 175 15.5 3.62 15 3.57 335 14.6 3.54 21.4 2.78 109 18.6 4.11"""
PREDICTORS = ["wt", "hp", "qsec", "drat"]


@pytest.fixture(scope="module")
def cars():
    return pd.DataFrame(np.array(MTCARS.split(), float).reshape(-1, 5), columns=["mpg", *PREDICTORS])


@pytest.fixture(scope="module")
def fitted(cars):
    """With places on a spiral, where no two distances are equal."""
    i = np.arange(32)
    spiral = np.column_stack([np.sqrt(i + 1) * np.cos(2.4 * i), np.sqrt(i + 1) * np.sin(2.4 * i)])
    return fit_regression(cars["mpg"], cars[PREDICTORS], spiral)


def test_nist_longley():
    table = pd.DataFrame([row.split() for row in LONGLEY.split("\n")], columns=["y", *list(CERTIFIED)[1:]]).astype(
        float
    )
    found = fit_regression(table["y"], table.drop(columns="y"))
    for row in found.coefficients.itertuples():
        np.testing.assert_allclose([row.coefficient, row.std_error], CERTIFIED[row.variable], rtol=1e-9)
    model = found.model.iloc[0]
    assert model["r_squared"] == pytest.approx(0.995479004577296, rel=1e-12)
    assert model["sigma"] == pytest.approx(304.854073561965, rel=1e-11)
    assert model["f"] == pytest.approx(330.285339234588, rel=1e-10)
    assert any("variance inflation" in text and "x2 (1789)" in text for text in found.warnings)  # R's car::vif: 1788.51
    assert any("16 rows for 6 predictors are 2.7 a predictor" in text for text in found.warnings)


def test_coefficients_as_r(fitted):
    # R 4.2.2 lm and confint, car 3.1-1 vif, sandwich 3.0-2 vcovHC(type = "HC3") with lmtest 0.9-40 coeftest
    expected = {
        "coefficient": [
            19.2596960219124718,
            -3.7077325433633632,
            -0.0178353060117636,
            0.5275432796698187,
            1.6570989217668,
        ],
        "std_error": [10.3154454726249, 0.8822734749413397, 0.0147577777973671, 0.4328459963476055, 1.2169723992120618],
        "t": [1.86707361044405, -4.20247536469334, -1.20853601786480, 1.21877823549548, 1.36165694705959],
        "p": [0.072785055087390, 0.000258525246841427, 0.237319382780995, 0.233470363939062, 0.184561020405422],
        "low": [-1.9058497899077, -5.5180081831291, -0.0481157648518366, -0.3605833445725123, -0.8399221846506539],
        "hc3_error": [12.235694461583957, 1.187015953728025, 0.01465693923246, 0.495943644940989, 1.240075771648347],
        "hc3_p": [0.1271202844821792, 0.0042349166982165, 0.2341911574030004, 0.296878626547413, 0.1926084885588783],
        "vif": [np.nan, 3.5826825049435, 4.92195781890279, 2.87611547553965, 2.03547268169086],
        "beta": [np.nan, -0.601939567475, -0.202895351011, 0.156412480613, 0.147008991844],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(fitted.coefficients[name], values, rtol=1e-10, err_msg=name)
    assert fitted.predictors == tuple(PREDICTORS) and fitted.target == "mpg"


def test_model_and_residual_tests_as_r(fitted):
    # R 4.2.2 summary.lm, AIC, BIC, shapiro.test; lmtest waldtest with HC3, bptest; PRESS from hatvalues;
    # spdep 1.2-7 lm.morantest on 5 nearest neighbours, style "W", one-sided
    expected = {
        "r_squared": 0.84538526784, "adjusted_r_squared": 0.822479381594, "f": 36.9069006438, "sigma": 2.53934582051,
        "aic": 157.017312748, "bic": 165.811728165, "predicted_r_squared": 0.780398302038, "df": 27, "n": 32,
        "breusch_pagan": 2.72453691752, "breusch_pagan_p": 0.604927846497,
        "moran_i": 0.18081748847, "moran_expected": -0.0262597515631, "moran_z": 2.02705603438,
        "moran_p": 0.0213283412311,
    }  # fmt: skip
    for name, value in expected.items():
        assert fitted.model[name][0] == pytest.approx(value, rel=1e-10), name
    assert fitted.model["f_hc3"][0] == pytest.approx(30.4527, abs=5e-5)
    assert fitted.model["shapiro_w"][0] == pytest.approx(0.920136021566, rel=1e-6)
    assert fitted.model["shapiro_p"][0] == pytest.approx(0.0209674951206, rel=1e-4)


def test_rows_as_r(fitted):
    # R 4.2.2 hatvalues, rstudent, cooks.distance
    expected = {
        "leverage": [0.142021806884, 0.112490864284, 0.0626702858928, 0.115305572959],
        "studentized": [-0.728926403412, -0.444513337223, -0.973847597556, 0.272884695045],
        "cook": [0.0179011456071, 0.00516233753871, 0.0127061037294, 0.00200998908845],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(fitted.sites[name][:4], values, rtol=1e-9)
    np.testing.assert_allclose(fitted.sites["fitted"] + fitted.sites["residual"], fitted.sites["observed"])


def test_rows_without_a_value_are_named_and_stay_in_place(cars):
    gaps = cars.copy()
    gaps.loc[[3, 9], "hp"] = np.nan
    gaps.loc[20, "mpg"] = np.nan
    found = fit_regression(gaps["mpg"], gaps[PREDICTORS])
    assert found.warnings[0] == "3 of 32 rows lack a value and take no part: 4, 10, 21; most are missing in hp (2)."
    assert found.model["n"][0] == 29 and found.sites["fitted"].isna().sum() == 3 and np.isnan(found.sites["fitted"][9])


def test_constant_and_dependent_predictors_are_left_out(cars, fitted):
    more = cars[PREDICTORS].assign(flat=3.0, sum=cars["wt"] + 0.5 * cars["hp"] - 7)
    found = fit_regression(cars["mpg"], more)
    assert found.left_out == ("flat", "sum")
    assert "flat is left out: all its values are 3." in found.warnings
    assert "sum is left out: it is a linear combination of wt, hp, qsec, drat." in found.warnings
    np.testing.assert_allclose(found.coefficients["coefficient"], fitted.coefficients["coefficient"])


def test_planted_trouble_is_found():
    rng = np.random.default_rng(6)
    n = 200
    place = rng.uniform(0, 100, (n, 2))
    x = pd.DataFrame({"x": rng.uniform(1, 10, n)})
    calm = pd.Series(2 + 3 * x["x"] + rng.normal(size=n), name="y")
    assert not fit_regression(calm, x, place).warnings
    wave = np.sin(place[:, 0] / 15) * 3
    assert any("neighbouring sites resemble" in text for text in fit_regression(calm + wave, x, place).warnings)
    fan = pd.Series(2 + 3 * x["x"] + x["x"] ** 1.5 * rng.normal(size=n), name="y")
    assert any("use the HC3 errors" in text for text in fit_regression(fan, x).warnings)
    skewed = pd.Series(3 * x["x"] + rng.lognormal(0, 1.5, n), name="y")
    assert any("not normal" in text for text in fit_regression(skewed, x).warnings)
    far = calm.copy()
    x.loc[0, "x"], far[0] = 200.0, 0.0
    assert any("Cook's distance above 1): 1." in text for text in fit_regression(far, x).warnings)


def test_a_row_the_fit_runs_through_has_no_robust_errors(cars):
    found = fit_regression(cars["mpg"], cars[["wt"]].assign(lone=(np.arange(32) == 4).astype(float)))
    assert any("The fit runs through rows 5" in text for text in found.warnings)
    assert found.coefficients["hc3_error"].isna().all() and np.isnan(found.model["predicted_r_squared"][0])
    assert found.coefficients["std_error"].notna().all()


def test_false_alarms_of_morans_i_are_near_their_rate():
    rng = np.random.default_rng(7)
    weights = neighbour_weights(rng.uniform(0, 100, (60, 2)))
    basis = np.linalg.qr(np.column_stack([np.ones(60), rng.normal(size=(60, 3))]))[0]
    noise = rng.normal(size=(1000, 60))
    p = [morans_i(one - basis @ (basis.T @ one), basis, weights)["p"] for one in noise]
    # 1,000 draws at 5 %: 50 expected; the binomial lies outside 23 to 80 once in 10,000
    assert 23 <= np.sum(np.array(p) < 0.05) <= 80


def test_places_in_degrees_become_metres():
    found = site_positions(np.array([121.0, 121.0, np.inf]), np.array([38.0, 38.01, 0.0]), "EPSG:4326")
    # a hundredth of a degree of latitude at 38 N on WGS84
    assert np.linalg.norm(found.iloc[1] - found.iloc[0]) == pytest.approx(1110.0, abs=0.5)
    assert found.iloc[2].isna().all()
    with pytest.raises(InputError, match="No site has coordinates"):
        site_positions(np.array([np.nan]), np.array([np.nan]), "EPSG:4326")


def test_too_few_places_leave_morans_i_out(cars):
    places = np.full((32, 2), np.nan)
    places[:6] = np.arange(12).reshape(6, 2)
    found = fit_regression(cars["mpg"], cars[["wt"]], places)
    assert np.isnan(found.model["moran_i"][0])
    assert any("6 sites have a place; 5 neighbours need 7" in text for text in found.warnings)


def test_sites_at_one_place_are_neighbours(cars):
    found = fit_regression(cars["mpg"], cars[["wt"]], np.repeat([[0.0, 0], [1, 1]], 16, axis=0))
    assert np.isfinite(found.model["moran_i"][0])


@pytest.mark.parametrize(
    ("target", "predictors", "message"),
    [
        ([1.0] * 9, {"x": np.arange(9.0)}, "All values of 'y' are 1: there is nothing to explain"),
        (2 * np.arange(9.0), {"x": np.arange(9.0)}, "The predictors give 'y' exactly"),
        (
            [1.0, 2, 4, 3],
            {"a": [1.0, 4, 2, 3], "b": [4.0, 4, 1, 3]},
            "Only 4 complete rows for 2 predictors: at least 5",
        ),
        ([1.0, 2, 4], {"a": [1.0, 4, 2]}, "Only 3 complete rows for 1 predictor:"),
        (np.arange(9.0), {"flat": np.ones(9)}, "No predictor is left. flat is left out: all its values are 1."),
        (np.arange(9.0), {}, "one predictor or more"),
        (np.arange(9.0), {"y": np.ones(9)}, "'y' is the target and a predictor"),
    ],
)
def test_what_cannot_be_fitted(target, predictors, message):
    table = pd.DataFrame(predictors, index=range(len(target)))
    with pytest.raises(InputError, match=message):
        fit_regression(pd.Series(target, name="y"), table)


def test_options_are_checked():
    with pytest.raises(InputError, match="confidence 95 must lie"):
        RegressionOptions(confidence=95)
    with pytest.raises(InputError, match="0 neighbours"):
        RegressionOptions(neighbours=0)
