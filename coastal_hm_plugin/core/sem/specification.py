"""From what a model text says to the full list of parameters, with the defaults of lavaan's sem() and cfa()."""

from dataclasses import dataclass, replace
from itertools import combinations

from ..errors import InputError
from .expressions import labels_in
from .syntax import INTERCEPT, Relation
from .tokens import ADDED, fail


@dataclass(frozen=True)
class Specification:
    """All parameters of a model.

    relations: written ones first, then those added; a relation with ``fixed`` None is estimated.
    observed, latent: variables; exogenous: observed covariates whose moments are taken as they are;
    means: whether means are modelled; definitions and constraints as written.
    """

    relations: tuple
    observed: tuple
    latent: tuple
    exogenous: tuple
    means: bool
    definitions: tuple
    constraints: tuple

    @property
    def indicators(self):
        """Variables that measure a latent."""
        return {one.rhs for one in self.relations if one.op == "=~"}


@dataclass(frozen=True)
class SpecificationOptions:
    """means: model means even if the text names none; std_lv: latents are scaled by variance 1 in place of a
    first loading of 1."""

    means: bool = False
    std_lv: bool = False


def specify(text, options=None):
    """Complete a :class:`ModelText` as lavaan's sem() does.

    First loadings fixed to 1; variances; covariances of exogenous latents, and of dependent variables
    that predict nothing; with means also intercepts. Raises InputError for labels that do not exist.
    """
    options = options or SpecificationOptions()
    roles = _roles(text.relations)
    means = options.means or any(one.op == "~1" for one in text.relations)
    relations = [_scaled(one, text.relations, options.std_lv) for one in text.relations]
    known = {_key(one) for one in relations}
    added = [*_variances(relations, roles, options.std_lv), *_covariances(roles)]
    if means:
        added += [_new(name, "~1", INTERCEPT, 0.0 if name in roles.latent else None) for name in roles.modelled]
    added += given(roles.exogenous, means)
    relations += [one for one in added if _key(one) not in known]
    _check_labels(text, relations)
    return Specification(
        tuple(relations), roles.observed, roles.latent, roles.exogenous, means, text.definitions, text.constraints
    )


@dataclass(frozen=True)
class _Roles:
    """Variables by what they do in the model."""

    observed: tuple
    latent: tuple
    exogenous: tuple
    free_latents: tuple
    outcomes: tuple

    @property
    def modelled(self):
        return tuple(name for name in self.observed if name not in self.exogenous) + self.latent


def _roles(relations):
    latent = _unique(one.lhs for one in relations if one.op == "=~")
    indicators = _unique(one.rhs for one in relations if one.op == "=~")
    outcomes = _unique(one.lhs for one in relations if one.op == "~")
    predictors = _unique(one.rhs for one in relations if one.op == "~")
    mentioned = _unique(
        name for one in relations if one.op in ("~~", "~1") for name in (one.lhs, one.rhs) if name != INTERCEPT
    )
    every = _unique([*indicators, *outcomes, *predictors, *mentioned])
    observed = tuple(name for name in every if name not in latent)
    covariates = (name for name in predictors if name not in {*latent, *outcomes, *indicators})
    exogenous = tuple(name for name in covariates if name not in mentioned)
    return _Roles(
        observed=tuple(name for name in observed if name not in exogenous) + exogenous,
        latent=latent,
        exogenous=exogenous,
        free_latents=tuple(name for name in latent if name not in {*outcomes, *indicators}),
        outcomes=tuple(name for name in outcomes if name not in {*predictors, *indicators}),
    )


def _scaled(relation, relations, std_lv):
    """``NA*`` frees; else the first loading of every latent is 1, unless latents have variance 1."""
    if relation.free:
        return replace(relation, fixed=None)
    if relation.op == "=~" and relation.fixed is None and not std_lv:
        first = next(one for one in relations if one.op == "=~" and one.lhs == relation.lhs)
        if first is relation:
            return replace(relation, fixed=1.0)
    return relation


def _variances(relations, roles, std_lv):
    alone = _single_indicators(relations)
    for name in roles.modelled:
        scaled = std_lv and name in roles.latent
        yield _new(name, "~~", name, 1.0 if scaled else 0.0 if name in alone else None)


def _single_indicators(relations):
    """Observed variables that alone measure a latent: without error, as nothing tells the error apart."""
    loadings = [one for one in relations if one.op == "=~"]
    latent = {one.lhs for one in loadings}
    return {
        one.rhs for one in loadings if one.rhs not in latent and sum(other.lhs == one.lhs for other in loadings) == 1
    }


def _covariances(roles):
    for first, second in (*combinations(roles.free_latents, 2), *combinations(roles.outcomes, 2)):
        yield _new(first, "~~", second)


def given(exogenous, means):
    """The moments of exogenous covariates, fixed; their values come from the sample."""
    pairs = [(one, two) for i, one in enumerate(exogenous) for two in exogenous[i:]]
    relations = [_new(one, "~~", two, 0.0) for one, two in pairs]
    return relations + [_new(name, "~1", INTERCEPT, 0.0) for name in exogenous if means]


def _new(lhs, op, rhs, fixed=None):
    return Relation(lhs, op, rhs, ADDED, fixed)


def _key(relation):
    ends = (relation.lhs, relation.rhs)
    return relation.op, frozenset(ends) if relation.op == "~~" else ends


def _unique(names):
    return tuple(dict.fromkeys(names))


def _check_labels(text, relations):
    known = {one.label for one in relations if one.label}
    for constraint in text.constraints:
        _require(labels_in(constraint.left) + labels_in(constraint.right), known)
    for definition in text.definitions:
        if definition.name in known:
            fail(f"'{definition.name}' is already a label or definition.", definition.token)
        _require(labels_in(definition.expression), known)
        known.add(definition.name)


def _require(tokens, known):
    for token in tokens:
        if token.text not in known:
            listed = ", ".join(sorted(known)) or "none"
            fail(f"'{token.text}' is not a label of this model (labels: {listed}).", token)


def written(relation):
    """A relation as a reader writes it."""
    if relation.op == "~1":
        return f"{relation.lhs} ~ 1"
    return f"{relation.lhs} {relation.op} {relation.rhs}"


def refuse_latent_columns(specification, columns):
    """Raise InputError where a latent bears the name of a column."""
    shared = [name for name in specification.latent if name in columns]
    if shared:
        raise InputError(f"The latent variable '{shared[0]}' bears the name of a column of the data: rename it.")
