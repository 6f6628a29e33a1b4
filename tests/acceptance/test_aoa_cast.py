"""The area of applicability of R's CAST 1.1.0 on soils of the western US, to 1e-6."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.applicability import area_of_applicability

pytestmark = pytest.mark.acceptance
WEIGHTS = {"globedem": 30, "twi": 12, "nlights03": 8, "sdroads": 20, "gcarb": 18, "dTRI": 12}


@pytest.fixture(scope="module")
def cast(reference):
    return tuple(pd.read_csv(reference / "aoa_cast" / f"cast_{name}.csv") for name in ("train", "new"))


def test_weighted_and_with_folds_every_number_is_cast_s(cast):
    train, new = cast
    area = area_of_applicability(train[list(WEIGHTS)], list(WEIGHTS.values()), train["fold"], WEIGHTS)
    assert area.threshold == pytest.approx(0.4187021576, abs=1e-9)
    assert area.mean_distance == pytest.approx(55.60161039, abs=1e-7)
    np.testing.assert_allclose(area.di, train["DI"], atol=1e-6)
    np.testing.assert_array_equal(area.lpd, train["LPD"])
    assert round(area.mean_lpd) == 22
    found = area.assess(new[list(WEIGHTS)])
    np.testing.assert_allclose(found.di, new["DI"], atol=1e-6)
    np.testing.assert_array_equal(found.lpd, new["LPD"])
    np.testing.assert_array_equal(found.inside, new["AOA"] == 1)
    assert found.inside.sum() == 951


def test_unweighted_and_without_folds(cast):
    area = area_of_applicability(cast[0][list(WEIGHTS)])
    assert area.threshold == pytest.approx(0.4307494842, abs=1e-9)
    assert area.mean_distance == pytest.approx(2.933398426, abs=1e-8)
