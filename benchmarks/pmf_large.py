"""PMF base model of larger tables: against esat, and how the time grows with the number of starts."""

import sys

from . import timing
from ._esat import NAME, Esat, synthetic
from .pmf_starts import base_model, note

MANY = 4  # times as many starts


def measure():
    """20 starts of 307 x 41 x 6; a start among 80 and among 20 of them; a start of 10,000 x 40 x 6."""
    return [starts("pmf-large", 307, 41, 6, 20), linear(307, 41, 6, 20), starts("pmf-larger", 10_000, 40, 6, 1)]


def starts(name, samples, species, factors, count):
    """So many starts of both."""
    x, u = synthetic(samples, species, factors)
    with Esat(x, u, factors, count) as peer:
        ours_q = base_model(x, u, factors, count)
        ours_s, peer_s = timing.interleaved(
            lambda: base_model(x, u, factors, count), lambda: peer.run("starts"), runs=1
        )
        peer_q = peer.found()["q"]
    text = f"{note(x, factors, ours_q, peer_q)}; both on one core; {ours_s / count:.3g} s a start"
    return timing.entry(name, ours_s, NAME, peer_s, text)


def linear(samples, species, factors, count):
    """Seconds of a start among many, beside those of a start among few."""
    x, u = synthetic(samples, species, factors)
    many_s, few_s = timing.interleaved(
        lambda: base_model(x, u, factors, MANY * count), lambda: base_model(x, u, factors, count), runs=3
    )
    text = f"seconds a start, {samples} x {species} x {factors}: the time grows in proportion to the number of starts"
    peer = f"the same, {count} starts"
    return timing.entry(f"pmf-linear ({MANY * count} starts)", many_s / MANY / count, peer, few_s / count, text)


if __name__ == "__main__":
    print(measure(), file=sys.stdout)
