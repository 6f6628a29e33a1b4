"""Starting values."""

import numpy as np

from .syntax import INTERCEPT


def start(structure, sample):
    """Loadings by instrumental variables (Hagglund 1982), half of every variance as error, no effects."""
    variance = dict(zip(sample.names, np.diag(sample.covariance)))
    loadings = _loadings(structure, sample)
    values = []
    for one in structure.relations:
        if one.fixed is not None:
            continue
        if one.start is not None:
            values.append(one.start)
        elif one.op == "=~":
            values.append(loadings.get((one.lhs, one.rhs), 1.0))
        elif one.op == "~~" and one.lhs == one.rhs:
            values.append(
                0.5 * variance[one.lhs] if one.lhs in variance else _latent_variance(structure, one.lhs, variance)
            )
        elif one.rhs == INTERCEPT and one.lhs in sample.names:
            values.append(sample.mean[sample.names.index(one.lhs)])
        else:
            values.append(0.0)
    return np.array(values)


def plain_start(structure, sample):
    """A second try: every loading as large as the units ask, signs after the first indicator."""
    first = start(structure, sample)
    spread = dict(zip(sample.names, np.sqrt(np.diag(sample.covariance))))
    estimated = [one for one in structure.relations if one.fixed is None]
    for number, one in enumerate(estimated):
        if one.op == "=~" and one.start is None and one.rhs in spread:
            marker = _marker(structure, one.lhs)
            scale = spread.get(marker, 1.0) if marker else 1.0
            sign = 1.0
            if marker in spread and marker != one.rhs:
                i, j = sample.names.index(marker), sample.names.index(one.rhs)
                sign = np.sign(sample.covariance[i, j]) or 1.0
            first[number] = sign * 0.7 * spread[one.rhs] / scale
    return first


def _latent_variance(structure, name, variance):
    marker = _marker(structure, name)
    return 0.3 * variance[marker] if marker in variance else 0.5


def _marker(structure, latent):
    """The indicator that gives a latent its unit, or None."""
    fixed = (one.rhs for one in structure.relations if one.op == "=~" and one.lhs == latent and one.fixed)
    return next(fixed, None)


def _loadings(structure, sample):
    """Loading of each indicator on the scale of the latent's marker, the others its instruments."""
    found = {}
    for latent in structure.names[structure.observed :]:
        items = [one.rhs for one in structure.relations if one.op == "=~" and one.lhs == latent]
        if not set(items) <= set(sample.names):
            continue
        index = [sample.names.index(name) for name in items]
        covariance = sample.covariance[np.ix_(index, index)]
        marker = _marker(structure, latent)
        if marker is None:
            found.update(_unit_loadings(latent, items, covariance))
            continue
        first, limit = items.index(marker), np.sqrt(np.diag(covariance))
        for j, name in enumerate(items):
            others = [k for k in range(len(items)) if k not in (first, j)]
            instruments = covariance[first, others]
            strength = float(instruments @ instruments)
            sign = np.sign(covariance[first, j]) or 1.0
            ratio = covariance[j, others] @ instruments / strength if strength > 0 else sign
            bound = 3 * limit[j] / limit[first]
            found[latent, name] = float(np.clip(ratio, -bound, bound)) or sign * bound / 3
    return found


def _unit_loadings(latent, items, covariance):
    """Of a latent of variance 1: its indicators' first principal axis, shrunk; the first loading positive."""
    scale = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(scale, scale)
    axis = correlation[:, 0]
    for _ in range(20):  # power method
        axis = correlation @ axis
        size = np.sqrt(axis @ axis)
        axis = axis / size
    axis = axis * np.sqrt(size) * (np.sign(axis[0]) or 1.0)
    return {(latent, name): 0.8 * one * size for name, one, size in zip(items, axis, scale)}
