"""The tools of the risk model as QGIS runs them: train, predict at points, predict on a raster."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from qgis.core import QgsProcessingException, QgsProject, QgsRasterLayer
from rasterio.transform import from_origin

from coastal_hm_plugin.core.risk_model import load_risk_model
from tests.processing.memory import frame, points

WEST, NORTH, CELL = 121.0, 39.5, 0.01


@pytest.fixture
def run(provider):
    import processing

    def run_tool(tool, **parameters):
        given = {"trainriskmodel": {"PREDICTIONS": "memory:"}, "predictriskpoints": {"OUTPUT": "memory:"}}.get(tool, {})
        return processing.run(f"coastalhm:{tool}", {**given, **parameters})

    return run_tool


@pytest.fixture(scope="module")
def rasters(tmp_path_factory):
    """NDVI, and rock classes with their names in a file; a third class lies where no site is."""
    folder = tmp_path_factory.mktemp("rasters")
    rows, columns = np.mgrid[:60, :80]
    ndvi = (0.5 + 0.3 * np.sin(columns / 9) * np.cos(rows / 7)).astype(np.float32)
    ndvi[:3, :4] = -1
    rock = (1 + (columns // 20) % 2).astype(np.uint8)
    rock[55:, 70:] = 3
    for name, cells, nodata in (("ndvi", ndvi, -1), ("rock", rock, 0)):
        profile = {"driver": "GTiff", "count": 1, "height": 60, "width": 80, "dtype": cells.dtype, "nodata": nodata}
        transform = from_origin(WEST, NORTH, CELL, CELL)
        with rasterio.open(folder / f"{name}.tif", "w", crs="EPSG:4326", transform=transform, **profile) as file:
            file.write(cells, 1)
    (folder / "rock.tsv").write_text("code\tname\n1\tgranite\n2\tshale\n3\tlimestone\n", encoding="utf-8")
    return {
        "RASTERS": [str(folder / "ndvi.tif"), str(folder / "rock.tif")],
        "CLASSES": f"rock={folder / 'rock.tsv'}",
        "ndvi": ndvi,
        "rock": rock,
    }


@pytest.fixture(scope="module")
def sites(rasters):
    """80 sites: PERI follows NDVI and rock; columns that must not serve stand beside."""
    rng = np.random.default_rng(4)
    column, row = rng.uniform(6, 69, 80), rng.uniform(4, 54, 80)
    ndvi = rasters["ndvi"][row.astype(int), column.astype(int)]
    shale = rasters["rock"][row.astype(int), column.astype(int)] == 2
    peri = 400 * ndvi + 120 * shale + rng.normal(0, 8, 80)
    table = pd.DataFrame(
        {"PERI": peri, "Er_Cd": peri * 0.6, "Er_Pb": peri * 0.4, "Cd": peri / 100, "pH": rng.normal(7, 1, 80)}
    )
    table["site"] = [f"S{k}" for k in range(80)]
    return table, WEST + CELL * column, NORTH - CELL * row


@pytest.fixture
def trained(run, sites, rasters, tmp_path):
    given = {"RASTERS": rasters["RASTERS"], "CLASSES": rasters["CLASSES"], "REPEATS": 1, "MATCHED": True}
    run("trainriskmodel", INPUT=points(*sites), TARGET="PERI", MODEL=str(tmp_path / "risk.json"), **given)
    return str(tmp_path / "risk.json")


def test_training_on_fields_leaves_circular_ones_out(run, sites, tmp_path):
    outputs = run(
        "trainriskmodel",
        INPUT=points(*sites),
        TARGET="PERI",
        MODEL=str(tmp_path / "m.json"),
        REPEATS=2,
        SCORES="memory:",
        SHAP="memory:",
        REPORT=str(tmp_path / "risk.html"),
    )
    side = json.loads((tmp_path / "m.sidecar.json").read_text(encoding="utf-8"))
    assert [feature["name"] for feature in side["features"]] == ["pH"]
    assert {e["name"] for e in side["left_out"] if e["kind"] == "circular"} == {"Er_Cd", "Er_Pb", "Cd"}
    assert side["skill"]["has_skill"] is False  # pH has nothing to do with it
    scores = frame(outputs["SCORES"])
    assert set(scores["folds"]) == {"random", "spatial"} and len(scores) == 8
    held_out = frame(outputs["PREDICTIONS"])
    assert len(held_out) == 80 and {"observed", "predicted", "residual", "fold", "class_name"} <= set(held_out)
    np.testing.assert_allclose(held_out["observed"].astype(float), sites[0]["PERI"])
    shap = frame(outputs["SHAP"])
    np.testing.assert_allclose(shap["SHAP_pH"] + shap["SHAP_base"], shap["prediction"], rtol=1e-4)
    report = (tmp_path / "risk.html").read_text(encoding="utf-8")
    assert "No skill: on spatial blocks" in report and "Er_Cd" in report
    assert "Area of applicability of the model of PERI" in report
    assert "Prediction intervals of the model of PERI" in report and "A 90% prediction interval" in report
    assert (held_out["lower"].astype(float) <= held_out["upper"].astype(float)).all()
    assert (tmp_path / "risk.run.json").exists()


def test_training_on_rasters_knows_classes_scheme_and_rasters(run, trained):
    side = json.loads(Path(trained).with_name("risk.sidecar.json").read_text(encoding="utf-8"))
    features = {feature["name"]: feature["labels"] for feature in side["features"]}
    assert features == {"ndvi": [], "rock": ["granite", "shale"]}
    assert side["skill"]["has_skill"] is True
    assert side["scheme"]["limits"] == [100, 200, 400] and side["scheme"]["metals"] == ["Cd", "Pb"]
    assert [covariate["name"] for covariate in side["manifest"]["covariates"]] == ["ndvi", "rock"]
    assert [score["folds"] for score in side["scores"][::4]] == ["random", "matched", "spatial"]


def test_prediction_on_a_raster_and_at_points_agree(run, trained, rasters, tmp_path):
    files = {"OUTPUT": "peri.tif", "RISK_CLASSES": "c.tif", "APPLICABILITY": "aoa.tif"}
    outputs = run("predictriskraster", MODEL=trained, **{key: str(tmp_path / file) for key, file in files.items()})
    with rasterio.open(outputs["OUTPUT"]) as file:
        cells = file.read(1)
    known = (rasters["ndvi"] != -1) & (rasters["rock"] != 3)
    assert ((cells != -9999) == known).all()
    rows, columns = np.nonzero(known)
    some = np.arange(0, len(rows), 97)
    x, y = WEST + CELL * (columns[some] + 0.5), NORTH - CELL * (rows[some] + 0.5)
    layer = points(pd.DataFrame({"name": [f"p{k}" for k in some]}), x, y)
    found = frame(run("predictriskpoints", INPUT=layer, MODEL=trained)["OUTPUT"])
    np.testing.assert_allclose(found["PERI_predicted"].astype(float), cells[rows[some], columns[some]], rtol=1e-5)
    with rasterio.open(outputs["RISK_CLASSES"]) as file:
        np.testing.assert_array_equal(
            file.read(1)[rows[some], columns[some]], found["PERI_predicted_class"].astype(int)
        )
    with rasterio.open(outputs["APPLICABILITY"]) as file:
        di, lpd, aoa = file.read()[:, rows[some], columns[some]]
    np.testing.assert_allclose(found["DI"].astype(float), di, atol=1e-6)
    np.testing.assert_array_equal(found[["LPD", "AOA"]].astype(int).to_numpy().T, [lpd, aoa])
    veil = QgsRasterLayer(outputs["APPLICABILITY"])
    veil.loadNamedStyle(str(tmp_path / "aoa.qml"))
    assert [label.split()[0] for label, _ in veil.renderer().legendSymbologyItems()] == ["Inside", "Outside"]
    assert found["PERI_predicted_class_name"].isin(["Low", "Moderate", "Considerable", "Very High"]).all()
    assert set(found["model_has_skill"]) == {True}
    assert (tmp_path / "peri.qml").exists() and (tmp_path / "c.qml").exists()


def test_classes_not_seen_are_flagged_at_points(run, trained):
    table = pd.DataFrame({"rock": ["shale", "limestone"], "ndvi": [0.5, 0.5]})
    found = frame(run("predictriskpoints", INPUT=points(table, [121.2, 121.3], [39.2, 39.2]), MODEL=trained)["OUTPUT"])
    assert found["n_unseen"].tolist() == [0, 1] and found["n_missing"].tolist() == [0, 1]
    assert found["AOA"].tolist() == [1, 0] and found["DI"].isna().tolist() == [False, True]


def test_intervals_at_points_are_the_model_s_own(run, sites, tmp_path):
    model = str(tmp_path / "own.json")
    given = {"INPUT": points(*sites), "TARGET": "PERI", "PREDICTORS": ["pH"], "MODEL": model, "REPEATS": 1}
    run("trainriskmodel", **given, INTERVAL_LEVEL=80)
    new = points(pd.DataFrame({"pH": [5.5, 7.0, 8.5]}), [121.2, 121.3, 121.4], [39.2, 39.2, 39.2])
    found = frame(run("predictriskpoints", INPUT=new, MODEL=model)["OUTPUT"])
    values = found[["PERI_predicted", "PERI_lower", "PERI_upper"]].astype(float)
    lower, upper = load_risk_model(model).intervals.bounds(values["PERI_predicted"])
    np.testing.assert_array_equal(values[["PERI_lower", "PERI_upper"]].to_numpy().T, [lower, upper])
    assert (lower >= 0).all() and (lower < values["PERI_predicted"]).all() and (values["PERI_predicted"] < upper).all()
    assert set(found["interval_level"]) == {0.8}
    for end in ("lower", "upper"):
        classes = np.searchsorted([100, 200, 400], values[f"PERI_{end}"], side="right")
        names = np.array(["Low", "Moderate", "Considerable", "Very High"])[classes]
        assert found[f"PERI_{end}_class"].tolist() == (classes + 1).tolist()
        assert found[f"PERI_{end}_class_name"].tolist() == names.tolist()


def test_a_model_altered_by_hand_is_refused(run, trained, tmp_path):
    side = Path(trained).with_name("risk.sidecar.json")
    content = side.read_text(encoding="utf-8")
    place = points(pd.DataFrame({"rock": ["shale"], "ndvi": [0.5]}), [121.2], [39.2])
    for altered in (content.replace('"has_skill": true', '"has_skill": false'), content.replace("granite", "basalt")):
        side.write_text(altered, encoding="utf-8")
        with pytest.raises(QgsProcessingException, match="was changed after the model was trained"):
            run("predictriskpoints", INPUT=place, MODEL=trained)
        with pytest.raises(QgsProcessingException, match="was changed after the model was trained"):
            run("predictriskraster", MODEL=trained, OUTPUT=str(tmp_path / "peri.tif"))
    side.write_text(content[:-40], encoding="utf-8")
    with pytest.raises(QgsProcessingException, match="is no risk model, or its sidecar"):
        run("predictriskpoints", INPUT=place, MODEL=trained)
    side.write_text(content, encoding="utf-8")
    Path(trained).write_bytes(Path(trained).read_bytes().replace(b'"num_feature":"2"', b'"num_feature":"3"'))
    with pytest.raises(QgsProcessingException, match="does not belong to its sidecar"):
        run("predictriskpoints", INPUT=place, MODEL=trained)
    assert not (tmp_path / "peri.tif").exists()


def test_models_of_older_versions_still_predict(run, trained, tmp_path):
    side = Path(trained).with_name("risk.sidecar.json")
    content = json.loads(side.read_text(encoding="utf-8"))
    newer = {"applicability", "intervals", "validation", "sidecar_sha256"}
    side.write_text(json.dumps({key: content[key] for key in content if key not in newer}), encoding="utf-8")
    table = pd.DataFrame({"rock": ["shale"], "ndvi": [0.5]})
    found = frame(run("predictriskpoints", INPUT=points(table, [121.2], [39.2]), MODEL=trained)["OUTPUT"])
    assert "PERI_predicted" in found and not {"DI", "LPD", "AOA", "PERI_lower", "PERI_upper"} & set(found)
    run("predictriskraster", MODEL=trained, OUTPUT=str(tmp_path / "peri.tif"))
    with pytest.raises(QgsProcessingException, match="has no area of applicability: it is of an older version"):
        given = {"OUTPUT": str(tmp_path / "b.tif"), "APPLICABILITY": str(tmp_path / "aoa.tif")}
        run("predictriskraster", MODEL=trained, **given)
    assert not (tmp_path / "b.tif").exists() and not (tmp_path / "aoa.tif").exists()


def test_an_extent_a_template_and_other_rasters(run, trained, rasters, tmp_path):
    run("predictriskraster", MODEL=trained, OUTPUT=str(tmp_path / "all.tif"))
    extent = f"{WEST + 0.1},{WEST + 0.3},{NORTH - 0.4},{NORTH - 0.2} [EPSG:4326]"
    part = run(
        "predictriskraster",
        MODEL=trained,
        RASTERS=rasters["RASTERS"][:1],
        TEMPLATE=rasters["RASTERS"][1],
        EXTENT=extent,
        OUTPUT=str(tmp_path / "part.tif"),
    )
    with rasterio.open(tmp_path / "all.tif") as whole, rasterio.open(part["OUTPUT"]) as cut:
        assert cut.shape == (20, 20)
        np.testing.assert_array_equal(cut.read(1), whole.read(1)[20:40, 10:30])


def test_a_model_without_skill_is_called_so_on_the_map(run, sites, rasters, provider, tmp_path):
    import processing

    table, x, y = sites
    noise = table.assign(PERI=np.random.default_rng(2).lognormal(5, 0.4, len(table)))
    given = {"RASTERS": rasters["RASTERS"], "CLASSES": rasters["CLASSES"], "REPEATS": 1}
    model = str(tmp_path / "noise.json")
    run("trainriskmodel", INPUT=points(noise, x, y), TARGET="PERI", MODEL=model, **given)
    parameters = {"MODEL": model, "OUTPUT": str(tmp_path / "noise.tif")}
    found = processing.runAndLoadResults("coastalhm:predictriskraster", parameters)
    layer = QgsProject.instance().mapLayer(found["OUTPUT"]) or next(
        one for one in QgsProject.instance().mapLayers().values() if one.source() == found["OUTPUT"]
    )
    assert isinstance(layer, QgsRasterLayer) and "NO SKILL" in layer.name()
    QgsProject.instance().removeMapLayer(layer.id())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"TARGET": "pH2"}, "pH2"),
        ({"TARGET": "site"}, "has a number in 0 rows"),
        ({"PREDICTORS": ["Er_Cd"]}, r"No predictor is left for 'PERI' \(Er_Cd"),
        ({"GROUPS": "site", "FOLDS": 1}, "FOLDS"),
    ],
)
def test_bad_choices_are_refused_and_write_nothing(run, sites, tmp_path, change, message):
    given = {"INPUT": points(*sites), "TARGET": "PERI", "MODEL": str(tmp_path / "m.json"), "REPEATS": 1, **change}
    with pytest.raises(QgsProcessingException, match=message):
        run("trainriskmodel", **given)
    assert list(tmp_path.iterdir()) == []


def test_what_a_model_lacks_is_named(run, sites, trained, tmp_path):
    own = str(tmp_path / "own.json")
    run("trainriskmodel", INPUT=points(*sites), TARGET="PERI", PREDICTORS=["pH"], MODEL=own, REPEATS=1)
    with pytest.raises(QgsProcessingException, match="there is no raster for pH"):
        run("predictriskraster", MODEL=own, OUTPUT=str(tmp_path / "peri.tif"))
    elsewhere = points(pd.DataFrame({"name": ["a"]}), [121.2], [39.2])
    with pytest.raises(QgsProcessingException, match="needs pH, which is neither a field of the points nor a raster"):
        run("predictriskpoints", INPUT=elsewhere, MODEL=own)
    with pytest.raises(QgsProcessingException, match=r"Choose a name that ends in \.tif"):
        run("predictriskraster", MODEL=trained, OUTPUT=str(tmp_path / "peri.img"))
    with pytest.raises(QgsProcessingException, match="holds none of the 1 points"):
        run("predictriskpoints", INPUT=points(pd.DataFrame({"name": ["a"]}), [10.0], [10.0]), MODEL=trained)
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    with pytest.raises(QgsProcessingException, match="is no risk model, or its sidecar"):
        run("predictriskpoints", INPUT=elsewhere, MODEL=str(tmp_path / "other.json"))
