"""Timing two ways of doing the same job in turn, so that a drifting machine is fair to both."""

from statistics import median
from time import perf_counter


def seconds(function):
    """Wall seconds of one call."""
    start = perf_counter()
    function()
    return perf_counter() - start


def interleaved(ours, peer, runs=3):
    """Median wall seconds of ``ours`` and of ``peer``, called in turn ``runs`` times."""
    times = [(seconds(ours), seconds(peer)) for _ in range(runs)]
    return median(t[0] for t in times), median(t[1] for t in times)


def entry(name, ours_s, peer, peer_s, note):
    """One row of build/benchmarks.json."""
    return {
        "name": name,
        "ours_s": round(ours_s, 4),
        "peer": peer,
        "peer_s": round(peer_s, 4),
        "ratio": round(peer_s / ours_s, 1),
        "note": note,
    }
