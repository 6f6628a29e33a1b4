"""Check dependencies: which Python packages are there, which tools wait for which, and how they are installed."""

from pathlib import Path

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFile,
)

from ..processing_provider import dependencies
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.installation import folder as folders
from ..processing_provider.installation import inventory, procedure, words

WITH_IT = ("openpyxl",)  # optional, small, and asked for by every workbook


class CheckDependencies(CoastalAlgorithm):
    """Names every package the tools need, its version and whose it is, and installs what is missing if told to."""

    ID = "checkdependencies"
    TITLE = "Check dependencies"
    GROUP = "Workflow"
    TAGS = ("packages", "install", "pip", "python")

    def declare(self):
        install = self.tr("Install what is missing into a folder of the plugin's own")
        self.addParameter(QgsProcessingParameterBoolean("INSTALL", install, False))
        wheels = self.tr("Folder of wheels to install from (empty: the package index)")
        kind = QgsProcessingParameterFile.Behavior.Folder
        self.addParameter(p.advanced(QgsProcessingParameterFile("WHEELS", wheels, kind, optional=True)))
        self.addOutput(QgsProcessingOutputNumber("MISSING", self.tr("Number of missing packages")))
        self.addOutput(QgsProcessingOutputString("PACKAGES", self.tr("Packages and versions")))

    def prepareAlgorithm(self, parameters, context, feedback):
        from ..processing_provider.installation.process import proxies

        self._proxies = proxies()  # QGIS's network settings are read in the main thread
        return True

    def compute(self, parameters, context, monitor):
        folder = folders.profile_packages()
        if self.parameterAsBool(parameters, "INSTALL", context):
            self._install(folder, self.parameterAsString(parameters, "WHEELS", context), monitor)
        rows = inventory.packages(folder.home, self.provider().algorithms())
        lines = [words.line(row) for row in rows]
        for line in lines:
            monitor.info(line)
        missing = [row for row in rows if row.needed and row.missing]
        for row in rows:
            for warning in words.warnings(row):
                monitor.warn(warning)
        if missing:
            monitor.info(dependencies.HOW_TO_INSTALL)
            self._name_commands(folder, monitor)
        else:
            monitor.info(self.tr("Everything is there."))
        return {"MISSING": len(missing), "PACKAGES": "\n".join(lines)}

    def _install(self, folder, wheels, monitor):
        from ..processing_provider.installation.process import run

        by_pip, by_distribution = procedure.wanted(folder.home, WITH_IT)
        if by_distribution:
            monitor.warn(words.for_the_distribution(by_distribution))
        if not by_pip:
            monitor.info(self.tr("There is nothing to install: QGIS's Python has it all."))
            return
        asked = procedure.request(by_pip, Path(wheels) if wheels else None)
        packages = run(procedure.install(asked, folder), monitor, self._proxies)
        folder.activate()
        monitor.info(f"Installed into {folder.current()}: {', '.join(packages)}")

    def _name_commands(self, folder, monitor):
        """The commands for those who install by hand."""
        by_pip, by_distribution = procedure.wanted(folder.home, WITH_IT)
        if by_distribution:
            monitor.warn(words.for_the_distribution(by_distribution))
        if by_pip:
            monitor.info(words.how_by_hand(procedure.request(by_pip), folder))
