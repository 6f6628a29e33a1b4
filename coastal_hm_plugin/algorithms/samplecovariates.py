"""Covariate rasters sampled at points, or joined to new points as a trained model had them."""

from dataclasses import replace

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
)

from ..core.errors import InputError
from ..processing_provider import layers
from ..processing_provider import parameters as p
from ..processing_provider.appending import open_points
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.rasters import raster_paths

METHODS = ("nearest", "bilinear", "mean", "majority", "suggested")
WITHIN_RADIUS = ("mean", "majority")


class SampleCovariates(CoastalAlgorithm):
    """Gives every point the value of every raster."""

    ID = "samplecovariates"
    TITLE = "Sample covariate rasters at points"
    GROUP = "Sampling"
    TAGS = ("sample", "extract", "raster values", "covariates", "predictors", "join", "land cover")
    NEEDS = ("pandas", "pyproj", "rasterio")

    def declare(self):
        self.addParameter(p.points("INPUT", self.tr("Points")))
        raster = QgsProcessing.SourceType.TypeRaster
        self.addParameter(
            QgsProcessingParameterMultipleLayers("RASTERS", self.tr("Covariate rasters"), raster, optional=True)
        )
        labels = ("Nearest cell", "Bilinear", "Mean within the radius", "Majority within the radius")
        labels += ("As suits each: classes nearest, numbers bilinear",)
        self.addParameter(p.choice("METHOD", self.tr("Method"), labels))
        self.addParameter(p.decimal("RADIUS", self.tr("Radius (m)"), 500.0, 0.0))
        self.addParameter(p.text("CLASSES", self.tr("Class files, as 'landcover=classes.tsv; rock=rocks.csv'")))
        self.addParameter(
            QgsProcessingParameterFile(
                "MODEL", self.tr("Trained model whose covariates to join"), optional=True, fileFilter="JSON (*.json)"
            )
        )
        label = self.tr("Name recognised covariates as in Wu et al. 2025 (DEM, NDVI, POP ...)")
        self.addParameter(p.advanced(QgsProcessingParameterBoolean("PRESET_NAMES", label, False)))
        points = QgsProcessing.SourceType.TypeVectorPoint
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", self.tr("Points with covariates"), points))
        self.addParameter(
            QgsProcessingParameterFileDestination(
                "MANIFEST", self.tr("Covariate manifest"), "JSON (*.json)", optional=True, createByDefault=False
            )
        )
        label, vector = self.tr("Covariates of Wu et al. 2025, given or not"), QgsProcessing.SourceType.TypeVector
        presets = QgsProcessingParameterFeatureSink("PRESETS", label, vector, optional=True, createByDefault=False)
        self.addParameter(presets)

    def compute(self, parameters, context, monitor):
        from ..core.covariates import given_presets, sample_covariates

        manifest = self._manifest(parameters, context, monitor)
        path = self.parameterAsFileOutput(parameters, "MANIFEST", context)
        points = open_points(self, parameters, "INPUT", "OUTPUT", manifest.names, context, monitor.part(0.0, 0.2))
        samples = sample_covariates(points.x, points.y, points.crs_wkt, manifest, monitor.part(0.2, 0.7))
        outputs = {"OUTPUT": points.write(samples.table)}
        if path:
            self.begin_output(path)
            manifest.write(path)
            outputs["MANIFEST"] = path
        fields = layers.source_of(self, parameters, "INPUT", context).fields().names()
        given = given_presets([*fields, *samples.table.columns])
        missing = ", ".join(given["covariate"][~given["given"] & (given["known_at"] == "rasters")])
        monitor.info(f"Rasters of Wu et al. (2025, Table S5) that are not given: {missing or 'none'}.")
        return {**outputs, **layers.write_tables(self, parameters, context, {"PRESETS": given}, monitor)}

    def _manifest(self, parameters, context, monitor):
        """The rasters given, the covariates of the model, or these in the rasters given."""
        from ..core import covariates

        paths = raster_paths(self, parameters, "RASTERS", context)
        model = self.parameterAsFile(parameters, "MODEL", context)
        if model:
            manifest = covariates.Manifest.read(model)
            return self._in_place_of(manifest, paths, monitor) if paths else manifest
        if not paths:
            raise InputError("Give the rasters to sample, or a trained model that names them.")
        method = METHODS[self.parameterAsEnum(parameters, "METHOD", context)]
        radius = self.parameterAsDouble(parameters, "RADIUS", context) if method in WITHIN_RADIUS else 0.0
        classes = covariates.parse_class_files(self.parameterAsString(parameters, "CLASSES", context))
        manifest = covariates.describe_rasters(paths, method, radius, classes, monitor=monitor)
        manifest = covariates.codes_as_classes(manifest, monitor)
        by_preset = self.parameterAsBool(parameters, "PRESET_NAMES", context)
        return covariates.preset_names(manifest) if by_preset else manifest

    def _in_place_of(self, manifest, paths, monitor):
        """The model's covariates, read from these rasters where the file names are the same."""
        from ..core.covariates import raster_stem

        by_stem = {raster_stem(path): path for path in paths}
        covariates = [replace(c, path=by_stem.get(raster_stem(c.path), c.path)) for c in manifest.covariates]
        unused = set(by_stem) - {raster_stem(c.path) for c in manifest.covariates}
        if unused:
            monitor.warn(f"Not sampled, as the model has no covariate of this name: {', '.join(sorted(unused))}.")
        return replace(manifest, covariates=tuple(covariates))
