"""Rasters that were interpolated from sites: how such a file says so, and what a reader of a map must know."""

KIND = "coastalhm_kind"
UNIT = "coastalhm_unit"
INTERPOLATED = "interpolated surface"


def is_interpolated(dataset):
    """Whether an open rasterio dataset says that it was interpolated from sites."""
    return dataset.tags().get(KIND) == INTERPOLATED


def unit_of(dataset, band):
    """The unit that a band states, or ``""``."""
    return dataset.units[band - 1] or dataset.tags().get(UNIT) or ""


def surface_note(manifest):
    """What to say of a map or model that rests on interpolated surfaces; ``""`` if no covariate is one."""
    names = [covariate.name for covariate in manifest.covariates if covariate.interpolated] if manifest else []
    if not names:
        return ""
    one = len(names) == 1
    return (
        f"Covariate{'' if one else 's'} {', '.join(names)} {'is an' if one else 'are'} interpolated "
        f"surface{'' if one else 's'} (kriging): {'its' if one else 'their'} error is not in the prediction. "
        f"{'It was' if one else 'They were'} made from sites, and where these are sites of the model too, "
        "held-out scores are flattered."
    )
