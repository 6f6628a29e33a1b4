"""Distance to the coast, rivers or other features on the cells of a raster."""

from qgis.core import QgsProcessing, QgsProcessingParameterFeatureSource, QgsProcessingParameterRasterDestination

from ..core.errors import InputError
from ..processing_provider import features, styling
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.grids import declare_grid, target_grid
from ..processing_provider.rasters import raster_destination

INSIDE = ("edge", "zero", "negative")
INSIDE_LABELS = ("The distance to their edge", "Zero", "The distance to their edge as a negative number")


class DistanceToFeatures(CoastalAlgorithm):
    """Metres on the ground to the nearest feature."""

    ID = "distancetofeatures"
    TITLE = "Distance to coast, rivers or other features"
    GROUP = "Sampling"
    TAGS = ("distance", "proximity", "coast", "coastline", "rivers", "roads", "geodesic", "covariate")
    NEEDS = ("numpy", "scipy", "pyproj", "rasterio", "pandas")

    def declare(self):
        label = self.tr("Features (empty: the coast of QGIS's world map)")
        kinds = [QgsProcessing.SourceType.TypeVectorAnyGeometry]
        self.addParameter(QgsProcessingParameterFeatureSource("INPUT", label, kinds, optional=True))
        self.addParameter(p.choice("INSIDE", self.tr("Inside polygons"), INSIDE_LABELS))
        label = self.tr("Largest distance (m; 0: no limit)")
        self.addParameter(p.decimal("FARTHEST", label, 0.0, 0.0))
        size = self.tr("Cell size without a template (units of the features' CRS; 0: 250 cells along)")
        declare_grid(self, self.tr("Template raster"), size)
        self.addParameter(QgsProcessingParameterRasterDestination("OUTPUT", self.tr("Distance (m)")))

    def compute(self, parameters, context, monitor):
        from ..core.covariates.distance import DistanceOptions, write_feature_distance

        inside = INSIDE[self.parameterAsEnum(parameters, "INSIDE", context)]
        options = DistanceOptions(inside, self.parameterAsDouble(parameters, "FARTHEST", context))
        path = raster_destination(self, parameters, "OUTPUT", context)
        source = features.vector_source(self, parameters, "INPUT", context)
        grid = self._grid(parameters, context, source)
        if source is None:
            found = features.coast(grid, inside != "edge", monitor)
        else:
            found = features.features_of(source, grid, options.farthest_m, inside != "edge", context, monitor)
        result = write_feature_distance(found, path, grid, options, monitor.part(0.1, 1.0))
        beyond = f"; {result.beyond} cells are farther than {options.farthest_m:g} m" if result.beyond else ""
        monitor.info(
            f"Distances {result.minimum:.4g} to {result.maximum:.4g} m, mean {result.mean:.4g} m, to "
            f"{result.segments} segments{beyond}."
        )
        self.begin_output(str(result.path))
        self.style_output(str(result.path), styling.continuous_raster(), self.tr("Distance (m)"))
        return {"OUTPUT": str(result.path)}

    def _grid(self, parameters, context, source):
        from qgis.core import QgsCoordinateReferenceSystem

        if source is not None:
            box = source.sourceExtent()
            data = source.sourceCrs(), (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
            return target_grid(self, parameters, context, data)
        if parameters.get("TEMPLATE") in (None, "") and parameters.get("EXTENT") in (None, ""):
            raise InputError("Without features, give a template raster or an extent: where shall the coast be near?")
        return target_grid(self, parameters, context, (QgsCoordinateReferenceSystem(features.DEGREES), (0, 0, 0, 0)))
