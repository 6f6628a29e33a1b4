"""The base model: planted sources found again, families of runs, result tables, warnings and refusals."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.monitor import Monitor

from .pmf_cases import METALS, PLANTED, planted, prepared

NON_NEGATIVE = pmf.PmfOptions(factors=3, seed=1, solver=pmf.SolverOptions(lower_contribution=0.0))


@pytest.fixture(scope="module")
def case():
    table, contributions, _ = planted()
    data = prepared(table)
    return data, contributions, pmf.factorize(data, NON_NEGATIVE)


def test_planted_sources_are_found_again(case):
    _, contributions, result = case
    partner, correlation = pmf.match_factors(result.g, contributions)
    assert correlation.min() > 0.995
    shares = result.f[partner] / result.f.sum(axis=0)
    np.testing.assert_allclose(shares, PLANTED / PLANTED.sum(axis=0), atol=0.02)
    assert result.warnings == () and (result.runs.family == 1).all()


def test_room_below_zero_leaves_the_sources_a_little_freedom(case):
    """With G down to -0.2 the factors can rotate: Q is lower, the planted profiles are met less closely."""
    data, contributions, result = case
    free = pmf.factorize(data, pmf.PmfOptions(factors=3, seed=1))
    assert free.q_true < result.q_true
    partner, correlation = pmf.match_factors(free.g, contributions)
    assert correlation.min() > 0.99
    shares = free.f[partner] / free.f.sum(axis=0)
    np.testing.assert_allclose(shares, PLANTED / PLANTED.sum(axis=0), atol=0.1)


def test_residuals_have_the_size_the_noise_planted(case):
    _, _, result = case
    assert result.q_expected == 80 * 8 - 3 * (80 + 8)
    assert 0.6 < result.q_true / result.q_expected < 1.4


def test_more_noise_blurs_but_does_not_lose_the_sources():
    table, contributions, _ = planted(samples=100, noise=0.2, seed=11)
    result = pmf.factorize(prepared(table, fraction=0.2), NON_NEGATIVE)
    assert pmf.match_factors(result.g, contributions)[1].min() > 0.9


def test_the_same_seed_gives_the_same_bytes_and_another_the_same_solution(case):
    data, _, result = case
    again = pmf.factorize(data, NON_NEGATIVE)
    assert again.g.tobytes() == result.g.tobytes() and again.f.tobytes() == result.f.tobytes()
    other = pmf.factorize(data, replace(NON_NEGATIVE, seed=2))
    assert pmf.match_factors(other.g, result.g)[1].min() > 0.999


def test_profiles_are_tidy_and_add_up(case):
    table = case[2].profiles()
    assert list(table) == ["factor", "species", "concentration", "percent_of_species", "percent_of_factor_total"]
    assert len(table) == 3 * 8
    np.testing.assert_allclose(table.groupby("species")["percent_of_species"].sum(), 100)
    np.testing.assert_allclose(table.groupby("factor")["percent_of_factor_total"].sum(), 100)


def test_the_total_variable_is_no_part_of_a_factors_sum_but_gives_the_shares():
    table, contributions, _ = planted()
    table = table.assign(total=table.sum(axis=1))
    result = pmf.factorize(prepared(table, total="total"), NON_NEGATIVE)
    profiles = result.profiles().set_index("species")
    assert profiles.loc["total", "percent_of_factor_total"].isna().all()
    others = profiles.drop(index="total").groupby("factor")["percent_of_factor_total"].sum()
    np.testing.assert_allclose(others, 100)
    partner = pmf.match_factors(result.g, contributions)[0]
    found = result.factor_table()["percent_of_total"].to_numpy()[partner]
    np.testing.assert_allclose(found, 100 * PLANTED.sum(axis=1) / PLANTED.sum(), atol=2)


def test_contributions_stand_beside_the_samples_given():
    table, _, _ = planted(samples=40)
    table.iloc[[3, 7], 2] = np.nan
    data = prepared(table, missing="drop")
    shown = pmf.factorize(data, pmf.PmfOptions(factors=3, starts=4)).contributions()
    assert list(shown) == ["factor1", "factor2", "factor3"] and len(shown) == 40
    assert np.flatnonzero(shown["factor1"].isna()).tolist() == [3, 7]
    np.testing.assert_allclose(shown.mean(), 1)


def test_the_species_table_has_bad_species_too():
    table, _, _ = planted(samples=40)
    rules = pmf.UncertaintyRules(error_fraction=0.05, bad=("Hg",))
    result = pmf.factorize(pmf.prepare(table, rules=rules), pmf.PmfOptions(factors=2, starts=4))
    shown = result.species_table().set_index("species")
    assert list(shown.index) == list(METALS)
    assert shown.loc["Hg", "category"] == "bad" and np.isnan(shown.loc["Hg", "r2"])
    assert "Hg" not in set(result.profiles()["species"])
    assert shown["q_percent"].sum() == pytest.approx(100)


def test_the_runs_table_names_family_and_choice(case):
    runs = case[2].runs_table()
    assert runs["run"].tolist() == list(range(1, 21))
    assert runs["chosen"].sum() == 1 and runs.loc[runs["chosen"], "family"].item() == 1
    assert runs.loc[runs["chosen"], "q_robust"].item() == runs["q_robust"].min() == case[2].q_robust
    np.testing.assert_allclose(runs["q_true_over_expected"], runs["q_true"] / case[2].q_expected)


def test_a_run_can_be_chosen(case):
    result = pmf.factorize(case[0], pmf.PmfOptions(factors=3, starts=5, run=4))
    assert result.runs.chosen == 3
    residuals = (case[0].fitted_x - result.predicted) / case[0].fitted_u
    assert pmf.q_true(residuals) == pytest.approx(result.runs.q_true[3])


def test_families_ignore_the_order_of_factors_and_separate_solutions():
    rng = np.random.default_rng(0)
    g = rng.lognormal(0, 1, (50, 3))
    other = rng.lognormal(0, 1, (50, 3))
    runs = np.stack([other, g[:, [2, 0, 1]], g, g * 1.001, g])
    q = np.array([101.0, 100.01, 100.0, 100.02, 109.0])
    assert pmf.families(runs, q).tolist() == [2, 1, 1, 1, 3]  # the last has the factors, but not the fit


def test_large_residuals_name_row_and_species():
    table, _, _ = planted(samples=40)
    table.loc[5, "Cu"] *= 3
    result = pmf.factorize(prepared(table), pmf.PmfOptions(factors=3, starts=6))
    first = result.large_residuals().iloc[0]
    assert (first["row"], first["species"]) == (5, "Cu") and first["residual"] > 3


def test_a_lone_lowest_solution_is_told():
    rng = np.random.default_rng(8)  # noise without structure: every start ends elsewhere
    table = pd.DataFrame(rng.lognormal(0, 1, (30, 8)), columns=list(METALS))
    told = []
    result = pmf.factorize(prepared(table), pmf.PmfOptions(factors=5, starts=6), Monitor(on_warning=told.append))
    assert any("Only 1 of 6 starts found the solution with the lowest Q" in text for text in told)
    assert set(told) == set(result.warnings)


def test_too_many_factors_and_no_convergence_are_told(case):
    few = prepared(planted(samples=12)[0])
    result = pmf.factorize(few, pmf.PmfOptions(factors=7, starts=2))
    assert any("Q(expected) is -44" in text for text in result.warnings)
    assert result.runs_table()["q_true_over_expected"].isna().all()
    hurried = pmf.PmfOptions(factors=3, starts=2, solver=pmf.SolverOptions(max_iterations=3))
    result = pmf.factorize(case[0], hurried)
    assert any("Not converged after 3 iterations: runs 1, 2" in text for text in result.warnings)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"factors": 9}, "9 factors from 8 species"),
        ({"factors": 0}, "0 factors and 20 starts: both must be at least 1"),
        ({"factors": 3, "run": 21}, "Run 21 was asked for, but there are 20 runs"),
        ({"factors": 3, "solver": pmf.SolverOptions(lower_contribution=0.5)}, "lowest contribution is 0.5"),
    ],
)
def test_impossible_models_are_refused(case, options, message):
    with pytest.raises(InputError, match=message):
        pmf.factorize(case[0], pmf.PmfOptions(**options))


def test_fewer_samples_than_factors_is_refused():
    with pytest.raises(InputError, match="4 factors from 3 samples: there must be more samples than factors"):
        pmf.factorize(prepared(planted(samples=40)[0].iloc[:3] + 1), pmf.PmfOptions(factors=4))


def test_all_species_bad_is_refused():
    noisy = pmf.prepare(planted()[0], rules=pmf.UncertaintyRules(error_fraction=0.9))
    with pytest.raises(InputError, match="Every species is bad"):
        pmf.factorize(noisy)


def test_samples_of_a_medium_go_straight_in():
    from coastal_hm_plugin.core.samples import read_samples

    table, contributions, _ = planted(samples=60)
    text = table.round(6).astype(str)
    text.loc[4, "Hg"] = "<0.01"
    x, y = np.linspace(120, 121, 60), np.linspace(38, 39, 60)
    samples = read_samples(text, x, y, "EPSG:4326", "soil")
    options = pmf.PmfOptions(factors=3, uncertainty=pmf.UncertaintyRules(error_fraction=0.05))
    result = pmf.apportion(samples, options)
    assert pmf.match_factors(result.g, contributions)[1].min() > 0.98
    position = result.data.species.index("Hg")
    assert result.data.u[4, position] == pytest.approx(5 / 6 * 0.01)
