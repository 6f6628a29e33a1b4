"""Where the documentation is: the homepage of metadata.txt, or, while that is a placeholder, the help pages at hand."""

import configparser
import html
from pathlib import Path

from qgis.PyQt.QtCore import QUrl

METADATA = Path(__file__).parent.parent / "metadata.txt"
PLACEHOLDER = "example.org"
PAGE = """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 16px/1.5 sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em; color: #1f2933; }}
h2 {{ border-bottom: 1px solid #cbd2d9; margin-top: 2em; }} h3 {{ font-size: 1em; }} code {{ background: #f4efe4; }}
</style></head><body><h1>{title}</h1><p>{about}</p><ul>{contents}</ul>{sections}</body></html>
"""


def metadata():
    """The general section of metadata.txt."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(METADATA, encoding="utf-8")
    return parser["general"]


def documentation_url(folder, algorithms):
    """The address to open. folder: where a page of the tools' own help is written if there is no homepage yet."""
    homepage = metadata()["homepage"]
    if PLACEHOLDER not in homepage:
        return homepage
    return QUrl.fromLocalFile(str(write_help(folder / "help.html", algorithms))).toString()


def write_help(path, algorithms):
    """All help pages as one, in the order of the toolbox."""
    general = metadata()
    contents = "".join(
        f'<li><a href="#{tool.name()}">{html.escape(tool.displayName())}</a></li>' for tool in algorithms
    )
    sections = "".join(
        f'<h2 id="{tool.name()}">{html.escape(tool.displayName())}</h2>{tool.shortHelpString()}' for tool in algorithms
    )
    page = PAGE.format(
        title=html.escape(general["name"]), about=html.escape(general["about"]), contents=contents, sections=sections
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(page, encoding="utf-8")
    part.replace(path)
    return path
