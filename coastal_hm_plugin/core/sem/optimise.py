"""Newton's method for the likelihood, with Fisher scoring where the curvature is not positive."""

from dataclasses import dataclass

import numpy as np

from .numerics import scaled_whitener

STEPS = 300
DECREMENT = 1e-15
ROUNDING = 1e-11  # below it, what no longer falls is rounding
FLAT = 1e-9  # curvature of rounding alone, along parameters that are not identified


@dataclass(frozen=True)
class Optimum:
    """x: parameters; value: -2 log likelihood / n; converged; steps taken; decrement: the last
    expected gain of a Newton step."""

    x: np.ndarray
    value: float
    converged: bool
    steps: int
    decrement: float


def minimise(likelihood, start, monitor, steps=STEPS):
    """Minimise a Likelihood from a start (the structure's x); infeasible starts come back unconverged."""
    structure = likelihood.structure
    basis, offset = structure.basis, structure.offset
    u = start[structure.independent]
    damping, decrement = 0.0, np.inf
    if not np.isfinite(likelihood.value(offset + basis @ u)):
        return Optimum(start, np.inf, False, 0, np.inf)
    for step in range(1, steps + 1):
        monitor.check()
        x = offset + basis @ u
        slopes = likelihood.slopes(x)
        gradient = basis.T @ slopes.gradient / 2
        direction, newton = _direction(slopes, basis, gradient, damping)
        before, decrement = decrement, -float(gradient @ direction)
        stalled = decrement < ROUNDING and decrement > 0.1 * before
        if newton and (decrement < DECREMENT or stalled):
            return Optimum(offset + basis @ (u + direction), slopes.value, True, step, decrement)
        length = _line_search(likelihood, x, basis @ direction, slopes.value, decrement)
        if length == 0:
            if decrement < ROUNDING and newton:
                return Optimum(x, slopes.value, True, step, decrement)
            damping = max(10 * damping, 1e-3)
            if damping > 1e8:
                break
            continue
        u = u + length * direction
        damping = 0.0 if length == 1 else damping / 10
    return Optimum(offset + basis @ u, likelihood.value(offset + basis @ u), False, step, decrement)


def _direction(slopes, basis, gradient, damping):
    """The Newton step where the observed information is positive (or flat), else the damped Fisher step."""
    if damping == 0.0:
        for lift in (0.0, FLAT):
            try:
                return _solve(basis.T @ slopes.observed @ basis, -gradient, lift), True
            except np.linalg.LinAlgError:
                damping = 1e-6
    return _solve(basis.T @ slopes.expected @ basis, -gradient, damping), False


def _solve(information, gradient, damping=0.0):
    """Solve for a step, the diagonal raised by the share ``damping``."""
    diagonal = np.diag(information)
    raised = damping * np.where(diagonal > 0, diagonal, 1.0)  # 1: parameters without any effect
    half = scaled_whitener(information + np.diag(raised))
    return half.T @ (half @ gradient)


def _line_search(likelihood, x, direction, value, decrement):
    """The first of 1, 1/2, 1/4 ... that lowers the value enough (Armijo), or 0."""
    length = 1.0
    for _ in range(30):
        gain = value - likelihood.value(x + length * direction)
        if gain >= 1e-4 * length * decrement or (decrement < ROUNDING and gain > -1e-12 * max(1.0, abs(value))):
            return length
        length /= 2
    return 0.0
