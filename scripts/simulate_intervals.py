"""The tables of docs/prediction_intervals.md: coverage and width of 90 % prediction intervals on simulated surveys.

.venv/bin/python scripts/simulate_intervals.py [data sets of each kind]
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from coastal_hm_plugin.core.risk_model import boosting, prediction_intervals, random_folds, spatial_folds

LEVEL, SITES, NEW, FOLDS = 0.9, 103, 500, 5
ENDS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
KINDS = {
    "normal, constant": ("none", lambda x, e: 5 + e + 0.5 * noise(x)),
    "normal, growing with the mean": ("none", lambda x, e: 5 + 2 * e + 0.6 * np.exp(0.6 * x[:, 0]) * noise(x)),
    "lognormal, constant factor": ("log", lambda x, e: np.exp(5 + e + 0.5 * noise(x))),
    "lognormal, growing with the mean": ("log", lambda x, e: np.exp(5 + e + 0.35 * np.exp(0.6 * x[:, 0]) * noise(x))),
    "lognormal, growing with another predictor": (
        "log",
        lambda x, e: np.exp(5 + e + 0.35 * np.exp(0.7 * x[:, 2]) * noise(x)),
    ),
    "heavy tails (log of t, 3 df)": ("log", lambda x, e: np.exp(5 + e + 0.35 * RNG.standard_t(3, len(x)))),
    "no skill (lognormal, no predictor)": ("log", lambda x, e: np.exp(5 + 0.9 * noise(x))),
}
RNG = np.random.default_rng(1)


def noise(x):
    """Standard normal errors, one for each row."""
    return RNG.standard_normal(len(x))


def rank(n, share):
    """Which of n sorted scores bounds a share of them and one more."""
    return min(n, int(np.ceil((n + 1) * share - 1e-9))) - 1


def held_out(x, y, folds, trees):
    """Predictions of the left-out sites (repeats x n), and the models behind the first repeat with their sites."""
    predictions, models = np.empty((len(folds.fold_of), len(y))), []
    for repeat, train, test in folds.splits():
        model = boosting.fit(x[train], y[train], np.zeros(x.shape[1], bool), trees)
        predictions[repeat, test] = boosting.predict(model, x[test])
        if repeat == 0:
            models.append((test, model))
    return predictions, models


def one_width(y, predictions, predicted, logarithmic):
    """The same width (or factor) everywhere: signed quantiles of the held-out errors."""
    error = np.sort((y / predictions if logarithmic else y - predictions)[0])
    low, high = error[len(y) - 1 - rank(len(y), ENDS[1])], error[rank(len(y), ENDS[1])]
    return (predicted * low, predicted * high) if logarithmic else (predicted + low, predicted + high)


def cv_plus(y, predictions, models, new, logarithmic):
    """CV+ (Barber et al. 2021): a prediction of each fold's model, moved by the errors of its left-out sites."""
    moved = np.empty((len(y), len(new)))
    for test, model in models:
        moved[test] = boosting.predict(model, new)
    moved = moved * (y / predictions[0])[:, None] if logarithmic else moved + (y - predictions[0])[:, None]
    moved.sort(axis=0)
    place = rank(len(y), ENDS[1])
    return moved[len(y) - 1 - place], moved[place]


def quantile_trees(x, y, trees):
    """XGBoost models of both quantiles."""
    import xgboost

    given = {"max_depth": trees.max_depth, "learning_rate": trees.learning_rate, "subsample": 0.8, "seed": 1}
    given |= {"objective": "reg:quantileerror", "tree_method": "hist", "min_child_weight": 5, "nthread": 1}
    data = xgboost.DMatrix(x, y)
    return [xgboost.train({**given, "quantile_alpha": end}, data, trees.n_trees) for end in ENDS]


def conformal_quantiles(x, y, folds, trees, new, logarithmic):
    """Conformalised quantile regression (Romano et al. 2019), its margin from left-out sites."""
    y = np.log(y) if logarithmic else y
    ends = np.empty((2, len(y)))
    for repeat, train, test in folds.splits():
        if repeat == 0:
            ends[:, test] = [boosting.predict(model, x[test]) for model in quantile_trees(x[train], y[train], trees)]
    margin = np.sort(np.maximum(ends[0] - y, y - ends[1]))[rank(len(y), LEVEL)]
    lower, upper = (boosting.predict(model, new).astype(float) for model in quantile_trees(x, y, trees))
    return (np.exp(lower - margin), np.exp(upper + margin)) if logarithmic else (lower - margin, upper + margin)


def measured(y, bounds, predicted, logarithmic):
    """Coverage, coverage of the worst fifth of the predictions' range, and the interval score (of logarithms).

    The score is the width plus 2 / (1 - level) times the miss (Gneiting & Raftery 2007): lower is better.
    """
    inside = (bounds[0] <= y) & (y <= bounds[1])
    fifths = [inside[part].mean() for part in np.array_split(np.argsort(predicted), 5)]
    if logarithmic:
        y, bounds = np.log(y), [np.log(np.maximum(bound, 1e-3 * np.median(y))) for bound in bounds]
    miss = np.maximum(bounds[0] - y, 0) + np.maximum(y - bounds[1], 0)
    return [inside.mean(), *fifths, np.mean(bounds[1] - bounds[0] + 2 / (1 - LEVEL) * miss)]


def of_one(kind):
    """What each method measures on one data set: method -> numbers; and the coverage that ours prints."""
    transform, target = KINDS[kind]
    x = RNG.standard_normal((SITES + NEW, 5)).astype(np.float32)
    y = target(x, 0.6 * x[:, 0] + 0.4 * x[:, 1])
    trees, logarithmic, new = boosting.Trees(transform), transform == "log", x[SITES:]
    folds = random_folds(SITES, FOLDS, 2, RNG)
    x, y, truth = x[:SITES], y[:SITES], y[SITES:]
    predictions, models = held_out(x, y, folds, trees)
    predicted = boosting.predict(boosting.fit(x, y, np.zeros(5, bool), trees), new).astype(float)
    ours = prediction_intervals(y, predictions, folds, LEVEL, transform)
    bounds = {
        "one width": one_width(y, predictions, predicted, logarithmic),
        "this": ours.bounds(predicted),
        "CV+": cv_plus(y, predictions, models, new, logarithmic),
        "quantile trees": conformal_quantiles(x, y, folds, trees, new, logarithmic),
    }
    return {name: measured(truth, b, predicted, logarithmic) for name, b in bounds.items()}, ours.coverage


def field(x, y, reach):
    """A random surface whose correlation falls as exp(-distance / reach)."""
    distance = np.hypot(x[:, None] - x, y[:, None] - y)
    return np.linalg.cholesky(np.exp(-distance / reach) + 1e-8 * np.eye(len(x))) @ RNG.standard_normal(len(x))


def clustered(where):
    """Sites in ten estuaries, errors that neighbours share: coverage by kind of folds, printed and at new places.

    where: "between", new places anywhere on the coast, or "near", around the sites.
    """
    centres = RNG.uniform(0, 1e5, (10, 2))
    sites = centres[RNG.integers(0, 10, SITES)] + RNG.normal(0, 3e3, (SITES, 2))
    near = centres[RNG.integers(0, 10, NEW)] + RNG.normal(0, 3e3, (NEW, 2))
    places = np.vstack([sites, RNG.uniform(0, 1e5, (NEW, 2)) if where == "between" else near])
    smooth = [field(*places.T, 2e4) for _ in range(4)]
    x = np.column_stack([smooth[0], smooth[1], smooth[2], *places.T]).astype(np.float32)
    target = np.exp(5 + 0.6 * smooth[0] + 0.8 * smooth[3])
    y, found, trees = target[:SITES], [], boosting.Trees("log")
    predicted = boosting.predict(boosting.fit(x[:SITES], y, np.zeros(5, bool), trees), x[SITES:])
    for folds in (random_folds(SITES, FOLDS, 2, RNG), spatial_folds(*sites.T, y, FOLDS, 2, RNG, 2e4)):
        ours = prediction_intervals(y, held_out(x[:SITES], y, folds, trees)[0], folds, LEVEL, "log")
        lower, upper = ours.bounds(predicted)
        found += [ours.coverage, np.mean((lower <= target[SITES:]) & (target[SITES:] <= upper))]
    return found


if __name__ == "__main__":
    sets = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    print("| errors | printed | one width | this | CV+ | quantile trees |\n|---|---|---|---|---|---|")
    for kind in KINDS:
        results = [of_one(kind) for _ in range(sets)]
        cells = []
        for name in results[0][0]:
            share, *fifths, score = np.mean([found[name] for found, _ in results], axis=0)
            cells.append(f"{100 * share:.0f} ({100 * min(fifths):.0f}), {score:.2f}")
        printed = 100 * np.mean([coverage for _, coverage in results])
        print(f"| {kind} | {printed:.0f} | {' | '.join(cells)} |", flush=True)
    print("\n| new places | random folds: printed | true | spatial blocks: printed | true |\n|---|---|---|---|---|")
    for where in ("near", "between"):
        shares = 100 * np.mean([clustered(where) for _ in range(sets)], axis=0)
        print(f"| {where} the sites | " + " | ".join(f"{share:.0f}" for share in shares) + " |", flush=True)
