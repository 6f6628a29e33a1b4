"""Keep the translations in step with the texts:  scripts/in_qgis.sh .venv/bin/python scripts/translations.py [--check]

Collects every text that a user reads in the tools and windows, brings coastal_hm_plugin/resources/i18n/*.ts up to date
(translations stay, texts that are gone go), and makes the .qm files that QGIS loads. --check: only say what is missing.
The .qm files are committed too, so that a checkout speaks every language without Qt's tools; packaging makes them anew.
"""

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "coastal_hm_plugin"
FOLDER = PACKAGE / "resources" / "i18n"
LANGUAGES = ("zh_CN",)
TOOLS = "CoastalAlgorithm"
sys.path.insert(0, str(ROOT))


def texts():
    """(context, text) of everything to translate, in the order of the toolbox. Needs a running QgsApplication."""
    found = dict.fromkeys((TOOLS, text) for text in _texts_of_tools())
    for path in sorted(PACKAGE.rglob("*.py")):
        found.update(dict.fromkeys(_texts_in(path)))
    return [entry for entry in found if entry[1].strip()]


def _texts_of_tools():
    from qgis.core import QgsApplication

    from coastal_hm_plugin.algorithms.catalogue import ALGORITHMS
    from coastal_hm_plugin.processing_provider.provider import CoastalProvider

    registry = QgsApplication.processingRegistry()
    provider = registry.providerById("coastalhm")
    if provider is None:
        provider = CoastalProvider(ALGORITHMS)  # without the translator that the plugin installs
        registry.addProvider(provider)
    models = [algorithm for algorithm in provider.algorithms() if not hasattr(algorithm, "TITLE")]
    for algorithm in [*(make() for make in ALGORITHMS), *models]:
        algorithm.initAlgorithm()
        yield algorithm.displayName()
        yield algorithm.group()
        for parameter in algorithm.parameterDefinitions():
            yield parameter.description()
            yield parameter.help()
            yield from getattr(parameter, "options", list)()
        for output in algorithm.outputDefinitions():
            yield output.description()


def _texts_in(path):
    """Texts given to tr() in a file: those of a window have its class as context, all others that of the tools."""
    is_window = "gui" in path.parts
    for owner in ast.parse(path.read_text(encoding="utf-8")).body:
        context = owner.name if is_window and isinstance(owner, ast.ClassDef) else TOOLS
        for node in ast.walk(owner):
            if isinstance(node, ast.Call) and node.args and _is_tr(node.func) and _is_text(node.args[0]):
                yield context, node.args[0].value


def _is_tr(function):
    return getattr(function, "attr", getattr(function, "id", "")) == "tr"


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def update(language, wanted):
    """Bring one .ts file up to date; returns the texts without a translation."""
    path = FOLDER / f"coastal_hm_plugin_{language}.ts"
    known = read(path)
    root = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    for context in dict.fromkeys(context for context, _ in wanted):
        node = ElementTree.SubElement(root, "context")
        ElementTree.SubElement(node, "name").text = context
        for text in (text for other, text in wanted if other == context):
            message = ElementTree.SubElement(node, "message")
            ElementTree.SubElement(message, "source").text = text
            translation = ElementTree.SubElement(message, "translation")
            translation.text = known.get((context, text))
            if translation.text is None:
                translation.set("type", "unfinished")
    ElementTree.indent(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    return [entry for entry in wanted if entry not in known]


def read(path):
    """(context, text) -> translation of a .ts file; empty where there is none."""
    if not path.exists():
        return {}
    found = {}
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation.text and translation.get("type") != "unfinished":
                found[context.findtext("name"), message.findtext("source")] = translation.text
    return found


def compiled(source):
    """A .ts file as the bytes of its .qm file, made by Qt's lrelease; None where that is not installed."""
    if shutil.which("lrelease") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "translation.qm"
        subprocess.run(["lrelease", "-silent", str(source), "-qm", str(target)], check=True)
        return target.read_bytes()


def release(language):
    """Make the .qm file; refuses where it cannot."""
    source = FOLDER / f"coastal_hm_plugin_{language}.ts"
    content = compiled(source)
    if content is None:
        raise SystemExit("Qt's lrelease is missing: apt-get install qttools5-dev-tools")
    source.with_suffix(".qm").write_bytes(content)


def main():
    """Start QGIS without a display, collect, write."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    wanted = texts()
    application.exitQgis()
    failed = False
    for language in LANGUAGES:
        if "--check" in sys.argv[1:]:
            known = read(FOLDER / f"coastal_hm_plugin_{language}.ts")
            missing = [entry for entry in wanted if entry not in known]
        else:
            missing = update(language, wanted)
            release(language)
        print(f"{language}: {len(wanted) - len(missing)} of {len(wanted)} texts translated")
        for context, text in missing[:10]:
            print(f"  missing: [{context}] {text}")
        failed = failed or bool(missing)
    return 1 if failed and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
