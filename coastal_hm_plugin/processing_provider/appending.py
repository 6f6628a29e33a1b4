"""Points whose attributes stay as they are while columns are added: coordinates first, features last.

Reading and writing features one by one in Python is what costs, so the first pass reads coordinates only,
and a whole GeoPackage layer that becomes a GeoPackage is copied by SQLite itself (see geopackage_copy).
"""

from qgis.core import (
    QgsFeatureRequest,
    QgsFeatureSink,
    QgsFields,
    QgsProcessingException,
)

from ..core.errors import InputError
from .columns import beside
from .geopackage_copy import GeoPackagePoints
from .layers import (
    BATCH,
    attribute_rows,
    fields_of,
    is_several,
    is_table,
    point_source,
    read_points,
    refuse_several,
    write_points,
)


def open_points(algorithm, parameters, name, output, adding, context, monitor):
    """The points of a parameter: ``x``, ``y`` (NaN where a feature has no point), ``crs_wkt``, ``write(columns)``.

    ``write`` gives every point to the sink ``output`` with the columns of a table (n rows) added, and returns
    the destination; ``adding`` names these columns. A field of such a name is replaced, with a warning.
    Raises InputError for a layer that is empty, has no CRS or does not hold single points.
    """
    arguments = (algorithm, parameters, name, output, adding, context, monitor)
    source = point_source(algorithm, parameters, name, context)
    if is_table(source):
        return _TablePoints(*arguments)
    return GeoPackagePoints.open(*arguments) or _FeaturePoints(source, *arguments)


class _TablePoints:
    """A table with coordinate columns, such as a CSV."""

    def __init__(self, *arguments):
        self._algorithm, self._parameters, name, self._output, _, self._context, self._monitor = arguments
        self._points = read_points(self._algorithm, self._parameters, name, self._context, self._monitor)
        self.x, self.y, self.crs_wkt = self._points.x, self._points.y, self._points.crs_wkt

    def write(self, columns):
        table = beside(self._points.table, columns, self._monitor)
        arguments = (self._algorithm, self._parameters, self._output, self._context)
        return write_points(*arguments, table, self.x, self.y, self._points.crs, self._monitor)


class _FeaturePoints:
    """Any point layer: features are read again for writing, and go to the sink in batches."""

    def __init__(self, source, *arguments):
        import numpy as np

        self._algorithm, self._parameters, _, self._output, _, self._context, self._monitor = arguments
        self._source = source
        self.crs_wkt = source.sourceCrs().authid() or source.sourceCrs().toWkt()
        rows, several = [], []
        for number, feature in enumerate(source.getFeatures(QgsFeatureRequest().setNoAttributes())):
            if number % BATCH == 0:
                self._monitor.check()
            geometry = feature.geometry()
            if geometry.isNull() or geometry.isEmpty():
                rows.append((feature.id(), np.nan, np.nan))
                continue
            if is_several(geometry):
                several.append(number)
            point = geometry.vertexAt(0)
            rows.append((feature.id(), point.x(), point.y()))
        refuse_several(source.sourceName(), several)
        if not rows:
            raise InputError(f"Layer '{source.sourceName()}' holds no points.")
        ids, self.x, self.y = (np.array(column) for column in zip(*rows))
        self._row_of = dict(zip(ids.tolist(), range(len(ids))))

    def write(self, columns):
        fields, kept = self._fields(columns)
        source = self._source
        sink, destination = self._algorithm.parameterAsSink(
            self._parameters, self._output, self._context, fields, source.wkbType(), source.sourceCrs()
        )
        if sink is None:
            raise QgsProcessingException(self._algorithm.invalidSinkError(self._parameters, self._output))
        self._algorithm.begin_output(destination)
        try:
            self._copy(sink, fields, kept, list(attribute_rows(columns)))
        finally:
            del sink  # closes the file
        return destination

    def _fields(self, columns):
        """The fields of the output, and the indices of the source's fields that it keeps."""
        names = [field.name() for field in self._source.fields()]
        added = {str(name).lower() for name in columns}  # formats compare names without case
        kept = [index for index, name in enumerate(names) if name.lower() not in added]
        if len(kept) < len(names):
            replaced = [name for name in names if name.lower() in added]
            self._monitor.warn(f"Replaced by computed fields of the same name: {', '.join(replaced)}.")
        fields = QgsFields()
        for index in kept:
            fields.append(self._source.fields()[index])
        for field in fields_of(columns):
            fields.append(field)
        return fields, None if len(kept) == len(names) else kept

    def _copy(self, sink, fields, kept, values):
        batch = []
        for number, feature in enumerate(self._source.getFeatures(), start=1):
            attributes = feature.attributes()
            if kept is not None:
                attributes = [attributes[index] for index in kept]
            feature.setFields(fields)
            feature.setAttributes([*attributes, *values[self._row_of[feature.id()]]])
            batch.append(feature)
            if len(batch) == BATCH or number == len(values):
                self._monitor.progress(number / len(values))
                if not sink.addFeatures(batch, QgsFeatureSink.Flag.FastInsert):
                    raise QgsProcessingException(f"Could not write the features: {sink.lastError()}")
                batch = []
