"""EPA PMF 5.0's own files: what it takes in, and what it writes; read and written.

>>> from coastal_hm_plugin.core.pmf import epa_files
>>> given = epa_files.read_epa_inputs("site_conc.csv", "site_unc.csv")
>>> data = pmf.prepare(given.concentrations, given_uncertainties=given.uncertainties)
>>> epa_files.read_epa_run("site_base.xlsx").profiles
>>> epa_files.write_epa_outputs("results", "site", pmf.factorize(data))

Workbooks (.xlsx) need the package openpyxl; the text files need nothing.
"""

from .adoption import result_of_run
from .bootstraps import EpaBootstrap, read_epa_bootstrap, write_epa_bootstrap
from .diagnostics import EpaDiagnostics, read_epa_diagnostics
from .diagnostics_writer import write_epa_diagnostics
from .displacements import (
    EpaBsDisplacement,
    EpaDisplacement,
    of_displacement,
    read_epa_bs_displacement,
    read_epa_displacement,
    write_epa_displacements,
)
from .inputs import EpaInputs, input_tables, read_epa_inputs, write_epa_inputs
from .outputs import write_epa_outputs
from .runs import EpaRun, read_epa_run, run_of_result, write_epa_run
from .samples import epa_samples
from .summaries import EpaErrorSummary, read_epa_error_summary, write_epa_error_summary

__all__ = [
    "EpaBootstrap",
    "EpaBsDisplacement",
    "EpaDiagnostics",
    "EpaDisplacement",
    "EpaErrorSummary",
    "EpaInputs",
    "EpaRun",
    "epa_samples",
    "input_tables",
    "of_displacement",
    "read_epa_bootstrap",
    "read_epa_bs_displacement",
    "read_epa_diagnostics",
    "read_epa_displacement",
    "read_epa_error_summary",
    "read_epa_inputs",
    "read_epa_run",
    "result_of_run",
    "run_of_result",
    "write_epa_bootstrap",
    "write_epa_diagnostics",
    "write_epa_displacements",
    "write_epa_error_summary",
    "write_epa_inputs",
    "write_epa_outputs",
    "write_epa_run",
]
