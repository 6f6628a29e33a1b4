"""The report on sources across media."""

from dataclasses import replace

import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.pmf.matching import MatchOptions, compare_factors
from coastal_hm_plugin.core.pmf.media import joint
from coastal_hm_plugin.report import media
from coastal_hm_plugin.report.document import Document
from tests.core.pmf_distinct import SPECIES, two_media

OPTIONS = pmf.PmfOptions(factors=3, starts=4, uncertainty=pmf.UncertaintyRules(strong=SPECIES))


@pytest.fixture(scope="module")
def samples():
    return two_media(sizes=(60, 40))[0]


@pytest.fixture(scope="module")
def comparison(samples):
    return compare_factors(*(pmf.apportion(one, OPTIONS) for one in samples), ("soil", "sediment"))


def test_section_of_media_apart(comparison, tmp_path):
    section = media.section(comparison)
    assert section.title == "Sources across media: soil and sediment"
    assert section.paragraphs[0] == comparison.verdict()
    assert [chart.name for chart in section.charts] == ["pmf_cosines_soil_sediment", "pmf_pairs_soil_sediment"]
    text = Document("PMF", "media", (section,)).write(tmp_path / "m.html").read_text(encoding="utf-8")
    assert text.count("<svg") == 2 and "never negative" in text


def test_section_with_the_joint_model(comparison, samples, tmp_path):
    model = joint(samples, OPTIONS)
    section = media.section(comparison, model)
    assert model.verdict() in section.paragraphs
    assert len(section.listings) == 3 and section.charts[-1].name == "pmf_joint_shares_soil_sediment"
    bars = section.charts[-1].figure.axes[0].patches
    widths = model.shares()["mean_percent_of_species"]
    assert sorted(bar.get_width() for bar in bars) == pytest.approx(sorted(widths))
    Document("PMF", "media", (section,)).write(tmp_path / "m.html")


def test_heat_map_shows_every_cosine_and_frames_the_matched(comparison):
    panel = media.cosines(comparison).axes[0]
    shown = [float(text.get_text()) for text in panel.texts]
    assert shown == pytest.approx(comparison.cosines.ravel().tolist(), abs=0.006)
    assert len(panel.patches) == 3 and {patch.get_linestyle() for patch in panel.patches} == {"-"}
    strict = replace(comparison, options=MatchOptions(same=1.0))
    assert {patch.get_linestyle() for patch in media.cosines(strict).axes[0].patches} == {"--"}


def test_a_factor_without_partner(comparison, samples):
    four = pmf.apportion(samples[0], replace(OPTIONS, factors=4))
    section = media.section(compare_factors(four, comparison.b, ("soil", "sediment")))
    assert (section.listings[0].table["Sediment"] == "–").sum() == 1
    assert len(media.pairs(compare_factors(four, comparison.b)).axes) == 3
