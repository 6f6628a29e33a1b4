"""Points, lines and polygons of a layer, or the coast of QGIS's world map, as what distances are measured to."""

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingFeatureSource,
    QgsRectangle,
    QgsWkbTypes,
)

from ..core.errors import InputError, name_rows
from .land import world_map
from .layers import source_of

DEGREES = "EPSG:4326"
METRES_OF_A_DEGREE = 110_574.0  # of latitude at the equator, the shortest
COAST_WARNING = (
    "The coast is that of QGIS's world map (Natural Earth 1:10 million, simplified): it lies up to some kilometres "
    "off, small islands are missing, and the Caspian Sea has a coast. A coastline of your region is better."
)


def vector_source(algorithm, parameters, name, context):
    """The source of a vector parameter, None if it is empty. Raises InputError for a layer without CRS or shapes."""
    if parameters.get(name) in (None, ""):
        return None
    source = source_of(algorithm, parameters, name, context)
    if source.wkbType() == QgsWkbTypes.Type.NoGeometry:
        raise InputError(f"Layer '{source.sourceName()}' has no points, lines or polygons.")
    if not source.sourceCrs().isValid():
        raise InputError(f"Layer '{source.sourceName()}' has no coordinate reference system. Set it and run again.")
    return source


def features_of(source, grid, farthest_m, with_inside, context, monitor):
    """The Features of a layer: all of them, or with ``farthest_m`` those that near a :class:`Grid`.

    with_inside: also the polygons around the grid, to tell inside from outside. Raises InputError if there is none.
    """
    from ..core.covariates.features import Features

    label, request = source.sourceName(), QgsFeatureRequest()
    degrees, transforms = QgsCoordinateReferenceSystem(DEGREES), context.transformContext()
    transform = QgsCoordinateTransform(degrees, source.sourceCrs(), transforms)
    reach = _around(grid, farthest_m, transform) if farthest_m else None
    if reach is not None:
        request.setFilterRect(reach)
    unchecked = QgsProcessingFeatureSource.Flag.FlagSkipGeometryValidityChecks  # edges serve even if they cross
    parts, edges, clipped, empty = [], [], [], []
    frame = _around(grid, 0.0, transform)
    for number, feature in enumerate(source.getFeatures(request, unchecked)):
        monitor.check()
        geometry = _straight(feature.geometry())
        if geometry.isNull() or geometry.isEmpty():
            empty.append(number)
        elif geometry.type() == QgsWkbTypes.GeometryType.PolygonGeometry:
            edges += _polygons(geometry)
            if with_inside:
                clipped += _polygons(_clipped(geometry, frame))
        else:
            parts += _lines(geometry)
    if empty:
        monitor.warn(f"Layer '{label}': {len(empty)} features without a shape were left out: {name_rows(empty)}.")
    if not parts and not edges:
        near = f" within {farthest_m:g} m of the grid" if reach is not None else ""
        raise InputError(f"Layer '{label}' has no feature{near}.")
    if with_inside and not edges:
        raise InputError(f"Layer '{label}' has no polygons, so there is no inside. Choose the distance to the edge.")
    crs = source.sourceCrs().authid() or source.sourceCrs().toWkt()
    return Features.of_parts(parts, crs, clipped if with_inside else None, edges)


def coast(grid, with_inside, monitor):
    """The coast of QGIS's world map as Features, with a warning about its scale."""
    import numpy as np

    from ..core.covariates.features import Features

    layer = world_map()
    if not layer.isValid():
        raise InputError("This QGIS ships no world map. Give a layer of the coast.")
    monitor.warn(COAST_WARNING)
    frame = _around(grid, 0.0, QgsCoordinateTransform())
    edges, clipped = [], []
    for feature in layer.getFeatures():
        monitor.check()
        edges += _polygons(feature.geometry())
        if with_inside:
            clipped += _polygons(_clipped(feature.geometry(), frame))
    found = Features.of_parts((), DEGREES, clipped if with_inside else None, edges)
    first, last = np.abs(found.segments[:, :2]), np.abs(found.segments[:, 2:])
    # where the map is cut off there is no coast
    cut_off = (np.minimum(first, last) > (179.89, 89.89)).any(axis=1)
    return Features(found.segments[~cut_off], DEGREES, found.polygons)


def _around(grid, metres, from_degrees):
    """The box of a grid and so many metres around, by a transform from degrees; None where a box cannot hold it."""
    import numpy as np

    from ..core.geodesy import project

    rows, columns = (axis.ravel() for axis in np.mgrid[0:1:21j, 0:1:21j])
    x, y = grid.transform * (columns * grid.width, rows * grid.height)
    longitude, latitude = project(x, y, grid.crs.to_wkt(), DEGREES)
    if not (np.isfinite(longitude).all() and np.isfinite(latitude).all()):
        return None
    box = np.array([longitude.min(), latitude.min(), longitude.max(), latitude.max()])
    up = metres / METRES_OF_A_DEGREE + 0.05 * max(box[2] - box[0], box[3] - box[1])
    highest = max(abs(box[1]), abs(box[3])) + up
    if highest > 89:
        return None
    aside = up / np.cos(np.radians(highest))
    if box[0] - aside < -180 or box[2] + aside > 180 or box[2] - box[0] > 180:
        return None
    try:
        return from_degrees.transformBoundingBox(QgsRectangle(box[0] - aside, box[1] - up, box[2] + aside, box[3] + up))
    except QgsCsException:
        return None


def _straight(geometry):
    """The geometry with its curves as short straight lines."""
    if geometry.isNull() or not geometry.constGet().hasCurvedSegments():
        return geometry
    return QgsGeometry(geometry.constGet().segmentize())


def _clipped(geometry, frame):
    """A polygon, mended if need be, cut to a box."""
    if not geometry.isGeosValid():
        geometry = geometry.makeValid()
    return geometry if frame is None else geometry.intersection(QgsGeometry.fromRect(frame))


def _polygons(geometry):
    """Polygons as tuples of rings (k x 2 arrays), the outer one first; what is no polygon is passed over."""
    pieces = [] if geometry.isNull() else [QgsGeometry(one.clone()) for one in geometry.constParts()]
    is_polygon = QgsWkbTypes.GeometryType.PolygonGeometry
    polygons = [one.asPolygon() for one in pieces if one.type() == is_polygon and not one.isEmpty()]
    return [tuple(map(_array, rings)) for rings in polygons]


def _lines(geometry):
    """Points and lines as k x 2 arrays of vertices."""
    pieces = [QgsGeometry(one.clone()) for one in geometry.constParts()]
    is_line = QgsWkbTypes.GeometryType.LineGeometry
    return [_array(one.asPolyline() if one.type() == is_line else [one.asPoint()]) for one in pieces]


def _array(points):
    import numpy as np

    return np.array([(point.x(), point.y()) for point in points], dtype=float)
