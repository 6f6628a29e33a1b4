"""A page of the documentation for each tool, made from the tool itself:  python scripts/tool_pages.py

docs/tools/<id>.md: its help, a table of its parameters and outputs as scripts name them, and a picture where
docs/pictures/tools/<id>.png exists. They are made when the site is built, so they cannot fall behind.
"""

import html
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "tools"
PICTURES = ROOT / "docs" / "pictures" / "tools"
sys.path.insert(0, str(ROOT))
GROUP_ORDER = ("Sampling", "Baselines", "Partitioning", "Statistics", "Sources", "Risk", "Workflow")


def page(algorithm):
    """The page of one tool as Markdown."""
    name = algorithm.name()
    lines = [f"# {algorithm.displayName()}", "", f"`coastalhm:{name}`, group *{algorithm.group()}*", ""]
    if (PICTURES / f"{name}.png").exists():
        lines += [f"![{algorithm.displayName()}: an example](../pictures/tools/{name}.png)", ""]
    help_text = algorithm.shortHelpString().replace("<h3>", "<h2>").replace("</h3>", "</h2>")
    lines += [help_text, "", "## In scripts and on the command line", ""]
    lines += ["| parameter | what | kind | default |", "|---|---|---|---|"]
    lines += [_row(parameter) for parameter in algorithm.parameterDefinitions()]
    outputs = [f"| `{output.name()}` | {_cell(output.description())} |" for output in algorithm.outputDefinitions()]
    if outputs:
        lines += ["", "| output | what |", "|---|---|", *outputs]
    return "\n".join(lines) + "\n"


def _row(parameter):
    from qgis.core import QgsProcessingParameterDefinition

    flags = QgsProcessingParameterDefinition.Flag
    what = _cell(parameter.description())
    if hasattr(parameter, "options"):
        what += ": " + "; ".join(f"{index} {_cell(option)}" for index, option in enumerate(parameter.options()))
    kind = parameter.type() + (", optional" if parameter.flags() & flags.FlagOptional else "")
    kind += ", advanced" if parameter.flags() & flags.FlagAdvanced else ""
    default = parameter.defaultValue()
    return f"| `{parameter.name()}` | {what} | {kind} | {'' if default in (None, '') else _cell(str(default))} |"


def _cell(text):
    return html.escape(text, quote=False).replace("|", "&#124;").replace("\n", " ")


def index(algorithms):
    """The list of all tools, by group."""
    lines = ["# The tools", ""]
    for group in GROUP_ORDER:
        lines += [f"## {group}", ""]
        lines += [f"- [{a.displayName()}]({a.name()}.md) (`{a.name()}`)" for a in algorithms if a.group() == group]
        lines.append("")
    return "\n".join(lines)


def write(folder):
    """Write all pages. Needs a running QgsApplication."""
    from qgis.core import QgsApplication

    from coastal_hm_plugin.algorithms.catalogue import ALGORITHMS
    from coastal_hm_plugin.processing_provider.provider import CoastalProvider

    provider = CoastalProvider(ALGORITHMS)
    QgsApplication.processingRegistry().addProvider(provider)
    order = [make.ID for make in ALGORITHMS]
    tools = sorted(provider.algorithms(), key=lambda tool: order.index(tool.name()) if tool.name() in order else 99)
    folder.mkdir(parents=True, exist_ok=True)
    for algorithm in tools:
        (folder / f"{algorithm.name()}.md").write_text(page(algorithm), encoding="utf-8")
    (folder / "index.md").write_text(index(tools), encoding="utf-8")
    return tools


def main():
    """Start QGIS without a display and write."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    print(f"written: {len(write(PAGES))} pages of tools")
    application.exitQgis()


if __name__ == "__main__":
    main()
