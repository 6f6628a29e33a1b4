"""What is validated beyond the scores: kriging as the better one, the search, the learning curve, the paper's way."""

import json

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.risk_model import TrainingOptions, load_risk_model, scores, train_risk_model
from coastal_hm_plugin.core.risk_model.data import TrainingData
from coastal_hm_plugin.core.risk_model.distances import MAP, SITES, distance_table
from coastal_hm_plugin.core.risk_model.folds import grouped_folds
from coastal_hm_plugin.core.risk_model.predictors import Predictor
from coastal_hm_plugin.core.risk_model.tuning import candidates, search_trees

QUICK = {"repeats": 1, "n_trees": 40, "folds": 3}


def smooth(rng, n):
    """Places on a square of 100 km, and a field that waves there with a little noise."""
    x, y = rng.uniform(0, 1e5, (2, n))
    return x, y, np.sin(x / 2e4) + np.cos(y / 2.5e4) + 0.2 * rng.normal(size=n)


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.normal(size=(60, 5)), columns=["OM", "pH", *"abc"])
    table["PERI"] = np.exp(5 + 0.5 * table["OM"] + 0.2 * rng.normal(size=60))
    table["CF_Cd"] = table["PERI"] / 100 * np.exp(0.1 * rng.normal(size=60))
    return table, *rng.uniform(0, 1e5, (2, 60))


@pytest.fixture(scope="module")
def everything(table):
    options = TrainingOptions(**QUICK, search=2, learning_curve=True, compare_wu2025=True)
    return train_risk_model(table[0], "PERI", None, options, *table[1:])


def test_kriging_is_named_where_the_covariates_are_noise():
    rng = np.random.default_rng(1)
    x, y, field = smooth(rng, 110)
    table = pd.DataFrame(rng.normal(size=(110, 4)), columns=list("abcd")).assign(t=field)
    found = train_risk_model(table, "t", None, TrainingOptions(**QUICK, block_size_m=12_000), x, y)
    r2 = found.scores.set_index(["folds", "model"])["r2"]["spatial"]
    assert r2[scores.KRIGING] > 0.3 > r2[scores.MEAN]
    assert not found.skill.has_skill and found.skill.better == scores.KRIGING and not found.skill.beats_kriging
    assert found.skill.sentence.startswith("No skill: on spatial blocks the model does not")
    assert found.skill.sentence.endswith("Take kriging instead.")


def test_skill_over_the_mean_alone_is_called_so():
    rng = np.random.default_rng(2)
    x, y, field = smooth(rng, 110)
    table = pd.DataFrame({"a": rng.normal(size=110), "b": field + rng.normal(size=110)}).assign(t=field)
    found = train_risk_model(table, "t", None, TrainingOptions(**QUICK, block_size_m=12_000), x, y)
    assert found.skill.has_skill and found.skill.beats_kriging is False and found.skill.better == scores.KRIGING
    assert found.skill.sentence.startswith("Skill over the mean, not over kriging: on spatial blocks the model beats")
    assert found.skill.sentence.endswith("Better: kriging.")


def test_without_places_there_is_no_kriging(table):
    found = train_risk_model(table[0], "PERI", None, TrainingOptions(**QUICK))
    assert set(found.scores["model"]) == set(scores.MODELS) - {scores.KRIGING}
    assert found.skill.beats_kriging is None and found.validation.distances is None


def test_folds_that_cannot_be_kriged_are_counted(table):
    """Nine places of 60 sites: no variogram, the mean stands in."""
    at = np.arange(60) % 9 * 1000.0
    said = []
    options = TrainingOptions(**QUICK, selection="none", block_size_m=2500.0)
    found = train_risk_model(table[0], "PERI", ["OM"], options, at, at, monitor=Monitor(on_warning=said.append))
    assert found.validation.without_kriging == found.validation.folds == 6
    by = found.scores.set_index(["folds", "model"])["rmse"]
    assert by["spatial", scores.KRIGING] == by["spatial", scores.MEAN]
    assert any("Kriging could not be fitted in 6 of 6 folds" in text for text in said)


def plain_data(target, rng):
    matrix = rng.normal(size=(len(target), 3)).astype(np.float32)
    return TrainingData(matrix, target, tuple(Predictor(name, ()) for name in "abc"))


def test_a_search_sees_no_row_outside_its_training_set():
    rng = np.random.default_rng(4)
    data = plain_data(rng.normal(size=60), rng)
    changed = TrainingData(data.matrix.copy(), data.y.copy(), data.predictors)
    changed.y[45:], changed.matrix[45:] = 1e6, -9.0
    options = TrainingOptions(**QUICK, transform="none", search=3)
    given = [(np.arange(45), np.arange(45) // 3)]
    one, other = (search_trees(some, given, options, Monitor()) for some in (data, changed))
    assert one.trees == other.trees
    pd.testing.assert_frame_equal(one.table, other.table)


def test_a_search_finds_what_a_planted_target_needs():
    """One octant of three predictors stands out: trees of depth 1 cannot single it out."""
    rng = np.random.default_rng(5)
    data = plain_data(np.zeros(300), rng)
    data.y[:] = 4.0 * (data.matrix > 0).all(axis=1) + 0.1 * rng.normal(size=300)
    options = TrainingOptions(transform="none", selection="none", max_depth=1, search=6)
    found = search_trees(data, [(np.arange(300), np.arange(300))], options, Monitor())
    assert max(trees.max_depth for trees in candidates(options)) >= 3
    assert found.trees[0].max_depth >= 3
    assert found.table["relative_loss"].min() < 0.8 and found.table["in_model"].sum() == 1


def test_longer_lists_of_candidates_begin_alike_and_the_default_is_first():
    short, long = (candidates(TrainingOptions(transform="none", search=count)) for count in (2, 5))
    assert long[:3] == short and short[0] == TrainingOptions(transform="none").trees
    assert candidates(TrainingOptions(transform="none", search=2, seed=2))[1] != short[1]


def test_a_search_cut_short_is_told_and_is_the_search_of_fewer(table):
    said = []
    cut = TrainingOptions(**QUICK, search=50, search_seconds=1e-6)
    monitor = Monitor(on_warning=said.append)
    found = train_risk_model(table[0], "PERI", ["OM", "pH"], cut, *table[1:], monitor=monitor)
    assert any("after 0 of 50 candidates" in text for text in said)
    assert found.options.search == 0 and len(found.validation.search) == 1
    plain = train_risk_model(table[0], "PERI", ["OM", "pH"], TrainingOptions(**QUICK), *table[1:])
    pd.testing.assert_frame_equal(found.scores, plain.scores)


def test_a_search_in_noise_gives_no_skill():
    rng = np.random.default_rng(6)
    noise = pd.DataFrame(rng.normal(size=(50, 6)), columns=list("abcdef"))
    options = TrainingOptions(**QUICK, transform="none", search=2)
    found = train_risk_model(noise.assign(t=rng.normal(size=50)), "t", None, options, *rng.uniform(0, 1e5, (2, 50)))
    assert not found.skill.has_skill and found.skill.better == scores.MEAN
    assert found.scores["r2"].max() < 0.1


def test_the_same_seed_gives_the_same_everything(table, everything):
    again = train_risk_model(table[0], "PERI", None, everything.options, *table[1:])
    pd.testing.assert_frame_equal(again.scores, everything.scores)
    for name in ("distances", "learning_curve", "search"):
        pd.testing.assert_frame_equal(getattr(again.validation, name), getattr(everything.validation, name))
    assert again.skill == everything.skill and again.booster.save_raw("json") == everything.booster.save_raw("json")


def test_the_learning_curve_ends_at_the_score(everything):
    curve = everything.validation.learning_curve
    last = curve[curve["n_train"] == curve["n_train"].max()].drop(columns="n_train").reset_index(drop=True)
    strict = everything.scores[everything.scores["folds"] == "spatial"].reset_index(drop=True)
    pd.testing.assert_frame_equal(last, strict)
    trees = curve[curve["model"] == scores.XGBOOST]
    assert trees["n_train"].is_monotonic_increasing and len(trees) == 5
    assert trees["r2"].iloc[-1] > trees["r2"].iloc[0]


def test_the_paper_s_way_stands_beside_and_changes_nothing(table, everything):
    paper = everything.validation.wu2025
    assert paper.circular == ("CF_Cd",) and "CF_Cd" in paper.names
    honest = everything.scores.set_index(["folds", "model"]).loc["spatial", scores.XGBOOST]
    assert paper.scores["r2"][0] > honest["r2"] + 0.1
    assert f"R² {scores.two_decimals(paper.scores['r2'][0])}" in paper.sentence
    assert f"it is {scores.two_decimals(honest['r2'])}" in paper.sentence and "circular" in paper.sentence
    same = train_risk_model(table[0], "PERI", None, TrainingOptions(selection="wu2025", repeats=1, n_trees=40))
    assert paper.scores["r2"][0] == pytest.approx(same.scores["r2"][0], abs=0.15)
    plain, beside = (
        train_risk_model(table[0], "PERI", None, TrainingOptions(**QUICK, compare_wu2025=compare), *table[1:])
        for compare in (False, True)
    )
    assert plain.booster.save_raw("json") == beside.booster.save_raw("json") and plain.validation.wu2025 is None
    pd.testing.assert_frame_equal(plain.scores, beside.scores)


def test_the_sidecar_keeps_it_all_and_older_ones_still_load(everything, table, tmp_path):
    path, side = everything.save(tmp_path / "risk.json")
    again = load_risk_model(path)
    assert again.skill == everything.skill and again.skill.gains
    for name in ("distances", "learning_curve", "search"):
        found, expected = getattr(again.validation, name), getattr(everything.validation, name)
        pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert again.validation.wu2025.sentence == everything.validation.wu2025.sentence
    pd.testing.assert_frame_equal(
        again.validation.wu2025.scores, everything.validation.wu2025.scores, check_dtype=False
    )
    content = json.loads(side.read_text(encoding="utf-8"))
    del content["sidecar_sha256"], content["validation"], content["skill"]["better"], content["skill"]["gains"]
    side.write_text(json.dumps(content), encoding="utf-8")
    older = load_risk_model(path)
    assert older.validation is None and older.skill.better == "" and older.skill.beats_kriging is None
    content["validation"] = {"folds": 3, "wu2025": {}}
    side.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="is damaged"):
        load_risk_model(path)


def test_distances_by_hand():
    places = np.column_stack([[0.0, 1, 5, 9], np.zeros(4)])
    folds = grouped_folds([0, 0, 1, 1], 2, 1, np.random.default_rng(0))
    found = distance_table(places, [folds], np.array([[3.2, 0.0], [20.0, 0.0]])).set_index(["kind", "share"])
    assert found.loc[(SITES, 0.0), "distance_m"] == 1 and found.loc[(SITES, 1.0), "distance_m"] == 4
    assert [found.loc[("grouped", share), "distance_m"] for share in (0.0, 0.5, 1.0)] == [4, 4.5, 8]
    assert [found.loc[(MAP, share), "distance_m"] for share in (0.0, 1.0)] == pytest.approx([1.8, 11])


def test_too_few_sites_for_the_folds_are_refused(table):
    few = table[0].head(27)
    with pytest.raises(InputError, match=r"27 sites are too few for 14 folds.* Choose 13 folds at most"):
        train_risk_model(few, "PERI", ["OM"], TrainingOptions(folds=14, repeats=1, n_trees=5))


def test_fewer_groups_or_blocks_than_folds_are_told(table):
    said = []
    grouped = table[0].assign(estuary=np.arange(60) % 3)
    for given in ({"groups": "estuary"}, {"block_size_m": 60_000.0}):
        options = TrainingOptions(repeats=1, n_trees=5, **given)
        train_risk_model(grouped, "PERI", ["OM"], options, *table[1:], monitor=Monitor(on_warning=said.append))
    assert any("There are 3 groups in 'estuary', fewer than the 5 folds" in text for text in said)
    assert any("spatial blocks of 60,000 m, fewer than the 5 folds" in text for text in said)


def test_a_search_without_bounds_is_refused():
    for options in ({"search": -1}, {"search_seconds": 0.0}):
        with pytest.raises(InputError, match="A search has 0 or more candidates"):
            TrainingOptions(**options)
