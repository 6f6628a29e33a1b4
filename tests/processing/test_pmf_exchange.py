"""EPA PMF 5.0's files through the PMF tool: read, factorized, written, and read again."""

import numpy as np
import pytest
from qgis.core import QgsProcessingException

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.pmf import epa_files
from tests.core.pmf_cases import METALS, planted
from tests.processing.bad_input import run as run_tool
from tests.processing.memory import frame

MODEL = {"FACTORS": 3, "STARTS": 4, "LOWER_CONTRIBUTION": 1, "CONTRIBUTIONS": "memory:"}


@pytest.fixture
def inputs(tmp_path):
    """Concentration and uncertainty files of 60 samples."""
    table = planted(samples=60)[0][list(METALS)]
    u = pmf.uncertainties(table.to_numpy(), np.zeros(table.shape), 0.05)
    names = [f"S{number}" for number in range(1, 61)]
    return epa_files.write_epa_inputs(tmp_path, "site", table, u, names), table, u


def test_files_in_files_out(provider, inputs, tmp_path):
    (concentrations, uncertainties), table, u = inputs
    given = {"EPA_CONCENTRATIONS": str(concentrations), "EPA_UNCERTAINTIES": str(uncertainties), **MODEL}
    folder = tmp_path / "out"
    results = run_tool("pmf", {**given, "EPA_FOLDER": str(folder), "EPA_FORMAT": 1, "PROFILES": "memory:"})
    options = pmf.PmfOptions(3, 4, solver=pmf.SolverOptions(lower_contribution=0.0))
    expected = pmf.factorize(pmf.prepare(table, given_uncertainties=table * 0 + u), options)
    found = frame(results["PROFILES"])["concentration"].astype(float)
    np.testing.assert_allclose(found, expected.f.ravel(), rtol=1e-5, atol=1e-8)  # the files hold ten digits
    contributions = frame(results["CONTRIBUTIONS"])
    assert len(contributions) == 60 and {"factor1", "Cd"} <= set(contributions)
    run = epa_files.read_epa_run(folder / "soil_base.csv") if (folder / "soil_base.csv").exists() else None
    written = {path.name for path in folder.iterdir()}
    assert {"soil_conc.csv", "soil_unc.csv"} <= written and len(written) > 3
    assert run is None or run.profiles.shape == (len(METALS), 3)


def test_what_is_refused(provider, inputs):
    (concentrations, uncertainties), _, _ = inputs
    with pytest.raises(QgsProcessingException, match="EPA_UNCERTAINTIES needs its concentration file"):
        run_tool("pmf", {"EPA_UNCERTAINTIES": str(uncertainties), **MODEL})
    with pytest.raises(QgsProcessingException, match="There is nothing to factorize"):
        run_tool("pmf", dict(MODEL))
    with pytest.raises(QgsProcessingException, match="not both"):
        run_tool("pmf", {"INPUT": str(concentrations), "EPA_CONCENTRATIONS": str(concentrations), **MODEL})
