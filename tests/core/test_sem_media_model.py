"""The ready model of three media, and the dropping of weak paths."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import sem
from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.monitor import Monitor
from tests.core.test_sem_fit import coast

FIELDS = {
    "soil": ["OM_soil", "pH_soil", "Cd_soil", "Pb_soil", "Ni_soil"],
    "sediment": ["OM_sed", "pH_sed", "Cd_sed", "Pb_sed", "Ni_sed"],
    "water": ["pH_water", "DO_water", "Cd_water", "Pb_water", "Ni_water"],
}


def model(**changes):
    return sem.media_model(**{**FIELDS, **changes})


def test_the_ready_model_has_the_papers_size():
    fitted = sem.fit(model(), coast(2), sem.FitOptions(standardize=True))
    assert (fitted.tests.model.df, fitted.tests.baseline.df) == (87, 105)
    standardized = fitted.standardized().set_index(["lhs", "op", "rhs"])
    assert {("Sediment", "~", "Soil"), ("Water", "~", "Soil"), ("Sediment", "~~", "Water")} <= set(standardized.index)
    assert standardized.loc[("Soil", "=~", "OM_soil"), "est"] > 0


def test_it_is_the_same_model_with_fixed_loadings():
    written = "Soil =~ {soil}\nSediment =~ {sediment}\nWater =~ {water}\nSediment + Water ~ Soil"
    other = written.format(**{medium: " + ".join(names) for medium, names in FIELDS.items()})
    ours, theirs = (sem.fit(one, coast(3)) for one in (model(), other))
    assert ours.tests.model.chi2 == pytest.approx(theirs.tests.model.chi2, abs=1e-8)


def test_names_of_fields_are_quoted_and_systems_do_not_collide():
    data = coast(4).rename(columns={"Cd_soil": "Cd (mg/kg)"}).assign(Soil=1.0)
    text = model(soil=["OM_soil", "pH_soil", "Cd (mg/kg)"])
    assert "`Cd (mg/kg)`" in text
    clear = sem.media_model(["OM_soil", "pH_soil", "Cd (mg/kg)"], FIELDS["sediment"], FIELDS["water"], data.columns)
    assert sem.fit(clear, data).specification.latent == ("Soil_system", "Sediment", "Water")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"water": ["pH_water", "DO_water"]}, r"Water: 2 fields given, at least 3"),
        ({"water": ["pH_water", "DO_water", "Cd_sed"]}, r"'Cd_sed' is given for two media"),
        ({"soil": ["a`b", "OM_soil", "pH_soil"]}, r"holds a backtick"),
    ],
)
def test_fields_that_make_no_model(changes, message):
    with pytest.raises(InputError, match=message):
        model(**changes)


def weak_coast(n=400):
    rng = np.random.default_rng(1)
    f, g = rng.normal(size=(2, n))
    g = g + 0.01 * f
    columns = {f"a{k}": 0.8 * f + rng.normal(size=n) for k in range(4)}
    columns.update({f"b{k}": 0.8 * g + rng.normal(size=n) for k in range(4)})
    columns["a_weak"], columns["b_weak"] = 0.05 * f + rng.normal(size=n), -0.1 * g + rng.normal(size=n)
    return pd.DataFrame(columns)


def test_weak_paths_are_dropped_one_by_one_and_said():
    text = "f =~ a_weak + a0 + a1 + a2 + a3\ng =~ b0 + b1 + b2 + b3 + b_weak\ng ~ f"
    warned = []
    data = weak_coast()
    refined = sem.refine(text, data, 0.3, monitor=Monitor(on_warning=warned.append))
    assert sorted(refined.steps["dropped"]) == ["f =~ a_weak", "g =~ b_weak", "g ~ f"]
    assert list(refined.steps["step"]) == [1, 2, 3]
    assert (refined.steps["std_all"].abs() < 0.3).all()
    assert sum("Weak path dropped" in one for one in warned) == 3
    assert refined.fit.problems[-1].kind == "paths dropped"
    assert "p-values, intervals and fit indices no longer hold" in refined.fit.problems[-1].text
    assert "a_weak" not in refined.fit.sample.names
    values = refined.fit.estimates().set_index(["lhs", "op", "rhs"])["est"]
    assert values["g", "~", "f"] == 0  # and no covariance comes in its place
    assert ("f", "~~", "g") not in values.index
    assert values["f", "=~", "a0"] == 1


def test_three_indicators_and_named_paths_stay():
    text = "f =~ a0 + a1 + a_weak\ng =~ b0 + b1 + b2 + w*b_weak\nq := w^2"
    refined = sem.refine(text, weak_coast(), 0.3)
    assert refined.steps.empty and refined.fit.problems == ()


@pytest.mark.parametrize("minimum", [0, 1.0, -0.2])
def test_the_minimum_is_a_standardized_size(minimum):
    with pytest.raises(InputError, match="must lie between 0 and 1"):
        sem.refine("f =~ a0 + a1 + a2", weak_coast(), minimum)
