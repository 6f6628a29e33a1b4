"""The look of every figure: sizes in millimetres, one colour-blind-safe palette, SVG and PNG without pyplot."""

import io
import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from unicodedata import east_asian_width

# Okabe and Ito (2008), black last
PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000"]
GREY = "#6b7280"
MM_PER_INCH = 25.4
LETTERS = "DejaVu Sans"
# for what that has no glyphs of: those of Windows, macOS and Linux, the plainest first
CHINESE_LETTERS = (
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Arial Unicode MS",
    "Source Han Sans SC",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Noto Sans CJK JP",  # how matplotlib names the file of all Noto's Han letters
)
_RC = {
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "svg.fonttype": "path",
    "svg.hashsalt": "coastalhm",  # the same figure gives the same bytes
}


def letters():
    """Font families for texts: DejaVu Sans, then fonts with Chinese glyphs, as far as they are installed.

    matplotlib 3.6 and newer take each glyph from the first family that has it; a family that is not there would be
    complained of at every text.
    """
    return [LETTERS, *(name for name in CHINESE_LETTERS if name in _installed_fonts())]


@lru_cache(maxsize=1)
def _installed_fonts():
    from matplotlib.font_manager import findSystemFonts, fontManager

    if {font.name for font in fontManager.ttflist}.isdisjoint(CHINESE_LETTERS):
        # matplotlib keeps its list between runs: what was installed since is not in it
        for path in set(findSystemFonts()) - {font.fname for font in fontManager.ttflist}:
            with suppress(OSError, RuntimeError):  # a font that matplotlib cannot read is none for it
                fontManager.addfont(path)
    return {font.name for font in fontManager.ttflist}


def text_width(text):
    """About how many Latin letters are as wide as this text; a Chinese one is a square."""
    return sum(5 / 3 if east_asian_width(letter) in "WF" else 1 for letter in str(text))


def _settings():
    return {**_RC, "font.family": letters()}


def new_figure(width_mm=180, height_mm=90, rows=1, columns=1, **subplots):
    """A matplotlib Figure with its axes (one, or an array of rows x columns), in this project's style."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_settings()):
        figure = Figure(figsize=(width_mm / MM_PER_INCH, height_mm / MM_PER_INCH), layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.subplots(rows, columns, **subplots)
    return figure, axes


def to_svg(figure):
    """The figure as SVG text, without the XML header, ready to stand in HTML."""
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context(_settings()):
        _lay_out(figure)
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    content = buffer.getvalue()
    return content[content.index("<svg") :]


def save_png(figure, path, dpi=300):
    """Write the figure as PNG, under a temporary name first."""
    import matplotlib

    path = Path(path)
    temporary = path.with_name(path.name + ".part")
    with matplotlib.rc_context(_settings()):
        _lay_out(figure)
        figure.savefig(temporary, format="png", dpi=dpi)
    os.replace(temporary, path)


def _lay_out(figure):
    """Place everything once; drawing it in another format then need not measure every label again."""
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.text import Text

    # titles and labels are made after new_figure's settings have ended
    for text in figure.findobj(Text):
        if text.get_fontfamily() == ["sans-serif"]:
            text.set_fontfamily(letters())
    if isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine):
        # so are legends
        for legend in [*figure.legends, *(axes.get_legend() for axes in figure.axes)]:
            if legend is not None:
                legend.set_frame_on(False)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
