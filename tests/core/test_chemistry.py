"""Elements and units from field names, and units of concentration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coastal_hm_plugin.core.chemistry import (
    ATOMIC_WEIGHTS,
    HEAVY_METALS,
    describe_field,
    doubtful_level,
    factor_to_standard,
    parse_mapping,
    parse_unit,
    recognise,
    to_standard,
)
from coastal_hm_plugin.core.errors import InputError

CONCENTRATIONS = {
    "Cd": ("Cd", None, None),
    "cd_mgkg": ("Cd", None, "mg/kg"),
    "CD_s": ("Cd", "solid", None),
    "Cd (mg/kg)": ("Cd", None, "mg/kg"),
    "top5_cd": ("Cd", None, None),
    "top5_as": ("As", None, None),
    "soil_Cd": ("Cd", "soil", None),
    "sediment_Hg": ("Hg", "sediment", None),
    "Cd_ug_L": ("Cd", None, "ug/L"),
    "Cd_w_ug_L": ("Cd", "water", "ug/L"),
    "dissolved_Zn": ("Zn", "water", None),
    "Cd_ppm": ("Cd", None, "ppm"),
    "As": ("As", None, None),
    "AS": ("As", None, None),
    "Co": ("Co", None, None),
    "V_s": ("V", "solid", None),
    "Cd µg/L": ("Cd", None, "ug/L"),
    "Cd [μg L-1]": ("Cd", None, "ug/L"),
    "Cd mg·kg⁻¹": ("Cd", None, "mg/kg"),
    "Cd.mg.kg.": ("Cd", None, "mg/kg"),
    "Hg_ng_g": ("Hg", None, "ng/g"),
    "Fe_%": ("Fe", None, "%"),
    "CdSoil": ("Cd", "soil", None),
    "THg": ("Hg", None, None),
    "Lead_mg_kg": ("Pb", None, "mg/kg"),
    "土壤镉(mg/kg)": ("Cd", "soil", "mg/kg"),
}
OTHERS = {
    "glass": "other",
    "class": "other",
    "in": "other",
    "no": "other",
    "same_as_site": "other",
    "siteid": "other",
    "lead_smelter_distance": "other",
    "Longitude": "other",
    "Y": "other",
    "N": "other",
    "pb_flag": "flag",
    "Cd_mdl": "limit",
    "Cd_error": "uncertainty",
    "Cd_uncertainty": "uncertainty",
    "Pb_se": "uncertainty",
    "Kd_Cd": "Kd",
    "log10Kd_Cd": "Kd",
    "CF_Cd": "CF",
    "CFCd": "CF",
    "Er_Cd": "Er",
    "Igeo_Cd": "Igeo",
    "EF_Pb": "EF",
    "logCd": "log concentration",
    "Pb206": "isotope",
    "206Pb": "isotope",
    "206Pb/204Pb": "isotope",
    "d114Cd": "isotope",
    "δ114Cd": "isotope",
    "Fe/Al": "ratio",
    "MeHg": "species",
    "CrVI": "species",
    "Cr6": "species",
    "bg_Cd": "reference",
    "TEL_Cd": "reference",
    "PERI": "index",
    "RI": "index",
    "PLI": "index",
    "log_PERI": "index",
    "PERI_class": "index",
}
PROPERTIES = {
    "pH": "pH",
    "soil_pH": "pH",
    "OM (%)": "OM",
    "organic matter": "OM",
    "TOC": "TOC",
    "CORG": "TOC",
    "top5_c_org": "TOC",
    "DO_mgL": "DO",
    "Dissolved oxygen": "DO",
    "Salinity": "salinity",
    "temp_c": "temperature",
}


@pytest.mark.parametrize(("name", "expected"), CONCENTRATIONS.items())
def test_a_concentration_is_recognised_with_its_medium_and_unit(name, expected):
    meaning = describe_field(name)
    assert meaning.quantity == "concentration"
    assert (meaning.element, meaning.medium, meaning.unit) == expected


@pytest.mark.parametrize(("name", "quantity"), OTHERS.items())
def test_what_is_no_concentration_is_not_taken_for_one(name, quantity):
    assert describe_field(name).quantity == quantity


@pytest.mark.parametrize(("name", "variable"), PROPERTIES.items())
def test_properties_of_soil_and_water(name, variable):
    meaning = describe_field(name)
    assert (meaning.quantity, meaning.variable, meaning.element) == ("property", variable, None)


@given(st.sampled_from(HEAVY_METALS), st.sampled_from(["{}", "soil_{}", "{}_mgkg", "{} (mg/kg)", "top5_{}", "{}_s"]))
def test_every_heavy_metal_in_any_case_and_any_dress(element, pattern):
    for symbol in (element, element.lower(), element.upper()):
        assert describe_field(pattern.format(symbol)).element == element


@given(st.text(max_size=30))
def test_any_name_at_all_gets_an_answer(name):
    meaning = describe_field(name)
    assert meaning.field == name
    assert meaning.element is None or meaning.element in ATOMIC_WEIGHTS


def test_circular_predictors_can_be_told_by_name():
    meanings = {
        name: describe_field(name) for name in ("soil_Cd", "CF_Cd", "Er_soil_Cd", "PERI_soil", "ndvi", "soil_pH")
    }
    tied = {name for name, one in meanings.items() if one.element == "Cd" or one.quantity == "index"}
    assert tied == {"soil_Cd", "CF_Cd", "Er_soil_Cd", "PERI_soil"}


def test_recognise_puts_the_heavy_metals_first_and_passes_other_media_over():
    names = ["id", "Zn_w", "Zn_s", "Fe", "Cd_s", "Cd_w", "pH", "Kd_Cd", "Cd_mdl_s"]
    matches = recognise(names, "sediment")
    assert matches.elements == ("Cd", "Zn", "Fe")
    assert [one.field for one in matches.concentrations.values()] == ["Cd_s", "Zn_s", "Fe"]
    assert matches.properties["pH"].field == "pH"
    assert matches.limits == {"Cd": "Cd_mdl_s"}
    assert recognise(names, "water").concentrations["Cd"].field == "Cd_w"
    assert set(matches.to_frame()["field"]) == {"Cd_s", "Zn_s", "Fe", "pH"}


def test_a_field_that_names_the_medium_goes_before_one_that_does_not():
    assert recognise(["Cd", "soil_Cd"], "soil").concentrations["Cd"].field == "soil_Cd"


def test_two_fields_for_one_metal_are_refused_and_both_named():
    with pytest.raises(InputError, match="'Cd_2019' and 'Cd_2020' both look like Cd"):
        recognise(["Cd_2019", "Cd_2020"], "soil")
    assert recognise(["Cd_2019", "Cd_2020"], "soil", "Cd=Cd_2020").concentrations["Cd"].field == "Cd_2020"


def test_two_fields_for_a_further_element_leave_it_out_and_say_so():
    matches = recognise(["Cd", "Fe_total", "Fe_raw"], "soil")
    assert matches.elements == ("Cd",)
    assert matches.ambiguous == {"Fe": ("Fe_total", "Fe_raw")}


def test_a_mapping_goes_before_the_names_and_an_empty_one_leaves_out():
    matches = recognise(["a", "Cd", "Pb", "Zn"], "soil", "Cd = A; Pb =")
    assert matches.concentrations["Cd"].field == "a"
    assert matches.elements == ("Cd", "Zn")


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("Cd=nowhere", "no field 'nowhere' for Cd. The fields are: Cd, Pb"),
        ("Xx=Cd", "'Xx' is not an element"),
        ("Cd", "write it as 'Cd=my_field; Pb=other'"),
    ],
)
def test_a_wrong_mapping_is_refused(mapping, message):
    with pytest.raises(InputError, match=message):
        parse_mapping(mapping, ["Cd", "Pb"])


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("mg/kg", "mg/kg"), ("MG KG-1", "mg/kg"), ("mg kg^-1", "mg/kg"), ("µg/g", "ug/g"), ("μg g⁻¹", "ug/g"),
        ("ug.L-1", "ug/L"), ("mg per kg", "mg/kg"), ("wt%", "%"), ("wt.%", "%"), ("percent", "%"), ("PPM", "ppm"),
        ("nmol/L", "nmol/L"), ("mg/kg dw", "mg/kg"),
    ],
)  # fmt: skip
def test_units_as_people_write_them(text, unit):
    assert parse_unit(text) == unit


@pytest.mark.parametrize(
    ("unit", "medium", "factor"),
    [
        ("mg/kg", "soil", 1), ("ug/g", "soil", 1), ("ppm", "soil", 1), ("ug/kg", "sediment", 1e-3),
        ("ppb", "soil", 1e-3), ("%", "soil", 1e4), ("g/kg", "soil", 1e3), ("ug/L", "water", 1), ("mg/L", "water", 1e3),
        ("ng/L", "water", 1e-3), ("ppm", "water", 1e3), ("ppb", "water", 1),
    ],
)  # fmt: skip
def test_factors_to_the_standard_unit(unit, medium, factor):
    assert factor_to_standard(unit, medium) == pytest.approx(factor, rel=1e-12)


def test_molar_units_take_the_atomic_weight():
    # 1 nmol/L of Cd is 112.41 ng/L
    assert to_standard([1.0, 10.0], "nmol/L", "water", "Cd") == pytest.approx([0.11241, 1.1241])


@pytest.mark.parametrize(
    ("unit", "medium", "message"),
    [
        ("ug/L", "soil", "ug/L of Cd does not fit soil"),
        ("mg/kg", "water", "mg/kg of Cd does not fit water"),
        ("furlongs", "soil", "'furlongs' is not a known unit"),
        ("mg/kg", "air", "'air' is not a medium"),
    ],
)
def test_a_unit_that_does_not_fit_is_refused(unit, medium, message):
    with pytest.raises(InputError, match=message):
        factor_to_standard(unit, medium, "Cd")


def test_levels_a_thousand_times_off_are_doubted():
    assert doubtful_level(0.3, "Cd", "soil") is None
    assert "Check the unit" in doubtful_level(300, "Cd", "soil")
    assert "Check the unit" in doubtful_level(7.0, "Al", "soil")
    assert doubtful_level(7.0, "Tl", "soil") is None
    assert doubtful_level(np.nan, "Cd", "soil") is None
