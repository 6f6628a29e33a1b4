"""Work that goes to the workers of a Dask scheduler, on other machines, and not to this machine's threads.

Within ``with on_cluster(address):`` windows of a raster prediction, resamples of a factorization and folds of a
cross-validation are computed there; what they give is put together and written here. Each piece depends on its input
alone and is computed in one thread, so the numbers are the same to the last bit wherever and beside whatever it runs,
as long as the machines have the same packages and processors of one kind. A piece whose worker ends is given to another
worker (Rocklin 2015, doi:10.25080/Majora-7b98e3ed-013).

A scheduler runs what it is sent: give only the address of one that you trust, ``tls://`` outside of your own network.
"""

import gc
import threading
import uuid
from concurrent import futures
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic

from .errors import Cancelled, InputError
from .monitor import SILENT
from .ordered_threads import results_in_order
from .run_record import versions

SECONDS_TO_CONNECT = 10.0
SECONDS_FOR_WORKERS = 60.0  # that a queue of jobs or a cloud may take to start the first
SECONDS_BETWEEN_LOOKS = 5.0
HOW_TO_START = "Start one with 'dask scheduler', and 'dask worker ADDRESS --nworkers N --nthreads 1' on each machine"
_current = ContextVar("cluster", default=None)


def current():
    """The Cluster that this thread's work goes to, None for this machine alone."""
    return _current.get()


@contextmanager
def on_cluster(address, monitor=SILENT):
    """Until the end of the ``with`` this thread's work goes to a Dask scheduler, such as ``tcp://10.0.0.5:8786``.

    An empty address: it stays on this machine. Raises InputError where the package distributed is missing, no scheduler
    answers, it has no workers, or these lack the plugin or have another version of it.
    """
    if not address:
        yield None
        return
    client = _connected(address.strip(), monitor)
    token = None
    try:
        cluster = Cluster(address.strip(), client)
        cluster.check(monitor)
        token = _current.set(cluster)
        yield cluster
    finally:
        if token:
            _current.reset(token)
        client.close(timeout=1)


@dataclass(frozen=True)
class Cluster:
    """The workers of a Dask scheduler. client: distributed.Client."""

    address: str
    client: object = field(repr=False)

    def threads(self, monitor=SILENT):
        """How many pieces the workers that are there now compute at once."""
        return sum(_abiding(self.client.nthreads, monitor, SECONDS_TO_CONNECT).values())

    def in_order(self, function, shared, items, monitor=SILENT):
        """Yield ``function(*shared, item)`` of each item, in the order of the items.

        function: of a module; shared: a tuple, sent to each worker once. At most two per worker are sent and not yet
        taken, so memory does not grow with the items; close the generator (``contextlib.closing``) to end early. Raises
        InputError where the scheduler is lost, and for what the input makes fail on a worker.
        """
        executor = self.client.get_executor(pure=False)
        # as a task, not as data laid on workers: should all that hold it end, the scheduler makes it again
        given = self.client.submit(_Given(shared), key=f"shared-{uuid.uuid4().hex}")

        def submit(item):
            key = f"{function.__name__}-{uuid.uuid4().hex}"
            return executor.submit(_Piece(function, item), given, key=key)

        try:
            # pieces go where their input is: the first worker to hold it would get most of them
            with suppress(Exception):  # what is wrong with it, the pieces tell
                _abiding(lambda: self.client.replicate(given), monitor, SECONDS_TO_CONNECT)
            watch = _Watch(self, monitor)
            yield from results_in_order(submit, items, watch.most, watch.look)
        except Cancelled:
            raise
        except Exception as error:
            raise self._explained(error) from error
        finally:
            given.release()

    def all(self, function, shared, items, monitor=SILENT):
        """The same as a list, with progress."""
        found = []
        with closing(self.in_order(function, shared, items, monitor)) as results:
            for result in results:
                found.append(result)
                monitor.progress(len(found) / len(items))
        return found

    def check(self, monitor=SILENT):
        """Wait for the first worker, and compare versions. Raises InputError where that cannot go well."""
        from distributed import TimeoutError as TooLong

        try:
            _abiding(lambda: self.client.wait_for_workers(1, timeout=SECONDS_FOR_WORKERS), monitor)
        except (TooLong, TimeoutError) as error:
            raise InputError(f"The Dask scheduler at '{self.address}' has no workers. {HOW_TO_START}.") from error
        found = _abiding(lambda: self.client.run(versions, on_error="return"), monitor)
        ours, different = versions(), set()
        for worker, theirs in found.items():
            if isinstance(theirs, OSError):  # it has left since
                continue
            if isinstance(theirs, Exception):
                raise InputError(_no_plugin(f"The worker {worker}", theirs)) from theirs
            if theirs["coastal_hm_plugin"] != ours["coastal_hm_plugin"]:
                raise InputError(
                    f"The worker {worker} has version {theirs['coastal_hm_plugin']} of this plugin, here it is "
                    f"{ours['coastal_hm_plugin']}. Give all machines the same."
                )
            different |= {name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name)}
        if different:
            monitor.warn(
                f"Workers have other versions than this machine of {', '.join(sorted(different))}: numbers may differ "
                "from those of this machine in their last digits."
            )
        monitor.info(
            f"{self.threads(monitor)} worker threads on {len(found)} workers of the scheduler at '{self.address}'."
        )

    def _explained(self, error):
        """The same error, or in words what the user can do about it."""
        from distributed import KilledWorker
        from distributed.comm import CommClosedError

        if isinstance(error, InputError):
            return InputError(f"On a worker of '{self.address}': {error}")
        if isinstance(error, KilledWorker):
            return InputError(
                f"A piece of the work ended every worker of '{self.address}' that it was given to ({error}). Often "
                "their memory is too small: start them with a larger --memory-limit, and look at their logs."
            )
        # a scheduler that lacks the plugin cannot read what it should pass on
        if isinstance(error, ImportError) or "deserialization" in str(error):
            return InputError(_no_plugin("The scheduler or a worker", error))
        if isinstance(error, (futures.CancelledError, CommClosedError, TimeoutError)):
            return InputError(
                f"The Dask scheduler at '{self.address}' was lost ({type(error).__name__}). What was computed there is "
                "gone. Start it again, and run again."
            )
        return RuntimeError(f"On a worker of '{self.address}': {type(error).__name__}: {error}")


def _no_plugin(place, error):
    return (
        f"{place} cannot compute this ({type(error).__name__}: {error}). The scheduler and all workers need the Python "
        "packages of this plugin and the plugin itself where Python finds it: install it there with pip, or set "
        "PYTHONPATH to the folder that holds 'coastal_hm_plugin' before they are started."
    )


class _Watch:
    """Looks at Cancel, and from time to time at how many are there to work."""

    def __init__(self, cluster, monitor):
        self.cluster, self.monitor = cluster, monitor
        self._count()

    def most(self):
        """How many pieces to send ahead."""
        return max(2, 2 * self.threads)

    def look(self):
        """Raise Cancelled if the user asked to stop; tell when all workers have left."""
        self.monitor.check()
        if monotonic() > self.next:
            there = self.threads
            self._count()
            if there and not self.threads:
                self.monitor.warn(f"The scheduler at '{self.cluster.address}' has no workers now; waiting for one.")

    def _count(self):
        self.threads = self.cluster.threads(self.monitor)
        self.next = monotonic() + SECONDS_BETWEEN_LOOKS


@dataclass(frozen=True, eq=False)
class _Given:
    """What all pieces share, as a task's result."""

    value: tuple = field(repr=False)

    def __call__(self):
        return self.value


@dataclass(frozen=True, eq=False)
class _Piece:
    """A function and its own input: what a worker computes, in one thread."""

    function: object
    item: object = field(repr=False)

    def __call__(self, shared):
        import scipy.linalg  # noqa: F401  only libraries that are there already can be told
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            return self.function(*shared, self.item)


def _connected(address, monitor):
    """A client of the scheduler."""
    try:
        import distributed
    except ImportError as error:
        raise InputError(
            "Work for a cluster needs the Python package distributed, which QGIS's Python does not have: install it "
            "(pip install distributed), or leave the scheduler's address empty."
        ) from error
    late = threading.Event()

    def connect():
        try:
            client = distributed.Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False, name="coastalhm")
        except Exception as error:
            failure = _without_frames(error)
        else:
            if late.is_set():
                client.close()
            return client
        # ends the half-made client here: as garbage it could end while another one is made, and wait for itself
        gc.collect()
        raise failure

    try:
        return _abiding(connect, monitor, SECONDS_TO_CONNECT + 1)
    except Cancelled:
        late.set()
        raise
    except Exception as error:  # whatever listens at an address can answer anything
        late.set()
        raise InputError(
            f"No Dask scheduler answers at '{address}' ({type(error).__name__}: {error}). Give its address as it "
            f"prints it, such as tcp://10.0.0.5:8786. {HOW_TO_START}."
        ) from error


def _without_frames(error):
    """The error without the calls that led to it, and the objects that these hold."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _abiding(call, monitor, seconds=float("inf")):
    """What a call gives that may take long, in a thread that is left behind on Cancel and after so many seconds."""
    answer = futures.Future()

    def run():
        try:
            answer.set_result(call())
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    end = monotonic() + seconds
    while not futures.wait([answer], timeout=0.1).done:
        monitor.check()
        if monotonic() > end:
            raise TimeoutError(f"no answer within {seconds:g} s")
    return answer.result()
