"""Whether chains agree, and how many independent draws they are worth (Gelman et al. 2013; Vehtari et al. 2021)."""

import numpy as np


def split_r_hat(draws):
    """Split R-hat of draws (..., chains, draws, parameters) -> (..., parameters); 1 when all chains agree."""
    within, total = _variances(_split(draws))
    return np.sqrt(total / np.where(within > 0, within, 1)).clip(min=0)


def effective_sample_size(draws):
    """Effective sample size of draws (..., chains, draws, parameters) -> (..., parameters), of all chains together.

    Autocorrelations of the split chains, summed in pairs while these are positive and falling (Geyer 1992).
    """
    halves = _split(draws)
    chains, count = halves.shape[-3], halves.shape[-2]
    within, total = _variances(halves)
    lags = _autocovariance(halves).mean(axis=-3)  # (..., draws, parameters)
    total = np.where(total > 0, total, 1)[..., None, :]
    correlation = 1 - (within[..., None, :] - lags * count / (count - 1)) / total
    correlation[..., 0, :] = 1
    even = correlation[..., : 2 * (count // 2), :]
    pairs = even[..., 0::2, :] + even[..., 1::2, :]
    going = np.minimum.accumulate(np.where(pairs > 0, 1.0, 0.0), axis=-2)
    falling = np.minimum.accumulate(pairs, axis=-2)
    time = np.maximum(-1 + 2 * (falling * going).sum(axis=-2), 1 / np.log10(chains * count))
    return chains * count / time


def _split(draws):
    half = draws.shape[-2] // 2
    return np.concatenate([draws[..., :half, :], draws[..., half : 2 * half, :]], axis=-3)


def _variances(halves):
    """Within chains, and pooled: W and ((N - 1) / N) W + B / N."""
    count = halves.shape[-2]
    within = halves.var(axis=-2, ddof=1).mean(axis=-2)
    between = halves.mean(axis=-2).var(axis=-2, ddof=1)
    return within, within * (count - 1) / count + between


def _autocovariance(halves):
    count = halves.shape[-2]
    centred = halves - halves.mean(axis=-2, keepdims=True)
    spectrum = np.fft.rfft(centred, 2 * count, axis=-2)
    return np.fft.irfft(np.abs(spectrum) ** 2, 2 * count, axis=-2)[..., :count, :] / count
