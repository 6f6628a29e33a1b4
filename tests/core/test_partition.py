"""Kd: units, bounds from non-detects, what is counted, what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.partition import WU_2025, PartitionOptions, partition_coefficients

SEDIMENT = pd.DataFrame({"Cd": [0.2, 0.1, np.nan, 0.3], "Pb": [20.0, 30, 40, 50], "As": [5.0, 6, 7, 8]})
WATER = pd.DataFrame({"Cd": [0.1, 0.0, 0.2, np.nan], "Pb": [0.02, 0.03, 0.04, 5.0]})


def test_kd_in_litres_per_kilogram():
    # 0.2 mg/kg = 200 ug/kg over 0.1 ug/L is 2000 L/kg
    found = partition_coefficients(SEDIMENT, WATER)
    assert found.kd.loc[0, "Cd"] == pytest.approx(2000.0)
    assert found.log10_kd["Pb"].tolist() == pytest.approx([6.0, 6.0, 6.0, 4.0])
    assert found.options.unit == "L/kg"


def test_the_papers_factor_is_stamped_and_one_log_unit_lower():
    warnings = []
    ours = partition_coefficients(SEDIMENT, WATER)
    paper = partition_coefficients(SEDIMENT, WATER, PartitionOptions(WU_2025), Monitor(on_warning=warnings.append))
    np.testing.assert_allclose(paper.log10_kd, ours.log10_kd - 1)
    assert "Wu et al. 2025" in paper.table()["Kd_unit"].iloc[0]
    assert "Wu et al. 2025" in paper.summary()["unit"].iloc[0]
    assert any("1 lower" in warning for warning in warnings)


def test_missing_and_zero_are_counted():
    messages = []
    found = partition_coefficients(SEDIMENT, WATER, monitor=Monitor(on_info=messages.append))
    assert found.counts.loc["Cd"].to_dict() == {
        "sites": 4, "n": 1, "missing_sediment": 1, "missing_water": 1, "zero": 1,
    }  # fmt: skip
    assert found.kd["Cd"].notna().tolist() == [True, False, False, False]
    assert "Kd of Cd: 1 of 4 sites (no sediment value 1, no water value 1, zero 1)." in messages
    assert "Only in sediment, so without Kd: As." in messages


def test_non_detects_make_bounds():
    sediment = pd.DataFrame({"Cd": [0.2, 0.05, 0.2, 0.05]})
    water = pd.DataFrame({"Cd": [0.1, 0.1, 0.01, 0.01]})
    in_sediment = pd.DataFrame({"Cd": [False, True, False, True]})
    in_water = pd.DataFrame({"Cd": [False, False, True, True]})
    found = partition_coefficients(sediment, water, sediment_censored=in_sediment, water_censored=in_water)
    assert found.bound["Cd"].tolist() == ["", "at most", "at least", "not bounded"]
    summary = found.summary().iloc[0]
    assert (summary["n_at_most"], summary["n_at_least"], summary["n_not_bounded"]) == (1, 1, 1)


def test_table_and_summary():
    found = partition_coefficients(SEDIMENT, WATER, PartitionOptions(water_fraction="filtered"))
    table = found.table()
    assert table.columns.tolist() == [
        "Kd_Cd", "log10Kd_Cd", "Kd_Cd_bound", "Kd_Pb", "log10Kd_Pb", "Kd_Pb_bound", "Kd_unit", "water_fraction",
    ]  # fmt: skip
    assert set(table["water_fraction"]) == {"filtered"}
    summary = found.summary().set_index("metal")
    assert summary.loc["Pb", ["log10Kd_min", "log10Kd_median", "log10Kd_max"]].tolist() == pytest.approx(
        [4.0, 6.0, 6.0]
    )


@given(st.floats(1e-3, 1e4), st.floats(1e-6, 1e3))
def test_kd_brings_the_sediment_back(sediment, water):
    found = partition_coefficients(pd.DataFrame({"Zn": [sediment]}), pd.DataFrame({"Zn": [water]}))
    # ug/L x L/kg is ug/kg
    assert water * found.kd.iloc[0, 0] / 1000 == pytest.approx(sediment)


@pytest.mark.parametrize(
    "sediment, water, message",
    [
        ({"Cd": [0.1]}, {"Cd": [0.1, 0.2]}, "Sediment has 1 sites and water 2"),
        ({"Cd": [0.1]}, {"Pb": [0.1]}, "no metal in common"),
        ({"Cd": [0.1, -0.1]}, {"Cd": [0.1, 0.2]}, "Cd in sediment: rows 2 are negative"),
        ({"Cd": [0.1]}, {"Cd": [np.inf]}, "Cd in water: rows 1 are negative or infinite"),
        ({"Cd": [0.1, np.nan]}, {"Cd": [np.nan, 0.2]}, "No site has both"),
    ],
)
def test_what_cannot_be_used_is_named(sediment, water, message):
    with pytest.raises(InputError, match=message):
        partition_coefficients(pd.DataFrame(sediment), pd.DataFrame(water))


@pytest.mark.parametrize("options", [{"factor": 0}, {"factor": float("nan")}, {"water_fraction": "raw"}])
def test_options_are_checked(options):
    with pytest.raises(InputError):
        PartitionOptions(**options)
