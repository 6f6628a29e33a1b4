"""The report of the full assessment, in the order a reader needs, and its tables."""

from dataclasses import replace

import pandas as pd

from ..core import reference_values
from ..core.baselines import METHOD_TITLES, recommend
from ..core.summary_statistics import summary_statistics
from . import (
    applicability,
    baselines,
    covariates,
    data_quality,
    indices,
    intervals,
    media,
    partition,
    relations,
    risk,
    risk_overview,
    source_errors,
    sources,
    validation,
    zones,
)
from .document import Document, Listing, Picture, Section, format_number

MAP_CAPTION = "Potential ecological risk index (PERI) of {medium}: {label}."


def document(assessment, heading):
    """The whole report as a Document, but for the maps (see :func:`with_maps`)."""
    sections = [_summary(assessment), _data(assessment)]
    if assessment.pairing is not None:
        sections.append(_pairing(assessment))
    for medium, result in assessment.media:
        if result.baselines is not None:
            known = _background_table(medium)
            title = reference_values.background_titles()[known]
            values = reference_values.background(known)
            given = result.samples
            summary = summary_statistics(given.concentrations, given.censored, given.detection_limits)
            sections.append(baselines.section(result.baselines, medium, values, title, summary))
    if assessment.zones is not None:
        rows = f"{len(assessment.zone_sites)} sediment sites with soils within {assessment.options.radius_m:g} m"
        sections.append(zones.section(assessment.zones, rows))
    if assessment.partition is not None:
        rows = _pairs(assessment)
        compared = assessment.partition.compare(reference_values.partition_coefficients())
        sections.append(partition.section(assessment.partition, rows, compared))
    sections += relations.sections(assessment.relations, _pairs(assessment))
    for medium, result in assessment.media:
        if result.sources is not None:
            given = result.samples
            sections.append(sources.section(result.sources, medium, given.unit, (given.x, given.y, given.crs)))
        if result.source_errors is not None:
            sections.append(source_errors.section(result.source_errors, medium=medium))
    if assessment.source_match is not None:
        sections.append(media.section(assessment.source_match, assessment.joint_sources))
    if assessment.inputs.manifest.covariates:
        sections.append(covariates.section(assessment.inputs.manifest, _site_columns(assessment)))
    models = _models(assessment)
    if models:
        sections.append(risk_overview.section(models))
    for medium, result in assessment.media:
        sections += _risk(assessment, medium, result)
    sections.append(_skipped(assessment))
    return Document(heading, "Heavy metals at the coast: full assessment", tuple(sections), _facts(assessment))


def with_maps(report, assessment, pictures):
    """The report with the printed maps in its summary. pictures: ``peri_<medium>`` -> PNG."""
    shown = []
    for medium, result in assessment.media:
        if f"peri_{medium}" in pictures:
            caption = MAP_CAPTION.format(medium=medium, label=result.indices.scheme.label)
            shown.append(Picture(pictures[f"peri_{medium}"], caption))
    summary = replace(report.sections[0], pictures=tuple(shown))
    return replace(report, sections=(summary, *report.sections[1:]))


def tables(assessment):
    """Every table of the assessment: name -> DataFrame, in a fixed order."""
    found = {}
    for medium, result in assessment.media:
        found[f"{medium}_sites"] = pd.concat([_places(result.samples), result.site_table()], axis=1)
        found[f"{medium}_data"] = result.samples.summary()
        if result.baselines is not None:
            found[f"{medium}_baselines"] = result.baselines.table
            found[f"{medium}_baselines_recommended"] = recommend(result.baselines)
        if result.indices is not None:
            found[f"{medium}_indices"] = result.indices.summary()
            found[f"{medium}_class_shares"] = result.indices.class_shares()
        if result.sources is not None:
            found[f"{medium}_pmf_profiles"] = result.sources.profiles()
            found[f"{medium}_pmf_species"] = result.sources.species_table()
            found[f"{medium}_pmf_runs"] = result.sources.runs_table()
        if result.source_errors is not None:
            found[f"{medium}_pmf_mapping"] = result.source_errors.mapping_table()
            found[f"{medium}_pmf_intervals"] = result.source_errors.intervals()
        if result.covariates is not None:
            found[f"{medium}_covariates"] = result.covariates.counts
        for kind, trained in (("site", result.site_model), ("map", result.map_model)):
            if trained is not None:
                found[f"{medium}_{kind}_model_scores"] = trained.model.scores
                found[f"{medium}_{kind}_model_predictors"] = trained.model.inputs
                found[f"{medium}_{kind}_model_held_out"] = trained.model.held_out
    if assessment.pairing is not None:
        found["pairing_links"] = assessment.pairing.links
        found["unpaired_soil"] = assessment.pairing.unpaired_points
        found["unpaired_sites"] = assessment.pairing.unpaired_sites
    if assessment.zones is not None:
        found["zone_shares"] = assessment.zones.shares
        found["zone_sensitivity"] = assessment.zones.sensitivity
    if assessment.partition is not None:
        found["kd_sites"] = pd.concat(
            [assessment.partition_sites.reset_index(drop=True), assessment.partition.table()], axis=1
        )
        found["kd_summary"] = assessment.partition.summary()
    found.update(relations.tables(assessment.relations))
    if assessment.source_match is not None:
        found["pmf_matches"] = assessment.source_match.table()
        found["pmf_joint_shares"] = assessment.joint_sources.shares()
    if assessment.holdout is not None:
        found["validation"] = assessment.holdout.table
        found["validation_scores"] = assessment.holdout.scores
    found["losses"] = data_quality.loss_table(*_samples(assessment))
    found["skipped"] = assessment.skipped_table()
    return found


def _pairs(assessment):
    """What a row of the partition coefficients is."""
    if assessment.partition_sites is None:
        return ""
    return f"{len(assessment.partition_sites)} pairs within {assessment.options.radius_m:g} m"


def _samples(assessment):
    given = assessment.inputs
    return [one for one in (given.soil, given.sediment, given.water) if one is not None]


def _places(samples):
    return pd.DataFrame({"x": samples.x, "y": samples.y})


def _background_table(medium):
    """The regional background that a medium's baselines are shown beside."""
    return f"wu2025_{medium}_mean"


def _facts(assessment):
    facts = {one.medium.capitalize() + " samples": f"{len(one):,}" for one in _samples(assessment)}
    if assessment.pairing is not None:
        facts["Soils paired"] = f"{assessment.pairing.links['point'].nunique():,} of {assessment.pairing.n_points:,}"
    facts["Covariate rasters"] = len(assessment.inputs.manifest.covariates)
    facts["Seed"] = assessment.options.training.seed
    return facts


def _summary(assessment):
    paragraphs = []
    for medium, result in assessment.media:
        if result.indices is None:
            continue
        peri = result.indices.site["PERI"].dropna()
        shares = result.indices.class_shares()
        peri_shares = shares[shares["index_name"] == "PERI"]
        classes = ", ".join(f"{row.share_percent:.0f} % {row.class_name.lower()}" for row in peri_shares.itertuples())
        shares = result.indices.summary().set_index("element")["PERI_share_percent"].sort_values(ascending=False)
        leading = " and ".join(f"{metal} ({share:.0f} %)" for metal, share in shares.head(2).items())
        paragraphs.append(
            f"{medium.capitalize()}: median PERI {format_number(float(peri.median()))} (n = {len(peri)}); {classes}. "
            f"{leading} make up the largest shares of the index."
        )
        paragraphs += _model_sentences(medium, result)
    if assessment.partition is not None:
        known = assessment.partition.summary().set_index("metal")["log10Kd_median"].dropna().sort_values()
        if len(known):
            paragraphs.append(
                f"Partitioning: median log10 Kd from {known.iloc[0]:.2f} ({known.index[0]}, most mobile) to "
                f"{known.iloc[-1]:.2f} ({known.index[-1]}, most held by the sediment)."
            )
    return Section("Summary", tuple(paragraphs))


def _model_sentences(medium, result):
    for what, trained in (("at the sites", result.site_model), ("of the map", result.map_model)):
        if trained is not None:
            yield f"Risk model {what} ({medium}): {trained.model.skill.sentence}"


def _data(assessment):
    return data_quality.section(*_samples(assessment))


def _pairing(assessment):
    pairs, options = assessment.pairing, assessment.options
    counts = pairs.links.groupby("site").size()
    text = (
        f"{pairs.links['point'].nunique():,} of {pairs.n_points:,} soil samples lie within {options.radius_m:g} m "
        f"(geodesic) of {len(pairs.paired_sites):,} of {pairs.n_sites:,} sites; each goes to its nearest site, and the "
        f"soils of one site are brought together by their {options.statistic}."
    )
    listings = []
    if len(counts):
        distance = pairs.links["distance_m"]
        text += (
            f" Soils per site: {counts.min()} to {counts.max()}; distance: median {distance.median():.0f} m, "
            f"greatest {distance.max():.0f} m."
        )
    for title, table in (("Soils without a site", pairs.unpaired_points), ("Sites without soil", pairs.unpaired_sites)):
        if len(table):
            reasons = table.groupby("reason").agg(
                number=("reason", "size"),
                nearest_m=("nearest_distance_m", "min"),
                farthest_m=("nearest_distance_m", "max"),
            )
            listings.append(Listing(title, reasons.reset_index()))
    return Section("Pairing", (text,), tuple(listings))


def _models(assessment):
    """Every risk model by what it is of."""
    return {
        f"{medium}, {what}": trained
        for medium, result in assessment.media
        for what, trained in (("at the sites", result.site_model), ("on the map", result.map_model))
        if trained is not None
    }


def _risk(assessment, medium, result):
    sections = []
    if result.indices is not None:
        chosen, is_baseline = assessment.options.background_of(medium)
        if is_baseline:
            title = f"baseline of these data, {METHOD_TITLES[chosen]}, central value"
        else:
            title = reference_values.background_titles()[chosen]
        sections.append(indices.section(result.indices, medium, title))
    for what, trained in (("at the sites", result.site_model), ("of the map", result.map_model)):
        if trained is not None:
            title = f"Risk model {what}: {medium}"
            sections.append(risk.section(trained.model, trained.explanation, title))
    if result.map_model is not None:
        sections += _map_trust(result.map_model.model, result.prediction, medium)
    if medium == "soil" and assessment.holdout is not None:
        text = (
            f"The model of the soil map, scored on {int(assessment.holdout.scores['n'].iloc[0])} samples that took no "
            "part in training."
        )
        sections.append(
            Section(
                "Independent validation", (text,), (Listing("Scores on held-out samples", assessment.holdout.scores),)
            )
        )
    return sections


def _map_trust(model, prediction, medium):
    """How far the map of a medium may be believed: validation, intervals, area of applicability."""
    pages = [validation.section(model, f"Validation of the map: {medium}")]
    if model.intervals is not None:
        pages.append(intervals.section(model, f"Prediction intervals of the map: {medium}"))
    if model.applicability is not None:
        pages.append(applicability.section(model, prediction, f"Area of applicability of the map: {medium}"))
    return [page for page in pages if page is not None]


def _site_columns(assessment):
    """What else is known of the sites: properties, and Kd where water was sampled."""
    names = [name for _, result in assessment.media for name in result.samples.properties.columns]
    if assessment.partition is not None:
        names += [f"log10Kd_{metal}" for metal in assessment.partition.metals]
    return list(dict.fromkeys(names))


def _skipped(assessment):
    table = assessment.skipped_table()
    if not len(table):
        return Section("What was not done", ("Every step was done.",))
    return Section(
        "What was not done", ("Steps that the data or the choices did not allow.",), (Listing("Skipped", table),)
    )
