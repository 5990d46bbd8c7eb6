"""Each job in a process of its own, several at once.

TensorFlow's converter leaks 22 MB a call and can't be interrupted, and the runtimes end the process where a file goes against
their assumptions: what happens in another process does none of this to ours. Only ours acts on Ctrl-C, and stops the others.
"""

import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Generic, TypeVar

from lapx_tf.errors import GateError, InputError

Job = TypeVar("Job")
Answer = TypeVar("Answer")

_GRACE = 5.0  # seconds that a process has to end when it is told to


@dataclass
class _Running(Generic[Job]):
    """A process that does a job, the pipe that its answer comes through, and the file that it talks to."""

    job: Job
    process: SpawnProcess
    answer: Connection
    log: Path | None


def run(
    work: Callable[[Job], Answer],
    jobs: Sequence[Job],
    at_once: int,
    logs: Path | None,
    on_start: Callable[[Job], None],
    on_end: Callable[[Job, Answer | Exception], None],
) -> None:
    """Does each job in a fresh process.

    Args:
        work: does one; like the jobs and the answers it can be sent between processes.
        jobs: hashable.
        at_once: how many may run at the same time.
        logs: folder for what the processes print; None to let them print.
        on_start: is called when a job begins.
        on_end: is called with each job's answer, or with its InputError, GateError or OSError; what it raises stops the rest.
    """
    waiting, running = list(enumerate(jobs)), list[_Running[Job]]()
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                index, job = waiting.pop(0)
                on_start(job)
                with _interrupts_held_back():  # a process that is started is known from here on, and stopped
                    running.append(_start(work, job, logs and logs / f"{index}.log"))
            ready = connection.wait([one.answer for one in running])
            for one in [one for one in running if one.answer in ready]:
                running.remove(one)
                on_end(one.job, _answer(one))
    finally:
        _stop([one.process for one in running])


def _start(work: Callable[[Job], Any], job: Job, log: Path | None) -> _Running[Job]:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_do, args=(pickle.dumps((work, job)), log, sender), daemon=True)
    process.start()
    sender.close()
    return _Running(job, process, receiver, log)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Ctrl-C counts at the end only, and never in a process that is started meanwhile, though a terminal tells all of them."""
    resource_tracker.ensure_running()  # the first process would start it, which takes SIGINT out of the mask
    held = list[bool]()
    # Any thread may be told, so the handler holds back here, and the mask, which processes inherit, holds back there.
    handler = signal.signal(signal.SIGINT, lambda *_: held.append(True))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if held:
        raise KeyboardInterrupt


def _do(pickled: bytes, log: Path | None, sender: Connection) -> None:
    """The other process: an error that a user can act on goes back, any other one ends the process."""
    if log is not None:
        with log.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
    work, job = pickle.loads(pickled)  # not before: what it imports talks
    try:
        sender.send(work(job))
    except (GateError, InputError, OSError) as error:
        sender.send(error)


def _answer(one: _Running[Job]) -> Any:
    """What a job gave: its answer or its error."""
    try:
        return one.answer.recv()
    except EOFError:
        one.process.join()
        return GateError(f"the process that makes it ended {_end_of(one)} (see --verbose)")
    finally:
        one.process.join()
        one.answer.close()


def _end_of(one: _Running[Job]) -> str:
    code = one.process.exitcode or 0
    if code < 0:
        return f"by {signal.Signals(-code).name}"
    said = one.log.read_text("utf-8", "replace").strip().splitlines() if one.log else []
    return f"with {said[-1]:.300}" if said else f"with exit code {code}"


def _stop(processes: Sequence[SpawnProcess]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(_GRACE)
        if process.is_alive():
            process.kill()
            process.join()
