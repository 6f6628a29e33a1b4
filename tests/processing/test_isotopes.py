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
    text = report.read_text(encoding="utf-8")
    assert "Welch" in text and "NIST SRM 3108), ratio 2.3" in text


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


def pmf_profiles():
    """The PMF tool's table of profiles: lead of four factors, with the bootstrap's interval."""
    return layer(
        factor=[f"factor{k}" for k in range(1, 5)] * 2,
        species=["Pb"] * 4 + ["Cd"] * 4,
        percent_of_species=[25.0, 5.0, 10.0, 60.0] + [25.0] * 4,
        bs_percent_p5=[15.0, 1.0, 5.0, 50.0] + [20.0] * 4,
        bs_percent_p95=[35.0, 9.0, 15.0, 70.0] + [30.0] * 4,
    )


TOGETHER = {"PMF_SPECIES": "Pb", "PMF_FACTORS": "factor4", "ANTHROPOGENIC": "Deposition"}


def test_pmf_beside_isotopes(run, tmp_path):
    report = tmp_path / "together.html"
    contributions = layer(place=["a", "b"], **{f"factor{k}": [1.0, 1.0] for k in range(1, 4)}, factor4=[1.0, 0.2])
    outputs = run(
        "isotopemixing", INPUT=lead_mixtures(), SOURCES=lead_sources(), GROUP="place", PMF_PROFILES=pmf_profiles(),
        PMF_CONTRIBUTIONS=contributions, AGREEMENT="memory:", REPORT=str(report), **TOGETHER,
    )  # fmt: skip
    table = frame(outputs["AGREEMENT"]).set_index("group")
    assert table.loc["a", "pmf"] == pytest.approx(0.6) and table.loc["b", "pmf"] == pytest.approx(0.12 / 0.52)
    assert (table["isotope_low"] < table["isotope"]).all()
    shares = frame(outputs["OUTPUT"]).set_index(["group", "source"])["mean"]
    assert table.loc["a", "isotope"] == pytest.approx(shares["a", "Deposition"])
    assert set(table["verdict"]) <= {"agree", "differ", "cannot tell"}
    assert "PMF and isotopes together" in report.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"PMF_FACTORS": "factor9"}, "no factor factor9 in the PMF. It has factor1, factor2"),
        ({"PMF_FACTORS": ""}, "Name a factor of the PMF"),
        ({"PMF_SPECIES": "Hg"}, "no species Hg in the PMF. It has Pb, Cd"),
        ({"ANTHROPOGENIC": "Coal"}, "no source Coal in the mixing model. It has Deep soil, Deposition"),
        ({"PMF_PROFILES": None}, r"the table of PMF's profiles \(PMF_PROFILES\) is not given"),
        ({"PMF_PROFILES": None, "PMF_FACTORS": "", "AGREEMENT": "memory:"}, "needs the profiles of a PMF"),
    ],
)
def test_bad_input_of_the_agreement(run, change, message):
    given = {"PMF_PROFILES": pmf_profiles(), **TOGETHER, **change}
    with pytest.raises(QgsProcessingException, match=message):
        run("isotopemixing", INPUT=lead_mixtures(), SOURCES=lead_sources(), **given)


def test_compositions_of_ones_own_in_the_tracer_plot(run, tmp_path):
    given = {"INPUT": lead_mixtures(), "SOURCES": lead_sources(), "REPORT": str(tmp_path / "mixing.html")}
    run("isotopemixing", REFERENCE=layer(name=["Ore of Wutong"], r206_207=[1.18], r208_206=[2.07]), **given)
    text = (tmp_path / "mixing.html").read_text(encoding="utf-8")
    assert "the reference values given" in text and "literature" not in text
    with pytest.raises(QgsProcessingException, match="reference values have no field r208_206"):
        run("isotopemixing", REFERENCE=layer(name=["Ore"], r206_207=[1.18]), **given)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": ["Deep soil"], "SDr206_207": [0.01]}, "at least 2 sources"),
        ({"SDr206_207": [0.014, 0.0]}, "'Deposition' needs an SD above 0 of r206_207"),
        ({"SDr206_207": [-0.014, 0.01]}, "'Deep soil' needs an SD above 0 of r206_207"),
        ({"Meanr206_207": [1.19, np.nan]}, "'Deposition' has no mean of r206_207"),
        ({"source": ["Soil", "Soil"]}, "Source Soil is given more than once"),
        ({"n": [1.0, 5.0]}, "needs at least 2 samples"),
    ],
)
def test_bad_sources(run, change, message):
    columns = {"source": ["Deep soil", "Deposition"], "Meanr206_207": [1.19, 1.16], "SDr206_207": [0.014, 0.007]}
    columns = {name: values[: len(change.get("source", columns["source"]))] for name, values in columns.items()}
    with pytest.raises(QgsProcessingException, match=message):
        run("isotopemixing", INPUT=lead_mixtures(), SOURCES=layer(**{**columns, **change}))


def test_a_mixture_without_a_tracer_of_the_sources(run):
    mixtures = layer(r206_207=[1.17], place=["a"])
    with pytest.raises(QgsProcessingException, match="mixtures have no field r208_206"):
        run("isotopemixing", INPUT=mixtures, SOURCES=lead_sources())


def test_negative_uncertainties_of_isotopes_are_refused(run):
    samples = layer(r=[1.17, 1.18], u=[0.001, -0.001])
    for kind in (0, 1):
        with pytest.raises(QgsProcessingException, match=r"uncertainty .*cannot be negative"):
            run("isotopefractionation", INPUT=samples, ISOTOPES="r", UNCERTAINTY="u", KIND=kind, STANDARD=4)
    with pytest.raises(QgsProcessingException, match="must be positive: rows 2"):
        run("isotopefractionation", INPUT=layer(r=[1.17, -1.0]), ISOTOPES="r", STANDARD=4)
