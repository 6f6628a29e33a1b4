"""The report on the number of factors."""

from dataclasses import replace

import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.pmf.factor_number import FactorNumberOptions, choose_factor_number
from coastal_hm_plugin.report import factor_number
from coastal_hm_plugin.report.document import Document
from tests.core.pmf_distinct import distinct

OPTIONS = FactorNumberOptions(2, 4, 10, 10, pmf.PmfOptions(starts=4))


@pytest.fixture(scope="module")
def found():
    return choose_factor_number(distinct(3, samples=60), OPTIONS)


def test_section_says_the_recommendation_first(found, tmp_path):
    section = factor_number.section(found, "soil")
    assert section.title == "Number of factors (PMF): soil"
    assert section.paragraphs[0].startswith(found.verdict()) and found.reasons[0] in section.paragraphs[0]
    assert [chart.name for chart in section.charts] == ["pmf_factor_number_soil"]
    text = Document("PMF", "soil", (section,)).write(tmp_path / "n.html").read_text(encoding="utf-8")
    assert "Least steady factor" in text and text.count("<svg") == 1


def test_panels_hold_the_criteria_at_every_number(found):
    panels = factor_number.criteria(found).axes
    assert len(panels) == 8
    table = found.table()
    for place, column in ((0, "q_robust_over_expected"), (3, "beyond_3_percent"), (5, "reproduced_percent")):
        line = panels[place].lines[0]
        assert line.get_xdata().tolist() == [2, 3, 4]
        assert list(line.get_ydata()) == pytest.approx(table[column].tolist())


def test_numbers_that_cannot_be_tested_or_recommended_are_drawn(found):
    last = replace(found.trials[-1], fall=float("nan"))
    none = replace(found, trials=(last,), number=None, clear=False)
    figure = factor_number.criteria(none)
    assert any(text.get_text() == "not to be tested" for panel in figure.axes for text in panel.texts)
    assert "(there is none)" in factor_number.section(none).charts[0].caption
