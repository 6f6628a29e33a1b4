"""What the full assessment is given: the media, the rasters and every choice."""

from dataclasses import dataclass, field
from typing import Optional

from ..baselines import METHODS, BaselineOptions
from ..covariates import Manifest
from ..indices import IndexOptions
from ..partition import PartitionOptions
from ..pmf import PmfOptions
from ..risk_model import TrainingOptions
from ..samples import Samples

SOLID_MEDIA = ("soil", "sediment")


@dataclass(frozen=True)
class AssessmentInputs:
    """The data. Each medium is optional, but not all. validation: soil samples kept apart, only to score the model."""

    soil: Optional[Samples] = None
    sediment: Optional[Samples] = None
    water: Optional[Samples] = None
    validation: Optional[Samples] = None
    manifest: Manifest = field(default_factory=Manifest)


@dataclass(frozen=True)
class AssessmentOptions:
    """The choices.

    radius_m, statistic: of the pairing. soil_background, sediment_background: a baseline method (``boxplot`` ...),
    whose central value is taken, or the name of a background table. mapped: the media whose risk is predicted on the
    rasters. map_distance_m: cells farther than this from every sample stay empty (0: no limit);
    sediment_map_distance_m: the same for sediment, whose map means nothing far inland. pmf_bootstraps: resamples of
    each medium that PMF is repeated on (0: none). group_field: column of the sediment that groups the
    sites ("": one named estuary, river, region ..., if there is one).
    """

    radius_m: float = 500.0
    statistic: str = "mean"
    soil_background: str = "boxplot"
    sediment_background: str = "boxplot"
    baselines: BaselineOptions = field(default_factory=BaselineOptions)
    partition: PartitionOptions = field(default_factory=PartitionOptions)
    pmf: PmfOptions = field(default_factory=PmfOptions)
    pmf_bootstraps: int = 100
    indices: IndexOptions = field(default_factory=IndexOptions)
    training: TrainingOptions = field(default_factory=TrainingOptions)
    mapped: tuple = SOLID_MEDIA
    map_distance_m: float = 0.0
    sediment_map_distance_m: float = 20_000.0
    group_field: str = ""

    def map_distance_of(self, medium):
        """How far (m) from its samples a medium is mapped, 0: everywhere."""
        limits = [self.map_distance_m] + ([self.sediment_map_distance_m] if medium == "sediment" else [])
        return min((limit for limit in limits if limit > 0), default=0.0)

    def background_of(self, medium):
        """The background chosen for a medium, and whether it is a baseline method."""
        chosen = self.soil_background if medium == "soil" else self.sediment_background
        return chosen, chosen in METHODS
