"""Outputs of a run that failed or was cancelled are taken away: nothing half-written stays behind."""

import os
from contextlib import suppress

from qgis.core import QgsProcessingOutputLayerDefinition, QgsVectorFileWriter


def remove_output(value):
    """Remove the file that an output parameter or a destination names; layers in memory or databases are left."""
    if isinstance(value, QgsProcessingOutputLayerDefinition):
        value = value.sink.staticValue()
    path = value.partition("|")[0] if isinstance(value, str) else ""
    if path.lower().endswith(".shp"):
        QgsVectorFileWriter.deleteShapeFile(path)
    for companion in ("", "-journal", "-wal", "-shm"):
        with suppress(OSError):
            os.remove(path + companion)
