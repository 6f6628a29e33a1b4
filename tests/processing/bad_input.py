"""Small layers, good and bad, and tools run on them: for the tests of bad input and of cancelling."""

import warnings

import numpy as np
import pandas as pd
import processing
from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject

from tests.processing.memory import points

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
    """A memory layer of points. columns: name -> values; without ``crs`` it has none."""
    return points(pd.DataFrame(columns), x, y, crs, name)


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


def raster(path, west=121.0, south=38.5, crs="EPSG:4326", cells=60, cell=0.03):
    """Write a small GeoTIFF of random numbers over the sites; without ``crs`` it has none."""
    import rasterio

    values = np.random.default_rng(4).uniform(size=(1, cells, cells)).astype("float32")
    place = rasterio.transform.from_origin(west, south + cells * cell, cell, cell)
    profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "width": cells, "height": cells, "transform": place}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path, "w", crs=crs or None, **profile) as dataset:
            dataset.write(values)
    return str(path)
