"""How far PERI depends on where exactly the background lies."""

import numpy as np
import pandas as pd

from .errors import InputError
from .lognormal import interval_sd
from .monitor import SILENT

DRAWS = 2000
CELLS = 4_000_000  # values held at a time


def peri_intervals(result, low, high, seed=1, monitor=SILENT):
    """95 % intervals of PERI from those of the background values: DataFrame (sites) of PERI_low, PERI_high and
    PERI_class_percent, how often the site stays in its class.

    result: :class:`~.indices.PollutionIndices`. low, high: Series, element -> mg/kg, ends of the 95 % interval of each
    background value; an element without them is taken as known. The backgrounds are drawn from lognormal distributions,
    independent of each other, each the same for all sites, with their medians at the values used. What the samples
    themselves are uncertain by is not in it.
    """
    er = result.er[list(result.metals)]
    sd = interval_sd(low.reindex(er.columns), high.reindex(er.columns))
    if not sd.any():
        raise InputError("No background value has an interval: PERI has none from it.")
    factors = np.exp(-np.random.default_rng(seed).standard_normal((DRAWS, len(sd))) * sd)
    values, peri = er.fillna(0.0).to_numpy(), result.site["PERI"].to_numpy(float)
    number = np.searchsorted(np.asarray(result.scheme.limits, float), peri, side="right")
    found = np.full((len(er), 3), np.nan)
    size = max(1, CELLS // DRAWS)
    for start in range(0, len(er), size):
        monitor.progress(start / len(er))
        part = slice(start, start + size)
        drawn = np.einsum("im,dm->id", values[part], factors)
        found[part, :2] = np.percentile(drawn, [2.5, 97.5], axis=1).T
        classes = np.searchsorted(np.asarray(result.scheme.limits, float), drawn, side="right")
        found[part, 2] = 100 * (classes == number[part, None]).mean(axis=1)
    found[np.isnan(peri)] = np.nan
    return pd.DataFrame(found, columns=["PERI_low", "PERI_high", "PERI_class_percent"], index=result.site.index)
