"""Everything of a factorization in the files of EPA PMF 5.0."""

from pathlib import Path

from .bootstraps import EXTREMES, EpaBootstrap, mapping_of, write_epa_bootstrap
from .diagnostics_writer import write_epa_diagnostics
from .displacements import LEVELS, of_displacement, write_epa_displacements
from .inputs import input_tables, write_epa_inputs
from .runs import run_of_result, strong_count, write_epa_run
from .summaries import write_epa_error_summary


def write_epa_outputs(
    folder, stem, result, bootstrap=None, displacement=None, *, bs_displacement=None, names=None, excel=True
):
    """Write a PmfResult, and a Bootstrap, a Displacement and a BsDisp of it, as EPA PMF 5.0 would; returns the paths.

    names: of all samples given (texts or times), None for their numbers. excel: workbooks, else comma-separated text;
    the DISP results are text in both. Writes <stem>_conc and <stem>_unc (.csv, what was fitted), base results and
    diagnostics; of error estimates their summary, the runs of a bootstrap of six or more that keeps its ``profiles``
    (runs, p, m), and four DISP results where the levels of dQ are PMF 5.0's.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = list(write_epa_inputs(folder, stem, *input_tables(result.data, names)))
    paths += write_epa_run(folder, stem, run_of_result(result, names), strong_count(result.data), excel)
    paths.append(write_epa_diagnostics(folder, stem, result, bootstrap, names, excel))
    estimates = (bootstrap, displacement, bs_displacement)
    if any(one is not None for one in estimates):
        paths.append(write_epa_error_summary(folder, stem, *estimates, excel))
    if len(getattr(bootstrap, "profiles", ())) >= EXTREMES:
        mapping = mapping_of(bootstrap, [f"Base Factor {k}" for k in range(1, len(result.f) + 1)])
        found = EpaBootstrap(mapping, result.f, bootstrap.profiles)
        paths.append(write_epa_bootstrap(folder, stem, found, excel))
    if displacement is not None and displacement.levels == LEVELS:
        paths += write_epa_displacements(folder, stem, of_displacement(displacement))
    return tuple(paths)
