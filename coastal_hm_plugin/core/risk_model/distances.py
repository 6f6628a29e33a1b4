"""How far held-out sites are from training sites, beside how far the map is from the sites (Mila et al. 2022)."""

import numpy as np
import pandas as pd

from .matched_folds import held_out_distances, nearest_distances

SITES, MAP = "site to nearest site", "map cell to nearest site"
SHARES = np.linspace(0, 1, 101)


def distance_table(places, schemes, on_map=None):
    """Distributions of nearest-neighbour distances: a frame of kind, share (0 to 1), distance_m (its quantile).

    places: n x 2, metres. Kinds: from each site to the nearest other one; from each held-out site to the nearest
    training site, for every scheme of folds (all repeats); and, with on_map (m x 2), from the map's cells to the
    nearest site. A scheme's score is one for the map where its curve lies on the map's (Mila et al. 2022,
    doi:10.1111/2041-210X.13851; Linnenbrink et al. 2024, doi:10.5194/gmd-17-5897-2024).
    """
    kinds = {SITES: held_out_distances(places, np.arange(len(places)))}
    for scheme in schemes:
        kinds[scheme.scheme] = np.concatenate([held_out_distances(places, fold_of) for fold_of in scheme.fold_of])
    if on_map is not None:
        kinds[MAP] = nearest_distances(*places.T, *on_map.T)
    frames = [
        pd.DataFrame({"kind": kind, "share": SHARES, "distance_m": np.quantile(distance, SHARES)})
        for kind, distance in kinds.items()
    ]
    return pd.concat(frames, ignore_index=True)
