"""The model of the whole chain on the command line."""

import csv

import numpy as np

LEVELS = {"As": 8.0, "Cd": 0.15, "Cr": 60.0, "Cu": 25.0, "Hg": 0.04, "Ni": 28.0, "Pb": 25.0, "Zn": 75.0}
MODEL = "coastalhm:samplestoperimap"


def table(path, seed, factor=1.0, suffix=""):
    """A CSV of samples at forty sites, the same in each."""
    rng = np.random.default_rng(seed)
    x, y = np.random.default_rng(0).uniform([[121.2], [38.8]], [[122.2], [39.4]], (2, 40))
    columns = [factor * level * rng.lognormal(0, 0.4, 40) for level in LEVELS.values()]
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["lon", "lat", *(f"{metal}{suffix}" for metal in LEVELS)])
        rows.writerows(zip(x, y, *columns))
    return path


def covariate(path):
    """A GeoTIFF over the sites."""
    import rasterio

    place = rasterio.transform.from_origin(121.0, 39.6, 0.03, 0.03)
    profile = {"driver": "GTiff", "count": 1, "dtype": "float32", "width": 50, "height": 40, "transform": place}
    with rasterio.open(path, "w", crs="EPSG:4326", **profile) as dataset:
        dataset.write(np.random.default_rng(4).uniform(size=(1, 40, 50)).astype("float32"))
    return path


def test_the_model_is_listed_and_explained(qgis_process):
    assert "samplestoperimap\tCoast: from samples to a PERI map" in qgis_process.call("list").stdout
    said = qgis_process.call("help", MODEL).stdout
    for name in ("RASTERS: Covariate rasters", "MAP:PERI: PERI map", "INDICES:SITES: Pollution indices of the soil"):
        assert name in said


def test_the_model_runs(qgis_process, tmp_path):
    outputs = {
        "COVARIATES:PAIRS": "pairs.gpkg",
        "KD:SITES": "kd.gpkg",
        "SOIL_BASELINES:BASELINES": "soil_baselines.gpkg",
        "SEDIMENT_BASELINES:BASELINES": "sediment_baselines.gpkg",
        "ZONES:SITES": "zones.gpkg",
        "INDICES:SITES": "indices.gpkg",
        "SOURCES:CONTRIBUTIONS": "sources.gpkg",
        "TRAINING:MODEL": "risk.json",
        "MAP:PERI": "peri.tif",
        "EXPLANATION:SITES": "explanation.gpkg",
    }
    done = qgis_process.run(
        MODEL,
        SOIL=table(tmp_path / "soil.csv", 1),
        SEDIMENT=table(tmp_path / "sediment.csv", 2),
        WATER=table(tmp_path / "water.csv", 3, 0.01, "_ugL"),
        RASTERS=covariate(tmp_path / "cover.tif"),
        FACTORS=2,
        **{name: tmp_path / file for name, file in outputs.items()},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for file in outputs.values():
        assert (tmp_path / file).exists(), file
