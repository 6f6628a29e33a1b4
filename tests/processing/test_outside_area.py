"""The part of a map outside the area of applicability as a polygon: whole cells, nothing where nothing is known."""

import numpy as np
import pytest
import rasterio
from qgis.core import QgsVectorLayer
from rasterio.transform import from_origin

from coastal_hm_plugin.processing_provider.outside_area import hatching, outside_polygon

NODATA = -9999.0


def _write(path, inside):
    profile = {"driver": "GTiff", "width": inside.shape[1], "height": inside.shape[0], "count": 3, "dtype": "float32"}
    with rasterio.open(
        path, "w", crs="EPSG:32651", transform=from_origin(500_000, 4_000_000, 100, 100), nodata=NODATA, **profile
    ) as file:
        file.write(np.stack([inside, inside, inside]).astype("float32"))
    return path


@pytest.fixture
def inside():
    cells = np.ones((20, 30))
    cells[2:5, 3:9] = 0  # 18 cells outside
    cells[10, 20] = 0
    cells[15:, :] = NODATA
    return cells


def test_the_polygon_covers_the_cells_outside_and_no_others(qgis_app, tmp_path, inside):
    polygon, crs = outside_polygon(_write(tmp_path / "aoa.tif", inside))
    assert crs.authid() == "EPSG:32651"
    assert polygon.area() == pytest.approx(19 * 100 * 100)
    assert polygon.boundingBox().xMinimum() == 500_300
    assert polygon.isGeosValid()


def test_there_is_no_polygon_where_all_is_inside(qgis_app, tmp_path, inside):
    inside[inside == 0] = 1
    assert outside_polygon(_write(tmp_path / "aoa.tif", inside))[0] is None


def test_the_hatching_is_lines(qgis_app):
    layer = QgsVectorLayer("Polygon?crs=EPSG:32651", "outside", "memory")
    hatching(layer)
    assert layer.renderer().symbol().symbolLayer(0).layerType() == "LinePatternFill"
