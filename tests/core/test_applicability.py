"""Area of applicability: by hand, its properties, what is missing, and what is refused."""

import json
import time
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coastal_hm_plugin.core.applicability import Applicability, area_of_applicability
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import Monitor


def sites(n=60, seed=3):
    return np.random.default_rng(seed).normal(size=(n, 3))


def by_definition(matrix, weights, fold_of, places):
    """DI, LPD and threshold by every distance, straight from the papers' definitions."""
    scale = weights / matrix.std(axis=0, ddof=1)
    own, far = (matrix - matrix.mean(axis=0)) * scale, (places - matrix.mean(axis=0)) * scale
    between = np.sqrt(((own[:, None] - own[None]) ** 2).sum(axis=2))
    mean = between.sum() / (len(own) * (len(own) - 1))
    allowed = np.where(fold_of[:, None] != fold_of[None], between, np.inf) / mean
    quartiles = np.quantile(allowed.min(axis=1), [0.25, 0.75])
    threshold = quartiles[1] + 1.5 * (quartiles[1] - quartiles[0])
    distance = np.sqrt(((far[:, None] - own[None]) ** 2).sum(axis=2)) / mean
    return threshold, allowed.min(axis=1), (allowed < threshold).sum(axis=1), distance


def test_a_line_of_sites_by_hand():
    """Ten sites at 0 .. 9: the mean distance between two is 11/3, each has a neighbour at 1, SD 3.02765."""
    area = area_of_applicability(np.arange(10.0)[:, None])
    spread = np.sqrt(110 / 12)
    assert area.mean_distance == pytest.approx(11 / 3 / spread)
    np.testing.assert_allclose(area.di, 3 / 11)
    assert area.threshold == pytest.approx(3 / 11)
    found = area.assess(np.array([[4.1], [4.25], [9.5], [20.0], [np.nan]]))
    np.testing.assert_allclose(found.di, [0.1 * 3 / 11, 0.25 * 3 / 11, 0.5 * 3 / 11, 11 * 3 / 11, np.nan])
    assert found.lpd.tolist() == [2, 2, 1, 0, 0]
    assert found.inside.tolist() == [True, True, True, False, False]
    table = found.to_frame()
    assert list(table) == ["DI", "LPD", "AOA"] and table["LPD"].isna().tolist() == [False] * 4 + [True]


def test_folds_send_a_site_to_the_next_fold():
    """Two folds, 0 .. 4 and 5 .. 9: from 0 the nearest site of the other fold is five away."""
    area = area_of_applicability(np.arange(10.0)[:, None], fold_of=[0] * 5 + [1] * 5)
    np.testing.assert_allclose(area.di, np.array([5, 4, 3, 2, 1, 1, 2, 3, 4, 5]) * 3 / 11)
    assert area.threshold == pytest.approx((4 + 1.5 * 2) * 3 / 11)


def test_a_category_is_a_column_for_each_label():
    """Half of ten sites granite, half shale: each 0/1 column has SD sqrt(5/18), and each the weight."""
    rock = np.repeat([0.0, 1.0], 5)
    matrix = np.column_stack([np.tile(np.arange(5.0), 2), rock])
    area = area_of_applicability(matrix, [1, 2], n_labels=(0, 3), names=("x", "rock"))
    between_rocks = np.sqrt(2 * (2 / np.sqrt(5 / 18)) ** 2)
    steps = np.abs(np.subtract.outer(matrix[:, 0], matrix[:, 0])) / matrix[:, 0].std(ddof=1)
    distance = np.hypot(steps, np.where(np.not_equal.outer(rock, rock), between_rocks, 0))
    assert area.mean_distance == pytest.approx(distance.sum() / 90)
    found = area.assess(np.array([[0.0, 0], [10.0, 0], [0.0, 2], [0.0, np.nan]]))
    assert found.di[0] == 0 and found.di[1] == pytest.approx(6 / matrix[:, 0].std(ddof=1) / area.mean_distance)
    assert np.isnan(found.di[2:]).all() and not found.inside[2:].any()  # a label that no site has, and none


@given(st.integers(0, 10_000), st.integers(12, 40), st.integers(2, 5))
def test_it_is_what_the_definition_says(seed, n, folds):
    rng = np.random.default_rng(seed)
    matrix, weights = rng.lognormal(size=(n, 3)), rng.uniform(0.1, 9, 3)
    fold_of = np.arange(n) % folds
    area = area_of_applicability(matrix, weights, fold_of)
    places = rng.lognormal(size=(30, 3))
    threshold, di, lpd, distance = by_definition(matrix, weights, fold_of, places)
    assert area.threshold == pytest.approx(threshold)
    np.testing.assert_allclose(area.di, di, rtol=1e-9)
    np.testing.assert_array_equal(area.lpd, lpd)
    found = area.assess(places)
    np.testing.assert_allclose(found.di, distance.min(axis=1), rtol=1e-9)
    np.testing.assert_array_equal(found.lpd, (distance < threshold).sum(axis=1))
    np.testing.assert_array_equal(found.inside, distance.min(axis=1) <= threshold)


@given(st.floats(1e-3, 1e3), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_units_and_the_scale_of_the_weights_do_not_matter(factor, shift, weight):
    matrix, places = sites(), sites(20, 9)
    first = area_of_applicability(matrix, [1, 2, 3])
    second = area_of_applicability(matrix * factor + shift, np.array([1, 2, 3]) * weight)
    np.testing.assert_allclose(second.assess(places * factor + shift).di, first.assess(places).di, rtol=1e-6, atol=1e-9)


def test_a_predictor_without_weight_or_spread_does_not_count():
    matrix = np.column_stack([sites(), np.full(60, 0.1), sites(seed=8)[:, 0]])
    area = area_of_applicability(matrix, [1, 2, 3, 4, 0])
    plain = area_of_applicability(matrix[:, :3], [1, 2, 3])
    np.testing.assert_allclose(area.di, plain.di)
    far = np.column_stack([sites(20, 9), np.full((20, 2), 1e6)])
    np.testing.assert_allclose(area.assess(far).di, plain.assess(far[:, :3]).di)
    equal = area_of_applicability(matrix[:, :3], [0, 0, 0])  # a model that never split
    np.testing.assert_allclose(equal.di, area_of_applicability(matrix[:, :3]).di)


def test_sites_with_a_missing_predictor_are_no_reference():
    matrix = np.vstack([sites(), [[0.0, np.nan, 0.0]]])
    said = []
    area = area_of_applicability(matrix, monitor=Monitor(on_info=said.append))
    np.testing.assert_array_equal(area.di, area_of_applicability(sites()).di)
    assert "1 of 61 training sites" in said[0]


def test_json_brings_it_back():
    area = area_of_applicability(sites(), [3, 1, 2], np.arange(60) % 5, ("a", "b", "c"))
    again = Applicability.from_dict(json.loads(json.dumps(area.to_dict())))
    places = sites(50, 1)
    pd.testing.assert_frame_equal(again.assess(places).to_frame(), area.assess(places).to_frame())
    assert (again.names, again.threshold, again.mean_lpd) == (area.names, area.threshold, area.mean_lpd)
    content = area.to_dict()
    content["di"] = content["di"][1:]
    with pytest.raises(ValueError, match="reshape"):
        Applicability.from_dict(content)


def test_threads_change_nothing_and_memory_stays_small():
    area = area_of_applicability(sites(300))
    places = np.random.default_rng(1).normal(size=(400_000, 3)).astype(np.float32)
    first = area.assess(places[:50_000], threads=1)
    second = area.assess(places[:50_000], threads=2)
    np.testing.assert_array_equal(first.di, second.di)
    np.testing.assert_array_equal(first.lpd, second.lpd)
    tracemalloc.start()
    area.assess(places, threads=2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40e6  # 17 bytes a place for the answer, the rest for one part at a time


def test_cancel_is_heard():
    area = area_of_applicability(sites(300))
    start = time.perf_counter()
    monitor = Monitor(is_cancelled=lambda: time.perf_counter() - start > 0.3)
    with pytest.raises(Cancelled):
        area.assess(np.zeros((20_000_000, 3), dtype=np.float32), monitor=monitor)
    assert time.perf_counter() - start < 1.3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"matrix": sites(9)}, "9 training sites have every predictor; the area of applicability needs 10"),
        ({"fold_of": [0] * 60}, "All training sites lie in one fold"),
        ({"weights": [1, -1, 1]}, "a weight of 0 or more for each of 3 predictors"),
        ({"weights": [1, 1]}, "for each of 3 predictors"),
        ({"matrix": np.ones((60, 3))}, "the same predictors everywhere"),
    ],
)
def test_what_cannot_be_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        area_of_applicability(**{"matrix": sites(), **change})


def test_other_predictors_are_refused():
    with pytest.raises(InputError, match="needs 3 predictors: a, b, c"):
        area_of_applicability(sites(), names=("a", "b", "c")).assess(np.zeros((4, 2)))
