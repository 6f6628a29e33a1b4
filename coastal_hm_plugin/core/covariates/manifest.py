"""Which rasters the covariates came from, and how: what a trained model keeps to join new points the same way."""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from ..errors import InputError

METHODS = ("nearest", "bilinear", "mean", "majority")


@dataclass(frozen=True)
class Covariate:
    """One raster band as a covariate.

    method: ``nearest``, ``bilinear``, or ``mean`` / ``majority`` within ``radius_m`` metres.
    categories: raster code -> label, for a band of classes; empty for a band of numbers.
    role, unit: what it stands for (see presets) and the unit that the raster states; "" where not known.
    interpolated: whether the raster was interpolated from sites.
    """

    name: str
    path: str
    band: int = 1
    method: str = "nearest"
    radius_m: float = 0.0
    categories: dict = field(default_factory=dict)
    role: str = ""
    unit: str = ""
    interpolated: bool = False

    def __post_init__(self):
        if self.method not in METHODS:
            raise InputError(f"Covariate '{self.name}': method '{self.method}' is not one of {', '.join(METHODS)}.")
        if self.method in ("mean", "majority") and not self.radius_m > 0:
            raise InputError(f"Covariate '{self.name}': method '{self.method}' needs a radius in metres above 0.")
        if self.categories and self.method in ("bilinear", "mean"):
            raise InputError(
                f"Covariate '{self.name}' holds categories; '{self.method}' would average class codes. "
                "Use nearest or majority."
            )

    @property
    def is_categorical(self):
        """Whether the values are labels, not numbers."""
        return bool(self.categories)


@dataclass(frozen=True)
class Manifest:
    """The covariates of a table or a model, in column order. Names are unique."""

    covariates: tuple = ()

    def __post_init__(self):
        names = [covariate.name for covariate in self.covariates]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise InputError(f"Two rasters would give the same covariate name: {', '.join(repeated)}. Rename one.")

    @property
    def names(self):
        """Covariate names in column order."""
        return [covariate.name for covariate in self.covariates]

    def select(self, names):
        """The manifest of these covariates only, in the given order. Raises InputError for a name not here."""
        by_name = {covariate.name: covariate for covariate in self.covariates}
        missing = [name for name in names if name not in by_name]
        if missing:
            raise InputError(
                f"No raster is named for {', '.join(missing)}; the rasters are {', '.join(self.names) or 'none'}."
            )
        return Manifest(tuple(by_name[name] for name in names))

    def other_units(self, other):
        """Covariates of the same name whose rasters state different units here and in another manifest, in words."""
        units = {covariate.name: covariate.unit for covariate in other.covariates}
        return [
            f"'{c.name}' is in {c.unit}, not in {units[c.name]}"
            for c in self.covariates
            if c.unit and units.get(c.name) and c.unit.strip().lower() != units[c.name].strip().lower()
        ]

    def to_dict(self):
        """A JSON-ready dictionary."""
        return {"covariates": [asdict(covariate) for covariate in self.covariates]}

    @classmethod
    def from_dict(cls, content):
        """The manifest of :meth:`to_dict`. JSON turns the codes into text; here they are numbers again."""
        covariates = []
        for entry in content["covariates"]:
            codes = {int(code): label for code, label in entry.get("categories", {}).items()}
            covariates.append(Covariate(**{**entry, "categories": codes}))
        return cls(tuple(covariates))

    def write(self, path):
        """Write as JSON. Raises InputError if the file cannot be written."""
        part = Path(f"{path}.part")
        try:
            part.write_text(json.dumps(self.to_dict(), indent=2, ensure_ascii=False), encoding="utf-8")
            part.replace(path)
        except OSError as error:
            raise InputError(f"Cannot write '{path}': {error.strerror}.") from error

    @classmethod
    def read(cls, path):
        """Read the JSON of :meth:`write`, or the manifest of a trained model (its file or its sidecar).

        A relative raster path is looked for beside the file. Raises InputError if there is no manifest.
        """
        sidecar = Path(path).with_name(f"{Path(path).stem}.sidecar.json")
        path = sidecar if sidecar.exists() else path
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            manifest = cls.from_dict(_manifest_in(content))
        except InputError:
            raise
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"'{path}' holds no covariate manifest ({error}). Give the JSON file of a trained model, or the "
                "manifest that sampling covariates wrote."
            ) from error
        return cls(tuple(_beside(covariate, Path(path).parent) for covariate in manifest.covariates))


def _manifest_in(content):
    """The manifest's dictionary: the content itself, or what a model's sidecar holds of it."""
    for key in ("manifest", "covariates"):
        if isinstance(content.get(key), dict):
            return content[key]
    return content


def _beside(covariate, folder):
    """A covariate whose relative path is taken from ``folder``, if the raster is there."""
    found = folder / covariate.path
    return (
        replace(covariate, path=str(found)) if not Path(covariate.path).is_absolute() and found.exists() else covariate
    )
