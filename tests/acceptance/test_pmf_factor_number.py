"""How many factors the tool recommends for data with a known answer: the synthetic coast, the Grenoble aerosol."""

import pandas as pd
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.example_coast import make_example_coast
from coastal_hm_plugin.core.pmf.factor_number import FactorNumberOptions, choose_factor_number
from coastal_hm_plugin.core.pmf.matching import compare_factors
from coastal_hm_plugin.core.samples import read_csv_points, read_samples

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def media(tmp_path_factory):
    coast = make_example_coast(tmp_path_factory.mktemp("coast"), seed=1)
    read = {medium: read_csv_points(coast.tables[medium]) for medium in ("soil", "sediment")}
    return {
        medium: read_samples(points.table, points.x, points.y, points.crs, medium) for medium, points in read.items()
    }


@pytest.mark.parametrize("medium", ["soil", "sediment"])
def test_four_sources_were_planted_on_the_coast(media, medium):
    samples = media[medium]
    data = pmf.prepare(samples.concentrations, samples.detection_limits)
    found = choose_factor_number(data, FactorNumberOptions(2, 5, 20, 20, pmf.PmfOptions(starts=10)))
    assert found.number == 4 and found.clear, found.reasons


def test_the_coasts_sources_are_the_same_in_soil_and_sediment(media):
    found = compare_factors(*(pmf.apportion(one) for one in media.values()), tuple(media))
    assert found.table()["same_source"].all() and (found.table()["cosine"] > 0.95).all()


@pytest.mark.acceptance
def test_grenoble_has_no_clear_number(reference):
    """Real residuals hold structure at every number; 11, the number its authors took, is what the starts agree on."""
    folder = reference / "pmf_grenoble"
    concentrations = pd.read_csv(folder / "concentrations.csv", index_col=0)
    uncertainties = pd.read_csv(folder / "uncertainties.csv", index_col=0)
    weak = ("PM10recons", "Cr")
    uncertainties[list(weak)] /= 3
    uncertainties.loc[10, "Ti"] = 0.18 * concentrations.loc[10, "Ti"]
    strong = tuple(name for name in concentrations if name not in weak)
    rules = pmf.UncertaintyRules(strong=strong, weak=weak, total="PM10recons")
    data = pmf.prepare(concentrations, None, uncertainties, rules)
    found = choose_factor_number(data, FactorNumberOptions(10, 11, 10, 10))
    assert not found.clear and "No number is enough: even after 11" in found.reasons[0]
    assert found.table()["starts_alike"].iloc[-1] >= 18
