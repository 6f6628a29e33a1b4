"""What the table, the log and the message bar say of packages."""

from ..translation import tr
from . import commands, interpreter, procedure


def whose(package):
    """Whose folder a package is in."""
    return {
        "QGIS": tr("QGIS's Python"),
        "user": tr("your own Python packages"),
        "plugin": tr("this plugin's folder"),
        "other": tr("another folder"),
    }.get(package.source, "")


def purpose(package):
    """What a package is for that no tool waits for."""
    return {
        "numpy": tr("every number"),
        "openpyxl": tr("Excel workbooks: publication tables, files of EPA PMF 5.0"),
        "shap": tr("the plots of the shap package itself"),
        "distributed": tr("work on the computers of a Dask cluster"),
    }.get(package.name, "")


def line(package):
    """One line of a list of packages."""
    name = package.requirement.split(">")[0] + ("" if package.needed else f" ({tr('optional')})")
    if package.missing:
        return f"{name}: {tr('missing') if package.needed else tr('not installed')}"
    return f"{name}: {package.version} ({whose(package)}, {package.path})"


def warnings(package):
    """What a user should know of one package: tools that wait for it, a version that is too old."""
    told = []
    if package.missing and package.waiting:
        text = tr("{} is missing. {} tools wait for it: {}.")
        told.append(text.format(package.name, len(package.waiting), ", ".join(package.waiting)))
    if package.outdated:
        text = tr("{} {} is older than the tools were tested with ({}). It is not this plugin's to change ({}).")
        told.append(text.format(package.name, package.version, package.requirement, package.path))
    return told


def who_waits(packages, tools):
    """One line on how many tools wait for which packages. tools: how many tools there are."""
    clauses = []
    for package in packages:
        count = len(package.waiting)
        waiting = tr("all tools") if count == tools else str(count) if clauses else tr("{} tools").format(count)
        clauses.append(f"{package.requirement.split('>')[0]} ({waiting})")
    return tr("Missing: {}.").format(", ".join(clauses))  # short: a message bar shows one line


def each_tool(packages):
    """The tools that wait, by name, a line for each package."""
    return "\n".join(f"{package.requirement.split('>')[0]}: {', '.join(package.waiting)}" for package in packages)


def for_the_distribution(names):
    """How packages that link to GDAL and PROJ are installed on Linux."""
    command = interpreter.distribution_command(names)
    listed = ", ".join(names)
    if command:
        text = tr("{} must share QGIS's own GDAL and PROJ and come from the Linux distribution:  {}")
        return text.format(listed, command)
    flatpak = tr("This QGIS is a flatpak, which cannot take them")
    where = flatpak if interpreter.is_flatpak() else tr("Look for them there")
    text = tr(
        "{} must share QGIS's own GDAL and PROJ and come from where QGIS itself comes from. {}; QGIS from the "
        "distribution or from conda-forge can have them. The tools that need them wait."
    )
    return text.format(listed, where)


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
    text = tr(
        "By hand, with QGIS's own Python:\n  {}\nthen 'Check again' in the Dependencies window.\n"
        "Without network: on another computer with the same system and Python, beside a copy of {},\n"
        "  {}\nthen install from that folder of wheels."
    )
    return text.format(install, folder.constraints.name, download)
