"""The provider, registered in the running QGIS."""

import pytest


@pytest.fixture(scope="session")
def provider(qgis_app, qgis_processing):
    from qgis.core import QgsApplication

    from coastal_hm_plugin import classFactory

    found = QgsApplication.processingRegistry().providerById("coastalhm")
    if found is None:
        plugin = classFactory(None)
        plugin.initProcessing()
        found = plugin.provider
    return found
