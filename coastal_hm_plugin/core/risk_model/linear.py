"""The linear model that the trees are measured against: ridge regression, fitted to the training rows only."""

import numpy as np

PENALTIES = np.logspace(-2, 4, 13)


def ridge_predictions(train, target, held_out, n_labels, transform="none"):
    """Predictions of a ridge regression for ``held_out`` (m x p), fitted to ``train`` (n x p) and ``target`` (n).

    n_labels: p ints, number of categories of a column of codes, 0 for numbers. Categories become indicator columns,
    missing numbers the training mean; columns are standardised; the penalty minimises generalised
    cross-validation (Golub, Heath & Wahba 1979). transform "log": fitted to log(target), brought back with Duan's
    (1983) smearing factor. Predictions stay within the range of ``target``, as those of trees do.
    """
    design, new = _design(train, held_out, n_labels)
    response = np.log(target) if transform == "log" else target
    centre = response.mean()
    left, singular, right = np.linalg.svd(design, full_matrices=False)
    rotated = left.T @ (response - centre)
    penalty = min(PENALTIES, key=lambda p: _gcv(p, left, singular, rotated, response - centre))
    slopes = right.T @ (singular / (singular**2 + penalty) * rotated)
    predicted = centre + new @ slopes
    if transform == "log":
        smearing = np.mean(np.exp(response - centre - design @ slopes))
        with np.errstate(over="ignore"):
            predicted = np.exp(predicted) * smearing
    return np.clip(predicted, target.min(), target.max())


def _gcv(penalty, left, singular, rotated, response):
    shrink = singular**2 / (singular**2 + penalty)
    residual = response - left @ (shrink * rotated)
    return np.sum(residual**2) / (len(response) - 1 - shrink.sum()) ** 2


def _design(train, held_out, n_labels):
    columns, new_columns = [], []
    for index, labels in enumerate(n_labels):
        old, new = train[:, index].astype(np.float64), held_out[:, index].astype(np.float64)
        if labels:
            columns += [(old == code).astype(np.float64) for code in range(labels)]
            new_columns += [(new == code).astype(np.float64) for code in range(labels)]
            continue
        mean = np.nanmean(old) if np.isfinite(old).any() else 0.0
        columns.append(np.where(np.isnan(old), mean, old))
        new_columns.append(np.where(np.isnan(new), mean, new))
    design, new = np.column_stack(columns), np.column_stack(new_columns)
    mean, spread = design.mean(axis=0), design.std(axis=0)
    varies = spread > 1e-12 * np.maximum(1.0, np.abs(mean))
    return (design - mean)[:, varies] / spread[varies], (new - mean)[:, varies] / spread[varies]
