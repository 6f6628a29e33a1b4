"""Manifests from raster files: names, bands, classes; and the manifest's own round trip."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from coastal_hm_plugin.core.covariates import Covariate, Manifest, describe_rasters, field_name, read_classes
from coastal_hm_plugin.core.errors import InputError


@pytest.fixture
def raster(tmp_path):
    def write(name, bands=1, dtype="uint8"):
        path = tmp_path / name
        with rasterio.open(
            path, "w", driver="GTiff", count=bands, height=2, width=2, dtype=dtype, crs="EPSG:32651",
            transform=from_origin(0, 20, 10, 10),
        ) as dataset:  # fmt: skip
            for band in range(1, bands + 1):
                dataset.write(np.ones((2, 2), dtype), band)
        return str(path)

    return write


@pytest.mark.parametrize(
    "text, name",
    [("land use (2020)", "land_use_2020"), ("2020", "_2020"), ("a.b-c", "a_b_c"), ("高程", "高程"), ("--", "raster")],
)
def test_names_become_valid_field_names(text, name):
    assert field_name(text) == name


def test_one_covariate_per_band(raster):
    manifest = describe_rasters([raster("dem.tif"), raster("ndvi 1.tif", bands=2)], "bilinear")
    assert [(c.name, c.band, c.method) for c in manifest.covariates] == [
        ("dem", 1, "bilinear"), ("ndvi_1_1", 1, "bilinear"), ("ndvi_1_2", 2, "bilinear"),
    ]  # fmt: skip


def test_given_classes_are_never_averaged(raster):
    paths = [raster("dem.tif", dtype="float32"), raster("cover.tif", dtype="float32")]
    for method, expected in (("bilinear", "nearest"), ("mean", "majority"), ("nearest", "nearest")):
        dem, cover = describe_rasters(paths, method, 100.0, {"cover": {1: "mud"}}).covariates
        assert (dem.method, dem.categories) == (method, {})
        assert (cover.method, cover.categories) == (expected, {1: "mud"})


def test_category_names_of_the_band_are_found(raster):
    gdal = pytest.importorskip("osgeo.gdal")
    path = raster("rock.tif")
    dataset = gdal.OpenEx(path, gdal.OF_RASTER | gdal.OF_UPDATE)
    dataset.GetRasterBand(1).SetCategoryNames(["", "granite", "loess"])
    dataset = None
    assert describe_rasters([path]).covariates[0].categories == {1: "granite", 2: "loess"}


def attribute_table(gdal, path, columns, rows):
    table = gdal.RasterAttributeTable()
    for name, kind, usage in columns:
        table.CreateColumn(name, kind, usage)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            (table.SetValueAsString if isinstance(value, str) else table.SetValueAsInt)(number, column, value)
    dataset = gdal.OpenEx(path, gdal.OF_RASTER | gdal.OF_UPDATE)
    dataset.GetRasterBand(1).SetDefaultRAT(table)
    dataset = None


def test_attribute_table_of_the_band_is_found(raster):
    gdal = pytest.importorskip("osgeo.gdal")
    path = raster("soil.tif")
    columns = [("VALUE", gdal.GFT_Integer, gdal.GFU_MinMax), ("Soil", gdal.GFT_String, gdal.GFU_Name)]
    attribute_table(gdal, path, columns, [(3, "peat"), (7, "sand")])
    assert describe_rasters([path]).covariates[0].categories == {3: "peat", 7: "sand"}


def test_a_histogram_is_no_class_list(raster):
    gdal = pytest.importorskip("osgeo.gdal")
    path = raster("dem.tif")
    columns = [("VALUE", gdal.GFT_Integer, gdal.GFU_MinMax), ("COUNT", gdal.GFT_Integer, gdal.GFU_PixelCount)]
    attribute_table(gdal, path, columns, [(3, 10), (7, 20)])
    assert describe_rasters([path]).covariates[0].categories == {}


@pytest.mark.parametrize(
    "text",
    [
        "1\tmud\n2\tsand, wet\n",
        "code;label\n1;mud\n2;sand, wet\n",
        '\ufeffvalue,name,colour\n1,mud,red\n2,"sand, wet",blue\n',
    ],
)
def test_class_files(tmp_path, text):
    (tmp_path / "classes.txt").write_text(text, encoding="utf-8")
    assert read_classes(tmp_path / "classes.txt") == {1: "mud", 2: "sand, wet"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_class_files_with_chinese_labels(tmp_path, encoding):
    (tmp_path / "类别.csv").write_bytes("代码,名称\n1,冲积物\n2,花岗岩\n".encode(encoding))
    assert read_classes(tmp_path / "类别.csv") == {1: "冲积物", 2: "花岗岩"}


@pytest.mark.parametrize(
    "text, message",
    [
        ("1\tmud\nx\tsand\n", r"row\(s\) 2 do not"),
        ("1\tmud\n2\n", r"row\(s\) 2 do not"),
        ("1\tmud\n1\tsand\n", "code 1 two labels: row 2"),
        ("code\tlabel\n", "it has none"),
        ("", "it has none"),
    ],
)
def test_class_files_refused(tmp_path, text, message):
    (tmp_path / "classes.tsv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_classes(tmp_path / "classes.tsv")


def test_refusals(raster, tmp_path):
    with pytest.raises(InputError, match="No raster is given"):
        describe_rasters([])
    (tmp_path / "b").mkdir()
    with pytest.raises(InputError, match="same covariate name: dem"):
        describe_rasters([raster("dem.tif"), raster("b/dem.tif")])
    with pytest.raises(InputError, match="Classes are given for rock, but the rasters are dem"):
        describe_rasters([raster("dem.tif")], classes={"rock": {1: "mud"}})
    with pytest.raises(InputError, match=r"Class file .* cannot be read"):
        read_classes(tmp_path / "absent.tsv")
    with pytest.raises(InputError, match="'mean' needs a radius"):
        describe_rasters([raster("dem.tif")], "mean")


def test_manifest_survives_json(tmp_path):
    manifest = Manifest(
        (Covariate("dem", "dem.tif", 2, "mean", 250.0), Covariate("rock", "rock.tif", categories={1: "granite"}))
    )
    manifest.write(tmp_path / "covariates.json")
    assert Manifest.read(tmp_path / "covariates.json") == manifest
    assert manifest.select(["rock"]).names == ["rock"]


def test_a_label_broken_over_two_lines_is_made_whole(tmp_path):
    text = "1\tForest\n16\tOpen (15-40%) \nneedleleaved forest\n17\tSteppe\n"
    (tmp_path / "classes.tsv").write_text(text, encoding="utf-8")
    assert read_classes(tmp_path / "classes.tsv") == {
        1: "Forest",
        16: "Open (15-40%) needleleaved forest",
        17: "Steppe",
    }
