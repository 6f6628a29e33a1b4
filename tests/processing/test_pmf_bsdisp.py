"""BS-DISP, blocks of neighbouring sites and intervals of contributions through the PMF tool."""

import pytest
from qgis.core import QgsProcessingException

from tests.core.pmf_cases import METALS, planted
from tests.processing.bad_input import run as run_tool
from tests.processing.memory import along_the_coast, frame, points

MODEL = {"FACTORS": 3, "STARTS": 4, "ERROR_FRACTION": 0.05, "LOWER_CONTRIBUTION": 1, "CONTRIBUTIONS": "memory:"}


def test_resamples_accepted_and_their_ranges(provider, tmp_path):
    layer, report = points(planted(samples=60)[0], *along_the_coast(60)), tmp_path / "pmf.html"
    tables = dict.fromkeys(("BSDISP_CASES", "INTERVALS", "CONTRIBUTION_INTERVALS"), "memory:")
    given = {"BOOTSTRAPS": 8, "BSDISP": True, "BOOTSTRAP_NEIGHBOURS": 5, "REPORT": str(report), **tables}
    results = run_tool("pmf", {"INPUT": layer, **MODEL, **given})
    cases = frame(results["BSDISP_CASES"])
    assert cases["dq"].tolist() == [0.5, 1, 2, 4] and set(cases["cases"]) == {8}
    intervals = frame(results["INTERVALS"])
    assert len(intervals) == 3 * len(METALS) and {"bs_p50", "bsdisp_low", "bsdisp_percent_high"} <= set(intervals)
    assert len(frame(results["CONTRIBUTION_INTERVALS"])) >= 60
    assert "Bootstrap with displacement" in report.read_text(encoding="utf-8")


@pytest.mark.parametrize("sink", ["BSDISP_CASES", "CONTRIBUTION_INTERVALS"])
def test_tables_that_nothing_fills_are_refused(provider, sink):
    layer = points(planted(samples=60)[0], *along_the_coast(60))
    with pytest.raises(QgsProcessingException, match="asked for"):
        run_tool("pmf", {"INPUT": layer, **MODEL, sink: "memory:"})
