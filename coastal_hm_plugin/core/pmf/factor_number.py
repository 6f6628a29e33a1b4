"""How many factors: the model with each number of them, what speaks for and against, and a recommendation."""

from dataclasses import dataclass, field, replace
from typing import Optional

import numpy as np
import pandas as pd

from ..errors import InputError
from ..monitor import SILENT
from . import diagnostics
from .base_model import PmfOptions, factorize
from .error_estimation.bootstrap import STABLE, Bootstrap, BootstrapOptions, bootstrap
from .result import PmfResult
from .simulation import can_test, fall, simulated_falls

NEEDED = 1.4  # one more factor is needed if Q falls so many times as far as without it, and farther than ever
LEAST_RUNS = 10  # of bootstraps and of simulations


@dataclass(frozen=True)
class FactorNumberOptions:
    """Which numbers to try, from lowest to highest, and how. bootstraps: resampled data sets for each number.
    simulations: simulated data sets for each number. model: all else, its own number of factors and run left aside.
    """

    lowest: int = 2
    highest: int = 6
    bootstraps: int = 50
    simulations: int = 20
    model: PmfOptions = field(default_factory=PmfOptions)


@dataclass(frozen=True, eq=False)
class Trial:
    """The model with one number of factors. fall: of Q with one factor more, relative to what is left (NaN where that
    cannot be tested); simulated: the same in data simulated without that factor.
    """

    result: PmfResult
    bootstrap: Bootstrap
    fall: float
    simulated: np.ndarray

    @property
    def factors(self):
        """Number of factors."""
        return len(self.result.f)

    @property
    def gain(self):
        """How many times as far Q falls with one factor more as it does without there being one."""
        return self.fall / max(self.simulated.mean(), np.finfo(float).tiny) if self.tested else np.nan

    @property
    def tested(self):
        """Whether one factor more could be tested."""
        return not np.isnan(self.fall)

    @property
    def enough(self):
        """Whether one factor more explains no more than noise."""
        return bool(self.tested and (self.gain < NEEDED or self.fall <= self.simulated.max()))

    @property
    def reproduced(self):
        """Share of the bootstrap runs (0 to 1) in which the least steady factor came back."""
        return float(self.bootstrap.reproduced.min())

    @property
    def alike(self):
        """Number of starts that reached the family of solutions with the lowest Q."""
        return int((self.result.runs.family == 1).sum())

    def objections(self):
        """What speaks against interpreting the factors, in words; empty where nothing does."""
        starts = len(self.result.runs.family)
        if self.reproduced < STABLE:
            lost = int((~self.bootstrap.stable).sum())
            yield (
                f"{lost} of its factors came back in fewer than {100 * STABLE:.0f} % of the bootstrap runs "
                f"(at least {100 * self.reproduced:.0f} %)"
            )
        if starts > 1 and self.alike == 1:
            yield f"only 1 of {starts} starts found its solution"
        if self.result.q_expected <= 0:
            yield "it has more free values than the data carry"

    @property
    def solid(self):
        """Whether its factors may be interpreted."""
        return not any(self.objections())


@dataclass(frozen=True, eq=False)
class FactorNumber:
    """The trials, and the number they speak for. number: None where no number tried has factors to interpret.
    clear: whether fit and steadiness agree on it.
    """

    options: FactorNumberOptions
    trials: tuple
    number: Optional[int]
    clear: bool
    reasons: tuple

    def verdict(self):
        """The recommendation in one sentence."""
        if self.clear:
            return f"{self.number} factors."
        if self.number is None:
            return "No clear number of factors, and none of those tried has factors to interpret."
        return f"No clear number of factors. If one must be taken: {self.number}."

    def table(self):
        """One row per number of factors.

        Columns: factors, recommended; q_robust, q_true, q_expected, q_robust_over_expected, q_true_over_expected; im,
        is (see maximum_mean_and_sd); beyond_3_percent (of the scaled residuals), r2_minimum (of the strong and weak
        species) and r2_minimum_species; starts_alike (that reached the family of the lowest Q), starts;
        reproduced_percent (of the bootstrap runs, the least steady factor), smallest_share_percent (of the species, on
        average, the smallest factor); fall_percent (of Q with one factor more, relative to the Q left then),
        simulated_fall_percent (mean) and simulated_fall_highest_percent (the same without there being one more), gain
        (their ratio), enough.
        """
        return pd.DataFrame([{**_row(trial), "recommended": trial.factors == self.number} for trial in self.trials])


def maximum_mean_and_sd(residuals):
    """IM and IS of scaled residuals (n x m): the largest mean and standard deviation (n - 1) of a species.

    Both fall sharply up to the number of factors that is needed (Lee et al. 1999).
    """
    spread = residuals.std(axis=0, ddof=1) if len(residuals) > 1 else np.zeros(1)
    return float(residuals.mean(axis=0).max()), float(spread.max())


def choose_factor_number(data, options=None, monitor=SILENT):
    """Try numbers of factors and recommend one by stated rules: a FactorNumber.

    data: PmfData. A number is enough when one factor more lowers Q no more than it does in data simulated without that
    factor: less than 1.4 times as far on average, or no farther than in the farthest simulation. Its factors may be
    interpreted when each comes back in at least 80 % of the bootstrap runs (Norris et al. 2014), more than one start
    found the solution, and Q(expected) is above 0. Recommended is the smallest number that is enough, as all larger
    ones tried are, if its factors may be interpreted; else the number is not clear, and the largest one up to it whose
    factors may be is named.
    Raises InputError for a range that the data cannot meet.
    """
    options = options or FactorNumberOptions()
    n, m = data.fitted_x.shape
    _check(options, n, m)
    quiet = replace(monitor, on_info=SILENT.on_info, on_warning=SILENT.on_warning)
    last = min(options.highest + 1, m, n - 1)
    # the work grows about as the square of the number
    edges = np.cumsum([0, *(p * p for p in range(options.lowest, last + 1))])
    trials, model = [], replace(options.model, run=None)
    result = factorize(data, replace(model, factors=options.lowest), quiet.part(0, 0.1 * edges[1] / edges[-1]))
    for number, p in enumerate(range(options.lowest, options.highest + 1)):
        part = quiet.part(*edges[[number, number + 1]] / edges[-1])
        larger = None
        if p < last:
            larger = factorize(data, replace(model, factors=p + 1), part.part(0.1, 0.3))
        trials.append(_trial(result, larger, options, part.part(0.3, 1.0)))
        monitor.info(_progress_line(trials[-1]))
        result = larger
    monitor.progress(1.0)
    return FactorNumber(options, tuple(trials), *recommend(trials))


def _check(options, n, m):
    low, high = options.lowest, options.highest
    if low < 1 or high < low:
        raise InputError(
            f"Numbers of factors from {low} to {high}: the lowest must be at least 1, the highest no less."
        )
    if high > m:
        raise InputError(f"{high} factors from {m} species: there must be at least as many species. Lower the highest.")
    if high >= n:
        raise InputError(f"{high} factors from {n} samples: there must be more samples. Lower the highest.")
    for name, value in (("bootstrap runs", options.bootstraps), ("simulations", options.simulations)):
        if value < LEAST_RUNS:
            raise InputError(f"{value} {name}: the choice of a number needs at least {LEAST_RUNS}.")


def _trial(result, larger, options, monitor):
    seed = options.model.seed
    resampling = BootstrapOptions(runs=options.bootstraps, seed=seed)
    resampled = bootstrap(result.data, result, resampling, monitor.part(0.0, 0.5))
    if larger is None or not can_test(result):
        return Trial(result, resampled, np.nan, np.full(0, np.nan))
    q = [one.q_robust if one.options.solver.robust else one.q_true for one in (result, larger)]
    simulated = simulated_falls(result, options.simulations, seed, monitor.part(0.5, 1.0))
    return Trial(result, resampled, float(fall(*q)), simulated)


def _progress_line(trial):
    more = f"one more factor: {trial.gain:.3g} times what noise gives" if trial.tested else "one more cannot be tested"
    return (
        f"{trial.factors} factors: Q(robust) {trial.result.q_robust:.1f}, least steady factor back in "
        f"{100 * trial.reproduced:.0f} % of the bootstrap runs; {more}."
    )


def recommend(trials):
    """What trials with ascending numbers of factors speak for, by the rules of choose_factor_number.

    Returns the number (None where no number has factors to interpret), whether it is clear, and the reasons (texts).
    """
    enough = _settled(trials)
    solid = [trial for trial in trials if trial.solid and (enough is None or trial.factors <= enough.factors)]
    reasons = [_fit_reason(trials, enough)]
    from_below = enough is trials[0] and enough.factors > 2
    if from_below:
        reasons.append(f"Fewer than {enough.factors} were not tried and may do as well: lower the lowest number.")
    doubt = enough is not None and any(trial.enough for trial in trials if trial.factors < enough.factors)
    if doubt:
        reasons.append("Already a smaller number seems enough, but a larger one again lacks a factor.")
    judged = enough or trials[-1]
    reasons.append(_steadiness_reason(judged))
    if enough is not None and enough.solid:
        number, clear = enough.factors, not (from_below or doubt)
    else:
        number, clear = (solid[-1].factors if solid else None), False
        if number is not None and number != judged.factors:
            reasons.append(f"{number} is the largest number up to there whose factors may be interpreted.")
    reasons += _residual_reasons(trials)
    return number, clear, tuple(reasons)


def _settled(trials):
    """The smallest number from which on every one that could be tested is enough, or None."""
    settled = None
    for trial in reversed([trial for trial in trials if trial.tested]):
        if not trial.enough:
            break
        settled = trial
    return settled


def _fit_reason(trials, enough):
    if enough is None:
        tested = [trial for trial in trials if trial.tested]
        if not tested:
            return "No number could be tested against one factor more: there are too few species or samples."
        return (
            f"No number is enough: even after {tested[-1].factors}, one factor more lowers Q {tested[-1].gain:.3g} "
            "times as far as noise would let it. The residuals hold more structure than the uncertainties allow: there "
            "are more sources, sources whose profiles vary, or uncertainties that are too small for some species."
        )
    before = [trial for trial in trials if trial.factors == enough.factors - 1]
    lacking = f", while {before[0].factors} lack one ({before[0].gain:.3g} times)" if before else ""
    return (
        f"{enough.factors} factors are enough: one more lowers Q {enough.gain:.3g} times as far as it does in data "
        f"simulated without it{lacking}; below {NEEDED:g} times, or within the range simulated, it explains noise."
    )


def _steadiness_reason(trial):
    objections = "; ".join(trial.objections())
    if objections:
        return f"{trial.factors} factors are not to be interpreted: {objections}."
    often = "all" if trial.reproduced == 1 else f"at least {100 * trial.reproduced:.0f} % of the"
    return (
        f"{trial.factors} factors are steady: each came back in {often} {trial.bootstrap.options.runs} bootstrap runs, "
        f"and {trial.alike} of {len(trial.result.runs.family)} starts found the same solution."
    )


def _residual_reasons(trials):
    """Where IM and IS fall most: the older rule, for comparison."""
    if len(trials) < 2:
        return
    pairs = np.array([maximum_mean_and_sd(trial.result.residuals) for trial in trials])
    at = [trials[1 + int(np.argmin(np.diff(column)))].factors for column in pairs.T]
    where = f"on the way to {at[0]}" if at[0] == at[1] else f"on the way to {at[0]} and to {at[1]}"
    yield (
        f"For comparison, the largest mean (IM) and standard deviation (IS) of a species' scaled residuals fall most "
        f"{where} factors (Lee et al. 1999)."
    )


def _row(trial):
    result = trial.result
    residuals = result.residuals
    mean, spread = maximum_mean_and_sd(residuals)
    species = result.species_table().dropna(subset=["r2"])
    worst = species.loc[species["r2"].idxmin()] if len(species) else {"r2": np.nan, "species": ""}
    expected = result.q_expected if result.q_expected > 0 else np.nan
    simulated = trial.simulated if trial.tested else np.array([np.nan])
    return {
        "factors": trial.factors,
        "recommended": False,
        "q_robust": result.q_robust,
        "q_true": result.q_true,
        "q_expected": result.q_expected,
        "q_robust_over_expected": result.q_robust / expected,
        "q_true_over_expected": result.q_true / expected,
        "im": mean,
        "is": spread,
        "beyond_3_percent": 100 * float((np.abs(residuals) > diagnostics.LARGE).mean()),
        "r2_minimum": float(worst["r2"]),
        "r2_minimum_species": str(worst["species"]),
        "starts_alike": trial.alike,
        "starts": len(result.runs.family),
        "reproduced_percent": 100 * trial.reproduced,
        "smallest_share_percent": float(result.factor_table()["mean_percent_of_species"].min()),
        "fall_percent": 100 * trial.fall,
        "simulated_fall_percent": 100 * float(simulated.mean()),
        "simulated_fall_highest_percent": 100 * float(simulated.max()),
        "gain": trial.gain,
        "enough": trial.enough,
    }
