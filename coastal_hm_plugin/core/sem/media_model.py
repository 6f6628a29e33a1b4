"""The ready model 'soil-sediment-water' of Wu et al. 2025."""

import re

from ..errors import InputError

MEDIA = ("Soil", "Sediment", "Water")
LEAST_FIELDS = 3


def media_model(soil, sediment, water, columns=()):
    """The model text of three media: each a latent system measured by the fields given.

    Soil acts on sediment and on water, which covary beyond that (Wu et al. 2025, Fig. 6, on standardized
    fields). Systems have variance 1 (beyond what soil explains), and all loadings are estimated; the first
    field of each loads positively. columns: of the data, so that a system does not bear the name of one. The paper's
    fields: Cd, Pb, Ni, OM, pH in soil and sediment; Cd, Pb, Ni, DO, pH in water. Raises InputError for
    fewer than three fields a medium and for one field in two media.
    """
    fields = dict(zip(MEDIA, (soil, sediment, water)))
    for medium, some in fields.items():
        if len(some) < LEAST_FIELDS:
            raise InputError(
                f"{medium}: {len(some)} fields given, at least {LEAST_FIELDS} are needed to measure a latent variable "
                "(the paper: Cd, Pb, Ni, OM and pH; of water DO in place of OM)."
            )
    every = [name for some in fields.values() for name in some]
    twice = next((name for name in every if every.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"The field '{twice}' is given for two media: each medium needs fields of its own.")
    systems = {medium: f"{medium}_system" if medium in columns else medium for medium in MEDIA}
    lines = []
    for medium, some in fields.items():
        lines.append(f"{systems[medium]} =~ {' + '.join(f'NA*{quoted(name)}' for name in some)}")
        lines.append(f"{systems[medium]} ~~ 1*{systems[medium]}")
    first, second, third = systems.values()
    return "\n".join([*lines, f"{second} ~ {first}", f"{third} ~ {first}", f"{second} ~~ {third}"])


def quoted(name):
    """A field's name as the model text takes it. Raises InputError for one that cannot stand in backticks."""
    if re.fullmatch(r"[^\W\d][\w.]*", name) and name not in ("NA", "start", "label", "equal", "c"):
        return name
    if "`" in name:
        raise InputError(f"The field name {name} holds a backtick: rename the field.")
    return f"`{name}`"
