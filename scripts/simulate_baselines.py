"""The table of docs/baselines.md: bias and coverage of each baseline method on simulated backgrounds.

.venv/bin/python scripts/simulate_baselines.py
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from coastal_hm_plugin.core.baselines import METHODS, BaselineOptions, geochemical_baselines, recommend

SAMPLES, SETS = 103, 300
SPREADS = (1.3, 1.5, 2.0)  # geometric SD of the background, whose median is 1
POLLUTION = ((0.0, 1), (0.1, 4), (0.25, 4), (0.25, 2.5))  # share of the samples, their factor
NAMES = {"imea": "IMEA", "imed": "IMED", "boxplot": "Box plot", "rcf": "RCF", "advised": "Recommended"}


def simulate(spread, share, factor):
    """SETS columns of SAMPLES concentrations."""
    rng = np.random.default_rng(20)
    values = np.exp(rng.normal(0, np.log(spread), (SAMPLES, SETS)))
    values[: round(share * SAMPLES)] *= factor
    return pd.DataFrame(values, columns=[f"set{i}" for i in range(SETS)])


def row(spread, share, factor, log):
    """Bias of the central value against the background's median (%), and how often its 95 % interval holds it (%)."""
    found = geochemical_baselines(simulate(spread, share, factor), BaselineOptions(log=log, bootstrap=300))
    table = found.table
    advised = table.merge(recommend(found)[["element", "method"]]).assign(method="advised")
    table = pd.concat([table, advised])
    inside = (table["central_low"] <= 1) & (table["central_high"] >= 1)
    groups = table.assign(inside=inside).groupby("method")
    bias, coverage = 100 * (groups["central"].mean() - 1), 100 * groups["inside"].mean()
    cells = [f"{bias[name]:+.1f} ({coverage[name]:.0f})" for name in (*METHODS, "advised")]
    bends = 100 * table.loc[table["method"] == "rcf", "upper_limit"].notna().mean()
    what = f"{100 * share:.0f} %, x {factor:g}" if share else "none"
    return f"| {'logarithms' if log else 'concentrations'} | {spread:g} | {what} | {' | '.join(cells)} | {bends:.0f} |"


if __name__ == "__main__":
    print(f"| trimmed | geometric SD | pollution | {' | '.join(NAMES.values())} | credible bends (%) |")
    print("|" + "---|" * (len(NAMES) + 4))
    for on_logarithms in (False, True):
        for sd in SPREADS:
            for polluted in POLLUTION:
                print(row(sd, *polluted, on_logarithms), flush=True)
