"""Reports: numbers as a reader wants them, text escaped, one file that stands alone."""

import math

import pandas as pd
import pytest

from coastal_hm_plugin.report.document import Chart, Document, Listing, Section, format_number
from coastal_hm_plugin.report.style import new_figure


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.10834, "0.108"),
        (23.291, "23.3"),
        (1234.5, "1,234"),
        (0.00002345, "2.35e-05".replace("-", "-")),
        (0.000123, "0.000123"),
        (-1.5, "−1.5"),
        (0.0, "0"),
        (math.nan, "–"),
        (None, "–"),
        (103, "103"),
        (1_000_000, "1,000,000"),
        ("Low", "Low"),
        (True, "yes"),
        (False, "no"),
    ],
)
def test_numbers_are_shown_with_sensible_digits(value, text):
    assert format_number(value) == text


def _document(text):
    figure, axes = new_figure(height_mm=60)
    axes.plot([0, 1], [0, 1])
    listing = Listing("Baselines", pd.DataFrame({"element": ["Cd", text], "central": [0.1, math.nan]}))
    chart = Chart("line", figure, f"A line; {text}")
    section = Section("Baselines", (text,), (listing,), (chart,), (f"Careful: {text}",))
    return Document("Report", text, (section,), {"Sites": 103})


def test_text_from_layers_is_escaped(tmp_path):
    _document("<script>alert(1)</script>").write(tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 5


def test_the_report_stands_alone(tmp_path):
    _document("plain").write(tmp_path / "report.html", tmp_path / "figures")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<svg" in html
    assert 'src="http' not in html and 'href="http' not in html
    assert (tmp_path / "figures" / "line.png").stat().st_size > 5_000
    assert sorted(path.name for path in tmp_path.iterdir()) == ["figures", "report.html"]


def test_the_same_report_has_the_same_bytes(tmp_path):
    for name in ("a.html", "b.html"):
        _document("plain").write(tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
