"""100,000 soils paired with 10,000 sites: the core against ``native:joinbynearest`` run in process."""

import os

import numpy as np

from benchmarks import timing
from coastal_hm_plugin.core.geodesy import project
from coastal_hm_plugin.core.pairing import Locations, pair

SOILS, SITES = 100_000, 10_000
RADIUS_M = 500.0
CRS = "EPSG:32651"  # the peer measures in the plane of its layers: it gets them in metres, ready made


def measure():
    """One entry. The peer joins on layers already in memory; only its join is timed."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from qgis.analysis import QgsNativeAlgorithms
    from qgis.core import QgsApplication

    application = QgsApplication.instance() or QgsApplication([], False)
    application.initQgis()
    if application.processingRegistry().providerById("native") is None:
        application.processingRegistry().addProvider(QgsNativeAlgorithms(application.processingRegistry()))
    sites, soils = places()
    in_degrees = [Locations(*project(*side, CRS, "EPSG:4326"), "EPSG:4326") for side in (soils, sites)]
    layers = {"INPUT": layer(soils), "INPUT_2": layer(sites)}
    found = {}

    def ours():
        found["ours"] = pair(*in_degrees, RADIUS_M)

    def peer():
        found["peer"] = join_by_nearest(layers)

    ours()  # imports
    ours_s, peer_s = timing.interleaved(ours, peer)
    # geodesic and planar distance differ by up to 0.04 % here: only pairs right at the radius may differ
    if abs(len(found["ours"].links) - found["peer"]) > 1e-3 * SOILS:
        raise RuntimeError(f"{len(found['ours'].links)} pairs against {found['peer']}.")
    note = (
        f"{SOILS:,} soils, {SITES:,} sites, {RADIUS_M:g} m: {len(found['ours'].links):,} pairs "
        f"(geodesic, from degrees) against {found['peer']:,} (planar, from metres); all in memory"
    )
    return timing.entry("pairing-qgis", ours_s, "native:joinbynearest", peer_s, note)


def places():
    """x and y of the sites, and of the soils scattered around them."""
    rng = np.random.default_rng(1)
    sites = rng.uniform((300_000, 4_300_000), (700_000, 4_600_000), (SITES, 2))
    soils = sites[rng.integers(0, SITES, SOILS)] + rng.normal(0, 350, (SOILS, 2))
    return sites.T, soils.T


def layer(coordinates):
    """The points as a layer in memory."""
    from qgis.core import QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer

    result = QgsVectorLayer(f"Point?crs={CRS}&field=number:integer", "points", "memory")
    features = []
    for number, (x, y) in enumerate(zip(*(column.tolist() for column in coordinates))):
        feature = QgsFeature(result.fields())
        feature.setAttributes([number])
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(x, y)))
        features.append(feature)
    result.dataProvider().addFeatures(features)
    return result


def join_by_nearest(layers):
    """Number of pairs that QGIS's own tool finds."""
    from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingFeedback

    algorithm = QgsApplication.processingRegistry().createAlgorithmById("native:joinbynearest")
    parameters = {**layers, "NEIGHBORS": 1, "MAX_DISTANCE": RADIUS_M, "DISCARD_NONMATCHING": True, "OUTPUT": "memory:"}
    parameters["NON_MATCHING"] = "memory:"  # the points left over, which the core gives too
    context = QgsProcessingContext()
    results, succeeded = algorithm.run(parameters, context, QgsProcessingFeedback(False))
    if not succeeded:
        raise RuntimeError("native:joinbynearest failed.")
    return context.getMapLayer(results["OUTPUT"]).featureCount()


if __name__ == "__main__":
    print(measure())
