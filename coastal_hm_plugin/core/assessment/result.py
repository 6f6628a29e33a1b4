"""What the full assessment found, medium by medium, and why a step was not done."""

from dataclasses import dataclass
from typing import Optional

import numpy as np
import pandas as pd

from ..baselines import Baselines
from ..covariates import CovariateSamples
from ..explain import Explanation
from ..indices import PollutionIndices
from ..pairing import Pairing
from ..partition import PartitionCoefficients
from ..pmf import Bootstrap, FactorComparison, Joint, PmfResult
from ..raster_prediction import RasterPrediction
from ..risk_model import RiskModel
from ..samples import Samples
from ..zones import MediaZones
from .options import AssessmentInputs, AssessmentOptions
from .relations import Relations


@dataclass(frozen=True)
class Skipped:
    """A step that the data do not allow, with the reason."""

    step: str
    medium: str
    reason: str


@dataclass(frozen=True)
class TrainedModel:
    """A risk model with its explanation. predictors: the table it was trained on, a row per sample."""

    model: RiskModel
    explanation: Explanation
    predictors: pd.DataFrame


@dataclass(frozen=True)
class MediumResult:
    """One solid medium. Each part is None where it was skipped.

    site_model: from the site's own properties and the rasters; map_model: from the rasters alone, so that it can be
    mapped; prediction: the raster it gave.
    """

    samples: Samples
    baselines: Optional[Baselines] = None
    background: Optional[pd.Series] = None
    indices: Optional[PollutionIndices] = None
    sources: Optional[PmfResult] = None
    source_errors: Optional[Bootstrap] = None
    covariates: Optional[CovariateSamples] = None
    site_model: Optional[TrainedModel] = None
    map_model: Optional[TrainedModel] = None
    prediction: Optional[RasterPrediction] = None

    def site_table(self):
        """One row per sample: concentrations (``Cd``), properties, indices, PMF contributions, covariates."""
        parts = [self.samples.concentrations, self.samples.properties]
        if self.indices is not None:
            parts.append(self.indices.to_frame())
        if self.sources is not None:
            parts.append(self.sources.contributions().add_prefix("PMF_"))
        if self.covariates is not None:
            parts.append(self.covariates.table)
        return pd.concat([part.reset_index(drop=True) for part in parts if part.shape[1]], axis=1)


@dataclass(frozen=True)
class Holdout:
    """How the map's model does on samples it never saw.

    table: observed and predicted, a row per sample; scores: R2, RMSE, MAE ... with
    intervals, of the model and of the training mean.
    """

    table: pd.DataFrame
    scores: pd.DataFrame


@dataclass(frozen=True)
class Assessment:
    """The whole: what went in, the two solid media, the pairs and their partitioning, and what was skipped.

    pairing: soils to sites; water_pairing: water to sites. sites: the medium whose points are the sites.
    source_match, joint_sources: PMF factors of soil and sediment compared, and both media in one model.
    zone_sites: rows of the sediment sites whose zones these are.
    """

    inputs: AssessmentInputs
    options: AssessmentOptions
    soil: Optional[MediumResult]
    sediment: Optional[MediumResult]
    pairing: Optional[Pairing]
    water_pairing: Optional[Pairing]
    partition: Optional[PartitionCoefficients]
    partition_sites: Optional[pd.DataFrame]
    zones: Optional[MediaZones]
    zone_sites: Optional[np.ndarray]
    relations: Relations
    source_match: Optional[FactorComparison]
    joint_sources: Optional[Joint]
    holdout: Optional[Holdout]
    skipped: tuple

    @property
    def media(self):
        """The solid media that were assessed: (name, MediumResult)."""
        return [(name, one) for name, one in (("soil", self.soil), ("sediment", self.sediment)) if one is not None]

    @property
    def site_samples(self):
        """The samples whose points are the sites: sediment, else water, else None."""
        return self.inputs.sediment if self.inputs.sediment is not None else self.inputs.water

    def skipped_table(self):
        """Step, medium and reason of everything that was not done."""
        return pd.DataFrame([(s.step, s.medium, s.reason) for s in self.skipped], columns=["step", "medium", "reason"])
