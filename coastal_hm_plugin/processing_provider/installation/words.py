"""What the table, the log and the message bar say of packages."""

from . import commands, interpreter, procedure

SOURCES = {
    "QGIS": "QGIS's Python",
    "user": "your own Python packages",
    "plugin": "this plugin's folder",
    "other": "another folder",
}


def line(package):
    """One line of a list of packages."""
    name = package.requirement.split(">")[0] + ("" if package.needed else " (optional)")
    if package.missing:
        return f"{name}: {'missing' if package.needed else 'not installed'}"
    return f"{name}: {package.version} ({SOURCES[package.source]}, {package.path})"


def warnings(package):
    """What a user should know of one package: tools that wait for it, a version that is too old."""
    told = []
    if package.missing and package.waiting:
        told.append(
            f"{package.name} is missing. {len(package.waiting)} tools wait for it: {', '.join(package.waiting)}."
        )
    if package.outdated:
        told.append(
            f"{package.name} {package.version} is older than the tools were tested with ({package.requirement}). It is "
            f"not this plugin's to change ({package.path})."
        )
    return told


def who_waits(packages, tools):
    """One line on how many tools wait for which packages. tools: how many tools there are."""
    clauses = []
    for package in packages:
        count = len(package.waiting)
        waiting = "all tools" if count == tools else str(count) if clauses else f"{count} tools"
        clauses.append(f"{package.requirement.split('>')[0]} ({waiting})")
    return f"Missing: {', '.join(clauses)}."  # short: a message bar shows one line


def each_tool(packages):
    """The tools that wait, by name, a line for each package."""
    return "\n".join(f"{package.requirement.split('>')[0]}: {', '.join(package.waiting)}" for package in packages)


def for_the_distribution(names):
    """How packages that link to GDAL and PROJ are installed on Linux."""
    command = interpreter.distribution_command(names)
    listed = " and ".join(names)
    if command:
        return f"{listed} must share QGIS's own GDAL and PROJ and come from the Linux distribution:  {command}"
    where = "This QGIS is a flatpak, which cannot take them" if interpreter.is_flatpak() else "Look for them there"
    return (
        f"{listed} must share QGIS's own GDAL and PROJ and come from where QGIS itself comes from. {where}; QGIS from "
        "the distribution or from conda-forge can have them. The tools that need them wait."
    )


def commands_by_hand(asked, folder):
    """For a QGIS that cannot reach the package index: the command to install, the one to fetch the wheels elsewhere.

    Writes the constraints file that they name.
    """
    program = (interpreter.existing(interpreter.candidates()) or ["python3"])[0]
    constraints = procedure.write_constraints(folder, folder.constraints)
    install = commands.by_hand(program, asked.requirements, folder.by_hand, constraints)
    return install, commands.download_by_hand(asked.requirements, constraints.name)


def how_by_hand(asked, folder):
    """The same as a text."""
    install, download = commands_by_hand(asked, folder)
    return (
        f"By hand, with QGIS's own Python:\n  {install}\nthen 'Check again' in the Dependencies window.\n"
        "Without network: on another computer with the same system and Python, beside a copy of "
        f"{folder.constraints.name},\n"
        f"  {download}\nthen install from that folder of wheels."
    )
