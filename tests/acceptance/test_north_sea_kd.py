"""Kd of real North Sea sites (ICES DOME) against the medians of their README, pairing and intake included."""

import pandas as pd
import pytest

from coastal_hm_plugin.core import reference_values
from coastal_hm_plugin.core.pairing import pair
from coastal_hm_plugin.core.partition import PartitionOptions, partition_coefficients
from coastal_hm_plugin.core.samples import read_samples

pytestmark = pytest.mark.acceptance

# median log10 Kd (L/kg) and number of pairs
README = {"Cu": (4.79, 235), "Ni": (5.00, 235), "Hg": (5.31, 207), "Pb": (6.63, 221), "Cd": (4.61, 9)}


@pytest.fixture(scope="module")
def partition(reference):
    media = {}
    for medium in ("sediment", "water"):
        table = pd.read_csv(reference / "north_sea" / f"{medium}_sites.csv")
        media[medium] = read_samples(table, table["Longitude"], table["Latitude"], "EPSG:4326", medium)
    sediment, water = media["sediment"], media["water"]
    links = pair(water, sediment, radius_m=500).links
    assert len(links) == 276
    solid, dissolved = sediment.take(links["site"]), water.take(links["point"])
    return partition_coefficients(
        solid.concentrations,
        dissolved.concentrations,
        PartitionOptions(water_fraction="filtered"),
        sediment_censored=solid.censored,
        water_censored=dissolved.censored,
    )


def test_the_shipped_ranges_are_these_sites(partition):
    """5th, 50th and 95th percentile of the pairs with both values measured, rounded to two digits."""
    shipped = reference_values.partition_coefficients().set_index("metal")
    assert set(shipped.index) == set(README)
    for metal, row in shipped.iterrows():
        measured = partition.log10_kd[metal][partition.bound[metal] == ""].dropna()
        assert row["n"] == len(measured)
        assert measured.quantile([0.05, 0.5, 0.95]).tolist() == pytest.approx(
            list(row[["low", "median", "high"]]), abs=0.006
        )


@pytest.mark.parametrize("metal", README)
def test_medians_and_counts(partition, metal):
    median, n = README[metal]
    row = partition.summary().set_index("metal").loc[metal]
    bounds = row[["n_at_most", "n_at_least", "n_not_bounded"]].sum()
    # the README counts measured values; a water value of 0 is read as a non-detect, and gives a bound
    assert row["n"] - bounds == n
    assert bounds == (1 if metal == "Cd" else 0)
    assert row["log10Kd_median"] == pytest.approx(median, abs=0.02)
    assert (row["unit"], row["water_fraction"]) == ("L/kg", "filtered")
