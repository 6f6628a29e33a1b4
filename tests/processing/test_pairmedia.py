"""Pairing as QGIS runs it: composites, links, what is left over, layers of different CRS."""

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingException, QgsVectorLayer

from tests.processing.memory import frame, points

METRE = 1 / 111_033.6  # degrees of latitude at 39.95 N
SITES = pd.DataFrame({"site": ["A", "B", "C"], "Cd": [0.1, 0.2, 0.3]})
SOILS = pd.DataFrame({"Cd": [1.0, 3.0, 8.0, np.nan], "name": ["p", "q", "r", "s"]})


def sites():
    return points(SITES, [124.0, 124.0, 125.0], [39.95, 39.95 + 600 * METRE, 39.95], name="sites")


def soils():
    # 100 and 290 m north of A (the second 310 m south of B), 100 m north of B, and far away
    north = np.array([100, 290, 700, 50_000]) * METRE
    return points(SOILS, [124.0] * 4, 39.95 + north, name="soils")


@pytest.fixture
def run(provider):
    import processing

    def run_tool(**parameters):
        sinks = ("PAIRS", "LINKS", "UNPAIRED_SOIL", "UNPAIRED_SITES")
        given = {"SITES": sites(), **dict.fromkeys(sinks, "memory:"), **parameters}
        return processing.run("coastalhm:pairmedia", given)

    return run_tool


def test_pairs_carry_the_composite_and_the_distances(run):
    found = frame(run(SOIL=soils())["PAIRS"])
    assert found["site"].tolist() == ["A", "B"]
    assert found["Cd"].tolist() == [0.1, 0.2]
    assert found["soil_Cd"].tolist() == [2.0, 8.0]
    assert found["soil_count"].tolist() == [2, 1]
    np.testing.assert_allclose(found["soil_distance_mean_m"], [195, 100], atol=0.1)
    np.testing.assert_allclose(found["soil_distance_max_m"], [290, 100], atol=0.1)
    assert "soil_name" not in found


def test_all_in_reach_and_nearest_as_it_is(run):
    found = frame(run(SOIL=soils(), ASSIGN=1, STATISTIC=1)["PAIRS"])
    assert found["soil_count"].tolist() == [2, 3 - 1]
    assert found["soil_Cd"].tolist() == [2.0, 5.5]
    nearest = frame(run(SOIL=soils(), STATISTIC=2)["PAIRS"])
    assert nearest["soil_name"].tolist() == ["p", "r"]


def test_links_run_from_point_to_site(run):
    layer = run(SOIL=soils())["LINKS"]
    found = frame(layer)
    assert found[["point", "site"]].values.tolist() == [[1, 1], [2, 1], [3, 2]]
    line = next(layer.getFeatures()).geometry().asPolyline()
    assert [line[0].y(), line[1].y()] == pytest.approx([39.95 + 100 * METRE, 39.95])


def test_what_is_left_over_says_why(run):
    outputs = run(SOIL=soils())
    soil = frame(outputs["UNPAIRED_SOIL"])
    assert soil["name"].tolist() == ["s"]
    assert soil["reason"].tolist() == ["no sites within 500 m"]
    assert soil["nearest_distance_m"][0] == pytest.approx(49_400, abs=10)
    left = frame(outputs["UNPAIRED_SITES"])
    assert left[["site", "reason", "missing"]].values.tolist() == [["C", "no soil points within 500 m", "soil"]]


def test_water_is_paired_too(run):
    water = points(pd.DataFrame({"Cd": [0.02]}), [125.0], [39.95 + 5 * METRE], name="water")
    outputs = run(SOIL=soils(), WATER=water, UNPAIRED_WATER="memory:")
    found = frame(outputs["PAIRS"])
    assert found["site"].tolist() == ["A", "B", "C"]
    assert found["water_Cd"].tolist()[2] == 0.02 and found["water_count"].tolist() == [0, 0, 1]
    assert pd.isna(found["soil_Cd"][2])
    left = frame(outputs["UNPAIRED_SITES"])
    assert left[["site", "missing"]].values.tolist() == [["A", "water"], ["B", "water"], ["C", "soil"]]
    assert len(frame(outputs["UNPAIRED_WATER"])) == 0
    assert frame(run(WATER=water)["PAIRS"])["site"].tolist() == ["C"]


def test_layers_of_different_crs(run):
    from pyproj import Transformer

    layer = soils()
    place = [feature.geometry().asPoint() for feature in layer.getFeatures()]
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:32651", always_xy=True).transform(
        [p.x() for p in place], [p.y() for p in place]
    )
    projected = points(SOILS, x, y, "EPSG:32651")
    outputs = run(SOIL=projected)
    assert frame(outputs["PAIRS"])["soil_count"].tolist() == [2, 1]
    assert outputs["UNPAIRED_SOIL"].crs().authid() == "EPSG:32651"
    line = next(outputs["LINKS"].getFeatures()).geometry().asPolyline()
    assert [line[0].x(), line[0].y()] == pytest.approx([124.0, 39.95 + 100 * METRE], abs=1e-7)


def test_optional_outputs_are_optional(provider):
    import processing

    outputs = processing.run("coastalhm:pairmedia", {"SOIL": soils(), "SITES": sites(), "PAIRS": "memory:"})
    assert list(outputs) == ["PAIRS"]


class TestRefusals:
    def test_neither_soil_nor_water(self, run):
        with pytest.raises(QgsProcessingException, match="Give soil points, water points or both"):
            run()

    def test_no_crs(self, run):
        layer = soils()
        layer.setCrs(QgsCoordinateReferenceSystem())
        with pytest.raises(QgsProcessingException, match="no coordinate reference system"):
            run(SOIL=layer)

    def test_swapped(self, run):
        swapped = points(SOILS.head(1), [39.95], [124.0])
        with pytest.raises(QgsProcessingException, match="look swapped"):
            run(SOIL=swapped)

    def test_empty(self, run):
        with pytest.raises(QgsProcessingException, match="holds no points"):
            run(SOIL=points(SOILS.head(0), [], []))

    def test_nothing_stays_behind_when_an_output_fails(self, run, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(QgsProcessingException):
            run(SOIL=soils(), PAIRS=str(tmp_path / "pairs.gpkg"), LINKS=str(tmp_path / "file" / "links.gpkg"))
        assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.acceptance
def test_north_sea(provider, reference):
    import processing

    layers = {}
    for medium in ("sediment", "water"):
        table = pd.read_csv(reference / "north_sea" / f"{medium}_sites.csv")
        layers[medium] = points(table, table["Longitude"], table["Latitude"])
    names = ("PAIRS", "LINKS", "UNPAIRED_WATER")
    given = {"WATER": layers["water"], "SITES": layers["sediment"], **dict.fromkeys(names, "memory:")}
    outputs = processing.run("coastalhm:pairmedia", given)
    assert isinstance(outputs["PAIRS"], QgsVectorLayer)
    assert [outputs[name].featureCount() for name in names] == [70, 276, 1042 - 276]
