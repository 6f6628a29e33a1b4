"""Groups compared, against R's rstatix and multcompView, with planted truths and bad input."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.statistics import GroupOptions, benjamini_hochberg, compact_letters, compare_groups, holm

# R's airquality (May to September 1973), rows without ozone left out
OZONE = {
    5: "41 36 12 18 28 23 19 8 7 16 11 14 18 14 34 6 30 11 1 11 4 32 23 45 115 37",
    6: "29 71 39 23 21 37 20 12 13",
    7: "135 49 32 64 40 77 97 97 85 10 27 7 48 35 61 79 63 16 80 108 20 52 82 50 64 59",
    8: "39 9 16 78 35 66 122 89 110 44 28 65 22 59 23 31 44 21 9 45 168 73 76 118 84 85",
    9: "96 78 73 91 47 32 20 23 21 24 44 21 28 9 13 46 18 13 24 16 13 23 36 7 14 30 14 18 20",
}
# R's PlantGrowth
WEIGHT = [4.17, 5.58, 5.18, 6.11, 4.5, 4.61, 5.17, 4.53, 5.33, 5.14, 4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89,
          4.32, 4.69, 6.31, 5.12, 5.54, 5.5, 5.37, 5.29, 4.92, 6.15, 5.8, 5.26]  # fmt: skip
TREATMENT = ["ctrl"] * 10 + ["trt1"] * 10 + ["trt2"] * 10


@pytest.fixture(scope="module")
def ozone():
    months = np.concatenate([[month] * len(text.split()) for month, text in OZONE.items()])
    return pd.DataFrame({"Ozone": np.concatenate([np.array(text.split(), float) for text in OZONE.values()])}), months


def test_kruskal_wallis_and_dunn_as_r(ozone):
    # R 4.2.2 kruskal.test; rstatix 0.7.2 dunn_test(p.adjust.method = "holm"), which subtracts the other way round
    found = compare_groups(*ozone)
    test = found.tests.iloc[0]
    assert (test["n"], test["groups"], test["df"]) == (116, 5, 4)
    assert test["statistic"] == pytest.approx(29.2665763061, rel=1e-10)
    assert test["p"] == pytest.approx(6.90071411855e-06, rel=1e-9)
    assert test["effect"] == pytest.approx(29.2665763061 / 115)
    z = [0.92515861627, 4.41947064061, 4.13281342221, 1.32120228252, 2.24420803239, 2.03863548729, -0.00253855527,
         -0.28665721841, -3.21719912428, -2.92282777778]  # fmt: skip
    adjusted = [1, 0.0000989429615, 0.0003225146529, 0.7457357018512, 0.1489141168225, 0.2074321036252, 1, 1,
                0.0103558977316, 0.0242807821280]  # fmt: skip
    np.testing.assert_allclose(found.pairs["statistic"], -np.array(z), rtol=1e-8)
    np.testing.assert_allclose(found.pairs["p_adjusted"], adjusted, rtol=1e-8)
    # multcompView 0.1-8 multcompLetters gives a, ab, b, b, a in the order of the months; here "a" is the highest
    assert found.groups["letters"].tolist() == ["b", "ab", "a", "a", "b"]
    assert found.groups["median"].tolist() == [18, 23, 60, 52, 23]


def test_welch_and_games_howell_as_r(ozone):
    # R 4.2.2 oneway.test; rstatix 0.7.2 games_howell_test, p from R's ptukey
    found = compare_groups(*ozone, GroupOptions(method="welch"))
    test = found.tests.iloc[0]
    assert test["statistic"] == pytest.approx(8.02667618375, rel=1e-10)
    assert (test["df"], test["df_within"]) == (4, pytest.approx(42.6682010534, rel=1e-10))
    assert test["p"] == pytest.approx(6.43908420253e-05, rel=1e-9)
    assert test["effect"] == pytest.approx(4 * 7.02667618375 / (4 * 7.02667618375 + 116))
    statistic = [0.78010089674, 4.68198923427, 4.07487966221, 1.25274697093, 3.41859846073, 3.09220573448,
                 0.26556792958, 0.08501813732, -3.61450643105, -3.17483050773]  # fmt: skip
    np.testing.assert_allclose(found.pairs["statistic"], -np.array(statistic), rtol=1e-9)
    assert found.pairs["df"].iloc[0] == pytest.approx(16.93764290)
    small = compare_groups(pd.DataFrame({"weight": WEIGHT}), TREATMENT, GroupOptions(method="welch"))
    expected = [0.474554922194, 0.112889176854, 0.0237034547392]
    np.testing.assert_allclose(small.pairs["p_adjusted"], expected, rtol=1e-6)
    assert small.groups["letters"].tolist() == ["ab", "b", "a"]


def test_effect_sizes_by_hand():
    # R's wilcox.test counts 67.5 of 100 pairs with ctrl above trt1: 2 x 0.675 - 1
    found = compare_groups(pd.DataFrame({"weight": WEIGHT}), TREATMENT)
    assert found.pairs["effect"].iloc[0] == pytest.approx(0.35)
    welch = compare_groups(pd.DataFrame({"weight": WEIGHT}), TREATMENT, GroupOptions(method="welch"))
    control, treated = np.array(WEIGHT[:10]), np.array(WEIGHT[10:20])
    pooled = np.sqrt((control.var(ddof=1) + treated.var(ddof=1)) / 2)
    # Hedges' exact correction at 18 degrees of freedom is 0.9576 (Hedges 1981, Table 1, rounded)
    assert welch.pairs["effect"].iloc[0] == pytest.approx(0.9576 * 0.371 / pooled, rel=1e-4)


def test_adjustments_as_r():
    p = [0.01, 0.04, np.nan, 0.03, 0.005]
    # R's p.adjust
    np.testing.assert_allclose(holm(p), [0.03, 0.06, np.nan, 0.06, 0.02])
    np.testing.assert_allclose(benjamini_hochberg(p), [0.02, 0.04, np.nan, 0.04, 0.02])


@given(st.integers(1, 7).flatmap(lambda k: st.tuples(st.just(k), st.sets(
    st.tuples(st.integers(0, k - 1), st.integers(0, k - 1)).filter(lambda pair: pair[0] < pair[1])))))  # fmt: skip
def test_groups_share_a_letter_exactly_where_they_do_not_differ(case):
    count, different = case
    letters = compact_letters(count, sorted(different))
    assert all(letters)
    for i in range(count):
        for j in range(i + 1, count):
            assert bool(set(letters[i]) & set(letters[j])) == ((i, j) not in different)


def test_what_takes_no_part_is_named():
    values = pd.DataFrame({"Cd": [1.0, 2, 3, 4, 5, 6, 7, -1], "flat": np.ones(8)})
    groups = ["b", "b", "b", "a", "a", "a", "alone", None]
    found = compare_groups(values, groups, GroupOptions(log10=True))
    text = " ".join(found.warnings)
    assert "1 of 8 rows have no group and take no part: 8." in text
    assert "Cd: groups with fewer than 2 values take no part: alone (1)." in text
    assert "flat is not tested: all its values are 0." in text
    assert "Cd: 1 values that are not positive have no logarithm: 8." in text
    assert found.tests["variable"].tolist() == ["Cd"] and found.names == ("a", "alone", "b")
    alone = found.groups[(found.groups["group"] == "alone") & (found.groups["variable"] == "Cd")].iloc[0]
    assert alone["n"] == 1 and alone["letters"] == ""


@pytest.mark.parametrize(
    ("groups", "options", "message"),
    [
        (["a"] * 4, {}, "there is only 'a'"),
        ([None] * 4, {}, "there is none"),
        (list("abcd"), {}, "fewer than two groups have 2 values"),
        (["a", "a", "b", "b"], {"method": "anova"}, "'anova' is no method"),
        (["a", "a", "b", "b"], {"alpha": 5}, "level 5 must lie between 0 and 1"),
        (["a", "a", "b", "b"], {"least": 1}, "2 values a group or more"),
        (["a", "a", "b", "b"], {"method": "welch"}, "all values of a are equal"),
        (["a"], {}, "4 rows of values but 1 groups"),
    ],
)
def test_what_cannot_be_compared_says_why(groups, options, message):
    with pytest.raises(InputError, match=message):
        compare_groups(pd.DataFrame({"Cd": [1.0, 1.0, 2.0, 3.0]}), groups, GroupOptions(**options))


def test_too_many_groups():
    with pytest.raises(InputError, match="There are 50 groups; at most 40"):
        compare_groups(pd.DataFrame({"Cd": np.arange(100.0)}), np.repeat(np.arange(50), 2))
