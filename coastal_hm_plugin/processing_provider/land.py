"""Land and coast as ground for the maps: Natural Earth, which QGIS ships as its world map."""

from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)

SOURCE = "Land: Natural Earth (public domain)."
DEGREES = "EPSG:4326"
WIDEST = 40.0  # degrees of land around the data: enough for the inset, little enough for any projection


def world_map():
    """The countries of the world as QGIS ships them; not valid where it does not."""
    path = Path(QgsApplication.pkgDataPath()) / "resources" / "data" / "world_map.gpkg"
    return QgsVectorLayer(f"{path}|layername=countries", "land")


def land_around(extent, crs):
    """Names and polygons (WGS 84) of the land around an extent, clipped. Empty where QGIS ships no world map."""
    layer = world_map()
    if not layer.isValid():
        return [], []
    transform = QgsCoordinateTransform(crs, QgsCoordinateReferenceSystem(DEGREES), QgsProject())
    box = transform.transformBoundingBox(extent)
    grown = QgsRectangle(box)
    grown.grow(min(WIDEST, max(6.0, 2.0 * max(box.width(), box.height()))))
    frame = QgsGeometry.fromRect(grown.intersect(QgsRectangle(-180, -90, 180, 90)))
    name_field = layer.fields().lookupField("NAME")
    names, polygons = [], []
    for feature in layer.getFeatures(QgsFeatureRequest().setFilterRect(grown)):
        clipped = feature.geometry().intersection(frame)
        if clipped.isEmpty():
            continue
        if not clipped.convertToMultiType():
            continue
        names.append(str(feature.attributes()[name_field]) if name_field >= 0 else "")
        polygons.append(clipped)
    return names, polygons
