"""What the tools say to input they cannot use, and that nothing half-written stays behind."""

import numpy as np
import pytest
from qgis.core import QgsProcessingException

from tests.processing.bad_input import METALS, Feedback, metals, point_layer, run, sites

pytestmark = pytest.mark.usefixtures("provider")

# tool -> (parameter that takes the samples, the medium they are read as, its other inputs, its outputs)
TOOLS = {
    "geochemicalbaselines": ("INPUT", {"MEDIUM": 0, "BOOTSTRAP": 20}, {"BASELINES": "out.gpkg", "REPORT": "out.html"}),
    "pollutionindices": ("INPUT", {"MEDIUM": 0}, {"OUTPUT": "out.gpkg", "REPORT": "out.html"}),
    "partitioncoefficients": ("SEDIMENT", {}, {"OUTPUT": "out.gpkg", "REPORT": "out.html"}),
}


def parameters_of(tool, layer, folder):
    """Everything the tool needs, with ``layer`` as its samples and its outputs in ``folder``."""
    name, others, outputs = TOOLS[tool]
    given = {name: layer, **others, **{output: str(folder / file) for output, file in outputs.items()}}
    if tool == "partitioncoefficients":
        water = {metal: values / 1000 for metal, values in metals(seed=3).items()}
        given["WATER"] = point_layer(water, *sites(), name="water")
    return given


BAD_LAYERS = {
    "no CRS": (lambda: point_layer(metals(), *sites(), crs=""), "has no coordinate reference system"),
    "empty layer": (lambda: point_layer(metals(0), *sites(0)), "holds no points"),
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
    "coordinates swapped": (lambda: point_layer(metals(), *sites()[::-1]), "look swapped: y = 12[12]"),
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
@pytest.mark.parametrize(("make", "message"), BAD_LAYERS.values(), ids=BAD_LAYERS)
def test_a_layer_that_cannot_be_used_is_refused_and_nothing_written(tool, make, message, tmp_path):
    with pytest.raises(QgsProcessingException, match=message):
        run(tool, parameters_of(tool, make(), tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("tool", TOOLS)
def test_doubtful_values_are_said_and_the_rest_is_used(tool, tmp_path):
    columns = metals()
    columns["Cd"] = ["<0.1", "lost", None, "inf", *map(str, columns["Cd"][4:])]
    columns["Hg"] = np.full(40, np.nan)
    columns["Ni"] = np.full(40, 30.0)
    feedback = Feedback()
    results = run(tool, parameters_of(tool, point_layer(columns, *sites()), tmp_path), feedback)
    said = "\n".join(feedback.said)
    for words in ("such as 'lost'", "Cd: 1 infinite", "Hg is left out", "Ni: all 40 values are 30"):
        assert words in said
    assert all((tmp_path / file).exists() for file in TOOLS[tool][2].values())
    assert results


@pytest.mark.parametrize("tool", TOOLS)
def test_one_sample_ends_in_an_answer_or_a_message(tool, tmp_path):
    layer = point_layer(metals(1), *sites(1))
    try:
        run(tool, parameters_of(tool, layer, tmp_path))
    except QgsProcessingException as error:
        assert "sample" in str(error) or "value" in str(error) or "site" in str(error)
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("tool", TOOLS)
def test_an_output_that_cannot_be_written_is_named(tool, tmp_path):
    # below a regular file nobody can write, not even root
    (tmp_path / "file").write_text("")
    with pytest.raises(QgsProcessingException, match="file"):
        run(tool, parameters_of(tool, point_layer(metals(), *sites()), tmp_path / "file"))


@pytest.mark.parametrize("tool", TOOLS)
def test_cancelling_at_any_moment_leaves_nothing(tool, tmp_path):
    parameters = parameters_of(tool, point_layer(metals(), *sites()), tmp_path)
    moments = Feedback()
    run(tool, parameters, moments)
    for file in tmp_path.iterdir():
        file.unlink()
    for moment in sorted({0, 1, *np.linspace(2, moments.asked - 1, 8).astype(int).tolist()}):
        with pytest.raises(QgsProcessingException, match="Cancelled"):
            run(tool, parameters, Feedback(cancel_at=moment))
        assert not list(tmp_path.iterdir()), f"cancelled at {moment} of {moments.asked}"


@pytest.mark.parametrize("metal", METALS[:2])
def test_all_values_alike_give_no_baseline_but_a_warning(metal, tmp_path):
    feedback = Feedback()
    columns = {**metals(), metal: np.full(40, 5.0)}
    run(
        "geochemicalbaselines",
        parameters_of("geochemicalbaselines", point_layer(columns, *sites()), tmp_path),
        feedback,
    )
    assert f"{metal}: all 40 values are 5; a constant carries no information." in feedback.said
