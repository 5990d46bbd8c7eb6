"""A process that stays and answers questions, for benchmarks whose configurations take turns and take long to begin."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from lapx_tf.errors import InputError

Ask = Callable[[Any], Any]
"""Sends a question and returns the answer; raises an InputError where the process has ended, whose own error stands above."""


@contextmanager
def process(serve: Callable[..., None], *arguments: Any) -> Iterator[Ask]:
    """Runs `serve(pipe, *arguments)` in a process of its own until the end of the block.

    Args:
        serve: answers what comes through the pipe, see `answer_all`.
        *arguments: which, like the questions and the answers, can be sent between processes.
    """
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    worker = context.Process(target=serve, args=(its, *arguments))
    worker.start()
    its.close()
    try:
        yield lambda question: _exchange(ours, question)
    finally:
        ours.close()
        worker.join()


def answer_all(pipe: Connection, answer: Ask) -> None:
    """Answers questions until there are no more."""
    while True:
        try:
            question = pipe.recv()
        except EOFError:
            return
        pipe.send(answer(question))


def _exchange(pipe: Connection, question: Any) -> Any:
    try:
        pipe.send(question)
        return pipe.recv()
    except (EOFError, BrokenPipeError) as error:
        raise InputError("a process of the benchmark failed, see above") from error
