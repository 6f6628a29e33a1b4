"""Solutions in which one profile value is displaced, followed outwards from the base solution.

A displaced solution is the minimum of the objective with one value of F held. Each step of the interior point method
says how the objective grows with the displacement, so refitting and the search for the displacement at which dQ meets
its level advance together. The way is continuous: it does not jump over a rise of Q to a solution with other factors.

Arrays have the samples last: x, u (batch, m, n), g (batch, p, n); f is (batch, p, m).
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ...monitor import SILENT
from .interior_point import Model, State

GROWTH = 3.0  # a displacement grows at most so many times at once
REALIZED = 0.5  # a step must bring so much of what the model foretold
FIRST_BARRIER = 1e-2  # weight of the barrier on the way to the first level, as a share of it
LARGEST_SYSTEM = 128  # profile values: beyond, an alternating refit is the faster way
CHUNK_BYTES = 2**24  # of eliminated contributions at a time: near the processor
THREADS = 4


@dataclass(frozen=True)
class Precision:
    """near: how near its level dQ, and what it may still fall, must come, as a share of the level (the rest is
    interpolated). barrier: weight of the barrier at the end, as a share of the level. steps: at most so many.
    """

    near: float
    barrier: float
    steps: int


FINE = Precision(0.02, 1e-4, 100)
QUICK = Precision(0.1, 5e-4, 40)


@dataclass(frozen=True)
class Bases:
    """Base solutions of a batch of problems: x, u (batch, m, n), g (batch, p, n), f (batch, p, m), objective q."""

    x: np.ndarray
    u: np.ndarray
    g: np.ndarray
    f: np.ndarray
    q: np.ndarray


@dataclass(frozen=True)
class Paths:
    """Displaced solutions, a row per element, at L levels of dQ: f (elements, L, p, m); nearest (elements, L, p): the
    base factor with whose contributions each factor's correlate most; at_limit: the displacement could go no further
    before dQ met the last level; unfinished: the last level was not met after many steps; least: lowest objective seen.
    """

    f: np.ndarray
    nearest: np.ndarray
    at_limit: np.ndarray
    unfinished: np.ndarray
    least: np.ndarray


def small_enough(f):
    """Whether profiles f (..., p, m) make a system small enough to be followed fast."""
    return f.shape[-2] * f.shape[-1] <= LARGEST_SYSTEM


def follow(bases, elements, levels, limits, how, monitor=SILENT):
    """Displace elements until dQ meets each level: Paths.

    elements: (count, 4) numbers of problem, factor, species, and direction (1 up, -1 down). levels: ascending.
    limits (count): how far each may be displaced. how: SolverOptions and Precision.
    """
    p, m = bases.f.shape[1:]
    size = int(max(1, CHUNK_BYTES // (8 * p * (p * m + p + 1) * bases.g.shape[2])))
    starts = range(0, len(elements), size)

    def walk(start):
        part = slice(start, start + size)
        return _Walk(bases, elements[part], levels, limits[part], how).run(monitor)

    parts = []
    with ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1)) as pool:
        running = [pool.submit(walk, start) for start in starts]
        try:
            for number, one in enumerate(running):
                parts.append(one.result())
                monitor.progress((number + 1) / len(running))
        except BaseException:
            for one in running:
                one.cancel()
            raise
    return join_paths(parts)


def join_paths(parts):
    """Paths of several lots of elements as one."""
    return Paths(*(np.concatenate([getattr(part, name) for part in parts]) for name in Paths.__dataclass_fields__))


class _Walk:
    """A chunk of displacements, each on its own way through the levels."""

    def __init__(self, bases, elements, levels, limits, how):
        options, self.precision = how
        self.bases, self.levels, self.limits = bases, np.asarray(levels), limits
        self.problem, self.k, self.j, self.direction = elements.T
        self.start = bases.f[self.problem, self.k, self.j]
        count = len(elements)
        data = (getattr(bases, name)[self.problem] for name in ("x", "u", "g", "f"))
        self.state = State(*data, np.full(count, FIRST_BARRIER * self.levels[0]), options)
        self.state.f[np.arange(count), self.k, self.j] = self.start
        self.number = np.arange(count)  # of those still on their way, as are level and reach
        self.level = np.zeros(count, int)
        self.reach = np.full(count, np.inf)  # how far the next step may go
        self.sharp = np.zeros(count, bool)  # by element: the barrier has come down
        p, m = bases.f.shape[1:]
        shape = (count, len(levels), p)
        self.found = Paths(
            np.broadcast_to(bases.f[self.problem][:, None], (*shape, m)).copy(),
            np.broadcast_to(np.arange(p, dtype=np.int16), shape).copy(),
            np.zeros(count, bool),
            np.zeros(count, bool),
            bases.q[self.problem],
        )

    def run(self, monitor):
        """All displacements through all levels."""
        with np.errstate(all="ignore"):  # a step that ends nowhere is rejected
            for _ in range(self.precision.steps):
                monitor.check()
                if not len(self.number):
                    break
                self._step()
        self._record(np.ones(len(self.number), bool), stays=True)
        self.found.unfinished[self.number] = True
        return self.found

    def _step(self):
        i, state = self.number, self.state
        held = np.arange(len(i)), self.k[i], self.j[i]
        model = Model(state, held)
        base, level = self.bases.q[self.problem[i]], self.levels[self.level]
        size = np.abs(state.f[held] - self.start[i])
        close = self.precision.near * level
        settled = np.abs(2 * model.relaxed) <= close
        near = settled & (np.abs(state.q - base - level) <= close)
        sharp = self.sharp[i]
        self.sharp[i] |= near
        met = near & sharp
        stuck = settled & ~near & (size >= self.limits[i] * (1 - 1e-9)) & (state.q - base < level)
        self._record(met)
        self._record(stuck, stays=True)
        self.found.at_limit[i[stuck]] = True
        self.found.least[i] = np.minimum(self.found.least[i], state.q)
        done = stuck | (met & (self.level == len(self.levels) - 1))
        self.level += met & ~done
        state.barrier = np.where(self.sharp[i], self.precision.barrier, FIRST_BARRIER) * self.levels[self.level]
        self._advance(model, base, size, held)
        if done.any():
            state.keep(~done)
            self.number, self.level, self.reach = self.number[~done], self.level[~done], self.reach[~done]

    def _advance(self, model, base, size, held):
        """Step to where the model sees dQ at the level, no further than reach, growth and limit allow."""
        i, level = self.number, self.levels[self.level]
        short = base + level - self.state.q - 2 * model.relaxed  # what the objective may rise, after relaxing
        slope = self.direction[i] * model.slope
        under = slope + np.sqrt(np.maximum(slope**2 + model.curvature * short, 0))
        step = np.where(under > 0, short / np.where(under > 0, under, 1.0), np.inf)
        grown = np.where(size > 0, (GROWTH - 1) * size, np.inf)
        goal = np.clip(size + np.minimum(step, np.minimum(grown, self.reach)), 0.5 * size, self.limits[i])
        moved = goal - size
        expected = self.state.q + 2 * model.relaxed + moved * (2 * slope + model.curvature * moved)
        highest = np.maximum(expected, base + level) + REALIZED * (np.abs(2 * model.relaxed) + level)
        taken = self.state.move(*model.towards(self.direction[i] * moved), highest, held)
        self.reach = np.where(taken, np.inf, np.abs(moved) / 4)

    def _record(self, which, stays=False):
        """Note solutions, moved on their line from the base solution to where dQ is exactly the level.

        Those that stay where they are count for all higher levels as well.
        """
        i = self.number[which]
        if not len(i):
            return
        state, problem = self.state, self.problem[i]
        base = self.bases.f[problem]
        rise = np.maximum(state.q[which] - self.bases.q[problem], 1e-9)
        partner = nearest(state.g[which], self.bases.g[problem])
        for number in range(len(self.levels)):
            here = (self.level[which] <= number) if stays else (self.level[which] == number)
            scale = np.sqrt(self.levels[number] / rise[here])
            scale = (np.minimum(scale, 1.0) if stays else scale)[:, None, None]
            line = base[here] + scale * (state.f[which][here] - base[here])
            self.found.f[i[here], number] = np.maximum(line, 0)
            self.found.nearest[i[here], number] = partner[here]


def nearest(g, base):
    """The base factor with whose contributions each factor's correlate most: (batch, p). g, base: (batch, p, n)."""
    scaled = []
    for one in (g, base):
        centred = one - one.mean(axis=2, keepdims=True)
        length = np.sqrt((centred**2).sum(axis=2, keepdims=True))
        scaled.append(centred / np.where(length > 0, length, 1.0))
    return np.einsum("bkn,bln->bkl", *scaled).argmax(axis=2)
