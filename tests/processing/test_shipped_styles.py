"""The styles that ship as .qml: they load, and show the classes and colours that the tools give their outputs."""

import numpy as np
import pytest
import rasterio
from qgis.core import QgsRasterLayer, QgsVectorLayer
from rasterio.transform import from_origin

from coastal_hm_plugin.core.risk_scheme import RISK_SCHEMES
from coastal_hm_plugin.processing_provider import styling
from tests.conftest import ROOT

STYLES = ROOT / "coastal_hm_plugin" / "resources" / "styles"


def _load(layer, name):
    _, loaded = layer.loadNamedStyle(str(STYLES / f"{name}.qml"))
    assert loaded
    return layer


@pytest.fixture
def raster(tmp_path, qgis_app):
    def make():
        path = tmp_path / "any.tif"
        with rasterio.open(
            path, "w", driver="GTiff", width=2, height=2, count=1, dtype="float32", transform=from_origin(0, 2, 1, 1)
        ) as file:
            file.write(np.ones((1, 2, 2), dtype="float32"))
        return QgsRasterLayer(str(path), "any")

    return make


@pytest.mark.parametrize("scheme", ["wu2025", "hakanson1980"])
def test_points_of_peri(qgis_app, scheme):
    layer = _load(QgsVectorLayer("Point?crs=EPSG:4326&field=PERI:double", "a", "memory"), f"peri_points_{scheme}")
    ranges = layer.renderer().ranges()
    chosen = RISK_SCHEMES[scheme]
    assert [r.lowerValue() for r in ranges[1:]] == list(chosen.limits)
    assert [r.symbol().color().name() for r in ranges] == list(chosen.colours)
    assert [r.label() for r in ranges] == styling.class_labels(chosen.limits, chosen.class_names)


@pytest.mark.parametrize("scheme", ["wu2025", "hakanson1980"])
@pytest.mark.parametrize("kind", ["peri_raster", "risk_classes"])
def test_rasters(raster, kind, scheme):
    loaded, made = _load(raster(), f"{kind}_{scheme}"), raster()
    style = {"peri_raster": styling.risk_raster, "risk_classes": styling.class_raster}[kind]
    style(RISK_SCHEMES[scheme])(made)
    texts = [[(text, colour.name()) for text, colour in x.renderer().legendSymbologyItems()] for x in (loaded, made)]
    assert texts[0] == texts[1] and len(texts[0]) == 4


def test_zones_and_the_hatching(qgis_app):
    zones = _load(QgsVectorLayer("Point?crs=EPSG:4326&field=zone:string", "a", "memory"), "zones_points")
    assert len(zones.renderer().categories()) == 4
    outside = _load(QgsVectorLayer("Polygon?crs=EPSG:4326", "a", "memory"), "outside_area_of_applicability")
    assert outside.renderer().symbol().symbolLayer(0).layerType() == "LinePatternFill"
