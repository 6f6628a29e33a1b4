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


def test_replicates_give_an_uncertainty_by_first_order():
    """SDs of 10 % and 20 %: sqrt(.1^2 + .2^2) / ln 10 = 0.0971; a Monte Carlo of the logarithms says the same."""
    table = pd.DataFrame({"Cd": [0.2, 0.2, 0.2]}), pd.DataFrame({"Cd": [0.1, 0.1, 0.1]})
    spread = pd.DataFrame({"Cd": [0.02, np.nan, 0.02]}), pd.DataFrame({"Cd": [0.02, np.nan, np.nan]})
    found = partition_coefficients(*table, standard_deviations=spread)
    np.testing.assert_allclose(found.sd["Cd"], [0.0971, np.nan, 0.1 / np.log(10)], atol=5e-5)
    rng = np.random.default_rng(0)
    drawn = np.log10(rng.normal(0.2, 0.02, 200_000) / rng.normal(0.1, 0.02, 200_000).clip(1e-3))
    assert found.sd["Cd"][0] == pytest.approx(drawn.std(), rel=0.06)  # first order leaves out the skew of 20 %
    assert "log10Kd_Cd_sd" in found.table() and "log10Kd_Cd_sd" not in partition_coefficients(*table).table()
    assert found.summary()["log10Kd_sd_replicates"][0] == pytest.approx(found.sd["Cd"].median())
    with pytest.raises(InputError, match="standard deviation of Cd in water is negative in rows 2"):
        partition_coefficients(*table, standard_deviations=(None, pd.DataFrame({"Cd": [0.1, -1, 0.1]})))


def test_published_ranges_in_litres_per_kg_whatever_the_factor():
    published = pd.DataFrame({"metal": ["Cd", "Xx"], "low": 3.0, "high": 3.2, "source": "a book"})
    table = pd.DataFrame({"Cd": [0.1, 0.1, 10.0]}), pd.DataFrame({"Cd": [0.1, 0.08, 0.1]})
    for factor in (1000.0, WU_2025):
        row = partition_coefficients(*table, PartitionOptions(factor)).compare(published).iloc[0]
        assert row["n"] == 3 and row["median"] == pytest.approx(3.0969, abs=1e-4)
        assert row["position"] == "inside" and row["percent_inside"] == pytest.approx(200 / 3)
    with pytest.raises(InputError, match="no column low, high, source"):
        partition_coefficients(*table).compare(pd.DataFrame({"metal": ["Cd"]}))
