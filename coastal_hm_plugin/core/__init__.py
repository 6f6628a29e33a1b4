"""The science: arrays and tables in, result objects out. Nothing here imports QGIS."""
