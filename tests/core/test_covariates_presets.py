"""Table S5 as presets: names that tell a covariate, what is given, classes by code, interpolated surfaces."""

import json

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from coastal_hm_plugin.core.covariates import (
    SUGGESTED,
    Covariate,
    Manifest,
    codes_as_classes,
    describe_rasters,
    given_presets,
    preset_names,
    preset_of,
    presets,
    sample_covariates,
    surface_note,
)
from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.monitor import Monitor


@pytest.fixture
def raster(tmp_path):
    def write(name, cells, unit="", **tags):
        cells = np.asarray(cells)
        profile = {"driver": "GTiff", "count": 1, "height": cells.shape[0], "width": cells.shape[1]}
        path = tmp_path / name
        with rasterio.open(
            path, "w", crs="EPSG:32651", transform=from_origin(0, 30, 10, 10), dtype=cells.dtype, nodata=0, **profile
        ) as file:
            file.write(cells, 1)
            file.units = (unit,)
            file.update_tags(**tags)
        return str(path)

    return write


NUMBERS = np.arange(1, 10, dtype="float32").reshape(3, 3)
CODES = np.array([[1, 1, 0], [7, 7, 3], [3, 3, 3]], dtype="int16")


@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("srtm_dem", "DEM"), ("elevation_etopo5", "DEM"), ("globedem", "DEM"), ("DEM30m", "DEM"),
        ("NDVI2020", "NDVI"), ("rock", "lithology"), ("LandUse", "land_use"), ("globcov_code", "land_use"),
        ("pop_density", "POP"), ("enterprise_density", "enterprise_density"), ("GDP", "GDP"),
        ("PRE_total", "PRE"), ("TEM_avr", "TEM"), ("wc2.1_30s_bio_12", "PRE"), ("wc2.1_30s_bio_1", "TEM"),
        ("CF_Cd", "CF"), ("log10Kd_Ni", "Kd"), ("pH", "pH"), ("soil pH", "pH"), ("OM", "OM"), ("salinity", "salinity"),
    ],
)  # fmt: skip
def test_names_that_tell_a_covariate_of_the_table(name, preset):
    assert preset_of(name).name == preset


@pytest.mark.parametrize(
    "name",
    ["twi", "sdroads", "demography", "depth", "gdp_pop", "dem_slope", "distance_to_factories", "pH_variance", ""],
)
def test_names_that_tell_none(name):
    assert preset_of(name) is None


def test_the_table_has_every_covariate_of_the_paper():
    by_name = {preset.name: preset for preset in presets()}
    rows = "CF Kd pH OM salinity NDVI lithology DEM enterprise_density POP GDP land_use PRE TEM"
    assert list(by_name) == rows.split()
    assert {name for name, p in by_name.items() if p.media == ("soil",)} == {"CF", "pH", "OM"}
    assert {name for name, p in by_name.items() if p.media == ("sediment",)} == {"Kd", "salinity"}
    assert {name for name, p in by_name.items() if p.categorical} == {"lithology", "land_use"}
    assert all(p.method == "nearest" for p in presets() if p.categorical)
    assert all(p.source.startswith("Wu et al. 2025 Table S5") for p in presets())
    assert all(preset_of(" ".join(alias)) == p for p in presets() for alias in p.aliases)


def test_what_is_given_of_the_table():
    table = given_presets(["srtm_dem", "aster_gdem", "pH", "zinc"], "soil").set_index("covariate")
    assert table.index[table["given"]].tolist() == ["pH", "DEM"]
    assert table.loc["DEM", "given_as"] == "srtm_dem, aster_gdem"
    assert "Kd" not in table.index and "salinity" not in table.index
    assert len(given_presets([])) == 14 and not given_presets([])["given"].any()


def test_rasters_keep_their_names_and_gain_role_unit_and_method(raster):
    said = []
    paths = [raster("srtm_dem.tif", NUMBERS, "m"), raster("landuse.tif", CODES), raster("index.tif", NUMBERS)]
    paths.append(raster("codes.tif", CODES))
    manifest = describe_rasters(paths, SUGGESTED, monitor=Monitor(on_info=said.append))
    found = [(c.name, c.role, c.unit, c.method) for c in manifest.covariates]
    assert found == [
        ("srtm_dem", "topography", "m", "bilinear"),
        ("landuse", "human activity", "", "nearest"),
        ("index", "", "", "bilinear"),
        ("codes", "", "", "nearest"),
    ]
    assert any("srtm_dem (elevation, topography)" in text for text in said)
    assert [c.method for c in describe_rasters(paths).covariates] == ["nearest"] * 4


def test_names_of_the_table_only_if_asked(raster):
    manifest = preset_names(describe_rasters([raster("srtm_dem.tif", NUMBERS), raster("twi.tif", NUMBERS)]))
    assert manifest.names == ["DEM", "twi"]
    two = describe_rasters([raster("srtm_dem.tif", NUMBERS), raster("gdem.tif", NUMBERS)])
    with pytest.raises(InputError, match="srtm_dem, gdem would all be named DEM"):
        preset_names(two)


def test_codes_of_a_preset_of_classes_are_classes(raster):
    said = []
    paths = [raster("lithology.tif", CODES), raster("dem.tif", CODES), raster("land_cover.tif", NUMBERS)]
    manifest = codes_as_classes(
        describe_rasters(paths, "bilinear"), Monitor(on_info=said.append, on_warning=said.append)
    )
    rock, dem, cover = manifest.covariates
    assert rock.categories == {1: "1", 3: "3", 7: "7"} and rock.method == "nearest"
    assert dem.categories == {} and cover.categories == {}
    assert "its 3 codes are taken as classes" in said[0] and "'land_cover' should hold classes" in said[1]
    samples = sample_covariates([5.0, 5.0, 25.0], [25.0, 15.0, 25.0], "EPSG:32651", manifest.select(["lithology"]))
    assert samples.table["lithology"].tolist() == ["1", "7", None]


def test_too_many_codes_are_no_classes(raster):
    many = np.arange(1, 401, dtype="int16").reshape(20, 20)
    assert not codes_as_classes(describe_rasters([raster("lithology.tif", many)])).covariates[0].is_categorical


def test_named_classes_are_left_as_they_are(raster):
    manifest = describe_rasters([raster("rock.tif", CODES)], classes={"rock": {1: "granite", 3: "loess", 7: "mud"}})
    assert codes_as_classes(manifest) == manifest


def test_an_interpolated_surface_is_said_to_be_one(raster):
    warned = []
    paths = [raster("pH.tif", NUMBERS, coastalhm_kind="interpolated surface"), raster("dem.tif", NUMBERS)]
    manifest = describe_rasters(paths, monitor=Monitor(on_warning=warned.append))
    assert [c.interpolated for c in manifest.covariates] == [True, False]
    assert warned == [surface_note(manifest)]
    assert warned[0].startswith(
        "Covariate pH is an interpolated surface (kriging): its error is not in the prediction."
    )
    both = Manifest((Covariate("OM", "om.tif", interpolated=True), *manifest.covariates))
    assert surface_note(both).startswith("Covariates OM, pH are interpolated surfaces (kriging): their error")
    assert surface_note(manifest.select(["dem"])) == surface_note(None) == ""


def test_a_kriged_surface_carries_the_mark(tmp_path):
    from coastal_hm_plugin.core.kriging import KrigingOptions, grid_around, interpolate, write_surface

    rng = np.random.default_rng(1)
    x, y = rng.uniform(0, 1000, 30) + 4e5, rng.uniform(0, 1000, 30) + 4e6
    options = KrigingOptions("spherical", 0.1, 1.0, 400.0)
    found = interpolate(x, y, "EPSG:32651", rng.normal(7, 1, 30), options=options, name="pH")
    grid = grid_around("EPSG:32651", (4e5, 4e6, 4e5 + 1000, 4e6 + 1000), 100)
    surface = write_surface(found, tmp_path / "pH.tif", grid, variance_path=tmp_path / "variance.tif")
    of_rasters = describe_rasters([surface.path, surface.variance_path])
    assert [c.interpolated for c in of_rasters.covariates] == [True, False]


def test_the_manifest_keeps_what_is_known_and_reads_older_ones(tmp_path):
    manifest = Manifest((Covariate("pH", "pH.tif", role="chemistry", unit="pH", interpolated=True),))
    manifest.write(tmp_path / "new.json")
    assert Manifest.read(tmp_path / "new.json") == manifest
    older = {"name": "dem", "path": "dem.tif", "band": 1, "method": "nearest", "radius_m": 0.0, "categories": {}}
    (tmp_path / "old.json").write_text(json.dumps({"covariates": [older]}))
    assert Manifest.read(tmp_path / "old.json") == Manifest((Covariate("dem", "dem.tif"),))


def test_other_units_are_named():
    trained = Manifest((Covariate("dem", "a.tif", unit="m"), Covariate("rain", "b.tif", unit="mm")))
    given = Manifest(
        (Covariate("dem", "c.tif", unit="ft"), Covariate("rain", "d.tif", unit="MM"), Covariate("x", "e.tif"))
    )
    assert trained.other_units(given) == ["'dem' is in m, not in ft"]
