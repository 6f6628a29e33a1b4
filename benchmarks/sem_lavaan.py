"""Structural equation models with fit indices and modification indices, against R's lavaan on the same data.

Three models, each by ML and by MLR. lavaan is timed inside R: neither R's start nor the loading of the package counts.
Chi-square, CFI and the largest modification index of every fit must agree. Needs R with lavaan: on Debian
``apt-get install r-cran-lavaan``.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from coastal_hm_plugin.core import sem

from . import timing

NEEDS = "sem-lavaan needs R with lavaan (on Debian: apt-get install r-cran-lavaan); it is left out."
SCRIPT = Path(__file__).with_name("_sem_lavaan.R")
RUNS = 9
FACTORS = "visual =~ x1 + x2 + x3\ntextual =~ x4 + x5 + x6\nspeed =~ x7 + x8 + x9"
CHAIN = """ind =~ x1 + x2 + x3
first =~ y1 + y2 + y3 + y4
second =~ y5 + y6 + y7 + y8
first ~ ind
second ~ ind + first
y1 ~~ y5
y2 ~~ y4 + y6
y3 ~~ y7
y4 ~~ y8
y6 ~~ y8"""
MEDIA = """soil =~ OM_soil + pH_soil + Cd_soil + Pb_soil + Ni_soil
sediment =~ OM_sed + pH_sed + Cd_sed + Pb_sed + Ni_sed
water =~ pH_water + DO_water + Cd_water + Pb_water + Ni_water
sediment + water ~ soil"""


def measure():
    """The entry for ``sem-lavaan``; nothing, with a word about it, where R or lavaan is not there."""
    version = lavaan_version()
    if version is None:
        print(f"   {NEEDS}", flush=True)
        return []
    tasks = [(name, estimator) for name in PROBLEMS for estimator in sem.ESTIMATORS]
    data = {name: made() for name, (_, made) in PROBLEMS.items()}
    with tempfile.TemporaryDirectory() as folder, Lavaan(folder, tasks, data) as peer:
        times, answers = [], []
        peer.seconds(), fits(tasks, data)  # R compiles its functions, we import ours
        for _ in range(RUNS):
            ours = timing.seconds(lambda: answers.append(fits(tasks, data)))
            times.append((ours, peer.seconds()))
        apart = np.abs(answers[-1] / peer.answers() - 1).max()
    if apart > 1e-4:
        raise RuntimeError(f"The answers are {apart:.2g} apart.")
    ours_s, peer_s = (median(one) for one in zip(*times))
    note = (
        f"{len(tasks)} fits: 9, 11 and 15 indicators (n = 301, 75, 103), each by ML and MLR, with estimates, fit "
        "indices and modification indices; lavaan timed inside R; chi-squares, CFI and largest modification indices "
        f"agree to {apart:.0e}"
    )
    return timing.entry("sem-lavaan", ours_s, f"lavaan {version}", peer_s, note)


def fits(tasks, data):
    """Chi-square, CFI and largest modification index of every fit."""
    answers = []
    for name, estimator in tasks:
        fitted = sem.fit(PROBLEMS[name][0], data[name], sem.FitOptions(estimator=estimator))
        fitted.estimates()
        indices = fitted.fit_indices()
        answers.append([indices["chisq"], indices["cfi"], fitted.modification_indices()["mi"].max()])
    return np.array(answers)


def factors():
    """Nine tests of three abilities that go together, 301 pupils."""
    rng = np.random.default_rng(1939)
    common = rng.normal(size=(301, 1))
    scores = 0.6 * common + 0.8 * rng.normal(size=(301, 3))
    values = 0.75 * np.repeat(scores, 3, axis=1) + 0.7 * rng.normal(size=(301, 9))
    values[:, 8] += 0.25 * scores[:, 0]
    return pd.DataFrame(values, columns=[f"x{number}" for number in range(1, 10)])


def chain():
    """Three indicators of a cause, and four of its effect at two times, 75 countries."""
    rng = np.random.default_rng(1965)
    cause = rng.normal(size=75)
    first = 0.5 * cause + rng.normal(size=75)
    second = 0.8 * first + 0.2 * cause + 0.3 * rng.normal(size=75)
    repeated = rng.normal(size=(75, 4))
    columns = {f"x{k + 1}": cause + (0.3 + 0.2 * k) * rng.normal(size=75) for k in range(3)}
    for start, score in ((1, first), (5, second)):
        for k in range(4):
            columns[f"y{start + k}"] = score + 0.4 * repeated[:, k] + 0.6 * rng.normal(size=75)
    return pd.DataFrame(columns)


def media():
    """Fifteen signs of the state of soil, sediment and water, 103 sites, as many as in Wu et al. 2025."""
    rng = np.random.default_rng(2025)
    soil = rng.normal(size=103)
    scores = {"soil": soil, "sed": 0.4 * soil + 0.9 * rng.normal(size=103), "water": rng.normal(size=103) - 0.3 * soil}
    signs = {"OM": 0.8, "pH": -0.5, "Cd": 0.6, "Pb": 0.55, "Ni": 0.65}
    water = {"pH": 0.75, "DO": 0.5, "Cd": -0.4, "Pb": -0.5, "Ni": -0.55}
    columns = {
        f"{name}_{medium}": loading * scores[medium] + np.sqrt(1 - loading**2) * rng.normal(size=103)
        for medium in scores
        for name, loading in (water if medium == "water" else signs).items()
    }
    return pd.DataFrame(columns)


PROBLEMS = {"factors": (FACTORS, factors), "chain": (CHAIN, chain), "media": (MEDIA, media)}


def lavaan_version():
    """The version of lavaan in R, or None."""
    if shutil.which("Rscript") is None:
        return None
    command = ["Rscript", "-e", 'cat(as.character(packageVersion("lavaan")))']
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


class Lavaan:
    """The peer: a process of R that fits all models once per call of ``seconds``."""

    def __init__(self, folder, tasks, data):
        self.folder = Path(folder)
        pd.DataFrame(tasks, columns=["name", "estimator"]).to_csv(self.folder / "tasks.csv", index=False)
        for name, (model, _) in PROBLEMS.items():
            (self.folder / f"{name}.txt").write_text(model + "\n", encoding="utf-8")
            data[name].to_csv(self.folder / f"{name}.csv", index=False)
        command = ["Rscript", str(SCRIPT), folder]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._wait("READY")

    def seconds(self):
        """Fit all; the seconds R took."""
        self.process.stdin.write("fit\n")
        self.process.stdin.flush()
        return float(self._wait("SECONDS").split()[1])

    def answers(self):
        """Chi-square, CFI and largest modification index of every fit of the last call."""
        return np.loadtxt(self.folder / "answers.csv", delimiter=",")

    def _wait(self, word):
        for line in self.process.stdout:
            if line.startswith(word):
                return line
        raise RuntimeError(f"R stopped with exit code {self.process.wait()}.")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


if __name__ == "__main__":
    print(measure(), file=sys.stdout)
