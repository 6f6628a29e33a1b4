"""Fitting: planted truths, invariances, problems that must be named, and input that cannot be used."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coastal_hm_plugin.core import sem
from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.monitor import Monitor

MODEL = """
soil =~ OM_soil + pH_soil + Cd_soil + Pb_soil + Ni_soil
sediment =~ OM_sed + pH_sed + Cd_sed + Pb_sed + Ni_sed
water =~ pH_water + DO_water + Cd_water + Pb_water + Ni_water
sediment ~ soil
water ~ soil
sediment ~~ water
"""
LOADINGS = {
    "soil": {"OM": 0.68, "pH": -0.40, "Cd": 0.5, "Pb": 0.45, "Ni": 0.6},
    "sed": {"OM": 0.9, "pH": -0.39, "Cd": 0.6, "Pb": 0.5, "Ni": 0.7},
    "water": {"pH": 0.75, "DO": 0.3, "Cd": -0.25, "Pb": -0.45, "Ni": -0.5},
}


def coast(seed, n=103):
    """Fifteen indicators of three media, of unit variance."""
    rng = np.random.default_rng(seed)
    soil = rng.normal(size=n)
    sediment = 0.3 * soil + np.sqrt(1 - 0.3**2) * rng.normal(size=n)
    water = -0.2 * soil + 0.19 * sediment + 0.95 * rng.normal(size=n)
    scores = {"soil": soil, "sed": sediment, "water": water}
    columns = {
        f"{name}_{medium}": loading * scores[medium] + np.sqrt(1 - loading**2) * rng.normal(size=n)
        for medium, items in LOADINGS.items()
        for name, loading in items.items()
    }
    return pd.DataFrame(columns)


def kinds(fitted):
    return [problem.kind for problem in fitted.problems]


def test_a_planted_truth_is_recovered():
    fitted = sem.fit(MODEL, coast(1, 20_000))
    table = fitted.standardized().set_index(["lhs", "op", "rhs"])["est"]
    names = {"soil": "soil", "sed": "sediment", "water": "water"}
    for medium, items in LOADINGS.items():
        for name, loading in items.items():
            assert table[names[medium], "=~", f"{name}_{medium}"] == pytest.approx(loading, abs=0.04)
    assert table["sediment", "~", "soil"] == pytest.approx(0.3, abs=0.03)
    assert fitted.problems == ()
    assert (fitted.tests.model.df, fitted.tests.baseline.df) == (87, 105)
    assert fitted.fit_indices()["rmsea"] < 0.01


def test_rejection_and_coverage_are_nominal():
    """At n = 1500, 60 data sets: chi-square averages its df, and 95 % intervals cover."""
    model = "f =~ a + b + c + d\ny ~ f"
    rng = np.random.default_rng(8)
    chi2, inside = [], []
    for _ in range(60):
        f = rng.normal(size=1500)
        data = {name: 0.7 * f + rng.normal(size=1500) for name in "abcd"}
        fitted = sem.fit(model, pd.DataFrame({**data, "y": 0.5 * f + rng.normal(size=1500)}))
        row = fitted.estimates().set_index(["lhs", "op", "rhs"]).loc[("y", "~", "f")]
        inside.append(row["ci_lower"] < 0.5 / 0.7 < row["ci_upper"])
        chi2.append(fitted.tests.model.chi2)
    # mean of 60 chi-squares of 5 df: SD 0.41, four of them either way; 60 x 0.95 covered, four SD below
    assert np.mean(chi2) == pytest.approx(5, abs=1.7)
    assert np.mean(inside) > 0.95 - 4 * np.sqrt(0.95 * 0.05 / 60)


@given(st.lists(st.integers(-6, 6), min_size=15, max_size=15))
@example([0, -5, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 0, 0])
@settings(max_examples=10, deadline=None)
def test_units_do_not_matter(powers):
    data = coast(3)
    plain = sem.fit(MODEL, data)
    scaled = sem.fit(MODEL, data * 10.0 ** np.array(powers))
    assert scaled.converged
    assert scaled.tests.model.chi2 == pytest.approx(plain.tests.model.chi2, abs=1e-6)
    np.testing.assert_allclose(scaled.standardized()["est"], plain.standardized()["est"], atol=1e-6)
    np.testing.assert_allclose(
        np.sort(scaled.modification_indices()["mi"]), np.sort(plain.modification_indices()["mi"]), atol=1e-5
    )


def test_how_a_latent_is_scaled_does_not_matter():
    data = coast(4)
    marker, unit = sem.fit(MODEL, data), sem.fit(MODEL, data, sem.FitOptions(std_lv=True))
    assert unit.tests.model.chi2 == pytest.approx(marker.tests.model.chi2, abs=1e-8)
    a, b = (one.standardized().query("op == '=~'") for one in (marker, unit))
    np.testing.assert_allclose(a[["est", "se"]], b[["est", "se"]], atol=1e-6)


def test_without_gaps_full_information_is_maximum_likelihood():
    data = coast(5)
    plain, full = sem.fit(MODEL, data), sem.fit(MODEL, data, sem.FitOptions(missing="fiml"))
    keys = ["lhs", "op", "rhs"]
    joined = plain.estimates().merge(full.estimates(), on=keys)
    np.testing.assert_allclose(joined["est_x"], joined["est_y"], atol=1e-7)
    assert full.tests.model.chi2 == pytest.approx(plain.tests.model.chi2, abs=1e-8)


def test_a_regression_is_least_squares():
    rng = np.random.default_rng(6)
    data = pd.DataFrame(rng.normal(size=(80, 3)), columns=["x", "z", "y"])
    data["y"] += 0.4 * data["x"] + 2
    design = np.column_stack([data["x"], data["z"], np.ones(80)])
    expected, rss, *_ = np.linalg.lstsq(design, data["y"], rcond=None)
    table = sem.fit("y ~ x + z + 1", data).estimates().set_index(["lhs", "op", "rhs"])
    got = [table.loc[("y", "~", "x"), "est"], table.loc[("y", "~", "z"), "est"], table.loc[("y", "~1", ""), "est"]]
    np.testing.assert_allclose(got, expected, atol=1e-10)
    errors = np.sqrt(rss[0] / 80 * np.diag(np.linalg.inv(design.T @ design)))
    np.testing.assert_allclose(table.loc[("y", "~", "x"), "se"], errors[0], atol=1e-10)


def test_effects_are_sums_over_ways():
    model = "m ~ a*x\nw ~ b*m\ny ~ c*m + d*w + e*x\nall := e + a*c + a*b*d\nthrough := a*c + a*b*d"
    rng = np.random.default_rng(7)
    data = pd.DataFrame(rng.normal(size=(150, 4)), columns=["x", "m", "w", "y"])
    data["m"] += 0.6 * data["x"]
    data["w"] += 0.5 * data["m"]
    data["y"] += 0.3 * data["m"] - 0.4 * data["w"]
    fitted = sem.fit(model, data)
    effects = fitted.effects().set_index(["source", "target", "effect"])
    defined = fitted.estimates().set_index("lhs")
    for kind, name in (("total", "all"), ("indirect", "through")):
        np.testing.assert_allclose(
            effects.loc[("x", "y", kind), ["est", "se", "p"]].to_numpy(float),
            defined.loc[name, ["est", "se", "p"]].to_numpy(float),
            atol=1e-12,
        )
    ratio = data["x"].std() / np.sqrt(fitted.implied.covariance[2, 2])
    assert fitted.structure.names[2] == "y"
    assert effects.loc[("x", "y", "total"), "std"] == pytest.approx(
        effects.loc[("x", "y", "total"), "est"] * ratio * np.sqrt(149 / 150), rel=1e-9
    )
    assert effects.loc[("x", "w", "direct"), "est"] == 0
    assert ("y", "x", "total") not in effects.index


def test_a_circle_of_effects():
    model = "y1 ~ a*y2 + x1\ny2 ~ b*y1 + x2"
    rng = np.random.default_rng(9)
    x1, x2, e1, e2 = rng.normal(size=(4, 4000))
    y1 = (x1 + e1 + 0.4 * (x2 + e2)) / (1 - 0.4 * 0.3)
    y2 = x2 + e2 + 0.3 * y1
    fitted = sem.fit(model + "\ny1 ~~ 0*y2", pd.DataFrame({"x1": x1, "x2": x2, "y1": y1, "y2": y2}))
    table = fitted.estimates().set_index("label")["est"]
    assert table["a"] == pytest.approx(0.4, abs=0.06) and table["b"] == pytest.approx(0.3, abs=0.06)
    total = fitted.effects().set_index(["source", "target", "effect"]).loc[("x1", "y1", "total"), "est"]
    assert total == pytest.approx(1 / (1 - 0.4 * 0.3), abs=0.1)


def test_constraints():
    data = coast(10)
    model = "f =~ OM_soil + a*Cd_soil + a*Pb_soil + b*Ni_soil\nb == 2*a - 0.1"
    fitted = sem.fit(model, data)
    table = fitted.estimates().query("op == '=~'").set_index("rhs")["est"]
    assert table["Cd_soil"] == table["Pb_soil"]
    assert table["Ni_soil"] == pytest.approx(2 * table["Cd_soil"] - 0.1, abs=1e-12)
    assert fitted.tests.model.df == 4
    with pytest.raises(InputError, match=r"'b == a\*a' is not linear"):
        sem.fit(model.replace("2*a - 0.1", "a*a"), data)
    with pytest.raises(InputError, match="contradict each other"):
        sem.fit(model + "\nb == 2*a", data)


@pytest.mark.slow
def test_two_hundred_data_sets_of_the_papers_size():
    """Fifteen indicators at 103 sites: every fit either converges properly, or is named."""
    improper, lost = [], []
    for seed in range(200):
        fitted = sem.fit(MODEL, coast(seed))
        negative = [
            one.lhs
            for one, value in zip(fitted.structure.relations, fitted.values)
            if one.op == "~~" and one.lhs == one.rhs and value < 0
        ]
        said = " ".join(problem.text for problem in fitted.problems if problem.kind == "Heywood case")
        assert all(f"{name} ~~ {name}" in said for name in negative)
        assert ("Heywood case" in kinds(fitted)) == bool(said)
        assert ("not converged" in kinds(fitted)) != fitted.converged
        if fitted.converged:
            assert fitted.estimates().query("op != ':='")["se"].notna().all()
            assert np.abs(fitted.structure.basis.T @ _gradient(fitted)).max() < 1e-6
        improper += [seed] if negative else []
        lost += [] if fitted.converged else [seed]
    # lavaan 0.6-14 finds 29 improper solutions in these data, and the same chi-square in all but seed 125,
    # where the likelihood goes on rising as a loading grows without bound
    assert len(improper) == 29
    assert lost == [125]


def _gradient(fitted):
    from coastal_hm_plugin.core.sem.likelihood import Likelihood

    return Likelihood(fitted.structure, fitted.sample).slopes(fitted.optimum.x).gradient


def test_what_did_not_converge_has_no_errors_and_no_indices():
    fitted = sem.fit(MODEL, coast(125))
    assert not fitted.converged
    assert fitted.estimates()["se"].isna().sum() == 33
    assert np.isnan(fitted.fit_indices()["cfi"]) and fitted.fit_indices()["df"] == 87
    assert fitted.modification_indices().empty
    assert sem.fit(MODEL, coast(125), sem.FitOptions(bootstrap=5)).resamples is None


def test_a_model_that_is_not_identified_is_named():
    warned = []
    model = "f =~ NA*OM_soil + Cd_soil + Pb_soil + Ni_soil\nf ~~ f"
    fitted = sem.fit(model, coast(11, 300), monitor=Monitor(on_warning=warned.append))
    assert kinds(fitted) == ["not identified"]
    assert "'f =~ OM_soil'" in fitted.problems[0].text and "f ~~ f" in fitted.problems[0].text
    assert warned and warned[0].startswith("Not identified")
    assert fitted.estimates().query("op == '=~'")["se"].isna().all()
    assert fitted.modification_indices().empty


def test_gaps_are_counted_and_rows_named():
    data = coast(12)
    data.loc[[0, 4], "Cd_soil"] = np.nan
    warned, told = [], []
    monitor = Monitor(on_warning=warned.append, on_info=told.append)
    listwise = sem.fit(MODEL, data, monitor=monitor)
    assert listwise.sample.n == 101
    assert "Cd_soil (2). 2 of 103 rows left out: 1, 5" in warned[0]
    full = sem.fit(MODEL, data, sem.FitOptions(missing="fiml"), monitor)
    assert full.sample.n == 103
    assert "All 103 rows are used (fiml)" in told[0]
    data["x"] = np.arange(103.0)
    data.loc[7, "x"] = np.nan
    both = sem.fit("OM_soil ~ x + Cd_soil", data, sem.FitOptions(missing="fiml"))
    assert both.sample.n == 100  # covariates whose moments are given need a value


def test_text_without_a_number_is_refused():
    data = coast(13).astype(object)
    data.loc[2, "Pb_soil"] = "<0.1"
    with pytest.raises(InputError, match=r"Column 'Pb_soil' holds something that is no number in rows 3 \('<0.1'\)"):
        sem.fit(MODEL, data)


def _constant(data):
    return data.assign(pH_sed=7.0)


def _collinear(data):
    return data.assign(Ni_sed=data["OM_sed"] - 2 * data["Cd_sed"])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda data: data.drop(columns="DO_water"), r"names 'DO_water', which is no column of the data \(columns: OM"),
        (_constant, r"Column 'pH_sed' is constant"),
        (_collinear, r"not positive definite: OM_sed, Cd_sed, Ni_sed are collinear"),
        (lambda data: data.head(15), r"15 rows with values are too few for 15 variables: at least 16"),
        (lambda data: data.assign(soil=1.0), r"latent variable 'soil' bears the name of a column"),
    ],
)
def test_data_that_cannot_be_used(spoil, message):
    with pytest.raises(InputError, match=message):
        sem.fit(MODEL, spoil(coast(14)))


def test_too_many_parameters():
    with pytest.raises(InputError, match=r"4 free parameters but only 3 observed moments"):
        sem.fit("f =~ OM_soil + Cd_soil", coast(15))


@pytest.mark.parametrize("options", [{}, {"estimator": "MLR"}, {"missing": "fiml"}], ids=str)
@pytest.mark.parametrize(
    ("model", "df", "said"),
    [
        ("OM_soil ~~ Cd_soil", 0, []),
        ("OM_soil ~ Cd_soil", 0, []),
        ("OM_soil + Cd_soil ~ 1\nOM_soil ~~ 0*Cd_soil", 1, []),
        ("f =~ OM_soil", 0, []),
        ("f =~ a*OM_soil + a*Cd_soil + a*Ni_soil", 2, []),
        ("f =~ OM_soil + Cd_soil + Ni_soil + Pb_soil\nOM_sed ~ Cd_soil", 5, []),
        ("f =~ 0*OM_soil + 0*Cd_soil\nOM_soil ~ Cd_sed", 1, ["not identified"]),
        ("f =~ start(50)*OM_soil + start(90)*Cd_soil + start(-80)*Ni_soil + Pb_soil", 2, []),
    ],
)
def test_models_of_every_kind_come_to_an_end(model, df, said, options):
    data = coast(3)
    if options.get("missing"):
        data.loc[::9, "Cd_soil"] = np.nan
    fitted = sem.fit(model, data, sem.FitOptions(**options))
    assert fitted.converged and fitted.tests.model.df == df
    assert kinds(fitted) == said
    for table in (fitted.table(), fitted.modification_indices(), fitted.effects(), fitted.residual_correlations()):
        assert isinstance(table, pd.DataFrame)
    assert fitted.fit_indices()["chisq"] >= 0


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("OM_soil ~ 0*Cd_soil\nOM_soil ~~ 1*OM_soil", "Every path of the model is fixed"),
        ("f =~ OM_soil + Cd_soil + Ni_soil\nOM_soil ~~ -3*OM_soil", "not positive definite: change what start"),
    ],
)
def test_models_that_cannot_be_fitted(model, message):
    with pytest.raises(InputError, match=message):
        sem.fit(model, coast(3))


@pytest.mark.parametrize("options", [{"estimator": "WLSMV"}, {"missing": "mean"}])
def test_unknown_options(options):
    with pytest.raises(InputError, match="is not known"):
        sem.FitOptions(**options)


def test_few_sites_are_warned_of():
    assert kinds(sem.fit(MODEL, coast(16))) == ["small sample"]


def test_bootstrap():
    data = coast(17, 150)
    model = "f =~ OM_soil + Cd_soil + a*Pb_soil + Ni_soil\ny =~ OM_sed + Cd_sed + Ni_sed\ny ~ b*f\nq := a*b"
    options = sem.FitOptions(bootstrap=200, seed=5)
    first, again = sem.fit(model, data, options), sem.fit(model, data, options)
    table = first.estimates()
    pd.testing.assert_frame_equal(table, again.estimates())
    free = table[table["se"] > 0]
    assert (free["boot_lower"] <= free["est"]).all() and (free["est"] <= free["boot_upper"]).all()
    ratio = free["boot_se"] / free["se"]
    assert ratio.between(0.6, 1.9).all()
    assert {"boot_se", "boot_lower", "boot_upper"} <= set(first.standardized())
    assert first.resamples.est.shape == (200 - first.resamples.failed, len(table))


def test_a_bootstrap_that_mostly_fails_is_refused():
    data = coast(18, 17)  # one row more than needed, of which every resample lacks some
    with pytest.raises(InputError, match=r"Only \d+ of 10 bootstrap fits converged: the model is too large"):
        sem.fit(MODEL, data, sem.FitOptions(bootstrap=10))
