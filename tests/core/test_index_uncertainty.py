"""Intervals of PERI: one metal worked by hand, several against a Monte Carlo written otherwise, what is refused."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.index_uncertainty import peri_intervals
from coastal_hm_plugin.core.indices import IndexOptions, pollution_indices


def test_one_metal_by_hand():
    """Er = 30 x 0.2 / 0.1 = 60; a background between 0.08 and 0.125 (x 1.25 either way): PERI from 48 to 75."""
    result = pollution_indices(pd.DataFrame({"Cd": [0.2, np.nan]}), pd.Series({"Cd": 0.1}))
    found = peri_intervals(result, pd.Series({"Cd": 0.08}), pd.Series({"Cd": 0.125}))
    assert found["PERI_low"][0] == pytest.approx(48, rel=0.02)
    assert found["PERI_high"][0] == pytest.approx(75, rel=0.02)
    assert found["PERI_class_percent"][0] == 100
    assert found.iloc[1].isna().all()


def test_several_metals_against_draws_of_the_backgrounds():
    rng = np.random.default_rng(1)
    table = pd.DataFrame(rng.lognormal(0, 0.5, (30, 3)), columns=["Cd", "Pb", "Hg"])
    background, factor = pd.Series({"Cd": 0.5, "Pb": 0.8, "Hg": 0.7}), pd.Series({"Cd": 1.3, "Pb": 1.1, "Hg": 1.2})
    result = pollution_indices(table, background, IndexOptions(scheme="hakanson1980"))
    found = peri_intervals(result, background / factor, background * factor)
    response = pd.Series({"Cd": 30, "Pb": 5, "Hg": 40})
    moved = background.to_numpy() * np.exp(rng.standard_normal((20_000, 3)) * np.log(factor.to_numpy()) / 1.96)
    drawn = np.stack([(response.to_numpy() * row / moved).sum(axis=1) for row in table.to_numpy()])
    np.testing.assert_allclose(found["PERI_low"], np.percentile(drawn, 2.5, axis=1), rtol=0.02)
    np.testing.assert_allclose(found["PERI_high"], np.percentile(drawn, 97.5, axis=1), rtol=0.02)
    pd.testing.assert_frame_equal(found, peri_intervals(result, background / factor, background * factor))


def test_a_background_without_interval_is_refused():
    result = pollution_indices(pd.DataFrame({"Cd": [0.2]}), pd.Series({"Cd": 0.1}))
    with pytest.raises(InputError, match="No background value has an interval"):
        peri_intervals(result, pd.Series(dtype=float), pd.Series(dtype=float))
