"""A solution that EPA PMF 5.0 found, taken up as a result of this project, to map, report, resample or displace it."""

import numpy as np

from ...errors import InputError
from .. import diagnostics
from ..base_model import PmfOptions
from ..result import PmfResult, Runs, modelled
from ..uncertainty import STRONG, WEAK


def result_of_run(data, found, options=None):
    """An EpaRun on the PmfData it was fitted to, as a PmfResult of one run, its factors in the order of the file.

    Raises InputError when the run lacks contributions or profiles, or differs from the data in samples or species.
    """
    options = options or PmfOptions(factors=0 if found.profiles is None else found.profiles.shape[1], starts=1)
    if found.profiles is None or found.contributions is None:
        raise InputError("The EPA PMF 5.0 run lacks its profiles or its contributions: give both files.")
    lacking = [name for name in data.fitted_species if name not in found.profiles.index]
    more = [name for name in found.profiles.index if name not in data.fitted_species]
    if lacking or more:
        raise InputError(
            f"Data and EPA PMF 5.0 run differ in species. Only in the data: {', '.join(lacking) or 'none'}; only in "
            f"the run: {', '.join(more) or 'none'}. Name alike what is the same, and name bad what was bad."
        )
    g = found.contributions.to_numpy()
    kept = ~np.isnan(g).any(axis=1)
    if len(g) == data.given and not np.array_equal(np.flatnonzero(kept), data.row):
        raise InputError("The EPA PMF 5.0 run left out other samples than the data: leave out the same ones.")
    g = g[kept]
    if len(g) != len(data.row):
        raise InputError(f"The EPA PMF 5.0 run has {len(g)} samples, the data {len(data.row)}.")
    f = found.profiles.loc[list(data.fitted_species)].to_numpy().T
    residuals = (data.fitted_x - modelled(g, f)) / data.fitted_u
    true, robust = diagnostics.q_true(residuals), diagnostics.q_robust(residuals)
    runs = Runs(np.array([true]), np.array([robust]), np.zeros(1, int), np.ones(1, bool), np.ones(1, int), 0)
    expected = diagnostics.q_expected(len(g), len(f), data.count(STRONG), data.count(WEAK))
    warning = f"The solution is run {found.run} of EPA PMF 5.0, not one found here."
    return PmfResult(data, options, g, f, runs, expected, (*data.warnings, warning))
