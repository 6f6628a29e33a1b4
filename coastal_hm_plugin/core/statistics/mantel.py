"""Mantel tests: whether sites that differ in one set of variables also differ in another."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..errors import InputError
from ..monitor import SILENT
from .adjust import benjamini_hochberg

METHODS = ("pearson", "spearman")
DISTANCES = ("standardized", "euclidean", "braycurtis")
LEAST = 6  # sites: fewer have too few permutations
FEW = 10
EQUAL = float(np.sqrt(np.finfo(float).eps))  # a permutation that comes so near the statistic equals it


@dataclass(frozen=True)
class MantelOptions:
    """method: correlation of the distances, "pearson" or "spearman". distance: of the first sets, "standardized"
    (Euclidean of variables with SD 1), "euclidean" or "braycurtis"; the second sets' is always "standardized".
    permutations: random orders of the sites. seed: of those."""

    method: str = "pearson"
    distance: str = "standardized"
    permutations: int = 999
    seed: int = 1

    def __post_init__(self):
        if self.method not in METHODS:
            raise InputError(f"'{self.method}' is no correlation of distances: choose one of {', '.join(METHODS)}.")
        if self.distance not in DISTANCES:
            raise InputError(f"'{self.distance}' is no distance: choose one of {', '.join(DISTANCES)}.")
        if self.permutations < 19:
            raise InputError(f"{self.permutations} permutations cannot give a p of 0.05: take 999 or more.")


@dataclass(frozen=True, eq=False)
class Control:
    """What a partial Mantel test holds constant. table: DataFrame (n, c); distance: one of ``DISTANCES``; label: its
    name in a report, such as "distance between the sites"."""

    table: pd.DataFrame
    distance: str = "standardized"
    label: str = "control"


@dataclass(frozen=True, eq=False)
class MantelTests:
    """table: a row per pair of sets: set_1, set_2, n, r, p (one-sided: r that large), p_adjusted (Benjamini-Hochberg),
    method, distance, control ("" for none), permutations."""

    table: pd.DataFrame
    options: MantelOptions
    control: str = ""
    warnings: tuple = ()


def distance_matrix(table, distance="standardized", name="the set"):
    """Distances (n, n) between the rows of a table without gaps.

    Raises InputError where the measure does not fit: no column that varies, or negative values for Bray-Curtis.
    """
    from scipy.spatial.distance import pdist, squareform

    values = np.asarray(table, dtype=float)
    varying = np.ptp(values, axis=0) > 0
    if not varying.any():
        raise InputError(f"All sites have the same values of {name}: there are no distances.")
    if distance == "braycurtis":
        if (values < 0).any() or (values.sum(axis=1) <= 0).any():
            raise InputError(
                f"Bray-Curtis distances of {name} need values of 0 or more, and one above 0 at every site."
            )
        return squareform(pdist(values, "braycurtis"))
    values = values[:, varying]
    if distance == "standardized":
        values = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
    return squareform(pdist(values))


def mantel_tests(first: Mapping, second: Mapping, control=None, options=None, monitor=SILENT):
    """Mantel's test of each set of ``first`` with each of ``second``; with a control, the partial test.

    first, second: name -> DataFrame (n, any number of variables), the same n rows in all, NaN where missing: a test
    takes the rows complete in both sets (and the control). r: correlation of the two sets' distances; partial: with
    the control's distances held constant. p: share of permutations of the first set's sites with r at least as large,
    itself counted. Returns MantelTests. Raises InputError if no test can be made.
    Sources: Mantel 1967, Cancer Research 27, 209-220; Smouse et al. 1986, Systematic Zoology 35, 627-632; Legendre and
    Legendre 2012, Numerical Ecology, 10.5.
    """
    options, rows, warnings = options or MantelOptions(), [], []
    for number, (name, table) in enumerate(first.items()):
        part = monitor.part(number / len(first), (number + 1) / len(first))
        rows += _of_one(name, table, second, control, options, warnings, part)
    for warning in warnings:
        monitor.warn(warning)
    if not rows:
        raise InputError(f"No Mantel test can be made. {' '.join(warnings)}")
    order = {pair: number for number, pair in enumerate((a, b) for a in first for b in second)}
    found = pd.DataFrame(sorted(rows, key=lambda row: order[row["set_1"], row["set_2"]]))
    found.insert(5, "p_adjusted", benjamini_hochberg(found["p"]))
    label = control.label if control else ""
    more = {"method": options.method, "distance": options.distance, "control": label}
    return MantelTests(found.assign(**more, permutations=options.permutations), options, label, tuple(warnings))


def _of_one(name, table, second, control, options, warnings, monitor):
    """One set against all others; those with the same complete rows share their permutations."""
    held = [] if control is None else [control.table]
    masks = {}
    for other, columns in second.items():
        complete = np.all([one.notna().all(axis=1).to_numpy() for one in (table, columns, *held)], axis=0)
        masks.setdefault(complete.tobytes(), (complete, []))[1].append(other)
    rows = []
    for number, (complete, others) in enumerate(masks.values()):
        n, named = int(complete.sum()), f"{name} with {', '.join(others)}"
        if n < LEAST:
            warnings.append(f"{named}: {n} complete sites; {LEAST} are needed.")
            continue
        if n < FEW:
            warnings.append(f"{named}: only {n} complete sites, p is rough.")
        part = monitor.part(number / len(masks), (number + 1) / len(masks))
        own = control and replace(control, table=control.table[complete])
        try:
            moved = _Permuted(distance_matrix(table[complete], options.distance, name), options)
            tested, against = _against({other: second[other][complete] for other in others}, options, warnings)
            rows += [{"set_1": name, **row} for row in _tests(moved, tested, against, own, part)]
        except InputError as error:
            warnings.append(f"{named}: no test. {error}")
    return rows


def _against(sets, options, warnings):
    """Names and standardized distances of the second sets that vary."""
    tested, against = [], []
    for name, table in sets.items():
        try:
            against.append(_standard(distance_matrix(table, "standardized", name), options.method))
            tested.append(name)
        except InputError as error:
            warnings.append(f"{name}: no test. {error}")
    return tested, against


def _tests(moved, tested, against, control, monitor):
    """Rows of the tests of one set with others on the same sites."""
    if not tested:
        return []
    if control is not None:
        held = distance_matrix(control.table, control.distance, control.label)
        against = [*against, _standard(held, moved.options.method)]
    against, n, permutations = np.stack(against), len(moved.matrix), moved.options.permutations
    partial = _partial(against) if control is not None else lambda r: r
    observed = partial(moved.correlations(np.arange(n), against))
    rng, reached = np.random.default_rng(moved.options.seed), np.ones(len(tested))
    for run in range(permutations):
        if run % 50 == 0:
            monitor.progress(run / permutations)
        reached += partial(moved.correlations(rng.permutation(n), against)) >= observed - EQUAL
    p = reached / (permutations + 1)
    return [{"set_2": other, "n": n, "r": float(observed[k]), "p": float(p[k])} for k, other in enumerate(tested)]


class _Permuted:
    """The first set's distances, as their sites are put in another order."""

    def __init__(self, matrix, options):
        self.options = options
        self.below = np.tril_indices(len(matrix), -1)
        self.matrix = np.zeros_like(matrix)
        self.matrix[self.below] = _standard(matrix, options.method)
        self.matrix += self.matrix.T

    def correlations(self, order, against):
        # einsum's own loop: the sum does not depend on the number of threads
        moved = self.matrix[np.ix_(order, order)][self.below]
        return np.einsum("ij,j->i", against, moved)


def _standard(matrix, method):
    """The distances below the diagonal, or their ranks, with mean 0 and length 1: products sum to a correlation."""
    from scipy.stats import rankdata

    distances = matrix[np.tril_indices(len(matrix), -1)]
    values = rankdata(distances) if method == "spearman" else distances
    centred = values - values.mean()
    length = np.sqrt((centred**2).sum())
    if length == 0:
        raise InputError("All distances of a set are equal.")
    return centred / length


def _partial(against):
    """The partial correlation with the last row of ``against`` held constant, for those before it."""
    with_control = np.einsum("ij,j->i", against[:-1], against[-1])
    if (np.abs(with_control) > 1 - EQUAL).any():
        raise InputError("The control's distances are those of a tested set: nothing is left to test.")

    def partial(r):
        own = r[-1]
        rest = np.sqrt(max(1 - own**2, 0.0)) * np.sqrt(1 - with_control**2)
        return (r[:-1] - own * with_control) / np.where(rest > 0, rest, np.nan)

    return partial


def named_sets(table, text=""):
    """Sets of a table's columns from the text "metals = Cd, Pb; nutrients = OM": name -> DataFrame.

    Without a text: all together (where there are two or more), then each column by itself. Raises InputError for a
    text that cannot be read, an unknown column or a name given twice.
    """
    if not text.strip():
        single = {str(name): table[[name]] for name in table.columns}
        return {f"All {len(single)}": table, **single} if len(single) > 1 else single
    sets = {}
    for part in filter(str.strip, text.replace("\n", ";").split(";")):
        name, equals, listed = part.partition("=")
        name, columns = name.strip(), [column.strip() for column in listed.split(",") if column.strip()]
        if not equals or not name or not columns:
            raise InputError(f"'{part.strip()}' is no set of variables: write it as 'metals = Cd, Pb'.")
        unknown = [column for column in columns if column not in table.columns]
        if unknown:
            known = ", ".join(map(str, table.columns))
            raise InputError(f"Set '{name}' names '{unknown[0]}', which is none of the variables: {known}.")
        if name in sets:
            raise InputError(f"Two sets are named '{name}': give each a name of its own.")
        sets[name] = table[columns]
    return sets
