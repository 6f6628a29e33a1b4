"""A polygon layer as the area that a tool works in."""

import json
from dataclasses import dataclass

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingFeatureSource,
    QgsWkbTypes,
)

from ..core.errors import InputError, name_rows
from .layers import source_of

DIGITS = 15


@dataclass(frozen=True)
class PolygonArea:
    """Valid polygons (QgsGeometry) in a CRS."""

    polygons: tuple
    crs: QgsCoordinateReferenceSystem

    def plain(self):
        """As the core takes it: GeoJSON dictionaries, and the CRS as WKT."""
        return [json.loads(polygon.asJson(DIGITS)) for polygon in self.polygons], self.crs.toWkt()

    def holds(self, points, context, monitor):
        """Whether each point of a PointTable lies in a polygon, edges included (bool array)."""
        import numpy as np

        # the points are moved to the polygons, whose edges are straight in their own reference system only
        transform = QgsCoordinateTransform(points.crs, self.crs, context.transformContext())
        whole = QgsGeometry.unaryUnion(list(self.polygons))  # named, for the engine keeps only a pointer
        engine = QgsGeometry.createGeometryEngine(whole.constGet())
        engine.prepareGeometry()
        inside = np.zeros(len(points.x), dtype=bool)
        for row, (x, y) in enumerate(zip(points.x.tolist(), points.y.tolist())):
            if row % 1000 == 0:
                monitor.check()
            try:
                place = QgsGeometry.fromPointXY(transform.transform(QgsPointXY(x, y)))
            except QgsCsException:
                continue
            inside[row] = engine.intersects(place.constGet())
        return inside


def read_area(algorithm, parameters, name, context, monitor):
    """The polygons of a layer as a PolygonArea; None where no layer is given.

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
        polygon = _usable(QgsGeometry(feature.geometry()))
        (lost if polygon is None else polygons).append(number if polygon is None else polygon)
    if lost:
        monitor.warn(f"Layer '{label}': {len(lost)} features without a usable polygon left out: {name_rows(lost)}.")
    if not polygons:
        raise InputError(f"Layer '{label}' holds no polygon.")
    return PolygonArea(tuple(polygons), source.sourceCrs())


def _usable(geometry):
    """A geometry as a valid polygon of straight edges; None where there is none."""
    if geometry.isNull() or geometry.isEmpty():
        return None
    geometry.convertToStraightSegment()
    if not geometry.isGeosValid():
        geometry = geometry.makeValid()
    area = QgsWkbTypes.GeometryType.PolygonGeometry
    collection = QgsWkbTypes.flatType(geometry.wkbType()) == QgsWkbTypes.Type.GeometryCollection
    # of a collection, which repairing may make, the polygons count
    if collection and not geometry.convertGeometryCollectionToSubclass(area):
        return None
    if geometry.isEmpty() or geometry.type() != area:
        return None
    return geometry
