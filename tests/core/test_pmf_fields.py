"""Uncertainties and species that a table names."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.samples import read_samples

X, Y = np.linspace(120, 121, 4), np.linspace(38, 39, 4)


def soil(**columns):
    return read_samples(pd.DataFrame(columns), X, Y, "EPSG:4326", "soil")


def test_names_may_stand_on_lines_or_behind_semicolons():
    assert pmf.split_names(" Cd; Hg\nPM 10;") == ("Cd", "Hg", "PM 10")


def test_error_fractions_by_species_or_one_for_all():
    assert pmf.error_fractions("", ("Cd", "Pb"), 0.1) == 0.1
    assert pmf.error_fractions("Pb=0.3", ("Cd", "Pb"), 0.1) == {"Cd": 0.1, "Pb": 0.3}


def test_uncertainties_take_the_unit_of_their_own_name_then_that_of_the_concentration():
    samples = soil(
        **{"Cd (ug/kg)": [100.0, 200, 300, 400], "Pb": [20.0, 30, 25, 22]}, a=[10.0] * 4, b_ugkg=[2000.0] * 4
    )
    table = pmf.uncertainty_table(samples, "Cd=a; Pb=b_ugkg")
    np.testing.assert_allclose(table[["Cd", "Pb"]], [[0.01, 2.0]] * 4)


def test_species_that_are_no_elements_keep_their_units_and_non_detects():
    table = pd.DataFrame({"PM10": ["12", "<5", "30", "18"], "OC": [1.0, 2, 3, 4]})
    samples = pmf.own_species(table, (X, Y, "EPSG:4326"), "soil", ("PM10", "OC"), "half", "OC=1.5")
    assert samples.elements == ("PM10", "OC")
    assert samples.concentrations["PM10"].tolist() == [12, 2.5, 30, 18]
    assert samples.concentrations["OC"].tolist() == [0.75, 2, 3, 4] and samples.censored["OC"].tolist()[0]
    uncertainty = pmf.uncertainty_table(samples.take([0, 1, 2, 3]), "PM10=OC; OC=OC")
    assert uncertainty["PM10"].tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "fields, message",
    [
        ("Cd=a", "No uncertainty field is given for Pb"),
        ("Cd=a; Pb=z", "There is no field 'z' for the uncertainty of Pb"),
        ("Cd=a; Zn=a", "There is no species 'Zn' for an uncertainty field. There are Cd, Pb"),
        ("a", "'a' cannot be read as an uncertainty field: write it as 'Cd=...'"),
    ],
)
def test_what_names_nothing_is_refused(fields, message):
    samples = soil(Cd=[1.0, 2, 3, 4], Pb=[20.0, 30, 25, 22], a=[1.0] * 4)
    with pytest.raises(InputError, match=message):
        pmf.uncertainty_table(samples, fields)


def test_a_limit_that_is_nothing_is_refused():
    with pytest.raises(InputError, match="detection limit 'low' is neither a number nor a field"):
        pmf.own_species(pd.DataFrame({"OC": [1.0, 2]}), (X[:2], Y[:2], "EPSG:4326"), "soil", ("OC",), "half", "OC=low")
