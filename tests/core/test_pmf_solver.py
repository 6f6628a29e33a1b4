"""The batched solver: against an independent optimizer, its constraints, its invariances, its determinism."""

import hashlib
import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares, nnls

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.errors import Cancelled
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.pmf import memory, solver

from .pmf_cases import planted, prepared


@pytest.fixture(scope="module")
def data():
    return prepared(planted()[0])


def fit(data, factors=3, starts=4, seed=1, x=None, **options):
    x = data.fitted_x if x is None else x
    starts = pmf.random_starts(data.fitted_x, factors, starts, seed)
    return pmf.solve(x, data.fitted_u, *starts, pmf.SolverOptions(**options))


def residuals(data, fits):
    return (data.fitted_x - fits.g @ fits.f) / data.fitted_u


@pytest.mark.parametrize("low", [0.0, -0.2])
def test_the_constraints_hold(data, low):
    fits = fit(data, lower_contribution=low)
    assert fits.converged.all()
    assert fits.g.min() >= low - 1e-12 and fits.f.min() >= 0
    np.testing.assert_allclose(fits.g.mean(axis=1), 1, rtol=1e-12)


def test_no_general_optimizer_improves_the_solution():
    """scipy's bounded least squares, started from the solution, finds nothing lower."""
    data = prepared(planted(samples=25)[0])
    fits = fit(data, starts=1, lower_contribution=0.0, robust=False, tolerance=1e-13)
    n, m, p = 25, 8, 3

    def scaled(values):
        return ((data.fitted_x - values[: n * p].reshape(n, p) @ values[n * p :].reshape(p, m)) / data.fitted_u).ravel()

    start = np.concatenate([fits.g[0].ravel(), fits.f[0].ravel()])
    found = least_squares(scaled, np.maximum(start, 1e-12), bounds=(0, np.inf), xtol=1e-14, ftol=1e-14, gtol=1e-10)
    assert fits.objective[0] <= 2 * found.cost * (1 + 1e-6)


def test_each_half_is_a_non_negative_least_squares_solution(data):
    fits = fit(data, starts=1, lower_contribution=0.0, robust=False, tolerance=1e-13)
    g, f = fits.g[0], fits.f[0]
    for j in range(f.shape[1]):
        weight = 1 / data.fitted_u[:, j]
        expected = nnls(g * weight[:, None], data.fitted_x[:, j] * weight)[0]
        np.testing.assert_allclose(f[:, j], expected, rtol=2e-4, atol=1e-4 * f[:, j].max())


def test_below_zero_the_bound_is_a_stationary_point_of_the_constrained_problem(data):
    """With mean 1 and G >= -0.2: the gradient is one constant where G is free, and larger at the bound."""
    fits = fit(data, starts=1, lower_contribution=-0.2, robust=False, tolerance=1e-14)
    g, f = fits.g[0], fits.f[0]
    gradient = -((data.fitted_x - g @ f) / data.fitted_u**2) @ f.T
    size = np.abs(data.fitted_x / data.fitted_u**2 @ f.T).mean()
    for k in range(3):
        at_bound = g[:, k] < -0.2 + 1e-9
        free = gradient[~at_bound, k]
        assert np.ptp(free) < 1e-3 * size
        assert (gradient[at_bound, k] >= free.mean() - 1e-3 * size).all()


def test_the_objective_never_rises_without_extrapolation(data):
    """A step from the solution of few iterations lowers the objective, whatever their number."""
    values = [fit(data, starts=1, max_iterations=k, tolerance=0, warm_up=0).objective[0] for k in (5, 20, 80, 320)]
    assert all(later <= earlier * (1 + 1e-14) for earlier, later in zip(values, values[1:]))  # but for rounding


def test_huber_is_continuous_and_quadratic_inside():
    r = np.array([-4.0, 0.5, 4.0, 4.0 + 1e-9, 10.0])
    np.testing.assert_allclose(solver.huber(r), [16, 0.25, 16, 16, 64], rtol=1e-8)


def test_robust_mode_resists_outliers(data):
    """One value in thirty is four times too high: the others are still modelled to the noise."""
    outlier = np.random.default_rng(5).random(data.fitted_x.shape) < 1 / 30
    spoilt = np.where(outlier, 4 * data.fitted_x, data.fitted_x)
    errors = {}
    for robust in (True, False):
        fits = fit(data, x=spoilt, robust=robust, starts=8)
        best = fits.objective.argmin()
        errors[robust] = np.median(np.abs(fits.g[best] @ fits.f[best] / data.fitted_x - 1)[~outlier])
    assert errors[True] < 0.05 < 0.08 < errors[False]


def test_a_start_does_not_depend_on_its_neighbours(data):
    alone = pmf.solve(data.fitted_x, data.fitted_u, *(a[2:3] for a in pmf.random_starts(data.fitted_x, 3, 4, 1)))
    together = fit(data)
    np.testing.assert_array_equal(alone.g[0], together.g[2])
    np.testing.assert_array_equal(alone.f[0], together.f[2])


def test_chunks_do_not_change_the_result(data, monkeypatch):
    whole = fit(data)
    monkeypatch.setattr(solver, "CHUNK_BYTES", 1)
    np.testing.assert_array_equal(fit(data).g, whole.g)


def test_little_memory_makes_small_chunks_and_the_same_result(data, monkeypatch):
    """The solver's own arrays take what the machine can spare, not what all starts together would take."""
    budget = 2**19
    starts = pmf.random_starts(data.fitted_x, 3, 60, 1)
    options = pmf.SolverOptions(max_iterations=20)

    def peak():
        tracemalloc.start()
        fits = pmf.solve(data.fitted_x, data.fitted_u, *starts, options)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return fits, most

    whole, much = peak()
    monkeypatch.setattr(memory, "available_bytes", lambda: memory.SHARE * budget)
    cut, little = peak()
    results = 2 * sum(array.nbytes for array in (whole.g, whole.f))  # of the chunks, then of all
    assert little < budget + results < much
    np.testing.assert_array_equal(cut.g, whole.g)
    np.testing.assert_array_equal(cut.f, whole.f)


def test_the_machine_says_how_much_memory_it_can_spare():
    assert 2**20 < memory.available_bytes() < 2**50
    assert memory.problems_at_a_time(1e6, 2**24) >= 1
    assert memory.problems_at_a_time(2**60, 2**24) == 1


def test_every_problem_of_a_batch_may_have_data_of_its_own(data):
    starts = pmf.random_starts(data.fitted_x, 3, 3, 1)
    x = np.stack([data.fitted_x, 2 * data.fitted_x, data.fitted_x[::-1]])
    u = np.stack([data.fitted_u, 2 * data.fitted_u, data.fitted_u[::-1]])
    batch = pmf.solve(x, u, *starts)
    for k in range(3):
        alone = pmf.solve(x[k], u[k], starts[0][k : k + 1], starts[1][k : k + 1])
        np.testing.assert_allclose(batch.g[k], alone.g[0], atol=1e-9)


@pytest.mark.parametrize("low", [0.0, -0.2])
def test_fixed_and_bounded_profile_values_are_kept(data, low):
    g, f = pmf.random_starts(data.fitted_x, 3, 2, 1)
    lowest, highest = np.zeros_like(f), np.full_like(f, np.inf)
    lowest[:, 0, 2] = highest[:, 0, 2] = 12.5
    highest[:, 1, 3] = 0.7
    options = pmf.SolverOptions(lower_contribution=low)
    fits = pmf.solve(data.fitted_x, data.fitted_u, g, f, options, (lowest, highest))
    assert (fits.f[:, 0, 2] == 12.5).all() and (fits.f[:, 1, 3] <= 0.7).all()
    np.testing.assert_allclose(fits.g.mean(axis=1), 1, rtol=1e-12)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), scale=st.floats(1e-4, 1e4))
def test_units_and_order_do_not_change_the_fit(seed, scale):
    """Scaling one species, and permuting samples and species, gives the same residuals from the same start."""
    rng = np.random.default_rng(seed)
    data = prepared(planted(samples=20, seed=seed)[0])
    x, u = data.fitted_x, data.fitted_u
    g, f = pmf.random_starts(x, 2, 1, seed)
    options = pmf.SolverOptions(max_iterations=15, tolerance=0)
    rows, columns = rng.permutation(20), rng.permutation(8)
    units = np.where(np.arange(8) == 3, scale, 1.0)
    one = pmf.solve(x, u, g, f, options)
    other = pmf.solve(
        (x * units)[rows][:, columns], (u * units)[rows][:, columns], g[:, rows], (f * units)[:, :, columns], options
    )
    np.testing.assert_allclose(other.g[0], one.g[0][rows], atol=1e-6)
    np.testing.assert_allclose(other.f[0], (one.f[0] * units)[:, columns], rtol=1e-5, atol=1e-6 * units.max())


def test_it_stops_when_asked_to(data):
    asked = []

    def cancelled():
        asked.append(True)
        return len(asked) > 5

    with pytest.raises(Cancelled):
        pmf.solve(
            data.fitted_x,
            data.fitted_u,
            *pmf.random_starts(data.fitted_x, 3, 4, 1),
            monitor=Monitor(is_cancelled=cancelled),
        )
    assert len(asked) == 6


def test_progress_rises_to_the_end(data):
    seen = []
    pmf.solve(
        data.fitted_x,
        data.fitted_u,
        *pmf.random_starts(data.fitted_x, 3, 4, 1),
        pmf.SolverOptions(lower_contribution=0.0),
        monitor=Monitor(on_progress=seen.append),
    )
    assert seen == sorted(seen) and seen[-1] == 1.0


SCRIPT = """
import hashlib, numpy as np, pandas as pd
from coastal_hm_plugin.core import pmf
rng = np.random.default_rng(1)
x = rng.lognormal(0, 1, (400, 9)) @ rng.lognormal(0, 1, (9, 40))
data = pmf.prepare(pd.DataFrame(x))
options = pmf.PmfOptions(factors=9, starts=3, solver=pmf.SolverOptions(max_iterations=25))
result = pmf.factorize(data, options)
tables = (result.profiles(), result.contributions(), result.species_table(), result.runs_table())
print(hashlib.sha256("".join(table.to_csv() for table in tables).encode()).hexdigest())
"""


def test_the_numbers_do_not_depend_on_the_number_of_threads():
    def digest(threads):
        environment = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    one = digest("1")
    assert len(one) == hashlib.sha256().digest_size * 2
    assert one == digest("2")
