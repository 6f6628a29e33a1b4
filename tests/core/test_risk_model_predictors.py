"""Which columns may predict, and how folds hold sites back."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.risk_model import (
    circular_predictors,
    default_predictors,
    grouped_folds,
    random_folds,
    spatial_folds,
)
from coastal_hm_plugin.core.risk_model.folds import block_size, correlation_distance, to_metres


def circular(names, target, medium=None):
    return [entry.name for entry in circular_predictors(names, target, medium)]


@pytest.mark.parametrize(
    "name",
    ["Cd", "cd_mgkg", "top5_cd", "CF_Cd", "Er_Hg", "Igeo_Pb", "EF_Zn", "PLI", "RI", "mCd", "Nemerow", "PERI_class",
     "Kd_Cd", "log10_Kd_Pb", "CF", "soil_Cd", "factor_1", "PMF 2", "Cd_mdl", "log_Cu"],
)  # fmt: skip
def test_what_peri_is_computed_from_is_circular(name):
    found = circular_predictors([name], "PERI")
    assert [entry.kind for entry in found] == ["circular"]
    assert "'PERI' is computed from it" in found[0].reason


@pytest.mark.parametrize(
    "name",
    ["pH", "OM", "NDVI", "elevation", "GDP", "landuse", "distance_to_mine_m", "Cd_water", "Al", "density_factory"],
)
def test_what_peri_is_not_computed_from_is_not(name):
    assert circular([name], "PERI") == []


def test_the_medium_decides():
    names = ["Cd_soil", "Cd_sediment", "Cd_water", "Cd", "Kd_Cd"]
    assert circular(names, "PERI_soil") == ["Cd_soil", "Cd"]
    assert circular(names, "PERI_sediment") == ["Cd_sediment", "Cd", "Kd_Cd"]
    assert circular(names, "PERI", "soil") == ["Cd_soil", "Cd"]
    assert circular(names, "PERI") == ["Cd_soil", "Cd_sediment", "Cd", "Kd_Cd"]


def test_a_single_metal_is_circular_with_itself_and_the_indices_only():
    assert circular(["Pb", "CF_Pb", "CF_Cd", "PERI", "pH"], "Cd") == ["CF_Cd", "PERI"]
    assert circular(["Pb", "CF_Pb"], "yield_t_ha") == []


def test_fields_that_cannot_serve_are_left_out_with_the_reason():
    n = 60
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "PERI": rng.normal(size=n), "pH": rng.normal(size=n), "rock": rng.choice(["a", "b"], n),
            "siteid": range(n), "longitude": rng.normal(size=n), "Xloc": rng.normal(size=n), "colldate": "01/02/10",
            "constant": 1.0, "empty": np.nan, "remark": [f"text {k}" for k in range(n)], "Cd": rng.normal(size=n),
            "estuary": rng.choice(["x", "y"], n),
        }
    )  # fmt: skip
    names, left_out = default_predictors(table, "PERI", groups="estuary")
    assert names == ["pH", "rock"]
    reasons = {entry.name: entry.reason for entry in left_out}
    assert reasons["siteid"] == "an identifier" and reasons["longitude"] == reasons["Xloc"] == "a coordinate"
    assert reasons["colldate"] == "a date" and reasons["constant"] == "constant" and reasons["empty"] == "empty"
    assert reasons["remark"] == "text with 60 different values" and reasons["estuary"] == "groups the folds"
    assert next(entry for entry in left_out if entry.name == "Cd").kind == "circular"


@settings(deadline=None, max_examples=60)
@given(
    groups=st.lists(st.integers(0, 8), min_size=20, max_size=120).filter(lambda g: len(set(g)) > 1),
    folds=st.integers(2, 8),
)
def test_a_group_never_stands_on_both_sides(groups, folds):
    made = grouped_folds(groups, folds, 2, np.random.default_rng(1))
    assert made.n_blocks == len(set(groups))
    held_back = np.zeros((2, len(groups)), dtype=int)
    for repeat, train, test in made.splits():
        assert not set(np.take(groups, train)) & set(np.take(groups, test))
        assert len(train) + len(test) == len(groups) and len(train) and len(test)
        held_back[repeat, test] += 1
    assert (held_back == 1).all()


def test_missing_groups_are_groups_of_their_own():
    made = grouped_folds(["a", None, "a", np.nan, "b"], 5, 1, np.random.default_rng(1))
    assert made.n_blocks == 4


def test_one_group_is_refused():
    with pytest.raises(InputError, match="two groups at least"):
        grouped_folds(["a"] * 30, 5, 1, np.random.default_rng(1))


def test_random_folds_are_of_one_size():
    made = random_folds(103, 5, 3, np.random.default_rng(1))
    sizes = [len(test) for _, _, test in made.splits()]
    assert sorted(set(sizes)) == [20, 21]


def test_blocks_are_squares_of_the_side_given():
    rng = np.random.default_rng(2)
    x, y = rng.uniform(0, 100_000, (2, 400))
    made = spatial_folds(x, y, rng.normal(size=400), 5, 2, rng, block_size_m=20_000)
    assert made.n_blocks == 25 and made.block_size_m == 20_000
    for block in range(made.n_blocks):
        members = made.block_of == block
        assert np.ptp(x[members]) <= 20_000 and np.ptp(y[members]) <= 20_000
        assert len(np.unique(made.fold_of[0][members])) == 1
    assert spatial_folds(x, y, x, 5, 1, rng, block_size_m=1e7) is None


def test_groups_stay_together_in_blocks():
    rng = np.random.default_rng(2)
    groups = np.repeat(np.arange(50), 3)
    x, y = rng.uniform(0, 100_000, (2, 50))
    x, y = x[groups] + rng.normal(0, 3000, 150), y[groups] + rng.normal(0, 3000, 150)
    made = spatial_folds(x, y, rng.normal(size=150), 5, 3, rng, 15_000, groups)
    for fold_of in made.fold_of:
        assert all(len(np.unique(fold_of[groups == g])) == 1 for g in range(50))


def test_the_block_size_follows_the_target():
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, 100_000, (2, 300))
    wide, narrow = np.sin(x / 20_000) + np.cos(y / 20_000), rng.normal(size=300)
    assert correlation_distance(x, y, wide) > 15_000
    assert correlation_distance(x, y, narrow) < 10_000
    size = block_size(x, y, wide, 5)
    assert size > block_size(x, y, narrow, 5)
    assert spatial_folds(x, y, wide, 5, 1, rng).n_blocks >= 15


def test_degrees_become_metres():
    x, y = to_metres([120.0, 121.0, 120.0], [38.0, 38.0, 39.0], "EPSG:4326")
    assert np.hypot(x[1] - x[0], y[1] - y[0]) == pytest.approx(87_832, rel=1e-3)  # geodesic of one degree at 38 N
    assert np.hypot(x[2] - x[0], y[2] - y[0]) == pytest.approx(111_005, rel=1e-3)
    x, y = to_metres([179.9, -179.9], [10.0, 10.0], "EPSG:4326")
    assert abs(x[1] - x[0]) < 30_000  # across the date line
