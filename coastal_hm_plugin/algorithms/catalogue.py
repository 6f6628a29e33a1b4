"""Every algorithm of the provider, in the order of the toolbox."""

import importlib

ALGORITHMS = []
for _module, _name in (
    ("pairmedia", "PairMedia"),
    ("samplecovariates", "SampleCovariates"),
    ("geochemicalbaselines", "GeochemicalBaselines"),
    ("partitioncoefficients", "PartitionCoefficients"),
    ("pmf", "Pmf"),
    ("pollutionindices", "PollutionIndices"),
    ("trainriskmodel", "TrainRiskModel"),
    ("predictriskpoints", "PredictRiskPoints"),
    ("predictriskraster", "PredictRiskRaster"),
    ("assessment", "Assessment"),
    ("examplecoast", "ExampleCoast"),
    ("checkdependencies", "CheckDependencies"),
):
    try:
        module = importlib.import_module(f"coastal_hm_plugin.algorithms.{_module}")
    except ImportError as error:
        if "checkdep" in _module:
            print(error)
        continue
    from coastal_hm_plugin.processing_provider.base import CoastalAlgorithm
    ALGORITHMS += [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, CoastalAlgorithm) and c is not CoastalAlgorithm]
