"""Write the styles that ship with the plugin, for layers that it did not make:  python scripts/styles.py [folder]

coastal_hm_plugin/resources/styles/*.qml, from the same functions that style the outputs of the tools.
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "coastal_hm_plugin" / "resources" / "styles"
sys.path.insert(0, str(ROOT))


def write(folder):
    """Write every style. Needs a running QgsApplication."""
    from coastal_hm_plugin.core.risk_scheme import RISK_SCHEMES
    from coastal_hm_plugin.processing_provider import outside_area, styling

    folder.mkdir(parents=True, exist_ok=True)
    points = {"zones_points": styling.media_zones("zone")}
    rasters = {}
    for name in ("wu2025", "hakanson1980"):
        points[f"peri_points_{name}"] = styling.risk_points("PERI", RISK_SCHEMES[name])
        rasters[f"peri_raster_{name}"] = styling.risk_raster(RISK_SCHEMES[name])
        rasters[f"risk_classes_{name}"] = styling.class_raster(RISK_SCHEMES[name])
    for name, style in points.items():
        _write(_points(), style, folder / f"{name}.qml")
    _write(_polygons(), outside_area.hatching, folder / "outside_area_of_applicability.qml")
    with tempfile.TemporaryDirectory() as place:
        for name, style in rasters.items():
            _write(_raster(Path(place) / "any.tif"), style, folder / f"{name}.qml")


def _write(layer, style, path):
    from qgis.core import QgsMapLayer

    style(layer)
    layer.saveNamedStyle(str(path), QgsMapLayer.StyleCategory.Symbology)


def _points():
    from qgis.core import QgsVectorLayer

    return QgsVectorLayer("Point?crs=EPSG:4326&field=PERI:double&field=zone:string", "points", "memory")


def _polygons():
    from qgis.core import QgsVectorLayer

    return QgsVectorLayer("Polygon?crs=EPSG:4326", "polygons", "memory")


def _raster(path):
    from osgeo import gdal
    from qgis.core import QgsRasterLayer

    raster = gdal.GetDriverByName("GTiff").Create(str(path), 2, 2, 1, gdal.GDT_Float32)
    raster.SetGeoTransform((0, 1, 0, 0, 0, -1))
    raster = None  # closes the file
    return QgsRasterLayer(str(path), "raster")


def main():
    """Start QGIS without a display and write."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_HASH_SEED"] = "0"  # attributes in the same order every time
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    folder = Path(sys.argv[1]) if sys.argv[1:] else FOLDER
    write(folder)
    application.exitQgis()
    print(f"written: {len(list(folder.glob('*.qml')))} styles in {folder}")


if __name__ == "__main__":
    main()
