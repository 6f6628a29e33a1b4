"""lavaan's two textbook models: its numbers, ML and MLR."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import sem

pytestmark = pytest.mark.acceptance
MODELS = {
    "HS_cfa": ("HolzingerSwineford1939", "visual =~ x1+x2+x3; textual =~ x4+x5+x6; speed =~ x7+x8+x9"),
    "PD_sem": (
        "PoliticalDemocracy",
        "ind60 =~ x1+x2+x3; dem60 =~ y1+y2+y3+y4; dem65 =~ y5+y6+y7+y8; dem60 ~ ind60; dem65 ~ ind60+dem60; "
        "y1~~y5; y2~~y4+y6; y3~~y7; y4~~y8; y6~~y8",
    ),
}
COLUMNS = {
    "est": "est",
    "se": "se",
    "z": "z",
    "p": "pvalue",
    "ci_lower": "ci.lower",
    "ci_upper": "ci.upper",
    "std_lv": "std.lv",
    "std_all": "std.all",
}
STANDARDIZED = {"est": "std.est.std", "se": "std.se", "z": "std.z", "p": "std.pvalue", "ci_lower": "std.ci.lower"}


def keyed(table):
    ends = zip(table["lhs"], table["op"], table["rhs"])
    return table.set_axis([(op, frozenset((a, b)) if op == "~~" else (a, b)) for a, op, b in ends])


def answers(reference, name, estimator, what):
    return pd.read_csv(reference / "sem" / f"{name}_{estimator.lower()}_{what}.csv")


@pytest.fixture(scope="module", params=[(name, kind) for name in MODELS for kind in sem.ESTIMATORS], ids="-".join)
def case(request, reference):
    name, estimator = request.param
    file, model = MODELS[name]
    table = pd.read_csv(reference / "sem" / f"{file}.csv")
    return name, estimator, sem.fit(model, table, sem.FitOptions(estimator=estimator))


def test_estimates(case, reference):
    name, estimator, fitted = case
    expected = keyed(answers(reference, name, estimator, "estimates"))
    ours, standardized = keyed(fitted.estimates()), keyed(fitted.standardized())
    assert set(ours.index) == set(expected.index)
    for own, theirs in COLUMNS.items():
        np.testing.assert_allclose(ours[own].reindex(expected.index), expected[theirs], rtol=1e-5, atol=1e-5)
    for own, theirs in STANDARDIZED.items():
        got = standardized[own].reindex(expected.index)
        np.testing.assert_allclose(got, expected[theirs], rtol=1e-5, atol=1e-5, err_msg=own)


def test_fit_indices(case, reference):
    name, estimator, fitted = case
    expected = answers(reference, name, estimator, "fit").set_index("measure")["value"]
    ours = fitted.fit_indices()
    assert set(ours.index) <= set(expected.index)
    needed = {"chisq", "df", "baseline.chisq", "cfi", "tli", "rmsea", "rmsea.notclose.pvalue", "srmr", "aic", "bic"}
    assert needed <= set(ours.index)
    tolerance = 1e-5 if estimator == "ML" else 1e-4
    np.testing.assert_allclose(ours, expected[ours.index], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", MODELS)
def test_modification_indices(name, reference):
    """At lavaan's own estimates all agree to 1e-5. At our maximum they differ by what its optimiser left."""
    file, model = MODELS[name]
    fitted = sem.fit(model, pd.read_csv(reference / "sem" / f"{file}.csv"))
    estimates = keyed(answers(reference, name, "ML", "estimates"))["est"]
    expected = keyed(answers(reference, name, "ML", "modindices"))
    relations = [one for one in fitted.structure.relations if one.fixed is None]
    labels = [(one.op, frozenset((one.lhs, one.rhs)) if one.op == "~~" else (one.lhs, one.rhs)) for one in relations]
    theirs = replace(fitted, optimum=replace(fitted.optimum, x=estimates.reindex(labels).to_numpy()))
    for chosen, tolerance in ((theirs, 1e-5), (fitted, 1e-4)):
        ours = keyed(chosen.modification_indices())
        assert set(ours.index) == set(expected.index)
        for column in ("mi", "epc", "sepc.lv", "sepc.all", "sepc.nox"):
            got = ours[column.replace(".", "_")].reindex(expected.index)
            np.testing.assert_allclose(got, expected[column], rtol=tolerance, atol=tolerance, err_msg=column)
