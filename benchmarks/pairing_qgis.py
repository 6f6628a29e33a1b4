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
    soil_layer, site_layer = layer(soils), layer(sites)
    found = {}

    def ours():
        found["ours"] = pair(*in_degrees, RADIUS_M)

    def peer():
        # the core also says what is left over on both sides and how far off it is: so this joins both ways, and far
        found["peer"] = join(soil_layer, site_layer)
        join(site_layer, soil_layer)

    ours()  # imports
    ours_s, peer_s = timing.interleaved(ours, peer)
    # geodesic and planar distance differ by up to 0.04 % here: only pairs right at the radius may differ
    pairs, peer_pairs = len(found["ours"].links), within_radius(found["peer"])
    if abs(pairs - peer_pairs) > 1e-3 * SOILS:
        raise RuntimeError(f"{pairs} pairs against {peer_pairs}.")
    note = (
        f"{SOILS:,} soils, {SITES:,} sites, {RADIUS_M:g} m, and the nearest distance of all unpaired: {pairs:,} pairs "
        f"(geodesic, from degrees) against {peer_pairs:,} (planar, from metres; two joins); all in memory"
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


def within_radius(joined):
    """Number of the joined features whose nearest is within the radius."""
    distance = joined.fields().lookupField("distance")
    return sum(feature[distance] <= RADIUS_M for feature in joined.getFeatures())


def join(layer, other):
    """Every feature of a layer with the nearest of the other."""
    from qgis.core import QgsApplication, QgsProcessingContext, QgsProcessingFeedback

    algorithm = QgsApplication.processingRegistry().createAlgorithmById("native:joinbynearest")
    context = QgsProcessingContext()
    parameters = {"INPUT": layer, "INPUT_2": other, "NEIGHBORS": 1, "OUTPUT": "memory:"}
    results, succeeded = algorithm.run(parameters, context, QgsProcessingFeedback(False))
    if not succeeded:
        raise RuntimeError("native:joinbynearest failed.")
    return context.takeResultLayer(results["OUTPUT"])


if __name__ == "__main__":
    print(measure())
