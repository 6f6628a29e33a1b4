"""Reference values: printed numbers, each with a source, and the paper's own means."""

import pandas as pd
import pytest

from coastal_hm_plugin.core import reference_values
from coastal_hm_plugin.core.errors import InputError

EIGHT = {"As", "Cd", "Cr", "Cu", "Hg", "Ni", "Pb", "Zn"}


def test_every_value_has_a_source_and_is_positive():
    table = reference_values.backgrounds()
    assert (table["value"] > 0).all() and (table["unit"] == "mg/kg").all()
    assert (table["source"].str.len() > 20).all()
    assert not table.duplicated(["name", "element"]).any()
    assert set(table["medium"]) == {"soil", "sediment", "any"}


def test_table_s7_means_are_the_means_of_its_regions():
    table = reference_values.backgrounds().pivot_table(index="name", columns="element", values="value")
    soils = table.loc[["liaoning_soil", "hebei_soil", "tianjin_soil", "shandong_soil", "jiangsu_soil"], list(EIGHT)]
    printed = table.loc["wu2025_soil_mean", list(EIGHT)]
    pd.testing.assert_series_equal(soils.mean(), printed, check_names=False, rtol=2e-3)
    seas = table.loc[["bohai_sea_sediment", "yellow_sea_sediment"], list(EIGHT)]
    pd.testing.assert_series_equal(
        seas.mean(), table.loc["wu2025_sediment_mean", list(EIGHT)], check_names=False, rtol=6e-3
    )


def test_background_by_name():
    crust = reference_values.background("upper_crust")
    assert crust[["Cd", "Hg", "Pb"]].tolist() == [0.09, 0.05, 17.0]
    assert "Ni" not in reference_values.background("hakanson1980")
    with pytest.raises(InputError, match=r"no background table 'moon'\. Known: wu2025_soil_mean"):
        reference_values.background("moon")


def test_order_of_the_tables_is_an_interface():
    assert list(reference_values.background_titles()) == [
        "wu2025_soil_mean", "wu2025_sediment_mean", "liaoning_soil", "hebei_soil", "tianjin_soil", "shandong_soil",
        "jiangsu_soil", "bohai_sea_sediment", "yellow_sea_sediment", "upper_crust", "hakanson1980",
    ]  # fmt: skip


def test_toxic_response_and_guidelines():
    response = reference_values.toxic_response()
    assert response.to_dict() == {"As": 10, "Cd": 30, "Cr": 2, "Cu": 5, "Hg": 40, "Ni": 5, "Pb": 5, "Zn": 1}
    levels = reference_values.sediment_quality()
    assert set(levels.index) == EIGHT and (levels["TEL"] < levels["PEL"]).all()
    assert (levels["ERL"] < levels["ERM"]).all()
