"""Bootstrap of the factorization: mapping, intervals, what decides, refusals."""

import os
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.pmf.error_estimation.blocks import draw_rows
from tests.conftest import ROOT

from .pmf_cases import METALS, PLANTED, planted, prepared

BASE = pmf.PmfOptions(factors=3, starts=10, seed=1, solver=pmf.SolverOptions(lower_contribution=0.0))
QUANTILES = ["p5", "p25", "p50", "p75", "p95"]


@pytest.fixture(scope="module")
def case():
    data = prepared(planted()[0])
    result = pmf.factorize(data, BASE)
    return data, result, pmf.bootstrap(data, result)


def test_well_determined_factors_come_back_in_every_run(case):
    found = case[2]
    table = found.mapping_table()
    assert list(table) == ["boot_factor", "factor1", "factor2", "factor3", "unmapped"]
    np.testing.assert_array_equal(table.drop(columns=["boot_factor", "unmapped"]), 150 * np.eye(3))
    assert found.verdict() == "Stable: every factor came back in at least 80 % of 150 bootstrap runs."
    assert found.warnings == () and found.converged.all() and not found.restarted.any()


def test_intervals_are_ordered_and_hold_the_base_profiles(case):
    found = case[2]
    table = found.intervals()
    assert len(table) == 3 * len(METALS)
    for prefix, base in (("bs_", "concentration"), ("bs_percent_", "percent_of_species")):
        values = table[[prefix + name for name in QUANTILES]].to_numpy()
        assert (np.diff(values, axis=1) >= 0).all() and (values >= 0).all()
        inside = (values[:, 0] <= table[base]) & (table[base] <= values[:, -1])
        assert inside.mean() > 0.8
    assert table["bs_percent_p95"].max() <= 100


def test_the_boot_profiles_are_those_of_the_resampled_data(case):
    """One run is its own quantiles: the factorization of the rows drawn, computed here by itself."""
    data, result, _ = case
    found = pmf.bootstrap(data, result, pmf.BootstrapOptions(runs=1, seed=4))
    rows = draw_rows(80, 1, np.random.default_rng([4, 0]))
    g, f = pmf.random_starts(data.x[rows], 3, 8, 2)
    fits = pmf.solve(data.x[rows], data.u[rows], g, f, BASE.solver)
    best = np.argmin(fits.objective)
    partner = pmf.match_factors(fits.g[best], result.g[rows])[0]
    np.testing.assert_allclose(
        found.concentration[2], fits.f[best][partner], rtol=0.01, atol=0.01 * fits.f[best].max(1).min()
    )
    assert found.q_robust[0] == pytest.approx(fits.objective[best], rel=1e-4)


def test_contributions_of_the_samples_drawn(case):
    """One run is its own quantiles: the samples it drew have the contributions it found, the others none."""
    data, result, found = case
    table = found.contribution_intervals()
    assert list(table) == ["row", "factor", "contribution", "drawn", *[f"bs_{q}" for q in QUANTILES]]
    assert len(table) == 80 * 3 and np.bincount(table["row"]).tolist() == [3] * 80
    values = table[[f"bs_{q}" for q in QUANTILES]].to_numpy()
    assert (np.diff(values, axis=1) >= 0).all()
    inside = (values[:, 0] <= table["contribution"]) & (table["contribution"] <= values[:, -1])
    assert inside.mean() > 0.8
    assert table["drawn"].mean() == pytest.approx(150 * (1 - np.exp(-1)), rel=0.03)
    one = pmf.bootstrap(data, result, pmf.BootstrapOptions(runs=1, seed=4))
    rows = draw_rows(80, 1, np.random.default_rng([4, 0]))
    np.testing.assert_array_equal(np.flatnonzero(one.drawn), np.unique(rows))
    median = one.contributions[2]
    assert np.isnan(median[one.drawn == 0]).all()
    np.testing.assert_allclose(median[rows].mean(axis=0), result.g[rows].mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(median[rows], result.g[rows], atol=0.25)


def test_contributions_of_unmapped_factors_are_unknown(case):
    data, result, _ = case
    found = pmf.bootstrap(data, result, pmf.BootstrapOptions(runs=3, min_correlation=1.0))
    assert np.isnan(found.contributions).all() and found.drawn.max() <= 3


def test_spread_of_a_single_source_is_that_of_the_mean():
    """With one factor, F is a weighted mean of x: its bootstrap interval is the mean's, known in closed form."""
    rng = np.random.default_rng(2)
    strength = rng.lognormal(0, 0.5, 400)
    x = pd.DataFrame(
        np.outer(strength, [4.0, 9.0, 1.0]) * (1 + 0.02 * rng.standard_normal((400, 3))), columns=list("abc")
    )
    data = prepared(x, 0.02)
    result = pmf.factorize(data, pmf.PmfOptions(factors=1, starts=2, seed=1))
    found = pmf.bootstrap(data, result, pmf.BootstrapOptions(runs=1000))
    width = (found.concentration[-1] - found.concentration[0])[0]
    expected = 2 * 1.645 * x.std().to_numpy() / 20
    np.testing.assert_allclose(width, expected, rtol=0.08)


@pytest.fixture(scope="module")
def overfitted():
    """Six factors for three sources: the bootstrap from the base solution alone, and with random restarts."""
    data = prepared(planted(noise=0.1)[0], 0.1)
    solver = replace(BASE.solver, tolerance=1e-6)
    result = pmf.factorize(data, replace(BASE, factors=6, solver=solver))
    return tuple(
        pmf.bootstrap(data, result, pmf.BootstrapOptions(runs=30, random_restarts=restarts)) for restarts in (0, 2)
    )


def test_too_many_factors_are_not_stable(overfitted):
    found = overfitted[1]
    assert not found.stable.all() and found.restarted.any()
    lost = found.base.factors[int(np.flatnonzero(~found.stable)[0])]
    assert found.verdict().startswith("Not stable: fewer than 80 %") and lost in found.verdict()
    np.testing.assert_array_equal(found.mapping.sum(axis=1), 30)


def test_the_start_from_the_base_alone_understates_instability(overfitted):
    warm, both = overfitted
    assert not warm.restarted.any()
    assert warm.reproduced.mean() > both.reproduced.mean()
    assert both.q_robust.mean() < warm.q_robust.mean()


def test_a_factor_below_the_least_correlation_is_unmapped(case):
    data, result, _ = case
    found = pmf.bootstrap(data, result, pmf.BootstrapOptions(runs=10, min_correlation=1.0))
    np.testing.assert_array_equal(found.mapping[:, -1], 10)
    assert np.isnan(found.concentration).all()
    assert found.warnings[0] == "No boot factor was mapped to factor1: it has no bootstrap intervals."
    assert "(0 %, unmapped 100 %)" in found.verdict()


def test_blocks_hold_neighbours_together_and_every_sample_may_come():
    rng = np.random.default_rng(1)
    seen = set()
    for _ in range(200):
        rows = draw_rows(23, 5, rng)
        assert len(rows) == 23 and rows.min() >= 0 and rows.max() < 23
        breaks = np.flatnonzero(np.diff(rows) != 1)
        assert (rows[breaks + 1] % 5 == 0).all()
        seen.update(rows.tolist())
    assert seen == set(range(23))


def test_q_table(case):
    _, result, found = case
    table = found.q_table().set_index("q")
    assert table.loc["Q(true)", "base"] == result.q_true
    assert table.loc["Q(robust)", "median"] == np.median(found.q_robust)
    assert (table["lowest"] <= table["p25"]).all() and (table["p75"] <= table["highest"]).all()


def test_same_seed_same_bytes_whatever_the_chunks(case, monkeypatch):
    data, result, found = case
    monkeypatch.setattr(sys.modules["coastal_hm_plugin.core.pmf.error_estimation.bootstrap"], "CHUNK_BYTES", 2**19)
    again = pmf.bootstrap(data, result)
    np.testing.assert_allclose(again.concentration, found.concentration, rtol=1e-9, atol=1e-12)
    other = pmf.bootstrap(data, result, pmf.BootstrapOptions(seed=2))
    assert not np.array_equal(other.q_true, found.q_true)
    assert (
        pmf.bootstrap(data, result, pmf.BootstrapOptions(seed=2)).concentration.tobytes()
        == other.concentration.tobytes()
    )


SCRIPT = """
import hashlib
from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.pmf.error_estimation.bs_disp import bootstrap_displace
from tests.core.pmf_cases import planted, prepared
data = prepared(planted()[0])
result = pmf.factorize(data, pmf.PmfOptions(factors=3, starts=2))
resampled, displaced = pmf.bootstrap(data, result, pmf.BootstrapOptions(runs=20)), pmf.displace(data, result, (4.0,))
both = bootstrap_displace(data, result, pmf.BootstrapOptions(runs=2))
numbers = (resampled.concentration, resampled.q_true, displaced.low, displaced.high, both.low, both.high)
print(hashlib.sha256(b"".join(each.tobytes() for each in numbers)).hexdigest())
"""


def test_the_numbers_do_not_depend_on_the_number_of_threads():
    def digest(threads):
        environment = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        command = [sys.executable, "-c", SCRIPT]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=ROOT).stdout

    one = digest("1")
    assert len(one.strip()) == 64
    assert one == digest("2")


def test_the_papers_size_takes_little_time():
    rng = np.random.default_rng(0)
    contributions = rng.lognormal(0, 0.8, (103, 4))
    profiles = rng.gamma(0.6, 1, (4, 8)) * 10
    x = pd.DataFrame(contributions @ profiles * rng.lognormal(0, 0.1, (103, 8)) + 0.01, columns=list(METALS))
    data = prepared(x, 0.1)
    result = pmf.factorize(data, replace(BASE, factors=4))
    start = time.perf_counter()
    pmf.bootstrap(data, result)
    assert time.perf_counter() - start < 8  # 0.6 s on two free cores


def test_cancel_stops_and_progress_only_rises(case):
    data, result, _ = case
    told = []
    pmf.bootstrap(data, result, pmf.BootstrapOptions(runs=5), Monitor(on_progress=told.append))
    assert told == sorted(told) and told[-1] == 1.0
    with pytest.raises(Cancelled):
        pmf.bootstrap(data, result, monitor=Monitor(is_cancelled=lambda: True))


@pytest.mark.parametrize(
    "given, message",
    [
        ({"runs": 0}, "0 bootstrap runs: there must be at least 1"),
        ({"block": 0}, "Blocks of 0 samples: the size must be from 1 to the 80 samples"),
        ({"block": 81}, "Blocks of 81 samples"),
        ({"min_correlation": 1.5}, "least correlation for mapping is 1.5"),
        ({"random_restarts": -1}, "-1 random restarts"),
    ],
)
def test_options_that_cannot_be_met_are_refused(case, given, message):
    data, result, _ = case
    with pytest.raises(InputError, match=message):
        pmf.bootstrap(data, result, pmf.BootstrapOptions(**given))


@pytest.mark.slow
def test_planted_profiles_are_covered_at_roughly_the_nominal_rate():
    """90 % is nominal. Percentile intervals fall short of it: 0.82 was measured (docs/error_estimation.md says why)."""
    inside = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        strength = rng.lognormal(0, 0.9, (60, 3)) * (rng.random((60, 3)) > 0.15)
        clean = strength / (0.85 * np.exp(0.9**2 / 2)) @ PLANTED  # contributions of mean 1 in the population
        u = 0.05 * clean + 0.02 * clean.mean(axis=0)
        x = pd.DataFrame(np.maximum(clean + u * rng.standard_normal(clean.shape), 0), columns=list(METALS))
        rules = pmf.UncertaintyRules(strong=METALS)
        data = pmf.prepare(x, None, pd.DataFrame(u, columns=list(METALS)), rules)
        result = pmf.factorize(data, replace(BASE, starts=4))
        found = pmf.bootstrap(data, result, pmf.BootstrapOptions(runs=100))
        truth = PLANTED[pmf.match_factors(strength, result.g)[0]]
        inside.append(((found.concentration[0] <= truth) & (truth <= found.concentration[-1]))[truth > 0])
    assert 0.75 < np.mean(inside) < 0.95
