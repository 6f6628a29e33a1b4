"""Constraints as a user types them: factor2: Cd = 0; factor1: Pb up 0.5 %; factor3: Zn/Cu -> 2.1."""

from dataclasses import dataclass
from typing import Optional

from ...errors import InputError
from ...text_scanner import NUMBER, TextScanner

LIMIT = 0.5  # % of Q(robust) a pull may cost (EPA PMF 5.0's own value)
HOLD, BASE, UP, DOWN, TOWARDS, LEAST, MOST = "hold", "base", "up", "down", "towards", "least", "most"
PULLS = (UP, DOWN, TOWARDS)
HOW = (
    "Write for example 'factor2: Cd = 0; factor1: Pb up 0.5 %; factor3: Zn/Cu -> 2.1; factor2: Ni -> 12; "
    "factor1: As = base; factor1: sample 7 = 0'."
)
ALLOWED = "'= number', '= base', '-> number', 'up', 'down', '>= number' or '<= number'"
UNSIGNED = r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"


@dataclass(frozen=True)
class Constraint:
    """One constraint on the profile of a factor, or on its contribution to a sample.

    factor: from 1. kind: "hold" (at value), "base" (at the base run's value), "up", "down", "towards" (pulled, to
    value), "least", "most" (bounds). terms: (species, coefficient) pairs, whose weighted sum is meant; divisor: a
    species it is divided by, or "". sample: row of the table given, from 1, for a contribution. limit: what a pull may
    cost, in % of Q(robust).
    """

    factor: int
    kind: str
    terms: tuple = ()
    value: Optional[float] = None
    limit: float = LIMIT
    divisor: str = ""
    sample: Optional[int] = None

    @property
    def pulled(self):
        """Whether it gives way when it costs more than its limit."""
        return self.kind in PULLS

    @property
    def single(self):
        """Whether it is on one value, not on an equation between several."""
        return self.sample is not None or (len(self.terms) == 1 and not self.divisor)

    @property
    def what(self):
        """What is constrained: the species, ratio or sum, or the sample."""
        if self.sample is not None:
            return f"sample {self.sample}"
        text = "".join(f" {'-' if c < 0 else '+'} {'' if abs(c) == 1 else f'{abs(c):g} '}{n}" for n, c in self.terms)
        text = f"-{text[3:]}" if text.startswith(" -") else text[3:]
        return f"{text}/{self.divisor}" if self.divisor else text

    @property
    def demand(self):
        """What is asked of it, without the limit."""
        return {
            HOLD: f"= {_plain(self.value)}",
            BASE: "= base",
            UP: "up",
            DOWN: "down",
            TOWARDS: f"-> {_plain(self.value)}",
            LEAST: f">= {_plain(self.value)}",
            MOST: f"<= {_plain(self.value)}",
        }[self.kind]

    def __str__(self):
        limit = f" {self.limit:g} %" if self.pulled else ""
        return f"factor{self.factor}: {self.what} {self.demand}{limit}"


def parse_constraints(text, species, factors):
    """The Constraints written in a text, one after the other, apart by semicolons or line ends.

    species: names of the fitted species; factors: how many there are. ``factorK: species`` is followed by ``= number``
    (held), ``= base`` (held at the base run's value), ``up`` or ``down`` (pulled as far as the limit allows),
    ``-> number`` (pulled there), ``>= number`` or ``<= number`` (bounds). A ratio, ``Zn/Cu``, or a sum, such as
    ``Zn - 2.1 Cu``, may stand before ``=`` and ``->``. ``sample 7``, or ``sample 7, 12``, in place of the species means
    the factor's contribution there, 1 on average. A pull may end with its limit in % of Q(robust), else 0.5 %. Names
    that look like something else stand in double quotes. Raises InputError with the position of what cannot be read.
    """
    scanner = _Scanner(text, tuple(species), factors)
    constraints = []
    while not scanner.at_end():
        if not scanner.accept(r"[;\n]"):
            constraints += _statement(scanner)
    if not constraints:
        raise InputError(f"There is no constraint to apply. {HOW}")
    return tuple(constraints)


def _plain(value):
    return f"{value:.10g}" if value is not None else ""


def _statement(scanner):
    factor = scanner.factor()
    samples = scanner.samples()
    terms, divisor = ((), "") if samples else scanner.expression()
    single = bool(samples) or (len(terms) == 1 and not divisor)
    kind, value = scanner.demand(single)
    limit = scanner.limit() if kind in PULLS else LIMIT
    scanner.end_of_statement(kind)
    return [Constraint(factor, kind, terms, value, limit, divisor, sample) for sample in samples or (None,)]


class _Scanner(TextScanner):
    """Reads factors, species, samples and demands."""

    title, item = "Constraints", "constraint"

    def __init__(self, text, species, factors):
        super().__init__(text)
        self.species, self.factors = tuple(species), factors

    def factor(self):
        start = self.at
        found = self.accept(r"(?:factor)?\s*(\d+)\s*:")
        if found is None:
            self.fail(f"a constraint starts with its factor, such as 'factor1:'. {HOW}")
        number = int(found.group(1))
        if not 1 <= number <= self.factors:
            self.at = start
            self.fail(f"there is no factor{number}: the factors are factor1 to factor{self.factors}.")
        return number

    def samples(self):
        if self.accept(r"samples?\b(?=\s*\d)") is None:
            return ()
        rows = [self.whole()]
        while self.accept(r","):
            rows.append(self.whole())
        return tuple(rows)

    def whole(self):
        found = self.accept(r"\d+")
        if found is None or int(found.group()) < 1:
            self.fail("the number of a sample is expected, its row in the table, from 1.")
        return int(found.group())

    def expression(self):
        terms = [self.term(first=True)]
        if self.accept("/"):
            divisor = self.name()
            if divisor == terms[0][0] or terms[0][1] != 1:
                self.fail("a ratio is of two different species, without coefficients, such as Zn/Cu.")
            return tuple(terms), divisor
        while True:
            sign = self.accept(r"[+-](?!>)")
            if sign is None:
                break
            name, coefficient = self.term()
            terms.append((name, -coefficient if sign.group() == "-" else coefficient))
        named = [name for name, _ in terms]
        if len(set(named)) < len(named):
            self.fail("each species may stand only once in a sum.")
        if len(terms) == 1 and terms[0][1] != 1:
            self.fail("a coefficient needs a sum of several species, such as Zn - 2.1 Cu.")
        return tuple(terms), ""

    def term(self, first=False):
        negative = first and self.accept(r"-(?!>)") is not None
        name, coefficient = self.known_name(), 1.0
        if name is None:
            number = self.accept(UNSIGNED)
            if number is not None:
                self.accept(r"\*")
                coefficient = float(number.group())
                if coefficient == 0:
                    self.fail("a coefficient is not 0.")
            name = self.name()
        return name, -coefficient if negative else coefficient

    def known_name(self):
        return self.longest(self.species)

    def name(self):
        name = self.known_name()
        if name is None:
            word = self.peek(r"[^\s;:=<>/+*-]*")
            unknown = f"there is no fitted species '{word}': there are" if word else "a species is expected:"
            self.fail(f"{unknown} {', '.join(self.species)}.")
        return name

    def demand(self, single):
        if self.accept("->|→"):
            return TOWARDS, self.number(single)
        if self.accept("=="):
            self.fail("one '=' is enough.")
        if self.accept("="):
            return (BASE, None) if single and self.accept(r"base\b") else (HOLD, self.number(single))
        if single:
            for pattern, kind in ((r"up\b", UP), (r"down\b", DOWN)):
                if self.accept(pattern):
                    return kind, None
            for pattern, kind in ((">=|≥", LEAST), ("<=|≤", MOST)):
                if self.accept(pattern):
                    return kind, self.number(single)
        allowed = ALLOWED if single else "'= number' or '-> number'"
        self.fail(f"expected {allowed}.")

    def number(self, single):
        start = self.at
        found = self.accept(NUMBER)
        if found is None:
            self.fail("a number is expected" + (", or 'base' after '='." if single else "."))
        if self.accept(r"%"):
            self.at = start
            self.fail("a value is expected here, not a percentage; the limit follows it, such as '-> 12 0.5 %'.")
        return float(found.group())

    def limit(self):
        start = self.at
        found = self.accept(NUMBER)
        if found is None:
            return LIMIT
        if self.accept("%") is None:
            self.fail("the limit of a pull is a percentage of Q(robust), such as 0.5 %.")
        if not 0 < float(found.group()) <= 100:
            self.at = start
            self.fail("the limit of a pull is above 0 % and at most 100 %.")
        return float(found.group())

    def end_of_statement(self, kind):
        if not self.at_end() and self.accept(r"(?=[;\n])") is None:
            after = "the limit in % or a semicolon" if kind in PULLS else "a semicolon"
            self.fail(f"expected {after} here; only '->', 'up' and 'down' take a limit.")
