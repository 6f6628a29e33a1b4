"""Layers in memory, and tables of what an algorithm wrote."""

import numpy as np
import pandas as pd
from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer

from coastal_hm_plugin.processing_provider.compat import is_null, make_field


def points(table, x, y, crs="EPSG:4326", name="points"):
    """A point layer in memory. Texts become text fields, NaN becomes NULL."""
    layer = QgsVectorLayer("Point", name, "memory")
    layer.setCrs(QgsCoordinateReferenceSystem(crs))
    layer.dataProvider().addAttributes(
        [make_field(column, "float" if table[column].dtype.kind in "fi" else "text") for column in table.columns]
    )
    layer.updateFields()
    features = []
    for row, (east, north) in zip(table.itertuples(index=False), zip(x, y)):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([None if isinstance(value, float) and np.isnan(value) else value for value in row])
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(float(east), float(north))))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def frame(layer):
    """The attributes of a layer (or of the file at a path)."""
    layer = layer if isinstance(layer, QgsVectorLayer) else QgsVectorLayer(layer, "output", "ogr")
    names = [field.name() for field in layer.fields()]
    rows = [[None if is_null(value) else value for value in feature.attributes()] for feature in layer.getFeatures()]
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    return pd.DataFrame({name: _series(values) for name, values in columns.items()}, columns=names)


def _series(values):
    """Text stands in a column of objects, where None stays None whatever the version of pandas."""
    return pd.Series(values, dtype=object if any(isinstance(value, str) for value in values) else None)


def along_the_coast(n):
    """Longitudes and latitudes of n places, about a kilometre apart."""
    return 120.0 + 0.01 * np.arange(n), 38.0 + 0.005 * np.arange(n)
