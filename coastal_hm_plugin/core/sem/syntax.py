"""lavaan's model syntax: a text to its relations, definitions and constraints (Rosseel 2012)."""

from dataclasses import dataclass, replace

from ..errors import InputError
from .expressions import read_expression
from .tokens import Reader, Token, fail, tokenize

INTERCEPT = "1"


@dataclass(frozen=True)
class Relation:
    """One path. op: ``=~`` (measured by), ``~`` (regressed on), ``~~`` (covaries with) or ``~1`` (intercept).

    fixed: its value, or None; free: freed by ``NA*``; start: a starting value or None; label: or "".
    """

    lhs: str
    op: str
    rhs: str
    token: Token
    fixed: object = None
    free: bool = False
    start: object = None
    label: str = ""


@dataclass(frozen=True)
class Definition:
    """``name := expression`` of labels."""

    name: str
    expression: object
    text: str
    token: Token


@dataclass(frozen=True)
class Constraint:
    """``left == right`` between labels."""

    left: object
    right: object
    text: str
    token: Token


@dataclass(frozen=True)
class ModelText:
    """What a model text says, in its order."""

    relations: tuple
    definitions: tuple
    constraints: tuple


def parse(text):
    """Read a model text.

    ``=~ ~ ~~ := ==``, intercepts ``y ~ 1``, modifiers ``0.5*x``, ``NA*x``, ``label*x``, ``start(0.8)*x``;
    equal labels mean equal parameters; ``#`` and ``!`` start comments; names with other characters stand
    in backticks. Raises InputError that says line and column.
    """
    relations, definitions, constraints = {}, [], []
    for tokens in tokenize(text):
        reader = Reader(tokens)
        operator = next((token for token in tokens if token.kind == "operator"), None)
        if operator is None:
            fail("A statement needs one of =~ ~ ~~ := ==", tokens[0])
        if operator.text == ":=":
            definitions.append(_definition(reader, definitions))
        elif operator.text == "==":
            constraints.append(_constraint(reader))
        else:
            for relation in _relations(reader):
                _add(relations, relation)
    if not relations:
        raise InputError("The model text is empty. Write for example: soil =~ Cd + Pb + Ni")
    return ModelText(tuple(relations.values()), tuple(definitions), tuple(constraints))


def _relations(reader):
    sides = [reader.expect("A variable", kind="name")]
    while reader.take("+"):
        sides.append(reader.expect("A variable", kind="name"))
    operator = reader.expect("One of =~ ~ ~~", "=~", "~", "~~", kind="operator").text
    terms = [_term(reader, operator)]
    while reader.take("+"):
        terms.append(_term(reader, operator))
    if reader.token.kind != "end":
        fail(f"'+' or a new line expected, '{reader.token.text}' found.", reader.token)
    for side in sides:
        merged = {}
        for term in terms:
            named = replace(term, lhs=side.text)
            merged[term.rhs] = _merge(merged[term.rhs], named) if term.rhs in merged else named
        yield from merged.values()


def _term(reader, operator):
    """Modifiers and the variable: ``a*x``, ``-0.5*x``, ``start(1)*x``, or ``1`` for an intercept."""
    relation = Relation("", operator, "", reader.token)
    while True:
        token, minus = reader.token, reader.take("-")
        number = reader.take(kind="number")
        if minus and number is None:
            fail("A number expected after '-'.", reader.token)
        if number is not None:
            if not reader.take("*"):
                return _intercept(relation, number, minus, operator)
            relation = replace(relation, fixed=-float(number.text) if minus else float(number.text))
            continue
        label = reader.take(kind="text")
        name = label or reader.expect("A variable", kind="name")
        if label is None and reader.take("("):
            relation = _call(reader, name, relation)
            reader.expect("'*'", "*")
        elif not reader.take("*"):
            if label is not None:
                fail("'*' expected after a label in quotes.", reader.token)
            return replace(relation, rhs=name.text, token=name)
        elif label is None and name.text == "NA":
            relation = replace(relation, free=True)
        else:
            relation = _labelled(relation, name.text, token)


def _intercept(relation, number, minus, operator):
    if operator != "~" or minus or float(number.text) != 1:
        fail(f"'*' and a variable expected after {number.text}; an intercept is written 'y ~ 1'.", number)
    return replace(relation, op="~1", rhs=INTERCEPT, token=number)


def _call(reader, name, relation):
    if name.text == "start":
        sign = -1.0 if reader.take("-") else 1.0
        relation = replace(relation, start=sign * float(reader.expect("A number", kind="number").text))
    elif name.text in ("label", "equal"):
        relation = _labelled(relation, reader.expect("A label in quotes", kind="text").text, name)
    elif name.text == "c":
        fail("c(...) gives values for several groups; this tool fits one group.", name)
    else:
        fail(f"'{name.text}(' is not a modifier. Known: start(), label(), equal(), NA.", name)
    reader.expect("')'", ")")
    return relation


def _labelled(relation, label, token):
    if relation.label and relation.label != label:
        fail(f"A second label '{label}' beside '{relation.label}'.", token)
    return replace(relation, label=label)


def _merge(first, second):
    """The same variable again in one formula adds modifiers, as in ``start(1)*x + a*x``."""
    if first.label and second.label and first.label != second.label:
        fail(f"A second label '{second.label}' beside '{first.label}'.", second.token)
    return replace(
        first,
        fixed=first.fixed if second.fixed is None else second.fixed,
        free=first.free or second.free,
        start=first.start if second.start is None else second.start,
        label=first.label or second.label,
    )


def _add(relations, relation):
    if relation.lhs == relation.rhs and relation.op != "~~":
        fail(f"'{relation.lhs} {relation.op} {relation.rhs}': a variable cannot stand on both sides.", relation.token)
    ends = (relation.lhs, relation.rhs)
    key = (relation.op, frozenset(ends) if relation.op == "~~" else ends)
    if key in relations:
        earlier = relations[key].token
        fail(f"'{relation.lhs} {relation.op} {relation.rhs}' stands already in line {earlier.line}.", relation.token)
    relations[key] = relation


def _definition(reader, earlier):
    name = reader.expect("A name", kind="name")
    reader.expect("':='", ":=", kind="operator")
    if any(one.name == name.text for one in earlier):
        fail(f"'{name.text}' is defined twice.", name)
    return Definition(name.text, *_rest(reader), name)


def _constraint(reader):
    start = reader.token
    left = read_expression(reader)
    reader.expect("'=='", "==", kind="operator")
    before = _written(reader.tokens[: reader.place])
    right, text = _rest(reader)
    return Constraint(left, right, f"{before} {text}", start)


def _rest(reader):
    start = reader.place
    expression = read_expression(reader)
    if reader.token.kind != "end":
        fail(f"An operator or a new line expected, '{reader.token.text}' found.", reader.token)
    return expression, _written(reader.tokens[start : reader.place])


def _written(tokens):
    return "".join(f" {token.text} " if token.text in ("==", "+", "-") else token.text for token in tokens).strip()
