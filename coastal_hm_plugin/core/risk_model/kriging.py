"""Kriging that the trees are measured against: nothing but the places and the target of the training sites."""

import numpy as np

from ..errors import InputError

NEIGHBOURS = 64  # training sites that a prediction is made from
MOST_IN_VARIOGRAM = 1000
FEWEST_PLACES = 10
RANGES = 81
AT_ONCE = 200


def kriged_predictions(places, target, new, transform="none"):
    """Ordinary kriging from the 64 nearest training sites: m predictions, or None where no variogram can be fitted.

    places (n x 2), new (m x 2): metres on one plane; target (n). Sites at one place are averaged. transform "log": the
    logarithm is kriged, and half the variance that the kriged logarithm lacks is added before it is brought back
    (Cressie 1993, Statistics for Spatial Data, sec. 3.2.2). Predictions stay within the range of ``target``.
    """
    response = np.log(target) if transform == "log" else target
    known, group = np.unique(places, axis=0, return_inverse=True)
    values = np.bincount(group.ravel(), response) / np.bincount(group.ravel())
    if len(known) < FEWEST_PLACES:
        return None
    try:
        variogram = quick_variogram(known, values)
        parts = [_krige(known, values, new[at : at + AT_ONCE], variogram) for at in range(0, len(new), AT_ONCE)]
    except (InputError, np.linalg.LinAlgError):
        return None
    predicted, lacking = np.concatenate(parts, axis=1)
    if transform == "log":
        predicted = np.exp(np.minimum(predicted + lacking / 2, np.log(target.max())))
    return np.clip(predicted, target.min(), target.max())


def quick_variogram(places, values):
    """The Variogram of least weighted error on a grid of 81 ranges for every model, in a hundredth of a search's time.

    The same empirical variogram, weights and models as :func:`..kriging.fit_variogram`; of more than 1000 sites every
    k-th is used. Raises InputError as that does.
    """
    from ..kriging.variogram import GAUSSIAN_NUGGET, MODELS, Variogram, empirical_variogram

    step = -(-len(places) // MOST_IN_VARIOGRAM)
    empirical = empirical_variogram(*places[::step].T, values[::step])
    distance, gamma = empirical["distance_m"].to_numpy(), empirical["gamma"].to_numpy()
    if len(distance) < 3 or not (gamma > 0).any():
        raise InputError("Too few pairs of sites, or the same value everywhere: no variogram.")
    weight = empirical["pairs"].to_numpy() / distance**2
    ranges = np.geomspace(distance.min() / 2, 2 * distance.max(), RANGES)
    best, least = None, np.inf
    for model, shape in MODELS.items():
        tie = GAUSSIAN_NUGGET if model == "gaussian" else 0.0
        rise = shape(distance / ranges[:, None]) + tie
        nugget, sill, error = _two_coefficients(rise, gamma, weight)
        at = int(np.argmin(error))
        if error[at] < least:
            least = error[at]
            best = Variogram(model, float(nugget[at] + tie * sill[at]), float(sill[at]), float(ranges[at]))
    return best


def _two_coefficients(rise, gamma, weight):
    """Weighted least squares of gamma on 1 and each row of ``rise``, neither coefficient below 0, and its error."""
    a, b, c = weight.sum(), (weight * rise).sum(axis=1), (weight * rise**2).sum(axis=1)
    p, q = (weight * gamma).sum(), (weight * gamma * rise).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        nugget, sill = (c * p - b * q) / (a * c - b**2), (a * q - b * p) / (a * c - b**2)
    flat = ~(sill > 0)  # also where the model hardly rises at all
    nugget, sill = np.where(flat, p / a, nugget), np.where(flat, 0.0, sill)
    nugget, sill = np.where(nugget < 0, 0.0, nugget), np.where(nugget < 0, q / c, sill)
    return nugget, sill, (weight * (gamma - nugget[:, None] - sill[:, None] * rise) ** 2).sum(axis=1)


def _krige(known, values, new, variogram):
    """2 x m: kriged values, and by how much their variance is below the sill."""
    from scipy.spatial import cKDTree

    count = min(NEIGHBOURS, len(known))
    distance, near = cKDTree(known).query(new, k=np.arange(1, count + 1))
    apart = known[near][:, :, None] - known[near][:, None]
    equations = np.ones((len(new), count + 1, count + 1))
    equations[:, :count, :count] = variogram.covariance(np.hypot(apart[..., 0], apart[..., 1]))
    equations[:, count, count] = 0.0
    wanted = np.ones((len(new), count + 1, 1))
    wanted[:, :count, 0] = variogram.covariance(distance)
    weights = np.linalg.solve(equations, wanted)[:, :count, 0]
    variance = np.einsum("mi,mij,mj->m", weights, equations[:, :count, :count], weights)
    return np.stack([np.einsum("mi,mi->m", weights, values[near]), np.maximum(variogram.sill - variance, 0.0)])
