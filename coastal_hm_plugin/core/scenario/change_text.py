"""Changes as a user types them: ndvi + 0.1; enterprise_density * 0.5; landcover: cropland -> forest."""

import math

from ..errors import InputError
from ..text_scanner import NUMBER, SEPARATOR, TextScanner
from .changes import ADD, RECLASS, SCALE, SET, Change

HOW = (
    "Write for example 'ndvi + 0.1; enterprise_density * 0.5; nightlight - 20 %; elevation = 3; landcover = forest; "
    "landcover: cropland, bare -> forest'."
)
MOST_CLASSES = 20


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


class _Scanner(TextScanner):
    """Reads changes of covariates and classes."""

    title, item = "Changes", "change"

    def __init__(self, text, predictors, offered):
        super().__init__(text)
        self.predictors = {predictor.name: predictor for predictor in predictors}
        self.offered = tuple(name for name in offered if name not in self.predictors)

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
        more = f" and {len(predictor.labels) - MOST_CLASSES} more" if len(predictor.labels) > MOST_CLASSES else ""
        return f"Its classes are {', '.join(predictor.labels[:MOST_CLASSES])}{more}."

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
