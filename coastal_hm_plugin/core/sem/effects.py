"""Direct, indirect and total effects between the variables of the structural model (Bollen 1987)."""

import numpy as np

from .numerics import paths_inverse

KINDS = ("direct", "indirect", "total")


def effects(fit):
    """Every effect along the regressions, and its standardized value.

    A dict of columns source, target, effect, est, std and the derivatives ``slopes`` (rows x q). The total
    effect sums all directed ways from source to target; the indirect one those through other variables.
    """
    structure = fit.structure
    chosen = np.flatnonzero([one.op == "~" for one in structure.relations])
    m = len(structure.names)
    direct = np.zeros((m, m))
    direct[structure.rows[chosen], structure.columns[chosen]] = fit.values[chosen]
    ways = paths_inverse(direct)
    total = ways - np.eye(m)
    reachable = _reachable(structure, chosen, m)
    first, second = np.zeros((structure.size, m, m)), np.zeros((structure.size, m, m))
    for number in chosen[structure.estimated[chosen]]:
        row, column = structure.rows[number], structure.columns[number]
        first[structure.parameter[number], row, column] = 1.0
        second[structure.parameter[number]] = np.outer(ways[:, row], ways[column])
    values = dict(zip(KINDS, (direct, total - direct, total)))
    slopes = dict(zip(KINDS, (first, second - first, second)))
    table = {name: [] for name in ("source", "target", "effect", "est", "std", "slopes")}
    size = fit.spread.size
    for target, source in reachable:
        for kind in KINDS:
            slope = slopes[kind][:, target, source]
            est = values[kind][target, source]
            table["source"].append(structure.names[source])
            table["target"].append(structure.names[target])
            table["effect"].append(kind)
            table["est"].append(est)
            table["std"].append(est * size[source] / size[target])
            table["slopes"].append(slope)
    return table


def _reachable(structure, chosen, m):
    """(target, source) of every pair joined by a directed way."""
    step = np.zeros((m, m), dtype=bool)
    step[structure.rows[chosen], structure.columns[chosen]] = True
    reach = step.copy()
    for _ in range(m):
        reach |= (reach.astype(int) @ step.astype(int)) > 0
    return [(target, source) for source in range(m) for target in range(m) if reach[target, source]]
