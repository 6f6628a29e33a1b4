"""The tools in another language, with a decimal comma, in folders with spaces and Chinese names: the same results."""

import shutil
import sqlite3

import pandas as pd
import pytest

from tests.cli.conftest import QgisProcess

CHINESE = {"LANG": "zh_CN.UTF-8", "LC_ALL": "zh_CN.UTF-8", "LANGUAGE": "zh_CN"}
GERMAN = {"LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"}
PLACE = "海岸带 调查 2025"


class Abroad(QgisProcess):
    """qgis_process in another locale."""

    def __init__(self, process, variables):
        super().__init__(process.program, process.profile)
        self.variables = variables

    def environment(self, python_path=()):
        return {**super().environment(python_path), **self.variables}


@pytest.fixture(params=["Chinese", "German"])
def abroad(request, qgis_process):
    return Abroad(qgis_process, {"Chinese": CHINESE, "German": GERMAN}[request.param])


@pytest.fixture(scope="module")
def example(qgis_process, tmp_path_factory):
    folder = tmp_path_factory.mktemp("example")
    done = qgis_process.run("examplecoast", FOLDER=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_names_are_chinese_and_ids_stay(qgis_process):
    listed = Abroad(qgis_process, CHINESE).call("list").stdout
    assert "海岸带重金属风险\n\tcoastalhm:assessment\t海岸带完整评价\n" in listed
    helped = Abroad(qgis_process, CHINESE).call("help", "coastalhm:geochemicalbaselines").stdout
    assert "迭代中位数法" in helped and "RCF_AXES: 累积曲线的坐标轴 (RCF)" in helped


def test_the_language_set_in_qgis_counts(qgis_process, tmp_path):
    profile = tmp_path / "profile"
    shutil.copytree(qgis_process.profile, profile)
    settings = next((profile / "profiles" / "default" / "QGIS").glob("QGIS*.ini"))
    settings.write_text(settings.read_text() + "\n[locale]\noverrideFlag=true\nuserLocale=zh-Hans\n")
    listed = QgisProcess(qgis_process.program, profile).call("list").stdout
    assert "coastalhm:geochemicalbaselines\t地球化学基线" in listed


def indices(process, source, folder, **more):
    folder.mkdir(parents=True)
    outputs = {"OUTPUT": folder / "indices.csv", "SHARES": folder / "shares.csv", "REPORT": folder / "report.html"}
    done = process.run("pollutionindices", INPUT=source, BACKGROUND=2, **outputs, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return [outputs[name].read_text("utf-8") for name in ("OUTPUT", "SHARES")]


def test_indices_are_the_same_in_every_locale_and_folder(qgis_process, abroad, example, tmp_path):
    source = tmp_path / PLACE / "土壤 样品.csv"
    source.parent.mkdir()
    shutil.copy(example / "soil.csv", source)
    here = indices(qgis_process, example / "soil.csv", tmp_path / "here")
    there = indices(abroad, source, tmp_path / PLACE / "结果")
    assert there == here


def test_fields_with_chinese_names(qgis_process, example, tmp_path):
    table = pd.read_csv(example / "soil.csv")
    cadmium, lead = (next(name for name in table if name.lower().startswith(metal)) for metal in ("cd", "pb"))
    source = tmp_path / "土壤.csv"
    table.rename(columns={cadmium: "镉(mg/kg)", lead: "铅含量"}).to_csv(source, index=False)
    elements = "Cd=镉(mg/kg); Pb=铅含量"
    indices(qgis_process, example / "soil.csv", tmp_path / "here", ELEMENTS=f"Cd={cadmium}; Pb={lead}")
    indices(Abroad(qgis_process, CHINESE), source, tmp_path / PLACE, ELEMENTS=elements)
    found = pd.read_csv(tmp_path / PLACE / "indices.csv")
    assert {"镉(mg/kg)", "铅含量", "Er_Cd", "PERI"} <= set(found)
    pd.testing.assert_series_equal(found["PERI"], pd.read_csv(tmp_path / "here" / "indices.csv")["PERI"])


def assess(process, example, folder, title):
    parameters = {
        "SOIL": example / "soil.csv",
        "SEDIMENT": example / "sediment.csv",
        "WATER": example / "water.csv",
        "RASTERS": [example / "rasters" / name for name in ("elevation.tif", "lithology.tif")],
        "CLASSES": f"lithology={example / 'rasters' / 'lithology.tsv'}",
        "REPEATS": 1,
        "FOLDS": 3,
        "PMF_STARTS": 2,
        "TITLE": title,
        "OUTPUT_FOLDER": folder,
    }
    done = process.run("assessment", **parameters)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def layers(geopackage):
    with sqlite3.connect(geopackage) as database:
        names = [row[0] for row in database.execute("SELECT table_name FROM gpkg_contents ORDER BY 1")]
        names.remove("layer_styles")  # XML whose attributes have no fixed order
        return {name: pd.read_sql(f'SELECT * FROM "{name}"', database) for name in names}


@pytest.fixture(scope="module")
def assessed(qgis_process, example, tmp_path_factory):
    folder = tmp_path_factory.mktemp("assessed")
    assess(qgis_process, example, folder, "Coast")
    return folder


@pytest.mark.slow
def test_the_assessment_is_the_same_in_every_locale_and_folder(assessed, abroad, example, tmp_path):
    shutil.copytree(example, tmp_path / PLACE / "示例")
    there = tmp_path / PLACE / "评价 结果"
    assess(abroad, tmp_path / PLACE / "示例", there, "环渤海 重金属 评价")
    for path in sorted((assessed / "tables").iterdir()):
        assert (there / "tables" / path.name).read_bytes() == path.read_bytes(), path.name
    here, found = layers(assessed / "assessment.gpkg"), layers(there / "assessment.gpkg")
    assert list(found) == list(here)
    for name, table in here.items():
        pd.testing.assert_frame_equal(found[name], table, obj=name)
    assert (there / "peri_soil.tif").read_bytes() == (assessed / "peri_soil.tif").read_bytes()
    assert "环渤海 重金属 评价" in (there / "report.html").read_text("utf-8")
