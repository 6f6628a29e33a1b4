"""A second medium in the PMF tool: sources matched, one model for both, what is refused."""

import pytest
from qgis.core import QgsProcessingException

from tests.core.pmf_cases import METALS, planted
from tests.processing.bad_input import run as run_tool
from tests.processing.memory import along_the_coast, frame, points

MODEL = {"FACTORS": 3, "STARTS": 4, "ERROR_FRACTION": 0.05, "LOWER_CONTRIBUTION": 1, "CONTRIBUTIONS": "memory:"}


def layer(start, stop):
    """Samples of one planted set of sources: both media then have the same."""
    table = planted(samples=120)[0].iloc[start:stop].reset_index(drop=True)
    return points(table, *along_the_coast(stop - start))


def test_the_same_sources_are_matched_and_one_model_holds_both(provider, tmp_path):
    report = tmp_path / "pmf.html"
    tables = dict.fromkeys(("MATCHES", "JOINT_SHARES", "JOINT_PROFILES", "JOINT_CONTRIBUTIONS"), "memory:")
    given = {"INPUT": layer(0, 60), "INPUT_2": layer(60, 120), "JOINT": True, "REPORT": str(report)}
    results = run_tool("pmf", {**MODEL, **given, **tables})
    matches = frame(results["MATCHES"])
    assert len(matches) == 3 and (matches["cosine"] > 0.98).all() and matches["same_source"].all()
    assert set(frame(results["JOINT_SHARES"])["medium"]) == {"soil", "sediment"}
    assert len(frame(results["JOINT_PROFILES"])) == 2 * 3 * len(METALS)
    assert len(frame(results["JOINT_CONTRIBUTIONS"])) == 120
    assert "cosine" in report.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"JOINT": True}, "needs samples of a second medium"),
        ({"MATCHES": "memory:"}, "asked for without a second medium"),
        ({"INPUT_2": None, "JOINT_SHARES": "memory:"}, "asked for without the joint model"),
    ],
)
def test_what_is_refused(provider, given, message):
    if "INPUT_2" in given:
        given = {**given, "INPUT_2": layer(60, 120)}
    with pytest.raises(QgsProcessingException, match=message):
        run_tool("pmf", {"INPUT": layer(0, 60), **MODEL, **given})
