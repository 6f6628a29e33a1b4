"""Density of points and distance to features as QGIS runs them: templates, layers of all kinds, the coast, refusals."""

import numpy as np
import pandas as pd
import pytest
import rasterio
from pyproj import Geod
from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsGeometry, QgsProcessingException, QgsVectorLayer
from rasterio.transform import from_origin

from coastal_hm_plugin.core.geodesy import project
from tests.processing.bad_input import Feedback
from tests.processing.memory import points

UTM = "EPSG:32651"
LEFT, TOP = 400_000.0, 4_200_000.0


@pytest.fixture
def run(provider, tmp_path):
    import processing

    def run_tool(tool, feedback=None, **parameters):
        given = {"OUTPUT": str(tmp_path / "out.tif"), **parameters}
        path = processing.run(f"coastalhm:{tool}", given, feedback=feedback)["OUTPUT"]
        with rasterio.open(path) as file:
            return file.read(1).astype(float), file

    return run_tool


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A raster of 120 x 100 cells of 500 m."""

    def write(crs=UTM, left=LEFT, top=TOP, cell=500.0):
        path = tmp_path_factory.mktemp("template") / "template.tif"
        profile = {"driver": "GTiff", "count": 1, "height": 100, "width": 120, "dtype": "uint8", "crs": crs}
        with rasterio.open(path, "w", transform=from_origin(left, top, cell, cell), **profile) as file:
            file.write(np.ones((1, 100, 120), "uint8"))
        return str(path)

    return write


def shapes(kind, texts, crs=UTM):
    """A layer in memory of geometries in WKT."""
    layer = QgsVectorLayer(kind, "shapes", "memory")
    layer.setCrs(QgsCoordinateReferenceSystem(crs))
    features = []
    for text in texts:
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromWkt(text))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    layer.updateExtents()
    return layer


def enterprises(n=80, crs=UTM):
    rng = np.random.default_rng(1)
    x, y = LEFT + rng.uniform(8e3, 52e3, n), TOP - rng.uniform(8e3, 42e3, n)
    table = pd.DataFrame({"staff": rng.integers(1, 50, n).astype(float), "name": ["F"] * n})
    if crs != UTM:
        x, y = project(x, y, UTM, crs)
    return points(table, x, y, crs)


class TestDensity:
    @pytest.mark.parametrize("crs", [UTM, "EPSG:4326"])
    def test_on_a_template_it_sums_up_to_the_points(self, run, template, crs):
        feedback = Feedback()
        cells, file = run("pointdensity", feedback, INPUT=enterprises(crs=crs), BANDWIDTH=5000, TEMPLATE=template())
        assert file.shape == (100, 120) and file.crs.to_epsg() == 32651 and file.transform.a == 500
        assert cells.sum() * 0.25 == pytest.approx(80, rel=0.002)
        assert any("80 points of weight 80" in text for text in feedback.said)

    def test_weights_and_kernels(self, run, template):
        layer = enterprises()
        total = sum(feature["staff"] for feature in layer.getFeatures())
        for kernel in range(4):
            given = {"INPUT": layer, "WEIGHT": "staff", "KERNEL": kernel, "BANDWIDTH": 1900, "TEMPLATE": template()}
            cells, _ = run("pointdensity", **given)
            assert cells.sum() * 0.25 == pytest.approx(total, rel=0.003)

    def test_without_a_template_around_the_points(self, run, tmp_path):
        _, file = run("pointdensity", INPUT=enterprises(), CELL_SIZE=1000)
        assert file.transform.a == 1000 and 40 < file.width < 60
        assert (tmp_path / "out.qml").exists()

    def test_a_few_points_still_show_on_the_map(self, run, template, tmp_path):
        from qgis.core import QgsRasterLayer

        cells, _ = run("pointdensity", INPUT=enterprises(2), BANDWIDTH=1500, TEMPLATE=template())
        layer = QgsRasterLayer(str(tmp_path / "out.tif"), "density")
        assert layer.loadNamedStyle(str(tmp_path / "out.qml"))[1]
        assert layer.renderer().classificationMax() == pytest.approx(cells.max())

    def test_the_raster_is_a_covariate_that_tells_itself(self, run, template, tmp_path):
        from coastal_hm_plugin.core.covariates import describe_rasters

        path = str(tmp_path / "enterprise_density.tif")
        run("pointdensity", INPUT=enterprises(), TEMPLATE=template(), OUTPUT=path)
        covariate = describe_rasters([path]).covariates[0]
        assert (covariate.role, covariate.unit, covariate.interpolated) == ("human activity", "1/km2", False)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"BANDWIDTH": 0}, "bandwidth must be above 0"),
            ({"BANDWIDTH": 50}, "less than a quarter of a cell"),
            ({"INPUT": points(pd.DataFrame({"a": []}), [], [])}, "holds no points"),
            ({"INPUT": points(pd.DataFrame({"a": [1.0]}), [10.0], [50.0])}, "No point lies within 5000 m"),
            ({"WEIGHT": "absent"}, "absent"),
            ({"OUTPUT": "density.img"}, r"ends in \.tif"),
        ],
    )
    def test_refusals_write_nothing(self, run, template, tmp_path, change, message):
        if "OUTPUT" in change:
            change = {"OUTPUT": str(tmp_path / change["OUTPUT"])}
        given = {"INPUT": enterprises(), "TEMPLATE": template(), **change}
        with pytest.raises(QgsProcessingException, match=message):
            run("pointdensity", **given)
        assert not list(tmp_path.iterdir())

    def test_a_template_without_crs(self, run, template):
        with pytest.raises(QgsProcessingException, match="no coordinate reference system"):
            run("pointdensity", INPUT=enterprises(), TEMPLATE=template(None))

    def test_cancelling_leaves_nothing(self, run, template, tmp_path):
        given = {"INPUT": enterprises(), "TEMPLATE": template()}
        moments = Feedback()
        run("pointdensity", moments, **given)
        for path in tmp_path.iterdir():
            path.unlink()
        for moment in range(moments.asked):
            with pytest.raises(QgsProcessingException, match="Cancelled"):
                run("pointdensity", Feedback(cancel_at=moment), **given)
            assert not list(tmp_path.iterdir())


class TestDistance:
    def centre(self, row, column):
        return LEFT + (column + 0.5) * 500, TOP - (row + 0.5) * 500

    def metres(self, row, column, x, y):
        a, b = project(
            np.array([self.centre(row, column)[0], x]), np.array([self.centre(row, column)[1], y]), UTM, 4326
        )
        return Geod(ellps="WGS84").inv(a[0], b[0], a[1], b[1])[2]

    def test_to_points_lines_and_polygons(self, run, template):
        place, x, y = template(), LEFT + 30_100.0, TOP - 20_100.0
        cells, _ = run("distancetofeatures", INPUT=shapes("MultiPoint", [f"MultiPoint(({x} {y}))"]), TEMPLATE=place)
        for row, column in ((0, 0), (50, 70), (99, 119)):
            assert cells[row, column] == pytest.approx(self.metres(row, column, x, y), rel=1e-5)
        line = f"LineStringZ({x} {TOP + 9e3} 3, {x} {TOP - 9e5} 4)"
        cells, _ = run("distancetofeatures", INPUT=shapes("LineStringZ", [line]), TEMPLATE=place)
        assert cells[50, 0] == pytest.approx(self.metres(50, 0, x, self.centre(50, 0)[1]), rel=1e-3)
        ring = f"{x} {y}, {x + 9e3} {y}, {x + 9e3} {y - 9e3}, {x} {y - 9e3}, {x} {y}"
        signed = {"INPUT": shapes("Polygon", [f"Polygon(({ring}))"]), "TEMPLATE": place}
        cells = [run("distancetofeatures", INSIDE=inside, **signed)[0] for inside in (0, 1, 2)]
        within = cells[1] == 0
        assert within.sum() == 18 * 18
        assert (cells[2][within] == -cells[0][within]).all() and (cells[2][~within] == cells[0][~within]).all()
        assert cells[0][within].max() == pytest.approx(4500, rel=0.1)

    def test_degrees_and_metres_agree(self, run, template):
        coast = "LineString(121 37.5, 122.3 37.7, 122.6 38.3)"
        layer = shapes("LineString", [coast], "EPSG:4326")
        on_metres, file = run("distancetofeatures", INPUT=layer, TEMPLATE=template())
        on_degrees, other = run("distancetofeatures", INPUT=layer, TEMPLATE=template("EPSG:4326", 121.7, 38.1, 0.006))
        rows, columns = np.mgrid[20:80:20, 20:100:20]
        x, y = file.transform * (columns.ravel() + 0.5, rows.ravel() + 0.5)
        c, r = ~other.transform * project(x, y, UTM, "EPSG:4326")
        found = on_degrees[r.astype(int), c.astype(int)]
        np.testing.assert_allclose(found, on_metres[20:80:20, 20:100:20].ravel(), atol=600)

    def test_no_polygon_near_the_grid_is_outside(self, run, template):
        far = shapes("Polygon", ["Polygon((0 4e6, 1e4 4e6, 1e4 4.1e6, 0 4.1e6, 0 4e6))"])
        cells, _ = run("distancetofeatures", INPUT=far, INSIDE=2, TEMPLATE=template())
        assert cells.min() > 300_000

    def test_curves_are_followed(self, run, template):
        x, y = LEFT + 30_000.0, TOP - 25_000.0
        circle = f"CircularString({x - 1e4} {y}, {x} {y + 1e4}, {x + 1e4} {y})"
        cells, _ = run("distancetofeatures", INPUT=shapes("CircularString", [circle]), TEMPLATE=template())
        assert cells[49, 60] == pytest.approx(1e4, rel=0.05) and cells[29, 60] < 400

    def test_the_border_of_two_provinces_is_no_coast(self, run, template):
        x, y = LEFT + 30_000.0, TOP - 25_000.0
        halves = [
            f"Polygon(({a} {y - 2e5}, {b} {y - 2e5}, {b} {y + 2e5}, {a} {y + 2e5}, {a} {y - 2e5}))"
            for a, b in ((x - 2e5, x), (x, x + 2e5))
        ]
        cells, _ = run("distancetofeatures", INPUT=shapes("Polygon", halves), TEMPLATE=template())
        assert cells.min() > 150_000

    def test_a_largest_distance(self, run, template):
        far = f"Point({LEFT - 9e5} {TOP})"
        near = f"Point({LEFT + 1e4} {TOP - 1e4})"
        layer = shapes("Point", [far, near])
        feedback = Feedback()
        cells, _ = run("distancetofeatures", feedback, INPUT=layer, TEMPLATE=template(), FARTHEST=20_000)
        assert cells.max() == 20_000
        assert any("to 1 segments" in text for text in feedback.said)
        with pytest.raises(QgsProcessingException, match="has no feature within 20000 m of the grid"):
            run("distancetofeatures", INPUT=shapes("Point", [far]), TEMPLATE=template(), FARTHEST=20_000)

    def test_the_coast_of_the_world_map(self, run, template):
        feedback = Feedback()
        given = {"TEMPLATE": template("EPSG:4326", 117.0, 41.0, 0.05)}
        cells, file = run("distancetofeatures", feedback, **given)
        signed, _ = run("distancetofeatures", INSIDE=2, **given)
        assert any("Natural Earth 1:10 million" in text for text in feedback.said)
        rows = {"strait": (38.0, 120.5), "Shandong": (36.8, 118.3), "Bohai": (39.0, 119.8)}
        values = {}
        for name, (latitude, longitude) in rows.items():
            column, row = ~file.transform * (longitude, latitude)
            values[name] = cells[int(row), int(column)], signed[int(row), int(column)]
        assert values["Bohai"][1] == values["Bohai"][0] > 20_000
        assert values["Shandong"][1] == -values["Shandong"][0] < -50_000
        assert (np.abs(signed) == cells).all()

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"INPUT": shapes("LineString", [])}, "has no feature"),
            ({"INPUT": shapes("LineString", ["LineString(0 0, 1 1)"], "")}, "no coordinate reference system"),
            ({"INPUT": shapes("LineString", ["LineString(4e5 4e6, 5e5 4e6)"]), "INSIDE": 1}, "has no polygons"),
            ({"INPUT": None, "TEMPLATE": None}, "give a template raster or an extent"),
            ({"INPUT": QgsVectorLayer("None?field=a:int", "table", "memory")}, "INPUT|no points, lines"),
        ],
    )  # fmt: skip
    def test_refusals_write_nothing(self, run, template, tmp_path, given, message):
        with pytest.raises(QgsProcessingException, match=message):
            run("distancetofeatures", **{"TEMPLATE": template(), **given})
        assert not list(tmp_path.iterdir())

    def test_cancelling_leaves_nothing(self, run, template, tmp_path):
        given = {"INPUT": shapes("LineString", ["LineString(4e5 4.1e6, 5e5 4.2e6)"]), "TEMPLATE": template()}
        moments = Feedback()
        run("distancetofeatures", moments, **given)
        for path in tmp_path.iterdir():
            path.unlink()
        for moment in range(moments.asked):
            with pytest.raises(QgsProcessingException, match="Cancelled"):
                run("distancetofeatures", Feedback(cancel_at=moment), **given)
            assert not list(tmp_path.iterdir())
