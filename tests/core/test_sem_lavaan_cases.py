"""Nineteen small models of every kind against lavaan's answers on the same generated data."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import sem

CASES = json.loads(Path(__file__).with_name("sem_lavaan.json").read_text(encoding="utf-8"))


def data(gaps):
    table = pd.DataFrame(CASES["data"], columns=CASES["columns"])
    for row, column in CASES["gaps"] if gaps else ():
        table.loc[row, column] = np.nan
    return table


def key(lhs, op, rhs):
    if op == ":=":
        return op, lhs
    return op, frozenset((lhs, rhs)) if op == "~~" else (lhs, rhs)


@pytest.fixture(scope="module", params=list(CASES["cases"]))
def pair(request):
    case = CASES["cases"][request.param]
    fitted = sem.fit(case["model"], data("missing" in case["options"]), sem.FitOptions(**case["options"]))
    return case, fitted


def test_estimates_and_standardized_solution(pair):
    case, fitted = pair
    ours = fitted.estimates().merge(fitted.standardized(), left_index=True, right_index=True, suffixes=("", "_std"))
    ours.index = [key(*row) for row in zip(ours["lhs"], ours["op"], ours["rhs"])]
    assert len(ours) == len(case["estimates"])
    for lhs, op, rhs, *expected in case["estimates"]:
        row = ours.loc[[key(lhs, op, rhs)]].iloc[0]
        got = [row["est"], row["se"], row["est_std"], row["se_std"]]
        np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5, err_msg=f"{lhs} {op} {rhs}")


def test_fit_indices(pair):
    case, fitted = pair
    ours = fitted.fit_indices()
    for name, expected in case["fit"].items():
        if expected is not None:
            assert ours[name] == pytest.approx(expected, rel=1e-5, abs=1e-5), name


def test_modification_indices(pair):
    case, fitted = pair
    ours = fitted.modification_indices()
    ours.index = [key(*row) for row in zip(ours["lhs"], ours["op"], ours["rhs"])]
    exogenous = fitted.specification.exogenous
    for lhs, op, rhs, *expected in case["mi"]:
        # lavaan also lists what would explain a covariate whose moments are given
        if lhs in exogenous:
            continue
        row = ours.loc[[key(lhs, op, rhs)]].iloc[0]
        variance = op == "~~" and lhs == rhs  # lavaan puts the variance itself in place of its standardized change
        got = [row["mi"], row["epc"]] + ([] if variance else [row["sepc_all"]])
        # lavaan's optimiser stops where the score is 1e-5, which shows in the fourth decimal here
        expected = np.array(expected[: len(got)], float)
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=2e-4, err_msg=f"{lhs} {op} {rhs}")


def test_r_squared(pair):
    case, fitted = pair
    ours = fitted.r_squared()
    for name, expected in case["r2"].items():
        assert ours[name] == pytest.approx(expected, abs=1e-5), name
