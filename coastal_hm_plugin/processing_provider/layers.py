"""QGIS layers to tables and back."""

from dataclasses import dataclass

from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSink,
    QgsFields,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingException,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QTime

from ..core.errors import InputError, name_rows
from .compat import is_null, make_field

BATCH = 10_000


@dataclass(frozen=True)
class PointTable:
    """A point layer in memory. table: one row a feature; x, y: coordinates in ``crs``; crs_wkt for the core."""

    table: object
    x: object
    y: object
    crs: object

    @property
    def crs_wkt(self):
        """The CRS as text the core understands."""
        return self.crs.authid() or self.crs.toWkt()


def source_of(algorithm, parameters, name, context):
    """The feature source of a parameter. Raises QgsProcessingException when it cannot be opened."""
    source = algorithm.parameterAsSource(parameters, name, context)
    if source is None:
        raise QgsProcessingException(algorithm.invalidSourceError(parameters, name))
    return source


def is_table(source):
    """Whether a source has no geometry, as a CSV opened without coordinates."""
    return source.wkbType() == QgsWkbTypes.Type.NoGeometry


def point_source(algorithm, parameters, name, context):
    """The source of a parameter: points with a CRS, or a table without geometry. Raises InputError otherwise."""
    source = source_of(algorithm, parameters, name, context)
    if is_table(source):
        return source
    label = source.sourceName()
    if QgsWkbTypes.geometryType(source.wkbType()) != QgsWkbTypes.GeometryType.PointGeometry:
        raise InputError(f"Layer '{label}' does not hold points. Give a point layer.")
    if not source.sourceCrs().isValid():
        raise InputError(
            f"Layer '{label}' has no coordinate reference system. Set it in the layer's properties "
            "(WGS 84 is EPSG:4326), then run again."
        )
    return source


def is_several(geometry):
    """Whether a multipoint holds more than one point."""
    return geometry.isMultipart() and geometry.constGet().numGeometries() > 1


def refuse_several(label, rows):
    """Raise InputError when features hold several points each."""
    if rows:
        raise InputError(
            f"Layer '{label}': features {name_rows(rows)} hold several points each. "
            "Run 'Multipart to singleparts' first."
        )


def read_points(algorithm, parameters, name, context, monitor):
    """Read a point layer, or a table with coordinate columns (longitude and latitude in WGS 84).

    Features without geometry are left out and counted. Raises InputError for an empty layer, a layer
    without CRS, and one that does not hold single points.
    """
    import numpy as np

    source = point_source(algorithm, parameters, name, context)
    if is_table(source):
        return _points_of_table(algorithm, name, source, monitor)
    label = source.sourceName()
    rows, x, y, empty, several = [], [], [], [], []
    for number, feature in enumerate(source.getFeatures()):
        if number % BATCH == 0:
            monitor.check()
        geometry = feature.geometry()
        if geometry.isNull() or geometry.isEmpty():
            empty.append(number)
            continue
        if is_several(geometry):
            several.append(number)
            continue
        point = geometry.centroid().asPoint() if geometry.isMultipart() else geometry.asPoint()
        rows.append(feature.attributes())
        x.append(point.x())
        y.append(point.y())
    refuse_several(label, several)
    if empty:
        monitor.warn(f"Layer '{label}': {len(empty)} features without a point were left out: {name_rows(empty)}.")
    if not rows:
        raise InputError(f"Layer '{label}' holds no points.")
    table, x, y = _frame(source.fields(), rows), np.asarray(x, float), np.asarray(y, float)
    algorithm.record_input(name, label, table, x, y)
    return PointTable(table, x, y, source.sourceCrs())


def read_table(algorithm, parameters, name, context, monitor):
    """Read a layer's attributes as a table; a geometry, if any, is ignored. Raises InputError when empty."""
    source = source_of(algorithm, parameters, name, context)
    table = _attributes(source, monitor)
    algorithm.record_input(name, source.sourceName(), table)
    return table


def _attributes(source, monitor):
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
    rows = []
    for number, feature in enumerate(source.getFeatures(request)):
        if number % BATCH == 0:
            monitor.check()
        rows.append(feature.attributes())
    if not rows:
        raise InputError(f"Table '{source.sourceName()}' holds no rows.")
    return _frame(source.fields(), rows)


def _points_of_table(algorithm, name, source, monitor):
    """A CSV opened as a table: its coordinate columns are found by name, as longitude and latitude."""
    from qgis.core import QgsCoordinateReferenceSystem

    from ..core.csv_points import points_of_table

    table, x, y = points_of_table(_attributes(source, monitor), label=source.sourceName(), monitor=monitor)
    algorithm.record_input(name, source.sourceName(), table, x, y)
    return PointTable(table, x, y, QgsCoordinateReferenceSystem("EPSG:4326"))


def _frame(fields, rows):
    import pandas as pd

    columns = {}
    for index, field in enumerate(fields):
        if field.name().lower() == "fid":  # a GeoPackage's row number: the copy gets numbers of its own
            continue
        columns[field.name()] = pd.Series([_plain(row[index]) for row in rows], dtype=_dtype(field))
    return pd.DataFrame(columns)


def _plain(value):
    if is_null(value):
        return None
    if isinstance(value, (QDate, QDateTime, QTime)):
        return value.toString(Qt.DateFormat.ISODate)
    return value


def _dtype(field):
    # whole numbers with NULLs have no numpy type: they become floats
    return "float64" if field.isNumeric() else "object"


def fields_of(table):
    """The fields that hold a table's columns."""
    import pandas as pd

    fields = QgsFields()
    for name in table.columns:
        column = table[name]
        if pd.api.types.is_bool_dtype(column):
            kind = "bool"
        elif pd.api.types.is_integer_dtype(column):
            kind = "int"
        elif pd.api.types.is_numeric_dtype(column):
            kind = "float"
        else:
            kind = "text"
        fields.append(make_field(str(name), kind))
    return fields


def attribute_rows(table):
    """The rows of a table as lists of plain Python values: NaN is None, what is no number is text."""
    import pandas as pd

    columns = []
    for name in table.columns:
        column = table[name]
        if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            values = column.astype(object).where(column.notna(), None).tolist()
        else:
            values = [None if pd.isna(value) else str(value) for value in column.astype(object)]
        columns.append(values)
    return zip(*columns) if columns else ([] for _ in range(len(table)))


def write_points(algorithm, parameters, name, context, table, x, y, crs, monitor):
    """Write a table with a point for each row; returns the destination."""
    geometries = point_geometries(x, y)
    return _write(algorithm, parameters, name, context, table, geometries, QgsWkbTypes.Type.Point, crs, monitor)


def write_lines(algorithm, parameters, name, context, table, starts, ends, crs, monitor):
    """Write a table with a straight line for each row, from ``starts`` to ``ends`` (n x 2 arrays)."""
    geometries = line_geometries(starts, ends)
    return _write(algorithm, parameters, name, context, table, geometries, QgsWkbTypes.Type.LineString, crs, monitor)


def write_polygons(algorithm, parameters, name, context, table, polygons, crs, monitor):
    """Write a table with a polygon (QgsGeometry) for each row; returns the destination."""
    kind = QgsWkbTypes.Type.MultiPolygon
    return _write(algorithm, parameters, name, context, table, iter(polygons), kind, crs, monitor)


def write_table(algorithm, parameters, name, context, table, monitor):
    """Write a table without geometry; returns the destination."""
    from qgis.core import QgsCoordinateReferenceSystem

    none = QgsCoordinateReferenceSystem()
    return _write(algorithm, parameters, name, context, table, None, QgsWkbTypes.Type.NoGeometry, none, monitor)


def write_tables(algorithm, parameters, context, tables, monitor):
    """Write those tables whose optional sinks were asked for: the outputs, name -> destination.

    tables: sink name -> table, or a function that makes it, called only if it is wanted.
    """
    outputs = {}
    for name, table in tables.items():
        if parameters.get(name) not in (None, ""):
            table = table() if callable(table) else table
            outputs[name] = write_table(algorithm, parameters, name, context, table, monitor)
    return outputs


def point_geometries(x, y):
    """A point for each pair of coordinates."""
    return (QgsGeometry.fromPointXY(QgsPointXY(px, py)) for px, py in zip(x.tolist(), y.tolist()))


def line_geometries(starts, ends):
    """A straight line for each pair of points (n x 2 arrays)."""
    return (
        QgsGeometry.fromPolylineXY([QgsPointXY(*start), QgsPointXY(*end)])
        for start, end in zip(starts.tolist(), ends.tolist())
    )


def _write(algorithm, parameters, name, context, table, geometries, kind, crs, monitor):
    fields = fields_of(table)
    sink, destination = algorithm.parameterAsSink(parameters, name, context, fields, kind, crs)
    if sink is None:
        if name in parameters and parameters[name] is None:
            return None  # an optional output that was not asked for
        raise QgsProcessingException(algorithm.invalidSinkError(parameters, name))
    algorithm.begin_output(destination)
    try:
        add_rows(sink, fields, table, geometries, monitor)
    finally:
        del sink  # closes the file
    return destination


def add_rows(sink, fields, table, geometries, monitor):
    """Add the rows of a table to a sink, a batch at a time."""
    batch = []
    for number, attributes in enumerate(attribute_rows(table)):
        feature = QgsFeature(fields)
        feature.setAttributes(list(attributes))
        if geometries is not None:
            feature.setGeometry(next(geometries))
        batch.append(feature)
        if len(batch) == BATCH or number == len(table) - 1:
            monitor.check()
            if not sink.addFeatures(batch, QgsFeatureSink.Flag.FastInsert):
                raise QgsProcessingException(f"Could not write the features: {sink.lastError()}")
            batch = []
