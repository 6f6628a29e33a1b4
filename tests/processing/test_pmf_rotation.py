"""Fpeak and constraints of the PMF tool as QGIS runs it."""

import numpy as np
import pytest
from qgis.core import QgsProcessingException

from tests.core.pmf_cases import METALS, planted
from tests.processing.bad_input import run as run_tool
from tests.processing.memory import along_the_coast, frame, points

MODEL = {"FACTORS": 3, "STARTS": 4, "ERROR_FRACTION": 0.05, "LOWER_CONTRIBUTION": 1, "CONTRIBUTIONS": "memory:"}


@pytest.fixture
def run(provider):
    layer = points(planted(samples=60)[0], *along_the_coast(60))
    return lambda **given: run_tool("pmf", {"INPUT": layer, **MODEL, **given})


def test_fpeak_runs_and_profiles(run, tmp_path):
    report = tmp_path / "pmf.html"
    results = run(FPEAK="-1; 0.5, 1", FPEAK_RUNS="memory:", FPEAK_PROFILES="memory:", REPORT=str(report))
    table = frame(results["FPEAK_RUNS"])
    assert table["strength"].tolist() == [-1, 0, 0.5, 1]
    assert (table["dq"].astype(float) >= 0).all() and table["dq"][3] >= table["dq"][2]
    assert len(frame(results["FPEAK_PROFILES"])) == 4 * 3 * len(METALS)
    assert "Rotation (Fpeak)" in report.read_text(encoding="utf-8")


def test_constrained_run_is_what_is_written(run, tmp_path):
    report, wanted = tmp_path / "pmf.html", f"factor1: {METALS[0]} = 0; factor2: {METALS[1]} up 1 %"
    tables = {"CONSTRAINED": "memory:", "CONSTRAINED_PROFILES": "memory:", "PROFILES": "memory:"}
    results = run(CONSTRAINTS=wanted, REPORT=str(report), BOOTSTRAPS=5, INTERVALS="memory:", **tables)
    shown = frame(results["CONSTRAINED"])
    assert shown["met"].tolist() == [True, True] and shown["value"][0] == 0
    profiles = frame(results["PROFILES"])
    zero = (profiles["factor"] == "factor1") & (profiles["species"] == METALS[0])
    assert profiles.loc[zero, "concentration"].tolist() == [0]
    intervals = frame(results["INTERVALS"])
    assert intervals.loc[zero, "bs_p95"].tolist() == [0]  # the bootstrap keeps to the constraint
    compared = frame(results["CONSTRAINED_PROFILES"])
    np.testing.assert_allclose(compared["constrained_concentration"], profiles["concentration"])
    assert "Constraints" in report.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "given, message",
    [
        ({"FPEAK": "much"}, "cannot be read: write '-1; -0.5; 0.5; 1'"),
        ({"FPEAK_RUNS": "memory:"}, "asked for without Fpeak strengths"),
        ({"CONSTRAINED": "memory:"}, "asked for without constraints"),
        ({"CONSTRAINTS": "factor9: Cd = 0"}, "factor9|factor 9"),
    ],
)
def test_what_is_refused(run, given, message):
    with pytest.raises(QgsProcessingException, match=message):
        run(**given)
