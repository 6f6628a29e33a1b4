"""Points, lines and polygons as segments, and segments as places on the globe close enough to measure from."""

from dataclasses import dataclass
from typing import Optional

import numpy as np

from ..errors import InputError
from ..monitor import SILENT
from .globe import on_globe

FAR_SPACING = 0.1  # of the distance from the grid: a sample's offset then lengthens the distance by a thousandth
MOST_SAMPLES = 30_000_000
SEGMENTS_AT_ONCE = 200_000


@dataclass(frozen=True)
class Features:
    """What distances are measured to.

    segments: n x 4 (x1, y1, x2, y2) in ``crs``, straight there; a point is a segment without length. polygons: each a
    tuple of rings (k x 2), the outer one first, those around the grid; None if inside and outside need not be told.
    """

    segments: np.ndarray
    crs: object
    polygons: Optional[tuple] = None

    def __post_init__(self):
        if not len(self.segments):
            raise InputError("There is no feature to measure distances to.")

    @classmethod
    def of_parts(cls, parts, crs, polygons=None, edges=()):
        """From points and lines (``parts``: k x 2 arrays) and polygons (``edges``: tuples of rings, k x 2 arrays).

        Where two polygons touch along the same vertices, their common border is no edge.
        """
        pieces = [segments_of(part) for part in parts]
        if len(edges):
            pieces.append(outer_edges(edges))
        return cls(np.concatenate([*pieces, np.empty((0, 4))]), crs, None if polygons is None else tuple(polygons))


def segments_of(line):
    """The segments (n x 4) of a line's vertices (k x 2); one of no length of a single vertex."""
    line = np.asarray(line, dtype=np.float64).reshape(-1, 2)
    return np.hstack([line, line]) if len(line) == 1 else np.hstack([line[:-1], line[1:]])


def outer_edges(polygons):
    """The segments (n x 4) of polygons (tuples of rings, the outer one first) without the borders between two."""
    segments = np.concatenate([_directed(ring, index == 0) for rings in polygons for index, ring in enumerate(rings)])
    backward = (segments[:, 0] > segments[:, 2]) | (
        (segments[:, 0] == segments[:, 2]) & (segments[:, 1] > segments[:, 3])
    )
    forward = np.where(backward[:, None], segments[:, [2, 3, 0, 1]], segments)
    edges, group = np.unique(forward, axis=0, return_inverse=True)
    # two polygons on either side run along their border in opposite directions; the same polygon twice does not
    runs = np.bincount(group.ravel(), weights=np.where(backward, -1.0, 1.0), minlength=len(edges))
    return edges[runs != 0]


def _directed(ring, is_outer):
    """The segments of a ring with its polygon on the left."""
    segments = segments_of(ring)
    x, y = segments[:, 0] - segments[0, 0], segments[:, 1] - segments[0, 1]
    area = (x * np.roll(y, -1) - y * np.roll(x, -1)).sum()
    return segments if (area > 0) == is_outer else segments[::-1, [2, 3, 0, 1]]


def sampled(features, centre, radius, spacing, monitor=SILENT):
    """Places (m x 3, earth-centred metres) on the features: ``spacing`` apart near a ball, more the farther from it.

    All vertices are among them, so that ends and corners are exact; no point of a feature is farther than half a
    spacing from a place.
    Raises InputError for more than thirty million places, or none.
    """
    places, count = [], 0
    for start in range(0, len(features.segments), SEGMENTS_AT_ONCE):
        monitor.progress(start / len(features.segments))
        segments = features.segments[start : start + SEGMENTS_AT_ONCE]
        segments, pieces = _pieces(segments, features.crs, (centre, radius, spacing))
        count += int(pieces.sum())
        if count > MOST_SAMPLES:
            raise InputError(
                f"The features need more than {MOST_SAMPLES:,} places at {spacing:.3g} m. "
                "Simplify them, take those near the grid, or use a coarser template."
            )
        x, y = cut(segments, pieces)
        # a vertex ends one segment and begins the next; as complex numbers they are sorted out fast
        once = np.unique(np.concatenate([x + 1j * y, segments[:, 2] + 1j * segments[:, 3]]))
        places.append(on_globe(once.real, once.imag, features.crs))
    if not count:
        raise InputError("No feature has a place on the globe. Check the layer's coordinate reference system.")
    return np.concatenate(places)


def _pieces(segments, crs, ball):
    """The segments that have a place on the globe, and into how many pieces each is cut."""
    centre, radius, spacing = ball
    first, last = on_globe(segments[:, 0], segments[:, 1], crs), on_globe(segments[:, 2], segments[:, 3], crs)
    length = np.linalg.norm(last - first, axis=1)
    away = np.linalg.norm((first + last) / 2 - centre, axis=1) - length / 2 - radius
    known = np.isfinite(length)
    size = np.maximum(spacing, FAR_SPACING * away[known])
    return segments[known], np.maximum(np.ceil(length[known] / size), 1).astype(np.int64)


def cut(segments, pieces):
    """x and y of the start of every piece of segments (n x 4) that are cut into ``pieces`` (n) each."""
    number = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = (number / np.repeat(pieces, pieces))[:, None]
    segments = np.repeat(segments, pieces, axis=0)
    return (segments[:, :2] + share * (segments[:, 2:] - segments[:, :2])).T
