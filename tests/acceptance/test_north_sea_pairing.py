"""Real water and sediment sites of the North Sea (ICES DOME): the pair count, and Kd over the pairs."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.pairing import Locations, pair

pytestmark = pytest.mark.acceptance


@pytest.fixture
def media(reference):
    return [pd.read_csv(reference / "north_sea" / f"{name}_sites.csv") for name in ("water", "sediment")]


def locations(table, name):
    return Locations(table["Longitude"], table["Latitude"], "EPSG:4326", name)


def test_276_of_1042_water_sites_lie_within_500_m_of_one_of_70_sediment_sites(media):
    water, sediment = media
    result = pair(locations(water, "water sites"), locations(sediment, "sediment sites"))
    assert len(water) == 1042
    assert len(result.links) == 276
    assert len(result.paired_sites) == 70
    assert len(result.unpaired_points) == 1042 - 276


@pytest.mark.parametrize(
    "element, log_kd, n", [("CU", 4.79, 235), ("NI", 5.00, 235), ("HG", 5.31, 207), ("PB", 6.63, 221), ("CD", 4.61, 9)]
)
def test_median_kd_over_the_pairs(media, element, log_kd, n):
    water, sediment = media
    links = pair(locations(water, "water"), locations(sediment, "sediment")).links
    solid = sediment[element].to_numpy()[links["site"]]
    dissolved = water[element].to_numpy()[links["point"]]
    kd = np.log10(1000 * solid / dissolved, where=dissolved > 0, out=np.full(len(links), np.nan))
    assert np.isfinite(kd).sum() == n
    assert np.nanmedian(kd) == pytest.approx(log_kd, abs=0.02)
