"""Small layers, good and bad, and tools run on them: for the tests of bad input and of cancelling."""

import numpy as np
import processing
from qgis.core import (
    QgsFeature,
    QgsField,
    QgsGeometry,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QVariant

METALS = ("As", "Cd", "Cr", "Cu", "Hg", "Ni", "Pb", "Zn")
LEVELS = np.array([8.0, 0.15, 60.0, 25.0, 0.04, 28.0, 25.0, 75.0])


def metals(count=40, seed=1, scale=1.0):
    """Columns of the eight metals at ``count`` sites."""
    draws = np.random.default_rng(seed).lognormal(0, 0.4, (count, len(METALS)))
    return {metal: (scale * LEVELS * draws)[:, index] for index, metal in enumerate(METALS)}


def sites(count=40, seed=2):
    """Longitude and latitude along the shore near Dalian."""
    draws = np.random.default_rng(seed).uniform(size=(2, count))
    return 121.2 + draws[0], 38.8 + draws[1] * 0.6


def point_layer(columns, x, y, crs="EPSG:4326", name="samples"):
    """A memory layer of points. columns: name -> values; texts make a text field; None and NaN are NULL."""
    layer = QgsVectorLayer("Point" + (f"?crs={crs}" if crs else ""), name, "memory")
    if not crs:
        layer.setCrs(type(layer.crs())())
    texts = {key: any(isinstance(one, str) for one in values) for key, values in columns.items()}
    kinds = {True: QVariant.Type.String, False: QVariant.Type.Double}
    layer.dataProvider().addAttributes([QgsField(key, kinds[text]) for key, text in texts.items()])
    layer.updateFields()
    features = []
    for row in range(len(x)):
        feature = QgsFeature(layer.fields())
        values = [values[row] for values in columns.values()]
        feature.setAttributes([_plain(value) for value in values])
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(float(x[row]), float(y[row]))))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def _plain(value):
    if value is None or (not isinstance(value, str) and np.isnan(value)):
        return None
    return value if isinstance(value, str) else float(value)


class Feedback(QgsProcessingFeedback):
    """Keeps what was said, and is cancelled at the n-th time the tool asks."""

    def __init__(self, cancel_at=None):
        super().__init__(False)
        self.cancel_at = cancel_at
        self.asked = 0
        self.said = []

    def isCanceled(self):
        self.asked += 1
        return self.cancel_at is not None and self.asked > self.cancel_at

    def pushInfo(self, text):
        self.said.append(text)

    def pushWarning(self, text):
        self.said.append(text)


def run(tool, parameters, feedback=None):
    """Run ``coastalhm:<tool>`` as the toolbox does; raises QgsProcessingException with what the user would read."""
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    feedback = feedback or Feedback()
    return processing.run(f"coastalhm:{tool}", parameters, context=context, feedback=feedback)
