"""Full assessments of real data through qgis_process."""

import json

import numpy as np
import pandas as pd
import pytest

from tests.cli.conftest import qgis_process  # noqa: F401  the fixture

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]


def assess(program, folder, **parameters):
    done = program.run("assessment", OUTPUT_FOLDER=folder, **parameters)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("report.html", "assessment.gpkg", "project.qgz", "run.json"):
        assert (folder / name).stat().st_size > 1_000, name
    return folder


def read(folder, name):
    return pd.read_csv(folder / "tables" / f"{name}.csv")


def read_raster(path):
    import rasterio

    with rasterio.open(path) as raster:
        return raster.read(1, masked=True), raster.crs


@pytest.fixture(scope="module")
def western_us(qgis_process, reference, tmp_path_factory):  # noqa: F811
    data = reference / "western_us"
    return assess(
        qgis_process,
        tmp_path_factory.mktemp("western_us"),
        SOIL=data / "soils.csv",
        SOIL_UNITS="Al=%; Fe=%",
        RASTERS=sorted(data.glob("*.tif")),
        CLASSES=f"globcov_code={data / 'globcov_classes.tsv'}",
        TITLE="Western United States, USGS Data Series 801",
        REPEATS=2,
    )


def test_western_us_soils_are_read_as_the_laboratory_wrote_them(western_us, reference):
    raw = pd.read_csv(reference / "western_us" / "soils.csv", dtype=str)
    table = read(western_us, "soil_data").set_index("element")
    for element in ("As", "Cd", "Cr", "Cu", "Hg", "Ni", "Pb", "Zn"):
        column = raw[f"top5_{element.lower()}"]
        below = column.str.startswith("<", na=False)
        assert table.loc[element, "nondetects"] == below.sum()
        values = pd.to_numeric(column.where(~below, "0"), errors="coerce")
        assert table.loc[element, "missing"] == values.isna().sum(), "N.S. means no sample"
        limits = pd.to_numeric(column.str.lstrip("<"), errors="coerce")
        assert table.loc[element, "median"] == pytest.approx(values.where(~below, limits / 2).median())


def test_western_us_baselines_lie_in_the_range_of_the_data(western_us):
    table = read(western_us, "soil_baselines")
    assert set(table["method"]) == {"imea", "imed", "boxplot", "rcf"}
    box = table[table["method"] == "boxplot"].set_index("element")
    assert 5 < box.loc["Pb", "central"] < 30
    assert (box["central_low"] <= box["central"]).all() and (box["central"] <= box["central_high"]).all()


def test_western_us_sources_explain_the_concentrations(western_us):
    species = read(western_us, "soil_pmf_species").set_index("species")
    assert species["r2"].median() > 0.5
    assert np.isfinite(species["r2"]).all()


def test_western_us_risk_raster_covers_the_four_states(western_us):
    values, crs = read_raster(western_us / "peri_soil.tif")
    assert crs is not None and values.count() > 40_000
    assert values.min() > 0
    scores = read(western_us, "soil_map_model_scores")
    assert {"random", "spatial"} <= set(scores["folds"])


def test_north_sea_pairs_and_partitioning(qgis_process, reference, tmp_path):  # noqa: F811
    data = reference / "north_sea"
    folder = assess(
        qgis_process,
        tmp_path,
        SEDIMENT=data / "sediment_sites.csv",
        WATER=data / "water_sites.csv",
        WATER_FRACTION=0,
        RASTERS=data / "elevation_etopo5.tif",
        MAPPED=1,
        MAX_DISTANCE=30_000,
        REPEATS=2,
    )
    sites = read(folder, "kd_sites")
    assert len(sites) == 276 and sites["sediment"].nunique() == 70
    for metal, (median, count) in {"Cu": (4.79, 235), "Ni": (5.00, 235), "Hg": (5.31, 207), "Pb": (6.63, 221)}.items():
        log = sites[f"log10Kd_{metal}"]
        assert log.count() == count
        assert log.median() == pytest.approx(median, abs=0.02)
    measured = sites[sites["Kd_Cd_bound"].isna() | (sites["Kd_Cd_bound"] == "")]["log10Kd_Cd"]
    assert measured.count() == 9 and measured.median() == pytest.approx(4.61, abs=0.02)
    values, _ = read_raster(folder / "peri_sediment.tif")
    assert 0 < values.count() < 0.6 * values.size, "the map must end 30 km from the samples"


def test_jura_is_scored_on_samples_it_never_saw(qgis_process, reference, tmp_path):  # noqa: F811
    from coastal_hm_plugin.core.example_jura import make_jura

    jura = make_jura(tmp_path / "jura", reference / "jura")
    folder = assess(
        qgis_process,
        tmp_path / "out",
        SOIL=jura.folder / "soil.csv",
        VALIDATION=jura.folder / "validation.csv",
        RASTERS=sorted((jura.folder / "rasters").glob("*.tif")),
        REPEATS=2,
    )
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["results"]["samples"] == {"soil": 259}
    scores = read(folder, "validation_scores").set_index("model")
    assert scores.loc["XGBoost", "n"] == 100
    # rock and land use explain little of these soils (gstat's kriging: R2 0.01 on the same points); what counts is
    # that the score is the plain one of predictions against observations
    table = read(folder, "validation").dropna()
    error = table["observed"] - table["predicted"]
    spread = table["observed"] - table["observed"].mean()
    assert scores.loc["XGBoost", "r2"] == pytest.approx(1 - (error**2).sum() / (spread**2).sum())
    assert scores.loc["XGBoost", "rmse"] == pytest.approx(np.sqrt((error**2).mean()))
