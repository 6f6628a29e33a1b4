"""EPA PMF 5.0's Grenoble data through qgis_process: a table without places, its own species and uncertainties."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import pmf

pytestmark = pytest.mark.acceptance

WEAK = ["PM10recons", "Cr"]


@pytest.fixture
def table(reference, tmp_path):
    """One CSV of concentrations and, with ``u_`` before the name, uncertainties not yet tripled for weak species."""
    folder = reference / "pmf_grenoble"
    concentrations = pd.read_csv(folder / "concentrations.csv", index_col=0)
    uncertainties = pd.read_csv(folder / "uncertainties.csv", index_col=0)
    uncertainties[WEAK] /= 3
    uncertainties.loc[10, "Ti"] = 0.18 * concentrations.loc[10, "Ti"]
    path = tmp_path / "grenoble.csv"
    concentrations.join(uncertainties.add_prefix("u_")).to_csv(path)
    return path, list(concentrations)


def test_pmf5s_solution_on_the_command_line(qgis_process, table, reference, tmp_path):
    path, species = table
    outputs = {name: tmp_path / f"{name.lower()}.csv" for name in ("CONTRIBUTIONS", "PROFILES", "RUNS")}
    done = qgis_process.run(
        "pmf",
        INPUT=path,
        FIELDS=";".join(species),
        UNCERTAINTIES="; ".join(f"{name}=u_{name}" for name in species),
        STRONG="; ".join(name for name in species if name not in WEAK),
        WEAK="; ".join(WEAK),
        TOTAL="PM10recons",
        FACTORS=11,
        REPORT=tmp_path / "pmf.html",
        **outputs,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    runs = pd.read_csv(outputs["RUNS"])
    assert (runs["q_robust"] <= 7035.9).sum() >= 18
    g = pd.read_csv(outputs["CONTRIBUTIONS"])[[f"factor{k}" for k in range(1, 12)]].to_numpy()
    theirs = pd.read_csv(reference / "pmf_grenoble" / "pmf5_contributions.csv", index_col=0).to_numpy()
    assert pmf.match_factors(g, theirs)[1].min() > 0.999
    assert len(pd.read_csv(outputs["PROFILES"])) == 11 * 36
    assert "Q(robust)" in (tmp_path / "pmf.html").read_text(encoding="utf-8")
    assert np.isfinite(g).all()


def test_an_impossible_model_ends_with_exit_code_1_and_no_file(qgis_process, table, tmp_path):
    path, species = table
    target = tmp_path / "contributions.gpkg"
    done = qgis_process.run("pmf", INPUT=path, FIELDS=";".join(species[:5]), FACTORS=9, CONTRIBUTIONS=target)
    assert done.returncode == 1
    assert "9 factors from 5 species" in done.stderr + done.stdout
    assert not target.exists()
