"""Which samples a bootstrap draws together: consecutive ones, or those of neighbouring sites."""

import numpy as np

from ...errors import InputError


def spatial_blocks(x, y, samples=None, distance_m=None):
    """Labels of blocks of neighbouring sites, for the bootstrap's ``groups``: whole numbers from 0, one per site.

    x, y: coordinates (n); a projected CRS in metres, if distance_m is given. samples: blocks of about so many sites, by
    halving the sites at the median of their longer extent until no block holds more; distance_m: square cells of that
    width, counted from the lowest coordinates. Exactly one of the two. Neighbouring sites resemble each other, so
    drawing them one by one makes a solution look surer than it is (Lahiri 2003, chapter 12). Raises InputError for
    coordinates that are not finite and for a size that is not above 0.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if x.shape != y.shape or x.ndim != 1 or not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("Blocks of neighbouring sites need an x and a y for every sample, all of them numbers.")
    if (samples is None) == (distance_m is None):
        raise InputError("Blocks of neighbouring sites need a number of samples or a width in metres: one of the two.")
    size = samples if distance_m is None else distance_m
    if not size > 0:
        raise InputError(f"The size of the blocks of neighbouring sites is {size:g}: it must be above 0.")
    if distance_m is None:
        return _numbered(_halved(np.column_stack([x, y]), max(1, int(samples))))
    cells = np.floor(np.column_stack([x - x.min(), y - y.min()]) / distance_m).astype(np.int64)
    return _numbered(cells[:, 0] * (cells[:, 1].max() + 1) + cells[:, 1])


def _halved(places, size):
    labels = np.zeros(len(places), int)
    waiting, number = [np.arange(len(places))], 0
    while waiting:
        block = waiting.pop()
        if len(block) <= size:
            labels[block] = number
            number += 1
            continue
        longer = int(np.argmax(np.ptp(places[block], axis=0)))
        order = block[np.lexsort((places[block, 1 - longer], places[block, longer]))]
        # a whole number of blocks on either side, so that they come out as equal as can be
        blocks = -(-len(block) // size)
        cut = round(len(block) * (blocks // 2) / blocks)
        waiting += [order[cut:], order[:cut]]
    return labels


def _numbered(labels):
    """The same labels as 0, 1, 2 ... in the order in which the sites first meet them."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse.ravel()]


def members(groups, data, block=1):
    """Positions of the fitted samples of each group, a list of arrays. groups: labels of all samples given.

    Raises InputError if they do not fit the data, if there is but one group, or blocks of consecutive samples as well.
    """
    labels = np.asarray(groups).ravel()
    if len(labels) != data.given:
        raise InputError(f"{len(labels)} group labels for {data.given} samples: there must be one for each.")
    if block != 1:
        raise InputError(f"Groups of samples and blocks of {block} consecutive samples: choose one of the two.")
    own = labels[data.row]
    names = np.unique(own)
    if len(names) < 2:
        raise InputError("All samples are in one group: a bootstrap needs at least 2 groups. Make them smaller.")
    return [np.flatnonzero(own == name) for name in names]


def draw_rows(count, block, rng):
    """Rows of a resample of ``count``: blocks of consecutive rows, drawn with replacement, cut off at the count."""
    blocks = -(-count // block)
    first = block * rng.integers(blocks, size=2 * blocks)
    rows = (first[:, None] + np.arange(block)).ravel()
    return rows[rows < count][:count]


def draw_groups(groups, count, rng):
    """Rows of a resample of ``count``: whole groups, drawn with replacement, the last one cut off at the count."""
    parts, drawn = [], 0
    while drawn < count:
        parts.append(groups[rng.integers(len(groups))])
        drawn += len(parts[-1])
    return np.concatenate(parts)[:count]
