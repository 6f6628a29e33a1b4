"""Geochemical baselines as QGIS runs them."""

import json

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsProcessingException

from coastal_hm_plugin.core.baselines import geochemical_baselines
from tests.processing.memory import along_the_coast, frame, points


@pytest.fixture
def run(provider):
    import processing

    def run_tool(layer, **parameters):
        given = {"INPUT": layer, "BASELINES": "memory:", **parameters}
        return processing.run("coastalhm:geochemicalbaselines", given)

    return run_tool


def soils(n=60):
    rng = np.random.default_rng(4)
    cadmium = rng.lognormal(-2, 0.4, n).round(3)
    table = pd.DataFrame(
        {"site": [f"S{i}" for i in range(n)], "Cd (mg/kg)": cadmium, "pb_mgkg": rng.lognormal(3, 0.3, n)}
    )
    return table, points(table, *along_the_coast(n))


def test_table_is_that_of_the_core(run):
    table, layer = soils()
    found = frame(run(layer)["BASELINES"])
    expected = geochemical_baselines(pd.DataFrame({"Cd": table["Cd (mg/kg)"], "Pb": table["pb_mgkg"]})).table
    assert found[["element", "method"]].to_numpy().tolist() == expected[["element", "method"]].to_numpy().tolist()
    for column in ("central", "upper_limit", "central_low", "baseline_high", "p_value"):
        np.testing.assert_allclose(found[column].astype(float), expected[column])
    assert set(found["medium"]) == {"soil"}


def test_options_reach_the_core(run):
    _, layer = soils()
    found = frame(run(layer, METHODS=[0, 3], RCF_AXES=1, BOOTSTRAP=0, LOG=True, MEDIUM=1)["BASELINES"])
    assert set(found["method"]) == {"imea", "rcf"} and set(found["medium"]) == {"sediment"}
    assert found["central_low"].isna().all()
    assert found.loc[found["method"] == "rcf", "note"].str.contains("as in Wu et al. 2025").all()


def test_comparison_with_a_table_and_own_values(run):
    _, layer = soils()
    found = frame(run(layer, BACKGROUND=10, BACKGROUND_VALUES="Cd=0.01")["BASELINES"])
    assert set(found.loc[found["element"] == "Cd", "background"]) == {0.01}
    assert set(found.loc[found["element"] == "Pb", "background"]) == {17.0}
    assert set(found.loc[(found["element"] == "Cd") & (found["method"] != "rcf"), "position"]) == {"above"}


def test_report_and_record_of_the_run(run, tmp_path):
    _, layer = soils()
    report = tmp_path / "baselines.html"
    run(layer, REPORT=str(report), BACKGROUND=1)
    text = report.read_text(encoding="utf-8")
    assert text.count("<svg") >= 2 and "no credible bend" in text
    record = json.loads((tmp_path / "baselines.run.json").read_text(encoding="utf-8"))
    assert record["tool"] == "coastalhm:geochemicalbaselines" and record["parameters"]["SEED"] == 1


@pytest.mark.parametrize(
    "change, message",
    [
        ({"METHODS": []}, "METHODS|Choose baseline methods"),
        ({"BACKGROUND_VALUES": "Cd=none"}, "not a positive number"),
        ({"ELEMENTS": "Cd=nothere"}, "nothere"),
    ],
)
def test_bad_parameters_stop_with_a_message(run, change, message):
    _, layer = soils()
    with pytest.raises(QgsProcessingException, match=message):
        run(layer, **change)


def test_one_sample_and_all_non_detects(run):
    with pytest.raises(QgsProcessingException, match="only 1 values"):
        run(points(pd.DataFrame({"Cd": [0.1]}), [120.0], [38.0]))
    table = pd.DataFrame({"Cd": ["<0.1"] * 30})
    with pytest.raises(QgsProcessingException, match="Cd: all values are non-detects"):
        run(points(table, *along_the_coast(30)))


def test_layer_without_crs_is_refused(run):
    with pytest.raises(QgsProcessingException, match="no coordinate reference system"):
        run(points(soils()[0], *along_the_coast(60), crs=""))


def test_recommendation_iterations_and_summary(run, tmp_path):
    _, layer = soils()
    report = tmp_path / "baselines.html"
    given = {"RECOMMENDATION": "memory:", "ITERATIONS": "memory:", "SUMMARY": "memory:"}
    outputs = run(layer, BACKGROUND_VALUES="Cd=10", CENSORED_STATISTICS=1, REPORT=str(report), **given)
    assert set(frame(outputs["RECOMMENDATION"])["method"]) <= {"imea", "imed", "boxplot", "rcf"}
    assert set(frame(outputs["ITERATIONS"])["method"]) == {"imea", "imed", "boxplot"}
    assert frame(outputs["SUMMARY"])["n"].tolist() == [60, 60]
    assert "<b><i>" in report.read_text(encoding="utf-8")  # cadmium lies below its background of 10
