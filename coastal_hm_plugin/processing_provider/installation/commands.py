"""The calls of QGIS's Python: for the plugin to run, and the same in words for a user to copy."""

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

CHILD = Path(__file__).with_name("child.py")
# wheels only: nothing is compiled, and no code of a package runs while it is installed
WHEELS_ONLY = ("--only-binary", ":all:")
PATIENCE = ("--timeout", "20", "--retries", "2", "--progress-bar", "off")
ENVIRONMENT = {
    "PIP_NO_INPUT": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_USER": "0",
    "PIP_ROOT_USER_ACTION": "ignore",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "PYTHONUNBUFFERED": "1",
    "PYTHONIOENCODING": "utf-8",
}


@dataclass(frozen=True)
class Command:
    """One call of Python. The share of the whole that it takes goes from ``begin`` to ``end``."""

    title: str
    program: str
    arguments: tuple
    begin: float
    end: float
    steps: int = 0  # packages it names on its way, for the progress


def identify(program, answer):
    """Ask a Python what it is; the answer is a JSON file."""
    return Command(f"Looking at {program}", str(program), (str(CHILD), "identify", str(answer)), 0.0, 0.05)


def resolve(program, requirements, constraints, report, wheels=None):
    """Let pip choose versions that go with what QGIS has, without installing (pip 22.2 or newer)."""
    arguments = ("--dry-run", "--report", str(report), "--constraint", str(constraints), *_where(wheels))
    call = _pip("install", *arguments, *requirements)
    return Command("Choosing versions that go with QGIS's own", str(program), call, 0.05, 0.35, len(requirements) + 8)


def install(program, requirements, target, wheels=None, constraints=None):
    """Install into ``target``: exactly these, or, with constraints, these and what they need."""
    rest = ("--no-deps",) if constraints is None else ("--constraint", str(constraints))
    call = _pip("install", "--target", str(target), "--no-compile", *rest, *_where(wheels), *requirements)
    return Command("Downloading and installing", str(program), call, 0.35, 0.9, len(requirements) * 2)


def check(program, answer, folder, names):
    """Import the packages in a process of their own."""
    call = (str(CHILD), "check", str(answer), str(folder), *names)
    return Command("Trying the packages in a process of their own", str(program), call, 0.9, 1.0)


def _pip(*arguments):
    return (str(CHILD), "pip", arguments[0], *WHEELS_ONLY, *PATIENCE, *arguments[1:])


def _where(wheels):
    return ("--no-index", "--find-links", str(wheels)) if wheels else ()


def by_hand(program, requirements, target, constraints, platform=sys.platform):
    """The command to install by hand, as one line for the system's command prompt."""
    arguments = ("-m", "pip", "install", "--target", target, *WHEELS_ONLY, "--constraint", constraints, *requirements)
    return in_words((program, *arguments), platform)


def download_by_hand(requirements, constraints, platform=sys.platform):
    """The command that fetches the wheels on another computer with the same system and Python version."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    arguments = ("-m", "pip", "download", "--dest", "wheels", *WHEELS_ONLY, "--constraint", constraints)
    return in_words((f"python{version}" if platform != "win32" else "python", *arguments, *requirements), platform)


def in_words(call, platform=sys.platform):
    """A call as it is typed."""
    words = [str(word) for word in call]
    if platform != "win32":
        return shlex.join(words)
    return " ".join(f'"{word}"' if set(word) & set(' <>=&^|"()') else word for word in words)
