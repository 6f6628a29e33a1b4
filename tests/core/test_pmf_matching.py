"""Factors of two media beside each other: cosines, the assignment, the null level, refusals."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.pmf.matching import MatchOptions, compare_factors

from .pmf_distinct import distinct, two_media

# at a bound of 0 the planted factors are unique
OPTIONS = pmf.PmfOptions(factors=3, starts=6, solver=pmf.SolverOptions(lower_contribution=0.0))
SOIL_AND_SEDIMENT = ("soil", "sediment")


def apportioned(samples, factors=3):
    rules = pmf.UncertaintyRules(strong=samples.elements)
    return pmf.apportion(samples, replace(OPTIONS, factors=factors, uncertainty=rules))


@pytest.fixture(scope="module")
def found():
    samples = two_media()[0]
    return compare_factors(*map(apportioned, samples), SOIL_AND_SEDIMENT)


def test_the_same_sources_are_found_as_such(found):
    table = found.table()
    assert list(table)[:5] == ["medium_a", "factor_a", "medium_b", "factor_b", "cosine"]
    assert table["same_source"].all() and (table["cosine"] > 0.95).all() and (table["p_value"] < 0.05).all()
    assert set(table["medium_a"]) == {"soil"} and sorted(table["factor_b"]) == ["factor1", "factor2", "factor3"]
    assert found.verdict().startswith(
        "3 of 3 pairs of factors are the same source in soil and sediment: factor1 of soil"
    )


def test_cosines_are_those_of_the_profiles_over_the_common_mean(found):
    mean = np.sqrt(found.a.f.sum(axis=0) * found.b.f.sum(axis=0))
    for k, other_k in np.ndindex(3, 3):
        one, other = found.a.f[k] / mean, found.b.f[other_k] / mean
        assert found.cosines[k, other_k] == pytest.approx(one @ other / np.sqrt(one @ one * (other @ other)))


def test_the_assignment_has_the_largest_sum(found):
    sums = {order: found.cosines[range(3), order].sum() for order in permutations(range(3))}
    assert tuple(found.partner) == max(sums, key=sums.get)
    matched = found.cosine_table().query("matched")
    assert len(found.cosine_table()) == 9
    np.testing.assert_allclose(matched["cosine"], found.cosines[range(3), found.partner])


def test_units_of_the_species_do_not_matter(found):
    """mg/kg or g/kg for a species gives the same cosines."""
    scale = np.array([1000.0, 1, 1, 1, 0.001, 1, 1, 1])
    one, other = (replace(result, f=result.f * scale) for result in (found.a, found.b))
    np.testing.assert_allclose(compare_factors(one, other).cosines, found.cosines, rtol=1e-12)


def test_how_strong_a_source_is_does_not_matter(found):
    """The same profiles at other strengths have cosines of exactly 1."""
    other = replace(found.a, f=found.a.f * np.array([[0.1], [5.0], [1.0]]))
    table = compare_factors(found.a, other).table()
    np.testing.assert_allclose(table["cosine"], 1, rtol=1e-12)


def test_a_species_absent_from_one_medium_is_compared(found):
    absent = found.b.f.copy()
    absent[:, 0] = 0
    cosines = compare_factors(found.a, replace(found.b, f=absent)).cosines
    assert np.isfinite(cosines).all() and (cosines <= 1 + 1e-12).all()


def test_the_null_level_is_that_of_permuted_species(found):
    """Against all 40,320 permutations of eight species for one factor against one other."""
    one, other = (replace(result, f=result.f[:2]) for result in (found.a, found.b))
    drawn = compare_factors(one, other, options=MatchOptions(permutations=4000))
    mean = np.sqrt(one.f.sum(axis=0) * other.f.sum(axis=0))
    left, right = ((f / mean) / np.linalg.norm(f / mean, axis=1, keepdims=True) for f in (one.f, other.f))
    first = []
    for order in permutations(range(8)):
        c = left @ right[:, order].T
        first.append(c[0, 0] if c[0, 0] + c[1, 1] >= c[0, 1] + c[1, 0] else c[0, 1])
    table = drawn.table()
    assert table["null_median"][0] == pytest.approx(np.median(first), abs=0.02)
    assert table["null_95"][0] == pytest.approx(np.quantile(first, 0.95), abs=0.02)


def test_unrelated_profiles_are_seldom_the_same_source():
    """Sources drawn anew for the other medium, 20 times: of 60 pairs 5 % may be called the same."""
    called = 0
    for seed in range(20):
        one, other = (
            pmf.factorize(distinct(3, samples=40, seed=number), pmf.PmfOptions(factors=3, starts=3))
            for number in (seed, 100 + seed)
        )
        called += compare_factors(one, other, options=MatchOptions(permutations=400)).table()["same_source"].sum()
    assert called <= 8


def test_a_factor_too_many_has_no_partner(found):
    samples = two_media()[0]
    more = compare_factors(apportioned(samples[0], 4), found.b, SOIL_AND_SEDIMENT)
    table = more.table()
    assert len(table) == 4 and (table["factor_b"] == "").sum() == 1
    assert not table.loc[table["factor_b"] == "", "same_source"].any()
    other_way = compare_factors(found.b, more.a).table()
    assert len(other_way) == 4 and (other_way["factor_a"] == "").sum() == 1
    assert more.verdict().startswith("3 of 3 pairs")


def test_total_variables_and_species_of_one_medium_stay_out(found):
    table = two_media()[0][0].concentrations.assign(PM=1.0)
    table["PM"] = table.sum(axis=1)
    rules = pmf.UncertaintyRules(strong=tuple(table.columns[:-2]), bad=("Zn",), total="PM")
    other = pmf.factorize(pmf.prepare(table, rules=rules), OPTIONS)
    assert compare_factors(found.a, other).species == ("As", "Cd", "Cr", "Cu", "Hg", "Ni", "Pb")


def test_nothing_in_common_is_said(found):
    strict = compare_factors(found.a, found.b, SOIL_AND_SEDIMENT, MatchOptions(same=1.0))
    assert strict.verdict() == "None of the factors of soil and sediment can be said to be the same source."


def test_same_seed_same_null(found):
    again = compare_factors(found.a, found.b, SOIL_AND_SEDIMENT)
    np.testing.assert_array_equal(again.null, found.null)


def test_refusals(found):
    few = two_media()[0][0].concentrations[["As", "Cd"]]
    rules = pmf.UncertaintyRules(strong=("As", "Cd"))
    lacking = pmf.factorize(pmf.prepare(few, rules=rules), pmf.PmfOptions(factors=1, starts=1))
    with pytest.raises(InputError, match="Factors of soil and mud share 2 species"):
        compare_factors(found.a, lacking, ("soil", "mud"))
    with pytest.raises(InputError, match=r"cosine of the same source is 1\.5"):
        compare_factors(found.a, found.b, options=MatchOptions(same=1.5))
    with pytest.raises(InputError, match="5 permutations"):
        compare_factors(found.a, found.b, options=MatchOptions(permutations=5))
    with pytest.raises(Cancelled):
        compare_factors(found.a, found.b, monitor=Monitor(is_cancelled=lambda: True))
