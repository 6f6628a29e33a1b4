"""The report's section on covariates: roles, what is given of the paper's list, interpolated surfaces as a warning."""

from coastal_hm_plugin.core.covariates import Covariate, Manifest
from coastal_hm_plugin.report.covariates import section
from coastal_hm_plugin.report.document import Document

MANIFEST = Manifest(
    (
        Covariate("srtm_dem", "a.tif", method="bilinear", role="topography", unit="m"),
        Covariate("rock", "b.tif", method="majority", radius_m=250.0, categories={1: "granite", 2: "mud"}),
        Covariate("pH", "c.tif", role="chemistry", interpolated=True),
        Covariate("<i>twi</i>", "d.tif"),
    )
)


def test_what_each_covariate_is_and_what_is_missing(tmp_path):
    part = section(MANIFEST, ["OM", "Cd"], "soil")
    rasters, presets = (listing.table for listing in part.listings)
    assert rasters.iloc[0].tolist() == ["srtm_dem", "Elevation", "topography", "m", "number", "bilinear", ""]
    assert rasters.iloc[1, 4:].tolist() == ["2 classes", "majority, 250 m", ""]
    assert rasters.iloc[2, 6] == "interpolated from sites"
    given = presets.set_index("Covariate")["As"]
    assert given[["pH", "Organic matter", "Lithology", "Elevation"]].tolist() == ["pH", "OM", "rock", "srtm_dem"]
    assert "Salinity" not in given.index
    assert part.paragraphs[0].startswith("4 of the 12 covariates of Wu et al. (2025, Table S5) are given")
    assert part.warnings[0].startswith("Covariate pH is an interpolated surface (kriging): its error is not in")
    page = tmp_path / "page.html"
    Document("t", "s", (part,)).write(page)
    assert "&lt;i&gt;twi&lt;/i&gt;" in page.read_text(encoding="utf-8")


def test_without_rasters_only_the_list():
    part = section(None, ["Kd_Cd", "salinity"], "sediment")
    assert len(part.listings) == 1 and part.warnings == ()
    assert part.paragraphs[0].startswith("2 of the 11 covariates")
