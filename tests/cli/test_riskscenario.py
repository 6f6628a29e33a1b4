"""Scenarios through qgis_process: one raster where it may be, a message and exit code 1 where it may not."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from coastal_hm_plugin.core.covariates import describe_rasters, sample_covariates
from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model

GEOJSON = """{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": {"type":
"Polygon", "coordinates": [[[121.1, 39.2], [121.3, 39.2], [121.3, 39.4], [121.1, 39.4], [121.1, 39.2]]]}}]}"""


@pytest.fixture
def model(tmp_path):
    """A model of NDVI alone."""
    cells = (0.5 + 0.4 * np.sin(np.arange(60) / 7))[None, :].repeat(50, axis=0).astype(np.float32)
    profile = {"driver": "GTiff", "count": 1, "height": 50, "width": 60, "dtype": "float32"}
    with rasterio.open(
        tmp_path / "ndvi.tif", "w", crs="EPSG:4326", transform=from_origin(121, 39.5, 0.01, 0.01), **profile
    ) as file:
        file.write(cells, 1)
    rng = np.random.default_rng(1)
    x, y = 121 + rng.uniform(0.01, 0.59, 60), 39.5 - rng.uniform(0.01, 0.49, 60)
    manifest = describe_rasters([str(tmp_path / "ndvi.tif")])
    table = sample_covariates(x, y, "EPSG:4326", manifest).table
    table["PERI"] = 300 - 250 * table["ndvi"] + rng.normal(0, 5, 60)
    trained = train_risk_model(
        table, "PERI", ["ndvi"], TrainingOptions(repeats=1, n_trees=20), x, y, "EPSG:4326", manifest
    )
    return trained.save(tmp_path / "risk.json")[0]


def test_a_scenario_and_a_refusal(qgis_process, model, tmp_path):
    (tmp_path / "park.geojson").write_text(GEOJSON, encoding="utf-8")
    target = tmp_path / "out" / "change.tif"
    given = {"MODEL": model, "AREA": tmp_path / "park.geojson", "OUTPUT": target}
    done = qgis_process.run("riskscenario", CHANGES="ndvi + 20 %", REPORT=tmp_path / "out" / "report.html", **given)
    assert done.returncode == 0, done.stderr + done.stdout
    with rasterio.open(target) as file:
        change, _, _, altered = file.read()
    assert altered.sum() == 20 * 20 and (change[altered == 0] == 0).all() and change[altered == 1].mean() < -10
    assert (tmp_path / "out" / "report.html").exists() and (tmp_path / "out" / "report.run.json").exists()
    given["OUTPUT"] = tmp_path / "no" / "change.tif"
    refused = qgis_process.run("riskscenario", CHANGES="ndwi + 20 %", **given)
    assert refused.returncode == 1 and "there is no covariate 'ndwi'" in refused.stderr + refused.stdout
    assert not given["OUTPUT"].exists()
