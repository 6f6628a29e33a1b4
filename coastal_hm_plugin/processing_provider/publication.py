"""Publication tables of a tool: one optional folder that takes each result table as CSV, .xlsx and LaTeX."""

from qgis.core import QgsProcessingParameterFolderDestination

NAME = "TABLES"


def publication_tables(algorithm):
    """The parameter TABLES: a folder for the tables, none unless asked for."""
    label = algorithm.tr("Folder for publication tables, as CSV, .xlsx and LaTeX")
    return QgsProcessingParameterFolderDestination(NAME, label, None, True, False)


def write_publication_tables(algorithm, parameters, context, listings, monitor):
    """Write the tables to the folder in TABLES, if there is one. listings: file stem -> report Listing.

    Returns the outputs to report: ``{"TABLES": folder}``, or nothing.
    """
    from ..report.tables import write_tables

    folder = algorithm.parameterAsString(parameters, NAME, context)
    if not folder:
        return {}
    written, warnings = write_tables(folder, listings)
    for warning in warnings:
        monitor.warn(warning)
    monitor.info(f"Tables written: {', '.join(path.name for path in written)}.")
    return {NAME: folder}
