"""Multiple regression as QGIS runs it: a planted relation, logarithms, tables, what is refused."""

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsProcessingException

from tests.processing.bad_input import Feedback
from tests.processing.bad_input import run as run_tool
from tests.processing.memory import along_the_coast, frame, points

pytestmark = pytest.mark.usefixtures("provider")
SITES = 60


def table():
    """log10 Kd falls by 0.05 a unit of salinity; OM has nothing to do with it."""
    rng = np.random.default_rng(4)
    salinity = rng.uniform(5, 30, SITES)
    log_kd = 5 - 0.05 * salinity + 0.05 * rng.normal(size=SITES)
    columns = {"Kd_Cd": 10**log_kd, "log10Kd_Cd": log_kd, "salinity": salinity, "OM": rng.normal(12, 2, SITES)}
    return pd.DataFrame({**columns, "half": salinity / 2, "flat": 1.0, "name": "site"})


def run(sites=None, feedback=None, **parameters):
    given = {"INPUT": sites or points(table(), *along_the_coast(SITES)), "TARGET": "log10Kd_Cd",
             "PREDICTORS": ["salinity", "OM"], "COEFFICIENTS": "memory:", **parameters}  # fmt: skip
    return run_tool("regression", given, feedback)


def test_a_planted_relation_is_found(tmp_path):
    given = {"MODEL": "memory:", "OUTPUT": "memory:", "REPORT": str(tmp_path / "r.html")}
    outputs = run(TABLES=str(tmp_path / "tables"), **given)
    found = frame(outputs["COEFFICIENTS"]).set_index("variable")
    assert found.index.tolist() == ["const", "salinity", "OM"]
    assert found.loc["salinity", "coefficient"] == pytest.approx(-0.05, abs=0.005)
    assert found.loc["salinity", "p"] < 1e-9 and found.loc["OM", "vif"] < 1.2
    model = frame(outputs["MODEL"]).iloc[0]
    assert model["n"] == SITES and model["r_squared"] > 0.9 and np.isfinite(model["moran_i"])
    sites = frame(outputs["OUTPUT"])
    np.testing.assert_allclose(sites["fitted"] + sites["residual"], sites["log10Kd_Cd"])
    assert "R-squared" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert len(list((tmp_path / "tables").iterdir())) == 9
    text = (tmp_path / "tables" / "regression.tex").read_text(encoding="utf-8")
    assert r"Coefficient ($\beta$)" in text


def test_logarithms_are_taken_and_named():
    plain = frame(run()["COEFFICIENTS"])
    logs = frame(run(TARGET="Kd_Cd", LOG10_FIELDS=["Kd_Cd"])["COEFFICIENTS"])
    np.testing.assert_allclose(logs["coefficient"], plain["coefficient"])
    found = frame(run(LOG10_FIELDS=["salinity"])["COEFFICIENTS"])
    assert found["variable"].tolist() == ["const", "log10(salinity)", "OM"]


def test_constant_and_dependent_predictors_are_named():
    feedback = Feedback()
    found = frame(run(None, feedback, PREDICTORS=["salinity", "half", "flat"])["COEFFICIENTS"])
    assert found["variable"].tolist() == ["const", "salinity"]
    assert any("half is left out: it is a linear combination of salinity" in text for text in feedback.said)
    assert any("flat is left out: all its values are 1" in text for text in feedback.said)


def test_a_table_without_places_has_no_morans_i(tmp_path):
    path = tmp_path / "table.csv"
    table().to_csv(path, index=False)
    model = frame(run(str(path), MODEL="memory:")["MODEL"]).iloc[0]
    assert model["n"] == SITES and model["moran_i"] is None


REFUSED = {
    "unknown target": ({"TARGET": "Kd_Pb"}, "no field 'Kd_Pb'"),
    "target among the predictors": ({"PREDICTORS": ["log10Kd_Cd", "OM"]}, "is the target and a predictor"),
    "text": ({"PREDICTORS": ["name"]}, "'name' holds text"),
    "constant target": ({"TARGET": "flat"}, "there is nothing to explain"),
    "constant predictor": ({"PREDICTORS": ["flat"]}, "No predictor is left"),
    "computed target": ({"TARGET": "half"}, "The predictors give 'half' exactly"),
    "logarithm of another field": ({"LOG10_FIELDS": ["Kd_Cd"]}, "neither target nor predictor"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case):
    parameters, message = REFUSED[case]
    with pytest.raises(QgsProcessingException, match=message):
        run(**parameters)


def test_too_few_sites_are_refused():
    with pytest.raises(QgsProcessingException, match="Only 4 complete rows for 2 predictors: at least 5"):
        run(points(table().head(4), *along_the_coast(4)))
