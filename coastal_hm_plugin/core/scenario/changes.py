"""Changes of covariates, and what they make of the predictors of a risk model."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError

ADD, SCALE, SET, RECLASS = "add", "scale", "set", "reclass"


@dataclass(frozen=True)
class Change:
    """One change of one predictor.

    kind: "add" (value is added), "scale" (multiplied by value), "set" (to value), "reclass" (a category; the classes
    ``sources`` become ``target``, all classes where there are no sources).
    """

    name: str
    kind: str
    value: float = 0.0
    sources: tuple = ()
    target: str = ""

    def __str__(self):
        name = quoted(self.name)
        if self.kind == ADD:
            return f"{name} {'-' if self.value < 0 else '+'} {_plain(abs(self.value))}"
        if self.kind == SCALE:
            return f"{name} * {_plain(self.value)}"
        if self.kind == SET:
            return f"{name} = {_plain(self.value)}"
        if not self.sources:
            return f"{name} = {quoted(self.target)}"
        return f"{name}: {', '.join(map(quoted, self.sources))} -> {quoted(self.target)}"

    def apply(self, column, predictor):
        """The column (n, numbers or codes of the predictor's classes) after the change; a missing value stays so."""
        if self.kind == ADD:
            return column + self.value
        if self.kind == SCALE:
            return column * self.value
        if self.kind == SET:
            return np.where(np.isnan(column), np.nan, self.value)
        sources = [predictor.labels.index(label) for label in self.sources or predictor.labels]
        return np.where(np.isin(column, sources), predictor.labels.index(self.target), column)


@dataclass(frozen=True)
class Altered:
    """Changes of a model's predictors as a function of its matrix, whole or in an area: what predict_raster takes.

    changes: applied in their order. predictors: the model's. area: :class:`AreaOnGrid`, None for everywhere.
    """

    changes: tuple
    predictors: tuple
    area: object = None

    def __call__(self, grid, window, matrix):
        """The matrix (cells of the window x p) after the changes."""
        return self.at(matrix, None if self.area is None else self.area.mask(window).ravel())

    def at(self, matrix, inside=None):
        """A copy of the matrix (n x p) with the changes in the rows ``inside`` (n bool, None for all)."""
        altered = np.array(matrix, dtype=np.float32)
        position = {predictor.name: k for k, predictor in enumerate(self.predictors)}
        rows = slice(None) if inside is None else inside
        with np.errstate(over="ignore"):
            for change in self.changes:
                k = position[change.name]
                altered[rows, k] = change.apply(altered[rows, k].astype(np.float64), self.predictors[k])
                if np.isinf(altered[rows, k]).any():
                    raise InputError(f"The change '{change}' makes values that are too large to be numbers.")
        return altered


def quoted(text):
    """A name or a class as the text of a change has it: in quotes unless it is a plain word."""
    return text if text.isidentifier() else f'"{text}"'


def _plain(value):
    return repr(float(value)).removesuffix(".0")
