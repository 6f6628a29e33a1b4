"""EPA PMF 5.0's own files, in and out, as the PMF tool offers them."""

from qgis.core import QgsProcessingParameterFile, QgsProcessingParameterFolderDestination

from ..core.errors import InputError
from . import parameters as p
from .places import Places

FORMATS = ("Workbooks (.xlsx)", "Text (.csv)")
FILTER = "EPA PMF 5.0 input (*.csv *.txt *.xlsx)"


def declare_inputs(algorithm):
    """Add EPA_CONCENTRATIONS and EPA_UNCERTAINTIES."""
    for name, label in (
        ("EPA_CONCENTRATIONS", algorithm.tr("Concentration file of EPA PMF 5.0 (instead of the samples)")),
        ("EPA_UNCERTAINTIES", algorithm.tr("Uncertainty file of EPA PMF 5.0")),
    ):
        file = QgsProcessingParameterFile(name, label, optional=True, fileFilter=FILTER)
        algorithm.addParameter(p.advanced(file))


def declare_outputs(algorithm):
    """Add EPA_FORMAT and EPA_FOLDER."""
    algorithm.addParameter(p.advanced(p.choice("EPA_FORMAT", algorithm.tr("Format of the EPA PMF 5.0 files"), FORMATS)))
    label = algorithm.tr("Folder for EPA PMF 5.0 files")
    folder = QgsProcessingParameterFolderDestination("EPA_FOLDER", label, optional=True, createByDefault=False)
    algorithm.addParameter(p.advanced(folder))


def read_inputs(algorithm, parameters, context, medium):
    """The samples of EPA's files, their Places (none), and their uncertainties or None; None if no file is given."""
    from ..core.pmf.epa_files import epa_samples

    concentrations = algorithm.parameterAsFile(parameters, "EPA_CONCENTRATIONS", context)
    uncertainties = algorithm.parameterAsFile(parameters, "EPA_UNCERTAINTIES", context)
    if not concentrations:
        if uncertainties:
            raise InputError("EPA_UNCERTAINTIES needs its concentration file: give EPA_CONCENTRATIONS too.")
        return None
    if parameters.get("INPUT"):
        raise InputError("Give either samples (INPUT) or the files of EPA PMF 5.0 (EPA_CONCENTRATIONS), not both.")
    samples, given = epa_samples(concentrations, uncertainties or None, medium)
    return samples, Places(samples.table), given


def write_outputs(algorithm, parameters, context, stem, result, estimates, names):
    """Write the folder asked for and return it; None if none was. estimates: Estimates."""
    from ..core.pmf.epa_files import write_epa_outputs

    folder = algorithm.parameterAsString(parameters, "EPA_FOLDER", context)
    if not folder or parameters.get("EPA_FOLDER") in (None, ""):
        return None
    excel = algorithm.parameterAsEnum(parameters, "EPA_FORMAT", context) == 0
    write_epa_outputs(
        folder,
        stem,
        result,
        estimates.bootstrap,
        estimates.displacement,
        bs_displacement=estimates.bs_displacement,
        names=names,
        excel=excel,
    )
    return folder


def sample_names(samples):
    """What EPA's files call the samples: the first column of texts that are all different, else their numbers."""
    for column in samples.table.columns:
        values = samples.table[column]
        if values.map(lambda one: isinstance(one, str) and bool(one.strip())).all() and values.is_unique:
            return values.tolist()
    return None
