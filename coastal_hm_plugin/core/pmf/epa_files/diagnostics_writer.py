"""What is known of a factorization, in the layouts of EPA PMF 5.0's diagnostics file."""

from pathlib import Path

import numpy as np

from ..error_estimation.bootstrap import Q_SUMMARY
from ..uncertainty import BAD
from .bootstraps import mapping_of, mapping_rows
from .diagnostics import FITS, RUNS, SPECIES
from .grid import DATE_FORMAT, write_text, write_workbook


def write_epa_diagnostics(folder, stem, result, bootstrap=None, names=None, excel=True):
    """Write a PmfResult's input statistics, runs, regressions and large residuals, and a Bootstrap's runs.

    names: of all samples given (texts or times), None for their numbers. Writes <stem>_diagnostics.xlsx or .csv;
    returns the path. The differences of scaled residuals between runs are not there: only the run kept is held.
    """
    names = np.arange(1, result.data.given + 1) if names is None else np.asarray(names, dtype=object)
    path = Path(folder) / f"{stem}_diagnostics{'.xlsx' if excel else '.csv'}"
    if not excel:
        write_text(path, _text_rows(result, bootstrap, names))
        return path
    sheets = {
        "Summary": [["**** Analysis Summary ****"]],
        "Input": [["**** Input Data Statistics ****"], [], list(SPECIES), *_species(result)],
        "Base Runs": _run_rows(result, names),
    }
    sheets["Input"] += [[], ["Excluded Samples"], *([None, name] for name in _left_out(result.data, names))]
    if bootstrap is not None:
        sheets["Bootstrap Runs"] = _bootstrap_rows(bootstrap, result.runs.chosen + 1)
    write_workbook(path, sheets)
    return path


def _species(result):
    data = result.data
    share = 100 * len(data.row) / data.given
    rows = []
    for j, name in enumerate(data.species):
        quartiles = np.quantile(data.x[:, j], (0, 0.25, 0.5, 0.75, 1))
        modelled = 0.0 if data.category[j] == BAD else share
        present = 100 * (1 - data.missing[j] / data.given)
        percents = (f"{percent:7.2f} %" for percent in (modelled, present))
        rows.append(
            [name, data.category[j].capitalize(), *map(float, (data.signal_to_noise[j], *quartiles)), *percents]
        )
    return rows


def _runs(result):
    """Run, Q(robust), Q(true), converged, steps, Q(true)/Q(expected)."""
    return [
        [run.run, run.q_robust, run.q_true, _yes(run.converged), int(run.iterations), run.q_true_over_expected]
        for run in result.runs_table().itertuples()
    ]


def _fits(result):
    table = result.species_table()[list(FITS.values())]
    return [list(one) for one in table.itertuples(index=False) if one.species in result.data.fitted_species]


def _large(result, names):
    """Scaled residuals beyond 3: (species, sample, residual), by species; and by sample."""
    table = result.large_residuals()
    order = {name: j for j, name in enumerate(result.data.fitted_species)}
    found = sorted(zip(table["species"], table["row"], table["residual"]), key=lambda one: (order[one[0]], one[1]))
    by_species = [[name, names[row], float(value)] for name, row, value in found]
    by_sample = sorted(((row, order[name], name, value) for name, row, value in found), key=lambda one: one[:2])
    return by_species, [[names[row], name, float(value)] for row, _, name, value in by_sample]


def _run_rows(result, names):
    options = result.options
    timed = _timed(names)
    by_species, by_sample = _large(result, names)
    sample = "Date_Time" if timed else "Sample_IDs"
    return [
        *(["**** Base Run Summary ****"], []),
        ["Number of base runs:", len(result.runs.q_true)],
        ["Base random seed:", options.seed],
        ["Number of factors:", len(result.f)],
        ["Extra modeling uncertainty (%):", 100 * options.uncertainty.extra],
        *([], ["Base run summary table:"], [None, *RUNS], *_indented(_runs(result)), []),
        *(["Regression diagnostics:"], [None] * 6 + ["KS Test"] * 2, [None, *FITS], *_indented(_fits(result)), []),
        [f"Scaled residuals beyond 3 standard deviations ({'dates' if timed else 'IDs'} by species):"],
        *([None, "Species", sample, "Residuals"], *_indented(by_species), []),
        [f"Scaled residuals beyond 3 standard deviations (species by {'date' if timed else 'ID'}):"],
        *([None, sample, "Species", "Residuals"], *_indented(by_sample)),
    ]


def _bootstrap_rows(found, base_run):
    options = found.options
    robust = found.q_table().iloc[0]
    runs = zip(found.q_robust, found.q_true, found.converged)
    factors = [f"Base Factor {k}" for k in range(1, len(found.base.f) + 1)]
    return [
        *([f"**** Bootstrap Summary of Base Run #{base_run} ****"], []),
        ["Number of bootstrap runs:", options.runs],
        ["Bootstrap random seed:", options.seed],
        ["Min. Correlation R-Value:", options.min_correlation],
        *([], ["Bootstrap run summary table:"], [None, *list(RUNS)[:4]]),
        *([None, number, float(q), float(true), _yes(done)] for number, (q, true, done) in enumerate(runs, start=1)),
        *([], ["Mapping of bootstrap factors to base factors:"], *mapping_rows(mapping_of(found, factors)), []),
        *(["Q(Robust) Percentile Report:"], [None, "Min", "25th", "Median", "75th", "Max"]),
        [None, *(float(robust[name]) for name in Q_SUMMARY)],
    ]


def _text_rows(result, bootstrap, names):
    """As PMF 5.0's text has it: no empty first column, numbers as texts of its own widths."""
    options, timed = result.options, _timed(names)
    by_species, by_sample = _large(result, names)
    samples = "Dates" if timed else "IDs"
    rows = [
        *(["**** Analysis Summary ****"], [], []),
        *(["**** Input Data Statistics ****"], [], list(SPECIES)),
        *([one[0], one[1], f"{one[2]:9.1f}", *(f"{v:9.5f}" for v in one[3:8]), *one[8:]] for one in _species(result)),
        *([], ["Excluded Samples"], *([_text(name)] for name in _left_out(result.data, names)), [], []),
        *(["**** Base Run Summary ****"], []),
        ["Number of base runs:  ", len(result.runs.q_true)],
        [f"Base user-selected seed:  {options.seed}"],
        ["Number of factors:  ", len(result.f)],
        ["Extra modeling uncertainty (%):", f"{100 * options.uncertainty.extra:g}"],
        *([], ["Base run summary table:"], []),
        [f"{name:12}" if name == "Q(True)" else name for name in RUNS],
        *(
            [run, f"{f'{robust:.7g}':12}", f"{f'{true:.7g}':12}", f"{done:9}", steps, f"{ratio:.7g}"]
            for run, robust, true, done, steps, ratio in _runs(result)
        ),
        *([], [], [f"**** Analysis of Base Run #{result.runs.chosen + 1} ****"], []),
        *(["Regression diagnostics:"], [" " * 23, *[None] * 4, "KS Test", "KS Test"]),
        [f"{name:23}" if name == "Species" else name for name in FITS],
        *(
            [name, f"{' ' * 8}{first:.2f}{' ' * 7}", *(f"{v:.2f}" for v in rest)]
            for name, first, *rest in _fits(result)
        ),
        *([], [f"Scaled residuals beyond 3 standard deviations ({samples if not timed else 'dates'} by species):"]),
        *(["Species", samples, "       Residuals"], *([a, f"{_text(b):25}", f"{v:12.5f}"] for a, b, v in by_species)),
        *([], [f"Scaled residuals beyond 3 standard deviations (species by {'date' if timed else 'ID'}):"]),
        *([samples, "Species", "   Residuals"], *([_text(a), f"{b:25}", f"{v:12.5f}"] for a, b, v in by_sample)),
    ]
    if bootstrap is not None:
        rows += [[], [], *_bootstrap_rows(bootstrap, result.runs.chosen + 1)]
    return rows


def _indented(rows):
    return [[None, *row] for row in rows]


def _left_out(data, names):
    return [names[row] for row in np.setdiff1d(np.arange(data.given), data.row)]


def _yes(done):
    return "Yes" if done else "No"


def _timed(names):
    return bool(len(names)) and hasattr(names[0], "year")


def _text(name):
    return name.strftime(DATE_FORMAT) if hasattr(name, "year") else str(name)
