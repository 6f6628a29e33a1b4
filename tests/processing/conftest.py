"""The provider, registered in the running QGIS."""

import pytest


@pytest.fixture(scope="session")
def provider(qgis_app, qgis_processing):
    from qgis.core import QgsApplication

    from coastal_hm_plugin import classFactory

    give_the_desktop_a_layer_tree()
    found = QgsApplication.processingRegistry().providerById("coastalhm")
    if found is None:
        plugin = classFactory(None)
        plugin.initProcessing()
        found = plugin.provider
    return found


def give_the_desktop_a_layer_tree():
    """QGIS 3.44 hands the desktop's view of the layer tree to C++, which takes no stand-in."""
    from qgis.core import QgsLayerTreeModel, QgsProject
    from qgis.gui import QgsLayerTreeView
    from qgis.utils import iface

    view = QgsLayerTreeView()
    view.setModel(QgsLayerTreeModel(QgsProject.instance().layerTreeRoot(), view))
    iface.layerTreeView = lambda: view
