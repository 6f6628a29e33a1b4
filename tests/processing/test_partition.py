"""Partition coefficients as QGIS runs them: one layer, two layers, and the North Sea."""

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsProcessingException

from tests.processing.memory import along_the_coast, frame, points


@pytest.fixture
def run(provider):
    import processing

    def run_tool(sediment, water=None, **parameters):
        given = {"SEDIMENT": sediment, "WATER": water, "OUTPUT": "memory:", **parameters}
        return processing.run("coastalhm:partitioncoefficients", given)

    return run_tool


def both_media():
    table = pd.DataFrame(
        {
            "name": ["a", "b", "c"],
            "Cd_sed": ["0.2", "<0.1", "0.3"],
            "Pb_sed": [20.0, 30.0, np.nan],
            "Cd_w": ["0.1", "0.1", "<0.02"],
            "Pb_w": [0.02, 0.03, 0.04],
        }
    )
    return points(table, *along_the_coast(3))


def test_one_layer_with_the_fields_of_both_media(run):
    found = frame(run(both_media(), WATER_FRACTION=0)["OUTPUT"])
    assert found["name"].tolist() == ["a", "b", "c"]
    np.testing.assert_allclose(found["Kd_Cd"].astype(float), [2000, 500, 30000])
    assert found["Kd_Cd_bound"].fillna("").tolist() == ["", "at most", "at least"]
    assert found["log10Kd_Pb"][0] == pytest.approx(6.0) and pd.isna(found["log10Kd_Pb"][2])
    assert set(found["Kd_unit"]) == {"L/kg"} and set(found["water_fraction"]) == {"filtered"}


def test_the_papers_factor_is_written_into_the_output(run):
    outputs = run(both_media(), KD_FACTOR=1, SUMMARY="memory:")
    assert frame(outputs["OUTPUT"])["Kd_Cd"][0] == pytest.approx(200)
    assert "Wu et al. 2025" in frame(outputs["OUTPUT"])["Kd_unit"][0]
    summary = frame(outputs["SUMMARY"]).set_index("metal")
    assert "Wu et al. 2025" in summary.loc["Cd", "unit"]
    assert (summary.loc["Cd", "n"], summary.loc["Pb", "n"]) == (3, 2)


def test_one_field_cannot_be_both_media(run):
    layer = points(pd.DataFrame({"Cd": [0.1, 0.2]}), *along_the_coast(2))
    with pytest.raises(QgsProcessingException, match="WATER_ELEMENTS as 'Cd=my_water_field'"):
        run(layer)


def test_two_layers_are_paired(run):
    sediment = points(pd.DataFrame({"Cd": [0.2, 0.4]}), [120.0, 121.0], [38.0, 38.0])
    # 0.001 degrees of latitude are 111 m
    water = points(pd.DataFrame({"Cd": [0.1, 0.2, 0.3]}), [121.0, 120.0, 122.0], [38.001, 38.001, 38.0])
    output = run(sediment, water)["OUTPUT"]
    found = frame(output)
    assert found["sediment_site"].tolist() == [2, 1]
    np.testing.assert_allclose(found["Kd_Cd"].astype(float), [4000, 1000])
    np.testing.assert_allclose(found["distance_m"].astype(float), 111, atol=0.1)
    assert [round(f.geometry().asPoint().x()) for f in output.getFeatures()] == [121, 120]
    with pytest.raises(QgsProcessingException, match="No water site lies within 50 m"):
        run(sediment, water, RADIUS=50)


@pytest.mark.acceptance
def test_north_sea(run, reference, tmp_path):
    media = {}
    for medium in ("sediment", "water"):
        table = pd.read_csv(reference / "north_sea" / f"{medium}_sites.csv")
        media[medium] = points(table, table["Longitude"], table["Latitude"])
    report = tmp_path / "kd.html"
    outputs = run(media["sediment"], media["water"], WATER_FRACTION=0, SUMMARY="memory:", REPORT=str(report))
    assert len(frame(outputs["OUTPUT"])) == 276
    medians = frame(outputs["SUMMARY"]).set_index("metal")["log10Kd_median"]
    for metal, median in {"Cu": 4.79, "Ni": 5.00, "Hg": 5.31, "Pb": 6.63, "Cd": 4.61}.items():
        assert medians[metal] == pytest.approx(median, abs=0.02)
    assert "276 pairs within 500 m" in report.read_text(encoding="utf-8")


def test_replicates_groups_and_published_ranges(run, tmp_path):
    table = pd.DataFrame(
        {
            "estuary": ["Yalu", "Yalu", "Haihe", "Haihe"],
            "Cd_sed": [0.2, 0.3, 0.4, 0.5],
            "Cd_w": [0.1, 0.1, 0.1, 0.1],
            "cd_rep": [0.02, 0.03, 0.04, 0.05],
        }
    )
    report = tmp_path / "kd.html"
    given = {"SEDIMENT_ELEMENTS": "Cd=Cd_sed", "WATER_ELEMENTS": "Cd=Cd_w", "SEDIMENT_SDS": "Cd=cd_rep"}
    layer = points(table, *along_the_coast(4))
    outputs = run(layer, GROUPS="estuary", COMPARISON="memory:", REPORT=str(report), **given)
    np.testing.assert_allclose(frame(outputs["OUTPUT"])["log10Kd_Cd_sd"], 0.1 / np.log(10))
    compared = frame(outputs["COMPARISON"])
    assert compared["metal"].tolist() == ["Cd"] and compared["position"][0] == "below"
    assert "by estuary" in report.read_text(encoding="utf-8")
    own = points(pd.DataFrame({"metal": ["Cd"], "low": [3.0], "high": [4.0], "source": ["a book"]}), [0.0], [0.0])
    outputs = run(layer, PUBLISHED=own, COMPARISON="memory:", **given)
    assert frame(outputs["COMPARISON"])["position"][0] == "inside"
    with pytest.raises(QgsProcessingException, match="There is no field 'x' for the standard deviation of Cd"):
        run(layer, **{**given, "SEDIMENT_SDS": "Cd=x"})
