"""A million points on a raster of 10,000 x 10,000 cells: the core against ``rasterio.sample``."""

import numpy as np

from benchmarks import rasters, timing
from coastal_hm_plugin.core.covariates import Covariate, Manifest, sample_covariates

PEER_SHARE = 20  # the peer samples every 20th point: its time per point does not depend on their number


def measure():
    """One entry; the values are compared point by point."""
    import rasterio

    path = str(rasters.raster())
    x, y = rasters.coordinates()
    manifest = Manifest((Covariate("terrain", path),))
    few = list(zip(x[::PEER_SHARE].tolist(), y[::PEER_SHARE].tolist()))
    found = {}

    def ours():
        found["ours"] = sample_covariates(x, y, rasters.CRS, manifest).table["terrain"].to_numpy()

    def peer():
        with rasterio.open(path) as dataset:
            found["peer"] = np.fromiter((value[0] for value in dataset.sample(few)), float, len(few))

    ours()  # imports and the file cache are warm for both
    ours_s, peer_s = timing.interleaved(ours, peer)
    if not np.array_equal(found["ours"][::PEER_SHARE], found["peer"]):
        raise RuntimeError("The two ways give different values.")
    note = f"{len(x):,} points, 10,000 x 10,000 cells; the peer sampled {len(few):,} of them, scaled up; equal values"
    return timing.entry("sampling-core", ours_s, "rasterio.sample", peer_s * len(x) / len(few), note)


if __name__ == "__main__":
    print(measure())
