"""The isotope tools as QGIS runs them."""

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsProcessingException

from coastal_hm_plugin.algorithms.isotopefractionation import STANDARDS
from coastal_hm_plugin.core import mixing
from tests.processing.memory import along_the_coast, frame, points


@pytest.fixture
def run(provider):
    import processing

    def run_tool(name, **parameters):
        return processing.run(f"coastalhm:{name}", {"OUTPUT": "memory:", **parameters})

    return run_tool


def layer(**columns):
    table = pd.DataFrame(columns)
    return points(table, *along_the_coast(len(table)))


def lead_sources():
    return layer(
        source=["Deep soil", "Deposition"],
        Meanr206_207=[1.19, 1.16],
        SDr206_207=[0.014, 0.007],
        Meanr208_206=[2.08, 2.10],
        SDr208_206=[0.013, 0.011],
    )


def lead_mixtures():
    return layer(r206_207=[1.17, 1.18, np.nan, 1.165], r208_206=[2.09, 2.085, 2.1, 2.095], place=["a", "a", "b", "b"])


def test_the_form_offers_the_cores_standards():
    assert set(STANDARDS) == set(mixing.STANDARDS)


def test_deltas_and_fractionation(run, tmp_path):
    samples = layer(ratio=["2.3046", "2.3", "2.2954", None], medium=["soil", "soil", "water", "water"])
    report = tmp_path / "isotopes.html"
    outputs = run(
        "isotopefractionation", INPUT=samples, ISOTOPES="ratio", STANDARD_RATIO=2.3, MEDIUM="medium",
        DIFFERENCES="memory:", MEDIA="memory:", REPORT=str(report),
    )  # fmt: skip
    found = frame(outputs["OUTPUT"])
    np.testing.assert_allclose(found["delta_permil"][:3].astype(float), [2, 0, -2], atol=1e-9)
    assert found["delta_permil"][3] is None or np.isnan(found["delta_permil"][3])
    assert frame(outputs["DIFFERENCES"])["Delta"][0] == pytest.approx(3.0)
    assert frame(outputs["MEDIA"])["n"].tolist() == [2, 1]
    assert "Welch" in report.read_text(encoding="utf-8")


def test_certified_lead_and_given_deltas(run):
    samples = layer(r=[1.17])
    certified = STANDARDS.index("206Pb/207Pb (NIST SRM 981)")
    found = frame(run("isotopefractionation", INPUT=samples, ISOTOPES="r", STANDARD=certified)["OUTPUT"])
    assert found["delta_permil"][0] == pytest.approx((1.17 * 0.91464 - 1) * 1000)
    found = frame(run("isotopefractionation", INPUT=samples, ISOTOPES="r", KIND=1)["OUTPUT"])
    assert found["delta_permil"][0] == pytest.approx(1.17)


def test_a_standard_without_a_ratio_is_refused(run):
    with pytest.raises(QgsProcessingException, match="no certified isotope ratio"):
        run("isotopefractionation", INPUT=layer(r=[2.3]), ISOTOPES="r", STANDARD=0)
    with pytest.raises(QgsProcessingException, match="Give the measured ratio"):
        run("isotopefractionation", INPUT=layer(r=[2.3]), ISOTOPES="r", STANDARD=len(STANDARDS))


def test_lead_of_two_sources(run, tmp_path):
    report = tmp_path / "mixing.html"
    outputs = run(
        "isotopemixing", INPUT=lead_mixtures(), SOURCES=lead_sources(), GROUP="place", SITES="memory:",
        CORRELATION="memory:", PREDICTIVE="memory:", END_MEMBERS="memory:", REPORT=str(report),
    )  # fmt: skip
    table = frame(outputs["OUTPUT"])
    assert table["group"].tolist() == ["a", "a", "b", "b"] and table["samples"].tolist() == [2, 2, 1, 1]
    np.testing.assert_allclose(table.groupby("group")["mean"].sum(), 1.0)
    assert (table["q2_5"] < table["mean"]).all() and table["error"].tolist()[2] == "process"
    sites = frame(outputs["SITES"])
    assert sites["place"].tolist() == ["a", "a", "b", "b"]
    assert pd.isna(sites["Deep soil_mean"][2]) and sites["Deep soil_mean"][1] > sites["Deep soil_mean"][3]
    assert outputs["SITES"].geometryType() == 0
    ends = frame(outputs["END_MEMBERS"])
    assert ends["share"][0] == pytest.approx((1.175 - 1.16) / 0.03)
    assert frame(outputs["CORRELATION"])["r"].round(6).tolist() == [-1, -1]
    assert len(frame(outputs["PREDICTIVE"])) == 6  # of the group of one no SD
    text = report.read_text(encoding="utf-8")
    assert "Two end-members" in text and "Coal fly ash" in text


@pytest.mark.acceptance
def test_mixsiars_files_as_they_are(run, reference):
    names = {"INPUT": "consumer", "SOURCES": "sources", "DISCRIMINATION": "discrimination"}
    files = {name: str(reference / "mixing" / f"killerwhale_{file}.csv") for name, file in names.items()}
    table = frame(run("isotopemixing", **files, ERROR=1, RESIDUAL_PRIOR=1)["OUTPUT"]).set_index("source")
    expected = {"Chinook": 0.351, "Chum": 0.124, "Coho": 0.200, "Sockeye": 0.077, "Steelhead": 0.248}
    for source, mean in expected.items():
        assert table.loc[source, "mean"] == pytest.approx(mean, abs=0.05)
    flat = frame(run("isotopemixing", **files, PRIOR="Chinook=50")["OUTPUT"]).set_index("source")
    assert flat.loc["Chinook", "mean"] > table.loc["Chinook", "mean"] + 0.1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"PRIOR": "Coal=2"}, "'Coal=2' names no source. Sources: Deep soil, Deposition"),
        ({"PRIOR": "Deep soil=x"}, "has no number. Write it as 'Deep soil=2'"),
        ({"PRIOR": "Deep soil=0"}, "must be above 0"),
        ({"TRACERS": ["place"]}, "neither a mean nor a field of the tracer place"),
    ],
)
def test_bad_input_of_the_mixing_model(run, change, message):
    with pytest.raises(QgsProcessingException, match=message):
        run("isotopemixing", INPUT=lead_mixtures(), SOURCES=lead_sources(), **change)


def test_end_members_need_two_sources(run):
    three = layer(source=["a", "b", "c"], Meanr206_207=[1.1, 1.2, 1.3], SDr206_207=[0.01] * 3)
    with pytest.raises(QgsProcessingException, match="needs exactly 2 sources"):
        run("isotopemixing", INPUT=lead_mixtures(), SOURCES=three, END_MEMBERS="memory:")
