"""Folds matched to the map: distances as the map has them, groups kept whole, scores beside the others."""

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin
from scipy.stats import wasserstein_distance

from coastal_hm_plugin.core.covariates.manifest import Covariate, Manifest
from coastal_hm_plugin.core.covariates.sampling import sample_covariates
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.risk_model import (
    TrainingOptions,
    held_out_distances,
    matched_folds,
    nearest_distances,
    random_folds,
    spatial_folds,
    train_risk_model,
)

UTM = "EPSG:32651"
LEFT, TOP = 400_000.0, 4_300_000.0


def clustered(rng, clusters=15, each=10):
    """Sites in tight clusters on a square of 100 km."""
    centres = rng.uniform(0, 1e5, (clusters, 1, 2))
    return (centres + rng.normal(0, 500, (clusters, each, 2))).reshape(-1, 2)


def misfit(sites, places, found):
    wanted = nearest_distances(*sites.T, *places.T)
    return np.mean([wasserstein_distance(held_out_distances(sites, fold_of), wanted) for fold_of in found.fold_of])


@pytest.mark.parametrize("seed", range(5))
def test_clustered_sites_and_a_map_of_everything(seed):
    """Random folds leave neighbours 300 m away, but the map's cells are kilometres away, as matched folds have it."""
    rng = np.random.default_rng(seed)
    sites, places = clustered(rng), rng.uniform(0, 1e5, (2000, 2))
    found = matched_folds(*sites.T, *places.T, 5, 3, rng)
    assert found.scheme == "matched" and found.fold_of.shape == (3, 150)
    at_random = random_folds(150, 5, 3, rng)
    assert misfit(sites, places, found) < 0.35 * misfit(sites, places, at_random)
    for fold_of in found.fold_of:
        sizes = np.bincount(fold_of, minlength=5)
        assert sizes.min() > 0 and sizes.max() <= 75


def test_sites_at_random_and_a_map_between_them():
    """There random folds are right already; blocks hold sites back much farther from the others than the map is."""
    rng = np.random.default_rng(2)
    sites, places = rng.uniform(0, 1e5, (150, 2)), rng.uniform(0, 1e5, (2000, 2))
    found = matched_folds(*sites.T, *places.T, 5, 3, rng)
    blocks = spatial_folds(*sites.T, np.sin(sites[:, 0] / 2e4), 5, 3, rng, block_size_m=30_000)
    assert misfit(sites, places, found) < 0.5 * misfit(sites, places, blocks)
    assert np.median(held_out_distances(sites, found.fold_of[0])) < 8_000


def test_a_group_stays_in_one_fold():
    rng = np.random.default_rng(3)
    sites, places = clustered(rng), rng.uniform(0, 1e5, (500, 2))
    groups = rng.integers(0, 40, 150)
    found = matched_folds(*sites.T, *places.T, 5, 4, rng, groups)
    for fold_of in found.fold_of:
        assert len(np.unique(np.column_stack([groups, fold_of]), axis=0)) == len(np.unique(groups))


def test_distances_to_other_folds_by_hand():
    sites = np.column_stack([[0.0, 1, 5, 9], np.zeros(4)])
    np.testing.assert_allclose(held_out_distances(sites, np.array([0, 0, 1, 1])), [5, 4, 4, 8])
    np.testing.assert_allclose(nearest_distances(*sites.T, np.array([3.2, 20]), np.zeros(2)), [1.8, 11])


@pytest.fixture(scope="module")
def coast(tmp_path_factory):
    """A raster of 100 km, sites in clusters on it, PERI that follows it."""
    path = str(tmp_path_factory.mktemp("raster") / "ndvi.tif")
    rows, columns = np.mgrid[:200, :200]
    ndvi = (0.5 + 0.3 * np.sin(columns / 15) * np.cos(rows / 12)).astype(np.float32)
    ndvi[:, :20] = -1
    profile = {"driver": "GTiff", "count": 1, "height": 200, "width": 200, "dtype": "float32", "nodata": -1, "crs": UTM}
    with rasterio.open(path, "w", transform=from_origin(LEFT, TOP, 500, 500), **profile) as file:
        file.write(ndvi, 1)
    manifest = Manifest((Covariate("ndvi", path),))
    sites = clustered(np.random.default_rng(7))
    sites = sites[(sites > 11_000).all(axis=1) & (sites < 99_000).all(axis=1)]
    x, y = LEFT + sites[:, 0], TOP - sites[:, 1]
    table = sample_covariates(x, y, UTM, manifest).table
    table["PERI"] = 300 * table["ndvi"] + np.random.default_rng(8).normal(0, 20, len(table))
    return table, x, y, manifest


def test_training_scores_on_them_beside_the_others(coast):
    table, x, y, manifest = coast
    said = []
    trained = [
        train_risk_model(
            table,
            "PERI",
            ["ndvi"],
            TrainingOptions(repeats=2, n_trees=30, matched=matched),
            x,
            y,
            UTM,
            manifest,
            Monitor(on_info=said.append),
        )
        for matched in (False, True)
    ]
    plain, found = (model.scores.set_index(["folds", "model"]) for model in trained)
    assert list(found.index.unique("folds")) == ["random", "matched", "spatial"]
    pd.testing.assert_frame_equal(found.loc[["random", "spatial"]], plain)
    assert trained[1].skill == trained[0].skill and "predicted_matched" in trained[1].held_out
    assert any("Folds matched to the map: held-out sites lie" in text for text in said)


def test_without_rasters_they_are_not_made_and_that_is_said(coast):
    table, x, y, _ = coast
    said = []
    options = TrainingOptions(repeats=1, n_trees=10, matched=True)
    found = train_risk_model(table, "PERI", ["ndvi"], options, x, y, UTM, monitor=Monitor(on_warning=said.append))
    assert set(found.scores["folds"]) == {"random", "spatial"}
    assert any("need covariates from rasters" in text for text in said)
