"""Risk models of the Jura topsoils: trained on 259 points, scored on 100 others that were never shown.

The 259 points are clustered, and rock and land use say little about Cd: with them a model of PERI does not hold on the
other points. What is asserted is that the tool says so beforehand, and that Co, which rock does tell, is predicted.
"""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import r2_score

from coastal_hm_plugin.core.risk_model import TrainingOptions, scores, train_risk_model
from scripts.evidence import chance_of, is_inside, on_hold_out, pasture_rows
from scripts.evidence import jura as survey_of

TOXIC_RESPONSE = {"Cd": 30, "Cu": 5, "Ni": 5, "Pb": 5, "Cr": 2, "Zn": 1}
FIELDS = ["Rock", "Landuse"]
pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def jura(reference):
    tables = [pd.read_csv(reference / "jura" / f"jura.{name}.csv") for name in ("pred", "val")]
    background = tables[0][list(TOXIC_RESPONSE)].median()
    return [t.assign(PERI=sum(tr * t[m] / background[m] for m, tr in TOXIC_RESPONSE.items())) for t in tables]


def scored(jura, target, predictors):
    train, held_out = jura
    x, y = train["long"].to_numpy(), train["lat"].to_numpy()
    model = train_risk_model(train, target, predictors, TrainingOptions(), x, y, "EPSG:4326")
    r2 = r2_score(held_out[target], model.predict(held_out).values)
    of_mean = r2_score(held_out[target], np.full(len(held_out), train[target].mean()))
    folds = model.scores_by_folds().set_index("model").loc["XGBoost"]
    print(
        f"\n{target} from {', '.join(predictors)}: R2 on 100 other points {r2:.2f} (mean of the 259: {of_mean:.2f}); "
        f"promised by random folds {folds['r2_random']:.2f}, by spatial blocks {folds['r2_spatial']:.2f}. "
        f"{model.skill.sentence}"
    )
    return model, r2, of_mean, folds


def test_peri_is_not_predicted_and_the_verdict_says_so_beforehand(jura):
    for predictors in (FIELDS, [*FIELDS, "Xloc", "Yloc"]):
        model, r2, of_mean, folds = scored(jura, "PERI", predictors)
        assert r2 < of_mean
        assert not model.skill.has_skill
        assert folds["r2_spatial"] < folds["r2_random"]


def test_cobalt_is_predicted_about_as_well_as_spatial_blocks_promise(jura):
    model, r2, of_mean, folds = scored(jura, "Co", FIELDS)
    assert model.skill.has_skill
    assert r2 > of_mean + 0.15
    assert abs(r2 - folds["r2_spatial"]) < abs(r2 - folds["r2_random"])
    model, r2, _, folds = scored(jura, "Co", [*FIELDS, "Xloc", "Yloc"])
    assert model.skill.has_skill
    assert abs(r2 - folds["r2_spatial"]) < abs(r2 - folds["r2_random"])


def test_the_metals_themselves_are_not_taken_as_predictors(jura):
    train = jura[0]
    model = train_risk_model(train, "PERI", None, TrainingOptions(repeats=1))
    assert set(model.circular) == set(TOXIC_RESPONSE)
    assert not {"Xloc", "Yloc", "long", "lat"} & set(model.inputs["predictor"])
    paper = train_risk_model(train, "PERI", None, TrainingOptions(repeats=1, selection="wu2025"))
    print(f"\nPERI from its own metals, as in Wu et al. (2025): R2 {paper.scores['r2'][0]:.2f}")
    assert paper.scores["r2"][0] > 0.8


@pytest.fixture(scope="module")
def survey(reference, tmp_path_factory):
    return survey_of(reference, tmp_path_factory.mktemp("jura"))


@pytest.mark.parametrize("target", ["Co", "Ni"])
def test_what_has_skill_holds_on_the_other_points(survey, target):
    """The score and the error on the 100 points lie in the intervals that spatial blocks of the 259 promise."""
    model = survey.model(target, repeats=2, matched=True)
    held_out = on_hold_out(survey, target, model)[scores.XGBOOST]
    assert model.skill.has_skill
    assert is_inside(model, held_out) and is_inside(model, held_out, "rmse")
    r2 = model.scores.set_index(["model", "folds"]).loc[scores.XGBOOST, "r2"]
    assert r2["random"] > r2["spatial"] - 0.02 and r2["matched"] > r2["spatial"] - 0.05


def test_why_peri_fails_on_the_other_points(survey):
    """Pasture is polluted on the 259 points and not on the 100: no folds of the 259 can know, and it is not chance."""
    model = survey.model("PERI", repeats=2)
    held_out = on_hold_out(survey, "PERI", model)[scores.XGBOOST]
    assert not model.skill.has_skill
    assert not is_inside(model, held_out)
    assert np.mean(chance_of(survey, model, "PERI", draws=100) <= held_out["r2"]) < 0.05
    here, there = ([float(row[5].split()[0]), float(row[8].split()[0])] for row in pasture_rows(survey))
    assert here == pytest.approx([78.3, 53.5], abs=0.1) and there == pytest.approx([51.8, 56.5], abs=0.1)
    alone = survey.model("PERI", ["Landuse"], repeats=1), survey.model("PERI", ["Rock"], repeats=1)
    land_use, rock = (on_hold_out(survey, "PERI", each)[scores.XGBOOST]["r2"] for each in alone)
    assert land_use < -0.2 < rock
