"""The provider, registered in the running QGIS."""

from tests.processing.conftest import provider  # noqa: F401  the fixture
