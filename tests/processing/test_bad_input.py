"""What the tools say to input they cannot use, and that nothing half-written stays behind."""

import shutil

import numpy as np
import pytest
from qgis.core import QgsProcessingException

from tests.processing.bad_input import METALS, Feedback, metals, point_layer, raster, run, sites

pytestmark = pytest.mark.usefixtures("provider")

# tool -> (parameter that takes the samples, its other inputs, its outputs)
CHEMISTRY = {
    "geochemicalbaselines": ("INPUT", {"MEDIUM": 0, "BOOTSTRAP": 20}, {"BASELINES": "out.gpkg", "REPORT": "out.html"}),
    "pollutionindices": ("INPUT", {"MEDIUM": 0}, {"OUTPUT": "out.gpkg", "REPORT": "out.html"}),
    "partitioncoefficients": ("SEDIMENT", {}, {"OUTPUT": "out.gpkg", "REPORT": "out.html"}),
    "pmf": ("INPUT", {"FACTORS": 2, "STARTS": 2}, {"CONTRIBUTIONS": "out.gpkg", "REPORT": "out.html"}),
}
TRAINING = {"TARGET": "Cd", "FOLDS": 3, "REPEATS": 1}
PLACES = {
    "pairmedia": ("SITES", {}, {"PAIRS": "out.gpkg", "LINKS": "links.gpkg"}),
    "trainriskmodel": ("INPUT", TRAINING, {"MODEL": "out.json", "PREDICTIONS": "out.gpkg", "REPORT": "out.html"}),
    "samplecovariates": ("INPUT", {}, {"OUTPUT": "out.gpkg", "MANIFEST": "out.json"}),
}
TOOLS = {**CHEMISTRY, **PLACES}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """A folder of rasters, apart from what the tools write."""
    folder = tmp_path_factory.mktemp("inputs")
    raster(folder / "over.tif")
    raster(folder / "elsewhere.tif", west=10.0)
    raster(folder / "nowhere.tif", crs="")
    return folder


@pytest.fixture
def parameters_of(tmp_path, inputs):
    """Everything a tool needs, with a layer as its samples and its outputs in ``folder``."""

    def given(tool, layer, folder=tmp_path):
        name, others, outputs = TOOLS[tool]
        parameters = {name: layer, **others, **{output: str(folder / file) for output, file in outputs.items()}}
        if tool == "partitioncoefficients":
            water = {metal: values / 1000 for metal, values in metals(seed=3).items()}
            parameters["WATER"] = point_layer(water, *sites(), name="water")
        if tool == "pairmedia":
            parameters["SOIL"] = point_layer(metals(seed=5), *sites(), name="soil")
        if tool in ("samplecovariates", "trainriskmodel"):
            parameters["RASTERS"] = [str(inputs / "over.tif")]
        return parameters

    return given


BAD_PLACES = {
    "no CRS": (lambda: point_layer(metals(), *sites(), crs=""), "has no coordinate reference system"),
    "empty layer": (lambda: point_layer(metals(0), *sites(0)), "holds no points"),
    "coordinates swapped": (lambda: point_layer(metals(), *sites()[::-1]), "swapped"),
}
BAD_CHEMISTRY = {
    "no metal among the fields": (
        lambda: point_layer({"depth": np.ones(40)}, *sites()),
        r"No field of the \w+ table is recognised.*The fields are: depth",
    ),
    "all-NULL fields": (
        lambda: point_layer({"Cd": [None] * 40}, *sites()),
        "Field 'Cd' .* has no value in any row",
    ),
    "text in a number field": (
        lambda: point_layer({"Cd": ["low", "high"] * 20}, *sites()),
        "Column 'Cd' holds text, such as 'low', and no number",
    ),
    "all non-detect": (
        lambda: point_layer({"Cd": ["nd"] * 40}, *sites()),
        "has non-detects only: give their detection limit",
    ),
    "degrees in a metre CRS": (lambda: point_layer(metals(), *sites(), crs="EPSG:32651"), "look like degrees"),
    "two fields for one metal": (
        lambda: point_layer({"Cd_2019": np.ones(40), "Cd_2020": np.ones(40)}, *sites()),
        "'Cd_2019' and 'Cd_2020' both look like Cd",
    ),
    "a large negative value": (
        lambda: point_layer({"Cd": [-9.0, *metals()["Cd"][1:]]}, *sites()),
        r"Column 'Cd' has negative values, such as -9 \(rows 1\)",
    ),
}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(("make", "message"), BAD_PLACES.values(), ids=BAD_PLACES)
def test_points_that_are_nowhere_are_refused_and_nothing_written(tool, make, message, parameters_of, tmp_path):
    with pytest.raises(QgsProcessingException, match=message):
        run(tool, parameters_of(tool, make()))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("tool", CHEMISTRY)
@pytest.mark.parametrize(("make", "message"), BAD_CHEMISTRY.values(), ids=BAD_CHEMISTRY)
def test_concentrations_that_cannot_be_used_are_refused(tool, make, message, parameters_of, tmp_path):
    with pytest.raises(QgsProcessingException, match=message):
        run(tool, parameters_of(tool, make()))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("nowhere.tif", "'nowhere' .* has no coordinate reference system"),
        ("elsewhere.tif", "'elsewhere' holds none of the 40 points"),
        ("missing.tif", "RASTERS"),
    ],
)
def test_a_raster_that_cannot_be_used_is_named(file, message, parameters_of, inputs, tmp_path):
    parameters = parameters_of("samplecovariates", point_layer(metals(), *sites()))
    parameters["RASTERS"] = [*parameters["RASTERS"], str(inputs / file)]
    with pytest.raises(QgsProcessingException, match=message):
        run("samplecovariates", parameters)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("tool", CHEMISTRY)
def test_doubtful_values_are_said_and_the_rest_is_used(tool, parameters_of, tmp_path):
    columns = metals()
    columns["Cd"] = ["<0.1", "lost", None, "inf", *map(str, columns["Cd"][4:])]
    columns["Hg"] = np.full(40, np.nan)
    columns["Ni"] = np.full(40, 30.0)
    feedback = Feedback()
    results = run(tool, parameters_of(tool, point_layer(columns, *sites())), feedback)
    said = "\n".join(feedback.said)
    for words in ("such as 'lost'", "Cd: 1 infinite", "Hg is left out", "Ni: all 40 values are 30"):
        assert words in said
    assert all((tmp_path / file).exists() for file in CHEMISTRY[tool][2].values())
    assert results


@pytest.mark.parametrize("tool", TOOLS)
def test_one_sample_ends_in_an_answer_or_a_message(tool, parameters_of, tmp_path):
    layer = point_layer(metals(1), *sites(1))
    try:
        run(tool, parameters_of(tool, layer))
    except QgsProcessingException as error:
        assert "sample" in str(error) or "value" in str(error) or "site" in str(error)
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("tool", TOOLS)
def test_an_output_that_cannot_be_written_is_named(tool, parameters_of, tmp_path):
    # below a regular file nobody can write, not even root
    (tmp_path / "file").write_text("")
    with pytest.raises(QgsProcessingException, match="file"):
        run(tool, parameters_of(tool, point_layer(metals(), *sites()), tmp_path / "file"))


def _cancel_everywhere(tool, parameters, folder):
    """Run the tool, then cancel it at moments from the first to the last: it leaves all of its files, or none."""

    def empty():
        found = {path.name for path in folder.iterdir()}
        for path in list(folder.iterdir()):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return found

    moments = Feedback()
    run(tool, parameters, moments)
    everything, last, stopped = empty(), moments.asked - 1, 0
    for moment in sorted({0, 1, *np.linspace(2, last, 8).astype(int).tolist(), last - 1, last - 2}):
        try:
            run(tool, parameters, Feedback(cancel_at=moment))
            assert empty() == everything
        except QgsProcessingException as error:
            assert "Cancelled" in str(error)
            assert not empty(), f"cancelled at {moment} of {moments.asked}"
            stopped += 1
    assert stopped >= 3


@pytest.mark.parametrize("tool", TOOLS)
def test_cancelling_at_any_moment_leaves_nothing(tool, parameters_of, tmp_path):
    _cancel_everywhere(tool, parameters_of(tool, point_layer(metals(), *sites())), tmp_path)


@pytest.mark.parametrize("tool", ["pollutionindices", "samplecovariates"])
def test_cancelling_while_features_are_written_leaves_nothing(tool, parameters_of, tmp_path):
    # more features than are written at once
    parameters = parameters_of(tool, point_layer(metals(11_000), *sites(11_000)))
    parameters.pop("REPORT", None)
    _cancel_everywhere(tool, parameters, tmp_path)


@pytest.mark.parametrize("metal", METALS[:2])
def test_all_values_alike_give_no_baseline_but_a_warning(metal, parameters_of):
    feedback = Feedback()
    columns = {**metals(), metal: np.full(40, 5.0)}
    run(
        "geochemicalbaselines",
        parameters_of("geochemicalbaselines", point_layer(columns, *sites())),
        feedback,
    )
    assert f"{metal}: all 40 values are 5; a constant carries no information." in feedback.said


ASSESSMENT = {"REPEATS": 1, "PMF_STARTS": 2, "PMF_FACTORS": 2}


def test_an_assessment_of_nothing_is_refused(tmp_path):
    with pytest.raises(QgsProcessingException, match="sample"):
        run("assessment", {**ASSESSMENT, "OUTPUT_FOLDER": str(tmp_path)})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["SOIL", "SEDIMENT", "WATER"])
@pytest.mark.parametrize(("make", "message"), [*BAD_PLACES.values(), *BAD_CHEMISTRY.values()])
def test_an_assessment_of_a_bad_layer_is_refused(name, make, message, tmp_path):
    with pytest.raises(QgsProcessingException, match=message):
        run("assessment", {**ASSESSMENT, name: make(), "OUTPUT_FOLDER": str(tmp_path)})
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_cancelling_the_assessment_leaves_nothing(inputs, tmp_path):
    soil, rasters = point_layer(metals(), *sites()), [str(inputs / "over.tif")]
    given = {**ASSESSMENT, "SOIL": soil, "RASTERS": rasters, "OUTPUT_FOLDER": str(tmp_path)}
    _cancel_everywhere("assessment", given, tmp_path)
