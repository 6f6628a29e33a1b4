"""What a solution must meet besides its general bounds: values held, equations between species, a pull.

The solver asks a Conditions object in every step; the arrays have a leading axis of problems (1: the same for all).
"""

from dataclasses import dataclass, fields
from typing import Optional

import numpy as np

CLIPPED = 4  # times an equation is met anew after bounds have cut values off


@dataclass(frozen=True, eq=False)
class Equations:
    """Linear equations between the profile values of one factor each: sum of coefficient times f_kj = value.

    factor (e), coefficients (e, m); values and active (1 or batch, e): inactive equations do not count.
    """

    factor: np.ndarray
    coefficients: np.ndarray
    values: np.ndarray
    active: np.ndarray

    def part(self, which):
        """The equations of some problems of the batch."""
        return Equations(self.factor, self.coefficients, _part(self.values, which), _part(self.active, which))

    def meet(self, k, values, inverse, low, high):
        """The profiles of factor ``k`` (batch, m) moved onto its equations and into their bounds.

        The nearest ones in the metric of the curvature, whose inverse is given: with all other factors as they are,
        an exact minimum of Q.
        """
        own = np.flatnonzero(self.factor == k)
        if not len(own):
            return np.clip(values, low, high)
        a, active = self.coefficients[own], self.active[:, own]
        both = active[:, :, None] & active[:, None, :]
        for _ in range(CLIPPED):
            left = np.where(active, np.einsum("bm,em->be", values, a) - self.values[:, own], 0.0)
            matrix = np.where(both, np.einsum("em,bm,fm->bef", a, inverse, a), 0.0)
            diagonal = np.einsum("bee->be", matrix)
            matrix = matrix + np.eye(len(own)) * np.where(diagonal > 0, 1e-12 * diagonal, 1.0)[:, None, :]
            multiplier = np.linalg.solve(matrix, left[:, :, None])[:, :, 0]
            values = values - inverse * np.einsum("be,em->bm", multiplier, a)
            beyond = (values < low) | (values > high)
            if not beyond.any():
                return values
            values, inverse = np.clip(values, low, high), np.where(beyond, 0.0, inverse)
        return values


@dataclass(frozen=True, eq=False)
class Conditions:
    """Conditions for the problems of a batch, each None where there is none.

    f_low, f_high (1 or batch, p, m): bounds of the profile values. equations: Equations. held (1 or batch, n, p):
    contributions that stay at their start. pull (1 or batch, n, p): twice its product with the contributions is taken
    off the objective, so that they are pulled towards where it is large.
    """

    f_low: Optional[np.ndarray] = None
    f_high: Optional[np.ndarray] = None
    equations: Optional[Equations] = None
    held: Optional[np.ndarray] = None
    pull: Optional[np.ndarray] = None

    def part(self, which):
        """The conditions of some problems of the batch, given as a slice or a mask."""
        return Conditions(*(_part(getattr(self, field.name), which) for field in fields(self)))

    def bounds(self, low, high):
        """The profiles' bounds narrowed by those of the conditions, which prevail."""
        if self.f_low is not None:
            low, high = np.clip(low, self.f_low, self.f_high), np.clip(high, self.f_low, self.f_high)
        return low, high


def _part(values, which):
    if isinstance(values, Equations):
        return values.part(which)
    return values if values is None or len(values) == 1 else values[which]
