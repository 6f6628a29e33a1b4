"""The report on groups compared."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.statistics import GroupOptions, compare_groups
from coastal_hm_plugin.report import groups
from coastal_hm_plugin.report.document import Document


@pytest.mark.parametrize("method", ["kruskal", "welch"])
def test_section_says_n_and_method(method, tmp_path):
    rng = np.random.default_rng(1)
    names = np.repeat(["Haihe", "Yalu <b>"], 12)
    values = pd.DataFrame({"Cd": rng.normal(size=24) + 4 * (names == "Haihe"), "Pb": rng.normal(size=24)})
    part = groups.section(compare_groups(values, names, GroupOptions(method)), {"Cd": "mg/kg"}, "24 sites")
    assert "n = 24" in part.charts[0].caption
    assert ("Dunn" if method == "kruskal" else "Games and Howell") in part.charts[0].caption
    assert part.paragraphs[1].startswith("1 of 2 variables differ between the groups: Cd;")
    texts = {text.get_text() for panel in part.charts[0].figure.axes for text in panel.texts}
    assert texts == {"a", "b"}
    html = Document("Groups", "", (part,)).write(tmp_path / "r.html").read_text(encoding="utf-8")
    assert "Yalu &lt;b&gt;" in html and "<b>" not in html


def test_many_variables_take_several_figures():
    values = pd.DataFrame(np.random.default_rng(1).normal(10, 1, (20, 14)), columns=[f"v{i}" for i in range(14)])
    values["v0"] *= np.logspace(0, 6, 20)
    charts = groups.charts(compare_groups(values, np.repeat(list("ab"), 10)))
    assert [chart.name for chart in charts] == ["groups", "groups_2"]
    assert charts[0].figure.axes[0].get_yscale() == "log" and charts[0].figure.axes[1].get_yscale() == "linear"
