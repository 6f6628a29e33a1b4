"""Why a risk model predicts what it predicts: SHAP values by TreeSHAP, from XGBoost itself."""

from .coarse_grid import coarse_grid
from .interactions import Interactions, explain_interactions
from .raster import RasterExplanation, RasterExplanationOptions, explain_raster
from .values import Explanation, by_gain, explain_risk_model

__all__ = [
    "Explanation",
    "Interactions",
    "RasterExplanation",
    "RasterExplanationOptions",
    "by_gain",
    "coarse_grid",
    "explain_interactions",
    "explain_raster",
    "explain_risk_model",
]
