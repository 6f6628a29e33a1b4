"""Rotations of a base run (Fpeak): how far the factors can be turned into one another, and what it costs in Q."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...errors import InputError
from ...monitor import SILENT
from ..error_estimation.bootstrap import correlations
from ..result import PmfResult
from .conditions import Conditions
from .refits import ACCEPTED, polished

STRENGTHS = (-1.0, -0.5, 0.5, 1.0)
UNIT = 0.5  # share of Q: the force of strength 1 on the mean coefficient of the rotation
HIGHEST = 100.0


@dataclass(frozen=True, eq=False)
class FpeakRun:
    """One strength: the rotated solution as a PmfResult (factors in the order of the base run), and its rotation.

    rotation (p x p): how much of each base factor's contributions (row) has been added to each factor's (column):
    G is nearest to G_base (1 + rotation). dq: rise of the objective over the base run's minimum.
    """

    strength: float
    result: PmfResult
    rotation: np.ndarray
    dq: float

    @property
    def converged(self):
        """Whether the run came to rest."""
        return bool(self.result.runs.converged[0])

    @property
    def mean_rotation(self):
        """Mean coefficient added between two factors, the quantity that is pulled."""
        p = len(self.rotation)
        return float((self.rotation.sum() - np.trace(self.rotation)) / max(p * (p - 1), 1))


@dataclass(frozen=True, eq=False)
class Fpeak:
    """All runs by ascending strength, the base run's minimum among them with strength 0.

    q, q_robust: objective (Huber's function in robust mode) and Q(robust) of that minimum, from which dQ counts.
    """

    base: PmfResult
    runs: tuple
    q: float
    q_robust: float
    warnings: tuple = ()

    @property
    def strengths(self):
        """The strengths, ascending, with 0 for the base run."""
        return tuple(run.strength for run in self.runs)

    def run(self, strength):
        """The run of a strength."""
        for run in self.runs:
            if run.strength == strength:
                return run
        raise InputError(
            f"No run has the strength {strength:g}: there are {', '.join(map('{:g}'.format, self.strengths))}."
        )

    def to_frame(self):
        """One row per strength: strength, q_robust, dq_robust and percent_dq_robust (changes of Q(robust), as EPA PMF
        5.0 reports them), q_true, dq and percent_dq (rise of what is minimized, never below 0), mean_rotation,
        lowest_correlation (of a factor's contributions with those of the base run), converged, iterations.
        """
        rows = []
        for run in self.runs:
            result = run.result
            dq_robust = result.q_robust - self.q_robust
            rows.append(
                {
                    "strength": run.strength,
                    "q_robust": result.q_robust,
                    "dq_robust": dq_robust,
                    "percent_dq_robust": 100 * dq_robust / self.q_robust,
                    "q_true": result.q_true,
                    "dq": run.dq,
                    "percent_dq": 100 * run.dq / self.q,
                    "mean_rotation": run.mean_rotation,
                    "lowest_correlation": np.diagonal(correlations(result.g, self.base.g)).min(),
                    "converged": run.converged,
                    "iterations": int(result.runs.iterations[0]),
                }
            )
        return pd.DataFrame(rows)

    def profiles(self):
        """Long table of all runs: strength, then the columns of PmfResult.profiles."""
        tables = [run.result.profiles().assign(strength=run.strength) for run in self.runs]
        table = pd.concat(tables, ignore_index=True)
        return table[["strength", *table.columns.drop("strength")]]

    def verdict(self):
        """What the rotations say, in one sentence."""
        table = self.to_frame()
        turned = table[table["strength"] != 0]
        cheap = turned[turned["percent_dq"] <= ACCEPTED]
        if cheap.empty:
            lowest = turned["percent_dq"].min()
            return (
                f"Every rotation raised Q by more than {ACCEPTED:g} % (the least by {lowest:.1f} %): the data hold the "
                "factors in place."
            )
        least = cheap["lowest_correlation"].min()
        names = ", ".join(f"{strength:g}" for strength in cheap["strength"])
        return (
            f"Fpeak {names} raised Q by at most {cheap['percent_dq'].max():.2g} %; over these runs each factor's "
            f"contributions correlate with the base run's by {least:.3f} or more."
        )


def fpeak(data, result, strengths=STRENGTHS, monitor=SILENT):
    """Rotate a base run with given strengths, everything else refitted within its bounds: an Fpeak.

    data: PmfData; result: its PmfResult. A positive strength adds the contributions of the factors to one another and
    subtracts their profiles (sharper F, smeared G), a negative one the other way, as in EPA PMF 5.0 (Paatero et al.
    2002; Norris et al. 2014). With R the coefficients of the rotation, G = G_base (1 + R), each run minimizes

        Q(G, F) - 2 strength c r,    c = 0.5 Q(base),    r = mean of r_kl over k != l,

    R being read off G by least squares, so that the pull on G is strength c G_base (G_base' G_base)^-1 E / (p (p - 1)),
    E being 1 off its diagonal. The pull is linear: Q rises with the size of the strength, and a direction in which Q
    does not rise is followed to its bound. Where a run of strength 1 comes to rest, adding another 0.01 of every factor
    to every other would cost 1 % of Q. Other programs' strengths have units of their own: compare runs by dQ. Raises
    InputError for strengths that are no numbers or beyond +-100, and for a single factor.
    """
    strengths = _checked(strengths, len(result.f))
    refits = polished(data, result, monitor.part(0.0, 0.1))
    p = len(refits.f)
    inverse = np.linalg.pinv(np.einsum("ik,il->kl", refits.g, refits.g))
    towards = np.einsum("ik,kl->il", refits.g, inverse @ (1 - np.eye(p)) / (p * (p - 1)))
    pull = UNIT * refits.q * strengths[:, None, None] * towards
    starts = (np.repeat(each[None], len(strengths), axis=0) for each in (refits.g, refits.f))
    fits = refits.solve(*starts, Conditions(pull=pull), monitor.part(0.1, 1.0))
    # the objective of the fits holds the pull
    dq = np.maximum(fits.objective + 2 * (pull * fits.g).sum(axis=(1, 2)) - refits.q, 0.0)
    coefficients = inverse @ np.einsum("ik,bil->bkl", refits.g, fits.g) - np.eye(p)
    runs = tuple(
        FpeakRun(float(strength), refits.kept(fits, number), coefficients[number], float(dq[number]))
        for number, strength in enumerate(strengths)
    )
    monitor.progress(1.0)
    stuck = [f"{run.strength:g}" for run in runs if not run.converged]
    warnings = (f"Fpeak runs that did not converge: {', '.join(stuck)}.",) if stuck else ()
    for warning in warnings:
        monitor.warn(warning)
    return Fpeak(result, runs, refits.q, refits.q_robust, warnings)


def _checked(strengths, factors):
    try:
        values = np.unique(np.append(np.asarray(strengths, float).ravel(), 0.0))
    except (TypeError, ValueError) as error:
        raise InputError(
            f"The Fpeak strengths are {strengths!r}: they must be numbers, such as -1, -0.5, 0.5, 1."
        ) from error
    if not np.isfinite(values).all() or np.abs(values).max() > HIGHEST or len(values) == 1:
        raise InputError(
            f"The Fpeak strengths are {strengths!r}: give at least one that is not 0, none beyond +-{HIGHEST:g}."
        )
    if factors < 2:
        raise InputError("A single factor cannot be rotated: Fpeak needs at least 2 factors.")
    return values
