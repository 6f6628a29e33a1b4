"""The section and the path diagram of a structural equation model."""

import re

import pandas as pd
import pytest

from coastal_hm_plugin.core import sem
from coastal_hm_plugin.report import sem as report
from coastal_hm_plugin.report.document import Document
from coastal_hm_plugin.report.sem_diagram import path_diagram
from coastal_hm_plugin.report.sem_layout import lay_out
from tests.core.test_sem_fit import MODEL, coast

MODELS = {
    "media": MODEL,
    "factors": "a =~ OM_soil + Cd_soil + Ni_soil\nb =~ OM_sed + Cd_sed + Ni_sed\nc =~ Cd_water + Pb_water + Ni_water",
    "chain": "a =~ OM_soil + Cd_soil + Ni_soil\nb =~ OM_sed + Cd_sed + Ni_sed\nc =~ Cd_water + Pb_water + Ni_water\n"
    "b ~ a\nc ~ b + a\nOM_soil ~~ OM_sed\nCd_water ~~ Ni_water\nCd_sed ~~ Ni_sed",
    "paths": "Cd_sed ~ OM_sed + Cd_soil\nCd_water ~ Cd_sed + pH_water\nPb_water ~ Cd_sed",
    "second order": "a =~ OM_soil + Cd_soil + Ni_soil\nb =~ Cd_sed + OM_sed + Ni_sed\n"
    "c =~ pH_water + Pb_water + Ni_water\ng =~ a + b + c",
    "circle": "Cd_sed ~ Cd_water + OM_sed\nCd_water ~ Cd_sed + pH_water\nCd_sed ~~ 0*Cd_water",
}


@pytest.mark.parametrize("name", MODELS)
def test_everything_stands_within_the_diagram_and_apart(name):
    fitted = sem.fit(MODELS[name], coast(2, 400))
    rows = [(one.lhs, one.op, one.rhs) for one in fitted.structure.relations if one.lhs != one.rhs and one.op != "~1"]
    layout = lay_out(rows, fitted.specification.latent)
    assert set(layout.places) == {*fitted.specification.observed, *fitted.specification.latent}
    places = list(layout.places.values())
    assert all(11 <= x <= layout.width - 11 and 3 <= y <= layout.height - 3 for x, y in places)
    for number, (x, y) in enumerate(places):
        assert all(abs(x - other) >= 23 or abs(y - height) >= 8 for other, height in places[:number])


def test_colour_width_and_opacity_tell_size_sign_and_certainty():
    fitted = sem.fit(MODEL, coast(2))
    figure = path_diagram(fitted)
    arrows = [one for one in figure.axes[0].patches if type(one).__name__ == "FancyArrowPatch"]
    assert len(arrows) == 18
    table = fitted.standardized()
    table = table[(table["lhs"] != table["rhs"])].reset_index(drop=True)
    for row, arrow in zip(table.itertuples(), arrows):
        red, _, blue, opacity = arrow.get_edgecolor()
        assert (blue > red) == (row.est > 0)
        assert arrow.get_linewidth() == pytest.approx(0.5 + 3.1 * min(abs(row.est), 1))
        assert opacity == (1.0 if row.p < 0.05 else 0.6 if row.p < 0.1 else 0.3)


def test_the_section_says_what_was_found(tmp_path):
    fitted = sem.fit(MODEL.replace("sediment ~~ water", "water ~ sediment"), coast(2), sem.FitOptions(bootstrap=20))
    section = report.section(fitted)
    indices = section.listings[0].table.set_index("Index")["Value"]
    assert indices["Degrees of freedom of the model"] == 87
    assert indices["Degrees of freedom of the baseline model"] == 105
    assert indices["CFI"] == pytest.approx(fitted.fit_indices()["cfi"])
    captions = " ".join(one.caption for one in section.listings)
    for word in ("Loadings", "Regressions", "variance explained", "indirect", "Modification indices"):
        assert word in captions
    assert any(re.search(r"Small sample: 103 rows for 33", one) for one in section.warnings)
    assert any("df = 87" in one for one in section.paragraphs)
    page = Document("t", "s", (section,)).write(tmp_path / "report.html", tmp_path / "figures").read_text("utf-8")
    assert "bootstrap 95 %" in page and "<svg" in page
    assert (tmp_path / "figures" / "structural_equation_model.png").stat().st_size > 10_000


def test_without_convergence_there_is_no_picture_and_a_warning():
    section = report.section(sem.fit(MODEL, coast(125)))
    assert section.charts == ()
    assert any(one.startswith("Not converged") for one in section.warnings)
    assert len(section.listings) == 1


def test_dropped_paths_are_listed():
    refined = sem.refine(MODEL, coast(2), 0.35)
    section = report.section(refined.fit, refined)
    listing = next(one for one in section.listings if "dropped" in one.caption)
    assert len(listing.table) == len(refined.steps) > 0
    assert any("no longer hold" in one for one in section.warnings)


def test_odd_names_stay_text():
    data = coast(2).rename(columns={"Cd_soil": "<b>Cd</b> $\\x$"})
    fitted = sem.fit("f =~ OM_soil + `<b>Cd</b> $\\x$` + Pb_soil + Ni_soil", data)
    assert isinstance(report.indices_table(fitted), pd.DataFrame)
    from coastal_hm_plugin.report.style import to_svg

    assert "<b>" not in to_svg(path_diagram(fitted))
