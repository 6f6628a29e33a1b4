"""Interpolate what is known at sites only to a raster: ordinary or regression kriging."""

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterRasterDestination,
)

from ..processing_provider import layers, publication, risk_models, styling, variables
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.grids import box_of, declare_grid, target_grid
from ..processing_provider.rasters import raster_destination

MODELS = ("auto", "spherical", "exponential", "gaussian")
MODEL_LABELS = ("The one that fits best", "Spherical", "Exponential", "Gaussian")


class InterpolateSurface(CoastalAlgorithm):
    """A variable of sites on every cell, with the variance of the estimate."""

    ID = "interpolatesurface"
    TITLE = "Interpolate a site variable (kriging)"
    GROUP = "Risk"
    TAGS = ("kriging", "variogram", "geostatistics", "interpolation", "external drift", "universal kriging", "gstat")
    NEEDS = ("scipy", "pandas", "sklearn", "rasterio", "pyproj", "matplotlib", "jinja2")  # sklearn brings threadpoolctl

    def declare(self):
        self.addParameter(p.points("INPUT", self.tr("Sites")))
        self.addParameter(variables.field_parameter("VARIABLE", self.tr("Variable"), optional=False, default="PERI"))
        risk_models.declare_rasters(self, self.tr("Rasters of a linear trend (none: ordinary kriging)"))
        self.addParameter(p.choice("VARIOGRAM", self.tr("Variogram model"), MODEL_LABELS))
        self.addParameter(QgsProcessingParameterBoolean("LOGARITHM", self.tr("Krige logarithms"), False))
        template = self.tr("Template raster (empty: the first raster of the trend)")
        size = self.tr("Cell size without a template (units of the sites' CRS; 0: 250 cells along)")
        declare_grid(self, template, size)
        self._declare_advanced()
        self.addParameter(QgsProcessingParameterRasterDestination("OUTPUT", self.tr("Surface")))
        variance = QgsProcessingParameterRasterDestination(
            "VARIANCE", self.tr("Kriging variance"), optional=True, createByDefault=True
        )
        self.addParameter(variance)
        points = QgsProcessing.SourceType.TypeVectorPoint
        left_out = QgsProcessingParameterFeatureSink(
            "LEFT_OUT", self.tr("Leave-one-out predictions"), points, optional=True, createByDefault=False
        )
        self.addParameter(left_out)
        self.addParameter(p.report())
        self.addParameter(publication.publication_tables(self))

    def _declare_advanced(self):
        given = "given, not fitted (with a model; all three)"
        advanced = (
            p.decimal("NUGGET", f"Nugget, {given}", None, 0.0, optional=True),
            p.decimal("PARTIAL_SILL", f"Partial sill, {given}", None, 0.0, optional=True),
            p.decimal("RANGE", f"Range parameter (m), {given}", None, 0.0, optional=True),
            p.decimal("CUTOFF", self.tr("Largest distance of the variogram (m; 0: a third of the diagonal)"), 0.0, 0.0),
            p.decimal("WIDTH", self.tr("Width of its distance classes (m; 0: a fifteenth)"), 0.0, 0.0),
        )
        for parameter in advanced:
            self.addParameter(p.advanced(parameter))
        self.addParameter(p.non_detects())

    def compute(self, parameters, context, monitor):
        from ..core.covariates import codes_as_classes, sample_covariates
        from ..core.kriging import interpolate, write_surface

        options = self._options(parameters, context)
        paths = [raster_destination(self, parameters, name, context) for name in ("OUTPUT", "VARIANCE")]
        sites = layers.read_points(self, parameters, "INPUT", context, monitor)
        name = self.parameterAsString(parameters, "VARIABLE", context)
        values = variables.read_named(self, parameters, [name], sites.table, context, monitor).values[name]
        rasters = risk_models.read_rasters(self, parameters, context, monitor)
        table, categories = None, ()
        if rasters is not None:
            rasters = codes_as_classes(rasters, monitor)
            table = sample_covariates(sites.x, sites.y, sites.crs_wkt, rasters, monitor.part(0.0, 0.1)).table
            categories = [covariate.name for covariate in rasters.covariates if covariate.is_categorical]
        where = (sites.x, sites.y, sites.crs_wkt)
        found = interpolate(*where, values, table, categories, options, name, monitor.part(0.1, 0.2))
        self._tell(found, monitor)
        outputs = self._write_left_out(parameters, context, sites, found, monitor)
        default = rasters.covariates[0].path if rasters else None
        grid = target_grid(self, parameters, context, (sites.crs, box_of(sites.x, sites.y)), default)
        surface = write_surface(found, paths[0], grid, rasters, paths[1], monitor.part(0.2, 0.95))
        outputs.update(self._styled(found, surface))
        outputs.update(self._write_report(parameters, context, found, surface, monitor))
        monitor.progress(1.0)
        return outputs

    def _options(self, parameters, context):
        from ..core.kriging import KrigingOptions

        given = {"nugget": "NUGGET", "partial_sill": "PARTIAL_SILL", "range_m": "RANGE"}
        numbers = {
            field: self.parameterAsDouble(parameters, name, context)
            for field, name in given.items()
            if parameters.get(name) is not None
        }
        return KrigingOptions(
            model=MODELS[self.parameterAsEnum(parameters, "VARIOGRAM", context)],
            cutoff_m=self.parameterAsDouble(parameters, "CUTOFF", context) or None,
            width_m=self.parameterAsDouble(parameters, "WIDTH", context) or None,
            logarithm=self.parameterAsBool(parameters, "LOGARITHM", context),
            **numbers,
        )

    def _tell(self, found, monitor):
        model, scores = found.variogram, found.leave_one_out.scores().iloc[0]
        monitor.info(
            f"Variogram: {model.model}, nugget {model.nugget:.4g}, partial sill {model.partial_sill:.4g}, range "
            f"parameter {model.range_m:.4g} m. Leave-one-out: R² {scores['r2']:.2f}, RMSE {scores['rmse']:.4g}, "
            f"z-scores of mean {scores['z_mean']:.2f} and SD {scores['z_sd']:.2f}."
        )

    def _styled(self, found, surface):
        title = f"{found.name}, kriged"
        no_skill = not found.leave_one_out.scores()["r2"][0] > 0
        name = f"{title} ({risk_models.NO_SKILL})" if no_skill else title
        outputs = {"OUTPUT": str(surface.path)}
        self.begin_output(outputs["OUTPUT"])
        self.style_output(outputs["OUTPUT"], styling.continuous_raster(), name)
        if surface.variance_path:
            outputs["VARIANCE"] = str(surface.variance_path)
            self.begin_output(outputs["VARIANCE"])
            self.style_output(outputs["VARIANCE"], styling.continuous_raster("Magma"), f"{title}: variance")
        return outputs

    def _write_left_out(self, parameters, context, sites, found, monitor):
        if parameters.get("LEFT_OUT") is None:
            return {}
        table, rows = found.leave_one_out.to_frame(), found.rows
        table.insert(0, "row", rows + 1)
        to = (self, parameters, "LEFT_OUT", context, table, sites.x[rows], sites.y[rows], sites.crs, monitor)
        output = layers.write_points(*to)
        name = self.tr("left out, error over its SD")
        self.style_output(output, styling.graduated_points("z"), f"{found.name}: {name}")
        return {"LEFT_OUT": output}

    def _write_report(self, parameters, context, found, surface, monitor):
        from ..report import kriging
        from ..report.document import Document

        listings = kriging.publication(found)
        outputs = publication.write_publication_tables(self, parameters, context, listings, monitor)
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            facts = {"Variable": found.name, "Sites": len(found.values), "Variogram": found.variogram.model}
            subtitle = f"{found.name} at {len(found.values)} sites"
            Document(self.TITLE, subtitle, (kriging.section(found, surface),), facts).write(path)
            outputs["REPORT"] = path
        return outputs
