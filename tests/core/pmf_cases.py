"""Planted factor models that the PMF tests share."""

import numpy as np
import pandas as pd

from coastal_hm_plugin.core import pmf

METALS = ("As", "Cd", "Cr", "Cu", "Hg", "Ni", "Pb", "Zn")
# three sources, each alone in some metal, so that the factorization is unique
PLANTED = np.array(
    [
        [6.0, 0.00, 40.0, 10.0, 0.000, 20.0, 5.0, 20.0],
        [0.0, 0.15, 0.0, 8.0, 0.000, 0.0, 18.0, 40.0],
        [2.0, 0.02, 5.0, 0.0, 0.040, 2.0, 0.0, 6.0],
    ]
)


def planted(samples=80, noise=0.05, seed=3):
    """Concentrations (table), contributions (samples x 3, mean 1) and profiles of a planted model."""
    rng = np.random.default_rng(seed)
    contributions = rng.lognormal(0, 0.9, (samples, 3)) * (rng.random((samples, 3)) > 0.15)
    contributions /= contributions.mean(axis=0)
    clean = contributions @ PLANTED
    x = np.maximum(clean * (1 + noise * rng.standard_normal(clean.shape)), 0) + 1e-3 * PLANTED.sum(axis=0)
    return pd.DataFrame(x, columns=list(METALS)), contributions, PLANTED


def prepared(table, fraction=0.05, **rules):
    """The table ready for the model: error fraction, and detection limits of 1 % of the mean."""
    rules = pmf.UncertaintyRules(error_fraction=fraction, strong=tuple(table.columns), **rules)
    return pmf.prepare(table, dict(0.01 * table.mean()), rules=rules)
