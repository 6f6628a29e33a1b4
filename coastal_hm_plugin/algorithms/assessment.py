"""Full coastal assessment: every step the data allow, in one run."""

import os
import shutil
import tempfile
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingOutputFile,
    QgsProcessingOutputHtml,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
)
from qgis.PyQt.QtCore import QThread

from ..core.risk_scheme import RISK_SCHEMES
from ..processing_provider import parameters as p
from ..processing_provider import samples, styling
from ..processing_provider.backgrounds import background_choices
from ..processing_provider.base import CoastalAlgorithm, feedback_monitor
from ..processing_provider.geopackage import copy_settled

STATISTICS = ("mean", "median", "nearest")
KD_FACTORS = (1000.0, 100.0)
WATER_FRACTIONS = ("filtered", "total", "unknown")

MEDIA = ("soil", "sediment")


class Assessment(CoastalAlgorithm):
    """From points and rasters to styled risk layers, a report and a project."""

    ID = "assessment"
    TITLE = "Full coastal assessment"
    GROUP = "Workflow"
    TAGS = ("PERI", "risk", "report", "PMF", "Kd", "baseline", "XGBoost", "workflow")
    NEEDS = ("scipy", "pandas", "sklearn", "xgboost", "rasterio", "pyproj", "matplotlib", "jinja2")

    def declare(self):
        self.addParameter(p.points("SOIL", self.tr("Soil samples"), optional=True))
        self.addParameter(p.points("SEDIMENT", self.tr("Sediment samples"), optional=True))
        self.addParameter(p.points("WATER", self.tr("Water samples"), optional=True))
        raster = QgsProcessing.SourceType.TypeRaster
        self.addParameter(
            QgsProcessingParameterMultipleLayers("RASTERS", self.tr("Covariate rasters"), raster, optional=True)
        )
        self.addParameter(p.text("CLASSES", self.tr("Class names of rasters, as 'landcover=classes.tsv; rock=r.tsv'")))
        title = self.tr("Title of the report and the maps")
        self.addParameter(p.text("TITLE", title, "Coastal heavy metal assessment"))
        self.addParameter(p.decimal("RADIUS", self.tr("Pairing radius (m)"), 500.0, 0.1))
        self.addParameter(p.choice("STATISTIC", self.tr("Soils of one site are brought together by their"), STATISTICS))
        titles, box_plot = list(background_choices().values()), list(background_choices()).index("boxplot")
        for medium in MEDIA:
            name, label = f"{medium.upper()}_BACKGROUND", self.tr(f"Background of the {medium} indices")
            self.addParameter(p.choice(name, label, titles, box_plot))
        schemes = [scheme.title for scheme in RISK_SCHEMES.values()]
        self.addParameter(p.choice("SCHEME", self.tr("Class limits of PERI"), schemes))
        self.addParameter(p.integer("PMF_FACTORS", self.tr("Number of PMF factors"), 4, 1, 50))
        self.addParameter(p.predictor_selection())
        self._declare_advanced()
        self.addParameter(QgsProcessingParameterFolderDestination("OUTPUT_FOLDER", self.tr("Output folder")))
        self.addOutput(QgsProcessingOutputHtml("REPORT", self.tr("Report")))
        self.addOutput(QgsProcessingOutputFile("GEOPACKAGE", self.tr("GeoPackage of all layers and tables")))
        self.addOutput(QgsProcessingOutputFile("PROJECT", self.tr("QGIS project")))
        self.addOutput(QgsProcessingOutputFile("RUN", self.tr("Record of the run")))

    def _declare_advanced(self):
        for medium in (*MEDIA, "water"):
            samples.declare_sample_fields(self, f"{medium.upper()}_", medium)
        self.addParameter(p.non_detects())
        validation = p.points("VALIDATION", self.tr("Soil samples kept apart to score the risk map"), optional=True)
        self.addParameter(p.advanced(validation))
        factors = ("1000: L/kg", "100: as in Wu et al. 2025, a tenth of L/kg")
        self.addParameter(p.advanced(p.choice("KD_FACTOR", self.tr("Factor of Kd"), factors)))
        self.addParameter(p.advanced(p.choice("WATER_FRACTION", self.tr("Water samples are"), WATER_FRACTIONS, 2)))
        self.addParameter(p.advanced(p.integer("PMF_STARTS", self.tr("PMF starts"), 20, 1, 1000)))
        bootstraps = self.tr("PMF bootstrap runs (0: none)")
        self.addParameter(p.advanced(p.integer("PMF_BOOTSTRAPS", bootstraps, 100, 0, 10_000)))
        self.addParameter(p.advanced(p.decimal("ERROR_FRACTION", self.tr("PMF error fraction"), 0.1, 0.0, 2.0)))
        self.addParameter(p.advanced(p.integer("FOLDS", self.tr("Folds of the cross-validation"), 5, 2, 20)))
        self.addParameter(p.advanced(p.integer("REPEATS", self.tr("Repeats of the cross-validation"), 5, 1, 50)))
        mapped = p.choice("MAPPED", self.tr("Media whose risk is mapped on the rasters"), MEDIA, [0, 1], several=True)
        self.addParameter(p.advanced(mapped))
        distance = p.decimal("MAX_DISTANCE", self.tr("Map no farther from a sample than (m; 0: everywhere)"), 0.0, 0.0)
        self.addParameter(p.advanced(distance))
        near = self.tr("Map sediment no farther from a sediment site than (m; 0: everywhere)")
        self.addParameter(p.advanced(p.decimal("SEDIMENT_MAX_DISTANCE", near, 20_000.0, 0.0)))
        groups = self.tr("Field of the sediment samples to group by (empty: one named estuary, river or region)")
        self.addParameter(p.advanced(p.text("GROUPS", groups)))
        load = QgsProcessingParameterBoolean("LOAD", self.tr("Load the risk layers into the open project"), True)
        self.addParameter(p.advanced(load))
        self.addParameter(p.seed())

    def compute(self, parameters, context, monitor):
        from ..core.assessment import run_assessment

        inputs = self._inputs_of(parameters, context, monitor.part(0.0, 0.02))
        options = self._options_of(parameters, context)
        self._target = output_folder(self.parameterAsString(parameters, "OUTPUT_FOLDER", context))
        self._work = Path(tempfile.mkdtemp(prefix=".part-", dir=self._target))
        self._heading = self.parameterAsString(parameters, "TITLE", context)
        try:
            self._assessment = run_assessment(inputs, options, self._work, monitor.part(0.02, 0.9))
            self._write(parameters, context, monitor)
            if QThread.currentThread() == QgsApplication.instance().thread():
                self._finish(monitor)
        except BaseException:
            shutil.rmtree(self._work, ignore_errors=True)
            raise
        if self.parameterAsBool(parameters, "LOAD", context) and context.project() is not None:
            self._show(context)
        return {
            "OUTPUT_FOLDER": str(self._target),
            "REPORT": str(self._target / "report.html"),
            "GEOPACKAGE": str(self._target / "assessment.gpkg"),
            "PROJECT": str(self._target / "project.qgz"),
            "RUN": str(self._target / "run.json"),
        }

    def _show(self, context):
        """Have QGIS open the risk layers when the run is done."""
        from ..processing_provider.assessment_output import risk_layers

        layers = risk_layers(self._assessment, self._layers, self._target)
        vectors = sum("|" in source for source, _, _ in layers)
        for source, name, style in layers:
            details = QgsProcessingContext.LayerDetails(name, context.project(), "OUTPUT_FOLDER")
            context.addLayerToLoadOnCompletion(source, details)
            styling.style_when_loaded(context, source, style, name, below=0 if "|" in source else vectors)

    def postProcessAlgorithm(self, context, feedback):
        # on the desktop the work runs in a thread of its own, but layouts belong to the main thread
        if self._work.exists():
            try:
                self._finish(feedback_monitor(feedback))
            except BaseException:
                shutil.rmtree(self._work, ignore_errors=True)
                raise
        return super().postProcessAlgorithm(context, feedback)

    def _inputs_of(self, parameters, context, monitor):
        from ..core.assessment import AssessmentInputs

        read = {}
        for name in ("SOIL", "SEDIMENT", "WATER", "VALIDATION"):
            if parameters.get(name) not in (None, ""):
                medium = "soil" if name == "VALIDATION" else name.lower()
                read[name.lower()] = samples.read_samples(
                    self, parameters, name, medium, context, monitor, f"{medium.upper()}_"
                )
        return AssessmentInputs(**read, manifest=self._manifest(parameters, context, monitor))

    def _manifest(self, parameters, context, monitor):
        from ..core.covariates import Manifest, codes_as_classes, describe_rasters, parse_class_files

        rasters = [layer.source() for layer in self.parameterAsLayerList(parameters, "RASTERS", context)]
        if not rasters:
            return Manifest()
        for path in rasters:
            self.record_file("RASTERS", path)
        classes = parse_class_files(self.parameterAsString(parameters, "CLASSES", context))
        return codes_as_classes(describe_rasters(rasters, classes=classes, monitor=monitor), monitor)

    def _options_of(self, parameters, context):
        from ..core.assessment import AssessmentOptions
        from ..core.baselines import BaselineOptions
        from ..core.indices import IndexOptions
        from ..core.partition import PartitionOptions
        from ..core.pmf import PmfOptions, UncertaintyRules
        from ..core.risk_model import TrainingOptions

        def choice(name, values):
            return values[self.parameterAsEnum(parameters, name, context)]

        def whole(name):
            return self.parameterAsInt(parameters, name, context)

        seed, backgrounds = whole("SEED"), list(background_choices())
        return AssessmentOptions(
            radius_m=self.parameterAsDouble(parameters, "RADIUS", context),
            statistic=choice("STATISTIC", STATISTICS),
            soil_background=choice("SOIL_BACKGROUND", backgrounds),
            sediment_background=choice("SEDIMENT_BACKGROUND", backgrounds),
            baselines=BaselineOptions(seed=seed),
            partition=PartitionOptions(choice("KD_FACTOR", KD_FACTORS), choice("WATER_FRACTION", WATER_FRACTIONS)),
            pmf=PmfOptions(
                factors=whole("PMF_FACTORS"),
                starts=whole("PMF_STARTS"),
                seed=seed,
                uncertainty=UncertaintyRules(
                    error_fraction=self.parameterAsDouble(parameters, "ERROR_FRACTION", context)
                ),
            ),
            indices=IndexOptions(choice("SCHEME", tuple(RISK_SCHEMES))),
            pmf_bootstraps=whole("PMF_BOOTSTRAPS"),
            training=TrainingOptions(
                folds=whole("FOLDS"), repeats=whole("REPEATS"), selection=choice("SELECTION", p.SELECTIONS), seed=seed
            ),
            mapped=tuple(MEDIA[i] for i in self.parameterAsEnums(parameters, "MAPPED", context)),
            map_distance_m=self.parameterAsDouble(parameters, "MAX_DISTANCE", context),
            sediment_map_distance_m=self.parameterAsDouble(parameters, "SEDIMENT_MAX_DISTANCE", context),
            group_field=self.parameterAsString(parameters, "GROUPS", context).strip(),
        )

    def _write(self, parameters, context, monitor):
        from ..processing_provider import assessment_output
        from ..report.assessment import document, tables

        monitor.progress(0.9)
        self._layers = assessment_output.write_layers(self._assessment, self._work, monitor)
        assessment_output.write_tables(tables(self._assessment), self._work, monitor)
        assessment_output.write_models(self._assessment, self._work)
        monitor.progress(0.92)
        self._report = document(self._assessment, self._heading).drawn(self._work / "figures", monitor)
        skipped = self._assessment.skipped_table().to_dict("records")
        counts = {medium: len(result.samples) for medium, result in self._assessment.media}
        results = {"samples": counts, "skipped": skipped}
        self.write_run_record(self._work / "run.json", parameters, context, results)

    def _finish(self, monitor):
        """Maps, project and report; then everything takes its final place at once."""
        from ..processing_provider import assessment_output
        from ..report.assessment import with_maps

        monitor.progress(0.96)
        pictures = assessment_output.write_project_and_maps(self._assessment, self._layers, self._work, self._heading)
        with_maps(self._report, self._assessment, pictures).write(self._work / "report.html")
        publish(self._work, self._target)
        monitor.progress(1.0)
        monitor.info(self.tr(f"Report, layers and project are in {self._target}"))


def output_folder(path):
    """The output folder, made if need be. Raises QgsProcessingException where it cannot be written to."""
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise QgsProcessingException(
            f"The output folder '{folder}' cannot be written to ({error.strerror}). Choose another folder."
        ) from error
    return folder


def publish(work, target):
    """Move everything from the work folder to its final place, replacing what an earlier run left there."""
    for item in sorted(work.iterdir()):
        final = target / item.name
        if item.suffix == ".gpkg":  # QGIS keeps it open for a while
            copy_settled(item, final)
        elif ".gpkg-" not in item.name and item.suffix != ".xml":  # .aux.xml: statistics that GDAL may have cached
            if final.is_dir():
                shutil.rmtree(final)
            os.replace(item, final)
    shutil.rmtree(work, ignore_errors=True)
