"""MixSIAR's killer whale example, read from its own files, against MixSIAR's published posterior."""

import re

import numpy as np
import pytest

from coastal_hm_plugin.core.mixing import (
    MixingOptions,
    mixing_model,
    read_discrimination,
    read_mixsiar_csv,
    read_mixtures,
    read_sources,
)

pytestmark = pytest.mark.acceptance


@pytest.fixture(scope="module")
def published(reference):
    """Source -> mean, SD, 2.5 %, 5 %, 25 %, 50 %, 75 %, 95 %, 97.5 %."""
    text = (reference / "mixing" / "kw_uninf_summary_statistics.txt").read_text()
    rows = re.findall(r"p\.global\.(\w+)\s+([\d. ]+)", text)
    return {name: np.array(numbers.split(), float) for name, numbers in rows}


@pytest.fixture(scope="module")
def result(reference):
    tables = [read_mixsiar_csv(reference / "mixing" / f"killerwhale_{name}.csv")
              for name in ("sources", "discrimination", "consumer")]  # fmt: skip
    sources = read_discrimination(tables[1], read_sources(tables[0]))
    mixtures = read_mixtures(tables[2], sources.tracers)
    assert len(mixtures.values) == 12 and sources.n.tolist() == [5, 5, 45, 7, 115]
    # MixSIAR's set-up: flat prior, residual error with the identity as its prior's scale, no concentrations
    return mixing_model(mixtures.values, sources, MixingOptions("residual", "identity"))


def test_means_and_spreads(published, result):
    means = {"Chinook": 0.351, "Chum": 0.124, "Coho": 0.200, "Sockeye": 0.077, "Steelhead": 0.248}
    for row in result.table.itertuples():
        assert published[row.source][0] == means[row.source]
        assert row.mean == pytest.approx(means[row.source], abs=0.02)
        assert row.sd == pytest.approx(published[row.source][1], abs=0.02)


def test_quantiles(published, result):
    columns = ["q2_5", "q5", "q25", "q50", "q75", "q95", "q97_5"]
    for source, row in result.table.set_index("source").iterrows():
        np.testing.assert_allclose(row[columns].astype(float), published[source][2:], atol=0.04)


def test_the_chains_agree(result):
    assert (result.table["r_hat"] < 1.03).all() and (result.table["ess"] > 1000).all()
    assert not result.outside["outside"].any() and not result.predictive["doubtful"].any()
