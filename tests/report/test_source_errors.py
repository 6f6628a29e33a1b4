"""The report of a factorization's error estimation."""

from dataclasses import replace

import numpy as np
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.pmf.error_estimation.bs_disp import bootstrap_displace
from coastal_hm_plugin.report import source_errors
from coastal_hm_plugin.report.document import Document
from tests.core.pmf_cases import planted, prepared


@pytest.fixture(scope="module")
def estimates():
    solver = pmf.SolverOptions(lower_contribution=0.0)
    data = prepared(planted(samples=50)[0])
    result = pmf.factorize(data, pmf.PmfOptions(factors=3, starts=4, solver=solver))
    return pmf.bootstrap(data, result, pmf.BootstrapOptions(runs=20)), pmf.displace(data, result)


@pytest.fixture(scope="module")
def bs_disp(estimates):
    result = estimates[0].base
    return bootstrap_displace(result.data, result, pmf.BootstrapOptions(runs=4))


def test_the_verdict_comes_first_and_the_rules_follow(estimates):
    section = source_errors.section(*estimates, "soil")
    assert section.title == "Error estimation (PMF): soil"
    assert section.paragraphs[0] == " ".join(one.verdict() for one in estimates)
    assert "20 resampled data sets" in section.paragraphs[1] and "4, 8, 15, 25" in section.paragraphs[2]
    assert [len(listing.table) for listing in section.listings] == [3, 2, 4]


@pytest.mark.parametrize("which, listings, word", [(0, 2, "Blue: bootstrap"), (1, 1, "Orange: displacement")])
def test_either_alone(estimates, which, listings, word, tmp_path):
    given = [None, None]
    given[which] = estimates[which]
    section = source_errors.section(*given)
    assert len(section.listings) == listings and len(section.paragraphs) == 2
    assert word in section.charts[0].caption and ("Blue" in section.charts[0].caption) == (which == 0)
    text = Document("PMF", "", (section,)).write(tmp_path / "pmf.html").read_text(encoding="utf-8")
    assert text.count("<svg") == 1


def test_bars_and_ranges_are_the_numbers(estimates):
    bootstrap, displacement = estimates
    panel = source_errors.intervals(bootstrap, displacement).axes[1]
    percent = bootstrap.base.profiles()["percent_of_species"].to_numpy().reshape(3, -1)
    np.testing.assert_allclose([bar.get_height() for bar in panel.patches], percent[1])
    ends = [np.array([path[:, 1] for path in lines.get_segments()]) for lines in panel.collections]
    np.testing.assert_allclose(ends[0], bootstrap.percent[[0, -1], 1].T)
    np.testing.assert_allclose(ends[1], np.array([displacement.percent_low, displacement.percent_high])[:, 0, 1].T)


def test_warnings_are_passed_on(estimates):
    warned = replace(estimates[0], warnings=("No boot factor was mapped to factor1.",))
    assert source_errors.section(warned).warnings == warned.warnings


def test_bootstrap_with_displacement_joins_the_others(estimates, bs_disp):
    section = source_errors.section(*estimates, "soil", bs_disp)
    assert section.paragraphs[0].endswith(bs_disp.verdict()) and len(section.paragraphs) == 4
    assert "4 resamples whose factors map" in section.paragraphs[3] and "(0.5, 1, 2, 4)" in section.paragraphs[3]
    assert [len(listing.table) for listing in section.listings] == [3, 2, 4, 4, 4]
    assert section.listings[3].table["Accepted (%)"].tolist() == [100.0] * 4
    assert "Green: bootstrap with displacement at dQ 0.5" in section.charts[0].caption


def test_three_ranges_stand_side_by_side(estimates, bs_disp):
    panel = source_errors.intervals(*estimates, bs_disp).axes[2]
    ends = [np.array(list(lines.get_segments())) for lines in panel.collections]
    assert len(ends) == 3
    np.testing.assert_allclose(ends[2][:, :, 1], np.array([bs_disp.percent_low, bs_disp.percent_high])[:, 0, 2].T)
    assert (ends[0][:, 0, 0] < ends[1][:, 0, 0]).all() and (ends[1][:, 0, 0] < ends[2][:, 0, 0]).all()


def test_bootstrap_with_displacement_alone(bs_disp, tmp_path):
    section = source_errors.section(bs_disp=bs_disp)
    text = Document("PMF", "", (section,)).write(tmp_path / "pmf.html").read_text(encoding="utf-8")
    assert text.count("<svg") == 1 and bs_disp.verdict() in text


def test_groups_are_named(estimates):
    grouped = replace(estimates[0], grouped=True)
    assert "20 resampled data sets (groups of samples drawn together)" in source_errors.section(grouped).paragraphs[1]
