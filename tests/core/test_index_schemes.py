"""Classes of every index, and those of what a model predicts: printed limits, with their sources."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import reference_values
from coastal_hm_plugin.core.index_schemes import index_schemes, scheme_of_target
from coastal_hm_plugin.core.indices import IndexOptions, pollution_indices
from coastal_hm_plugin.core.risk_model import circular_predictors

LIMITS = {
    "CF": (1, 3, 6),
    "Er": (40, 80, 160, 320),
    "Igeo": (0, 1, 2, 3, 4, 5),
    "EF": (2, 5, 20, 40),
    "PLI": (1,),
    "Nemerow": (0.7, 1, 2, 3),
    "mCd": (1.5, 2, 4, 8, 16, 32),
    "mPELQ": (0.1, 1.5, 2.3),
    "mERMQ": (0.1, 0.5, 1.5),
}


def test_the_printed_limits_each_with_a_source():
    schemes = index_schemes()
    assert {name: scheme.limits for name, scheme in schemes.items()} == LIMITS
    for row in reference_values.index_classes():
        assert len(row["source"]) > 20 and row["cited_as"] and row["class_name"]
    for name, scheme in schemes.items():
        assert len(scheme.class_names) == len(scheme.colours) == len(set(scheme.colours)) == len(scheme.limits) + 1
        assert scheme.label.startswith(f"{name}, class limits ")


@pytest.mark.parametrize(
    ("target", "medium", "limits"),
    [
        ("Igeo_Cd", None, LIMITS["Igeo"]),
        ("soil_CF_Pb", None, LIMITS["CF"]),
        ("EF_Hg", "soil", LIMITS["EF"]),
        ("Er_As", None, LIMITS["Er"]),
        ("PLI", None, (1,)),
        ("PLI_sediment", None, (1,)),
        ("Nemerow", None, LIMITS["Nemerow"]),
        ("mERMQ", None, LIMITS["mERMQ"]),
        ("Cd_sediment", None, (0.676, 4.21)),
        ("Cd", "sediment", (0.676, 4.21)),
        ("pb_mgkg", "sediment", (30.24, 112.18)),
    ],
)
def test_a_target_takes_the_classes_of_its_index(target, medium, limits):
    scheme = scheme_of_target(target, medium)
    assert scheme.limits == limits and scheme.label.startswith(f"{target}, class limits ")


@pytest.mark.parametrize(
    ("target", "medium"),
    [("PERI", None), ("Cd", None), ("Cd", "soil"), ("Cd_soil", "sediment"), ("Al", "sediment"), ("Cd_ugkg", "sediment"),
     ("log_Cd", "sediment"), ("mTELQ", None), ("PLI_class", None), ("pH", None), ("yield", "sediment"), ("Igeo", None)],
)  # fmt: skip
def test_other_targets_have_none(target, medium):
    assert scheme_of_target(target, medium) is None


@pytest.fixture
def computed():
    """Every index of 40 sites, with the concentrations beside, as the tool writes them."""
    rng = np.random.default_rng(4)
    background = reference_values.background("upper_crust")
    elements = ["As", "Cd", "Cr", "Cu", "Hg", "Ni", "Pb", "Zn", "Al"]
    table = pd.DataFrame({one: background[one] * rng.lognormal(0.3, 0.7, 40) for one in elements})
    found = pollution_indices(table, background, IndexOptions(reference_element="Al", guidelines=True))
    return found, table


def test_shares_of_the_classes_of_every_index(computed):
    found, _ = computed
    shares = found.class_shares()
    sums = shares.groupby("index_name")[["sites", "share_percent"]].sum()
    assert (sums["sites"] == 40).all() and np.allclose(sums["share_percent"], 100)
    assert {"PERI", "Er_Cd", "CF_Al", "Igeo_Zn", "EF_Hg", "PLI", "Nemerow", "mCd", "mPELQ", "mERMQ"} <= set(sums.index)
    igeo = shares[shares["index_name"] == "Igeo_Cd"].set_index("class_number")
    assert igeo.loc[1, "sites"] == (found.igeo["Cd"] < 0).sum() and np.isnan(igeo.loc[1, "lower"])
    assert igeo.loc[2, "sites"] == ((found.igeo["Cd"] >= 0) & (found.igeo["Cd"] < 1)).sum()
    polluted = shares[shares["index_name"] == "PLI"]["sites"].tolist()
    assert polluted == [(found.site["PLI"] < 1).sum(), (found.site["PLI"] >= 1).sum()]


def test_shares_above_the_guidelines(computed):
    found, table = computed
    above = found.guideline_shares().set_index("element")
    assert "Al" not in above.index and (above["n"] == 40).all()
    assert above.loc["Ni", "above_ERL"] == pytest.approx(100 * (table["Ni"] > 20.9).mean())
    assert above.loc["Cd", "above_PEL"] == pytest.approx(100 * (table["Cd"] > 4.21).mean())
    assert (above["above_TEL"] >= above["above_PEL"]).all() and (above["above_ERL"] >= above["above_ERM"]).all()


INDICES = {"PERI", "PERI_class", "PERI_class_name", "PERI_scheme", "PLI", "Nemerow", "mCd", "mTELQ", "mPELQ", "mERLQ",
           "mERMQ"}  # fmt: skip


@pytest.mark.parametrize(
    "target", ["Cd", "CF_Cd", "Er_Cd", "Igeo_Cd", "EF_Cd", "PLI", "Nemerow", "mCd", "mERMQ", "PERI"]
)
def test_what_each_target_is_computed_from_is_left_out(computed, target):
    found, table = computed
    names = [*table, *found.to_frame(), "pH", "ndvi", "factor_1", "Cd_water"]
    circular = {entry.name for entry in circular_predictors(names, target)}
    every = {name for name in names if name.split("_")[0] in ("CF", "Er", "Igeo", "EF")}
    of_cadmium = {"Cd", *(name for name in every if name.endswith("_Cd"))}
    if target in INDICES:
        expected = {"factor_1", *INDICES, *(name for name in {*every, *table} if not name.endswith("Al"))}
    else:
        expected = {"factor_1", *INDICES, *of_cadmium}
        expected |= {name for name in {*every, *table} if name.endswith("Al")} if target == "EF_Cd" else set()
    assert circular == expected - {target}


def test_an_element_that_peri_sums_beside_the_eight_is_circular():
    circular = [entry.name for entry in circular_predictors(["Co", "CF_Co", "Er_Co", "Al"], "PERI")]
    assert circular == ["Co", "CF_Co", "Er_Co"]
    assert circular_predictors(["Co", "CF_Co"], "PERI") == ()
