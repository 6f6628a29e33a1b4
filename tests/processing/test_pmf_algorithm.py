"""Positive matrix factorization as QGIS runs it."""

import json

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsProcessingException, QgsVectorLayer, QgsWkbTypes

from coastal_hm_plugin.core import pmf
from tests.core.pmf_cases import METALS, planted
from tests.processing.bad_input import Feedback
from tests.processing.bad_input import run as run_tool
from tests.processing.memory import along_the_coast, frame, points

OUTPUTS = dict.fromkeys(("CONTRIBUTIONS", "PROFILES", "SPECIES", "RUNS"), "memory:")
MODEL = {"FACTORS": 3, "STARTS": 6, "ERROR_FRACTION": 0.05, "LOWER_CONTRIBUTION": 1}


@pytest.fixture
def run(provider):
    return lambda layer, **given: run_tool("pmf", {"INPUT": layer, **MODEL, **OUTPUTS, **given})


def sites(n=60):
    table, contributions, _ = planted(samples=n)
    table.insert(0, "site", [f"S{i:03d}" for i in range(n)])
    return table, contributions, points(table, *along_the_coast(n))


def test_planted_sources_come_out_beside_the_original_fields(run):
    table, contributions, layer = sites()
    results = run(layer)
    found = frame(results["CONTRIBUTIONS"])
    assert list(found) == [*table.columns, "factor1", "factor2", "factor3"]
    assert found["site"].tolist() == table["site"].tolist()
    g = found[["factor1", "factor2", "factor3"]].to_numpy(float)
    assert pmf.match_factors(g, contributions)[1].min() > 0.98
    place = results["CONTRIBUTIONS"].getFeature(1).geometry().asPoint()
    assert (place.x(), place.y()) == (120.0, 38.0)


def test_tables_are_those_of_the_core(run):
    table, _, layer = sites()
    results = run(layer, SEED=5)
    rules = pmf.UncertaintyRules(error_fraction=0.05)
    options = pmf.PmfOptions(3, 6, 5, None, rules, pmf.SolverOptions(lower_contribution=0.0))
    expected = pmf.factorize(pmf.prepare(table[list(METALS)], rules=rules), options)
    for name, own in (("PROFILES", expected.profiles()), ("SPECIES", expected.species_table())):
        found = frame(results[name])
        assert list(found) == list(own)
        for column in own.select_dtypes("number"):
            np.testing.assert_allclose(found[column].astype(float), own[column], rtol=1e-12, atol=1e-12)
    runs = frame(results["RUNS"])
    assert len(runs) == 6 and runs["chosen"].astype(bool).sum() == 1


def test_options_reach_the_core(run):
    layer = sites()[2]
    given = {"WEAK": "Cu; Zn", "BAD": "Hg", "STRONG": "As", "RUN": 2, "ERROR_FRACTIONS": "Cd=0.3", "ROBUST": False}
    results = run(layer, EXTRA_UNCERTAINTY=5, **given)
    species = frame(results["SPECIES"]).set_index("species")
    assert species.loc[["As", "Cu", "Zn", "Hg"], "category"].tolist() == ["strong", "weak", "weak", "bad"]
    # (x - u) / u with u = sqrt(0.3^2 + 0.05^2) x, and sqrt(2) 0.05 x
    assert species.loc["Cd", "signal_to_noise"] == pytest.approx(1 / np.hypot(0.3, 0.05) - 1)
    assert species.loc["Pb", "signal_to_noise"] == pytest.approx(1 / np.hypot(0.05, 0.05) - 1)
    assert frame(results["RUNS"]).set_index("run").loc[2, "chosen"]


def test_uncertainty_fields_are_read_in_the_units_of_the_concentrations(run):
    table, _, _ = sites()
    table = table.rename(columns={"Hg": "Hg (ug/kg)"})
    table["Hg (ug/kg)"] *= 1000
    for metal in METALS:
        table[f"unc{metal}"] = 0.1 * table["Hg (ug/kg)" if metal == "Hg" else metal]
    fields = "; ".join(f"{metal}=unc{metal}" for metal in METALS)
    layer = points(table, *along_the_coast(len(table)))
    found = frame(run(layer, UNCERTAINTIES=fields)["SPECIES"]).set_index("species")
    np.testing.assert_allclose(found["signal_to_noise"], 9.0)


def test_any_species_by_field(run):
    table = sites()[0]
    table = table.assign(total=table[list(METALS)].sum(axis=1), black_carbon=table["Pb"] / 7)
    layer = points(table, *along_the_coast(len(table)))
    given = {"FIELDS": ["total", "black_carbon", "Cd", "Hg", "Cr"], "TOTAL": "total"}
    species = frame(run(layer, **given)["SPECIES"]).set_index("species")
    assert list(species.index) == given["FIELDS"] and species.loc["total", "category"] == "weak"


def test_a_table_without_places_gives_a_table(run, tmp_path):
    table, _, _ = sites(40)
    table.to_csv(tmp_path / "lab.csv", index=False)
    layer = QgsVectorLayer(f"file://{tmp_path / 'lab.csv'}?detectTypes=yes&geomType=none", "lab", "delimitedtext")
    results = run(layer)
    assert results["CONTRIBUTIONS"].wkbType() == QgsWkbTypes.Type.NoGeometry
    assert len(frame(results["CONTRIBUTIONS"])) == 40


def test_missing_values_are_told_and_left_out_on_request(provider):
    table, _, _ = sites()
    table.loc[[4, 9], "Cd"] = np.nan
    layer = points(table, *along_the_coast(len(table)))
    feedback = Feedback()
    results = run_tool("pmf", {"INPUT": layer, **MODEL, **OUTPUTS, "MISSING": 1}, feedback)
    assert "2 samples with missing values were left out: rows 5, 10." in feedback.said
    found = frame(results["CONTRIBUTIONS"])
    assert np.flatnonzero(found["factor1"].isna()).tolist() == [4, 9]


def test_report_and_record_of_the_run(run, tmp_path):
    report = tmp_path / "pmf.html"
    run(sites()[2], REPORT=str(report))
    text = report.read_text(encoding="utf-8")
    assert text.count("<svg") >= 5 and "EPA PMF 5.0" in text and "of 6 random starts" in text
    record = json.loads((tmp_path / "pmf.run.json").read_text(encoding="utf-8"))
    assert record["tool"] == "coastalhm:pmf" and record["parameters"]["FACTORS"] == 3


@pytest.mark.parametrize(
    "change, message",
    [
        ({"FACTORS": 9}, "9 factors from 8 species"),
        ({"RUN": 7}, "Run 7 was asked for, but there are 6 runs"),
        ({"WEAK": "Cd, Pb"}, "Named weak, but no species: Cd, Pb"),
        ({"UNCERTAINTIES": "Cd=Pb"}, "No uncertainty field is given for As, Cr"),
        ({"UNCERTAINTIES": "Cd"}, "'Cd' cannot be read as an uncertainty field"),
        ({"ERROR_FRACTIONS": "Cd=much"}, "An error fraction is no number"),
        ({"ERROR_FRACTIONS": "U=0.1"}, "There is no species 'U' for an error fraction"),
        ({"ELEMENTS": "Cd=nothere"}, "nothere"),
    ],
)
def test_bad_parameters_stop_with_a_message(run, change, message):
    with pytest.raises(QgsProcessingException, match=message):
        run(sites()[2], **change)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"Cd": 0.0}, "Field 'Cd' .*|Cd is 0 in every sample|Cd has"),
        ({"Cd": -9999.0}, "Cd"),
        ({"Cd": "high"}, "Column 'Cd' holds text"),
    ],
)
def test_bad_columns_are_named_or_left_out(provider, change, message):
    table = sites(30)[0].assign(**change)
    feedback = Feedback()
    try:
        run_tool("pmf", {"INPUT": points(table, *along_the_coast(30)), **MODEL, **OUTPUTS}, feedback)
        said = " ".join(feedback.said)
    except QgsProcessingException as error:
        said = str(error)
    assert pd.Series([said]).str.contains(message).all()


def test_fewer_samples_than_factors(run):
    with pytest.raises(QgsProcessingException, match="3 factors from 3 samples: there must be more samples"):
        run(sites(3)[2])


def test_layer_without_crs_is_refused(run):
    with pytest.raises(QgsProcessingException, match="no coordinate reference system"):
        run(points(sites()[0], *along_the_coast(60), crs=""))


@pytest.mark.parametrize("moment", [0, 3, 10, 40, -1])
def test_cancelling_leaves_nothing(provider, moment, tmp_path):
    layer = sites()[2]
    files = {name: str(tmp_path / f"{name.lower()}.gpkg") for name in OUTPUTS}
    given = {"INPUT": layer, **MODEL, **files, "REPORT": str(tmp_path / "report.html")}
    if moment == -1:
        moments = Feedback()
        run_tool("pmf", given, moments)
        moment = moments.asked - 1
        for path in tmp_path.iterdir():
            path.unlink()
    with pytest.raises(QgsProcessingException, match="Cancelled"):
        run_tool("pmf", given, Feedback(cancel_at=moment))
    assert not list(tmp_path.iterdir())
