"""Planted models with any number of distinct sources, of one medium or of two."""

import numpy as np
import pandas as pd

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.samples import Samples

from .pmf_cases import METALS as SPECIES
from .pmf_cases import PLANTED


def profiles(factors, rng, species=8):
    """factors x species: levels over three decades, no two profiles of a cosine above 0.6, none a splinter."""
    while True:
        share = rng.dirichlet(np.full(factors, 0.4), species).T
        unit = share / np.linalg.norm(share, axis=1, keepdims=True)
        if (unit @ unit.T - np.eye(factors)).max() < 0.6 and share.sum(axis=1).min() > 0.6:
            return share * np.exp(rng.normal(2, 1.5, species))


def contributions(samples, factors, rng):
    """samples x factors, mean 1, each source absent from 15 % of the samples."""
    g = rng.lognormal(0, 0.8, (samples, factors)) * (rng.random((samples, factors)) > 0.15)
    return g / g.mean(axis=0)


def measured(g, f, rng, noise=0.1):
    """A table of G F with relative noise, and a little of everything everywhere."""
    clean = g @ f
    x = np.maximum(clean * (1 + noise * rng.standard_normal(clean.shape)), 0) + 1e-3 * f.sum(axis=0)
    return pd.DataFrame(x, columns=list(SPECIES[: f.shape[1]]))


def distinct(factors, samples=103, noise=0.1, error_fraction=0.1, seed=0):
    """PmfData of a planted model, every species strong."""
    rng = np.random.default_rng([factors, seed])
    f = profiles(factors, rng)
    table = measured(contributions(samples, factors, rng), f, rng, noise)
    rules = pmf.UncertaintyRules(error_fraction=error_fraction, strong=tuple(table.columns))
    return pmf.prepare(table, dict(0.01 * table.mean()), rules=rules)


def of_medium(medium, table):
    """Samples of a medium along a line, with detection limits of 1 % of the mean."""
    places, limits = np.arange(float(len(table))), pd.DataFrame(0 * table + 0.01 * table.mean())
    return Samples(medium, table, places, places, "EPSG:4326", table, table.isna(), limits)


def two_media(tilt=0.0, seed=0, sizes=(100, 60), strength=(0.5, 2.0, 1.0)):
    """Soil and sediment of the same three sources, each alone in some metal: Samples of both, the profiles, and each
    medium's mean contributions.

    strength: of the sources in sediment, relative to soil. tilt: spread of the logarithms by which sediment's profiles
    differ from soil's.
    """
    rng = np.random.default_rng([77, seed])
    f = PLANTED
    g = contributions(sum(sizes), len(f), rng)
    g[sizes[0] :] *= strength
    means = g[: sizes[0]].mean(axis=0), g[sizes[0] :].mean(axis=0)
    other = f * np.exp(tilt * rng.standard_normal(f.shape))
    tables = measured(g[: sizes[0]], f, rng, 0.05), measured(g[sizes[0] :], other, rng, 0.05)
    return [of_medium(*pair) for pair in zip(("soil", "sediment"), tables)], f, means
