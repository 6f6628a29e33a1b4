"""Do the rasters hold what the model was trained with: names, classes, and numbers in the same unit."""

import numpy as np

from .covariates.grid import AlignedCovariates
from .errors import InputError
from .monitor import SILENT

PROBES = 3  # windows along each side of the grid
PROBE_CELLS = 64
FEWEST_CELLS = 30
MOST_OUTSIDE = 0.5
SPREAD = 50.0


def covariates_of(model, manifest=None):
    """The rasters of a model's predictors, in its order.

    Raises InputError for a predictor without a raster, for classes in the place of numbers or the other way round, and
    for a raster that shares no class with the training.
    """
    manifest = manifest or model.manifest
    names = manifest.names if manifest else []
    absent = [name for name in model.names if name not in names]
    if absent:
        raise InputError(
            f"The model predicts '{model.target}' from {', '.join(model.names)}; there is no raster for "
            f"{', '.join(absent)} (rasters: {', '.join(names) or 'none'}). "
            "Give a raster of that name, or train a model on rasters alone."
        )
    manifest = manifest.select(model.names)
    for predictor, covariate in zip(model.predictors, manifest.covariates):
        _check_classes(predictor, covariate)
    return manifest


def unseen_labels(predictor, covariate):
    """The labels of a raster's classes that training did not see."""
    if not predictor.is_category:
        return []
    return sorted({str(label) for label in covariate.categories.values()} - set(predictor.labels))


def check_units(model, manifest, grid, monitor=SILENT):
    """Warn of rasters whose numbers are of another size than the training's: metres for kilometres, % for fractions.

    Looks at a few windows spread over the grid. A raster is named where most of its cells lie outside the range of the
    training, or where they spread over less than a fiftieth of it. Returns the names.
    """
    inputs = model.inputs.set_index("predictor")
    suspects = []
    samples = _samples(manifest, grid, monitor)
    for predictor, covariate, values in zip(model.predictors, manifest.covariates, samples):
        if predictor.is_category or len(values) < FEWEST_CELLS:
            continue
        low, high = (float(inputs.loc[predictor.name, name]) for name in ("minimum", "maximum"))
        if not _is_suspect(values, low, high):
            continue
        suspects.append(predictor.name)
        monitor.warn(
            f"'{predictor.name}' ranges from {values.min():.4g} to {values.max():.4g} in the raster '{covariate.path}' "
            f"and from {low:.4g} to {high:.4g} in the training: check that it is in the same unit."
        )
    return suspects


def _check_classes(predictor, covariate):
    if predictor.is_category and not covariate.categories:
        raise InputError(
            f"'{predictor.name}' is a category of the model ({', '.join(predictor.labels[:5])} ...), "
            f"but its raster '{covariate.path}' names no categories."
        )
    if covariate.categories and not predictor.is_category:
        raise InputError(f"'{predictor.name}' is a number of the model, but its raster holds categories.")
    unseen = unseen_labels(predictor, covariate)
    if unseen and len(unseen) == len({str(label) for label in covariate.categories.values()}):
        raise InputError(
            f"'{predictor.name}': the raster '{covariate.path}' has the classes {', '.join(unseen[:5])}, the training "
            f"{', '.join(predictor.labels[:5])}, and none in common. Give the classes the names of the training."
        )


def _samples(manifest, grid, monitor):
    """The known values of each covariate in windows spread over the grid."""
    from rasterio.windows import Window

    found = []
    with AlignedCovariates(manifest, grid) as covariates:
        for row in _starts(grid.height):
            for column in _starts(grid.width):
                monitor.check()
                width, height = min(PROBE_CELLS, grid.width - column), min(PROBE_CELLS, grid.height - row)
                found.append(covariates.columns(Window(column, row, width, height), monitor))
    columns = [np.concatenate(pieces) for pieces in zip(*found)]
    return [values[np.isfinite(values)].astype(np.float64) for values in columns]


def _starts(length):
    # on multiples of their size: within a tile of most rasters
    starts = np.linspace(0, max(0, length - PROBE_CELLS), PROBES).astype(int) // PROBE_CELLS * PROBE_CELLS
    return sorted(set(starts.tolist()))


def _is_suspect(values, low, high):
    if not (np.isfinite(low) and np.isfinite(high)):
        return False
    outside = np.mean((values < low) | (values > high))
    spread = np.subtract(*np.quantile(values, [0.95, 0.05]))
    return outside > MOST_OUTSIDE or 0 < spread < (high - low) / SPREAD
