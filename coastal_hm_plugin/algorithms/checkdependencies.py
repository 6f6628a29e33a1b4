"""Check dependencies: which Python packages are there, which tools wait for which."""

from qgis.core import QgsProcessingOutputNumber, QgsProcessingOutputString

from ..processing_provider import dependencies
from ..processing_provider.base import CoastalAlgorithm


class CheckDependencies(CoastalAlgorithm):
    """Names every package the tools need, its version, and how to install what is missing."""

    ID = "checkdependencies"
    TITLE = "Check dependencies"
    GROUP = "Workflow"
    TAGS = ("packages", "install", "pip", "python")

    def declare(self):
        self.addOutput(QgsProcessingOutputNumber("MISSING", self.tr("Number of missing packages")))
        self.addOutput(QgsProcessingOutputString("PACKAGES", self.tr("Packages and versions")))

    def compute(self, parameters, context, monitor):
        lines = []
        for name in dependencies.PACKAGES:
            found = not dependencies.missing([name])
            lines.append(f"{dependencies.PACKAGES[name]}: {dependencies.version(name) if found else 'missing'}")
        for name in dependencies.OPTIONAL:
            found = not dependencies.missing([name])
            lines.append(f"{name} (optional): {dependencies.version(name) if found else 'not installed'}")
        for line in lines:
            monitor.info(line)
        missing = dependencies.missing(dependencies.PACKAGES)
        if missing:
            monitor.warn(dependencies.explain_missing(missing))
            self._name_waiting_tools(missing, monitor)
        else:
            monitor.info(self.tr("Everything is there."))
        return {"MISSING": len(missing), "PACKAGES": "\n".join(lines)}

    def _name_waiting_tools(self, missing, monitor):
        for algorithm in self.provider().algorithms():
            waits = [name for name in algorithm.NEEDS if name in missing]
            if waits:
                monitor.warn(f"'{algorithm.displayName()}' waits for {', '.join(waits)}.")
