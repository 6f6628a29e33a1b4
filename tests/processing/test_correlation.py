"""Correlations and Mantel tests as QGIS runs them: sets, transforms, controls, what is refused."""

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsProcessingException

from tests.processing.bad_input import Feedback
from tests.processing.bad_input import run as run_tool
from tests.processing.memory import along_the_coast, frame, points

pytestmark = pytest.mark.usefixtures("provider")
SITES = 50


def table():
    """Cd follows salinity, Pb does not; Zn is a constant share of Cu."""
    rng = np.random.default_rng(4)
    salinity = rng.uniform(5, 30, SITES)
    columns = {
        "Cd_sed": 0.1 * np.exp(salinity / 10 + 0.2 * rng.normal(size=SITES)),
        "Pb_sed": rng.lognormal(3, 0.3, SITES),
        "Cu_sed": rng.lognormal(3, 0.3, SITES),
        "salinity": salinity,
        "pH": 8 + 0.1 * rng.normal(size=SITES),
        "name": "site",
    }
    return pd.DataFrame({**columns, "Zn_sed": 3 * columns["Cu_sed"]})


def layer(**changes):
    return points(table().assign(**changes), *along_the_coast(SITES))


def run(sites=None, feedback=None, **parameters):
    given = {"INPUT": sites or layer(), "CORRELATIONS": "memory:", **parameters}
    return run_tool("correlation", given, feedback)


def test_within_one_set(tmp_path):
    outputs = run(REPORT=str(tmp_path / "r.html"), TABLES=str(tmp_path / "tables"))
    pairs = frame(outputs["CORRELATIONS"]).set_index(["variable_1", "variable_2"])
    assert len(pairs) == 15 and set(pairs["method"]) == {"spearman"} and set(pairs["n"]) == {SITES}
    assert pairs.loc[("Cd_sed", "salinity"), "r"] > 0.8 > abs(pairs.loc[("Pb_sed", "salinity"), "r"])
    assert pairs.loc[("Cu_sed", "Zn_sed"), "r"] == pytest.approx(1)
    assert "Spearman" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {
        f"correlations.{e}" for e in ("csv", "tex", "xlsx")
    }


def test_log_ratios_of_the_concentrations_only():
    names = ["Cd_sed", "Pb_sed", "Cu_sed", "salinity"]
    found = frame(run(VARIABLES=names, TRANSFORM=2, METHOD=1)["CORRELATIONS"]).set_index(["variable_1", "variable_2"])
    logs = np.log(table()[names[:3]])
    centred = logs.sub(logs.mean(axis=1), axis=0)
    assert found.loc[("Cd_sed", "Pb_sed"), "r"] == pytest.approx(centred["Cd_sed"].corr(centred["Pb_sed"]))
    assert found.loc[("Cd_sed", "salinity"), "r"] == pytest.approx(centred["Cd_sed"].corr(table()["salinity"]))


def test_mantel_across_two_sets(tmp_path):
    given = {"OTHER_VARIABLES": ["salinity", "pH"], "MANTEL": True, "MANTEL_TESTS": "memory:", "TRANSFORM": 1}
    outputs = run(REPORT=str(tmp_path / "r.html"), **given)
    assert len(frame(outputs["CORRELATIONS"])) == 8  # the recognised fields but the others
    tests = frame(outputs["MANTEL_TESTS"]).set_index(["set_1", "set_2"])
    assert len(tests) == 10 and set(tests["permutations"]) == {999}
    assert tests.loc[("Cd_sed", "salinity"), "p"] == 0.001 and tests.loc[("All 4", "salinity"), "r"] > 0
    assert "Guillot" in (tmp_path / "r.html").read_text(encoding="utf-8")
    again = frame(run(**given)["MANTEL_TESTS"]).set_index(["set_1", "set_2"])
    pd.testing.assert_frame_equal(tests, again)


def test_partial_mantel_with_named_sets():
    given = {"OTHER_VARIABLES": ["salinity"], "MANTEL": True, "MANTEL_TESTS": "memory:"}
    sets = "metals = Cd_sed, Pb_sed; copper = Cu_sed"
    space = frame(run(CONTROL_SPACE=True, MANTEL_SETS=sets, **given)["MANTEL_TESTS"])
    assert space["set_1"].tolist() == ["metals", "copper"]
    assert set(space["control"]) == {"distance between the sites"}
    held = frame(run(CONTROL_FIELDS=["pH"], MANTEL_SETS=sets, **given)["MANTEL_TESTS"])
    assert set(held["control"]) == {"pH"} and held["r"][0] != space["r"][0]


def test_one_other_variable_has_no_heat_map_of_its_own(tmp_path):
    feedback = Feedback()
    given = {"OTHER_VARIABLES": ["salinity"], "MANTEL": True, "REPORT": str(tmp_path / "r.html")}
    run(None, feedback, **given)
    assert any("not correlated among themselves" in text for text in feedback.said)


MANTEL = {"MANTEL": True, "OTHER_VARIABLES": ["salinity"]}
REFUSED = {
    "unknown field": ({"VARIABLES": ["As"]}, "no field 'As'"),
    "text": ({"VARIABLES": ["name", "pH"]}, "'name' holds text"),
    "one variable": ({"VARIABLES": ["pH"]}, "choose two or more"),
    "in both sets": ({"VARIABLES": ["pH", "Cd_sed"], "OTHER_VARIABLES": ["pH"]}, "'pH' stands in both sets"),
    "Mantel of one set": ({"MANTEL": True}, "choose the other variables"),
    "table without tests": ({"MANTEL_TESTS": "memory:"}, "turn on MANTEL"),
    "two controls": ({**MANTEL, "CONTROL_SPACE": True, "CONTROL_FIELDS": ["pH"]}, "not both"),
    "set in no form": ({**MANTEL, "MANTEL_SETS": "metals: Cd_sed"}, "is no set of variables: write it as"),
    "set of an unknown field": ({**MANTEL, "MANTEL_SETS": "metals = Cd"}, "names 'Cd', which is none of the variables"),
    "two sets of one name": ({**MANTEL, "MANTEL_SETS": "a = Cd_sed; a = Pb_sed"}, "Two sets are named 'a'"),
    "nothing to transform": ({"VARIABLES": ["pH", "salinity"], "TRANSFORM": 1}, "nothing to transform"),
    "too few parts": ({"VARIABLES": ["Cd_sed", "Pb_sed", "pH"], "TRANSFORM": 2}, "three concentrations or more"),
    "negative Bray-Curtis": (
        {**MANTEL, "TRANSFORM": 1, "DISTANCE": 2, "MANTEL_SETS": "cadmium = Cd_sed"},
        "need values of 0 or more",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case):
    parameters, message = REFUSED[case]
    with pytest.raises(QgsProcessingException, match=message):
        run(**parameters)


def test_constants_and_too_few_sites_are_refused(tmp_path):
    few = points(table().head(3), *along_the_coast(3))
    with pytest.raises(QgsProcessingException, match="No pair of variables has 4 rows"):
        run(few)
    with pytest.raises(QgsProcessingException, match="salinity: its values are all equal"):
        run(layer(salinity=7.0), VARIABLES=["salinity", "pH"])
    path = tmp_path / "table.csv"
    table().to_csv(path, index=False)
    with pytest.raises(QgsProcessingException, match="need coordinates"):
        run(str(path), CONTROL_SPACE=True, **MANTEL)
