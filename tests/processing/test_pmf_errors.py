"""Error estimation of positive matrix factorization as QGIS runs it."""

import numpy as np
import pytest
from qgis.core import QgsProcessingException

from coastal_hm_plugin.core import pmf
from tests.core.pmf_cases import METALS, planted
from tests.processing.bad_input import Feedback
from tests.processing.bad_input import run as run_tool
from tests.processing.memory import along_the_coast, frame, points

MODEL = {"FACTORS": 3, "STARTS": 4, "ERROR_FRACTION": 0.05, "LOWER_CONTRIBUTION": 1, "CONTRIBUTIONS": "memory:"}
ERRORS = {"BOOTSTRAPS": 20, "DISPLACEMENT": True, "BOOTSTRAP_MAPPING": "memory:", "INTERVALS": "memory:"}


@pytest.fixture
def layer():
    table = planted(samples=60)[0]
    return points(table, *along_the_coast(60))


@pytest.fixture
def run(provider, layer):
    """Runs the tool once: QGIS gives away the layers of a run with its context."""
    return lambda feedback=None, **given: run_tool("pmf", {"INPUT": layer, **MODEL, **given}, feedback)


def core_estimates(**given):
    rules = pmf.UncertaintyRules(error_fraction=0.05)
    options = pmf.PmfOptions(3, 4, 1, None, rules, pmf.SolverOptions(lower_contribution=0.0))
    result = pmf.factorize(pmf.prepare(planted(samples=60)[0][list(METALS)], rules=rules), options)
    return pmf.bootstrap(result.data, result, pmf.BootstrapOptions(**given)), pmf.displace(result.data, result)


def test_tables_are_those_of_the_core(run):
    results = run(**ERRORS, BOOTSTRAP_BLOCK=3, MIN_CORRELATION=0.7)
    bootstrap, displacement = core_estimates(runs=20, block=3, min_correlation=0.7)
    mapping = frame(results["BOOTSTRAP_MAPPING"])
    assert list(mapping) == list(bootstrap.mapping_table())
    np.testing.assert_array_equal(mapping.iloc[:, 1:].astype(int), bootstrap.mapping)
    found, expected = frame(results["INTERVALS"]), pmf.join_intervals(bootstrap, displacement)
    assert list(found) == list(expected) and len(found) == 3 * len(METALS)
    for column in expected.select_dtypes("number"):
        np.testing.assert_allclose(found[column].astype(float), expected[column], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "given, there, absent",
    [({"BOOTSTRAPS": 5}, "bs_percent_p50", "disp_low"), ({"DISPLACEMENT": True}, "disp_percent_high", "bs_p50")],
)
def test_one_of_the_two_alone(run, given, there, absent):
    columns = list(frame(run(**given, INTERVALS="memory:")["INTERVALS"]))
    assert there in columns and absent not in columns


def test_report_and_log_carry_the_verdict(run, tmp_path):
    feedback, report = Feedback(), tmp_path / "pmf.html"
    run(feedback, **ERRORS, REPORT=str(report))
    text = report.read_text(encoding="utf-8")
    verdicts = (
        "Stable: every factor came back in at least 80 % of 20 bootstrap runs.",
        "No rotational ambiguity: no factors changed places at dQ 4.",
    )
    for verdict in verdicts:
        assert verdict in feedback.said and verdict in text
    assert "Error estimation (PMF)" in text and "Bootstrap mapping: number of 20 runs." in text


def test_nothing_is_estimated_unless_asked(run, tmp_path):
    feedback, report = Feedback(), tmp_path / "pmf.html"
    results = run(feedback, REPORT=str(report))
    assert "INTERVALS" not in results and "BOOTSTRAP_MAPPING" not in results
    assert not any("bootstrap" in text.lower() for text in feedback.said)
    assert "Error estimation" not in report.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "change, message",
    [
        ({"BOOTSTRAP_MAPPING": "memory:", "DISPLACEMENT": True}, "mapping was asked for without a bootstrap"),
        ({"INTERVALS": "memory:"}, "Intervals were asked for: set the bootstrap runs, or displacement, or both"),
        ({"BOOTSTRAPS": 5, "BOOTSTRAP_BLOCK": 61}, "Blocks of 61 samples: the size must be from 1 to the 60 samples"),
        ({"BOOTSTRAPS": -1}, "BOOTSTRAPS"),
        ({"BOOTSTRAPS": 5, "MIN_CORRELATION": 2}, "MIN_CORRELATION"),
        ({"DISPLACEMENT": True, "WEAK": "; ".join(METALS)}, "No species is strong: there is nothing to displace"),
    ],
)
def test_bad_parameters_stop_with_a_message(run, change, message):
    with pytest.raises(QgsProcessingException, match=message):
        run(**change)


def test_cancelling_in_the_estimation_leaves_nothing(provider, layer, tmp_path):
    files = {name: str(tmp_path / f"{name.lower()}.gpkg") for name in ("CONTRIBUTIONS", "INTERVALS")}
    given = {"INPUT": layer, **MODEL, **files, "BOOTSTRAPS": 50, "DISPLACEMENT": True}
    whole = Feedback()
    run_tool("pmf", given, whole)
    for path in tmp_path.iterdir():
        path.unlink()
    for share in (0.4, 0.8):
        with pytest.raises(QgsProcessingException, match="Cancelled"):
            run_tool("pmf", given, Feedback(cancel_at=int(share * whole.asked)))
        assert not list(tmp_path.iterdir())
