"""Raster covariates: which rasters (manifest) and their values at points (sampling)."""
