"""Languages: every text translated, placeholders and names untouched, help pages complete, .qm files up to date."""

import locale
import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QTranslator

from coastal_hm_plugin.algorithms.catalogue import ALGORITHMS
from coastal_hm_plugin.processing_provider.decimal_point import decimal_point
from coastal_hm_plugin.processing_provider.translation import Translation
from scripts import translations
from tests.conftest import ROOT
from tests.processing.memory import frame, points

HELP = ROOT / "coastal_hm_plugin" / "resources" / "help"
FILES = {language: translations.FOLDER / f"coastal_hm_plugin_{language}.ts" for language in translations.LANGUAGES}
HAN = re.compile("[\u4e00-\u9fff]")


def seen(make):
    """What a user and a script see of a tool."""
    algorithm = make()
    algorithm.initAlgorithm()
    parameters, outputs = algorithm.parameterDefinitions(), algorithm.outputDefinitions()
    return {
        "id": algorithm.name(),
        "group id": algorithm.groupId(),
        "names": [definition.name() for definition in [*parameters, *outputs]],
        "defaults": [parameter.defaultValue() for parameter in parameters],
        "choices": [list(getattr(parameter, "options", list)()) for parameter in parameters],
        "title": algorithm.displayName(),
        "group": algorithm.group(),
        "labels": [definition.description() for definition in [*parameters, *outputs]],
        "helps": [parameter.help() for parameter in parameters],
        "page": algorithm.shortHelpString(),
    }


@pytest.fixture(params=["zh-Hans", "zh_CN", "zh"])
def chinese(request, provider):
    """QGIS set to Chinese, by each of the names that its versions give it."""
    settings = QgsSettings()
    before = {key: settings.value(key) for key in ("locale/overrideFlag", "locale/userLocale")}
    english = {make.ID: seen(make) for make in ALGORITHMS}
    settings.setValue("locale/overrideFlag", True)
    settings.setValue("locale/userLocale", request.param)
    translation = Translation()
    translation.install()
    yield english
    translation.remove()
    for key, value in before.items():
        settings.remove(key) if value is None else settings.setValue(key, value)


def test_names_and_orders_stay_while_every_text_is_translated(chinese):
    known = {source: text for (_, source), text in translations.read(FILES["zh_CN"]).items()}
    for make in ALGORITHMS:
        english, here = chinese[make.ID], seen(make)
        for same in ("id", "group id", "names", "defaults"):
            assert here[same] == english[same], make.ID
        assert (here["title"], here["group"]) == (known[english["title"]], known[english["group"]])
        assert here["labels"] == [known[label] for label in english["labels"]]
        assert here["choices"] == [[known[choice] for choice in choices] for choices in english["choices"]]
        assert here["helps"] == [known.get(text, text) for text in english["helps"]]
        assert flat(here["page"]) == flat((HELP / "zh_CN" / f"{make.ID}.html").read_text("utf-8"))


def flat(page):
    return re.sub(r"\s", "", page)


def test_english_comes_back(provider, chinese):
    settings = QgsSettings()
    settings.setValue("locale/userLocale", "de")
    assert seen(ALGORITHMS[0])["page"] == chinese[ALGORITHMS[0].ID]["page"]


@pytest.mark.parametrize("language", FILES)
def test_every_text_is_translated(provider, language):
    known = translations.read(FILES[language])
    wanted = translations.texts()
    assert not [text for text in wanted if text not in known], "run scripts/translations.py and translate them"
    assert not [text for text in known if text not in wanted], "no tool has these texts any more"


@pytest.mark.parametrize("language", FILES)
def test_placeholders_and_examples_are_as_they_were(language):
    example = re.compile(r"(?<!\w)'[^']*[=+;<.][^']*'")
    for (_, source), text in translations.read(FILES[language]).items():
        for pattern in (r"\{[^}]*\}", r"\.(?:csv|tsv|xlsx)\b", r"mg/kg|L/kg", r"\d{3,}|100 %|95 %"):
            assert Counter(re.findall(pattern, text)) == Counter(re.findall(pattern, source)), source
        assert Counter(example.findall(text)) == Counter(example.findall(source)), source


def said(translator, context, source):
    return translator.translate(context.encode(), source.encode())  # PyQt takes other letters than ASCII as bytes only


@pytest.mark.parametrize("language", FILES)
def test_what_qgis_loads_says_what_was_translated(language):
    translator = QTranslator()
    assert translator.load(str(FILES[language].with_suffix(".qm")))
    for (context, source), text in translations.read(FILES[language]).items():
        assert said(translator, context, source) == text, "run scripts/translations.py"


@pytest.mark.parametrize("language", FILES)
def test_qm_files_can_be_made_anew(language, tmp_path):
    content = translations.compiled(FILES[language])
    if content is None:
        pytest.skip("Qt's lrelease (qttools5-dev-tools) is not installed")
    target = tmp_path / "made.qm"
    target.write_bytes(content)
    translator = QTranslator()
    assert translator.load(str(target))
    assert all(said(translator, *key) == text for key, text in translations.read(FILES[language]).items())


def names_in(page):
    """Parameters, files of settings and other words in capitals; CRS has a Chinese word."""
    return set(re.findall(r"\b[A-Z][A-Z0-9_]{2,}\b", page, re.ASCII)) - {"CRS"}


@pytest.mark.parametrize("path", sorted((HELP / "zh_CN").glob("*.html")), ids=lambda path: path.stem)
def test_chinese_help_tells_what_the_english_tells(path):
    here, english = path.read_text("utf-8"), (HELP / path.name).read_text("utf-8")
    assert HAN.search(here)
    assert names_in(here) == names_in(english)
    for pattern in (r"<h3>", r"10\.\d{4,}/[A-Za-z0-9.()/:-]*[A-Za-z0-9]", r"<code>.*?</code>", "<pre>"):
        assert Counter(re.findall(pattern, here)) == Counter(re.findall(pattern, english)), pattern
    for tag in ("p", "b", "i", "code", "pre", "h3"):
        assert here.count(f"<{tag}>") == here.count(f"</{tag}>"), tag


def test_chinese_help_names_every_parameter(provider):
    for algorithm in provider.algorithms():
        page = (HELP / "zh_CN" / f"{algorithm.name()}.html").read_text("utf-8")
        for parameter in algorithm.parameterDefinitions():
            assert re.search(rf"\b{re.escape(parameter.name())}\b", page, re.ASCII), (
                f"{algorithm.name()}: {parameter.name()}"
            )


@pytest.fixture
def decimal_comma():
    before = locale.setlocale(locale.LC_NUMERIC)
    for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "German_Germany.1252"):
        try:
            locale.setlocale(locale.LC_NUMERIC, name)
        except locale.Error:
            continue
        yield
        locale.setlocale(locale.LC_NUMERIC, before)
        return
    pytest.skip("no locale with a decimal comma is installed")


def test_a_decimal_comma_trains_the_same_model(provider, decimal_comma, tmp_path):
    import processing

    rng = np.random.default_rng(4)
    table = pd.DataFrame(rng.normal(size=(60, 3)), columns=["ndvi", "slope", "rain"])
    table["PERI"] = np.exp(table["ndvi"] + 0.3 * rng.normal(size=60)) * 100.7
    layer = points(table, 120 + rng.random(60), 38 + rng.random(60))

    def held_out(name):
        given = {"INPUT": layer, "TARGET": "PERI", "REPEATS": 1, "FOLDS": 3, "MODEL": str(tmp_path / f"{name}.json")}
        return frame(processing.run("coastalhm:trainriskmodel", {**given, "PREDICTIONS": "memory:"})["PREDICTIONS"])

    with_comma = held_out("comma")
    assert locale.localeconv()["decimal_point"] == ",", "the user's locale is back"
    locale.setlocale(locale.LC_NUMERIC, "C")
    pd.testing.assert_frame_equal(held_out("point"), with_comma)
    assert (tmp_path / "comma.json").read_bytes() == (tmp_path / "point.json").read_bytes()


def test_the_decimal_point_stays_until_the_last_tool_has_ended(decimal_comma):
    first, second = decimal_point(), decimal_point()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert locale.localeconv()["decimal_point"] == "."
    second.__exit__(None, None, None)
    assert locale.localeconv()["decimal_point"] == ","
