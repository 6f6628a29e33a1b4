"""Columns of a table as variables: what is recognised, non-detects, what is refused."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.statistics import read_variables

TABLE = pd.DataFrame(
    {
        "Cd_soil": ["<0.1", 0.2, 0.3, None],
        "Pb_soil": [10.0, 20.0, 30.0, 40.0],
        "Pb_soil_mdl": [15.0] * 4,
        "Hg_sed (ug/kg)": [10.0, 20.0, 30.0, 40.0],
        "pH": [7.0, 7.5, 8.0, 8.1],
        "slope": [1.0, 2.0, 3.0, 4.0],
        "site": list("abcd"),
        "nothing": [None] * 4,
    }
)


def test_concentrations_and_properties_are_recognised():
    found = read_variables(TABLE)
    assert found.names == ("Cd_soil", "Pb_soil", "Hg_sed (ug/kg)", "pH")
    assert found.compositions == (("Cd_soil", "Pb_soil"), ("Hg_sed (ug/kg)",))
    assert found.units["Hg_sed (ug/kg)"] == "ug/kg"
    assert read_variables(TABLE, without=("pH",)).names == found.names[:3]


def test_nondetects_are_substituted_and_counted():
    found = read_variables(TABLE, ["Cd_soil", "Pb_soil"])
    assert found.values["Cd_soil"].tolist()[:3] == [0.05, 0.2, 0.3]
    assert found.values["Pb_soil"].tolist() == [7.5, 20, 30, 40]  # 10 lies below the limit beside it
    summary = found.summary().set_index("variable")
    assert summary["nondetects"].tolist() == [1, 1] and summary["missing"].tolist() == [1, 0]
    assert np.isnan(read_variables(TABLE, ["Cd_soil"], "drop").values["Cd_soil"][0])
    assert [loss.column for loss in found.losses].count("Cd_soil") >= 1


def test_any_numeric_field_may_be_chosen():
    assert read_variables(TABLE, ["slope"]).values["slope"].tolist() == [1, 2, 3, 4]


def test_mostly_nondetects_are_warned_of():
    found = read_variables(pd.DataFrame({"Cd": ["<0.1", "<0.1", "<0.1", 0.4]}))
    assert "Cd: 75% of the results are non-detects." in found.warnings


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["As"], "There is no field 'As'. The fields are: Cd_soil"),
        (["site"], "'site' holds text"),
        (["nothing"], "'nothing' has no value in any row"),
        (["pH", "pH"], "'pH' is chosen twice"),
    ],
)
def test_what_is_refused(names, message):
    with pytest.raises(InputError, match=message):
        read_variables(TABLE, names)


def test_a_table_without_any_must_be_told():
    with pytest.raises(InputError, match=r"Choose the fields to use\. The fields are: slope, site"):
        read_variables(TABLE[["slope", "site"]])
