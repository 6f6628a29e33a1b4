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
EXCHANGE = 7  # every seventh turn two sources change places
MOST_STATES = 1000  # whole states kept for predictive checks


class Chains(NamedTuple):
    """shares: (G, chains, draws, K). z, log_variance: some whole states of the chains, (size, R, S), (J, K, R, S).
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
        self.place, self.log_variance, self.density = _likely_start(model, rng)
        self.groups, self.chains = len(model.n) // chains, chains
        size = model.size
        # steps on log-ratios reach far tails, steps on the shares themselves cross the flat land near a share of 0
        self.steps = np.stack([np.tile(scale * np.eye(size), (self.groups, 1, 1)) for scale in (0.3, 0.1)])
        self.scale = np.full((2, self.groups), 2.38 / np.sqrt(size))

    def move(self, turn):
        """A Metropolis step of shares and error, then others; returns who took the first."""
        place, gain = self._proposed(turn % 2)
        density = self.model.log_density(place, self.log_variance)
        moved = self._accepts(gain + density - self.density)
        for kept, new in zip((*self.place, self.density), (*place, density)):
            np.copyto(kept, new, where=moved)
        if self.model.varies:
            count = self.log_variance.shape[1]
            self._move_variances(turn % count, anew=turn // count % 2 == 0)
        if turn % EXCHANGE == 0:
            self._exchange()
        return moved

    def _proposed(self, kind):
        """Where a step leads, and the change of log-volume between the axes it is taken on and log-ratios."""
        normal = self.rng.standard_normal((self.model.size + 1, self.groups, self.chains))
        # sizes vary, so that far tails and narrow places are both reached
        sizes = self.scale[kind][:, None] * np.exp(0.7 * normal[-1])
        step = np.einsum("gij,jgm->igm", self.steps[kind], normal[:-1]) * sizes
        step = step.reshape(self.model.size, -1)
        if kind == LOG_RATIOS:
            return self.model.place(self.place.z + step), 0.0
        last = len(self.model.alpha) - 1
        shares = np.exp(self.place.log_shares)
        shares[:last] += step[:last]
        shares[last] = 1 - shares[:last].sum(axis=0)
        z = self.place.z + step
        z[:last] = self.model.log_ratios(np.log(np.maximum(shares, 1e-300)))
        place = self.model.place(z)
        volume = (self.place.log_shares - place.log_shares).sum(axis=0)
        return place, np.where((shares > 0).all(axis=0), volume, -np.inf)

    def _move_variances(self, source, anew):
        """Draw a source's variances anew from what its samples say, or move them a little."""
        if not np.isfinite(self.model.sources.n[source]):
            return
        proposed, gain = self.log_variance.copy(), 0.0
        if anew:
            proposed[:, source] = self.model.redraw(source, self.rng)
        else:
            old = self.log_variance[:, source]
            sizes = np.exp(self.rng.uniform(-4, 0, old.shape[1]))
            proposed[:, source] = old + sizes * self.rng.standard_normal(old.shape)
            prior = self.model.log_variance_prior
            gain = prior(source, proposed[:, source]) - prior(source, old)
        density = self.model.log_density(self.place, proposed)
        moved = self._accepts(gain + density - self.density)
        np.copyto(self.log_variance, proposed, where=moved)
        np.copyto(self.density, density, where=moved)

    def _exchange(self):
        """Let two sources change places, in shares and in how far their variances are from the printed ones.

        Mixtures that scatter more than their sources allow leave only the corners of the triangle, far from each other.
        """
        model, z, proposed, gain = self.model, self.place.z.copy(), self.log_variance.copy(), 0.0
        pair = self.rng.choice(len(model.alpha), 2, replace=False)
        log_shares = self.place.log_shares.copy()
        log_shares[pair] = log_shares[pair[::-1]]
        z[: len(model.alpha) - 1] = model.log_ratios(log_shares)
        if model.varies and np.isfinite(model.sources.n[pair]).all():
            printed = 2 * np.log(model.sources.sd[pair]).T[:, :, None]
            proposed[:, pair] = (self.log_variance[:, pair] - printed)[:, ::-1] + printed
            for source in pair:
                prior = model.log_variance_prior
                gain = gain + prior(source, proposed[:, source]) - prior(source, self.log_variance[:, source])
        place = model.place(z)
        density = model.log_density(place, proposed)
        moved = self._accepts(gain + density - self.density)
        for kept, new in zip((*self.place, self.log_variance, self.density), (*place, proposed, density)):
            np.copyto(kept, new, where=moved)

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
            for values in (*self.place, self.log_variance, self.density):
                values[..., strays] = values[..., to]

    def learn(self, states, accepted):
        """Steps from the states of the last window (W, size, R), of all chains of a group together."""
        size, last = self.model.size, len(self.model.alpha) - 1
        flat = states.transpose(1, 0, 2).reshape(size, -1)
        plain = np.vstack([np.exp(self.model.log_shares(flat))[:last], flat[last:]])
        for kind, axes in enumerate((flat, plain)):
            grouped = axes.reshape(size, len(states), self.groups, self.chains)
            centred = grouped - grouped.mean(axis=(1, 3), keepdims=True)
            covariance = np.einsum("iwgm,jwgm->gij", centred, centred) / (len(states) * self.chains - 1)
            self.steps[kind] = np.linalg.cholesky(covariance + 1e-12 * np.eye(size))
            rate = accepted[kind].reshape(self.groups, -1).mean(axis=1)
            self.scale[kind] *= np.exp(2 * (rate - ACCEPTANCE))


def _likely_start(model, rng):
    """For every chain one of many draws from the prior, chosen by its density: chains start apart, but not lost."""
    chosen, best = None, None
    for _ in range(STARTS):
        z, log_variance = model.start(rng)
        place = model.place(z)
        density = model.log_density(place, log_variance)
        score, drawn = density + rng.gumbel(size=len(density)), (*place, log_variance, density)
        if chosen is None:
            chosen, best = drawn, score
            continue
        better = score > best
        for kept, new in zip((best, *chosen), (score, *drawn)):
            np.copyto(kept, new, where=better)
    return type(place)(*chosen[:-2]), chosen[-2], chosen[-1]


def sample(model, options, rng, monitor):
    """Draw until every share has the effective sample size and R-hat asked for, or the draws run out."""
    with np.errstate(over="ignore"):  # far out, a distance may be infinite and its density 0
        walk = _Walk(model, options.chains, rng)
        _warm_up(walk, monitor.part(0.0, 0.3))
        return _draw(walk, options, monitor.part(0.3, 1.0))


def _warm_up(walk, monitor):
    windows = WARM_UP // WINDOW
    for window in range(windows):
        states = np.empty((WINDOW, *walk.place.z.shape))
        accepted, heights = np.zeros((2, len(walk.density))), np.zeros(len(walk.density))
        for turn in range(WINDOW):
            accepted[turn % 2] += walk.move(turn)
            states[turn] = walk.place.z
            heights += walk.density / WINDOW
            monitor.check()
        if window < 2 * windows // 3:
            walk.fetch_strays(heights)
        walk.learn(states, 2 * accepted / WINDOW)
        monitor.progress((window + 1) / windows)


def _draw(walk, options, monitor):
    shares, states, variances = [], [], []
    rounds = max(1, options.most_draws // ROUND)
    for number in range(rounds):
        for turn in range(ROUND):
            walk.move(turn)
            if turn % KEEP == 0:
                shares.append(np.exp(walk.place.log_shares))
            if turn % (ROUND // 20) == 0:
                states.append(walk.place.z.copy())
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
