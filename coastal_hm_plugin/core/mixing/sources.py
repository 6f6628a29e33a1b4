"""The sources of a mixing model: means, spreads and numbers of samples of every tracer."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..errors import InputError


@dataclass(frozen=True)
class Sources:
    """K sources with J tracers. mean, sd: arrays (K, J), in the tracers' units. n: samples of each source (K,),
    infinity where mean and SD are taken as known. correlation: (K, J, J) between tracers within a source.
    concentration: (K, J) or None. discrimination_mean, discrimination_sd: (K, J), added to the sources.

    Raises InputError for fewer than two sources, names given twice, missing values, an SD that is not positive,
    fewer than two samples, and concentrations that are not positive.
    """

    names: tuple
    tracers: tuple
    mean: np.ndarray
    sd: np.ndarray
    n: np.ndarray = None
    correlation: np.ndarray = None
    concentration: np.ndarray = None
    discrimination_mean: np.ndarray = None
    discrimination_sd: np.ndarray = None

    def __post_init__(self):
        shape = (len(self.names), len(self.tracers))
        defaults = {
            "n": np.full(shape[0], np.inf),
            "correlation": np.broadcast_to(np.eye(shape[1]), (shape[0], shape[1], shape[1])),
            "discrimination_mean": np.zeros(shape),
            "discrimination_sd": np.zeros(shape),
        }
        for name, default in defaults.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, default)
        self._check()

    def _check(self):
        if len(self.names) < 2:
            raise InputError(f"A mixing model needs at least 2 sources ({len(self.names)} given).")
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice:
            raise InputError(f"Source {', '.join(twice)} is given more than once: give one row per source.")
        if not self.tracers:
            raise InputError("A mixing model needs at least one tracer.")
        self._refuse(~np.isfinite(self.mean), "has no mean of")
        self._refuse(~(np.isfinite(self.sd) & (self.sd > 0)), "needs an SD above 0 of")
        self._refuse(~(np.isfinite(self.discrimination_mean)), "has no discrimination of")
        bad = ~(np.isfinite(self.discrimination_sd) & (self.discrimination_sd >= 0))
        self._refuse(bad, "needs an SD of the discrimination, 0 or above, of")
        if self.concentration is not None:
            bad = ~(np.isfinite(self.concentration) & (self.concentration > 0))
            self._refuse(bad, "needs a concentration above 0 of")
        few = [name for name, n in zip(self.names, self.n) if not n >= 2]
        if few:
            raise InputError(
                f"Source {', '.join(few)} needs at least 2 samples (n). Leave the column n away "
                "to take the means and SDs as known."
            )

    def _refuse(self, bad, what):
        if bad.any():
            source, tracer = np.argwhere(bad)[0]
            raise InputError(f"Source '{self.names[source]}' {what} {self.tracers[tracer]}.")

    @property
    def centre(self):
        """Mean with discrimination, (K, J)."""
        return self.mean + self.discrimination_mean

    @property
    def spread(self):
        """SD with that of the discrimination, (K, J)."""
        return np.hypot(self.sd, self.discrimination_sd)

    def table(self):
        """A row per source and tracer: mean, sd, n, discrimination and its sd."""
        return pd.DataFrame(
            {
                "source": np.repeat(self.names, len(self.tracers)),
                "tracer": np.tile(self.tracers, len(self.names)),
                "mean": self.mean.ravel(),
                "sd": self.sd.ravel(),
                "n": np.repeat(np.where(np.isfinite(self.n), self.n, np.nan), len(self.tracers)),
                "discrimination": self.discrimination_mean.ravel(),
                "discrimination_sd": self.discrimination_sd.ravel(),
            }
        )

    def with_discrimination(self, mean, sd):
        """The same sources, shifted by discrimination factors; mean, sd: (K, J)."""
        return replace(self, discrimination_mean=np.asarray(mean, float), discrimination_sd=np.asarray(sd, float))


def correlation_matrix(values):
    """Pearson correlations of the columns of values (n, J): as numpy.corrcoef, with numpy's own sums (see model)."""
    centred = values - values.mean(axis=0)
    scaled = centred / np.sqrt((centred**2).sum(axis=0))
    return np.einsum("ni,nj->ij", scaled, scaled)
