"""PMF base model, 20 starts of 103 samples x 8 metals x 4 factors, against esat 2025.0.1 (EPA's, compiled Rust core).

Same data, each from its own random starts, both least squares without robust weights (esat trains on Q(true) unless
told otherwise) and contributions at or above 0. Both use one core; esat runs with its default stopping rule in an
environment of its own (``build/esat-venv``), in a process that is already warm. This project's solver is numpy alone.
"""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import numpy as np

from coastal_hm_plugin.core import pmf

from . import timing

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / "build" / "esat-venv"
PEER = "esat==2025.0.1"
SAMPLES, SPECIES, FACTORS, STARTS = 103, 8, 4, 20


def measure():
    """Times and the lowest Q(true) of both."""
    x, u = synthetic()
    with tempfile.TemporaryDirectory() as folder, Esat(folder, x, u) as peer:
        ours_q = base_model(x, u)
        peer.run()
        ours_s, peer_s = timing.interleaved(lambda: base_model(x, u), peer.run, runs=5)
        peer_q = np.load(Path(folder) / "q.npy")
    if ours_q.min() > peer_q.min():
        raise RuntimeError(f"Q(true) {ours_q.min():.3f} is above esat's {peer_q.min():.3f}: the times do not compare.")
    note = (
        f"{STARTS} starts, {SAMPLES} x {SPECIES} x {FACTORS}; lowest Q(true) {ours_q.min():.2f} "
        f"({(ours_q < 1.001 * ours_q.min()).sum()} of {STARTS} starts within 0.1 %), esat {peer_q.min():.2f} "
        f"({(peer_q < 1.001 * ours_q.min()).sum()} of {STARTS}); both non-robust on one core, esat with its default "
        "stopping rule"
    )
    return timing.entry("pmf-starts", ours_s, PEER.replace("==", " "), peer_s, note)


def synthetic(seed=2025):
    """Lognormal contributions of four sources to eight metals, 10 % noise: concentrations and uncertainties."""
    rng = np.random.default_rng(seed)
    contributions = rng.lognormal(0, 0.8, (SAMPLES, FACTORS))
    profiles = rng.uniform(0, 1, (FACTORS, SPECIES)) * (rng.random((FACTORS, SPECIES)) < 0.6) + 0.02
    profiles *= rng.lognormal(1, 1.5, SPECIES)
    clean = contributions / contributions.mean(axis=0) @ profiles
    limits = 0.04 * clean.mean(axis=0)
    x = np.maximum(clean + rng.normal(0, pmf.uncertainties(clean, 0 * limits, 0.1)), 0.01 * clean)
    return x, pmf.uncertainties(x, np.broadcast_to(limits, x.shape), 0.1)


def base_model(x, u):
    """Q(true) of every start of this project's solver."""
    options = pmf.SolverOptions(lower_contribution=0.0, robust=False)
    fits = pmf.solve(x, u, *pmf.random_starts(x, FACTORS, STARTS, seed=1), options)
    return pmf.q_true((x - fits.g @ fits.f) / u)


class Esat:
    """The peer: a process of its environment that fits once per call of ``run``."""

    def __init__(self, folder, x, u):
        np.savez(Path(folder) / "data.npz", x=x, u=u, factors=FACTORS, starts=STARTS)
        worker = Path(__file__).with_name("_esat_worker.py")
        self.process = subprocess.Popen(
            [peer_python(), str(worker), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._wait("READY")

    def run(self):
        """Fit once; the Q of every start is in q.npy afterwards."""
        self.process.stdin.write("fit\n")
        self.process.stdin.flush()
        self._wait("DONE")

    def _wait(self, word):
        for line in self.process.stdout:
            if line.strip() == word:
                return
        raise RuntimeError(f"esat stopped with exit code {self.process.wait()}.")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def peer_python():
    """The Python of the peer's environment, made if it is not there."""
    python = ENVIRONMENT / "bin" / "python"
    if not (ENVIRONMENT / "installed").exists():
        print(f"   installing {PEER} into {ENVIRONMENT.relative_to(ROOT)}", flush=True)
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", PEER], check=True, stderr=subprocess.PIPE)
        (ENVIRONMENT / "installed").write_text(PEER, encoding="utf-8")
    return str(python)


if __name__ == "__main__":
    print(measure(), file=sys.stdout)
