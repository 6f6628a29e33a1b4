"""Planted models that leave a rotation open."""

import numpy as np
import pandas as pd

from .pmf_cases import METALS, prepared


def ambiguous(samples=60, noise=0.03, seed=8):
    """Two sources present in every sample, each without one metal: PmfData, contributions and profiles.

    No sample is free of a source, so that they can be turned into one another until a profile meets 0.
    """
    rng = np.random.default_rng(seed)
    contributions = 0.4 + rng.lognormal(0, 0.7, (samples, 2))
    contributions /= contributions.mean(axis=0)
    profiles = np.array([[6.0, 0.10, 40.0, 10.0, 0.00, 20.0, 5.0, 20.0], [3.0, 0.15, 0.0, 8.0, 0.04, 6.0, 18.0, 40.0]])
    clean = contributions @ profiles
    table = pd.DataFrame(clean * (1 + noise * rng.standard_normal(clean.shape)), columns=list(METALS))
    return prepared(table, fraction=noise), contributions, profiles
