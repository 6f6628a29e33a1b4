"""Isotope mixing model on three generated problems, against JAGS running the same model written in BUGS.

Both draw until the worst share has the same effective sample size (one estimator for both), warm-up counted; the start
of R and JAGS's compilation of the model are not. First both draw much longer, and their posterior means must agree
within 0.01. Needs R with rjags: on Debian ``apt-get install r-cran-rjags``.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from coastal_hm_plugin.core.mixing import MixingOptions, Sources, mixing_model
from coastal_hm_plugin.core.mixing.diagnostics import effective_sample_size, split_r_hat

from . import timing

NEEDS = "mixing-jags needs R with rjags (on Debian: apt-get install r-cran-rjags); it is left out."
SCRIPT = Path(__file__).with_name("_mixing_jags.R")
CHAINS = 4
PILOT, ESS, LONG_ESS = 2000, 1000, 4000
AGREE = 0.01

# true means and precisions of the sources, as their printed means, SDs and numbers of samples tell
SOURCES = """
  for (k in 1:K) { for (j in 1:J) {
    true_mean[g, k, j] ~ dnorm(mean[k, j], n[k] / sd[k, j]^2)
    chi[g, k, j] ~ dchisqr(n[k])
    variance[g, k, j] <- sd[k, j]^2 * (n[k] - 1) / chi[g, k, j]
    w[g, k, j] <- p[g, k] * conc[k, j] / inprod(p[g, 1:K], conc[1:K, j])
  } }
  p[g, 1:K] ~ ddirch(alpha)
  for (j in 1:J) { mix[g, j] <- inprod(w[g, 1:K, j], true_mean[g, 1:K, j]) }
"""
FACTORS = {"process": "factor[g, j] <- 1", "residual*process": "factor[g, j] ~ dunif(0, 20)"}
DIAGONAL = """
  for (j in 1:J) {{
    {factor}
    precision[g, j] <- 1 / (factor[g, j] * inprod(w[g, 1:K, j]^2, variance[g, 1:K, j]))
  }}
"""
DIAGONAL_DATA = "for (j in 1:J) { x[i, j] ~ dnorm(mix[group[i], j], precision[group[i], j]) }"
COVARIANCE = "  residual[g, 1:J, 1:J] ~ dwish(scale, J + 1)\n"
COVARIANCE_DATA = "x[i, 1:J] ~ dmnorm(mix[group[i], 1:J], residual[group[i], 1:J, 1:J])"


@dataclass(frozen=True)
class Problem:
    """Mixtures (N, J) in groups (N,), of sources whose truth is known to the generator alone."""

    name: str
    mixtures: np.ndarray
    groups: np.ndarray
    sources: Sources
    error: str

    def ours(self, seed, ess):
        """This project's posterior."""
        options = MixingOptions(self.error, seed=seed, ess=ess, most_draws=200_000)
        frame = pd.DataFrame(self.mixtures, columns=list(self.sources.tracers))
        return mixing_model(frame, self.sources, options, self.groups)

    def bugs(self):
        """The same model in BUGS."""
        if self.error == "residual":
            error, data = COVARIANCE, COVARIANCE_DATA
        else:
            error, data = DIAGONAL.format(factor=FACTORS[self.error]), DIAGONAL_DATA
        return f"model {{\nfor (g in 1:G) {{{SOURCES}{error}}}\nfor (i in 1:N) {{ {data} }}\n}}\n"

    def data(self):
        """Its data, in R's dump format."""
        sources = self.sources
        weights = np.ones_like(sources.mean) if sources.concentration is None else sources.concentration
        values = {"x": self.mixtures, "group": self.groups + 1, "mean": sources.mean, "sd": sources.sd,
                  "n": sources.n, "conc": weights, "alpha": np.ones(len(sources.names))}  # fmt: skip
        if self.error == "residual":
            values["scale"] = np.diag((sources.sd**2).mean(axis=0))
        sizes = {
            "N": len(self.mixtures),
            "G": self.groups.max() + 1,
            "K": len(sources.mean),
            "J": sources.mean.shape[1],
        }
        return "".join(f'"{name}" <- {_dumped(np.asarray(value))}\n' for name, value in {**values, **sizes}.items())


def _dumped(value):
    if value.ndim == 0:
        return str(value)
    numbers = f"c({', '.join(repr(float(one)) for one in value.ravel(order='F'))})"
    return numbers if value.ndim == 1 else f"structure({numbers}, .Dim = c({', '.join(f'{d}L' for d in value.shape)}))"


class Jags:
    """The peer on one problem."""

    def __init__(self, problem, folder):
        self.folder, self.shape = Path(folder), (problem.groups.max() + 1, len(problem.sources.names))
        (self.folder / "model.bug").write_text(problem.bugs(), encoding="ascii")
        (self.folder / "data.txt").write_text(problem.data(), encoding="ascii")

    def run(self, iterations):
        """Draws (G, chains, iterations, K) and seconds of compiling, warm-up and drawing."""
        command = ["Rscript", str(SCRIPT), str(self.folder), str(CHAINS), str(iterations)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"rjags failed: {done.stderr.strip()}")
        draws = np.fromfile(self.folder / "draws.bin").reshape(CHAINS, iterations, *self.shape[::-1])
        seconds = [float(line) for line in (self.folder / "seconds.txt").read_text().split()]
        return draws.transpose(3, 0, 1, 2), seconds


def problems():
    """Two sources of one tracer; three of two; four of three with concentrations, correlated errors and two groups."""
    return [
        _problem("2 sources, 1 tracer", "process", [[0.0], [6.0]], 1, 1),
        _problem("3 sources, 2 tracers", "residual*process", [[0, 0], [8, 1], [2, 9]], 2, 1),
        _problem("4 sources, 3 tracers", "residual", [[0, 0, 0], [8, 1, 2], [2, 9, 1], [5, 4, 9]], 3, 2, True),
    ]


def _problem(name, error, means, seed, groups, weighted=False, samples=20):
    """Numbers of few digits, the same on every machine."""
    rng = np.random.default_rng(seed)
    means = np.array(means, float)
    sd = rng.uniform(0.6, 1.4, means.shape).round(2)
    concentration = rng.uniform(1, 4, means.shape).round(2) if weighted else None
    tracers = tuple("abc"[: means.shape[1]])
    n = rng.integers(8, 25, len(means)).astype(float)
    sources = Sources(tuple("ABCD"[: len(means)]), tracers, means, sd, n, concentration=concentration)
    mixtures = []
    for shares in rng.dirichlet(np.full(len(means), 3.0), groups):
        weights = shares[:, None] * (1.0 if concentration is None else concentration)
        weights = weights / weights.sum(axis=0)
        spread = np.sqrt((weights**2 * sd**2).sum(axis=0)) * (1.5 if error == "residual*process" else 1.0)
        noise = rng.standard_normal((samples, len(tracers)))
        if error == "residual":  # correlations of 0.5
            noise = np.sqrt(0.5) * (noise + rng.standard_normal((samples, 1)))
        mixtures.append((weights * means).sum(axis=0) + noise * spread)
    return Problem(name, np.vstack(mixtures).round(3), np.repeat(np.arange(groups), samples), sources, error)


def worst(draws):
    """The lowest effective sample size and the highest R-hat of any share, draws (G, chains, draws, K)."""
    return effective_sample_size(draws).min(), split_r_hat(draws).max()


def compared(problem, runs=3):
    """The entry of one problem."""
    with tempfile.TemporaryDirectory() as folder:
        peer = Jags(problem, folder)
        each = PILOT / worst(peer.run(PILOT)[0])[0]
        draws, _ = peer.run(int(LONG_ESS * each))
        means = problem.ours(1, LONG_ESS).table["mean"].to_numpy().reshape(len(draws), -1)
        apart = abs(means - draws.mean(axis=(1, 2))).max()
        if apart > AGREE:
            raise RuntimeError(f"{problem.name}: the posterior means differ by {apart:.4f} from those of JAGS.")
        rounds = [_round(problem, peer, each, seed) for seed in range(runs)]
    ours_s, peer_s, size, compiled, r_hat = (median(column) for column in zip(*rounds))
    note = (
        f"{problem.name}, error {problem.error}, to an effective sample size of {size:.0f} of the worst share, warm-up "
        f"counted; posterior means within {apart:.4f}; JAGS: {CHAINS} chains, R-hat {r_hat:.3f}, its compilation of "
        f"{compiled:.3f} s not counted"
    )
    return timing.entry(f"mixing-jags {problem.name}", ours_s, "JAGS (rjags)", peer_s, note)


def _round(problem, peer, each, seed):
    """Seconds of ours and of the peer to the effective size that ours reached; that size; compilation; R-hat.

    The peer draws to about ESS, and its drawing, which takes as long for every draw, is taken times what is missing.
    """
    sizes = []
    seconds = timing.seconds(lambda: sizes.append(problem.ours(seed, ESS).table["ess"].min()))
    draws, (compiled, warmed, drawn) = peer.run(int(ESS * each))
    reached, r_hat = worst(draws)
    return seconds, warmed + drawn * sizes[0] / reached, sizes[0], compiled, r_hat


def available():
    """Whether R and rjags are there."""
    program = shutil.which("Rscript")
    if program is None:
        return False
    return not subprocess.run([program, "-e", "library(rjags)"], capture_output=True, check=False).returncode


def measure():
    """Times of the three problems; nothing, with a word why, without R and rjags."""
    if not available():
        print(f"   {NEEDS}", flush=True)
        return []
    return [compared(problem) for problem in problems()]


if __name__ == "__main__":
    print(measure(), file=sys.stdout)
