"""Changes as a user types them: ndvi + 0.1; enterprise_density * 0.5; landcover: cropland -> forest."""

import math
import re

from ..errors import InputError
from .changes import ADD, RECLASS, SCALE, SET, Change

HOW = (
    "Write for example 'ndvi + 0.1; enterprise_density * 0.5; nightlight - 20 %; elevation = 3; landcover = forest; "
    "landcover: cropland, bare -> forest'."
)
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
WORD_END = r"(?!\w)"
SEPARATOR = r"[;\n]"
SHOWN = 20


def parse_changes(text, predictors, offered=()):
    """The changes written in a text, apart by semicolons or line ends: a tuple of Change, to be made in this order.

    predictors: the model's (:class:`Predictor`). offered: names that training knew but the model does not use.
    A number is changed by ``name + 0.1``, ``name - 0.1``, ``name * 0.5``, ``name / 2``, by a share with
    ``name + 10 %``, or set by ``name = 3`` (``name set 3``). A category becomes one class everywhere by
    ``name = class``, or where it is one of some classes by ``name: class, class -> class``. Names and classes that
    hold signs stand in double quotes. Raises InputError with the position of what cannot be read.
    """
    scanner = _Scanner(text, predictors, offered)
    changes = []
    while not scanner.at_end():
        if not scanner.accept(SEPARATOR):
            changes.append(_statement(scanner))
    if not changes:
        raise InputError(f"There is no change to compare. {HOW}")
    return tuple(changes)


def _statement(scanner):
    predictor = scanner.covariate()
    change = (_of_category if predictor.is_category else _of_number)(scanner, predictor)
    scanner.end_of_statement()
    return change


def _of_category(scanner, predictor):
    if scanner.accept(r"=|set\b"):
        return Change(predictor.name, RECLASS, target=scanner.label(predictor))
    if not scanner.accept(":"):
        scanner.fail(
            f"'{predictor.name}' is a category: expected '= class' or ': class -> class'. {scanner.classes(predictor)}"
        )
    sources = [scanner.label(predictor)]
    while scanner.accept(","):
        sources.append(scanner.label(predictor))
    if not scanner.accept("->|→"):
        scanner.fail("expected '->' and the class that they become.")
    return Change(predictor.name, RECLASS, sources=tuple(dict.fromkeys(sources)), target=scanner.label(predictor))


def _of_number(scanner, predictor):
    if scanner.accept(r"=|set\b"):
        return Change(predictor.name, SET, scanner.number())
    sign = scanner.accept(r"[+-](?!>)")
    if sign:
        amount = scanner.number() * (-1 if sign.group() == "-" else 1)
        return Change(predictor.name, SCALE, 1 + amount / 100) if scanner.accept("%") else _added(predictor, amount)
    if scanner.accept(r"[*×]"):
        return Change(predictor.name, SCALE, scanner.number())
    if scanner.accept(r"/"):
        start, divisor = scanner.at, scanner.number()
        if divisor == 0 or math.isinf(1 / divisor):
            scanner.at = start
            scanner.fail("a number cannot be divided by 0.")
        return Change(predictor.name, SCALE, 1 / divisor)
    if scanner.accept(":|->|→"):
        scanner.fail(f"'{predictor.name}' is a number of the model; only a category has classes to change.")
    return scanner.fail("expected '+', '-', '*', '/' or '=' and a number.")


def _added(predictor, amount):
    return Change(predictor.name, ADD, amount)


class _Scanner:
    """Reads a text from left to right and knows where it is."""

    def __init__(self, text, predictors, offered):
        self.text, self.at = text, 0
        self.predictors = {predictor.name: predictor for predictor in predictors}
        self.offered = tuple(name for name in offered if name not in self.predictors)

    def accept(self, pattern):
        """What stands here if it matches, read; else None."""
        self.at = re.compile(r"[ \t\r]*").match(self.text, self.at).end()
        found = re.compile(pattern, re.IGNORECASE).match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found

    def fail(self, reason):
        self.accept("")
        there = re.split(SEPARATOR, self.text[self.at : self.at + 20])[0].strip()
        where = f"at '{there}'" if there else "at the end of the change"
        raise InputError(f"Changes, position {self.at + 1}, {where}: {reason}")

    def at_end(self):
        self.accept("")
        return self.at >= len(self.text)

    def covariate(self):
        name = self.longest(self.predictors)
        if name is not None:
            return self.predictors[name]
        known = f"The covariates of the model are {', '.join(self.predictors)}."
        start, unused = self.at, self.longest(self.offered)
        self.at = start
        if unused is not None:
            self.fail(f"the model does not use '{unused}', so that its change would change nothing. {known}")
        word = self.peek(r"[^\s;:=*/×+→-]*")
        return self.fail(f"there is no covariate '{word}'. {known}" if word else f"a covariate is expected. {known}")

    def label(self, predictor):
        label = self.longest(predictor.labels)
        if label is None:
            word = self.peek(r"((?!->)[^;,\n→])*")
            unknown = f"training saw no class '{word}' of '{predictor.name}'" if word else "a class is expected"
            self.fail(f"{unknown}. {self.classes(predictor)}")
        return label

    @staticmethod
    def classes(predictor):
        more = f" and {len(predictor.labels) - SHOWN} more" if len(predictor.labels) > SHOWN else ""
        return f"Its classes are {', '.join(predictor.labels[:SHOWN])}{more}."

    def longest(self, names):
        """The longest of the names that stands here, plain or in quotes, read; None if there is none."""
        for name in sorted(names, key=len, reverse=True):
            word = re.escape(name)
            if self.accept(f'(?-i:"{word}"|{word}{WORD_END if name[-1:].isalnum() else ""})'):
                return name
        return None

    def peek(self, pattern):
        """The word that stands here, not read."""
        start = self.at
        word = self.accept(rf'"[^"\n]*"|{pattern}').group().strip().strip('"')
        self.at = start
        return word

    def number(self):
        start = self.at
        found = self.accept(NUMBER)
        if found is None:
            self.fail("a number is expected.")
        if abs(float(found.group())) > 1e30:
            self.at = start
            self.fail("this number is too large.")
        return float(found.group())

    def end_of_statement(self):
        if not self.at_end() and self.accept(rf"(?={SEPARATOR})") is None:
            self.fail("expected a semicolon or the end of the change here.")
