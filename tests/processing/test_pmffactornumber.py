"""The choice of the number of factors as QGIS runs it."""

import json

import numpy as np
import pytest
from qgis.core import QgsProcessingException

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.pmf.factor_number import FactorNumberOptions, choose_factor_number
from tests.core.pmf_cases import METALS, planted
from tests.processing.bad_input import Feedback
from tests.processing.bad_input import run as run_tool
from tests.processing.memory import along_the_coast, frame, points

TOOL = "pmffactornumber"
MODEL = {"MAX": 4, "STARTS": 6, "ERROR_FRACTION": 0.05, "LOWER_CONTRIBUTION": 1, "BOOTSTRAPS": 10, "SIMULATIONS": 10}


@pytest.fixture
def layer():
    return points(planted(samples=60)[0], *along_the_coast(60))


@pytest.fixture
def run(provider, layer):
    return lambda feedback=None, **given: run_tool(
        TOOL, {"INPUT": layer, **MODEL, "OUTPUT": "memory:", **given}, feedback
    )


def test_the_planted_number_and_the_cores_table(run, tmp_path):
    feedback, report = Feedback(), tmp_path / "number.html"
    results = run(feedback, REPORT=str(report), SEED=3)
    rules = pmf.UncertaintyRules(error_fraction=0.05)
    model = pmf.PmfOptions(starts=6, seed=3, uncertainty=rules, solver=pmf.SolverOptions(lower_contribution=0.0))
    data = pmf.prepare(planted(samples=60)[0][list(METALS)], rules=rules)
    expected = choose_factor_number(data, FactorNumberOptions(2, 4, 10, 10, model))
    assert results["RECOMMENDED"] == expected.number == 3
    found, table = frame(results["OUTPUT"]), expected.table()
    assert list(found) == list(table)
    for column in table.select_dtypes("number"):
        np.testing.assert_allclose(found[column].astype(float), table[column], rtol=1e-9, atol=1e-12)
    assert found["recommended"].astype(bool).tolist() == [False, True, False]
    assert results["VERDICT"].startswith("3 factors. 3 factors are enough")
    text = report.read_text(encoding="utf-8")
    for line in (expected.verdict(), *expected.reasons):
        assert line in feedback.said
    assert expected.reasons[0] in text and "<svg" in text and "Lee et al. 1999" in text
    record = json.loads((tmp_path / "number.run.json").read_text(encoding="utf-8"))
    assert record["tool"] == "coastalhm:pmffactornumber" and record["parameters"]["MAX"] == 4


def test_options_reach_the_core(run):
    found = frame(run(MIN=1, MAX=2, ROBUST=False, BAD="Hg; Zn", EXTRA_UNCERTAINTY=5)["OUTPUT"])
    assert found["factors"].tolist() == [1, 2] and (found["starts"] == 6).all()
    # 60 samples, six strong species left: n m - p (n + m)
    assert found["q_expected"].tolist() == [60 * 6 - 66, 60 * 6 - 2 * 66]


@pytest.mark.parametrize(
    "change, message",
    [
        ({"MAX": 9}, "9 factors from 8 species"),
        ({"MIN": 5}, "Numbers of factors from 5 to 4"),
        ({"BOOTSTRAPS": 2}, "BOOTSTRAPS"),
        ({"SIMULATIONS": 0}, "SIMULATIONS"),
        ({"WEAK": "Cd, Pb"}, "Named weak, but no species: Cd, Pb"),
        ({"UNCERTAINTIES": "Cd=Pb"}, "No uncertainty field is given for As, Cr"),
    ],
)
def test_bad_parameters_stop_with_a_message(run, change, message):
    with pytest.raises(QgsProcessingException, match=message):
        run(**change)


def test_cancelling_leaves_nothing(provider, layer, tmp_path):
    given = {"INPUT": layer, **MODEL, "MAX": 3, "OUTPUT": str(tmp_path / "n.gpkg"), "REPORT": str(tmp_path / "n.html")}
    whole = Feedback()
    run_tool(TOOL, given, whole)
    for path in tmp_path.iterdir():
        path.unlink()
    for moment in (0, whole.asked // 2, whole.asked - 1):
        with pytest.raises(QgsProcessingException, match="Cancelled"):
            run_tool(TOOL, given, Feedback(cancel_at=moment))
        assert not list(tmp_path.iterdir())
