"""What the folds tell about a risk model beyond its scores."""

from dataclasses import asdict, dataclass, fields
from typing import Optional

import pandas as pd

from .wu2025 import PaperScore

TABLES = ("distances", "learning_curve", "search")


@dataclass(frozen=True)
class Validation:
    """distances: nearest-neighbour distances (:func:`distances.distance_table`), None without coordinates.

    learning_curve: scores by number of training sites, search: the candidates tried (:class:`tuning.Search`; the last
    model's in ``in_model``), wu2025: the paper's way beside; each None if not asked for.
    folds, without_kriging: folds in all, and those in which the mean stood in for kriging.
    """

    folds: int
    without_kriging: int
    distances: Optional[pd.DataFrame] = None
    learning_curve: Optional[pd.DataFrame] = None
    search: Optional[pd.DataFrame] = None
    wu2025: Optional[PaperScore] = None

    def to_dict(self):
        """A JSON-ready dictionary."""
        content = {"folds": self.folds, "without_kriging": self.without_kriging}
        for name in TABLES:
            content[name] = _plain(getattr(self, name))
        if self.wu2025 is not None:
            content["wu2025"] = {**asdict(self.wu2025), "scores": _plain(self.wu2025.scores)}
        return content

    @classmethod
    def from_dict(cls, content):
        """What :meth:`to_dict` gave. Raises KeyError or TypeError for anything else."""
        given = {name: content[name] for name in (field.name for field in fields(cls)) if name in content}
        for name in TABLES:
            given[name] = _frame(given.get(name))
        paper = given.get("wu2025")
        if paper is not None:
            given["wu2025"] = PaperScore(
                _frame(paper["scores"]), tuple(paper["names"]), tuple(paper["circular"]), paper["sentence"]
            )
        return cls(**given)


def _plain(frame):
    """Columns as JSON has them: NaN is null."""
    if frame is None:
        return None
    return {name: frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame}


def _frame(columns):
    if columns is None:
        return None
    frame = pd.DataFrame(columns)
    return frame.astype({name: float for name in frame if frame[name].isna().all()})
