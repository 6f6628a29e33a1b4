"""Correlations and Mantel tests, against R and vegan, with planted truths and bad input."""

import io

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.statistics import (
    Control,
    CorrelationOptions,
    MantelOptions,
    correlate,
    mantel_tests,
    transformed,
)

# soil chemistry of 24 lichen pastures: columns of varechem, Väre et al. 1995, as R's vegan 2.6-4 holds it
VARECHEM = """N,P,K,Ca,Mg,S,Al,Fe,Mn,Zn,Mo,pH
19.8,42.1,139.9,519.4,90,32.3,39,40.9,58.1,4.5,0.3,2.7
13.4,39.1,167.3,356.7,70.7,35.2,88.1,39,52.4,5.4,0.3,2.8
20.2,67.7,207.1,973.3,209.1,58.1,138,35.4,32.1,16.8,0.8,3
20.6,60.8,233.7,834,127.2,40.7,15.4,4.4,132,10.7,0.2,2.8
23.8,54.5,180.6,777,125.8,39.5,24.2,3,50.1,6.6,0.3,2.7
22.8,40.9,171.4,691.8,151.4,40.8,104.8,17.6,43.6,9.1,0.4,2.7
26.6,36.7,171.4,738.6,94.9,33.8,20.7,2.5,77.6,7.4,0.3,2.8
24.2,31,138.2,394.6,45.3,27.1,74.2,9.8,24.4,5.2,0.3,2.8
29.8,73.5,260,748.6,105.3,42.5,17.9,2.4,106.6,9.3,0.3,2.8
28.1,40.5,313.8,540.7,118.9,60.2,329.7,109.9,61.7,9.1,0.5,2.8
21.8,38.1,146.8,512.2,75,36.6,92.3,4.6,29,8.1,0.5,2.7
26.2,61.9,202.2,741.2,86.3,48.6,124.3,23.6,94.5,10.2,0.6,2.9
22.8,50.6,151.7,648,64.8,30.2,12.1,2.3,122.9,8.1,0.2,2.9
30.5,24.6,78.7,188.5,55.5,25.3,294.9,123.8,10.1,3,0.4,3.1
33.1,22.7,43.6,240.3,25.7,14.9,39,8.4,26.8,8.4,0.2,3.1
19.1,26.4,61.1,259.1,37,21.4,155.1,81.4,20.6,4,0.6,3
31.1,32.3,73.7,219,52.5,25.5,304.6,204.4,14.2,2.6,0.5,3.3
18,64.9,224.5,517.6,59.7,52.9,435.1,101.2,38,9.5,1.1,2.9
22.3,47.4,165.9,436.1,64.3,42.3,316.5,200.1,28.2,7.2,0.3,2.9
15,48.4,127.4,499.6,75.1,46.9,227.1,32.2,35.1,8.9,0.7,3
16,32.7,126.4,471.4,61.3,31.1,108.8,9.5,26.4,6,0.4,2.9
14.3,62.8,215.2,709.7,102.5,48.6,168.2,32,46.9,8.7,0.05,3.2
16.7,55.8,205.3,1169.7,126.3,35.9,253.6,96.4,25.1,8.2,0.05,3.6
21,26.5,104.4,484.8,74.4,22.2,35.8,5.9,27.5,5.3,0.2,3
"""


@pytest.fixture(scope="module")
def chemistry():
    return pd.read_csv(io.StringIO(VARECHEM), dtype=float)


# R 4.2.2 cor.test (exact = FALSE): r and p of N with P
COR_TEST = {
    "pearson": (-0.251160287282548, 0.236477112127519),
    "spearman": (-0.297455975720635, 0.158059487861376),
    "kendall": (-0.192377812289766, 0.188497143255627),
}


@pytest.mark.parametrize("method", COR_TEST)
def test_correlations_as_r(chemistry, method):
    found = correlate(chemistry, None, CorrelationOptions(method)).pairs().iloc[0]
    assert (found["variable_1"], found["variable_2"], found["n"]) == ("N", "P", 24)
    np.testing.assert_allclose([found["r"], found["p"]], COR_TEST[method], rtol=1e-9)


def test_adjusted_p_and_interval_as_r(chemistry):
    # R 4.2.2 p.adjust(method = "BH") and cor.test's conf.int
    found = correlate(chemistry[["N", "P", "K", "Ca"]], None, CorrelationOptions("pearson")).pairs()
    expected = [0.283772534553, 0.494144653082, 0.283772534553, 0.000118931315834, 0.000118931315834, 0.000788000336347]
    np.testing.assert_allclose(found["p_adjusted"], expected, rtol=1e-9)
    np.testing.assert_allclose(found.loc[0, ["r_low", "r_high"]].astype(float), [-0.594340102130213, 0.169399512436883])


def test_across_two_sets_is_a_rectangle_of_the_whole(chemistry):
    whole = correlate(chemistry)
    part = correlate(chemistry[["N", "P"]], chemistry[["Al", "Fe", "pH"]])
    np.testing.assert_allclose(part.r, whole.r.loc[["N", "P"], ["Al", "Fe", "pH"]])
    assert len(part.pairs()) == 6 and not part.within and whole.within
    assert len(whole.pairs()) == 12 * 11 / 2 and (np.diag(whole.r) == 1).all() and np.allclose(whole.r, whole.r.T)


def test_centred_log_ratios_as_vegan(chemistry):
    # vegan 2.6-4 decostand(method = "clr") of the eleven elements, then cor
    parts = tuple(chemistry.columns[:11])
    found, warnings = transformed(chemistry, (parts,), "clr")
    pairs = [found[a].corr(found[b]) for a, b in (("N", "P"), ("Al", "Fe"), ("Ca", "Mg"))]
    np.testing.assert_allclose(pairs, [0.103880685318, 0.863415007598, 0.779273660397], rtol=1e-10)
    assert not warnings and (found["pH"] == chemistry["pH"]).all()
    scaled, _ = transformed(chemistry.assign(Ca=1000 * chemistry["Ca"]), (parts,), "clr")
    np.testing.assert_allclose(scaled.corr(), found.corr(), atol=1e-12)


def test_gaps_are_each_pairs_own_or_everyones():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.normal(size=(20, 3)), columns=list("abc"))
    table.loc[:4, "a"] = np.nan
    assert correlate(table).n.to_numpy().tolist() == [[15, 15, 15], [15, 20, 20], [15, 20, 20]]
    assert (correlate(table, None, CorrelationOptions(listwise=True)).n == 15).all(axis=None)
    table.loc[5:18, "c"] = np.nan
    with pytest.raises(InputError, match="Only 1 rows have a value of every variable"):
        correlate(table, None, CorrelationOptions(listwise=True))


def test_a_matrix_that_is_not_positive_definite_is_named():
    rng = np.random.default_rng(2)
    z = rng.normal(size=(3, 30))
    gap = np.full(30, np.nan)
    # a follows b, b follows c, and c goes against a: each on rows of its own
    table = pd.DataFrame(
        {
            "a": np.concatenate([z[0], gap, z[2]]),
            "b": np.concatenate([z[0], z[1], gap]),
            "c": np.concatenate([gap, z[1], -z[2]]),
        }
    )
    found = correlate(table)
    assert any("not positive definite" in text for text in found.warnings)
    assert not correlate(table.fillna(0)).warnings


def test_constants_and_few_rows_are_named():
    table = pd.DataFrame({"a": np.arange(6.0), "b": [1.0, 3, 2, 5, 4, 6], "flat": np.ones(6)})
    found = correlate(table)
    assert any(text.startswith("flat: its values are all equal") for text in found.warnings)
    assert any("only 6 rows" in text for text in found.warnings)
    assert np.isnan(found.r.loc["a", "flat"]) and found.pairs()["p_adjusted"].notna().sum() == 1


@pytest.mark.parametrize(
    ("first", "second", "options", "message"),
    [
        ({"a": [1.0, 2, 3, 4]}, None, {}, "choose two or more"),
        ({"a": [1.0, 2, 3]}, {"b": [1.0, 2, 3]}, {}, "No pair of variables has 4 rows"),
        ({"a": [1.0] * 9, "b": np.arange(9.0)}, None, {}, "a: its values are all equal"),
        ({"a": np.arange(9.0)}, {"b": np.arange(8.0)}, {}, "9 rows in one set of variables and 8"),
        ({"a": [1.0]}, None, {"method": "kappa"}, "'kappa' is no correlation"),
        ({"a": [1.0]}, None, {"alpha": 0}, "level 0 must lie between"),
    ],
)
def test_what_cannot_be_correlated(first, second, options, message):
    with pytest.raises(InputError, match=message):
        correlate(pd.DataFrame(first), second and pd.DataFrame(second), CorrelationOptions(**options))


def test_what_cannot_be_transformed(chemistry):
    with pytest.raises(InputError, match="three concentrations or more; there is N, P"):
        transformed(chemistry, (("N", "P"),), "clr")
    with pytest.raises(InputError, match="'ilr' is no transform"):
        transformed(chemistry, (("N", "P"),), "ilr")
    found, warnings = transformed(chemistry.assign(N=chemistry["N"] - 14), (("N", "P", "K"),), "clr")
    assert warnings[0] == "N: 1 values that are not positive have no logarithm: 2."
    assert found[["N", "P", "K"]].isna().all(axis=1).sum() == 1


SETS = {"soil": ["N", "P", "K"], "rest": ["Ca", "Mg", "S"], "metals": ["Al", "Fe"]}
# vegan 2.6-4 mantel and mantel.partial of dist(scale(...)): statistic, and signif of 99999 permutations
MANTEL = {
    ("pearson", False): (0.49883095695, 3e-05),
    ("pearson", True): (0.497254773669, 1e-05),
    ("spearman", False): (0.47007034717, 2e-05),
    ("spearman", True): (0.464763254364, 2e-05),
}


@pytest.mark.parametrize(("method", "partial"), MANTEL)
def test_mantel_as_vegan(chemistry, method, partial):
    sets = {name: chemistry[columns] for name, columns in SETS.items()}
    control = Control(sets["metals"]) if partial else None
    found = mantel_tests({"soil": sets["soil"]}, {"rest": sets["rest"]}, control, MantelOptions(method)).table.iloc[0]
    r, p = MANTEL[method, partial]
    assert found["r"] == pytest.approx(r, rel=1e-11)
    # of 999 permutations, one in 30,000 reaches r
    assert 0.001 <= found["p"] <= 0.003 and abs(found["p"] - p) < 0.003


def test_mantel_with_other_distances_as_vegan(chemistry):
    rest = {"rest": chemistry[SETS["rest"]]}
    bray = mantel_tests({"soil": chemistry[SETS["soil"]]}, rest, options=MantelOptions(distance="braycurtis"))
    assert bray.table["r"][0] == pytest.approx(0.566959451103, rel=1e-11)
    parts = ("N", "P", "K", "Ca")
    aitchison, _ = transformed(chemistry[list(parts)], (parts,), "clr")
    options = MantelOptions(distance="euclidean", permutations=9999)
    found = mantel_tests({"parts": aitchison}, {"metals": chemistry[SETS["metals"]]}, options=options).table.iloc[0]
    assert found["r"] == pytest.approx(0.238001229241, rel=1e-11)
    assert found["p"] == pytest.approx(0.04564, abs=0.01)  # 4.8 standard errors of 9999 permutations
    one = mantel_tests({"pH": chemistry[["pH"]]}, {"Al": chemistry[["Al"]]}, options=MantelOptions(permutations=9999))
    assert one.table["r"][0] == pytest.approx(0.101691873193, rel=1e-11)
    assert one.table["p"][0] == pytest.approx(0.14503, abs=0.017)


def test_mantel_is_the_same_whatever_is_tested_beside(chemistry):
    first = {name: chemistry[[name]] for name in ("N", "P")}
    second = {name: chemistry[[name]] for name in ("Al", "Fe", "pH")}
    together = mantel_tests(first, second).table
    assert list(zip(together["set_1"], together["set_2"])) == [(a, b) for a in first for b in second]
    alone = mantel_tests({"P": first["P"]}, {"Fe": second["Fe"]}).table.iloc[0]
    row = together[(together["set_1"] == "P") & (together["set_2"] == "Fe")].iloc[0]
    assert (row["r"], row["p"]) == (alone["r"], alone["p"])
    assert (mantel_tests(first, second).table["p"] == together["p"]).all()


def test_partial_mantel_takes_a_common_cause_away():
    rng = np.random.default_rng(5)
    place = rng.uniform(0, 10, (60, 2))
    first, second = (pd.DataFrame(place + 0.5 * rng.normal(size=(60, 2))) for _ in range(2))
    plain = mantel_tests({"a": first}, {"b": second}).table.iloc[0]
    partial = mantel_tests({"a": first}, {"b": second}, Control(pd.DataFrame(place), "euclidean", "space"))
    assert plain["r"] > 0.8 and plain["p"] == 0.001
    assert abs(partial.table["r"][0]) < 0.3 and partial.control == "space"


def test_mantel_names_what_it_leaves_out(chemistry):
    gaps = chemistry.assign(flat=1.0, empty=np.where(np.arange(24) < 20, np.nan, 1.0))
    second = {name: gaps[[name]] for name in ("Al", "flat", "empty")}
    found = mantel_tests({"soil": gaps[["N", "P"]]}, second)
    assert found.table["set_2"].tolist() == ["Al"]
    assert "All sites have the same values of flat" in " ".join(found.warnings)
    assert "soil with empty: 4 complete sites; 6 are needed" in " ".join(found.warnings)


def test_what_mantel_refuses(chemistry):
    first, second = {"a": chemistry[["N"]]}, {"b": chemistry[["P"]]}
    with pytest.raises(InputError, match="need values of 0 or more"):
        mantel_tests({"a": -chemistry[["N"]]}, second, options=MantelOptions(distance="braycurtis"))
    with pytest.raises(InputError, match="nothing is left to test"):
        mantel_tests(first, second, Control(chemistry[["P"]]))
    with pytest.raises(InputError, match="5 permutations cannot give"):
        MantelOptions(permutations=5)
    with pytest.raises(InputError, match="'kendall' is no correlation of distances"):
        MantelOptions(method="kendall")
    with pytest.raises(InputError, match="'jaccard' is no distance"):
        MantelOptions(distance="jaccard")


def test_mantel_stops_when_asked(chemistry):
    with pytest.raises(Cancelled):
        mantel_tests({"a": chemistry[["N"]]}, {"b": chemistry[["P"]]}, monitor=Monitor(is_cancelled=lambda: True))
