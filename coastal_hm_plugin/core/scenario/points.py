"""A scenario at points: predicted before and after a change of their predictors."""

import numpy as np
import pandas as pd

from ..errors import InputError
from ..monitor import SILENT
from ..risk_model import boosting
from ..risk_model.predictors import encode
from .changes import Altered
from .comparison import CovariateTally, Places, Tally
from .result import Scenario, range_warnings, training_ranges


def compare_points(model, changes, table, inside=None, monitor=SILENT):
    """Predict a :class:`RiskModel` at n points before and after changes of their predictors: (Scenario, DataFrame).

    changes: of :func:`parse_changes`. table: the predictors' columns. inside: n bool, the points that change, None for
    all. The frame has a row per point: before, after and change in the target's unit, change_percent (NaN where before
    is not above 0), altered, and AOA (1 inside, 0 outside the area of applicability after the change) if the model has
    one. In the Scenario a point counts as 1 where a cell counts its hectares. A missing predictor stays missing.

    Raises InputError for a column that is not there, and where no point changes.
    """
    matrix = encode(table, model.predictors).matrix
    after_matrix = Altered(changes, model.predictors).at(matrix, inside)
    monitor.progress(0.2)
    before, after = (boosting.predict(model.booster, one) for one in (matrix, after_matrix))
    names = list(dict.fromkeys(change.name for change in changes))
    position = [model.names.index(name) for name in names]
    covariates = CovariateTally([model.predictors[k] for k in position], training_ranges(model))
    altered = covariates.add(matrix[:, position], after_matrix[:, position])
    if not altered.any():
        raise InputError(
            f"The changes ({'; '.join(map(str, changes))}) alter no predictor of the {len(table)} points"
            f"{'' if inside is None else ', of which ' + str(int(inside.sum())) + ' lie in the area'}."
        )
    outside = [None, None]
    if model.applicability is not None:
        outside = [~model.applicability.assess(one, monitor=monitor).inside for one in (after_matrix, matrix)]
    places = Places(before, after, np.ones(len(table)), altered, *outside)
    tally = Tally(model.scheme.limits if model.scheme else ())
    tally.add(places)
    for text in range_warnings(covariates.to_frame()):
        monitor.warn(text)
    return Scenario.of(model, changes, inside is not None, tally, covariates), _frame(places)


def _frame(places):
    before, after = places.before.astype(np.float64), places.after.astype(np.float64)
    percent = np.full(len(before), np.nan)
    positive = before > 0
    percent[positive] = 100 * (after - before)[positive] / before[positive]
    table = pd.DataFrame({"before": before, "after": after, "change": after - before, "change_percent": percent})
    table["altered"] = places.altered.astype(np.int64)
    if places.outside is not None:
        table["AOA"] = (~places.outside).astype(np.int64)
    return table
