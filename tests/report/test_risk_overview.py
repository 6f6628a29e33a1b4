"""All risk models on one page, and the sentence on what each may be used for."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.covariates import Covariate, Manifest
from coastal_hm_plugin.core.explain import explain_risk_model
from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model
from coastal_hm_plugin.report.risk_overview import overview_figure, permitted_use, section


@pytest.fixture(scope="module")
def models():
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"industry": rng.uniform(0, 1, 80), "noise": rng.normal(size=80)})
    table["PERI"] = np.exp(4 + 2 * table["industry"] + rng.normal(0, 0.1, 80))
    x, y = rng.uniform(0, 50_000, (2, 80))
    options = TrainingOptions(repeats=1, n_trees=50)
    rasters = Manifest((Covariate("industry", "industry.tif"), Covariate("noise", "noise.tif")))
    found = {}
    for name, manifest in (("soil, at the sites", None), ("soil, on the map", rasters)):
        model = train_risk_model(table, "PERI", ["industry", "noise"], options, x, y, manifest=manifest)
        found[name] = SimpleNamespace(model=model, explanation=explain_risk_model(model, table))
    return found


def test_each_model_says_what_it_may_be_used_for(models):
    site, mapped = (trained.model for trained in models.values())
    assert "may not be drawn as a map" in permitted_use(site)
    assert "may not be used to judge a single parcel" in permitted_use(mapped)
    without = replace(mapped, skill=replace(mapped.skill, has_skill=False))
    assert permitted_use(without).startswith("may not be used as a prediction")


def test_a_row_of_panels_for_each_model(models):
    figure = overview_figure(models)
    assert len(figure.axes) == 6
    assert figure.axes[0].get_title(loc="left") == "A  Soil, at the sites"
    page = section(models)
    assert len(page.paragraphs) == 2 and page.paragraphs[0].startswith("Soil, at the sites: may be used")
