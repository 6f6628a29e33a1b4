"""The mixing model's density, for many chains at once.

Arrays carry the chains last: p (K, R), the sources' variances (J, K, R), means (J, R), covariances (J, J, R), or their
variances alone, (J, R), where no tracers correlate.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..errors import InputError

ERRORS = ("residual*process", "residual", "process")
RESIDUAL_PRIORS = ("scaled", "identity")
MOST_RESIDUAL = 20.0  # the multiplicative residual error is uniform from 0 to here, as in MixSIAR


@dataclass(frozen=True)
class MixingOptions:
    """error: "residual*process" (variance of the sources' samples times a factor for each tracer, Stock and Semmens
    2016), "residual" (one covariance of the mixtures), "process" (the sources' samples alone). residual_prior of
    error "residual": inverse Wishart with J + 1 degrees of freedom and, as scale, the mean variance of the sources
    ("scaled", whatever the unit) or the identity matrix ("identity", as MixSIAR: only sensible for tracers that
    spread by about 1). prior: Dirichlet parameters, one per source; empty: all 1, every composition as likely.
    Sampling goes on until every share has the effective sample size ess and R-hat below r_hat, at most most_draws
    draws a chain.
    """

    error: str = "residual*process"
    residual_prior: str = "scaled"
    prior: tuple = ()
    seed: int = 1
    chains: int = 32
    ess: int = 1000
    r_hat: float = 1.01
    most_draws: int = 12_000

    def __post_init__(self):
        if self.error not in ERRORS or self.residual_prior not in RESIDUAL_PRIORS:
            raise InputError(f"The error must be one of {ERRORS} and its prior one of {RESIDUAL_PRIORS}.")
        if any(not np.isfinite(alpha) or alpha <= 0 for alpha in self.prior):
            raise InputError("The parameters of the Dirichlet prior must be above 0.")
        if self.chains < 4 or self.ess < 1 or self.most_draws < 500:
            raise InputError("At least 4 chains, 500 draws each, and an effective sample size above 0 are needed.")


class Place(NamedTuple):
    """Where the chains stand, z (size, R), and what follows from it: log-shares (K, R), weights of the sources in each
    tracer (J or 1, K, R), mean of a mixture (J, R), covariance of the shared shift."""

    z: np.ndarray
    log_shares: np.ndarray
    weights: np.ndarray
    mean: np.ndarray
    shift: np.ndarray


class MixingModel:
    """Log-density of the shares p, the error and the sources' variances, given groups of mixtures.

    The sources' true means, normal around the printed ones with variance SD^2 / n, are integrated out exactly: the
    mixtures of a group then share one random shift. Shares move on isometric log-ratio axes, the error on logarithms.
    Sums are numpy's own, not those of a BLAS: a program around Python may bring another one, whose last bits differ.
    """

    def __init__(self, groups, sources, options, alpha, error):
        self.sources, self.error, self.alpha = sources, error, alpha
        count, tracers = sources.mean.shape
        self.axes = _log_ratio_axes(count)
        self.errors = {"process": 0, "residual*process": tracers, "residual": tracers * (tracers + 1) // 2}[error]
        self.size = count - 1 + self.errors
        self.correlated = not np.allclose(sources.correlation, np.eye(tracers))
        self.full = self.correlated or error == "residual"
        self.varies = error != "residual" and bool(np.isfinite(sources.n).any())
        self.n, self.mean, self.scatter = self._sufficient(groups, options.chains)
        self.centre = sources.centre.T[:, :, None]
        self.mean_variance = (sources.sd**2 / sources.n[:, None]).T[:, :, None]  # 0 where n is infinite
        self.discrimination = (sources.discrimination_sd**2).T[:, :, None]
        identity = options.residual_prior == "identity"
        self.residual_scale = np.ones(tracers) if identity else (sources.spread**2).mean(axis=0)

    def _sufficient(self, groups, chains):
        """Numbers, means and columns of a root of the scatter matrix, repeated for the chains of each group."""
        tracers = len(self.sources.tracers)
        means = np.array([values.mean(axis=0) for values in groups])
        roots = np.zeros((len(groups), tracers, tracers))
        for root, values, mean in zip(roots, groups, means):
            if len(values) > 1:
                eigen, vectors = np.linalg.eigh(np.einsum("ni,nj->ij", values - mean, values - mean))
                root[:] = vectors * np.sqrt(np.maximum(eigen, 0))
        if not self.full:
            roots = np.sqrt((roots**2).sum(axis=2, keepdims=True))
        repeated = [np.repeat(part, chains, axis=0) for part in (np.array([len(v) for v in groups]), means, roots)]
        return repeated[0], repeated[1].T.copy(), np.moveaxis(repeated[2], 0, -1).copy()

    def start(self, rng):
        """Places drawn from the prior: z (size, R) and the sources' log-variances (J, K, R)."""
        rows = len(self.n)
        shares = np.maximum(rng.dirichlet(np.maximum(self.alpha, 0.5), rows), 1e-6).T
        errors = 0.5 * rng.standard_normal((self.errors, rows))
        if self.error == "residual":
            tracers = len(self.sources.tracers)
            diagonal = [i * (i + 1) // 2 + i for i in range(tracers)]
            scale = np.sqrt(self.residual_scale)
            errors *= 0.2 * scale.min()
            errors[diagonal] = np.log(scale)[:, None] + 0.3 * rng.standard_normal((tracers, rows))
        log_variance = np.stack([self.redraw(k, rng) for k in range(len(self.sources.names))], axis=1)
        z = np.vstack([self.log_ratios(np.log(shares)), errors])
        if self.error == "residual*process":
            place = self.place(z)
            z[-self.errors :] += np.log(_diagonal(self._process(place.weights, log_variance)))
        return z, log_variance

    def redraw(self, source, rng):
        """Log-variances of a source (J, R), drawn from what its own samples say: S^2 (n - 1) / chi-square(n)."""
        n, variance = self.sources.n[source], self.sources.sd[source] ** 2
        shape = (len(variance), len(self.n))
        if not np.isfinite(n):
            return np.broadcast_to(np.log(variance)[:, None], shape).copy()
        return np.log(variance * (n - 1))[:, None] - np.log(rng.chisquare(n, shape))

    def log_variance_prior(self, source, log_variance):
        """Log-density (R,) of the log-variances (J, R) of a source that :meth:`redraw` draws; n is finite."""
        n = self.sources.n[source]
        chi_square = (self.sources.sd[source] ** 2 * (n - 1))[:, None] * np.exp(-log_variance)
        return (0.5 * n * np.log(chi_square) - 0.5 * chi_square).sum(axis=0)

    def log_ratios(self, log_shares):
        """Places (K - 1, R) of log-shares (K, R) on the log-ratio axes."""
        return np.einsum("kl,kr->lr", self.axes, log_shares)

    def log_shares(self, z):
        """log p (K, R) of places z (size, R)."""
        logs = np.einsum("kl,lr->kr", self.axes, z[: self.axes.shape[1]])
        logs = np.maximum(logs - logs.max(axis=0), -300.0)
        return logs - np.log(np.exp(logs).sum(axis=0))

    def place(self, z):
        """What follows from the places z (size, R)."""
        log_shares = self.log_shares(z)
        weights = np.exp(log_shares)[None]
        if self.sources.concentration is not None:
            weights = self.sources.concentration.T[:, :, None] * weights
            weights = weights / weights.sum(axis=1, keepdims=True)
        mean = (self.centre * weights).sum(axis=1)
        if self.correlated:
            shift = self._combined(weights * np.sqrt(self.mean_variance))
        else:
            shift = (weights**2 * self.mean_variance).sum(axis=1)
        return Place(z, log_shares, weights, mean, shift)

    def moments(self, z, log_variance):
        """Of a mixture: mean (J, R), covariance of the shared shift (J, J, R), of a single mixture (J, J, R)."""
        place = self.place(z)
        return place.mean, _full(place.shift), _full(self._single(place, log_variance)[0])

    def log_density(self, place, log_variance):
        """Of shares and error, given the groups and the sources' variances, with the Jacobians of the axes, (R,)."""
        single, log_prior = self._single(place, log_variance)
        shift = _full(place.shift) if single.ndim > place.shift.ndim else place.shift
        between, distance = whiten(shift + single / self.n, (self.mean - place.mean)[:, None])
        within, scatter = whiten(single, self.scatter)
        likelihood = -0.5 * (between + distance + (self.n - 1) * within + scatter)
        return likelihood + log_prior + np.einsum("k,kr->r", self.alpha, place.log_shares)

    def _single(self, place, log_variance):
        """Covariance of a single mixture, and the log-prior of its error (R,)."""
        if self.error == "residual":
            factor = self._factor(place.z)
            return np.einsum("ikr,jkr->ijr", factor, factor), self._inverse_wishart(factor)
        process = self._process(place.weights, log_variance)
        if self.error == "process":
            return process, 0.0
        # the whole variance is the parameter, so that it stays while shares and sources' variances move
        whole = place.z[-self.errors :]
        factors = whole - np.log(_diagonal(process))
        log_prior = np.where((factors < np.log(MOST_RESIDUAL)).all(axis=0), factors.sum(axis=0), -np.inf)
        if process.ndim == 2:
            return np.exp(whole), log_prior
        root = np.exp(0.5 * factors)
        return process * root[:, None] * root[None], log_prior

    def _process(self, weights, log_variance):
        """Covariance of a mixture of single samples of the sources, with the discrimination's variance."""
        if not self.correlated:
            variances = (weights**2 * (np.exp(log_variance) + self.discrimination)).sum(axis=1)
            return _full(variances) if self.full else variances
        added = (weights**2 * self.discrimination).sum(axis=1)
        return self._combined(weights * np.exp(0.5 * log_variance)) + _full(added)

    def _combined(self, deviations):
        """Covariance (J, J, R) of the sum of sources with these standard deviations (J, K, R)."""
        return np.einsum("ikr,jkr,kij->ijr", deviations, deviations, self.sources.correlation)

    def _factor(self, z):
        """Cholesky factor (J, J, R) of the residual covariance; its diagonal moves on logarithms."""
        tracers, place = len(self.sources.tracers), len(self.sources.names) - 1
        factor = np.zeros((tracers, tracers, z.shape[1]))
        for i in range(tracers):
            for j in range(i + 1):
                factor[i, j] = np.exp(z[place]) if i == j else z[place]
                place += 1
        return factor

    def _inverse_wishart(self, factor):
        tracers = len(factor)
        columns = np.broadcast_to(np.diag(np.sqrt(self.residual_scale))[:, :, None], factor.shape)
        determinant, trace = whiten(None, columns, factor)
        jacobian = np.einsum("i,ir->r", np.arange(tracers, 0, -1) + 1.0, np.log(_diagonal(factor)))
        return -0.5 * (2 * tracers + 2) * determinant - 0.5 * trace + jacobian


def _diagonal(covariance):
    """Variances (J, R) of covariances (J, J, R), or of what is variances already."""
    return covariance if covariance.ndim == 2 else np.einsum("iir->ir", covariance)


def _full(covariance):
    """Covariances (J, J, R) of variances (J, R), or of what is covariances already."""
    if covariance.ndim == 3:
        return covariance
    full = np.zeros((len(covariance), *covariance.shape))
    np.einsum("iir->ir", full)[:] = covariance
    return full


def whiten(covariance, columns, factor=None):
    """log |V| and the summed squares of L^-1 columns, where V = L L', for R small matrices at once.

    covariance: (J, J, R), variances (J, R) where tracers do not correlate, or None where its Cholesky factor (J, J, R)
    is given; columns: (J, C, R).
    """
    if covariance is not None and covariance.ndim == 2:
        variances = np.maximum(covariance, 1e-300)
        return np.log(variances).sum(axis=0), (columns**2 / variances[:, None]).sum(axis=(0, 1))
    size, done, logs = len(columns), [], 0.0
    lower = [[None] * size for _ in range(size)]
    for i in range(size):
        value = columns[i]
        for j in range(i):
            lower[i][j] = factor[i, j] if covariance is None else _below(covariance, lower, i, j) / lower[j][j]
            value = value - lower[i][j] * done[j]
        lower[i][i] = (
            factor[i, i] if covariance is None else np.sqrt(np.maximum(_below(covariance, lower, i, i), 1e-300))
        )
        logs = logs + 2 * np.log(lower[i][i])
        done.append(value / lower[i][i])
    return logs, sum((one**2).sum(axis=0) for one in done)


def _below(covariance, lower, i, j):
    value = covariance[i, j]
    for k in range(j):
        value = value - lower[i][k] * lower[j][k]
    return value


def _log_ratio_axes(count):
    """Orthonormal axes (K, K - 1) of the log-ratio plane (Egozcue et al. 2003)."""
    axes = np.zeros((count, count - 1))
    for i in range(1, count):
        axes[:i, i - 1] = 1 / i
        axes[i, i - 1] = -1
        axes[:, i - 1] *= np.sqrt(i / (i + 1))
    return axes
