"""The whole workflow, step after step; a step that the data do not allow is skipped with its reason."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from .. import baselines, indices, pairing, partition, pmf, reference_values, risk_model, zones
from ..covariates import sample_covariates
from ..errors import InputError
from ..explain import explain_risk_model
from ..monitor import SILENT
from ..raster_prediction import RasterOptions, RasterOutputs, predict_raster
from .options import SOLID_MEDIA
from .relations import find_relations
from .result import Assessment, Holdout, MediumResult, Skipped, TrainedModel

SITE = "paired_site"


def run_assessment(inputs, options, folder, monitor=SILENT):
    """Do everything the data allow: pairing, baselines, zones, indices, PMF, Kd, risk models, risk raster.

    inputs: AssessmentInputs; options: AssessmentOptions; folder: where ``peri_<medium>.tif``,
    ``applicability_<medium>.tif`` and the models go.
    Returns Assessment. Raises InputError when there is no medium at all.
    Source of the workflow: Wu et al. 2025 (doi:10.1016/j.marpolbul.2025.118969), sections 2.1 to 2.5.
    """
    if inputs.soil is None and inputs.sediment is None and inputs.water is None:
        raise InputError("Nothing to assess: give soil, sediment or water samples.")
    run = _Run(inputs, options, Path(folder))
    soil_pairs = run.step("pairing", "soil", _pair_soil, monitor.part(0.0, 0.02))
    water_pairs = run.step("pairing", "water", _pair_water, monitor.part(0.02, 0.04))
    kd = run.step("partition coefficients", "sediment", _partition, monitor.part(0.04, 0.06), water_pairs)
    shares = {"soil": (0.06, 0.55), "sediment": (0.55, 0.94)}
    media = {}
    for medium in SOLID_MEDIA:
        if getattr(inputs, medium) is None:
            run.skip("assessment", medium, "no samples given")
            continue
        media[medium] = _assess_medium(run, medium, soil_pairs, monitor.part(*shares[medium]))
    zoned = run.step("contamination zones", "soil and sediment", _zones, monitor.part(0.94, 0.95), media, soil_pairs)
    relations = find_relations(run, monitor.part(0.95, 0.97), media, kd, soil_pairs)
    compared = run.step("sources across media", "soil and sediment", _source_match, monitor.part(0.97, 0.98), media)
    holdout = run.step("independent validation", "soil", _holdout, monitor.part(0.98, 1.0), media.get("soil"))
    coefficients, sites = kd or (None, None)
    return Assessment(
        inputs,
        options,
        media.get("soil"),
        media.get("sediment"),
        soil_pairs,
        water_pairs,
        coefficients,
        sites,
        *(zoned or (None, None)),
        relations,
        *(compared or (None, None)),
        holdout,
        tuple(run.skipped),
    )


class _Run:
    """What every step needs, and the list of those that were skipped."""

    def __init__(self, inputs, options, folder):
        self.inputs = inputs
        self.options = options
        self.folder = folder
        self.skipped = []

    def skip(self, step, medium, reason):
        self.skipped.append(Skipped(step, medium, reason))

    def step(self, name, medium, function, monitor, *arguments):
        """The step's result, or None: the reason then stands in the log and in the report."""
        monitor.progress(0.0)
        monitor.info(f"{name.capitalize()} ({medium})")
        try:
            return function(self, monitor, *arguments)
        except InputError as error:
            self.skip(name, medium, str(error))
            monitor.warn(f"Skipped: {name} ({medium}). {error}")
            return None


def _pair_soil(run, monitor):
    sites = run.inputs.sediment if run.inputs.sediment is not None else run.inputs.water
    if run.inputs.soil is None or sites is None:
        raise InputError("Pairing needs soil samples and sediment or water sites.")
    soil = _named(run.inputs.soil, "soil points")
    return pairing.pair(soil, _named(sites, "sites"), run.options.radius_m, monitor=monitor)


def _pair_water(run, monitor):
    if run.inputs.water is None or run.inputs.sediment is None:
        raise InputError("Needs water samples and sediment sites.")
    water = _named(run.inputs.water, "water samples")
    return pairing.pair(water, _named(run.inputs.sediment, "sediment sites"), run.options.radius_m, monitor=monitor)


def _named(samples, name):
    return pairing.Locations(samples.x, samples.y, samples.crs, name)


def _partition(run, monitor, water_pairs):
    """Kd of every pair of a water sample and its sediment site."""
    if water_pairs is None:
        raise InputError("Needs water samples paired with sediment sites.")
    links = water_pairs.links.sort_values("point").reset_index(drop=True)
    if links.empty:
        raise InputError(f"No water sample lies within {run.options.radius_m:g} m of a sediment site.")
    water, sediment = run.inputs.water.take(links["point"]), run.inputs.sediment.take(links["site"])
    result = partition.partition_coefficients(
        sediment.concentrations,
        water.concentrations,
        run.options.partition,
        monitor,
        sediment.censored,
        water.censored,
    )
    return result, links.rename(columns={"point": "water", "site": "sediment"})


def _zones(run, monitor, media, soil_pairs):
    """Zones of the sediment sites that have soils, and the rows of those sites."""
    if soil_pairs is None or len(media) < 2 or any(one.baselines is None for one in media.values()):
        raise InputError("Needs soils paired with sediment sites, and the baselines of both.")
    rows = soil_pairs.paired_sites
    if not len(rows):
        raise InputError(f"No soil lies within {run.options.radius_m:g} m of a sediment site.")
    soil, sediment = (media[medium] for medium in SOLID_MEDIA)
    composite = soil_pairs.composite(soil.samples.concentrations, run.options.statistic).iloc[rows]
    options = zones.ZoneOptions(seed=run.options.baselines.seed)
    found = zones.media_zones(
        composite[list(soil.samples.concentrations)],
        sediment.samples.concentrations.iloc[rows],
        soil.baselines.table,
        sediment.baselines.table,
        options,
        monitor,
    )
    return found, rows


def _assess_medium(run, medium, soil_pairs, monitor):
    samples = getattr(run.inputs, medium)
    result = MediumResult(samples)
    found = run.step("baselines", medium, _baselines, monitor.part(0.0, 0.12), samples)
    result = replace(result, baselines=found)
    background = run.step("background", medium, _background, monitor.part(0.12, 0.13), medium, found)
    result = replace(result, background=background)
    if background is not None:
        result = replace(result, indices=run.step("indices", medium, _indices, monitor.part(0.13, 0.15), result))
    sources = run.step("source apportionment", medium, _sources, monitor.part(0.15, 0.25), samples)
    result = replace(result, sources=sources)
    if sources is not None and run.options.pmf_bootstraps:
        part = monitor.part(0.25, 0.35)
        result = replace(
            result, source_errors=run.step("bootstrap of the sources", medium, _source_errors, part, sources)
        )
    covariates = run.step("covariates", medium, _covariates, monitor.part(0.35, 0.4), samples)
    result = replace(result, covariates=covariates)
    groups = _groups(medium, samples, soil_pairs)
    result = replace(
        result,
        site_model=run.step(
            "risk model at sites", medium, _site_model, monitor.part(0.4, 0.65), medium, result, groups
        ),
    )
    if medium not in run.options.mapped:
        run.skip("risk raster", medium, "not asked for")
        return result
    map_model = run.step("risk model of the map", medium, _map_model, monitor.part(0.65, 0.9), medium, result, groups)
    result = replace(result, map_model=map_model)
    if map_model is not None:
        prediction = run.step("risk raster", medium, _predict, monitor.part(0.9, 1.0), medium, result)
        result = replace(result, prediction=prediction)
    return result


def _baselines(run, monitor, samples):
    return baselines.geochemical_baselines(
        samples.concentrations, run.options.baselines, monitor, censored=samples.censored
    )


def _background(run, monitor, medium, found):
    chosen, is_baseline = run.options.background_of(medium)
    if not is_baseline:
        return reference_values.background(chosen)
    if found is None:
        raise InputError("There are no baselines to serve as background. Choose a background table.")
    return found.central(chosen).dropna()


def _indices(run, monitor, result):
    return indices.pollution_indices(result.samples.concentrations, result.background, run.options.indices, monitor)


def _sources(run, monitor, samples):
    return pmf.apportion(samples, run.options.pmf, monitor)


def _source_errors(run, monitor, sources):
    options = pmf.BootstrapOptions(runs=run.options.pmf_bootstraps, seed=run.options.pmf.seed)
    return pmf.bootstrap(sources.data, sources, options, monitor)


def _source_match(run, monitor, media):
    """The factors of soil and sediment compared, and both in one model."""
    if len(media) < 2 or any(one.sources is None for one in media.values()):
        raise InputError("Needs sources of soil and of sediment.")
    soil, sediment = (media[medium] for medium in SOLID_MEDIA)
    options = pmf.MatchOptions(seed=run.options.pmf.seed)
    compared = pmf.compare_factors(soil.sources, sediment.sources, SOLID_MEDIA, options, monitor.part(0.0, 0.2))
    return compared, pmf.joint([soil.samples, sediment.samples], run.options.pmf, monitor.part(0.2, 1.0))


def _covariates(run, monitor, samples):
    if not run.inputs.manifest.covariates:
        raise InputError("No covariate raster was given.")
    return sample_covariates(samples.x, samples.y, samples.crs, run.inputs.manifest, monitor)


def _groups(medium, samples, soil_pairs):
    """The site each soil belongs to: soils of one site must not stand on both sides of a fold."""
    if medium != "soil" or soil_pairs is None or soil_pairs.links.empty:
        return None
    site = pd.Series(np.nan, index=range(len(samples)), dtype=object)
    site.loc[soil_pairs.links["point"].to_numpy()] = soil_pairs.links["site"].to_numpy()
    return site if len(site.dropna().unique()) > 1 else None


def _site_model(run, monitor, medium, result, groups):
    properties = result.samples.properties
    if not properties.shape[1]:
        raise InputError("The samples have no properties of their own (pH, OM, salinity ...).")
    tables = [properties] + ([result.covariates.table] if result.covariates is not None else [])
    # the paper's own score stands beside the honest one: its models were of the sites
    training = replace(run.options.training, compare_wu2025=True)
    return _train(run, monitor, medium, result, pd.concat(tables, axis=1), groups, None, training)


def _map_model(run, monitor, medium, result, groups):
    if result.covariates is None:
        raise InputError("Needs covariate rasters.")
    training = run.options.training
    return _train(run, monitor, medium, result, result.covariates.table, groups, run.inputs.manifest, training)


def _train(run, monitor, medium, result, predictors, groups, manifest, training):
    if result.indices is None:
        raise InputError("There is no PERI to predict.")
    table = predictors.assign(PERI=result.indices.site["PERI"].to_numpy())
    options = replace(training, medium=medium, elements=tuple(result.indices.metals))
    if groups is not None:
        table[SITE] = groups.to_numpy()
        options = replace(options, groups=SITE)
    samples = result.samples
    model = risk_model.train_risk_model(
        table,
        "PERI",
        list(predictors.columns),
        options,
        samples.x,
        samples.y,
        samples.crs,
        manifest,
        monitor.part(0.0, 0.9),
    )
    model = replace(model, scheme=result.indices.scheme)
    return TrainedModel(model, explain_risk_model(model, table, monitor=monitor.part(0.9, 1.0)), table)


def _predict(run, monitor, medium, result):
    path = run.folder / f"peri_{medium}.tif"
    options = RasterOptions(max_distance_m=run.options.map_distance_of(medium))
    model = result.map_model.model
    applicability = run.folder / f"applicability_{medium}.tif" if model.applicability is not None else None
    outputs = RasterOutputs(path, applicability=applicability)
    return predict_raster(model, outputs, options=options, monitor=monitor)


def _holdout(run, monitor, soil):
    """Score the map's model on the validation samples, with the same background."""
    validation = run.inputs.validation
    if validation is None:
        raise InputError("No independent validation samples were given.")
    if soil is None or soil.map_model is None:
        raise InputError("There is no model of the soil map to score.")
    model = soil.map_model.model
    covariates = sample_covariates(validation.x, validation.y, validation.crs, run.inputs.manifest, monitor)
    options = replace(run.options.indices, metals=tuple(soil.indices.metals))
    observed = indices.pollution_indices(validation.concentrations, soil.background, options, monitor)
    table = pd.DataFrame({"observed": observed.site["PERI"], "predicted": model.predict(covariates.table).values})
    known = table.dropna()
    mean = np.full(len(known), soil.indices.site["PERI"].mean())
    predictions = {"XGBoost": known["predicted"], "mean of the training samples": mean}
    rows = [
        {"model": name, "n": len(known), **risk_model.score(known["observed"], values)}
        for name, values in predictions.items()
    ]
    return Holdout(table, pd.DataFrame(rows))
