"""The planted partitioning between sediment and water: what log10 Kd depends on, metal by metal."""

import numpy as np
import pandas as pd

WATER_ELEMENTS = ("As", "Cd", "Cr", "Cu", "Ni", "Pb", "Zn")
REFERENCE = {"salinity": 30.0, "pH": 8.0, "OM": 12.0}  # PSU, water; water; g/kg, sediment
# log10 Kd (L/kg) at the reference, and its change per PSU, per pH unit, per g/kg
DRIVERS = pd.DataFrame(
    {
        "level": (3.60, 3.30, 4.80, 3.90, 4.20, 4.75, 3.80),
        "salinity": (0.0, -0.025, 0.0, -0.006, 0.0, 0.0, -0.010),
        "pH": (-0.3, 0.9, 0.0, 0.3, 0.0, 0.6, 0.5),
        "OM": (0.0, 0.0, 0.0, 0.015, 0.010, 0.015, 0.0),
    },
    index=pd.Index(WATER_ELEMENTS, name="element"),
)
UNEXPLAINED = 0.10  # standard deviation, log10 units


def log_kd(salinity, ph, organic_matter, rng):
    """log10 Kd (L/kg), sites x WATER_ELEMENTS."""
    observed = np.column_stack([salinity, ph, organic_matter]) - list(REFERENCE.values())
    noise = UNEXPLAINED * rng.standard_normal((len(observed), len(DRIVERS)))
    return DRIVERS["level"].to_numpy() + observed @ DRIVERS[list(REFERENCE)].to_numpy().T + noise


def dissolved(sediment, log10_kd):
    """Concentrations in water (ug/L) in equilibrium with sediment (mg/kg): Cw = 1000 Cs / Kd."""
    return 1000 * sediment / 10**log10_kd
