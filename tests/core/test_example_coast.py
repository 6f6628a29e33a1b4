"""The synthetic coast: the same for the same seed, true to its outline and design, and as messy as real tables."""

import hashlib
import json

import numpy as np
import pandas as pd
import pytest
import rasterio
from pyproj import Geod

from coastal_hm_plugin.core.covariates.classes import band_classes, read_classes
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.example_coast import make_example_coast
from coastal_hm_plugin.core.example_coast.coastline import choose_sites, inside, read_outline
from coastal_hm_plugin.core.example_coast.fields import random_field
from coastal_hm_plugin.core.example_coast.rasters import Grid
from coastal_hm_plugin.core.example_coast.sources import BACKGROUND, ELEMENTS
from coastal_hm_plugin.core.monitor import Monitor

SOLID = list(ELEMENTS)
WATER = [f"{element}_ugL" for element in ("As", "Cd", "Cr", "Cu", "Ni", "Pb", "Zn")]


@pytest.fixture(scope="module")
def coast(tmp_path_factory):
    return make_example_coast(tmp_path_factory.mktemp("coast"), seed=1)


@pytest.fixture(scope="module")
def tables(coast):
    return {name: pd.read_csv(path) for name, path in coast.tables.items()}


@pytest.fixture(scope="module")
def truth(coast):
    return json.loads(coast.truth.read_text(encoding="utf-8"))


def digests(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def numbers(column):
    """The numbers of a column with "<limit" texts: non-detects at their limit."""
    return pd.to_numeric(column.astype(str).str.lstrip("<"), errors="coerce")


def test_same_seed_same_files(coast, tmp_path):
    again = make_example_coast(tmp_path / "again", seed=1)
    assert digests(again.folder) == digests(coast.folder)


def test_other_seed_other_numbers(tables, tmp_path):
    other = pd.read_csv(make_example_coast(tmp_path, seed=2).sediment)
    assert (numbers(other["Pb"]) != numbers(tables["sediment"]["Pb"])).mean() > 0.95


@pytest.mark.slow
def test_sites_lie_where_the_rasters_have_values_whatever_the_seed(coast):
    """A cape that the cells of 2 km leave out (120.219 E, 37.683 N) once gave a site, and metals, without a number."""
    grid = Grid()
    with rasterio.open(coast.rasters["gdp"]) as raster:
        covered = raster.read(1) != raster.nodata
    for seed in range(1, 13):
        _, sites, soils = choose_sites(
            read_outline(), lambda points: covered[grid.cells(points)], np.random.default_rng(seed)
        )
        assert covered[grid.cells(sites)].all() and covered[grid.cells(soils)].all(), seed


def test_seed_that_once_met_the_cape(tmp_path):
    coast = make_example_coast(tmp_path, seed=8)
    for medium, missing in (("soil", {"Zn": 2}), ("sediment", {"As": 1})):
        table = pd.read_csv(coast.tables[medium])
        lost = table[SOLID].isna().sum()
        assert lost[lost > 0].to_dict() == missing
        assert (table[SOLID].apply(numbers).min() > 0).all()


def test_counts_of_the_design(tables):
    assert {name: len(table) for name, table in tables.items() if name != "enterprises"} == {
        "soil": 309,
        "sediment": 103,
        "water": 103,
    }
    assert tables["sediment"]["estuary"].value_counts().to_dict() == {
        "Open coast": 77,
        "Yalu": 7,
        "Yellow": 7,
        "Haihe": 6,
        "Yangtze": 6,
    }
    assert len(tables["enterprises"]) > 500
    assert tables["soil"]["soil_id"].is_unique


def test_three_soils_within_500_m_of_each_site_and_of_no_other(tables):
    soil, site = tables["soil"], tables["sediment"]
    geod = Geod(ellps="WGS84")
    grid = np.meshgrid(np.arange(len(soil)), np.arange(len(site)), indexing="ij")
    s, t = (index.ravel() for index in grid)
    columns = ["longitude", "latitude"]
    start, end = soil[columns].to_numpy()[s], site[columns].to_numpy()[t]
    distance = np.array(geod.inv(*start.T, *end.T)[2]).reshape(len(soil), len(site))
    near = distance <= 500
    assert (near.sum(axis=1) == 1).all()
    assert (near.sum(axis=0) == 3).all()
    assert site["site_id"].to_numpy()[near.argmax(axis=1)].tolist() == soil["soil_id"].str[:4].tolist()


def test_soils_on_land_and_sites_in_water(tables):
    outline = read_outline()

    def on_land(table, rings):
        return [inside(rings, np.array([row.longitude]), row.latitude)[0] for row in table.itertuples()]

    assert all(on_land(tables["soil"], outline.rings["China"]))
    assert not any(on_land(tables["sediment"], outline.all_rings))


def test_outline_knows_land_from_sea():
    rings = read_outline().all_rings
    for longitude, latitude, land in (
        (117.5, 36.0, True),  # Shandong
        (122.5, 40.2, True),  # Liaodong
        (125.7, 40.0, True),  # Korea
        (120.0, 38.6, False),  # Bohai
        (123.0, 35.0, False),  # Yellow Sea
    ):
        assert inside(rings, np.array([longitude]), latitude)[0] == land


def test_tables_look_like_a_laboratory_wrote_them(tables):
    below = {name: table.astype(str).apply(lambda c: c.str.startswith("<").sum()) for name, table in tables.items()}
    assert 5 <= below["soil"]["Hg"] <= 60 and below["sediment"]["Hg"] > 0
    assert 2 <= below["water"]["Cd_ugL"] <= 30
    assert tables["soil"]["OM"].isna().sum() == 3 and tables["soil"]["Zn"].isna().sum() == 2
    assert tables["sediment"]["As"].isna().sum() == 1 and tables["water"]["DO"].isna().sum() == 2
    for medium, columns in (("soil", SOLID), ("sediment", SOLID), ("water", WATER)):
        values = tables[medium][columns].apply(numbers)
        assert (values.min() > 0).all()
    water = tables["water"]
    assert water["salinity"].between(3, 35).all() and water["pH"].between(7.4, 8.7).all()
    assert water.groupby("estuary")["salinity"].mean().idxmin() == "Yalu"


@pytest.mark.parametrize("medium", ["soil", "sediment"])
def test_uncontaminated_samples_centre_on_the_papers_baselines(coast, truth, medium):
    contributions = pd.read_csv(coast.truth.parent / f"contributions_{medium}.csv").iloc[:, 1:]
    profiles = pd.DataFrame(truth["profiles_mg_kg"][medium]).T.loc[contributions.columns, SOLID]
    levels = contributions.to_numpy() @ profiles.to_numpy()
    clean = (contributions.iloc[:, 2:] <= 2).all(axis=1).to_numpy()
    np.testing.assert_allclose(contributions.mean(), 1, atol=1e-4)
    np.testing.assert_allclose(levels[clean].mean(axis=0), BACKGROUND[medium], rtol=1e-3)
    assert 0.05 < 1 - clean.mean() < 0.35


@pytest.mark.parametrize("medium", ["soil", "sediment"])
def test_measured_levels_are_the_planted_ones_with_8_percent_error(coast, truth, tables, medium):
    contributions = pd.read_csv(coast.truth.parent / f"contributions_{medium}.csv").iloc[:, 1:]
    profiles = pd.DataFrame(truth["profiles_mg_kg"][medium]).T.loc[contributions.columns, SOLID]
    error = np.log(tables[medium]["Cr"] / (contributions.to_numpy() @ profiles["Cr"].to_numpy()))
    assert abs(error.mean()) < 0.03
    assert 0.06 < error.std() < 0.10


def test_water_is_sediment_over_kd(coast, tables):
    kd = 10 ** pd.read_csv(coast.truth.parent / "log10_kd.csv")["Cu"]
    ratio = np.log(tables["sediment"]["Cu"] * 1000 / tables["water"]["Cu_ugL"] / kd)
    assert abs(ratio.mean()) < 0.04
    assert ratio.std() < 0.16  # two analytical errors of 8 %


def test_rasters_cover_every_sample(coast, tables):
    for name, path in coast.rasters.items():
        with rasterio.open(path) as raster:
            assert raster.crs.to_epsg() == 4326
            for medium in ("soil", "sediment"):
                points = tables[medium][["longitude", "latitude"]].to_numpy()
                values = np.array([value[0] for value in raster.sample(points)], dtype=float)
                assert (values != raster.nodata).all(), name


def test_rasters_stop_at_the_coastal_zone_and_the_border(coast):
    grid = Grid()
    with rasterio.open(coast.rasters["ndvi"]) as raster:
        ndvi = raster.read(1, masked=True)
        assert ndvi.shape == grid.shape
    for longitude, latitude, valid in ((123.0, 35.0, False), (125.3, 39.6, False), (117.1, 34.0, False)):
        assert (not ndvi.mask[grid.cells(np.array([longitude, latitude]))]) == valid
    assert 0.1 < 1 - ndvi.mask.mean() < 0.4
    with rasterio.open(coast.rasters["elevation"]) as raster:
        elevation = raster.read(1)
    assert (elevation != raster.nodata).all()
    assert -120 < elevation[grid.cells(np.array([123.0, 35.0]))] < -20


def test_class_files_and_category_names_agree(coast):
    pytest.importorskip("osgeo.gdal")
    for name, path in coast.classes.items():
        classes = read_classes(path)
        assert band_classes(coast.rasters[name], 1) == classes
        with rasterio.open(coast.rasters[name]) as raster:
            codes = set(np.unique(raster.read(1))) - {raster.nodata}
        assert codes <= set(classes) and len(codes) > 3


def test_everything_says_that_it_is_synthetic(coast, truth):
    assert "SYNTHETIC" in coast.readme.read_text(encoding="utf-8")
    assert "SYNTHETIC" in truth["about"]
    for path in coast.rasters.values():
        with rasterio.open(path) as raster:
            assert "SYNTHETIC" in raster.tags()["TIFFTAG_IMAGEDESCRIPTION"]
            assert raster.descriptions[0].endswith("(synthetic)")


def test_small_on_disk(coast):
    assert sum(path.stat().st_size for path in coast.folder.rglob("*") if path.is_file()) < 2e6


def test_cancel_leaves_nothing(tmp_path):
    calls = iter(range(1000))
    monitor = Monitor(is_cancelled=lambda: next(calls) > 8)
    with pytest.raises(Cancelled):
        make_example_coast(tmp_path / "cancelled", monitor=monitor)
    assert not any((tmp_path / "cancelled").iterdir())


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot be written to '.*file'"):
        make_example_coast(tmp_path / "file")


def test_random_fields_have_the_range_and_direction_asked_for():
    grid = Grid(shape=(400, 400))
    rng = np.random.default_rng(1)
    field = random_field(rng, grid, 40)
    assert abs(field.mean()) < 1e-9 and abs(field.std() - 1) < 1e-9

    def correlation(values, lag_rows, lag_columns):
        rows, columns = values.shape
        first = values[: rows - lag_rows, : columns - lag_columns]
        return np.corrcoef(first.ravel(), values[lag_rows:, lag_columns:].ravel())[0, 1]

    lag = round(40 / grid.cell_km[1])
    assert correlation(field, 1, 0) > 0.95
    assert correlation(field, lag, 0) == pytest.approx(0.14, abs=0.12)  # Matern, nu = 1, at its range (Lindgren 2011)
    eastward = random_field(rng, grid, 30, stretch=3.0, direction=0.0)
    assert correlation(eastward, 0, lag) > correlation(eastward, lag, 0) + 0.15
