"""The structural equation model as a tool."""

import json

import numpy as np
import pytest
from qgis import processing
from qgis.core import QgsProcessingException

from coastal_hm_plugin.core import sem
from tests.core.test_sem_fit import MODEL, coast
from tests.core.test_sem_media_model import FIELDS
from tests.processing.memory import along_the_coast, frame, points

TOOL = "coastalhm:structuralequationmodel"
READY = {f"{medium.upper()}_FIELDS": fields for medium, fields in FIELDS.items()}


def sites(seed=2):
    return points(coast(seed), *along_the_coast(103))


@pytest.fixture(scope="module")
def run(provider, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sem")
    return processing.run(
        TOOL,
        {
            "INPUT": sites(),
            "MODEL": MODEL,
            "BOOTSTRAP": 20,
            "OUTPUT": "TEMPORARY_OUTPUT",
            "FIT_INDICES": "TEMPORARY_OUTPUT",
            "MODIFICATION_INDICES": "TEMPORARY_OUTPUT",
            "EFFECTS": "TEMPORARY_OUTPUT",
            "DROPPED": "TEMPORARY_OUTPUT",
            "DIAGRAM": str(folder / "paths.svg"),
            "TABLES": str(folder / "tables"),
            "REPORT": str(folder / "report.html"),
        },
    )


def test_the_tables_are_the_cores(run):
    fitted = sem.fit(MODEL, coast(2), sem.FitOptions(bootstrap=20))
    estimates = frame(run["OUTPUT"])
    expected = fitted.table()
    assert list(estimates.columns) == list(expected.columns)
    for name in ("est", "se", "std_all", "std_se", "boot_upper", "std_boot_lower"):
        np.testing.assert_allclose(estimates[name].astype(float), expected[name], rtol=1e-12, err_msg=name)
    indices = frame(run["FIT_INDICES"]).set_index("measure")["value"]
    assert indices["cfi"] == pytest.approx(fitted.fit_indices()["cfi"], rel=1e-12)
    assert (indices["df"], indices["baseline.df"]) == (87, 105)
    assert len(frame(run["MODIFICATION_INDICES"])) == len(fitted.modification_indices())
    assert set(frame(run["EFFECTS"])["effect"]) == {"direct", "indirect", "total"}
    assert frame(run["DROPPED"]).empty


def test_the_files_are_there(run):
    from pathlib import Path

    assert Path(run["DIAGRAM"]).read_text("utf-8").startswith("<svg")
    assert "Path diagram, n = 103" in Path(run["REPORT"]).read_text("utf-8")
    assert (Path(run["TABLES"]) / "sem_loadings.csv").exists()
    record = json.loads(Path(run["REPORT"]).with_suffix(".run.json").read_text("utf-8"))
    assert record["parameters"]["BOOTSTRAP"] == 20


def test_the_ready_model_standardizes_and_drops_weak_paths(provider, tmp_path):
    outputs = {"OUTPUT": "TEMPORARY_OUTPUT", "DROPPED": "TEMPORARY_OUTPUT", "DIAGRAM": str(tmp_path / "paths.png")}
    done = processing.run(TOOL, {"INPUT": sites(), "MODEL_KIND": 1, **READY, "DROP_BELOW": 0.35, **outputs})
    dropped = frame(done["DROPPED"])
    assert (dropped["std_all"].abs() < 0.35).all() and len(dropped) >= 1
    estimates = frame(done["OUTPUT"])
    assert set(estimates.query("op == '=~'")["lhs"]) == {"Soil", "Sediment", "Water"}
    assert not set(dropped["dropped"]) & {f"{a} =~ {b}" for a, b in zip(estimates["lhs"], estimates["rhs"])}
    assert (tmp_path / "paths.png").stat().st_size > 10_000


def test_a_model_file_and_logarithms(provider, tmp_path):
    path = tmp_path / "model.lav"
    path.write_text("f =~ OM_soil + Cd_soil + Ni_soil + pH_soil # a comment\n", encoding="utf-8")
    data = coast(3)
    data["Cd_soil"] = np.exp(data["Cd_soil"])
    layer = points(data, *along_the_coast(103))
    given = {"INPUT": layer, "MODEL_FILE": str(path), "LOG_FIELDS": ["Cd_soil"], "OUTPUT": "TEMPORARY_OUTPUT"}
    table = frame(processing.run(TOOL, given)["OUTPUT"])
    data["Cd_soil"] = np.log10(data["Cd_soil"])
    expected = sem.fit("f =~ OM_soil + Cd_soil + Ni_soil + pH_soil", data).table()
    np.testing.assert_allclose(table["est"], expected["est"], rtol=1e-9)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"MODEL": ""}, "No model given"),
        ({"MODEL": "f =~ OM_soil +"}, "line 1, column 15: A variable expected"),
        ({"MODEL": "f =~ OM_soil + Cu + Cd_soil"}, "names 'Cu', which is no column"),
        ({"MODEL_KIND": 1, **READY, "WATER_FIELDS": ["pH_water"]}, "Water: 1 fields given, at least 3"),
        ({"LOG_FIELDS": ["OM_soil"]}, "Column 'OM_soil' has values at or below 0 in rows"),
        ({"MODEL_FILE": __file__}, "as text .MODEL. or as a file"),
    ],
)
def test_wrong_input_is_explained(provider, changes, message):
    given = {"INPUT": sites(), "MODEL": MODEL, "OUTPUT": "TEMPORARY_OUTPUT", **changes}
    with pytest.raises(QgsProcessingException, match=message):
        processing.run(TOOL, given)


def test_what_did_not_converge_is_written_and_said(provider, tmp_path):
    report = tmp_path / "report.html"
    given = {"INPUT": sites(125), "MODEL": MODEL, "OUTPUT": "TEMPORARY_OUTPUT", "REPORT": str(report)}
    table = frame(processing.run(TOOL, given)["OUTPUT"])
    assert table["se"].isna().sum() == 33
    assert "Not converged" in report.read_text("utf-8")
