"""DI and LPD of 200,000 places to 300 training sites, against every distance written out place by place."""

import numpy as np

from benchmarks import timing
from coastal_hm_plugin.core.applicability import area_of_applicability

SITES, PLACES, PREDICTORS = 300, 200_000, 6
PEER_SHARE = 20  # the peer answers every 20th place


def measure():
    """One entry; DI and LPD are compared."""
    rng = np.random.default_rng(1)
    mixing = rng.normal(size=(PREDICTORS, PREDICTORS))  # predictors are correlated, as rasters are
    sites, places = (rng.normal(size=(n, PREDICTORS)) @ mixing for n in (SITES, PLACES))
    weights = rng.uniform(0.1, 1.0, PREDICTORS)
    area = area_of_applicability(sites, weights, np.arange(SITES) % 5)
    scale = weights / sites.std(axis=0, ddof=1)
    few, known = places[::PEER_SHARE] * scale, sites * scale
    found = {}

    def ours():
        found["ours"] = area.assess(places)

    def peer():
        di, lpd = np.empty(len(few)), np.empty(len(few), dtype=int)
        for row, place in enumerate(few):
            distance = np.sqrt(((known - place) ** 2).sum(axis=1)) / area.mean_distance
            di[row], lpd[row] = distance.min(), (distance < area.threshold).sum()
        found["peer"] = di, lpd

    ours_s, peer_s = timing.interleaved(ours, peer)
    di, lpd = found["peer"]
    if not (np.allclose(found["ours"].di[::PEER_SHARE], di) and np.array_equal(found["ours"].lpd[::PEER_SHARE], lpd)):
        raise RuntimeError("The two ways give different values.")
    note = (
        f"{PLACES:,} places, {SITES} sites, {PREDICTORS} correlated predictors, one thread; equal DI and LPD; the peer "
        f"answered {len(few):,} places, its time is scaled up"
    )
    return timing.entry("dissimilarity", ours_s, "numpy, place by place as CAST does", peer_s * PEER_SHARE, note)


if __name__ == "__main__":
    print(measure())
