"""Runs in the peer's environment: a job of esat's on given data, once per line "job cores" of standard input."""

import logging
import os
import sys
import types

import numpy as np

# esat's bootstrap of 150 runs does not come to its end: two halves do
BOOTSTRAP_HALVES = (75, 75)


def main(folder):
    # esat imports a window class of IDLE that it never uses, and with it Tk
    sys.modules["idlelib.textview"] = types.SimpleNamespace(ViewWindow=None)
    logging.disable(logging.CRITICAL)
    data = np.load(os.path.join(folder, "data.npz"))
    # esat reads the buffer column by column: a C-ordered array arrives scrambled
    x, u = np.asfortranarray(data["x"]), np.asfortranarray(data["u"])
    jobs = Jobs(x, u, int(data["factors"]), int(data["starts"]))
    print("READY", flush=True)
    for line in sys.stdin:
        job, cores = line.split()
        found = getattr(jobs, job)(int(cores))
        np.savez(os.path.join(folder, "found.npz"), **found)
        print("\nDONE", flush=True)


class Jobs:
    """What esat is asked to do; error estimation starts from the best of its own first batch of starts."""

    def __init__(self, x, u, factors, starts):
        self.x, self.u, self.factors, self.models = x, u, factors, starts
        self.base = None

    def starts(self, cores):
        """The base model from random starts."""
        from esat.model.batch_sa import BatchSA

        batch = BatchSA(
            V=self.x,
            U=self.u,
            factors=self.factors,
            models=self.models,
            seed=1,
            verbose=False,
            parallel=cores > 1,
            cores=cores,
        )
        batch.train()
        self.base = min(batch.results, key=lambda one: one.Qtrue)
        return {"q": [q_true(self.x, self.u, one) for one in batch.results]}

    def bootstrap(self, cores):
        """Resamples of single samples, each from the base profiles."""
        from esat.error.bootstrap import Bootstrap

        rows, q = [], []
        for seed, runs in enumerate(BOOTSTRAP_HALVES, start=1):
            # its block resampling keeps the memory order that its core reads, its plain resampling does not
            half = Bootstrap(
                sa=self.base,
                feature_labels=self.labels,
                bootstrap_n=runs,
                block_size=1,
                parallel=cores > 1,
                cpus=cores,
                seed=seed,
            )
            half.run(block=True)
            for run in half.bs_results.values():
                index = np.asarray(run["index"])
                rows.append(index)
                q.append(q_true(self.x[index], self.u[index], run["model"]))
        return {"rows": rows, "q": q}

    def displacement(self, cores):
        """Every profile value up and down at dQ 4, 8, 16, 32."""
        from esat.error.displacement import Displacement

        found = Displacement(sa=self.base, feature_labels=self.labels, parallel=cores > 1, cores=cores)
        found.run()
        table = found.compiled_results
        return {name: table[name].to_numpy(float) for name in ("dQ", "conc_min", "conc_max")}

    @property
    def labels(self):
        return [f"species{j}" for j in range(self.x.shape[1])]


def q_true(x, u, model):
    """Sum of squared scaled residuals, in double precision."""
    return float((((x - model.W.astype(float) @ model.H.astype(float)) / u) ** 2).sum())


if __name__ == "__main__":
    main(sys.argv[1])
