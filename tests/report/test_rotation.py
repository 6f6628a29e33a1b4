"""The report of rotations and constraints."""

from dataclasses import replace

import numpy as np
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.pmf.rotation.constraints import constrain
from coastal_hm_plugin.core.pmf.rotation.fpeak import fpeak
from coastal_hm_plugin.report import rotation
from coastal_hm_plugin.report.document import Document
from coastal_hm_plugin.report.style import PALETTE
from tests.core.pmf_cases import planted, prepared


@pytest.fixture(scope="module")
def case():
    solver = pmf.SolverOptions(lower_contribution=0.0)
    data = prepared(planted(samples=50)[0])
    return data, pmf.factorize(data, pmf.PmfOptions(factors=3, starts=4, solver=solver))


@pytest.fixture(scope="module")
def rotated(case):
    return fpeak(*case, (-1, 1))


@pytest.fixture(scope="module")
def constrained(case):
    return constrain(*case, "factor2: Cr = 0; factor1: Zn/Cu -> 4; factor1: sample 3 = base")


def test_the_verdict_comes_first_and_the_table_has_every_strength(rotated):
    section = rotation.fpeak_section(rotated, "soil")
    assert section.title == "Rotation (Fpeak) (PMF): soil" and section.paragraphs[0] == rotated.verdict()
    table = section.listings[0].table
    assert table["Strength"].tolist() == [-1, 0, 1] and "% dQ(robust)" in table
    assert [chart.name for chart in section.charts] == ["pmf_fpeak_dq_soil", "pmf_fpeak_profiles_soil"]


def test_the_curve_shows_the_numbers(rotated):
    left, right = rotation.cost(rotated).axes
    table = rotated.to_frame()
    np.testing.assert_allclose(left.lines[0].get_xydata(), table[["strength", "percent_dq"]])
    np.testing.assert_allclose(left.lines[1].get_ydata(), table["percent_dq_robust"])
    np.testing.assert_allclose(right.lines[0].get_ydata(), table["lowest_correlation"])


def test_the_line_of_five_percent_is_drawn_where_it_matters(case, rotated):
    dashed = [line for line in rotation.cost(fpeak(*case, (-30, 30))).axes[0].lines if set(line.get_ydata()) == {5.0}]
    assert len(dashed) == 1
    assert not [line for line in rotation.cost(rotated).axes[0].lines if set(line.get_ydata()) == {5.0}]


def test_rotated_profiles_stand_beside_the_base_run(rotated):
    panel = rotation.rotated_profiles(rotated).axes[1]
    shown = [[bar.get_height() for bar in panel.patches], *(line.get_ydata() for line in panel.lines)]
    for values, strength in zip(shown, (0, -1, 1)):
        percent = rotated.run(strength).result.profiles()["percent_of_species"].to_numpy()
        np.testing.assert_allclose(values, percent.reshape(3, -1)[1])


def test_constraints_are_listed_with_their_cost(constrained):
    section = rotation.constraint_section(constrained, "soil", "mg/kg")
    assert section.title == "Constraints (PMF): soil" and section.paragraphs[0] == constrained.verdict()
    constraints, run = (listing.table for listing in section.listings)
    assert constraints["Constraint"].tolist()[1] == "factor1: Zn/Cu -> 4 0.5 %" and len(run) == 1
    assert constraints["Met"].tolist() == [True, False, True]
    assert section.warnings == constrained.warnings


def test_constrained_species_are_marked(constrained):
    panel = rotation.constrained_profiles(constrained).axes[0]
    percent = constrained.result.profiles()["percent_of_species"].to_numpy()[:8]
    others, touched = panel.lines
    assert touched.get_color() == PALETTE[5] and touched.get_xdata().tolist() == [3, 7]  # Cu, Zn
    np.testing.assert_allclose(touched.get_ydata(), percent[[3, 7]])
    np.testing.assert_allclose(others.get_ydata(), np.delete(percent, [3, 7]))


def test_both_write_a_document(rotated, constrained, tmp_path):
    sections = (rotation.fpeak_section(rotated), rotation.constraint_section(constrained))
    assert [section.title for section in sections] == ["Rotation (Fpeak) (PMF)", "Constraints (PMF)"]
    text = Document("PMF", "", sections).write(tmp_path / "pmf.html").read_text(encoding="utf-8")
    assert text.count("<svg") == 3 and "factor1: Zn/Cu -&gt; 4 0.5 %" in text


def test_warnings_are_passed_on(rotated):
    warned = replace(rotated, warnings=("Fpeak runs that did not converge: 1.",))
    assert rotation.fpeak_section(warned).warnings == warned.warnings
