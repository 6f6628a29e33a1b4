"""Figures and self-contained HTML from the core's results. Nothing here imports QGIS."""
