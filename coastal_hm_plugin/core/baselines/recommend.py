"""Which method to take, with the reasons."""

import numpy as np
import pandas as pd

MUCH = 0.15  # share of the samples beyond a credible bend from which the box plot's centre is drawn upward
ORDER = {"imed": ("imed", "imea", "boxplot", "rcf"), "boxplot": ("boxplot", "imea", "imed", "rcf"),
         "imea": ("imea", "imed", "boxplot", "rcf")}  # fmt: skip
WHY = {
    "imed": "on logarithms the iterative median stays nearest to a planted background",
    "boxplot": "with little pollution the box plot's median stays nearest to a planted background",
    "imea": "with much pollution the box plot's median is drawn upward, and the iterative mean stays nearer",
}


def recommend(baselines):
    """The method to take for each element: DataFrame of element, method, central, threshold, share_beyond, reason.

    baselines: :class:`Baselines`. Trimmed on logarithms: IMED. On concentrations: the box plot, unless at least 15 %
    of the samples lie beyond a credible bend of the cumulative curve; then IMEA. Where that method was not run or
    found nothing, the next. The rule is that of least bias on simulated backgrounds (docs/baselines.md). threshold:
    the bend where it is credible, else the method's upper limit; share_beyond: of the samples above a credible bend.
    """
    rows = [_choose(baselines, element) for element in baselines.concentrations.columns]
    return pd.DataFrame(rows, columns=["element", "method", "central", "threshold", "share_beyond", "reason"])


def _choose(baselines, element):
    table = baselines.table[baselines.table["element"] == element].set_index("method")
    bend = table["upper_limit"].get("rcf", np.nan)
    tested = "rcf" in table.index and np.isfinite(table.loc["rcf", "p_value"])
    beyond = float((baselines.concentrations[element].dropna() > bend).mean()) if tested and np.isfinite(bend) else 0.0
    wanted = "imed" if baselines.options.log else "imea" if beyond >= MUCH else "boxplot"
    found = [method for method in ORDER[wanted] if method in table.index and np.isfinite(table.loc[method, "central"])]
    if not found:
        return element, "", np.nan, np.nan, np.nan, "no method found a baseline"
    method = found[0]
    row = table.loc[method]
    threshold = bend if tested and np.isfinite(bend) else row["upper_limit"]
    return element, method, row["central"], threshold, beyond, _reason(wanted, method, tested, bend, beyond)


def _reason(wanted, method, tested, bend, beyond):
    if not tested:
        seen = "No bend was tested"
    elif np.isfinite(bend):
        seen = f"A second population begins at {bend:.3g}, {100 * beyond:.0f} % of the samples lie beyond"
    else:
        seen = "One population explains the cumulative curve"
    why = WHY[wanted] if method == wanted else "it is the next best of those that found a baseline"
    return f"{seen}; {why}."
