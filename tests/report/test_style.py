"""Letters of figures: Chinese names are drawn, without boxes and without complaints."""

import warnings

import numpy as np
import pytest

from coastal_hm_plugin.report import style


def bars(*names):
    figure, axes = style.new_figure(120, 60)
    axes.bar(range(len(names)), range(1, len(names) + 1), label=names[0])
    axes.set_xticks(range(len(names)))
    axes.set_xticklabels(names)
    axes.set_title(names[0])
    axes.set_ylabel(f"{names[-1]} (mg/kg)")
    axes.legend()
    return figure


@pytest.fixture
def chinese_letters():
    if len(style.letters()) == 1:
        pytest.skip("no font with Chinese letters is installed, such as fonts-wqy-microhei")


def test_only_fonts_that_are_there_are_asked_for():
    from matplotlib.font_manager import fontManager

    assert style.letters()[0] == "DejaVu Sans"
    assert set(style.letters()) <= {font.name for font in fontManager.ttflist}


def test_latin_letters_do_not_depend_on_the_fonts_of_the_machine(monkeypatch):
    here = style.to_svg(bars("Yalu", "Haihe"))
    monkeypatch.setattr(style, "CHINESE_LETTERS", ())
    assert style.to_svg(bars("Yalu", "Haihe")) == here


def test_chinese_names_are_drawn(chinese_letters, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of each glyph that it has not
        figure = bars("鸭绿江口", "海河", "黄河口 Yellow")
        style.save_png(figure, tmp_path / "鸭绿江 图.png", dpi=100)
        first = style.to_svg(figure)
        second = style.to_svg(bars("长江口吴", "海河", "黄河口 Yellow"))
    assert (tmp_path / "鸭绿江 图.png").exists()
    # boxes for both would be alike
    assert first != second


def test_each_chinese_letter_has_a_shape_of_its_own(chinese_letters):
    def drawn(name):
        figure, axes = style.new_figure(30, 30)
        axes.set_axis_off()
        axes.text(0.5, 0.5, name)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            style.to_svg(figure)
        figure.canvas.draw()
        return np.asarray(figure.canvas.buffer_rgba()).copy()

    assert (drawn("镉") != drawn("汞")).any()


def test_a_chinese_letter_takes_more_room():
    assert style.text_width("Yalu") == 4
    assert style.text_width("鸭绿江口") == pytest.approx(20 / 3)
