"""Pollution indices as QGIS runs them: every source of the background, classes, style, report."""

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsProcessingException, QgsVectorLayer

from tests.processing.memory import along_the_coast, frame, points

UPPER_CRUST = 13
EIGHT = {"As": 4.8, "Cd": 0.09, "Cr": 92.0, "Cu": 28.0, "Hg": 0.05, "Ni": 47.0, "Pb": 17.0, "Zn": 67.0}


@pytest.fixture
def run(provider):
    import processing

    def run_tool(layer, **parameters):
        given = {"INPUT": layer, "BACKGROUND": UPPER_CRUST, "OUTPUT": "memory:", **parameters}
        return processing.run("coastalhm:pollutionindices", given)

    return run_tool


def crust_times(*factors):
    table = pd.DataFrame([{key: value * factor for key, value in EIGHT.items()} for factor in factors])
    return table.assign(name="site"), along_the_coast(len(factors))


def test_published_background_and_classes(run):
    table, place = crust_times(1, 2, 3, 5)
    outputs = run(points(table, *place), SHARES="memory:")
    found = frame(outputs["OUTPUT"])
    np.testing.assert_allclose(found["PERI"].astype(float), [98, 196, 294, 490])
    assert found["PERI_class"].tolist() == [1, 2, 3, 4]
    assert found["PERI_class_name"].tolist() == ["Low", "Moderate", "Considerable", "Very High"]
    assert "100 / 200 / 400 (Wu et al. 2025" in found["PERI_scheme"][0]
    shares = frame(outputs["SHARES"])
    assert shares.loc[shares["index_name"] == "PERI", "share_percent"].tolist() == [25, 25, 25, 25]


def test_own_values_go_before_the_table(run):
    table, place = crust_times(1, 2)
    found = frame(run(points(table, *place), BACKGROUND_VALUES="Cd=0.009")["OUTPUT"])
    np.testing.assert_allclose(found["CF_Cd"].astype(float), [10, 20])
    assert found["CF_Pb"][0] == pytest.approx(1)


def test_baselines_of_the_samples_and_of_a_table_agree(run, provider):
    import processing

    rng = np.random.default_rng(3)
    table = pd.DataFrame({key: value * rng.lognormal(0, 0.3, 50) for key, value in EIGHT.items()})
    layer = points(table, *along_the_coast(50))
    baselines = processing.run("coastalhm:geochemicalbaselines", {"INPUT": layer, "BASELINES": "memory:"})["BASELINES"]
    for method in range(4):
        of_samples = frame(run(layer, BACKGROUND=method)["OUTPUT"])
        of_table = frame(run(layer, BACKGROUND=method, BASELINES=baselines)["OUTPUT"])
        np.testing.assert_allclose(of_samples["PERI"].astype(float), of_table["PERI"].astype(float))
    with pytest.raises(QgsProcessingException, match="baselines are of soil, the samples of sediment"):
        run(layer, BACKGROUND=2, BASELINES=baselines, MEDIUM=1)
    with pytest.raises(QgsProcessingException, match="no column method, central"):
        run(layer, BACKGROUND=2, BASELINES=points(pd.DataFrame({"element": ["Cd"]}), [120], [38]))


def test_options_reach_the_core(run):
    table, place = crust_times(1, 2)
    table.loc[1, "Hg"] = np.nan
    table["Al_pct"] = 8.15
    layer = points(table, *place)
    found = frame(run(layer, SCHEME=1, REFERENCE_ELEMENT="Al", UNITS="Al=%", GUIDELINES=True)["OUTPUT"])
    assert pd.isna(found["PERI"][1]) and pd.isna(found["PERI_class"][1])
    assert "Hakanson 1980" in found["PERI_scheme"][0]
    assert found["EF_Cd"].tolist() == pytest.approx([1, 2])
    assert "mPELQ" in found
    partial = frame(run(layer, ALLOW_PARTIAL=True, METALS="Cd, Hg", TOXIC_RESPONSE="Cd=10")["OUTPUT"])
    assert partial["PERI"].tolist() == pytest.approx([50, 20])
    with pytest.raises(QgsProcessingException, match="Not an element: Xx"):
        run(layer, METALS="Cd Xx")


def test_an_output_that_is_run_again_replaces_its_fields(run, tmp_path):
    table, place = crust_times(1, 2)
    first = str(tmp_path / "first.gpkg")
    run(points(table, *place), OUTPUT=first)
    again = frame(run(QgsVectorLayer(first, "first", "ogr"), BACKGROUND_VALUES="Cd=0.009")["OUTPUT"])
    assert [name.lower() for name in again.columns].count("peri") == 1
    assert again["PERI"][0] == pytest.approx(98 + 270)


def test_style_and_report(run, tmp_path):
    table, place = crust_times(1, 2, 3, 5)
    output, report = str(tmp_path / "indices.gpkg"), tmp_path / "indices.html"
    run(points(table, *place), OUTPUT=output, REPORT=str(report))
    style = (tmp_path / "indices.qml").read_text(encoding="utf-8")
    assert "Considerable" in style and "graduatedSymbol" in style
    text = report.read_text(encoding="utf-8")
    assert "PERI, class limits 100 / 200 / 400" in text and text.count("<svg") >= 2


def test_no_metal_left(run):
    layer = points(pd.DataFrame({"Co": [1.0, 2.0]}), *along_the_coast(2))
    with pytest.raises(QgsProcessingException, match=r"No metal is left for PERI \(Co: no toxic response factor\)"):
        run(layer)


def test_peri_has_an_interval_where_the_background_has_one(provider):
    import processing

    rng = np.random.default_rng(3)
    layer = points(pd.DataFrame({"Cd": rng.lognormal(-2, 0.5, 60)}), *along_the_coast(60))
    given = {"INPUT": layer, "OUTPUT": "memory:"}
    found = frame(processing.run("coastalhm:pollutionindices", given)["OUTPUT"])
    assert (found["PERI_low"] < found["PERI"]).all() and (found["PERI"] < found["PERI_high"]).all()
    assert found["PERI_class_percent"].between(0, 100).all()
    published = frame(processing.run("coastalhm:pollutionindices", {**given, "BACKGROUND": 4})["OUTPUT"])
    assert "PERI_low" not in published
