"""Arithmetic of labels, for ``:=`` and ``==``: values with their derivatives."""

from dataclasses import dataclass

import numpy as np

from .tokens import fail

FUNCTIONS = {
    "exp": (np.exp, np.exp),
    "log": (np.log, lambda value: 1 / value),
    "sqrt": (np.sqrt, lambda value: 0.5 / np.sqrt(value)),
    "abs": (np.abs, np.sign),
}


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: float

    def evaluate(self, values):
        """The value and its derivatives (none)."""
        return self.value, 0.0


@dataclass(frozen=True)
class Label:
    """A parameter's label, or the name of an earlier ``:=``."""

    token: object

    def evaluate(self, values):
        """Looked up in ``values``: label -> (value, derivatives)."""
        return values[self.token.text]


@dataclass(frozen=True)
class Apply:
    """A function of one value."""

    function: str
    argument: object

    def evaluate(self, values):
        """Chain rule."""
        value, slope = self.argument.evaluate(values)
        function, derivative = FUNCTIONS[self.function]
        return function(value), derivative(value) * slope


@dataclass(frozen=True)
class Combine:
    """Two values and the sign between them."""

    sign: str
    left: object
    right: object

    def evaluate(self, values):
        """Sum, product, quotient and power rule."""
        (a, da), (b, db) = self.left.evaluate(values), self.right.evaluate(values)
        if self.sign == "+":
            return a + b, da + db
        if self.sign == "-":
            return a - b, da - db
        if self.sign == "*":
            return a * b, da * b + a * db
        if self.sign == "/":
            return np.divide(a, b), (da - np.divide(a, b) * db) / b
        power = np.power(float(a), b)
        exponent_part = 0.0 if np.ndim(db) == 0 else power * np.log(a) * db
        return power, b * np.power(float(a), b - 1) * da + exponent_part


def read_expression(reader):
    """Parse an expression from a Reader: + - * / ^, parentheses, exp log sqrt abs."""
    return _chain(reader, ("+", "-"), lambda one: _chain(one, ("*", "/"), _signed))


def labels_in(expression):
    """The label tokens an expression names."""
    if isinstance(expression, Label):
        return [expression.token]
    if isinstance(expression, Apply):
        return labels_in(expression.argument)
    if isinstance(expression, Combine):
        return labels_in(expression.left) + labels_in(expression.right)
    return []


def _chain(reader, signs, part):
    left = part(reader)
    while sign := reader.take(*signs):
        left = Combine(sign.text, left, part(reader))
    return left


def _signed(reader):
    if reader.take("-"):
        return Combine("-", Number(0.0), _signed(reader))
    base = _atom(reader)
    return Combine("^", base, _signed(reader)) if reader.take("^") else base


def _atom(reader):
    if number := reader.take(kind="number"):
        return Number(float(number.text))
    if reader.take("("):
        inner = read_expression(reader)
        reader.expect("')'", ")")
        return inner
    name = reader.expect("A label or number", kind="name")
    if not reader.take("("):
        return Label(name)
    if name.text not in FUNCTIONS:
        fail(f"'{name.text}' is not a function. Known: {', '.join(FUNCTIONS)}.", name)
    inner = read_expression(reader)
    reader.expect("')'", ")")
    return Apply(name.text, inner)
