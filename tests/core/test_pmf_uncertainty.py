"""Uncertainties, missing values, signal-to-noise and categories of species, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.monitor import Monitor


def table(**columns):
    return pd.DataFrame(columns, dtype=float)


GOOD = table(Cd=[0.1, 0.2, 0.3, 0.4], Pb=[20, 30, 25, 22])


def test_the_two_branches_of_the_uncertainty_formula():
    x = np.array([[0.05, 0.1, 0.3]])
    u = pmf.uncertainties(x, np.full_like(x, 0.1), 0.2)
    # at or below the limit 5/6 MDL; above it sqrt((0.2 x 0.3)^2 + (0.5 x 0.1)^2) = sqrt(0.0036 + 0.0025)
    np.testing.assert_allclose(u, [[0.1 * 5 / 6, 0.1 * 5 / 6, np.sqrt(0.0061)]], rtol=1e-12)


def test_without_a_detection_limit_only_the_error_fraction_counts():
    np.testing.assert_allclose(pmf.prepare(GOOD).u, 0.1 * GOOD.to_numpy())


def test_error_fractions_by_species():
    data = pmf.prepare(GOOD, rules=pmf.UncertaintyRules(error_fraction={"Cd": 0.2, "Pb": 0.05}))
    np.testing.assert_allclose(data.u, GOOD.to_numpy() * [0.2, 0.05])


def test_extra_modelling_uncertainty_adds_in_quadrature():
    data = pmf.prepare(GOOD, rules=pmf.UncertaintyRules(error_fraction=0.03, extra=0.04))
    np.testing.assert_allclose(data.u, 0.05 * GOOD.to_numpy())


def test_an_unknown_limit_takes_the_median_of_the_species():
    limits = table(Cd=[0.15, np.nan, 0.25, np.nan], Pb=[np.nan] * 4)
    data = pmf.prepare(GOOD, limits)
    assert data.below_detection.tolist() == [2, 0]  # 0.1 <= 0.15, and 0.2 <= 0.2, the median of 0.15 and 0.25
    np.testing.assert_allclose(data.u[1, 0], 5 / 6 * 0.2)


def test_signal_to_noise_counts_only_what_is_above_the_uncertainty():
    x, u = np.array([[2.0], [0.5]]), np.array([[1.0], [1.0]])
    assert pmf.signal_to_noise(x, u) == pytest.approx(0.5)  # (2 - 1) / 1 and 0, averaged


def test_categories_follow_signal_to_noise_unless_named():
    x = table(strong=[2.5, 2.5], weak=[1.9, 1.9], bad=[1.4, 1.4])
    u = table(strong=[1, 1], weak=[1, 1], bad=[1, 1])
    assert pmf.prepare(x, None, u).category == ("strong", "weak", "bad")
    named = pmf.UncertaintyRules(strong=("bad",), weak=("strong",), bad=("weak",))
    assert pmf.prepare(x, None, u, named).category == ("weak", "bad", "strong")


def test_weak_species_have_their_uncertainty_tripled_and_bad_ones_are_not_fitted():
    rules = pmf.UncertaintyRules(weak=("Pb",), bad=("Cd",))
    data = pmf.prepare(GOOD, rules=rules)
    assert data.fitted_species == ("Pb",)
    np.testing.assert_allclose(data.fitted_u, 0.3 * GOOD[["Pb"]].to_numpy())


def test_a_total_variable_is_weak():
    data = pmf.prepare(GOOD.assign(total=[20.1, 30.2, 25.3, 22.4]), rules=pmf.UncertaintyRules(total="total"))
    assert data.category == ("strong", "strong", "weak")


def test_missing_values_take_the_median_with_four_times_the_median_as_uncertainty():
    data = pmf.prepare(GOOD.where(GOOD != 30))
    assert data.x[1, 1] == 22 and data.u[1, 1] == 88
    assert data.missing.tolist() == [0, 1]
    assert data.warnings == ("Missing values took the species' median with 4 times the median as uncertainty: Pb 1.",)


def test_samples_with_missing_values_can_be_left_out_and_are_named():
    told = []
    holes = GOOD.where((GOOD != 30) & (GOOD != 0.4))
    data = pmf.prepare(holes, rules=pmf.UncertaintyRules(missing="drop"), monitor=Monitor(on_warning=told.append))
    assert data.row.tolist() == [0, 2] and data.given == 4
    assert told == ["2 samples with missing values were left out: rows 2, 4."]


def test_samples_without_any_value_are_always_left_out():
    holes = GOOD.copy()
    holes.iloc[2] = np.nan
    holes.loc[0, "Cd"] = np.nan
    data = pmf.prepare(holes)
    assert data.row.tolist() == [0, 1, 3]
    assert data.warnings[0] == "1 samples without any value were left out: rows 3."
    assert data.warnings[1].endswith("as uncertainty: Cd 1.")


def test_a_bad_species_missing_values_cost_no_sample():
    rules = pmf.UncertaintyRules(missing="drop", bad=("Cd",))
    assert len(pmf.prepare(GOOD.assign(Cd=np.nan), rules=rules).row) == 4


@given(scale=st.floats(1e-6, 1e6), values=st.lists(st.floats(0.01, 100), min_size=3, max_size=12))
def test_units_do_not_change_scaled_quantities(scale, values):
    x = pd.DataFrame({"Cd": values})
    one, other = (pmf.prepare(x * factor, {"Cd": 0.05 * factor}) for factor in (1.0, scale))
    np.testing.assert_allclose(other.u, one.u * scale, rtol=1e-9)
    np.testing.assert_allclose(other.signal_to_noise, one.signal_to_noise, rtol=1e-9)


@pytest.mark.parametrize(
    "concentrations, settings, message",
    [
        (GOOD.assign(Hg=0.0), {}, "Hg is 0 in every sample and cannot be fitted. Leave it out or name it bad"),
        (GOOD.assign(Hg=np.nan), {}, "Hg has no value"),
        (GOOD.assign(Cd=[0.1, -0.2, 0.3, -0.4]), {}, "Cd has negative concentrations in rows 2, 4"),
        (GOOD.assign(Cd=[0.1, np.inf, 0.3, 0.4]), {}, "Cd has infinite concentrations in rows 2"),
        (GOOD.assign(Cd=["low", "0.2", "0.3", "0.4"]), {}, "The concentrations are not all numbers"),
        (GOOD.assign(Cd=[0.1, 0, 0.3, 0.4]), {}, "Cd has an uncertainty of 0 in rows 2. .* needs a detection limit"),
        (GOOD, {"detection_limits": {"Cd": -1}}, "Cd has negative detection limits"),
        (GOOD, {"detection_limits": GOOD[:2]}, "2 rows of detection limits for 4 of concentrations"),
        (GOOD, {"given_uncertainties": -GOOD}, "Cd has uncertainties of 0 or less in rows 1, 2, 3, 4"),
        (
            GOOD,
            {"given_uncertainties": GOOD.where(GOOD != 25)},
            "Pb has concentrations without an uncertainty in rows 3",
        ),
        (GOOD, {"given_uncertainties": GOOD[["Cd"]]}, "uncertainties are 4 rows x 1 species, the concentrations 4 x 2"),
        (GOOD, {"rules": pmf.UncertaintyRules(weak=("Zn",))}, "Named weak, but no species: Zn. There are Cd, Pb"),
        (GOOD, {"rules": pmf.UncertaintyRules(weak=("Cd",), bad=("Cd",))}, "in more than one of .*: Cd"),
        (GOOD, {"rules": pmf.UncertaintyRules(bad=("Cd", "Pb"))}, "Every species is bad"),
        (
            table(Cd=[1, np.nan], Pb=[np.nan, 2]),
            {"rules": pmf.UncertaintyRules(missing="drop")},
            "No sample is left: each lacks a species",
        ),
        (GOOD, {"rules": pmf.UncertaintyRules(missing="guess")}, "Unknown rule for missing values 'guess'"),
        (GOOD, {"rules": pmf.UncertaintyRules(error_fraction={"Cd": 0.1})}, "No error fraction is given for Pb"),
        (GOOD, {"rules": pmf.UncertaintyRules(error_fraction=-0.1)}, "Error fractions must be numbers of 0 or more"),
        (GOOD, {"rules": pmf.UncertaintyRules(extra=-1)}, "extra modelling uncertainty is -1"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(concentrations, settings, message):
    with pytest.raises(InputError, match=message):
        pmf.prepare(concentrations, **settings)
