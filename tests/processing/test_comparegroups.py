"""Groups compared as QGIS runs it: groups by field and by polygons, outputs, what is refused."""

import numpy as np
import pandas as pd
import processing
import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProject,
    QgsVectorLayer,
)

from coastal_hm_plugin.processing_provider.compat import make_field
from tests.processing.bad_input import Feedback
from tests.processing.bad_input import run as run_tool
from tests.processing.memory import frame, points

pytestmark = pytest.mark.usefixtures("provider")
SITES = 60


def layer():
    """Three stretches of coast, 20 sites each; Cd is tenfold in the last, Pb the same everywhere."""
    rng = np.random.default_rng(3)
    stretch = np.repeat([0, 1, 2], 20)
    table = pd.DataFrame(
        {
            "stretch": np.array(["north", "middle", "south"])[stretch],
            "Cd": rng.lognormal(-2, 0.3, SITES) * np.where(stretch == 2, 10, 1),
            "Pb": rng.lognormal(3, 0.3, SITES),
            "note": "x",
        }
    )
    return points(table, 120 + 0.01 * rng.uniform(size=SITES), 40.5 - stretch)


def squares(names, crs="EPSG:4326", size=0.9):
    """A square for each name, one degree further south each, in Web Mercator or in degrees."""
    squares = QgsVectorLayer("Polygon", "estuaries", "memory")
    squares.setCrs(QgsCoordinateReferenceSystem(crs))
    squares.dataProvider().addAttributes([make_field("estuary", "text")])
    squares.updateFields()
    features = []
    for number, name in enumerate(names):
        low, high = 40.5 - number - size / 2, 40.5 - number + size / 2
        corners = [(119.5, low), (120.5, low), (120.5, high), (119.5, high), (119.5, low)]
        if crs == "EPSG:3857":
            corners = [(x * 111319.4908, 6378137 * np.arctanh(np.sin(np.radians(y)))) for x, y in corners]
        feature = QgsFeature(squares.fields())
        feature.setGeometry(QgsGeometry.fromWkt(f"POLYGON(({', '.join(f'{x} {y}' for x, y in corners)}))"))
        feature.setAttributes([name])
        features.append(feature)
    squares.dataProvider().addFeatures(features)
    return squares


def run(sites, feedback=None, **parameters):
    return run_tool("comparegroups", {"INPUT": sites, "TESTS": "memory:", **parameters}, feedback)


def test_groups_by_a_field(tmp_path):
    names = {"PAIRS": "memory:", "GROUPS": "memory:", "OUTPUT": "memory:", "TABLES": str(tmp_path / "tables")}
    outputs = run(layer(), GROUP_FIELD="stretch", REPORT=str(tmp_path / "groups.html"), **names)
    tests = frame(outputs["TESTS"]).set_index("variable")
    assert tests.loc["Cd", "p"] < 1e-6 < tests.loc["Pb", "p"]
    assert list(tests["n"]) == [SITES, SITES]
    letters = frame(outputs["GROUPS"]).set_index(["variable", "group"])["letters"]
    assert letters["Cd"].to_dict() == {"middle": "b", "north": "b", "south": "a"}
    assert len(frame(outputs["PAIRS"])) == 6
    assert set(frame(outputs["OUTPUT"])["group"]) == {"north", "middle", "south"}
    report = (tmp_path / "groups.html").read_text(encoding="utf-8")
    assert "Dunn" in report and "60 rows grouped by stretch" in report
    assert len(list((tmp_path / "tables").iterdir())) == 9


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857"])
def test_groups_by_polygons_name_the_sites_outside(crs):
    feedback = Feedback()
    given = {"POLYGONS": squares(["Haihe", "Yalu"], crs), "POLYGON_NAME": "estuary", "METHOD": 1, "LOG10": True}
    outputs = run(layer(), feedback, VARIABLES=["Cd"], GROUPS="memory:", **given)
    groups = frame(outputs["GROUPS"])
    assert groups["group"].tolist() == ["Haihe", "Yalu"] and groups["n"].tolist() == [20, 20]
    assert any(
        "20 of 60 points lie outside all polygons: 41, 42, 43, 44, 45 and 15 more" in text for text in feedback.said
    )
    assert frame(outputs["TESTS"])["test"].tolist() == ["Welch's ANOVA"]


def test_a_point_in_several_polygons_takes_the_first_and_is_named():
    feedback = Feedback()
    run(layer(), feedback, POLYGONS=squares(["a", "b", "c"], size=3), POLYGON_NAME="estuary", OUTPUT="memory:")
    assert any("lie in several polygons and take the first" in text for text in feedback.said)


def test_an_invalid_polygon_is_made_valid():
    layer_of_one = squares(["Haihe", "Yalu", "bow"])
    feature = next(f for f in layer_of_one.getFeatures() if f["estuary"] == "bow")
    bow = QgsGeometry.fromWkt("POLYGON((119.5 38, 120.5 39, 120.5 38, 119.5 39, 119.5 38))")
    assert not bow.isGeosValid()
    layer_of_one.dataProvider().changeGeometryValues({feature.id(): bow})
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    context.setInvalidGeometryCheck(QgsFeatureRequest.InvalidGeometryCheck.GeometryAbortOnInvalid)
    given = {"INPUT": layer(), "POLYGONS": layer_of_one, "POLYGON_NAME": "estuary", "OUTPUT": "memory:"}
    outputs = processing.run("coastalhm:comparegroups", {**given, "TESTS": "memory:"}, context=context)
    groups = frame(outputs["OUTPUT"])["group"]
    # both wings of the bow reach latitude 38.5, where the third stretch lies
    assert groups.value_counts().to_dict() == {"Haihe": 20, "Yalu": 20, "bow": 20}


def test_a_table_without_places_has_groups_by_field(tmp_path):
    path = tmp_path / "table.csv"
    pd.DataFrame({"estuary": list("aaabbb"), "Cd": ["<0.1", 0.2, 0.3, 0.5, 0.6, 0.7]}).to_csv(path, index=False)
    found = frame(run(str(path), GROUP_FIELD="estuary", GROUPS="memory:")["GROUPS"])
    assert found["minimum"].tolist() == [0.05, 0.5]
    with pytest.raises(QgsProcessingException, match="need sites with coordinates"):
        run(str(path), POLYGONS=squares(["a"]), POLYGON_NAME="estuary")


REFUSED = {
    "no groups": (lambda: {}, "GROUP_FIELD.*POLYGONS.*neither is given"),
    "two kinds of groups": (lambda: {"GROUP_FIELD": "stretch", "POLYGONS": squares("a")}, "not both"),
    "unknown field": (lambda: {"GROUP_FIELD": "river"}, "no field 'river' for the groups.*stretch, Cd"),
    "unknown variable": (lambda: {"GROUP_FIELD": "stretch", "VARIABLES": ["As"]}, "no field 'As'"),
    "text variable": (lambda: {"GROUP_FIELD": "stretch", "VARIABLES": ["note"]}, "'note' holds text"),
    "one group": (lambda: {"GROUP_FIELD": "note"}, "there is only 'x'"),
    "groups of one": (lambda: {"GROUP_FIELD": "Cd", "VARIABLES": ["Pb"]}, "60 groups; at most 40"),
    "no polygon name": (lambda: {"POLYGONS": squares("a")}, "Choose the field of the polygons' names"),
    "unknown polygon name": (lambda: {"POLYGONS": squares("a"), "POLYGON_NAME": "river"}, "has no field 'river'"),
    "polygons elsewhere": (
        lambda: {"POLYGONS": squares([None] * 9 + ["far"]), "POLYGON_NAME": "estuary"},
        "No point lies inside a polygon of 'estuaries'",
    ),
    "polygons without names": (
        lambda: {"POLYGONS": squares([None]), "POLYGON_NAME": "estuary"},
        "holds no polygon with a name",
    ),
    "polygons without a CRS": (
        lambda: {"POLYGONS": squares("a", crs=""), "POLYGON_NAME": "estuary"},
        "no coordinate reference system",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case):
    parameters, message = REFUSED[case]
    with pytest.raises(QgsProcessingException, match=message):
        run(layer(), **parameters())
