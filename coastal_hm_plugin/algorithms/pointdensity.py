"""Density of points, such as enterprises, on the cells of a raster."""

from qgis.core import QgsProcessingParameterField, QgsProcessingParameterRasterDestination

from ..processing_provider import layers, styling
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.grids import box_of, declare_grid, target_grid
from ..processing_provider.rasters import raster_destination

KERNELS = ("quartic", "gaussian", "epanechnikov", "uniform")
KERNEL_LABELS = ("Quartic", "Gaussian", "Epanechnikov", "Uniform")


class PointDensity(CoastalAlgorithm):
    """Kernel density per km2 that sums up to the points."""

    ID = "pointdensity"
    TITLE = "Density of enterprises or other points"
    GROUP = "Sampling"
    TAGS = ("density", "kernel", "heatmap", "kde", "enterprises", "factories", "hotspot", "covariate")
    NEEDS = ("numpy", "scipy", "pyproj", "rasterio", "pandas")

    def declare(self):
        self.addParameter(p.points("INPUT", self.tr("Points")))
        self.addParameter(p.decimal("BANDWIDTH", self.tr("Bandwidth (m)"), 5000.0, 0.0))
        self.addParameter(p.choice("KERNEL", self.tr("Kernel"), KERNEL_LABELS))
        weight = QgsProcessingParameterField(
            "WEIGHT", self.tr("Weight"), None, "INPUT", QgsProcessingParameterField.DataType.Numeric, False, True
        )
        self.addParameter(weight)
        size = self.tr("Cell size without a template (units of the points' CRS; 0: 250 cells along)")
        declare_grid(self, self.tr("Template raster"), size)
        self.addParameter(QgsProcessingParameterRasterDestination("OUTPUT", self.tr("Density (per km²)")))

    def compute(self, parameters, context, monitor):
        from ..core.covariates.density import DensityOptions, write_point_density

        bandwidth = self.parameterAsDouble(parameters, "BANDWIDTH", context)
        options = DensityOptions(bandwidth, KERNELS[self.parameterAsEnum(parameters, "KERNEL", context)])
        path = raster_destination(self, parameters, "OUTPUT", context)
        points = layers.read_points(self, parameters, "INPUT", context, monitor)
        grid = target_grid(self, parameters, context, (points.crs, box_of(points.x, points.y)))
        where = (points.x, points.y, points.crs_wkt)
        found = write_point_density(where, path, grid, options, self._weights(parameters, context, points), monitor)
        monitor.info(
            f"{found.points} points of weight {found.weight:g}; the grid holds {found.on_grid:.6g} of it, the rest of "
            f"their kernels lies beyond its edge. Density {found.minimum:.3g} to {found.maximum:.3g} per km², mean "
            f"{found.mean:.3g}."
        )
        self.begin_output(str(found.path))
        self.style_output(str(found.path), styling.continuous_raster("Magma"), self.tr("Density per km²"))
        return {"OUTPUT": str(found.path)}

    def _weights(self, parameters, context, points):
        name = self.parameterAsString(parameters, "WEIGHT", context)
        if not name:
            return None
        if name not in points.table:
            raise self._no_field(name, points.table)
        return points.table[name].to_numpy(dtype=float)

    @staticmethod
    def _no_field(name, table):
        from ..core.errors import InputError

        return InputError(f"The points have no field '{name}' for the weight. Fields: {', '.join(table.columns)}.")
