"""PMF base model, 20 starts of 103 samples x 8 metals x 4 factors, against esat.

Same data, each from its own random starts, each with its own stopping rule.
"""

import sys

from coastal_hm_plugin.core import pmf

from . import timing
from ._esat import NAME, SOLVER, Esat, synthetic

SAMPLES, SPECIES, FACTORS, STARTS = 103, 8, 4, 20
REPEATS = 10


def measure():
    """Times and the lowest Q(true) of both."""
    x, u = synthetic(SAMPLES, SPECIES, FACTORS)
    with Esat(x, u, FACTORS, STARTS) as peer:
        ours_q = base_model(x, u, FACTORS, STARTS)
        cores = peer.on_all_cores("starts")
        ours_s, peer_s = timing.interleaved(lambda: repeated(x, u), lambda: peer.run("starts"), runs=5)
        peer_q = peer.found()["q"]
    return timing.entry("pmf-starts", ours_s / REPEATS, NAME, peer_s, f"{note(x, FACTORS, ours_q, peer_q)}; {cores}")


def repeated(x, u):
    """The base model so many times that its time can be told from the noise of the machine."""
    for _ in range(REPEATS):
        base_model(x, u, FACTORS, STARTS)


def base_model(x, u, factors, starts):
    """Q(true) of every start of this project's solver."""
    fits = pmf.solve(x, u, *pmf.random_starts(x, factors, starts, seed=1), SOLVER)
    return pmf.q_true((x - fits.g @ fits.f) / u)


def note(x, factors, ours_q, peer_q):
    """What was compared; raises RuntimeError if the peer fits better."""
    if ours_q.min() > peer_q.min():
        raise RuntimeError(f"Q(true) {ours_q.min():.3f} is above esat's {peer_q.min():.3f}: the times do not compare.")
    near = [int((q < 1.001 * ours_q.min()).sum()) for q in (ours_q, peer_q)]
    starts = "1 start" if len(ours_q) == 1 else f"{len(ours_q)} starts"
    return (
        f"{starts}, {x.shape[0]:,} x {x.shape[1]} x {factors}; lowest Q(true) {ours_q.min():.2f} "
        f"({near[0]} of {len(ours_q)} within 0.1 %), esat {peer_q.min():.2f} ({near[1]} of {len(peer_q)}); "
        "both non-robust, each with its own stopping rule"
    )


if __name__ == "__main__":
    print(measure(), file=sys.stdout)
