"""Runs in the peer's environment: esat's base model on the data of ``pmf_starts``, once per line of standard input."""

import logging
import os
import sys
import types

import numpy as np


def main(folder):
    # esat imports a window class of IDLE that it never uses, and with it Tk
    sys.modules["idlelib.textview"] = types.SimpleNamespace(ViewWindow=None)
    from esat.model.batch_sa import BatchSA

    logging.disable(logging.CRITICAL)
    data = np.load(os.path.join(folder, "data.npz"))
    # esat reads the buffer column by column: a C-ordered array arrives scrambled
    x, u = np.asfortranarray(data["x"]), np.asfortranarray(data["u"])
    factors, starts = int(data["factors"]), int(data["starts"])
    print("READY", flush=True)
    for _ in sys.stdin:
        batch = BatchSA(V=x, U=u, factors=factors, models=starts, seed=1, verbose=False, parallel=False)
        batch.train()
        np.save(os.path.join(folder, "q.npy"), [(((x - one.W @ one.H) / u) ** 2).sum() for one in batch.results])
        print("\nDONE", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
