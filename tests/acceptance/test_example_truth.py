"""The whole pipeline on the synthetic coast finds what was planted there, and nothing else.

Tolerances: box-plot baselines within 20 %; profiles (percent of each element) with a cosine above 0.95 and
contributions with a correlation above 0.9 (0.7 for farming, which never dominates); coefficients of log10 Kd within
3.5 standard errors; the peak of the mapped risk within the planted radius of the hotspot.
"""

import json

import numpy as np
import pandas as pd
import pytest
import rasterio
from pyproj import Geod
from scipy.optimize import linear_sum_assignment

from coastal_hm_plugin.core.assessment import AssessmentInputs, AssessmentOptions, run_assessment
from coastal_hm_plugin.core.covariates import describe_rasters
from coastal_hm_plugin.core.example_coast import make_example_coast
from coastal_hm_plugin.core.example_coast.fields import random_field
from coastal_hm_plugin.core.example_coast.rasters import Grid
from coastal_hm_plugin.core.samples import read_csv_points, read_samples

SOURCES = ("lithogenic", "agricultural", "industrial", "coal and legacy")
MEDIA = ("soil", "sediment")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def coast(tmp_path_factory):
    return make_example_coast(tmp_path_factory.mktemp("coast"), seed=1)


@pytest.fixture(scope="module")
def truth(coast):
    return json.loads(coast.truth.read_text(encoding="utf-8"))


def decoys(coast, folder):
    """Rasters that have nothing to do with any source: the enterprise density shuffled, and a smooth field."""
    rng = np.random.default_rng(99)
    paths = []
    with rasterio.open(coast.rasters["enterprise_density"]) as raster:
        profile, cells = raster.profile, raster.read(1)
    valid = cells != profile["nodata"]
    shuffled, smooth = cells.copy(), cells.copy()
    shuffled[valid] = rng.permutation(cells[valid])
    smooth[valid] = random_field(rng, Grid(), 60)[valid]
    for name, values in (("decoy_shuffled", shuffled), ("decoy_smooth", smooth)):
        paths.append(folder / f"{name}.tif")
        with rasterio.open(paths[-1], "w", **profile) as raster:
            raster.write(values, 1)
    return paths


@pytest.fixture(scope="module")
def assessed(coast, tmp_path_factory):
    folder = tmp_path_factory.mktemp("assessed")
    media = {}
    for medium in (*MEDIA, "water"):
        points = read_csv_points(coast.tables[medium])
        media[medium] = read_samples(points.table, points.x, points.y, points.crs, medium)
    rasters = [*coast.rasters.values(), *decoys(coast, folder)]
    manifest = describe_rasters([str(path) for path in rasters])
    options = AssessmentOptions(mapped=MEDIA)
    return run_assessment(AssessmentInputs(**media, manifest=manifest), options, folder), folder


def test_nothing_is_skipped(assessed):
    skipped = assessed[0].skipped_table()
    assert set(skipped["step"]) <= {"independent validation"}


def test_every_soil_is_paired_with_its_site(assessed, coast):
    links = assessed[0].pairing.links
    soils = pd.read_csv(coast.soil)["soil_id"].str[:4].to_numpy()
    sites = pd.read_csv(coast.sediment)["site_id"].to_numpy()
    assert len(links) == 309
    assert (soils[links["point"]] == sites[links["site"]]).all()


@pytest.mark.parametrize("medium", MEDIA)
def test_baselines(assessed, truth, medium):
    planted = pd.Series(truth["background_mg_kg"][medium])
    found = getattr(assessed[0], medium).baselines.central("boxplot")
    np.testing.assert_allclose(found[planted.index], planted, rtol=0.20)


def matched(assessed, coast, truth, medium):
    """Planted and found profiles (percent of each element) and contributions, factors in the order of SOURCES."""
    elements = truth["elements"]
    planted = pd.DataFrame(truth["profiles_mg_kg"][medium]).T.loc[list(SOURCES), elements]
    result = getattr(assessed[0], medium).sources
    profiles = result.profiles().pivot_table("percent_of_species", "factor", "species")[elements]
    shares = 100 * planted / planted.sum()

    def unit(table):
        return table.to_numpy() / np.linalg.norm(table.to_numpy(), axis=1, keepdims=True)

    cosine = unit(shares) @ unit(profiles).T
    of_source = linear_sum_assignment(-cosine)[1]
    contributions = pd.read_csv(coast.truth.parent / f"contributions_{medium}.csv")[list(SOURCES)].to_numpy()
    found = result.contributions()[profiles.index[of_source]].to_numpy()
    return cosine[np.arange(4), of_source], profiles.iloc[of_source].set_axis(SOURCES), contributions, found


@pytest.mark.parametrize("medium", MEDIA)
def test_sources(assessed, coast, truth, medium):
    cosine, profiles, planted, found = matched(assessed, coast, truth, medium)
    assert (cosine > 0.95).all(), cosine
    known = ~np.isnan(found).any(axis=1)
    r = [np.corrcoef(planted[known, k], found[known, k])[0, 1] for k in range(4)]
    assert (np.array(r) > [0.9, 0.7, 0.9, 0.9]).all(), r
    # what was not planted is not found: no metal of the rocks in the farms, no mercury from the rocks
    assert profiles.loc["lithogenic", ["Cr", "Ni"]].min() > 75
    assert profiles.loc["agricultural", ["Cr", "Ni", "Hg"]].max() < 15
    assert profiles.loc["industrial", ["As", "Cr", "Ni"]].max() < 20
    assert profiles.loc["coal and legacy", "Hg"] > 60


def regression(y, drivers):
    """Coefficients and standard errors of ordinary least squares with a constant first."""
    known = np.isfinite(y) & np.isfinite(drivers).all(axis=1)
    design = np.column_stack([np.ones(known.sum()), drivers[known]])
    coefficients, rest, *_ = np.linalg.lstsq(design, y[known], rcond=None)
    variance = rest[0] / (known.sum() - design.shape[1])
    return coefficients, np.sqrt(variance * np.diag(np.linalg.inv(design.T @ design)))


def test_kd_drivers(assessed, truth):
    result = assessed[0]
    log_kd, places = result.partition.log10_kd, result.partition_sites
    water = result.inputs.water.take(places["water"]).properties
    sediment = result.inputs.sediment.take(places["sediment"]).properties
    reference = truth["log10_kd_l_kg"]["reference"]
    names = list(reference)
    values = np.column_stack([water["salinity"], water["pH"], sediment["OM"]]) - list(reference.values())
    censored = result.inputs.water.censored.take(places["water"])
    for metal, planted in truth["log10_kd_l_kg"]["drivers"].items():
        y = log_kd[metal].where(~censored[metal].to_numpy()).to_numpy()
        found, error = regression(y, values)
        expected = np.array([planted["level"], *(planted[name] for name in names)])
        assert (np.abs(found - expected) < 3.5 * error).all(), (metal, found, expected, error)
        t = pd.Series(found[1:] / error[1:], index=names)
        if metal == "Cd":
            assert t["salinity"] < -5 and t["pH"] > 2
        if metal == "Pb":
            assert t["OM"] > 2 and found[0] > 4.5
        for name in names:  # what drives nothing is not found to
            if planted[name] == 0:
                assert abs(t[name]) < 3.5, (metal, name, t[name])


@pytest.mark.parametrize("medium", MEDIA)
def test_drivers_of_risk(assessed, medium):
    site_model = getattr(assessed[0], medium).site_model
    order = site_model.explanation.importance().set_index("predictor")["shap_share"]
    assert order.index[0] == "enterprise_density"
    assert "OM" in order.index[:3]
    assert order.get("decoy_shuffled", 0.0) < 0.03
    assert order.get("decoy_smooth", 0.0) < 0.08
    assert site_model.model.skill.has_skill
    scores = site_model.model.scores.set_index(["folds", "model"])["r2"]
    assert 0.5 < scores["spatial", "XGBoost"] < 0.95


@pytest.mark.parametrize("medium", MEDIA)
def test_hotspot_is_mapped_where_it_was_planted(assessed, truth, medium):
    result, folder = assessed
    hotspot = truth["risk_hotspot"]
    with rasterio.open(folder / f"peri_{medium}.tif") as raster:
        peri = raster.read(1, masked=True)
        row, column = np.unravel_index(peri.argmax(), peri.shape)
        x, y = raster.xy(row, column)
        assert raster.crs.to_epsg() == 4326
    away = Geod(ellps="WGS84").inv(x, y, hotspot["longitude"], hotspot["latitude"])[2] / 1000
    assert away < hotspot["radius_km"]
    indices = getattr(result, medium).indices.site["PERI"].to_numpy()
    samples = getattr(result, medium).samples
    yalu = (samples.table["estuary"] == "Yalu").to_numpy()
    assert np.nanmean(indices[yalu]) > 2 * np.nanmean(indices[~yalu])


def test_a_table_without_relation_is_said_to_have_none(assessed):
    from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model

    medium = assessed[0].sediment
    rng = np.random.default_rng(7)
    table = medium.covariates.table.assign(PERI=rng.permutation(medium.indices.site["PERI"].to_numpy()))
    samples = medium.samples
    options = TrainingOptions(medium="sediment", repeats=2)
    names = list(medium.covariates.table.columns)
    model = train_risk_model(table, "PERI", names, options, samples.x, samples.y, samples.crs)
    assert not model.skill.has_skill
