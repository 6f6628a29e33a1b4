"""Prediction intervals of the Jura topsoils: calibrated on 259 points, checked on 100 others that were never shown."""

import pandas as pd
import pytest

from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model

pytestmark = pytest.mark.acceptance


@pytest.mark.parametrize("target", ["Co", "Ni", "Zn", "Pb"])
def test_other_points_fall_inside_as_often_as_the_folds_say(reference, target):
    """Of 100 points 90 are to be inside, give or take 3 by chance alone; neighbours among them make it more."""
    train, others = (pd.read_csv(reference / "jura" / f"jura.{name}.csv") for name in ("pred", "val"))
    place = train["long"].to_numpy(), train["lat"].to_numpy(), "EPSG:4326"
    model = train_risk_model(train, target, ["Rock", "Landuse"], TrainingOptions(repeats=2), *place)
    lower, upper = model.intervals.bounds(model.predict(others).values)
    inside = ((lower <= others[target]) & (others[target] <= upper)).mean()
    print(
        f"\n{target}: {model.intervals.sentence} On 100 other points: {inside:.0%}, width {(upper - lower).mean():.3g}."
    )
    assert (lower >= 0).all() and (lower < upper).all()
    assert model.intervals.as_promised
    assert 0.80 <= inside <= 0.99
