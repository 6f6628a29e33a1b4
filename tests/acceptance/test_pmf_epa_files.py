"""EPA PMF 5.0's own Grenoble files: every one is read, and written again it is the same file, cell by cell."""

import warnings

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.pmf import epa_files

from .test_pmf_grenoble import Q_ROBUST, Q_TRUE, data, folder  # noqa: F401 (fixtures)

pytestmark = pytest.mark.acceptance
pytest.importorskip("openpyxl")


def cells(path):
    """Sheet -> {(row, column): value} of the filled cells."""
    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path, data_only=True)
    return {
        sheet.title: {
            (i, j): value
            for i, row in enumerate(sheet.iter_rows(values_only=True))
            for j, value in enumerate(row)
            if value is not None
        }
        for sheet in book.worksheets
    }


def differences(ours, theirs, rtol):
    """Positions where two sheets differ, numbers by more than rtol."""
    found = []
    for place in sorted({*ours, *theirs}):
        pair = ours.get(place), theirs.get(place)
        number = all(isinstance(value, (int, float)) for value in pair)
        if not (np.isclose(*pair, rtol=rtol, atol=1e-12) if number else pair[0] == pair[1]):
            found.append((place, *pair))
    return found


def test_the_base_workbook_comes_back_cell_by_cell(folder, tmp_path):  # noqa: F811
    run = epa_files.read_epa_run(folder / "GRE-cb_base.xlsx")
    assert (run.model, run.run, run.total) == ("base", 1, "PM10recons")
    assert run.profiles.shape == (36, 11) and run.contributions.shape == (127, 11)
    assert run.profiles.loc["OC*", "Biomass burning"] == 0.99298
    left_out = run.contributions.index[run.contributions.isna().all(axis=1)]
    assert [str(day.date()) for day in left_out] == ["2017-09-14"]
    theirs = cells(folder / "GRE-cb_base.xlsx")
    (path,) = epa_files.write_epa_run(tmp_path, "GRE-cb", run, strong=34)
    ours = cells(path)
    assert list(ours) == ["Profiles", "Contributions", "Residuals"]
    assert not differences(ours["Profiles"], theirs["Profiles"], 1e-12)
    assert not differences(ours["Contributions"], theirs["Contributions"], 1e-12)
    # PMF5 reckons Q(true)/Qexp of samples and species in single precision
    assert not differences(ours["Residuals"], theirs["Residuals"], 2e-7)


def test_the_constrained_workbook_comes_back(folder, tmp_path):  # noqa: F811
    run = epa_files.read_epa_run(folder / "GRE-cb_Constrained.xlsx")
    assert (run.model, run.run, run.total) == ("constrained", 18, "PM10recons")
    theirs = cells(folder / "GRE-cb_Constrained.xlsx")
    (path,) = epa_files.write_epa_run(tmp_path, "GRE-cb", run)
    ours = cells(path)
    assert not differences(ours["Contributions"], theirs["Contributions"], 1e-12)
    # PMF5 prints a stray -999 beside the residuals of the sample left out, run 1 in its third table of profiles, and
    # the regression diagnostics below them
    assert [one[1:] for one in differences(ours["Residuals"], theirs["Residuals"], 1e-12)] == [(None, -999)]
    profiles = {place: value for place, value in theirs["Profiles"].items() if place[0] < 117}
    assert {one[1:] for one in differences(ours["Profiles"], profiles, 1e-12)} == {(18, 1)}


def test_pmf5s_solution_taken_up_has_its_q(folder, data):  # noqa: F811
    run = epa_files.read_epa_run(folder / "GRE-cb_base.xlsx")
    result = epa_files.result_of_run(data, run)
    assert result.q_true == pytest.approx(Q_TRUE, abs=0.1)
    assert result.q_robust == pytest.approx(Q_ROBUST, abs=0.35)
    assert result.q_expected == 2502
    printed = pd.read_csv(folder / "pmf5_contributions.csv", index_col=0)
    np.testing.assert_array_equal(result.g, printed)


def test_the_bootstrap_workbook_comes_back_cell_by_cell(folder, tmp_path):  # noqa: F811
    found = epa_files.read_epa_bootstrap(folder / "GRE-cb_boot.xlsx")
    assert found.profiles.shape == (100, 11, 36)
    assert np.diagonal(found.mapping).tolist() == [98, 96, 98, 100, 75, 88, 93, 100, 97, 100, 90]
    assert found.mapping.loc["Boot Factor 5", "Unmapped"] == 4
    ours = cells(epa_files.write_epa_bootstrap(tmp_path, "GRE-cb", found))
    assert not differences(ours["Profiles"], cells(folder / "GRE-cb_boot.xlsx")["Profiles"], 0)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_displacement_files_come_back_byte_by_byte(folder, tmp_path, number):  # noqa: F811
    found = [epa_files.read_epa_displacement(folder / f"GRE-cb_DISPres{k}.txt") for k in (1, 2, 3, 4)]
    assert [one.level for one in found] == list(pmf.error_estimation.displacement.LEVELS)
    path = epa_files.write_epa_displacements(tmp_path, "GRE-cb", found)[number - 1]
    assert path.read_bytes() == (folder / path.name).read_bytes()


def test_the_error_summary(folder):  # noqa: F811
    found = epa_files.read_epa_error_summary(folder / "GRE-cb_BaseErrorEstimationSummary.xlsx")
    assert found.intervals.shape[0] == 11 * 36 and len(found.displaced) == 34
    assert found.displacement == {
        "Error Code": 0,
        "Largest Decrease in Q": 0,
        "%dQ": 0,
        "Swaps by Factor": [0] * 11,
    }
    assert np.diagonal(found.mapping).tolist() == [98, 96, 98, 100, 75, 88, 93, 100, 97, 100, 90]
    first = epa_files.read_epa_displacement(folder / "GRE-cb_DISPres1.txt")
    np.testing.assert_allclose(found.intervals["disp_low"], first.low.ravel(), rtol=1e-6, atol=1e-15)
    np.testing.assert_allclose(found.intervals["disp_percent_high"], first.percent_high.ravel(), rtol=1e-6)
    average = (found.intervals["disp_low"] + found.intervals["disp_high"]) / 2
    np.testing.assert_allclose(found.intervals["disp_average"], average, rtol=1e-6)
    # % of the total variable: each limit over the total variable's own
    total = found.intervals["species"] == "PMrecons"
    of_total = found.intervals["disp_low"] / found.intervals["disp_low"].where(total).ffill()
    kept = ~total & (found.intervals["disp_low"] > 0)
    np.testing.assert_allclose(found.intervals["disp_total_percent_low"][kept], 100 * of_total[kept], rtol=1e-6)
    # the 75th percentiles as % of the species are the 95th once more, in all 396 lines: not taken
    assert found.intervals["bs_percent_p75"].isna().all() and found.intervals["bs_percent_p95"].notna().all()


def test_the_diagnostics(folder):  # noqa: F811
    found = epa_files.read_epa_diagnostics(folder / "GRE-cb_diagnostics.xlsx")
    assert found.facts["Number of factors"] == 11 and found.facts["Min. Correlation R-Value"] == 0.6
    counts = found.species["category"].value_counts().to_dict()
    assert counts == {"strong": 34, "weak": 2, "bad": 7}
    assert found.runs.shape == (20, 6) and found.bootstraps.shape == (100, 5)
    assert (found.runs["q_robust"] <= 7035.9).sum() == 19 and found.runs["converged"].all()
    assert found.runs["q_true"][0] == Q_TRUE
    assert found.fits.shape == (36, 7) and found.fits["r2"].between(0, 1).all()


def test_the_concentrations_go_out_and_come_back(folder, tmp_path):  # noqa: F811
    given = epa_files.read_epa_inputs(folder / "concentrations.csv")
    assert given.concentrations.shape == (126, 36) and list(given.ids) == ["sample"]
    u = 0.1 * given.concentrations + 1e-6
    paths = epa_files.write_epa_inputs(tmp_path, "GRE-cb", given.concentrations, u, given.ids["sample"])
    again = epa_files.read_epa_inputs(*paths)
    pd.testing.assert_frame_equal(again.concentrations, given.concentrations, rtol=1e-9)
