"""The peer of the PMF benchmarks: esat 2025.0.1 (EPA's successor of PMF 5.0, compiled Rust core), and data for both.

esat lives in an environment of its own (``build/esat-venv``) and answers from a process that is already warm. Both do
their work on one core; what esat needs with a process for each core is measured beside it and told in the note.
"""

import os
import subprocess
import tempfile
import venv
from pathlib import Path

import numpy as np
import pandas as pd

from coastal_hm_plugin.core import pmf

from . import timing

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / "build" / "esat-venv"
PACKAGE = "esat==2025.0.1"
NAME = PACKAGE.replace("==", " ")
# what both solve: plain least squares (esat trains on Q(true) unless told otherwise), contributions at or above 0
SOLVER = pmf.SolverOptions(lower_contribution=0.0, robust=False)


def synthetic(samples=103, species=8, factors=4, seed=2025):
    """Lognormal contributions of sources to species, 10 % noise: concentrations and uncertainties."""
    rng = np.random.default_rng(seed)
    contributions = rng.lognormal(0, 0.8, (samples, factors))
    profiles = rng.uniform(0, 1, (factors, species)) * (rng.random((factors, species)) < 0.6) + 0.02
    profiles *= rng.lognormal(1, 1.5, species)
    clean = contributions / contributions.mean(axis=0) @ profiles
    limits = 0.04 * clean.mean(axis=0)
    x = np.maximum(clean + rng.normal(0, pmf.uncertainties(clean, 0 * limits, 0.1)), 0.01 * clean)
    return x, pmf.uncertainties(x, np.broadcast_to(limits, x.shape), 0.1)


def base_run(x, u, factors=4, starts=20):
    """This project's data and base model of x and u, all species strong."""
    names = [f"species{j}" for j in range(x.shape[1])]
    tables = (pd.DataFrame(values, columns=names) for values in (x, u))
    data = pmf.prepare(next(tables), None, next(tables), pmf.UncertaintyRules(strong=tuple(names)))
    return data, pmf.factorize(data, pmf.PmfOptions(factors=factors, starts=starts, solver=SOLVER))


class Esat:
    """A process of the peer's environment that does one job per call of ``run`` and leaves what it found in a file."""

    def __init__(self, x, u, factors, starts):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        np.savez(self.path / "data.npz", x=x, u=u, factors=factors, starts=starts)
        worker = Path(__file__).with_name("_esat_worker.py")
        self.process = subprocess.Popen(
            [_python(), str(worker), str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._wait("READY")

    def run(self, job, cores=1):
        """Do a job ("starts", "bootstrap", "displacement") with so many processes."""
        self.process.stdin.write(f"{job} {cores}\n")
        self.process.stdin.flush()
        self._wait("DONE")

    def on_all_cores(self, job):
        """What a job takes with a process for each core, in words."""
        cores = os.cpu_count()
        spent = timing.seconds(lambda: self.run(job, cores))
        return f"both on one core (esat with {cores} processes: {spent:.2f} s)"

    def found(self):
        """Arrays by name: what the last job found."""
        with np.load(self.path / "found.npz") as file:
            return dict(file)

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
        self.folder.cleanup()


def _python():
    """The Python of the peer's environment, made if it is not there."""
    python = ENVIRONMENT / "bin" / "python"
    if not (ENVIRONMENT / "installed").exists():
        print(f"   installing {PACKAGE} into {ENVIRONMENT.relative_to(ROOT)}", flush=True)
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", PACKAGE], check=True, stderr=subprocess.PIPE)
        (ENVIRONMENT / "installed").write_text(PACKAGE, encoding="utf-8")
    return str(python)
