"""Sampling as QGIS runs it: the two ways of writing agree, manifests join, and every refusal."""

import json
import shutil
import sqlite3

import numpy as np
import pandas as pd
import pytest
import rasterio
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsVectorFileWriter,
    QgsVectorLayer,
)
from rasterio.transform import from_origin

from tests.processing.bad_input import Feedback
from tests.processing.memory import frame, points

UTM = "EPSG:32651"
N = 500


@pytest.fixture(scope="module")
def rasters(tmp_path_factory):
    """name -> path: dem (numbers, a hole), cover (codes 1 to 3, with a class file)."""
    folder = tmp_path_factory.mktemp("rasters")
    rng = np.random.default_rng(1)
    dem = rng.normal(100, 10, (60, 80)).astype(np.float32)
    dem[:10, :10] = -9999
    cover = rng.integers(1, 4, (60, 80)).astype(np.uint8)
    for name, cells, nodata in (("dem", dem, -9999), ("cover", cover, None)):
        with rasterio.open(
            folder / f"{name}.tif", "w", driver="GTiff", count=1, height=60, width=80, dtype=cells.dtype, crs=UTM,
            transform=from_origin(400_000, 4_400_000, 10, 10), nodata=nodata,
        ) as dataset:  # fmt: skip
            dataset.write(cells, 1)
    (folder / "classes.tsv").write_text("1\tmud\n2\tsand\n3\trock\n")
    return {path.stem: str(path) for path in folder.iterdir()}


def layer():
    """Points on, beside and off the rasters, with a number, a text and NULLs."""
    rng = np.random.default_rng(2)
    table = pd.DataFrame({"Cd": rng.lognormal(size=N), "name": [f"S{i}" for i in range(N)]})
    table.loc[::7, "Cd"] = np.nan
    return points(table, 400_000 + rng.uniform(-50, 850, N), 4_400_000 - rng.uniform(-50, 650, N), UTM)


@pytest.fixture(scope="module")
def geopackage(tmp_path_factory, qgis_app):
    """The same points in a GeoPackage, one feature deleted so that its numbers have a gap."""
    path = tmp_path_factory.mktemp("points") / "points.gpkg"
    save(layer(), path)
    written = QgsVectorLayer(str(path), "points", "ogr")
    assert written.dataProvider().deleteFeatures([7])
    return str(path)


def save(source, path, name="points"):
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", name
    if path.exists():
        options.actionOnExistingFile = QgsVectorFileWriter.ActionOnExistingFile.CreateOrOverwriteLayer
    context = QgsCoordinateTransformContext()
    assert QgsVectorFileWriter.writeAsVectorFormatV3(source, str(path), context, options)[0] == 0


@pytest.fixture
def run(provider, rasters):
    import processing

    def run_tool(source, feedback=None, **parameters):
        given = {
            "INPUT": source,
            "RASTERS": [rasters["dem"], rasters["cover"]],
            "CLASSES": f"cover={rasters['classes']}",
            "OUTPUT": "memory:",
        }
        return processing.run("coastalhm:samplecovariates", {**given, **parameters}, feedback=feedback)

    return run_tool


def expected(source, rasters):
    """Values by rasterio, point by point."""
    place = [feature.geometry().asPoint() for feature in source.getFeatures()]
    columns = {}
    for name in ("dem", "cover"):
        with rasterio.open(rasters[name]) as dataset:
            left, bottom, right, top = dataset.bounds
            values = [v[0] for v in dataset.sample([(p.x(), p.y()) for p in place])]
            inside = [left <= p.x() <= right and bottom <= p.y() <= top for p in place]
        columns[name] = [v if i and v != -9999 else None for v, i in zip(values, inside)]
    labels = {1: "mud", 2: "sand", 3: "rock", None: None}
    columns["cover"] = [labels[code] for code in columns["cover"]]
    return columns


def test_values_equal_rasterio_and_fields_stay(run, rasters):
    source = layer()
    found, own, truth = frame(run(source)["OUTPUT"]), frame(source), expected(source, rasters)
    assert list(found.columns) == ["Cd", "name", "dem", "cover"]
    pd.testing.assert_frame_equal(found[["Cd", "name"]], own)
    assert found["cover"].tolist() == truth["cover"]
    np.testing.assert_array_equal(found["dem"].astype(float), np.array(truth["dem"], dtype=float))
    assert 20 < found["dem"].isna().sum() < 250


class TestGeoPackage:
    def test_copied_by_sqlite_it_is_as_written_feature_by_feature(self, run, geopackage, rasters, tmp_path):
        copied = run(geopackage, OUTPUT=str(tmp_path / "copied.gpkg"))["OUTPUT"]
        slow = QgsProcessingFeatureSourceDefinition(geopackage, False, 10 * N)  # a limit keeps it off the short way
        written = run(slow, OUTPUT=str(tmp_path / "written.gpkg"))["OUTPUT"]
        a, b = QgsVectorLayer(copied, "a", "ogr"), QgsVectorLayer(written, "b", "ogr")
        assert [f.name() for f in a.fields()] == [f.name() for f in b.fields()] == ["fid", "Cd", "name", "dem", "cover"]
        assert [f.typeName() for f in a.fields()] == [f.typeName() for f in b.fields()]
        assert (a.featureCount(), a.crs(), a.wkbType()) == (N - 1, b.crs(), b.wkbType())
        # after the deletion the source's extent comes from its spatial index, which holds single precision
        assert a.extent().toRectF().getRect() == pytest.approx(b.extent().toRectF().getRect(), abs=0.5)
        pd.testing.assert_frame_equal(frame(a), frame(b))
        for one, other in zip(a.getFeatures(), b.getFeatures()):
            assert one.geometry().equals(other.geometry())
        source = QgsVectorLayer(geopackage, "source", "ogr")
        assert frame(a)["cover"].tolist() == expected(source, rasters)["cover"]

    def test_the_short_way_was_taken_and_the_file_is_sound(self, run, geopackage, tmp_path, monkeypatch):
        from coastal_hm_plugin.processing_provider import appending

        monkeypatch.delattr(appending, "_FeaturePoints")
        path = run(geopackage, OUTPUT=str(tmp_path / "copied.gpkg"))["OUTPUT"]
        with sqlite3.connect(path) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert database.execute("SELECT table_name, identifier FROM gpkg_contents").fetchall() == [
                ("copied", "copied")
            ]
            assert database.execute("SELECT count(*) FROM rtree_copied_geom").fetchone() == (N - 1,)
        output = QgsVectorLayer(f"{path}|layername=copied", "copied", "ogr")
        assert output.dataProvider().hasSpatialIndex() == output.dataProvider().SpatialIndexPresent
        # the copy can be edited: its triggers work
        feature = QgsFeature(output.fields())
        feature.setGeometry(next(output.getFeatures()).geometry())
        assert output.dataProvider().addFeatures([feature])[0]
        assert output.dataProvider().changeAttributeValues({1: {1: 5.0}})

    def test_other_layers_selections_and_filters_go_the_long_way(self, run, geopackage, tmp_path):
        crowded = tmp_path / "crowded.gpkg"
        save(layer(), crowded, "first")
        save(layer(), crowded, "second")
        found = run(f"{crowded}|layername=second", OUTPUT=str(tmp_path / "a.gpkg"))["OUTPUT"]
        assert len(frame(found)) == N
        found = run(f"{geopackage}|subset=fid <= 20", OUTPUT=str(tmp_path / "b.gpkg"))["OUTPUT"]
        assert len(frame(found)) == 19
        assert QgsVectorLayer(found, "b", "ogr").dataProvider().subLayerCount() == 1

    def test_the_output_may_not_replace_the_input(self, run, geopackage):
        with pytest.raises(QgsProcessingException, match="would replace its own input"):
            run(geopackage, OUTPUT=geopackage)

    def test_an_older_output_is_replaced(self, run, geopackage, tmp_path):
        path = str(tmp_path / "out.gpkg")
        run(geopackage, OUTPUT=path, RASTERS=[], CLASSES="", MODEL=self.manifest(run, geopackage, tmp_path))
        found = frame(run(geopackage, OUTPUT=path)["OUTPUT"])
        assert list(found.columns) == ["fid", "Cd", "name", "dem", "cover"]

    @staticmethod
    def manifest(run, geopackage, folder):
        return run(geopackage, MANIFEST=str(folder / "m.json"))["MANIFEST"]


def test_a_field_of_the_same_name_is_replaced_with_a_warning(run, geopackage, tmp_path):
    first = run(geopackage, OUTPUT=str(tmp_path / "first.gpkg"))["OUTPUT"]
    feedback = Feedback()
    again = run(first, feedback, METHOD=1, OUTPUT=str(tmp_path / "again.gpkg"))["OUTPUT"]
    assert list(frame(again).columns) == ["fid", "Cd", "name", "dem", "cover"]
    assert not frame(again)["dem"].equals(frame(first)["dem"])
    assert any("Replaced by computed fields of the same name: dem, cover" in text for text in feedback.said)


def test_losses_are_counted_in_the_log(run):
    feedback = Feedback()
    run(layer(), feedback)
    dem = next(text for text in feedback.said if "'dem'" in text)
    assert "on nodata" in dem and "outside" in dem


def test_methods(run):
    source = layer()
    bilinear, mean = (frame(run(source, METHOD=m, RADIUS=35)["OUTPUT"]) for m in (1, 2))
    assert bilinear["dem"].std() > mean["dem"].std()
    assert set(mean["cover"].dropna()) == {"mud", "sand", "rock"}


class TestPresets:
    """Covariates of the paper's Table S5, told by their names."""

    @pytest.fixture
    def paper(self, rasters, tmp_path):
        """srtm_dem (numbers), landuse (codes without names), pH (an interpolated surface), all on one grid."""
        shutil.copy(rasters["dem"], tmp_path / "srtm_dem.tif")
        shutil.copy(rasters["cover"], tmp_path / "landuse.tif")
        shutil.copy(rasters["dem"], tmp_path / "pH.tif")
        with rasterio.open(tmp_path / "pH.tif", "r+") as file:
            file.update_tags(coastalhm_kind="interpolated surface")
        return [str(tmp_path / f"{name}.tif") for name in ("srtm_dem", "landuse", "pH")]

    def test_names_stay_codes_are_classes_and_surfaces_are_named(self, run, paper, tmp_path):
        feedback = Feedback()
        outputs = run(
            layer(), feedback, RASTERS=paper, CLASSES="", METHOD=4, PRESETS="memory:", MANIFEST=str(tmp_path / "m.json")
        )
        found = frame(outputs["OUTPUT"])
        assert list(found.columns) == ["Cd", "name", "srtm_dem", "landuse", "pH"]
        assert set(found["landuse"].dropna()) == {"1", "2", "3"}
        manifest = json.loads((tmp_path / "m.json").read_text())["covariates"]
        assert [(c["method"], c["role"], c["interpolated"]) for c in manifest] == [
            ("bilinear", "topography", False),
            ("nearest", "human activity", False),
            ("bilinear", "chemistry", True),
        ]
        assert any(text.startswith("Covariate pH is an interpolated surface (kriging)") for text in feedback.said)
        assert any(
            text.endswith("not given: NDVI, lithology, enterprise_density, POP, GDP, PRE, TEM.")
            for text in feedback.said
        )
        table = frame(outputs["PRESETS"]).set_index("covariate")
        assert table.index[table["given"].astype(bool)].tolist() == ["pH", "DEM", "land_use"]
        assert table.loc["DEM", "given_as"] == "srtm_dem"

    def test_the_names_of_the_paper_on_demand(self, run, paper):
        found = frame(run(layer(), RASTERS=paper, CLASSES="", PRESET_NAMES=True)["OUTPUT"])
        assert list(found.columns) == ["Cd", "name", "DEM", "land_use", "pH"]
        with pytest.raises(QgsProcessingException, match="would all be named DEM"):
            other = str(paper[0]).replace("srtm_dem", "elevation")
            shutil.copy(paper[0], other)
            run(layer(), RASTERS=[*paper, other], CLASSES="", PRESET_NAMES=True)

    def test_codes_reach_the_model_as_a_category(self, run, paper, tmp_path):
        from coastal_hm_plugin.core.covariates import Manifest
        from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model

        outputs = run(layer(), RASTERS=paper, CLASSES="", MANIFEST=str(tmp_path / "m.json"))
        table = frame(outputs["OUTPUT"]).dropna(subset=["landuse", "srtm_dem"]).reset_index(drop=True)
        table["srtm_dem"] = table["srtm_dem"].astype(float)
        table["y"] = table["landuse"].map({"1": 1.0, "2": 9.0, "3": 4.0}) + 0.01 * table["srtm_dem"]
        manifest = Manifest.read(tmp_path / "m.json")
        options = TrainingOptions(repeats=1, selection="none")
        model = train_risk_model(table, "y", ["landuse", "srtm_dem"], options, manifest=manifest)
        landuse = next(one for one in model.predictors if one.name == "landuse")
        assert landuse.is_category and landuse.labels == ("1", "2", "3")


def test_a_feature_without_geometry_stays_with_null(run):
    source = layer()
    source.dataProvider().addFeatures([QgsFeature(source.fields())])
    found = frame(run(source)["OUTPUT"])
    assert len(found) == N + 1
    assert found.iloc[-1][["dem", "cover"]].isna().all()


def test_a_csv_with_coordinate_columns(run, rasters, tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("Longitude,Latitude,Cd\n121.836,39.744,0.5\n")
    found = frame(run(str(path))["OUTPUT"])
    assert found["dem"].notna().all() and found["Cd"].astype(float).tolist() == [0.5]


class TestModel:
    def manifest(self, run, tmp_path):
        path = tmp_path / "covariates.json"
        outputs = run(layer(), METHOD=2, RADIUS=35, MANIFEST=str(path))
        assert outputs["MANIFEST"] == str(path)
        return path, frame(outputs["OUTPUT"])

    @pytest.mark.parametrize("wrap", [lambda m: m, lambda m: {"manifest": m}, lambda m: {"covariates": m}])
    def test_new_points_join_the_covariates_that_a_model_names(self, run, tmp_path, wrap):
        path, truth = self.manifest(run, tmp_path)
        path.write_text(json.dumps(wrap(json.loads(path.read_text()))))
        found = frame(run(layer(), RASTERS=[], CLASSES="", MODEL=str(path))["OUTPUT"])
        pd.testing.assert_frame_equal(found, truth)

    def test_relative_paths_lie_beside_the_model(self, run, rasters, tmp_path):
        path, truth = self.manifest(run, tmp_path)
        path.write_text(path.read_text().replace(rasters["dem"], "moved/dem.tif"))
        (tmp_path / "moved").mkdir()
        shutil.copy(rasters["dem"], tmp_path / "moved" / "dem.tif")
        found = frame(run(layer(), RASTERS=[], CLASSES="", MODEL=str(path))["OUTPUT"])
        pd.testing.assert_frame_equal(found, truth)

    def test_rasters_given_besides_stand_in_by_name(self, run, rasters, tmp_path):
        path, truth = self.manifest(run, tmp_path)
        path.write_text(path.read_text().replace(rasters["dem"], "/elsewhere/dem.tif"))
        with pytest.raises(QgsProcessingException, match="'dem' cannot be read"):
            run(layer(), RASTERS=[], CLASSES="", MODEL=str(path))
        found = frame(run(layer(), RASTERS=[rasters["dem"]], CLASSES="", MODEL=str(path))["OUTPUT"])
        pd.testing.assert_frame_equal(found, truth)

    def test_a_file_that_is_no_model(self, run, tmp_path):
        (tmp_path / "x.json").write_text('{"a": 1}')
        with pytest.raises(QgsProcessingException, match="holds no covariate manifest"):
            run(layer(), RASTERS=[], CLASSES="", MODEL=str(tmp_path / "x.json"))


class TestRefusals:
    def test_no_rasters(self, run):
        with pytest.raises(QgsProcessingException, match="Give the rasters to sample"):
            run(layer(), RASTERS=[], CLASSES="")

    def test_a_raster_that_is_not_there(self, run, rasters):
        with pytest.raises(QgsProcessingException, match="RASTERS"):
            run(layer(), RASTERS=[rasters["dem"], "absent.tif"], CLASSES="")

    def test_no_crs(self, run):
        source = layer()
        source.setCrs(QgsCoordinateReferenceSystem())
        with pytest.raises(QgsProcessingException, match="no coordinate reference system"):
            run(source)

    def test_no_overlap_leaves_nothing_behind(self, run, tmp_path):
        far = points(pd.DataFrame({"Cd": [1.0]}), [10.0], [50.0])
        with pytest.raises(QgsProcessingException, match="'dem' holds none of the 1 points"):
            run(far, OUTPUT=str(tmp_path / "a.gpkg"), MANIFEST=str(tmp_path / "m.json"))
        assert not list(tmp_path.iterdir())

    def test_class_files_in_another_form(self, run):
        with pytest.raises(QgsProcessingException, match="written as 'raster=path"):
            run(layer(), CLASSES="classes.tsv")

    def test_empty(self, run):
        with pytest.raises(QgsProcessingException, match="holds no points"):
            run(points(pd.DataFrame({"Cd": []}), [], []))

    @pytest.mark.parametrize("kind", ["geopackage", "layer"])
    def test_an_output_folder_that_cannot_be_written(self, run, geopackage, tmp_path, kind):
        (tmp_path / "file").write_text("")
        source = geopackage if kind == "geopackage" else layer()
        with pytest.raises(QgsProcessingException, match="file"):
            run(source, OUTPUT=str(tmp_path / "file" / "a.gpkg"))

    @pytest.mark.parametrize("kind", ["geopackage", "layer"])
    def test_cancelling_leaves_nothing(self, run, geopackage, tmp_path, kind):
        source = geopackage if kind == "geopackage" else layer()
        outputs = {"OUTPUT": str(tmp_path / "a.gpkg"), "MANIFEST": str(tmp_path / "m.json")}
        moments = Feedback()
        run(source, moments, **outputs)
        for path in tmp_path.iterdir():
            path.unlink()
        for moment in range(moments.asked):
            with pytest.raises(QgsProcessingException, match="Cancelled"):
                run(source, Feedback(cancel_at=moment), **outputs)
            assert not list(tmp_path.iterdir()), f"cancelled at {moment} of {moments.asked}"
