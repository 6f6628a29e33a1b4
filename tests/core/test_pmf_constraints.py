"""Constraints: planted truths recovered, limits kept, held values exact, ratios met, text read, refusals."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.pmf.rotation.constraint_text import LIMIT, Constraint, parse_constraints
from coastal_hm_plugin.core.pmf.rotation.constraints import constrain
from coastal_hm_plugin.core.pmf.solver import huber

from .pmf_cases import METALS, planted, prepared
from .pmf_rotation_cases import ambiguous

BASE = pmf.PmfOptions(factors=3, starts=6, seed=1, solver=pmf.SolverOptions(lower_contribution=0.0))
CD, CU, NI, PB, ZN = (METALS.index(name) for name in ("Cd", "Cu", "Ni", "Pb", "Zn"))

ROOT = Path(__file__).parents[2]
SCRIPT = """
import hashlib
from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.pmf.rotation.constraints import constrain
from coastal_hm_plugin.core.pmf.rotation.fpeak import fpeak
from tests.core.pmf_cases import planted, prepared
data = prepared(planted()[0])
result = pmf.factorize(data, pmf.PmfOptions(factors=3, starts=2))
constrained = constrain(data, result, "factor2: Cr = 0; factor1: Zn/Cu -> 2.1; factor1: sample 4 up")
numbers = (constrained.result.g, constrained.result.f, fpeak(data, result).run(1.0).result.g)
print(hashlib.sha256(b"".join(each.tobytes() for each in numbers)).hexdigest())
"""


@pytest.fixture(scope="module")
def case():
    data = prepared(planted()[0])
    return data, pmf.factorize(data, BASE)


@pytest.fixture(scope="module")
def loose():
    data, contributions, profiles = ambiguous()
    result = pmf.factorize(data, replace(BASE, factors=2))
    return data, result, contributions, profiles


def profile(found, factor):
    return found.result.f[factor - 1]


class TestPlantedTruth:
    def test_known_zeros_bring_the_planted_profiles_back(self, loose):
        data, result, contributions, profiles = loose
        truth = profiles / profiles.sum(axis=0)
        partner = pmf.match_factors(result.g, contributions)[0]
        rotated = np.abs(result.f[partner] / result.f.sum(axis=0) - truth).max()
        hg, cr = (int(partner[k]) + 1 for k in (0, 1))  # the factors whose planted profiles lack Hg and Cr
        found = constrain(data, result, f"factor{hg}: Hg = 0; factor{cr}: Cr = 0")
        own = found.result.f[partner] / found.result.f.sum(axis=0)
        assert rotated > 0.06 and np.abs(own - truth).max() < 0.02
        assert found.percent_dq < 0.5 and found.met.all()
        assert pmf.match_factors(found.result.g, contributions)[1].min() > 0.99

    def test_a_false_zero_is_dear(self, case):
        found = constrain(*case, "factor2: Cd = 0")
        assert found.percent_dq > 100 and found.verdict().endswith("more than 5 %: the data speak against them.")
        assert profile(found, 2)[CD] == 0


class TestHeld:
    def test_values_held_are_exact_and_everything_keeps_its_bounds(self, case):
        found = constrain(
            *case, "factor1: Ni = 15; factor2: Zn = base; factor3: Pb = 0; factor1: Zn <= 18; factor2: Cu >= 8.5"
        )
        assert profile(found, 1)[NI] == 15 and profile(found, 3)[PB] == 0
        assert profile(found, 2)[ZN] == case[1].f[1, ZN]
        assert profile(found, 1)[ZN] <= 18 and profile(found, 2)[CU] >= 8.5
        assert found.result.f.min() >= 0 and found.result.g.min() >= 0
        np.testing.assert_allclose(found.result.g.mean(axis=0), 1)
        assert found.met.all() and np.isnan(found.q_aux).all()

    def test_what_is_true_already_costs_nothing(self, case):
        found = constrain(*case, "factor1: Ni = base; factor2: Cd >= 0.01")
        assert found.dq < 1e-3 and found.dq >= 0
        np.testing.assert_allclose(found.result.f, case[1].f, rtol=2e-3, atol=2e-3)

    def test_dq_is_the_rise_of_the_objective(self, case):
        found = constrain(*case, "factor1: Ni = 19; factor2: Zn -> 41")
        assert huber(found.result.residuals).sum() - found.q == pytest.approx(found.dq, abs=1e-6 * found.q)
        row = found.summary().iloc[0]
        assert row["q_robust"] - found.q_robust == pytest.approx(row["dq_robust"]) and row["converged"]
        assert row["percent_dq"] == pytest.approx(100 * found.dq / found.q)

    @pytest.mark.parametrize("low", [0.0, -0.2])
    def test_contributions_held(self, low):
        data = prepared(planted(samples=50)[0])
        result = pmf.factorize(data, replace(BASE, starts=3, solver=pmf.SolverOptions(lower_contribution=low)))
        found = constrain(data, result, "factor1: sample 3, 5 = 0; factor2: sample 4 = 1.5; factor2: sample 9 = base")
        g = found.result.g
        np.testing.assert_allclose([g[2, 0], g[4, 0], g[3, 1], g[8, 1]], [0, 0, 1.5, result.g[8, 1]], atol=1e-9)
        np.testing.assert_allclose(g.mean(axis=0), 1)
        assert g.min() >= low - 1e-12 and found.dq > 0
        assert "do not keep the constraints on contributions" in found.warnings[-1]


class TestPulls:
    @pytest.mark.parametrize("limit", [0.5, 2.0])
    @pytest.mark.parametrize("demand, sign", [("up", 1), ("down", -1)])
    def test_a_maximal_pull_spends_its_limit_and_no_more(self, case, limit, demand, sign):
        found = constrain(*case, f"factor1: Pb {demand} {limit} %")
        allowed = limit / 100 * found.q_robust
        assert 0.97 * allowed < found.dq <= allowed * (1 + 1e-6)
        assert sign * (profile(found, 1)[PB] - case[1].f[0, PB]) > 0 and found.met.all()

    def test_a_maximal_pull_ends_where_displacement_does(self, case):
        """Both ask for the farthest value at a dQ."""
        limit = 100 * 4.0 / constrain(*case, "factor1: Pb = base").q_robust
        displaced = pmf.displace(*case, (4.0,))
        ends = [profile(constrain(*case, f"factor1: Pb {way} {limit} %"), 1)[PB] for way in ("down", "up")]
        reach = (displaced.high - displaced.low)[0, 0, PB]
        np.testing.assert_allclose(ends, [displaced.low[0, 0, PB], displaced.high[0, 0, PB]], atol=0.05 * reach)

    def test_down_stops_at_zero(self, loose):
        data, result, contributions, _ = loose
        factor = int(pmf.match_factors(result.g, contributions)[0][0]) + 1
        found = constrain(data, result, f"factor{factor}: Hg down 5 %")
        assert profile(found, factor)[METALS.index("Hg")] == 0 and found.percent_dq < 1

    def test_a_target_within_the_limit_is_reached_and_the_pull_rests(self, case):
        found = constrain(*case, "factor1: Ni -> 19.9 0.5 %")
        assert profile(found, 1)[NI] == pytest.approx(19.9, rel=1e-6)
        assert found.met[0] and found.q_aux[0] == pytest.approx(0, abs=1e-6)

    def test_a_target_too_far_is_not_and_says_so(self, case):
        found = constrain(*case, "factor1: Ni -> 12")
        assert 12 < profile(found, 1)[NI] < case[1].f[0, NI] and not found.met[0]
        assert found.percent_dq <= 0.5 + 1e-6 and found.q_aux[0] > 0
        assert found.verdict().startswith(
            "1 of 1 constraints not met within the limit ('factor1: Ni -> 12 0.5 %' stopped at"
        )

    def test_q_aux_is_half_the_slope_times_the_way_left(self, case):
        found = constrain(*case, "factor1: Ni -> 12")
        data, result = case
        value, step = found.value[0], 0.02
        q = [constrain(data, result, f"factor1: Ni = {value + sign * step}").dq for sign in (-1, 1)]
        slope = (q[0] - q[1]) / (2 * step)
        assert found.q_aux[0] == pytest.approx(0.5 * slope * (value - 12), rel=0.02)

    def test_several_pulls_share_the_sum_of_their_limits(self, case):
        found = constrain(*case, "factor1: Pb up; factor1: Ni down; factor2: Zn -> 42 0.2 %; factor3: Cr up 1 %")
        table = found.to_frame()
        assert (table["percent_dq"] <= table["limit_percent"] * (1 + 1e-9)).all()
        assert found.dq <= table["limit_percent"].sum() / 100 * found.q_robust * (1 + 1e-6)
        assert (table["percent_dq"] > 0.9 * table["limit_percent"]).all()

    def test_a_pull_counts_from_what_is_held(self, case):
        alone = constrain(*case, "factor1: Zn = 19")
        both = constrain(*case, "factor1: Zn = 19; factor1: Pb up 0.5 %")
        assert both.dq - alone.dq == pytest.approx(0.005 * both.q_robust, rel=0.05)

    def test_contributions_are_pulled(self, case):
        found = constrain(*case, "factor1: sample 7 up; factor2: sample 9 -> 0 0.1 %")
        assert found.result.g[6, 0] > case[1].g[6, 0] and found.result.g[8, 1] < case[1].g[8, 1]
        assert found.percent_dq <= 0.6 + 1e-6 and found.q_aux[1] >= 0
        np.testing.assert_allclose(found.result.g.mean(axis=0), 1)


class TestEquations:
    def test_a_ratio_held_is_met_whatever_it_costs(self, case):
        found = constrain(*case, "factor1: Zn/Cu = 2.5")
        assert profile(found, 1)[ZN] / profile(found, 1)[CU] == pytest.approx(2.5, rel=1e-9)
        assert found.value[0] == pytest.approx(2.5) and found.base_value[0] == pytest.approx(2, rel=0.02)
        assert found.met[0] and found.percent_dq > 1

    def test_a_ratio_pulled_keeps_its_limit(self, case):
        near, far = (constrain(*case, f"factor1: Zn/Cu -> {ratio}") for ratio in (2.01, 5))
        assert near.met[0] and near.value[0] == pytest.approx(2.01, rel=1e-6)
        assert not far.met[0] and 2 < far.value[0] < 5 and far.q_aux[0] > 0
        assert 0.97 * 0.005 < far.dq / far.q_robust <= 0.005 * (1 + 1e-6)

    def test_a_ratio_costs_no_more_than_any_solution_that_has_it(self, case):
        """The equation is solved exactly: no value of its numerator, held beside it, gives a lower Q."""
        found = constrain(*case, "factor1: Zn/Cu = 2.2")
        best = profile(found, 1)[ZN]
        for zinc in (0.97 * best, 0.99 * best, 1.01 * best, 1.03 * best):
            other = constrain(*case, f"factor1: Zn = {zinc}; factor1: Cu = {zinc / 2.2}")
            assert found.dq <= other.dq * (1 + 1e-6)

    def test_several_equations_of_a_factor_hold_together(self, case):
        found = constrain(*case, "factor1: Zn/Cu = 2.1; factor1: Cu/Ni = 0.52; factor1: Pb - 0.5 Zn + 0.25 Cu = -2.5")
        f = profile(found, 1)
        np.testing.assert_allclose(
            [f[ZN] / f[CU], f[CU] / f[NI], f[PB] - 0.5 * f[ZN] + 0.25 * f[CU]], [2.1, 0.52, -2.5]
        )

    def test_an_equation_with_a_value_held_in_it(self, case):
        found = constrain(*case, "factor1: Cu = 9; factor1: Zn/Cu = 2.1")
        assert profile(found, 1)[CU] == 9 and profile(found, 1)[ZN] == pytest.approx(18.9)


class TestResult:
    def test_tables(self, case):
        found = constrain(*case, "factor2: Cd = 0.14; factor1: Zn/Cu -> 2.1; factor1: sample 4 down")
        table = found.to_frame()
        assert table["constraint"].tolist() == [
            "factor2: Cd = 0.14",
            "factor1: Zn/Cu -> 2.1 0.5 %",
            "factor1: sample 4 down 0.5 %",
        ]
        assert table["what"].tolist() == ["Cd", "Zn/Cu", "sample 4"]
        assert table["demand"].tolist() == ["= 0.14", "-> 2.1", "down"]
        assert np.isnan(table["limit_percent"][0]) and (table["dq"] >= 0).all()
        comparison = found.comparison()
        assert len(comparison) == 24 and comparison.columns[2] == "base_concentration"
        np.testing.assert_allclose(comparison["constrained_concentration"], found.result.f.ravel())

    def test_the_bootstrap_keeps_to_the_constraints(self, case):
        data, result = case
        found = constrain(data, result, "factor2: Cr = 0; factor3: Pb = 0.3; factor1: Zn/Cu = 2.1; factor1: Ni up 1 %")
        boot = pmf.bootstrap(data, found.result, pmf.BootstrapOptions(runs=6))
        assert boot.stable.all()
        np.testing.assert_allclose(boot.concentration[:, 1, METALS.index("Cr")], 0)
        np.testing.assert_allclose(boot.concentration[:, 2, PB], 0.3)
        assert boot.concentration[:, 0, NI].min() >= found.value[3] * (1 - 1e-9)

    def test_the_same_bytes_again(self, case):
        text = "factor2: Cr = 0; factor1: Pb up; factor1: Zn/Cu -> 2.1"
        one, two = constrain(*case, text), constrain(*case, text)
        assert one.result.g.tobytes() == two.result.g.tobytes() and one.dq == two.dq

    def test_the_numbers_do_not_depend_on_the_number_of_threads(self):
        def digest(threads):
            environment = {**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
            command = [sys.executable, "-c", SCRIPT]
            return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=ROOT).stdout

        one = digest("1")
        assert len(one.strip()) == 64 and one == digest("2")

    def test_written_constraints_and_objects_are_the_same(self, case):
        constraint = Constraint(2, "hold", (("Cr", 1.0),), 0.0)
        assert parse_constraints("factor2: Cr = 0", METALS, 3) == (constraint,)
        np.testing.assert_array_equal(constrain(*case, [constraint]).result.f, constrain(*case, "2: Cr=0").result.f)

    def test_progress_rises_and_cancel_is_heard(self, case):
        seen = []
        constrain(*case, "factor2: Cr = 0; factor1: Pb up; factor1: Ni up", Monitor(on_progress=seen.append))
        assert (np.diff(seen) >= -1e-12).all() and seen[-1] == 1
        for calls in (0, 12):
            count = iter(range(10**6))
            with pytest.raises(Cancelled):
                constrain(*case, "factor1: Pb up", Monitor(is_cancelled=lambda n=calls, c=count: next(c) >= n))


class TestContradictions:
    @pytest.mark.parametrize(
        "text, message",
        [
            ("factor1: Cd = 0; factor1: Cd up", "'factor1: Cd = 0' and 'factor1: Cd up 0.5 %' are on the same value"),
            ("factor1: Cd = 0; factor1: Cd = 1", "are on the same value: keep one"),
            ("factor1: Cd >= 2; factor1: Cd <= 1", "leave no value between"),
            ("factor1: Zn/Cu = 2; factor1: Cu/Zn = 3", "are on the same species: keep one"),
            ("factor1: Zn = 4; factor1: Cu = 1; factor1: Zn/Cu = 2", "repeat or contradict each other"),
            ("factor1: Zn + Cu = -1", "cannot be met by profile values of 0 or more"),
            ("factor1: Zn/Cu = -1", "a ratio must be above 0"),
            ("factor1: Zn = -1", "the value must be 0 or more"),
            ("factor1: Zn = 0; factor2: Zn = 0; factor3: Zn = 0", "Zn is held at 0 in every factor"),
            ("factor1: sample 81 = 0", "sample 81 is not there: the table has 80 rows"),
            ("factor1: sample 3 = -0.1", "the value must be 0 or more"),
            ("factor1: sample 3 >= 1", "held or pulled, not bounded"),
            ("factor1: sample 3 = 100", "the others cannot bring their mean to 1"),
        ],
    )
    def test_are_named(self, case, text, message):
        with pytest.raises(InputError, match=message):
            constrain(*case, text)

    def test_a_sample_left_out_is_said_to_be(self):
        table = planted(samples=40)[0]
        table.iloc[4, 2] = np.nan
        data = prepared(table, missing="drop")
        result = pmf.factorize(data, replace(BASE, starts=2))
        with pytest.raises(InputError, match="sample 5 was left out"):
            constrain(data, result, "factor1: sample 5 = 0")
        assert constrain(data, result, "factor1: sample 6 = 0").result.g[4, 0] == 0

    def test_constrained_and_no_constraints(self, case):
        with pytest.raises(InputError, match="There is no constraint"):
            constrain(*case, ())
        with pytest.raises(InputError, match="has constraints already: start from the base run"):
            constrain(case[0], constrain(*case, "factor2: Cr = 0").result, "factor1: Pb = 0")


SPECIES = ("Cd", "Pb", "Zn", "Cu", "Ni", "OC*", "NO3-", "Cd2", "2,4-D")


class TestText:
    @pytest.mark.parametrize(
        "text, read",
        [
            ("factor2: Cd = 0", "factor2: Cd = 0"),
            (" FACTOR 2 :Cd=0.0 ;\n\n", "factor2: Cd = 0"),
            ("3: Cd = base", "factor3: Cd = base"),
            ("factor1: Pb up 0.5%", "factor1: Pb up 0.5 %"),
            ("factor1: Pb down", "factor1: Pb down 0.5 %"),
            ("factor3: Zn/Cu → 2.1 1 %", "factor3: Zn/Cu -> 2.1 1 %"),
            ("factor2: Ni -> 1.2e1", "factor2: Ni -> 12 0.5 %"),
            ("factor1: Cd2 ≥ 3", "factor1: Cd2 >= 3"),
            ("factor1: OC* - 0.44 * NO3- = 0", "factor1: OC* - 0.44 NO3- = 0"),
            ("factor1: -2Zn+Cu = -1", "factor1: -2 Zn + Cu = -1"),
            ('factor1: "2,4-D" <= 4', "factor1: 2,4-D <= 4"),
            ("factor1: sample 7 up 2 %", "factor1: sample 7 up 2 %"),
        ],
    )
    def test_is_read(self, text, read):
        assert [str(one) for one in parse_constraints(text, SPECIES, 3)] == [read]

    def test_several_statements_and_samples(self):
        read = parse_constraints("factor1: sample 2, 5 = 0\nfactor2: Pb = 1; factor3: Zn up", SPECIES, 3)
        assert [one.sample for one in read] == [2, 5, None, None] and [one.factor for one in read] == [1, 1, 2, 3]

    @pytest.mark.parametrize(
        "text, message",
        [
            ("", "There is no constraint to apply"),
            ("Cd = 0", "position 1, at 'Cd = 0': a constraint starts with its factor"),
            ("factor4: Cd = 0", "position 1, .*there is no factor4: the factors are factor1 to factor3"),
            ("factor1: Hg = 0", "position 10, at 'Hg = 0': there is no fitted species 'Hg': there are Cd, Pb, Zn"),
            ("factor1: cd = 0", "no fitted species 'cd'"),
            ("factor1: Cd = 0; factor2: = 1", "position 27, at '= 1': a species is expected"),
            ("factor1: Cd", "position 12, at the end of the constraint: expected '= number', '= base'"),
            ("factor1: Cd = high", "position 15, at 'high': a number is expected, or 'base'"),
            ("factor1: Cd up 3", "the limit of a pull is a percentage"),
            ("factor1: Cd up 0 %", "above 0 % and at most 100 %"),
            ("factor1: Cd -> 0.5 %", "a value is expected here, not a percentage"),
            ("factor1: Cd = 0 0.5 %", "only '->', 'up' and 'down' take a limit"),
            ("factor1: Cd = 0 factor2: Pb = 0", "position 17, at 'factor2: Pb = 0': expected a semicolon"),
            ("factor1: Zn/Zn = 1", "a ratio is of two different species"),
            ("factor1: Zn - Zn = 1", "each species may stand only once"),
            ("factor1: 2 Zn = 1", "a coefficient needs a sum"),
            ("factor1: Zn - 0 Cu = 1", "a coefficient is not 0"),
            ("factor1: Zn/Cu up", "expected '= number' or '-> number'"),
            ("factor1: sample 0 = 1", "the number of a sample is expected"),
            ("factor1: Zn == 1", "one '=' is enough"),
        ],
    )
    def test_that_cannot_be_read_says_where_and_what_is_allowed(self, text, message):
        with pytest.raises(InputError, match=message):
            parse_constraints(text, SPECIES, 3)

    @given(
        factor=st.integers(1, 3),
        kind=st.sampled_from(["hold", "towards"]),
        names=st.lists(st.sampled_from(SPECIES), min_size=1, max_size=4, unique=True),
        coefficients=st.lists(st.sampled_from([-2.5, -1.0, 0.04, 1.0, 3.0]), min_size=4, max_size=4),
        value=st.sampled_from([0.0, 1e-6, 0.25, 12.0, 1e5]),
        limit=st.sampled_from([0.1, 0.5, 25.0]),
    )
    @settings(max_examples=60, deadline=None)
    def test_what_is_printed_is_read_back(self, factor, kind, names, coefficients, value, limit):
        terms = tuple(zip(names, coefficients)) if len(names) > 1 else ((names[0], 1.0),)
        constraint = Constraint(factor, kind, terms, value, limit if kind == "towards" else LIMIT)
        assert parse_constraints(str(constraint), SPECIES, 3) == (constraint,)
