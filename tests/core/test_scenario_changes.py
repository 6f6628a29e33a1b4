"""Changes of covariates as text: what is read, what is refused, what becomes of the model's matrix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.risk_model.predictors import Predictor
from coastal_hm_plugin.core.scenario import Altered, Change, parse_changes
from coastal_hm_plugin.core.scenario.changes import ADD, RECLASS, SCALE, SET

PREDICTORS = (
    Predictor("ndvi"),
    Predictor("enterprise_density"),
    Predictor("distance to coast (m)"),
    Predictor("landcover", ("bare", "crop-land", "cropland", "forest", "forest -> mixed")),
)


def test_every_kind_of_change_is_read():
    text = (
        "ndvi + 0.1; enterprise_density*0.5\nndvi - .2;ndvi-20%; ndvi + 10 %; ndvi / 4; ndvi set -3e-1; ndvi=7;;\n"
        '"distance to coast (m)" = 100; distance to coast (m) + 5; '
        "landcover = forest; LANDCOVER"
    ).removesuffix("; LANDCOVER")
    expected = [
        (ADD, 0.1),
        (SCALE, 0.5),
        (ADD, -0.2),
        (SCALE, 0.8),
        (SCALE, 1.1),
        (SCALE, 0.25),
        (SET, -0.3),
        (SET, 7.0),
        (SET, 100.0),
        (ADD, 5.0),
    ]
    changes = parse_changes(text, PREDICTORS)
    assert [change.kind for change in changes] == [kind for kind, _ in expected] + [RECLASS]
    assert [change.value for change in changes[:-1]] == pytest.approx([value for _, value in expected])
    assert changes[-1] == Change("landcover", RECLASS, target="forest")


def test_classes_are_read_longest_first_and_in_quotes():
    text = 'landcover: cropland, crop-land, cropland -> forest -> mixed; landcover: "forest -> mixed" → bare'
    first, second = parse_changes(text, PREDICTORS)
    assert (first.sources, first.target) == (("cropland", "crop-land"), "forest -> mixed")
    assert (second.sources, second.target) == (("forest -> mixed",), "bare")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "There is no change to compare. Write for example"),
        (" ;\n ", "There is no change"),
        (
            "ndwi + 1",
            r"position 1, at 'ndwi \+ 1': there is no covariate 'ndwi'. The covariates of the model are ndvi, en",
        ),
        ("= 3", "a covariate is expected. The covariates of the model are"),
        ("slope = 3", "the model does not use 'slope', so that its change would change nothing"),
        ("ndvi", r"position 5, at the end of the change: expected '\+'"),
        ("ndvi + x", "position 8, at 'x': a number is expected"),
        ("ndvi / 0", "cannot be divided by 0"),
        ("ndvi = 1e99", "too large"),
        ("ndvi: low -> high", "'ndvi' is a number of the model; only a category has classes"),
        ("ndvi + 1 2", "expected a semicolon"),
        ("ndvi + 1 ndvi + 2", "expected a semicolon"),
        ("landcover + 1", r"'landcover' is a category: .* Its classes are bare, crop-land, cropland, forest"),
        ("landcover = city", "training saw no class 'city' of 'landcover'. Its classes are bare"),
        ("landcover: city -> forest", "training saw no class 'city' of 'landcover'"),
        ("landcover: bare -> city; ndvi + 1", "no class 'city'"),
        ("landcover: bare", "expected '->' and the class"),
        ("landcover =", "a class is expected"),
        ("landcover: bare, -> forest", "a class is expected"),
    ],
)
def test_what_cannot_be_read_is_named(text, message):
    with pytest.raises(InputError, match=message):
        parse_changes(text, PREDICTORS, offered=("ndvi", "slope"))


NAMES = st.text("abz_ 0é.-+*/=:;>\"'%→\n", min_size=1, max_size=8)


@st.composite
def predictors_and_changes(draw):
    words = st.text("abcé_ 09()", min_size=1, max_size=8).map(str.strip).filter(bool)
    names = draw(st.lists(words, min_size=1, max_size=4, unique=True))
    predictors, changes = [], []
    for name in names:
        labels = tuple(draw(st.lists(words, max_size=4, unique=True)))
        predictors.append(Predictor(name, labels))
        if labels:
            sources = draw(st.lists(st.sampled_from(labels), max_size=3, unique=True))
            changes.append(Change(name, RECLASS, 0.0, tuple(sources), draw(st.sampled_from(labels))))
        else:
            value = draw(st.floats(-1e20, 1e20))
            changes.append(Change(name, draw(st.sampled_from([ADD, SCALE, SET])), value))
    return tuple(predictors), tuple(changes)


@given(predictors_and_changes())
@settings(max_examples=200, deadline=None)
def test_what_is_written_is_read_again(case):
    predictors, changes = case
    assert parse_changes("; ".join(map(str, changes)), predictors) == changes


@given(st.text("ndvilcorest +-*/=:;,>%→\n\"'0.1e", max_size=40), st.lists(NAMES, max_size=3, unique=True))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_with_a_reason(text, names):
    predictors = (*PREDICTORS, *(Predictor(name, tuple(names) if k else ()) for k, name in enumerate(names)))
    try:
        assert parse_changes(text, predictors)
    except InputError as error:
        assert str(error).startswith(("Changes, position", "There is no change"))


def test_changes_follow_each_other_and_missing_values_stay_missing():
    matrix = np.array([[1, 5, 0, 0], [np.nan, np.nan, 2, np.nan], [2, 6, 1, 3]], dtype=np.float32)
    text = "ndvi + 1; ndvi * 10; enterprise_density = 4; landcover: bare -> forest; landcover: forest -> cropland"
    altered = Altered(parse_changes(text, PREDICTORS), PREDICTORS)
    expected = [[20, 4, 0, 2], [np.nan, np.nan, 2, np.nan], [30, 4, 1, 2]]
    np.testing.assert_array_equal(altered.at(matrix), np.array(expected, dtype=np.float32))
    inside = np.array([False, True, True])
    np.testing.assert_array_equal(altered.at(matrix, inside)[0], matrix[0])
    assert matrix[0, 0] == 1  # the matrix given is not touched


def test_values_that_are_no_numbers_any_more_are_refused():
    altered = Altered(parse_changes("ndvi * 1e30; ndvi * 1e30", PREDICTORS), PREDICTORS)
    with pytest.raises(InputError, match=r"'ndvi \* 1e\+30' makes values that are too large"):
        altered.at(np.ones((2, 4)))
