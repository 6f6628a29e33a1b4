"""Which named polygon each point lies in, such as the estuary of a site."""

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingFeatureSource,
    QgsSpatialIndex,
)

from ..core.errors import InputError, name_rows
from .compat import is_null
from .layers import source_of


def groups_of_points(algorithm, parameters, name, field, places, context, monitor):
    """The name of the polygon that holds each place, None outside all; a point on an edge counts as inside.

    name: the parameter of the polygon layer; field: its field of names (several polygons may share one). places:
    Places with coordinates. A point in several polygons of different names takes the first of the layer, and is
    named to the user, as are points in none. Raises InputError for a layer without CRS, names or any point inside.
    """
    source = source_of(algorithm, parameters, name, context)
    label = source.sourceName()
    if not source.sourceCrs().isValid():
        raise InputError(f"Polygon layer '{label}' has no coordinate reference system. Set it and run again.")
    if source.fields().lookupField(field) < 0:
        known = ", ".join(one.name() for one in source.fields())
        raise InputError(f"Polygon layer '{label}' has no field '{field}' for the names. Its fields are: {known}.")
    polygons, names = _named_polygons(source, field, monitor)
    # the points are moved to the polygons, whose edges are straight in their own reference system only
    transform = QgsCoordinateTransform(places.crs, source.sourceCrs(), context.transformContext())
    found, several = _look_up(polygons, names, _points(places, transform), monitor)
    if several:
        monitor.warn(f"{len(several)} points lie in several polygons and take the first: {name_rows(several)}.")
    outside = [row for row, one in enumerate(found) if one is None]
    if len(outside) == len(found):
        raise InputError(f"No point lies inside a polygon of '{label}': check both layers' reference systems.")
    if outside:
        monitor.warn(f"{len(outside)} of {len(found)} points lie outside all polygons: {name_rows(outside)}.")
    return found


def _points(places, transform):
    """A point for each place in the polygons' reference system, None where it has none there."""
    for x, y in zip(places.x.tolist(), places.y.tolist()):
        try:
            yield QgsGeometry.fromPointXY(transform.transform(QgsPointXY(x, y)))
        except QgsCsException:
            yield None


def _named_polygons(source, field, monitor):
    """Geometries and their names; polygons without a name or a shape are counted and left out."""
    unchecked = QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks  # invalid ones are made valid below
    polygons, names, lost = [], [], []
    for number, feature in enumerate(source.getFeatures(QgsFeatureRequest(), unchecked)):
        monitor.check()
        geometry = QgsGeometry(feature.geometry())
        if not geometry.isNull() and not geometry.isGeosValid():
            geometry = geometry.makeValid()
        if is_null(feature[field]) or not str(feature[field]).strip() or geometry.isNull() or geometry.isEmpty():
            lost.append(number)
            continue
        polygons.append(geometry)
        names.append(str(feature[field]).strip())
    if lost:
        monitor.warn(f"{len(lost)} polygons without a name or a usable shape were left out: {name_rows(lost)}.")
    if not polygons:
        raise InputError(f"Polygon layer '{source.sourceName()}' holds no polygon with a name in field '{field}'.")
    return polygons, names


def _look_up(polygons, names, points, monitor):
    """The name for each point, and the rows of points with more than one."""
    index, engines = QgsSpatialIndex(), {}
    for number, polygon in enumerate(polygons):
        feature = QgsFeature(number)
        feature.setGeometry(polygon)
        if not index.addFeature(feature):
            raise InputError(f"Polygon {number + 1} ('{names[number]}') cannot be searched: mend its geometry.")
    found, several = [], []
    for row, point in enumerate(points):
        if row % 1000 == 0:
            monitor.check()
        inside = []
        for number in sorted(index.intersects(point.boundingBox())) if point else ():
            if number not in engines:
                engines[number] = QgsGeometry.createGeometryEngine(polygons[number].constGet())
                engines[number].prepareGeometry()
            if engines[number].intersects(point.constGet()):
                inside.append(names[number])
        found.append(inside[0] if inside else None)
        if len(set(inside)) > 1:
            several.append(row)
    return found, several
