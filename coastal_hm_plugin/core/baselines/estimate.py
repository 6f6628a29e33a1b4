"""Estimate the baselines of every element by every method."""

import numpy as np
import pandas as pd

from ..errors import InputError, name_rows
from ..monitor import SILENT
from .bend import BendFinder, kept_below
from .options import DECIMAL, BaselineOptions
from .resampling import SortedRows, batches, sorted_uniforms
from .result import COLUMNS, PASS_COLUMNS, Baselines
from .trimming import trim

MIN_SAMPLES = 5
_MANY_CENSORED = 0.5


def geochemical_baselines(concentrations, options=None, monitor=SILENT, censored=None):
    """Geochemical baselines of each element by IMEA, IMED, box plot and RCF, with bootstrap 95 % intervals.

    concentrations: DataFrame (n samples, m elements), mg/kg, NaN where missing, non-detects substituted.
    options: :class:`BaselineOptions`. censored: DataFrame of bool shaped like concentrations, True where the value
    is a non-detect (substituted, or NaN): counted, and an element without any detected value gets no baseline.
    Returns :class:`Baselines`. An element that cannot be estimated keeps its rows, with the reason in ``note``.
    Raises InputError for text, infinite or negative values, for zeros if logarithms are asked for, and when no
    element can be estimated.
    Sources: Matschullat et al. 2000 (doi:10.1007/s002549900084); Reimann et al. 2005
    (doi:10.1016/j.scitotenv.2004.11.023); Wu et al. 2025 (doi:10.1016/j.marpolbul.2025.118969).
    """
    options = options or BaselineOptions()
    concentrations = _checked(concentrations, options.log)
    rows, bends, passes = [], {}, []
    for index, element in enumerate(concentrations.columns):
        part = monitor.part(index / concentrations.shape[1], (index + 1) / concentrations.shape[1])
        values = concentrations[element]
        present = values.notna().to_numpy()
        flags = _flags(censored, element, len(values))
        one = _Element(values[present].to_numpy(), flags, present, options)
        found, bend = one.estimate(part)
        passes += [{"element": element, **entry} for entry in one.passes]
        rows += [{"element": element, "missing": int((~present & ~flags).sum()), **row} for row in found]
        if bend is not None:
            bends[element] = bend
        part.progress(1.0)
    table = pd.DataFrame(rows, columns=COLUMNS)
    _report(table, monitor)
    return Baselines(table, concentrations, bends, options, pd.DataFrame(passes, columns=PASS_COLUMNS))


def _checked(concentrations, log):
    """The table as floats, or InputError naming the first bad column and its rows."""
    if concentrations.shape[1] == 0 or len(concentrations) == 0:
        raise InputError("There are no concentrations: give at least one element column with at least one row.")
    values = {}
    for column in concentrations.columns:
        numbers = pd.to_numeric(concentrations[column], errors="coerce").astype(float)
        bad = (numbers.isna() & concentrations[column].notna()) | np.isinf(numbers) | (numbers < 0)
        if bad.any():
            raise InputError(
                f"Column {column}: rows {name_rows(np.flatnonzero(bad))} are text, infinite or negative. "
                "Correct them, or leave them empty."
            )
        if log and (numbers == 0).any():
            raise InputError(
                f"Column {column}: rows {name_rows(np.flatnonzero(numbers == 0))} are zero and have no logarithm. "
                "Substitute non-detects by half the detection limit, or do not use logarithms."
            )
        values[column] = numbers
    return pd.DataFrame(values, index=concentrations.index)


def _flags(censored, element, n):
    if censored is None or element not in censored:
        return np.zeros(n, dtype=bool)
    return censored[element].to_numpy(dtype=bool)


def _report(table, monitor):
    """Tell what limits the result; refuse a result without a single baseline."""
    if table["central"].isna().all():
        reasons = table.drop_duplicates("element").set_index("element")["note"]
        listed = "; ".join(f"{element}: {reason}" for element, reason in reasons.items())
        raise InputError(f"No element allows a baseline. {listed}.")
    for note, group in table[table["note"] != ""].groupby("note", sort=False):
        names = ", ".join(f"{row.element} ({row.method})" for row in group.itertuples())
        monitor.warn(f"Baselines, {names}: {note}.")
    many = table.drop_duplicates("element").query("n_censored > @_MANY_CENSORED * n")
    for row in many.itertuples():
        monitor.warn(
            f"{row.element}: {row.n_censored} non-detects, {row.n} values used: its baselines rest on what stands "
            "in for the non-detects."
        )


class _Element:
    """One element's sorted values, and its rows of the table."""

    def __init__(self, values, flags, present, options):
        self.options = options
        self.ordered = np.sort(values)
        self.n = len(values)
        self.n_censored = int(flags.sum())
        self.any_detected = bool((present & ~flags).any())
        self.scaled = np.log(self.ordered) if options.log else self.ordered
        self.finder = None
        self.passes = []

    def estimate(self, monitor):
        """Rows of the table (dicts), and the :class:`Bend` or None."""
        reason = self._obstacle()
        if reason:
            return [self._row(method, note=reason) for method in self.options.methods], None
        if self.ordered[0] == self.ordered[-1]:
            only = {"n_kept": self.n, "central": self.ordered[0], "note": "all values are equal"}
            return [self._row(method, **only) for method in self.options.methods], None
        monitor.check()
        rows, bend = {}, None
        for method in self.options.methods:
            if method == "rcf":
                rows[method], bend = self._by_bend()
            else:
                rows[method] = self._by_trimming(method)
        for method, interval in self._intervals(rows, monitor).items():
            rows[method].update(interval)
        return [self._row(method, **row) for method, row in rows.items()], bend

    def _obstacle(self):
        if self.n_censored and not self.any_detected:
            return "all values are non-detects"
        if self.n == 0:
            return "no values"
        if self.n < MIN_SAMPLES:
            return f"only {self.n} values: at least {MIN_SAMPLES} are needed"
        return ""

    def _row(self, method, **known):
        empty = {"n": self.n, "n_censored": self.n_censored, "n_kept": 0, "iterations": 0, "note": ""}
        return {"method": method, **empty, **known}

    def _by_trimming(self, method):
        rows = self._rows(self.scaled[None], self.scaled)
        log = []
        trimmed = trim(rows, method, self.options, log)
        self.passes += [self._logged(method, number, one) for number, one in enumerate(log, start=1)]
        central, upper = self._limits(rows, trimmed, method)
        note = "" if np.isfinite(upper[0]) else "most values are equal: no spread to set limits by, nothing dropped"
        return {
            "n_kept": int(trimmed.last[0] - trimmed.first[0]),
            "iterations": int(trimmed.iterations[0]),
            "central": central[0],
            "upper_limit": upper[0],
            "baseline": central[0],
            "note": note,
        }

    def _logged(self, method, number, one):
        values = {name: getattr(one, name) for name in ("centre", "low", "high")}
        if self.options.log:
            values = {name: float(np.exp(value)) for name, value in values.items()}
        dropped = {"dropped_low": one.dropped_low, "dropped_high": one.dropped_high}
        return {"method": method, "pass": number, "n": one.n, **values, **dropped}

    def _limits(self, rows, trimmed, method):
        statistic = rows.mean if self.options.central_of(method) == "mean" else rows.median
        central = statistic(trimmed.first, trimmed.last)
        return (np.exp(central), np.exp(trimmed.upper)) if self.options.log else (central, trimmed.upper)

    def _by_bend(self):
        whole = {"n_kept": self.n, "central": self._below(self._rows(self.ordered[None], self.ordered), [np.inf])[0]}
        finder = BendFinder(self.ordered, self.options.rcf_axes)
        if finder.obstacle:
            return {**whole, "note": finder.obstacle}, None
        bend = finder.find()
        if self.options.rcf_axes != DECIMAL and bend.p_value > self.options.rcf_level:
            return {**whole, "p_value": bend.p_value, "note": "no credible bend"}, bend
        self.finder = finder
        rows = self._rows(self.ordered[None], self.ordered)
        return {
            "n_kept": int(kept_below(rows, np.array([bend.concentration]))[0]),
            "central": self._below(rows, [bend.concentration])[0],
            "upper_limit": bend.concentration,
            "baseline": bend.concentration,
            "p_value": bend.p_value,
            "note": "bend on decimal axes, as in Wu et al. 2025: not tested" if bend.axes == DECIMAL else "",
        }, bend

    def _below(self, rows, limit):
        """Central value of each row's values up to ``limit``."""
        last = kept_below(rows, np.asarray(limit, dtype=float))
        statistic = rows.mean if self.options.central_of("rcf") == "mean" else rows.median
        return statistic(np.zeros_like(last), last)

    @staticmethod
    def _rows(values, ordered):
        return SortedRows.of(values, ordered[len(ordered) // 2])

    def _intervals(self, found, monitor):
        """Bootstrap percentile intervals (2.5 %, 97.5 %) of the central value and the upper limit, per method."""
        if not self.options.bootstrap:
            return {}
        rng = np.random.default_rng(self.options.seed)
        draws = {method: [] for method in found}
        sizes = batches(self.options.bootstrap, self.n)
        for done, size in enumerate(sizes):
            monitor.progress(done / len(sizes))
            uniforms = sorted_uniforms(size, self.n, rng)
            index = np.minimum((uniforms * self.n).astype(int), self.n - 1)
            rows = self._rows(self.scaled[index], self.scaled)
            for method in found:
                if method == "rcf":
                    draws[method].append(self._resampled_bend(uniforms, index, rows))
                else:
                    draws[method].append(self._limits(rows, trim(rows, method, self.options), method))
        return {method: _interval(np.concatenate(parts, axis=1), method) for method, parts in draws.items()}

    def _resampled_bend(self, uniforms, index, rows):
        if self.options.log:
            rows = self._rows(self.ordered[index], self.ordered)
        if self.finder is None:
            bend = np.full(len(uniforms), np.nan)
            return self._below(rows, np.full(len(uniforms), np.inf)), bend
        bend = self.finder.find_in(uniforms)
        return self._below(rows, bend), bend


def _interval(draws, method):
    """draws: (2, resamples), central value and upper limit."""
    limits = np.full((2, 2), np.nan)
    for row, values in zip(limits, draws):
        values = values[np.isfinite(values)]
        if len(values):
            row[:] = np.percentile(values, [2.5, 97.5])
    central, upper = limits
    baseline = upper if method == "rcf" else central
    return {
        "central_low": central[0],
        "central_high": central[1],
        "upper_low": upper[0],
        "upper_high": upper[1],
        "baseline_low": baseline[0],
        "baseline_high": baseline[1],
    }
