"""A million points on a raster of 10,000 x 10,000 cells: the core against ``rasterio.sample``."""

import numpy as np

from benchmarks import _rasters as rasters
from benchmarks import timing
from coastal_hm_plugin.core.covariates import Covariate, Manifest, sample_covariates

PEER_SHARE = 4  # the peer samples every 4th point: half a minute less for each run, and most blocks in its cache


def measure():
    """An entry for an uncompressed and one for a compressed raster; values are compared point by point."""
    return [_measure("sampling-core", "none"), _measure("sampling-core-deflate", "deflate")]


def _measure(name, compress):
    import rasterio

    path = str(rasters.raster(compress))
    x, y = rasters.coordinates()
    manifest = Manifest((Covariate("terrain", path),))
    few = list(zip(x[::PEER_SHARE].tolist(), y[::PEER_SHARE].tolist()))
    found = {}

    def ours():
        found["ours"] = sample_covariates(x, y, rasters.CRS, manifest).table["terrain"].to_numpy()

    def peer():
        with rasterio.open(path) as dataset:
            found["peer"] = np.fromiter((value[0] for value in dataset.sample(few)), float, len(few))

    ours()  # imports, and the file in the system's cache for both
    ours_s, peer_s = timing.interleaved(ours, peer)
    if not np.array_equal(found["ours"][::PEER_SHARE], found["peer"]):
        raise RuntimeError("The two ways give different values.")
    note = (
        f"{len(x):,} points, 10,000 x 10,000 int16 cells in tiles, compression {compress}; equal values; "
        f"the peer sampled {len(few):,} of the points, its time is scaled up"
    )
    return timing.entry(name, ours_s, "rasterio.sample", peer_s * len(x) / len(few), note)


if __name__ == "__main__":
    print(*measure(), sep="\n")
