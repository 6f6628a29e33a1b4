"""Rotations and constraints of a factorization, as the PMF tool offers them."""

import re
from typing import Any, NamedTuple

from ..core.errors import InputError
from . import parameters as p


class Rotated(NamedTuple):
    """An Fpeak and a Constrained, each or None."""

    fpeak: Any = None
    constrained: Any = None

    def tables(self):
        """Sink name -> function that makes its table."""
        tables = {}
        if self.fpeak:
            tables |= {"FPEAK_RUNS": self.fpeak.to_frame, "FPEAK_PROFILES": self.fpeak.profiles}
        if self.constrained:
            tables |= {"CONSTRAINED": self.constrained.to_frame, "CONSTRAINED_PROFILES": self.constrained.comparison}
        return tables

    def sections(self, medium, unit):
        """The sections of the report."""
        from ..report import rotation

        found = [rotation.fpeak_section(self.fpeak, medium)] if self.fpeak else []
        if self.constrained:
            found.append(rotation.constraint_section(self.constrained, medium, unit))
        return found


SINKS = {
    "FPEAK_RUNS": "Fpeak runs",
    "FPEAK_PROFILES": "Profiles of the Fpeak runs",
    "CONSTRAINED": "Constraints and their cost",
    "CONSTRAINED_PROFILES": "Profiles before and under the constraints",
}


def declare(algorithm):
    """Add FPEAK and CONSTRAINTS."""
    label = algorithm.tr("Fpeak strengths, as '-1; -0.5; 0.5; 1' (empty: none)")
    algorithm.addParameter(p.advanced(p.text("FPEAK", label)))
    label = algorithm.tr("Constraints, as 'factor2: Cd = 0; factor1: Pb up 0.5 %' (empty: none)")
    algorithm.addParameter(p.advanced(p.text("CONSTRAINTS", label, multiline=True)))


def asked(algorithm, parameters, context):
    """The strengths (floats) and the text of the constraints; refuses tables that neither would fill."""
    constraints = algorithm.parameterAsString(parameters, "CONSTRAINTS", context).strip()
    strengths = _strengths(algorithm.parameterAsString(parameters, "FPEAK", context))
    for sink, title in SINKS.items():
        given, name = (strengths, "Fpeak strengths") if sink.startswith("FPEAK") else (constraints, "constraints")
        if parameters.get(sink) and not given:
            raise InputError(f"The table '{title}' was asked for without {name}: give them, or leave it out.")
    return strengths, constraints


def _strengths(text):
    parts = [part for part in re.split(r"[;\n]|,\s", text) if part.strip()]
    try:
        return tuple(float(part.replace(",", ".")) for part in parts)
    except ValueError:
        raise InputError(f"The Fpeak strengths '{text}' cannot be read: write '-1; -0.5; 0.5; 1'.") from None


def rotate(strengths, constraints, result, monitor):
    """Rotate and constrain the base run as asked: a Rotated."""
    from ..core.pmf import constrain, fpeak

    half = 0.5 if strengths and constraints else 1.0 if strengths else 0.0
    rotated = fpeak(result.data, result, strengths, monitor.part(0.0, half)) if strengths else None
    constrained = constrain(result.data, result, constraints, monitor.part(half, 1.0)) if constraints else None
    for found in filter(None, (rotated, constrained)):
        monitor.info(found.verdict())
    return Rotated(rotated, constrained)
