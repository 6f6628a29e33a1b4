"""A QGIS project of the outputs: grouped, styled layers, relative paths, the map in view when it opens."""

from dataclasses import dataclass

from qgis.core import (
    QgsCoordinateTransform,
    QgsFillSymbol,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from .maps import SEA
from .styling import write_qml

LAND = "#ececea"
SHORE = "#8f959b"


@dataclass(frozen=True)
class Entry:
    """One layer of the project. source: a file, or ``file.gpkg|layername=x``; style: a function from styling."""

    name: str
    source: str
    style: object = None
    visible: bool = True
    expanded: bool = True
    abstract: str = ""
    subgroup: str = ""

    @property
    def is_raster(self):
        """Whether the source is a raster file."""
        return self.source.lower().endswith((".tif", ".tiff"))

    def open(self):
        """The layer, styled. Raises QgsProcessingException when it cannot be opened."""
        layer = QgsRasterLayer(self.source, self.name) if self.is_raster else QgsVectorLayer(self.source, self.name)
        if not layer.isValid():
            raise QgsProcessingException(f"Could not open {self.source} for the project.")
        if self.style is not None:
            self.style(layer)
        layer.metadata().setAbstract(self.abstract)
        return layer


def land_style(layer):
    """Land as quiet ground under the map."""
    symbol = QgsFillSymbol.createSimple({"color": LAND, "outline_color": SHORE, "outline_width": "0.15"})
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))


def coast_style(layer):
    """The shore alone, to be seen on top of a raster."""
    symbol = QgsFillSymbol.createSimple({"style": "no", "outline_color": "#4b5563", "outline_width": "0.15"})
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))


def build_project(title, groups, crs):
    """A project with the entries of each group (name -> entries, top first). Returns (project, name -> layer).

    The style of a raster is saved beside it as .qml; that of the first entry of a GeoPackage's layer inside the
    GeoPackage, so that the layer opens with it in any project.
    """
    project = QgsProject()
    project.setTitle(title)
    project.setCrs(crs)
    project.setBackgroundColor(QColor(SEA))
    project.setFilePathStorage(_relative())
    layers, styled = {}, set()
    for group_name, entries in groups.items():
        group = project.layerTreeRoot().addGroup(group_name)
        for entry in entries:
            layer = entry.open()
            if project.addMapLayer(layer, False) is None:
                raise QgsProcessingException(f"Could not add {entry.source} to the project.")
            node = _subgroup(group, entry.subgroup).addLayer(layer)
            node.setItemVisibilityChecked(entry.visible)
            node.setExpanded(entry.expanded and entry.visible)
            layers[entry.name] = layer
            if entry.style is not None and entry.source not in styled:
                styled.add(entry.source)
                _keep_style(layer, entry)
        group.setExpanded(any(entry.visible for entry in entries))
    return project, layers


def _subgroup(group, name):
    """The folded subgroup of this name, made when first asked for; the group itself without a name."""
    if not name:
        return group
    found = group.findGroup(name)
    if found is None:
        found = group.addGroup(name)
        found.setExpanded(False)
    return found


def _keep_style(layer, entry):
    if entry.is_raster:
        write_qml(layer)
    else:
        # its name since QGIS 3.44, and before
        save = getattr(layer, "saveStyleToDatabaseV2", None) or layer.saveStyleToDatabase
        save(entry.name, entry.abstract, True, "")


def _relative():
    from qgis.core import Qgis

    return Qgis.FilePathType.Relative


def extent_of(layers, crs):
    """The common extent of the layers in ``crs``."""
    extent = QgsRectangle()
    for layer in layers:
        transform = QgsCoordinateTransform(layer.crs(), crs, QgsProject())
        extent.combineExtentWith(transform.transformBoundingBox(layer.extent()))
    return extent


def write_project(project, path, extent):
    """Write the project so that it opens with ``extent`` in view."""
    shown = QgsRectangle(extent)
    shown.scale(1.1)
    project.viewSettings().setDefaultViewExtent(QgsReferencedRectangle(shown, project.crs()))
    project.writeProject.connect(lambda document: _add_canvas(document, project, shown))
    if not project.write(str(path)):
        raise QgsProcessingException(f"Could not write the project {path}: {project.error()}")


def _add_canvas(document, project, extent):
    """The desktop takes its first view from this element, which only a map canvas writes by itself."""
    canvas = document.createElement("mapcanvas")
    canvas.setAttribute("name", "theMapCanvas")
    box = document.createElement("extent")
    for name, value in (
        ("xmin", extent.xMinimum()),
        ("ymin", extent.yMinimum()),
        ("xmax", extent.xMaximum()),
        ("ymax", extent.yMaximum()),
    ):
        element = document.createElement(name)
        element.appendChild(document.createTextNode(repr(value)))
        box.appendChild(element)
    canvas.appendChild(box)
    reference = document.createElement("destinationsrs")
    project.crs().writeXml(reference, document)
    canvas.appendChild(reference)
    document.documentElement().appendChild(canvas)
