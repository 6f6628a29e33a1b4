"""Validation as the training tool offers it: the paper's way, a search, a learning curve, and too few sites."""

import json

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsProcessingException

from tests.processing.memory import frame, points


@pytest.fixture
def train(provider, tmp_path):
    import processing

    rng = np.random.default_rng(9)
    table = pd.DataFrame({"OM": rng.normal(size=45), "salinity": rng.normal(size=45)})
    table["PERI"] = 150 * np.exp(0.6 * table["OM"] + 0.2 * rng.normal(size=45))
    table["Cd"] = table["PERI"] / 100
    layer = points(table, 121 + rng.uniform(0, 1, 45), 39 + rng.uniform(0, 1, 45))

    def run(**parameters):
        files = {"MODEL": str(tmp_path / "m.json"), "REPORT": str(tmp_path / "m.html"), "PREDICTIONS": "memory:"}
        given = {"INPUT": layer, "TARGET": "PERI", "REPEATS": 1, "FOLDS": 3, "SCORES": "memory:", **files}
        return processing.run("coastalhm:trainriskmodel", {**given, **parameters})

    return run, tmp_path


def test_everything_that_can_be_asked_for_is_in_the_model_and_the_report(train):
    run, folder = train
    outputs = run(SEARCH=1, LEARNING_CURVE=True)
    kept = json.loads((folder / "m.sidecar.json").read_text(encoding="utf-8"))["validation"]
    assert kept["wu2025"]["circular"] == ["Cd"]
    assert len(kept["search"]["relative_loss"]) == 2 and min(kept["learning_curve"]["n_train"]) < 20
    report = (folder / "m.html").read_text(encoding="utf-8")
    for text in ("As in Wu et al. (2025) the score would be", "Parameters of the trees", "with fewer training sites"):
        assert text in report
    assert "Sites by observed and held-out predicted class" in report
    scores = frame(outputs["SCORES"])
    assert {"r2_low", "r2_high", "bias", "ccc", "ccc_low"} <= set(scores)
    assert "kriging" in set(scores["model"])


def test_the_paper_s_way_can_be_left_out(train):
    run, folder = train
    run(COMPARE_WU2025=False)
    assert "Wu et al. (2025) the score would be" not in (folder / "m.html").read_text(encoding="utf-8")


def test_too_few_sites_for_the_folds_leave_nothing_behind(train):
    run, folder = train
    few = pd.DataFrame({"PERI": np.arange(30.0), "OM": np.arange(30.0) % 7})
    with pytest.raises(QgsProcessingException, match="30 sites are too few for 20 folds"):
        run(FOLDS=20, INPUT=points(few, 121 + np.arange(30) / 100, np.full(30, 39.0)))
    assert not list(folder.iterdir())
