"""What a scenario changes, as a result, and what limits it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import pandas as pd

from .picture import Picture


@dataclass(frozen=True)
class ScenarioFiles:
    """Where the rasters go (GeoTIFF). difference: always; the predictions before and after, and DI, LPD and AOA after
    the change, if wanted."""

    difference: Path
    baseline: Optional[Path] = None
    scenario: Optional[Path] = None
    applicability: Optional[Path] = None


@dataclass(frozen=True)
class Scenario:
    """A scenario compared. changes: as made; in_area: whether only inside polygons.

    summary, class_changes (None without classes), covariates, histogram: see Tally and CovariateTally; in a scenario at
    points ``hectares`` counts points. moved_out: places that the change moved out of the area of applicability, None
    where the model has none. largest: the size of change that 98 % of the altered area do not exceed. files: the
    rasters written, picture: of the change, for a figure; both None at points.
    """

    changes: tuple
    in_area: bool
    summary: pd.DataFrame
    covariates: pd.DataFrame
    histogram: pd.DataFrame
    class_changes: Optional[pd.DataFrame]
    moved_out: Optional[int]
    largest: float
    files: Optional[ScenarioFiles] = None
    picture: Optional[Picture] = None

    @classmethod
    def of(cls, model, changes, in_area, tally, covariates, **more):
        """The Scenario that a Tally and a CovariateTally counted."""
        return cls(
            changes=changes,
            in_area=in_area,
            summary=tally.summary(),
            covariates=covariates.to_frame(),
            histogram=tally.histogram.to_frame(),
            class_changes=tally.class_changes(model.scheme.class_names) if model.scheme else None,
            moved_out=tally.moved_out if tally.knows_area else None,
            largest=tally.histogram.largest(),
            **more,
        )

    def part(self, name):
        """The row of the summary of a part of the places (see comparison.PART_LABELS), None if it has none."""
        rows = self.summary[self.summary["part"] == name]
        return rows.iloc[0] if len(rows) else None


def training_ranges(model):
    """Name -> lowest and highest value in training, of the predictors that are numbers."""
    numbers = model.inputs[model.inputs["type"] == "number"].set_index("predictor")
    return {name: (row["minimum"], row["maximum"]) for name, row in numbers.iterrows()}


def range_warnings(covariates):
    """A text for each covariate that the changes put outside its training range."""
    for row in covariates[covariates["outside_after"] > 0].itertuples():
        yield (
            f"'{row.covariate}' lies outside its training range ({row.training_minimum:.4g} to "
            f"{row.training_maximum:.4g}) in {row.outside_after} of {row.cells} altered places after the change "
            f"({row.outside_before} before): trees predict there what they learned at the end of the range."
        )
