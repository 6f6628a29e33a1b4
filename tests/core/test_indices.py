"""Indices: each formula by hand, classes at their limits, and what happens to missing metals."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.indices import (
    RISK_SCHEMES,
    IndexOptions,
    classify,
    pollution_indices,
)
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.reference_values import background

EIGHT = {"As": 10.0, "Cd": 0.1, "Cr": 60.0, "Cu": 20.0, "Hg": 0.04, "Ni": 25.0, "Pb": 20.0, "Zn": 70.0}
BACKGROUND = pd.Series(EIGHT)


def sites(*factors, **changed):
    """Concentrations of these multiples of the background, a site each."""
    table = pd.DataFrame([BACKGROUND * factor for factor in factors]).reset_index(drop=True)
    return table.assign(**changed)


def test_at_the_background_peri_is_the_sum_of_the_toxic_response_factors():
    found = pollution_indices(sites(1.0), BACKGROUND)
    # Hg 40, Cd 30, As 10, Cu Pb Ni 5, Cr 2, Zn 1
    assert found.site.loc[0, "PERI"] == pytest.approx(98.0)
    assert found.site.loc[0, ["PLI", "Nemerow", "mCd"]].tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert found.igeo.loc[0].tolist() == pytest.approx([np.log2(1 / 1.5)] * 8)


def test_formulas_by_hand():
    table = pd.DataFrame({"Cd": [0.4], "Pb": [20.0], "Al": [40_000.0]})
    values = pd.Series({"Cd": 0.1, "Pb": 20.0, "Al": 80_000.0})
    frame = pollution_indices(table, values, IndexOptions(reference_element="Al")).to_frame().iloc[0]
    assert (frame["CF_Cd"], frame["CF_Pb"], frame["CF_Al"]) == pytest.approx((4.0, 1.0, 0.5))
    assert (frame["Er_Cd"], frame["Er_Pb"]) == pytest.approx((120.0, 5.0))
    assert frame["PERI"] == pytest.approx(125.0)
    assert frame["Igeo_Cd"] == pytest.approx(np.log2(4 / 1.5))
    assert (frame["EF_Cd"], frame["EF_Pb"]) == pytest.approx((8.0, 2.0))
    assert frame["PLI"] == pytest.approx(2.0)
    assert frame["Nemerow"] == pytest.approx(np.sqrt((4.0**2 + 2.5**2) / 2))
    assert frame["mCd"] == pytest.approx(2.5)


def test_guideline_quotients():
    # Pb: TEL 30.24, PEL 112.18; Cd: TEL 0.676, PEL 4.21
    table = pd.DataFrame({"Pb": [112.18], "Cd": [0.676]})
    site = pollution_indices(table, BACKGROUND, IndexOptions(guidelines=True)).site.iloc[0]
    assert site["mPELQ"] == pytest.approx((1 + 0.676 / 4.21) / 2)
    assert site["mTELQ"] == pytest.approx((112.18 / 30.24 + 1) / 2)
    assert site["mERLQ"] == pytest.approx((112.18 / 46.7 + 0.676 / 1.2) / 2)
    assert site["mERMQ"] == pytest.approx((112.18 / 218 + 0.676 / 9.6) / 2)


def test_classes_of_peri_and_a_value_on_a_limit_belongs_to_the_higher():
    assert classify([0, 99.9, 100, 200, 399, 400, 1e6, np.nan], (100, 200, 400)).tolist() == [
        1,
        1,
        2,
        3,
        3,
        4,
        4,
        pd.NA,
    ]
    frame = pollution_indices(sites(1.0, 2.0, 3.0, 5.0), BACKGROUND).to_frame()
    assert frame["PERI_class"].tolist() == [1, 2, 3, 4]
    assert frame["PERI_class_name"].tolist() == ["Low", "Moderate", "Considerable", "Very High"]


def test_class_shares():
    shares = pollution_indices(sites(1.0, 1.0, 2.0, 5.0), BACKGROUND).class_shares()
    peri = shares[shares["index_name"] == "PERI"]
    assert peri["sites"].tolist() == [2, 1, 0, 1]
    assert peri["share_percent"].tolist() == [50.0, 25.0, 0.0, 25.0]
    cadmium = shares[shares["index_name"] == "Er_Cd"]
    # Er of Cd: 30, 30, 60, 150
    assert cadmium["sites"].tolist() == [2, 1, 1, 0, 0]
    assert set(shares.groupby("index_name")["share_percent"].sum().round(9)) == {100.0}


def test_schemes():
    hakanson = pollution_indices(sites(2.0), BACKGROUND, IndexOptions("hakanson1980"))
    assert hakanson.scheme.limits == (150, 300, 600)
    scaled = pollution_indices(sites(2.0)[["Cd", "Pb"]], BACKGROUND, IndexOptions("scaled")).scheme
    # Tr 30 + 5 of Hakanson's 133
    assert scaled.limits == pytest.approx((39.5, 78.9, 157.9))
    assert scaled.label == (
        "PERI, class limits 39.5 / 78.9 / 157.9 (Hakanson 1980, scaled to the sum of Tr; 2 metals: Cd, Pb)"
    )
    for scheme in RISK_SCHEMES.values():
        assert len(scheme.class_names) == len(scheme.colours) == len(scheme.limits) + 1
        assert [scheme.class_of(value) for value in (0, scheme.limits[0], 1e9)] == [1, 2, 4]


def test_few_metals_with_limits_for_eight_are_warned_of():
    warnings = []
    pollution_indices(sites(1.0)[["Cd", "Pb"]], BACKGROUND, monitor=Monitor(on_warning=warnings.append))
    assert any("set for eight metals; here 2 are summed" in warning for warning in warnings)


def test_a_site_that_lacks_a_metal_has_no_peri_unless_partial_is_allowed():
    table = sites(1.0, 1.0)
    table.loc[1, "Hg"] = np.nan
    warnings = []
    found = pollution_indices(table, BACKGROUND, monitor=Monitor(on_warning=warnings.append))
    assert found.site["PERI"].notna().tolist() == [True, False]
    assert found.site["n_metals"].tolist() == [8, 7] and found.incomplete == 1
    assert pd.isna(found.to_frame().loc[1, "PERI_class"]) and found.to_frame().loc[1, "PERI_class_name"] is None
    assert any("PERI of 1 of 2 sites lacks a metal: left empty" in warning for warning in warnings)
    partial = pollution_indices(table, BACKGROUND, IndexOptions(allow_partial=True)).site.loc[1]
    assert partial["PERI"] == pytest.approx(58.0)
    assert partial[["PLI", "Nemerow", "mCd"]].tolist() == pytest.approx([1.0, 1.0, 1.0])


def test_elements_without_background_or_toxic_response_are_named():
    warnings = []
    table = sites(1.0, Al=80_000.0, Co=10.0)
    found = pollution_indices(table, background("hakanson1980").drop("Hg"), monitor=Monitor(on_warning=warnings.append))
    assert found.left_out.to_dict() == dict.fromkeys(["Hg", "Ni", "Al", "Co"], "no background value")
    assert any("no background value: " in warning and "Ni" in warning for warning in warnings)
    crust = pollution_indices(table, background("upper_crust"))
    assert crust.left_out.to_dict() == dict.fromkeys(["Al", "Co"], "no toxic response factor")
    assert "CF_Al" in crust.to_frame() and "Er_Al" not in crust.to_frame()


def test_zero_concentration():
    found = pollution_indices(sites(1.0, Cd=0.0), BACKGROUND)
    assert np.isnan(found.igeo.loc[0, "Cd"])
    assert found.site.loc[0, "PLI"] == 0.0
    assert found.site.loc[0, "PERI"] == pytest.approx(68.0)


def test_summary_shares_of_peri():
    summary = pollution_indices(sites(1.0, 3.0), BACKGROUND).summary().set_index("element")
    assert summary.loc["Hg", "PERI_share_percent"] == pytest.approx(100 * 40 / 98)
    assert summary["PERI_share_percent"].sum() == pytest.approx(100)
    assert summary.loc["Cd", "CF_above_1_percent"] == 50.0


@pytest.mark.parametrize(
    "table, values, options, message",
    [
        (sites(1.0), BACKGROUND * 0, {}, "background of As, Cd.* must be a positive number"),
        (sites(1.0, Cd=-1.0), BACKGROUND, {}, "Cd: rows 1 are negative or infinite"),
        (sites(1.0)[["Zn"]], pd.Series({"Cd": 1.0}), {}, r"No metal is left for PERI \(Zn: no background value\)"),
        (sites(1.0), BACKGROUND, {"reference_element": "Al"}, "reference element Al needs both"),
        (sites(1.0), BACKGROUND, {"metals": ("Cd", "Co")}, "Chosen for PERI but not usable: Co: no concentrations"),
        (sites(1.0), BACKGROUND, {"scheme": "own"}, "no scheme 'own'"),
    ],
)
def test_what_cannot_be_used_is_named(table, values, options, message):
    with pytest.raises(InputError, match=message):
        pollution_indices(table, values, IndexOptions(**options))


def test_chosen_metals_only():
    found = pollution_indices(sites(1.0), BACKGROUND, IndexOptions(metals=("Cd", "Hg")))
    assert found.metals == ("Cd", "Hg")
    assert found.site.loc[0, "PERI"] == pytest.approx(70.0)
    assert "CF_Zn" in found.to_frame()
