"""Risk models: XGBoost on site covariates, scored on folds that hold neighbours back, beside the mean and a line."""

from .confusion import ClassAgreement, class_agreement
from .folds import Folds, grouped_folds, random_folds, spatial_folds
from .intervals import PredictionIntervals, prediction_intervals
from .matched_folds import held_out_distances, matched_folds, nearest_distances
from .model import RiskModel, RiskPrediction, load_risk_model, sidecar_path
from .options import TrainingOptions
from .predictors import LeftOut, Predictor, circular_predictors, default_predictors
from .scores import score
from .training import train_risk_model
from .validation import Validation
from .verdict import Gain, Skill
from .wu2025 import WU2025_WARNING, PaperScore

__all__ = [
    "WU2025_WARNING",
    "ClassAgreement",
    "Folds",
    "Gain",
    "LeftOut",
    "PaperScore",
    "PredictionIntervals",
    "Predictor",
    "RiskModel",
    "RiskPrediction",
    "Skill",
    "TrainingOptions",
    "Validation",
    "circular_predictors",
    "class_agreement",
    "default_predictors",
    "grouped_folds",
    "held_out_distances",
    "load_risk_model",
    "matched_folds",
    "nearest_distances",
    "prediction_intervals",
    "random_folds",
    "score",
    "sidecar_path",
    "spatial_folds",
    "train_risk_model",
]
