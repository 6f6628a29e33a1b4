"""Many layers and tables into one GeoPackage."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsProcessingException,
    QgsVectorFileWriter,
    QgsWkbTypes,
)

from .layers import add_rows, fields_of, line_geometries, point_geometries


class GeoPackage:
    """A GeoPackage to which layers are added one by one."""

    def __init__(self, path, monitor):
        self.path = Path(path)
        self._monitor = monitor

    def add_points(self, name, table, x, y, crs):
        """A point layer. Returns its source, ``path|layername=name``."""
        return self._add(name, table, point_geometries(x, y), QgsWkbTypes.Type.Point, crs)

    def add_lines(self, name, table, starts, ends, crs):
        """A line layer, a straight line for each row."""
        return self._add(name, table, line_geometries(starts, ends), QgsWkbTypes.Type.LineString, crs)

    def add_table(self, name, table):
        """A table without geometry."""
        return self._add(name, table, None, QgsWkbTypes.Type.NoGeometry, QgsCoordinateReferenceSystem())

    def add_polygons(self, name, table, geometries, crs):
        """A polygon layer."""
        return self._add(name, table, iter(geometries), QgsWkbTypes.Type.MultiPolygon, crs)

    def _add(self, name, table, geometries, kind, crs):
        options = QgsVectorFileWriter.SaveVectorOptions()
        options.driverName = "GPKG"
        options.layerName = name
        options.fileEncoding = "UTF-8"
        action = QgsVectorFileWriter.ActionOnExistingFile
        options.actionOnExistingFile = (
            action.CreateOrOverwriteLayer if self.path.exists() else action.CreateOrOverwriteFile
        )
        fields = fields_of(table)
        writer = QgsVectorFileWriter.create(str(self.path), fields, kind, crs, QgsCoordinateTransformContext(), options)
        if writer.hasError() != QgsVectorFileWriter.WriterError.NoError:
            raise QgsProcessingException(f"Could not write {self.path}: {writer.errorMessage()}")
        add_rows(writer, fields, table, geometries, self._monitor)
        del writer  # closes the file
        return f"{self.path}|layername={name}"


def copy_settled(path, target):
    """Copy a GeoPackage that may still be open, with all that SQLite keeps beside it in its write-ahead log."""
    temporary = Path(f"{target}.part")
    temporary.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.execute("VACUUM INTO ?", (str(temporary),))
    os.replace(temporary, target)
