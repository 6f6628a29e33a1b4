"""Independent pieces of work side by side; the numbers are each piece's own, however many run at once."""

import os
import threading
from concurrent import futures

from .. import cluster
from ..errors import Cancelled
from ..monitor import SILENT


def run_all(work, shared, jobs, monitor=SILENT):
    """Results of ``work(*shared, job, is_cancelled)`` in the order of the jobs, on the cluster if there is one.

    is_cancelled must have a default, and ``work`` be a function of a module. Raises Cancelled within a second of a
    cancel.
    """
    if cluster.current():
        return cluster.current().all(work, shared, jobs, monitor)
    return _in_threads(work, shared, jobs, monitor)


def _in_threads(work, shared, jobs, monitor):
    from threadpoolctl import threadpool_limits

    stop = threading.Event()

    def one(job):
        if stop.is_set():
            raise Cancelled("Cancelled by the user.")
        return work(*shared, job, stop.is_set)

    # one thread for each job's algebra: more would only wait for each other, and could round sums differently
    with threadpool_limits(1), futures.ThreadPoolExecutor(_workers()) as pool:
        given = [pool.submit(one, job) for job in jobs]
        waiting = set(given)
        try:
            while waiting:
                done, waiting = futures.wait(waiting, timeout=0.2, return_when=futures.FIRST_COMPLETED)
                for future in done:
                    future.result()
                monitor.progress(1 - len(waiting) / len(jobs))
        except BaseException:
            stop.set()
            for future in waiting:
                future.cancel()
            raise
    return [future.result() for future in given]


def _workers():
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(8, available)
