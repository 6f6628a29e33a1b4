"""Zones of soil and sediment: the four corners, shares, intervals, what another baseline changes, bad input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coastal_hm_plugin.core.baselines import BaselineOptions, geochemical_baselines
from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.zones import ZONES, ZoneOptions, media_zones

METHODS = ("imea", "boxplot")


def baselines(element, *values, width=1.0):
    return pd.DataFrame(
        {"element": element, "method": METHODS[: len(values)], "baseline": values,
         "baseline_low": np.array(values) / width, "baseline_high": np.array(values) * width}
    )  # fmt: skip


def zones_of(soil, sediment, **more):
    """Lowest and highest baseline: soil 10 and 20, sediment 100 and 200."""
    tables = [pd.DataFrame({"Cd": np.asarray(values, float)}) for values in (soil, sediment)]
    return media_zones(*tables, baselines("Cd", 10.0, 20.0), baselines("Cd", 200.0, 100.0), **more)


@pytest.mark.parametrize(
    ("soil", "sediment", "zone"),
    [
        (9, 99, "background"),
        (10, 100, "background"),  # on the lowest baseline is not beyond it
        (21, 201, "pollution"),
        (20, 201, "sediment-dominated"),  # the factor of the sediment is larger: 201 / 141 against 20 / 14.1
        (30, 190, "soil-dominated"),
        (12, 101, "soil-dominated"),
        (11, 130, "sediment-dominated"),
        (1, 500, "sediment-dominated"),
        (500, 1, "soil-dominated"),
    ],
)
def test_worked_by_hand(soil, sediment, zone):
    assert zones_of([soil], [sediment]).zones["Cd"][0] == zone


@given(st.lists(st.tuples(st.floats(0.1, 1e3), st.floats(0.1, 1e4)), min_size=1, max_size=60))
def test_shares_sum_to_100(pairs):
    found = zones_of(*zip(*pairs), options=ZoneOptions(bootstrap=0))
    assert found.shares["percent"].sum() == pytest.approx(100)
    assert found.shares["count"].sum() == len(pairs)
    for row in found.sensitivity.itertuples(index=False):
        assert sum(row[2:6]) == pytest.approx(100)


def test_missing_values_are_counted_apart():
    found = zones_of([np.nan, 30, 30], [300, np.nan, 300])
    assert found.zones["Cd"].tolist() == [None, None, "pollution"]
    assert set(found.shares["n"]) == {1}
    assert "only 1 sites" in found.warnings[0]
    table = found.table()
    assert np.isnan(table["pollution_metals"][0]) and table["pollution_metals"][2] == 1


def test_another_baseline_changes_the_zones():
    """Both together, the factors of 15 and 150 are equal; each method alone has one medium below its baseline."""
    found = zones_of([15, 30], [150, 300]).sensitivity.set_index("method")
    assert found.loc["imea", "percent_changed"] == 0  # soil 10, sediment 200: soil-dominated as before
    assert found.loc["imea", "soil-dominated"] == found.loc["imea", "pollution"] == 50
    assert found.loc["boxplot", "percent_changed"] == 50  # soil 20, sediment 100
    assert found.loc["boxplot", "sediment-dominated"] == 50


def test_interval_of_a_share_is_the_binomial_one_when_baselines_are_exact():
    """60 of 100 sites in the pollution zone: 2.5 and 97.5 % of binomial(100, .6) are 50 and 69."""
    soil, sediment = np.repeat([30.0, 1.0], [60, 40]), np.repeat([300.0, 1.0], [60, 40])
    shares = zones_of(soil, sediment, options=ZoneOptions(bootstrap=4000)).shares.set_index("zone")
    assert shares.loc["pollution", "percent"] == 60
    assert shares.loc["pollution", "percent_low"] == pytest.approx(50, abs=1)
    assert shares.loc["pollution", "percent_high"] == pytest.approx(69, abs=1)


def test_uncertain_baselines_widen_the_intervals_and_a_seed_repeats_them():
    rng = np.random.default_rng(2)
    tables = [pd.DataFrame({"Cd": rng.lognormal(np.log(middle), 0.5, 100)}) for middle in (15, 150)]
    widths = []
    for width in (1.0, 1.5):
        given_limits = (baselines("Cd", 10.0, 20.0, width=width), baselines("Cd", 100.0, 200.0, width=width))
        first, again = (media_zones(*tables, *given_limits).shares for _ in range(2))
        pd.testing.assert_frame_equal(first, again)
        widths.append((first["percent_high"] - first["percent_low"]).to_numpy())
    assert (widths[1][[0, 3]] > 1.3 * widths[0][[0, 3]]).all()


def test_with_the_baselines_of_the_same_samples():
    """Planted: a third of the sites are polluted tenfold in both media."""
    rng = np.random.default_rng(4)
    polluted = np.arange(90) < 30
    tables = [
        pd.DataFrame({"Pb": rng.lognormal(np.log(m), 0.15, 90) * np.where(polluted, 10, 1), "Hg": np.nan})
        for m in (25, 20)
    ]
    estimated = [
        geochemical_baselines(table, BaselineOptions(methods=("imed", "boxplot"), bootstrap=100)).table
        for table in tables
    ]
    found = media_zones(*tables, *estimated)
    assert (found.zones["Pb"][polluted] == "pollution").all()
    assert (found.zones["Pb"][~polluted] == "pollution").mean() < 0.5
    assert found.metals == ("Pb",) and "Hg has no baseline of soil and sediment" in found.warnings[0]
    assert set(found.shares["zone"]) == set(ZONES)


def test_bad_input():
    soil, known = pd.DataFrame({"Cd": [1.0]}), baselines("Cd", 1.0)
    with pytest.raises(InputError, match="1 rows of soil and 2 of sediment"):
        media_zones(soil, pd.DataFrame({"Cd": [1.0, 2.0]}), known, known)
    with pytest.raises(InputError, match="no metal in common"):
        media_zones(soil, pd.DataFrame({"Pb": [1.0]}), known, known)
    with pytest.raises(InputError, match="Cd has no baseline of soil: it gets no zones"):
        media_zones(soil, soil, baselines("Pb", 1.0), known)
    with pytest.raises(InputError, match="no column method, baseline"):
        media_zones(soil, soil, pd.DataFrame({"element": ["Cd"]}), known)
    with pytest.raises(InputError, match="-1 bootstrap resamples"):
        ZoneOptions(bootstrap=-1)
