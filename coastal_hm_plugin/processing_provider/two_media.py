"""Samples of two media: from one layer with the fields of both, or from a layer each."""

from ..core.errors import InputError
from . import layers, samples


def read_one_layer(algorithm, parameters, name, media, context, monitor):
    """The samples of both media in the layer of parameter ``name``: medium -> Samples, row by row the same sites.

    media: two names, whose sample parameters have them as prefix (``SOIL_ELEMENTS``); the first of them is the one to
    give a layer of its own if the fields are not told apart. Raises InputError when a field would be read as both.
    """
    from ..core.samples import read_samples

    points = layers.read_points(algorithm, parameters, name, context, monitor)
    place = (points.table, points.x, points.y, points.crs_wkt)
    read = {
        medium: read_samples(*place, medium, options_of(algorithm, parameters, context, medium), monitor)
        for medium in media
    }
    first, second = (read[medium] for medium in media)
    shared = [one for one in second.elements if second.fields[one] == first.fields.get(one)]
    if shared:
        fields = ", ".join(f"'{second.fields[one]}'" for one in shared)
        raise InputError(
            f"The fields {fields} would be read as {media[1]} and as {media[0]}. Give the {media[0]} layer, or name "
            f"the fields of each medium: {media[0].upper()}_ELEMENTS as '{shared[0]}=my_{media[0]}_field'."
        )
    return read


def read_layers(algorithm, parameters, media, context, monitor):
    """The samples of a layer for each medium (parameters ``SOIL``, ``SEDIMENT`` ...): medium -> Samples."""
    return {
        medium: samples.read_samples(
            algorithm, parameters, medium.upper(), medium, context, monitor, prefix=f"{medium.upper()}_"
        )
        for medium in media
    }


def options_of(algorithm, parameters, context, medium):
    """SampleOptions of one of the media."""
    return samples.sample_options(algorithm, parameters, context, f"{medium.upper()}_")
