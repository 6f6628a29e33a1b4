"""Rotations: the sign, what they cost, bounds, planted ambiguity, refusals."""

from dataclasses import replace

import numpy as np
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.pmf.rotation.fpeak import fpeak
from coastal_hm_plugin.core.pmf.solver import huber

from .pmf_cases import planted, prepared
from .pmf_rotation_cases import ambiguous

BASE = pmf.PmfOptions(factors=3, starts=6, seed=1, solver=pmf.SolverOptions(lower_contribution=0.0))
STRENGTHS = (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0)


@pytest.fixture(scope="module")
def case():
    data = prepared(planted()[0])
    result = pmf.factorize(data, BASE)
    return data, result, fpeak(data, result, STRENGTHS)


@pytest.fixture(scope="module")
def loose():
    """Two factors that share every sample: they can be turned into one another within their bounds."""
    data = ambiguous()[0]
    result = pmf.factorize(data, replace(BASE, factors=2))
    return data, result, fpeak(data, result, STRENGTHS)


def test_the_table_has_a_row_a_strength_and_the_base_run_at_zero(case):
    _, result, found = case
    table = found.to_frame()
    assert table["strength"].tolist() == [-2, -1, -0.5, 0, 0.5, 1, 2]
    assert list(table)[:5] == ["strength", "q_robust", "dq_robust", "percent_dq_robust", "q_true"]
    assert table["converged"].all() and found.warnings == ()
    np.testing.assert_allclose(table["dq_robust"], table["q_robust"] - found.q_robust, atol=1e-9)
    assert found.q_robust == pytest.approx(result.q_robust, rel=1e-5)


def test_strength_zero_is_the_base_run(case):
    _, result, found = case
    run = found.run(0)
    np.testing.assert_allclose(run.result.g, result.g, atol=2e-3)
    np.testing.assert_allclose(run.result.f, result.f, atol=2e-3 * result.f.max())
    assert run.dq < 1e-6 * found.q and np.abs(run.rotation).max() < 1e-3


@pytest.mark.parametrize("which", ["case", "loose"])
def test_q_rises_with_the_size_of_the_strength(which, request):
    table = request.getfixturevalue(which)[2].to_frame().set_index("strength")
    assert (table["dq"] >= 0).all()
    for sign in (-1, 1):
        rises = table.loc[[0.0, *(sign * size for size in (0.5, 1.0, 2.0))], "dq"]
        assert (np.diff(rises) > -1e-6 * table["q_robust"].iloc[0]).all()
    assert (np.diff(table["mean_rotation"]) > -1e-6).all()


def test_dq_is_the_rise_of_the_objective_of_the_solution_given(case):
    data, _, found = case
    for run in found.runs:
        assert huber(run.result.residuals).sum() - found.q == pytest.approx(run.dq, abs=1e-6 * found.q)
        np.testing.assert_allclose((data.fitted_x - run.result.predicted) / data.fitted_u, run.result.residuals)


def test_positive_strength_adds_contributions_and_sharpens_profiles(loose):
    found = loose[2]
    smeared, sharp = found.run(1.0).result, found.run(-1.0).result
    assert found.run(1.0).mean_rotation > 0 > found.run(-1.0).mean_rotation
    # smeared contributions are more alike, sharp profiles less
    assert _alike(smeared.g.T) > _alike(sharp.g.T)
    assert _alike(smeared.f / smeared.f.sum(axis=0)) < _alike(sharp.f / sharp.f.sum(axis=0))


def test_where_the_data_leave_the_rotation_open_it_costs_little(case, loose):
    tight, free = case[2].to_frame(), loose[2].to_frame()
    assert np.ptp(free["mean_rotation"]) > 20 * np.ptp(tight["mean_rotation"])
    cheap = free[free["strength"].abs() <= 0.5]
    assert cheap["percent_dq"].max() < 1 and cheap["lowest_correlation"].min() < 0.99


def test_the_rotation_is_read_off_the_contributions(loose):
    found = loose[2]
    base = found.run(0).result
    for run in found.runs:
        fitted, *_ = np.linalg.lstsq(base.g, run.result.g, rcond=None)
        np.testing.assert_allclose(run.rotation, fitted - np.eye(2), atol=1e-4)


@pytest.mark.parametrize("low", [0.0, -0.2])
def test_bounds_and_the_mean_of_one_hold(low):
    data = prepared(planted(samples=50)[0])
    solver = pmf.SolverOptions(lower_contribution=low)
    result = pmf.factorize(data, replace(BASE, starts=3, solver=solver))
    for run in fpeak(data, result, (-1, 1)).runs:
        assert run.result.g.min() >= low - 1e-12 and run.result.f.min() >= 0
        np.testing.assert_allclose(run.result.g.mean(axis=0), 1)


def test_a_rotated_run_is_a_result_like_any_other(case):
    data, result, found = case
    rotated = found.run(1.0).result
    assert list(rotated.profiles()) == list(result.profiles()) and len(rotated.runs_table()) == 1
    assert pmf.bootstrap(data, rotated, pmf.BootstrapOptions(runs=4)).stable.all()
    profiles = found.profiles()
    assert len(profiles) == 7 * 24 and list(profiles)[:3] == ["strength", "factor", "species"]


def test_the_same_numbers_whatever_else_is_asked(case):
    data, result, found = case
    again = fpeak(data, result, STRENGTHS)
    assert again.run(1.0).result.g.tobytes() == found.run(1.0).result.g.tobytes()
    alone = fpeak(data, result, (1.0,))
    np.testing.assert_allclose(alone.run(1.0).result.f, found.run(1.0).result.f, rtol=1e-9, atol=1e-12)


def test_verdicts_say_what_a_rotation_costs(case, loose):
    assert case[2].verdict().startswith("Fpeak -2, -1, -0.5, 0.5, 1, 2 raised Q by at most 0.")
    data, result, _ = case
    assert fpeak(data, result, (-90, 90)).verdict().startswith("Every rotation raised Q by more than 5 %")


@pytest.mark.parametrize("strengths", [(), (0,), (np.nan, 1), (1, 101), ("strong",)])
def test_strengths_must_be_numbers(case, strengths):
    with pytest.raises(InputError, match="The Fpeak strengths are"):
        fpeak(*case[:2], strengths)


def test_a_single_factor_and_an_unknown_strength_are_refused(case):
    data = case[0]
    single = pmf.factorize(data, replace(BASE, factors=1, starts=1))
    with pytest.raises(InputError, match="at least 2 factors"):
        fpeak(data, single)
    with pytest.raises(InputError, match="No run has the strength 3: there are -2, -1"):
        case[2].run(3)


def test_cancel_is_heard(case):
    with pytest.raises(Cancelled):
        fpeak(*case[:2], monitor=Monitor(is_cancelled=lambda: True))


def test_a_run_that_does_not_converge_is_named(case):
    data, result, _ = case
    hasty = replace(result, options=replace(BASE, solver=replace(BASE.solver, max_iterations=3)))
    said = []
    found = fpeak(data, hasty, (5.0,), Monitor(on_warning=said.append))
    assert not found.run(5.0).converged and said == list(found.warnings)
    assert "did not converge: 0, 5" in said[0]


def _alike(rows):
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return float(unit[0] @ unit[1])
