"""Compositions drawn beside mixtures."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.mixing import lead_isotopes, plotted_tracers, reference_points


def test_table_s2_as_printed():
    table = lead_isotopes().set_index("name")
    assert len(table) == 8 and table["source"].str.contains("doi:").all()
    assert table.loc["Coal", ["206Pb/207Pb", "208Pb/206Pb"]].tolist() == [1.13, 2.14]
    assert table.loc["Deep soil", ["206Pb/207Pb", "206Pb/207Pb_sd"]].tolist() == [1.19, 0.014]
    assert table.loc[table["kind"] == "emission", "206Pb/207Pb_sd"].isna().all()
    for _, row in table.iterrows():  # 206/207 x 208/206 is 208/207: natural lead lies between 2.3 and 2.6
        assert 2.3 < row["206Pb/207Pb"] * row["208Pb/206Pb"] < 2.6


def test_lead_goes_on_its_usual_axes_whatever_the_order():
    assert plotted_tracers(("Cd", "r208_206", "Pb206/Pb207")) == ("Pb206/Pb207", "r208_206")
    assert plotted_tracers(("d13C", "d15N", "d34S")) == ("d13C", "d15N")
    found = reference_points(("r208_206", "r206_207"))
    assert found[["r206_207", "r208_206"]].iloc[0].tolist() == [1.13, 2.14]
    assert len(reference_points(("d13C", "d15N"))) == 0 and len(reference_points(("206Pb/207Pb",))) == 0


def test_a_table_of_ones_own():
    table = pd.DataFrame({"Source": ["Ore", "Paint"], "D13C": ["-20", ""], "d15N": [5.0, 6.0]})
    found = reference_points(("d13C", "d15N"), table)
    assert found["name"].tolist() == ["Ore"] and found["d13C"].tolist() == [-20.0]
    assert np.isnan(found["d13C_sd"][0])
    with pytest.raises(InputError, match="reference values have no field d15N"):
        reference_points(("d13C", "d15N"), table.drop(columns="d15N"))
    with pytest.raises(InputError, match="D13C of the reference values: rows 2 are not numbers"):
        reference_points(("d13C", "d15N"), table.assign(D13C=["1", "x"]))
