"""A report: sections of text, tables and charts, written as one self-contained HTML file."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..core.monitor import SILENT
from .style import save_png, to_svg

TEMPLATES = Path(__file__).parent.parent / "resources" / "templates"


@dataclass(frozen=True)
class Chart:
    """A figure with its caption. name: the stem of its PNG file; figure: a matplotlib Figure, or SVG once drawn."""

    name: str
    figure: object
    caption: str


@dataclass(frozen=True)
class Picture:
    """A PNG that is already a file (a map), embedded as it is."""

    path: object
    caption: str


@dataclass(frozen=True)
class Listing:
    """A table with its caption. digits: significant digits of the decimal numbers. emphasis: DataFrame of bool, shaped
    like the table, True where a value stands in bold italics; None for nowhere.
    """

    caption: str
    table: object
    digits: int = 3
    emphasis: object = None

    def rows(self):
        """Each row as pairs of a value and whether it is emphasised."""
        marks = self.emphasis.to_numpy(bool) if self.emphasis is not None else None
        for number, row in enumerate(self.table.itertuples(index=False, name=None)):
            yield list(zip(row, marks[number] if marks is not None else [False] * len(row)))


@dataclass(frozen=True)
class Section:
    """One part of a report. warnings are set apart so that nobody reads past them."""

    title: str
    paragraphs: tuple = ()
    listings: tuple = ()
    charts: tuple = ()
    warnings: tuple = ()
    pictures: tuple = ()


@dataclass(frozen=True)
class Document:
    """A whole report. facts: short label -> value pairs shown under the title."""

    title: str
    subtitle: str
    sections: tuple
    facts: dict = field(default_factory=dict)

    def drawn(self, figures_folder=None, monitor=SILENT):
        """The same document with its figures drawn, the slow part; with a folder also each as a 300 dpi PNG there."""
        if figures_folder is not None:
            Path(figures_folder).mkdir(parents=True, exist_ok=True)
        sections = []
        for section in self.sections:
            charts = []
            for chart in section.charts:
                monitor.check()
                if figures_folder is not None:
                    save_png(chart.figure, Path(figures_folder) / f"{chart.name}.png")
                charts.append(replace(chart, figure=to_svg(chart.figure)))
            sections.append(replace(section, charts=tuple(charts)))
        return replace(self, sections=tuple(sections))

    def write(self, path, figures_folder=None):
        """Write the HTML; with ``figures_folder`` also each chart as a 300 dpi PNG there."""
        if figures_folder is not None:
            return self.drawn(figures_folder).write(path)
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        html = _environment().get_template("report.html").render(document=self, anchor=_anchor)
        temporary = path.with_name(path.name + ".part")
        temporary.write_text(html, encoding="utf-8")
        os.replace(temporary, path)
        return path


def _environment():
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(TEMPLATES)), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["textual"] = _is_textual
    environment.filters.update(number=format_number, svg=_svg, png=_png)
    return environment


def _svg(figure):
    from markupsafe import Markup

    drawing = figure if isinstance(figure, str) else to_svg(figure)
    return Markup(drawing)  # our own drawing; matplotlib escapes its texts  # nosec B704


def _is_textual(column):
    import pandas as pd

    return not pd.api.types.is_numeric_dtype(column)


def _png(path):
    import base64

    return base64.b64encode(Path(path).read_bytes()).decode("ascii")


def _anchor(title):
    return "".join(c if c.isalnum() else "-" for c in title.lower()).strip("-")


def format_number(value, digits=3):
    """A value as a reader wants it: ``digits`` significant, an exponent only beyond 1e-4 and 1e6, a dash for none."""
    import numbers

    import pandas as pd

    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, numbers.Number):
        return str(value)
    if isinstance(value, numbers.Integral):
        return f"{value:,}"
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 10**digits and size < 1e6:
        return f"{value:,.0f}"
    text = f"{value:.{digits}g}"
    if "e" in text and 1e-4 <= size < 1e6:
        text = f"{value:f}".rstrip("0").rstrip(".")
    return text.replace("-", "−", 1) if value < 0 else text
