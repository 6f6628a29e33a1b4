"""Create the example project: a synthetic coast with a planted truth, ready for every tool."""

from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputFile,
    QgsProcessingOutputMultipleLayers,
    QgsProcessingOutputVectorLayer,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFolderDestination,
    QgsRectangle,
    QgsVectorLayer,
)

from ..processing_provider import land, styling
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.geopackage import GeoPackage
from ..processing_provider.maps import map_crs
from ..processing_provider.project import Entry, build_project, extent_of, land_style, write_project

LAYERS = {"soil": "Soil", "sediment": "Sediment", "water": "Water", "enterprises": "Enterprises"}
COVARIATES = {
    "lithology": "Lithology",
    "land_use": "Land use",
    "elevation": "Elevation (m)",
    "ndvi": "NDVI",
    "population": "Population (persons/km²)",
    "gdp": "GDP (10,000 yuan/km²)",
    "enterprise_density": "Enterprises per 100 km²",
    "precipitation": "Precipitation (mm/year)",
    "temperature": "Temperature (°C)",
}
CLASSES = ("lithology", "land_use")
PACKAGE, PROJECT = "example.gpkg", "project.qgz"
DEGREES = "EPSG:4326"
EXTENT = (117.0, 30.0, 126.0, 41.0)
COORDINATES = ["longitude", "latitude"]
ESTUARY_COLOURS = {
    "Yalu": "#d55e00",
    "Haihe": "#e69f00",
    "Yellow": "#f0e442",
    "Yangtze": "#cc79a7",
    "Open coast": "#56b4e9",
}
SYNTHETIC = "Synthetic data, made by a random generator: they say nothing of any real place."


class ExampleCoast(CoastalAlgorithm):
    """Soil, sediment and water of a made-up survey, rasters, a project, and the truth behind them."""

    ID = "examplecoast"
    TITLE = "Create the example project"
    GROUP = "Workflow"
    TAGS = ("demo", "test data", "synthetic", "tutorial", "Bohai", "Yellow Sea")
    NEEDS = ("scipy", "pandas", "rasterio")

    def declare(self):
        self.addParameter(QgsProcessingParameterFolderDestination("FOLDER", self.tr("Folder")))
        self.addParameter(QgsProcessingParameterBoolean("LOAD", self.tr("Load the layers into the open project"), True))
        self.addParameter(p.seed())
        points = QgsProcessing.SourceType.TypeVectorPoint
        for name in ("soil", "sediment", "water", "enterprises"):
            self.addOutput(QgsProcessingOutputVectorLayer(name.upper(), self.tr(LAYERS[name]), points))
        self.addOutput(QgsProcessingOutputMultipleLayers("RASTERS", self.tr("Covariate rasters")))
        self.addOutput(QgsProcessingOutputFile("GEOPACKAGE", self.tr("GeoPackage")))
        self.addOutput(QgsProcessingOutputFile("PROJECT", self.tr("Project")))
        self.addOutput(QgsProcessingOutputFile("TRUTH", self.tr("Planted truth")))

    def compute(self, parameters, context, monitor):
        from ..core.example_coast import ExampleCoast as Files
        from ..core.example_coast import make_example_coast
        from ..core.example_files import staged

        folder = Path(self.parameterAsString(parameters, "FOLDER", context))
        seed = self.parameterAsInt(parameters, "SEED", context)
        with staged(folder) as workshop:
            made = make_example_coast(workshop, seed, monitor.part(0.0, 0.7))
            _write_package(made, workshop / PACKAGE, monitor.part(0.7, 1.0))
        self._files = Files(folder)
        monitor.info(f"{SYNTHETIC} What was planted stands in {self._files.truth}.")
        sources = {name: f"{folder / PACKAGE}|layername={name}" for name in LAYERS}
        rasters = {name: str(self._files.rasters[name]) for name in COVARIATES}
        self._load = self.parameterAsBool(parameters, "LOAD", context) and context.project() is not None
        if self._load:
            self._open_when_done({**sources, **rasters}, context)
        return {
            "FOLDER": str(folder),
            **{name.upper(): source for name, source in sources.items()},
            "RASTERS": list(rasters.values()),
            "GEOPACKAGE": str(folder / PACKAGE),
            "PROJECT": str(folder / PROJECT),
            "TRUTH": str(self._files.truth),
        }

    def _open_when_done(self, sources, context):
        """Have QGIS open the layers; their styles lie beside or in the files by then."""
        titles = {**LAYERS, **COVARIATES}
        for name, source in sources.items():
            details = QgsProcessingContext.LayerDetails(f"{titles[name]} (synthetic)", context.project(), name)
            context.addLayerToLoadOnCompletion(source, details)

    def postProcessAlgorithm(self, context, feedback):
        # in the main thread: a project of layers does not belong to a worker's
        _write_project(self._files)
        return super().postProcessAlgorithm(context, feedback)


def _write_package(made, path, monitor):
    """The tables as point layers, with the land around them, in one GeoPackage."""
    import pandas as pd

    package = GeoPackage(path, monitor)
    degrees = QgsCoordinateReferenceSystem(DEGREES)
    for number, (name, table_path) in enumerate(made.tables.items()):
        monitor.progress(number / len(made.tables))
        table = pd.read_csv(table_path)
        x, y = (table.pop(column).to_numpy() for column in COORDINATES)
        package.add_points(name, table, x, y, degrees)
    names, polygons = land.land_around(QgsRectangle(*EXTENT), degrees)
    if polygons:
        package.add_polygons("land", pd.DataFrame({"name": names}), polygons, degrees)


def _write_project(files):
    """A project of the samples over their covariates over the land; layers keep their styles beside the data."""
    package = files.folder / PACKAGE
    styles = _styles()

    def points(name, visible):
        source = f"{package}|layername={name}"
        return Entry(f"{LAYERS[name]} (synthetic)", source, styles[name], visible, abstract=SYNTHETIC)

    def raster(name):
        source = str(files.rasters[name])
        return Entry(f"{COVARIATES[name]} (synthetic)", source, styles.get(name), name == "lithology", False, SYNTHETIC)

    groups = {
        "Samples": [points("sediment", True), points("soil", False), points("water", False)],
        "Industry": [points("enterprises", False)],
        "Covariates": [raster(name) for name in COVARIATES],
    }
    if QgsVectorLayer(f"{package}|layername=land", "land").isValid():
        groups["Ground"] = [Entry("Land", f"{package}|layername=land", land_style, abstract=land.SOURCE)]
    degrees = QgsCoordinateReferenceSystem(DEGREES)
    extent = QgsRectangle(*EXTENT)
    crs = map_crs(degrees, extent)
    project, layers = build_project("Example coast (synthetic)", groups, crs)
    write_project(project, files.folder / PROJECT, extent_of([layers["Sediment (synthetic)"]], crs))
    project.clear()  # closes the files
    for name in styles.keys() & files.rasters.keys():
        # GDAL keeps the histograms that the styles asked for, several times the size of the rasters
        files.rasters[name].with_suffix(".tif.aux.xml").unlink(missing_ok=True)


def _styles():
    estuaries = {name: (colour, name) for name, colour in ESTUARY_COLOURS.items()}
    return {
        "sediment": styling.categorized_points("estuary", estuaries),
        "soil": styling.plain_points("#8c6d46", 1.4),
        "water": styling.plain_points("#0072b2", 1.8),
        "enterprises": styling.plain_points("#4d4d4d", 1.0),
        **{name: styling.continuous_raster() for name in COVARIATES if name not in CLASSES},
    }
