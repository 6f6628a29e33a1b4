"""Every algorithm of the provider, in the order of the toolbox."""

from .assessment import Assessment
from .checkdependencies import CheckDependencies
from .comparegroups import CompareGroups
from .correlation import Correlation
from .distancetofeatures import DistanceToFeatures
from .examplecoast import ExampleCoast
from .explainriskmodel import ExplainRiskModel
from .geochemicalbaselines import GeochemicalBaselines
from .interpolatesurface import InterpolateSurface
from .isotopefractionation import IsotopeFractionation
from .isotopemixing import IsotopeMixing
from .mediazones import MediaZones
from .pairmedia import PairMedia
from .partitioncoefficients import PartitionCoefficients
from .pmf import Pmf
from .pmffactornumber import PmfFactorNumber
from .pointdensity import PointDensity
from .pollutionindices import PollutionIndices
from .predictriskpoints import PredictRiskPoints
from .predictriskraster import PredictRiskRaster
from .regression import Regression
from .riskscenario import RiskScenario
from .samplecovariates import SampleCovariates
from .structuralequationmodel import StructuralEquationModel
from .trainriskmodel import TrainRiskModel

ALGORITHMS = (
    PairMedia,
    SampleCovariates,
    PointDensity,
    DistanceToFeatures,
    GeochemicalBaselines,
    MediaZones,
    PartitionCoefficients,
    CompareGroups,
    Correlation,
    Regression,
    StructuralEquationModel,
    Pmf,
    PmfFactorNumber,
    IsotopeFractionation,
    IsotopeMixing,
    PollutionIndices,
    TrainRiskModel,
    ExplainRiskModel,
    PredictRiskPoints,
    PredictRiskRaster,
    InterpolateSurface,
    RiskScenario,
    Assessment,
    ExampleCoast,
    CheckDependencies,
)
