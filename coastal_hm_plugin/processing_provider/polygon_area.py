"""A polygon layer as the area that a tool works in."""

import json

from qgis.core import QgsFeatureRequest, QgsGeometry, QgsProcessingFeatureSource, QgsWkbTypes

from ..core.errors import InputError, name_rows
from .layers import source_of

DIGITS = 15


def read_area(algorithm, parameters, name, context, monitor):
    """The polygons of a layer as GeoJSON dictionaries, and its CRS as WKT; None where no layer is given.

    Invalid ones are made valid, curves become straight pieces; features without a usable polygon are left out and
    named. Raises InputError for a layer without CRS or without a polygon.
    """
    if parameters.get(name) in (None, ""):
        return None
    source = source_of(algorithm, parameters, name, context)
    label = source.sourceName()
    if not source.sourceCrs().isValid():
        raise InputError(f"Polygon layer '{label}' has no coordinate reference system. Set it and run again.")
    unchecked = QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks  # invalid ones are made valid below
    polygons, lost = [], []
    for number, feature in enumerate(source.getFeatures(QgsFeatureRequest(), unchecked)):
        monitor.check()
        parts = _polygons(QgsGeometry(feature.geometry()))
        polygons += parts
        lost += [] if parts else [number]
    if lost:
        monitor.warn(f"Layer '{label}': {len(lost)} features without a usable polygon left out: {name_rows(lost)}.")
    if not polygons:
        raise InputError(f"Layer '{label}' holds no polygon.")
    return polygons, source.sourceCrs().toWkt()


def _polygons(geometry):
    if geometry.isNull() or geometry.isEmpty():
        return []
    geometry.convertToStraightSegment()
    if not geometry.isGeosValid():
        geometry = geometry.makeValid()
    geometry.convertGeometryCollectionToSubclass(QgsWkbTypes.GeometryType.PolygonGeometry)
    if geometry.isEmpty() or geometry.type() != QgsWkbTypes.GeometryType.PolygonGeometry:
        return []
    return [json.loads(geometry.asJson(DIGITS))]
