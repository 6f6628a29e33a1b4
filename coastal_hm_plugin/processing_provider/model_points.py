"""Points with a model's predictors: fields of theirs, or sampled from the rasters the model was trained with."""

from . import columns, risk_models


def with_covariates(algorithm, parameters, context, sites, model, monitor):
    """The points' table (PointTable ``sites``) with every predictor of the model; fields first, then rasters.

    Rasters given in RASTERS go before a field of their name. Raises InputError for a predictor that is neither.
    """
    from ..core.covariates import sample_covariates
    from ..core.errors import InputError

    given = risk_models.read_rasters(algorithm, parameters, context, monitor)
    manifest = risk_models.rasters_for(model, given, monitor)
    replaced = given.names if given else []
    wanted = [name for name in model.names if name not in sites.table.columns or name in replaced]
    available = manifest.names if manifest else []
    absent = [name for name in wanted if name not in available]
    if absent:
        raise InputError(
            f"The model needs {', '.join(absent)}, which is neither a field of the points nor a raster. "
            f"It was trained on {', '.join(model.names)}."
        )
    if not wanted:
        return sites.table
    monitor.info(f"Sampled from rasters: {', '.join(wanted)}.")
    samples = sample_covariates(sites.x, sites.y, sites.crs_wkt, manifest.select(wanted), monitor)
    return columns.beside(sites.table, samples.table, monitor)
