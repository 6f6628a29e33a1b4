"""The risk map as QGIS runs it: intervals in the same pass, resumed runs, rasters that do not fit."""

import numpy as np
import pytest
import rasterio
from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsRasterLayer

from tests.core.raster_worlds import hills, trained_world, write_raster


class Log(QgsProcessingFeedback):
    """Keeps what is said."""

    def __init__(self):
        super().__init__(False)
        self.said = []

    def pushInfo(self, text):
        self.said.append(text)

    def pushWarning(self, text):
        self.said.append(text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a model of two rasters."""
    folder = tmp_path_factory.mktemp("model")
    trained_world(folder)
    return folder


@pytest.fixture
def run(provider, folder, tmp_path):
    import processing

    def run_tool(**parameters):
        given = {"MODEL": str(folder / "model.json"), "OUTPUT": str(tmp_path / "peri.tif"), **parameters}
        log = Log()
        return processing.run("coastalhm:predictriskraster", given, feedback=log), log.said

    return run_tool


def test_intervals_have_bands_and_a_style(run, tmp_path):
    outputs, _ = run(INTERVALS=str(tmp_path / "intervals.tif"))
    with rasterio.open(outputs["INTERVALS"]) as file, rasterio.open(outputs["OUTPUT"]) as peri:
        lower, upper, width = file.read()
        assert ((lower <= peri.read(1)) & (peri.read(1) <= upper)).all()
        np.testing.assert_allclose(width, upper - lower, atol=1e-4)
    layer = QgsRasterLayer(outputs["INTERVALS"])
    layer.loadNamedStyle(str(tmp_path / "intervals.qml"))
    assert layer.renderer().band() == 3


def test_a_run_asked_to_resume_leaves_the_same_map(run, tmp_path):
    first, _ = run(OUTPUT=str(tmp_path / "a.tif"))
    second, _ = run(OUTPUT=str(tmp_path / "b.tif"), RESUME=True)
    with open(first["OUTPUT"], "rb") as one, open(second["OUTPUT"], "rb") as other:
        assert one.read() == other.read()
    assert not list(tmp_path.glob("*.part"))


def test_a_raster_in_another_unit_is_named_in_the_log(run, tmp_path):
    path = write_raster(tmp_path / "ndvi.tif", hills(9) * 100)
    _, said = run(RASTERS=[path])
    assert any("'ndvi' ranges from" in text and "same unit" in text for text in said)


def test_a_folder_that_cannot_be_written_to_is_named(run, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(QgsProcessingException, match=r"cannot be written|could not be created|Could not create"):
        run(OUTPUT=str(tmp_path / "file" / "peri.tif"))
