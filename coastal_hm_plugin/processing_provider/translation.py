"""The language of the tools: English in the code, others from ``resources/i18n`` and ``resources/help/<language>``."""

import re
from pathlib import Path

from qgis.core import QgsApplication, QgsProcessingParameterEnum
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

RESOURCES = Path(__file__).parent.parent / "resources"
CONTEXT = "CoastalAlgorithm"
CHINESE = "[\u3000-\u9fff\uff00-\uffef]"  # written without spaces
LANGUAGES = {"zh": "zh_CN"}  # how a locale begins -> the language there is


def language():
    """The language that QGIS is set to, if there is one other than English here; else "en"."""
    return LANGUAGES.get(QgsApplication.locale()[:2].lower(), "en")


def tr(text):
    """A text of the tools in the language of the user."""
    return QCoreApplication.translate(CONTEXT, text)


def translate_parameter(parameter):
    """Put what a user reads of a parameter into the language of the user; names and orders stay."""
    parameter.setDescription(tr(parameter.description()))
    if parameter.help():
        parameter.setHelp(tr(parameter.help()))
    if isinstance(parameter, QgsProcessingParameterEnum):
        parameter.setOptions([tr(option) for option in parameter.options()])


def help_text(name):
    """A tool's help in the language of the user, or in English; "" if there is none.

    The dialogs of QGIS make a new paragraph of every line end: there are none, but for those in ``<pre>``.
    """
    pages = (RESOURCES / "help" / language() / f"{name}.html", RESOURCES / "help" / f"{name}.html")
    page = next((page for page in pages if page.exists()), None)
    if page is None:
        return ""
    parts = re.split(r"(<pre.*?</pre>)", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return "".join(part if part.startswith("<pre") else _on_one_line(part) for part in parts)


def _on_one_line(text):
    without_spaces = re.sub(rf"(?<={CHINESE})\s*\n\s*(?={CHINESE})", "", text.strip())
    return re.sub(r"\s*\n\s*", " ", without_spaces)


class Translation:
    """The translator of the plugin, from loading to unloading."""

    def __init__(self):
        self._translator = None

    def install(self):
        """Translate from now on, if there is a translation for the user's language."""
        file = RESOURCES / "i18n" / f"coastal_hm_plugin_{language()}.qm"
        if self._translator is not None or not file.exists():
            return
        translator = QTranslator()
        if translator.load(str(file)):
            QCoreApplication.installTranslator(translator)
            self._translator = translator  # Qt does not keep it

    def remove(self):
        """Back to English."""
        if self._translator is not None:
            QCoreApplication.removeTranslator(self._translator)
            self._translator = None
