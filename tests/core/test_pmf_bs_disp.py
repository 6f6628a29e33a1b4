"""Displacement in resamples: cases, swaps, intervals, agreement with displacement, time, refusals."""

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.pmf.error_estimation.blocks import draw_rows
from coastal_hm_plugin.core.pmf.error_estimation.bs_disp import bootstrap_displace
from coastal_hm_plugin.core.pmf.error_estimation.displaced_paths import FINE, QUICK, Bases, follow
from coastal_hm_plugin.core.pmf.rotation.constraints import constrain

from .pmf_cases import METALS, PLANTED, planted, prepared

BASE = pmf.PmfOptions(factors=3, starts=10, seed=1, solver=pmf.SolverOptions(lower_contribution=0.0))
FEW = pmf.BootstrapOptions(runs=8)


@pytest.fixture(scope="module")
def case():
    data = prepared(planted()[0])
    result = pmf.factorize(data, BASE)
    return data, result, bootstrap_displace(data, result, FEW)


def test_well_determined_factors_are_accepted_in_every_resample(case):
    found = case[2]
    table = found.cases_table()
    assert table["dq"].tolist() == [0.5, 1, 2, 4] and (table["cases"] == 8).all() and (table["accepted"] == 8).all()
    assert not table[["unmapped", "q_fell", "swapped"]].any(axis=None)
    assert found.verdict() == (
        "Stable under random errors and rotation together: 100 % of 8 resamples were accepted at dQ 0.5."
    )
    assert not found.swaps.any() and found.swap_table()["dq"].tolist() == [0.5, 1, 2, 4]
    assert found.species == METALS and found.warnings == ()


def test_ranges_widen_with_the_level_and_hold_the_base_profiles(case):
    found = case[2]
    assert (np.diff(found.low, axis=0) <= 1e-9).all() and (np.diff(found.high, axis=0) >= -1e-9).all()
    table = found.intervals(4.0)
    assert len(table) == 3 * len(METALS)
    for prefix, base in (("bsdisp_", "concentration"), ("bsdisp_percent_", "percent_of_species")):
        inside = (table[prefix + "low"] <= table[base]) & (table[base] <= table[prefix + "high"])
        assert inside.mean() > 0.9
    assert table["bsdisp_low"].min() >= 0 and table["bsdisp_percent_high"].max() <= 100 + 1e-9


def test_ranges_take_in_those_of_bootstrap_and_of_displacement(case):
    data, result, _ = case
    both = bootstrap_displace(data, result, pmf.BootstrapOptions(runs=40), levels=(4.0,))
    resampled, displaced = (
        pmf.bootstrap(data, result, pmf.BootstrapOptions(runs=40)),
        pmf.displace(data, result, (4.0,)),
    )
    width = (both.high - both.low)[0]
    assert np.mean(width >= (resampled.concentration[-1] - resampled.concentration[0])) > 0.9
    assert np.mean(width >= 0.95 * (displaced.high - displaced.low)[0]) > 0.9


@pytest.mark.parametrize(
    "low, robust, precision, near",
    [(0.0, True, QUICK, 0.04), (0.0, True, FINE, 0.02), (0.0, False, FINE, 0.02), (-0.2, True, FINE, 0.02)],
)
def test_displaced_solutions_are_those_of_the_solver(low, robust, precision, near, monkeypatch):
    """Paths against refits with the solver's own iterations: the same ranges."""
    monkeypatch.setattr("coastal_hm_plugin.core.pmf.error_estimation.displaced_paths.LARGEST_SYSTEM", 0)
    data = prepared(planted()[0])
    solver = pmf.SolverOptions(lower_contribution=low, robust=robust)
    result = pmf.factorize(data, replace(BASE, solver=solver))
    refitted = pmf.displace(data, result, (1.0, 4.0))
    scale = data.x.mean(axis=0)
    x, u, g = (np.ascontiguousarray(values.T)[None] for values in (data.x / scale, data.u / scale, result.g))
    bases = Bases(x, u, g, result.f[None] / scale, np.array([refitted.q]))
    grid = np.meshgrid([0], range(3), range(8), [1, -1], indexing="ij")
    elements = np.column_stack([each.ravel() for each in grid])
    start = bases.f[0, elements[:, 1], elements[:, 2]]
    limits = np.where(elements[:, 3] < 0, start, 10.0)
    keep = (elements[:, 3] > 0) | (start > 1e-6)
    paths = follow(bases, elements[keep], (1.0, 4.0), limits[keep], (solver, precision))
    width = (paths.f.max(axis=0) - paths.f.min(axis=0)) * scale
    expected = refitted.high - refitted.low
    assert np.median(np.abs(width / expected - 1)) < 0.6 * near
    assert np.mean(np.abs(width / expected - 1) < near) > 0.85
    assert (paths.nearest == np.arange(3)).all()


def test_one_factor_has_the_half_widths_of_weighted_least_squares():
    """One run of one factor: its own rows' weighted mean, displaced by sqrt(dQ) standard errors."""
    rng = np.random.default_rng(5)
    strength = rng.uniform(0.5, 1.5, 200)
    u = np.array([0.001] * 8 + [0.3])
    x = np.outer(strength / strength.mean(), np.arange(1.0, 10.0)) + u * rng.standard_normal((200, 9))
    names = tuple("abcdefghi")
    table, errors = (pd.DataFrame(values, columns=list(names)) for values in (x, np.tile(u, (200, 1))))
    data = pmf.prepare(table, None, errors, pmf.UncertaintyRules(strong=names))
    result = pmf.factorize(data, pmf.PmfOptions(factors=1, starts=2, solver=pmf.SolverOptions(robust=False)))
    found = bootstrap_displace(data, result, pmf.BootstrapOptions(runs=1, random_restarts=0), species=("i",))
    rows = draw_rows(200, 1, np.random.default_rng([1, 0]))
    g = strength[rows] / strength[rows].mean()
    for number, level in enumerate(found.levels):
        half = (found.high - found.low)[number, 0, -1] / 2
        assert half == pytest.approx(np.sqrt(level) * 0.3 / np.sqrt((g**2).sum()), rel=0.05)
    assert found.species == ("i",)


def test_too_many_factors_are_rejected():
    """Five factors for three sources: what splits a source in two comes back otherwise, or changes places."""
    data = prepared(planted(samples=40)[0])
    solver = replace(BASE.solver, max_iterations=600, tolerance=1e-7)
    result = pmf.factorize(data, replace(BASE, factors=5, solver=solver))
    found = bootstrap_displace(data, result, FEW, species=("Cd", "Pb"), levels=(0.5,))
    assert found.percent_accepted[0] < 80
    assert found.verdict().startswith("Not stable under random errors and rotation together: ")
    table = found.cases_table()
    assert (table[["accepted", "unmapped", "q_fell", "swapped"]].sum(axis=1) == 8).all()


def test_a_constrained_run_keeps_its_constraints(case):
    """Values held by constraints stay, in displacement and in that of resamples; then the solver refits at trials."""
    data, result, _ = case
    constrained = constrain(data, result, "factor2: Cr = 0; factor3: Pb = 0.3").result
    options = pmf.BootstrapOptions(runs=2, random_restarts=0)
    found = bootstrap_displace(data, constrained, options, species=("Pb", "Cr"), levels=(1.0,))
    displaced = pmf.displace(data, constrained, (1.0,))
    for estimate in (found, displaced):
        assert estimate.low[0, 1, 2] == estimate.high[0, 1, 2] == 0
        np.testing.assert_allclose([estimate.low[0, 2, 6], estimate.high[0, 2, 6]], 0.3)
        assert estimate.high[0, 1, 6] > estimate.low[0, 1, 6]


def test_a_case_whose_q_fell_is_not_accepted(case):
    fallen = np.array([True] * 2 + [False] * 6)
    found = replace(case[2], fallen=fallen)
    assert found.cases_table()["q_fell"].tolist() == [2] * 4 and found.percent_accepted[0] == 75
    assert found.verdict().startswith("Not stable") and "Q fell 2," in found.verdict()


def test_unmapped_everywhere_gives_no_intervals_and_says_so(case):
    data, result, _ = case
    found = bootstrap_displace(data, result, pmf.BootstrapOptions(runs=3, min_correlation=1.0))
    assert np.isnan(found.low).all() and found.warnings[0].startswith("No resample was accepted")
    assert "(factors unmapped 3, Q fell 0, factors changed places 0)" in found.verdict()


def test_same_seed_same_bytes_whatever_the_threads(case, monkeypatch):
    data, result, found = case
    monkeypatch.setattr("coastal_hm_plugin.core.pmf.error_estimation.displaced_paths.THREADS", 1)
    again = bootstrap_displace(data, result, FEW)
    assert again.high.tobytes() == found.high.tobytes() and again.low.tobytes() == found.low.tobytes()
    monkeypatch.setattr("coastal_hm_plugin.core.pmf.error_estimation.displaced_paths.CHUNK_BYTES", 2**21)
    other = bootstrap_displace(data, result, FEW)
    np.testing.assert_allclose(other.high, found.high, rtol=1e-6)


def test_cancel_stops_and_progress_only_rises(case):
    data, result, _ = case
    told, asked = [], []
    bootstrap_displace(data, result, pmf.BootstrapOptions(runs=3), monitor=Monitor(on_progress=told.append))
    assert told == sorted(told) and told[-1] == 1.0

    def soon():
        asked.append(True)
        return len(asked) > 60

    with pytest.raises(Cancelled):
        bootstrap_displace(data, result, monitor=Monitor(is_cancelled=soon))


@pytest.mark.parametrize(
    "given, message",
    [
        ({"levels": (4, 1)}, r"levels of dQ are .* above 0, and each above the one before"),
        ({"species": ("Xx", "Zn")}, "Only strong species can be displaced, these are not: Xx"),
        ({"options": pmf.BootstrapOptions(runs=0)}, "0 bootstrap runs"),
    ],
)
def test_what_cannot_be_met_is_refused(case, given, message):
    data, result, _ = case
    with pytest.raises(InputError, match=message):
        bootstrap_displace(data, result, **given)


@pytest.mark.slow
def test_the_papers_size_takes_less_than_a_minute():
    rng = np.random.default_rng(0)
    contributions = rng.lognormal(0, 0.8, (103, 4))
    profiles = rng.gamma(0.6, 1, (4, 8)) * 10
    x = pd.DataFrame(contributions @ profiles * rng.lognormal(0, 0.1, (103, 8)) + 0.01, columns=list(METALS))
    data = prepared(x, 0.1)
    result = pmf.factorize(data, replace(BASE, factors=4))
    start = time.process_time()
    found = bootstrap_displace(data, result)
    assert time.process_time() - start < 100  # seconds of all cores together; measured 41
    assert found.options.runs == 150 and found.displaced > 8000


@pytest.mark.slow
def test_planted_profiles_lie_inside():
    """The truth for the samples at hand was inside in all of 40 simulations: the resamples only widen the ranges."""
    inside = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        contributions = rng.lognormal(0, 0.9, (60, 3)) * (rng.random((60, 3)) > 0.15)
        contributions /= contributions.mean(axis=0)
        clean = contributions @ PLANTED
        u = 0.05 * clean + 0.02 * clean.mean(axis=0)
        x = np.maximum(clean + u * rng.standard_normal(clean.shape), 0)
        table, errors = (pd.DataFrame(values, columns=list(METALS)) for values in (x, u))
        data = pmf.prepare(table, None, errors, pmf.UncertaintyRules(strong=METALS))
        result = pmf.factorize(data, replace(BASE, starts=3))
        found = bootstrap_displace(data, result, pmf.BootstrapOptions(runs=20), levels=(0.5,))
        truth = PLANTED[pmf.match_factors(contributions, result.g)[0]]
        inside.append(((found.low[0] <= truth) & (truth <= found.high[0]))[truth > 0])
    assert np.mean(inside) > 0.97
