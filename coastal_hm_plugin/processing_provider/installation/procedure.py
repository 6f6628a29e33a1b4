"""The course of an installation: a generator that hands out the calls of Python and takes their outcomes.

It starts no process itself: whoever drives it runs each ``Command`` and sends back ``(exit code, text)``. Closing the
generator cancels; either way nothing half-made stays.
"""

import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from .. import dependencies
from . import commands, interpreter, inventory, outcome
from .errors import InstallationError

REPORTING_PIP = (22, 2)  # the first pip with --dry-run --report
CPU_ONLY = {"xgboost-cpu": "xgboost"}  # smaller by far where its wheel exists (Linux and Windows on x86-64)


@dataclass(frozen=True)
class Request:
    """What to install: requirements for pip, the import names they bring, a folder of wheels instead of an index."""

    requirements: tuple
    names: tuple
    wheels: Optional[Path] = None


def wanted(own, optional=(), platform=sys.platform):
    """Import names that QGIS's Python lacks, the folder ``own`` aside: (for pip, for the Linux distribution)."""
    lacking = [name for name in (*dependencies.PACKAGES, *optional) if not inventory.is_provided(name, own)]
    shared = [name for name in lacking if name in dependencies.SHARED and platform.startswith("linux")]
    return [name for name in lacking if name not in shared], shared


def request(names, wheels=None):
    """The request for these import names."""
    return Request(tuple(dependencies.requirement(name) for name in names), tuple(names), wheels)


def write_constraints(folder, path):
    """Write the constraints file that holds QGIS's packages at their versions; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = inventory.constraints(inventory.provided(folder.home))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def install(asked, folder, programs=None):
    """Install what is asked into the plugin's folder. Returns ``name==version`` of each. Raises InstallationError."""
    part = folder.begin()
    workshop = Path(tempfile.mkdtemp(prefix="coastalhm-"))
    try:
        python, pip = yield from _find(programs, workshop / "python.json")
        have = inventory.provided(folder.home)
        constraints = write_constraints(folder, workshop / "constraints.txt")
        if pip >= REPORTING_PIP:
            report = workshop / "report.json"
            yield from _choosing(
                asked, lambda names: commands.resolve(python, names, constraints, report, asked.wheels)
            )
            pinned = outcome.chosen(report, have)
            if pinned:
                yield from _pip(commands.install(python, pinned, part, asked.wheels), asked)
        else:
            yield from _choosing(asked, lambda names: commands.install(python, names, part, asked.wheels, constraints))
        return (yield from _finish(part, asked.names, folder, python, workshop))
    finally:
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(workshop, ignore_errors=True)


def adopt(names, folder, programs=None):
    """Look through what a command by hand has installed and put it to use. Returns ``name==version`` of each."""
    workshop = Path(tempfile.mkdtemp(prefix="coastalhm-"))
    try:
        python, _ = yield from _find(programs, workshop / "python.json", pip_needed=False)
        return (yield from _finish(folder.by_hand, names, folder, python, workshop))
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _finish(part, names, folder, python, workshop):
    """Leave out what QGIS has, try the rest in a process of its own, then switch over."""
    outcome.prune(part, inventory.provided(folder.home))
    outcome.refuse_shadows(part, inventory.other_paths(folder.home))
    answer = workshop / "check.json"
    yield commands.check(python, answer, part, tuple(dict.fromkeys(("numpy", *names))))
    outcome.judge_check(answer, part)
    packages = outcome.installed(part)
    folder.publish(part, packages, inventory.provided(folder.home).get("numpy", ""))
    return packages


def _find(programs, answer, pip_needed=True):
    """The interpreter that is QGIS's own, and its pip's version as (major, minor)."""
    tried = interpreter.existing(programs or interpreter.candidates())
    numpy = _own_numpy()
    without_pip = None
    for program in tried:
        answer.unlink(missing_ok=True)
        yield commands.identify(program, answer)
        found = json.loads(answer.read_text(encoding="utf-8")) if answer.exists() else {}
        if found.get("version") != list(sys.version_info[:2]) or found.get("numpy") != numpy:
            continue
        if found["pip"] or not pip_needed:
            return program, inventory.version_key(found["pip"] or "0")[:2]
        without_pip = program
    if without_pip:
        raise InstallationError(f"QGIS's Python ({without_pip}) has no pip. {how_to_get_pip(without_pip)}")
    listed = ", ".join(map(str, tried)) or f"none beside {sys.executable} or in {sys.exec_prefix}"
    raise InstallationError(
        f"The Python that QGIS runs (version {sys.version_info[0]}.{sys.version_info[1]}, with numpy {numpy}) was not "
        f"found as a program; looked at: {listed}. Run the command below with that Python by hand."
    )


def _own_numpy():
    from .folder import numpy_version

    return numpy_version()


def how_to_get_pip(program):
    """The command that brings pip."""
    command = interpreter.distribution_command(["pip"]) if sys.platform.startswith("linux") else ""
    return f"Install it first:  {command or commands.in_words((program, '-m', 'ensurepip', '--user'))}"


def _choosing(asked, call):
    """Run a call for the requirements; where a CPU-only wheel does not exist, again with the full package."""
    requirements = list(asked.requirements)
    while True:
        code, text = yield call(requirements)
        if code == 0:
            return
        absent = outcome.no_wheel(text)
        swapped = [_other(one, absent) for one in requirements]
        if swapped == requirements:
            raise InstallationError(outcome.explain(text, asked.wheels))
        requirements = swapped


def _other(requirement, absent):
    name = requirement.split(">")[0]
    return requirement.replace(name, CPU_ONLY[name]) if name == absent and name in CPU_ONLY else requirement


def _pip(command, asked):
    code, text = yield command
    if code != 0:
        raise InstallationError(outcome.explain(text, asked.wheels))
