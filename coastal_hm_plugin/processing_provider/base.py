"""The base of every algorithm: identity, help, errors, progress, styles of the outputs."""

import traceback
from contextlib import nullcontext
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsProcessingAlgorithm,
    QgsProcessingException,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingUtils,
    QgsProperty,
)
from qgis.PyQt.QtGui import QIcon

from ..core.errors import Cancelled, InputError
from ..core.monitor import Monitor
from . import dependencies, styling, translation
from .decimal_point import decimal_point
from .discard import remove_output
from .translation import RESOURCES

GROUP_IDS = {
    "Sampling": "sampling",
    "Baselines": "baselines",
    "Partitioning": "partitioning",
    "Statistics": "statistics",
    "Sources": "sources",
    "Risk": "risk",
    "Workflow": "workflow",
}


def one_linear_algebra_thread():
    """Sums of matrices in one thread while a tool runs: their last bits then do not depend on the machine's cores."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:  # it comes with scikit-learn; without it nothing but last bits is lost
        return nullcontext()
    import scipy.linalg  # noqa: F401  only libraries that are there already can be told

    return threadpool_limits(1, user_api="blas")


class CoastalAlgorithm(QgsProcessingAlgorithm):
    """One tool. A subclass sets the constants and writes ``declare`` and ``compute``."""

    ID = ""
    TITLE = ""
    GROUP = ""
    TAGS = ()
    NEEDS = ()

    def __init__(self):
        super().__init__()
        self._styles = []
        self._inputs = {}
        self._begun = []

    def declare(self):
        """Add the parameters and outputs."""
        raise NotImplementedError

    def compute(self, parameters, context, monitor):
        """Do the work and return the outputs. May raise InputError."""
        raise NotImplementedError

    def style_output(self, destination, style, name=None):
        """Style an output once it is written: ``style`` takes the layer (see styling)."""
        self._styles.append((destination, style, name))

    def record_input(self, name, source, table, x=None, y=None):
        """Remember what was read, for run.json."""
        from ..core.run_record import fingerprint_table

        self._inputs[name] = {
            "source": source,
            "rows": len(table),
            "columns": [str(column) for column in table.columns],
            "sha256": fingerprint_table(table, x, y),
        }

    def record_file(self, name, path):
        """Remember a file that was read, for run.json."""
        from ..core.run_record import fingerprint_file

        self._inputs[f"{name}: {Path(path).name}"] = {"source": str(path), "sha256": fingerprint_file(path)}

    def write_run_record(self, path, parameters, context, results=None):
        """Write what this run came from, beside its report."""
        from ..core.run_record import write_run_record

        given = {p.name(): _readable(parameters.get(p.name(), p.defaultValue())) for p in self.parameterDefinitions()}
        program = {"QGIS": Qgis.QGIS_VERSION}
        write_run_record(path, f"coastalhm:{self.ID}", given, self._inputs, results, program)

    # QGIS's side

    def createInstance(self):
        return type(self)()

    def name(self):
        return self.ID

    def displayName(self):
        return self.tr(self.TITLE)

    def group(self):
        return self.tr(self.GROUP)

    def groupId(self):
        return GROUP_IDS[self.GROUP]

    def tags(self):
        return [*self.TAGS, "heavy metals", "geochemistry", "coast"]

    def icon(self):
        own = RESOURCES / "icons" / f"{self.ID}.svg"
        return QIcon(str(own if own.exists() else RESOURCES / "icons" / "coastalhm.svg"))

    def shortHelpString(self):
        return translation.help_text(self.ID) or self.tr(self.TITLE)

    def tr(self, text):
        return translation.tr(text)

    def addParameter(self, parameter, createOutput=True):
        translation.translate_parameter(parameter)
        return super().addParameter(parameter, createOutput)

    def initAlgorithm(self, configuration=None):
        self.declare()

    def canExecute(self):
        missing = dependencies.missing(self.NEEDS)
        return (not missing, dependencies.explain_missing(missing) if missing else "")

    def checkParameterValues(self, parameters, context):
        from . import checks

        problem = checks.first_problem(self, _asked_for(parameters), context)
        return (False, problem) if problem else super().checkParameterValues(parameters, context)

    def processAlgorithm(self, parameters, context, feedback):
        # qgis_process does not ask canExecute first
        missing = dependencies.missing(self.NEEDS)
        if missing:
            raise QgsProcessingException(dependencies.explain_missing(missing))
        try:
            return self._compute_and_record(_asked_for(parameters), context, feedback_monitor(feedback))
        except BaseException as error:
            for destination in self._begun:
                remove_output(destination)
            if isinstance(error, QgsProcessingException):
                raise
            raise QgsProcessingException(self._explain(error, feedback)) from error

    def _compute_and_record(self, parameters, context, monitor):
        with decimal_point(), one_linear_algebra_thread():
            results = self.compute(parameters, context, monitor)
        if results.get("REPORT") and "RUN" not in results:
            report = Path(results["REPORT"])
            self.write_run_record(report.with_suffix(".run.json"), parameters, context)
        return results

    def _explain(self, error, feedback):
        if isinstance(error, InputError):
            return str(error)
        if isinstance(error, Cancelled):
            return self.tr("Cancelled. Nothing was written.")
        # a fault of ours: its trace goes to the log, and the program ends with a message
        feedback.pushDebugInfo(traceback.format_exc())
        return f"Unexpected error: {type(error).__name__}: {error}"

    def begin_output(self, destination):
        """Remember an output that is being written: it is removed if the run does not end well."""
        self._begun.append(destination)

    def postProcessAlgorithm(self, context, feedback):
        for destination, style, name in self._styles:
            if context.willLoadLayerOnCompletion(destination):
                styling.style_when_loaded(context, destination, style, name)
            layer = QgsProcessingUtils.mapLayerFromString(destination, context)
            if layer is not None:
                style(layer)
                styling.write_qml(layer)
        return {}


def _asked_for(parameters):
    """The parameters, with None for outputs that nobody asked for: the batch window gives those an empty name."""
    nameless = QgsProperty.fromValue("")
    return {
        name: None if isinstance(value, QgsProcessingOutputLayerDefinition) and value.sink == nameless else value
        for name, value in parameters.items()
    }


def _readable(value):
    """A parameter's value as JSON takes it."""
    if isinstance(value, (list, tuple)):
        return [_readable(one) for one in value]
    return value if isinstance(value, (int, float, bool, str)) or value is None else str(value)


def feedback_monitor(feedback):
    """The core's monitor that speaks to QGIS's feedback."""
    return Monitor(
        on_progress=lambda fraction: feedback.setProgress(100 * fraction),
        on_info=feedback.pushInfo,
        on_warning=feedback.pushWarning,
        is_cancelled=feedback.isCanceled,
    )
