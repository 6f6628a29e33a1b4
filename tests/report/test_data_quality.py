"""The report's section on its data."""

import numpy as np
import pandas as pd

from coastal_hm_plugin.core.samples import read_samples
from coastal_hm_plugin.report import data_quality
from coastal_hm_plugin.report.document import Document


def _samples(medium="soil", **columns):
    x, y = np.array([121.0, 121.1, 121.2]), np.array([39.0, 39.1, 39.2])
    return read_samples(pd.DataFrame(columns), x, y, "EPSG:4326", medium)


def test_nondetects_losses_and_warnings_are_shown(tmp_path):
    soil = _samples(Cd=["<0.1", "<0.1", 0.3], Pb=[20, "lost", 30])
    water = _samples("water", Pb=[0.1, 0.2, np.nan])
    part = data_quality.section(soil, water)
    results = part.listings[0].table.set_index("element")
    assert results.loc["Cd", "share of non-detects"] == "67%"
    assert results.loc["Pb", "missing"] == 1
    losses = part.listings[2].table
    assert losses["medium"].tolist() == ["soil", "water"]
    assert losses["rows"].tolist() == ["2", "3"]
    assert any("67% of the results are non-detects" in text for text in part.warnings)
    assert [chart.name for chart in part.charts] == ["nondetects"]
    path = Document("Data", "", (part,)).write(tmp_path / "report.html")
    assert "such as &#39;lost&#39;" in path.read_text(encoding="utf-8")


def test_clean_data_say_so():
    part = data_quality.section(_samples(Cd=[0.1, 0.2, 0.3]))
    assert part.paragraphs[-1] == "Every value was a plain number."
    assert not part.charts and not part.warnings


def test_every_way_of_substitution_has_its_words():
    samples = _samples(Cd=["<0.1", 0.2, 0.3])
    for way in ("half", "sqrt2", "zero", "drop"):
        assert "detection limit" in data_quality.section(samples, nondetects=way).paragraphs[0]
