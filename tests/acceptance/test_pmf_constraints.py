"""A constrained run of EPA PMF 5.0 (Grenoble: 5 ratios, 8 maximal pulls, 6 zeros): the same constraints, here."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.pmf.rotation.constraints import constrain

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

WEAK = ("PM10recons", "Cr")
# GRE-cb_Constrained.xlsx, sheet Summary; its factors in the order of the base run
CONSTRAINTS = """
factor3: OC* - 0.44 EC -> 0; factor3: Cu/Fe -> 0.046; factor3: Cu/Mn -> 5.7; factor3: Cu/Sb -> 12.6
factor3: Cu/Sn -> 5.6
factor4: Levoglucosan up; factor4: Mannosan up; factor2: MSA up; factor2: Levoglucosan down; factor2: Mannosan down
factor3: Levoglucosan = 0; factor3: Mannosan = 0; factor9: Levoglucosan = 0; factor9: Mannosan = 0
factor10: Polyols up; factor10: Mannosan = 0; factor10: Levoglucosan = 0; factor10: EC down; factor11: Ti up
"""
LIMIT, DQ_ROBUST = 35.18, 180.82


@pytest.fixture(scope="module")
def theirs(reference):
    """PMF5's constrained profiles, 11 x 36."""
    openpyxl = pytest.importorskip("openpyxl")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(reference / "pmf_grenoble" / "GRE-cb_Constrained.xlsx", read_only=True)
    rows = [row for row in book["Profiles"].iter_rows(values_only=True, max_row=39) if row[0] is not None and row[1]]
    return pd.DataFrame({row[1]: row[2:13] for row in rows}, dtype=float)


@pytest.fixture(scope="module")
def found(reference):
    """The constraints applied to PMF5's own base run, polished."""
    folder = reference / "pmf_grenoble"
    x, u = (pd.read_csv(folder / f"{name}.csv", index_col=0) for name in ("concentrations", "uncertainties"))
    u[list(WEAK)] /= pmf.uncertainty.WEAK_FACTOR
    u.loc[10, "Ti"] = 0.18 * x.loc[10, "Ti"]  # printed as 0 / 0
    strong = tuple(name for name in x if name not in WEAK)
    data = pmf.prepare(x, None, u, pmf.UncertaintyRules(strong=strong, weak=WEAK, total="PM10recons"))
    result = pmf.factorize(data, pmf.PmfOptions(factors=11, starts=1, solver=pmf.SolverOptions(max_iterations=1)))
    g = pd.read_csv(folder / "pmf5_contributions.csv").filter(like="factor").to_numpy()
    f = pd.read_csv(folder / "pmf5_profiles.csv", index_col=0).to_numpy()
    solver = pmf.SolverOptions()
    fit = pmf.solve(data.fitted_x, data.fitted_u, g[None], f[None], replace(solver, warm_up=0))
    base = replace(result, options=replace(result.options, solver=solver), g=fit.g[0], f=fit.f[0])
    return constrain(data, base, CONSTRAINTS)


def test_every_pull_stays_within_epas_limit(found):
    table = found.to_frame()
    pulled = table["limit_percent"].notna()
    assert pulled.sum() == 13 and (table["dq"][pulled] <= LIMIT * 1.002).all()
    assert 0.005 * found.q_robust == pytest.approx(LIMIT, rel=0.002)
    # PMF5 spent less than half of what the limits allow together, this program about two thirds
    assert DQ_ROBUST < found.summary()["dq_robust"][0] < 13 * LIMIT


def test_zeros_and_ratios_are_met_as_there(found, theirs):
    table = found.to_frame().set_index("constraint")
    assert table["met"].drop("factor3: OC* - 0.44 EC -> 0 0.5 %").all()
    for species, ratio in (("Mn", 5.7), ("Sb", 12.6), ("Sn", 5.6)):
        assert theirs["Cu"][2] / theirs[species][2] == pytest.approx(ratio, rel=0.001)
        assert table["value"][f"factor3: Cu/{species} -> {ratio} 0.5 %"] == pytest.approx(ratio, rel=0.001)


def test_what_is_pulled_moves_as_there_and_the_profiles_come_nearer(found, theirs):
    names = list(found.base.data.fitted_species)
    there = theirs[names].to_numpy()
    for k, species in ((3, "Levoglucosan"), (3, "Mannosan"), (1, "MSA"), (9, "Polyols"), (9, "EC"), (10, "Ti")):
        j = names.index(species)
        here, base = found.result.f[k, j], found.base.f[k, j]
        assert (here - base) * (there[k, j] - base) > 0
    shares = [f / f.sum(axis=0) for f in (there, found.result.f, found.base.f)]
    assert np.abs(shares[1] - shares[0]).mean() < 0.013 < 0.019 < np.abs(shares[2] - shares[0]).mean()
