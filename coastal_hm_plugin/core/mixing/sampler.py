"""Metropolis sampling of a mixing model: many chains at once, steps learnt during a warm-up and then kept."""

from typing import NamedTuple

import numpy as np

from .diagnostics import effective_sample_size, split_r_hat

LOG_RATIOS = 0  # the axes of even steps; odd ones move on the shares
STARTS = 50
WARM_UP = 1500
WINDOW = 100
ROUND = 1000
KEEP = 4  # every fourth state is kept
ACCEPTANCE = 0.28
MOST_STATES = 1000  # whole states kept for predictive checks


class Chains(NamedTuple):
    """shares: (G, chains, draws, K). z, log_variance: some whole states of the chains, (R, size, S), (K, J, R, S).
    r_hat, ess: (G, K)."""

    shares: np.ndarray
    z: np.ndarray
    log_variance: np.ndarray
    r_hat: np.ndarray
    ess: np.ndarray


class _Walk:
    """The chains on their way: G groups of M chains each."""

    def __init__(self, model, chains, rng):
        self.model, self.rng = model, rng
        self.z, self.log_variance = _likely_start(model, rng)
        self.groups = len(self.z) // chains
        size = model.size
        # steps on log-ratios reach far tails, steps on the shares themselves cross the flat land near a share of 0
        self.steps = np.stack([np.tile(scale * np.eye(size), (self.groups, 1, 1)) for scale in (0.3, 0.1)])
        self.scale = np.full((2, self.groups), 2.38 / np.sqrt(size))
        self.density = model.log_density(self.z, self.log_variance)

    def move(self, turn):
        """A Metropolis step of shares and error, then of the variances of one source; returns who took the first."""
        kind = turn % 2
        grouped = self.rng.standard_normal((self.groups, len(self.z) // self.groups, self.model.size))
        # sizes vary, so that far tails and narrow places are both reached
        sizes = self.scale[kind][:, None] * np.exp(0.7 * self.rng.standard_normal(grouped.shape[:2]))
        step = np.matmul(grouped, self.steps[kind].transpose(0, 2, 1)) * sizes[:, :, None]
        proposed, gain = self._proposed(kind, step.reshape(self.z.shape))
        density = self.model.log_density(proposed, self.log_variance)
        moved = self._accepts(gain + density - self.density)
        self.z[moved], self.density[moved] = proposed[moved], density[moved]
        if self.model.varies:
            count = len(self.log_variance)
            self._move_variances(turn % count, anew=turn // count % 2 == 0)
        return moved

    def _proposed(self, kind, step):
        """Where a step leads, and the change of log-volume between the axes it is taken on and log-ratios."""
        if kind == LOG_RATIOS:
            return self.z + step, 0.0
        plain = self.model.plain(self.z)
        moved = plain + step
        last = len(self.model.alpha) - 1
        inside = (moved[:, :last] > 0).all(axis=1) & (moved[:, :last].sum(axis=1) < 1)
        moved = np.where(inside[:, None], moved, plain)
        volume = np.log(self.model.shares(self.z)).sum(axis=0)
        proposed = self.model.from_plain(moved)
        return proposed, np.where(inside, volume - np.log(self.model.shares(proposed)).sum(axis=0), -np.inf)

    def _move_variances(self, source, anew):
        """Draw a source's variances anew from what its samples say, or move them a little."""
        proposed, gain = self.log_variance.copy(), 0.0
        if anew:
            proposed[source] = self.model.redraw(source, self.rng)
        elif not np.isfinite(self.model.sources.n[source]):
            return
        else:
            old = self.log_variance[source]
            sizes = np.exp(self.rng.uniform(-4, 0, old.shape[1]))
            proposed[source] = old + sizes * self.rng.standard_normal(old.shape)
            prior = self.model.log_variance_prior
            gain = prior(source, proposed[source]) - prior(source, old)
        density = self.model.log_density(self.z, proposed)
        moved = self._accepts(gain + density - self.density)
        self.log_variance[:, :, moved], self.density[moved] = proposed[:, :, moved], density[moved]

    def _accepts(self, gain):
        return np.log(self.rng.random(len(gain))) < gain

    def fetch_strays(self, heights):
        """Move chains that are lost in a flat tail to another chain of their group; heights: mean log-density (R,).

        Strays lie more than twice the interquartile range below the lower quartile (Vrugt et al. 2009).
        """
        for rows in np.split(np.arange(len(heights)), self.groups):
            low, high = np.quantile(heights[rows], [0.25, 0.75])
            astray = heights[rows] < low - 2 * (high - low)
            strays, to = rows[astray], self.rng.choice(rows[~astray], astray.sum())
            for values in (self.z, self.density):
                values[strays] = values[to]
            self.log_variance[:, :, strays] = self.log_variance[:, :, to]

    def learn(self, states, accepted):
        """Steps from the states of the last window (W, R, size), of all chains of a group together."""
        size = self.model.size
        flat = states.reshape(-1, size)
        for kind, axes in enumerate((flat, self.model.plain(flat))):
            for group, chosen in enumerate(np.split(axes.reshape(states.shape), self.groups, axis=1)):
                covariance = np.cov(chosen.reshape(-1, size), rowvar=False).reshape(size, size)
                self.steps[kind, group] = np.linalg.cholesky(covariance + 1e-12 * np.eye(size))
            rate = accepted[kind].reshape(self.groups, -1).mean(axis=1)
            self.scale[kind] *= np.exp(2 * (rate - ACCEPTANCE))


def _likely_start(model, rng):
    """For every chain one of many draws from the prior, chosen by its density: chains start apart, but not lost."""
    chosen, best = None, None
    for _ in range(STARTS):
        z, log_variance = model.start(rng)
        score = model.log_density(z, log_variance) + rng.gumbel(size=len(z))
        if chosen is None:
            chosen, best = (z, log_variance), score
            continue
        better = score > best
        best[better], chosen[0][better] = score[better], z[better]
        chosen[1][:, :, better] = log_variance[:, :, better]
    return chosen


def sample(model, options, rng, monitor):
    """Draw until every share has the effective sample size and R-hat asked for, or the draws run out."""
    walk = _Walk(model, options.chains, rng)
    for window in range(WARM_UP // WINDOW):
        states, accepted = np.empty((WINDOW, *walk.z.shape)), np.zeros((2, len(walk.z)))
        heights = np.zeros(len(walk.z))
        for turn in range(WINDOW):
            accepted[turn % 2] += walk.move(turn)
            states[turn] = walk.z
            heights += walk.density / WINDOW
            monitor.check()
        if window < 2 * WARM_UP // (3 * WINDOW):
            walk.fetch_strays(heights)
        walk.learn(states, 2 * accepted / WINDOW)
        monitor.progress(0.3 * (window + 1) * WINDOW / WARM_UP)
    return _draw(walk, options, monitor.part(0.3, 1.0))


def _draw(walk, options, monitor):
    shares, states, variances = [], [], []
    rounds = max(1, options.most_draws // ROUND)
    for number in range(rounds):
        for turn in range(ROUND):
            walk.move(turn)
            if turn % KEEP == 0:
                shares.append(walk.model.shares(walk.z))
            if turn % (ROUND // 20) == 0:
                states.append(walk.z.copy())
                variances.append(walk.log_variance.copy())
            monitor.check()
        monitor.progress((number + 1) / rounds)
        drawn = np.stack(shares, axis=-1).reshape(len(shares[0]), walk.groups, options.chains, -1)
        drawn = drawn.transpose(1, 2, 3, 0)
        r_hat, ess = _diagnose(drawn, monitor)
        if (r_hat < options.r_hat).all() and (ess >= options.ess).all():
            break
    chosen = np.linspace(0, len(states) - 1, min(len(states), max(1, MOST_STATES // options.chains))).astype(int)
    kept = [np.stack([all_states[i] for i in chosen], axis=-1) for all_states in (states, variances)]
    return Chains(drawn, *kept, r_hat, ess)


def _diagnose(drawn, monitor):
    """R-hat and effective sample size (G, K), group by group: each may take a while."""
    found = []
    for group in drawn:
        monitor.check()
        found.append((split_r_hat(group), effective_sample_size(group)))
    return np.array(found).transpose(1, 0, 2)
