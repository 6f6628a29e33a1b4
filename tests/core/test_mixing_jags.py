"""The posterior beside that of JAGS: the same model written in BUGS, on the problems of benchmarks/mixing_jags.py.

mixing_jags.json holds the problems and JAGS's means and SDs, from 4 chains with an effective sample size of about 6000.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.mixing import MixingOptions, Sources, mixing_model

PROBLEMS = json.loads(Path(__file__).with_name("mixing_jags.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("problem", PROBLEMS, ids=[problem["name"] for problem in PROBLEMS])
def test_means_and_spreads_of_jags(problem):
    given = {name: problem[name] and np.array(problem[name]) for name in ("mean", "sd", "n", "concentration")}
    names, tracers = tuple("ABCD"[: len(given["mean"])]), tuple("abc"[: len(given["mean"][0])])
    mixtures = pd.DataFrame(problem["mixtures"], columns=list(tracers))
    options = MixingOptions(problem["error"], ess=4000, most_draws=20_000)
    table = mixing_model(mixtures, Sources(names, tracers, **given), options, problem["groups"]).table
    np.testing.assert_allclose(table["mean"], np.ravel(problem["jags_mean"]), rtol=0, atol=0.01)
    np.testing.assert_allclose(table["sd"], np.ravel(problem["jags_sd"]), rtol=0, atol=0.01)
