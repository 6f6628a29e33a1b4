"""EPA PMF 5.0's input files as samples to factorize."""

import numpy as np
import pandas as pd

from ...samples import Samples
from ..uncertainty import uncertainties
from .inputs import read_epa_inputs


def epa_samples(concentration_path, uncertainty_path, medium):
    """The files as Samples without places (coordinates that mean nothing), and a table of uncertainties or None.

    Equation-based uncertainties are computed here. Species keep their names and units. Raises InputError as
    read_epa_inputs does.
    """
    found = read_epa_inputs(concentration_path, uncertainty_path)
    values = found.concentrations.astype(float).reset_index(drop=True)
    species = list(values.columns)
    limits = pd.DataFrame({name: found.detection_limits.get(name, np.nan) for name in species}, index=values.index)
    given = found.uncertainties
    if found.error_fractions:
        fractions = np.array([found.error_fractions[name] for name in species])
        given = pd.DataFrame(uncertainties(values.to_numpy(), limits.fillna(0).to_numpy(), fractions), columns=species)
    elif given is not None:
        given = given.astype(float).reset_index(drop=True)
    table = pd.concat([found.ids.reset_index(drop=True).astype(str), values], axis=1)
    place = np.linspace(0, 1, len(values))
    fields = {name: name for name in species}
    samples = Samples(medium, table, place, place, "EPSG:4326", values, values.isna() & False, limits, fields=fields)
    return samples, given
