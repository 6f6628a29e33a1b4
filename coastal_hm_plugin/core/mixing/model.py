"""The mixing model's density, for many chains at once.

Arrays carry the chains last: p (K, R), the sources' variances (K, J, R), means (J, R), covariances (J, J, R).
"""

from dataclasses import dataclass

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


class MixingModel:
    """Log-density of the shares p, the error and the sources' variances, given groups of mixtures.

    The sources' true means, normal around the printed ones with variance SD^2 / n, are integrated out exactly: the
    mixtures of a group then share one random shift. Shares move on isometric log-ratio axes, the error on logarithms.
    """

    def __init__(self, groups, sources, options, alpha, error):
        self.sources, self.error, self.alpha = sources, error, alpha
        self.residual_prior = options.residual_prior
        count, tracers = sources.mean.shape
        self.axes = _log_ratio_axes(count)
        self.errors = {"process": 0, "residual*process": tracers, "residual": tracers * (tracers + 1) // 2}[error]
        self.size = count - 1 + self.errors
        self.correlated = not np.allclose(sources.correlation, np.eye(tracers))
        self.varies = error != "residual" and bool(np.isfinite(sources.n).any())
        self.n, self.mean, self.scatter = self._sufficient(groups, options.chains)
        covariance = sources.correlation * sources.sd[:, :, None] * sources.sd[:, None, :]
        self.mean_covariance = covariance / sources.n[:, None, None]  # 0 where n is infinite

    def _sufficient(self, groups, chains):
        """Numbers, means and columns of a root of the scatter matrix, repeated for the chains of each group."""
        tracers = len(self.sources.tracers)
        means = np.array([values.mean(axis=0) for values in groups])
        roots = np.zeros((len(groups), tracers, tracers))
        for root, values, mean in zip(roots, groups, means):
            if len(values) > 1:
                eigen, vectors = np.linalg.eigh((values - mean).T @ (values - mean))
                root[:] = vectors * np.sqrt(np.maximum(eigen, 0))
        repeated = [np.repeat(part, chains, axis=0) for part in (np.array([len(v) for v in groups]), means, roots)]
        return repeated[0], repeated[1].T, np.moveaxis(repeated[2], 0, -1)

    def start(self, rng):
        """Places drawn from the prior: z (R, size) and the sources' log-variances (K, J, R)."""
        rows = len(self.n)
        shares = np.maximum(rng.dirichlet(np.maximum(self.alpha, 0.5), rows), 1e-6)
        errors = 0.5 * rng.standard_normal((rows, self.errors))
        if self.error == "residual":
            tracers = len(self.sources.tracers)
            diagonal = [i * (i + 1) // 2 + i for i in range(tracers)]
            scale = np.sqrt(self._residual_scale())
            errors *= 0.2 * scale.min()
            errors[:, diagonal] = np.log(scale) + 0.3 * rng.standard_normal((rows, tracers))
        log_variance = np.stack([self.redraw(k, rng) for k in range(len(self.sources.names))])
        z = np.hstack([np.log(shares) @ self.axes, errors])
        if self.error == "residual*process":
            z[:, -self.errors :] += np.log(np.einsum("iir->ri", self._process(self.weights(shares.T), log_variance)))
        return z, log_variance

    def redraw(self, source, rng):
        """Log-variances of a source (J, R), drawn from what its own samples say: S^2 (n - 1) / chi-square(n)."""
        n, variance = self.sources.n[source], self.sources.sd[source] ** 2
        shape = (len(variance), len(self.n))
        if not np.isfinite(n):
            return np.broadcast_to(np.log(variance)[:, None], shape).copy()
        return np.log(variance * (n - 1))[:, None] - np.log(rng.chisquare(n, shape))

    def log_variance_prior(self, source, log_variance):
        """Log-density (R,) of the log-variances (J, R) of a source that :meth:`redraw` draws."""
        n = self.sources.n[source]
        if not np.isfinite(n):
            return np.zeros(log_variance.shape[1])
        chi_square = (self.sources.sd[source] ** 2 * (n - 1))[:, None] * np.exp(-log_variance)
        return (0.5 * n * np.log(chi_square) - 0.5 * chi_square).sum(axis=0)

    def shares(self, z):
        """p (K, R) of places z (R, size)."""
        logs = self.axes @ z[:, : len(self.axes[0])].T
        shares = np.exp(np.maximum(logs - logs.max(axis=0), -300.0))
        return shares / shares.sum(axis=0)

    def plain(self, z):
        """The same places (R, size) with the shares themselves, without the last, in place of log-ratios."""
        last = len(self.alpha) - 1
        return np.hstack([self.shares(z)[:last].T, z[:, last:]])

    def from_plain(self, plain):
        """Back to log-ratios."""
        last = len(self.alpha) - 1
        shares = np.column_stack([plain[:, :last], 1 - plain[:, :last].sum(axis=1)])
        return np.hstack([np.log(np.maximum(shares, 1e-300)) @ self.axes, plain[:, last:]])

    def weights(self, shares):
        """Weight of each source in each tracer, (J or 1, K, R): the shares, times concentrations where known."""
        if self.sources.concentration is None:
            return shares[None]
        weighted = self.sources.concentration.T[:, :, None] * shares
        return weighted / weighted.sum(axis=1, keepdims=True)

    def moments(self, z, log_variance):
        """Of a mixture: mean (J, R), covariance of the shared shift (J, J, R), of a single mixture (J, J, R)."""
        weights = self.weights(self.shares(z))
        mean = (self.sources.centre.T[:, :, None] * weights).sum(axis=1)
        each = np.broadcast_to(weights, (len(mean), *weights.shape[1:]))
        shift = self._combine(each, lambda i, j: self.mean_covariance[:, i, j, None])
        if self.error == "residual":
            factor = self._factor(z)
            return mean, shift, np.einsum("ikr,jkr->ijr", factor, factor)
        single = self._process(weights, log_variance)
        if self.error == "residual*process":
            # the whole variance is the parameter, so that it stays while shares and sources' variances move
            root = np.exp(0.5 * self._log_factors(z, single).T)
            single = single * root[:, None] * root[None]
        return mean, shift, single

    def _log_factors(self, z, process):
        """Logarithms (R, J) of the factors on the process variance."""
        return z[:, -self.errors :] - np.log(np.einsum("iir->ri", process))

    def _process(self, weights, log_variance):
        """Covariance (J, J, R) of a mixture of single samples of the sources, with the discrimination's variance."""
        sd, tracers = np.exp(0.5 * log_variance), log_variance.shape[1]
        each = np.broadcast_to(weights, (tracers, *weights.shape[1:]))
        process = self._combine(each, lambda i, j: self.sources.correlation[:, i, j, None] * sd[:, i] * sd[:, j])
        for i in range(tracers):
            process[i, i] += (each[i] ** 2 * self.sources.discrimination_sd[:, i, None] ** 2).sum(axis=0)
        return process

    def _combine(self, weights, covariance):
        tracers = len(weights)
        combined = np.zeros((tracers, tracers, weights.shape[-1]))
        for i in range(tracers):
            for j in range(i + 1 if self.correlated else 0):
                combined[i, j] = combined[j, i] = (weights[i] * weights[j] * covariance(i, j)).sum(axis=0)
            if not self.correlated:
                combined[i, i] = (weights[i] ** 2 * covariance(i, i)).sum(axis=0)
        return combined

    def _factor(self, z):
        """Cholesky factor (J, J, R) of the residual covariance; its diagonal moves on logarithms."""
        tracers, place = len(self.sources.tracers), len(self.sources.names) - 1
        factor = np.zeros((tracers, tracers, len(z)))
        for i in range(tracers):
            for j in range(i + 1):
                factor[i, j] = np.exp(z[:, place]) if i == j else z[:, place]
                place += 1
        return factor

    def log_density(self, z, log_variance):
        """Of shares and error, given the groups and the sources' variances, with the Jacobians of the axes, (R,)."""
        with np.errstate(over="ignore"):  # far out, a distance may be infinite and its density 0
            mean, shift, single = self.moments(z, log_variance)
            between, distance = whiten(shift + single / self.n, (self.mean - mean)[:, None])
            within, scatter = whiten(single, self.scatter)
            likelihood = -0.5 * (between + distance + (self.n - 1) * within + scatter)
            return likelihood + self._log_prior(z, log_variance)

    def _log_prior(self, z, log_variance):
        shares = self.shares(z)
        density = self.alpha @ np.log(shares)
        if self.error == "residual*process":
            factors = self._log_factors(z, self._process(self.weights(shares), log_variance))
            return density + np.where((factors < np.log(MOST_RESIDUAL)).all(axis=1), factors.sum(axis=1), -np.inf)
        if self.error == "residual":
            density = density + self._inverse_wishart(z)
        return density

    def _inverse_wishart(self, z):
        factor, tracers = self._factor(z), len(self.sources.tracers)
        scale = np.diag(np.sqrt(self._residual_scale()))
        columns = np.broadcast_to(scale[:, :, None], factor.shape)
        determinant, trace = whiten(None, columns, factor)
        logs = np.log(np.einsum("iir->ir", factor))
        jacobian = (np.arange(tracers, 0, -1) + 1) @ logs
        return -0.5 * (2 * tracers + 2) * determinant - 0.5 * trace + jacobian

    def _residual_scale(self):
        if self.residual_prior == "identity":
            return np.ones(len(self.sources.tracers))
        return (self.sources.spread**2).mean(axis=0)


def whiten(covariance, columns, factor=None):
    """log |V| and the summed squares of L^-1 columns, where V = L L', for R small matrices at once.

    covariance: (J, J, R), or None where its Cholesky factor (J, J, R) is given; columns: (J, C, R).
    """
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
